//! SNS: topics, who is subscribed to them, and who may use them.

mod arns;
mod codes;
mod subscribers;
mod subscription;
mod tags;
mod topic;
mod topic_attributes;
mod topic_policy;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[
    (subscription::TYPE, subscription::driver),
    (topic::TYPE, topic::driver),
    (topic_policy::TYPE, topic_policy::driver),
];
