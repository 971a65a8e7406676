//! A plan as a comment on a pull request: totals first, then the changes as a `diff` block, which GitHub and GitLab colour.

use super::{
    plan::difference_line,
    plan_changes::{Change, Context, Kind, Summary, names},
    text::{self, Look},
};
use crate::engine::plan::Plan;

/// The plan in markdown. Ends with a line break.
pub fn render(plan: &Plan, context: &Context) -> String {
    let summary = Summary::of(plan, context);
    let mut lines = vec![format!("### provision plan: {}", escape(&summary.title)), String::new()];
    if summary.changes.is_empty() {
        let or_else = if summary.accepted.is_some() { ", or as was accepted" } else { "" };
        lines.push(format!("No changes: everything is as the stack says{or_else}."));
    } else {
        lines.push(format!("**{}**", summary.totals_text()));
        lines.push(String::new());
        let changes = summary.changes.iter().flat_map(change_lines).collect::<Vec<_>>();
        let fence = fence(&changes);
        lines.push(format!("{fence}diff"));
        lines.extend(changes);
        lines.push(fence);
    }
    let lasting = summary.lasting.iter().map(|(why, names)| format!("{why}: {names}"));
    list("What a rollback could not take back", lasting, &mut lines);
    lines.extend(summary.accepted.iter().flat_map(|accepted| [String::new(), escape(accepted)]));
    list("Warnings", summary.warnings.iter().cloned(), &mut lines);
    if let Some(expected) = summary.expected_text() {
        lines.extend([String::new(), format!("Expected to take {}.", escape(&expected))]);
    }
    lines.join("\n") + "\n"
}

fn change_lines(change: &Change) -> Vec<String> {
    // What a diff block colours: - red, + green, ! orange.
    let sign = match change.kind {
        Kind::Delete | Kind::Replace => "-",
        Kind::Create | Kind::Adopt => "+",
        Kind::Update | Kind::Resume => "!",
        Kind::Move | Kind::Forget | Kind::Accept => "#",
    };
    let mut said = vec![change.kind.verb().to_owned(), names(&change.addresses), format!("({})", change.type_name)];
    said.extend(change.region.iter().map(|region| format!("in {region}")));
    if !change.reasons.is_empty() {
        said.push(format!("because {}", change.reasons.join("; ")));
    }
    let mut lines = vec![format!("{sign} {}", text::line(&said.join(" ")))];
    lines.extend(change.notes.iter().map(|note| format!("      {}", text::line(note))));
    lines.extend(change.differences.iter().map(|difference| difference_line(difference, Look::plain())));
    lines
}

/// A fence that nothing inside can close.
fn fence(lines: &[String]) -> String {
    let longest = lines.iter().flat_map(|line| line.split(|c| c != '`')).map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

fn list(title: &str, items: impl Iterator<Item = String>, lines: &mut Vec<String>) {
    let items = items.map(|item| format!("- {}", escape(&item))).collect::<Vec<_>>();
    if !items.is_empty() {
        lines.extend([String::new(), format!("**{title}**"), String::new()]);
        lines.extend(items);
    }
}

/// Text as text: no link, no heading, no HTML, no mention of anybody. Code between backticks is left as it is.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '@' | '!') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    // Inside a code span a backslash would be shown.
    let parts = text.split('`').collect::<Vec<_>>();
    if parts.len() < 3 || parts.len() % 2 == 0 {
        return escaped.replace('`', "\\`");
    }
    let part = |(at, part): (usize, &&str)| if at % 2 == 1 { format!("`{part}`") } else { escape(part) };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan_changes::tests::everything;

    #[test]
    fn a_comment_shows_what_the_terminal_shows() {
        let (plan, context) = everything();
        insta::assert_snapshot!(render(&plan, &context));
    }

    #[test]
    fn nothing_in_a_plan_can_break_out_of_the_comment() {
        assert_eq!(fence(&["a ```` b".to_owned()]), "`````");
        assert_eq!(escape("see `a_b[0]` @all <img> x`y"), "see \\`a\\_b\\[0\\]\\` \\@all \\<img\\> x\\`y");
        assert_eq!(escape("see `a_b[0]` @all"), "see `a_b[0]` \\@all");
    }
}
