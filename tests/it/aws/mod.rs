//! AWS's drivers, over HTTP through the real SDK, against the moto server that `./test` starts.

mod cloud;
mod conformance;
mod healthcare;
mod lab;
mod lookups;
mod network;
mod rds_troubles;
#[cfg(feature = "remote-state")]
mod remote_state;
mod secrets;
mod systems;
mod terminal;
mod troubles;
mod wire;
