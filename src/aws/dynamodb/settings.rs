//! What a table has beside itself, by calls of its own that only an active table takes: expiry, backups, insights, the
//! Kinesis stream that it feeds, and the policies and tags of it and its stream.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::{
    Client,
    types::{
        ApproximateCreationDateTimePrecision, ContributorInsightsAction, ContributorInsightsMode, DestinationStatus,
        EnableKinesisStreamingConfiguration, KinesisDataStreamDestination, PointInTimeRecoverySpecification,
        TableDescription, TimeToLiveSpecification, UpdateKinesisStreamingConfiguration,
    },
};

use super::{
    indexes::GLOBAL,
    requests::{STREAM, live_view, wanted_view},
    seen,
    tags::{CODES, patient, retag},
};
use crate::{
    aws::{
        convert::{Changed, TagChange, Wanted, user_tags},
        faults::{OrFault, found},
    },
    driver::Result,
};

/// The properties that are set so.
pub const EXPIRY: &str = "TimeToLiveSpecification";
pub const BACKUPS: &str = "PointInTimeRecoverySpecification";
pub const INSIGHTS: &str = "ContributorInsightsSpecification";
pub const FEED: &str = "KinesisStreamSpecification";
pub const POLICY: &str = "ResourcePolicy";

/// Sets what is not as wanted, as far as the table is there.
pub async fn set(client: &Client, change: &Changed<'_>, table: &TableDescription) -> Result<()> {
    if change.touches(EXPIRY) {
        set_expiry(client, change).await?;
    }
    if change.touches(BACKUPS) {
        set_backups(client, change).await?;
    }
    if change.touches(INSIGHTS) || change.touches(GLOBAL) {
        set_insights(client, change, table).await?;
    }
    if change.touches(FEED) {
        set_feed(client, change).await?;
    }
    if change.touches(POLICY) {
        set_policy(client, table.table_arn().unwrap_or_default(), change.want.inner(POLICY)?).await?;
    }
    if let Some(arn) = table.latest_stream_arn().filter(|_| change.touches(STREAM))
        && live_view(table).is_some()
        && live_view(table) == wanted_view(&change.want)?.as_ref()
    {
        set_stream(client, change, arn).await?;
    }
    Ok(())
}

/// What has to wait until the table's own change is through: the insights of an index and the policy of a stream that are
/// not there yet.
pub fn is_waiting(change: &Changed<'_>, table: &TableDescription) -> Result<bool> {
    let is_there = |name: &str| table.global_secondary_indexes().iter().any(|live| live.index_name() == Some(name));
    for index in change.want.items(GLOBAL)?.into_iter().filter(|_| change.touches(GLOBAL)) {
        if index.raw(INSIGHTS).is_some() && !is_there(&index.text::<String>("IndexName")?.unwrap_or_default()) {
            return Ok(true);
        }
    }
    let stream = change.want.inner(STREAM)?.filter(|_| change.touches(STREAM));
    let has_own = stream.is_some_and(|stream| stream.raw(POLICY).is_some() || stream.raw("Tags").is_some());
    Ok(has_own && live_view(table) != wanted_view(&change.want)?.as_ref())
}

async fn set_expiry(client: &Client, change: &Changed<'_>) -> Result<()> {
    let send = async |is_on: bool, attribute: Option<String>| {
        let expiry = TimeToLiveSpecification::builder().enabled(is_on).set_attribute_name(attribute).build();
        let expiry = expiry.map_err(|error| change.want.invalid(error))?;
        let request = client.update_time_to_live().table_name(change.id()).time_to_live_specification(expiry);
        patient(request.send().await.or_fault("dynamodb:UpdateTimeToLive", CODES).map(drop))
    };
    let live = seen::expiry(client, change.id()).await?.filter(seen::expires);
    let live = live.and_then(|live| live.attribute_name);
    let wanted = change.want.inner(EXPIRY)?;
    let is_wanted = wanted.map(|wanted| wanted.flag("Enabled")).transpose()?.flatten().unwrap_or_default();
    let wanted = wanted.map(|wanted| wanted.text::<String>("AttributeName")).transpose()?.flatten();
    let wanted = if is_wanted { wanted } else { None };
    if live.is_some() && live != wanted {
        send(false, live.clone()).await?;
    }
    if is_wanted && live != wanted {
        send(true, wanted).await?;
    }
    Ok(())
}

async fn set_backups(client: &Client, change: &Changed<'_>) -> Result<()> {
    let wanted = change.want.inner(BACKUPS)?;
    let is_on = wanted.map(|wanted| wanted.flag("PointInTimeRecoveryEnabled")).transpose()?.flatten();
    let days = wanted.map(|wanted| wanted.whole("RecoveryPeriodInDays")).transpose()?.flatten();
    let backups = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(is_on.unwrap_or_default())
        .set_recovery_period_in_days(days.filter(|_| is_on == Some(true)))
        .build();
    let backups = backups.map_err(|error| change.want.invalid(error))?;
    let request = client.update_continuous_backups().table_name(change.id());
    let request = request.point_in_time_recovery_specification(backups);
    request.send().await.or_fault("dynamodb:UpdateContinuousBackups", CODES)?;
    Ok(())
}

