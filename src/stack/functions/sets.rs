//! Sets: lists that hold each element once, in order.

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    convert::order,
    parts, whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("setintersection", (1, None), "`setintersection(set, …)`: what is in all of them", |call| {
        combine(call, |kept, other| kept.retain(|item| holds(other, item)))
    }),
    parts("setproduct", (1, None), "`setproduct(list, …)`: every combination of their elements", product),
    whole("setsubtract", (2, Some(2)), "`setsubtract(set, other)`: what is in the first only", |call| {
        combine(call, |kept, other| kept.retain(|item| !holds(other, item)))
    }),
    whole("setunion", (1, None), "`setunion(set, …)`: what is in any of them", |call| {
        combine(call, |kept, other| kept.extend_from_slice(other))
    }),
];

/// The elements in order, each once.
pub(super) fn set(items: Vec<Value>) -> Value {
    Value::List(ordered(items))
}

fn ordered(mut items: Vec<Value>) -> Vec<Value> {
    items.sort_by(order);
    items.dedup_by(|a, b| order(a, b).is_eq());
    items
}

fn holds(set: &[Value], item: &Value) -> bool {
    set.binary_search_by(|other| order(other, item)).is_ok()
}

fn combine(call: &Arguments, step: impl Fn(&mut Vec<Value>, &[Value])) -> Outcome {
    let mut kept = ordered(call.list(0)?.to_vec());
    for position in 1..call.count() {
        step(&mut kept, &ordered(call.list(position)?.to_vec()));
    }
    Ok(set(kept))
}

fn product(call: &Arguments) -> Outcome {
    const MOST: usize = 100_000;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for position in 0..call.count() {
        let items = call.list(position)?;
        if rows.len().saturating_mul(items.len()) > MOST {
            return Err(Problem::at(position, format!("there would be more than {MOST} combinations")));
        }
        let extend = |row: &Vec<Value>, item: &Value| row.iter().cloned().chain([item.clone()]).collect();
        rows = rows.iter().flat_map(|row| items.iter().map(move |item| extend(row, item))).collect();
    }
    Ok(Value::List(rows.into_iter().map(Value::List).collect()))
}
