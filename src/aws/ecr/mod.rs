//! ECR: repositories of container images.

mod repository;
mod repository_settings;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(repository::TYPE, repository::driver)];
