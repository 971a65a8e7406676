//! AWS::ElastiCache::SubnetGroup
//! API: CreateCacheSubnetGroup, ModifyCacheSubnetGroup, AddTagsToResource, RemoveTagsFromResource,
//! DescribeCacheSubnetGroups, ListTagsForResource, DeleteCacheSubnetGroup.  Identity: CacheSubnetGroupName.  Found by:
//! that name, with the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{Client, types::CacheSubnetGroup};

use super::{
    codes::CODES,
    tags::{is_ours, retag, tags, tags_at, tags_of},
    users,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, sole, visible},
        faults::{Codes, OrFault, answered, found, gone_unless_used},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElastiCache::SubnetGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SubnetGroupDriver { aws: aws.clone() })
}

struct SubnetGroupDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for SubnetGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .elasticache(&call.place)
            .await
            .create_cache_subnet_group()
            .set_cache_subnet_group_name(properties.text("CacheSubnetGroupName")?)
            .set_cache_subnet_group_description(properties.text("Description")?)
            .set_subnet_ids(properties.texts("SubnetIds")?)
            .set_tags(Some(tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticache:CreateCacheSubnetGroup", FAULTS)?;
        let group = answered(answer.cache_subnet_group, "elasticache:CreateCacheSubnetGroup")?;
        Ok(Progress::Done(made(TYPE, observed(&group))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.elasticache(&call.place).await, Some(&so_far.id.0)).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, sole(ids)).await?;
        found.retain(|group| ids.iter().any(|id| group.cache_subnet_group_name() == Some(&id.0)));
        Ok(in_order(TYPE, ids, each(found.iter().map(|group| document(&elasticache, group))).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("Description") || changed.touches("SubnetIds") {
            let request = elasticache
                .modify_cache_subnet_group()
                .cache_subnet_group_name(changed.id())
                .set_cache_subnet_group_description(changed.want.text("Description")?)
                .set_subnet_ids(changed.want.texts("SubnetIds")?);
            request.send().await.or_fault("elasticache:ModifyCacheSubnetGroup", FAULTS)?;
        }
        let found = describe(&elasticache, Some(changed.id())).await?;
        retag(&elasticache, found.first().and_then(CacheSubnetGroup::arn), &changed).await?;
        Ok(visible(TYPE, &only_id(&change.id), found.first().map(observed)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let request = elasticache.delete_cache_subnet_group().cache_subnet_group_name(&id.0);
        let deleted = request.send().await.or_fault("elasticache:DeleteCacheSubnetGroup", FAULTS);
        let users = users::caches(&elasticache, |cluster| cluster.cache_subnet_group_name() == Some(&id.0));
        gone_unless_used(deleted, users).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("CacheSubnetGroupName") else { return Ok(Vec::new()) };
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, Some(name)).await?;
        let ours = each(found.iter().map(|group| is_ours(&elasticache, group.arn(), call))).await?;
        let mut ours = ours.into_iter();
        found.retain(|_| ours.next() == Some(true));
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for SubnetGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elasticache = self.aws.elasticache(place).await;
        let found = describe(&elasticache, None).await?;
        each(found.iter().map(|group| document(&elasticache, group))).await
    }
}

/// The group of this name, or all.
async fn describe(elasticache: &Client, name: Option<&str>) -> Result<Vec<CacheSubnetGroup>> {
    let request = elasticache.describe_cache_subnet_groups().set_cache_subnet_group_name(name.map(str::to_owned));
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticache:DescribeCacheSubnetGroups", FAULTS))
}

async fn document(elasticache: &Client, group: &CacheSubnetGroup) -> Result<Doc> {
    let tags = tags_at(elasticache, group.arn()).await?;
    Ok(observed(group).with_list("Tags", tags_of(&tags)).into())
}

fn observed(group: &CacheSubnetGroup) -> Observed {
    Observed::new()
        .with("CacheSubnetGroupName", group.cache_subnet_group_name())
        .with("Description", group.cache_subnet_group_description())
        .with_list("SubnetIds", group.subnets().iter().filter_map(|subnet| subnet.subnet_identifier()))
}

const FAULTS: Codes = CODES;
