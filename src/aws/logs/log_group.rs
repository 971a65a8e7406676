//! AWS::Logs::LogGroup
//! API: CreateLogGroup, PutRetentionPolicy, DeleteRetentionPolicy, AssociateKmsKey, DisassociateKmsKey,
//! PutLogGroupDeletionProtection, PutBearerTokenAuthentication, the calls for its policies, TagResource, UntagResource,
//! DescribeLogGroups (and ListTagsForResource for what it leaves out), DeleteLogGroup.  Identity: LogGroupName.  Found by:
//! that name, verified by owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::{
    Client,
    types::{LogGroup, LogGroupClass},
};

use super::policies;
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, identities, in_order, made, only_id, tag_change, visible,
            visible_tags,
        },
        faults::{Codes, OrFault, answered, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Logs::LogGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(LogGroupDriver { aws: aws.clone() })
}

struct LogGroupDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for LogGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.logs(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("LogGroupName")?;
        let request = client
            .create_log_group()
            .set_log_group_name(name.clone())
            .set_kms_key_id(properties.text("KmsKeyId")?)
            .set_log_group_class(properties.text("LogGroupClass")?)
            .set_deletion_protection_enabled(properties.flag("DeletionProtectionEnabled")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        request.send().await.or_fault("logs:CreateLogGroup", FAULTS)?;
        let made = made(TYPE, Observed::new().with("LogGroupName", name));
        // All but what the call above has set.
        let mut rest = fresh(&made.id, Doc::default(), want);
        rest.paths.retain(|path| path.property().is_some_and(|name| LATER.contains(&name)));
        adjust(&client, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = by_name(&self.aws.logs(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.logs(&call.place).await;
        let names = ids.iter().map(|id| id.0.clone()).collect();
        let request = client.describe_log_groups().set_log_group_identifiers(Some(names));
        let found = request.into_paginator().items().send().try_collect().await;
        let mut found = found.or_fault("logs:DescribeLogGroups", FAULTS)?;
        found.retain(|group| ids.iter().any(|id| id.0 == name_of(group)));
        Ok(in_order(TYPE, ids, documents(&client, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.logs(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["LogGroupClass"])?;
        if changed.touches("KmsKeyId") {
            encrypt(&client, &changed).await?;
        }
        if let Some(is_protected) = changed.flag("DeletionProtectionEnabled", false)? {
            let request = client.put_log_group_deletion_protection().log_group_identifier(changed.id());
            let request = request.deletion_protection_enabled(is_protected);
            request.send().await.or_fault("logs:PutLogGroupDeletionProtection", FAULTS)?;
        }
        adjust(&client, &changed).await?;
        retag(&client, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.logs(&call.place).await.delete_log_group().log_group_name(&id.0);
        gone(request.send().await.or_fault("logs:DeleteLogGroup", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("LogGroupName") else { return Ok(Vec::new()) };
        let client = self.aws.logs(&call.place).await;
        let Some(group) = by_name(&client, name).await? else { return Ok(Vec::new()) };
        let tags = tags(&client, &group).await?;
        let is_ours = tags.iter().any(|(key, value)| key == TAG_TOKEN && *value == call.token().0);
        Ok(identities(TYPE, is_ours.then(|| observed(&group))))
    }

    fn batch(&self) -> usize {
        50
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for LogGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.logs(place).await;
        let found = client.describe_log_groups().into_paginator().items().send().try_collect().await;
        documents(&client, &found.or_fault("logs:DescribeLogGroups", FAULTS)?).await
    }
}

/// What a create sets after the group exists.
const LATER: &[&str] = &[
    "BearerTokenAuthenticationEnabled",
    "DataProtectionPolicy",
    "FieldIndexPolicies",
    "ResourcePolicyDocument",
    "RetentionInDays",
];

/// The group of exactly this name: the API finds it among those whose names begin so.
async fn by_name(client: &Client, name: &str) -> Result<Option<LogGroup>> {
    let request = client.describe_log_groups().log_group_name_prefix(name);
    let found = request.into_paginator().items().send().try_collect().await;
    let found = found.or_fault("logs:DescribeLogGroups", FAULTS)?;
    Ok(found.into_iter().find(|group| name_of(group) == name))
}

/// The name of a group.
pub fn name_of(group: &LogGroup) -> &str {
    group.log_group_name().unwrap_or_default()
}

/// The ARN as calls take it: without the `:*` that the attribute has.
async fn arn_of(client: &Client, name: &str) -> Result<String> {
    let group = by_name(client, name).await?;
    answered(group.and_then(|group| group.log_group_arn), "logs:DescribeLogGroups")
}

async fn tags(client: &Client, group: &LogGroup) -> Result<Vec<(String, String)>> {
    let answer = client.list_tags_for_resource().set_resource_arn(group.log_group_arn.clone()).send().await;
    Ok(answer.or_fault("logs:ListTagsForResource", FAULTS)?.tags.unwrap_or_default().into_iter().collect())
}

/// The whole documents: DescribeLogGroups leaves out the tags and the policies.
async fn documents(client: &Client, groups: &[LogGroup]) -> Result<Vec<Doc>> {
    let indexed = policies::index_policies(client, groups).await?;
    let document = |group| {
        let indexed = &indexed;
        async move {
            let (tags, policies) = tokio::try_join!(tags(client, group), policies::observed(client, group, indexed))?;
            let tags = tags.iter().map(|(key, value)| (Some(key.as_str()), Some(value.as_str())));
            let mut document = Doc::from(observed(group).with_list("Tags", visible_tags(tags)));
            document.0.extend(Doc::from(policies).0);
            Ok(document)
        }
    };
    each(groups.iter().map(document)).await
}

/// What is set by calls of its own, after the create call as well as later.
async fn adjust(client: &Client, change: &Changed<'_>) -> Result<()> {
    if change.touches("RetentionInDays") {
        match change.want.whole("RetentionInDays")? {
            Some(days) => {
                let request = client.put_retention_policy().log_group_name(change.id()).retention_in_days(days);
                request.send().await.or_fault("logs:PutRetentionPolicy", FAULTS)?;
            }
            None => {
                let request = client.delete_retention_policy().log_group_name(change.id());
                request.send().await.or_fault("logs:DeleteRetentionPolicy", FAULTS)?;
            }
        }
    }
    if let Some(is_enabled) = change.flag("BearerTokenAuthenticationEnabled", false)? {
        let request = client.put_bearer_token_authentication().log_group_identifier(change.id());
        let request = request.bearer_token_authentication_enabled(is_enabled);
        request.send().await.or_fault("logs:PutBearerTokenAuthentication", FAULTS)?;
    }
    policies::change(client, change, arn_of(client, change.id())).await
}

async fn encrypt(client: &Client, change: &Changed<'_>) -> Result<()> {
    if let Some(key) = change.want.text::<String>("KmsKeyId")? {
        let request = client.associate_kms_key().log_group_name(change.id()).kms_key_id(key);
        request.send().await.or_fault("logs:AssociateKmsKey", FAULTS)?;
        return Ok(());
    }
    let request = client.disassociate_kms_key().log_group_name(change.id());
    request.send().await.or_fault("logs:DisassociateKmsKey", FAULTS)?;
    Ok(())
}

async fn retag(client: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if tags.take.is_empty() && tags.put.is_empty() {
        return Ok(());
    }
    let arn = arn_of(client, change.id()).await?;
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("logs:UntagResource", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(&arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("logs:TagResource", FAULTS)?;
    }
    Ok(())
}

fn observed(group: &LogGroup) -> Observed {
    Observed::new()
        .with("LogGroupName", group.log_group_name())
        .with("Arn", group.arn())
        .with("KmsKeyId", group.kms_key_id())
        .with("RetentionInDays", group.retention_in_days())
        .with("LogGroupClass", group.log_group_class().map(LogGroupClass::as_str))
        .with("DeletionProtectionEnabled", group.deletion_protection_enabled())
        .with("BearerTokenAuthenticationEnabled", group.bearer_token_authentication_enabled())
}

/// Another change of the same group is under way.
pub const FAULTS: Codes = &[("OperationAbortedException", FaultKind::NotReady)];
