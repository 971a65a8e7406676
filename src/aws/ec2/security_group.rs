//! AWS::EC2::SecurityGroup
//! API: CreateSecurityGroup, Authorize- and RevokeSecurityGroupIngress/Egress, DescribeSecurityGroups,
//! DescribeSecurityGroupRules, DeleteSecurityGroup.  Identity: Id.  Found by: owner tags; the name is unique in a VPC.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{Filter, IpPermission, ResourceType, SecurityGroup, SecurityGroupRule},
};

use super::{
    blockers,
    filters::{by_ids, filter, owned},
    rules::{self, Direction, Peer, Rule},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::SecurityGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SecurityGroupDriver { aws: aws.clone() })
}

struct SecurityGroupDriver {
    aws: Clients,
}

impl SecurityGroupDriver {
    /// The groups that the filter finds, with the rules that are part of them.
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<Doc>> {
        let ec2 = self.aws.ec2(place).await;
        let request = ec2.describe_security_groups().set_filters(Some(filters));
        let groups = request.into_paginator().items().send().try_collect().await;
        let groups = groups.or_fault("ec2:DescribeSecurityGroups", FAULTS)?;
        let mut rules: BTreeMap<String, Vec<SecurityGroupRule>> = BTreeMap::new();
        // A filter takes 200 values.
        for some in groups.chunks(200) {
            let ids = some.iter().filter_map(SecurityGroup::group_id);
            for rule in rules::describe(&ec2, filter("group-id", ids)).await? {
                rules.entry(rule.group_id().unwrap_or_default().to_owned()).or_default().push(rule);
            }
        }
        let rules_of = |group: &SecurityGroup| rules.get(group.group_id().unwrap_or_default());
        let document = |group| observed(group, rules_of(group).map_or(&[], Vec::as_slice)).into();
        Ok(groups.iter().map(document).collect())
    }
}

