//! AWS::ElastiCache::ParameterGroup
//! API: CreateCacheParameterGroup, ModifyCacheParameterGroup, ResetCacheParameterGroup, AddTagsToResource,
//! RemoveTagsFromResource, DescribeCacheParameterGroups, DescribeCacheParameters, ListTagsForResource,
//! DeleteCacheParameterGroup.  Identity: CacheParameterGroupName, which no stack can choose.  Found by: that name, which
//! is made of the intent's token.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    types::{CacheParameterGroup, Parameter, ParameterNameValue},
};
use serde_json::Value as Json;

use super::{
    codes::CODES,
    tags::{retag, tags, tags_at, tags_of},
    users,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, sole, visible},
        faults::{Codes, OrFault, answered, found, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElastiCache::ParameterGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ParameterGroupDriver { aws: aws.clone() })
}

struct ParameterGroupDriver {
    aws: Clients,
}

/// How many parameters one request may carry.
const AT_ONCE: usize = 20;

#[async_trait]
impl Driver for ParameterGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = elasticache
            .create_cache_parameter_group()
            .cache_parameter_group_name(name(call))
            .set_cache_parameter_group_family(properties.text("CacheParameterGroupFamily")?)
            .set_description(properties.text("Description")?)
            .set_tags(Some(tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticache:CreateCacheParameterGroup", FAULTS)?;
        let group = answered(answer.cache_parameter_group, "elasticache:CreateCacheParameterGroup")?;
        let made = made(TYPE, observed(&group));
        let rest = fresh(&made.id, observed(&group), want);
        set(&elasticache, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.elasticache(&call.place).await, Some(&so_far.id.0)).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, sole(ids)).await?;
        found.retain(|group| ids.iter().any(|id| group.cache_parameter_group_name() == Some(&id.0)));
        let documents = each(found.iter().map(|group| document(&elasticache, group))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["Description"])?;
        set(&elasticache, &changed).await?;
        let found = describe(&elasticache, Some(changed.id())).await?;
        retag(&elasticache, found.first().and_then(CacheParameterGroup::arn), &changed).await?;
        Ok(visible(TYPE, &only_id(&change.id), found.first().map(observed)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let request = elasticache.delete_cache_parameter_group().cache_parameter_group_name(&id.0);
        let deleted = request.send().await.or_fault("elasticache:DeleteCacheParameterGroup", IN_USE);
        let users = users::caches(&elasticache, |cluster| {
            cluster.cache_parameter_group().and_then(|group| group.cache_parameter_group_name()) == Some(&id.0)
        });
        gone_unless_used(deleted, users).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = describe(&self.aws.elasticache(&call.place).await, Some(&name(call))).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ParameterGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elasticache = self.aws.elasticache(place).await;
        let found = describe(&elasticache, None).await?;
        Ok(each(found.iter().map(|group| document(&elasticache, group))).await?.into_iter().flatten().collect())
    }
}

/// The service keeps names in lower case.
fn name(call: &Call) -> String {
    format!("provision-{}", call.token().0.to_lowercase())
}

/// The group of this name, or all.
async fn describe(elasticache: &Client, name: Option<&str>) -> Result<Vec<CacheParameterGroup>> {
    let request = elasticache.describe_cache_parameter_groups().set_cache_parameter_group_name(name.map(str::to_owned));
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticache:DescribeCacheParameterGroups", FAULTS))
}

/// Puts parameters to what is wanted, and those that are no longer named back to what their family says.
async fn set(elasticache: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("Properties") {
        return Ok(());
    }
    let (want, before) = (values(&change.want)?, values(&change.before)?);
    let reset = before.keys().filter(|name| !want.contains_key(*name));
    let reset: Vec<_> = reset.map(|name| ParameterNameValue::builder().parameter_name(name).build()).collect();
    for some in reset.chunks(AT_ONCE) {
        let request = elasticache.reset_cache_parameter_group().cache_parameter_group_name(change.id());
        let request = request.set_parameter_name_values(Some(some.to_vec()));
        request.send().await.or_fault("elasticache:ResetCacheParameterGroup", FAULTS)?;
    }
    let put = want.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let put =
        put.map(|(name, value)| ParameterNameValue::builder().parameter_name(name).parameter_value(value).build());
    for some in put.collect::<Vec<_>>().chunks(AT_ONCE) {
        let request = elasticache.modify_cache_parameter_group().cache_parameter_group_name(change.id());
        let request = request.set_parameter_name_values(Some(some.to_vec()));
        request.send().await.or_fault("elasticache:ModifyCacheParameterGroup", FAULTS)?;
    }
    Ok(())
}

/// The parameters that a document names.
fn values(document: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let Some(parameters) = document.inner("Properties")? else { return Ok(BTreeMap::new()) };
    let mut values = BTreeMap::new();
    for name in document.raw("Properties").and_then(Json::as_object).into_iter().flat_map(|named| named.keys()) {
        if let Some(value) = parameters.text(name)? {
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

/// The whole document; `None` if the group has gone meanwhile. Parameters that nobody has set are its family's.
async fn document(elasticache: &Client, group: &CacheParameterGroup) -> Result<Option<Doc>> {
    let request = elasticache
        .describe_cache_parameters()
        .set_cache_parameter_group_name(group.cache_parameter_group_name().map(str::to_owned));
    let request = request.source("user").into_paginator().items().send();
    let (parameters, tags) = tokio::join!(request.try_collect(), tags_at(elasticache, group.arn()));
    let parameters: Result<Vec<Parameter>> = parameters.or_fault("elasticache:DescribeCacheParameters", FAULTS);
    let Some(parameters) = found(parameters.map(Some))? else { return Ok(None) };
    let set = parameters.iter().filter(|parameter| parameter.source() == Some("user"));
    let set = set.filter_map(|parameter| Some((parameter.parameter_name()?, parameter.parameter_value()?)));
    let properties = set.fold(Observed::new(), |properties, (name, value)| properties.with(name, Some(value)));
    Ok(Some(observed(group).with("Properties", Some(properties)).with_list("Tags", tags_of(&tags?)).into()))
}

fn observed(group: &CacheParameterGroup) -> Observed {
    Observed::new()
        .with("CacheParameterGroupName", group.cache_parameter_group_name())
        .with("CacheParameterGroupFamily", group.cache_parameter_group_family())
        .with("Description", group.description())
}

/// A group that caches still use is in the wrong state only for its deletion.
const IN_USE: Codes = &[("InvalidCacheParameterGroupState", FaultKind::InUse)];

const FAULTS: Codes = CODES;
