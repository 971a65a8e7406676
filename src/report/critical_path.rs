//! How long a plan usually takes, and which of its steps are the reason.

use std::{collections::BTreeMap, time::Duration};

use crate::{base::Address, engine::plan::Plan};

/// How long the plan usually takes, and the steps that are the reason. Steps stand in an order in which they could be done,
/// so one pass is enough.
pub fn critical_path(plan: &Plan) -> (Duration, Vec<(Address, Duration)>) {
    /// When a step is over, and the step that it waited for longest.
    struct Finish {
        at: Duration,
        latest: Option<usize>,
    }
    let mut finished = Vec::<Finish>::new();
    let mut position = BTreeMap::new();
    let (mut commit, mut last) = (None, None);
    for (at, step) in plan.steps.iter().enumerate() {
        if at == plan.commit {
            commit = last;
        }
        let waits = step.after.iter().filter_map(|after| position.get(&after.object).copied()).chain(commit);
        let latest = waits.max_by_key(|before: &usize| finished.get(*before).map(|finish| finish.at));
        let begin = latest.and_then(|before| finished.get(before)).map_or(Duration::ZERO, |finish| finish.at);
        finished.push(Finish { at: begin + step.usual, latest });
        position.insert(&step.object, at);
        if last.and_then(|last: usize| finished.get(last)).is_none_or(|longest| longest.at <= begin + step.usual) {
            last = Some(at);
        }
    }
    let expected = last.and_then(|last| finished.get(last)).map_or(Duration::ZERO, |finish| finish.at);
    let mut path = Vec::new();
    while let Some(at) = last {
        let (Some(step), Some(finish)) = (plan.steps.get(at), finished.get(at)) else { break };
        path.push((step.object.address.clone(), step.usual));
        last = finish.latest;
    }
    path.reverse();
    (expected, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan_changes::tests::everything;

    #[test]
    fn deletes_wait_for_everything_before_the_commit() {
        let (plan, _) = everything();
        let (expected, path) = critical_path(&plan);
        assert_eq!(expected, Duration::from_secs(420));
        let path = path.iter().map(|(address, _)| address.to_string()).collect::<Vec<_>>();
        assert_eq!(path, ["key", "web", "gone[1]"]);
    }
}
