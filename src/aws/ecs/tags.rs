//! Tags as ECS takes and reports them.

use aws_sdk_ecs::{Client, types::Tag};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, structures, tag_change, visible_tags},
        faults::OrFault,
    },
    driver::{Call, Result, TAG_TOKEN},
};

structures! {
    Tag { "Key": key set_key, "Value": value set_value }
}

/// The tags of a create call, the owner's included.
pub fn owned_tags(call: &Call, want: &Wanted<'_>) -> Result<Option<Vec<Tag>>> {
    Ok(Some(all_tags(call, want)?.into_iter().map(tag).collect()))
}

/// Puts on and takes off what a change says of the tags of the object with this ARN.
pub async fn retag(ecs: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = ecs.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("ecs:UntagResource", &[])?;
    }
    if !tags.put.is_empty() {
        let request = ecs.tag_resource().resource_arn(arn).set_tags(Some(tags.put.into_iter().map(tag).collect()));
        request.send().await.or_fault("ecs:TagResource", &[])?;
    }
    Ok(())
}

/// Whether these are the tags of what the intent of `call` has made.
pub fn is_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0))
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

fn tag((key, value): (String, String)) -> Tag {
    Tag::builder().key(key).value(value).build()
}
