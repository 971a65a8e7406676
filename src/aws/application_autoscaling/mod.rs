//! Application Auto Scaling: what is scaled, and by which policies. Of the other files, `scaled` names what is scaled,
//! `schedule` holds the scheduled actions of a target, `metrics` what policies consist of, and `refusals` tells the API's
//! refusals apart.

mod metrics;
mod refusals;
mod scalable_target;
mod scaled;
mod scaling_policy;
mod schedule;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] =
    &[(scalable_target::TYPE, scalable_target::driver), (scaling_policy::TYPE, scaling_policy::driver)];
