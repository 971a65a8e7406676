//! AWS::SNS::Topic
//! API: CreateTopic, SetTopicAttributes, PutDataProtectionPolicy, Subscribe, Unsubscribe, GetTopicAttributes (and
//! GetDataProtectionPolicy, ListSubscriptionsByTopic, ListTagsForResource for what it leaves out), DeleteTopic.
//! Identity: TopicArn.  Found by: its name, verified by the owner tags; the create call returns an equal topic that exists.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_sns::{Client, error::ProvideErrorMetadata};

use super::{
    arns,
    codes::CODES,
    subscribers,
    tags::{are_ours, create_tags, retag, tags, visible as visible_tags},
    topic_attributes,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, half_made, there},
    },
    base::{Doc, Path, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SNS::Topic";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TopicDriver { aws: aws.clone() })
}

struct TopicDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TopicDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let sns = self.aws.sns(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("TopicName")?;
        let is_fifo = properties.flag("FifoTopic")?.unwrap_or_default();
        if is_fifo && !name.as_ref().is_some_and(|name| name.ends_with(".fifo")) {
            return Err(properties.invalid("the name of a FIFO topic ends in `.fifo`; set `TopicName` to such a name"));
        }
        let request = sns
            .create_topic()
            .set_name(name)
            .set_attributes(Some(topic_attributes::wanted(&properties)?.into_iter().collect()))
            .set_data_protection_policy(properties.document(PROTECTION)?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("sns:CreateTopic", FAULTS).map_err(told_apart)?;
        let arn = answered(answer.topic_arn, "sns:CreateTopic")?;
        let made = made(TYPE, observed(&arn, &BTreeMap::new()));
        // Nobody is subscribed to a topic that has just been made.
        let paths = want.get(subscribers::PROPERTY).map(|_| Path::key(subscribers::PROPERTY));
        let paths = paths.into_iter().collect();
        let rest = Change { id: made.id.clone(), before: Doc::default(), want: want.clone(), paths };
        subscribers::change(&sns, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = attributes(&self.aws.sns(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.map(|attributes| observed(&so_far.id.0, &attributes))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let sns = self.aws.sns(&call.place).await;
        let found = each(ids.iter().map(|id| document(&sns, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let sns = self.aws.sns(&call.place).await;
        let changed = Changed::new(TYPE, change);
        for (name, value) in topic_attributes::changed(&changed)? {
            set(&sns, changed.id(), &name, &value).await?;
        }
        if changed.touches(PROTECTION) {
            let policy = changed.want.document(PROTECTION)?.unwrap_or_default();
            let request = sns.put_data_protection_policy().resource_arn(changed.id()).data_protection_policy(policy);
            request.send().await.or_fault("sns:PutDataProtectionPolicy", FAULTS)?;
        }
        subscribers::change(&sns, &changed).await?;
        retag(&sns, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let sns = self.aws.sns(&call.place).await;
        if removal.inputs.get("ArchivePolicy").is_some() {
            // A topic that archives messages cannot be deleted.
            match set(&sns, &id.0, "ArchivePolicy", "{}").await {
                Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault),
                _ => {}
            }
        }
        gone(sns.delete_topic().topic_arn(&id.0).send().await.or_fault("sns:DeleteTopic", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(named.filter(|(_, is_ours)| *is_ours).map(|(arn, _)| PhysicalId(arn)).into_iter().collect())
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(named.filter(|(_, is_ours)| !is_ours).map(|(arn, _)| PhysicalId(arn)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for TopicDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let sns = self.aws.sns(place).await;
        let pages = sns.list_topics().into_paginator().items().send();
        let topics: Vec<_> = pages.try_collect().await.or_fault("sns:ListTopics", FAULTS)?;
        let arns: Vec<String> = topics.into_iter().filter_map(|topic| topic.topic_arn).collect();
        let found = each(arns.iter().map(|arn| document(&sns, arn))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl TopicDriver {
    /// The topic that has the wanted name, and whether the intent of `call` has made it.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(String, bool)>> {
        let Some(name) = want.text("TopicName") else { return Ok(None) };
        let arn = arns::of_topic(&self.aws, &call.place, name).await?;
        let tags = tags(&self.aws.sns(&call.place).await, &arn).await?;
        Ok(tags.map(|tags| (arn, are_ours(&tags, call))))
    }
}

/// A topic that exists with other attributes or tags is reported as a wrong parameter.
fn told_apart(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Invalid && fault.message.contains("already exists") {
        fault.kind = FaultKind::AlreadyExists;
    }
    fault
}

async fn set(sns: &Client, topic: &str, name: &str, value: &str) -> Result<()> {
    let request = sns.set_topic_attributes().topic_arn(topic).attribute_name(name).attribute_value(value);
    request.send().await.or_fault("sns:SetTopicAttributes", FAULTS)?;
    Ok(())
}

/// The attributes of a topic, if it exists.
pub(super) async fn attributes(sns: &Client, topic: &str) -> Result<Option<BTreeMap<String, String>>> {
    let answer = sns.get_topic_attributes().topic_arn(topic).send().await;
    let answer = there(answer.or_fault("sns:GetTopicAttributes", FAULTS))?;
    Ok(answer.map(|answer| answer.attributes.unwrap_or_default().into_iter().collect()))
}

/// The policy that protects the data. Who may not ask for it is told of none, because the permission is one of its own; and
/// so is who asks an endpoint that does not know the call, which answers in words that are not the service's.
async fn protection(sns: &Client, topic: &str) -> Result<Option<String>> {
    let answer = sns.get_data_protection_policy().resource_arn(topic).send().await;
    if answer.as_ref().is_err_and(|error| error.raw_response().is_some() && error.code().is_none()) {
        return Ok(None);
    }
    match answer.or_fault("sns:GetDataProtectionPolicy", FAULTS) {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::Invalid | FaultKind::NotFound) => Ok(None),
        answer => Ok(answer?.data_protection_policy.filter(|policy| !policy.is_empty())),
    }
}

/// The whole document, from what four calls say.
async fn document(sns: &Client, topic: &str) -> Result<Option<Doc>> {
    let subscribed = subscribers::of_topic(sns, topic);
    let (attributes, policy, subscribed, tags) =
        tokio::join!(attributes(sns, topic), protection(sns, topic), subscribed, tags(sns, topic));
    let (Some(attributes), Some(tags)) = (attributes?, tags?) else { return Ok(None) };
    let document = observed(topic, &attributes)
        .with_document(PROTECTION, policy?.as_deref())
        .with_list(subscribers::PROPERTY, subscribed?.iter().map(subscribers::observed))
        .with_list("Tags", visible_tags(&tags));
    Ok(Some(document.into()))
}

/// The policy that protects a topic's data.
const PROTECTION: &str = "DataProtectionPolicy";

fn observed(topic: &str, attributes: &BTreeMap<String, String>) -> Observed {
    topic_attributes::observed(attributes).with("TopicArn", Some(topic)).with("TopicName", arns::name_of(topic))
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
