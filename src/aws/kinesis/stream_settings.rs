//! The settings of a stream, brought one by one from what they are to what is wanted. Nearly each makes the stream busy for
//! a while, in which it refuses the next; so nothing that is done already may be asked for again when the engine comes
//! back.

use aws_sdk_kinesis::{
    Client,
    types::{
        EncryptionType, MetricsName, RecordDistributionStrategy, ScalingType, StreamDescriptionSummary, StreamMode,
        StreamModeDetails,
    },
};

use super::tags::CODES;
use crate::{
    aws::{
        convert::{Changed, structures, words},
        faults::OrFault,
    },
    driver::Result,
};

words! { EncryptionType, MetricsName, RecordDistributionStrategy, StreamMode }

structures! {
    StreamModeDetails { "StreamMode": stream_mode set_stream_mode }
}

/// What a stream keeps of its records if nothing else is said:
/// <https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html>.
const RETENTION: i32 = 24;
/// <https://docs.aws.amazon.com/streams/latest/dev/large-records.html>.
const RECORD_SIZE: i32 = 1024;

/// Brings the stream to what `change` wants. Encryption comes last: its key cannot always be compared, for the API takes an
/// alias for it, and nothing may be refused after it.
pub async fn set(kinesis: &Client, change: &Changed<'_>, now: &StreamDescriptionSummary) -> Result<()> {
    set_metrics(kinesis, change, now).await?;
    set_mode(kinesis, change, now).await?;
    set_capacity(kinesis, change, now).await?;
    set_records(kinesis, change, now).await?;
    set_encryption(kinesis, change).await
}

/// The mode that the stream is in.
pub fn mode(stream: &StreamDescriptionSummary) -> StreamMode {
    stream.stream_mode_details().map_or(StreamMode::Provisioned, |details| details.stream_mode.clone())
}

/// The metrics that are reported for each shard.
pub fn metrics(stream: &StreamDescriptionSummary) -> Vec<MetricsName> {
    stream.enhanced_monitoring.iter().flat_map(|part| part.shard_level_metrics().to_vec()).collect()
}

async fn set_mode(kinesis: &Client, change: &Changed<'_>, now: &StreamDescriptionSummary) -> Result<()> {
    let wanted = wanted_mode(change)?;
    if change.touches("StreamModeDetails") && wanted.stream_mode != mode(now) {
        let request = kinesis.update_stream_mode().stream_arn(&now.stream_arn).stream_mode_details(wanted);
        request.send().await.or_fault("kinesis:UpdateStreamMode", CODES)?;
    }
    Ok(())
}

fn wanted_mode(change: &Changed<'_>) -> Result<StreamModeDetails> {
    let wanted = change.want.part("StreamModeDetails")?;
    let default = || StreamModeDetails::builder().stream_mode(StreamMode::Provisioned).build();
    wanted.map_or_else(default, Ok).map_err(|error| change.want.invalid(error))
}

/// Shards are counted in one mode, throughput in the other.
async fn set_capacity(kinesis: &Client, change: &Changed<'_>, now: &StreamDescriptionSummary) -> Result<()> {
    if wanted_mode(change)?.stream_mode == StreamMode::Provisioned {
        let count = change.part::<i32>("ShardCount")?.filter(|count| *count != now.open_shard_count);
        if let Some(count) = count {
            let request = kinesis.update_shard_count().stream_name(change.id()).target_shard_count(count);
            let request = request.scaling_type(ScalingType::UniformScaling);
            request.send().await.or_fault("kinesis:UpdateShardCount", CODES)?;
        }
        return Ok(());
    }
    let target = now.warm_throughput().and_then(|throughput| throughput.target_mibps).unwrap_or_default();
    if let Some(wanted) = change.part_or("WarmThroughputMiBps", 0)?.filter(|wanted| *wanted != target) {
        let request = kinesis.update_stream_warm_throughput().stream_arn(&now.stream_arn);
        let request = request.warm_throughput_mibps(wanted);
        request.send().await.or_fault("kinesis:UpdateStreamWarmThroughput", CODES)?;
    }
    let default = RecordDistributionStrategy::UserPartitionKey;
    let strategy = change.part_or("RecordDistributionStrategy", default.clone())?;
    let current = now.record_distribution_strategy().unwrap_or(&default);
    if let Some(strategy) = strategy.filter(|wanted| wanted != current) {
        let request = kinesis.update_stream_record_distribution_strategy().stream_arn(&now.stream_arn);
        let request = request.record_distribution_strategy(strategy);
        request.send().await.or_fault("kinesis:UpdateStreamRecordDistributionStrategy", CODES)?;
    }
    Ok(())
}

