//! AWS Budgets. `document` says what CloudFormation and Budgets call the parts of a budget; `account` is where all
//! requests of this service begin.

mod account;
mod budget;
mod document;

use super::{Entry, faults::Codes};
use crate::driver::FaultKind::{AlreadyExists, Invalid, NotReady, Quota, Transient};

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(budget::TYPE, budget::driver)];

/// What all requests of this service share.
const CODES: Codes = &[
    ("BillingViewHealthStatusException", NotReady),
    ("CreationLimitExceededException", Quota),
    ("DuplicateRecordException", AlreadyExists),
    ("InternalErrorException", Transient),
    ("InvalidParameterException", Invalid),
];
