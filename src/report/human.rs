//! A run as people follow it: lines that stay (one per step that is over or repeated) and lines that are redrawn (one per
//! step under way, and an overall bar). Both are functions of a [`View`], so they need no terminal to be tested.

use std::time::Duration;

use super::{
    text::{self, Look, Tone, clock},
    view::{Round, Status, StepView, View},
    words,
};
use crate::engine::event::{Event, Failure, Stamped, Verb};

/// More lines than this would push everything else off the screen.
const MOST_STEPS: usize = 12;

/// The lines that show where the run is now, for a terminal `look.width` wide. Empty when nothing is under way.
pub fn render(view: &View, look: Look) -> Vec<String> {
    if view.outcome.is_some() {
        return Vec::new();
    }
    let Some(round) = view.round() else { return preparing(view, look) };
    let mut running = round.running.iter().filter_map(|object| round.steps.get(object)).collect::<Vec<_>>();
    // What has been going on longest is what people wonder about.
    running.sort_by_key(|step| step.began);
    let names = running.iter().take(MOST_STEPS).map(|step| name(step).chars().count()).max().unwrap_or(0).min(40);
    let mut lines =
        running.iter().take(MOST_STEPS).map(|step| running_line(step, view.now, names, look)).collect::<Vec<_>>();
    if running.len() > MOST_STEPS {
        lines.push(look.paint(Tone::Faint, &format!("  and {} more", running.len() - MOST_STEPS)));
    }
    lines.push(overall(view, round, look));
    lines
}

fn preparing(view: &View, look: Look) -> Vec<String> {
    let line = match (view.recovering, view.reading) {
        (0, None) => return Vec::new(),
        (0, Some((done, total))) => format!("reading {}  {done}/{total}", text::count(total as u64, "object")),
        (open, _) => format!("looking up {} that a former run left open", text::count(open as u64, "call")),
    };
    vec![text::cut(&line, look.width).into_owned()]
}

fn name(step: &StepView) -> String {
    text::line(&step.planned.object.address.to_string()).into_owned()
}

/// `nat  creating NAT gateway  0:42 of ~2:00  pending`
fn running_line(step: &StepView, now: Duration, names: usize, look: Look) -> String {
    let name = name(step);
    let name = text::cut(&name, names);
    let elapsed = clock(step.elapsed(now));
    let time = match step.planned.usual {
        Duration::ZERO => elapsed,
        usual => format!("{elapsed} of ~{}", clock(usual)),
    };
    let kind = words::type_words(&step.planned.type_name);
    let mut line = format!("  {name:names$}  {} {kind}  {time}", words::verb(step.planned.verb).present);
    if let Some(note) = &step.note {
        line.push_str("  ");
        line.push_str(&text::line(note));
    }
    let line = text::cut(&line, look.width).into_owned();
    if step.retries > 0 && step.status == Status::Running { look.paint(Tone::Change, &line) } else { line }
}

/// `  applying  ━━━━━━━━────────────  23 of 80  4:10 so far, ~9:30 to go`
fn overall(view: &View, round: &Round, look: Look) -> String {
    const WIDTH: usize = 24;
    let total = round.steps.len();
    let filled = (WIDTH * round.finished).checked_div(total).unwrap_or(WIDTH);
    let (word, tone) = match (round.undoing, view.stopping) {
        (true, _) => ("rolling back", Tone::Danger),
        (false, true) => ("stopping", Tone::Change),
        (false, false) => ("running", Tone::Good),
    };
    let bar = [look.paint(tone, &"━".repeat(filled)), look.paint(Tone::Faint, &"─".repeat(WIDTH - filled))].concat();
    let so_far = clock(view.now.saturating_sub(round.began));
    let to_go = clock(round.remaining(view.now));
    let rest = format!("{} of {total}  {so_far} so far, ~{to_go} to go", round.finished);
    let room = look.width.saturating_sub(2 + word.len() + 2 + WIDTH + 2);
    format!("  {word}  {bar}  {}", text::cut(&rest, room))
}

