//! Elastic Load Balancing, version 2.

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[];
