//! The documents that a log group carries beside its settings: what to mask, which fields to index, and who may use it.

use aws_sdk_cloudwatchlogs::{
    Client,
    types::{DataProtectionStatus, IndexPolicy, IndexSource, LogGroup, LogGroupClass, PolicyScope, ResourcePolicy},
};
use serde_json::Value as Json;

use super::log_group::{FAULTS, name_of};
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::{OrFault, gone},
    },
    driver::Result,
};

/// Puts and takes the documents as `change` says. `arn` is asked for only if one of them needs it.
pub async fn change(client: &Client, change: &Changed<'_>, arn: impl Future<Output = Result<String>>) -> Result<()> {
    if change.touches("DataProtectionPolicy") {
        data_protection(client, change).await?;
    }
    if change.touches("FieldIndexPolicies") {
        field_index(client, change).await?;
    }
    if change.touches("ResourcePolicyDocument") {
        resource_policy(client, &arn.await?, change.want.document("ResourcePolicyDocument")?).await?;
    }
    Ok(())
}

async fn data_protection(client: &Client, change: &Changed<'_>) -> Result<()> {
    if let Some(policy) = change.want.document("DataProtectionPolicy")? {
        let request = client.put_data_protection_policy().log_group_identifier(change.id()).policy_document(policy);
        request.send().await.or_fault("logs:PutDataProtectionPolicy", FAULTS)?;
        return Ok(());
    }
    let request = client.delete_data_protection_policy().log_group_identifier(change.id());
    gone(request.send().await.or_fault("logs:DeleteDataProtectionPolicy", FAULTS)).map(|_| ())
}

async fn field_index(client: &Client, change: &Changed<'_>) -> Result<()> {
    if let Some(policy) = index_policy(&change.want)? {
        let request = client.put_index_policy().log_group_identifier(change.id()).policy_document(policy);
        request.send().await.or_fault("logs:PutIndexPolicy", FAULTS)?;
        return Ok(());
    }
    let request = client.delete_index_policy().log_group_identifier(change.id());
    gone(request.send().await.or_fault("logs:DeleteIndexPolicy", FAULTS)).map(|_| ())
}

/// The type has a list for what the API has one of.
fn index_policy(want: &Wanted<'_>) -> Result<Option<String>> {
    let policies = want.raw("FieldIndexPolicies").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    match policies {
        [] => Ok(None),
        [Json::String(text)] => Ok(Some(text.clone())),
        [policy] => Ok(Some(policy.to_string())),
        _ => Err(want.invalid("a log group has one field index policy: put all `Fields` into one")),
    }
}

/// The service counts a policy's revisions, and takes a change only of the one it has.
async fn resource_policy(client: &Client, arn: &str, want: Option<String>) -> Result<()> {
    let revision = resource_policy_of(client, arn).await?.and_then(|policy| policy.revision_id);
    if want.is_some() {
        let request = client.put_resource_policy().resource_arn(arn).set_policy_document(want);
        let request = request.set_expected_revision_id(revision);
        request.send().await.or_fault("logs:PutResourcePolicy", FAULTS)?;
        return Ok(());
    }
    let request = client.delete_resource_policy().resource_arn(arn).set_expected_revision_id(revision);
    gone(request.send().await.or_fault("logs:DeleteResourcePolicy", FAULTS)).map(|_| ())
}

/// The policy that is attached to this group and not to the account.
async fn resource_policy_of(client: &Client, arn: &str) -> Result<Option<ResourcePolicy>> {
    let request = client.describe_resource_policies().resource_arn(arn).policy_scope(PolicyScope::Resource);
    let answer = request.send().await.or_fault("logs:DescribeResourcePolicies", FAULTS)?;
    let mut found = answer.resource_policies.unwrap_or_default().into_iter();
    Ok(found.find(|policy| policy.resource_arn().is_some_and(|of| of.trim_end_matches(":*") == arn)))
}

/// The field index policies of those groups that can have one.
pub async fn index_policies(client: &Client, groups: &[LogGroup]) -> Result<Vec<IndexPolicy>> {
    let mut found = Vec::new();
    let can_index = |group: &&LogGroup| group.log_group_class() == Some(&LogGroupClass::Standard);
    let names: Vec<String> = groups.iter().filter(can_index).map(|group| name_of(group).to_owned()).collect();
    for names in names.chunks(MOST_INDEXED) {
        let mut next = None;
        loop {
            let request = client.describe_index_policies().set_log_group_identifiers(Some(names.to_vec()));
            let answer = request.set_next_token(next).send().await;
            let answer = answer.or_fault("logs:DescribeIndexPolicies", FAULTS)?;
            found.extend(answer.index_policies.unwrap_or_default());
            next = answer.next_token;
            if next.is_none() {
                break;
            }
        }
    }
    // What the whole account has is not this group's.
    found.retain(|policy| policy.source() != Some(&IndexSource::Account));
    Ok(found)
}

/// How many groups one request may ask about.
const MOST_INDEXED: usize = 100;

/// The documents of one group; `indexed` are those of all.
pub async fn observed(client: &Client, group: &LogGroup, indexed: &[IndexPolicy]) -> Result<Observed> {
    let is_masked = group.data_protection_status() == Some(&DataProtectionStatus::Activated);
    let masking = async {
        if !is_masked {
            return Ok(None);
        }
        let answer = client.get_data_protection_policy().log_group_identifier(name_of(group)).send().await;
        Ok(answer.or_fault("logs:GetDataProtectionPolicy", FAULTS)?.policy_document)
    };
    let access = async {
        match group.log_group_arn() {
            Some(arn) => resource_policy_of(client, arn).await,
            None => Ok(None),
        }
    };
    let (masking, access) = tokio::try_join!(masking, access)?;
    let is_of_group = |policy: &&IndexPolicy| {
        policy.log_group_identifier().is_some_and(|id| id.rsplit("log-group:").next() == Some(name_of(group)))
    };
    let indexed = indexed.iter().find(is_of_group).and_then(IndexPolicy::policy_document);
    let indexed = indexed.map(|text| vec![serde_json::from_str(text).unwrap_or_else(|_| Json::from(text))]);
    Ok(Observed::new()
        .with_document("DataProtectionPolicy", masking.as_deref())
        .with("FieldIndexPolicies", indexed)
        .with_document("ResourcePolicyDocument", access.as_ref().and_then(ResourcePolicy::policy_document)))
}
