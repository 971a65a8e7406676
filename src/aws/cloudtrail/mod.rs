//! CloudTrail.

mod selectors;
mod trail;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(trail::TYPE, trail::driver)];
