//! All settings of a bucket, in the order in which they are set: what opens comes after what would refuse it, and what needs
//! versions comes after these. S3 aborts one of two changes of a bucket that come together, so they come one by one.

use aws_sdk_s3::Client;

use super::{
    access::{AccessList, Ownership, PublicAccess},
    encryption::Encryption,
    inventory::Inventory,
    lifecycle::Lifecycle,
    logging::Logging,
    metadata::{Metadata, MetadataTable},
    notification::Notification,
    object_lock::ObjectLock,
    replication::{self, Replication},
    reports::{Analytics, RequestMetrics},
    setting::Setting,
    switches::{Abac, Acceleration, Versioning},
    tags::retag,
    tiering::IntelligentTiering,
    website::{Cors, Website},
};
use crate::{
    aws::convert::{Changed, Observed, each},
    driver::Result,
};

const SETTINGS: &[&dyn Setting] = &[
    &AccessList { opens: false },
    &Ownership,
    &PublicAccess,
    &AccessList { opens: true },
    &Versioning,
    &ObjectLock,
    &Encryption,
    &Lifecycle,
    &Cors,
    &Website,
    &Acceleration,
    &Logging,
    &Notification,
    &Replication,
    &Analytics,
    &IntelligentTiering,
    &Inventory,
    &RequestMetrics,
    &Metadata,
    &MetadataTable,
];

/// Where access by tags is switched.
const ABAC: &str = "AbacStatus";

/// Sets and takes away as `change` says, after the create call as well as later.
pub async fn change(s3: &Client, change: &Changed<'_>) -> Result<()> {
    let counts = |text: Option<String>| text.as_deref() == Some("Enabled");
    let (counted, will_count) = (counts(change.before.text(ABAC)?), counts(change.want.text(ABAC)?));
    if change.touches("Tags") && counted && will_count {
        return Err(change.want.invalid(
            "S3 keeps the tags of a bucket with `AbacStatus: Enabled` from being changed by this call; set it to \
             `Disabled`, apply, change the tags, and enable it again",
        ));
    }
    let leaves = replication::is_leaving(change);
    if leaves {
        Replication.put(s3, change).await?;
    }
    for setting in SETTINGS {
        let changes = setting.properties().iter().any(|property| change.touches(property));
        let is_done = leaves && setting.properties() == Replication.properties();
        if changes && !is_done {
            setting.put(s3, change).await?;
        }
    }
    // While tags count for access, S3 does not take them from this call.
    if change.touches(ABAC) && !will_count {
        Abac.put(s3, change).await?;
    }
    retag(s3, change).await?;
    if change.touches(ABAC) && will_count {
        Abac.put(s3, change).await?;
    }
    Ok(())
}

/// Everything that is set, under the names of the properties.
pub async fn observed(s3: &Client, bucket: &str, mut observed: Observed) -> Result<Observed> {
    let all = || SETTINGS.iter().copied().chain([&Abac as &dyn Setting]);
    let found = each(all().map(|setting| setting.read(s3, bucket))).await?;
    for (setting, value) in all().zip(found) {
        let properties = setting.properties();
        let is_locked = value.as_ref().and_then(|value| value.get("ObjectLockEnabled")).is_some();
        if properties.contains(&"ObjectLockEnabled") {
            observed = observed.with("ObjectLockEnabled", Some(is_locked));
        }
        if let Some(property) = properties.first() {
            observed = observed.with(property, value);
        }
    }
    Ok(observed)
}
