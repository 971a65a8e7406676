//! EC2: networks and what stands in them. One file per resource type; what they share is below.

mod blockers;
mod filters;
mod rules;
mod tags;

mod vpc;
mod subnet;
mod internet_gateway;
mod vpc_gateway_attachment;
mod eip;
mod nat_gateway;
mod nat_gateway_addresses;
mod route_table;
mod route;
mod subnet_route_table_association;
mod security_group;
mod security_group_ingress;
mod security_group_egress;
mod vpc_endpoint;
mod flow_log;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (eip::TYPE, eip::driver),
    (flow_log::TYPE, flow_log::driver),
    (internet_gateway::TYPE, internet_gateway::driver),
    (nat_gateway::TYPE, nat_gateway::driver),
    (route::TYPE, route::driver),
    (route_table::TYPE, route_table::driver),
    (security_group::TYPE, security_group::driver),
    (security_group_egress::TYPE, security_group_egress::driver),
    (security_group_ingress::TYPE, security_group_ingress::driver),
    (subnet::TYPE, subnet::driver),
    (subnet_route_table_association::TYPE, subnet_route_table_association::driver),
    (vpc::TYPE, vpc::driver),
    (vpc_endpoint::TYPE, vpc_endpoint::driver),
    (vpc_gateway_attachment::TYPE, vpc_gateway_attachment::driver),
];
