//! What is wrong with something a person wrote, and where. Collected, never thrown one at a time: every error of a run
//! is reported together. Drawn by `report::diagnostics`; nothing here knows what a terminal is.

use std::{ops::Range, sync::Arc};

/// Index of a text in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A stretch of a source text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// The bytes it covers.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The texts that were read, so that a [`Span`] can be shown.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<(String, Arc<str>)>);

impl Sources {
    /// Adds a text under the name that people know it by (a path relative to where they stand, `--var`, an environment
    /// variable).
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.0.push((name.into(), text.into()));
        FileId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// Name of a source.
    pub fn name(&self, file: FileId) -> &str {
        self.0.get(file.0 as usize).map_or("", |(name, _)| name)
    }

    /// Text of a source.
    pub fn text(&self, file: FileId) -> &str {
        self.0.get(file.0 as usize).map_or("", |(_, text)| text)
    }

    /// `file:line:column` of the start of a span, counted from 1, columns in characters.
    pub fn position(&self, span: Span) -> String {
        let text = self.text(span.file);
        let before = text.get(..span.start as usize).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        format!("{}:{}:{}", self.name(span.file), line, before[line_start..].chars().count() + 1)
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// A place, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    /// May be empty: then the place alone is shown.
    pub text: String,
}

/// One finding: a phrase that starts with a lower-case letter, the places it is about, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// The rule that was broken, in kebab-case: `unknown-property`. Stable, documented, searchable.
    pub rule: &'static str,
    pub message: String,
    /// The first is the place at fault; the others explain it.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error that breaks `rule`.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, rule, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// A warning of `rule`.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(rule, message) }
    }

    /// Adds a place; the first one added is the place at fault.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// All findings of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// In the order of the source, each finding once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let place = |diagnostic: &Diagnostic| diagnostic.labels.first().map(|label| label.span);
        self.0.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.message.cmp(&b.message)));
        self.0.dedup();
        self
    }
}
