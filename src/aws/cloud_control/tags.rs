//! Owner tags inside a document whose type only the catalogue knows: it says which property holds them, and in which form.

use serde_json::{Map, Value as Json, json};

use super::document::joined;
use crate::{
    base::Doc,
    catalogue::{ResourceType, TagShape},
    driver::{Call, TAG_PREFIX, TAG_TOKEN},
};

/// The property that holds the tags, if the type takes any.
pub fn property(kind: &ResourceType) -> Option<&str> {
    kind.tagging.as_ref().map(|tagging| tagging.property.as_str())
}

/// The document of a create, with the owner's tags.
pub fn with_owner(kind: &ResourceType, call: &Call, want: &Doc) -> Doc {
    let mut document = want.clone();
    if let Some(tagging) = &kind.tagging {
        let owner = call.owner.tags().into_iter();
        let owner = match tagging.shape {
            TagShape::List => owner.map(|(key, value)| json!({"Key": key, "Value": value})).collect(),
            TagShape::Map => Json::Object(owner.map(|(key, value)| (key.to_owned(), Json::from(value))).collect()),
        };
        let tags = document.0.get(&tagging.property).map_or_else(|| owner.clone(), |tags| joined(tags, Some(&owner)));
        document.0.insert(tagging.property.clone(), tags);
    }
    document
}

/// What the user would see: without the owner's tags and AWS's own.
pub fn without_owner(kind: &ResourceType, mut live: Doc) -> Doc {
    let Some(property) = property(kind) else { return live };
    let (mine, owners) = match live.0.get(property) {
        Some(tags) => split(tags),
        None => return live,
    };
    if is_empty(&mine) && !is_empty(&owners) {
        live.0.remove(property);
    } else {
        live.0.insert(property.to_owned(), mine);
    }
    live
}

/// The owner's tags among what was shown.
pub fn owners(kind: &ResourceType, live: &Doc) -> Json {
    let tags = property(kind).and_then(|property| live.0.get(property));
    tags.map_or(Json::Null, |tags| split(tags).1)
}

/// Whether the intent of `call` has made the object; of types without tags nobody else is known.
pub fn are_ours(kind: &ResourceType, call: &Call, live: &Doc) -> bool {
    let Some(property) = property(kind) else { return true };
    let token = match live.0.get(property) {
        Some(Json::Array(tags)) => {
            tags.iter().find(|tag| key(tag) == Some(TAG_TOKEN)).and_then(|tag| tag.get("Value")?.as_str())
        }
        Some(Json::Object(tags)) => tags.get(TAG_TOKEN).and_then(Json::as_str),
        _ => None,
    };
    token == Some(call.token().0.as_str())
}

/// The user's tags, and the owner's. AWS's own belong to neither.
fn split(tags: &Json) -> (Json, Json) {
    match tags {
        Json::Array(tags) => {
            let known = tags.iter().filter(|tag| key(tag).is_none_or(|key| !key.starts_with("aws:")));
            let (owners, mine): (Vec<Json>, Vec<Json>) =
                known.cloned().partition(|tag| key(tag).is_some_and(|key| key.starts_with(TAG_PREFIX)));
            (Json::from(mine), Json::from(owners))
        }
        Json::Object(tags) => {
            let known = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
            let (owners, mine): (Map<_, _>, Map<_, _>) = known
                .map(|(key, value)| (key.clone(), value.clone()))
                .partition(|(key, _)| key.starts_with(TAG_PREFIX));
            (Json::Object(mine), Json::Object(owners))
        }
        other => (other.clone(), Json::Null),
    }
}

fn key(tag: &Json) -> Option<&str> {
    tag.get("Key")?.as_str()
}

fn is_empty(tags: &Json) -> bool {
    match tags {
        Json::Array(tags) => tags.is_empty(),
        Json::Object(tags) => tags.is_empty(),
        _ => true,
    }
}
