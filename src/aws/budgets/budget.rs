//! AWS::Budgets::Budget
//! API: CreateBudget, UpdateBudget, TagResource, UntagResource, DescribeBudget, DescribeBudgets (and
//! DescribeNotificationsForBudget, DescribeSubscribersForNotification, ListTagsForResource for what they leave out),
//! DeleteBudget.  Identity: Id, the budget's name.  Found by: that name, verified by owner tags.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_budgets::types::{Budget, ResourceTag};

use super::{
    CODES,
    account::{Account, are_ours, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, all_tags_in, each, in_order, made, only_id, tag_change_in, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Budgets::Budget";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BudgetDriver { aws: aws.clone() })
}

/// Where a budget keeps the user's tags.
const TAGS: &str = "ResourceTags";

struct BudgetDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for BudgetDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let name =
            name_of(want).ok_or_else(|| properties.invalid("give the budget a name: set `Budget.BudgetName`"))?;
        let account = Account::of(&self.aws, &call.place).await?;
        let request = account
            .client
            .create_budget()
            .account_id(&account.id)
            .set_budget(properties.part("Budget")?)
            .set_notifications_with_subscribers(properties.part("NotificationsWithSubscribers")?)
            .set_resource_tags(Some(list(all_tags_in(TAGS, call, &properties)?)));
        request.send().await.or_fault("budgets:CreateBudget", FAULTS)?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(name)))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = Account::of(&self.aws, &call.place).await?.budget(&so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let account = Account::of(&self.aws, &call.place).await?;
        let found = each(ids.iter().map(|id| account.budget(&id.0))).await?;
        let found = each(found.iter().flatten().map(|budget| document(&account, budget))).await?;
        Ok(in_order(TYPE, ids, found))
    }

    /// The API knows no partial update. Notifications are never updated: the schema has a budget replaced for them.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let account = Account::of(&self.aws, &call.place).await?;
        let changed = Changed::new(TYPE, change);
        if changed.touches("Budget") {
            let request = account.client.update_budget().account_id(&account.id);
            let request = request.set_new_budget(changed.want.part("Budget")?);
            request.send().await.or_fault("budgets:UpdateBudget", FAULTS)?;
        }
        retag(&account, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let account = Account::of(&self.aws, &call.place).await?;
        let request = account.client.delete_budget().account_id(&account.id).budget_name(&id.0);
        gone(request.send().await.or_fault("budgets:DeleteBudget", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = name_of(want) else { return Ok(Vec::new()) };
        let tags = Account::of(&self.aws, &call.place).await?.tags(name).await?;
        let is_ours = tags.is_some_and(|tags| are_ours(&tags, call));
        Ok(is_ours.then(|| PhysicalId(name.to_owned())).into_iter().collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BudgetDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let account = Account::of(&self.aws, place).await?;
        let found = account.budgets().await?;
        each(found.iter().map(|budget| document(&account, budget))).await
    }
}

fn name_of(want: &Doc) -> Option<&str> {
    want.get("Budget")?.get("BudgetName")?.as_str()
}

/// The whole document: DescribeBudget leaves out notifications and tags.
async fn document(account: &Account, budget: &Budget) -> Result<Doc> {
    let name = budget.budget_name();
    let (notifications, tags) = tokio::try_join!(account.notifications(name), account.tags(name))?;
    let document = observed(budget)
        .with_part("NotificationsWithSubscribers", &notifications)
        .with_list(TAGS, visible_tags(&tags.unwrap_or_default()));
    Ok(document.into())
}

/// Puts on and takes off what a change says.
async fn retag(account: &Account, change: &Changed<'_>) -> Result<()> {
    let (tags, arn) = (tag_change_in(TAGS, change)?, account.arn(change.id()));
    if !tags.take.is_empty() {
        let request = account.client.untag_resource().resource_arn(&arn).set_resource_tag_keys(Some(tags.take));
        request.send().await.or_fault("budgets:UntagResource", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let request = account.client.tag_resource().resource_arn(&arn).set_resource_tags(Some(list(tags.put)));
        request.send().await.or_fault("budgets:TagResource", FAULTS)?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<ResourceTag> {
    tags.into_iter().filter_map(|(key, value)| ResourceTag::builder().key(key).value(value).build().ok()).collect()
}

fn observed(budget: &Budget) -> Observed {
    Observed::new().with("Id", Some(budget.budget_name())).with_part("Budget", budget)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
