//! AWS::ElasticLoadBalancingV2::ListenerRule
//! API: CreateRule, ModifyRule, SetRulePriorities, DescribeRules (and DescribeTags, which it leaves out), DeleteRule.
//! Identity: RuleArn.  Found by: listener and priority, verified by the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{Rule, RulePriorityPair},
};

use super::{
    actions,
    codes::CODES,
    conditions::{self, condition, transform},
    found::{AT_ONCE, found},
    listener,
    tags::{by_owner, create_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ListenerRuleDriver { aws: aws.clone() })
}

struct ListenerRuleDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ListenerRuleDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = elb
            .create_rule()
            .set_listener_arn(properties.text("ListenerArn")?)
            .set_priority(properties.whole("Priority")?)
            .set_conditions(properties.structures("Conditions", condition)?)
            .set_actions(properties.structures("Actions", actions::action)?)
            .set_transforms(properties.structures("Transforms", transform)?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticloadbalancing:CreateRule", FAULTS)?;
        let rule = answer.rules.and_then(|list| list.into_iter().next()).filter(|rule| rule.rule_arn.is_some());
        Ok(Progress::Done(made(TYPE, observed(&answered(rule, "elasticloadbalancing:CreateRule")?))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let rules = describe(&elb, vec![so_far.id.0.clone()]).await?;
        Ok(visible(TYPE, so_far, rules.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let rules = describe(&elb, ids.iter().map(|id| id.0.clone()).collect()).await?;
        Ok(in_order(TYPE, ids, documents(&elb, &rules).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("Priority") {
            let priority = changed.want.whole("Priority")?;
            let pair = RulePriorityPair::builder().rule_arn(changed.id()).set_priority(priority).build();
            let answer = elb.set_rule_priorities().rule_priorities(pair).send().await;
            answer.or_fault("elasticloadbalancing:SetRulePriorities", MOVING)?;
        }
        if ["Actions", "Conditions", "Transforms"].iter().any(|name| changed.touches(name)) {
            modify(&elb, &changed).await?;
        }
        retag(&elb, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.elasticloadbalancingv2(&call.place).await.delete_rule().rule_arn(&id.0);
        gone(request.send().await.or_fault("elasticloadbalancing:DeleteRule", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let Some(listener) = want.text("ListenerArn") else { return Ok(Vec::new()) };
        let priority = Wanted::new(TYPE, want).text::<String>("Priority")?;
        let mut rules = below(&elb, listener.to_owned()).await?;
        rules.retain(|rule| rule.priority == priority);
        let arns = rules.into_iter().filter_map(|rule| rule.rule_arn).collect();
        let (ours, _) = by_owner(&elb, arns, call).await?;
        Ok(identities(TYPE, ours.into_iter().map(|arn| Observed::new().with("RuleArn", Some(arn)))))
    }

    fn batch(&self) -> usize {
        AT_ONCE
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ListenerRuleDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elb = self.aws.elasticloadbalancingv2(place).await;
        let listeners = listener::all(&elb).await?.into_iter().filter_map(|listener| listener.listener_arn);
        let rules = each(listeners.map(|arn| below(&elb, arn))).await?.concat();
        documents(&elb, &rules).await
    }
}

/// The rules of one listener; none if it does not exist.
async fn below(elb: &Client, listener: String) -> Result<Vec<Rule>> {
    let pages = elb.describe_rules().listener_arn(listener).into_paginator().items().send();
    Ok(there(pages.try_collect().await.or_fault("elasticloadbalancing:DescribeRules", FAULTS))?.unwrap_or_default())
}

async fn describe(elb: &Client, arns: Vec<String>) -> Result<Vec<Rule>> {
    let describe = |arns| {
        let request = elb.describe_rules().set_rule_arns(Some(arns));
        async move {
            let pages = request.into_paginator().items().send();
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeRules", FAULTS)
        }
    };
    found(arns, describe).await
}

async fn modify(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let mut request = elb.modify_rule().rule_arn(change.id());
    if change.touches("Conditions") {
        request = request.set_conditions(change.want.structures("Conditions", condition)?);
    }
    if change.touches("Actions") {
        request = request.set_actions(change.want.structures("Actions", actions::action)?);
    }
    if change.touches("Transforms") {
        request = match change.want.structures("Transforms", transform)?.filter(|list| !list.is_empty()) {
            Some(transforms) => request.set_transforms(Some(transforms)),
            None => request.reset_transforms(true),
        };
    }
    request.send().await.or_fault("elasticloadbalancing:ModifyRule", FAULTS)?;
    Ok(())
}

/// The whole documents: DescribeRules leaves out tags.
async fn documents(elb: &Client, rules: &[Rule]) -> Result<Vec<Doc>> {
    let mut tags = tags_of(elb, rules.iter().filter_map(|rule| rule.rule_arn.clone()).collect()).await?;
    let document = |rule: &Rule| {
        let tags = tags.remove(rule.rule_arn().unwrap_or_default()).unwrap_or_default();
        observed(rule).with_list("Tags", tags).into()
    };
    Ok(rules.iter().map(document).collect())
}

/// The listener's ARN is the rule's without its last part.
fn listener_of(rule: &str) -> Option<String> {
    let (listener, _) = rule.rsplit_once('/')?;
    Some(listener.replacen(":listener-rule/", ":listener/", 1))
}

fn observed(rule: &Rule) -> Observed {
    Observed::new()
        .with("RuleArn", rule.rule_arn())
        .with("ListenerArn", rule.rule_arn().and_then(listener_of))
        .with("IsDefault", rule.is_default())
        .with("Priority", rule.priority().and_then(|priority| priority.parse::<i32>().ok()))
        .with_list("Conditions", rule.conditions().iter().map(conditions::observed))
        .with_list("Actions", rule.actions().iter().map(actions::observed))
        .with_list("Transforms", rule.transforms().iter().map(conditions::observed_transform))
}

/// A priority that is taken may become free: rules that are moved up together wait for each other.
const MOVING: Codes = &[("PriorityInUse", FaultKind::NotReady)];

/// What the types of this service share.
const FAULTS: Codes = CODES;
