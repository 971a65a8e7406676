//! Values as people read them: one line, cut where it gets too long, nothing sensitive in clear.

use serde_json::Value as Json;

use super::text;
use crate::base::{Path, Segment, Unknown, Value, secret};

/// Stands for a value that is known once something else has happened.
pub const UNKNOWN: &str = "(known after apply)";
/// Stands for a value that is never shown.
pub const SENSITIVE: &str = "(sensitive)";

/// A value on one line.
pub fn show(value: &Value) -> String {
    let mut line = String::new();
    write_value(value, &mut line);
    text::line(&line).into_owned()
}

/// A document of the state (sealed) on one line.
pub fn show_json(value: &Json) -> String {
    let mut line = String::new();
    write_json(value, &mut line);
    text::line(&line).into_owned()
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

/// The value with everything sensitive taken out: what may be written to a file or a terminal.
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

fn write_value(value: &Value, line: &mut String) {
    match value {
        Value::Sensitive(_) | Value::Unknown(Unknown::Lookup(_)) => line.push_str(SENSITIVE),
        Value::Unknown(_) => line.push_str(UNKNOWN),
        Value::Null => line.push_str("null"),
        Value::Bool(flag) => line.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => line.push_str(&number.to_string()),
        Value::String(text) => line.push_str(&quoted(text)),
        Value::List(items) => write_list(items.iter(), line, write_value),
        Value::Map(map) => write_map(map.iter(), line, write_value),
    }
}

fn write_json(value: &Json, line: &mut String) {
    match value {
        sealed if secret::is_sealed(sealed) => line.push_str(SENSITIVE),
        Json::Object(map) if map.contains_key("$unknown") => line.push_str(UNKNOWN),
        Json::String(text) => line.push_str(&quoted(text)),
        Json::Array(items) => write_list(items.iter(), line, write_json),
        Json::Object(map) => write_map(map.iter(), line, write_json),
        other => line.push_str(&other.to_string()),
    }
}

/// As JSON writes it, but without doubling every quote inside a document that is itself JSON.
fn quoted(text: &str) -> String {
    match text.starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok() {
        true => text.to_owned(),
        false => Json::from(text).to_string(),
    }
}

fn write_list<'a, T: 'a>(items: impl Iterator<Item = &'a T>, line: &mut String, write: fn(&T, &mut String)) {
    line.push('[');
    for (at, item) in items.enumerate() {
        line.push_str(if at > 0 { ", " } else { "" });
        write(item, line);
    }
    line.push(']');
}

fn write_map<'a, T: 'a>(
    entries: impl Iterator<Item = (&'a String, &'a T)>,
    line: &mut String,
    write: fn(&T, &mut String),
) {
    line.push('{');
    for (at, (key, value)) in entries.enumerate() {
        line.push_str(if at > 0 { ", " } else { "" });
        line.push_str(key);
        line.push_str(": ");
        write(value, line);
    }
    line.push('}');
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
            show_json(&json!({"a": {"$sealed": "x"}, "b": {"$unknown": true}})),
            "{a: (sensitive), b: (known after apply)}"
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
