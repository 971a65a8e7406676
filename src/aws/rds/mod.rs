//! RDS: databases, alone and in clusters, and the groups of subnets and parameters they stand in. One file per resource
//! type, with what makes and changes a cluster or an instance in files beside it; what they share is above.

mod backups;
mod changes;
mod codes;
mod identifiers;
mod parameters;
mod set;
mod structures;
mod tags;

mod cluster;
mod cluster_observed;
mod cluster_parameter_group;
mod cluster_request;
mod cluster_update;
mod global_cluster;
mod instance;
mod instance_observed;
mod instance_request;
mod instance_update;
mod parameter_group;
mod subnet_group;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (cluster::TYPE, cluster::driver),
    (cluster_parameter_group::TYPE, cluster_parameter_group::driver),
    (global_cluster::TYPE, global_cluster::driver),
    (instance::TYPE, instance::driver),
    (parameter_group::TYPE, parameter_group::driver),
    (subnet_group::TYPE, subnet_group::driver),
];
