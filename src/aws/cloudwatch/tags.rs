//! Tags as CloudWatch takes them: in the put call for a new object, and by calls of their own afterwards.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::{Client, types::Tag};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::{OrFault, there},
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for the put call that makes an object.
pub fn create_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(list(all_tags(call, want)?))
}

/// All tags of an object; none if it does not exist.
pub async fn tags(cloudwatch: &Client, arn: &str) -> Result<Vec<Tag>> {
    let answer = cloudwatch.list_tags_for_resource().resource_arn(arn).send().await;
    let answer = there(answer.or_fault("cloudwatch:ListTagsForResource", &[]))?;
    Ok(answer.and_then(|answer| answer.tags).unwrap_or_default())
}

/// The user's tags among them.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// Whether the intent of `call` has put them on.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0))
}

/// Puts and takes tags as `change` says, on the object `arn`.
pub async fn retag(cloudwatch: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = cloudwatch.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("cloudwatch:UntagResource", &[])?;
    }
    if !tags.put.is_empty() {
        let request = cloudwatch.tag_resource().resource_arn(arn).set_tags(Some(list(tags.put)));
        request.send().await.or_fault("cloudwatch:TagResource", &[])?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
