//! Values as people read them: one line, cut where it gets too long, nothing sensitive in clear.

use std::{collections::BTreeMap, fmt};

use serde_json::{Number, Value as Json};

use super::text;
use crate::base::{Path, Segment, Unknown, Value, archive, secret};

/// Stands for a value that is known once something else has happened.
pub const UNKNOWN: &str = "(known after apply)";
/// Stands for what is there and nobody knows any more.
pub const UNCERTAIN: &str = "(not known)";
/// Stands for a value that is never shown.
pub const SENSITIVE: &str = "(sensitive)";

/// A value of whatever kind, with nothing in it that must not be seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// A scalar as it is written, or what stands for something that is not shown.
    Leaf(String),
    List(Vec<Shown>),
    Map(BTreeMap<String, Shown>),
}

impl From<&Value> for Shown {
    fn from(value: &Value) -> Self {
        match value {
            Value::Sensitive(_) | Value::Unknown(Unknown::Lookup(_)) => Shown::Leaf(SENSITIVE.to_owned()),
            Value::Unknown(_) => Shown::Leaf(UNKNOWN.to_owned()),
            Value::Null => Shown::Leaf("null".to_owned()),
            Value::Bool(flag) => Shown::Leaf(flag.to_string()),
            Value::Number(number) => Shown::Leaf(plain(number)),
            Value::String(text) => Shown::Leaf(quoted(text)),
            Value::List(items) => Shown::List(items.iter().map(Shown::from).collect()),
            Value::Map(map) => Shown::Map(map.iter().map(|(key, value)| (key.clone(), value.into())).collect()),
        }
    }
}

/// A document of the state, sealed.
impl From<&Json> for Shown {
    fn from(value: &Json) -> Self {
        match value {
            sealed if secret::is_sealed(sealed) => Shown::Leaf(SENSITIVE.to_owned()),
            unknown if secret::is_unknown(unknown) => Shown::Leaf(UNCERTAIN.to_owned()),
            Json::Number(number) => Shown::Leaf(plain(number)),
            Json::String(text) => Shown::Leaf(quoted(text)),
            Json::Array(items) => Shown::List(items.iter().map(Shown::from).collect()),
            Json::Object(map) => Shown::Map(map.iter().map(|(key, value)| (key.clone(), value.into())).collect()),
            other => Shown::Leaf(other.to_string()),
        }
    }
}

/// On one line.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shown::Leaf(text) => f.write_str(&text::line(text)),
            Shown::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { ", " } else { "" })?;
                }
                f.write_str("]")
            }
            Shown::Map(map) => {
                f.write_str("{")?;
                for (at, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{}: {value}", if at > 0 { ", " } else { "" }, text::line(key))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A value on one line.
pub fn show(value: &Value) -> String {
    Shown::from(value).to_string()
}

/// A document of the state (sealed) on one line.
pub fn show_json(value: &Json) -> String {
    Shown::from(value).to_string()
}

/// The value at `path`; `None` if there is nothing.
pub fn at<'a>(value: &'a Value, path: &Path) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |value, segment| match (value.revealed(), segment) {
        // What lies inside something sensitive or unknown is as sensitive or unknown as the whole.
        (Value::Unknown(_), _) => Some(value),
        _ if matches!(value, Value::Sensitive(_)) => Some(value),
        (Value::Map(map), Segment::Key(key)) => map.get(key),
        (Value::List(items), Segment::Index(index)) => items.get(*index),
        _ => None,
    })
}

/// The value with everything sensitive taken out, and every archive replaced by what it is: what may be written to a file or
/// a terminal.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Sensitive(inner) if inner.is_known() => Value::Null.sensitive(),
        Value::Sensitive(inner) => Value::Sensitive(Box::new(masked(inner))),
        Value::List(items) => Value::List(items.iter().map(masked).collect()),
        Value::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.clone(), masked(value))).collect()),
        Value::Unknown(Unknown::Expression { source, captures }) => {
            let captures = captures.iter().map(|(name, value)| (name.clone(), masked(value))).collect();
            Value::Unknown(Unknown::Expression { source: source.clone(), captures })
        }
        Value::String(text) => {
            archive::Summary::of(text).map_or_else(|| value.clone(), |it| Value::text(format!("{it:#}")))
        }
        other => other.clone(),
    }
}

