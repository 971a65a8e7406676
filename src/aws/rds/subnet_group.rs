//! AWS::RDS::DBSubnetGroup
//! API: CreateDBSubnetGroup, ModifyDBSubnetGroup, DescribeDBSubnetGroups, ListTagsForResource, AddTagsToResource,
//! RemoveTagsFromResource, DeleteDBSubnetGroup.  Identity: DBSubnetGroupName.  Found by: that name, if the owner tags are
//! on it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_rds::{
    Client,
    types::{DbSubnetGroup, Subnet},
};

use super::{
    codes::CODES,
    identifiers::{identifier, lowered, only, wanted_id},
    set::set,
    tags::{create_tags, is_ours, retag, tags_by_arn, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, found, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::RDS::DBSubnetGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DbSubnetGroupDriver { aws: aws.clone() })
}

struct DbSubnetGroupDriver {
    aws: Clients,
}

impl DbSubnetGroupDriver {
    /// The group with this name, or all: the API knows no other way.
    async fn describe(&self, place: &Place, name: Option<String>) -> Result<Vec<DbSubnetGroup>> {
        let request = self.aws.rds(place).await.describe_db_subnet_groups().set_db_subnet_group_name(name);
        found(
            request.into_paginator().items().send().try_collect().await.or_fault("rds:DescribeDBSubnetGroups", FAULTS),
        )
    }
}

#[async_trait]
impl Driver for DbSubnetGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = set!(self.aws.rds(&call.place).await.create_db_subnet_group(), properties;
            text set_db_subnet_group_description "DBSubnetGroupDescription",
            texts set_subnet_ids "SubnetIds",
        );
        let request = request
            .set_db_subnet_group_name(identifier(&properties, "DBSubnetGroupName")?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("rds:CreateDBSubnetGroup", FAULTS)?;
        let group = answered(answer.db_subnet_group, "rds:CreateDBSubnetGroup")?;
        Ok(Progress::Done(made(TYPE, observed(&group))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, Some(so_far.id.0.clone())).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ids = lowered(ids);
        let mut found = self.describe(&call.place, only(&ids)).await?;
        found.retain(|group| ids.iter().any(|id| group.db_subnet_group_name() == Some(&id.0)));
        Ok(in_order(TYPE, &ids, documents(&self.aws.rds(&call.place).await, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let rds = self.aws.rds(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("DBSubnetGroupDescription") || changed.touches("SubnetIds") {
            let request = set!(rds.modify_db_subnet_group(), changed.want;
                text set_db_subnet_group_description "DBSubnetGroupDescription",
                texts set_subnet_ids "SubnetIds",
            );
            let request = request.db_subnet_group_name(changed.id());
            request.send().await.or_fault("rds:ModifyDBSubnetGroup", FAULTS)?;
        }
        if changed.touches("Tags") {
            let found = self.describe(&call.place, Some(change.id.0.clone())).await?;
            let arn = found.first().and_then(DbSubnetGroup::db_subnet_group_arn).unwrap_or_default();
            retag(&rds, arn, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.rds(&call.place).await.delete_db_subnet_group().db_subnet_group_name(&id.0);
        gone(request.send().await.or_fault("rds:DeleteDBSubnetGroup", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let wanted = wanted_id(want, "DBSubnetGroupName");
        let Some(name) = only(&wanted) else { return Ok(Vec::new()) };
        let found = self.describe(&call.place, Some(name)).await?;
        let Some(group) = found.first() else { return Ok(Vec::new()) };
        let tags = tags_by_arn(&self.aws.rds(&call.place).await, group.db_subnet_group_arn()).await?;
        Ok(if is_ours(&tags, call) { identities(TYPE, [observed(group)]) } else { Vec::new() })
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DbSubnetGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, None).await?;
        documents(&self.aws.rds(place).await, &found).await
    }
}

/// The whole documents: tags are asked for one by one.
async fn documents(rds: &Client, groups: &[DbSubnetGroup]) -> Result<Vec<Doc>> {
    let document = async |group: &DbSubnetGroup| -> Result<Doc> {
        let tags = tags_by_arn(rds, group.db_subnet_group_arn()).await?;
        Ok(observed(group).with_list("Tags", tags_of(&tags)).into())
    };
    each(groups.iter().map(document)).await
}

fn observed(group: &DbSubnetGroup) -> Observed {
    Observed::new()
        .with("DBSubnetGroupName", group.db_subnet_group_name())
        .with("DBSubnetGroupArn", group.db_subnet_group_arn())
        .with("DBSubnetGroupDescription", group.db_subnet_group_description())
        .with_list("SubnetIds", group.subnets().iter().filter_map(Subnet::subnet_identifier))
}

/// RDS's own codes. A group in the wrong state is one that something uses.
const FAULTS: Codes = CODES;
