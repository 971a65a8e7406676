//! The plan that takes over what somebody else has changed: a pure function of the state, and of the plan that would put it
//! back. It makes no call; from then on the planner leaves these properties as they are.

use std::{collections::BTreeMap, time::Duration};

use super::plan::{Action, Plan, Reason, Step, Undo, VERSION};
use crate::{
    base::{Address, ObjectId},
    state::{Command, Deviation, Object, State},
};

/// Accepts what `found` would put back of the objects that are meant. What cannot be accepted is named in `warnings`.
pub fn accept(state: &State, found: &Plan, is_meant: &dyn Fn(&Address) -> bool) -> Plan {
    let drifted = found.drifted.iter().filter(|(object, _)| is_meant(&object.address));
    let (mut steps, mut warnings) = (Vec::new(), Vec::new());
    for (object, deviations) in drifted {
        match state.objects.get(object) {
            Some(stored) => steps.push(step(found, (object, stored), deviations)),
            None => warnings.push(format!(
                "`{}` gets this address with the next apply; what was changed of it can be accepted after that",
                object.address
            )),
        }
    }
    let missing = found.missing().map(|(step, is_declared)| (&step.object.address, is_declared));
    warnings.extend(missing.filter(|(address, _)| is_meant(address)).map(|(address, is_declared)| match is_declared {
        true => format!(
            "`{address}` does not exist any more, which cannot be accepted while the file declares it: take it out of \
                 the file (with `removed:`), or the next apply makes it again"
        ),
        false => format!("`{address}` does not exist any more; the next apply forgets it"),
    }));
    Plan {
        version: VERSION,
        command: Command::State,
        stack: state.stack.clone(),
        environment: state.environment.clone(),
        stack_digest: String::new(),
        base: state.mark(),
        commit: steps.len(),
        steps,
        outputs: Vec::new(),
        warnings,
        drifted: BTreeMap::new(),
        accepted: BTreeMap::new(),
    }
}

/// What is new takes the place of what was accepted before at the same place.
fn step(found: &Plan, (object, stored): (&ObjectId, &Object), deviations: &[Deviation]) -> Step {
    let is_outdated = |former: &&Deviation| deviations.iter().any(|deviation| deviation.path.overlaps(&former.path));
    let former = found.accepted.get(object).into_iter().flatten().filter(|former| !is_outdated(former));
    let mut accepted = former.chain(deviations).cloned().collect::<Vec<_>>();
    accepted.sort_by(|a, b| a.path.cmp(&b.path));
    Step {
        object: object.clone(),
        type_name: stored.type_name.clone(),
        place: stored.place.clone(),
        action: Action::Accept {
            record: stored.inputs.clone(),
            needs: stored.needs.clone(),
            kept: stored.kept,
            accepted,
        },
        why: deviations.iter().map(|deviation| Reason::Accepted { path: deviation.path.clone() }).collect(),
        after: Vec::new(),
        undo: Undo::Record,
        usual: Duration::ZERO,
        timeouts: Default::default(),
    }
}
