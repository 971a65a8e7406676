//! AWS::SNS::Subscription
//! API: Subscribe, SetSubscriptionAttributes, GetSubscriptionAttributes, ListSubscriptionsByTopic, Unsubscribe.
//! Identity: Arn.  Found by: topic, protocol and endpoint; subscriptions have no tags, and one that nobody has confirmed
//! is listed without its ARN, which only Subscribe tells, and tells again.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_sns::{Client, types::Subscription};

use super::{arns::place_of, codes::CODES, subscribers};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SNS::Subscription";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SubscriptionDriver { aws: aws.clone() })
}

struct SubscriptionDriver {
    aws: Clients,
}

/// Properties that are attributes: whether it is a JSON document, and what takes it away.
const ATTRIBUTES: &[(&str, bool, Option<&str>)] = &[
    ("DeliveryPolicy", true, Some("")),
    (FILTER, true, Some("{}")),
    ("RawMessageDelivery", false, Some("false")),
    ("RedrivePolicy", true, None),
    ("ReplayPolicy", true, None),
    ("SubscriptionRoleArn", false, Some("")),
    (SCOPE, false, Some("MessageAttributes")),
];

const FILTER: &str = "FilterPolicy";
const SCOPE: &str = "FilterPolicyScope";

#[async_trait]
impl Driver for SubscriptionDriver {
    /// Done as soon as it exists: whether and when somebody confirms it is up to who owns the endpoint.
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let mut attributes = BTreeMap::new();
        for (name, is_document, _) in ATTRIBUTES {
            attributes.extend(value(&properties, name, *is_document)?.map(|value| ((*name).to_owned(), value)));
        }
        let request = self
            .client_for(call, want)
            .await
            .subscribe()
            .set_topic_arn(properties.text("TopicArn")?)
            .set_protocol(properties.text("Protocol")?)
            .set_endpoint(properties.text("Endpoint")?)
            .set_attributes(Some(attributes.into_iter().collect()))
            .return_subscription_arn(true);
        let answer = request.send().await.or_fault("sns:Subscribe", FAULTS)?;
        let arn = answered(answer.subscription_arn.filter(|arn| arn.starts_with("arn:")), "sns:Subscribe")?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("Arn", Some(arn)))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        Ok(visible(TYPE, so_far, self.describe(&call.place, &so_far.id.0).await?))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = each(ids.iter().map(|id| self.describe(&call.place, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let sns = self.aws.sns(&place_of(&change.id.0, &call.place)).await;
        let changed = Changed::new(TYPE, change);
        let mut touched: Vec<_> = ATTRIBUTES.iter().filter(|(name, ..)| changed.touches(name)).collect();
        // A filter that looks into the body is valid for the body only: the wider scope is set first, the narrower last.
        let is_wider = changed.want.text::<String>(SCOPE)?.as_deref() == Some("MessageBody");
        touched.sort_by_key(|(name, ..)| (*name == SCOPE) != is_wider);
        for (name, is_document, none) in touched {
            let value = value(&changed.want, name, *is_document)?.or(none.map(str::to_owned));
            let request = sns.set_subscription_attributes().subscription_arn(changed.id()).attribute_name(*name);
            let request = request.set_attribute_value(value);
            request.send().await.or_fault("sns:SetSubscriptionAttributes", FAULTS)?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        subscribers::end(&self.aws.sns(&place_of(&id.0, &call.place)).await, &id.0).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.meant(call, want).await?;
        Ok(found.iter().filter_map(subscribers::arn_of).map(|arn| PhysicalId(arn.to_owned())).collect())
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(self.find(call, want).await?.into_iter().next())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for SubscriptionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let sns = self.aws.sns(place).await;
        let pages = sns.list_subscriptions().into_paginator().items().send();
        let listed: Vec<Subscription> = pages.try_collect().await.or_fault("sns:ListSubscriptions", FAULTS)?;
        let arns: Vec<&str> = listed.iter().filter_map(subscribers::arn_of).collect();
        let found = each(arns.into_iter().map(|arn| describe(&sns, arn))).await?;
        Ok(found.into_iter().flatten().map(Doc::from).collect())
    }
}

impl SubscriptionDriver {
    /// The client for where the topic is: in `Region`, which its ARN says too.
    async fn client_for(&self, call: &Call, want: &Doc) -> Client {
        let mut place = place_of(want.text("TopicArn").unwrap_or_default(), &call.place);
        if let Some(region) = want.text("Region") {
            region.clone_into(&mut place.region);
        }
        self.aws.sns(&place).await
    }

    async fn describe(&self, place: &Place, arn: &str) -> Result<Option<Observed>> {
        describe(&self.aws.sns(&place_of(arn, place)).await, arn).await
    }

    /// The subscriptions with the wanted topic, protocol and endpoint: never more than one.
    async fn meant(&self, call: &Call, want: &Doc) -> Result<Vec<Subscription>> {
        let Some(topic) = want.text("TopicArn") else { return Ok(Vec::new()) };
        let mut found = subscribers::of_topic(&self.client_for(call, want).await, topic).await?;
        found.retain(|found| subscribers::is_meant(found, want.text("Protocol"), want.text("Endpoint")));
        Ok(found)
    }
}

async fn describe(sns: &Client, arn: &str) -> Result<Option<Observed>> {
    let answer = sns.get_subscription_attributes().subscription_arn(arn).send().await;
    let answer = there(answer.or_fault("sns:GetSubscriptionAttributes", FAULTS))?;
    Ok(answer.map(|answer| observed(arn, &answer.attributes.unwrap_or_default().into_iter().collect())))
}

fn value(want: &Wanted<'_>, name: &str, is_document: bool) -> Result<Option<String>> {
    if is_document { want.document(name) } else { want.text(name) }
}

fn observed(arn: &str, attributes: &BTreeMap<String, String>) -> Observed {
    let text = |name: &str| attributes.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let properties = Observed::new()
        .with("Arn", Some(arn))
        .with("TopicArn", text("TopicArn"))
        .with("Protocol", text("Protocol"))
        .with("Endpoint", text("Endpoint"))
        .with("RawMessageDelivery", Some(text("RawMessageDelivery") == Some("true")))
        .with(SCOPE, text(SCOPE))
        .with("SubscriptionRoleArn", text("SubscriptionRoleArn"));
    let documents = ["DeliveryPolicy", FILTER, "RedrivePolicy", "ReplayPolicy"];
    documents.into_iter().fold(properties, |properties, name| properties.with_document(name, text(name)))
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
