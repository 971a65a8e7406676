//! AWS::RDS::DBInstance
//! API: CreateDBInstance, RestoreDBInstanceFromDBSnapshot, RestoreDBInstanceToPointInTime, CreateDBInstanceReadReplica,
//! ModifyDBInstance, PromoteReadReplica, AddRoleToDBInstance, RemoveRoleFromDBInstance, AddTagsToResource,
//! RemoveTagsFromResource, Start- and StopDBInstanceAutomatedBackupsReplication, DescribeDBInstances,
//! DescribeDBInstanceAutomatedBackups, DeleteDBInstance.  Identity: DBInstanceIdentifier.  Found by: that name, if the
//! owner tags are on it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::types::{DbInstance, Filter};

use super::{
    backups::{replicate, with_copies},
    changes::left_over,
    codes::CODES,
    identifiers::{by_ids, lowered, wanted_id},
    instance_observed::{busy_with, document, failure},
    instance_request::{self, AFTER_RESTORE, AFTERWARDS, Origin},
    instance_update::{adjust, check, modify},
    tags::{is_ours, retag},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, failed, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::RDS::DBInstance";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DbInstanceDriver { aws: aws.clone() })
}

struct DbInstanceDriver {
    aws: Clients,
}

impl DbInstanceDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<DbInstance>> {
        let request = self.aws.rds(place).await.describe_db_instances().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("rds:DescribeDBInstances", FAULTS)
    }

    async fn one(&self, place: &Place, id: &PhysicalId) -> Result<Option<DbInstance>> {
        Ok(self.describe(place, by_ids("db-instance-id", std::slice::from_ref(id))).await?.into_iter().next())
    }

    /// The whole documents of those that stand: copies of backups are asked for in their own region.
    async fn documents(&self, place: &Place, found: &[DbInstance]) -> Result<Vec<Doc>> {
        let document = async |instance: &DbInstance| -> Result<Doc> {
            Ok(with_copies(&self.aws, place, instance, observed(instance)).await?.into())
        };
        each(found.iter().filter(|instance| stands(instance)).map(document)).await
    }

    /// Changes all that a change says. Whether there was anything.
    async fn change(&self, call: &Call, change: &Change, live: &DbInstance) -> Result<bool> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let is_modified = modify(&rds, change, is_immediate(&changed.want)?).await?;
        let is_adjusted = adjust(&rds, &changed, live).await?;
        let is_replicated = replicate(&self.aws, &call.place, &changed, live).await?;
        Ok(is_modified || is_adjusted || is_replicated)
    }
}

#[async_trait]
impl Driver for DbInstanceDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let instance = instance_request::create(&rds, call, &properties).await?;
        let made = made(TYPE, observed(&instance));
        let is_restored = instance_request::origin(&properties)? != Origin::Nothing;
        let is_left = |name: &str| AFTERWARDS.contains(&name) || (is_restored && AFTER_RESTORE.contains(&name));
        let rest = left_over(TYPE, (&made.id, observed(&instance)), want, is_left);
        // Refused until the instance is available; the engine waits for that and then completes it by an update.
        self.change(call, &rest, &instance).await.map_err(half_made(&made))?;
        Ok(pending(&made, instance.db_instance_status().unwrap_or("creating")))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.one(&call.place, &so_far.id).await?;
        let state = found.as_ref().map(|instance| (failure(instance), busy_with(instance)));
        match state {
            Some((Some(status), _)) => Err(failed("rds:DescribeDBInstances", None, Some(status), so_far)),
            Some((None, Some(note))) => Ok(pending(so_far, &note)),
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("db-instance-id", ids)).await?;
        Ok(in_order(TYPE, &lowered(ids), self.documents(&call.place, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        check(&changed)?;
        let Some(live) = self.one(&call.place, &change.id).await? else {
            return Err(Fault::new(FaultKind::NotFound, "rds:DescribeDBInstances", "the instance is gone"));
        };
        retag(&rds, live.db_instance_arn().unwrap_or_default(), &changed).await?;
        let has_changed = self.change(call, change, &live).await?;
        // Who puts a change off until the maintenance window does not wait for it.
        match has_changed && is_immediate(&changed.want)? {
            true => Ok(pending(&only_id(&change.id), "modifying")),
            false => Ok(Progress::Done(made(TYPE, observed(&live)))),
        }
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let going = || Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() });
        let live = self.one(&call.place, id).await?;
        if live.as_ref().is_some_and(|instance| !stands(instance)) {
            return going();
        }
        // One that does not show may only be too new to be seen, so the delete is sent all the same.
        let inputs = Wanted::new(TYPE, &removal.inputs);
        let snapshot = removal.final_snapshot.clone().filter(|_| can_snapshot(live.as_ref(), &inputs));
        let is_member = is_member(live.as_ref(), &inputs);
        let request = self
            .aws
            .rds(&call.place)
            .await
            .delete_db_instance()
            .db_instance_identifier(&id.0)
            .skip_final_snapshot(snapshot.is_none())
            .set_final_db_snapshot_identifier(snapshot)
            .set_delete_automated_backups(inputs.flag("DeleteAutomatedBackups")?.filter(|_| !is_member));
        match request.send().await.or_fault("rds:DeleteDBInstance", FAULTS) {
            Ok(_) => going(),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(Progress::Done(())),
            Err(fault) => Err(fault),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let ids = wanted_id(want, "DBInstanceIdentifier");
        if ids.is_empty() {
            return Ok(ids);
        }
        let found = self.describe(&call.place, by_ids("db-instance-id", &ids)).await?;
        Ok(identities(TYPE, found.iter().filter(|instance| is_ours(instance.tag_list(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DbInstanceDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        self.documents(place, &found).await
    }
}

/// One that is being deleted stays in sight for minutes.
fn stands(instance: &DbInstance) -> bool {
    instance.db_instance_status() != Some("deleting")
}

/// Changes are made at once unless the user wants them in the next maintenance window.
fn is_immediate(want: &Wanted<'_>) -> Result<bool> {
    Ok(want.flag("ApplyImmediately")?.unwrap_or(true))
}

/// Whether its data is a cluster's.
fn is_member(live: Option<&DbInstance>, inputs: &Wanted<'_>) -> bool {
    live.is_some_and(|instance| instance.db_cluster_identifier().is_some())
        || inputs.raw("DBClusterIdentifier").is_some()
}

/// An instance of a cluster, a replica and one that failed have no data of their own to take a snapshot of.
fn can_snapshot(live: Option<&DbInstance>, inputs: &Wanted<'_>) -> bool {
    let has_own = |instance: &DbInstance| {
        let status = instance.db_instance_status();
        instance.read_replica_source_db_instance_identifier().is_none()
            && instance.read_replica_source_db_cluster_identifier().is_none()
            && !matches!(status, Some("failed" | "incompatible-restore" | "incompatible-network"))
    };
    !is_member(live, inputs) && live.is_none_or(has_own)
}

fn observed(instance: &DbInstance) -> Observed {
    document(instance)
}

/// RDS's own codes.
const FAULTS: Codes = CODES;
