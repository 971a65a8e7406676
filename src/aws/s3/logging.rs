//! Where the log of the requests for a bucket goes. Without a bucket named for it, it goes into the bucket itself.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        BucketLoggingStatus, LoggingEnabled, PartitionDateSource, PartitionedPrefix, SimplePrefix,
        TargetObjectKeyFormat,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Finished, Observed, Wanted, structures, words},
        faults::OrFault,
    },
    driver::Result,
};

/// The logging of a bucket.
pub struct Logging;

#[async_trait]
impl Setting for Logging {
    fn properties(&self) -> &'static [&'static str] {
        &["LoggingConfiguration"]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = reported(s3.get_bucket_logging().bucket(bucket).send().await, "s3:GetBucketLogging")?;
        Ok(answer.and_then(|answer| answer.logging_enabled).map(|logging| observed(&logging).into()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let wanted = change.want.inner("LoggingConfiguration")?;
        let logging = wanted.map(|wanted| logging(&wanted, change.id())).transpose()?;
        let status = BucketLoggingStatus::builder().set_logging_enabled(logging).build();
        let request = s3.put_bucket_logging().bucket(change.id()).bucket_logging_status(status);
        request.send().await.or_fault("s3:PutBucketLogging", CODES)?;
        Ok(())
    }
}

fn logging(wanted: &Wanted<'_>, bucket: &str) -> Result<LoggingEnabled> {
    let target = wanted.text("DestinationBucketName")?.unwrap_or_else(|| bucket.to_owned());
    let builder = LoggingEnabled::builder()
        .target_bucket(target)
        .target_prefix(wanted.text::<String>("LogFilePrefix")?.unwrap_or_default())
        .set_target_object_key_format(wanted.part("TargetObjectKeyFormat")?);
    builder.build().finished(wanted)
}

fn observed(logging: &LoggingEnabled) -> Observed {
    Observed::new()
        .with("DestinationBucketName", Some(logging.target_bucket()))
        .with("LogFilePrefix", Some(logging.target_prefix()))
        .with_part("TargetObjectKeyFormat", &logging.target_object_key_format)
}

words! { PartitionDateSource }

structures! {
    TargetObjectKeyFormat {
        "PartitionedPrefix": partitioned_prefix set_partitioned_prefix,
        "SimplePrefix": simple_prefix set_simple_prefix,
    }
    PartitionedPrefix { "PartitionDateSource": partition_date_source set_partition_date_source }
    SimplePrefix {}
}
