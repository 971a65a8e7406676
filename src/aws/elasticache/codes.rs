//! What this service's error codes mean, where neither the common table nor their endings say it: many end in `Fault`.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{InUse, Invalid, NotFound, NotReady, Quota, Throttled},
};

/// The codes of all types of this service.
pub const CODES: Codes = &[
    ("APICallRateForCustomerExceeded", Throttled),
    ("CacheSubnetGroupInUse", InUse),
    ("CacheSubnetGroupNotFoundFault", NotFound),
    ("CacheSubnetQuotaExceededFault", Quota),
    ("ClusterQuotaForCustomerExceeded", Quota),
    ("GlobalReplicationGroupNotFoundFault", NotFound),
    ("InsufficientCacheClusterCapacity", Quota),
    ("InvalidCacheClusterState", NotReady),
    ("InvalidCacheParameterGroupState", NotReady),
    ("InvalidGlobalReplicationGroupState", NotReady),
    ("InvalidReplicationGroupState", NotReady),
    ("InvalidUserGroupState", NotReady),
    ("NodeQuotaForClusterExceeded", Quota),
    ("NodeQuotaForCustomerExceeded", Quota),
    ("ReplicationGroupNotFoundFault", NotFound),
    ("ServiceLinkedRoleNotFoundFault", NotReady),
    ("SnapshotAlreadyExistsFault", Invalid),
    ("SnapshotFeatureNotSupportedFault", Invalid),
    ("SnapshotQuotaExceededFault", Quota),
    ("SubnetInUse", InUse),
    ("SubnetNotAllowedFault", Invalid),
    ("TagQuotaPerResourceExceeded", Quota),
];
