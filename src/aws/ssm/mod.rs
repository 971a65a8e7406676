//! Systems Manager: parameters.

mod parameter;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(parameter::TYPE, parameter::driver)];