/// The insights of the table and of each of its indexes that is there.
async fn set_insights(client: &Client, change: &Changed<'_>, table: &TableDescription) -> Result<()> {
    let mut subjects = vec![(None, change.want.inner(INSIGHTS)?, change.before.inner(INSIGHTS)?)];
    let before = change.before.items(GLOBAL)?;
    for index in change.want.items(GLOBAL)? {
        let name = index.text::<String>("IndexName")?;
        let mut former = None;
        for index in &before {
            if index.text::<String>("IndexName")? == name {
                former = index.inner(INSIGHTS)?;
            }
        }
        if table.global_secondary_indexes().iter().any(|live| live.index_name() == name.as_deref()) {
            subjects.push((name, index.inner(INSIGHTS)?, former));
        }
    }
    subjects.retain(|(_, wanted, before)| wanted.is_some() || before.is_some());
    if subjects.is_empty() {
        return Ok(());
    }
    let live = seen::insights(client, change.id()).await?;
    for (index, wanted, _) in subjects {
        let is_wanted = wanted.map(|wanted| wanted.flag("Enabled")).transpose()?.flatten().unwrap_or_default();
        let mode = wanted.map(|wanted| wanted.part::<ContributorInsightsMode>("Mode")).transpose()?.flatten();
        let mode = mode.filter(|_| is_wanted);
        let live = live.iter().find(|live| live.index_name == index).filter(|live| seen::has_insights(live));
        let is_same_mode = mode.is_none() || live.is_some_and(|live| live.contributor_insights_mode == mode);
        if is_wanted == live.is_some() && (!is_wanted || is_same_mode) {
            continue;
        }
        let action = if is_wanted { ContributorInsightsAction::Enable } else { ContributorInsightsAction::Disable };
        let request = client.update_contributor_insights().table_name(change.id()).set_index_name(index);
        let request = request.contributor_insights_action(action).set_contributor_insights_mode(mode);
        request.send().await.or_fault("dynamodb:UpdateContributorInsights", CODES)?;
    }
    Ok(())
}

/// A table may feed two streams for a while; here it is one, so any other goes.
async fn set_feed(client: &Client, change: &Changed<'_>) -> Result<()> {
    let wanted = change.want.inner(FEED)?;
    let arn = wanted.map(|wanted| wanted.text::<String>("StreamArn")).transpose()?.flatten();
    let live = seen::feeds(client, change.id()).await?;
    let is_wanted = |feed: &&KinesisDataStreamDestination| feed.stream_arn == arn;
    for feed in live.iter().filter(|feed| !is_wanted(feed)) {
        if feed.destination_status() == Some(&DestinationStatus::Disabling) {
            continue;
        }
        let request = client.disable_kinesis_streaming_destination().table_name(change.id());
        let request = request.set_stream_arn(feed.stream_arn.clone());
        request.send().await.or_fault("dynamodb:DisableKinesisStreamingDestination", CODES)?;
    }
    let Some(arn) = arn.clone() else { return Ok(()) };
    let precision = wanted.map(|wanted| wanted.part(PRECISION)).transpose()?.flatten();
    match live.iter().find(is_wanted) {
        None => {
            let settings = EnableKinesisStreamingConfiguration::builder();
            let settings = settings.set_approximate_creation_date_time_precision(precision).build();
            let request = client.enable_kinesis_streaming_destination().table_name(change.id()).stream_arn(arn);
            let request = request.enable_kinesis_streaming_configuration(settings);
            request.send().await.or_fault("dynamodb:EnableKinesisStreamingDestination", CODES)?;
        }
        Some(live) => {
            let precision = precision.unwrap_or(ApproximateCreationDateTimePrecision::Millisecond);
            if live.approximate_creation_date_time_precision().is_some_and(|live| *live != precision) {
                let settings = UpdateKinesisStreamingConfiguration::builder();
                let settings = settings.approximate_creation_date_time_precision(precision).build();
                let request = client.update_kinesis_streaming_destination().table_name(change.id()).stream_arn(arn);
                let request = request.update_kinesis_streaming_configuration(settings);
                request.send().await.or_fault("dynamodb:UpdateKinesisStreamingDestination", CODES)?;
            }
        }
    }
    Ok(())
}

/// How exactly a Kinesis stream is told when something happened.
pub const PRECISION: &str = "ApproximateCreationDateTimePrecision";

/// The policy of a table or a stream.
async fn set_policy(client: &Client, arn: &str, wanted: Option<Wanted<'_>>) -> Result<()> {
    match wanted.map(|wanted| wanted.document("PolicyDocument")).transpose()?.flatten() {
        Some(policy) => {
            let request = client.put_resource_policy().resource_arn(arn).policy(policy);
            request.send().await.or_fault("dynamodb:PutResourcePolicy", CODES)?;
        }
        None => {
            let request = client.delete_resource_policy().resource_arn(arn);
            found(request.send().await.or_fault("dynamodb:DeleteResourcePolicy", CODES).map(drop))?;
        }
    }
    Ok(())
}

/// The policy and the tags of the stream that the table has now. A new one has neither.
async fn set_stream(client: &Client, change: &Changed<'_>, arn: &str) -> Result<()> {
    let (wanted, before) = (change.want.inner(STREAM)?, change.before.inner(STREAM)?);
    let policy = wanted.as_ref().map(|stream| stream.inner(POLICY)).transpose()?.flatten();
    let had_policy = before.as_ref().is_some_and(|stream| stream.raw(POLICY).is_some());
    if policy.is_some() || had_policy {
        set_policy(client, arn, policy).await?;
    }
    let tags =
        |stream: Option<&Wanted<'_>>| stream.map_or_else(|| Ok(BTreeMap::new()), |stream| user_tags("Tags", stream));
    let (put, before) = (tags(wanted.as_ref())?, tags(before.as_ref())?);
    let take = before.into_keys().filter(|key| !put.contains_key(key)).collect();
    retag(client, arn, TagChange { put, take }).await
}
