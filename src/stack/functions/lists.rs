//! Functions of lists.

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    convert::{self, equal, kind},
    parts, whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("alltrue", (1, Some(1)), "`alltrue(list)`: whether every element is true", |call| {
        flags(call).map(|flags| Value::Bool(!flags.contains(&false)))
    }),
    whole("anytrue", (1, Some(1)), "`anytrue(list)`: whether an element is true", |call| {
        flags(call).map(|flags| Value::Bool(flags.contains(&true)))
    }),
    parts("chunklist", (2, Some(2)), "`chunklist(list, size)`: in lists of that size", |call| {
        let (items, size) = (call.list(0)?, call.size(1)?);
        let size = if size == 0 { items.len().max(1) } else { size };
        Ok(Value::List(items.chunks(size).map(|chunk| Value::List(chunk.to_vec())).collect()))
    }),
    parts("coalescelist", (1, None), "`coalescelist(list, …)`: the first that is not empty", |call| {
        for position in 0..call.count() {
            if *call.get(position) != Value::Null && !call.list(position)?.is_empty() {
                return Ok(call.get(position).clone());
            }
        }
        Err(Problem::new("every list is empty"))
    }),
    whole("compact", (1, Some(1)), "`compact(list)`: without null and empty texts", |call| {
        let is_missing = |item: &&Value| **item != Value::Null && **item != Value::text("");
        Ok(Value::List(call.list(0)?.iter().filter(is_missing).cloned().collect()))
    }),
    parts("concat", (0, None), "`concat(list, …)`: one after the other", |call| {
        let lists = (0..call.count()).map(|position| call.list(position));
        let lists: Vec<_> = lists.collect::<Result<_, _>>()?;
        Ok(Value::List(lists.into_iter().flatten().cloned().collect()))
    }),
    whole("contains", (2, Some(2)), "`contains(list, value)`: whether it is in there", |call| {
        Ok(Value::Bool(call.list(0)?.iter().any(|item| equal(item, call.get(1)))))
    }),
    whole("distinct", (1, Some(1)), "`distinct(list)`: each element once, where it stands first", distinct),
    parts("element", (2, Some(2)), "`element(list, index)`: counted around and around", element),
    parts("flatten", (1, Some(1)), "`flatten(list)`: with the elements of the lists in it", |call| {
        let mut flat = Vec::new();
        flatten(call.list(0)?, false, &mut flat)?;
        Ok(Value::List(flat))
    }),
    whole("index", (2, Some(2)), "`index(list, value)`: where it stands first", |call| {
        let found = call.list(0)?.iter().position(|item| equal(item, call.get(1)));
        found.map(|at| Value::Number(at.into())).ok_or_else(|| Problem::at(1, "this value is not in the list"))
    }),
    parts("one", (1, Some(1)), "`one(list)`: its only element, or null", |call| match call.list(0)? {
        [] => Ok(Value::Null),
        [only] => Ok(only.clone()),
        items => {
            Err(Problem::at(0, format!("a list with at most one element is needed, and this has {}", items.len())))
        }
    }),
    parts("reverse", (1, Some(1)), "`reverse(list)`: the last first", |call| {
        Ok(Value::List(call.list(0)?.iter().rev().cloned().collect()))
    }),
    parts("slice", (3, Some(3)), "`slice(list, start, end)`: the elements from start to before end", |call| {
        let (items, start, end) = (call.list(0)?, call.size(1)?, call.size(2)?);
        let part = items.get(start..end).ok_or_else(|| {
            let message = format!("{start} to {end} is not a part of a list of {}", items.len());
            Problem::at(if end > items.len() { 2 } else { 1 }, message)
        });
        Ok(Value::List(part?.to_vec()))
    }),
    whole("sort", (1, Some(1)), "`sort(list)`: texts by the order of their characters", |call| {
        let mut texts = call.texts(0)?;
        texts.sort();
        Ok(Value::List(texts.into_iter().map(Value::String).collect()))
    }),
];

fn flags(call: &Arguments) -> Result<Vec<bool>, Problem> {
    let flags = call.list(0)?.iter().map(|item| match item {
        Value::Null => Ok(false),
        other => convert::to_bool(other)
            .ok_or_else(|| Problem::at(0, format!("every element is true or false, and one is {}", kind(other)))),
    });
    flags.collect()
}

fn distinct(call: &Arguments) -> Outcome {
    let items = call.list(0)?;
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by(|a, b| convert::order(&items[*a], &items[*b]).then(a.cmp(b)));
    places.dedup_by(|later, first| convert::order(&items[*later], &items[*first]).is_eq());
    places.sort_unstable();
    Ok(Value::List(places.into_iter().map(|at| items[at].clone()).collect()))
}

fn element(call: &Arguments) -> Outcome {
    let (items, index) = (call.list(0)?, call.whole(1)?);
    let length = i128::try_from(items.len()).unwrap_or(i128::MAX);
    let at = index.checked_rem_euclid(length).and_then(|at| usize::try_from(at).ok());
    let found = at.and_then(|at| items.get(at)).cloned();
    found.ok_or_else(|| Problem::at(0, "an empty list has no elements"))
}

fn flatten(items: &[Value], sensitive: bool, flat: &mut Vec<Value>) -> Result<(), Problem> {
    for item in items {
        let secret = sensitive || matches!(item, Value::Sensitive(_));
        match item.revealed() {
            Value::List(inner) => flatten(inner, secret, flat)?,
            Value::Unknown(_) => return Err(Problem::NotKnown),
            other if secret => flat.push(other.clone().sensitive()),
            other => flat.push(other.clone()),
        }
    }
    Ok(())
}
