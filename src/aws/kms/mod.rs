//! KMS: keys and their names.

mod alias;
mod key;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(alias::TYPE, alias::driver), (key::TYPE, key::driver)];
