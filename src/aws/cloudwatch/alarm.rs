//! AWS::CloudWatch::Alarm
//! API: PutMetricAlarm, DescribeAlarms (and ListTagsForResource, which it leaves out), TagResource, UntagResource,
//! DeleteAlarms.  Identity: AlarmName.  Found by: that name, verified by the owner tags; a put would overwrite an alarm of
//! the same name.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatch::{
    Client,
    operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder,
    types::{AlarmType, MetricAlarm},
};

use super::{
    metrics,
    tags::{are_ours, create_tags, retag, tags, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CloudWatch::Alarm";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AlarmDriver { aws: aws.clone() })
}

struct AlarmDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for AlarmDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let tags = create_tags(call, &properties)?;
        let request = put(&cloudwatch, &properties)?.set_tags(Some(tags));
        request.send().await.or_fault("cloudwatch:PutMetricAlarm", FAULTS)?;
        let made = made(TYPE, Observed::new().with("AlarmName", properties.text::<String>("AlarmName")?));
        self.poll(call, &made).await
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let alarms = describe(&cloudwatch, vec![so_far.id.0.clone()]).await?;
        Ok(visible(TYPE, so_far, alarms.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let alarms = describe(&cloudwatch, ids.iter().map(|id| id.0.clone()).collect()).await?;
        Ok(in_order(TYPE, ids, documents(&cloudwatch, &alarms).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if change.paths.iter().any(|path| path.property() != Some("Tags")) {
            // A put replaces all that is not a tag.
            let request = put(&cloudwatch, &changed.want)?;
            request.send().await.or_fault("cloudwatch:PutMetricAlarm", FAULTS)?;
        }
        let found = describe(&cloudwatch, vec![change.id.0.clone()]).await?;
        if let Some(arn) = found.first().and_then(MetricAlarm::alarm_arn) {
            retag(&cloudwatch, arn, &changed).await?;
        }
        let so_far = made(TYPE, Observed::new().with("AlarmName", Some(changed.id())));
        Ok(visible(TYPE, &so_far, found.first().map(observed)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.cloudwatch(&call.place).await.delete_alarms().alarm_names(&id.0);
        gone(request.send().await.or_fault("cloudwatch:DeleteAlarms", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(identities(TYPE, named.iter().filter(|(_, is_ours)| *is_ours).map(|(alarm, _)| observed(alarm))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        let others = named.iter().filter(|(_, is_ours)| !is_ours).map(|(alarm, _)| observed(alarm));
        Ok(identities(TYPE, others).into_iter().next())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AlarmDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let cloudwatch = self.aws.cloudwatch(place).await;
        documents(&cloudwatch, &pages(&cloudwatch, None).await?).await
    }
}

impl AlarmDriver {
    /// The alarm that has the wanted name, and whether the intent of `call` has made it.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(MetricAlarm, bool)>> {
        let Some(name) = want.text("AlarmName") else { return Ok(None) };
        let cloudwatch = self.aws.cloudwatch(&call.place).await;
        let Some(alarm) = describe(&cloudwatch, vec![name.to_owned()]).await?.into_iter().next() else {
            return Ok(None);
        };
        let tags = tags(&cloudwatch, alarm.alarm_arn().unwrap_or_default()).await?;
        let is_ours = are_ours(&tags, call);
        Ok(Some((alarm, is_ours)))
    }
}

/// The alarms with these names; no names would mean all.
async fn describe(cloudwatch: &Client, names: Vec<String>) -> Result<Vec<MetricAlarm>> {
    if names.is_empty() { Ok(Vec::new()) } else { pages(cloudwatch, Some(names)).await }
}

async fn pages(cloudwatch: &Client, names: Option<Vec<String>>) -> Result<Vec<MetricAlarm>> {
    let request = cloudwatch.describe_alarms().set_alarm_names(names).alarm_types(AlarmType::MetricAlarm);
    let pages: Vec<_> =
        request.into_paginator().send().try_collect().await.or_fault("cloudwatch:DescribeAlarms", FAULTS)?;
    Ok(pages.into_iter().flat_map(|page| page.metric_alarms.unwrap_or_default()).collect())
}

fn put(cloudwatch: &Client, want: &Wanted<'_>) -> Result<PutMetricAlarmFluentBuilder> {
    Ok(cloudwatch
        .put_metric_alarm()
        .set_alarm_name(want.text("AlarmName")?)
        .set_alarm_description(want.text("AlarmDescription")?)
        .set_actions_enabled(want.flag("ActionsEnabled")?)
        .set_alarm_actions(want.texts("AlarmActions")?)
        .set_ok_actions(want.texts("OKActions")?)
        .set_insufficient_data_actions(want.texts("InsufficientDataActions")?)
        .set_action_configuration(want.structure("ActionConfiguration", metrics::actions)?)
        .set_namespace(want.text("Namespace")?)
        .set_metric_name(want.text("MetricName")?)
        .set_dimensions(want.structures("Dimensions", metrics::dimension)?)
        .set_metrics(want.structures("Metrics", metrics::query)?)
        .set_statistic(want.text("Statistic")?)
        .set_extended_statistic(want.text("ExtendedStatistic")?)
        .set_unit(want.text("Unit")?)
        .set_period(want.whole("Period")?)
        .set_evaluation_periods(want.whole("EvaluationPeriods")?)
        .set_evaluation_interval(want.whole("EvaluationInterval")?)
        .set_evaluation_window(metrics::window(want)?)
        .set_evaluation_criteria(metrics::criteria(want)?)
        .set_warm_up_configuration(want.structure("WarmUpConfiguration", metrics::warm_up)?)
        .set_datapoints_to_alarm(want.whole("DatapointsToAlarm")?)
        .set_comparison_operator(want.text("ComparisonOperator")?)
        .set_threshold(want.decimal("Threshold")?)
        .set_threshold_metric_id(want.text("ThresholdMetricId")?)
        .set_treat_missing_data(want.text("TreatMissingData")?)
        .set_evaluate_low_sample_count_percentile(want.text("EvaluateLowSampleCountPercentile")?))
}

/// The whole documents: DescribeAlarms leaves out tags.
async fn documents(cloudwatch: &Client, alarms: &[MetricAlarm]) -> Result<Vec<Doc>> {
    let tags = each(alarms.iter().map(|alarm| tags(cloudwatch, alarm.alarm_arn().unwrap_or_default()))).await?;
    let documents = alarms.iter().zip(tags);
    Ok(documents.map(|(alarm, tags)| observed(alarm).with_list("Tags", visible_tags(&tags)).into()).collect())
}

fn observed(alarm: &MetricAlarm) -> Observed {
    let texts = |list: &'_ [String]| list.iter().map(|text| serde_json::Value::from(text.as_str())).collect::<Vec<_>>();
    Observed::new()
        .with("AlarmName", alarm.alarm_name())
        .with("Arn", alarm.alarm_arn())
        .with("AlarmDescription", alarm.alarm_description())
        .with("ActionsEnabled", alarm.actions_enabled())
        .with_list("AlarmActions", texts(alarm.alarm_actions()))
        .with_list("OKActions", texts(alarm.ok_actions()))
        .with_list("InsufficientDataActions", texts(alarm.insufficient_data_actions()))
        .with("ActionConfiguration", alarm.action_configuration().map(metrics::observed_actions))
        .with("Namespace", alarm.namespace())
        .with("MetricName", alarm.metric_name())
        .with_list("Dimensions", alarm.dimensions().iter().map(metrics::observed_dimension))
        .with_list("Metrics", alarm.metrics().iter().map(metrics::observed_query))
        .with("Statistic", alarm.statistic().map(|statistic| statistic.as_str()))
        .with("ExtendedStatistic", alarm.extended_statistic())
        .with("Unit", alarm.unit().map(|unit| unit.as_str()))
        .with("Period", alarm.period())
        .with("EvaluationPeriods", alarm.evaluation_periods())
        .with("EvaluationInterval", alarm.evaluation_interval())
        .with("EvaluationWindow", alarm.evaluation_window().map(metrics::observed_window))
        .with("EvaluationCriteria", alarm.evaluation_criteria().map(metrics::observed_criteria))
        .with("WarmUpConfiguration", alarm.warm_up_configuration().map(metrics::observed_warm_up))
        .with("DatapointsToAlarm", alarm.datapoints_to_alarm())
        .with("ComparisonOperator", alarm.comparison_operator().map(|operator| operator.as_str()))
        .with("Threshold", alarm.threshold())
        .with("ThresholdMetricId", alarm.threshold_metric_id())
        .with("TreatMissingData", alarm.treat_missing_data())
        .with("EvaluateLowSampleCountPercentile", alarm.evaluate_low_sample_count_percentile())
}

/// An alarm that a composite alarm depends on.
const FAULTS: Codes = &[("LimitExceeded", FaultKind::Quota), ("ResourceConflict", FaultKind::InUse)];
