//! Elastic Load Balancing, version 2: load balancers, target groups, listeners and their rules.

mod actions;
mod attributes;
mod capacity;
mod codes;
mod conditions;
mod found;
mod health_check;
mod listener;
mod listener_rule;
mod load_balancer;
mod tags;
mod target_group;
mod targets;
mod users;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (listener::TYPE, listener::driver),
    (listener_rule::TYPE, listener_rule::driver),
    (load_balancer::TYPE, load_balancer::driver),
    (target_group::TYPE, target_group::driver),
];
