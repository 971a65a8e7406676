//! AWS::SNS::TopicPolicy
//! API: SetTopicAttributes, GetTopicAttributes.  Identity: Id, which is made of the ARNs of its topics.  Found by: these
//! topics, if they have the wanted policy. To delete it is to give the topics the policy that AWS gives to new ones.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_sns::Client;
use serde_json::{Value as Json, json};

use super::{arns, codes::CODES, topic};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, half_made},
    },
    base::{Doc, Path, PhysicalId, Place},
    catalogue::Catalogue,
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SNS::TopicPolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TopicPolicyDriver { aws: aws.clone() })
}

struct TopicPolicyDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TopicPolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let topics = topics(&Wanted::new(TYPE, want))?;
        let made = made(TYPE, observed(&topics, None));
        let policy = Wanted::new(TYPE, want).document(POLICY)?.unwrap_or_default();
        let sns = self.aws.sns(&call.place).await;
        each(topics.iter().map(|topic| set(&sns, topic, &policy))).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        Ok(visible(TYPE, so_far, document(&self.aws.sns(&call.place).await, &so_far.id.0).await?))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let sns = self.aws.sns(&call.place).await;
        let found = each(ids.iter().map(|id| document(&sns, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        let policy = changed.want.document(POLICY)?.unwrap_or_default();
        let sns = self.aws.sns(&call.place).await;
        each(changed.id().split(SEPARATOR).map(|topic| set(&sns, topic, &policy))).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// A policy that somebody else has given to a topic since then stays.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let sns = self.aws.sns(&call.place).await;
        for topic in id.0.split(SEPARATOR) {
            let Some(policy) = policy(&sns, topic).await?.filter(|policy| !is_default(policy)) else { continue };
            if removal.inputs.get(POLICY).is_none_or(|ours| is_same(&policy, ours)) {
                match set(&sns, topic, &default(topic).to_string()).await {
                    Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault),
                    _ => {}
                }
            }
        }
        Ok(Progress::Done(()))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let topics = topics(&Wanted::new(TYPE, want))?;
        let all = self.policies(call, &topics).await?;
        let wanted = want.get(POLICY);
        let is_ours =
            |policy: &Option<Json>| policy.as_ref().zip(wanted).is_some_and(|(live, want)| is_same(live, want));
        let is_there = !all.is_empty() && all.iter().all(is_ours);
        Ok(identities(TYPE, is_there.then(|| observed(&topics, None))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let topics = topics(&Wanted::new(TYPE, want))?;
        let all = self.policies(call, &topics).await?;
        let wanted = want.get(POLICY);
        let is_foreign = |policy: &Json| !is_default(policy) && wanted.is_none_or(|wanted| !is_same(policy, wanted));
        let is_taken = all.iter().flatten().any(is_foreign);
        Ok(identities(TYPE, is_taken.then(|| observed(&topics, None))).into_iter().next())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for TopicPolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let sns = self.aws.sns(place).await;
        let pages = sns.list_topics().into_paginator().items().send();
        let topics: Vec<_> = pages.try_collect().await.or_fault("sns:ListTopics", FAULTS)?;
        let arns: Vec<String> = topics.into_iter().filter_map(|topic| topic.topic_arn).collect();
        let found = each(arns.iter().map(|arn| document(&sns, arn))).await?;
        Ok(found.into_iter().flatten().map(Doc::from).collect())
    }
}

impl TopicPolicyDriver {
    /// The policies of these topics, in their order.
    async fn policies(&self, call: &Call, topics: &[String]) -> Result<Vec<Option<Json>>> {
        let sns = self.aws.sns(&call.place).await;
        each(topics.iter().map(|topic| policy(&sns, topic))).await
    }
}

/// The wanted topics, in one order however they are written.
fn topics(want: &Wanted<'_>) -> Result<Vec<String>> {
    let mut topics = want.texts("Topics")?.unwrap_or_default();
    topics.sort_unstable();
    topics.dedup();
    Ok(topics)
}

async fn set(sns: &Client, topic: &str, policy: &str) -> Result<()> {
    let request = sns.set_topic_attributes().topic_arn(topic).attribute_name("Policy").attribute_value(policy);
    request.send().await.or_fault("sns:SetTopicAttributes", FAULTS)?;
    Ok(())
}

/// The policy of a topic, if it exists.
async fn policy(sns: &Client, topic: &str) -> Result<Option<Json>> {
    let policy = topic::attributes(sns, topic).await?.and_then(|mut attributes| attributes.remove("Policy"));
    Ok(policy.map(|policy| serde_json::from_str(&policy).unwrap_or(Json::String(policy))))
}

/// The policy that these topics have in common. Where they differ it is the list of their policies, which equals none that
/// anybody wants; where none has one of its own there is none.
async fn document(sns: &Client, id: &str) -> Result<Option<Observed>> {
    let topics: Vec<String> = id.split(SEPARATOR).map(str::to_owned).collect();
    let found = each(topics.iter().map(|topic| policy(sns, topic))).await?;
    let mut found: Vec<Json> = found.into_iter().flatten().collect();
    if found.iter().all(is_default) {
        return Ok(None);
    }
    found.dedup_by(|a, b| is_same(a, b));
    let common = if found.len() == 1 { found.swap_remove(0) } else { Json::Array(found) };
    Ok(Some(observed(&topics, Some(common))))
}

/// Whether AWS takes two policies for the same.
fn is_same(a: &Json, b: &Json) -> bool {
    Catalogue::embedded().get(TYPE).is_some_and(|kind| kind.same(&Path::key(POLICY), a, b))
}

/// Whether it is the policy that AWS gives to new topics.
fn is_default(policy: &Json) -> bool {
    policy.get("Id").and_then(Json::as_str) == Some(DEFAULT)
}

/// The policy that AWS gives to a new topic: its account may do everything.
fn default(topic: &str) -> Json {
    let actions = [
        "AddPermission",
        "DeleteTopic",
        "GetTopicAttributes",
        "ListSubscriptionsByTopic",
        "Publish",
        "RemovePermission",
        "SetTopicAttributes",
        "Subscribe",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": DEFAULT,
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": arns::account_of(topic)}},
        }],
    })
}

/// The name of AWS's own policy.
const DEFAULT: &str = "__default_policy_ID";
const POLICY: &str = "PolicyDocument";
/// Between the ARNs in an id.
const SEPARATOR: char = ',';

fn observed(topics: &[String], policy: Option<Json>) -> Observed {
    Observed::new()
        .with("Id", Some(topics.join(&SEPARATOR.to_string())))
        .with_list("Topics", topics.iter().map(String::as_str))
        .with(POLICY, policy)
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
