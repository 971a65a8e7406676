//! AWS::KMS::Key
//! API: CreateKey, Enable- and DisableKeyRotation, Enable- and DisableKey, PutKeyPolicy, UpdateKeyDescription, TagResource,
//! UntagResource, DescribeKey, GetKeyPolicy, GetKeyRotationStatus, ListResourceTags, ListKeys, ScheduleKeyDeletion.
//! Identity: KeyId.  Found by: owner tags, key by key.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::{
    Client,
    types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, OriginType},
};

use super::keys::{self, NEW_PRINCIPALS, describe};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, early, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
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
        let request = kms
            .create_key()
            .set_policy(properties.document("KeyPolicy")?)
            .set_description(properties.text("Description")?)
            .set_key_usage(properties.text("KeyUsage")?)
            .set_key_spec(properties.text("KeySpec")?)
            .set_origin(properties.text("Origin")?)
            .set_multi_region(properties.flag("MultiRegion")?)
            .set_bypass_policy_lockout_safety_check(properties.flag("BypassPolicyLockoutSafetyCheck")?)
            .set_tags(Some(keys::tags_for_create(call, &properties)?));
        let answer = early(request.send().await.or_fault("kms:CreateKey", FAULTS), NEW_PRINCIPALS)?;
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
        keys::describe_anew(&kms, &changed, bypass).await?;
        adjust(&kms, &changed).await?;
        keys::retag(&kms, &changed).await?;
        let attributes = describe(&kms, changed.id()).await?;
        Ok(Progress::Done(attributes.map_or_else(|| only_id(&change.id), |key| made(TYPE, observed(&key)))))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let kms = self.aws.kms(&call.place).await;
        keys::schedule_deletion(&kms, &id.0, &Wanted::new(TYPE, &removal.inputs)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let kms = self.aws.kms(&call.place).await;
        let ids = keys::all(&kms).await?;
        let found = each(ids.iter().map(|id| keys::owned(&kms, id, call))).await?;
        Ok(identities(TYPE, found.iter().flatten().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for KeyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let kms = self.aws.kms(place).await;
        let ids = keys::all(&kms).await?;
        let found = each(ids.iter().map(|id| document(&kms, id))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The whole document. AWS's own keys have no policy and no tags to be read.
async fn document(kms: &Client, id: &str) -> Result<Option<Doc>> {
    let Some(key) = describe(kms, id).await? else { return Ok(None) };
    if key.key_manager == Some(KeyManagerType::Aws) {
        return Ok(Some(observed(&key).into()));
    }
    let (policy, tags, rotation) = tokio::join!(keys::policy(kms, id), keys::tags(kms, id), rotation(kms, &key));
    let (is_rotated, period) = rotation?;
    let document = observed(&key)
        .with_document("KeyPolicy", policy?.as_deref())
        .with("EnableKeyRotation", Some(is_rotated))
        .with("RotationPeriodInDays", period)
        .with_list("Tags", keys::tags_of(&tags?));
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
        keys::enable(kms, change.id()).await?;
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
        keys::disable(kms, change.id()).await?;
    }
    Ok(())
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

/// The codes of keys.
const FAULTS: Codes = keys::STATE;
