//! Tags: the user's, with the owner's added on the way in and taken off on the way out.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::{Changed, Wanted};
use crate::driver::{Call, Result, TAG_PREFIX};

/// Where nearly every type keeps its tags.
const TAGS: &str = "Tags";

/// Every tag of a create call: the user's and the owner's.
pub fn all_tags(call: &Call, want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    all_tags_in(TAGS, call, want)
}

/// Every tag of a create call, of a type that keeps the user's under another `property`.
pub fn all_tags_in(property: &str, call: &Call, want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let mut tags = user_tags(property, want)?;
    tags.extend(call.owner.tags().map(|(key, value)| (key.to_owned(), value)));
    Ok(tags)
}

/// Whether a tag is the user's: neither the owner's nor AWS's own.
pub fn is_users(key: &str) -> bool {
    !key.starts_with(TAG_PREFIX) && !key.starts_with("aws:")
}

/// The tags to put on and to take off.
#[derive(Debug, Default, PartialEq)]
pub struct TagChange {
    pub put: BTreeMap<String, String>,
    pub take: Vec<String>,
}

/// What a change does to the user's tags. The owner's stay.
pub fn tag_change(change: &Changed<'_>) -> Result<TagChange> {
    tag_change_in(TAGS, change)
}

/// What a change does to the user's tags, of a type that keeps them under another `property`.
pub fn tag_change_in(property: &str, change: &Changed<'_>) -> Result<TagChange> {
    if !change.touches(property) {
        return Ok(TagChange::default());
    }
    let (mut put, before) = (user_tags(property, &change.want)?, user_tags(property, &change.before)?);
    let take = before.keys().filter(|key| !put.contains_key(*key)).cloned().collect();
    put.retain(|key, value| before.get(key) != Some(value));
    Ok(TagChange { put, take })
}

/// The user's tags among those that the API reported: without the owner's and AWS's own.
pub fn visible_tags<'a>(tags: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Vec<Json> {
    let tags: BTreeMap<&str, &str> =
        tags.filter_map(|(key, value)| Some((key?, value?))).filter(|(key, _)| is_users(key)).collect();
    tags.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

/// The same, for types whose documents have their tags as a map.
pub fn visible_tag_map(tags: impl IntoIterator<Item = (String, String)>) -> Json {
    let tags = tags.into_iter().filter(|(key, _)| is_users(key));
    Json::Object(tags.map(|(key, value)| (key, Json::from(value))).collect())
}

/// The tags that stand in a document, as a list or as a map.
pub fn user_tags(property: &str, document: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    if document.raw(property).is_some_and(Json::is_object) {
        return Ok(document.map(property)?.unwrap_or_default());
    }
    let tag = |tag: &Wanted<'_>| Ok((tag.text("Key")?.unwrap_or_default(), tag.text("Value")?.unwrap_or_default()));
    document.items(property)?.iter().map(tag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Path, PhysicalId},
        driver::Change,
    };

    #[test]
    fn owner_tags_and_the_tags_of_aws_are_not_shown() {
        let tags = [("provision:token", "t"), ("aws:cloudformation:stack-name", "s"), ("Name", "n")];
        let shown = visible_tags(tags.into_iter().map(|(key, value)| (Some(key), Some(value))));
        assert_eq!(shown, [json!({"Key": "Name", "Value": "n"})]);
    }

    #[test]
    fn a_map_of_tags_means_the_same_as_a_list() {
        let change = |before: Json, want: Json| Change {
            id: PhysicalId("id".into()),
            before: before.into(),
            want: want.into(),
            paths: vec![Path::key("Tags")],
        };
        let listed =
            change(json!({"Tags": [{"Key": "a", "Value": "1"}]}), json!({"Tags": [{"Key": "b", "Value": "2"}]}));
        let mapped = change(json!({"Tags": {"a": "1"}}), json!({"Tags": {"b": 2}}));
        let expected =
            TagChange { put: BTreeMap::from([("b".to_owned(), "2".to_owned())]), take: vec!["a".to_owned()] };
        assert_eq!(tag_change(&Changed::new("T", &listed)).unwrap(), expected);
        assert_eq!(tag_change(&Changed::new("T", &mapped)).unwrap(), expected);
        let tags = [("provision:token", "t"), ("aws:x", "s"), ("Name", "n")];
        let shown = visible_tag_map(tags.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(shown, json!({"Name": "n"}));
    }

    #[test]
    fn only_tags_that_differ_are_put_and_taken() {
        let change = Change {
            id: PhysicalId("id".into()),
            before: json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]}).into(),
            want: json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "c", "Value": "1"}]}).into(),
            paths: vec!["Tags[1].Key".parse::<Path>().unwrap()],
        };
        let change = tag_change(&Changed::new("T", &change)).unwrap();
        let put = BTreeMap::from([("c".to_owned(), "1".to_owned())]);
        assert_eq!(change, TagChange { put, take: vec!["b".to_owned()] });
    }
}
