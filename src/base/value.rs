//! A value of a stack: known, not yet known, or sensitive.
//!
//! What is unknown says what it waits for, and carries everything needed to become known: a plan is written to a file
//! and obeyed later, by a process that never sees the stack. So an unknown is either a reference to an attribute, a
//! look-up that happens at apply (a secret), or an expression together with the values it captured.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value as Json};

use super::{Address, Path, Segment};

/// A value of a stack file after evaluation.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// Not known before something else has happened.
    Unknown(Unknown),
    /// Never shown, never stored in clear. Holds any other value, never another `Sensitive`.
    Sensitive(Box<Value>),
}

/// What an unknown value waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// An attribute of a resource, known once that resource is made. The empty path is the whole resource.
    Attribute { address: Address, path: Path },
    /// Something read at apply and never kept.
    Lookup(Lookup),
    /// The result of a `data` block, read before planning; unknown only in `validate`.
    Data { name: String, path: Path },
    /// An expression in HCL's syntax over the names in `captures`, which hold further unknowns.
    Expression { source: String, captures: BTreeMap<String, Value> },
}

/// A secret that is read when a step runs, and never stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// `secret("name")` or `secret("name:key")`: a Secrets Manager secret, or one key of its JSON.
    Secret { name: String, key: Option<String> },
    /// `ssm("name")`: a Systems Manager parameter.
    Parameter { name: String },
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Self {
        Value::String(text.into())
    }

    /// An attribute of a resource that is not made yet.
    pub fn attribute(address: Address, path: Path) -> Self {
        Value::Unknown(Unknown::Attribute { address, path })
    }

    /// This value, marked as sensitive.
    #[must_use]
    pub fn sensitive(self) -> Self {
        match self {
            Value::Sensitive(_) => self,
            other => Value::Sensitive(Box::new(other)),
        }
    }

    /// The value inside, whether it is sensitive or not.
    pub fn revealed(&self) -> &Value {
        match self {
            Value::Sensitive(inner) => inner,
            other => other,
        }
    }

    /// What stands at a path; `None` if there is nothing, or if the path leads into something sensitive or unknown.
    pub fn at(&self, path: &[Segment]) -> Option<&Value> {
        path.iter().try_fold(self, |value, segment| match (value, segment) {
            (Value::Map(map), Segment::Key(key)) => map.get(key),
            (Value::List(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        })
    }

    /// Puts a value at a path, with the maps that lead there. Null takes away what stands in a map, and the maps that are
    /// empty then. A path that leads through anything but maps and lists, or beyond the end of a list, changes nothing.
    pub fn put(&mut self, path: &[Segment], value: Value) {
        let Some((first, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        match (self, first) {
            (Value::Map(map), Segment::Key(key)) => {
                let is_removal = value == Value::Null;
                let mut below = map.remove(key).unwrap_or(Value::Null);
                if below == Value::Null && !is_removal && !rest.is_empty() {
                    below = Value::Map(BTreeMap::new());
                }
                below.put(rest, value);
                let is_left_empty = is_removal && !rest.is_empty() && below == Value::Map(BTreeMap::new());
                if below != Value::Null && !is_left_empty {
                    map.insert(key.clone(), below);
                }
            }
            (Value::List(items), Segment::Index(index)) => {
                if let Some(item) = items.get_mut(*index) {
                    item.put(rest, value);
                }
            }
            _ => {}
        }
    }

    /// Whether nothing in it is unknown.
    pub fn is_known(&self) -> bool {
        match self {
            Value::Unknown(_) => false,
            Value::Sensitive(inner) => inner.is_known(),
            Value::List(items) => items.iter().all(Value::is_known),
            Value::Map(map) => map.values().all(Value::is_known),
            _ => true,
        }
    }

    /// Whether anything in it is sensitive.
    pub fn has_sensitive(&self) -> bool {
        match self {
            Value::Sensitive(_) | Value::Unknown(Unknown::Lookup(_)) => true,
            Value::Unknown(Unknown::Expression { captures, .. }) => captures.values().any(Value::has_sensitive),
            Value::List(items) => items.iter().any(Value::has_sensitive),
            Value::Map(map) => map.values().any(Value::has_sensitive),
            _ => false,
        }
    }

    /// Whether it is unknown only because a secret is read at apply. Such a value is compared, and kept, by what it refers
    /// to: a plan needs no permission to read secrets, and a rotated secret is no change of the stack.
    pub fn is_looked_up(&self) -> bool {
        let mut only_lookups = matches!(self.revealed(), Value::Unknown(_));
        self.visit_unknowns(&mut |unknown| {
            only_lookups &= matches!(unknown, Unknown::Lookup(_) | Unknown::Expression { .. });
        });
        only_lookups
    }

    /// The value as JSON in clear; `None` if anything in it is unknown. For drivers only.
    pub fn reveal(&self) -> Option<Json> {
        Some(match self {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => Json::Number(number.clone()),
            Value::String(text) => Json::String(text.clone()),
            Value::List(items) => Json::Array(items.iter().map(Value::reveal).collect::<Option<_>>()?),
            Value::Map(map) => {
                let entries = map.iter().map(|(key, value)| Some((key.clone(), value.reveal()?)));
                Json::Object(entries.collect::<Option<_>>()?)
            }
            Value::Sensitive(inner) => inner.reveal()?,
            Value::Unknown(_) => return None,
        })
    }

    /// Every attribute that has to be known before this value is.
    pub fn waits_for(&self) -> BTreeSet<(&Address, &Path)> {
        let mut found = BTreeSet::new();
        self.visit_unknowns(&mut |unknown| {
            if let Unknown::Attribute { address, path } = unknown {
                found.insert((address, path));
            }
        });
        found
    }

    /// Calls `visit` for every unknown in this value, those inside captured expressions included.
    pub fn visit_unknowns<'a>(&'a self, visit: &mut dyn FnMut(&'a Unknown)) {
        match self {
            Value::Unknown(unknown) => {
                visit(unknown);
                if let Unknown::Expression { captures, .. } = unknown {
                    captures.values().for_each(|value| value.visit_unknowns(visit));
                }
            }
            Value::Sensitive(inner) => inner.visit_unknowns(visit),
            Value::List(items) => items.iter().for_each(|item| item.visit_unknowns(visit)),
            Value::Map(map) => map.values().for_each(|value| value.visit_unknowns(visit)),
            _ => {}
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Value::Null,
            Json::Bool(flag) => Value::Bool(flag),
            Json::Number(number) => Value::Number(number),
            Json::String(text) => Value::String(text),
            Json::Array(items) => Value::List(items.into_iter().map(Value::from).collect()),
            Json::Object(map) => Value::Map(map.into_iter().map(|(key, value)| (key, value.into())).collect()),
        }
    }
}

impl std::fmt::Debug for Value {
    /// Masks what is sensitive, so that no debug output can show it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Number(number) => write!(f, "{number}"),
            Value::String(text) => write!(f, "{text:?}"),
            Value::List(items) => f.debug_list().entries(items).finish(),
            Value::Map(map) => f.debug_map().entries(map).finish(),
            Value::Unknown(unknown) => write!(f, "{unknown:?}"),
            Value::Sensitive(_) => f.write_str("(sensitive)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn after(document: Json, path: &str, value: Json) -> Json {
        let mut document = Value::from(document);
        document.put(&path.parse::<Path>().unwrap().0, value.into());
        document.reveal().unwrap()
    }

    #[test]
    fn a_value_is_put_where_its_path_leads_and_nothing_else_changes() {
        assert_eq!(after(json!({"A": {"B": 1, "C": 2}}), "A.B", json!(3)), json!({"A": {"B": 3, "C": 2}}));
        assert_eq!(after(json!({"L": [{"B": 1}, 2]}), "L[0].B", json!([3])), json!({"L": [{"B": [3]}, 2]}));
        assert_eq!(after(json!({}), "A.B", json!(1)), json!({"A": {"B": 1}}), "with the maps that lead there");
        assert_eq!(after(json!({"A": 1, "L": []}), "A.B", json!(1)), json!({"A": 1, "L": []}));
        assert_eq!(after(json!({"L": [1]}), "L[1]", json!(1)), json!({"L": [1]}));
    }

    #[test]
    fn a_null_takes_away_what_stands_there_and_the_maps_that_it_leaves_empty() {
        assert_eq!(after(json!({"A": {"B": {"C": 1}}, "D": 1}), "A.B.C", json!(null)), json!({"D": 1}));
        assert_eq!(after(json!({"A": {"B": 1, "C": 2}}), "A.B", json!(null)), json!({"A": {"C": 2}}));
        assert_eq!(
            after(json!({"L": [1, 2]}), "L[0]", json!(null)),
            json!({"L": [null, 2]}),
            "a list keeps its length"
        );
    }

    #[test]
    fn no_path_leads_into_what_is_sensitive() {
        let mut value = Value::Map([("A".to_owned(), Value::from(json!({"B": 1})).sensitive())].into());
        let (path, former) = ("A.B".parse::<Path>().unwrap(), value.clone());
        assert_eq!(value.at(&path.0), None);
        value.put(&path.0, Value::Null);
        assert_eq!(value, former);
    }
}
