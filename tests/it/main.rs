//! Integration tests, in one binary: linking the SDKs takes longer than running the tests.

mod acceptance;
#[cfg(feature = "aws")]
mod aws;
mod chaos;
mod cli;
#[cfg(feature = "aws")]
mod driver_shape;
mod layers;
mod planner;
mod processes;
mod session;
