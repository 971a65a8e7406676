//! Tags as EFS takes them: in the create call, and by the object's id afterwards.

use aws_sdk_efs::{Client, types::Tag};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags_in, tag_change_in, visible_tags},
        faults::OrFault,
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for a create call.
pub fn tags(property: &str, call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags_in(property, call, want)?.into_iter().filter_map(tag).collect())
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// Whether the intent of `call` has made what has these tags.
pub fn is_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}

/// Puts and takes tags as `change` says.
pub async fn retag(efs: &Client, property: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change_in(property, change)?;
    if !tags.take.is_empty() {
        let request = efs.untag_resource().resource_id(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("elasticfilesystem:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().filter_map(tag).collect();
        let request = efs.tag_resource().resource_id(change.id()).set_tags(Some(put));
        request.send().await.or_fault("elasticfilesystem:TagResource", CODES)?;
    }
    Ok(())
}

fn tag((key, value): (String, String)) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}
