//! Whether a value fits a type: every wrong property in one go.
//!
//! A walk of our own rather than a JSON Schema validator, because the values are not JSON yet (some are unknown, some
//! sensitive), AWS reads them leniently (`"5"` is a number), its schemas use words of their own (`requiredXor`,
//! `enumCaseInsensitive`, formats that are references), and a person wants one message per mistake, at the mistake:
//! the branch of an `anyOf` that was meant rather than all that were not.

mod branches;
mod message;
mod reference;

use serde_json::Value as Json;

use super::{
    field::is_document,
    node::{Kind, Node},
    resource_type::ResourceType,
    scalar,
};
use crate::base::{Path, Segment, Value};

/// Something that a value should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: Path,
    /// `unknown-property`, `wrong-type`, `bad-enum`, `missing-required`, `bad-pattern`, `out-of-range`, `read-only`,
    /// `invalid-value`.
    pub rule: &'static str,
    pub message: String,
    pub help: Vec<String>,
    /// The key is at fault rather than its value.
    pub at_key: bool,
}

impl ResourceType {
    /// Everything that is wrong with these properties. What is unknown is taken for right; what depends on it is not
    /// judged before it is known.
    ///
    /// A property that is missing is reported at the map it is missing from.
    pub fn check(&self, properties: &Value) -> Vec<Problem> {
        let mut walk = Walk { resource: self, found: Vec::new() };
        walk.value(
            self.nodes.root(),
            properties,
            &Place { type_name: &self.name, path: Path::default(), masked: false },
        );
        let mut problems: Vec<Problem> = Vec::with_capacity(walk.found.len());
        for problem in walk.found {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems
    }
}

/// Where the walk stands.
struct Place<'a> {
    type_name: &'a str,
    path: Path,
    /// The value is sensitive: no message may show it.
    masked: bool,
}

impl Place<'_> {
    fn below(&self, segment: Segment) -> Self {
        Place { path: self.path.join(segment), ..*self }
    }
}

struct Walk<'a> {
    resource: &'a ResourceType,
    found: Vec<Problem>,
}

impl<'a> Walk<'a> {
    /// Checks one value against one node.
    fn value(&mut self, node: &'a Node, value: &Value, place: &Place) {
        match value {
            // A null is a property left out: whoever requires it says so.
            Value::Unknown(_) | Value::Null => return,
            Value::Sensitive(inner) => {
                return self.value(node, inner, &Place { path: place.path.clone(), masked: true, ..*place });
            }
            _ => {}
        }
        if !fits(node, value) {
            return self.found.push(message::wrong_type(node, value, place));
        }
        match value {
            Value::Map(_) => self.map(node, value, place),
            Value::List(items) => self.list(node, items, place),
            _ => {
                if let Some(plain) = plain(value) {
                    self.scalar(node, &plain, place);
                }
            }
        }
        self.branches(node, value, place);
    }

    /// What a separate walk finds here, for a branch that may or may not be the one that was meant.
    fn tried(&self, node: &'a Node, value: &Value, place: &Place) -> Vec<Problem> {
        let mut walk = Walk { resource: self.resource, found: Vec::new() };
        walk.value(node, value, place);
        walk.found
    }

    fn map(&mut self, node: &'a Node, value: &Value, place: &Place) {
        let Value::Map(entries) = value else { return };
        let with_branches = self.resource.nodes.with_branches(node);
        for (key, child) in entries {
            let below = place.below(Segment::Key(key.clone()));
            if let Some(id) = node.child(key) {
                if self.resource.is_read_only(&below.path) && !matches!(child, Value::Null) {
                    self.found.push(message::read_only(self.resource, &below));
                } else {
                    self.value(self.resource.nodes.get(id), child, &below);
                }
            } else if node.closed && with_branches.iter().all(|branch| branch.child(key).is_none()) {
                let known: Vec<&str> = self.settable_names(&with_branches, place);
                self.found.push(message::unknown_property(self.resource, key, &known, &below));
            }
        }
        let present = |key: &String| entries.get(key).is_some_and(|value| !matches!(value, Value::Null));
        for key in node.required.iter().filter(|key| !present(key)) {
            if !self.resource.is_read_only(&place.path.join(Segment::Key(key.clone()))) {
                self.found.push(message::missing(key, place));
            }
        }
        self.combinations(node, value, place);
        let count = entries.len() as u64;
        if out_of_range(count, node.min_properties, node.max_properties) {
            self.found.push(message::count("key", count, node.min_properties, node.max_properties, place));
        }
    }

