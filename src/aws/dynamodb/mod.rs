//! DynamoDB: tables.

mod capacity;
mod import;
mod indexes;
mod parts;
mod requests;
mod seen;
mod settings;
mod table;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(table::TYPE, table::driver)];
