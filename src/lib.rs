//! `provision`: infrastructure on AWS from YAML stack files.
//!
//! The layers, from the bottom up; each may use only what stands to the left of it (a test reads the `use` lines):
//!
//! ```text
//! base ← catalogue ← {stack, driver}      base ← state      those five ← engine
//! {base, catalogue, driver} ← aws         {base, catalogue, engine::{event, plan}} ← report
//! everything ← cli ← main
//! ```
//!
//! - [`base`]: addresses, values, paths, diffs, secrets, diagnostics
//! - [`catalogue`]: AWS's resource types as data
//! - [`stack`]: from YAML to the list of resources that should exist
//! - [`state`]: what we know and how we keep it
//! - [`driver`]: the contract with a cloud, and the simulated cloud
//! - [`engine`]: plan, execute, undo, recover
//! - [`aws`]: the contract fulfilled for AWS, one file per resource type
//! - [`report`]: everything people and machines read
//! - [`cli`]: one file per command
//!
//! A newcomer reads `engine/plan.rs` (what a plan is), `state/model.rs` (what is remembered) and `driver/mod.rs` (what a
//! cloud must do), in this order, and then runs `provision apply stacks/healthcare.yaml --sandbox`.

#[cfg(feature = "aws")]
pub mod aws;
pub mod base;
pub mod catalogue;
pub mod cli;
pub mod driver;
pub mod engine;
pub mod report;
pub mod stack;
pub mod state;
