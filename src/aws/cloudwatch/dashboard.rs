//! AWS::CloudWatch::Dashboard
//! API: PutDashboard, GetDashboard (and ListTagsForResource, which it leaves out), ListDashboards, TagResource,
//! UntagResource, DeleteDashboards.  Identity: DashboardName.  Found by: that name, verified by the owner tags, or by the
//! body where there are no tags at all; a put would overwrite a dashboard of the same name.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatch::{Client, operation::get_dashboard::GetDashboardOutput, types::Tag};

use super::tags::{are_ours, create_tags, retag, tags, visible as visible_tags};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, same_document, visible},
        faults::{Codes, OrFault, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CloudWatch::Dashboard";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DashboardDriver { aws: aws.clone() })
}

struct DashboardDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for DashboardDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let tags = create_tags(call, &properties)?;
        put(&cloudwatch, &properties, Some(tags)).await?;
        Ok(Progress::Done(made(
            TYPE,
            Observed::new().with("DashboardName", properties.text::<String>("DashboardName")?),
        )))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = get(&self.aws.cloudwatch(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let found = each(ids.iter().map(|id| document(&cloudwatch, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("DashboardBody") {
            put(&cloudwatch, &changed.want, None).await?;
        }
        if changed.touches("Tags")
            && let Some(dashboard) = get(&cloudwatch, changed.id()).await?
        {
            retag(&cloudwatch, dashboard.dashboard_arn().unwrap_or_default(), &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.cloudwatch(&call.place).await.delete_dashboards().dashboard_names(&id.0);
        gone(request.send().await.or_fault("cloudwatch:DeleteDashboards", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        let ours = named.iter().filter(|(_, is_ours)| *is_ours).map(|(dashboard, _)| observed(dashboard));
        Ok(identities(TYPE, ours))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        let others = named.iter().filter(|(_, is_ours)| !is_ours).map(|(dashboard, _)| observed(dashboard));
        Ok(identities(TYPE, others).into_iter().next())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DashboardDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let cloudwatch = self.aws.cloudwatch(place).await;
        let pages = cloudwatch.list_dashboards().into_paginator().items().send();
        let entries: Vec<_> = pages.try_collect().await.or_fault("cloudwatch:ListDashboards", FAULTS)?;
        let names: Vec<String> = entries.into_iter().filter_map(|entry| entry.dashboard_name).collect();
        let found = each(names.iter().map(|name| document(&cloudwatch, name))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl DashboardDriver {
    /// The dashboard that has the wanted name, and whether the intent of `call` has made it. One without any tags stands
    /// where dashboards cannot be tagged: there it is ours if it already shows what is wanted.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(GetDashboardOutput, bool)>> {
        let Some(name) = want.text("DashboardName") else { return Ok(None) };
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let Some(dashboard) = get(&cloudwatch, name).await? else { return Ok(None) };
        let tags = tags_of(&cloudwatch, &dashboard).await?;
        let wanted = want.get("DashboardBody");
        let is_same = || {
            let live = dashboard.dashboard_body().map(serde_json::Value::from);
            live.zip(wanted).is_some_and(|(live, wanted)| same_document(&live, wanted))
        };
        let is_ours = are_ours(&tags, call) || (tags.is_empty() && is_same());
        Ok(Some((dashboard, is_ours)))
    }
}

async fn put(cloudwatch: &Client, want: &Wanted<'_>, tags: Option<Vec<Tag>>) -> Result<()> {
    let request = cloudwatch
        .put_dashboard()
        .set_dashboard_name(want.text("DashboardName")?)
        .set_dashboard_body(want.document("DashboardBody")?)
        .set_tags(tags);
    request.send().await.or_fault("cloudwatch:PutDashboard", FAULTS)?;
    Ok(())
}

/// The dashboard, if it exists.
async fn get(cloudwatch: &Client, name: &str) -> Result<Option<GetDashboardOutput>> {
    there(cloudwatch.get_dashboard().dashboard_name(name).send().await.or_fault("cloudwatch:GetDashboard", FAULTS))
}

async fn tags_of(cloudwatch: &Client, dashboard: &GetDashboardOutput) -> Result<Vec<Tag>> {
    tags(cloudwatch, dashboard.dashboard_arn().unwrap_or_default()).await
}

async fn document(cloudwatch: &Client, name: &str) -> Result<Option<Doc>> {
    let Some(dashboard) = get(cloudwatch, name).await? else { return Ok(None) };
    let tags = tags_of(cloudwatch, &dashboard).await?;
    Ok(Some(observed(&dashboard).with_list("Tags", visible_tags(&tags)).into()))
}

fn observed(dashboard: &GetDashboardOutput) -> Observed {
    Observed::new().with("DashboardName", dashboard.dashboard_name()).with("DashboardBody", dashboard.dashboard_body())
}

/// The body is not a dashboard's, or somebody changes it at the same moment.
const FAULTS: Codes = &[("ConflictException", FaultKind::NotReady), ("InvalidParameterInput", FaultKind::Invalid)];
