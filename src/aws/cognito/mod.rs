//! Cognito user pools: the pools, and the clients, groups and domains that they have. Of the other files, `pools`, `tags`
//! and `codes` serve several types; `pool_settings`, `pool_attributes` and `mfa` are what pools consist of.

mod codes;
mod mfa;
mod pool_attributes;
mod pool_settings;
mod pools;
mod tags;
mod user_pool;
mod user_pool_client;
mod user_pool_domain;
mod user_pool_group;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (user_pool::TYPE, user_pool::driver),
    (user_pool_client::TYPE, user_pool_client::driver),
    (user_pool_domain::TYPE, user_pool_domain::driver),
    (user_pool_group::TYPE, user_pool_group::driver),
];
