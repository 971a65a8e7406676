//! What somebody else has changed: how it is written down, and which of it was accepted and still holds.
//!
//! An acceptance holds as long as the file says what it overruled and AWS reports what was accepted. Then everything that is
//! compared with AWS or sent to it carries the accepted value, and the record keeps what the file says.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    compare::{Against, Comparison},
    world::World,
};
use crate::{
    base::{
        ObjectId, Path, Value,
        diff::{Scope, diff_at},
        secret,
    },
    catalogue::ResourceType,
    state::Deviation,
};

/// A resource as it should be, with what was accepted of it.
pub(super) struct Standing {
    /// As the file says, or as was accepted.
    pub(super) want: BTreeMap<String, Value>,
    /// What was accepted and still holds.
    pub(super) accepted: Vec<Deviation>,
    /// Where it does not hold any more.
    pub(super) lapsed: Vec<Path>,
    /// Where only a digest of it is known, because nothing was read: `want` has the file's value there.
    pub(super) unread: Option<Path>,
}

/// What of an object may stay other than the file says. Where nothing was read, AWS counts as unchanged.
pub(super) fn standing(
    world: &World<'_>,
    resource_type: &ResourceType,
    want: &BTreeMap<String, Value>,
    object: &ObjectId,
) -> Standing {
    let live = live(world, object);
    let said = Value::Map(want.clone());
    let mut should = said.clone();
    let (mut accepted, mut lapsed, mut unread) = (Vec::new(), Vec::new(), None);
    let known = world.objects.get(object).map(|stored| stored.accepted.as_slice()).unwrap_or_default();
    for deviation in known {
        let path = &deviation.path;
        let now = live.as_ref().map(|live| path.get(live).unwrap_or(&Json::Null));
        let comparison = |against| Comparison { resource_type, seal: &world.seal, against };
        let file = said.at(&path.0).unwrap_or(&Value::Null);
        let is_said = diff_at(path, file, &deviation.wanted, Scope::Both, &comparison(Against::Applied)).is_empty();
        let clear = in_clear(&deviation.live);
        let is_live = now.is_none_or(|now| match &clear {
            Some(clear) => diff_at(path, clear, now, Scope::Wanted, &comparison(Against::Live)).is_empty(),
            None => world.seal.matches(&deviation.live, &now.clone().into()),
        });
        if !(is_said && is_live) {
            lapsed.push(path.clone());
            continue;
        }
        accepted.push(deviation.clone());
        match (clear, now) {
            (Some(clear), _) => should.put(&path.0, clear),
            (None, Some(now)) => should.put(&path.0, Value::from(now.clone()).sensitive()),
            (None, None) => unread = Some(path.clone()),
        }
    }
    let want = if let Value::Map(map) = should { map } else { want.clone() };
    Standing { want, accepted, lapsed, unread }
}

fn live(world: &World<'_>, object: &ObjectId) -> Option<Json> {
    world.live(object).flatten().map(|doc| Json::Object(doc.0.clone()))
}

/// A sealed document that holds no digest.
fn in_clear(document: &Json) -> Option<Value> {
    let clear = secret::without_sealed(document);
    (clear == *document).then(|| clear.into())
}

/// Both values at each of the paths, sealed: what the file says, and what AWS reports.
pub(super) fn deviations<'p>(
    world: &World<'_>,
    resource_type: &ResourceType,
    want: &BTreeMap<String, Value>,
    object: &ObjectId,
    paths: impl Iterator<Item = &'p Path>,
) -> Vec<Deviation> {
    let mut paths = paths.peekable();
    let (Some(live), Some(_)) = (live(world, object), paths.peek()) else { return Vec::new() };
    let want = Value::Map(want.clone());
    let mut sensitive = secret::sensitive_paths(&want);
    sensitive.extend(resource_type.write_only.iter().cloned());
    let (want, live) = (world.seal.seal(&want, &resource_type.secrets), world.seal.seal_document(&live, &sensitive));
    let mut found = BTreeMap::new();
    for path in paths {
        let path = secret::visible(&live, &secret::visible(&want, path));
        let at = |document| path.get(document).cloned().unwrap_or(Json::Null);
        let (wanted, live) = (at(&want), at(&live));
        let is_hidden = secret::is_sealed(&wanted) || secret::is_sealed(&live);
        // What is secret on one side may be so on the other.
        let hidden = |value: Json| match is_hidden && !value.is_null() && !secret::is_sealed(&value) {
            true => world.seal.seal(&Value::from(value).sensitive(), &[]),
            false => value,
        };
        found.insert(path.clone(), Deviation { path: path.clone(), wanted: hidden(wanted), live: hidden(live) });
    }
    found.into_values().collect()
}
