//! AWS::EFS::AccessPoint
//! API: CreateAccessPoint, TagResource, UntagResource, DescribeAccessPoints, DeleteAccessPoint.  Identity: AccessPointId.
//! Found by: owner tags, among the access points of its file system; the create call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_efs::{
    Client,
    types::{AccessPointDescription, CreationInfo, LifeCycleState, PosixUser, RootDirectory},
};

use super::{
    codes::CODES,
    tags::{is_ours, retag, tags, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, found, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EFS::AccessPoint";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AccessPointDriver { aws: aws.clone() })
}

struct AccessPointDriver {
    aws: Clients,
}

/// The property with the tags.
const TAGS: &str = "AccessPointTags";

#[async_trait]
impl Driver for AccessPointDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let token = properties.text("ClientToken")?.unwrap_or_else(|| call.token().0.clone());
        let request = self
            .aws
            .efs(&call.place)
            .await
            .create_access_point()
            .client_token(token)
            .set_file_system_id(properties.text("FileSystemId")?)
            .set_posix_user(posix_user(&properties)?)
            .set_root_directory(root_directory(&properties)?)
            .set_tags(Some(tags(TAGS, call, &properties)?));
        let answer = request.send().await.or_fault("elasticfilesystem:CreateAccessPoint", FAULTS)?;
        let id = answered(answer.access_point_id, "elasticfilesystem:CreateAccessPoint")?;
        let identity = Observed::new().with("AccessPointId", Some(id)).with("Arn", answer.access_point_arn);
        Ok(pending(&made(TYPE, identity), "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let Some(point) = describe(&self.aws.efs(&call.place).await, &so_far.id.0).await? else {
            return Ok(pending(so_far, "not visible yet"));
        };
        let state = point.life_cycle_state().unwrap_or(&LifeCycleState::Available);
        Ok(match state {
            LifeCycleState::Creating | LifeCycleState::Updating => pending(so_far, state.as_str()),
            LifeCycleState::Error | LifeCycleState::Deleting | LifeCycleState::Deleted => {
                return Err(failed("elasticfilesystem:CreateAccessPoint", None, Some(state.as_str()), so_far));
            }
            _ => visible(TYPE, so_far, Some(observed(&point))),
        })
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let efs = self.aws.efs(&call.place).await;
        let found = match ids {
            [only] => describe(&efs, &only.0).await?.into_iter().collect(),
            _ => all(&efs, None).await?,
        };
        Ok(in_order(TYPE, ids, found.iter().filter(|point| stands(point)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        retag(&self.aws.efs(&call.place).await, TAGS, &Changed::new(TYPE, change)).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let efs = self.aws.efs(&call.place).await;
        let point = describe(&efs, &id.0).await?;
        match point.as_ref().and_then(AccessPointDescription::life_cycle_state) {
            Some(LifeCycleState::Deleted) => return Ok(Progress::Done(())),
            Some(LifeCycleState::Deleting) => {}
            _ => {
                let deleted = efs.delete_access_point().access_point_id(&id.0).send().await;
                let deleted = deleted.or_fault("elasticfilesystem:DeleteAccessPoint", FAULTS);
                if deleted.is_err() {
                    return gone(deleted);
                }
            }
        }
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = all(&self.aws.efs(&call.place).await, want.text("FileSystemId")).await?;
        let ours = found.iter().filter(|point| is_ours(point.tags(), call) && !is_going(point));
        Ok(identities(TYPE, ours.map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AccessPointDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = all(&self.aws.efs(place).await, None).await?;
        Ok(found.iter().filter(|point| stands(point)).map(|point| observed(point).into()).collect())
    }
}

async fn describe(efs: &Client, id: &str) -> Result<Option<AccessPointDescription>> {
    let answer = efs.describe_access_points().access_point_id(id).send().await;
    let points = answer.or_fault("elasticfilesystem:DescribeAccessPoints", FAULTS).map(|answer| answer.access_points);
    Ok(found(points)?.unwrap_or_default().into_iter().next())
}

/// All access points, or those of one file system.
async fn all(efs: &Client, file_system: Option<&str>) -> Result<Vec<AccessPointDescription>> {
    let request = efs.describe_access_points().set_file_system_id(file_system.map(str::to_owned));
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticfilesystem:DescribeAccessPoints", FAULTS))
}

fn is_going(point: &AccessPointDescription) -> bool {
    matches!(point.life_cycle_state(), Some(LifeCycleState::Deleting | LifeCycleState::Deleted))
}

fn stands(point: &AccessPointDescription) -> bool {
    !is_going(point) && point.life_cycle_state() != Some(&LifeCycleState::Error)
}

fn posix_user(want: &Wanted<'_>) -> Result<Option<PosixUser>> {
    let Some(user) = want.inner("PosixUser")? else { return Ok(None) };
    let secondary = user.texts("SecondaryGids")?.map(|ids| ids.iter().map(|id| id.parse()).collect());
    let secondary = secondary.transpose().map_err(|error| want.invalid(format!("`SecondaryGids`: {error}")))?;
    let builder = PosixUser::builder().set_uid(user.long("Uid")?).set_gid(user.long("Gid")?);
    builder.set_secondary_gids(secondary).build().map(Some).map_err(|error| want.invalid(error))
}

fn root_directory(want: &Wanted<'_>) -> Result<Option<RootDirectory>> {
    let Some(root) = want.inner("RootDirectory")? else { return Ok(None) };
    let info = root.inner("CreationInfo")?.map(|info| {
        let builder = CreationInfo::builder()
            .set_owner_uid(info.long("OwnerUid")?)
            .set_owner_gid(info.long("OwnerGid")?)
            .set_permissions(info.text("Permissions")?);
        builder.build().map_err(|error| want.invalid(error))
    });
    Ok(Some(RootDirectory::builder().set_path(root.text("Path")?).set_creation_info(info.transpose()?).build()))
}

fn observed(point: &AccessPointDescription) -> Observed {
    Observed::new()
        .with("AccessPointId", point.access_point_id())
        .with("Arn", point.access_point_arn())
        .with("ClientToken", point.client_token())
        .with("FileSystemId", point.file_system_id())
        .with("PosixUser", point.posix_user().map(observed_user))
        .with("RootDirectory", point.root_directory().map(observed_root))
        .with_list(TAGS, tags_of(point.tags()))
}

/// The catalogue has these numbers as texts.
fn observed_user(user: &PosixUser) -> Observed {
    let document = Observed::new().with("Uid", Some(user.uid().to_string())).with("Gid", Some(user.gid().to_string()));
    match user.secondary_gids() {
        [] => document,
        ids => document.with_list("SecondaryGids", ids.iter().map(i64::to_string)),
    }
}

fn observed_root(root: &RootDirectory) -> Observed {
    let info = root.creation_info().map(|info| {
        Observed::new()
            .with("OwnerUid", Some(info.owner_uid().to_string()))
            .with("OwnerGid", Some(info.owner_gid().to_string()))
            .with("Permissions", Some(info.permissions()))
    });
    Observed::new().with("Path", root.path()).with("CreationInfo", info)
}

const FAULTS: Codes = CODES;
