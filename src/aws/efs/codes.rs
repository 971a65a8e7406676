//! What this service's error codes mean, where neither the common table nor their endings say it.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{AlreadyExists, InUse, Invalid, NotReady, Quota, Transient},
};

/// The codes of all types of this service.
pub const CODES: Codes = &[
    ("AvailabilityZonesMismatch", Invalid),
    ("BadRequest", Invalid),
    ("ConflictException", Invalid),
    ("DependencyTimeout", Transient),
    ("FileSystemInUse", InUse),
    ("IncorrectFileSystemLifeCycleState", NotReady),
    ("IncorrectMountTargetState", NotReady),
    ("InsufficientThroughputCapacity", Quota),
    ("IpAddressInUse", Invalid),
    ("MountTargetConflict", AlreadyExists),
    ("NoFreeAddressesInSubnet", Quota),
    // Not of requests: the throughput may be changed, or lowered, only once in 24 hours.
    ("TooManyRequests", Quota),
    ("UnsupportedAvailabilityZone", Invalid),
];
