//! CloudWatch: alarms on metrics, and dashboards.

mod alarm;
mod dashboard;
mod metrics;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(alarm::TYPE, alarm::driver), (dashboard::TYPE, dashboard::driver)];
