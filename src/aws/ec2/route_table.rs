//! AWS::EC2::RouteTable
//! API: CreateRouteTable, DescribeRouteTables, DeleteRouteTable.  Identity: RouteTableId.  Found by: owner tags; the
//! create call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, RouteTable};

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
pub const TYPE: &str = "AWS::EC2::RouteTable";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RouteTableDriver { aws: aws.clone() })
}

struct RouteTableDriver {
    aws: Clients,
}

impl RouteTableDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<RouteTable>> {
        let request = self.aws.ec2(place).await.describe_route_tables().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeRouteTables", FAULTS)
    }

    /// The subnets and gateways that are still associated with the table.
    async fn associations(&self, place: &Place, id: &PhysicalId) -> Vec<String> {
        let found = self.describe(place, filter("route-table-id", [&id.0])).await.unwrap_or_default();
        let links = found.iter().flat_map(RouteTable::associations);
        let users = links.filter_map(|link| link.subnet_id().or(link.gateway_id()));
        users.map(|user| format!("{user} (associated)")).collect()
    }
}

#[async_trait]
impl Driver for RouteTableDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_route_table()
            .client_token(&call.token().0)
            .set_vpc_id(properties.text("VpcId")?)
            .tag_specifications(tag_specification(ResourceType::RouteTable, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateRouteTable", FAULTS)?;
        let table = answer.route_table.filter(|table| table.route_table_id.is_some());
        Ok(Progress::Done(made(TYPE, observed(&answered(table, "ec2:CreateRouteTable")?))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("route-table-id", [&so_far.id.0])).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("route-table-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        retag(&self.aws.ec2(&call.place).await, &change.id.0, &Changed::new(TYPE, change)).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ec2(&call.place).await.delete_route_table().route_table_id(&id.0);
        let deleted = request.send().await.or_fault("ec2:DeleteRouteTable", FAULTS);
        gone_unless_used(deleted, self.associations(&call.place, id)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RouteTableDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|table| observed(table).into()).collect())
    }
}

fn observed(table: &RouteTable) -> Observed {
    Observed::new()
        .with("RouteTableId", table.route_table_id())
        .with("VpcId", table.vpc_id())
        .with_list("Tags", tags_of(table.tags()))
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
