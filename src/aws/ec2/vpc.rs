//! AWS::EC2::VPC
//! API: CreateVpc, ModifyVpcAttribute, ModifyVpcTenancy, DescribeVpcs (and DescribeVpcAttribute, DescribeNetworkAcls,
//! DescribeSecurityGroups for what it leaves out), DeleteVpc.  Identity: VpcId.  Found by: owner tags.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{
        AttributeBooleanValue, Filter, ResourceType, Vpc, VpcAttributeName, VpcEncryptionControl,
        VpcEncryptionControlConfiguration, VpcEncryptionControlExclusion, VpcState, VpcTenancy,
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
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::VPC";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(VpcDriver { aws: aws.clone() })
}

struct VpcDriver {
    aws: Clients,
}

impl VpcDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<Vpc>> {
        let request = self.aws.ec2(place).await.describe_vpcs().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeVpcs", FAULTS)
    }
}

#[async_trait]
impl Driver for VpcDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_vpc()
            .set_cidr_block(properties.text("CidrBlock")?)
            .set_instance_tenancy(properties.text("InstanceTenancy")?)
            .set_ipv4_ipam_pool_id(properties.text("Ipv4IpamPoolId")?)
            .set_ipv4_netmask_length(properties.whole("Ipv4NetmaskLength")?)
            .set_vpc_encryption_control(encryption_control(&properties)?)
            .tag_specifications(tag_specification(ResourceType::Vpc, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateVpc", FAULTS)?;
        let vpc = answered(answer.vpc.filter(|vpc| vpc.vpc_id.is_some()), "ec2:CreateVpc")?;
        let made = made(TYPE, observed(&vpc));
        let defaults = observed(&vpc).with("EnableDnsSupport", Some(true)).with("EnableDnsHostnames", Some(false));
        set_dns(&ec2, &Changed::new(TYPE, &fresh(&made.id, defaults, want))).await.map_err(half_made(&made))?;
        Ok(pending(&made, "pending"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let mut found = self.describe(&call.place, filter("vpc-id", [&so_far.id.0])).await?;
        found.retain(|vpc| vpc.state != Some(VpcState::Pending));
        let documents = documents(&self.aws.ec2(&call.place).await, &found).await?;
        Ok(visible(TYPE, so_far, documents.into_iter().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("vpc-id", ids)).await?;
        Ok(in_order(TYPE, ids, documents(&self.aws.ec2(&call.place).await, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        set_dns(&ec2, &changed).await?;
        if changed.touches("InstanceTenancy") {
            let tenancy = changed.want.text("InstanceTenancy")?.unwrap_or(VpcTenancy::Default);
            let request = ec2.modify_vpc_tenancy().vpc_id(changed.id()).instance_tenancy(tenancy);
            request.send().await.or_fault("ec2:ModifyVpcTenancy", FAULTS)?;
        }
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let deleted = ec2.delete_vpc().vpc_id(&id.0).send().await.or_fault("ec2:DeleteVpc", FAULTS);
        gone_unless_used(deleted, blockers::contents_of_vpc(&ec2, &id.0)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for VpcDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        let mut documents = documents(&self.aws.ec2(place).await, &found).await?;
        for (document, vpc) in documents.iter_mut().zip(&found) {
            document.0.insert("IsDefault".to_owned(), vpc.is_default().unwrap_or_default().into());
        }
        Ok(documents)
    }
}

/// Host names need name resolution, so it is switched on before them and off after them.
async fn set_dns(ec2: &Client, change: &Changed<'_>) -> Result<()> {
    let support = change.flag("EnableDnsSupport", true)?;
    let hostnames = change.flag("EnableDnsHostnames", false)?;
    let set = |on: bool| AttributeBooleanValue::builder().value(on).build();
    let request = || ec2.modify_vpc_attribute().vpc_id(change.id());
    let requests = [
        support.filter(|on| *on).map(|on| request().enable_dns_support(set(on))),
        hostnames.map(|on| request().enable_dns_hostnames(set(on))),
        support.filter(|on| !*on).map(|on| request().enable_dns_support(set(on))),
    ];
    for request in requests.into_iter().flatten() {
        request.send().await.or_fault("ec2:ModifyVpcAttribute", FAULTS)?;
    }
    Ok(())
}

fn encryption_control(want: &Wanted<'_>) -> Result<Option<VpcEncryptionControlConfiguration>> {
    let Some(control) = want.inner("VpcEncryptionControl")? else { return Ok(None) };
    let builder = VpcEncryptionControlConfiguration::builder()
        .set_mode(control.text("Mode")?)
        .set_internet_gateway_exclusion(control.text("InternetGatewayExclusion")?)
        .set_egress_only_internet_gateway_exclusion(control.text("EgressOnlyInternetGatewayExclusion")?)
        .set_nat_gateway_exclusion(control.text("NatGatewayExclusion")?)
        .set_virtual_private_gateway_exclusion(control.text("VirtualPrivateGatewayExclusion")?)
        .set_vpc_peering_exclusion(control.text("VpcPeeringExclusion")?)
        .set_lambda_exclusion(control.text("LambdaExclusion")?)
        .set_vpc_lattice_exclusion(control.text("VpcLatticeExclusion")?)
        .set_elastic_file_system_exclusion(control.text("ElasticFileSystemExclusion")?);
    Ok(Some(builder.build()))
}

/// The whole documents: DescribeVpcs leaves out the DNS settings, the default group and the default access list.
async fn documents(ec2: &Client, vpcs: &[Vpc]) -> Result<Vec<Doc>> {
    let ids: Vec<&str> = vpcs.iter().filter_map(Vpc::vpc_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let of_these = filter("vpc-id", ids.iter().copied());
    let default_acls = [of_these.clone(), filter("default", ["true"])].concat();
    let acls = ec2.describe_network_acls().set_filters(Some(default_acls)).into_paginator().items().send();
    let default_groups = [of_these, filter("group-name", ["default"])].concat();
    let groups = ec2.describe_security_groups().set_filters(Some(default_groups)).into_paginator().items().send();
    let (acls, groups) = tokio::join!(acls.try_collect(), groups.try_collect());
    let acls = acls.or_fault("ec2:DescribeNetworkAcls", FAULTS)?;
    let acls = acls.into_iter().filter_map(|acl| Some((acl.vpc_id?, acl.network_acl_id?)));
    let acls: BTreeMap<String, String> = acls.collect();
    let groups = groups.or_fault("ec2:DescribeSecurityGroups", FAULTS)?;
    let groups = groups.into_iter().filter_map(|group| Some((group.vpc_id?, group.group_id?)));
    let groups: BTreeMap<String, String> = groups.collect();
    let dns = each(ids.into_iter().map(|id| dns(ec2, id))).await?;
    let document = |(vpc, (support, hostnames)): (&Vpc, (Option<bool>, Option<bool>))| {
        let id = vpc.vpc_id().unwrap_or_default();
        let document = observed(vpc)
            .with("DefaultNetworkAcl", acls.get(id).cloned())
            .with("DefaultSecurityGroup", groups.get(id).cloned())
            .with("EnableDnsSupport", support)
            .with("EnableDnsHostnames", hostnames);
        document.into()
    };
    Ok(vpcs.iter().zip(dns).map(document).collect())
}

/// Whether names are resolved, and whether instances get host names.
async fn dns(ec2: &Client, id: &str) -> Result<(Option<bool>, Option<bool>)> {
    let attribute = |name| ec2.describe_vpc_attribute().vpc_id(id).attribute(name).send();
    let (support, hostnames) =
        tokio::join!(attribute(VpcAttributeName::EnableDnsSupport), attribute(VpcAttributeName::EnableDnsHostnames));
    let support = support.or_fault("ec2:DescribeVpcAttribute", FAULTS)?.enable_dns_support.and_then(|v| v.value);
    let hostnames = hostnames.or_fault("ec2:DescribeVpcAttribute", FAULTS)?.enable_dns_hostnames.and_then(|v| v.value);
    Ok((support, hostnames))
}

fn observed(vpc: &Vpc) -> Observed {
    let ipv6 = vpc.ipv6_cidr_block_association_set().iter().filter_map(|block| block.ipv6_cidr_block());
    let associations = vpc.cidr_block_association_set().iter().filter_map(|block| block.association_id());
    Observed::new()
        .with("VpcId", vpc.vpc_id())
        .with("CidrBlock", vpc.cidr_block())
        .with("InstanceTenancy", vpc.instance_tenancy().map(|tenancy| tenancy.as_str()))
        .with_list("CidrBlockAssociations", associations)
        .with_list("Ipv6CidrBlocks", ipv6)
        .with("VpcEncryptionControl", vpc.encryption_control().map(observed_encryption_control))
        .with_list("Tags", tags_of(vpc.tags()))
}

fn observed_encryption_control(control: &VpcEncryptionControl) -> Observed {
    let exclusion = |exclusion: &VpcEncryptionControlExclusion| {
        Observed::new()
            .with("State", exclusion.state().map(|state| state.as_str()))
            .with("StateMessage", exclusion.state_message())
    };
    let exclusions = control.resource_exclusions().map(|all| {
        Observed::new()
            .with("InternetGateway", all.internet_gateway().map(exclusion))
            .with("EgressOnlyInternetGateway", all.egress_only_internet_gateway().map(exclusion))
            .with("NatGateway", all.nat_gateway().map(exclusion))
            .with("VirtualPrivateGateway", all.virtual_private_gateway().map(exclusion))
            .with("VpcPeering", all.vpc_peering().map(exclusion))
            .with("Lambda", all.lambda().map(exclusion))
            .with("VpcLattice", all.vpc_lattice().map(exclusion))
            .with("ElasticFileSystem", all.elastic_file_system().map(exclusion))
    });
    Observed::new()
        .with("Mode", control.mode().map(|mode| mode.as_str()))
        .with("State", control.state().map(|state| state.as_str()))
        .with("StateMessage", control.state_message())
        .with("VpcEncryptionControlId", control.vpc_encryption_control_id())
        .with("VpcId", control.vpc_id())
        .with("ResourceExclusions", exclusions)
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
