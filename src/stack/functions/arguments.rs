//! What a function is given, and how it says what is wrong with it.

use std::collections::BTreeMap;

use serde_json::Number;

use super::convert::{self, kind};
use crate::base::Value;

/// Why a function gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// A phrase, and the argument that is at fault.
    Failed { message: String, argument: Option<usize> },
    /// A part of an argument has to be known that is not.
    NotKnown,
}

impl Problem {
    /// A problem that is nobody's in particular.
    pub fn new(message: impl Into<String>) -> Self {
        Problem::Failed { message: message.into(), argument: None }
    }

    /// A problem with the argument at `position`.
    pub fn at(position: usize, message: impl Into<String>) -> Self {
        Problem::Failed { message: message.into(), argument: Some(position) }
    }
}

pub(super) type Outcome = Result<Value, Problem>;

/// The arguments of a call: at least as many as the table asks for. None is unknown or sensitive as a whole.
#[derive(Debug)]
pub struct Arguments(pub Vec<Value>);

impl Arguments {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether there is an argument at `position`.
    pub fn has(&self, position: usize) -> bool {
        position < self.0.len()
    }

    /// The argument at `position`; null if there is none.
    pub fn get(&self, position: usize) -> &Value {
        self.0.get(position).unwrap_or(&Value::Null)
    }

    fn expected<T>(&self, position: usize, what: &str, found: Option<T>) -> Result<T, Problem> {
        found.ok_or_else(|| Problem::at(position, format!("{what} is needed, not {}", kind(self.get(position)))))
    }

    pub fn text(&self, position: usize) -> Result<String, Problem> {
        self.expected(position, "a text", convert::to_text(self.get(position)))
    }

    pub fn number(&self, position: usize) -> Result<Number, Problem> {
        self.expected(position, "a number", convert::to_number(self.get(position)))
    }

    /// A whole number.
    pub fn whole(&self, position: usize) -> Result<i128, Problem> {
        self.number(position)?;
        convert::to_whole(self.get(position)).ok_or_else(|| Problem::at(position, "a whole number is needed"))
    }

    /// A whole number from 0.
    pub fn size(&self, position: usize) -> Result<usize, Problem> {
        let whole = self.whole(position)?;
        usize::try_from(whole).map_err(|_| Problem::at(position, "a whole number from 0 is needed"))
    }

    pub fn list(&self, position: usize) -> Result<&[Value], Problem> {
        let found = match self.get(position) {
            Value::List(items) => Some(items.as_slice()),
            _ => None,
        };
        self.expected(position, "a list", found)
    }

    pub fn map(&self, position: usize) -> Result<&BTreeMap<String, Value>, Problem> {
        let found = match self.get(position) {
            Value::Map(map) => Some(map),
            _ => None,
        };
        self.expected(position, "a map", found)
    }

    /// A list of texts.
    pub fn texts(&self, position: usize) -> Result<Vec<String>, Problem> {
        let items = self.list(position)?.iter().map(|item| {
            let message = || format!("a list of texts is needed, and one element is {}", kind(item));
            convert::to_text(item).ok_or_else(|| Problem::at(position, message()))
        });
        items.collect()
    }
}
