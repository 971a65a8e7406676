//! AWS::Backup::BackupPlan
//! API: CreateBackupPlan, UpdateBackupPlan, TagResource, UntagResource, GetBackupPlan (and ListTags for what it leaves
//! out), ListBackupPlans, DeleteBackupPlan.  Identity: BackupPlanId.  Found by: its name, verified by owner tags; the
//! create call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_backup::{Client, operation::get_backup_plan::GetBackupPlanOutput, types::BackupPlansListMember};

use super::{
    CODES, plan_document,
    tags::{is_ours, retag, tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags_in, each, identities, in_order, made, only_id, visible, visible_tag_map,
        },
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Backup::BackupPlan";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BackupPlanDriver { aws: aws.clone() })
}

struct BackupPlanDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for BackupPlanDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self.aws.backup(&call.place).await.create_backup_plan();
        let request = request
            .creator_request_id(&call.token().0)
            .backup_plan(plan_document::wanted(&properties)?)
            .set_backup_plan_tags(Some(all_tags_in("BackupPlanTags", call, &properties)?.into_iter().collect()));
        let answer = request.send().await.or_fault("backup:CreateBackupPlan", FAULTS)?;
        let id = answered(answer.backup_plan_id, "backup:CreateBackupPlan")?;
        let version = (answer.backup_plan_arn, answer.version_id);
        Ok(Progress::Done(made(TYPE, attributes(Some(id), version))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = get(&self.aws.backup(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.backup(&call.place).await;
        let found = each(ids.iter().map(|id| document(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.backup(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let mut made_now = only_id(&change.id);
        if changed.touches("BackupPlan") {
            let plan = plan_document::wanted(&changed.want)?;
            let answer = client.update_backup_plan().backup_plan_id(changed.id()).backup_plan(plan).send().await;
            let answer = answer.or_fault("backup:UpdateBackupPlan", FAULTS)?;
            let version = (answer.backup_plan_arn, answer.version_id);
            made_now = made(TYPE, attributes(Some(change.id.0.clone()), version));
        }
        if changed.touches("BackupPlanTags") {
            let plan = get(&client, changed.id()).await?;
            let arn = answered(plan.and_then(|plan| plan.backup_plan_arn), "backup:GetBackupPlan")?;
            retag(&client, &changed, "BackupPlanTags", &arn).await?;
        }
        Ok(Progress::Done(made_now))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.backup(&call.place).await;
        let deleted = client.delete_backup_plan().backup_plan_id(&id.0).send().await;
        match deleted.or_fault("backup:DeleteBackupPlan", FAULTS) {
            // One with selections is an invalid request too, and its selections may be on their way out.
            Err(mut fault) if fault.kind == FaultKind::Invalid => {
                fault.blockers = selections(&client, &id.0).await;
                fault.kind = if fault.blockers.is_empty() { FaultKind::Invalid } else { FaultKind::InUse };
                Err(fault)
            }
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.backup(&call.place).await;
        let name = Wanted::new(TYPE, want).inner("BackupPlan")?.map(|plan| plan.text::<String>("BackupPlanName"));
        let name = name.transpose()?.flatten();
        let mut plans = all(&client).await?;
        plans.retain(|plan| plan.backup_plan_name() == name.as_deref());
        let ours = plans.iter().map(|plan| is_ours(&client, call, plan.backup_plan_arn().unwrap_or_default()));
        let ours = each(ours).await?;
        let found = plans.into_iter().zip(ours).filter(|(_, is_ours)| *is_ours);
        Ok(identities(TYPE, found.map(|(plan, _)| attributes(plan.backup_plan_id, (plan.backup_plan_arn, None)))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BackupPlanDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.backup(place).await;
        let plans = all(&client).await?;
        let found = each(plans.iter().filter_map(|plan| plan.backup_plan_id()).map(|id| document(&client, id))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Every plan of a place.
pub async fn all(client: &Client) -> Result<Vec<BackupPlansListMember>> {
    let found = client.list_backup_plans().into_paginator().items().send().try_collect().await;
    found.or_fault("backup:ListBackupPlans", FAULTS)
}

/// The plan, unless it is deleted: earlier versions stay in sight.
async fn get(client: &Client, id: &str) -> Result<Option<GetBackupPlanOutput>> {
    let plan =
        there(client.get_backup_plan().backup_plan_id(id).send().await.or_fault("backup:GetBackupPlan", FAULTS))?;
    Ok(plan.filter(|plan| plan.deletion_date().is_none()))
}

/// What keeps a plan from being deleted.
async fn selections(client: &Client, id: &str) -> Vec<String> {
    let found = client.list_backup_selections().backup_plan_id(id).into_paginator().items().send().try_collect().await;
    let found: Vec<aws_sdk_backup::types::BackupSelectionsListMember> = found.unwrap_or_default();
    found.into_iter().filter_map(|selection| Some(format!("the selection `{}`", selection.selection_name?))).collect()
}

/// The whole document: GetBackupPlan leaves out the tags.
async fn document(client: &Client, id: &str) -> Result<Option<Doc>> {
    let Some(plan) = get(client, id).await? else { return Ok(None) };
    let tags = tags(client, plan.backup_plan_arn().unwrap_or_default()).await?;
    Ok(Some(observed(&plan).with("BackupPlanTags", Some(visible_tag_map(tags))).into()))
}

/// What a plan is called; its ARN and version, where they were told.
fn attributes(id: Option<String>, (arn, version): (Option<String>, Option<String>)) -> Observed {
    Observed::new().with("BackupPlanId", id).with("BackupPlanArn", arn).with("VersionId", version)
}

fn observed(plan: &GetBackupPlanOutput) -> Observed {
    let version = (plan.backup_plan_arn.clone(), plan.version_id.clone());
    attributes(plan.backup_plan_id.clone(), version).with("BackupPlan", plan.backup_plan().map(plan_document::observed))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
