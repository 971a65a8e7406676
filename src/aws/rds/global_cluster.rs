//! AWS::RDS::GlobalCluster
//! API: CreateGlobalCluster, ModifyGlobalCluster, RemoveFromGlobalCluster, AddTagsToResource, RemoveTagsFromResource,
//! DescribeGlobalClusters, DescribeDBClusters, DeleteGlobalCluster.  Identity: GlobalClusterIdentifier.  Found by: that
//! name, if the owner tags are on it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    types::{GlobalCluster, GlobalClusterMember},
};

use super::{
    codes::CODES,
    identifiers::{identifier, lowered, only, wanted_id},
    set::set,
    tags::{create_tags_of, is_ours, retag, source_of, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::RDS::GlobalCluster";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(GlobalClusterDriver { aws: aws.clone() })
}

struct GlobalClusterDriver {
    aws: Clients,
}

impl GlobalClusterDriver {
    /// The global cluster with this name, or all: the API knows no other way.
    async fn describe(&self, place: &Place, id: Option<String>) -> Result<Vec<GlobalCluster>> {
        let request = self.aws.rds(place).await.describe_global_clusters().set_global_cluster_identifier(id.clone());
        let found = request.into_paginator().items().send().try_collect().await;
        let mut found: Vec<GlobalCluster> = match found.or_fault("rds:DescribeGlobalClusters", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotFound => Vec::new(),
            found => found?,
        };
        found.retain(|cluster| id.is_none() || cluster.global_cluster_identifier() == id.as_deref());
        Ok(found)
    }

    async fn one(&self, place: &Place, id: &PhysicalId) -> Result<Option<GlobalCluster>> {
        Ok(self.describe(place, Some(id.0.to_lowercase())).await?.into_iter().next())
    }
}

#[async_trait]
impl Driver for GlobalClusterDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let source = source(&rds, &properties).await?;
        // After a switch-over, nothing but a tag tells which cluster was the first.
        let tags = create_tags_of(source.as_deref(), call, &properties)?;
        let request = set!(rds.create_global_cluster(), properties;
            flag set_deletion_protection "DeletionProtection",
            text set_engine "Engine",
            text set_engine_lifecycle_support "EngineLifecycleSupport",
            text set_engine_version "EngineVersion",
            flag set_storage_encrypted "StorageEncrypted",
        );
        let request = request
            .set_global_cluster_identifier(identifier(&properties, "GlobalClusterIdentifier")?)
            .set_source_db_cluster_identifier(source)
            .set_tags(Some(tags));
        let answer = request.send().await.or_fault("rds:CreateGlobalCluster", FAULTS)?;
        let cluster = answered(answer.global_cluster, "rds:CreateGlobalCluster")?;
        Ok(pending(&made(TYPE, observed(&cluster)), cluster.status().unwrap_or("creating")))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.one(&call.place, &so_far.id).await?;
        match found.as_ref().and_then(GlobalCluster::status) {
            Some(status @ ("deleting" | "failed")) => {
                Err(failed("rds:DescribeGlobalClusters", None, Some(status), so_far))
            }
            Some(status) if status != "available" => Ok(pending(so_far, status)),
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ids = lowered(ids);
        let found = self.describe(&call.place, only(&ids)).await?;
        Ok(in_order(TYPE, &ids, found.iter().filter(|cluster| stands(cluster)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["EngineLifecycleSupport"])?;
        let version =
            if changed.touches("EngineVersion") { changed.want.text::<String>("EngineVersion")? } else { None };
        let protection = changed.flag("DeletionProtection", false)?;
        if version.is_some() || protection.is_some() {
            let request = rds
                .modify_global_cluster()
                .global_cluster_identifier(changed.id())
                .set_deletion_protection(protection)
                .set_allow_major_version_upgrade(version.as_ref().map(|_| true))
                .set_engine_version(version);
            request.send().await.or_fault("rds:ModifyGlobalCluster", FAULTS)?;
        }
        if changed.touches("Tags") {
            let live = self.one(&call.place, &change.id).await?;
            let arn = live.as_ref().and_then(GlobalCluster::global_cluster_arn).unwrap_or_default();
            retag(&rds, arn, &changed).await?;
        }
        Ok(pending(&only_id(&change.id), "modifying"))
    }

    /// A global cluster must be empty. The cluster that it was made from was there before it and stays; the others are
    /// objects of their own, and theirs is the first move.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let rds = self.aws.rds(&call.place).await;
        let going = |note: &str| Ok(Progress::Pending { so_far: (), note: note.to_owned() });
        let live = self.one(&call.place, id).await?;
        if live.as_ref().is_some_and(|cluster| !stands(cluster)) {
            return going("deleting");
        }
        let members = live.as_ref().map(GlobalCluster::global_cluster_members).unwrap_or_default();
        let members: Vec<&str> = members.iter().filter_map(GlobalClusterMember::db_cluster_arn).collect();
        let wanted = removal.inputs.text("SourceDBClusterIdentifier");
        let recorded = live.as_ref().and_then(|cluster| source_of(cluster.tag_list()));
        let is_source = |arn: &str| Some(arn) == recorded || arn_means(arn, wanted);
        match members.as_slice() {
            [] => {}
            [last] if is_source(last) => {
                let request = rds.remove_from_global_cluster().global_cluster_identifier(&id.0);
                let removed = request.db_cluster_identifier(*last).send().await;
                gone(removed.or_fault("rds:RemoveFromGlobalCluster", FAULTS))?;
                return going("letting go of its first cluster");
            }
            members => {
                let others =
                    members.iter().filter(|arn| !is_source(arn)).map(|arn| format!("DB cluster {arn}")).collect();
                let message = "it still has members; they leave it when they are deleted";
                let mut fault = Fault::new(FaultKind::InUse, "rds:DeleteGlobalCluster", message);
                fault.blockers = others;
                return Err(fault);
            }
        }
        let request = rds.delete_global_cluster().global_cluster_identifier(&id.0);
        match request.send().await.or_fault("rds:DeleteGlobalCluster", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(Progress::Done(())),
            Err(fault) => Err(fault),
            Ok(_) => going("deleting"),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let wanted = wanted_id(want, "GlobalClusterIdentifier");
        let Some(id) = only(&wanted) else { return Ok(Vec::new()) };
        let found = self.describe(&call.place, Some(id)).await?;
        Ok(identities(TYPE, found.iter().filter(|cluster| is_ours(cluster.tag_list(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for GlobalClusterDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, None).await?;
        Ok(found.iter().filter(|cluster| stands(cluster)).map(|cluster| observed(cluster).into()).collect())
    }
}

/// One that is being deleted stays in sight for a while.
fn stands(cluster: &GlobalCluster) -> bool {
    cluster.status() != Some("deleting")
}

/// The ARN of the cluster to begin with, which may be given by its name; the API takes nothing but an ARN.
async fn source(rds: &Client, want: &Wanted<'_>) -> Result<Option<String>> {
    let Some(source) = want.text::<String>("SourceDBClusterIdentifier")? else { return Ok(None) };
    if source.starts_with("arn:") {
        return Ok(Some(source));
    }
    let found = rds.describe_db_clusters().db_cluster_identifier(source).send().await;
    let found = found.or_fault("rds:DescribeDBClusters", FAULTS)?;
    Ok(found.db_clusters.unwrap_or_default().into_iter().next().and_then(|cluster| cluster.db_cluster_arn))
}

/// Whether an ARN is meant by an ARN or by the name at its end.
fn arn_means(arn: &str, wanted: Option<&str>) -> bool {
    wanted.is_some_and(|wanted| {
        arn == wanted || arn.rsplit(':').next().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    })
}

/// The cluster that it was made from; of one that somebody else has made, the one that is written to.
fn observed_source(cluster: &GlobalCluster) -> Option<&str> {
    let members = cluster.global_cluster_members();
    let writer = members.iter().find(|member| member.is_writer() == Some(true)).or(match members {
        [only] => Some(only),
        _ => None,
    });
    source_of(cluster.tag_list()).or(writer.and_then(GlobalClusterMember::db_cluster_arn))
}

fn observed(cluster: &GlobalCluster) -> Observed {
    let endpoint = cluster.endpoint().map(|address| Observed::new().with("Address", Some(address)));
    Observed::new()
        .with("GlobalClusterIdentifier", cluster.global_cluster_identifier())
        .with("DeletionProtection", cluster.deletion_protection())
        .with("Engine", cluster.engine())
        .with("EngineLifecycleSupport", cluster.engine_lifecycle_support())
        .with("EngineVersion", cluster.engine_version())
        .with("GlobalEndpoint", endpoint)
        .with("SourceDBClusterIdentifier", observed_source(cluster))
        .with("StorageEncrypted", cluster.storage_encrypted())
        .with_list("Tags", tags_of(cluster.tag_list()))
}

/// RDS's own codes.
const FAULTS: Codes = CODES;
