//! What remains of an expression whose operands are evaluated but not all known: its source over names that capture them.
//!
//! An operand that is itself such an expression is written into the source, not nested: plans are JSON, and readers of JSON
//! bound how deep it may be.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::base::{Unknown, Value};

/// A function that is in no table and always fails, with its argument as the message: stands for a branch whose
/// evaluation failed while it is not known whether the branch is taken.
pub(super) const FAILURE: &str = "__fail";

/// How many captured expressions may lie inside each other.
const MAX_DEPTH: usize = 16;
/// How long a source may get before it is captured instead of written out, and how many brackets it may open: `hcl-edit`
/// refuses nesting deeper than 64.
const MAX_SPLICED: (usize, usize) = (400, 20);

/// Source text that is being put together, with what it captures.
#[derive(Default)]
pub(super) struct Residual {
    source: String,
    captures: BTreeMap<String, Value>,
}

impl Residual {
    /// Appends source text, which holds no name of a capture and no quoted text.
    pub fn code(mut self, text: &str) -> Self {
        self.source.push_str(text);
        self
    }

    /// Appends an operand.
    pub fn operand(mut self, value: Value) -> Self {
        match value {
            Value::Unknown(Unknown::Expression { source, captures }) if can_splice(&source) => {
                let first = self.captures.len();
                let names: Vec<String> = captures.keys().cloned().collect();
                let renamed = rename(&source, |name| {
                    names.iter().position(|known| known == name).map(|at| capture_name(first + at))
                });
                self.source.push_str(&format!("({renamed})"));
                for (at, value) in captures.into_values().enumerate() {
                    self.captures.insert(capture_name(first + at), value);
                }
            }
            value => {
                let name = capture_name(self.captures.len());
                self.source.push_str(&name);
                self.captures.insert(name, value);
            }
        }
        self
    }

    /// Appends operands with commas between them.
    pub fn operands(self, values: impl IntoIterator<Item = Value>) -> Self {
        let mut separator = "";
        values.into_iter().fold(self, |residual, value| {
            let residual = residual.code(separator).operand(value);
            separator = ", ";
            residual
        })
    }

    /// Appends the step to an attribute.
    pub fn attribute(self, name: &str) -> Self {
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain { self.code(".").code(name) } else { self.code("[").operand(Value::text(name)).code("]") }
    }

    pub fn build(self) -> Value {
        Value::Unknown(Unknown::Expression { source: self.source, captures: self.captures })
    }
}

/// A call with arguments that were evaluated.
pub(super) fn call(name: &str, arguments: impl IntoIterator<Item = Value>) -> Value {
    Residual::default().code(name).code("(").operands(arguments).code(")").build()
}

/// A value that fails once it is needed.
pub(super) fn failure(fault: Fault) -> Value {
    call(FAILURE, [Value::String(fault.phrase())])
}

pub(super) fn capture_name(number: usize) -> String {
    format!("_{number}")
}

/// Only sources of this file's making are rewritten: those hold no quoted text but `"${…}"` and bind no names. What `closure`
/// makes (a `for`, an object) is captured as it is.
fn can_splice(source: &str) -> bool {
    let is_closure = source.starts_with(['[', '{']);
    let opened = source.bytes().filter(|byte| b"([{".contains(byte)).count();
    !is_closure && source.len() <= MAX_SPLICED.0 && opened <= MAX_SPLICED.1
}

/// The source with its captures renamed.
fn rename(source: &str, name_of: impl Fn(&str) -> Option<String>) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let (mut renamed, mut rest) = (String::with_capacity(source.len()), source);
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, after) = rest.split_at(length);
        match name_of(word) {
            Some(name) => renamed.push_str(&name),
            None => renamed.push_str(word),
        }
        rest = after;
    }
    renamed
}

/// Refuses a value that no plan could hold.
pub(super) fn bounded(value: Value) -> Result<Value, Fault> {
    if depth(&value) > MAX_DEPTH {
        let fault = Fault::new(
            "expression-too-deep",
            "this value is made from too long a chain of values that are not known yet",
        );
        return Err(fault.help("refer to the resource's attributes directly instead of through many `locals`"));
    }
    Ok(value)
}

/// How many captured expressions lie inside each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Unknown(Unknown::Expression { captures, .. }) => 1 + captures.values().map(depth).max().unwrap_or(0),
        Value::Sensitive(inner) => depth(inner),
        Value::List(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Map(map) => map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The value without the marks of sensitivity in it, and whether there were any. Unknowns keep what they captured.
pub(super) fn unmarked(value: Value) -> (Value, bool) {
    if !value.has_sensitive() {
        return (value, false);
    }
    let mut marked = false;
    (unmark(value, &mut marked), marked)
}

fn unmark(value: Value, marked: &mut bool) -> Value {
    match value {
        Value::Sensitive(inner) => {
            *marked = true;
            unmark(*inner, marked)
        }
        Value::List(items) => Value::List(items.into_iter().map(|item| unmark(item, marked)).collect()),
        Value::Map(map) => Value::Map(map.into_iter().map(|(key, item)| (key, unmark(item, marked))).collect()),
        other => other,
    }
}

/// The value, sensitive as a whole if `sensitive`.
pub(super) fn marked(value: Value, sensitive: bool) -> Value {
    if sensitive { unmarked(value).0.sensitive() } else { value }
}

/// The value inside an outermost mark, and whether there was one.
pub(super) fn opened(value: Value) -> (Value, bool) {
    match value {
        Value::Sensitive(inner) => (*inner, true),
        other => (other, false),
    }
}
