//! How a run ended: what was done, or what went wrong first, what was taken back, and what is left and how to finish it.

use std::collections::BTreeMap;

use super::{
    plan_changes::Context,
    text::{self, Look, Tone},
    view::{Round, Status, StepView, View},
    words,
};
use crate::{
    base::ObjectId,
    catalogue::{Catalogue, Handler},
    engine::event::{Failure, FaultKind, Outcome, Verb},
};

/// The last words of a run. `finish` is the command that takes up what is left. Ends with a line break.
pub fn render(view: &View, context: &Context, finish: &str, look: Look) -> String {
    let mut lines = Vec::new();
    let cause = view.failures.iter().find(|(object, _)| Some(object) == view.cause.as_ref()).or(view.failures.first());
    if let Some((object, failure)) = cause {
        lines.extend(cause_lines(view, (object, failure), context, look));
        others(view, failure, look, &mut lines);
        lines.push(String::new());
    }
    match view.outcome {
        Some(Outcome::Done) => lines.push(done(view, look)),
        Some(Outcome::RolledBack) => lines.push(rolled_back(view, look)),
        Some(Outcome::Partial) | None => left(view, finish, look, &mut lines),
    }
    lines.join("\n") + "\n"
}

/// The failure that came first: what, which call, what AWS said, where in the stack, and its number for AWS's support.
fn cause_lines(view: &View, (object, failure): (&ObjectId, &Failure), context: &Context, look: Look) -> Vec<String> {
    let step = view.step_of_failure(object);
    let verb = step.map_or("change", |step| words::verb(step.planned.verb).plain);
    let kind = step.map(|step| format!(" ({})", step.planned.type_name)).unwrap_or_default();
    let title = format!("could not {verb} `{}`{kind}", failure.address);
    let title = format!("{} {}", look.paint(Tone::Danger, "error:"), text::line(&title));
    let mut lines = vec![String::new(), title, format!("  {}", text::line(&failure.message))];
    let mut facts = Vec::new();
    if !failure.operation.is_empty() {
        let code = failure.code.iter().map(|code| format!(" answered {code}")).collect::<String>();
        facts.push(("call", format!("{}{code}", failure.operation)));
    }
    facts.extend(failure.request_id.iter().map(|id| ("request", id.clone())));
    facts.extend(failure.blockers.iter().map(|blocker| ("used by", blocker.clone())));
    facts.extend(context.positions.get(&failure.address).map(|position| ("source", position.clone())));
    facts.extend(step.and_then(|step| help(failure, step)).map(|help| ("help", help)));
    lines.extend(facts.iter().map(|(name, fact)| format!("  {name:<8} {}", text::line(fact))));
    lines
}

/// What to do about a failure that says nothing about it itself.
fn help(failure: &Failure, step: &StepView) -> Option<String> {
    match failure.kind {
        FaultKind::Denied => {
            let resource = Catalogue::embedded().get(&step.planned.type_name)?;
            let permissions = resource.permissions(match step.planned.verb {
                Verb::Update => Handler::Update,
                Verb::Delete => Handler::Delete,
                _ => Handler::Create,
            });
            (!permissions.is_empty()).then(|| format!("the caller needs {}", permissions.join(", ")))
        }
        FaultKind::Quota => Some("ask for a higher limit (Service Quotas), or remove what is not needed".to_owned()),
        FaultKind::Throttled | FaultKind::Transient => Some("this usually passes: run the command again".to_owned()),
        _ => None,
    }
}

fn others(view: &View, cause: &Failure, look: Look, lines: &mut Vec<String>) {
    const MOST: usize = 10;
    let others =
        view.failures.iter().map(|(_, failure)| failure).filter(|failure| *failure != cause).collect::<Vec<_>>();
    for failure in others.iter().take(MOST) {
        let line = format!("`{}`: {}", failure.address, failure.message);
        lines.push(format!("  {} {}", look.paint(Tone::Faint, "also failed:"), text::line(&line)));
    }
    if others.len() > MOST {
        lines.push(format!("  and {} more", others.len() - MOST));
    }
}

