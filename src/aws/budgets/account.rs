//! The budgets of an account. Every request must say whose account it is; so that is found out first, and what is read
//! of a budget is read here.

use aws_sdk_budgets::{
    Client,
    types::{Budget, NotificationWithSubscribers, ResourceTag},
};
use serde_json::Value as Json;

use super::CODES;
use crate::{
    aws::{
        Clients,
        convert::{each, visible_tags},
        faults::{OrFault, answered, there},
    },
    base::{Identity, Place},
    driver::{Call, Result, TAG_TOKEN},
};

/// The account, and a client that works there.
pub struct Account {
    pub client: Client,
    pub id: String,
    partition: String,
}

impl Account {
    /// The account that `place` leads into.
    pub async fn of(aws: &Clients, place: &Place) -> Result<Account> {
        let Identity { account_id: id, partition } = aws.identity(place).await?;
        Ok(Account { client: aws.budgets(place).await, id, partition })
    }

    /// The ARN of a budget, which tags are put on.
    pub fn arn(&self, name: &str) -> String {
        format!("arn:{}:budgets::{}:budget/{name}", self.partition, self.id)
    }

    /// A budget by its name.
    pub async fn budget(&self, name: &str) -> Result<Option<Budget>> {
        let request = self.client.describe_budget().account_id(&self.id).budget_name(name).show_filter_expression(true);
        let answer = there(request.send().await.or_fault("budgets:DescribeBudget", CODES))?;
        Ok(answer.and_then(|answer| answer.budget))
    }

    /// Every budget.
    pub async fn budgets(&self) -> Result<Vec<Budget>> {
        let request = self.client.describe_budgets().account_id(&self.id).show_filter_expression(true);
        request.into_paginator().items().send().try_collect().await.or_fault("budgets:DescribeBudgets", CODES)
    }

    /// What is told to whom about a budget.
    pub async fn notifications(&self, name: &str) -> Result<Vec<NotificationWithSubscribers>> {
        let request = self.client.describe_notifications_for_budget().account_id(&self.id).budget_name(name);
        let found: Result<Vec<_>> = request
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .or_fault("budgets:DescribeNotificationsForBudget", CODES);
        let with_subscribers = there(found)?.unwrap_or_default().into_iter().map(|notification| async move {
            let request = self.client.describe_subscribers_for_notification().account_id(&self.id).budget_name(name);
            let request = request.notification(notification.clone()).into_paginator().items();
            let found = request.send().try_collect().await;
            let found: Vec<_> = found.or_fault("budgets:DescribeSubscribersForNotification", CODES)?;
            let built = NotificationWithSubscribers::builder().notification(notification);
            answered(built.set_subscribers(Some(found)).build().ok(), "budgets:DescribeSubscribersForNotification")
        });
        each(with_subscribers).await
    }

    /// All tags of a budget; `None` if it does not exist.
    pub async fn tags(&self, name: &str) -> Result<Option<Vec<ResourceTag>>> {
        let answer = self.client.list_tags_for_resource().resource_arn(self.arn(name)).send().await;
        let answer = there(answer.or_fault("budgets:ListTagsForResource", CODES))?;
        Ok(answer.map(|answer| answer.resource_tags.unwrap_or_default()))
    }
}

/// The user's tags among those of a budget.
pub fn visible(tags: &[ResourceTag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// Whether the intent of `call` has put them on.
pub fn are_ours(tags: &[ResourceTag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}
