//! AWS::CloudFront::Distribution
//! API: CreateDistributionWithTags, UpdateDistribution, TagResource, UntagResource, GetDistribution (and
//! ListTagsForResource for what it leaves out), ListDistributions, DeleteDistribution.  Identity: Id.
//! Found by: the owner tags, because no list shows the caller reference, under which it can be created only once.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudfront::{
    Client,
    types::{Distribution, DistributionConfig, DistributionConfigWithTags, DistributionSummary, Tag, TagKeys, Tags},
};
use serde_json::Value as Json;

use super::{codes::CODES, shape};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Part, Wanted, all_tags, each, in_order, made, only_id, pending, tag_change, visible,
            visible_tags,
        },
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CloudFront::Distribution";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DistributionDriver { aws: aws.clone() })
}

struct DistributionDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for DistributionDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "cloudfront:CreateDistributionWithTags";
        let client = self.aws.cloudfront(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let wanted = DistributionConfigWithTags::builder()
            .distribution_config(wanted_config(&properties, &call.token().0)?)
            .tags(tags(all_tags(call, &properties)?))
            .build();
        let request = client.create_distribution_with_tags().distribution_config_with_tags(wanted);
        let answer = request.send().await.or_fault(operation, FAULTS)?;
        let distribution = answered(answer.distribution, operation)?;
        Ok(settled(&distribution, &made(TYPE, observed(&distribution))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        match there(get(&self.aws.cloudfront(&call.place).await, &so_far.id.0).await)? {
            Some((distribution, _)) => Ok(settled(&distribution, so_far)),
            None => Ok(pending(so_far, "not visible yet")),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cloudfront(&call.place).await;
        let found = each(ids.iter().map(|id| document(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.cloudfront(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let (distribution, version) = get(&client, changed.id()).await?;
        retag(&client, distribution.arn(), &changed).await?;
        let made = only_id(&change.id);
        if !changed.touches(CONFIG) {
            return Ok(Progress::Done(made));
        }
        let reference = distribution.distribution_config().map_or("", DistributionConfig::caller_reference);
        let config = wanted_config(&changed.want, reference)?;
        Ok(match put(&client, changed.id(), config, version).await? {
            Some(distribution) => settled(&distribution, &made),
            None => pending(&made, "deploying"),
        })
    }

    /// A distribution must be disabled, and that known at all edge locations, before it can be deleted.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.cloudfront(&call.place).await;
        let Some((distribution, version)) = there(get(&client, &id.0).await)? else { return Ok(Progress::Done(())) };
        let is_deployed = is_deployed(&distribution);
        if let Some(mut config) = distribution.distribution_config.filter(DistributionConfig::enabled) {
            config.enabled = false;
            put(&client, &id.0, config, version).await?;
            return Ok(Progress::Pending { so_far: (), note: "disabling".to_owned() });
        }
        if !is_deployed {
            return Ok(Progress::Pending { so_far: (), note: "disabled, deploying that".to_owned() });
        }
        let request = client.delete_distribution().id(&id.0).set_if_match(version);
        gone(request.send().await.or_fault("cloudfront:DeleteDistribution", FAULTS))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.cloudfront(&call.place).await;
        let found = all(&client).await?;
        let tags = each(found.iter().map(|distribution| tags_of(&client, distribution.arn()))).await?;
        let is_ours = |tags: &[Tag]| {
            tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == Some(call.token().0.as_str()))
        };
        let ours = found.into_iter().zip(tags).filter(|(_, tags)| is_ours(tags));
        Ok(ours.map(|(distribution, _)| PhysicalId(distribution.id)).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DistributionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cloudfront(place).await;
        let found = all(&client).await?;
        let found = each(found.iter().map(|distribution| document(&client, distribution.id()))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The distributions of the account, as ListDistributions shortens them.
pub(super) async fn all(client: &Client) -> Result<Vec<DistributionSummary>> {
    let found = client.list_distributions().into_paginator().items().send().try_collect().await;
    found.or_fault("cloudfront:ListDistributions", FAULTS)
}

/// A distribution, and the version that a change of it must name.
async fn get(client: &Client, id: &str) -> Result<(Distribution, Option<String>)> {
    let operation = "cloudfront:GetDistribution";
    let answer = client.get_distribution().id(id).send().await.or_fault(operation, FAULTS)?;
    Ok((answered(answer.distribution, operation)?, answer.e_tag))
}

async fn put(
    client: &Client,
    id: &str,
    config: DistributionConfig,
    version: Option<String>,
) -> Result<Option<Distribution>> {
    let request = client.update_distribution().id(id).distribution_config(config).set_if_match(version);
    Ok(request.send().await.or_fault("cloudfront:UpdateDistribution", FAULTS)?.distribution)
}

/// The whole document: GetDistribution leaves out the tags.
async fn document(client: &Client, id: &str) -> Result<Option<Doc>> {
    let Some((distribution, _)) = there(get(client, id).await)? else { return Ok(None) };
    let tags = tags_of(client, distribution.arn()).await?;
    let tags = visible_tags(tags.iter().map(|tag| (Some(tag.key()), tag.value())));
    Ok(Some(observed(&distribution).with_list("Tags", tags).into()))
}

async fn tags_of(client: &Client, arn: &str) -> Result<Vec<Tag>> {
    let answer = client.list_tags_for_resource().resource(arn).send().await;
    let answer = there(answer.or_fault("cloudfront:ListTagsForResource", FAULTS))?;
    Ok(answer.and_then(|answer| answer.tags).and_then(|tags| tags.items).unwrap_or_default())
}

async fn retag(client: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let change = tag_change(change)?;
    if !change.take.is_empty() {
        let keys = TagKeys::builder().set_items(Some(change.take)).build();
        let request = client.untag_resource().resource(arn).tag_keys(keys);
        request.send().await.or_fault("cloudfront:UntagResource", FAULTS)?;
    }
    if !change.put.is_empty() {
        let request = client.tag_resource().resource(arn).tags(tags(change.put));
        request.send().await.or_fault("cloudfront:TagResource", FAULTS)?;
    }
    Ok(())
}

fn tags(tags: impl IntoIterator<Item = (String, String)>) -> Tags {
    let tags = tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok());
    Tags::builder().set_items(Some(tags.collect())).build()
}

/// The property that is nearly everything.
const CONFIG: &str = "DistributionConfig";

/// The configuration to send.
fn wanted_config(want: &Wanted<'_>, reference: &str) -> Result<DistributionConfig> {
    let config = want.raw(CONFIG).unwrap_or(&Json::Null);
    if let Some((outdated, instead)) = shape::outdated(config) {
        return Err(want.invalid(format!("CloudFront no longer has `{outdated}`: say the same with `{instead}`")));
    }
    DistributionConfig::taken(&shape::complete(config, reference), want, CONFIG)
}

fn is_deployed(distribution: &Distribution) -> bool {
    distribution.status() == "Deployed"
}

/// Where a distribution stands: it exists at once, and takes minutes to reach all edge locations.
fn settled(distribution: &Distribution, so_far: &Made) -> Progress<Made> {
    match is_deployed(distribution) {
        true => visible(TYPE, so_far, Some(observed(distribution))),
        false => pending(so_far, "deploying"),
    }
}

fn observed(distribution: &Distribution) -> Observed {
    Observed::new()
        .with("Id", Some(distribution.id()))
        .with("DomainName", Some(distribution.domain_name()))
        .with(CONFIG, distribution.distribution_config().map(|config| shape::plain(config.shown())))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
