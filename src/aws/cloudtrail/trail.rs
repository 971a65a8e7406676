//! AWS::CloudTrail::Trail
//! API: CreateTrail, PutEventSelectors, PutInsightSelectors, PutEventConfiguration, StartLogging, StopLogging, UpdateTrail,
//! AddTags, RemoveTags, DescribeTrails (and GetTrailStatus, GetEventSelectors, GetInsightSelectors,
//! GetEventConfiguration, ListTags for what it leaves out), DeleteTrail.  Identity: TrailName.
//! Found by: that name, verified by the owner tags.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_cloudtrail::{
    Client,
    types::{Tag, Trail},
};

use super::selectors::{self, CODES};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, identities, in_order, made, only_id, tag_change, visible,
            visible_tags,
        },
        faults::{Codes, OrFault, answered, early, gone, half_made, there},
    },
    base::{Doc, Path, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CloudTrail::Trail";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TrailDriver { aws: aws.clone() })
}

struct TrailDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TrailDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let cloudtrail = self.aws.cloudtrail(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = cloudtrail
            .create_trail()
            .set_name(properties.text("TrailName")?)
            .set_s3_bucket_name(properties.text("S3BucketName")?)
            .set_s3_key_prefix(properties.text("S3KeyPrefix")?)
            .set_sns_topic_name(properties.text("SnsTopicName")?)
            .set_include_global_service_events(properties.flag("IncludeGlobalServiceEvents")?)
            .set_is_multi_region_trail(properties.flag("IsMultiRegionTrail")?)
            .set_enable_log_file_validation(properties.flag("EnableLogFileValidation")?)
            .set_cloud_watch_logs_log_group_arn(properties.text("CloudWatchLogsLogGroupArn")?)
            .set_cloud_watch_logs_role_arn(properties.text("CloudWatchLogsRoleArn")?)
            .set_kms_key_id(properties.text("KMSKeyId")?)
            .set_is_organization_trail(properties.flag("IsOrganizationTrail")?)
            .set_tags_list(Some(tags(all_tags(call, &properties)?)?));
        let answer = early(request.send().await.or_fault("cloudtrail:CreateTrail", FAULTS), EARLY)?;
        let document = Observed::new()
            .with("TrailName", Some(answered(answer.name, "cloudtrail:CreateTrail")?))
            .with("Arn", answer.trail_arn)
            .with("SnsTopicArn", answer.sns_topic_arn);
        let made = made(TYPE, document);
        // A new trail records management events only, and nothing before it is started.
        let missing = selectors::PROPERTIES.iter().chain(["IsLogging"].iter()).filter(|name| want.get(name).is_some());
        let paths = missing.map(|name| Path::key(*name)).collect();
        let rest = Change { id: made.id.clone(), before: Doc::default(), want: want.clone(), paths };
        let rest = Changed::new(TYPE, &rest);
        let set = async {
            selectors::change(&cloudtrail, &rest).await?;
            if properties.flag("IsLogging")?.unwrap_or_default() { switch(&cloudtrail, &rest).await } else { Ok(()) }
        };
        set.await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.cloudtrail(&call.place).await, &[&so_far.id.0]).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let cloudtrail = self.aws.cloudtrail(&call.place).await;
        let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let found = describe(&cloudtrail, &names).await?;
        Ok(in_order(TYPE, ids, documents(&cloudtrail, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let cloudtrail = self.aws.cloudtrail(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let mut now = only_id(&change.id);
        if UPDATED.iter().any(|name| changed.touches(name)) {
            now = modify(&cloudtrail, &changed).await?;
        }
        selectors::change(&cloudtrail, &changed).await?;
        switch(&cloudtrail, &changed).await?;
        retag(&cloudtrail, &changed).await?;
        Ok(Progress::Done(now))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.cloudtrail(&call.place).await.delete_trail().name(&id.0);
        gone(request.send().await.or_fault("cloudtrail:DeleteTrail", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("TrailName") else { return Ok(Vec::new()) };
        let cloudtrail = self.aws.cloudtrail(&call.place).await;
        let found = describe(&cloudtrail, &[name]).await?;
        let tags = all_tags_of(&cloudtrail, &found).await?;
        let is_ours = |trail: &&Trail| {
            let tags = trail.trail_arn().and_then(|arn| tags.get(arn));
            tags.into_iter().flatten().any(|tag| tag.key() == TAG_TOKEN && tag.value() == Some(&call.token().0))
        };
        Ok(identities(TYPE, found.iter().filter(is_ours).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for TrailDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let cloudtrail = self.aws.cloudtrail(place).await;
        let found = describe(&cloudtrail, &[]).await?;
        documents(&cloudtrail, &found).await
    }
}

/// The trails of this region with these names, or all; those that only shadow a trail of another region are left out.
async fn describe(cloudtrail: &Client, names: &[&str]) -> Result<Vec<Trail>> {
    let list = (!names.is_empty()).then(|| names.iter().map(|name| (*name).to_owned()).collect());
    let request = cloudtrail.describe_trails().include_shadow_trails(false).set_trail_name_list(list);
    let found = there(request.send().await.or_fault("cloudtrail:DescribeTrails", FAULTS))?;
    let mut found = found.and_then(|answer| answer.trail_list).unwrap_or_default();
    found.retain(|trail| names.is_empty() || trail.name().is_some_and(|name| names.contains(&name)));
    Ok(found)
}

/// What DescribeTrails says, with what it leaves out.
async fn documents(cloudtrail: &Client, trails: &[Trail]) -> Result<Vec<Doc>> {
    let (tags, rest) = tokio::try_join!(
        all_tags_of(cloudtrail, trails),
        each(trails.iter().map(|trail| async move {
            let name = trail.name().unwrap_or_default();
            let status = cloudtrail.get_trail_status().name(name).send().await;
            let Some(status) = there(status.or_fault("cloudtrail:GetTrailStatus", FAULTS))? else { return Ok(None) };
            let document = observed(trail).with("IsLogging", status.is_logging);
            Ok(selectors::observed(cloudtrail, name, document).await?.map(|document| (trail, document)))
        }))
    )?;
    let document = |(trail, document): (&Trail, Observed)| {
        let tags = trail.trail_arn().and_then(|arn| tags.get(arn)).into_iter().flatten();
        document.with("Tags", Some(visible_tags(tags.map(|tag| (Some(tag.key()), tag.value()))))).into()
    };
    Ok(rest.into_iter().flatten().map(document).collect())
}

/// How many trails one request for tags may name.
const MOST: usize = 20;

/// All tags of these trails, by ARN.
async fn all_tags_of(cloudtrail: &Client, trails: &[Trail]) -> Result<BTreeMap<String, Vec<Tag>>> {
    let arns: Vec<String> = trails.iter().filter_map(|trail| trail.trail_arn.clone()).collect();
    let lists = each(arns.chunks(MOST).map(|arns| async move {
        let request = cloudtrail.list_tags().set_resource_id_list(Some(arns.to_vec()));
        request.into_paginator().items().send().try_collect().await.or_fault("cloudtrail:ListTags", FAULTS)
    }));
    let lists: Vec<Vec<_>> = lists.await?;
    let lists = lists.into_iter().flatten();
    Ok(lists.filter_map(|list| Some((list.resource_id?, list.tags_list.unwrap_or_default()))).collect())
}

/// What UpdateTrail can change.
const UPDATED: &[&str] = &[
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "EnableLogFileValidation",
    "IncludeGlobalServiceEvents",
    "IsMultiRegionTrail",
    "IsOrganizationTrail",
    "KMSKeyId",
    "S3BucketName",
    "S3KeyPrefix",
    "SnsTopicName",
];

async fn modify(cloudtrail: &Client, change: &Changed<'_>) -> Result<Made> {
    let text = |name: &str| change.part_or(name, String::new());
    // The log group and the role that writes to it go together.
    let logs = |name: &str| {
        let is_touched = change.touches("CloudWatchLogsLogGroupArn") || change.touches("CloudWatchLogsRoleArn");
        if is_touched { Ok(Some(change.want.text::<String>(name)?.unwrap_or_default())) } else { Ok(None) }
    };
    let request = cloudtrail
        .update_trail()
        .name(change.id())
        .set_s3_bucket_name(change.part("S3BucketName")?)
        .set_s3_key_prefix(text("S3KeyPrefix")?)
        .set_sns_topic_name(text("SnsTopicName")?)
        .set_include_global_service_events(change.flag("IncludeGlobalServiceEvents", true)?)
        .set_is_multi_region_trail(change.flag("IsMultiRegionTrail", false)?)
        .set_enable_log_file_validation(change.flag("EnableLogFileValidation", false)?)
        .set_cloud_watch_logs_log_group_arn(logs("CloudWatchLogsLogGroupArn")?)
        .set_cloud_watch_logs_role_arn(logs("CloudWatchLogsRoleArn")?)
        .set_kms_key_id(text("KMSKeyId")?)
        .set_is_organization_trail(change.flag("IsOrganizationTrail", false)?);
    let answer = early(request.send().await.or_fault("cloudtrail:UpdateTrail", FAULTS), EARLY)?;
    let document = Observed::new()
        .with("TrailName", Some(change.id()))
        .with("Arn", answer.trail_arn)
        .with("SnsTopicArn", answer.sns_topic_arn);
    Ok(made(TYPE, document))
}

/// Starts or stops recording, if a change says so.
async fn switch(cloudtrail: &Client, change: &Changed<'_>) -> Result<()> {
    match change.flag("IsLogging", false)? {
        None => {}
        Some(true) => {
            let request = cloudtrail.start_logging().name(change.id());
            request.send().await.or_fault("cloudtrail:StartLogging", FAULTS)?;
        }
        Some(false) => {
            let request = cloudtrail.stop_logging().name(change.id());
            request.send().await.or_fault("cloudtrail:StopLogging", FAULTS)?;
        }
    }
    Ok(())
}

async fn retag(cloudtrail: &Client, change: &Changed<'_>) -> Result<()> {
    let wanted = tag_change(change)?;
    if wanted.put.is_empty() && wanted.take.is_empty() {
        return Ok(());
    }
    let found = describe(cloudtrail, &[change.id()]).await?;
    let arn = answered(found.first().and_then(|trail| trail.trail_arn.clone()), "cloudtrail:DescribeTrails")?;
    if !wanted.take.is_empty() {
        let take = tags(wanted.take.into_iter().map(|key| (key, None::<String>)))?;
        let request = cloudtrail.remove_tags().resource_id(&arn).set_tags_list(Some(take));
        request.send().await.or_fault("cloudtrail:RemoveTags", FAULTS)?;
    }
    if !wanted.put.is_empty() {
        let request = cloudtrail.add_tags().resource_id(&arn).set_tags_list(Some(tags(wanted.put)?));
        request.send().await.or_fault("cloudtrail:AddTags", FAULTS)?;
    }
    Ok(())
}

/// The SDK's tags; what has no value is only named.
fn tags(tags: impl IntoIterator<Item = (String, impl Into<Option<String>>)>) -> Result<Vec<Tag>> {
    let tag = |(key, value): (String, _)| Tag::builder().key(key).set_value(Into::into(value)).build();
    let tags: std::result::Result<_, _> = tags.into_iter().map(tag).collect();
    tags.map_err(|error| Fault::new(FaultKind::Invalid, TYPE, error.to_string()))
}

fn observed(trail: &Trail) -> Observed {
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    Observed::new()
        .with("TrailName", trail.name())
        .with("Arn", trail.trail_arn())
        .with("S3BucketName", trail.s3_bucket_name())
        .with("S3KeyPrefix", some(trail.s3_key_prefix()))
        .with("SnsTopicName", some(topic(trail)))
        .with("SnsTopicArn", some(trail.sns_topic_arn()))
        .with("IncludeGlobalServiceEvents", trail.include_global_service_events())
        .with("IsMultiRegionTrail", trail.is_multi_region_trail())
        .with("EnableLogFileValidation", trail.log_file_validation_enabled())
        .with("CloudWatchLogsLogGroupArn", some(trail.cloud_watch_logs_log_group_arn()))
        .with("CloudWatchLogsRoleArn", some(trail.cloud_watch_logs_role_arn()))
        .with("KMSKeyId", some(trail.kms_key_id()))
        .with("IsOrganizationTrail", trail.is_organization_trail())
}

/// The topic as the trail was given it. The API still reports that, but calls it out of use.
fn topic(trail: &Trail) -> Option<&str> {
    #[expect(deprecated, reason = "the ARN alone would not show a topic as it was named")]
    let name = trail.sns_topic_name();
    name.filter(|name| !name.is_empty()).or(trail.sns_topic_arn())
}

/// How CloudTrail refuses a role whose permissions have not spread yet.
const EARLY: &[&str] = &["Access denied. Verify in IAM", "Access denied. Check the"];

/// The codes of the whole service.
const FAULTS: Codes = CODES;
