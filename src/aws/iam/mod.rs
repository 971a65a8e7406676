//! IAM: roles, what they may do, and how instances get them. One IAM serves all regions of a partition.

mod instance_profile;
mod managed_policy;
mod managed_policy_bearers;
mod policies;
mod role;
mod role_policy;
mod service_linked_role;
mod tags;

use super::{Entry, faults::Codes};
use crate::driver::FaultKind;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (instance_profile::TYPE, instance_profile::driver),
    (managed_policy::TYPE, managed_policy::driver),
    (role::TYPE, role::driver),
    (role_policy::TYPE, role_policy::driver),
    (service_linked_role::TYPE, service_linked_role::driver),
];

/// IAM's own codes, the same for all its types.
const CODES: Codes = &[
    ("ConcurrentModification", FaultKind::NotReady),
    ("DeleteConflict", FaultKind::InUse),
    ("EntityTemporarilyUnmodifiable", FaultKind::NotReady),
    ("NoSuchEntity", FaultKind::NotFound),
    ("PolicyNotAttachable", FaultKind::Invalid),
    ("UnmodifiableEntity", FaultKind::Denied),
];
