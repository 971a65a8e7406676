//! AWS::ElasticLoadBalancingV2::LoadBalancer
//! API: CreateLoadBalancer, ModifyLoadBalancerAttributes, SetSubnets, SetSecurityGroups, SetIpAddressType, ModifyIpPools,
//! ModifyCapacityReservation, DescribeLoadBalancers (and DescribeLoadBalancerAttributes, DescribeCapacityReservation,
//! DescribeTags for what it leaves out), DeleteLoadBalancer.  Identity: LoadBalancerArn.  Found by: its name, verified by
//! the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{
        AvailabilityZone, IpAddressType, IpamPools, LoadBalancer, LoadBalancerAttribute,
        LoadBalancerStateEnum as State, LoadBalancerTypeEnum, RemoveIpamPoolEnum, SubnetMapping,
    },
};

use super::{
    attributes, capacity,
    codes::CODES,
    found::{AT_ONCE, found},
    tags::{by_owner, create_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(LoadBalancerDriver { aws: aws.clone() })
}

struct LoadBalancerDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for LoadBalancerDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = elb
            .create_load_balancer()
            .set_name(properties.text("Name")?)
            .set_type(properties.text("Type")?)
            .set_scheme(properties.text("Scheme")?)
            .set_subnets(properties.texts("Subnets")?)
            .set_subnet_mappings(properties.structures("SubnetMappings", subnet_mapping)?)
            .set_security_groups(properties.texts("SecurityGroups")?)
            .set_ip_address_type(properties.text("IpAddressType")?)
            .set_enable_prefix_for_ipv6_source_nat(properties.text("EnablePrefixForIpv6SourceNat")?)
            .set_ipam_pools(ipam_pools(&properties)?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticloadbalancing:CreateLoadBalancer", FAULTS)?;
        let load_balancer = answer.load_balancers.and_then(|list| list.into_iter().next());
        let load_balancer = load_balancer.filter(|made| made.load_balancer_arn.is_some());
        let load_balancer = answered(load_balancer, "elasticloadbalancing:CreateLoadBalancer")?;
        let made = made(TYPE, observed(&load_balancer));
        let rest = fresh(&made.id, observed(&load_balancer), want);
        let rest = Changed::new(TYPE, &rest);
        adjust(&elb, &rest).await.map_err(half_made(&made))?;
        if rest.touches(capacity::PROPERTY) {
            // Nothing can be reserved for one that is being made: it is completed once it is active.
            let fault = Fault::new(FaultKind::NotReady, "elasticloadbalancing:ModifyCapacityReservation", "not active");
            return Err(fault.with_made(made));
        }
        Ok(pending(&made, "provisioning"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let progress = standing(&elb, so_far).await?;
        if matches!(progress, Progress::Done(_))
            && let Some(waiting) = capacity::standing(&elb, so_far).await?
        {
            return Ok(waiting);
        }
        Ok(progress)
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let load_balancers = describe(&elb, ids.iter().map(|id| id.0.clone()).collect()).await?;
        Ok(in_order(TYPE, ids, documents(&elb, &load_balancers).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        set_subnets(&elb, &changed).await?;
        if changed.touches("SecurityGroups") {
            set_groups(&elb, &changed).await?;
        }
        if changed.touches("Ipv4IpamPoolId") {
            let request = elb.modify_ip_pools().load_balancer_arn(changed.id());
            let request = match ipam_pools(&changed.want)? {
                Some(pools) => request.ipam_pools(pools),
                None => request.remove_ipam_pools(RemoveIpamPoolEnum::Ipv4),
            };
            request.send().await.or_fault("elasticloadbalancing:ModifyIpPools", FAULTS)?;
        }
        adjust(&elb, &changed).await?;
        capacity::change(&elb, &changed).await?;
        retag(&elb, &changed).await?;
        let is_awaited = changed.want.flag("EnableCapacityReservationProvisionStabilize")?.unwrap_or_default();
        if is_awaited && changed.touches(capacity::PROPERTY) {
            return Ok(pending(&only_id(&change.id), "reserving capacity"));
        }
        standing(&elb, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.elasticloadbalancingv2(&call.place).await.delete_load_balancer();
        let deleted = request.load_balancer_arn(&id.0).send().await;
        gone(deleted.or_fault("elasticloadbalancing:DeleteLoadBalancer", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (ours, _) = by_owner(&elb, named(&elb, want).await?, call).await?;
        Ok(identities(TYPE, ours.into_iter().map(|arn| Observed::new().with("LoadBalancerArn", Some(arn)))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (_, others) = by_owner(&elb, named(&elb, want).await?, call).await?;
        Ok(others.into_iter().next().map(PhysicalId))
    }

    fn batch(&self) -> usize {
        AT_ONCE
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for LoadBalancerDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elb = self.aws.elasticloadbalancingv2(place).await;
        let pages = elb.describe_load_balancers().into_paginator().items().send();
        let load_balancers: Vec<LoadBalancer> =
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeLoadBalancers", FAULTS)?;
        documents(&elb, &load_balancers).await
    }
}

async fn describe(elb: &Client, arns: Vec<String>) -> Result<Vec<LoadBalancer>> {
    let describe = |arns| {
        let request = elb.describe_load_balancers().set_load_balancer_arns(Some(arns));
        async move {
            let pages = request.into_paginator().items().send();
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeLoadBalancers", FAULTS)
        }
    };
    found(arns, describe).await
}

/// The ARN of the load balancer that has the wanted name.
async fn named(elb: &Client, want: &Doc) -> Result<Vec<String>> {
    let Some(name) = want.text("Name") else { return Ok(Vec::new()) };
    let answer = elb.describe_load_balancers().names(name).send().await;
    let answer = answer.or_fault("elasticloadbalancing:DescribeLoadBalancers", FAULTS);
    let found = there(answer)?.and_then(|answer| answer.load_balancers).unwrap_or_default();
    Ok(found.into_iter().filter_map(|load_balancer| load_balancer.load_balancer_arn).collect())
}

/// How far a load balancer has come. An impaired one works, and AWS goes on looking for the addresses that it lacks.
async fn standing(elb: &Client, so_far: &Made) -> Result<Progress<Made>> {
    let found = describe(elb, vec![so_far.id.0.clone()]).await?;
    let state = found.first().and_then(LoadBalancer::state);
    let reason = state.and_then(|state| state.reason());
    match state.and_then(|state| state.code()) {
        Some(State::Provisioning) => Ok(pending(so_far, "provisioning")),
        Some(State::Failed) => {
            let reason = reason.or(Some("it failed without a reason"));
            Err(failed("elasticloadbalancing:CreateLoadBalancer", None, reason, so_far))
        }
        _ => Ok(visible(TYPE, so_far, found.first().map(observed))),
    }
}

/// What can be set on one that is still being made, and has no place in the create call.
async fn adjust(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let attribute = |(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build();
    let attributes = attributes::changed(change, "LoadBalancerAttributes")?;
    if !attributes.is_empty() {
        let attributes = attributes.into_iter().map(attribute).collect();
        let request = elb.modify_load_balancer_attributes().load_balancer_arn(change.id());
        let request = request.set_attributes(Some(attributes));
        request.send().await.or_fault("elasticloadbalancing:ModifyLoadBalancerAttributes", FAULTS)?;
    }
    if change.touches(ENFORCE) {
        set_groups(elb, change).await?;
    }
    Ok(())
}

/// Sets subnets, and with them what depends on them; an address type alone has a call of its own.
async fn set_subnets(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let address_type = change.touches("IpAddressType").then(|| change.want.text("IpAddressType")).transpose()?;
    let address_type = address_type.map(|wanted| wanted.unwrap_or(IpAddressType::Ipv4));
    if ["Subnets", "SubnetMappings", "EnablePrefixForIpv6SourceNat"].iter().any(|name| change.touches(name)) {
        let request = elb
            .set_subnets()
            .load_balancer_arn(change.id())
            .set_subnets(change.want.texts("Subnets")?)
            .set_subnet_mappings(change.want.structures("SubnetMappings", subnet_mapping)?)
            .set_ip_address_type(address_type)
            .set_enable_prefix_for_ipv6_source_nat(change.want.text("EnablePrefixForIpv6SourceNat")?);
        request.send().await.or_fault("elasticloadbalancing:SetSubnets", FAULTS)?;
    } else if let Some(address_type) = address_type {
        let request = elb.set_ip_address_type().load_balancer_arn(change.id()).ip_address_type(address_type);
        request.send().await.or_fault("elasticloadbalancing:SetIpAddressType", FAULTS)?;
    }
    Ok(())
}

/// Sets the security groups, and whether their rules hold for traffic from private links.
async fn set_groups(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let want = match change.want.texts("SecurityGroups")? {
        None if !change.touches("SecurityGroups") => change.before.texts("SecurityGroups")?,
        groups => groups,
    };
    let enforced = change.want.text(ENFORCE)?.or(change.touches(ENFORCE).then(|| "on".into()));
    let request = elb
        .set_security_groups()
        .load_balancer_arn(change.id())
        .set_security_groups(Some(want.unwrap_or_default()))
        .set_enforce_security_group_inbound_rules_on_private_link_traffic(enforced);
    request.send().await.or_fault("elasticloadbalancing:SetSecurityGroups", FAULTS)?;
    Ok(())
}

fn subnet_mapping(want: &Wanted<'_>) -> Result<SubnetMapping> {
    Ok(SubnetMapping::builder()
        .set_subnet_id(want.text("SubnetId")?)
        .set_allocation_id(want.text("AllocationId")?)
        .set_private_ipv4_address(want.text("PrivateIPv4Address")?)
        .set_ipv6_address(want.text("IPv6Address")?)
        .set_source_nat_ipv6_prefix(want.text("SourceNatIpv6Prefix")?)
        .build())
}

fn ipam_pools(want: &Wanted<'_>) -> Result<Option<IpamPools>> {
    let pool = want.text::<String>("Ipv4IpamPoolId")?;
    Ok(pool.map(|pool| IpamPools::builder().ipv4_ipam_pool_id(pool).build()))
}

/// The whole documents: DescribeLoadBalancers leaves out attributes, capacity and tags.
async fn documents(elb: &Client, load_balancers: &[LoadBalancer]) -> Result<Vec<Doc>> {
    let arns: Vec<String> = load_balancers.iter().filter_map(|found| found.load_balancer_arn.clone()).collect();
    let mut tags = tags_of(elb, arns).await?;
    let found = each(load_balancers.iter().map(|load_balancer| document(elb, load_balancer))).await?;
    let found = found.into_iter().zip(load_balancers).filter_map(|(document, load_balancer)| {
        let tags = tags.remove(load_balancer.load_balancer_arn()?).unwrap_or_default();
        Some(document?.with_list("Tags", tags).into())
    });
    Ok(found.collect())
}

/// A load balancer without its tags; `None` if it has gone in between.
async fn document(elb: &Client, load_balancer: &LoadBalancer) -> Result<Option<Observed>> {
    let arn = load_balancer.load_balancer_arn().unwrap_or_default();
    let attributes = elb.describe_load_balancer_attributes().load_balancer_arn(arn).send();
    let is_gateway = load_balancer.r#type() == Some(&LoadBalancerTypeEnum::Gateway);
    let capacity = async { if is_gateway { Ok(None) } else { capacity::reserved(elb, arn).await } };
    let (attributes, capacity) = tokio::join!(attributes, capacity);
    let attributes = match attributes.or_fault("elasticloadbalancing:DescribeLoadBalancerAttributes", FAULTS) {
        Err(fault) if fault.kind == FaultKind::NotFound => return Ok(None),
        attributes => attributes?,
    };
    let attributes = attributes.attributes().iter().map(|attribute| (attribute.key(), attribute.value()));
    let capacity = capacity?.and_then(|answer| answer.minimum_load_balancer_capacity?.capacity_units);
    let capacity = capacity.map(|units| Observed::new().with("CapacityUnits", Some(units)));
    let document = observed(load_balancer)
        .with_list("LoadBalancerAttributes", attributes::observed(attributes))
        .with(capacity::PROPERTY, capacity);
    Ok(Some(document))
}

fn observed(load_balancer: &LoadBalancer) -> Observed {
    let arn = load_balancer.load_balancer_arn();
    let zones = load_balancer.availability_zones();
    let groups = load_balancer.security_groups().iter().map(String::as_str);
    let pool = load_balancer.ipam_pools().and_then(|pools| pools.ipv4_ipam_pool_id());
    let prefix = load_balancer.enable_prefix_for_ipv6_source_nat();
    Observed::new()
        .with("LoadBalancerArn", arn)
        .with("LoadBalancerFullName", arn.and_then(|arn| arn.split_once(":loadbalancer/")).map(|(_, name)| name))
        .with("LoadBalancerName", load_balancer.load_balancer_name())
        .with("Name", load_balancer.load_balancer_name())
        .with("DNSName", load_balancer.dns_name())
        .with("CanonicalHostedZoneID", load_balancer.canonical_hosted_zone_id())
        .with("Scheme", load_balancer.scheme().map(|scheme| scheme.as_str()))
        .with("Type", load_balancer.r#type().map(LoadBalancerTypeEnum::as_str))
        .with("IpAddressType", load_balancer.ip_address_type().map(IpAddressType::as_str))
        .with(ENFORCE, load_balancer.enforce_security_group_inbound_rules_on_private_link_traffic())
        .with("EnablePrefixForIpv6SourceNat", prefix.map(|prefix| prefix.as_str()))
        .with("Ipv4IpamPoolId", pool)
        .with_list("SecurityGroups", groups)
        .with_list("Subnets", zones.iter().filter_map(AvailabilityZone::subnet_id))
        .with_list("SubnetMappings", zones.iter().map(observed_mapping))
}

fn observed_mapping(zone: &AvailabilityZone) -> Observed {
    let addresses = zone.load_balancer_addresses();
    let prefix = zone.source_nat_ipv6_prefixes().first();
    Observed::new()
        .with("SubnetId", zone.subnet_id())
        .with("AllocationId", addresses.iter().find_map(|address| address.allocation_id()))
        .with("PrivateIPv4Address", addresses.iter().find_map(|address| address.private_ipv4_address()))
        .with("IPv6Address", addresses.iter().find_map(|address| address.ipv6_address()))
        .with("SourceNatIpv6Prefix", prefix.map(String::as_str))
}

/// Set by the same call as the security groups.
const ENFORCE: &str = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic";

/// What the types of this service share.
const FAULTS: Codes = CODES;
