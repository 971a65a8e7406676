//! The words of every problem. No value that is sensitive is ever put into them.

use super::{Place, Problem};
use crate::{
    base::Value,
    catalogue::{
        node::{Kind, Node},
        resource_type::ResourceType,
        scalar,
    },
};

/// How many words a help lists before it only counts.
const LISTED: usize = 12;

fn problem(place: &Place, rule: &'static str, message: String) -> Problem {
    Problem { path: place.path.clone(), rule, message, help: Vec::new(), at_key: false }
}

impl Problem {
    fn helped(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    fn at_key(mut self) -> Self {
        self.at_key = true;
        self
    }
}

/// The place as a message names it.
fn name(place: &Place) -> String {
    if place.path.0.is_empty() { format!("`{}`", place.type_name) } else { format!("`{}`", place.path) }
}

/// The value as a message shows it.
fn shown(text: &str, place: &Place) -> String {
    if place.masked {
        return "this sensitive value".to_owned();
    }
    let mut short: String = text.chars().take(60).filter(|c| !c.is_control()).collect();
    if text.chars().count() > 60 {
        short.push('…');
    }
    format!("`{short}`")
}

fn words<'a>(list: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let quoted: Vec<String> = list.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((end, start)) if !start.is_empty() => format!("{} {last} {end}", start.join(", ")),
        Some((end, _)) => end.clone(),
        None => String::new(),
    }
}

pub(super) fn unknown_property(resource: &ResourceType, key: &str, known: &[&str], place: &Place) -> Problem {
    let owner = match place.path.0.as_slice() {
        [_] => format!("`{}`", resource.name),
        [above @ .., _] => format!("`{}`", crate::base::Path(above.to_vec())),
        [] => String::new(),
    };
    let help = match scalar::nearest(key, known.iter().copied()) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None if known.is_empty() => None,
        None if known.len() <= LISTED => Some(format!("it has {}", words(known.iter().copied(), "and"))),
        None => Some(format!("`provision schema {}` lists all of them", resource.name)),
    };
    problem(place, "unknown-property", format!("{owner} has no property `{key}`")).helped(help).at_key()
}

pub(super) fn read_only(resource: &ResourceType, place: &Place) -> Problem {
    let help = format!("remove it; other resources may refer to it as `${{name.{}}}`", place.path);
    let message = format!("{} is an attribute of `{}`: AWS sets it, a stack cannot", name(place), resource.name);
    problem(place, "read-only", message).helped(Some(help)).at_key()
}

pub(super) fn missing(key: &str, place: &Place) -> Problem {
    let message = format!("{} needs `{key}`", name(place));
    problem(place, "missing-required", message).at_key()
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Array => "a list",
        Kind::Boolean => "true or false",
        Kind::Integer => "a whole number",
        Kind::Null => "null",
        Kind::Number => "a number",
        Kind::Object => "a map",
        Kind::String => "text",
    }
}

pub(super) fn wrong_type(node: &Node, value: &Value, place: &Place) -> Problem {
    let wanted: Vec<&str> =
        node.kinds.iter().filter(|kind| **kind != Kind::Null).map(|kind| kind_word(*kind)).collect();
    let found = match value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        other => match super::plain(other).as_ref().and_then(scalar::text) {
            Some(text) => shown(&text, place),
            None => "this".to_owned(),
        },
    };
    let help = match value {
        Value::String(_) | Value::Number(_) | Value::Map(_) if node.kinds == [Kind::Array] => {
            Some(format!("a list of one is written `{}: […]`", last_key(place)))
        }
        Value::List(items) if items.len() == 1 && !node.kinds.contains(&Kind::Array) => {
            Some("leave the brackets or the dash away".to_owned())
        }
        _ => None,
    };
    problem(place, "wrong-type", format!("{} must be {}, not {found}", name(place), wanted.join(" or "))).helped(help)
}

fn last_key(place: &Place) -> String {
    let keys = place.path.0.iter().rev().filter_map(|segment| match segment {
        crate::base::Segment::Key(key) => Some(key.clone()),
        _ => None,
    });
    keys.take(1).next().unwrap_or_default()
}

pub(super) fn not_allowed(text: &str, allowed: &[String], place: &Place) -> Problem {
    let lower = text.to_lowercase();
    let mut sorted: Vec<&str> = allowed.iter().map(String::as_str).collect();
    sorted.sort_by_cached_key(|word| strsim::damerau_levenshtein(&lower, &word.to_lowercase()));
    sorted.dedup();
    let rest = sorted.len().saturating_sub(LISTED);
    let listed = sorted.iter().copied().take(LISTED);
    let help = match (sorted.len(), rest) {
        (1, _) => format!("it must be {}", words(listed, "or")),
        (_, 0) => format!("allowed are {}", words(listed, "and")),
        _ => format!("allowed are {} and {rest} more", words(listed, ",").replace(" , ", ", ")),
    };
    problem(place, "bad-enum", format!("{} cannot be {}", name(place), shown(text, place))).helped(Some(help))
}

