//! AWS::EFS::MountTarget
//! API: CreateMountTarget, ModifyMountTargetSecurityGroups, DescribeMountTargets, DescribeMountTargetSecurityGroups,
//! DeleteMountTarget.  Identity: Id.  Found by: file system and subnet, of which there is one; it takes no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_efs::{
    Client,
    types::{LifeCycleState, MountTargetDescription},
};

use super::{codes::CODES, file_system};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, failed, found, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EFS::MountTarget";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(MountTargetDriver { aws: aws.clone() })
}

struct MountTargetDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for MountTargetDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .efs(&call.place)
            .await
            .create_mount_target()
            .set_file_system_id(properties.text("FileSystemId")?)
            .set_subnet_id(properties.text("SubnetId")?)
            .set_ip_address(properties.text("IpAddress")?)
            .set_ipv6_address(properties.text("Ipv6Address")?)
            .set_ip_address_type(properties.text("IpAddressType")?)
            .set_security_groups(properties.texts("SecurityGroups")?);
        let answer = request.send().await.or_fault("elasticfilesystem:CreateMountTarget", FAULTS)?;
        let made = made(TYPE, Observed::new().with("Id", Some(answer.mount_target_id())));
        Ok(pending(&made, answer.life_cycle_state().as_str()))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let Some(target) = describe(&self.aws.efs(&call.place).await, &so_far.id.0).await? else {
            return Ok(pending(so_far, "not visible yet"));
        };
        let state = target.life_cycle_state();
        Ok(match state {
            LifeCycleState::Creating | LifeCycleState::Updating => pending(so_far, state.as_str()),
            LifeCycleState::Error | LifeCycleState::Deleting | LifeCycleState::Deleted => {
                return Err(failed("elasticfilesystem:CreateMountTarget", None, Some(state.as_str()), so_far));
            }
            _ => visible(TYPE, so_far, Some(observed(&target))),
        })
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let efs = self.aws.efs(&call.place).await;
        let found = each(ids.iter().map(|id| describe(&efs, &id.0))).await?;
        Ok(in_order(TYPE, ids, documents(&efs, found.into_iter().flatten().collect()).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        if changed.touches("SecurityGroups") {
            let request = self.aws.efs(&call.place).await.modify_mount_target_security_groups();
            let request = request.mount_target_id(changed.id());
            let request = request.set_security_groups(changed.want.texts("SecurityGroups")?);
            request.send().await.or_fault("elasticfilesystem:ModifyMountTargetSecurityGroups", FAULTS)?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let efs = self.aws.efs(&call.place).await;
        let target = describe(&efs, &id.0).await?;
        match target.as_ref().map(MountTargetDescription::life_cycle_state) {
            Some(LifeCycleState::Deleted) => return Ok(Progress::Done(())),
            Some(LifeCycleState::Deleting) => {}
            _ => {
                let deleted = efs.delete_mount_target().mount_target_id(&id.0).send().await;
                let deleted = deleted.or_fault("elasticfilesystem:DeleteMountTarget", FAULTS);
                if deleted.is_err() {
                    return gone(deleted);
                }
            }
        }
        // Its network interface keeps the subnet and the security groups until it is really gone.
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let (Some(file_system), Some(subnet)) = (want.text("FileSystemId"), want.text("SubnetId")) else {
            return Ok(Vec::new());
        };
        let mut found = of_file_system(&self.aws.efs(&call.place).await, file_system).await?;
        found.retain(|target| target.subnet_id() == subnet && !is_going(target));
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for MountTargetDriver {
    /// The service knows no list of all of them.
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let efs = self.aws.efs(place).await;
        let file_systems = file_system::describe(&efs, None).await?;
        let found = each(file_systems.iter().map(|owner| of_file_system(&efs, owner.file_system_id()))).await?;
        documents(&efs, found.into_iter().flatten().collect()).await
    }
}

async fn describe(efs: &Client, id: &str) -> Result<Option<MountTargetDescription>> {
    let answer = efs.describe_mount_targets().mount_target_id(id).send().await;
    let targets = answer.or_fault("elasticfilesystem:DescribeMountTargets", FAULTS).map(|answer| answer.mount_targets);
    Ok(found(targets)?.unwrap_or_default().into_iter().next())
}

async fn of_file_system(efs: &Client, id: &str) -> Result<Vec<MountTargetDescription>> {
    let answer = efs.describe_mount_targets().file_system_id(id).into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticfilesystem:DescribeMountTargets", FAULTS))
}

fn is_going(target: &MountTargetDescription) -> bool {
    matches!(target.life_cycle_state(), LifeCycleState::Deleting | LifeCycleState::Deleted)
}

/// The whole documents of those that stand: DescribeMountTargets leaves out the security groups.
async fn documents(efs: &Client, mut targets: Vec<MountTargetDescription>) -> Result<Vec<Doc>> {
    targets.retain(|target| !is_going(target) && *target.life_cycle_state() != LifeCycleState::Error);
    let documents = each(targets.iter().map(|target| async {
        let answer = efs.describe_mount_target_security_groups().mount_target_id(target.mount_target_id()).send().await;
        let answer = answer.or_fault("elasticfilesystem:DescribeMountTargetSecurityGroups", FAULTS);
        let groups = found(answer.map(|answer| Some(answer.security_groups)))?;
        Ok(groups.map(|groups| observed(target).with_list("SecurityGroups", groups).into()))
    }));
    Ok(documents.await?.into_iter().flatten().collect())
}

fn observed(target: &MountTargetDescription) -> Observed {
    Observed::new()
        .with("Id", Some(target.mount_target_id()))
        .with("FileSystemId", Some(target.file_system_id()))
        .with("SubnetId", Some(target.subnet_id()))
        .with("IpAddress", target.ip_address())
        .with("Ipv6Address", target.ipv6_address())
}

const FAULTS: Codes = CODES;