async fn set_records(kinesis: &Client, change: &Changed<'_>, now: &StreamDescriptionSummary) -> Result<()> {
    let current = now.retention_period_hours;
    match change.part_or("RetentionPeriodHours", RETENTION)? {
        Some(hours) if hours > current => {
            let request = kinesis.increase_stream_retention_period().stream_name(change.id());
            let request = request.retention_period_hours(hours);
            request.send().await.or_fault("kinesis:IncreaseStreamRetentionPeriod", CODES)?;
        }
        Some(hours) if hours < current => {
            let request = kinesis.decrease_stream_retention_period().stream_name(change.id());
            let request = request.retention_period_hours(hours);
            request.send().await.or_fault("kinesis:DecreaseStreamRetentionPeriod", CODES)?;
        }
        _ => {}
    }
    let current = now.max_record_size_in_kib().unwrap_or(RECORD_SIZE);
    if let Some(size) = change.part_or("MaxRecordSizeInKiB", RECORD_SIZE)?.filter(|size| *size != current) {
        let request = kinesis.update_max_record_size().stream_arn(&now.stream_arn).max_record_size_in_kib(size);
        request.send().await.or_fault("kinesis:UpdateMaxRecordSize", CODES)?;
    }
    Ok(())
}

async fn set_metrics(kinesis: &Client, change: &Changed<'_>, now: &StreamDescriptionSummary) -> Result<()> {
    let Some(wanted) = change.part_or::<Vec<MetricsName>>("DesiredShardLevelMetrics", Vec::new())? else {
        return Ok(());
    };
    let current = metrics(now);
    let without = |list: &[MetricsName], other: &[MetricsName]| -> Vec<MetricsName> {
        list.iter().filter(|metric| !other.contains(metric)).cloned().collect()
    };
    let has_all = wanted.contains(&MetricsName::All);
    let (more, less) = (without(&wanted, &current), without(&current, &wanted));
    if !less.is_empty() && !has_all {
        let request = kinesis.disable_enhanced_monitoring().stream_name(change.id());
        let request = request.set_shard_level_metrics(Some(less));
        request.send().await.or_fault("kinesis:DisableEnhancedMonitoring", CODES)?;
    }
    if !more.is_empty() {
        let request = kinesis.enable_enhanced_monitoring().stream_name(change.id());
        let request = request.set_shard_level_metrics(Some(more));
        request.send().await.or_fault("kinesis:EnableEnhancedMonitoring", CODES)?;
    }
    Ok(())
}

async fn set_encryption(kinesis: &Client, change: &Changed<'_>) -> Result<()> {
    const PROPERTY: &str = "StreamEncryption";
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    if let Some(wanted) = change.want.inner(PROPERTY)? {
        let request = kinesis.start_stream_encryption().stream_name(change.id());
        let request = request.set_encryption_type(wanted.part("EncryptionType")?).set_key_id(wanted.part("KeyId")?);
        request.send().await.or_fault("kinesis:StartStreamEncryption", CODES)?;
        return Ok(());
    }
    let Some(before) = change.before.inner(PROPERTY)? else { return Ok(()) };
    let request = kinesis.stop_stream_encryption().stream_name(change.id());
    let request = request.set_encryption_type(before.part("EncryptionType")?).set_key_id(before.part("KeyId")?);
    request.send().await.or_fault("kinesis:StopStreamEncryption", CODES)?;
    Ok(())
}
