//! What Route 53's error codes mean.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{InUse, Invalid, NotFound, NotReady, Quota},
};

/// The codes of the whole service. `PriorRequestNotComplete` is everybody's.
pub const CODES: Codes = &[
    ("ConcurrentModification", NotReady),
    ("ConflictingDomainExists", Invalid),
    ("DelegationSetNotAvailable", Quota),
    ("HostedZoneNotEmpty", InUse),
    ("InsufficientCloudWatchLogsResourcePolicy", Invalid),
    ("LastVPCAssociation", Invalid),
    ("LimitsExceeded", Quota),
    ("NoSuchCloudWatchLogsLogGroup", Invalid),
    ("NoSuchDelegationSet", Invalid),
    ("NoSuchHealthCheck", Invalid),
    ("NoSuchHostedZone", NotFound),
    ("NoSuchQueryLoggingConfig", NotFound),
    ("PublicZoneVPCAssociation", Invalid),
    ("TooManyHostedZones", Quota),
    ("TooManyVPCAssociationAuthorizations", Quota),
];
