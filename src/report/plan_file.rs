//! A plan as a machine reads it, without anything secret.
//!
//! A plan in memory may hold sensitive values in clear, because the executor sends them to AWS. What leaves the process (a
//! plan file, `--json`) never does: sensitive values are masked. A masked plan says exactly what will be done but cannot be
//! obeyed; `apply PLANFILE` plans again from the same stack and requires the same masked plan.

use super::{text, values};
use crate::engine::plan::{Action, Plan};

/// The plan without its secrets.
pub fn masked(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        match &mut step.action {
            Action::Create { want, .. }
            | Action::Update { want, .. }
            | Action::Resume { want, .. }
            | Action::Adopt { want, .. } => *want = values::masked(want),
            Action::Accept { .. } | Action::Delete | Action::Forget | Action::Move { .. } => {}
        }
    }
    for (_, output) in &mut plan.outputs {
        output.value = values::masked(&output.value);
    }
    plan
}

/// The masked plan as JSON text. Ends with a line break.
pub fn json(plan: &Plan) -> String {
    // A plan holds nothing that JSON cannot say: its maps have text keys.
    text::json(serde_json::to_string_pretty(&masked(plan)).unwrap_or_default() + "\n")
}

/// What two masked plans do not have in common, in words; empty if they are the same.
pub fn moved(saved: &Plan, now: &Plan) -> Vec<String> {
    let mut moved = Vec::new();
    if saved.stack_digest != now.stack_digest {
        moved.push("the stack file, one of its modules or a variable was changed".to_owned());
    }
    if saved.base != now.base {
        moved.push("the state was changed by another run".to_owned());
    }
    let steps = |plan: &Plan| {
        plan.steps.iter().map(|step| (step.object.clone(), step.clone())).collect::<std::collections::BTreeMap<_, _>>()
    };
    let (before, after) = (steps(saved), steps(now));
    moved.extend(
        after
            .keys()
            .filter(|object| !before.contains_key(object))
            .map(|object| format!("`{}` would be changed too", object.address)),
    );
    for (object, step) in &before {
        match after.get(object) {
            None => moved.push(format!("there is nothing to do to `{}` any more", object.address)),
            Some(other) if other != step => {
                moved.push(format!("`{}` is not as it was when the plan was made", object.address));
            }
            Some(_) => {}
        }
    }
    if moved.is_empty() && saved != now {
        moved.push("the order of the steps or an output is another one".to_owned());
    }
    moved
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        base::Value,
        engine::plan::Reason,
        report::plan_changes::tests::{create, everything, plan, step},
    };

    #[test]
    fn a_saved_plan_reads_back_and_holds_no_secret() {
        let mut secret = step("db", "AWS::RDS::DBCluster", create(json!({})), Reason::New, &[]);
        if let Action::Create { want, .. } = &mut secret.action {
            *want = Value::Map([("MasterUserPassword".to_owned(), Value::text("canary").sensitive())].into());
        }
        let plan = plan(vec![secret], 1);
        let text = json(&plan);
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), masked(&plan));
    }

    #[test]
    fn what_moved_is_named() {
        let (saved, _) = everything();
        let mut now = saved.clone();
        assert!(moved(&saved, &now).is_empty());
        now.base.serial += 1;
        now.steps.remove(0);
        now.steps[0].usual *= 2;
        assert_eq!(
            moved(&saved, &now),
            [
                "the state was changed by another run",
                "`key` is not as it was when the plan was made",
                "there is nothing to do to `vpc` any more",
            ]
        );
    }
}
