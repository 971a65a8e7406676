//! AWS::ElasticLoadBalancingV2::TargetGroup
//! API: CreateTargetGroup, ModifyTargetGroup, ModifyTargetGroupAttributes, RegisterTargets, DeregisterTargets,
//! DescribeTargetGroups (and DescribeTargetGroupAttributes, DescribeTargetHealth, DescribeTags for what it leaves out),
//! DeleteTargetGroup.  Identity: TargetGroupArn.  Found by: its name, verified by the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{Matcher, ProtocolEnum, TargetGroup, TargetGroupAttribute, TargetTypeEnum},
};

use super::{
    attributes,
    codes::CODES,
    found::{AT_ONCE, found},
    health_check::Defaults,
    tags::{by_owner, create_tags, retag, tags_of},
    targets, users,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone_unless_used, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TargetGroupDriver { aws: aws.clone() })
}

struct TargetGroupDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TargetGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = elb
            .create_target_group()
            .set_name(properties.text("Name")?)
            .set_target_type(properties.text("TargetType")?)
            .set_protocol(properties.text("Protocol")?)
            .set_protocol_version(properties.text("ProtocolVersion")?)
            .set_port(properties.whole("Port")?)
            .set_vpc_id(properties.text("VpcId")?)
            .set_ip_address_type(properties.text("IpAddressType")?)
            .set_target_control_port(properties.whole("TargetControlPort")?)
            .set_health_check_enabled(properties.flag("HealthCheckEnabled")?)
            .set_health_check_protocol(properties.text("HealthCheckProtocol")?)
            .set_health_check_port(properties.text("HealthCheckPort")?)
            .set_health_check_path(properties.text("HealthCheckPath")?)
            .set_health_check_interval_seconds(properties.whole("HealthCheckIntervalSeconds")?)
            .set_health_check_timeout_seconds(properties.whole("HealthCheckTimeoutSeconds")?)
            .set_healthy_threshold_count(properties.whole("HealthyThresholdCount")?)
            .set_unhealthy_threshold_count(properties.whole("UnhealthyThresholdCount")?)
            .set_matcher(properties.structure("Matcher", matcher)?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticloadbalancing:CreateTargetGroup", FAULTS)?;
        let group = answer.target_groups.and_then(|list| list.into_iter().next());
        let group = group.filter(|group| group.target_group_arn.is_some());
        let group = answered(group, "elasticloadbalancing:CreateTargetGroup")?;
        let made = made(TYPE, observed(&group));
        let rest = fresh(&made.id, observed(&group), want);
        adjust(&elb, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let groups = describe(&elb, vec![so_far.id.0.clone()]).await?;
        Ok(visible(TYPE, so_far, groups.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let groups = describe(&elb, ids.iter().map(|id| id.0.clone()).collect()).await?;
        Ok(in_order(TYPE, ids, documents(&elb, &groups).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["TargetControlPort"])?;
        if HEALTH_CHECK.iter().any(|name| changed.touches(name)) {
            set_health_check(&elb, &changed).await?;
        }
        adjust(&elb, &changed).await?;
        retag(&elb, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let deleted = elb.delete_target_group().target_group_arn(&id.0).send().await;
        let deleted = deleted.or_fault("elasticloadbalancing:DeleteTargetGroup", FAULTS);
        gone_unless_used(deleted, users::of_target_group(&elb, &id.0)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (ours, _) = by_owner(&elb, named(&elb, want).await?, call).await?;
        Ok(identities(TYPE, ours.into_iter().map(|arn| Observed::new().with("TargetGroupArn", Some(arn)))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (_, others) = by_owner(&elb, named(&elb, want).await?, call).await?;
        Ok(others.into_iter().next().map(PhysicalId))
    }

    fn batch(&self) -> usize {
        AT_ONCE
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for TargetGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elb = self.aws.elasticloadbalancingv2(place).await;
        let pages = elb.describe_target_groups().into_paginator().items().send();
        let groups: Vec<TargetGroup> =
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeTargetGroups", FAULTS)?;
        documents(&elb, &groups).await
    }
}

async fn describe(elb: &Client, arns: Vec<String>) -> Result<Vec<TargetGroup>> {
    let describe = |arns| {
        let request = elb.describe_target_groups().set_target_group_arns(Some(arns));
        async move {
            let pages = request.into_paginator().items().send();
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeTargetGroups", FAULTS)
        }
    };
    found(arns, describe).await
}

/// The ARN of the target group that has the wanted name.
async fn named(elb: &Client, want: &Doc) -> Result<Vec<String>> {
    let Some(name) = want.text("Name") else { return Ok(Vec::new()) };
    let answer = elb.describe_target_groups().names(name).send().await;
    let answer = answer.or_fault("elasticloadbalancing:DescribeTargetGroups", FAULTS);
    let found = there(answer)?.and_then(|answer| answer.target_groups).unwrap_or_default();
    Ok(found.into_iter().filter_map(|group| group.target_group_arn).collect())
}

/// What has no place in the create call.
async fn adjust(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let attribute = |(key, value)| TargetGroupAttribute::builder().key(key).value(value).build();
    let attributes = attributes::changed(change, "TargetGroupAttributes")?;
    if !attributes.is_empty() {
        let attributes = attributes.into_iter().map(attribute).collect();
        let request = elb.modify_target_group_attributes().target_group_arn(change.id());
        let request = request.set_attributes(Some(attributes));
        request.send().await.or_fault("elasticloadbalancing:ModifyTargetGroupAttributes", FAULTS)?;
    }
    targets::change(elb, change).await
}

/// What ModifyTargetGroup changes.
const HEALTH_CHECK: &[&str] = &[
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
];

async fn set_health_check(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let want = &change.want;
    let defaults = Defaults::of(want)?;
    let whole = |name: &str, default| Ok(Defaults::fill(change, name, want.whole(name)?, default));
    let text = |name: &str, default| Ok(Defaults::fill(change, name, want.text(name)?, default));
    let protocol = want.text("HealthCheckProtocol")?;
    let enabled = want.flag("HealthCheckEnabled")?;
    let matcher = want.structure("Matcher", matcher)?;
    let request = elb
        .modify_target_group()
        .target_group_arn(change.id())
        .set_health_check_enabled(Defaults::fill(change, "HealthCheckEnabled", enabled, defaults.enabled()))
        .set_health_check_protocol(Defaults::fill(change, "HealthCheckProtocol", protocol, defaults.protocol()))
        .set_health_check_port(text("HealthCheckPort", defaults.port())?)
        .set_health_check_path(text("HealthCheckPath", defaults.path())?)
        .set_health_check_interval_seconds(whole("HealthCheckIntervalSeconds", defaults.interval())?)
        .set_health_check_timeout_seconds(whole("HealthCheckTimeoutSeconds", defaults.timeout())?)
        .set_healthy_threshold_count(whole("HealthyThresholdCount", defaults.healthy())?)
        .set_unhealthy_threshold_count(whole("UnhealthyThresholdCount", defaults.unhealthy())?)
        .set_matcher(Defaults::fill(change, "Matcher", matcher, defaults.matcher()));
    request.send().await.or_fault("elasticloadbalancing:ModifyTargetGroup", FAULTS)?;
    Ok(())
}

fn matcher(want: &Wanted<'_>) -> Result<Matcher> {
    Ok(Matcher::builder().set_http_code(want.text("HttpCode")?).set_grpc_code(want.text("GrpcCode")?).build())
}

/// The whole documents: DescribeTargetGroups leaves out attributes, targets and tags.
async fn documents(elb: &Client, groups: &[TargetGroup]) -> Result<Vec<Doc>> {
    let arns: Vec<String> = groups.iter().filter_map(|group| group.target_group_arn.clone()).collect();
    let mut tags = tags_of(elb, arns).await?;
    let found = each(groups.iter().map(|group| document(elb, group))).await?;
    let found = found.into_iter().zip(groups).filter_map(|(document, group)| {
        let tags = tags.remove(group.target_group_arn.as_deref()?).unwrap_or_default();
        Some(document?.with_list("Tags", tags).into())
    });
    Ok(found.collect())
}

/// A target group without its tags; `None` if it has gone in between.
async fn document(elb: &Client, group: &TargetGroup) -> Result<Option<Observed>> {
    let arn = group.target_group_arn.as_deref().unwrap_or_default();
    let attributes = elb.describe_target_group_attributes().target_group_arn(arn).send();
    let (attributes, targets) = tokio::join!(attributes, targets::registered(elb, arn));
    let attributes = attributes.or_fault("elasticloadbalancing:DescribeTargetGroupAttributes", FAULTS);
    let (attributes, targets) = match (attributes, targets) {
        (Err(fault), _) | (_, Err(fault)) if fault.kind == FaultKind::NotFound => return Ok(None),
        (attributes, targets) => (attributes?, targets?),
    };
    let attributes = attributes.attributes().iter().map(|attribute| (attribute.key(), attribute.value()));
    let document = observed(group)
        .with_list("TargetGroupAttributes", attributes::observed(attributes))
        .with_list(targets::PROPERTY, targets);
    Ok(Some(document))
}

fn observed(group: &TargetGroup) -> Observed {
    let arn = group.target_group_arn();
    let matcher = group
        .matcher()
        .map(|matcher| Observed::new().with("HttpCode", matcher.http_code()).with("GrpcCode", matcher.grpc_code()));
    Observed::new()
        .with("TargetGroupArn", arn)
        .with("TargetGroupFullName", arn.and_then(|arn| arn.rsplit(':').next()))
        .with("TargetGroupName", group.target_group_name())
        .with("Name", group.target_group_name())
        .with("TargetType", group.target_type().map(TargetTypeEnum::as_str))
        .with("Protocol", group.protocol().map(ProtocolEnum::as_str))
        .with("ProtocolVersion", group.protocol_version())
        .with("Port", group.port())
        .with("VpcId", group.vpc_id())
        .with("IpAddressType", group.ip_address_type().map(|kind| kind.as_str()))
        .with("TargetControlPort", group.target_control_port())
        .with("HealthCheckEnabled", group.health_check_enabled())
        .with("HealthCheckProtocol", group.health_check_protocol().map(ProtocolEnum::as_str))
        .with("HealthCheckPort", group.health_check_port())
        .with("HealthCheckPath", group.health_check_path())
        .with("HealthCheckIntervalSeconds", group.health_check_interval_seconds())
        .with("HealthCheckTimeoutSeconds", group.health_check_timeout_seconds())
        .with("HealthyThresholdCount", group.healthy_threshold_count())
        .with("UnhealthyThresholdCount", group.unhealthy_threshold_count())
        .with("Matcher", matcher)
        .with_list("LoadBalancerArns", group.load_balancer_arns().iter().map(String::as_str))
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
