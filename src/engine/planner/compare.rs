//! When two values of a resource mean the same: against what was applied, and against what is live.

use serde_json::Value as Json;

use crate::{
    base::{
        Path, Value,
        diff::{Compare, Verdict},
        secret::{self, Seal},
    },
    catalogue::ResourceType,
};

/// Which version of the resource is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Against {
    /// The sealed inputs of the last apply.
    Applied,
    /// What AWS reports. Never knows what cannot be read.
    Live,
}

/// Compares values of one type.
pub(in crate::engine) struct Comparison<'a> {
    pub(in crate::engine) resource_type: &'a ResourceType,
    pub(in crate::engine) seal: &'a Seal,
    pub(in crate::engine) against: Against,
}

impl Compare for Comparison<'_> {
    fn compare(&self, path: &Path, wanted: &Value, actual: &Json) -> Verdict {
        let live = self.against == Against::Live;
        if live && (wanted.is_looked_up() || self.resource_type.is_write_only(path)) {
            return Verdict::Same;
        }
        if secret::is_sealed(actual) || wanted.is_looked_up() {
            return same(self.seal.matches(actual, wanted));
        }
        match (wanted, wanted.reveal()) {
            (_, Some(wanted)) if self.resource_type.same(path, &wanted, actual) => Verdict::Same,
            (Value::Map(_), _) if actual.is_object() => Verdict::Descend,
            (Value::List(_), _) if actual.is_array() => Verdict::Descend,
            _ => Verdict::Different,
        }
    }

    fn is_unordered(&self, path: &Path) -> bool {
        self.resource_type.field(path).is_some_and(|field| field.unordered)
    }

    fn is_partial(&self, path: &Path) -> bool {
        // What was applied is complete: an item that has left the stack is a change of it.
        self.against == Against::Live && self.resource_type.is_partial(path)
    }
}

fn same(same: bool) -> Verdict {
    if same { Verdict::Same } else { Verdict::Different }
}
