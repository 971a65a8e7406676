//! Which objects can be made again exactly as they were after they have been deleted: what they were made of is known, what
//! others know them by is the name that the stack gave them, and they held nothing else. A replacement that had to delete
//! first can be taken back for these.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::{
    base::{Doc, ObjectId, PhysicalId, secret},
    catalogue::Catalogue,
    state::Object,
};

/// Those of `deleted` that can be made again, with everything of `deleted` that they are made from.
pub(super) fn remakeable(
    before: &BTreeMap<ObjectId, Object>,
    deleted: &BTreeSet<ObjectId>,
    catalogue: &Catalogue,
) -> BTreeSet<ObjectId> {
    let is_possible = |object: &&ObjectId| before.get(*object).is_some_and(|stored| is_whole(stored, catalogue));
    let mut possible = deleted.iter().filter(is_possible).cloned().collect::<BTreeSet<_>>();
    loop {
        let lacks = |object: &&ObjectId| {
            let needs = before.get(*object).map(|stored| &stored.needs).into_iter().flatten();
            needs.filter(|need| deleted.contains(need)).any(|need| !possible.contains(need))
        };
        let Some(without) = possible.iter().find(lacks).cloned() else { return possible };
        possible.remove(&without);
    }
}

fn is_whole(stored: &Object, catalogue: &Catalogue) -> bool {
    let Some(kind) = catalogue.get(&stored.type_name) else { return false };
    let inputs = secret::without_sealed(&stored.inputs);
    let is_named = |id: &PhysicalId| {
        kind.identity(&Doc::from(inputs.clone())).as_ref() == Some(id) || mentions(&inputs, id.0.as_str())
    };
    stored.is_healthy()
        && inputs == stored.inputs
        && !kind.overlay.holds_data
        && stored.id.as_ref().is_some_and(is_named)
}

fn mentions(document: &Json, text: &str) -> bool {
    match document {
        Json::String(found) => found == text,
        Json::Array(items) => items.iter().any(|item| mentions(item, text)),
        Json::Object(map) => map.values().any(|value| mentions(value, text)),
        _ => false,
    }
}
