//! AWS::EC2::Subnet
//! API: CreateSubnet, ModifySubnetAttribute, AssociateSubnetCidrBlock, DisassociateSubnetCidrBlock, DescribeSubnets (and
//! DescribeNetworkAcls for the association), DeleteSubnet.  Identity: SubnetId.  Found by: owner tags.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    operation::modify_subnet_attribute::builders::ModifySubnetAttributeFluentBuilder,
    types::{
        AttributeBooleanValue, Filter, HostnameType, PrivateDnsNameOptionsOnLaunch, ResourceType, Subnet,
        SubnetCidrBlockStateCode, SubnetIpv6CidrBlockAssociation, SubnetState,
    },
};

use super::{
    blockers,
    filters::{by_ids, filter, owned},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, fresh, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::Subnet";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SubnetDriver { aws: aws.clone() })
}

struct SubnetDriver {
    aws: Clients,
}

impl SubnetDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<Subnet>> {
        let request = self.aws.ec2(place).await.describe_subnets().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeSubnets", FAULTS)
    }
}

#[async_trait]
impl Driver for SubnetDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_subnet()
            .set_vpc_id(properties.text("VpcId")?)
            .set_availability_zone(properties.text("AvailabilityZone")?)
            .set_availability_zone_id(properties.text("AvailabilityZoneId")?)
            .set_cidr_block(properties.text("CidrBlock")?)
            .set_ipv6_cidr_block(properties.text("Ipv6CidrBlock")?)
            .set_ipv6_native(properties.flag("Ipv6Native")?)
            .set_outpost_arn(properties.text("OutpostArn")?)
            .set_ipv4_ipam_pool_id(properties.text("Ipv4IpamPoolId")?)
            .set_ipv4_netmask_length(properties.whole("Ipv4NetmaskLength")?)
            .set_ipv6_ipam_pool_id(properties.text("Ipv6IpamPoolId")?)
            .set_ipv6_netmask_length(properties.whole("Ipv6NetmaskLength")?)
            .tag_specifications(tag_specification(ResourceType::Subnet, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateSubnet", FAULTS)?;
        let subnet = answered(answer.subnet.filter(|subnet| subnet.subnet_id.is_some()), "ec2:CreateSubnet")?;
        let made = made(TYPE, observed(&subnet));
        let rest = fresh(&made.id, observed(&subnet), want);
        set_attributes(&ec2, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(pending(&made, "pending"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let mut found = self.describe(&call.place, filter("subnet-id", [&so_far.id.0])).await?;
        found.retain(|subnet| subnet.state != Some(SubnetState::Pending));
        let documents = documents(&self.aws.ec2(&call.place).await, &found).await?;
        Ok(visible(TYPE, so_far, documents.into_iter().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("subnet-id", ids)).await?;
        Ok(in_order(TYPE, ids, documents(&self.aws.ec2(&call.place).await, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("Ipv6CidrBlock") {
            let subnet = self.describe(&call.place, filter("subnet-id", [changed.id()])).await?;
            set_ipv6_block(&ec2, &changed, subnet.first()).await?;
        }
        set_attributes(&ec2, &changed).await?;
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let deleted = ec2.delete_subnet().subnet_id(&id.0).send().await.or_fault("ec2:DeleteSubnet", FAULTS);
        gone_unless_used(deleted, blockers::interfaces(&ec2, "subnet-id", &id.0)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for SubnetDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        documents(&self.aws.ec2(place).await, &found).await
    }
}

/// ModifySubnetAttribute takes one attribute at a time.
async fn set_attributes(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    type Request = ModifySubnetAttributeFluentBuilder;
    type Set = fn(Request, AttributeBooleanValue) -> Request;
    let mut requests = Vec::new();
    let request = || ec2.modify_subnet_attribute().subnet_id(change.id());
    let flag = |on: bool| AttributeBooleanValue::builder().value(on).build();
    let flags: [(&str, Set); 3] = [
        ("MapPublicIpOnLaunch", Request::map_public_ip_on_launch),
        ("AssignIpv6AddressOnCreation", Request::assign_ipv6_address_on_creation),
        ("EnableDns64", Request::enable_dns64),
    ];
    for (name, set) in flags {
        requests.extend(change.flag(name, false)?.map(|on| set(request(), flag(on))));
    }
    if change.touches("EnableLniAtDeviceIndex") {
        requests.push(match change.want.whole("EnableLniAtDeviceIndex")? {
            Some(index) => request().enable_lni_at_device_index(index),
            None => request().disable_lni_at_device_index(flag(true)),
        });
    }
    if change.touches("PrivateDnsNameOptionsOnLaunch") {
        let options = change.want.inner("PrivateDnsNameOptionsOnLaunch")?;
        let host_names = options.map(|options| options.text("HostnameType")).transpose()?.flatten();
        let option = |name| Ok::<_, crate::driver::Fault>(options.map(|o| o.flag(name)).transpose()?.flatten());
        requests.extend([
            request().private_dns_hostname_type_on_launch(host_names.unwrap_or(HostnameType::IpName)),
            request().enable_resource_name_dns_a_record_on_launch(flag(
                option("EnableResourceNameDnsARecord")?.unwrap_or_default(),
            )),
            request().enable_resource_name_dns_aaaa_record_on_launch(flag(
                option("EnableResourceNameDnsAAAARecord")?.unwrap_or_default(),
            )),
        ]);
    }
    for request in requests {
        request.send().await.or_fault("ec2:ModifySubnetAttribute", FAULTS)?;
    }
    Ok(())
}

/// A subnet has one IPv6 block, so the old one goes before the new one comes.
async fn set_ipv6_block(ec2: &Client, change: &Changed<'_>, subnet: Option<&Subnet>) -> Result<()> {
    let old = subnet.and_then(ipv6_block).and_then(|block| block.association_id());
    if let Some(association) = old {
        let request = ec2.disassociate_subnet_cidr_block().association_id(association);
        request.send().await.or_fault("ec2:DisassociateSubnetCidrBlock", FAULTS)?;
    }
    if let Some(block) = change.want.text::<String>("Ipv6CidrBlock")? {
        let request = ec2.associate_subnet_cidr_block().subnet_id(change.id()).ipv6_cidr_block(block);
        request.send().await.or_fault("ec2:AssociateSubnetCidrBlock", FAULTS)?;
    }
    Ok(())
}

/// The whole documents: DescribeSubnets leaves out the association with the network access list.
async fn documents(ec2: &Client, subnets: &[Subnet]) -> Result<Vec<Doc>> {
    let ids: Vec<&str> = subnets.iter().filter_map(Subnet::subnet_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let request = ec2.describe_network_acls().set_filters(Some(filter("association.subnet-id", ids)));
    let acls = request.into_paginator().items().send().try_collect().await;
    let acls = acls.or_fault("ec2:DescribeNetworkAcls", FAULTS)?;
    let associations = acls.into_iter().flat_map(|acl| acl.associations.unwrap_or_default());
    let associations = associations.filter_map(|link| Some((link.subnet_id?, link.network_acl_association_id?)));
    let associations: BTreeMap<String, String> = associations.collect();
    let association = |subnet: &Subnet| associations.get(subnet.subnet_id().unwrap_or_default()).cloned();
    let document = |subnet| observed(subnet).with("NetworkAclAssociationId", association(subnet)).into();
    Ok(subnets.iter().map(document).collect())
}

/// The IPv6 block that is there or coming, not one that is going.
fn ipv6_block(subnet: &Subnet) -> Option<&SubnetIpv6CidrBlockAssociation> {
    use SubnetCidrBlockStateCode::{Associated, Associating};
    let stands = |block: &SubnetIpv6CidrBlockAssociation| {
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        matches!(state, None | Some(Associated | Associating))
    };
    subnet.ipv6_cidr_block_association_set().iter().find(|block| stands(block))
}

fn observed(subnet: &Subnet) -> Observed {
    let ipv6 = ipv6_block(subnet).and_then(|block| block.ipv6_cidr_block());
    let access = subnet.block_public_access_states().map(|states| {
        let mode = states.internet_gateway_block_mode().map(|mode| mode.as_str());
        Observed::new().with("InternetGatewayBlockMode", mode)
    });
    Observed::new()
        .with("SubnetId", subnet.subnet_id())
        .with("VpcId", subnet.vpc_id())
        .with("AvailabilityZone", subnet.availability_zone())
        .with("AvailabilityZoneId", subnet.availability_zone_id())
        .with("CidrBlock", subnet.cidr_block())
        .with("Ipv6CidrBlock", ipv6)
        .with_list("Ipv6CidrBlocks", ipv6)
        .with("Ipv6Native", subnet.ipv6_native())
        .with("OutpostArn", subnet.outpost_arn())
        .with("MapPublicIpOnLaunch", subnet.map_public_ip_on_launch())
        .with("AssignIpv6AddressOnCreation", subnet.assign_ipv6_address_on_creation())
        .with("EnableDns64", subnet.enable_dns64())
        .with("EnableLniAtDeviceIndex", subnet.enable_lni_at_device_index())
        .with("PrivateDnsNameOptionsOnLaunch", subnet.private_dns_name_options_on_launch().map(observed_dns))
        .with("BlockPublicAccessStates", access)
        .with_list("Tags", tags_of(subnet.tags()))
}

fn observed_dns(options: &PrivateDnsNameOptionsOnLaunch) -> Observed {
    Observed::new()
        .with("HostnameType", options.hostname_type().map(|kind| kind.as_str()))
        .with("EnableResourceNameDnsARecord", options.enable_resource_name_dns_a_record())
        .with("EnableResourceNameDnsAAAARecord", options.enable_resource_name_dns_aaaa_record())
}

/// A block of addresses that is taken may be taken by our own, earlier call.
const FAULTS: Codes = &[("InvalidSubnet.Conflict", FaultKind::AlreadyExists)];
