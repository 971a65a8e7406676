//! Lambda: functions and who may call them.

mod code;
mod configuration;
mod function;
mod permission;
mod settings;
mod statement;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(function::TYPE, function::driver), (permission::TYPE, permission::driver)];
