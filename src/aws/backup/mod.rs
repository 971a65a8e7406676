//! AWS Backup.

mod backup_plan;
mod backup_selection;
mod backup_vault;
mod plan_document;
mod tags;
mod vault_settings;

use super::{Entry, faults::Codes};
use crate::driver::FaultKind;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (backup_plan::TYPE, backup_plan::driver),
    (backup_selection::TYPE, backup_selection::driver),
    (backup_vault::TYPE, backup_vault::driver),
];

/// The codes of the whole service. A conflict is with an earlier request that is still being carried out.
const CODES: Codes =
    &[("ConflictException", FaultKind::NotReady), ("MissingParameterValueException", FaultKind::Invalid)];
