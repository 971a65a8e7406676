//! Error codes of AWS Config.

use crate::{aws::faults::Codes, driver::FaultKind};

/// The codes of the whole service. Policies are tried out in the moment of a call, and one that was just made has not
/// arrived everywhere; "in use" is said of a conformance pack that is still on its way.
pub const CODES: Codes = &[
    ("ConformancePackTemplateValidationException", FaultKind::Invalid),
    ("InsufficientDeliveryPolicyException", FaultKind::NotReady),
    ("InsufficientPermissionsException", FaultKind::Denied),
    ("LastDeliveryChannelDeleteFailedException", FaultKind::InUse),
    ("MaxNumberOfConfigurationRecordersExceededException", FaultKind::Quota),
    ("MaxNumberOfConformancePacksExceededException", FaultKind::Quota),
    ("MaxNumberOfDeliveryChannelsExceededException", FaultKind::Quota),
    ("NoAvailableConfigurationRecorderException", FaultKind::NotReady),
    (NO_CHANNEL, FaultKind::NotReady),
    ("NoSuchBucketException", FaultKind::Invalid),
    ("NoSuchConfigurationRecorderException", FaultKind::NotFound),
    ("NoSuchConformancePackException", FaultKind::NotFound),
    ("NoSuchDeliveryChannelException", FaultKind::NotFound),
    ("ResourceInUseException", FaultKind::NotReady),
    ("TooManyTagsException", FaultKind::Quota),
    ("UnmodifiableEntityException", FaultKind::Invalid),
];

/// How Config says that a recorder has nowhere to deliver to.
pub const NO_CHANNEL: &str = "NoAvailableDeliveryChannelException";
