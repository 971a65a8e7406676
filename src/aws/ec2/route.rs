//! AWS::EC2::Route
//! API: CreateRoute, ReplaceRoute, DescribeRouteTables, DeleteRoute.  Identity: RouteTableId|CidrBlock, where CidrBlock is
//! the destination of whichever kind.  Found by: that key, if the target is the wanted one.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, Route, RouteTable};

use super::{filters::filter, rules::canonical};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::Route";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RouteDriver { aws: aws.clone() })
}

struct RouteDriver {
    aws: Clients,
}

impl RouteDriver {
    /// All routes of the tables that the filter finds.
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<Doc>> {
        let request = self.aws.ec2(place).await.describe_route_tables().set_filters(Some(filters));
        let tables = request.into_paginator().items().send().try_collect().await;
        let tables: Vec<RouteTable> = tables.or_fault("ec2:DescribeRouteTables", FAULTS)?;
        let routes = |table: &RouteTable| -> Vec<Doc> {
            table.routes().iter().map(|route| observed(table, route).into()).collect()
        };
        Ok(tables.iter().flat_map(routes).collect())
    }
}

/// The request, with everything but the target set. CreateRoute and ReplaceRoute take the same members and share no
/// type.
macro_rules! with_route {
    ($request:expr, $want:expr) => {
        $request
            .set_route_table_id($want.text("RouteTableId")?)
            .set_destination_cidr_block($want.text("DestinationCidrBlock")?)
            .set_destination_ipv6_cidr_block($want.text("DestinationIpv6CidrBlock")?)
            .set_destination_prefix_list_id($want.text("DestinationPrefixListId")?)
            .set_carrier_gateway_id($want.text("CarrierGatewayId")?)
            .set_core_network_arn($want.text("CoreNetworkArn")?)
            .set_egress_only_internet_gateway_id($want.text("EgressOnlyInternetGatewayId")?)
            .set_gateway_id($want.text("GatewayId")?)
            .set_instance_id($want.text("InstanceId")?)
            .set_local_gateway_id($want.text("LocalGatewayId")?)
            .set_nat_gateway_id($want.text("NatGatewayId")?)
            .set_network_interface_id($want.text("NetworkInterfaceId")?)
            .set_odb_network_arn($want.text("OdbNetworkArn")?)
            .set_transit_gateway_id($want.text("TransitGatewayId")?)
            .set_vpc_endpoint_id($want.text("VpcEndpointId")?)
            .set_vpc_peering_connection_id($want.text("VpcPeeringConnectionId")?)
    };
}

#[async_trait]
impl Driver for RouteDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let key = key(&properties)?;
        let request = with_route!(self.aws.ec2(&call.place).await.create_route(), properties);
        request.send().await.or_fault("ec2:CreateRoute", FAULTS)?;
        Ok(Progress::Done(made(TYPE, key)))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.read(call, std::slice::from_ref(&so_far.id)).await?;
        Ok(visible(TYPE, so_far, found.into_iter().flatten().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let tables: BTreeSet<&str> = ids.iter().map(|id| parts(id).0).collect();
        let found = self.describe(&call.place, filter("route-table-id", tables)).await?;
        Ok(in_order(TYPE, ids, found))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, &change.want);
        let request = with_route!(self.aws.ec2(&call.place).await.replace_route(), properties);
        request.send().await.or_fault("ec2:ReplaceRoute", FAULTS)?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (table, destination) = parts(id);
        let request = self.aws.ec2(&call.place).await.delete_route().route_table_id(table);
        let request = match destination {
            list if list.starts_with("pl-") => request.destination_prefix_list_id(list),
            block if block.contains(':') => request.destination_ipv6_cidr_block(block),
            block => request.destination_cidr_block(block),
        };
        gone(request.send().await.or_fault("ec2:DeleteRoute", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let ids = identities(TYPE, [key(&Wanted::new(TYPE, want))?]);
        let found = self.read(call, &ids).await?;
        let is_ours =
            |route: &Doc| TARGETS.iter().all(|name| want.get(name).is_none_or(|t| route.get(name) == Some(t)));
        Ok(identities(TYPE, found.into_iter().flatten().filter(is_ours)))
    }

    /// A table has one route to a destination: a second call is told so.
    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RouteDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        self.describe(place, Vec::new()).await
    }
}

/// The properties of which a route has one.
const TARGETS: &[&str] = &[
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "OdbNetworkArn",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
];

/// The table and the destination of an id.
fn parts(id: &PhysicalId) -> (&str, &str) {
    id.0.split_once('|').unwrap_or((&id.0, ""))
}

/// The properties that identify the wanted route, the destination as AWS will write it.
fn key(want: &Wanted<'_>) -> Result<Observed> {
    let destination = want.text::<String>("DestinationCidrBlock")?;
    let destination = destination.or(want.text("DestinationIpv6CidrBlock")?).map(|block| canonical(&block));
    let destination = destination.or(want.text("DestinationPrefixListId")?);
    let destination = destination.ok_or_else(|| {
        want.invalid(
            "one of `DestinationCidrBlock`, `DestinationIpv6CidrBlock` and `DestinationPrefixListId` is needed",
        )
    })?;
    Ok(Observed::new().with("RouteTableId", want.text::<String>("RouteTableId")?).with("CidrBlock", Some(destination)))
}

fn observed(table: &RouteTable, route: &Route) -> Observed {
    let destination = route.destination_cidr_block().or(route.destination_ipv6_cidr_block());
    // EC2 takes a VPC endpoint under its own name and reports it as a gateway.
    let (endpoint, gateway) = match route.gateway_id() {
        Some(id) if id.starts_with("vpce-") => (Some(id), None),
        other => (None, other),
    };
    Observed::new()
        .with("RouteTableId", table.route_table_id())
        .with("CidrBlock", destination.or(route.destination_prefix_list_id()))
        .with("DestinationCidrBlock", route.destination_cidr_block())
        .with("DestinationIpv6CidrBlock", route.destination_ipv6_cidr_block())
        .with("DestinationPrefixListId", route.destination_prefix_list_id())
        .with("CarrierGatewayId", route.carrier_gateway_id())
        .with("CoreNetworkArn", route.core_network_arn())
        .with("EgressOnlyInternetGatewayId", route.egress_only_internet_gateway_id())
        .with("GatewayId", gateway)
        .with("InstanceId", route.instance_id())
        .with("LocalGatewayId", route.local_gateway_id())
        .with("NatGatewayId", route.nat_gateway_id())
        .with("NetworkInterfaceId", route.network_interface_id())
        .with("OdbNetworkArn", route.odb_network_arn())
        .with("TransitGatewayId", route.transit_gateway_id())
        .with("VpcEndpointId", endpoint)
        .with("VpcPeeringConnectionId", route.vpc_peering_connection_id())
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
