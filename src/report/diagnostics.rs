//! Findings as people read them: rule, message, the piece of source with a caret, and what to do. Also as JSON.

use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle,
};
use serde_json::{Value as Json, json};

use super::text::{self, Look};
use crate::base::{Diagnostic, Diagnostics, FileId, Label, Severity, Sources};

/// All findings, with their sources. Ends with a line break, if there are any.
pub fn render(diagnostics: &Diagnostics, sources: &Sources, look: Look) -> String {
    let renderer = if look.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(look.width).decor_style(DecorStyle::Ascii);
    let mut all = String::new();
    for diagnostic in &diagnostics.0 {
        all.push_str(&renderer.render(&[group(diagnostic, sources)]));
        all.push_str("\n\n");
    }
    all.push_str(&totals(diagnostics));
    all
}

/// `2 errors, 1 warning`, as a line of its own; nothing if there is only one finding.
fn totals(diagnostics: &Diagnostics) -> String {
    let number = |severity| diagnostics.0.iter().filter(|diagnostic| diagnostic.severity == severity).count() as u64;
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    match (errors, warnings) {
        _ if errors + warnings < 2 => String::new(),
        (0, warnings) => text::count(warnings, "warning") + "\n",
        (errors, 0) => text::count(errors, "error") + "\n",
        (errors, warnings) => format!("{}, {}\n", text::count(errors, "error"), text::count(warnings, "warning")),
    }
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(text::block(&diagnostic.message)).id(diagnostic.rule);
    let elements = snippets(&diagnostic.labels, sources);
    let help = diagnostic.help.iter().map(|help| Element::from(Level::HELP.message(text::block(help))));
    title.elements(elements.into_iter().chain(help))
}

/// One snippet per file, that of the place at fault first.
fn snippets<'a>(labels: &'a [Label], sources: &'a Sources) -> Vec<Element<'a>> {
    let mut files = Vec::<FileId>::new();
    for label in labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let snippet = |file: FileId| {
        let (name, source) = (text::line(sources.name(file)), text::source(sources.text(file)));
        if source.is_empty() {
            return Element::from(Origin::path(name));
        }
        let here = labels.iter().enumerate().filter(|(_, label)| label.span.file == file);
        let annotations = here.map(|(at, label)| annotation(label, at == 0, &source)).collect::<Vec<_>>();
        Element::from(Snippet::source(source).path(name).annotations(annotations))
    };
    files.into_iter().map(snippet).collect()
}

fn annotation<'a>(label: &'a Label, is_primary: bool, source: &str) -> Annotation<'a> {
    let kind = if is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(within(label.span.range(), source));
    if label.text.is_empty() { annotation } else { annotation.label(text::line(&label.text)) }
}

/// The part of a range that lies in the text, on whole characters.
fn within(range: Range<usize>, source: &str) -> Range<usize> {
    let whole = |at: usize| (0..=at.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let start = whole(range.start);
    start..whole(range.end).max(start)
}

/// All findings as JSON, for editors and pipelines.
pub fn json(diagnostics: &Diagnostics, sources: &Sources) -> Json {
    let finding = |diagnostic: &Diagnostic| {
        json!({
            "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
            "rule": diagnostic.rule,
            "message": diagnostic.message,
            "help": diagnostic.help,
            "labels": diagnostic.labels.iter().map(|label| place(label, sources)).collect::<Vec<_>>(),
        })
    };
    Json::Array(diagnostics.0.iter().map(finding).collect())
}

fn place(label: &Label, sources: &Sources) -> Json {
    let source = sources.text(label.span.file);
    let range = within(label.span.range(), source);
    let (line, column) = line_and_column(source, range.start);
    let (end_line, end_column) = line_and_column(source, range.end);
    json!({
        "file": sources.name(label.span.file),
        "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "text": label.text,
    })
}

/// Counted from 1, columns in characters.
fn line_and_column(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;

    fn sample() -> (Diagnostics, Sources) {
        let mut sources = Sources::default();
        let text =
            "resources:\n  vpc:\n    type: AWS::EC2::VPC\n    properties: {CidrBlok: 10.0.0.0/16} # \u{202e}\u{1b}\n";
        let file = sources.add("stack.yaml", text);
        let span = |part: &str| {
            let start = u32::try_from(text.find(part).unwrap()).unwrap();
            Span { file, start, end: start + u32::try_from(part.len()).unwrap() }
        };
        let mut found = Diagnostics::default();
        found.push(
            Diagnostic::error("unknown-property", "`AWS::EC2::VPC` has no property `CidrBlok`")
                .at(span("CidrBlok"), "not a property")
                .at(span("AWS::EC2::VPC"), "of this type")
                .help("did you mean `CidrBlock`?"),
        );
        found.push(Diagnostic::warning("guess", "no place at all\u{1b}[2J"));
        (found, sources)
    }

    #[test]
    fn a_finding_shows_its_place_and_what_to_do() {
        let (found, sources) = sample();
        insta::assert_snapshot!(render(&found, &sources, Look::plain()));
    }

    #[test]
    fn the_same_for_programs() {
        let (found, sources) = sample();
        let found = json(&found, &sources);
        assert_eq!(found[0]["rule"], "unknown-property");
        assert_eq!((&found[0]["labels"][0]["line"], &found[0]["labels"][0]["column"]), (&4.into(), &18.into()));
    }

    #[test]
    fn a_span_outside_of_its_text_is_no_panic() {
        let mut sources = Sources::default();
        let file = sources.add("a", "é");
        for (start, end) in [(1, 1), (5, 9), (0, 1), (1, 0)] {
            let found = Diagnostics(vec![Diagnostic::error("x", "y").at(Span { file, start, end }, "")]);
            assert!(render(&found, &sources, Look::plain()).contains("error[x]"));
            assert!(json(&found, &sources).is_array());
        }
    }
}
