//! Tags as AWS Config takes and reports them.

use aws_sdk_config::{Client, types::Tag};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, tag_change, visible_tags},
        faults::{OrFault, found},
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The SDK's tags.
pub fn tags(tags: impl IntoIterator<Item = (String, String)>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// All tags of the object with this ARN; none of one that is not there or has no ARN.
pub async fn tags_of(config: &Client, arn: Option<&str>) -> Result<Vec<Tag>> {
    let Some(arn) = arn else { return Ok(Vec::new()) };
    let pages = config.list_tags_for_resource().resource_arn(arn).into_paginator().items().send();
    found(pages.try_collect().await.or_fault("config:ListTagsForResource", CODES))
}

/// Puts on and takes off what a change says of the tags of the object with this ARN.
pub async fn retag(config: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let wanted = tag_change(change)?;
    if !wanted.take.is_empty() {
        let request = config.untag_resource().resource_arn(arn).set_tag_keys(Some(wanted.take));
        request.send().await.or_fault("config:UntagResource", CODES)?;
    }
    if !wanted.put.is_empty() {
        let request = config.tag_resource().resource_arn(arn).set_tags(Some(tags(wanted.put)));
        request.send().await.or_fault("config:TagResource", CODES)?;
    }
    Ok(())
}

/// The value of a tag.
pub fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// Whether these are the tags of what the intent of `call` has made.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tag(tags, TAG_TOKEN) == Some(&call.token().0)
}

/// The user's tags.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}
