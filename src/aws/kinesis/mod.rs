//! Kinesis: data streams.

mod stream;
mod stream_settings;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(stream::TYPE, stream::driver)];