/// The leaves of a document with their paths, in order: what a listing of properties shows.
pub fn leaves(value: &Value) -> Vec<(Path, String)> {
    let mut found = Vec::new();
    collect_leaves(value, &Path::default(), &mut found);
    found
}

fn collect_leaves(value: &Value, path: &Path, found: &mut Vec<(Path, String)>) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            map.iter().for_each(|(key, value)| collect_leaves(value, &path.join(Segment::Key(key.clone())), found));
        }
        Value::List(items) if items.iter().any(|item| matches!(item, Value::Map(_) | Value::List(_))) => {
            items.iter().enumerate().for_each(|(at, item)| collect_leaves(item, &path.join(Segment::Index(at)), found));
        }
        _ => found.push((path.clone(), show(value))),
    }
}

/// A whole number without a fraction, whichever of the two ways it came.
fn plain(number: &Number) -> String {
    match number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) {
        Some(float) => format!("{float:.0}"),
        None => number.to_string(),
    }
}

/// As JSON writes it, but without doubling every quote inside a document that is itself JSON. Of an archive, what it is.
fn quoted(text: &str) -> String {
    if let Some(summary) = archive::Summary::of(text) {
        return summary.to_string();
    }
    match text.starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok() {
        true => text.to_owned(),
        false => Json::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Address;

    fn sample() -> Value {
        let mut value = Value::from(json!({"Name": "a\u{1b}b", "Ports": [1, 2], "Rules": [{"Port": 1}]}));
        if let Value::Map(map) = &mut value {
            map.insert("Password".to_owned(), Value::text("canary").sensitive());
            map.insert("VpcId".to_owned(), Value::attribute(Address::root("vpc"), Path::key("VpcId")));
        }
        value
    }

    #[test]
    fn a_value_shows_neither_secrets_nor_control_characters() {
        let shown = show(&sample());
        assert_eq!(
            shown,
            r#"{Name: "a\u001bb", Password: (sensitive), Ports: [1, 2], Rules: [{Port: 1}], VpcId: (known after apply)}"#
        );
        assert_eq!(
            show_json(&json!({"a": {"$sealed": "x"}, "b": {"$unknown": true}, "c": 2.0, "d": 0.5})),
            "{a: (sensitive), b: (not known), c: 2, d: 0.5}"
        );
    }

    #[test]
    fn masking_takes_the_secret_out_of_captures_too() {
        let captures = [("password".to_owned(), Value::text("canary").sensitive())].into();
        let expression = Value::Unknown(Unknown::Expression { source: "password".to_owned(), captures });
        for value in [sample(), expression.clone(), expression.sensitive()] {
            assert!(!serde_json::to_string(&masked(&value)).unwrap().contains("canary"));
        }
    }

    #[test]
    fn an_archive_is_neither_shown_nor_written() {
        let entry = archive::Entry { name: "a".to_owned(), is_executable: false, content: b"b".to_vec() };
        let text = archive::to_text(&archive::pack(&[entry]).unwrap());
        let value = Value::from(json!({"Code": {"ZipFile": text}}));
        let masked = serde_json::to_string(&masked(&value)).unwrap();
        for said in [show(&value), show_json(&json!([text])), masked] {
            assert!(said.contains("(archive, sha256 ") && !said.contains("UEsDB"), "{said}");
        }
    }

    #[test]
    fn leaves_are_listed_with_their_paths() {
        let paths = leaves(&sample()).into_iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>();
        assert_eq!(paths, ["Name", "Password", "Ports", "Rules[0].Port", "VpcId"]);
    }

    #[test]
    fn what_lies_inside_something_sensitive_is_found_sensitive() {
        let value = Value::Map([("Auth".to_owned(), Value::from(json!({"User": "a"})).sensitive())].into());
        assert_eq!(at(&value, &"Auth.User".parse().unwrap()).map(show), Some(SENSITIVE.to_owned()));
        assert_eq!(at(&value, &"Other".parse().unwrap()), None);
    }
}
