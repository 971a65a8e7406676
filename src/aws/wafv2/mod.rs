//! WAF: web ACLs and what they stand in front of. A web ACL is large: `settings`, `rule`, `statement`, `field`, `rate`
//! and `managed` say what CloudFormation and WAF call its parts; `directory` finds web ACLs and what is behind them.

mod directory;
mod field;
mod managed;
mod rate;
mod rule;
mod settings;
mod statement;
mod web_acl;
mod web_acl_association;

use super::{Entry, faults::Codes};
use crate::driver::FaultKind::{AlreadyExists, InUse, Invalid, NotFound, NotReady, Quota, Transient};

/// The types of this service.
pub const DRIVERS: &[Entry] =
    &[(web_acl::TYPE, web_acl::driver), (web_acl_association::TYPE, web_acl_association::driver)];

/// What all types of this service share. A lock that somebody else has taken, a tagging that failed and something that
/// is not known everywhere yet are all, in the words of WAF's documentation, to be tried again.
const CODES: Codes = &[
    ("WAFAssociatedItemException", InUse),
    ("WAFConfigurationWarningException", Invalid),
    ("WAFDuplicateItemException", AlreadyExists),
    ("WAFExpiredManagedRuleGroupVersionException", Invalid),
    ("WAFFeatureNotIncludedInPricingPlanException", Invalid),
    ("WAFInternalErrorException", Transient),
    ("WAFInvalidOperationException", Invalid),
    ("WAFInvalidParameterException", Invalid),
    ("WAFInvalidResourceException", Invalid),
    ("WAFLimitsExceededException", Quota),
    ("WAFNonexistentItemException", NotFound),
    ("WAFOptimisticLockException", NotReady),
    // A managed rule group that the account has not subscribed to.
    ("WAFSubscriptionNotFoundException", Invalid),
    ("WAFTagOperationException", NotReady),
    ("WAFTagOperationInternalErrorException", Transient),
    ("WAFUnavailableEntityException", NotReady),
];