/// `3 created, 1 updated`
fn tally(round: &Round) -> String {
    let mut numbers = BTreeMap::<Verb, usize>::new();
    for step in round.steps.values().filter(|step| step.status == Status::Done) {
        *numbers.entry(step.planned.verb).or_default() += 1;
    }
    let parts = numbers.iter().map(|(verb, number)| format!("{number} {}", words::verb(*verb).past));
    parts.collect::<Vec<_>>().join(", ")
}

fn done(view: &View, look: Look) -> String {
    let tally = view.rounds.first().map(tally).unwrap_or_default();
    let word = look.paint(Tone::Good, "Done");
    let time = text::clock(view.now);
    if tally.is_empty() { format!("{word} in {time}.") } else { format!("{word} in {time}: {tally}.") }
}

fn rolled_back(view: &View, look: Look) -> String {
    let word = look.paint(Tone::Change, "Rolled back");
    let undone = view.rounds.iter().filter(|round| round.undoing).map(tally).filter(|tally| !tally.is_empty());
    let undone = undone.collect::<Vec<_>>().join(", ");
    let why = if view.stopping && view.failures.is_empty() { ", because the run was stopped" } else { "" };
    if undone.is_empty() {
        return format!("{word}{why}: nothing had been changed.");
    }
    format!("{word}{why}: everything is as it was before ({undone}).")
}

fn left(view: &View, finish: &str, look: Look, lines: &mut Vec<String>) {
    let word = look.paint(Tone::Danger, "Not finished");
    if view.left.is_empty() {
        lines.push(format!("{word}: what was done so far stays."));
    } else {
        lines.push(format!("{word}: {} not as it should be.", one_or_many(view.left.len())));
    }
    const MOST: usize = 50;
    for object in view.left.iter().take(MOST) {
        let kind = view.step(object).map(|step| format!(" ({})", step.planned.type_name)).unwrap_or_default();
        lines.push(text::line(&format!("  {}{kind}", object.address)).into_owned());
    }
    if view.left.len() > MOST {
        lines.push(format!("  and {} more", view.left.len() - MOST));
    }
    lines.push(format!("Finish it with: {}", look.paint(Tone::Strong, &text::line(finish))));
}

fn one_or_many(number: usize) -> String {
    if number == 1 { "1 resource is".to_owned() } else { format!("{number} resources are") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Address,
        engine::event::Event,
        report::view::tests::{half_way, object, rolled_back, view},
    };

    fn context() -> Context {
        Context { positions: [(Address::root("nat"), "net.yaml:31:3".to_owned())].into(), ..Context::default() }
    }

    #[test]
    fn a_rollback_names_its_cause_first() {
        insta::assert_snapshot!(render(&view(rolled_back()), &context(), "-", Look::plain()));
    }

    #[test]
    fn what_is_left_comes_with_the_command_that_finishes_it() {
        let mut events = rolled_back();
        events.pop();
        events.push((12, Event::Ended { outcome: Outcome::Partial, left: vec![object("vpc")] }));
        let text = render(&view(events), &context(), "provision apply net.yaml --env dev", Look::plain());
        assert!(text.ends_with(
            "Not finished: 1 resource is not as it should be.\n  vpc (AWS::EC2::VPC)\nFinish it with: provision apply net.yaml --env dev\n"
        ), "{text}");
    }

    #[test]
    fn success_is_one_line() {
        let mut events = half_way();
        events.push((126, Event::StepDone { object: object("nat") }));
        events.push((126, Event::Ended { outcome: Outcome::Done, left: Vec::new() }));
        assert_eq!(render(&view(events), &context(), "-", Look::plain()), "Done in 2:06: 2 created.\n");
    }
}
