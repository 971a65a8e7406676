//! L4: the contract with a cloud, fulfilled for AWS through its SDK.
//!
//! One file per resource type (`ec2/vpc.rs`, `kms/key.rs`), all of one shape, so that a new one is a copy of an old one:
//! the type's name, `driver`, `describe`, `impl Driver` with one API call per verb, `list`, then the mapping in both
//! directions and the error codes special to that API. What they share stands apart:
//!
//! - [`clients`]: one SDK client per service and place
//! - [`faults`]: from the SDK's errors to the engine's closed list
//! - [`convert`]: from documents to requests and from answers to documents
//! - [`provider`]: the table of drivers, and what the engine asks about an account
//!
//! Everything that waits, retries or remembers is the engine's; the SDK's own retries are off.

#[cfg(feature = "application-autoscaling")]
mod application_autoscaling;
#[cfg(feature = "backup")]
mod backup;
pub mod clients;
#[cfg(feature = "cloudwatch")]
mod cloudwatch;
pub mod convert;
#[cfg(feature = "ec2")]
mod ec2;
#[cfg(feature = "ecs")]
mod ecs;
#[cfg(feature = "efs")]
mod efs;
#[cfg(feature = "elasticache")]
mod elasticache;
#[cfg(feature = "elasticloadbalancingv2")]
mod elasticloadbalancingv2;
pub mod faults;
#[cfg(feature = "iam")]
mod iam;
#[cfg(feature = "kms")]
mod kms;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "logs")]
mod logs;
pub mod provider;
#[cfg(feature = "rds")]
mod rds;
#[cfg(feature = "secretsmanager")]
mod secretsmanager;
#[cfg(feature = "sns")]
mod sns;

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    base::{Doc, Place},
    driver::{Driver, Result},
};

pub use clients::{Clients, Settings};
pub use provider::AwsProvider;

/// A driver of AWS: beside what the engine needs, it can list what exists, for `data` look-ups.
#[async_trait]
pub trait AwsDriver: Driver {
    /// Every object of the type in a place, as [`Driver::read`] would show it.
    async fn list(&self, place: &Place) -> Result<Vec<Doc>>;
}

/// A resource type and how its driver is made.
type Entry = (&'static str, fn(&Clients) -> Arc<dyn AwsDriver>);
