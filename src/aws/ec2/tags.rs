//! Tags as EC2 takes them: in the create call, and by calls of their own afterwards.

use aws_sdk_ec2::{
    Client,
    types::{ResourceType, Tag, TagSpecification},
};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{Changed, TagChange, Wanted, all_tags, tag_change, visible_tags},
        faults::OrFault,
    },
    driver::{Call, Result},
};

/// The user's tags and the owner's, for a create call.
pub fn tag_specification(kind: ResourceType, call: &Call, want: &Wanted<'_>) -> Result<TagSpecification> {
    let tags = all_tags(call, want)?.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    Ok(TagSpecification::builder().resource_type(kind).set_tags(Some(tags.collect())).build())
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// Puts and takes tags as `change` says, on the object `id`.
pub async fn retag(ec2: &Client, id: &str, change: &Changed<'_>) -> Result<()> {
    put_and_take(ec2, id, tag_change(change)?).await
}

/// Puts and takes these tags, on the object `id`.
pub async fn put_and_take(ec2: &Client, id: &str, tags: TagChange) -> Result<()> {
    if !tags.take.is_empty() {
        let take = tags.take.into_iter().map(|key| Tag::builder().key(key).build()).collect();
        ec2.delete_tags().resources(id).set_tags(Some(take)).send().await.or_fault("ec2:DeleteTags", &[])?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        ec2.create_tags().resources(id).set_tags(Some(put)).send().await.or_fault("ec2:CreateTags", &[])?;
    }
    Ok(())
}
