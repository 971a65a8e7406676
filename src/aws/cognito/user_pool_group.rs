//! AWS::Cognito::UserPoolGroup
//! API: CreateGroup, UpdateGroup, GetGroup, ListGroups, DeleteGroup.  Identity: UserPoolId and GroupName.  Found by: those
//! names, if the group is as wanted; it takes no tags. One without a name gets one made of the intent's token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::{Client, types::GroupType};

use super::{codes::CODES, pools};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, found, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Cognito::UserPoolGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(UserPoolGroupDriver { aws: aws.clone() })
}

struct UserPoolGroupDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for UserPoolGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .cognito(&call.place)
            .await
            .create_group()
            .set_user_pool_id(properties.text("UserPoolId")?)
            .group_name(properties.text("GroupName")?.unwrap_or_else(|| pools::made_up_name(call)))
            .set_description(properties.text("Description")?)
            .set_precedence(properties.whole("Precedence")?)
            .set_role_arn(properties.text("RoleArn")?);
        let answer = request.send().await.or_fault("cognito-idp:CreateGroup", FAULTS)?;
        let group = answer.group.filter(|group| group.group_name.is_some());
        Ok(Progress::Done(made(TYPE, observed(&answered(group, "cognito-idp:CreateGroup")?))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let (pool, name) = pools::parts(&so_far.id);
        let group = describe(&self.aws.cognito(&call.place).await, pool, name).await?;
        Ok(visible(TYPE, so_far, group.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cognito(&call.place).await;
        let names = ids.iter().map(pools::parts);
        let groups = each(names.map(|(pool, name)| describe(&client, pool, name))).await?;
        Ok(in_order(TYPE, ids, groups.iter().flatten().map(observed)))
    }

    /// Everything wanted is sent: it is not documented what becomes of what is left out. So the answer has to show that what
    /// was taken away is gone.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let (pool, name) = pools::parts(&change.id);
        let changed = Changed::new(TYPE, change);
        let (role, precedence) = (changed.want.text::<String>("RoleArn")?, changed.want.whole("Precedence")?);
        let request = self
            .aws
            .cognito(&call.place)
            .await
            .update_group()
            .user_pool_id(pool)
            .group_name(name)
            .description(changed.want.text::<String>("Description")?.unwrap_or_default())
            .set_precedence(precedence)
            .set_role_arn(role.clone());
        let answer = request.send().await.or_fault("cognito-idp:UpdateGroup", FAULTS)?;
        let stays = |name: &&str, is_wanted: bool, is_there: bool| changed.touches(name) && !is_wanted && is_there;
        if let Some(group) = answer.group {
            let role = ("RoleArn", role.is_some(), group.role_arn.is_some());
            let precedence = ("Precedence", precedence.is_some(), group.precedence.is_some());
            if let Some((name, ..)) = [role, precedence].iter().find(|(name, want, there)| stays(name, *want, *there)) {
                return Err(changed.want.invalid(format!(
                    "Cognito does not take `{name}` from a group that has one: set another, or have another group made \
                     by giving the resource a new name in the stack"
                )));
            }
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (pool, name) = pools::parts(id);
        let request = self.aws.cognito(&call.place).await.delete_group().user_pool_id(pool).group_name(name);
        gone(request.send().await.or_fault("cognito-idp:DeleteGroup", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let properties = Wanted::new(TYPE, want);
        let Some(pool) = want.text("UserPoolId") else { return Ok(Vec::new()) };
        let name = want.text("GroupName").map_or_else(|| pools::made_up_name(call), str::to_owned);
        let group = describe(&self.aws.cognito(&call.place).await, pool, &name).await?;
        let (description, role) = (properties.text::<String>("Description")?, properties.text::<String>("RoleArn")?);
        let precedence = properties.whole("Precedence")?;
        let is_wanted = |group: &&GroupType| {
            group.description().unwrap_or_default() == description.as_deref().unwrap_or_default()
                && group.role_arn() == role.as_deref()
                && group.precedence() == precedence
        };
        Ok(identities(TYPE, group.iter().filter(is_wanted).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for UserPoolGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cognito(place).await;
        let pools = pools::ids(&client).await?;
        let groups = each(pools.iter().map(|pool| all(&client, pool))).await?;
        Ok(groups.iter().flatten().map(|group| observed(group).into()).collect())
    }
}

/// All groups of a pool; none if there is no such pool.
async fn all(client: &Client, pool: &str) -> Result<Vec<GroupType>> {
    let groups = client.list_groups().user_pool_id(pool).into_paginator().items().send().try_collect().await;
    found(groups.or_fault("cognito-idp:ListGroups", FAULTS))
}

async fn describe(client: &Client, pool: &str, name: &str) -> Result<Option<GroupType>> {
    let answer = client.get_group().user_pool_id(pool).group_name(name).send().await;
    Ok(there(answer.or_fault("cognito-idp:GetGroup", FAULTS))?.and_then(|answer| answer.group))
}

fn observed(group: &GroupType) -> Observed {
    Observed::new()
        .with("UserPoolId", group.user_pool_id())
        .with("GroupName", group.group_name())
        .with("Description", group.description().filter(|text| !text.is_empty()))
        .with("Precedence", group.precedence())
        .with("RoleArn", group.role_arn())
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
