//! Route 53. `zones` finds hosted zones and what is in them for both types, `codes` says what both are refused with.

mod codes;
mod hosted_zone;
mod query_logging;
mod record_set;
mod tags;
mod zones;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(hosted_zone::TYPE, hosted_zone::driver), (record_set::TYPE, record_set::driver)];
