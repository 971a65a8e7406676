//! AWS Config.

mod codes;
mod configuration_recorder;
mod conformance_pack;
mod delivery_channel;
mod recorders;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (configuration_recorder::TYPE, configuration_recorder::driver),
    (conformance_pack::TYPE, conformance_pack::driver),
    (delivery_channel::TYPE, delivery_channel::driver),
];
