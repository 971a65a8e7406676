//! JSON patches, as API Gateway takes every update: operations with JSON Pointers (RFC 6901), all values as text. Which
//! operation a path takes: <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html>.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types::{Op, PatchOperation};
use serde_json::Value as Json;

use crate::{
    aws::convert::{Changed, Wanted},
    driver::Result,
};

/// How a property is patched.
pub enum Form {
    /// One value. Taken away, it becomes this; `None`: it stays, because there is nothing that it could become.
    Value(Option<&'static str>),
    /// A map, entry by entry.
    Entries,
    /// A map whose entries are replaced even if they are new.
    Variables,
    /// A list whose items stand in the path.
    Names,
    /// A list whose items are values.
    Members,
}

/// A property, its path, and how it is patched.
pub type Row = (&'static str, &'static str, Form);

/// What a change does to the properties of `rows`.
pub fn operations(rows: &[Row], change: &Changed<'_>) -> Result<Vec<PatchOperation>> {
    let touched = rows.iter().filter(|(property, ..)| change.touches(property));
    between(touched, "", Some(&change.before), Some(&change.want))
}

/// What leads from one form of a part of a document, which stands at `prefix`, to another.
pub fn between<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    prefix: &str,
    before: Option<&Wanted<'_>>,
    want: Option<&Wanted<'_>>,
) -> Result<Vec<PatchOperation>> {
    let mut found = Vec::new();
    for (property, path, form) in rows {
        let path = format!("{prefix}{path}");
        match form {
            Form::Value(default) => {
                let (before, want) = (text(before, property), text(want, property));
                // What was never set needs no going back.
                let want = want.or_else(|| before.as_ref().and(default.map(str::to_owned)));
                found.extend(want.filter(|want| before.as_ref() != Some(want)).map(|want| replace(&path, want)));
            }
            Form::Entries => found.extend(entries(&path, &map(before, property)?, &map(want, property)?, &Op::Add)),
            Form::Variables => {
                found.extend(entries(&path, &map(before, property)?, &map(want, property)?, &Op::Replace));
            }
            Form::Names | Form::Members => {
                let (before, want) = (items(before, property)?, items(want, property)?);
                let one = |op: Op, item: &String| match form {
                    Form::Names => operation(op, &format!("{path}/{}", escaped(item)), None),
                    _ => operation(op, &path, Some(item.clone())),
                };
                // What is new comes first, for some lists must never be empty.
                found.extend(want.difference(&before).map(|item| one(Op::Add, item)));
                found.extend(before.difference(&want).map(|item| one(Op::Remove, item)));
            }
        }
    }
    Ok(found)
}

/// Gives a path another value.
pub fn replace(path: &str, value: impl Into<String>) -> PatchOperation {
    operation(Op::Replace, path, Some(value.into()))
}

/// Takes away what is at a path.
pub fn remove(path: &str) -> PatchOperation {
    operation(Op::Remove, path, None)
}

fn operation(op: Op, path: &str, value: Option<String>) -> PatchOperation {
    PatchOperation::builder().op(op).path(path).set_value(value).build()
}

fn entries(
    path: &str,
    before: &BTreeMap<String, String>,
    want: &BTreeMap<String, String>,
    new: &Op,
) -> Vec<PatchOperation> {
    let place = |key: &String| format!("{path}/{}", escaped(key));
    let put = want.iter().filter(|(key, value)| before.get(*key) != Some(*value)).map(|(key, value)| {
        let op = if before.contains_key(key) { Op::Replace } else { new.clone() };
        operation(op, &place(key), Some(value.clone()))
    });
    let take = before.keys().filter(|key| !want.contains_key(*key)).map(|key| remove(&place(key)));
    put.chain(take).collect()
}

/// A name as a part of a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn text(document: Option<&Wanted<'_>>, property: &str) -> Option<String> {
    document?.raw(property).map(|value| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    })
}

fn map(document: Option<&Wanted<'_>>, property: &str) -> Result<BTreeMap<String, String>> {
    Ok(document.map(|document| document.map(property)).transpose()?.flatten().unwrap_or_default())
}

fn items(document: Option<&Wanted<'_>>, property: &str) -> Result<BTreeSet<String>> {
    let items = document.map(|document| document.texts(property)).transpose()?.flatten();
    Ok(items.unwrap_or_default().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    const ROWS: &[Row] = &[
        ("Size", "/size", Form::Value(Some(""))),
        ("Mode", "/mode", Form::Value(None)),
        ("Models", "/models", Form::Entries),
        ("Variables", "/variables", Form::Variables),
        ("Types", "/types", Form::Names),
        ("Arns", "/arns", Form::Members),
    ];

    fn patched(before: Json, want: Json) -> Vec<String> {
        let (before, want): (Doc, Doc) = (before.into(), want.into());
        let (before, want) = (Wanted::new("T", &before), Wanted::new("T", &want));
        let operations = between(ROWS, "/at", Some(&before), Some(&want)).unwrap();
        let shown = |operation: &PatchOperation| {
            let op = operation.op().map(Op::as_str).unwrap_or_default();
            format!("{op} {} {}", operation.path().unwrap_or_default(), operation.value().unwrap_or("-"))
        };
        operations.iter().map(shown).collect()
    }

    #[test]
    fn what_is_new_is_put() {
        let want = json!({
            "Size": 5, "Mode": "a", "Models": {"a/b": "M"}, "Variables": {"v": 1}, "Types": ["a/~"], "Arns": ["x"],
        });
        let expected = [
            "replace /at/size 5",
            "replace /at/mode a",
            "add /at/models/a~1b M",
            "replace /at/variables/v 1",
            "add /at/types/a~1~0 -",
            "add /at/arns x",
        ];
        assert_eq!(patched(json!({}), want), expected);
    }

    #[test]
    fn what_is_gone_is_taken_away_or_back_to_where_it_was() {
        let before =
            json!({"Size": 5, "Mode": "a", "Models": {"m": "M"}, "Variables": {"v": 1}, "Types": ["t"], "Arns": ["x"]});
        let expected = [
            "replace /at/size ",
            "remove /at/models/m -",
            "remove /at/variables/v -",
            "remove /at/types/t -",
            "remove /at/arns x",
        ];
        assert_eq!(patched(before, json!({})), expected);
    }

    #[test]
    fn what_stays_is_left_alone() {
        let same = json!({"Size": 5, "Models": {"m": "M"}, "Arns": ["x", "y"]});
        assert!(patched(same.clone(), same).is_empty());
        let (before, want) =
            (json!({"Models": {"m": "M"}, "Arns": ["x"]}), json!({"Models": {"m": "N"}, "Arns": ["y"]}));
        assert_eq!(patched(before, want), ["replace /at/models/m N", "add /at/arns y", "remove /at/arns x"]);
    }
}
