//! EFS: file systems, where they are mounted, and by which doors applications come in. One file per resource type; what
//! they share is above.

mod codes;
mod file_system_settings;
mod replication;
mod tags;

mod access_point;
mod file_system;
mod mount_target;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (access_point::TYPE, access_point::driver),
    (file_system::TYPE, file_system::driver),
    (mount_target::TYPE, mount_target::driver),
];
