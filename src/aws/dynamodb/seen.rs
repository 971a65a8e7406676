//! What is seen of a table: DescribeTable, and the calls for all that it leaves out.

use aws_sdk_dynamodb::{
    Client,
    types::{
        BillingMode, ContributorInsightsStatus, ContributorInsightsSummary, DestinationStatus,
        GlobalSecondaryIndexDescription, KinesisDataStreamDestination, PointInTimeRecoveryDescription,
        PointInTimeRecoveryStatus, TableDescription, TimeToLiveDescription, TimeToLiveStatus,
    },
};
use serde_json::Value as Json;

use super::{
    capacity::{billing_mode, limits},
    indexes::GLOBAL,
    requests::{STREAM, live_view},
    settings::{BACKUPS, EXPIRY, FEED, INSIGHTS, POLICY, PRECISION},
    tags::{CODES, tags, visible},
};
use crate::{
    aws::{
        convert::{Observed, Part},
        faults::{OrFault, found, there},
    },
    driver::Result,
};

/// The whole document of a table of which `described` is known.
pub async fn document(client: &Client, table: &TableDescription, described: Observed) -> Result<Observed> {
    let (name, arn) = (table.table_name().unwrap_or_default(), table.table_arn().unwrap_or_default());
    let (table_tags, backups, expiry, insights, feeds, policy, stream) = tokio::try_join!(
        tags(client, arn),
        backups(client, name),
        expiry(client, name),
        insights(client, name),
        feeds(client, name),
        policy(client, arn),
        stream(client, table),
    )?;
    let feed = feeds.first().map(|feed| {
        Observed::new()
            .with("StreamArn", feed.stream_arn())
            .with_part(PRECISION, &feed.approximate_creation_date_time_precision)
    });
    let globals = table.global_secondary_indexes().iter().map(|index| global(table, index, &insights));
    let document = described
        .with_list(GLOBAL, sorted(globals))
        .with(BACKUPS, backups.as_ref().map(observed_backups))
        .with(EXPIRY, expiry.map(|expiry| observed_expiry(&expiry)))
        .with(INSIGHTS, Some(observed_insights(&insights, None)))
        .with(FEED, feed)
        .with(POLICY, policy.map(|policy| observed_policy(&policy)))
        .with(STREAM, stream);
    Ok(document.with_list("Tags", visible(&table_tags.unwrap_or_default())))
}

/// The indexes of a table that only a new table takes, as documents show them.
pub fn locals(table: &TableDescription) -> Option<Vec<Json>> {
    let found = table.local_secondary_indexes();
    (!found.is_empty()).then(|| sorted(found.iter().map(Part::shown)))
}

/// By name: DynamoDB reports in an order of its own, which is another one every time.
pub fn sorted(items: impl Iterator<Item = Json>) -> Vec<Json> {
    let mut items: Vec<Json> = items.collect();
    let name = |item: &Json| ["IndexName", "AttributeName"].map(|key| item[key].as_str().map(str::to_owned));
    items.sort_by_key(name);
    items
}

/// Whether and when items expire.
pub async fn expiry(client: &Client, table: &str) -> Result<Option<TimeToLiveDescription>> {
    let answer = client.describe_time_to_live().table_name(table).send().await;
    let answer = there(answer.or_fault("dynamodb:DescribeTimeToLive", CODES))?;
    Ok(answer.and_then(|answer| answer.time_to_live_description))
}

/// Whether items expire, or are about to.
pub fn expires(expiry: &TimeToLiveDescription) -> bool {
    matches!(expiry.time_to_live_status(), Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
}

/// The insights of a table and its indexes.
pub async fn insights(client: &Client, table: &str) -> Result<Vec<ContributorInsightsSummary>> {
    let mut pages = client.list_contributor_insights().table_name(table).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let Some(page) = there(page.or_fault("dynamodb:ListContributorInsights", CODES))? else { break };
        found.extend(page.contributor_insights_summaries.unwrap_or_default());
    }
    Ok(found)
}