pub(super) fn bad_pattern(node: &Node, text: &str, place: &Place) -> Problem {
    let pattern = node.pattern.as_ref().map_or("", |pattern| pattern.text.as_str());
    let message = format!("{} cannot be {}", name(place), shown(text, place));
    problem(place, "bad-pattern", message).helped(Some(format!("it must match `{pattern}`")))
}

fn bounds<T: std::fmt::Display + PartialEq>(low: Option<T>, high: Option<T>) -> String {
    match (low, high) {
        (Some(low), Some(high)) if low == high => format!("exactly {low}"),
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => String::new(),
    }
}

pub(super) fn count(what: &str, count: u64, low: Option<u64>, high: Option<u64>, place: &Place) -> Problem {
    let message = format!("{} takes {} {what}s, not {count}", name(place), bounds(low.filter(|low| *low > 0), high));
    problem(place, "out-of-range", message)
}

pub(super) fn length(length: u64, low: Option<u64>, high: Option<u64>, place: &Place) -> Problem {
    let message =
        format!("{} takes {} characters, not {length}", name(place), bounds(low.filter(|low| *low > 0), high));
    problem(place, "out-of-range", message)
}

pub(super) fn range(node: &Node, text: &str, place: &Place) -> Problem {
    let low = node.minimum.or(node.exclusive_minimum);
    let high = node.maximum.or(node.exclusive_maximum);
    let unit = node.multiple_of.map(|unit| format!("a multiple of {unit}"));
    let limits = Some(bounds(low, high)).filter(|limits| !limits.is_empty());
    let wanted: Vec<String> = limits.into_iter().chain(unit).collect();
    problem(
        place,
        "out-of-range",
        format!("{} must be {}, not {}", name(place), wanted.join(" and "), shown(text, place)),
    )
}

pub(super) fn repeated(what: &str, first: usize, place: &Place) -> Problem {
    let message = match what {
        "item" => format!("{} repeats item {first} of the list", name(place)),
        key => format!("{} has the same `{key}` as item {first} of the list", name(place)),
    };
    problem(place, "invalid-value", message)
}

pub(super) fn one_of_missing(groups: &[&[String]], place: &Place) -> Problem {
    let message = format!("{} needs {}", name(place), alternatives(groups));
    problem(place, "missing-required", message).at_key()
}

pub(super) fn only_one_of(groups: &[&[String]], value: &Value, place: &Place) -> Problem {
    let given = |key: &&String| matches!(value.revealed(), Value::Map(map) if map.get(*key).is_some_and(|value| !matches!(value, Value::Null)));
    let mut present: Vec<&str> = groups.iter().copied().flatten().filter(given).map(String::as_str).collect();
    present.sort_unstable();
    present.dedup();
    let message = format!("{} takes only one of {}", name(place), words(present, "and"));
    problem(place, "invalid-value", message).at_key()
}

fn alternatives(groups: &[&[String]]) -> String {
    let each: Vec<String> = groups.iter().map(|group| words(group.iter().map(String::as_str), "and")).collect();
    each.join(", or ").replacen(", or ", if each.len() == 2 { " or " } else { ", or " }, 1)
}

pub(super) fn needs(key: &str, other: &str, place: &Place) -> Problem {
    problem(place, "missing-required", format!("`{key}` in {} needs `{other}` beside it", name(place))).at_key()
}

pub(super) fn excludes(key: &str, other: &str, place: &Place) -> Problem {
    problem(place, "invalid-value", format!("{} takes `{key}` or `{other}`, not both", name(place))).at_key()
}

pub(super) fn refused(node: &Node, value: &Value, place: &Place) -> Problem {
    let text = super::plain(value).as_ref().and_then(scalar::text);
    let message = match text {
        Some(text) => format!("{} cannot be {}", name(place), shown(&text, place)),
        None if !node.required.is_empty() => {
            format!("{} cannot have {} here", name(place), words(node.required.iter().map(String::as_str), "and"))
        }
        None => format!("{} cannot have this combination of values", name(place)),
    };
    problem(place, "invalid-value", message)
}

pub(super) fn invalid(place: &Place, text: &str, wanted: &str, help: Option<String>) -> Problem {
    problem(place, "invalid-value", format!("{} must be {wanted}, not {}", name(place), shown(text, place)))
        .helped(help)
}
