//! Whereto a file system is replicated. It cannot be changed: the old replication is ended, and when it is gone the new
//! one is begun.

use aws_sdk_efs::{
    Client,
    types::{Destination, DestinationToCreate, ReplicationStatus},
};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::{OrFault, found},
    },
    driver::{Fault, FaultKind, Result},
};

/// The property that says it.
const PROPERTY: &str = "ReplicationConfiguration";

/// The destinations of a file system, if it is the source of a replication.
pub async fn destinations(efs: &Client, id: &str) -> Result<Vec<Destination>> {
    let request = efs.describe_replication_configurations().file_system_id(id).into_paginator().items().send();
    let answer = request.try_collect().await.or_fault("elasticfilesystem:DescribeReplicationConfigurations", CODES);
    let mut replications: Vec<_> = found(answer)?;
    replications.retain(|replication| replication.source_file_system_id() == id);
    Ok(replications.into_iter().flat_map(|replication| replication.destinations).collect())
}

/// Brings the replication to what `change` wants. In what stands, only what the service reports can differ.
pub async fn replicate(efs: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    let live = destinations(efs, change.id()).await?;
    let want = change.want.inner(PROPERTY)?.map(|want| want.items("Destinations")).transpose()?.unwrap_or_default();
    if live.len() == want.len() && live.iter().zip(&want).all(|(live, want)| is_as_wanted(live, want)) {
        return Ok(());
    }
    if end(efs, change.id()).await? {
        let operation = "elasticfilesystem:DeleteReplicationConfiguration";
        return Err(Fault::new(FaultKind::NotReady, operation, "the former replication is being deleted"));
    }
    let request = efs.create_replication_configuration().source_file_system_id(change.id());
    let request = request.set_destinations(Some(want.iter().map(destination).collect::<Result<Vec<_>>>()?));
    request.send().await.or_fault("elasticfilesystem:CreateReplicationConfiguration", CODES)?;
    Ok(())
}

/// Ends the replication of a file system; false if there is none any more.
pub async fn end(efs: &Client, id: &str) -> Result<bool> {
    let live = destinations(efs, id).await?;
    if live.iter().any(|destination| *destination.status() != ReplicationStatus::Deleting) {
        let request = efs.delete_replication_configuration().source_file_system_id(id);
        let deleted = request.send().await.or_fault("elasticfilesystem:DeleteReplicationConfiguration", CODES);
        found(deleted.map(Some))?;
    }
    Ok(!live.is_empty())
}

/// As the service reports it.
pub fn observed(destinations: &[Destination]) -> Option<Observed> {
    let destination = |destination: &Destination| {
        Observed::new()
            .with("FileSystemId", Some(destination.file_system_id()))
            .with("Region", Some(destination.region()))
            .with("RoleArn", destination.role_arn())
            .with("Status", Some(destination.status().as_str()))
            .with("StatusMessage", destination.status_message())
    };
    let stands = destinations.iter().filter(|destination| *destination.status() != ReplicationStatus::Deleting);
    let stands: Vec<Observed> = stands.map(destination).collect();
    if stands.is_empty() { None } else { Some(Observed::new().with_list("Destinations", stands)) }
}

fn destination(want: &Wanted<'_>) -> Result<DestinationToCreate> {
    let builder = DestinationToCreate::builder()
        .set_region(want.text("Region")?)
        .set_availability_zone_name(want.text("AvailabilityZoneName")?)
        .set_kms_key_id(want.text("KmsKeyId")?)
        .set_file_system_id(want.text("FileSystemId")?)
        .set_role_arn(want.text("RoleArn")?);
    Ok(builder.build())
}

/// A file system in another account is named by its ARN.
fn is_as_wanted(live: &Destination, want: &Wanted<'_>) -> bool {
    let is_same = |name: &str, live: Option<&str>| match want.raw(name).and_then(|wanted| wanted.as_str()) {
        None => true,
        Some(wanted) => live.is_some_and(|live| wanted == live || wanted.ends_with(&format!("/{live}"))),
    };
    *live.status() != ReplicationStatus::Deleting
        && is_same("FileSystemId", Some(live.file_system_id()))
        && is_same("Region", Some(live.region()))
        && is_same("RoleArn", live.role_arn())
}
