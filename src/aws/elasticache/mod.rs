//! ElastiCache: caches, alone and in groups, and what they are configured by. One file per resource type; what they share
//! is above.

mod codes;
mod log_delivery;
mod replication_group_change;
mod status;
mod tags;
mod users;

mod cache_cluster;
mod parameter_group;
mod replication_group;
mod subnet_group;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (cache_cluster::TYPE, cache_cluster::driver),
    (parameter_group::TYPE, parameter_group::driver),
    (replication_group::TYPE, replication_group::driver),
    (subnet_group::TYPE, subnet_group::driver),
];
