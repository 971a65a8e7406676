//! ECS: clusters, task definitions and services. Of the other files, `tags` and `refusals` serve all three; `container`,
//! `volume` and `accelerator` are what task definitions consist of; `placement`, `deployment` and `connect` what services
//! consist of; `rollout` tells how a service's deployment comes along.

mod accelerator;
mod cluster;
mod connect;
mod container;
mod deployment;
mod placement;
mod refusals;
mod rollout;
mod service;
mod tags;
mod task_definition;
mod volume;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (cluster::TYPE, cluster::driver),
    (service::TYPE, service::driver),
    (task_definition::TYPE, task_definition::driver),
];
