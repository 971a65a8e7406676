//! Tags as Secrets Manager takes them.

use aws_sdk_secretsmanager::{Client, types::Tag};
use serde_json::Value as Json;

use super::described::CODES;
use crate::{
    aws::{
        convert::{Changed, tag_change, visible_tags},
        faults::OrFault,
    },
    driver::Result,
};

/// Tags for a request.
pub fn tags(tags: impl IntoIterator<Item = (String, String)>) -> Option<Vec<Tag>> {
    Some(tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// Puts and takes tags as `change` says.
pub async fn retag(client: &Client, change: &Changed<'_>) -> Result<()> {
    let tag_change = tag_change(change)?;
    if !tag_change.take.is_empty() {
        let request = client.untag_resource().secret_id(change.id()).set_tag_keys(Some(tag_change.take));
        request.send().await.or_fault("secretsmanager:UntagResource", CODES)?;
    }
    if !tag_change.put.is_empty() {
        let request = client.tag_resource().secret_id(change.id()).set_tags(tags(tag_change.put));
        request.send().await.or_fault("secretsmanager:TagResource", CODES)?;
    }
    Ok(())
}
