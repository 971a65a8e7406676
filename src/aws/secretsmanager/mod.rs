//! Secrets Manager: secrets, their rotation, their policies, and what they say of a database.

mod described;
mod replicas;
mod resource_policy;
mod rotation_schedule;
mod secret;
mod secret_target_attachment;
mod tags;
mod target;
mod value;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (resource_policy::TYPE, resource_policy::driver),
    (rotation_schedule::TYPE, rotation_schedule::driver),
    (secret::TYPE, secret::driver),
    (secret_target_attachment::TYPE, secret_target_attachment::driver),
];
