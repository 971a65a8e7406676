//! Who still uses a target group that AWS refuses to delete. AWS itself does not say.
//!
//! A look-up that fails says nothing, so that it never hides the refusal it was to explain.

use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{Action, ForwardActionConfig, Listener, Rule},
};

use crate::aws::convert::each;

/// The listeners and rules that send traffic to a target group.
pub async fn of_target_group(elb: &Client, target_group: &str) -> Vec<String> {
    let answer = elb.describe_target_groups().target_group_arns(target_group).send().await;
    let groups = answer.ok().and_then(|answer| answer.target_groups).unwrap_or_default();
    let load_balancers = groups.into_iter().flat_map(|group| group.load_balancer_arns.unwrap_or_default());
    let found = each(load_balancers.map(|arn| below(elb, arn, target_group))).await;
    found.unwrap_or_default().concat()
}

/// Those below one load balancer.
async fn below(elb: &Client, load_balancer: String, target_group: &str) -> crate::driver::Result<Vec<String>> {
    let pages = elb.describe_listeners().load_balancer_arn(load_balancer).into_paginator().items().send();
    let listeners: Vec<Listener> = pages.try_collect().await.unwrap_or_default();
    let users = each(listeners.into_iter().map(|listener| of_listener(elb, listener, target_group))).await?;
    Ok(users.concat())
}

/// A listener and its rules, as far as they are users. Its default actions are its last rule.
async fn of_listener(elb: &Client, listener: Listener, target_group: &str) -> crate::driver::Result<Vec<String>> {
    let arn = listener.listener_arn.unwrap_or_default();
    let pages = elb.describe_rules().listener_arn(&arn).into_paginator().items().send();
    let rules: Vec<Rule> = pages.try_collect().await.unwrap_or_default();
    let users = rules.into_iter().filter(|rule| rule.actions().iter().any(|action| sends_to(action, target_group)));
    let names = users.filter_map(|rule| if rule.is_default == Some(true) { Some(arn.clone()) } else { rule.rule_arn });
    Ok(names.collect())
}

fn sends_to(action: &Action, target_group: &str) -> bool {
    let groups = action.forward_config().map(ForwardActionConfig::target_groups).unwrap_or_default();
    let mut groups = groups.iter().map(|group| group.target_group_arn()).chain([action.target_group_arn()]);
    groups.any(|group| group == Some(target_group))
}
