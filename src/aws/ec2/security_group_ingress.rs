//! AWS::EC2::SecurityGroupIngress
//! API: AuthorizeSecurityGroupIngress, UpdateSecurityGroupRuleDescriptionsIngress, DescribeSecurityGroupRules,
//! RevokeSecurityGroupIngress.  Identity: Id.  Found by: owner tags, which also tell it from a group's inline rules.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroupRule};

use super::{
    filters::{by_ids, filter, owned},
    rules::{self, Direction, Rule},
    tags::tag_specification,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::SecurityGroupIngress";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(IngressDriver { aws: aws.clone() })
}

struct IngressDriver {
    aws: Clients,
}

impl IngressDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<SecurityGroupRule>> {
        let mut found = rules::describe(&self.aws.ec2(place).await, filters).await?;
        found.retain(|rule| rules::is_of(rule, Direction::Ingress));
        Ok(found)
    }
}

#[async_trait]
impl Driver for IngressDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self.aws.ec2(&call.place).await.authorize_security_group_ingress();
        let request = request
            .set_group_id(properties.text("GroupId")?)
            .set_group_name(properties.text("GroupName")?)
            .ip_permissions(Rule::wanted(&properties, Direction::Ingress)?.permission())
            .tag_specifications(tag_specification(ResourceType::SecurityGroupRule, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:AuthorizeSecurityGroupIngress", FAULTS)?;
        let rule = answer.security_group_rules().first().filter(|rule| rule.security_group_rule_id().is_some());
        let rule = answered(rule, "ec2:AuthorizeSecurityGroupIngress")?;
        Ok(Progress::Done(made(TYPE, observed(rule))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("security-group-rule-id", [&so_far.id.0])).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("security-group-rule-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    /// Everything but the description is fixed at creation.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        if changed.touches("Description") {
            let request = self.aws.ec2(&call.place).await.update_security_group_rule_descriptions_ingress();
            let request = request
                .set_group_id(changed.want.text("GroupId")?.or(changed.before.text("GroupId")?))
                .ip_permissions(Rule::wanted(&changed.want, Direction::Ingress)?.permission());
            request.send().await.or_fault("ec2:UpdateSecurityGroupRuleDescriptionsIngress", FAULTS)?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let group = match removal.inputs.text("GroupId") {
            Some(group) => Some(group.to_owned()),
            None => {
                let found = self.describe(&call.place, filter("security-group-rule-id", [&id.0])).await?;
                found.into_iter().find_map(|rule| rule.group_id)
            }
        };
        let Some(group) = group else { return Ok(Progress::Done(())) };
        let request = self.aws.ec2(&call.place).await.revoke_security_group_ingress();
        let request = request.group_id(group).security_group_rule_ids(&id.0);
        gone(request.send().await.or_fault("ec2:RevokeSecurityGroupIngress", FAULTS))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    /// A group has a rule once: a second call is told so.
    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for IngressDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|rule| observed(rule).into()).collect())
    }
}

fn observed(rule: &SecurityGroupRule) -> Observed {
    Rule::reported(rule)
        .observed(Direction::Ingress)
        .with("Id", rule.security_group_rule_id())
        .with("GroupId", rule.group_id())
}

const FAULTS: Codes = &[("InvalidSecurityGroupRuleId.NotFound", FaultKind::NotFound)];
