//! AWS::ApplicationAutoScaling::ScalableTarget
//! API: RegisterScalableTarget, PutScheduledAction, DeleteScheduledAction, TagResource, UntagResource,
//! DescribeScalableTargets, DescribeScheduledActions, ListTagsForResource, DeregisterScalableTarget.
//! Identity: ResourceId, ScalableDimension and ServiceNamespace.  Found by: those, verified by the owner tags. The call that
//! registers changes a target that is registered already.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::{
    Client,
    types::{ScalableTarget, ScheduledAction, ServiceNamespace, SuspendedState},
};

use super::{
    refusals::told,
    scaled::Scaled,
    schedule::{observed_action, reschedule, scheduled},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, in_order, made, only_id, structures, tag_change, visible,
            visible_tags,
        },
        faults::{Codes, OrFault, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApplicationAutoScaling::ScalableTarget";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ScalableTargetDriver { aws: aws.clone() })
}

/// How many resources one describe may name.
const MOST: usize = 50;

struct ScalableTargetDriver {
    aws: Clients,
}

impl ScalableTargetDriver {
    /// The target of what is scaled, if it is registered, and its tags.
    async fn registered(
        &self,
        place: &Place,
        scaled: &Scaled,
    ) -> Result<Option<(ScalableTarget, BTreeMap<String, String>)>> {
        let client = self.aws.application_autoscaling(place).await;
        let found = describe(&client, &scaled.namespace, Some(vec![scaled.resource.clone()])).await?;
        match found.into_iter().find(|target| target.scalable_dimension == scaled.dimension) {
            Some(target) => {
                let tags = tags(&client, &target).await?;
                Ok(Some((target, tags)))
            }
            None => Ok(None),
        }
    }

    /// The whole documents: targets are described without their tags and scheduled actions.
    async fn documents(
        &self,
        place: &Place,
        namespace: &ServiceNamespace,
        resources: Option<Vec<String>>,
    ) -> Result<Vec<Doc>> {
        let client = self.aws.application_autoscaling(place).await;
        let found = match resources {
            None => describe(&client, namespace, None).await?,
            Some(resources) => {
                let batches = resources.chunks(MOST).map(|some| describe(&client, namespace, Some(some.to_vec())));
                each(batches).await?.concat()
            }
        };
        let only = if let [target] = found.as_slice() { Some(target.resource_id()) } else { None };
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let tags = each(found.iter().map(|target| tags(&client, target)));
        let (tags, actions) = tokio::join!(tags, scheduled(&client, namespace, only));
        let (tags, actions) = (tags?, actions?);
        let document = |(target, tags): (&ScalableTarget, BTreeMap<String, String>)| {
            let is_its = |action: &&ScheduledAction| {
                action.resource_id == target.resource_id
                    && action.scalable_dimension.as_ref() == Some(&target.scalable_dimension)
            };
            let tags = tags.iter().map(|(key, value)| (Some(key.as_str()), Some(value.as_str())));
            observed(target)
                .with_list("ScheduledActions", actions.iter().filter(is_its).map(observed_action))
                .with_list("Tags", visible_tags(tags))
                .into()
        };
        Ok(found.iter().zip(tags).map(document).collect())
    }
}