/// Whether there are insights, or about to be.
pub fn has_insights(summary: &ContributorInsightsSummary) -> bool {
    let status = summary.contributor_insights_status();
    matches!(status, Some(ContributorInsightsStatus::Enabled | ContributorInsightsStatus::Enabling))
}

/// The Kinesis streams that a table feeds.
pub async fn feeds(client: &Client, table: &str) -> Result<Vec<KinesisDataStreamDestination>> {
    let answer = client.describe_kinesis_streaming_destination().table_name(table).send().await;
    let operation = "dynamodb:DescribeKinesisStreamingDestination";
    let answer = there(answer.or_fault(operation, CODES))?;
    let mut found = answer.and_then(|answer| answer.kinesis_data_stream_destinations).unwrap_or_default();
    let is_over = |status| matches!(status, DestinationStatus::Disabled | DestinationStatus::EnableFailed);
    found.retain(|feed| !feed.destination_status.clone().is_some_and(is_over));
    // What is going stands behind what stays.
    found.sort_by_key(|feed| feed.destination_status() == Some(&DestinationStatus::Disabling));
    Ok(found)
}

async fn backups(client: &Client, table: &str) -> Result<Option<PointInTimeRecoveryDescription>> {
    let answer = client.describe_continuous_backups().table_name(table).send().await;
    let answer = there(answer.or_fault("dynamodb:DescribeContinuousBackups", CODES))?;
    let backups = answer.and_then(|answer| answer.continuous_backups_description);
    Ok(backups.and_then(|backups| backups.point_in_time_recovery_description))
}

async fn policy(client: &Client, arn: &str) -> Result<Option<String>> {
    let answer = client.get_resource_policy().resource_arn(arn).send().await;
    found(answer.or_fault("dynamodb:GetResourcePolicy", CODES).map(|answer| answer.policy))
}

async fn stream(client: &Client, table: &TableDescription) -> Result<Option<Observed>> {
    let Some((view, arn)) = live_view(table).zip(table.latest_stream_arn()) else { return Ok(None) };
    let (policy, tags) = tokio::try_join!(policy(client, arn), tags(client, arn))?;
    let tags = visible(&tags.unwrap_or_default());
    let stream = Observed::new()
        .with("StreamViewType", Some(view.as_str()))
        .with(POLICY, policy.map(|policy| observed_policy(&policy)));
    Ok(Some(if tags.is_empty() { stream } else { stream.with_list("Tags", tags) }))
}

fn global(
    table: &TableDescription,
    index: &GlobalSecondaryIndexDescription,
    insights: &[ContributorInsightsSummary],
) -> Json {
    let mut index = index.clone();
    index.on_demand_throughput = limits(index.on_demand_throughput());
    // What is paid by request has no capacity, and is reported with one of zero.
    index.provisioned_throughput =
        index.provisioned_throughput.filter(|_| billing_mode(table) == BillingMode::Provisioned);
    let mut shown = index.shown();
    shown[INSIGHTS] = observed_insights(insights, index.index_name()).into();
    shown
}

fn observed_insights(insights: &[ContributorInsightsSummary], index: Option<&str>) -> Observed {
    let found = insights.iter().find(|found| found.index_name() == index).filter(|found| has_insights(found));
    let mode = found.and_then(|found| found.contributor_insights_mode.clone());
    Observed::new().with("Enabled", Some(found.is_some())).with_part("Mode", &mode)
}

fn observed_expiry(expiry: &TimeToLiveDescription) -> Observed {
    Observed::new().with("Enabled", Some(expires(expiry))).with("AttributeName", expiry.attribute_name())
}

fn observed_backups(backups: &PointInTimeRecoveryDescription) -> Observed {
    let is_on = backups.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled);
    Observed::new()
        .with("PointInTimeRecoveryEnabled", Some(is_on))
        .with("RecoveryPeriodInDays", backups.recovery_period_in_days.filter(|_| is_on))
}

fn observed_policy(policy: &str) -> Observed {
    Observed::new().with_document("PolicyDocument", Some(policy))
}
