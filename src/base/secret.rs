//! Sealing: what is sensitive leaves memory only as a digest that shows a change and nothing else.
//!
//! A sealed leaf is the JSON object `{"$sealed": "<digest>"}`. The digest is memory-hard (Argon2id) over the state's salt and
//! the value's canonical JSON, so that it cannot be guessed from the state alone. One digest per value and process: results
//! are remembered, in memory, by a keyed hash.

use serde_json::Value as Json;

use super::{Path, Value};

/// Seals values under the salt of one state.
pub struct Seal {}

impl Seal {
    /// `salt` in hex, as kept in the state.
    pub fn new(salt: &str) -> Self {
        let _ = salt;
        unimplemented!()
    }

    /// The value with every sensitive leaf, and everything at one of the `write_only` patterns, replaced by its digest. What
    /// is still unknown becomes `{"$unknown": true}`, which equals nothing.
    pub fn seal(&self, value: &Value, write_only: &[Path]) -> Json {
        let _ = (value, write_only);
        unimplemented!()
    }

    /// Whether `stored` (a sealed leaf or plain JSON) was made from `value`.
    pub fn matches(&self, stored: &Json, value: &Value) -> bool {
        let _ = (stored, value);
        unimplemented!()
    }
}

/// Whether this is a sealed leaf.
pub fn is_sealed(value: &Json) -> bool {
    value.get("$sealed").is_some()
}

/// The document without its sealed leaves, for drivers that must do with what is left.
pub fn without_sealed(document: &Json) -> Json {
    let _ = document;
    unimplemented!()
}
