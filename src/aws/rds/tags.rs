//! Tags as RDS takes them: in the create call, and by calls of their own afterwards, under the object's ARN.

use aws_sdk_rds::{Client, types::Tag};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::{OrFault, there},
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// What an object was made from, where RDS forgets it and the catalogue says that it can be read. As an owner tag it is
/// never shown among the user's.
const TAG_SOURCE: &str = "provision:source";

/// The user's tags and the owner's, for a create call.
pub fn create_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags(call, want)?.into_iter().map(|(key, value)| tag(key, value)).collect())
}

/// The same, with what the object is made from.
pub fn create_tags_of(source: Option<&str>, call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    let mut tags = create_tags(call, want)?;
    tags.extend(source.map(|source| tag(TAG_SOURCE, source)));
    Ok(tags)
}

/// What an object was made from.
pub fn source_of(tags: &[Tag]) -> Option<&str> {
    tags.iter().find(|tag| tag.key() == Some(TAG_SOURCE)).and_then(Tag::value)
}

fn tag(key: impl Into<String>, value: impl Into<String>) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// Whether the tags are those of an object that the intent of `call` has made.
pub fn is_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0))
}

/// The tags of an object whose description leaves them out. One that is gone meanwhile has none.
pub async fn tags_by_arn(rds: &Client, arn: Option<&str>) -> Result<Vec<Tag>> {
    let Some(arn) = arn else { return Ok(Vec::new()) };
    let answer = rds.list_tags_for_resource().resource_name(arn).send().await;
    let answer = there(answer.or_fault("rds:ListTagsForResource", CODES))?;
    Ok(answer.and_then(|answer| answer.tag_list).unwrap_or_default())
}

/// Puts and takes tags as `change` says, on the object with this ARN.
pub async fn retag(rds: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = rds.remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("rds:RemoveTagsFromResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().map(|(key, value)| tag(key, value)).collect();
        let request = rds.add_tags_to_resource().resource_name(arn).set_tags(Some(put));
        request.send().await.or_fault("rds:AddTagsToResource", CODES)?;
    }
    Ok(())
}
