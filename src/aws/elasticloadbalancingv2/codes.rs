//! Error codes of Elastic Load Balancing whose meaning neither the common table nor their endings give away.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{AlreadyExists, InUse, Invalid, NotReady, Quota},
};

/// What all types of this service share.
pub const CODES: Codes = &[
    ("CapacityReservationPending", NotReady),
    ("DuplicateListener", AlreadyExists),
    ("DuplicateLoadBalancerName", AlreadyExists),
    ("DuplicateTargetGroupName", AlreadyExists),
    ("InsufficientCapacity", Quota),
    // Deletion protection, a rule that cannot be deleted: no permission would help.
    ("OperationNotPermitted", Invalid),
    ("PriorityInUse", AlreadyExists),
    ("ResourceInUse", InUse),
    ("TargetGroupAssociationLimit", Quota),
    ("TooManyActions", Quota),
    ("TooManyCertificates", Quota),
    ("TooManyListeners", Quota),
    ("TooManyLoadBalancers", Quota),
    ("TooManyRegistrationsForTargetId", Quota),
    ("TooManyRules", Quota),
    ("TooManyTags", Quota),
    ("TooManyTargetGroups", Quota),
    ("TooManyTargets", Quota),
    ("TooManyUniqueTargetGroupsPerLoadBalancer", Quota),
    ("TrustStoreNotReady", NotReady),
];