#[async_trait]
impl Driver for ScalableTargetDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.application_autoscaling(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let scaled = Scaled::wanted(&properties)?;
        let request = client
            .register_scalable_target()
            .service_namespace(scaled.namespace.clone())
            .resource_id(&scaled.resource)
            .scalable_dimension(scaled.dimension.clone())
            .set_min_capacity(properties.whole("MinCapacity")?)
            .set_max_capacity(properties.whole("MaxCapacity")?)
            .set_role_arn(properties.text("RoleARN")?)
            .set_suspended_state(properties.part("SuspendedState")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        told(request.send().await.or_fault("application-autoscaling:RegisterScalableTarget", FAULTS))?;
        let made = made(TYPE, named(&scaled));
        let rest = fresh(&made.id, named(&scaled), want);
        reschedule(&client, &scaled, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.read(call, std::slice::from_ref(&so_far.id)).await?.pop().flatten();
        Ok(visible(TYPE, so_far, found))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let mut by_service: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for scaled in ids.iter().filter_map(|id| Scaled::from_id(&id.0)) {
            by_service.entry(scaled.namespace.as_str().to_owned()).or_default().push(scaled.resource);
        }
        let found = each(by_service.into_iter().map(|(namespace, mut resources)| async move {
            resources.sort();
            resources.dedup();
            self.documents(&call.place, &namespace.as_str().into(), Some(resources)).await
        }));
        Ok(in_order(TYPE, ids, found.await?.concat()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.application_autoscaling(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let scaled = Scaled::wanted(&changed.want)?;
        if ["MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState"].iter().any(|name| changed.touches(name)) {
            let request = client
                .register_scalable_target()
                .service_namespace(scaled.namespace.clone())
                .resource_id(&scaled.resource)
                .scalable_dimension(scaled.dimension.clone())
                .set_min_capacity(changed.part("MinCapacity")?)
                .set_max_capacity(changed.part("MaxCapacity")?)
                .set_role_arn(changed.part("RoleARN")?)
                .set_suspended_state(suspended(&changed)?);
            told(request.send().await.or_fault("application-autoscaling:RegisterScalableTarget", FAULTS))?;
        }
        reschedule(&client, &scaled, &changed).await?;
        if changed.touches("Tags") {
            self.retag(call, &scaled, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// Its scheduled actions and policies go with it.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let Some(scaled) = Scaled::from_id(&id.0) else { return Ok(Progress::Done(())) };
        let request = self
            .aws
            .application_autoscaling(&call.place)
            .await
            .deregister_scalable_target()
            .service_namespace(scaled.namespace)
            .resource_id(scaled.resource)
            .scalable_dimension(scaled.dimension);
        gone(request.send().await.or_fault("application-autoscaling:DeregisterScalableTarget", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let scaled = Scaled::wanted(&Wanted::new(TYPE, want))?;
        let found = self.registered(&call.place, &scaled).await?;
        Ok(found.filter(|(_, tags)| is_ours(tags, call)).map(|_| PhysicalId(scaled.id())).into_iter().collect())
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let scaled = Scaled::wanted(&Wanted::new(TYPE, want))?;
        let found = self.registered(&call.place, &scaled).await?;
        Ok(found.filter(|(_, tags)| !is_ours(tags, call)).map(|_| PhysicalId(scaled.id())))
    }
}

impl ScalableTargetDriver {
    async fn retag(&self, call: &Call, scaled: &Scaled, change: &Changed<'_>) -> Result<()> {
        let client = self.aws.application_autoscaling(&call.place).await;
        let found = describe(&client, &scaled.namespace, Some(vec![scaled.resource.clone()])).await?;
        let target = found.into_iter().find(|target| target.scalable_dimension == scaled.dimension);
        let Some(arn) = target.and_then(|target| target.scalable_target_arn) else { return Ok(()) };
        let tags = tag_change(change)?;
        if !tags.take.is_empty() {
            let request = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(tags.take));
            request.send().await.or_fault("application-autoscaling:UntagResource", FAULTS)?;
        }
        if !tags.put.is_empty() {
            let request = client.tag_resource().resource_arn(&arn).set_tags(Some(tags.put.into_iter().collect()));
            request.send().await.or_fault("application-autoscaling:TagResource", FAULTS)?;
        }
        Ok(())
    }
}

#[async_trait]
impl AwsDriver for ScalableTargetDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let services = ServiceNamespace::values().iter().map(|name| ServiceNamespace::from(*name));
        let found = services.map(|namespace| async move { self.documents(place, &namespace, None).await });
        Ok(each(found).await?.concat())
    }
}

/// The targets of a service, in all dimensions of the named resources.
async fn describe(
    client: &Client,
    namespace: &ServiceNamespace,
    resources: Option<Vec<String>>,
) -> Result<Vec<ScalableTarget>> {
    let request = client.describe_scalable_targets().service_namespace(namespace.clone()).set_resource_ids(resources);
    let found = request.into_paginator().items().send().try_collect().await;
    found.or_fault("application-autoscaling:DescribeScalableTargets", FAULTS)
}

/// The tags of a target; none of one that has gone in the meantime.
async fn tags(client: &Client, target: &ScalableTarget) -> Result<BTreeMap<String, String>> {
    let Some(arn) = target.scalable_target_arn() else { return Ok(BTreeMap::new()) };
    let answer = client.list_tags_for_resource().resource_arn(arn).send().await;
    let answer = there(answer.or_fault("application-autoscaling:ListTagsForResource", FAULTS))?;
    Ok(answer.and_then(|answer| answer.tags).unwrap_or_default().into_iter().collect())
}

fn is_ours(tags: &BTreeMap<String, String>, call: &Call) -> bool {
    tags.get(TAG_TOKEN) == Some(&call.token().0)
}

/// What is suspended; what is taken away goes on again, for the API leaves alone what it is not told.
fn suspended(change: &Changed<'_>) -> Result<Option<SuspendedState>> {
    let wanted = change.part_or("SuspendedState", SuspendedState::builder().build())?;
    Ok(wanted.map(|mut state| {
        state.dynamic_scaling_in_suspended.get_or_insert(false);
        state.dynamic_scaling_out_suspended.get_or_insert(false);
        state.scheduled_scaling_suspended.get_or_insert(false);
        state
    }))
}

structures! {
    SuspendedState {
        "DynamicScalingInSuspended": dynamic_scaling_in_suspended set_dynamic_scaling_in_suspended,
        "DynamicScalingOutSuspended": dynamic_scaling_out_suspended set_dynamic_scaling_out_suspended,
        "ScheduledScalingSuspended": scheduled_scaling_suspended set_scheduled_scaling_suspended,
    }
}

/// The identity of a target, in its parts and in one.
fn named(scaled: &Scaled) -> Observed {
    Observed::new()
        .with("ServiceNamespace", Some(scaled.namespace.as_str()))
        .with("ResourceId", Some(scaled.resource.as_str()))
        .with("ScalableDimension", Some(scaled.dimension.as_str()))
        .with("Id", Some(scaled.id()))
}

fn observed(target: &ScalableTarget) -> Observed {
    let scaled = Scaled {
        namespace: target.service_namespace.clone(),
        resource: target.resource_id.clone(),
        dimension: target.scalable_dimension.clone(),
    };
    named(&scaled)
        .with("MinCapacity", Some(target.min_capacity))
        .with("MaxCapacity", Some(target.max_capacity))
        .with_part("SuspendedState", &target.suspended_state)
}

/// Two changes at once get in each other's way.
const FAULTS: Codes = &[("ConcurrentUpdateException", FaultKind::NotReady)];
