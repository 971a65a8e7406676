//! AWS::Backup::BackupSelection
//! API: CreateBackupSelection, GetBackupSelection, ListBackupSelections, DeleteBackupSelection.  Identity: Id, the ids of
//! selection and plan joined by `_`.  Found by: its name in its plan, verified by the client token of the create call,
//! which the service shows; it takes no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_backup::{
    Client,
    operation::get_backup_selection::GetBackupSelectionOutput,
    types::{BackupSelection, BackupSelectionsListMember, Condition, ConditionParameter, ConditionType, Conditions},
};

use super::{CODES, backup_plan, plan_document::built};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Backup::BackupSelection";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BackupSelectionDriver { aws: aws.clone() })
}

struct BackupSelectionDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for BackupSelectionDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "backup:CreateBackupSelection";
        let properties = Wanted::new(TYPE, want);
        let plan = properties.text::<String>("BackupPlanId")?.unwrap_or_default();
        let request = self.aws.backup(&call.place).await.create_backup_selection().backup_plan_id(&plan);
        let request = request.creator_request_id(&call.token().0).backup_selection(selection(&properties)?);
        let answer = request.send().await.or_fault(operation, FAULTS).map_err(not_ready)?;
        Ok(Progress::Done(made(TYPE, named(&answered(answer.selection_id, operation)?, &plan))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = get(&self.aws.backup(&call.place).await, &so_far.id).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.backup(&call.place).await;
        let found = each(ids.iter().map(|id| get(&client, id))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().map(observed)))
    }

    /// Every property is fixed for life, so there is nothing to send.
    async fn update(&self, _: &Call, change: &Change) -> Result<Progress<Made>> {
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (selection, plan) = parts(id)?;
        let request = self.aws.backup(&call.place).await.delete_backup_selection();
        let deleted = request.selection_id(selection).backup_plan_id(plan).send().await;
        gone(deleted.or_fault("backup:DeleteBackupSelection", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.backup(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let Some(plan) = properties.text::<String>("BackupPlanId")? else { return Ok(Vec::new()) };
        let name = properties.inner("BackupSelection")?.map(|wanted| wanted.text::<String>("SelectionName"));
        let name = name.transpose()?.flatten();
        let mut found = ids_in(&client, &plan, name.as_deref()).await?;
        let selections = each(found.iter().map(|id| get(&client, id))).await?;
        let is_ours = |selection: &Option<GetBackupSelectionOutput>| {
            selection.as_ref().is_some_and(|s| s.creator_request_id() == Some(&call.token().0))
        };
        let mut ours = selections.iter().map(is_ours);
        found.retain(|_| ours.next() == Some(true));
        Ok(found)
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BackupSelectionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.backup(place).await;
        let plans = backup_plan::all(&client).await?;
        let ids = plans.iter().filter_map(|plan| plan.backup_plan_id()).map(|plan| ids_in(&client, plan, None));
        let ids: Vec<PhysicalId> = each(ids).await?.into_iter().flatten().collect();
        let found = each(ids.iter().map(|id| get(&client, id))).await?;
        Ok(found.iter().flatten().map(|selection| observed(selection).into()).collect())
    }
}

/// The selections of a plan, or those of one name. A plan that is gone has none.
async fn ids_in(client: &Client, plan: &str, name: Option<&str>) -> Result<Vec<PhysicalId>> {
    let request = client.list_backup_selections().backup_plan_id(plan).into_paginator().items().send();
    let found = match request.try_collect().await.or_fault("backup:ListBackupSelections", FAULTS) {
        Err(fault) if fault.kind == FaultKind::NotFound => Vec::new(),
        found => found?,
    };
    let is_meant = |selection: &&BackupSelectionsListMember| name.is_none() || selection.selection_name() == name;
    let found = found.iter().filter(is_meant);
    Ok(identities(TYPE, found.map(|selection| named(selection.selection_id().unwrap_or_default(), plan))))
}

async fn get(client: &Client, id: &PhysicalId) -> Result<Option<GetBackupSelectionOutput>> {
    let (selection, plan) = parts(id)?;
    let answer = client.get_backup_selection().selection_id(selection).backup_plan_id(plan).send().await;
    there(answer.or_fault("backup:GetBackupSelection", FAULTS))
}

/// The ids of selection and plan.
fn parts(id: &PhysicalId) -> Result<(&str, &str)> {
    let message = || format!("`{id}` is no selection: expected `<selection id>_<plan id>`");
    id.0.split_once('_').ok_or_else(|| Fault::new(FaultKind::Invalid, TYPE, message()))
}

fn named(selection: &str, plan: &str) -> Observed {
    Observed::new()
        .with("Id", Some(format!("{selection}_{plan}")))
        .with("SelectionId", Some(selection))
        .with("BackupPlanId", Some(plan))
}

/// A role that was made a moment ago is not known everywhere yet.
fn not_ready(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Invalid && fault.message.contains("cannot be assumed by AWS Backup") {
        fault.kind = FaultKind::NotReady;
    }
    fault
}

fn selection(want: &Wanted<'_>) -> Result<BackupSelection> {
    let wanted = want.inner("BackupSelection")?.ok_or_else(|| want.invalid("`BackupSelection` is missing"))?;
    let tags = wanted.items("ListOfTags")?.into_iter().map(|tag| {
        let kind = tag.text::<String>("ConditionType")?.unwrap_or_default().to_uppercase();
        let builder = Condition::builder()
            .condition_type(ConditionType::from(kind.as_str()))
            .set_condition_key(tag.text("ConditionKey")?)
            .set_condition_value(tag.text("ConditionValue")?);
        built(&tag, builder.build())
    });
    let tags = tags.collect::<Result<Vec<_>>>()?;
    let builder = BackupSelection::builder()
        .set_selection_name(wanted.text("SelectionName")?)
        .set_iam_role_arn(wanted.text("IamRoleArn")?)
        .set_resources(wanted.texts("Resources")?)
        .set_not_resources(wanted.texts("NotResources")?)
        .set_list_of_tags(if tags.is_empty() { None } else { Some(tags) })
        .set_conditions(conditions(&wanted)?);
    built(want, builder.build())
}

fn conditions(want: &Wanted<'_>) -> Result<Option<Conditions>> {
    let Some(conditions) = want.inner("Conditions")? else { return Ok(None) };
    let list = |name: &str| {
        let parameters = conditions.items(name)?.into_iter().map(|parameter| {
            let builder = ConditionParameter::builder().set_condition_key(parameter.text("ConditionKey")?);
            Ok(builder.set_condition_value(parameter.text("ConditionValue")?).build())
        });
        let parameters = parameters.collect::<Result<Vec<_>>>()?;
        Ok(if parameters.is_empty() { None } else { Some(parameters) })
    };
    let builder = Conditions::builder()
        .set_string_equals(list("StringEquals")?)
        .set_string_not_equals(list("StringNotEquals")?)
        .set_string_like(list("StringLike")?)
        .set_string_not_like(list("StringNotLike")?);
    Ok(Some(builder.build()))
}

fn observed(answer: &GetBackupSelectionOutput) -> Observed {
    let texts = |list: &[String]| list.to_vec();
    let body = answer.backup_selection().map(|selection| {
        let tags = selection.list_of_tags().iter().map(|tag| {
            Observed::new()
                .with("ConditionType", Some(tag.condition_type().as_str()))
                .with("ConditionKey", Some(tag.condition_key()))
                .with("ConditionValue", Some(tag.condition_value()))
        });
        Observed::new()
            .with("SelectionName", Some(selection.selection_name()))
            .with("IamRoleArn", Some(selection.iam_role_arn()))
            .with_list("Resources", texts(selection.resources()))
            .with_list("NotResources", texts(selection.not_resources()))
            .with_list("ListOfTags", tags)
            .with("Conditions", selection.conditions().map(observed_conditions))
    });
    let (selection, plan) = (answer.selection_id().unwrap_or_default(), answer.backup_plan_id().unwrap_or_default());
    named(selection, plan).with("BackupSelection", body)
}

fn observed_conditions(conditions: &Conditions) -> Observed {
    let list = |parameters: &[ConditionParameter]| {
        let parameter = |parameter: &ConditionParameter| {
            Observed::new()
                .with("ConditionKey", parameter.condition_key())
                .with("ConditionValue", parameter.condition_value())
        };
        parameters.iter().map(parameter).collect::<Vec<_>>()
    };
    Observed::new()
        .with_list("StringEquals", list(conditions.string_equals()))
        .with_list("StringNotEquals", list(conditions.string_not_equals()))
        .with_list("StringLike", list(conditions.string_like()))
        .with_list("StringNotLike", list(conditions.string_not_like()))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
