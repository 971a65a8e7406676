//! GuardDuty: detectors. `protection` says what CloudFormation and GuardDuty call what a detector watches.

mod detector;
mod protection;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(detector::TYPE, detector::driver)];
