//! When two values of a resource mean the same: against what was applied, and against what is live.

use serde_json::Value as Json;

use crate::{
    base::{
        Path, Unknown, Value,
        diff::{Compare, Verdict},
        secret::{self, Seal},
    },
    catalogue::ResourceType,
};

/// Which version of the resource is on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// The sealed inputs of the last apply.
    Applied,
    /// What AWS reports. Never knows what cannot be read.
    Live,
}

/// Compares values of one type.
pub(super) struct Comparison<'a> {
    pub(super) resource_type: &'a ResourceType,
    pub(super) seal: &'a Seal,
    pub(super) against: Against,
}

impl Compare for Comparison<'_> {
    fn compare(&self, path: &Path, wanted: &Value, actual: &Json) -> Verdict {
        let live = self.against == Against::Live;
        if live && (is_looked_up(wanted) || self.resource_type.is_write_only(path)) {
            return Verdict::Same;
        }
        if secret::is_sealed(actual) || is_looked_up(wanted) {
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
}

fn same(same: bool) -> Verdict {
    if same { Verdict::Same } else { Verdict::Different }
}

/// Whether a value is unknown only because a secret is read at apply. Such a value is compared by what it refers to: a
/// plan needs no permission to read secrets, and a rotated secret is no change of the stack.
pub(super) fn is_looked_up(value: &Value) -> bool {
    let Value::Unknown(_) = value.revealed() else { return false };
    let mut only_lookups = true;
    value.visit_unknowns(&mut |unknown| {
        only_lookups &= matches!(unknown, Unknown::Lookup(_) | Unknown::Expression { .. });
    });
    only_lookups
}
