//! Where the queries for a hosted zone are logged: an object of its own to the API, a property of the zone to
//! CloudFormation.

use aws_sdk_route53::{Client, types::QueryLoggingConfig};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::{OrFault, there},
    },
    driver::Result,
};

/// The property.
pub const PROPERTY: &str = "QueryLoggingConfig";

/// What is logged for all zones of the account.
pub async fn all(client: &Client) -> Result<Vec<QueryLoggingConfig>> {
    let found = client.list_query_logging_configs().into_paginator().items().send().try_collect().await;
    found.or_fault("route53:ListQueryLoggingConfigs", CODES)
}

/// Logs the queries elsewhere, or not at all. There is no call that changes it.
pub async fn change(client: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    stop(client, change.id()).await?;
    let group = change.want.inner(PROPERTY)?.map(|config: Wanted<'_>| config.text(GROUP)).transpose()?.flatten();
    let Some(group) = group else { return Ok(()) };
    let request = client
        .create_query_logging_config()
        .hosted_zone_id(change.id())
        .set_cloud_watch_logs_log_group_arn(Some(group));
    request.send().await.or_fault("route53:CreateQueryLoggingConfig", CODES)?;
    Ok(())
}

/// Logs the queries for a zone no more.
pub async fn stop(client: &Client, zone: &str) -> Result<()> {
    for config in all(client).await?.iter().filter(|config| config.hosted_zone_id() == zone) {
        let deleted = client.delete_query_logging_config().id(config.id()).send().await;
        there(deleted.or_fault("route53:DeleteQueryLoggingConfig", CODES))?;
    }
    Ok(())
}

/// Its only part.
pub const GROUP: &str = "CloudWatchLogsLogGroupArn";
