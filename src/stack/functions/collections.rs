//! Functions of maps, and of lists and maps alike.

use std::collections::BTreeMap;

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    convert::{self, kind},
    parts,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    parts("keys", (1, Some(1)), "`keys(map)`: its keys, in order", |call| {
        Ok(Value::List(call.map(0)?.keys().map(Value::text).collect()))
    }),
    parts("length", (1, Some(1)), "`length(value)`: of a list, a map or a text", length),
    parts("lookup", (2, Some(3)), "`lookup(map, key, default)`: the value of a key", lookup),
    parts("merge", (0, None), "`merge(map, …)`: all their entries; later maps win", merge),
    parts("values", (1, Some(1)), "`values(map)`: its values, in the order of the keys", |call| {
        Ok(Value::List(call.map(0)?.values().cloned().collect()))
    }),
    parts("zipmap", (2, Some(2)), "`zipmap(keys, values)`: a map from two lists", zipmap),
];

fn length(call: &Arguments) -> Outcome {
    let length = match call.get(0) {
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(Problem::at(0, format!("a list, a map or a text is needed, not {}", kind(other)))),
    };
    Ok(Value::Number(length.into()))
}

fn lookup(call: &Arguments) -> Outcome {
    let (map, key) = (call.map(0)?, call.text(1)?);
    match map.get(&key) {
        Some(found) => Ok(found.clone()),
        None if call.has(2) => Ok(call.get(2).clone()),
        None => Err(Problem::at(1, format!("there is no key `{key}`, and no default"))),
    }
}

fn merge(call: &Arguments) -> Outcome {
    let mut merged = BTreeMap::new();
    for position in 0..call.count() {
        if *call.get(position) != Value::Null {
            merged.extend(call.map(position)?.clone());
        }
    }
    Ok(Value::Map(merged))
}

fn zipmap(call: &Arguments) -> Outcome {
    let (keys, values) = (call.list(0)?, call.list(1)?);
    if keys.len() != values.len() {
        let message = format!("there are {} keys and {} values", keys.len(), values.len());
        return Err(Problem::at(1, message));
    }
    if !keys.iter().all(Value::is_known) {
        return Err(Problem::NotKnown);
    }
    let sensitive = keys.iter().any(Value::has_sensitive);
    let keys = keys
        .iter()
        .map(Value::revealed)
        .map(|key| convert::to_text(key).ok_or_else(|| Problem::at(0, format!("a key is a text, not {}", kind(key)))));
    let keys: Vec<String> = keys.collect::<Result<_, _>>()?;
    let map = Value::Map(keys.into_iter().zip(values.iter().cloned()).collect());
    Ok(if sensitive { map.sensitive() } else { map })
}
