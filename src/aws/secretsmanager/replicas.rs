//! The copies of a secret in other regions.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::{
    Client,
    types::{ReplicaRegionType, ReplicationStatusType, StatusType},
};

use super::described::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::OrFault,
    },
    driver::Result,
};

/// What encrypts a copy for which no key is named.
const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// The copies of a create call.
pub fn wanted(want: &Wanted<'_>) -> Result<Option<Vec<ReplicaRegionType>>> {
    let replicas = by_region(want)?;
    Ok(if replicas.is_empty() { None } else { Some(requests(replicas)) })
}

/// Makes and removes copies as `change` says; whether there was anything to do. A copy keeps its key as long as it lives,
/// so that another key means another copy.
pub async fn change(client: &Client, change: &Changed<'_>) -> Result<bool> {
    if !change.touches("ReplicaRegions") {
        return Ok(false);
    }
    let (mut want, before) = (by_region(&change.want)?, by_region(&change.before)?);
    let take = before.iter().filter(|(region, key)| want.get(*region) != Some(key)).map(|(region, _)| region.clone());
    let take: Vec<String> = take.collect();
    want.retain(|region, key| before.get(region) != Some(key));
    remove(client, change.id(), take).await?;
    if want.is_empty() {
        return Ok(false);
    }
    let request = client.replicate_secret_to_regions().secret_id(change.id());
    let request = request.set_add_replica_regions(Some(requests(want)));
    request.send().await.or_fault("secretsmanager:ReplicateSecretToRegions", CODES)?;
    Ok(true)
}

/// Removes the copies in `regions`.
pub async fn remove(client: &Client, id: &str, regions: Vec<String>) -> Result<()> {
    if regions.is_empty() {
        return Ok(());
    }
    let request = client.remove_regions_from_replication().secret_id(id).set_remove_replica_regions(Some(regions));
    request.send().await.or_fault("secretsmanager:RemoveRegionsFromReplication", CODES)?;
    Ok(())
}

/// The copies as the API shows them. It names the default key where none was asked for.
pub fn observed(replicas: &[ReplicationStatusType]) -> impl Iterator<Item = Observed> {
    replicas.iter().map(|replica| {
        Observed::new()
            .with("Region", replica.region())
            .with("KmsKeyId", replica.kms_key_id().filter(|key| *key != DEFAULT_KEY))
    })
}

/// Why a copy could not be made, if one could not.
pub fn failure(replicas: &[ReplicationStatusType]) -> Option<String> {
    let failed = replicas.iter().find(|replica| replica.status() == Some(&StatusType::Failed))?;
    let region = failed.region().unwrap_or("another region");
    Some(format!("the copy in {region} failed: {}", failed.status_message().unwrap_or("no reason given")))
}

/// Whether a copy is still being made.
pub fn is_under_way(replicas: &[ReplicationStatusType]) -> bool {
    replicas.iter().any(|replica| replica.status() == Some(&StatusType::InProgress))
}

/// The wanted copies: region and key.
fn by_region(want: &Wanted<'_>) -> Result<BTreeMap<String, Option<String>>> {
    let replica = |replica: &Wanted<'_>| {
        let key = replica.text("KmsKeyId")?.filter(|key| key != DEFAULT_KEY);
        Ok((replica.text("Region")?.unwrap_or_default(), key))
    };
    want.items("ReplicaRegions")?.iter().map(replica).collect()
}

fn requests(replicas: BTreeMap<String, Option<String>>) -> Vec<ReplicaRegionType> {
    let request = |(region, key)| ReplicaRegionType::builder().region(region).set_kms_key_id(key).build();
    replicas.into_iter().map(request).collect()
}
