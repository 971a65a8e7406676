//! `plan --why ADDRESS`: everything about the steps of one resource, what they wait for and who waits for them.

use super::{
    critical_path::critical_path,
    drift,
    plan_changes::Context,
    text::{self, Look, Tone},
    values, words,
};
use crate::{
    base::{ObjectId, Part},
    engine::plan::{Action, After, Needs, Plan, Step},
};

/// The explanation; `None` if the plan does nothing to the resource, and nothing of it was accepted.
pub fn render(plan: &Plan, part: &Part, context: &Context, look: Look) -> Option<String> {
    let steps = plan.steps.iter().filter(|step| part.contains(&step.object.address)).collect::<Vec<_>>();
    let has_step = |object: &ObjectId| steps.iter().any(|step| step.object.address == object.address);
    let idle = plan.accepted.iter().filter(|(object, _)| part.contains(&object.address) && !has_step(object));
    let idle = idle.collect::<Vec<_>>();
    if steps.is_empty() && idle.is_empty() {
        return None;
    }
    let (_, critical) = critical_path(plan);
    let mut lines = Vec::new();
    for (object, accepted) in idle {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let title = format!("nothing to do to {}", object.address);
        lines.push(look.paint(Tone::Strong, &text::line(&title)));
        lines.extend(drift::accepted_places(accepted).map(|place| entry("accepted", &place, look)));
    }
    for step in &steps {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let verb = words::verb(words::action_verb(&step.action)).plain;
        let title = format!("{verb} {} ({})", step.object.address, step.type_name);
        lines.push(look.paint(Tone::Strong, &text::line(&title)));
        lines.extend(facts(plan, step, context).into_iter().map(|(name, fact)| entry(name, &fact, look)));
        properties(step, look, &mut lines);
        neighbours(plan, step, look, &mut lines);
        if critical.iter().any(|(on_path, _)| *on_path == step.object.address) {
            lines.push("  It is on the critical path: the run takes longer if it does.".to_owned());
        }
    }
    Some(lines.join("\n") + "\n")
}

fn entry(name: &str, fact: &str, look: Look) -> String {
    format!("  {}  {}", look.paint(Tone::Faint, &format!("{name:<8}")), text::line(fact))
}

fn facts(plan: &Plan, step: &Step, context: &Context) -> Vec<(&'static str, String)> {
    let mut facts = step.why.iter().map(|why| ("because", words::reason(why))).collect::<Vec<_>>();
    let accepted = plan.accepted.get(&step.object).map(Vec::as_slice).unwrap_or_default();
    facts.extend(drift::accepted_places(accepted).map(|place| ("accepted", place)));
    if let Some(position) = context.positions.get(&step.object.address) {
        facts.push(("declared", position.clone()));
    }
    let role = step.place.role_arn.iter().map(|role| format!(" as {role}")).collect::<String>();
    facts.push(("where", format!("{}{role}", step.place.region)));
    facts.push(("object", step.object.to_string()));
    match &step.action {
        Action::Create { replaces: Some(old), .. } => facts.push(("replaces", old.to_string())),
        Action::Move { to } => facts.push(("becomes", to.to_string())),
        Action::Adopt { id, .. } => facts.push(("exists", id.to_string())),
        _ => {}
    }
    facts.push(("undo", words::undo(&step.undo)));
    facts.push(("usually", text::about(step.usual)));
    facts
}

fn properties(step: &Step, look: Look, lines: &mut Vec<String>) {
    let want = match &step.action {
        Action::Create { want, .. }
        | Action::Update { want, .. }
        | Action::Resume { want, .. }
        | Action::Adopt { want, .. } => want,
        Action::Accept { .. } | Action::Delete | Action::Forget | Action::Move { .. } => return,
    };
    let changes = match &step.action {
        Action::Update { paths, .. } => paths.as_slice(),
        _ => &[],
    };
    lines.push("  properties".to_owned());
    for (path, value) in values::leaves(want) {
        let mark = if changes.iter().any(|change| change.overlaps(&path)) { "~" } else { " " };
        let room = look.width.saturating_sub(8 + path.to_string().chars().count()).max(24);
        let line = format!("  {mark} {}: {}", text::line(&path.to_string()), text::cut(&value, room));
        lines.push(line);
    }
}

fn neighbours(plan: &Plan, step: &Step, look: Look, lines: &mut Vec<String>) {
    let needs = |needs: Needs| if needs == Needs::Created { "exists" } else { "is ready" };
    if !step.after.is_empty() {
        lines.push("  waits until".to_owned());
        lines.extend(step.after.iter().map(|After { object, needs: far }| {
            format!("    {} {}", text::line(&object.address.to_string()), needs(*far))
        }));
    }
    let waiting = plan.steps.iter().filter(|other| waits_for(other, &step.object)).collect::<Vec<_>>();
    if !waiting.is_empty() {
        lines.push("  is waited for by".to_owned());
        lines.extend(waiting.iter().map(|other| {
            let verb = words::verb(words::action_verb(&other.action)).plain;
            let verb = look.paint(Tone::Faint, &format!("({verb})"));
            format!("    {} {verb}", text::line(&other.object.address.to_string()))
        }));
    }
}

fn waits_for(step: &Step, object: &ObjectId) -> bool {
    step.after.iter().any(|after| after.object == *object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan_changes::tests::everything;

    #[test]
    fn everything_about_one_step_is_told() {
        let (plan, mut context) = everything();
        context.positions.insert("vpc".parse().unwrap(), "shop.yaml:4:3".to_owned());
        insta::assert_snapshot!(render(&plan, &"vpc".parse().unwrap(), &context, Look::plain()).unwrap());
    }

    #[test]
    fn a_resource_that_nothing_happens_to_has_no_reasons() {
        let (plan, context) = everything();
        assert_eq!(render(&plan, &"other".parse().unwrap(), &context, Look::plain()), None);
    }
}
