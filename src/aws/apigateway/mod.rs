//! API Gateway: REST APIs, from their resources and methods to the stages where they are called.

mod account;
mod apis;
mod authorizer;
mod codes;
mod definition;
mod deployment;
mod method;
mod method_parts;
mod patch;
mod policy;
mod resource;
mod rest_api;
mod stage;
mod stage_settings;
mod tags;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (account::TYPE, account::driver),
    (authorizer::TYPE, authorizer::driver),
    (deployment::TYPE, deployment::driver),
    (method::TYPE, method::driver),
    (resource::TYPE, resource::driver),
    (rest_api::TYPE, rest_api::driver),
    (stage::TYPE, stage::driver),
];
