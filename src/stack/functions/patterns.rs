//! Regular expressions. Their size is bounded, so that no pattern takes the process's memory; matching is linear in the text.

use regex::{Captures, Regex, RegexBuilder};

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("regex", (2, Some(2)), "`regex(pattern, text)`: the first match: a text, or its groups", |call| {
        let (pattern, text) = (pattern(call)?, call.text(1)?);
        let found = pattern.captures(&text).ok_or_else(|| Problem::at(1, "the pattern does not match"))?;
        groups(&pattern, &found)
    }),
    whole("regexall", (2, Some(2)), "`regexall(pattern, text)`: every match", |call| {
        let (pattern, text) = (pattern(call)?, call.text(1)?);
        pattern.captures_iter(&text).map(|found| groups(&pattern, &found)).collect::<Result<_, _>>().map(Value::List)
    }),
    whole("replace", (3, Some(3)), "`replace(text, part, by)`: every occurrence; `/…/` is a pattern", |call| {
        let (text, part, by) = (call.text(0)?, call.text(1)?, call.text(2)?);
        let inner = part.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        Ok(Value::String(match inner {
            Some(inner) => compile(inner, 1)?.replace_all(&text, by.as_str()).into_owned(),
            None => text.replace(&part, &by),
        }))
    }),
];

fn pattern(call: &Arguments) -> Result<Regex, Problem> {
    compile(&call.text(0)?, 0)
}

fn compile(pattern: &str, position: usize) -> Result<Regex, Problem> {
    const BYTES: usize = 1 << 20;
    RegexBuilder::new(pattern).size_limit(BYTES).nest_limit(64).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Problem::at(position, "this pattern is too large"),
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Problem::at(position, format!("this is not a regular expression: {reason}"))
        }
    })
}

/// The whole match, the list of its groups, or the map of its named groups. A group that took no part is null.
fn groups(pattern: &Regex, found: &Captures) -> Outcome {
    let text = |group: Option<regex::Match>| group.map_or(Value::Null, |group| Value::text(group.as_str()));
    let named = pattern.capture_names().flatten().count();
    match pattern.captures_len() - 1 {
        0 => Ok(text(found.get(0))),
        all if named == all => {
            let names = pattern.capture_names().flatten();
            Ok(Value::Map(names.map(|name| (name.to_owned(), text(found.name(name)))).collect()))
        }
        _ if named == 0 => Ok(Value::List(found.iter().skip(1).map(text).collect())),
        _ => Err(Problem::at(0, "either every group of a pattern has a name, or none has")),
    }
}
