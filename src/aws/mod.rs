//! L4: the contract with a cloud, fulfilled for AWS through its SDK.
//!
//! One file per resource type (`ec2/vpc.rs`, `kms/key.rs`), all of one shape, so that a new one is a copy of an old one:
//! the type's name, `driver`, `describe`, `impl Driver` with one API call per verb, `list`, then the mapping in both
//! directions and the error codes special to that API. What they share stands apart:
//!
//! - [`clients`]: one SDK client per service and place
//! - `account`: whose account a place is
//! - [`faults`]: from the SDK's errors to the engine's closed list
//! - [`convert`]: from documents to requests and from answers to documents
//! - `cloud_control`: one driver for every type that has none of its own
//! - [`provider`]: the table of drivers, and what the engine asks about an account
//!
//! Everything that waits, retries or remembers is the engine's; the SDK's own retries are off.

mod account;
#[cfg(feature = "apigateway")]
mod apigateway;
#[cfg(feature = "application-autoscaling")]
mod application_autoscaling;
#[cfg(feature = "backup")]
mod backup;
#[cfg(feature = "budgets")]
mod budgets;
#[cfg(feature = "certificatemanager")]
mod certificatemanager;
pub mod clients;
#[cfg(feature = "cloudcontrol")]
mod cloud_control;
#[cfg(feature = "cloudfront")]
mod cloudfront;
#[cfg(feature = "cloudtrail")]
mod cloudtrail;
#[cfg(feature = "cloudwatch")]
mod cloudwatch;
#[cfg(feature = "cognito")]
mod cognito;
#[cfg(feature = "config")]
mod config;
pub mod convert;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "ec2")]
mod ec2;
#[cfg(feature = "ecr")]
mod ecr;
#[cfg(feature = "ecs")]
mod ecs;
#[cfg(feature = "efs")]
mod efs;
#[cfg(feature = "elasticache")]
mod elasticache;
#[cfg(feature = "elasticloadbalancingv2")]
mod elasticloadbalancingv2;
pub mod faults;
#[cfg(feature = "guardduty")]
mod guardduty;
#[cfg(feature = "iam")]
mod iam;
#[cfg(feature = "kinesis")]
mod kinesis;
#[cfg(feature = "kms")]
mod kms;
#[cfg(feature = "lambda")]
mod lambda;
#[cfg(feature = "logs")]
mod logs;
pub mod provider;
#[cfg(feature = "rds")]
mod rds;
#[cfg(feature = "route53")]
mod route53;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "secretsmanager")]
mod secretsmanager;
#[cfg(feature = "sns")]
mod sns;
#[cfg(feature = "ssm")]
mod ssm;
#[cfg(feature = "wafv2")]
mod wafv2;

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
