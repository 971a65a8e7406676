//! The scheduled actions of a scalable target. To CloudFormation they are a property of it, to the API objects of their own.

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::{
    Client,
    types::{ScalableTargetAction, ScheduledAction, ServiceNamespace},
};

use super::scaled::Scaled;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted, structures},
        faults::{OrFault, gone},
    },
    driver::Result,
};

structures! {
    ScalableTargetAction { "MinCapacity": min_capacity set_min_capacity, "MaxCapacity": max_capacity set_max_capacity }
}

/// The scheduled actions of a service; of one target only, if it is named.
pub async fn scheduled(
    client: &Client,
    namespace: &ServiceNamespace,
    resource: Option<&str>,
) -> Result<Vec<ScheduledAction>> {
    let request = client.describe_scheduled_actions().service_namespace(namespace.clone());
    let request = request.set_resource_id(resource.map(str::to_owned));
    let found = request.into_paginator().items().send().try_collect().await;
    found.or_fault("application-autoscaling:DescribeScheduledActions", &[])
}

/// Makes the scheduled actions of a target what a change says. One that loses a property is made anew, because the API
/// leaves alone what it is not told.
pub async fn reschedule(client: &Client, target: &Scaled, change: &Changed<'_>) -> Result<()> {
    if !change.touches("ScheduledActions") {
        return Ok(());
    }
    let (before, want) = (change.before.items("ScheduledActions")?, change.want.items("ScheduledActions")?);
    for old in &before {
        let name = name(old)?;
        let new = want.iter().find(|new| new.raw("ScheduledActionName") == old.raw("ScheduledActionName"));
        if new.is_none_or(|new| loses(old, new)) {
            let request = client
                .delete_scheduled_action()
                .service_namespace(target.namespace.clone())
                .resource_id(&target.resource)
                .scalable_dimension(target.dimension.clone())
                .scheduled_action_name(name);
            gone(request.send().await.or_fault("application-autoscaling:DeleteScheduledAction", &[]))?;
        }
    }
    let kept: BTreeSet<String> = before.iter().map(fingerprint).collect();
    for action in want.iter().filter(|action| !kept.contains(&fingerprint(action))) {
        put(client, target, action).await?;
    }
    Ok(())
}

async fn put(client: &Client, target: &Scaled, action: &Wanted<'_>) -> Result<()> {
    let request = client
        .put_scheduled_action()
        .service_namespace(target.namespace.clone())
        .resource_id(&target.resource)
        .scalable_dimension(target.dimension.clone())
        .scheduled_action_name(name(action)?)
        .set_schedule(action.text("Schedule")?)
        .set_timezone(action.text("Timezone")?)
        .set_start_time(action.part("StartTime")?)
        .set_end_time(action.part("EndTime")?)
        .set_scalable_target_action(action.part("ScalableTargetAction")?);
    request.send().await.or_fault("application-autoscaling:PutScheduledAction", &[])?;
    Ok(())
}

fn name(action: &Wanted<'_>) -> Result<String> {
    let missing = || action.invalid("a scheduled action has no `ScheduledActionName`; give it one");
    action.text("ScheduledActionName")?.ok_or_else(missing)
}

const PROPERTIES: &[&str] =
    &["ScheduledActionName", "Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction"];

fn fingerprint(action: &Wanted<'_>) -> String {
    PROPERTIES.iter().map(|name| format!("{:?};", action.raw(name))).collect()
}

fn loses(old: &Wanted<'_>, new: &Wanted<'_>) -> bool {
    PROPERTIES.iter().any(|name| old.raw(name).is_some() && new.raw(name).is_none())
}

/// A scheduled action as a property of its target.
pub fn observed_action(action: &ScheduledAction) -> Observed {
    Observed::new()
        .with("ScheduledActionName", Some(action.scheduled_action_name()))
        .with("Schedule", Some(action.schedule()))
        .with("Timezone", action.timezone())
        .with_part("StartTime", &action.start_time)
        .with_part("EndTime", &action.end_time)
        .with_part("ScalableTargetAction", &action.scalable_target_action)
}