    fn settable_names(&self, nodes: &[&'a Node], place: &Place) -> Vec<&'a str> {
        let names = nodes.iter().flat_map(|node| node.properties.keys());
        let settable =
            names.filter(|name| !self.resource.is_read_only(&place.path.join(Segment::Key((*name).clone()))));
        settable.map(String::as_str).collect()
    }

    fn list(&mut self, node: &'a Node, items: &[Value], place: &Place) {
        if let Some(id) = node.items {
            let inner = self.resource.nodes.get(id);
            for (index, item) in items.iter().enumerate() {
                self.value(inner, item, &place.below(Segment::Index(index)));
            }
        }
        let count = items.len() as u64;
        if out_of_range(count, node.min_items, node.max_items) {
            self.found.push(message::count("item", count, node.min_items, node.max_items, place));
        }
        if node.unique {
            self.repeated(items.iter().map(Value::reveal), "item", place);
        }
        for key in &node.unique_keys {
            let of = |item: &Value| match item.revealed() {
                Value::Map(map) => map.get(key).and_then(Value::reveal),
                _ => None,
            };
            self.repeated(items.iter().map(of), key, place);
        }
    }

    /// Reports every known value that stands in the list a second time.
    fn repeated(&mut self, values: impl Iterator<Item = Option<Json>>, what: &str, place: &Place) {
        let mut seen = std::collections::BTreeMap::new();
        for (index, value) in values.enumerate() {
            let Some(value) = value else { continue };
            if let Some(first) = seen.insert(value.to_string(), index) {
                self.found.push(message::repeated(what, first, &place.below(Segment::Index(index))));
            }
        }
    }

    fn scalar(&mut self, node: &'a Node, value: &Json, place: &Place) {
        let text = scalar::text(value).unwrap_or_default();
        if !node.enumeration.is_empty() {
            let allowed: Vec<String> = node.enumeration.iter().filter_map(scalar::text).collect();
            let equal = |word: &String| *word == text || node.any_case && word.eq_ignore_ascii_case(&text);
            if !allowed.iter().any(equal) {
                return self.found.push(message::not_allowed(&text, &allowed, place));
            }
        }
        let length = text.chars().count() as u64;
        let is_text = value.is_string() || node.kinds == [Kind::String];
        if is_text && out_of_range(length, node.min_length, node.max_length) {
            self.found.push(message::length(length, node.min_length, node.max_length, place));
        } else if is_text && node.pattern.as_ref().is_some_and(|pattern| !pattern.matches(&text)) {
            self.found.push(message::bad_pattern(node, &text, place));
        } else if let Some(problem) = reference::check(node, &text, place) {
            self.found.push(problem);
        }
        if let Some(number) = scalar::number(value) {
            let low = node.minimum.is_some_and(|minimum| number < minimum)
                || node.exclusive_minimum.is_some_and(|edge| number <= edge);
            let high = node.maximum.is_some_and(|maximum| number > maximum)
                || node.exclusive_maximum.is_some_and(|edge| number >= edge);
            let odd = node.multiple_of.is_some_and(|unit| (number / unit).fract() != 0.0);
            if low || high || odd {
                self.found.push(message::range(node, &text, place));
            }
        }
    }
}

/// Whether the value is of a kind that AWS takes for the node's.
fn fits(node: &Node, value: &Value) -> bool {
    let plain = plain(value);
    let document = || is_document(&[node]);
    node.kinds.is_empty()
        || node.kinds.iter().any(|kind| match (kind, value) {
            (Kind::Object, Value::Map(_))
            | (Kind::Array, Value::List(_))
            | (Kind::String, Value::String(_) | Value::Number(_) | Value::Bool(_)) => true,
            (Kind::String, Value::Map(_) | Value::List(_)) => document(),
            (Kind::Number, _) => plain.as_ref().and_then(scalar::number).is_some(),
            (Kind::Integer, _) => plain.as_ref().and_then(scalar::number).is_some_and(|number| number.fract() == 0.0),
            (Kind::Boolean, _) => plain.as_ref().and_then(scalar::boolean).is_some(),
            _ => false,
        })
}

/// The value as JSON, if it is neither list nor map.
fn plain(value: &Value) -> Option<Json> {
    match value.revealed() {
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.reveal(),
        _ => None,
    }
}

fn out_of_range(count: u64, low: Option<u64>, high: Option<u64>) -> bool {
    low.is_some_and(|low| count < low) || high.is_some_and(|high| count > high)
}

#[cfg(test)]
mod tests;
