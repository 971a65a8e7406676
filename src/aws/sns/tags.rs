//! Tags as SNS takes them: in the create call, and by calls of their own afterwards.

use std::collections::BTreeMap;

use aws_sdk_sns::{Client, types::Tag};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::{OrFault, there},
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for the create call.
pub fn create_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(list(all_tags(call, want)?))
}

/// All tags of a topic; `None` if it does not exist.
pub async fn tags(sns: &Client, topic: &str) -> Result<Option<Vec<Tag>>> {
    let answer = sns.list_tags_for_resource().resource_arn(topic).send().await;
    let answer = there(answer.or_fault("sns:ListTagsForResource", CODES))?;
    Ok(answer.map(|answer| answer.tags.unwrap_or_default()))
}

/// The user's tags among them.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// Whether the intent of `call` has put them on.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}

/// Puts and takes tags as `change` says.
pub async fn retag(sns: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = sns.untag_resource().resource_arn(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("sns:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = sns.tag_resource().resource_arn(change.id()).set_tags(Some(list(tags.put)));
        request.send().await.or_fault("sns:TagResource", CODES)?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
