//! Tags as Kinesis takes and reports them, and how it words its refusals.

use aws_sdk_kinesis::{Client, types::Tag};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{Changed, tag_change, visible_tags},
        faults::{Codes, OrFault, there},
    },
    driver::{FaultKind, Result},
};

/// A stream that is not active takes no change. What counts as a limit is nearly always the rate of requests.
pub const CODES: Codes = &[
    ("KMSDisabledException", FaultKind::Invalid),
    ("KMSInvalidStateException", FaultKind::NotReady),
    ("KMSOptInRequired", FaultKind::Denied),
    ("KMSThrottlingException", FaultKind::Throttled),
    ("LimitExceededException", FaultKind::Throttled),
    ("ResourceInUseException", FaultKind::NotReady),
];

/// More tags than a stream can have, so that one page holds them all.
const MOST: i32 = 50;

/// All tags of a stream; `None` if it does not exist.
pub async fn tags(kinesis: &Client, name: &str) -> Result<Option<Vec<Tag>>> {
    let answer = kinesis.list_tags_for_stream().stream_name(name).limit(MOST).send().await;
    Ok(there(answer.or_fault("kinesis:ListTagsForStream", CODES))?.map(|answer| answer.tags))
}

/// The user's tags among them.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), tag.value())))
}

/// Puts and takes the tags as `change` says.
pub async fn retag(kinesis: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = kinesis.remove_tags_from_stream().stream_name(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("kinesis:RemoveTagsFromStream", CODES)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().collect();
        let request = kinesis.add_tags_to_stream().stream_name(change.id()).set_tags(Some(put));
        request.send().await.or_fault("kinesis:AddTagsToStream", CODES)?;
    }
    Ok(())
}
