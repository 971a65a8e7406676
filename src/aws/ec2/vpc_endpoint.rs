//! AWS::EC2::VPCEndpoint
//! API: CreateVpcEndpoint, ModifyVpcEndpoint, DescribeVpcEndpoints, DeleteVpcEndpoints.  Identity: Id.  Found by: owner
//! tags; the create call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::{
    primitives::DateTimeFormat,
    types::{DnsEntry, DnsOptions, DnsOptionsSpecification, Filter, ResourceType, VpcEndpoint},
};

use super::{
    filters::owned,
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone, refused},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::VPCEndpoint";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(VpcEndpointDriver { aws: aws.clone() })
}

struct VpcEndpointDriver {
    aws: Clients,
}

impl VpcEndpointDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<VpcEndpoint>> {
        let request = self.aws.ec2(place).await.describe_vpc_endpoints().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeVpcEndpoints", FAULTS)
    }

    /// Those of the endpoints that exist. They are asked for by id and not by filter, because emulators know no such
    /// filter; only if one is missing, which refuses the whole request, are all endpoints asked for.
    async fn describe_some(&self, place: &Place, ids: &[PhysicalId]) -> Result<Vec<VpcEndpoint>> {
        let names = ids.iter().map(|id| id.0.clone()).collect();
        let request = self.aws.ec2(place).await.describe_vpc_endpoints().set_vpc_endpoint_ids(Some(names));
        let found = request.into_paginator().items().send().try_collect().await;
        match found.or_fault("ec2:DescribeVpcEndpoints", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotFound && ids.len() == 1 => Ok(Vec::new()),
            Err(fault) if fault.kind == FaultKind::NotFound => self.describe(place, Vec::new()).await,
            found => found,
        }
    }
}

