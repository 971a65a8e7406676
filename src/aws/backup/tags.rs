//! Tags as Backup takes them, and as its types write them: a map under a name of each type's own.

use std::collections::BTreeMap;

use aws_sdk_backup::Client;
use serde_json::{Map, Value as Json};

use super::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::OrFault,
    },
    driver::{Call, FaultKind, Result, TAG_PREFIX, TAG_TOKEN},
};

/// Every tag of a create call: the user's, which stand at `property`, and the owner's.
pub fn all_tags(call: &Call, want: &Wanted<'_>, property: &str) -> Result<BTreeMap<String, String>> {
    let mut tags = want.map(property)?.unwrap_or_default();
    tags.extend(call.owner.tags().map(|(key, value)| (key.to_owned(), value)));
    Ok(tags)
}

/// Every tag of an object.
pub async fn tags(client: &Client, arn: &str) -> Result<BTreeMap<String, String>> {
    let mut pages = client.list_tags().resource_arn(arn).into_paginator().send();
    let mut tags = BTreeMap::new();
    while let Some(page) = pages.next().await {
        tags.extend(page.or_fault("backup:ListTags", CODES)?.tags.unwrap_or_default());
    }
    Ok(tags)
}

/// The user's tags among those of an object.
pub fn visible(tags: BTreeMap<String, String>) -> Json {
    let visible = |key: &str| !key.starts_with(TAG_PREFIX) && !key.starts_with("aws:");
    let tags = tags.into_iter().filter(|(key, _)| visible(key));
    Json::Object(tags.map(|(key, value)| (key, Json::from(value))).collect::<Map<_, _>>())
}

/// Whether the intent of `call` has made the object.
pub async fn is_ours(client: &Client, call: &Call, arn: &str) -> Result<bool> {
    match tags(client, arn).await {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::NotFound) => Ok(false),
        tags => Ok(tags?.get(TAG_TOKEN) == Some(&call.token().0)),
    }
}

/// Puts and takes the tags at `property` as `change` says, on the object `arn`.
pub async fn retag(client: &Client, change: &Changed<'_>, property: &str, arn: &str) -> Result<()> {
    let mut put = change.want.map(property)?.unwrap_or_default();
    let before = change.before.map(property)?.unwrap_or_default();
    let take: Vec<String> = before.keys().filter(|key| !put.contains_key(*key)).cloned().collect();
    put.retain(|key, value| before.get(key) != Some(value));
    if !take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_key_list(Some(take));
        request.send().await.or_fault("backup:UntagResource", CODES)?;
    }
    if !put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(put.into_iter().collect()));
        request.send().await.or_fault("backup:TagResource", CODES)?;
    }
    Ok(())
}
