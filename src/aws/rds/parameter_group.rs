//! AWS::RDS::DBParameterGroup
//! API: CreateDBParameterGroup, ModifyDBParameterGroup, ResetDBParameterGroup, DescribeDBParameterGroups, DescribeDBParameters, ListTagsForResource,
//! AddTagsToResource, RemoveTagsFromResource, DeleteDBParameterGroup.  Identity: DBParameterGroupName.  Found by: that name,
//! if the owner tags are on it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    types::{DbParameterGroup, Parameter},
};

use super::{
    codes::{CODES, DELETE_CODES},
    identifiers::{filter, identifier, lowered, only, wanted_id},
    parameters::{observed_parameters, parameter_change, portions, request},
    set::set,
    tags::{create_tags, is_ours, retag, tags_by_arn, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, found, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::RDS::DBParameterGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DBParameterGroupDriver { aws: aws.clone() })
}

struct DBParameterGroupDriver {
    aws: Clients,
}

impl DBParameterGroupDriver {
    /// The group with this name, or all: the API knows no other way.
    async fn describe(&self, place: &Place, name: Option<String>) -> Result<Vec<DbParameterGroup>> {
        let request = self.aws.rds(place).await.describe_db_parameter_groups().set_db_parameter_group_name(name);
        found(
            request
                .into_paginator()
                .items()
                .send()
                .try_collect()
                .await
                .or_fault("rds:DescribeDBParameterGroups", FAULTS),
        )
    }
}

#[async_trait]
impl Driver for DBParameterGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = set!(rds.create_db_parameter_group(), properties;
            text set_description "Description",
            text set_db_parameter_group_family "Family",
        );
        let request = request
            .set_db_parameter_group_name(identifier(&properties, "DBParameterGroupName")?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("rds:CreateDBParameterGroup", FAULTS)?;
        let group = answered(answer.db_parameter_group, "rds:CreateDBParameterGroup")?;
        let made = made(TYPE, observed(&group));
        let rest = fresh(&made.id, observed(&group), want);
        set_parameters(&rds, &rest).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, Some(so_far.id.0.clone())).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ids = lowered(ids);
        let mut found = self.describe(&call.place, only(&ids)).await?;
        found.retain(|group| ids.iter().any(|id| group.db_parameter_group_name() == Some(&id.0)));
        Ok(in_order(TYPE, &ids, documents(&self.aws.rds(&call.place).await, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        set_parameters(&rds, change).await?;
        if changed.touches("Tags") {
            let found = self.describe(&call.place, Some(change.id.0.clone())).await?;
            let arn = found.first().and_then(DbParameterGroup::db_parameter_group_arn).unwrap_or_default();
            retag(&rds, arn, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.rds(&call.place).await.delete_db_parameter_group().db_parameter_group_name(&id.0);
        gone(request.send().await.or_fault("rds:DeleteDBParameterGroup", DELETE_CODES))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let wanted = wanted_id(want, "DBParameterGroupName");
        let Some(name) = only(&wanted) else { return Ok(Vec::new()) };
        let rds = self.aws.rds(&call.place).await;
        let mut found = self.describe(&call.place, Some(name.clone())).await?;
        found.retain(|group| group.db_parameter_group_name() == Some(&name));
        let Some(group) = found.first() else { return Ok(Vec::new()) };
        let tags = tags_by_arn(&rds, group.db_parameter_group_arn()).await?;
        Ok(if is_ours(&tags, call) { identities(TYPE, [observed(group)]) } else { Vec::new() })
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DBParameterGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, None).await?;
        documents(&self.aws.rds(place).await, &found).await
    }
}

/// The whole documents: parameters and tags are asked for one by one.
async fn documents(rds: &Client, groups: &[DbParameterGroup]) -> Result<Vec<Doc>> {
    each(groups.iter().map(|group| document(rds, group))).await
}

async fn document(rds: &Client, group: &DbParameterGroup) -> Result<Doc> {
    let name = group.db_parameter_group_name().unwrap_or_default();
    let request = rds.describe_db_parameters().db_parameter_group_name(name).source("user");
    let parameters = request.into_paginator().items().send();
    let (parameters, tags) = tokio::join!(parameters.try_collect(), tags_by_arn(rds, group.db_parameter_group_arn()));
    let parameters: Vec<Parameter> = parameters.or_fault("rds:DescribeDBParameters", FAULTS)?;
    let document =
        observed(group).with("Parameters", Some(observed_parameters(&parameters))).with_list("Tags", tags_of(&tags?));
    Ok(document.into())
}

/// Sets and resets parameters, in as many requests as it takes.
async fn set_parameters(rds: &Client, change: &Change) -> Result<()> {
    let changed = Changed::new(TYPE, change);
    let parameters = parameter_change(&changed, &change.paths)?;
    for portion in portions(parameters.put) {
        let known = known(rds, changed.id(), portion.iter().map(|(name, _)| name)).await?;
        let parameters = request(&known, portion.into_iter().map(|(name, value)| (name, Some(value))).collect());
        let request = rds.modify_db_parameter_group().db_parameter_group_name(changed.id());
        let request = request.set_parameters(Some(parameters));
        request.send().await.or_fault("rds:ModifyDBParameterGroup", FAULTS)?;
    }
    for portion in portions(parameters.reset) {
        let known = known(rds, changed.id(), portion.iter()).await?;
        let parameters = request(&known, portion.into_iter().map(|name| (name, None)).collect());
        let request = rds.reset_db_parameter_group().db_parameter_group_name(changed.id());
        let request = request.reset_all_parameters(false).set_parameters(Some(parameters));
        request.send().await.or_fault("rds:ResetDBParameterGroup", FAULTS)?;
    }
    Ok(())
}

/// What RDS says about parameters of a group; it says nothing about names it does not know.
async fn known(rds: &Client, group: &str, names: impl Iterator<Item = &String>) -> Result<Vec<Parameter>> {
    let request = rds.describe_db_parameters().db_parameter_group_name(group);
    let request = request.set_filters(Some(filter("parameter-name", names)));
    request.into_paginator().items().send().try_collect().await.or_fault("rds:DescribeDBParameters", FAULTS)
}

fn observed(group: &DbParameterGroup) -> Observed {
    Observed::new()
        .with("DBParameterGroupName", group.db_parameter_group_name())
        .with("DBParameterGroupArn", group.db_parameter_group_arn())
        .with("Description", group.description())
        .with("Family", group.db_parameter_group_family())
}

/// RDS's own codes.
const FAULTS: Codes = CODES;