#[async_trait]
impl Driver for SecurityGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let rules = [wanted_rules(&properties, Direction::Ingress)?, wanted_rules(&properties, Direction::Egress)?];
        // The API insists on a name; the token makes one that a repeated call takes again.
        let name = properties.text("GroupName")?.unwrap_or_else(|| format!("provision-{}", call.token().0));
        let request = ec2
            .create_security_group()
            .group_name(&name)
            .set_description(properties.text("GroupDescription")?)
            .set_vpc_id(properties.text("VpcId")?)
            .tag_specifications(tag_specification(ResourceType::SecurityGroup, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateSecurityGroup", FAULTS)?;
        let id = answered(answer.group_id, "ec2:CreateSecurityGroup")?;
        let group = SecurityGroup::builder().group_id(&id).group_name(name).build();
        let made = made(TYPE, observed(&group, &[]));
        for (direction, wanted) in DIRECTIONS.into_iter().zip(rules) {
            if let Some(wanted) = wanted {
                fill(&ec2, &id, direction, wanted).await.map_err(half_made(&made))?;
            }
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("group-id", [&so_far.id.0])).await?;
        Ok(visible(TYPE, so_far, found.into_iter().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        Ok(in_order(TYPE, ids, self.describe(&call.place, by_ids("group-id", ids)).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let touched: Vec<Direction> = DIRECTIONS.into_iter().filter(|d| changed.touches(property(*d))).collect();
        if !touched.is_empty() {
            let found = rules::describe(&ec2, filter("group-id", [changed.id()])).await?;
            for direction in touched {
                let live = found.iter().filter(|rule| rules::is_of(rule, direction) && !rules::is_separate(rule));
                let live: Vec<Live> = live.map(Live::from).collect();
                let wanted = wanted_rules(&changed.want, direction)?;
                let wanted = wanted.unwrap_or_else(|| rules_without_stack(direction, &live));
                set_rules(&ec2, changed.id(), direction, &live, &wanted).await?;
            }
        }
        retag(&ec2, changed.id(), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let deleted = ec2.delete_security_group().group_id(&id.0).send().await;
        let deleted = deleted.or_fault("ec2:DeleteSecurityGroup", FAULTS);
        gone_unless_used(deleted, blockers::users_of_group(&ec2, &id.0)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        Ok(identities(TYPE, self.describe(&call.place, owned(call)).await?))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for SecurityGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        self.describe(place, Vec::new()).await
    }
}

const DIRECTIONS: [Direction; 2] = [Direction::Ingress, Direction::Egress];

/// The property that holds the rules of a direction.
fn property(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "SecurityGroupIngress",
        Direction::Egress => "SecurityGroupEgress",
    }
}

/// A rule that the group has, or may have.
struct Live {
    rule: Rule,
    /// Not known of the rules that EC2 gives a new group.
    id: Option<String>,
}

impl From<&SecurityGroupRule> for Live {
    fn from(rule: &SecurityGroupRule) -> Self {
        Live { rule: Rule::reported(rule), id: rule.security_group_rule_id().map(str::to_owned) }
    }
}

/// The wanted rules; `None` if the stack leaves them to EC2.
fn wanted_rules(want: &Wanted<'_>, direction: Direction) -> Result<Option<Vec<Rule>>> {
    let name = property(direction);
    if want.raw(name).is_none() {
        return Ok(None);
    }
    want.items(name)?.iter().map(|rule| Rule::wanted(rule, direction)).collect::<Result<_>>().map(Some)
}

/// The rules that a group returns to when the stack no longer gives any: EC2's defaults, for IPv6 only if it is there.
fn rules_without_stack(direction: Direction, live: &[Live]) -> Vec<Rule> {
    let mut rules = rules::defaults(direction);
    let is_live = |rule: &Rule| live.iter().any(|live| live.rule.is_same_as(rule));
    rules.retain(|rule| matches!(rule.peer, Peer::Ipv4(_)) || is_live(rule));
    rules
}

/// Gives a new group its rules. EC2's defaults go although they may not show yet: reads lag behind.
async fn fill(ec2: &Client, group: &str, direction: Direction, wanted: Vec<Rule>) -> Result<()> {
    let mut live = Vec::new();
    if direction == Direction::Egress {
        let found = rules::describe(ec2, filter("group-id", [group])).await?;
        live.extend(found.iter().filter(|rule| rules::is_of(rule, direction)).map(Live::from));
        for rule in rules::defaults(direction) {
            let is_certain = matches!(rule.peer, Peer::Ipv4(_)) || !wanted.iter().any(|want| want.is_same_as(&rule));
            if is_certain && !live.iter().any(|live| live.rule.is_same_as(&rule)) {
                live.push(Live { rule, id: None });
            }
        }
    }
    set_rules(ec2, group, direction, &live, &wanted).await
}

/// Makes `live` rules the `wanted` ones: new rules first, so that nothing that stays allowed is ever cut off.
async fn set_rules(ec2: &Client, group: &str, direction: Direction, live: &[Live], wanted: &[Rule]) -> Result<()> {
    let find = |rule: &Rule| live.iter().map(|live| &live.rule).find(|live| live.is_same_as(rule));
    let missing: Vec<IpPermission> = wanted.iter().filter(|r| find(r).is_none()).map(Rule::permission).collect();
    let reworded = wanted.iter().filter(|rule| find(rule).is_some_and(|live| live.description != rule.description));
    let reworded: Vec<IpPermission> = reworded.map(Rule::permission).collect();
    if !missing.is_empty() {
        authorize(ec2, group, direction, missing).await?;
    }
    if !reworded.is_empty() {
        describe_anew(ec2, group, direction, reworded).await?;
    }
    for live in live.iter().filter(|live| !wanted.iter().any(|rule| live.rule.is_same_as(rule))) {
        revoke(ec2, group, direction, live).await?;
    }
    Ok(())
}

async fn authorize(ec2: &Client, group: &str, direction: Direction, rules: Vec<IpPermission>) -> Result<()> {
    match direction {
        Direction::Ingress => {
            let request = ec2.authorize_security_group_ingress().group_id(group).set_ip_permissions(Some(rules));
            request.send().await.or_fault("ec2:AuthorizeSecurityGroupIngress", FAULTS).map(drop)
        }
        Direction::Egress => {
            let request = ec2.authorize_security_group_egress().group_id(group).set_ip_permissions(Some(rules));
            request.send().await.or_fault("ec2:AuthorizeSecurityGroupEgress", FAULTS).map(drop)
        }
    }
}

async fn describe_anew(ec2: &Client, group: &str, direction: Direction, rules: Vec<IpPermission>) -> Result<()> {
    let (rules, ingress, egress) = (
        Some(rules),
        ec2.update_security_group_rule_descriptions_ingress(),
        ec2.update_security_group_rule_descriptions_egress(),
    );
    match direction {
        Direction::Ingress => {
            let request = ingress.group_id(group).set_ip_permissions(rules);
            request.send().await.or_fault("ec2:UpdateSecurityGroupRuleDescriptionsIngress", FAULTS).map(drop)
        }
        Direction::Egress => {
            let request = egress.group_id(group).set_ip_permissions(rules);
            request.send().await.or_fault("ec2:UpdateSecurityGroupRuleDescriptionsEgress", FAULTS).map(drop)
        }
    }
}

/// Takes a rule away by its id, or by what it says if the id is not known. One that is gone already is gone.
async fn revoke(ec2: &Client, group: &str, direction: Direction, live: &Live) -> Result<()> {
    let ids = live.id.clone().map(|id| vec![id]);
    let permission = if ids.is_none() { Some(vec![live.rule.permission()]) } else { None };
    let revoked = match direction {
        Direction::Ingress => {
            let request = ec2.revoke_security_group_ingress().group_id(group);
            let request = request.set_security_group_rule_ids(ids).set_ip_permissions(permission);
            request.send().await.or_fault("ec2:RevokeSecurityGroupIngress", FAULTS).map(drop)
        }
        Direction::Egress => {
            let request = ec2.revoke_security_group_egress().group_id(group);
            let request = request.set_security_group_rule_ids(ids).set_ip_permissions(permission);
            request.send().await.or_fault("ec2:RevokeSecurityGroupEgress", FAULTS).map(drop)
        }
    };
    match revoked {
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

fn observed(group: &SecurityGroup, rules: &[SecurityGroupRule]) -> Observed {
    let inline = |direction| {
        let rules = rules.iter().filter(move |rule| rules::is_of(rule, direction) && !rules::is_separate(rule));
        rules.map(move |rule| Rule::reported(rule).observed(direction))
    };
    Observed::new()
        .with("Id", group.group_id())
        .with("GroupId", group.group_id())
        .with("GroupName", group.group_name())
        .with("GroupDescription", group.description())
        .with("VpcId", group.vpc_id())
        .with_list("SecurityGroupIngress", inline(Direction::Ingress))
        .with_list("SecurityGroupEgress", inline(Direction::Egress))
        .with_list("Tags", tags_of(group.tags()))
}

/// A group that another group's rules name, or the default one, is not simply invalid.
const FAULTS: Codes = &[("CannotDelete", FaultKind::Denied)];
