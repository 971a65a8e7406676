//! The text of a plan, for a terminal: one line per resource, the risky ones first, what changes underneath.

use super::{
    differences::Difference,
    plan_changes::{Change, Context, Kind, Summary, names},
    text::{self, Look, Tone},
};
use crate::engine::plan::Plan;

/// The whole plan. Ends with a line break.
pub fn render(plan: &Plan, context: &Context, look: Look) -> String {
    let summary = Summary::of(plan, context);
    let mut lines = Vec::new();
    if summary.changes.is_empty() {
        let or_else = if summary.accepted.is_some() { ", or as was accepted" } else { "" };
        lines.push(format!("No changes: {} is as the stack says{or_else}.", summary.title));
    } else {
        lines.push(look.paint(Tone::Strong, &format!("Plan for {}: {}", summary.title, summary.totals_text())));
    }
    for kind in Kind::ALL {
        let changes = summary.changes.iter().filter(|change| change.kind == kind).collect::<Vec<_>>();
        if !changes.is_empty() {
            lines.push(String::new());
            section(&changes, look, &mut lines);
        }
    }
    footer(&summary, look, &mut lines);
    lines.join("\n") + "\n"
}

/// The sign of a change.
pub fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Delete => "-",
        Kind::Replace => "±",
        Kind::Update => "~",
        Kind::Resume => "…",
        Kind::Create => "+",
        Kind::Adopt => "<",
        Kind::Move => ">",
        Kind::Forget => "x",
        Kind::Accept => "=",
    }
}

fn tone(kind: Kind) -> Tone {
    match kind {
        Kind::Delete | Kind::Replace => Tone::Danger,
        Kind::Update | Kind::Resume => Tone::Change,
        Kind::Create | Kind::Adopt => Tone::Good,
        Kind::Move | Kind::Forget | Kind::Accept => Tone::Faint,
    }
}

/// Changes of one kind, in columns.
fn section(changes: &[&Change], look: Look, lines: &mut Vec<String>) {
    const WIDEST: usize = 48;
    let labels = changes.iter().map(|change| names(&change.addresses)).collect::<Vec<_>>();
    let longest =
        |lengths: &mut dyn Iterator<Item = usize>| lengths.filter(|length| *length <= WIDEST).max().unwrap_or(0);
    let label_width = longest(&mut labels.iter().map(|label| label.chars().count()));
    let type_width = longest(&mut changes.iter().map(|change| change.type_name.chars().count()));
    for (change, label) in changes.iter().zip(labels) {
        let said = change.region.iter().map(|region| format!("in {region}")).chain(change.reasons.iter().cloned());
        let said = text::line(&said.collect::<Vec<_>>().join("; ")).into_owned();
        let type_name = text::line(&change.type_name).into_owned();
        let tail = if said.is_empty() { type_name } else { format!("{type_name:type_width$}  {said}") };
        let sign = look.paint(tone(change.kind), sign(change.kind));
        lines.push(format!("  {sign} {label:label_width$}  {tail}"));
        lines.extend(change.notes.iter().map(|note| format!("      {}", look.paint(Tone::Faint, &text::line(note)))));
        lines.extend(change.differences.iter().map(|difference| difference_line(difference, look)));
    }
}

/// `Tags[0].Value: "a" → "b"`, cut to what fits on a line.
pub fn difference_line(difference: &Difference, look: Look) -> String {
    let path = text::line(&difference.path.to_string()).into_owned();
    let room = look.width.saturating_sub(path.len() + 12).max(48);
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
    let (before, after) = text::cut_both(&side(&difference.before), &side(&difference.after), room);
    let mark = if difference.replaces { look.paint(Tone::Danger, "  forces the replacement") } else { String::new() };
    format!("      {path}: {} → {}{mark}", look.paint(Tone::Faint, &before), look.paint(Tone::Change, &after))
}

fn footer(summary: &Summary, look: Look, lines: &mut Vec<String>) {
    if !summary.lasting.is_empty() {
        lines.push(String::new());
        lines.push(look.paint(Tone::Strong, "What a rollback could not take back:"));
        let line = |(why, names): &(String, String)| format!("  {why}: {names}");
        lines.extend(summary.lasting.iter().map(line));
    }
    if let Some(accepted) = &summary.accepted {
        lines.extend([String::new(), accepted.clone()]);
    }
    if let Some(expected) = summary.expected_text() {
        lines.push(String::new());
        lines.push(format!("Expected to take {expected}."));
    }
    if !summary.warnings.is_empty() {
        lines.push(String::new());
        let warning = look.paint(Tone::Change, "warning:");
        lines.extend(summary.warnings.iter().map(|text| format!("{warning} {text}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan_changes::tests::{create, everything, plan, step};

    #[test]
    fn a_plan_of_every_kind_of_change_reads_from_risk_to_routine() {
        let (plan, context) = everything();
        insta::assert_snapshot!(render(&plan, &context, Look::plain()));
    }

    #[test]
    fn a_plan_without_steps_says_so() {
        let text = render(&plan(Vec::new(), 0), &Context::default(), Look::plain());
        assert!(text.starts_with("No changes: shop (dev) is as the stack says.\n"), "{text}");
    }

    #[test]
    fn colours_appear_only_when_asked_for_and_hostile_names_do_nothing() {
        let why = crate::engine::plan::Reason::Broken { why: "\u{1b}[2J\u{202e}".to_owned() };
        let hostile = step("vpc", "AWS::\u{1b}EC2", create(serde_json::json!({})), why, &[]);
        let plan = plan(vec![hostile], 1);
        let plain = render(&plan, &Context::default(), Look::plain());
        assert!(!plain.replace('\n', "").contains(text::is_unsafe), "{plain:?}");
        let coloured = render(&plan, &Context::default(), Look { colour: true, width: 80 });
        assert!(coloured.contains("\u{1b}[32m+\u{1b}[0m"), "{coloured:?}");
    }
}
