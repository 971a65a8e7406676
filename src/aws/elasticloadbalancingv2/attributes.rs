//! Lists of attributes, each a key and a value. A stack names only some of them, and AWS reports all: those that it does
//! not name stay as they are (`partial` in the overlay).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::{
    aws::convert::{Changed, Wanted},
    driver::Result,
};

/// The attributes below `property` that a change gives another value.
pub fn changed(change: &Changed<'_>, property: &str) -> Result<Vec<(String, String)>> {
    if !change.touches(property) {
        return Ok(Vec::new());
    }
    let (want, before) = (by_key(&change.want, property)?, by_key(&change.before, property)?);
    Ok(want.into_iter().filter(|(key, value)| before.get(key) != Some(value)).collect())
}

/// The attributes as the API reports them.
pub fn observed<'a>(attributes: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Vec<Json> {
    let attributes: BTreeMap<&str, &str> = attributes.filter_map(|(key, value)| Some((key?, value?))).collect();
    attributes.into_iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

fn by_key(document: &Wanted<'_>, property: &str) -> Result<BTreeMap<String, String>> {
    let pair = |item: &Wanted<'_>| Ok((item.text("Key")?.unwrap_or_default(), item.text("Value")?.unwrap_or_default()));
    document.items(property)?.iter().map(pair).collect()
}
