//! AWS::EC2::NatGateway
//! API: CreateNatGateway, Associate-, Disassociate-, Assign- and Unassign…NatGatewayAddress, DescribeNatGateways,
//! DeleteNatGateway.  Identity: NatGatewayId.  Found by: owner tags; the create call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AutoProvisionZonesState, AutoScalingIpsState, AvailabilityMode, AvailabilityZoneAddress, ConnectivityType, Filter,
    NatGateway, NatGatewayAddress, NatGatewayState, ResourceType,
};

use super::{
    filters::{by_ids, filter, owned},
    nat_gateway_addresses::{self, is_primary},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::NatGateway";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(NatGatewayDriver { aws: aws.clone() })
}

struct NatGatewayDriver {
    aws: Clients,
}

impl NatGatewayDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<NatGateway>> {
        let request = self.aws.ec2(place).await.describe_nat_gateways().set_filter(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeNatGateways", FAULTS)
    }
}

#[async_trait]
impl Driver for NatGatewayDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_nat_gateway()
            .client_token(&call.token().0)
            .set_availability_mode(properties.text("AvailabilityMode")?)
            .set_allocation_id(properties.text("AllocationId")?)
            .set_subnet_id(properties.text("SubnetId")?)
            .set_vpc_id(properties.text("VpcId")?)
            .set_availability_zone_addresses(zone_addresses(&properties)?)
            .set_connectivity_type(properties.text("ConnectivityType")?)
            .set_private_ip_address(properties.text("PrivateIpAddress")?)
            .set_secondary_allocation_ids(properties.texts("SecondaryAllocationIds")?)
            .set_secondary_private_ip_addresses(properties.texts("SecondaryPrivateIpAddresses")?)
            .set_secondary_private_ip_address_count(properties.whole("SecondaryPrivateIpAddressCount")?)
            .tag_specifications(tag_specification(ResourceType::Natgateway, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateNatGateway", FAULTS)?;
        let gateway = answer.nat_gateway.filter(|gateway| gateway.nat_gateway_id.is_some());
        let gateway = answered(gateway, "ec2:CreateNatGateway")?;
        Ok(pending(&made(TYPE, observed(&gateway)), "pending"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("nat-gateway-id", [&so_far.id.0])).await?;
        let Some(gateway) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        let state = gateway.state();
        if matches!(state, Some(NatGatewayState::Failed | NatGatewayState::Deleting | NatGatewayState::Deleted)) {
            let (code, message) = (gateway.failure_code(), gateway.failure_message());
            return Err(failed("ec2:CreateNatGateway", code, message.or(state.map(NatGatewayState::as_str)), so_far));
        }
        let addresses = gateway.nat_gateway_addresses();
        if let Some(message) = addresses.iter().find_map(NatGatewayAddress::failure_message) {
            return Err(failed("ec2:AssociateNatGatewayAddress", None, Some(message), so_far));
        }
        let moving = addresses.iter().find_map(nat_gateway_addresses::transition);
        let word = if state == Some(&NatGatewayState::Pending) { Some("pending") } else { moving };
        Ok(word.map_or_else(|| visible(TYPE, so_far, Some(observed(gateway))), |word| pending(so_far, word)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("nat-gateway-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().filter(|gateway| stands(gateway)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let found = self.describe(&call.place, filter("nat-gateway-id", [changed.id()])).await?;
        let live = found.first().map(NatGateway::nat_gateway_addresses).unwrap_or_default();
        nat_gateway_addresses::change(&ec2, &changed, live).await?;
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let found = self.describe(&call.place, filter("nat-gateway-id", [&id.0])).await?;
        match found.first().and_then(NatGateway::state) {
            Some(NatGatewayState::Deleted) => return Ok(Progress::Done(())),
            Some(NatGatewayState::Deleting) => {}
            // One that does not show may only be too new to be seen, so the delete is sent all the same.
            _ => {
                let request = self.aws.ec2(&call.place).await.delete_nat_gateway().nat_gateway_id(&id.0);
                let deleted = request.send().await.or_fault("ec2:DeleteNatGateway", FAULTS);
                if deleted.is_err() {
                    return gone(deleted);
                }
            }
        }
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        let exists = |gateway: &&NatGateway| gateway.state() != Some(&NatGatewayState::Deleted);
        Ok(identities(TYPE, found.iter().filter(exists).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for NatGatewayDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        Ok(found.iter().filter(|gateway| stands(gateway)).map(|gateway| observed(gateway).into()).collect())
    }
}

/// One that failed or is deleted stays in sight for an hour, and is not there.
fn stands(gateway: &NatGateway) -> bool {
    use NatGatewayState::{Deleted, Deleting, Failed};
    !matches!(gateway.state(), Some(Failed | Deleting | Deleted))
}

fn zone_addresses(want: &Wanted<'_>) -> Result<Option<Vec<AvailabilityZoneAddress>>> {
    let zones = want.items("AvailabilityZoneAddresses")?.into_iter().map(|zone| {
        let builder = AvailabilityZoneAddress::builder()
            .set_availability_zone(zone.text("AvailabilityZone")?)
            .set_availability_zone_id(zone.text("AvailabilityZoneId")?)
            .set_allocation_ids(zone.texts("AllocationIds")?);
        Ok(builder.build())
    });
    let zones = zones.collect::<Result<Vec<_>>>()?;
    Ok(if zones.is_empty() { None } else { Some(zones) })
}

fn observed(gateway: &NatGateway) -> Observed {
    let addresses = gateway.nat_gateway_addresses();
    let primary = addresses.iter().find(|address| is_primary(address)).or(addresses.first());
    let others = || addresses.iter().filter(|address| !is_primary(address));
    let is_public = gateway.connectivity_type() != Some(&ConnectivityType::Private);
    let document = Observed::new()
        .with("NatGatewayId", gateway.nat_gateway_id())
        .with("AvailabilityMode", gateway.availability_mode().map(AvailabilityMode::as_str))
        .with("ConnectivityType", gateway.connectivity_type().map(ConnectivityType::as_str))
        .with("SubnetId", gateway.subnet_id())
        .with("VpcId", gateway.vpc_id())
        .with("AutoProvisionZones", gateway.auto_provision_zones().map(AutoProvisionZonesState::as_str))
        .with("AutoScalingIps", gateway.auto_scaling_ips().map(AutoScalingIpsState::as_str))
        .with("RouteTableId", gateway.route_table_id())
        .with_list("Tags", tags_of(gateway.tags()));
    if gateway.availability_mode() == Some(&AvailabilityMode::Regional) {
        return document.with_list("AvailabilityZoneAddresses", nat_gateway_addresses::by_zone(addresses));
    }
    let document = document
        .with("AllocationId", primary.and_then(NatGatewayAddress::allocation_id))
        .with("PrivateIpAddress", primary.and_then(NatGatewayAddress::private_ip))
        .with("EniId", primary.and_then(NatGatewayAddress::network_interface_id))
        .with_list("SecondaryPrivateIpAddresses", others().filter_map(NatGatewayAddress::private_ip));
    if is_public {
        document.with_list("SecondaryAllocationIds", others().filter_map(NatGatewayAddress::allocation_id))
    } else {
        document.with("SecondaryPrivateIpAddressCount", Some(others().count()))
    }
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
