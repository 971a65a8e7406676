//! Tags as Backup takes them, and as its types write them: a map under a name of each type's own.

use std::collections::BTreeMap;

use aws_sdk_backup::Client;

use super::CODES;
use crate::{
    aws::{
        convert::{Changed, tag_change_in},
        faults::OrFault,
    },
    driver::{Call, FaultKind, Result, TAG_TOKEN},
};

/// Every tag of an object.
pub async fn tags(client: &Client, arn: &str) -> Result<BTreeMap<String, String>> {
    let mut pages = client.list_tags().resource_arn(arn).into_paginator().send();
    let mut tags = BTreeMap::new();
    while let Some(page) = pages.next().await {
        tags.extend(page.or_fault("backup:ListTags", CODES)?.tags.unwrap_or_default());
    }
    Ok(tags)
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
    let tags = tag_change_in(property, change)?;
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_key_list(Some(tags.take));
        request.send().await.or_fault("backup:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("backup:TagResource", CODES)?;
    }
    Ok(())
}
