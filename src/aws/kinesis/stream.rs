//! AWS::Kinesis::Stream
//! API: CreateStream, UpdateStreamMode, UpdateShardCount, Increase- and DecreaseStreamRetentionPeriod,
//! UpdateMaxRecordSize, UpdateStreamWarmThroughput, UpdateStreamRecordDistributionStrategy, Start- and
//! StopStreamEncryption, Enable- and DisableEnhancedMonitoring, AddTagsToStream, RemoveTagsFromStream,
//! DescribeStreamSummary (and ListTagsForStream for what it leaves out), ListStreams, ListStreamConsumers, DeleteStream.
//! Identity: Name.  Found by: that name, verified by owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kinesis::{
    Client,
    types::{EncryptionType, StreamDescriptionSummary, StreamMode, StreamStatus},
};

use super::{
    stream_settings::{metrics, mode, set},
    tags::{CODES, retag, tags, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, identities, in_order, made, only_id, pending, visible,
        },
        faults::{Codes, OrFault, answered, failed, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Kinesis::Stream";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(StreamDriver { aws: aws.clone() })
}

struct StreamDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for StreamDriver {
    /// What the create call does not take is set right away if the stream is there at once. If not, the engine comes back
    /// to it when it is active.
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let kinesis = self.aws.kinesis(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("Name")?.unwrap_or_default();
        let request = kinesis
            .create_stream()
            .stream_name(&name)
            .set_shard_count(properties.part("ShardCount")?)
            .set_stream_mode_details(properties.part("StreamModeDetails")?)
            .set_warm_throughput_mibps(properties.part("WarmThroughputMiBps")?)
            .set_max_record_size_in_kib(properties.part("MaxRecordSizeInKiB")?)
            .set_record_distribution_strategy(properties.part("RecordDistributionStrategy")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        let created = request.send().await.or_fault("kinesis:CreateStream", FAULTS);
        if let Err(fault) = created {
            return Err(told_apart(&kinesis, &name, fault).await);
        }
        let made = made(TYPE, Observed::new().with("Name", Some(name)));
        let mut rest = fresh(&made.id, Doc::default(), want);
        rest.paths.retain(|path| path.property().is_some_and(|name| LATER.contains(&name)));
        if !rest.paths.is_empty() {
            adjust(&kinesis, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        }
        Ok(pending(&made, "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.kinesis(&call.place).await, &so_far.id.0).await?;
        match found.as_ref().map(|stream| &stream.stream_status) {
            Some(status @ (StreamStatus::Creating | StreamStatus::Updating)) => {
                Ok(pending(so_far, &status.as_str().to_lowercase()))
            }
            Some(StreamStatus::Deleting) => {
                Err(failed("kinesis:DescribeStreamSummary", None, Some("the stream is being deleted"), so_far))
            }
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let kinesis = self.aws.kinesis(&call.place).await;
        let found = each(ids.iter().map(|id| document(&kinesis, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let kinesis = self.aws.kinesis(&call.place).await;
        let changed = Changed::new(TYPE, change);
        retag(&kinesis, &changed).await?;
        adjust(&kinesis, &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let kinesis = self.aws.kinesis(&call.place).await;
        let going = || Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() });
        let deleted = kinesis.delete_stream().stream_name(&id.0).send().await.or_fault("kinesis:DeleteStream", FAULTS);
        let mut fault = match deleted {
            Ok(_) => return going(),
            Err(fault) if fault.kind == FaultKind::NotReady => fault,
            refused => return gone(refused),
        };
        let Some(stream) = describe(&kinesis, &id.0).await? else { return Ok(Progress::Done(())) };
        if stream.stream_status == StreamStatus::Deleting {
            return going();
        }
        if stream.consumer_count().is_some_and(|count| count > 0) {
            fault.kind = FaultKind::InUse;
            fault.blockers = consumers(&kinesis, &stream.stream_arn).await;
        }
        Err(fault)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("Name") else { return Ok(Vec::new()) };
        let tags = tags(&self.aws.kinesis(&call.place).await, name).await?.unwrap_or_default();
        let is_ours = tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == Some(&call.token().0));
        Ok(identities(TYPE, is_ours.then(|| Observed::new().with("Name", Some(name)))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for StreamDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let kinesis = self.aws.kinesis(place).await;
        let mut pages = kinesis.list_streams().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            names.extend(page.or_fault("kinesis:ListStreams", FAULTS)?.stream_names);
        }
        let found = each(names.iter().map(|name| document(&kinesis, name))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// What a create sets after the stream is there.
const LATER: &[&str] = &["DesiredShardLevelMetrics", "RetentionPeriodHours", "StreamEncryption"];

/// Sets what is not as wanted; a stream that is busy takes nothing.
async fn adjust(kinesis: &Client, change: &Changed<'_>) -> Result<()> {
    let operation = "kinesis:DescribeStreamSummary";
    let found = describe(kinesis, change.id()).await?;
    let stream = found.ok_or_else(|| Fault::new(FaultKind::NotFound, operation, "there is no such stream"))?;
    if stream.stream_status != StreamStatus::Active {
        let message = format!("the stream is {}", stream.stream_status.as_str().to_lowercase());
        return Err(Fault::new(FaultKind::NotReady, operation, message));
    }
    set(kinesis, change, &stream).await
}

/// What a create is refused for: the name is taken, unless its stream is just going, or a limit that no waiting changes.
async fn told_apart(kinesis: &Client, name: &str, mut fault: Fault) -> Fault {
    if fault.code.as_deref() == Some("ResourceInUseException") {
        let found = describe(kinesis, name).await.ok().flatten();
        let is_going = found.is_some_and(|stream| stream.stream_status == StreamStatus::Deleting);
        fault.kind = if is_going { FaultKind::NotReady } else { FaultKind::AlreadyExists };
    }
    if fault.kind == FaultKind::Throttled && fault.message.contains("limit for the account") {
        fault.kind = FaultKind::Quota;
    }
    fault
}

async fn describe(kinesis: &Client, name: &str) -> Result<Option<StreamDescriptionSummary>> {
    let answer = kinesis.describe_stream_summary().stream_name(name).send().await;
    let operation = "kinesis:DescribeStreamSummary";
    let answer = there(answer.or_fault(operation, FAULTS))?;
    answer.map(|answer| answered(answer.stream_description_summary, operation)).transpose()
}

/// Who reads a stream by a registration of its own.
async fn consumers(kinesis: &Client, arn: &str) -> Vec<String> {
    let answer = kinesis.list_stream_consumers().stream_arn(arn).send().await;
    let found = answer.ok().and_then(|answer| answer.consumers).unwrap_or_default();
    found.into_iter().map(|consumer| format!("consumer {}", consumer.consumer_name)).collect()
}

/// The whole document, if there is such a stream: DescribeStreamSummary leaves out the tags.
async fn document(kinesis: &Client, name: &str) -> Result<Option<Doc>> {
    let (stream, tags) = tokio::try_join!(describe(kinesis, name), tags(kinesis, name))?;
    let stream = stream.filter(|stream| stream.stream_status != StreamStatus::Deleting);
    Ok(stream.map(|stream| observed(&stream).with_list("Tags", visible_tags(&tags.unwrap_or_default())).into()))
}

/// AWS counts the shards of a stream that looks after them itself, too; they are no property of such a one.
/// `WarmThroughputMiBps` is never read.
fn observed(stream: &StreamDescriptionSummary) -> Observed {
    let shards = (mode(stream) == StreamMode::Provisioned).then_some(stream.open_shard_count);
    let is_encrypted = stream.encryption_type() == Some(&EncryptionType::Kms);
    let encryption = is_encrypted
        .then(|| Observed::new().with_part("EncryptionType", &stream.encryption_type).with("KeyId", stream.key_id()));
    let warm = stream
        .warm_throughput()
        .map(|warm| Observed::new().with("TargetMiBps", warm.target_mibps).with("CurrentMiBps", warm.current_mibps));
    Observed::new()
        .with("Name", Some(stream.stream_name()))
        .with("Arn", Some(stream.stream_arn()))
        .with_part("StreamModeDetails", &stream.stream_mode_details)
        .with("ShardCount", shards)
        .with("RetentionPeriodHours", Some(stream.retention_period_hours))
        .with("MaxRecordSizeInKiB", stream.max_record_size_in_kib)
        .with_part("RecordDistributionStrategy", &stream.record_distribution_strategy)
        .with("StreamEncryption", encryption)
        .with_part("DesiredShardLevelMetrics", &metrics(stream))
        .with("WarmThroughputObject", warm)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
