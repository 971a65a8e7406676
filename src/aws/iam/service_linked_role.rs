//! AWS::IAM::ServiceLinkedRole
//! API: CreateServiceLinkedRole, UpdateRole, GetRole, ListRoles, DeleteServiceLinkedRole,
//! GetServiceLinkedRoleDeletionStatus.  Identity: RoleName, which the service chooses.  Found by: the path of the service
//! and the suffix, if the role is described as wanted; its create call takes no tags.
//!
//! A deletion is a task, and how it ended is told only to who knows the task's id; asked to delete again after a failure,
//! IAM begins another task. So the driver remembers the ids of tasks that are under way. Nothing depends on that but that a
//! failure is seen: a process that does not know of a task is given its id by IAM, or begins another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use aws_sdk_iam::{
    Client,
    types::{DeletionTaskFailureReasonType, DeletionTaskStatusType, Role},
};

use super::CODES;
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::IAM::ServiceLinkedRole";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ServiceLinkedRoleDriver { aws: aws.clone(), tasks: Mutex::default() })
}

/// Where IAM keeps these roles, each below the name of its service.
const PATH: &str = "/aws-service-role/";

/// Whose role is deleted: who asks, and the name of the role.
type Whose = (Option<String>, String);

struct ServiceLinkedRoleDriver {
    aws: Clients,
    /// The deletions under way.
    tasks: Mutex<BTreeMap<Whose, String>>,
}

impl ServiceLinkedRoleDriver {
    fn task_of(&self, whose: &Whose) -> Option<String> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).get(whose).cloned()
    }

    fn remember(&self, whose: Whose, task: Option<String>) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        match task {
            Some(task) => tasks.insert(whose, task),
            None => tasks.remove(&whose),
        };
    }
}

