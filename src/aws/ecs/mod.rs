//! ECS.

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[];
