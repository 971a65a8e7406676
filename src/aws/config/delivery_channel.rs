//! AWS::Config::DeliveryChannel
//! API: PutDeliveryChannel, StartConfigurationRecorder (and DescribeConfigurationRecorders, ListTagsForResource for the
//! recorder that waits for it), DescribeDeliveryChannels, StopConfigurationRecorder, DeleteDeliveryChannel.
//! Identity: Name.  Found by: that name, if it delivers to the wanted bucket; a channel takes no tags, and a put over
//! somebody else's is refused before.
//!
//! As CloudFormation documents it, the recorder of the region is started as soon as the channel is there, unless it was
//! made with `StartedOnCreate: false`. Config deletes no channel of a running recorder, so that is stopped first.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_config::{
    Client,
    types::{ConfigSnapshotDeliveryProperties, DeliveryChannel, MaximumExecutionFrequency},
};

use super::{
    codes::CODES,
    recorders::{DEFAULT_NAME, start_waiting, stop_before_delete},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Part, Wanted, identities, in_order, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind::InUse, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Config::DeliveryChannel";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ChannelDriver { aws: aws.clone() })
}

struct ChannelDriver {
    aws: Clients,
}

impl ChannelDriver {
    /// The channels of a region: one, if any.
    async fn channels(&self, place: &Place) -> Result<Vec<DeliveryChannel>> {
        let found = self.aws.config(place).await.describe_delivery_channels().send().await;
        let found = there(found.or_fault("config:DescribeDeliveryChannels", FAULTS))?;
        Ok(found.and_then(|answer| answer.delivery_channels).unwrap_or_default())
    }

    async fn named(&self, place: &Place, name: &str) -> Result<Option<DeliveryChannel>> {
        Ok(self.channels(place).await?.into_iter().find(|channel| channel.name() == Some(name)))
    }
}

#[async_trait]
impl Driver for ChannelDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        let channel = put(&config, want).await?;
        let made = made(TYPE, observed(&channel));
        start_waiting(&config).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.named(&call.place, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        Ok(in_order(TYPE, ids, self.channels(&call.place).await?.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        put(&self.aws.config(&call.place).await, &change.want).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let config = self.aws.config(&call.place).await;
        match delete(&config, &id.0).await {
            Err(refusal) if refusal.kind == InUse => {
                stop_before_delete(&config, call, refusal).await?;
                delete(&config, &id.0).await
            }
            outcome => outcome,
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.named(&call.place, name(want)).await?;
        let is_wanted = |channel: &&DeliveryChannel| channel.s3_bucket_name() == want.text("S3BucketName");
        Ok(identities(TYPE, found.iter().filter(is_wanted).map(observed)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(identities(TYPE, self.named(&call.place, name(want)).await?.iter().map(observed)).pop())
    }
}

#[async_trait]
impl AwsDriver for ChannelDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.channels(place).await?.iter().map(observed).collect())
    }
}

fn name(want: &Doc) -> &str {
    want.text("Name").unwrap_or(DEFAULT_NAME)
}

/// Makes a channel or changes it, always as a whole.
async fn put(config: &Client, want: &Doc) -> Result<DeliveryChannel> {
    let mut channel = DeliveryChannel::taken(&want.clone().into_json(), &Wanted::new(TYPE, want), TYPE)?;
    channel.name = Some(name(want).to_owned());
    let request = config.put_delivery_channel().delivery_channel(channel.clone());
    request.send().await.or_fault("config:PutDeliveryChannel", FAULTS)?;
    Ok(channel)
}

async fn delete(config: &Client, name: &str) -> Result<Progress<()>> {
    let request = config.delete_delivery_channel().delivery_channel_name(name);
    gone(request.send().await.or_fault("config:DeleteDeliveryChannel", FAULTS))
}

words! { MaximumExecutionFrequency }

structures! {
    DeliveryChannel {
        "Name": name set_name,
        "S3BucketName": s3_bucket_name set_s3_bucket_name,
        "S3KeyPrefix": s3_key_prefix set_s3_key_prefix,
        "S3KmsKeyArn": s3_kms_key_arn set_s3_kms_key_arn,
        "SnsTopicARN": sns_topic_arn set_sns_topic_arn,
        "ConfigSnapshotDeliveryProperties":
            config_snapshot_delivery_properties set_config_snapshot_delivery_properties,
    }
    ConfigSnapshotDeliveryProperties { "DeliveryFrequency": delivery_frequency set_delivery_frequency }
}

fn observed(channel: &DeliveryChannel) -> Doc {
    channel.shown().into()
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
