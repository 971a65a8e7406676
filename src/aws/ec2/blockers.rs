//! Who still uses an object that EC2 refuses to delete. EC2 itself does not say.
//!
//! Almost always it is a network interface, made by a service on somebody's behalf; its description names that service.
//! A look-up that fails says nothing, so that it never hides the refusal it was to explain.

use aws_sdk_ec2::{Client, types::NetworkInterface};

use super::filters::filter;

/// The network interfaces whose `field` is `id`, in words: `eni-12ab (ELB app/web, in-use)`.
pub async fn interfaces(ec2: &Client, field: &str, id: &str) -> Vec<String> {
    let request = ec2.describe_network_interfaces().set_filters(Some(filter(field, [id])));
    let found = request.into_paginator().items().send().try_collect().await.unwrap_or_default();
    found.iter().map(in_words).collect()
}

/// The network interfaces in a VPC that have a public address, in words: what keeps its internet gateway.
pub async fn public_interfaces(ec2: &Client, vpc: &str) -> Vec<String> {
    let request = ec2.describe_network_interfaces().set_filters(Some(filter("vpc-id", [vpc])));
    let found = request.into_paginator().items().send().try_collect().await.unwrap_or_default();
    found.iter().filter(|interface| interface.association().is_some()).map(in_words).collect()
}

/// What stands in a VPC and must go before it: interfaces, subnets, gateways, security groups.
pub async fn contents_of_vpc(ec2: &Client, vpc: &str) -> Vec<String> {
    let subnets = ec2.describe_subnets().set_filters(Some(filter("vpc-id", [vpc]))).send();
    let gateways = ec2.describe_internet_gateways().set_filters(Some(filter("attachment.vpc-id", [vpc]))).send();
    let groups = ec2.describe_security_groups().set_filters(Some(filter("vpc-id", [vpc]))).send();
    let (mut found, subnets, gateways, groups) =
        tokio::join!(interfaces(ec2, "vpc-id", vpc), subnets, gateways, groups);
    let subnets = subnets.iter().flat_map(|answer| answer.subnets()).filter_map(|subnet| subnet.subnet_id());
    found.extend(subnets.map(str::to_owned));
    let gateways = gateways.iter().flat_map(|answer| answer.internet_gateways());
    found.extend(gateways.filter_map(|gateway| gateway.internet_gateway_id()).map(str::to_owned));
    let groups = groups.iter().flat_map(|answer| answer.security_groups());
    let groups = groups.filter(|group| group.group_name() != Some("default"));
    found.extend(groups.filter_map(|group| Some(format!("{} ({})", group.group_id()?, group.group_name()?))));
    found
}

/// What uses a security group: interfaces that have it, and groups whose rules name it.
pub async fn users_of_group(ec2: &Client, group: &str) -> Vec<String> {
    let naming = |field| ec2.describe_security_groups().set_filters(Some(filter(field, [group]))).send();
    let (mut found, ingress, egress) = tokio::join!(
        interfaces(ec2, "group-id", group),
        naming("ip-permission.group-id"),
        naming("egress.ip-permission.group-id")
    );
    let groups = ingress.iter().chain(&egress).flat_map(|answer| answer.security_groups());
    let others = groups.filter_map(|other| other.group_id()).filter(|other| *other != group);
    found.extend(others.map(|other| format!("{other} (a rule of it names this group)")));
    found.sort();
    found.dedup();
    found
}

fn in_words(interface: &NetworkInterface) -> String {
    let id = interface.network_interface_id().unwrap_or("eni");
    let instance = interface.attachment().and_then(|attachment| attachment.instance_id());
    let user = interface.description().filter(|text| !text.is_empty()).or(instance).or(interface.requester_id());
    let status = interface.status().map(|status| status.as_str());
    match (user, status) {
        (Some(user), Some(status)) => format!("{id} ({user}, {status})"),
        (Some(word), None) | (None, Some(word)) => format!("{id} ({word})"),
        (None, None) => id.to_owned(),
    }
}
