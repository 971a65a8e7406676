//! What goes wrong while a syntax tree is walked: like a diagnostic, but placed in the text of one `${…}`, because only the
//! template knows where in the source that text stands.

use std::ops::Range;

use crate::base::{Diagnostic, Span};

/// One error of an evaluation.
#[derive(Debug)]
pub(super) struct Fault {
    pub rule: &'static str,
    pub message: String,
    /// In bytes of the parsed text; filled in by the innermost expression that knows its place.
    pub range: Option<Range<usize>>,
    pub help: Vec<String>,
}

impl Fault {
    pub fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Fault { rule, message: message.into(), range: None, help: Vec::new() }
    }

    /// A value of the wrong type.
    pub fn mismatch(message: impl Into<String>) -> Self {
        Fault::new("type-mismatch", message)
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds "did you mean" if one of `candidates` looks like `name`.
    pub fn suggest<'a>(self, name: &str, candidates: impl Iterator<Item = &'a str>) -> Self {
        match closest(name, candidates) {
            Some(candidate) => self.help(format!("did you mean `{candidate}`?")),
            None => self,
        }
    }

    /// Places the error, unless something further inside has done so.
    pub fn within(mut self, range: Option<Range<usize>>) -> Self {
        if self.range.is_none() {
            self.range = range;
        }
        self
    }

    /// The error for people.
    pub fn diagnostic(self, place: impl Fn(Option<Range<usize>>) -> Span) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.rule, self.message).at(place(self.range), "");
        diagnostic.help = self.help;
        diagnostic
    }

    /// The error where there is no source to point at.
    pub fn phrase(self) -> String {
        match self.help.first() {
            Some(help) => format!("{}; {help}", self.message),
            None => self.message,
        }
    }
}

/// The candidate that was probably meant.
fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| {
            let score = strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase());
            (score, candidate)
        })
        .filter(|(score, _)| *score > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}
