//! AWS::KMS::ReplicaKey
//! API: ReplicateKey (in the primary key's region), Enable- and DisableKey, PutKeyPolicy, UpdateKeyDescription, TagResource,
//! UntagResource, DescribeKey, GetKeyPolicy, ListResourceTags, ListKeys, ScheduleKeyDeletion.  Identity: KeyId, which is the
//! primary key's too.  Found by: that id in its own region, if the key has the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::{
    Client,
    types::{KeyMetadata, KeyState, MultiRegionKeyType},
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
pub const TYPE: &str = "AWS::KMS::ReplicaKey";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ReplicaKeyDriver { aws: aws.clone() })
}

struct ReplicaKeyDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ReplicaKeyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let primary = properties.text::<String>("PrimaryKeyArn")?.unwrap_or_default();
        let (region, id) = region_and_id(&primary).ok_or_else(|| {
            properties.invalid(format!(
                "`PrimaryKeyArn` must be the ARN of a key, as in \
                 `arn:aws:kms:eu-central-1:123456789012:key/mrk-12ab`, and is `{primary}`"
            ))
        })?;
        let home = Place { region: region.to_owned(), role_arn: call.place.role_arn.clone() };
        let request = self.aws.kms(&home).await.replicate_key();
        let request = request
            .key_id(id)
            .replica_region(&call.place.region)
            .set_policy(properties.document("KeyPolicy")?)
            .set_description(properties.text("Description")?)
            .set_tags(Some(keys::tags_for_create(call, &properties)?));
        let answer = early(request.send().await.or_fault("kms:ReplicateKey", FAULTS), NEW_PRINCIPALS)?;
        let key = answered(answer.replica_key_metadata, "kms:ReplicateKey")?;
        let made = made(TYPE, observed(&key));
        let rest = fresh(&made.id, Observed::new().with("Enabled", Some(true)), want);
        set_use(&self.aws.kms(&call.place).await, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(if key.key_state == Some(KeyState::Enabled) { Progress::Done(made) } else { pending(&made, "creating") })
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
        keys::describe_anew(&kms, &changed, None).await?;
        set_use(&kms, &changed).await?;
        keys::retag(&kms, &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let kms = self.aws.kms(&call.place).await;
        keys::schedule_deletion(&kms, &id.0, &Wanted::new(TYPE, &removal.inputs)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some((_, id)) = want.text("PrimaryKeyArn").and_then(region_and_id) else { return Ok(Vec::new()) };
        let found = keys::owned(&self.aws.kms(&call.place).await, id, call).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    /// A region has one copy of a key: a second call is told so.
    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ReplicaKeyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let kms = &self.aws.kms(place).await;
        let ids = keys::all(kms).await?;
        let replica = |id: String| async move {
            match describe(kms, &id).await?.filter(is_replica) {
                Some(_) => document(kms, &id).await,
                None => Ok(None),
            }
        };
        Ok(each(ids.into_iter().map(replica)).await?.into_iter().flatten().collect())
    }
}

fn is_replica(key: &KeyMetadata) -> bool {
    let role = key.multi_region_configuration().and_then(|configuration| configuration.multi_region_key_type());
    role == Some(&MultiRegionKeyType::Replica)
}

/// Where a key lives, and its id there: the fourth part of its ARN, and what stands behind `key/`.
fn region_and_id(arn: &str) -> Option<(&str, &str)> {
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty())?;
    Some((region, arn.split_once(":key/")?.1))
}

/// The whole document.
async fn document(kms: &Client, id: &str) -> Result<Option<Doc>> {
    let Some(key) = describe(kms, id).await? else { return Ok(None) };
    let (policy, tags) = tokio::join!(keys::policy(kms, id), keys::tags(kms, id));
    let document =
        observed(&key).with_document("KeyPolicy", policy?.as_deref()).with_list("Tags", keys::tags_of(&tags?));
    Ok(Some(document.into()))
}

async fn set_use(kms: &Client, change: &Changed<'_>) -> Result<()> {
    match change.flag("Enabled", true)? {
        Some(true) => keys::enable(kms, change.id()).await,
        Some(false) => keys::disable(kms, change.id()).await,
        None => Ok(()),
    }
}

fn observed(key: &KeyMetadata) -> Observed {
    let primary = key.multi_region_configuration().and_then(|configuration| configuration.primary_key());
    Observed::new()
        .with("KeyId", Some(key.key_id()))
        .with("Arn", key.arn())
        .with("Description", key.description())
        .with("Enabled", Some(key.enabled))
        .with("PrimaryKeyArn", primary.and_then(|key| key.arn()))
}

/// The codes of keys.
const FAULTS: Codes = keys::STATE;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_key_says_where_it_lives() {
        let arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-12ab";
        assert_eq!(region_and_id(arn), Some(("cn-north-1", "mrk-12ab")));
        assert_eq!(region_and_id("mrk-12ab"), None);
        assert_eq!(region_and_id("arn:aws:kms:eu-central-1:123456789012:alias/main"), None);
    }
}
