//! Where two values differ, as finely as people want to see it: of a list, the items that come, go or change, and of an item
//! that changes, what changes in it. A list that is shown whole is cut off before the part that matters.

use std::collections::BTreeSet;

use super::values::Shown;
use crate::base::{Path, Segment};

/// A place with what was there and what will be; `None` if there is nothing.
pub type Place = (Path, Option<String>, Option<String>);

/// What items of lists are told apart by, in AWS's spellings.
const NAMES: [&str; 8] = ["Key", "Name", "PolicyName", "RuleName", "Sid", "Id", "RuleId", "Type"];

/// The places at and below `path` where two values differ; the whole if it cannot be seen in what they differ.
pub fn places(path: &Path, before: Option<&Shown>, after: Option<&Shown>) -> Vec<Place> {
    let mut found = Vec::new();
    collect(path, before, after, &mut found);
    if found.is_empty() {
        found.push(whole(path, before, after));
    }
    found
}

fn whole(path: &Path, before: Option<&Shown>, after: Option<&Shown>) -> Place {
    (path.clone(), before.map(Shown::to_string), after.map(Shown::to_string))
}

fn collect(path: &Path, before: Option<&Shown>, after: Option<&Shown>, found: &mut Vec<Place>) {
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Shown::Map(before)), Some(Shown::Map(after))) => {
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                collect(&path.join(Segment::Key(key.clone())), before.get(key), after.get(key), found);
            }
        }
        (Some(Shown::List(before)), Some(Shown::List(after))) => list(path, before, after, found),
        _ => found.push(whole(path, before, after)),
    }
}

fn list(path: &Path, before: &[Shown], after: &[Shown], found: &mut Vec<Place>) {
    let mut going = before.iter().enumerate().collect::<Vec<_>>();
    let mut coming = Vec::new();
    for (at, item) in after.iter().enumerate() {
        match going.iter().position(|(_, former)| *former == item) {
            Some(same) => drop(going.remove(same)),
            None => coming.push((at, item)),
        }
    }
    let (is_one, is_even) = (going.len() == 1 && coming.len() == 1, going.len() == coming.len());
    for (at, item) in coming {
        // Without names, and as many of them as before, it is the same ones that have changed.
        let is_same = |former: &Shown| name(former) == name(item) && (is_even || name(item).is_some());
        let former = going.iter().position(|(_, former)| is_one || is_same(former));
        let former = former.map(|former| going.remove(former).1);
        one(&path.join(label(at, item)), former, Some(item), found);
    }
    for (at, item) in going {
        one(&path.join(label(at, item)), Some(item), None, found);
    }
}

/// Of a tag, the value is all there is to see: its key is in the path.
fn one(path: &Path, before: Option<&Shown>, after: Option<&Shown>, found: &mut Vec<Place>) {
    match (before.map(tag), after.map(tag)) {
        (Some(None), _) | (_, Some(None)) => collect(path, before, after, found),
        (before, after) => collect(path, before.flatten(), after.flatten(), found),
    }
}

fn tag(item: &Shown) -> Option<&Shown> {
    let Shown::Map(map) = item else { return None };
    map.get("Value").filter(|_| map.len() == 2 && map.contains_key("Key"))
}

fn name(item: &Shown) -> Option<&str> {
    let Shown::Map(map) = item else { return None };
    let name = NAMES.iter().find_map(|name| match map.get(*name) {
        Some(Shown::Leaf(text)) => text.strip_prefix('"')?.strip_suffix('"'),
        _ => None,
    });
    name.filter(|name| !name.is_empty())
}

fn label(at: usize, item: &Shown) -> Segment {
    name(item).map_or(Segment::Index(at), |name| Segment::Key(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn shown(before: &Json, after: &Json) -> Vec<String> {
        let side = |side: Option<String>| side.unwrap_or_else(|| "(none)".to_owned());
        let found = places(&Path::key("P"), Some(&before.into()), Some(&after.into()));
        found.into_iter().map(|(path, before, after)| format!("{path}: {} → {}", side(before), side(after))).collect()
    }

    #[test]
    fn of_tags_only_those_that_differ_are_shown() {
        let tags = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Json>()
        };
        let found = shown(&tags(&[("a", "1"), ("b", "2"), ("c", "3")]), &tags(&[("c", "4"), ("d", "5"), ("a", "1")]));
        assert_eq!(found, [r#"P.c: "3" → "4""#, r#"P.d: (none) → "5""#, r#"P.b: "2" → (none)"#]);
    }

    #[test]
    fn of_a_list_what_comes_and_goes_is_shown_and_what_changes_in_an_item() {
        assert_eq!(
            shown(&json!([1, 2]), &json!([2, 3, 4])),
            ["P[1]: (none) → 3", "P[2]: (none) → 4", "P[0]: 1 → (none)"]
        );
        let rule = |port: u16, from: &str| json!({"Port": port, "From": from});
        let found = shown(&json!([rule(1, "a"), rule(2, "b")]), &json!([rule(2, "c"), rule(1, "a")]));
        assert_eq!(found, [r#"P[0].From: "b" → "c""#]);
        let found = shown(&json!([rule(1, "a"), rule(2, "a")]), &json!([rule(1, "b"), rule(2, "b")]));
        assert_eq!(found, [r#"P[0].From: "a" → "b""#, r#"P[1].From: "a" → "b""#]);
        let policy = |name: &str, action: &str| json!({"PolicyName": name, "Statement": [{"Action": action}]});
        let found = shown(&json!([policy("x", "a"), policy("y", "b")]), &json!([policy("y", "c"), policy("x", "d")]));
        assert_eq!(found, [r#"P.y.Statement[0].Action: "b" → "c""#, r#"P.x.Statement[0].Action: "a" → "d""#]);
    }

    #[test]
    fn what_looks_the_same_is_shown_whole() {
        let secret = |digest: &str| json!([{"Word": {"$sealed": digest}}]);
        assert_eq!(shown(&secret("x"), &secret("y")), ["P: [{Word: (sensitive)}] → [{Word: (sensitive)}]"]);
        assert_eq!(shown(&json!(2.0), &json!(4)), ["P: 2 → 4"]);
    }
}
