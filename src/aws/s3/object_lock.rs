//! The lock that keeps versions of objects from being deleted. It can be put on a bucket, and never again be taken off.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        DefaultRetention, EventHoldDuration, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
        ObjectLockRule,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Part, Wanted, structures, words},
        faults::OrFault,
    },
    driver::Result,
};

/// The lock of a bucket.
pub struct ObjectLock;

/// Its rule.
const CONFIGURATION: &str = "ObjectLockConfiguration";
/// Whether there is one.
const ENABLED: &str = "ObjectLockEnabled";

/// Whether the properties ask for a bucket with a lock.
pub fn is_locked(properties: &Wanted<'_>) -> Result<bool> {
    Ok(properties.flag(ENABLED)?.unwrap_or_default() || properties.raw(CONFIGURATION).is_some())
}

#[async_trait]
impl Setting for ObjectLock {
    fn properties(&self) -> &'static [&'static str] {
        &[CONFIGURATION, ENABLED]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = s3.get_object_lock_configuration().bucket(bucket).send().await;
        let answer = reported(answer, "s3:GetObjectLockConfiguration")?;
        Ok(answer.and_then(|answer| answer.object_lock_configuration).map(|configuration| configuration.shown()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        if !is_locked(&change.want)? {
            return match is_locked(&change.before)? {
                false => Ok(()),
                true => Err(change.want.invalid(
                    "the object lock of a bucket cannot be switched off; leave `ObjectLockEnabled` true, or have another \
                     bucket made under a new name",
                )),
            };
        }
        let rule = change.want.inner(CONFIGURATION)?.map(|wanted| wanted.part("Rule")).transpose()?.flatten();
        let configuration =
            ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule).build();
        let request = s3.put_object_lock_configuration().bucket(change.id()).object_lock_configuration(configuration);
        request.send().await.or_fault("s3:PutObjectLockConfiguration", CODES)?;
        Ok(())
    }
}

words! { ObjectLockEnabled, ObjectLockRetentionMode }

structures! {
    ObjectLockConfiguration { "ObjectLockEnabled": object_lock_enabled set_object_lock_enabled, "Rule": rule set_rule }
    ObjectLockRule { "DefaultRetention": default_retention set_default_retention }
    DefaultRetention {
        "Mode": mode set_mode,
        "Days": days set_days,
        "Years": years set_years,
        "DefaultEventHold": default_event_hold set_default_event_hold,
    }
    EventHoldDuration { "Days": days set_days, "Years": years set_years }
}
