//! What a key and its copy in another region have in common: description, policy, use, tags, deletion.

use aws_sdk_kms::{
    Client,
    types::{KeyMetadata, KeyState, Tag},
};
use serde_json::Value as Json;

use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::{Codes, OrFault, early, gone, there},
    },
    driver::{Call, FaultKind, Progress, Result, TAG_TOKEN},
};

/// The state is wrong for this call: pending deletion, or not made yet.
pub const STATE: Codes = &[("KMSInvalidStateException", FaultKind::NotReady)];

/// How KMS refuses a policy that names somebody who was only just made.
pub const NEW_PRINCIPALS: &[&str] = &["invalid principals"];

/// The user's tags and the owner's, for a create call.
pub fn tags_for_create(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags(call, want)?.into_iter().filter_map(|(key, value)| tag(key, value)).collect())
}

fn tag(key: String, value: String) -> Option<Tag> {
    Tag::builder().tag_key(key).tag_value(value).build().ok()
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.tag_key()), Some(tag.tag_value()))))
}

/// The ids of all keys in a region.
pub async fn all(kms: &Client) -> Result<Vec<String>> {
    let found = kms.list_keys().into_paginator().items().send().try_collect().await;
    Ok(found.or_fault("kms:ListKeys", STATE)?.into_iter().filter_map(|key| key.key_id).collect())
}

/// The key, unless it is gone or waits to be.
pub async fn describe(kms: &Client, id: &str) -> Result<Option<KeyMetadata>> {
    let answer = there(kms.describe_key().key_id(id).send().await.or_fault("kms:DescribeKey", STATE))?;
    Ok(answer
        .and_then(|answer| answer.key_metadata)
        .filter(|key| !matches!(key.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))))
}

/// All tags of a key.
pub async fn tags(kms: &Client, id: &str) -> Result<Vec<Tag>> {
    let request = kms.list_resource_tags().key_id(id).into_paginator().items().send();
    request.try_collect().await.or_fault("kms:ListResourceTags", STATE)
}

/// The policy of a key.
pub async fn policy(kms: &Client, id: &str) -> Result<Option<String>> {
    let answer = kms.get_key_policy().key_id(id).policy_name("default").send().await;
    Ok(answer.or_fault("kms:GetKeyPolicy", STATE)?.policy)
}

/// The key, if the intent of `call` has made it. A key whose tags may not be read is somebody else's.
pub async fn owned(kms: &Client, id: &str, call: &Call) -> Result<Option<KeyMetadata>> {
    let tags = match tags(kms, id).await {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::NotFound) => return Ok(None),
        tags => tags?,
    };
    let is_ours = tags.iter().any(|tag| tag.tag_key() == TAG_TOKEN && tag.tag_value() == call.token().0);
    if is_ours { describe(kms, id).await } else { Ok(None) }
}

/// Changes policy and description.
pub async fn describe_anew(kms: &Client, change: &Changed<'_>, bypass: Option<bool>) -> Result<()> {
    if change.touches("KeyPolicy") {
        let policy = change.want.document("KeyPolicy")?.ok_or_else(|| {
            change.want.invalid("a key always has a policy; write out the one it should have instead of none")
        })?;
        let request = kms.put_key_policy().key_id(change.id()).policy_name("default").policy(policy);
        let request = request.set_bypass_policy_lockout_safety_check(bypass);
        early(request.send().await.or_fault("kms:PutKeyPolicy", STATE), NEW_PRINCIPALS)?;
    }
    if change.touches("Description") {
        let description = change.want.text::<String>("Description")?.unwrap_or_default();
        let request = kms.update_key_description().key_id(change.id()).description(description);
        request.send().await.or_fault("kms:UpdateKeyDescription", STATE)?;
    }
    Ok(())
}

/// Lets the key be used.
pub async fn enable(kms: &Client, id: &str) -> Result<()> {
    kms.enable_key().key_id(id).send().await.or_fault("kms:EnableKey", STATE).map(drop)
}

/// Lets nobody use the key.
pub async fn disable(kms: &Client, id: &str) -> Result<()> {
    kms.disable_key().key_id(id).send().await.or_fault("kms:DisableKey", STATE).map(drop)
}

/// Puts and takes tags.
pub async fn retag(kms: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = kms.untag_resource().key_id(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("kms:UntagResource", STATE)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().filter_map(|(key, value)| tag(key, value)).collect();
        let request = kms.tag_resource().key_id(change.id()).set_tags(Some(put));
        request.send().await.or_fault("kms:TagResource", STATE)?;
    }
    Ok(())
}

/// A key is not deleted but scheduled to be, after at least a week; from then on it counts as gone.
pub async fn schedule_deletion(kms: &Client, id: &str, inputs: &Wanted<'_>) -> Result<Progress<()>> {
    let days = inputs.whole("PendingWindowInDays")?;
    let request = kms.schedule_key_deletion().key_id(id).set_pending_window_in_days(days);
    match request.send().await.or_fault("kms:ScheduleKeyDeletion", STATE) {
        Err(fault) if fault.kind == FaultKind::NotReady => match describe(kms, id).await? {
            None => Ok(Progress::Done(())),
            Some(_) => Err(fault),
        },
        outcome => gone(outcome),
    }
}
