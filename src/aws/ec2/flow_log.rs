//! AWS::EC2::FlowLog
//! API: CreateFlowLogs, DescribeFlowLogs, DeleteFlowLogs.  Identity: Id.  Found by: owner tags; the create call carries a
//! client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    DestinationOptionsRequest, DestinationOptionsResponse, Filter, FlowLog, ResourceType, TagFieldSpecificationRequest,
    TagFieldSpecificationResponse, UnsuccessfulItem,
};

use super::{
    filters::{by_ids, filter, owned},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, refused},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::FlowLog";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(FlowLogDriver { aws: aws.clone() })
}

struct FlowLogDriver {
    aws: Clients,
}

impl FlowLogDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<FlowLog>> {
        let request = self.aws.ec2(place).await.describe_flow_logs().set_filter(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeFlowLogs", FAULTS)
    }
}

#[async_trait]
impl Driver for FlowLogDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ec2
            .create_flow_logs()
            .client_token(&call.token().0)
            .set_resource_type(properties.text("ResourceType")?)
            .set_resource_ids(properties.text("ResourceId")?.map(|id| vec![id]))
            .set_traffic_type(properties.text("TrafficType")?)
            .set_log_destination_type(properties.text("LogDestinationType")?)
            .set_log_destination(properties.text("LogDestination")?)
            .set_log_group_name(properties.text("LogGroupName")?)
            .set_log_format(properties.text("LogFormat")?)
            .set_deliver_logs_permission_arn(properties.text("DeliverLogsPermissionArn")?)
            .set_deliver_cross_account_role(properties.text("DeliverCrossAccountRole")?)
            .set_max_aggregation_interval(properties.whole("MaxAggregationInterval")?)
            .set_destination_options(destination_options(&properties)?)
            .set_tag_field_specifications(tag_fields(&properties)?)
            .tag_specifications(tag_specification(ResourceType::VpcFlowLog, call, &properties)?);
        let answer = request.send().await.or_fault("ec2:CreateFlowLogs", FAULTS)?;
        succeeded("ec2:CreateFlowLogs", answer.unsuccessful())?;
        let id = answered(answer.flow_log_ids().first(), "ec2:CreateFlowLogs")?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(id.as_str())))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place, filter("flow-log-id", [&so_far.id.0])).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("flow-log-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    /// Everything but the tags is fixed at creation.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        retag(&self.aws.ec2(&call.place).await, &change.id.0, &Changed::new(TYPE, change)).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ec2(&call.place).await.delete_flow_logs().flow_log_ids(&id.0);
        let deleted = request.send().await.or_fault("ec2:DeleteFlowLogs", FAULTS);
        gone(deleted.and_then(|answer| succeeded("ec2:DeleteFlowLogs", answer.unsuccessful())))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for FlowLogDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|log| observed(log).into()).collect())
    }
}

/// These calls take several objects and report what failed inside a successful answer.
fn succeeded(operation: &str, unsuccessful: &[UnsuccessfulItem]) -> Result<()> {
    let Some(error) = unsuccessful.iter().find_map(UnsuccessfulItem::error) else { return Ok(()) };
    Err(refused(operation, error.code(), error.message(), FAULTS))
}

fn destination_options(want: &Wanted<'_>) -> Result<Option<DestinationOptionsRequest>> {
    let Some(options) = want.inner("DestinationOptions")? else { return Ok(None) };
    let builder = DestinationOptionsRequest::builder()
        .set_file_format(options.text("FileFormat")?)
        .set_hive_compatible_partitions(options.flag("HiveCompatiblePartitions")?)
        .set_per_hour_partition(options.flag("PerHourPartition")?);
    Ok(Some(builder.build()))
}

fn tag_fields(want: &Wanted<'_>) -> Result<Option<Vec<TagFieldSpecificationRequest>>> {
    let fields = want.items("TagFieldSpecifications")?.into_iter().map(|field| {
        let builder = TagFieldSpecificationRequest::builder()
            .set_resource_type(field.text("ResourceType")?)
            .set_tag_keys(field.texts("TagKeys")?);
        Ok(builder.build())
    });
    let fields = fields.collect::<Result<Vec<_>>>()?;
    Ok(if fields.is_empty() { None } else { Some(fields) })
}

/// What kind of resource an id is of; EC2 takes the kind and does not report it.
fn kind_of(id: &str) -> Option<&'static str> {
    let kinds = [
        ("vpc-", "VPC"),
        ("subnet-", "Subnet"),
        ("eni-", "NetworkInterface"),
        ("tgw-attach-", "TransitGatewayAttachment"),
        ("tgw-", "TransitGateway"),
        ("nat-", "RegionalNatGateway"),
    ];
    kinds.iter().find(|(prefix, _)| id.starts_with(prefix)).map(|(_, kind)| *kind)
}

fn observed(log: &FlowLog) -> Observed {
    Observed::new()
        .with("Id", log.flow_log_id())
        .with("ResourceId", log.resource_id())
        .with("ResourceType", log.resource_id().and_then(kind_of))
        .with("TrafficType", log.traffic_type().map(|kind| kind.as_str()))
        .with("LogDestinationType", log.log_destination_type().map(|kind| kind.as_str()))
        .with("LogDestination", log.log_destination())
        .with("LogGroupName", log.log_group_name())
        .with("LogFormat", log.log_format())
        .with("DeliverLogsPermissionArn", log.deliver_logs_permission_arn())
        .with("DeliverCrossAccountRole", log.deliver_cross_account_role())
        .with("MaxAggregationInterval", log.max_aggregation_interval())
        .with("DestinationOptions", log.destination_options().map(observed_options))
        .with_list("TagFieldSpecifications", log.tag_field_specifications().iter().map(observed_tag_field))
        .with_list("Tags", tags_of(log.tags()))
}

fn observed_options(options: &DestinationOptionsResponse) -> Observed {
    Observed::new()
        .with("FileFormat", options.file_format().map(|format| format.as_str()))
        .with("HiveCompatiblePartitions", options.hive_compatible_partitions())
        .with("PerHourPartition", options.per_hour_partition())
}

fn observed_tag_field(field: &TagFieldSpecificationResponse) -> Observed {
    Observed::new()
        .with("ResourceType", field.resource_type().map(|kind| kind.as_str()))
        .with_list("TagKeys", field.tag_keys().iter().map(String::as_str))
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
