//! From what the API showed to what the engine asked for: which document is which object, by the catalogue's primary
//! identifier, and which of its properties are attributes.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    base::{Doc, Path, PhysicalId},
    catalogue::Catalogue,
    driver::{Made, Progress},
};

/// The physical id of an object of `type_name`: its primary identifier, joined by `|`.
fn identity(type_name: &str, document: &Doc) -> PhysicalId {
    let parts = Catalogue::embedded().get(type_name).map(|kind| kind.primary_identifier.clone()).unwrap_or_default();
    let part = |path: &Path| path.property().and_then(|name| document.text(name)).unwrap_or_default();
    PhysicalId(parts.iter().map(part).collect::<Vec<_>>().join("|"))
}

/// The physical ids of what was observed.
pub fn identities<T: Into<Doc>>(type_name: &str, observed: impl IntoIterator<Item = T>) -> Vec<PhysicalId> {
    observed.into_iter().map(|document| identity(type_name, &document.into())).collect()
}

/// What was observed, in the order of `ids`; `None` for an id that was not.
pub fn in_order<T: Into<Doc>>(
    type_name: &str,
    ids: &[PhysicalId],
    observed: impl IntoIterator<Item = T>,
) -> Vec<Option<Doc>> {
    let observed = observed.into_iter().map(T::into);
    let by_id: BTreeMap<PhysicalId, Doc> =
        observed.map(|document| (identity(type_name, &document), document)).collect();
    ids.iter().map(|id| by_id.get(id).cloned()).collect()
}

/// The one id that is asked for, for APIs that show one object or all.
pub fn sole(ids: &[PhysicalId]) -> Option<&str> {
    match ids {
        [only] => Some(&only.0),
        _ => None,
    }
}

/// The object that was observed, with the attributes among its properties.
pub fn made(type_name: &str, observed: impl Into<Doc>) -> Made {
    let document: Doc = observed.into();
    let kind = Catalogue::embedded().get(type_name);
    let is_attribute = |name: &str| {
        kind.iter().flat_map(|kind| &kind.read_only).any(|path| path.0.len() == 1 && path.property() == Some(name))
    };
    let attributes = document.0.iter().filter(|(name, _)| is_attribute(name));
    let attributes =
        attributes.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, Json>>();
    Made { id: identity(type_name, &document), attributes: Doc(attributes) }
}

/// An object of which nothing but its id is known.
pub fn only_id(id: &PhysicalId) -> Made {
    Made { id: id.clone(), attributes: Doc::default() }
}

/// Where an object stands: done as soon as the API shows it, for types that have no states.
pub fn visible<T: Into<Doc>>(type_name: &str, so_far: &Made, observed: Option<T>) -> Progress<Made> {
    match observed {
        Some(observed) => Progress::Done(made(type_name, observed)),
        None => pending(so_far, "not visible yet"),
    }
}

/// Where an object stands: not there yet.
pub fn pending(so_far: &Made, note: &str) -> Progress<Made> {
    Progress::Pending { so_far: so_far.clone(), note: note.to_owned() }
}
