//! Where the logs of a cache go: one place for each kind of log.

use aws_sdk_elasticache::types::{
    CloudWatchLogsDestinationDetails, DestinationDetails, KinesisFirehoseDestinationDetails, LogDeliveryConfiguration,
    LogDeliveryConfigurationRequest, LogDeliveryConfigurationStatus,
};

use crate::{
    aws::convert::{Changed, Observed, Wanted},
    driver::Result,
};

/// The property that says it.
pub const PROPERTY: &str = "LogDeliveryConfigurations";

/// What is wanted, for a create call.
pub fn requests(want: &Wanted<'_>) -> Result<Option<Vec<LogDeliveryConfigurationRequest>>> {
    let requests = want.items(PROPERTY)?.iter().map(request).collect::<Result<Vec<_>>>()?;
    Ok(if requests.is_empty() { None } else { Some(requests) })
}

/// What a change makes of it: a kind of log that is no longer named is delivered no more.
pub fn changes(change: &Changed<'_>) -> Result<Option<Vec<LogDeliveryConfigurationRequest>>> {
    if !change.touches(PROPERTY) {
        return Ok(None);
    }
    let mut requests = requests(&change.want)?.unwrap_or_default();
    for former in change.before.items(PROPERTY)? {
        let log_type = former.text("LogType")?;
        if !requests.iter().any(|request| request.log_type == log_type) {
            requests.push(LogDeliveryConfigurationRequest::builder().set_log_type(log_type).enabled(false).build());
        }
    }
    Ok(if requests.is_empty() { None } else { Some(requests) })
}

/// What the service reports, as a user writes it.
pub fn observed(configurations: &[LogDeliveryConfiguration]) -> impl Iterator<Item = Observed> {
    let stands = |configuration: &&LogDeliveryConfiguration| {
        configuration.status() != Some(&LogDeliveryConfigurationStatus::Disabling)
    };
    configurations.iter().filter(stands).map(|configuration| {
        Observed::new()
            .with("LogType", configuration.log_type().map(|kind| kind.as_str()))
            .with("LogFormat", configuration.log_format().map(|format| format.as_str()))
            .with("DestinationType", configuration.destination_type().map(|kind| kind.as_str()))
            .with("DestinationDetails", configuration.destination_details().map(observed_details))
    })
}

fn request(want: &Wanted<'_>) -> Result<LogDeliveryConfigurationRequest> {
    let details = want.inner("DestinationDetails")?.map(|want| details(&want)).transpose()?;
    let builder = LogDeliveryConfigurationRequest::builder()
        .set_log_type(want.text("LogType")?)
        .set_log_format(want.text("LogFormat")?)
        .set_destination_type(want.text("DestinationType")?)
        .set_destination_details(details)
        .enabled(true);
    Ok(builder.build())
}

fn details(want: &Wanted<'_>) -> Result<DestinationDetails> {
    let mut builder = DestinationDetails::builder();
    if let Some(logs) = want.inner("CloudWatchLogsDetails")? {
        let logs = CloudWatchLogsDestinationDetails::builder().set_log_group(logs.text("LogGroup")?).build();
        builder = builder.cloud_watch_logs_details(logs);
    }
    if let Some(firehose) = want.inner("KinesisFirehoseDetails")? {
        let stream = firehose.text("DeliveryStream")?;
        let firehose = KinesisFirehoseDestinationDetails::builder().set_delivery_stream(stream).build();
        builder = builder.kinesis_firehose_details(firehose);
    }
    Ok(builder.build())
}

fn observed_details(details: &DestinationDetails) -> Observed {
    let logs = details.cloud_watch_logs_details().and_then(|logs| logs.log_group());
    let stream = details.kinesis_firehose_details().and_then(|firehose| firehose.delivery_stream());
    Observed::new()
        .with("CloudWatchLogsDetails", logs.map(|group| Observed::new().with("LogGroup", Some(group))))
        .with("KinesisFirehoseDetails", stream.map(|stream| Observed::new().with("DeliveryStream", Some(stream))))
}
