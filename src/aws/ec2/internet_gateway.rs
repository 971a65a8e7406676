//! AWS::EC2::InternetGateway
//! API: CreateInternetGateway, DescribeInternetGateways, DeleteInternetGateway.  Identity: InternetGatewayId.  Found by:
//! owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, InternetGateway, ResourceType};

use super::{
    filters::{by_ids, filter, owned},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone_unless_used},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::InternetGateway";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(InternetGatewayDriver { aws: aws.clone() })
}

struct InternetGatewayDriver {
    aws: Clients,
}

impl InternetGatewayDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<InternetGateway>> {
        let request = self.aws.ec2(place).await.describe_internet_gateways().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeInternetGateways", FAULTS)
    }
}

#[async_trait]
impl Driver for InternetGatewayDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let tags = tag_specification(ResourceType::InternetGateway, call, &Wanted::new(TYPE, want))?;
        let request = self.aws.ec2(&call.place).await.create_internet_gateway().tag_specifications(tags);
        let answer = request.send().await.or_fault("ec2:CreateInternetGateway", FAULTS)?;
        let gateway = answer.internet_gateway.filter(|gateway| gateway.internet_gateway_id.is_some());
        let gateway = answered(gateway, "ec2:CreateInternetGateway")?;
        Ok(Progress::Done(made(TYPE, observed(&gateway))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("internet-gateway-id", [&so_far.id.0])).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("internet-gateway-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        retag(&self.aws.ec2(&call.place).await, &change.id.0, &Changed::new(TYPE, change)).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ec2(&call.place).await.delete_internet_gateway().internet_gateway_id(&id.0);
        let deleted = request.send().await.or_fault("ec2:DeleteInternetGateway", FAULTS);
        gone_unless_used(deleted, self.attachments(&call.place, id)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for InternetGatewayDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|gateway| observed(gateway).into()).collect())
    }
}

impl InternetGatewayDriver {
    /// The VPCs that the gateway is still attached to.
    async fn attachments(&self, place: &Place, id: &PhysicalId) -> Vec<String> {
        let found = self.describe(place, filter("internet-gateway-id", [&id.0])).await.unwrap_or_default();
        let attached = found.iter().flat_map(InternetGateway::attachments).filter_map(|link| link.vpc_id());
        attached.map(|vpc| format!("{vpc} (attached)")).collect()
    }
}

fn observed(gateway: &InternetGateway) -> Observed {
    Observed::new().with("InternetGatewayId", gateway.internet_gateway_id()).with_list("Tags", tags_of(gateway.tags()))
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
