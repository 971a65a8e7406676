//! AWS Backup.

mod backup_plan;
mod backup_selection;
mod backup_vault;
mod plan_document;
mod tags;
mod vault_settings;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (backup_plan::TYPE, backup_plan::driver),
    (backup_selection::TYPE, backup_selection::driver),
    (backup_vault::TYPE, backup_vault::driver),
];