#[async_trait]
impl Driver for ServiceLinkedRoleDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .iam(&call.place)
            .await
            .create_service_linked_role()
            .set_aws_service_name(properties.text("AWSServiceName")?)
            .set_custom_suffix(properties.text("CustomSuffix")?)
            .set_description(properties.text("Description")?);
        let answer = request.send().await.or_fault("iam:CreateServiceLinkedRole", FAULTS).map_err(told_apart)?;
        let role = answered(answer.role, "iam:CreateServiceLinkedRole")?;
        Ok(Progress::Done(made(TYPE, observed(&role))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let role = describe(&self.aws.iam(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, role.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let iam = self.aws.iam(&call.place).await;
        let roles = each(ids.iter().map(|id| describe(&iam, &id.0))).await?;
        Ok(in_order(TYPE, ids, roles.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        if changed.touches("Description") {
            let description = changed.want.text::<String>("Description")?.unwrap_or_default();
            let request = self.aws.iam(&call.place).await.update_role();
            let request = request.role_name(changed.id()).description(description);
            request.send().await.or_fault("iam:UpdateRole", FAULTS)?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let iam = self.aws.iam(&call.place).await;
        let whose = (call.place.role_arn.clone(), id.0.clone());
        let task = match self.task_of(&whose) {
            Some(task) => task,
            None => {
                let answer = iam.delete_service_linked_role().role_name(&id.0).send().await;
                match there(answer.or_fault("iam:DeleteServiceLinkedRole", FAULTS))? {
                    Some(answer) => answer.deletion_task_id,
                    None => return Ok(Progress::Done(())),
                }
            }
        };
        self.remember(whose.clone(), Some(task.clone()));
        let status = iam.get_service_linked_role_deletion_status().deletion_task_id(task).send().await;
        let status = there(status.or_fault("iam:GetServiceLinkedRoleDeletionStatus", FAULTS))?;
        match status.as_ref().map(|status| &status.status) {
            Some(DeletionTaskStatusType::Succeeded) => {
                self.remember(whose, None);
                Ok(Progress::Done(()))
            }
            Some(DeletionTaskStatusType::Failed) => {
                self.remember(whose, None);
                Err(refused(status.as_ref().and_then(|status| status.reason.as_ref())))
            }
            Some(_) => Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() }),
            None => {
                self.remember(whose, None);
                Ok(Progress::Pending { so_far: (), note: "the task of the deletion is not known".to_owned() })
            }
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let properties = Wanted::new(TYPE, want);
        let Some(service) = properties.text::<String>("AWSServiceName")? else { return Ok(Vec::new()) };
        let suffix = properties.text::<String>("CustomSuffix")?;
        let description = properties.text::<String>("Description")?.unwrap_or_default();
        let roles = below(&self.aws.iam(&call.place).await, &format!("{PATH}{service}/")).await?;
        let is_wanted = |role: &&Role| {
            has_suffix(role.role_name(), &service, suffix.as_deref())
                && role.description().unwrap_or_default() == description
        };
        Ok(identities(TYPE, roles.iter().filter(is_wanted).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ServiceLinkedRoleDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let roles = below(&self.aws.iam(place).await, PATH).await?;
        Ok(roles.iter().map(|role| observed(role).into()).collect())
    }
}

async fn describe(iam: &Client, name: &str) -> Result<Option<Role>> {
    let answer = there(iam.get_role().role_name(name).send().await.or_fault("iam:GetRole", FAULTS))?;
    Ok(answer.and_then(|answer| answer.role).filter(|role| role.path().starts_with(PATH)))
}

/// The roles below a path.
async fn below(iam: &Client, path: &str) -> Result<Vec<Role>> {
    let roles = iam.list_roles().path_prefix(path).into_paginator().items().send().try_collect().await;
    roles.or_fault("iam:ListRoles", FAULTS)
}

/// Whether a role of `service` is the one with this suffix. Names are `AWSServiceRoleForAutoScaling`, with a suffix
/// `AWSServiceRoleForAutoScaling_mine`; a part of a service (`ecs.application-autoscaling.amazonaws.com`) may have its own
/// word behind the underscore.
fn has_suffix(name: &str, service: &str, suffix: Option<&str>) -> bool {
    let own_words = usize::from(service.split('.').count() > 3);
    match suffix {
        Some(suffix) => name.strip_suffix(suffix).is_some_and(|name| name.ends_with('_')),
        None => name.matches('_').count() <= own_words,
    }
}

/// A role that exists already is reported as a wrong input.
fn told_apart(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Invalid && fault.message.contains("has been taken") {
        fault.kind = FaultKind::AlreadyExists;
    }
    fault
}

/// Why a role could not be deleted: mostly because its service still has something that needs it.
fn refused(reason: Option<&DeletionTaskFailureReasonType>) -> Fault {
    let usages = reason.map(DeletionTaskFailureReasonType::role_usage_list).unwrap_or_default();
    let blockers = usages.iter().flat_map(|usage| {
        let region = usage.region().unwrap_or("some region");
        usage.resources().iter().map(move |resource| format!("{resource} in {region}"))
    });
    let blockers: Vec<String> = blockers.collect();
    let kind = if usages.is_empty() { FaultKind::Other } else { FaultKind::InUse };
    let message = reason.and_then(DeletionTaskFailureReasonType::reason).unwrap_or("it failed without a reason");
    let mut fault = Fault::new(kind, "iam:DeleteServiceLinkedRole", message);
    fault.blockers = blockers;
    fault
}

/// `CustomSuffix` is never read: it cannot be told from the name.
fn observed(role: &Role) -> Observed {
    Observed::new()
        .with("RoleName", Some(role.role_name()))
        .with("AWSServiceName", role.path().strip_prefix(PATH).map(|service| service.trim_end_matches('/')))
        .with("Description", role.description().filter(|text| !text.is_empty()))
}

/// The codes of IAM.
const FAULTS: Codes = CODES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_one_service_are_told_apart_by_their_suffix() {
        let scaling = "autoscaling.amazonaws.com";
        assert!(has_suffix("AWSServiceRoleForAutoScaling", scaling, None));
        assert!(!has_suffix("AWSServiceRoleForAutoScaling_mine", scaling, None));
        assert!(has_suffix("AWSServiceRoleForAutoScaling_mine", scaling, Some("mine")));
        assert!(!has_suffix("AWSServiceRoleForAutoScaling", scaling, Some("Scaling")));
        let part = "ecs.application-autoscaling.amazonaws.com";
        assert!(has_suffix("AWSServiceRoleForApplicationAutoScaling_ECSService", part, None));
    }
}
