//! AWS::KMS::Key
//! API: CreateKey, Enable- and DisableKeyRotation, Enable- and DisableKey, PutKeyPolicy, UpdateKeyDescription, TagResource,
//! UntagResource, DescribeKey, GetKeyPolicy, GetKeyRotationStatus, ListResourceTags, ListKeys, ScheduleKeyDeletion.
//! Identity: KeyId.  Found by: owner tags, key by key.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::{
    Client,
    types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, OriginType, Tag},
};

use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, identities, in_order, made, only_id, pending, tag_change,
            visible, visible_tags,
        },
        faults::{Codes, OrFault, answered, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::KMS::Key";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(KeyDriver { aws: aws.clone() })
}

struct KeyDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for KeyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let kms = self.aws.kms(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let tags = all_tags(call, &properties)?.into_iter().filter_map(|(key, value)| tag(key, value));
        let request = kms
            .create_key()
            .set_policy(properties.document("KeyPolicy")?)
            .set_description(properties.text("Description")?)
            .set_key_usage(properties.text("KeyUsage")?)
            .set_key_spec(properties.text("KeySpec")?)
            .set_origin(properties.text("Origin")?)
            .set_multi_region(properties.flag("MultiRegion")?)
            .set_bypass_policy_lockout_safety_check(properties.flag("BypassPolicyLockoutSafetyCheck")?)
            .set_tags(Some(tags.collect()));
        let answer = request.send().await.or_fault("kms:CreateKey", FAULTS)?;
        let key = answered(answer.key_metadata, "kms:CreateKey")?;
        let made = made(TYPE, observed(&key));
        let rest = fresh(&made.id, observed(&key).with("EnableKeyRotation", Some(false)), want);
        adjust(&kms, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(if key.key_state == Some(KeyState::Creating) { pending(&made, "creating") } else { Progress::Done(made) })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.kms(&call.place).await, &so_far.id.0).await?;
        if found.as_ref().is_some_and(|key| key.key_state == Some(KeyState::Creating)) {
            return Ok(pending(so_far, "creating"));
        }
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let kms = self.aws.kms(&call.place).await;
        let found = each(ids.iter().map(|id| document(&kms, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let kms = self.aws.kms(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["KeySpec", "KeyUsage", "MultiRegion", "Origin"])?;
        let bypass = changed.want.flag("BypassPolicyLockoutSafetyCheck")?;
        if changed.touches("KeyPolicy") {
            let policy = changed.want.document("KeyPolicy")?.ok_or_else(|| {
                changed.want.invalid("a key always has a policy; write out the one it should have instead of none")
            })?;
            let request = kms.put_key_policy().key_id(changed.id()).policy_name("default").policy(policy);
            let request = request.set_bypass_policy_lockout_safety_check(bypass);
            request.send().await.or_fault("kms:PutKeyPolicy", FAULTS)?;
        }
        if changed.touches("Description") {
            let description = changed.want.text::<String>("Description")?.unwrap_or_default();
            let request = kms.update_key_description().key_id(changed.id()).description(description);
            request.send().await.or_fault("kms:UpdateKeyDescription", FAULTS)?;
        }
        adjust(&kms, &changed).await?;
        retag(&kms, &changed).await?;
        let attributes = describe(&kms, changed.id()).await?;
        Ok(Progress::Done(attributes.map_or_else(|| only_id(&change.id), |key| made(TYPE, observed(&key)))))
    }

    /// A key is not deleted but scheduled to be, after at least a week; from then on it counts as gone.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let kms = self.aws.kms(&call.place).await;
        let days = Wanted::new(TYPE, &removal.inputs).whole("PendingWindowInDays")?;
        let request = kms.schedule_key_deletion().key_id(&id.0).set_pending_window_in_days(days);
        match request.send().await.or_fault("kms:ScheduleKeyDeletion", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotReady => match describe(&kms, &id.0).await? {
                None => Ok(Progress::Done(())),
                Some(_) => Err(fault),
            },
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let kms = self.aws.kms(&call.place).await;
        let ids = all_keys(&kms).await?;
        let found = each(ids.iter().map(|id| owned(&kms, id, call))).await?;
        Ok(identities(TYPE, found.iter().flatten().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for KeyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let kms = self.aws.kms(place).await;
        let ids = all_keys(&kms).await?;
        let found = each(ids.iter().map(|id| document(&kms, id))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

async fn all_keys(kms: &Client) -> Result<Vec<String>> {
    let found = kms.list_keys().into_paginator().items().send().try_collect().await;
    Ok(found.or_fault("kms:ListKeys", FAULTS)?.into_iter().filter_map(|key| key.key_id).collect())
}

/// The key, unless it is gone or waits to be.
async fn describe(kms: &Client, id: &str) -> Result<Option<KeyMetadata>> {
    match kms.describe_key().key_id(id).send().await.or_fault("kms:DescribeKey", FAULTS) {
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
        Ok(answer) => Ok(answer.key_metadata.filter(|key| {
            !matches!(key.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
        })),
    }
}

async fn tags(kms: &Client, id: &str) -> Result<Vec<Tag>> {
    let request = kms.list_resource_tags().key_id(id).into_paginator().items().send();
    request.try_collect().await.or_fault("kms:ListResourceTags", FAULTS)
}

/// The key, if the intent of `call` has made it. A key whose tags may not be read is somebody else's.
async fn owned(kms: &Client, id: &str, call: &Call) -> Result<Option<KeyMetadata>> {
    let tags = match tags(kms, id).await {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::NotFound) => return Ok(None),
        tags => tags?,
    };
    let is_ours = tags.iter().any(|tag| tag.tag_key() == TAG_TOKEN && tag.tag_value() == call.token().0);
    if is_ours { describe(kms, id).await } else { Ok(None) }
}

/// The whole document. AWS's own keys have no policy and no tags to be read.
async fn document(kms: &Client, id: &str) -> Result<Option<Doc>> {
    let Some(key) = describe(kms, id).await? else { return Ok(None) };
    if key.key_manager == Some(KeyManagerType::Aws) {
        return Ok(Some(observed(&key).into()));
    }
    let policy = kms.get_key_policy().key_id(id).policy_name("default").send();
    let (policy, tags, rotation) = tokio::join!(policy, tags(kms, id), rotation(kms, &key));
    let policy = policy.or_fault("kms:GetKeyPolicy", FAULTS)?;
    let tags = tags?;
    let (is_rotated, period) = rotation?;
    let document = observed(&key)
        .with_document("KeyPolicy", policy.policy())
        .with("EnableKeyRotation", Some(is_rotated))
        .with("RotationPeriodInDays", period)
        .with_list("Tags", visible_tags(tags.iter().map(|tag| (Some(tag.tag_key()), Some(tag.tag_value())))));
    Ok(Some(document.into()))
}

/// Whether the key is rotated, and how often. Only symmetric keys with material of AWS's own can be.
async fn rotation(kms: &Client, key: &KeyMetadata) -> Result<(bool, Option<i32>)> {
    let is_symmetric = key.key_spec.as_ref().is_none_or(|spec| *spec == KeySpec::SymmetricDefault);
    if !is_symmetric || key.origin == Some(OriginType::External) {
        return Ok((false, None));
    }
    let answer = kms.get_key_rotation_status().key_id(key.key_id()).send().await;
    let answer = answer.or_fault("kms:GetKeyRotationStatus", FAULTS)?;
    Ok((answer.key_rotation_enabled, answer.rotation_period_in_days))
}

/// Sets rotation and use. A disabled key's rotation cannot be set, so it is enabled first and disabled last.
async fn adjust(kms: &Client, change: &Changed<'_>) -> Result<()> {
    let enabled = change.flag("Enabled", true)?;
    if enabled == Some(true) {
        kms.enable_key().key_id(change.id()).send().await.or_fault("kms:EnableKey", FAULTS)?;
    }
    let period = change.want.whole("RotationPeriodInDays")?;
    let is_rotated = change.want.flag("EnableKeyRotation")?.unwrap_or_default();
    if change.touches("EnableKeyRotation") || (is_rotated && change.touches("RotationPeriodInDays")) {
        if is_rotated {
            let request = kms.enable_key_rotation().key_id(change.id()).set_rotation_period_in_days(period);
            request.send().await.or_fault("kms:EnableKeyRotation", FAULTS)?;
        } else {
            let request = kms.disable_key_rotation().key_id(change.id());
            request.send().await.or_fault("kms:DisableKeyRotation", FAULTS)?;
        }
    }
    if enabled == Some(false) {
        kms.disable_key().key_id(change.id()).send().await.or_fault("kms:DisableKey", FAULTS)?;
    }
    Ok(())
}

async fn retag(kms: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = kms.untag_resource().key_id(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("kms:UntagResource", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().filter_map(|(key, value)| tag(key, value)).collect();
        let request = kms.tag_resource().key_id(change.id()).set_tags(Some(put));
        request.send().await.or_fault("kms:TagResource", FAULTS)?;
    }
    Ok(())
}

fn tag(key: String, value: String) -> Option<Tag> {
    Tag::builder().tag_key(key).tag_value(value).build().ok()
}

fn observed(key: &KeyMetadata) -> Observed {
    Observed::new()
        .with("KeyId", Some(key.key_id()))
        .with("Arn", key.arn())
        .with("Description", key.description())
        .with("Enabled", Some(key.enabled))
        .with("KeySpec", key.key_spec().map(KeySpec::as_str))
        .with("KeyUsage", key.key_usage().map(|usage| usage.as_str()))
        .with("MultiRegion", key.multi_region())
        .with("Origin", key.origin().map(OriginType::as_str))
}

/// The state is wrong for this call: pending deletion, or not made yet.
const FAULTS: Codes = &[("KMSInvalidStateException", FaultKind::NotReady)];
