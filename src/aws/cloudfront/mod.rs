//! CloudFront. `config` is what the configuration of a distribution consists of, `shape` where CloudFormation cuts it
//! otherwise than CloudFront, `codes` what both types are refused with.

mod codes;
mod config;
mod distribution;
mod origin_access_control;
mod shape;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] =
    &[(distribution::TYPE, distribution::driver), (origin_access_control::TYPE, origin_access_control::driver)];
