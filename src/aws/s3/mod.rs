//! S3: buckets and their policies.
//!
//! Nearly everything about a bucket has a call of its own to set it, to read it and to take it away: `setting` says what
//! such a thing can do, `settings` lists all of them in the order in which they are set, and the other files hold them.

mod access;
mod bucket;
mod bucket_policy;
mod buckets;
mod codes;
mod encryption;
mod inventory;
mod lifecycle;
mod logging;
mod metadata;
mod notification;
mod object_lock;
mod replication;
mod reports;
mod scope;
mod setting;
mod settings;
mod switches;
mod tags;
mod tiering;
mod website;

use super::Entry;

/// The types of this service.
pub const DRIVERS: &[Entry] = &[(bucket::TYPE, bucket::driver), (bucket_policy::TYPE, bucket_policy::driver)];