#[async_trait]
impl Driver for VpcEndpointDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_vpc_endpoint()
            .client_token(&call.token().0)
            .set_vpc_endpoint_type(properties.text("VpcEndpointType")?)
            .set_vpc_id(properties.text("VpcId")?)
            .set_service_name(properties.text("ServiceName")?)
            .set_service_region(properties.text("ServiceRegion")?)
            .set_service_network_arn(properties.text("ServiceNetworkArn")?)
            .set_resource_configuration_arn(properties.text("ResourceConfigurationArn")?)
            .set_policy_document(properties.document("PolicyDocument")?)
            .set_route_table_ids(properties.texts("RouteTableIds")?)
            .set_subnet_ids(properties.texts("SubnetIds")?)
            .set_security_group_ids(properties.texts("SecurityGroupIds")?)
            .set_ip_address_type(properties.text("IpAddressType")?)
            .set_dns_options(dns_options(&properties)?)
            .set_private_dns_enabled(properties.flag("PrivateDnsEnabled")?)
            .tag_specifications(tag_specification(ResourceType::VpcEndpoint, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateVpcEndpoint", FAULTS)?;
        let endpoint = answer.vpc_endpoint.filter(|endpoint| endpoint.vpc_endpoint_id.is_some());
        let endpoint = answered(endpoint, "ec2:CreateVpcEndpoint")?;
        Ok(pending(&made(TYPE, observed(&endpoint)), "pending"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe_some(&call.place, std::slice::from_ref(&so_far.id)).await?;
        let Some(endpoint) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        match state(endpoint).as_str() {
            state @ ("failed" | "rejected" | "expired" | "deleting" | "deleted") => {
                let error = endpoint.last_error();
                let message = error.and_then(|error| error.message()).or(endpoint.failure_reason()).unwrap_or(state);
                let code = error.and_then(|error| error.code());
                Err(failed("ec2:CreateVpcEndpoint", code, Some(message), so_far))
            }
            // Whether the service's owner accepts is not up to this account.
            "available" | "pendingacceptance" => Ok(visible(TYPE, so_far, Some(observed(endpoint)))),
            other => Ok(pending(so_far, other)),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe_some(&call.place, ids).await?;
        Ok(in_order(TYPE, ids, found.iter().filter(|endpoint| stands(endpoint)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if MODIFIABLE.iter().any(|name| changed.touches(name)) {
            let (added_tables, taken_tables) = changed.texts("RouteTableIds")?;
            let (added_subnets, taken_subnets) = changed.texts("SubnetIds")?;
            let (added_groups, taken_groups) = changed.texts("SecurityGroupIds")?;
            let some = |list: Vec<String>| if list.is_empty() { None } else { Some(list) };
            let is_policy_touched = changed.touches("PolicyDocument");
            let policy = changed.want.document("PolicyDocument")?.filter(|_| is_policy_touched);
            let address_type = changed.want.text("IpAddressType")?.filter(|_| changed.touches("IpAddressType"));
            let request = ec2
                .modify_vpc_endpoint()
                .vpc_endpoint_id(changed.id())
                .set_reset_policy(if is_policy_touched && policy.is_none() { Some(true) } else { None })
                .set_policy_document(policy)
                .set_add_route_table_ids(some(added_tables))
                .set_remove_route_table_ids(some(taken_tables))
                .set_add_subnet_ids(some(added_subnets))
                .set_remove_subnet_ids(some(taken_subnets))
                .set_add_security_group_ids(some(added_groups))
                .set_remove_security_group_ids(some(taken_groups))
                .set_ip_address_type(address_type)
                .set_dns_options(if changed.touches("DnsOptions") { dns_options(&changed.want)? } else { None })
                .set_private_dns_enabled(changed.flag("PrivateDnsEnabled", false)?);
            request.send().await.or_fault("ec2:ModifyVpcEndpoint", FAULTS)?;
        }
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let found = self.describe_some(&call.place, std::slice::from_ref(id)).await?;
        match found.first().map(state).as_deref() {
            Some("deleted") => return Ok(Progress::Done(())),
            Some("deleting") => {}
            // One that does not show may only be too new to be seen, so the delete is sent all the same.
            _ => {
                let request = self.aws.ec2(&call.place).await.delete_vpc_endpoints().vpc_endpoint_ids(&id.0);
                let answer = request.send().await.or_fault("ec2:DeleteVpcEndpoints", FAULTS)?;
                if let Some(error) = answer.unsuccessful().iter().find_map(|item| item.error()) {
                    return gone(Err::<(), _>(refused(
                        "ec2:DeleteVpcEndpoints",
                        error.code(),
                        error.message(),
                        FAULTS,
                    )));
                }
            }
        }
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().filter(|endpoint| state(endpoint) != "deleted").map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for VpcEndpointDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        Ok(found.iter().filter(|endpoint| stands(endpoint)).map(|endpoint| observed(endpoint).into()).collect())
    }
}

/// What ModifyVpcEndpoint can change.
const MODIFIABLE: &[&str] = &[
    "DnsOptions",
    "IpAddressType",
    "PolicyDocument",
    "PrivateDnsEnabled",
    "RouteTableIds",
    "SecurityGroupIds",
    "SubnetIds",
];

/// The state in lower case: the API's model and its answers do not agree on the case.
fn state(endpoint: &VpcEndpoint) -> String {
    endpoint.state().map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default()
}

fn stands(endpoint: &VpcEndpoint) -> bool {
    !["deleting", "deleted", "failed"].contains(&state(endpoint).as_str())
}

fn dns_options(want: &Wanted<'_>) -> Result<Option<DnsOptionsSpecification>> {
    let Some(options) = want.inner("DnsOptions")? else { return Ok(None) };
    let inbound = match options.text::<String>("PrivateDnsOnlyForInboundResolverEndpoint")?.as_deref() {
        Some("OnlyInboundResolver") => Some(true),
        Some("AllResolvers") => Some(false),
        _ => None,
    };
    let builder = DnsOptionsSpecification::builder()
        .set_dns_record_ip_type(options.text("DnsRecordIpType")?)
        .set_private_dns_only_for_inbound_resolver_endpoint(inbound)
        .set_private_dns_preference(options.text("PrivateDnsPreference")?)
        .set_private_dns_specified_domains(options.texts("PrivateDnsSpecifiedDomains")?);
    Ok(Some(builder.build()))
}

fn observed(endpoint: &VpcEndpoint) -> Observed {
    let groups = endpoint.groups().iter().filter_map(|group| group.group_id());
    let created = endpoint.creation_timestamp().and_then(|time| time.fmt(DateTimeFormat::DateTime).ok());
    Observed::new()
        .with("Id", endpoint.vpc_endpoint_id())
        .with("VpcEndpointType", endpoint.vpc_endpoint_type().map(|kind| kind.as_str()))
        .with("VpcId", endpoint.vpc_id())
        .with("ServiceName", endpoint.service_name())
        .with("ServiceRegion", endpoint.service_region())
        .with("ServiceNetworkArn", endpoint.service_network_arn())
        .with("ResourceConfigurationArn", endpoint.resource_configuration_arn())
        .with_document("PolicyDocument", endpoint.policy_document())
        .with_list("RouteTableIds", endpoint.route_table_ids().iter().map(String::as_str))
        .with_list("SubnetIds", endpoint.subnet_ids().iter().map(String::as_str))
        .with_list("SecurityGroupIds", groups)
        .with("IpAddressType", endpoint.ip_address_type().map(|kind| kind.as_str()))
        .with("DnsOptions", endpoint.dns_options().map(observed_dns))
        .with("PrivateDnsEnabled", endpoint.private_dns_enabled())
        .with_list("NetworkInterfaceIds", endpoint.network_interface_ids().iter().map(String::as_str))
        .with_list("DnsEntries", endpoint.dns_entries().iter().map(dns_entry))
        .with("CreationTimestamp", created)
        .with_list("Tags", tags_of(endpoint.tags()))
}

fn observed_dns(options: &DnsOptions) -> Observed {
    let inbound = options.private_dns_only_for_inbound_resolver_endpoint();
    let inbound = inbound.map(|only| if only { "OnlyInboundResolver" } else { "AllResolvers" });
    Observed::new()
        .with("DnsRecordIpType", options.dns_record_ip_type().map(|kind| kind.as_str()))
        .with("PrivateDnsOnlyForInboundResolverEndpoint", inbound)
        .with("PrivateDnsPreference", options.private_dns_preference())
        .with_list("PrivateDnsSpecifiedDomains", options.private_dns_specified_domains().iter().map(String::as_str))
}

/// Zone and name, as CloudFormation writes them.
fn dns_entry(entry: &DnsEntry) -> String {
    format!("{}:{}", entry.hosted_zone_id().unwrap_or_default(), entry.dns_name().unwrap_or_default())
}

const FAULTS: Codes = &[("InvalidVpcEndpoint.NotFound", FaultKind::NotFound)];
