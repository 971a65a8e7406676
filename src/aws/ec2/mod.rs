//! EC2: networks and what stands in them. One file per resource type; what they share is below.

mod blockers;
mod filters;
mod rules;
mod tags;

mod eip;
mod flow_log;
mod instance;
mod instance_change;
mod instance_device;
mod instance_launch;
mod instance_memory;
mod instance_view;
mod internet_gateway;
mod launch_template;
mod launch_template_data;
mod launch_template_network;
mod launch_template_requirements;
mod nat_gateway;
mod nat_gateway_addresses;
mod route;
mod route_table;
mod security_group;
mod security_group_egress;
mod security_group_ingress;
mod subnet;
mod subnet_route_table_association;
mod vpc;
mod vpc_endpoint;
mod vpc_gateway_attachment;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (eip::TYPE, eip::driver),
    (flow_log::TYPE, flow_log::driver),
    (instance::TYPE, instance::driver),
    (internet_gateway::TYPE, internet_gateway::driver),
    (launch_template::TYPE, launch_template::driver),
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
