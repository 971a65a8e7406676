//! CloudWatch Logs.

mod log_group;
mod policies;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(log_group::TYPE, log_group::driver)];
