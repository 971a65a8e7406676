//! Error codes of SNS whose meaning neither the common table nor their endings give away.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{Denied, Invalid, NotReady},
};

/// What all types of this service share.
pub const CODES: Codes = &[
    ("AuthorizationError", Denied),
    ("ConcurrentAccess", NotReady),
    ("InvalidSecurity", Denied),
    // A topic that still archives messages: waiting would not help.
    ("InvalidState", Invalid),
    ("StaleTag", NotReady),
    ("TagPolicy", Invalid),
];
