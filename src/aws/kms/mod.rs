//! KMS: keys, their copies in other regions, and their names.

mod alias;
mod key;
mod keys;
mod replica_key;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] =
    &[(alias::TYPE, alias::driver), (key::TYPE, key::driver), (replica_key::TYPE, replica_key::driver)];
