//! From one type to another, said explicitly. Null stays null.

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    convert::{self, kind},
    parts, sets, whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("tobool", (1, Some(1)), "`tobool(value)`: true or false", |call| {
        primitive(call, "true or false", |value| convert::to_bool(value).map(Value::Bool))
    }),
    parts("tolist", (1, Some(1)), "`tolist(value)`: a list", |call| match call.get(0) {
        Value::Null => Ok(Value::Null),
        _ => Ok(Value::List(call.list(0)?.to_vec())),
    }),
    parts("tomap", (1, Some(1)), "`tomap(value)`: a map", |call| match call.get(0) {
        Value::Null => Ok(Value::Null),
        _ => Ok(Value::Map(call.map(0)?.clone())),
    }),
    whole("tonumber", (1, Some(1)), "`tonumber(value)`: a number", |call| {
        primitive(call, "a number", |value| convert::to_number(value).map(Value::Number))
    }),
    whole("toset", (1, Some(1)), "`toset(list)`: each element once, in order", |call| match call.get(0) {
        Value::Null => Ok(Value::Null),
        _ => Ok(sets::set(call.list(0)?.to_vec())),
    }),
    whole("tostring", (1, Some(1)), "`tostring(value)`: a text", |call| {
        primitive(call, "a text", |value| convert::to_text(value).map(Value::String))
    }),
];

fn primitive(call: &Arguments, what: &str, convert: impl Fn(&Value) -> Option<Value>) -> Outcome {
    match call.get(0) {
        Value::Null => Ok(Value::Null),
        value => convert(value).ok_or_else(|| Problem::at(0, format!("{} cannot become {what}", kind(value)))),
    }
}
