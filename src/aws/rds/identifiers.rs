//! Identifiers and filters. RDS keeps identifiers in lower case only, however they are written.

use aws_sdk_rds::types::Filter;

use crate::{
    aws::convert::Wanted,
    base::{Doc, PhysicalId},
    driver::Result,
};

/// An identifier as RDS keeps it.
pub fn identifier(want: &Wanted<'_>, property: &str) -> Result<Option<String>> {
    Ok(want.text::<String>(property)?.map(|text| text.to_lowercase()))
}

/// The identifier under which `want` would be found; without one, nothing can be.
pub fn wanted_id(want: &Doc, property: &str) -> Vec<PhysicalId> {
    want.text(property).map(|text| PhysicalId(text.to_lowercase())).into_iter().collect()
}

/// Physical ids as RDS keeps them.
pub fn lowered(ids: &[PhysicalId]) -> Vec<PhysicalId> {
    ids.iter().map(|id| PhysicalId(id.0.to_lowercase())).collect()
}

/// Objects with one of these ids under `name`. They are asked for by filter and not by id, because RDS takes only one id and
/// refuses one that does not exist, and leaves out what a filter does not find.
pub fn by_ids(name: &str, ids: &[PhysicalId]) -> Vec<Filter> {
    filter(name, ids.iter().map(|id| id.0.to_lowercase()))
}

/// Objects whose `name` is one of `values`.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Vec<Filter> {
    let values = values.into_iter().map(Into::into).collect();
    vec![Filter::builder().name(name).set_values(Some(values)).build()]
}

/// The one id of a request for one object; `None` if all or several are asked for, which RDS can only be asked for by
/// listing all, where it has no filter.
pub fn only(ids: &[PhysicalId]) -> Option<String> {
    match ids {
        [id] => Some(id.0.to_lowercase()),
        _ => None,
    }
}