/// The lines that an event leaves behind; the view has already taken it into account.
pub fn lines(view: &View, stamped: &Stamped, look: Look) -> Vec<String> {
    let step = |object| view.step(object);
    let line = match &stamped.event {
        Event::StepDone { object } => step(object).map(|step| done(step, view.now, look)),
        Event::StepFailed { object, failure } => step(object).map(|step| failed(step, failure, view.now, look)),
        Event::StepRetried { object, message, pause, .. } => {
            let address = text::line(&object.address.to_string()).into_owned();
            let line = format!("{address}: repeated in {}: {}", text::about(*pause), text::line(message));
            Some(format!("{} {line}", look.paint(Tone::Change, "…")))
        }
        Event::Recovering { open } if *open > 0 => {
            let calls = text::count(*open as u64, "call");
            Some(format!("A former run was cut off; looking up {calls} that it left open."))
        }
        Event::Recovered { object, found } => {
            Some(format!("  {}: the call {}", text::line(&object.address.to_string()), words::found(*found)))
        }
        Event::Stopping => Some("Finishing what is in flight; nothing else begins.".to_owned()),
        Event::Undoing { steps, .. } if !steps.is_empty() => {
            Some(look.paint(Tone::Danger, &format!("Rolling back {}.", text::count(steps.len() as u64, "step"))))
        }
        _ => None,
    };
    line.into_iter().collect()
}

/// `✓ nat  created NAT gateway in 1:58`
fn done(step: &StepView, now: Duration, look: Look) -> String {
    let (name, kind) = (name(step), words::type_words(&step.planned.type_name));
    let elapsed = clock(step.elapsed(now));
    let time = match step.planned.verb {
        Verb::Move | Verb::Forget | Verb::Accept => String::new(),
        _ => look.paint(Tone::Faint, &format!("  {elapsed}")),
    };
    format!("{} {name}  {} {kind}{time}", look.paint(Tone::Good, "✓"), words::verb(step.planned.verb).past)
}

fn failed(step: &StepView, failure: &Failure, now: Duration, look: Look) -> String {
    let (name, kind) = (name(step), words::type_words(&step.planned.type_name));
    let what = format!("{name}  {} {kind} failed", words::verb(step.planned.verb).present);
    let time = look.paint(Tone::Faint, &format!("  {}", clock(step.elapsed(now))));
    format!("{} {what}{time}: {}", look.paint(Tone::Danger, "✗"), text::line(&failure.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::view::tests::{half_way, planned, rolled_back, view};

    fn plain(width: usize) -> Look {
        Look { colour: false, width }
    }

    #[test]
    fn a_running_step_shows_elapsed_and_usual_time_and_the_bar_what_remains() {
        let mut view = view(half_way());
        view.tick(Duration::from_secs(48));
        insta::assert_snapshot!(render(&view, plain(100)).join("\n"), @r"
          nat  creating NAT gateway  0:42 of ~2:00  pending
          running  ━━━━━━━━────────────────  1 of 3  0:48 so far, ~1:18 to go
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let view = view(half_way());
        for width in [0, 10, 40, 45, 60] {
            let widest = render(&view, plain(width)).iter().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width.max(40), "{width}: {widest}");
        }
    }

    #[test]
    fn many_running_steps_do_not_fill_the_screen() {
        let steps = (0..100).map(|n| planned(&format!("s[{n}]"), "AWS::EC2::Subnet", 3, 0)).collect::<Vec<_>>();
        let objects = steps.iter().map(|step| step.object.clone()).collect::<Vec<_>>();
        let command = crate::engine::event::Command::Apply;
        let started = Event::Started { run: "r".to_owned(), command, steps };
        let events = objects.into_iter().map(|object| (1, Event::StepStarted { object }));
        let lines = render(&view(std::iter::once((0, started)).chain(events)), plain(80));
        assert_eq!(lines.len(), MOST_STEPS + 2);
        assert_eq!(lines[MOST_STEPS], "  and 88 more");
    }

    #[test]
    fn a_rollback_is_told_line_by_line() {
        let (mut view, mut told) = (View::default(), Vec::new());
        for (sequence, (at, event)) in (1..).zip(rolled_back()) {
            let stamped = Stamped { sequence, at: Duration::from_secs(at), event };
            view.apply(&stamped);
            told.extend(lines(&view, &stamped, Look::plain()));
        }
        insta::assert_snapshot!(told.join("\n"), @r"
        ✓ vpc  created VPC  0:06
        ✗ nat  creating NAT gateway failed  0:03: the limit of NAT gateways is reached
        Rolling back 1 step.
        ✓ vpc  deleted VPC  0:02
        ");
        assert!(render(&view, Look::plain()).is_empty());
    }

    #[test]
    fn what_happens_before_the_first_step_is_shown_too() {
        let reading = |done| view([(0, Event::Reading { done, total: 40 })]);
        assert_eq!(render(&reading(10), Look::plain()), ["reading 40 objects  10/40"]);
        assert!(render(&reading(40), Look::plain()).is_empty());
        let recovering = view([(0, Event::Recovering { open: 1 })]);
        assert_eq!(render(&recovering, Look::plain()), ["looking up 1 call that a former run left open"]);
    }
}
