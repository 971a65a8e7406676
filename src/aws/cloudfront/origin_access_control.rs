//! AWS::CloudFront::OriginAccessControl
//! API: CreateOriginAccessControl, UpdateOriginAccessControl, GetOriginAccessControl, ListOriginAccessControls,
//! DeleteOriginAccessControl (and ListDistributions for what still uses it).  Identity: Id.
//! Found by: its name, which is unique in the account; it has no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudfront::{
    Client,
    types::{
        DistributionSummary, OriginAccessControl, OriginAccessControlConfig, OriginAccessControlOriginTypes,
        OriginAccessControlSigningBehaviors, OriginAccessControlSigningProtocols, OriginAccessControlSummary,
    },
};

use super::{codes::CODES, distribution};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, in_order, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, answered, gone_unless_used, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CloudFront::OriginAccessControl";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(OriginAccessControlDriver { aws: aws.clone() })
}

struct OriginAccessControlDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for OriginAccessControlDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "cloudfront:CreateOriginAccessControl";
        let client = self.aws.cloudfront(&call.place).await;
        let config = Wanted::new(TYPE, want).part(CONFIG)?;
        let request = client.create_origin_access_control().set_origin_access_control_config(config);
        let answer = request.send().await.or_fault(operation, FAULTS)?;
        Ok(Progress::Done(made(TYPE, observed(&answered(answer.origin_access_control, operation)?))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = sought(&self.aws.cloudfront(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.map(|(control, _)| observed(&control))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cloudfront(&call.place).await;
        let found = each(ids.iter().map(|id| sought(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().map(|(control, _)| observed(control))))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.cloudfront(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let (_, version) = get(&client, changed.id()).await?;
        let request = client
            .update_origin_access_control()
            .id(changed.id())
            .set_if_match(version)
            .set_origin_access_control_config(changed.want.part(CONFIG)?);
        request.send().await.or_fault("cloudfront:UpdateOriginAccessControl", FAULTS)?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.cloudfront(&call.place).await;
        let Some((_, version)) = sought(&client, &id.0).await? else { return Ok(Progress::Done(())) };
        let request = client.delete_origin_access_control().id(&id.0).set_if_match(version);
        let deleted = request.send().await.or_fault("cloudfront:DeleteOriginAccessControl", FAULTS);
        gone_unless_used(deleted, users(&client, &id.0)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let config = Wanted::new(TYPE, want).inner(CONFIG)?;
        let Some(name) = config.map(|config| config.text::<String>("Name")).transpose()?.flatten() else {
            return Ok(Vec::new());
        };
        let mut found = all(&self.aws.cloudfront(&call.place).await).await?;
        found.retain(|control| control.name == name);
        Ok(found.into_iter().map(|control| PhysicalId(control.id)).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for OriginAccessControlDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cloudfront(place).await;
        let found = all(&client).await?;
        let found = each(found.iter().map(|control| sought(&client, control.id()))).await?;
        Ok(found.iter().flatten().map(|(control, _)| observed(control).into()).collect())
    }
}

/// An origin access control, and the version that a change of it must name.
async fn get(client: &Client, id: &str) -> Result<(OriginAccessControl, Option<String>)> {
    let operation = "cloudfront:GetOriginAccessControl";
    let answer = client.get_origin_access_control().id(id).send().await.or_fault(operation, FAULTS)?;
    Ok((answered(answer.origin_access_control, operation)?, answer.e_tag))
}

async fn sought(client: &Client, id: &str) -> Result<Option<(OriginAccessControl, Option<String>)>> {
    there(get(client, id).await)
}

async fn all(client: &Client) -> Result<Vec<OriginAccessControlSummary>> {
    let found = client.list_origin_access_controls().into_paginator().items().send().try_collect().await;
    found.or_fault("cloudfront:ListOriginAccessControls", FAULTS)
}

/// The distributions that have an origin with this control.
async fn users(client: &Client, id: &str) -> Vec<String> {
    let uses = |distribution: &DistributionSummary| {
        let origins = distribution.origins().map(|origins| origins.items()).unwrap_or_default();
        origins.iter().any(|origin| origin.origin_access_control_id() == Some(id))
    };
    let found = distribution::all(client).await.unwrap_or_default();
    found.iter().filter(|found| uses(found)).map(|found| format!("distribution {}", found.id())).collect()
}

/// The property that is everything.
const CONFIG: &str = "OriginAccessControlConfig";

words! {
    OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors, OriginAccessControlSigningProtocols
}

structures! {
    OriginAccessControlConfig {
        "Name": name set_name, "Description": description set_description,
        "OriginAccessControlOriginType": origin_access_control_origin_type set_origin_access_control_origin_type,
        "SigningBehavior": signing_behavior set_signing_behavior,
        "SigningProtocol": signing_protocol set_signing_protocol,
    }
}

fn observed(control: &OriginAccessControl) -> Observed {
    Observed::new().with("Id", Some(control.id())).with_part(CONFIG, &control.origin_access_control_config)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
