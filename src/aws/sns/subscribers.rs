//! Who is subscribed to a topic.

use aws_sdk_sns::{Client, types::Subscription};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::{OrFault, found, gone},
    },
    driver::{Fault, FaultKind, Progress, Result},
};

/// The property of a topic.
pub const PROPERTY: &str = "Subscription";

/// The subscriptions to a topic, without those that have ended and are listed a while longer; none if it does not exist.
pub async fn of_topic(sns: &Client, topic: &str) -> Result<Vec<Subscription>> {
    let pages = sns.list_subscriptions_by_topic().topic_arn(topic).into_paginator().items().send();
    let mut listed: Vec<Subscription> =
        found(pages.try_collect().await.or_fault("sns:ListSubscriptionsByTopic", CODES))?;
    listed.retain(|one| one.subscription_arn() != Some("Deleted"));
    Ok(listed)
}

/// The ARN of a subscription; one that nobody has confirmed yet is listed without.
pub fn arn_of(subscription: &Subscription) -> Option<&str> {
    subscription.subscription_arn().filter(|arn| arn.starts_with("arn:"))
}

/// Whether it is the subscription that is meant by protocol and endpoint.
pub fn is_meant(subscription: &Subscription, protocol: Option<&str>, endpoint: Option<&str>) -> bool {
    subscription.protocol() == protocol && subscription.endpoint() == endpoint
}

/// Ends a subscription. One that nobody has confirmed cannot be ended: AWS forgets it by itself, after two days.
pub async fn end(sns: &Client, subscription: &str) -> Result<Progress<()>> {
    let ended = sns.unsubscribe().subscription_arn(subscription).send().await.or_fault("sns:Unsubscribe", CODES);
    let is_pending = |fault: &Fault| fault.kind == FaultKind::Invalid && fault.message.contains("pending confirmation");
    match ended {
        Err(fault) if is_pending(&fault) => Ok(Progress::Done(())),
        ended => gone(ended),
    }
}

/// Subscribes who has come into a topic's own list, and ends the subscriptions of those who have left it.
pub async fn change(sns: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    let want = change.want.structures(PROPERTY, subscriber)?.unwrap_or_default();
    let before = change.before.structures(PROPERTY, subscriber)?.unwrap_or_default();
    for (protocol, endpoint) in want.iter().filter(|new| !before.contains(new)) {
        let request = sns.subscribe().topic_arn(change.id()).protocol(protocol).endpoint(endpoint);
        request.send().await.or_fault("sns:Subscribe", CODES)?;
    }
    let gone: Vec<_> = before.iter().filter(|old| !want.contains(old)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let live = of_topic(sns, change.id()).await?;
    for (protocol, endpoint) in gone {
        let meant = live.iter().find(|live| is_meant(live, Some(protocol), Some(endpoint)));
        if let Some(arn) = meant.and_then(arn_of) {
            end(sns, arn).await?;
        }
    }
    Ok(())
}

fn subscriber(want: &Wanted<'_>) -> Result<(String, String)> {
    Ok((want.text("Protocol")?.unwrap_or_default(), want.text("Endpoint")?.unwrap_or_default()))
}

/// A subscriber as a topic lists it.
pub fn observed(subscription: &Subscription) -> Observed {
    Observed::new().with("Protocol", subscription.protocol()).with("Endpoint", subscription.endpoint())
}
