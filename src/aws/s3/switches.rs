//! What of a bucket is only switched: versions, acceleration, access by tags.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        AbacStatus, AccelerateConfiguration, BucketAbacStatus, BucketAccelerateStatus, BucketVersioningStatus,
        VersioningConfiguration,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported_if_known},
    setting::{Setting, setting},
};
use crate::{
    aws::{
        convert::{Changed, Observed, Part, structures, words},
        faults::OrFault,
    },
    driver::Result,
};

setting! {
    /// Whether earlier versions of objects are kept. Once it was on, it can only be suspended.
    Versioning: "VersioningConfiguration" as VersioningConfiguration {
        get_bucket_versioning "s3:GetBucketVersioning" |answer| {
            answer.status.map(|status| Observed::new().with_part("Status", &status).into())
        },
        put_bucket_versioning "s3:PutBucketVersioning" versioning_configuration,
        else {"Status": "Suspended"},
    }
}

setting! {
    /// Whether transfers may go through edge locations.
    Acceleration: "AccelerateConfiguration" as AccelerateConfiguration {
        get_bucket_accelerate_configuration "s3:GetBucketAccelerateConfiguration" |answer| {
            answer.status.map(|status| Observed::new().with_part("AccelerationStatus", &status).into())
        },
        put_bucket_accelerate_configuration "s3:PutBucketAccelerateConfiguration" accelerate_configuration,
        else {"AccelerationStatus": "Suspended"},
    }
}

words! { BucketAbacStatus, BucketAccelerateStatus, BucketVersioningStatus }

structures! {
    VersioningConfiguration { "Status": status set_status }
    AccelerateConfiguration { "AccelerationStatus": status set_status }
}

/// Whether the tags of a bucket count for who may reach it.
pub struct Abac;

#[async_trait]
impl Setting for Abac {
    fn properties(&self) -> &'static [&'static str] {
        &["AbacStatus"]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = reported_if_known(s3.get_bucket_abac().bucket(bucket).send().await, "s3:GetBucketAbac")?;
        Ok(answer.and_then(|answer| answer.abac_status?.status).map(|status| status.shown()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let status = change.want.part("AbacStatus")?.unwrap_or(BucketAbacStatus::Disabled);
        let request =
            s3.put_bucket_abac().bucket(change.id()).abac_status(AbacStatus::builder().status(status).build());
        request.send().await.or_fault("s3:PutBucketAbac", CODES)?;
        Ok(())
    }
}
