//! AWS::IAM::InstanceProfile
//! API: CreateInstanceProfile, Add- and RemoveRoleTo/FromInstanceProfile, GetInstanceProfile, ListInstanceProfiles,
//! DeleteInstanceProfile.  Identity: InstanceProfileName.  Found by: that name, if the profile has the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::{
    Client,
    types::{InstanceProfile, Role},
};

use super::{
    CODES,
    tags::{are_ours, for_create},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::IAM::InstanceProfile";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(InstanceProfileDriver { aws: aws.clone() })
}

struct InstanceProfileDriver {
    aws: Clients,
}

impl InstanceProfileDriver {
    async fn describe(&self, place: &Place, name: &str) -> Result<Option<InstanceProfile>> {
        let answer = self.aws.iam(place).await.get_instance_profile().instance_profile_name(name).send().await;
        Ok(there(answer.or_fault("iam:GetInstanceProfile", FAULTS))?.and_then(|answer| answer.instance_profile))
    }
}

#[async_trait]
impl Driver for InstanceProfileDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let roles = properties.texts("Roles")?.unwrap_or_default();
        let request = iam
            .create_instance_profile()
            .set_instance_profile_name(properties.text("InstanceProfileName")?)
            .set_path(properties.text("Path")?)
            .set_tags(Some(for_create(call, &properties)?));
        let answer = request.send().await.or_fault("iam:CreateInstanceProfile", FAULTS)?;
        let profile = answered(answer.instance_profile, "iam:CreateInstanceProfile")?;
        let made = made(TYPE, observed(&profile));
        for role in roles {
            add(&iam, &made.id.0, &role).await.map_err(half_made(&made))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let profile = self.describe(&call.place, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, profile.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let profiles = each(ids.iter().map(|id| self.describe(&call.place, &id.0))).await?;
        Ok(in_order(TYPE, ids, profiles.iter().flatten().map(observed)))
    }

    /// A profile has room for one role, so the former one leaves first.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let (more, less) = changed.texts("Roles")?;
        for role in less {
            remove(&iam, changed.id(), &role).await?;
        }
        for role in more {
            add(&iam, changed.id(), &role).await?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let iam = self.aws.iam(&call.place).await;
        let Some(profile) = self.describe(&call.place, &id.0).await? else { return Ok(Progress::Done(())) };
        for role in profile.roles() {
            remove(&iam, &id.0, role.role_name()).await?;
        }
        let deleted = iam.delete_instance_profile().instance_profile_name(&id.0).send().await;
        gone(deleted.or_fault("iam:DeleteInstanceProfile", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("InstanceProfileName") else { return Ok(Vec::new()) };
        let profile = self.describe(&call.place, name).await?;
        Ok(identities(TYPE, profile.iter().filter(|profile| are_ours(profile.tags(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for InstanceProfileDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let request = self.aws.iam(place).await.list_instance_profiles().into_paginator().items().send();
        let profiles: std::result::Result<Vec<InstanceProfile>, _> = request.try_collect().await;
        let profiles = profiles.or_fault("iam:ListInstanceProfiles", FAULTS)?;
        Ok(profiles.iter().map(|profile| observed(profile).into()).collect())
    }
}

async fn add(iam: &Client, profile: &str, role: &str) -> Result<()> {
    let request = iam.add_role_to_instance_profile().instance_profile_name(profile).role_name(role);
    request.send().await.or_fault("iam:AddRoleToInstanceProfile", FAULTS).map(drop)
}

/// Takes a role out; one that is not in is out.
async fn remove(iam: &Client, profile: &str, role: &str) -> Result<()> {
    let request = iam.remove_role_from_instance_profile().instance_profile_name(profile).role_name(role);
    there(request.send().await.or_fault("iam:RemoveRoleFromInstanceProfile", FAULTS)).map(drop)
}

fn observed(profile: &InstanceProfile) -> Observed {
    Observed::new()
        .with("InstanceProfileName", Some(profile.instance_profile_name()))
        .with("Arn", Some(profile.arn()))
        .with("Path", Some(profile.path()))
        .with_list("Roles", profile.roles().iter().map(Role::role_name))
}

/// The codes of IAM.
const FAULTS: Codes = CODES;
