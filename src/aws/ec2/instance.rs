//! AWS::EC2::Instance
//! API: RunInstances, Modify…Instance…, Monitor- and UnmonitorInstances, AttachVolume, DetachVolume, the calls for its
//! profile, StopInstances, StartInstances, CreateTags, DeleteTags, DescribeInstances (and DescribeVolumes,
//! DescribeInstanceAttribute, DescribeInstanceCreditSpecifications for what it leaves out), TerminateInstances.
//! Identity: InstanceId.  Found by: owner tags; the create call carries a client token.
//!
//! What can only be changed while an instance is stopped takes several attempts: the first one marks the instance and stops
//! it, one that finds it stopped changes it and starts it again. The mark outlives a run that is cut off in between.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{AttachmentStatus, Filter, Instance, InstanceStateName, StateReason},
};
use serde_json::Value as Json;

use super::{
    filters::{by_ids, filter, owned},
    instance_change::{self, CODES, EARLY},
    instance_launch,
    instance_memory::{RESTART, is_to_restart},
    instance_view::{self, Rest, attributes_of, state},
    tags::{put_and_take, retag},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, TagChange, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, early, failed, gone, half_made},
    },
    base::{Doc, Path, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::Instance";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(InstanceDriver { aws: aws.clone() })
}

struct InstanceDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for InstanceDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let request = instance_launch::request(&ec2, call, &Wanted::new(TYPE, want))?;
        let answer = early(request.send().await.or_fault("ec2:RunInstances", FAULTS), EARLY)?;
        let launched = answer.instances.unwrap_or_default().into_iter().find(|one| one.instance_id.is_some());
        let launched = answered(launched, "ec2:RunInstances")?;
        let made = made(TYPE, attributes_of(&launched));
        // RunInstances does not take these. Where it is too early for them, they are set once the instance runs.
        let is_missing = |name: &&str| want.get(name).is_some_and(|value| *value != Json::Bool(true));
        let missing = ["SourceDestCheck", "Volumes"].into_iter().filter(is_missing);
        let paths = missing.map(Path::key).collect();
        let rest = Change { id: made.id.clone(), before: Doc::default(), want: want.clone(), paths };
        let rest = Changed::new(TYPE, &rest);
        instance_change::apply(&ec2, &rest, &launched).await.map_err(half_made(&made))?;
        Ok(pending(&made, "pending"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let found = describe(&ec2, filter("instance-id", [&so_far.id.0])).await?;
        let Some(instance) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        match state(instance) {
            InstanceStateName::ShuttingDown | InstanceStateName::Terminated => {
                let reason = instance.state_reason();
                let message = reason.and_then(StateReason::message).filter(|message| !message.is_empty());
                let message = message.or(instance.state_transition_reason()).filter(|message| !message.is_empty());
                let code = reason.and_then(StateReason::code);
                Err(failed("ec2:RunInstances", code, Some(message.unwrap_or("it was terminated")), so_far))
            }
            InstanceStateName::Stopped if is_to_restart(instance) => {
                start(&ec2, &so_far.id.0).await?;
                Ok(pending(so_far, "starting"))
            }
            InstanceStateName::Running | InstanceStateName::Stopped => {
                if let Some(note) = unattached(instance) {
                    return Ok(pending(so_far, note));
                }
                if is_to_restart(instance) {
                    let change = TagChange { take: vec![RESTART.to_owned()], ..TagChange::default() };
                    put_and_take(&ec2, &so_far.id.0, change).await?;
                }
                Ok(visible(TYPE, so_far, Some(attributes_of(instance))))
            }
            other => Ok(pending(so_far, other.as_str())),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ec2 = self.aws.ec2(&call.place).await;
        Ok(in_order(TYPE, ids, documents(&ec2, by_ids("instance-id", ids)).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        instance_change::refuse(&changed)?;
        let found = describe(&ec2, filter("instance-id", [changed.id()])).await?;
        let Some(instance) = found.iter().find(|instance| stands(instance)) else {
            let message = format!("there is no instance `{}`", changed.id());
            return Err(Fault::new(FaultKind::NotFound, "ec2:DescribeInstances", message));
        };
        if let Some(property) = instance_change::needs_stop(&changed)? {
            be_stopped(&ec2, instance, property).await.map_err(half_made(&only_id(&change.id)))?;
        }
        let applied = instance_change::apply(&ec2, &changed, instance).await;
        if state(instance) == InstanceStateName::Stopped && is_to_restart(instance) {
            // It comes back whatever has become of the change.
            let started = start(&ec2, changed.id()).await;
            applied.and(started).map_err(half_made(&only_id(&change.id)))?;
        } else {
            applied?;
        }
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let found = describe(&ec2, filter("instance-id", [&id.0])).await?;
        match found.first().map(state) {
            Some(InstanceStateName::Terminated) => return Ok(Progress::Done(())),
            Some(InstanceStateName::ShuttingDown) => {}
            // One that does not show may only be too new to be seen, so the delete is sent all the same.
            _ => {
                let sent = ec2.terminate_instances().instance_ids(&id.0).send().await;
                let deleted = sent.or_fault("ec2:TerminateInstances", FAULTS).map_err(protected);
                if deleted.is_err() {
                    return gone(deleted);
                }
            }
        }
        Ok(Progress::Pending { so_far: (), note: "shutting-down".to_owned() })
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = describe(&self.aws.ec2(&call.place).await, owned(call)).await?;
        let exists = |instance: &&Instance| state(instance) != InstanceStateName::Terminated;
        Ok(identities(TYPE, found.iter().filter(exists).map(attributes_of)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for InstanceDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = documents(&self.aws.ec2(place).await, Vec::new()).await?;
        Ok(found.into_iter().map(Doc::from).collect())
    }
}

async fn describe(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<Instance>> {
    let pages = ec2.describe_instances().set_filters(Some(filters)).into_paginator().items().send();
    let reservations: Vec<_> = pages.try_collect().await.or_fault("ec2:DescribeInstances", FAULTS)?;
    Ok(reservations.into_iter().flat_map(|reservation| reservation.instances.unwrap_or_default()).collect())
}

/// Everything about the instances that exist.
async fn documents(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<Observed>> {
    let mut found = describe(ec2, filters).await?;
    found.retain(stands);
    let rest = instance_view::rest(ec2, &found).await?;
    Ok(found.iter().zip(&rest).map(|(instance, rest)| observed(instance, rest)).collect())
}

/// One that is terminated stays in sight for an hour, and is not there.
fn stands(instance: &Instance) -> bool {
    !matches!(state(instance), InstanceStateName::ShuttingDown | InstanceStateName::Terminated)
}

/// What is still to be attached or detached.
fn unattached(instance: &Instance) -> Option<&str> {
    let statuses = instance.block_device_mappings().iter().filter_map(|device| device.ebs()?.status());
    statuses
        .into_iter()
        .find(|status| matches!(status, AttachmentStatus::Attaching | AttachmentStatus::Detaching))
        .map(AttachmentStatus::as_str)
}

/// Done once the instance is stopped; until then not ready.
async fn be_stopped(ec2: &Client, instance: &Instance, property: &str) -> Result<()> {
    let id = instance.instance_id().unwrap_or_default();
    match state(instance) {
        InstanceStateName::Stopped => return Ok(()),
        InstanceStateName::Running => {
            let put = [(RESTART.to_owned(), "true".to_owned())].into();
            put_and_take(ec2, id, TagChange { put, ..TagChange::default() }).await?;
            ec2.stop_instances().instance_ids(id).send().await.or_fault("ec2:StopInstances", FAULTS)?;
        }
        _ => {}
    }
    let message = format!("`{property}` can only be changed while the instance is stopped, and it is being stopped");
    Err(Fault::new(FaultKind::NotReady, "ec2:StopInstances", message))
}

async fn start(ec2: &Client, id: &str) -> Result<()> {
    ec2.start_instances().instance_ids(id).send().await.or_fault("ec2:StartInstances", FAULTS)?;
    Ok(())
}

/// A refusal because of protection says what to do.
fn protected(mut fault: Fault) -> Fault {
    if fault.code.as_deref() == Some("OperationNotPermitted") {
        fault.message = format!("{}; if `DisableApiTermination` is set, set it to false first", fault.message);
    }
    fault
}

fn observed(instance: &Instance, rest: &Rest) -> Observed {
    instance_view::document(instance, rest)
}

/// The codes of all calls about instances.
const FAULTS: Codes = CODES;
