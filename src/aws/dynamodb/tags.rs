//! Tags as DynamoDB takes and reports them, on tables and on their streams, and how it words its refusals.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{Client, types::Tag};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{TagChange, visible_tags},
        faults::{Codes, OrFault, early, there},
    },
    driver::{Call, FaultKind, Result, TAG_TOKEN},
};

/// A table that is being changed takes no other change.
pub const CODES: Codes = &[
    ("ContinuousBackupsUnavailableException", FaultKind::NotReady),
    ("ImportConflictException", FaultKind::Invalid),
    ("ResourceInUseException", FaultKind::NotReady),
];

/// The outcome of a change. Some limits are of changes under way together, or of changes within an hour: they pass.
pub fn patient<T>(outcome: Result<T>) -> Result<T> {
    early(outcome, &["simultaneously", "modified multiple times"])
}

/// All tags of a table or a stream; `None` if it does not exist.
pub async fn tags(client: &Client, arn: &str) -> Result<Option<Vec<Tag>>> {
    let (mut tags, mut token) = (Vec::new(), None);
    loop {
        let answer = client.list_tags_of_resource().resource_arn(arn).set_next_token(token).send().await;
        let Some(page) = there(answer.or_fault("dynamodb:ListTagsOfResource", CODES))? else { return Ok(None) };
        tags.extend(page.tags.unwrap_or_default());
        token = page.next_token;
        if token.is_none() {
            return Ok(Some(tags));
        }
    }
}

/// The user's tags among them.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// Whether the intent of `call` has put them on.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}

/// Puts and takes tags of a table or a stream.
pub async fn retag(client: &Client, arn: &str, tags: TagChange) -> Result<()> {
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("dynamodb:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(list(tags.put)));
        request.send().await.or_fault("dynamodb:TagResource", CODES)?;
    }
    Ok(())
}

/// Tags as the API takes them.
pub fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
