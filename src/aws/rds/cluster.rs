//! AWS::RDS::DBCluster
//! API: CreateDBCluster, RestoreDBClusterFromSnapshot, RestoreDBClusterToPointInTime, ModifyDBCluster,
//! PromoteReadReplicaDBCluster, RemoveFromGlobalCluster, Enable- and DisableHttpEndpoint, AddRoleToDBCluster,
//! RemoveRoleFromDBCluster, AddTagsToResource, RemoveTagsFromResource, DescribeDBClusters, DescribeGlobalClusters,
//! DeleteDBCluster.  Identity: DBClusterIdentifier.  Found by: that name, if the owner tags are on it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    types::{DbCluster, DbClusterMember, Filter},
};

use super::{
    changes::left_over,
    cluster_observed::{busy_with, document, failure},
    cluster_request::{self, AFTER_RESTORE},
    cluster_update::{adjust, check, leave_global_cluster, modify},
    codes::CODES,
    identifiers::{by_ids, lowered, wanted_id},
    tags::{is_ours, retag},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, failed, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::RDS::DBCluster";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DbClusterDriver { aws: aws.clone() })
}

struct DbClusterDriver {
    aws: Clients,
}

impl DbClusterDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<DbCluster>> {
        let request = self.aws.rds(place).await.describe_db_clusters().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("rds:DescribeDBClusters", FAULTS)
    }

    async fn one(&self, place: &Place, id: &PhysicalId) -> Result<Option<DbCluster>> {
        Ok(self.describe(place, by_ids("db-cluster-id", std::slice::from_ref(id))).await?.into_iter().next())
    }
}

#[async_trait]
impl Driver for DbClusterDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let cluster = cluster_request::create(&rds, call, &properties).await?;
        let made = made(TYPE, observed(&cluster));
        if cluster_request::is_restored(&properties) {
            let rest = left_over(TYPE, (&made.id, observed(&cluster)), want, |name| AFTER_RESTORE.contains(&name));
            // Refused until the cluster is available; the engine waits for that and then completes it by an update.
            modify(&rds, &rest).await.map_err(half_made(&made))?;
            adjust(&rds, &Changed::new(TYPE, &rest), &cluster).await.map_err(half_made(&made))?;
        }
        Ok(pending(&made, cluster.status().unwrap_or("creating")))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.one(&call.place, &so_far.id).await?;
        let state = found.as_ref().map(|cluster| (failure(cluster), busy_with(cluster)));
        match state {
            Some((Some(status), _)) => Err(failed("rds:DescribeDBClusters", None, Some(status), so_far)),
            Some((None, Some(note))) => Ok(pending(so_far, &note)),
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("db-cluster-id", ids)).await?;
        Ok(in_order(TYPE, &lowered(ids), found.iter().filter(|cluster| stands(cluster)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        check(&changed)?;
        let Some(live) = self.one(&call.place, &change.id).await? else {
            return Err(Fault::new(FaultKind::NotFound, "rds:DescribeDBClusters", "the cluster is gone"));
        };
        retag(&rds, live.db_cluster_arn().unwrap_or_default(), &changed).await?;
        let is_modified = modify(&rds, change).await?;
        let is_adjusted = adjust(&rds, &changed, &live).await?;
        match is_modified || is_adjusted {
            true => Ok(pending(&only_id(&change.id), "modifying")),
            false => Ok(Progress::Done(made(TYPE, observed(&live)))),
        }
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let rds = self.aws.rds(&call.place).await;
        let going = |note: &str| Ok(Progress::Pending { so_far: (), note: note.to_owned() });
        let live = self.one(&call.place, id).await?;
        if live.as_ref().is_some_and(|cluster| !stands(cluster)) {
            return going("deleting");
        }
        if let Some(cluster) = &live
            && leave_global_cluster(&rds, cluster).await?
        {
            return going("leaving its global cluster");
        }
        // One that does not show may only be too new to be seen, so the delete is sent all the same.
        match send_delete(&rds, id, removal).await {
            Ok(()) => going("deleting"),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(Progress::Done(())),
            Err(fault) => Err(with_instances(fault, live.as_ref())),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let ids = wanted_id(want, "DBClusterIdentifier");
        if ids.is_empty() {
            return Ok(ids);
        }
        let found = self.describe(&call.place, by_ids("db-cluster-id", &ids)).await?;
        Ok(identities(TYPE, found.iter().filter(|cluster| is_ours(cluster.tag_list(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DbClusterDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        Ok(found.iter().filter(|cluster| stands(cluster)).map(|cluster| observed(cluster).into()).collect())
    }
}

/// One that is being deleted stays in sight for minutes.
fn stands(cluster: &DbCluster) -> bool {
    cluster.status() != Some("deleting")
}

async fn send_delete(rds: &Client, id: &PhysicalId, removal: &Removal) -> Result<()> {
    let request = rds
        .delete_db_cluster()
        .db_cluster_identifier(&id.0)
        .skip_final_snapshot(removal.final_snapshot.is_none())
        .set_final_db_snapshot_identifier(removal.final_snapshot.clone())
        .set_delete_automated_backups(Wanted::new(TYPE, &removal.inputs).flag("DeleteAutomatedBackups")?);
    request.send().await.or_fault("rds:DeleteDBCluster", FAULTS).map(drop)
}

/// A cluster with instances is refused like one in the wrong state.
fn with_instances(mut fault: Fault, cluster: Option<&DbCluster>) -> Fault {
    let members = cluster.map(DbCluster::db_cluster_members).unwrap_or_default();
    if fault.kind == FaultKind::NotReady && !members.is_empty() {
        fault.kind = FaultKind::InUse;
        fault.blockers = members
            .iter()
            .filter_map(DbClusterMember::db_instance_identifier)
            .map(|id| format!("DB instance {id}"))
            .collect();
    }
    fault
}

fn observed(cluster: &DbCluster) -> Observed {
    document(cluster)
}

/// RDS's own codes.
const FAULTS: Codes = CODES;
