//! What an alarm watches: dimensions, metric queries, and the criteria by which they are judged.

use aws_sdk_cloudwatch::types::{
    ActionConfiguration, AlarmPromQlCriteria, AlarmTagsPropagation, Dimension, EvaluationCriteria, EvaluationWindow,
    Metric, MetricDataQuery, MetricStat, SlidingWindow, WallClockWindow, WarmUpConfiguration,
};

use crate::{
    aws::convert::{Observed, Wanted},
    driver::Result,
};

/// One dimension, as the API takes it.
pub fn dimension(want: &Wanted<'_>) -> Result<Dimension> {
    Ok(Dimension::builder().set_name(want.text("Name")?).set_value(want.text("Value")?).build())
}

/// One metric or expression, as the API takes it.
pub fn query(want: &Wanted<'_>) -> Result<MetricDataQuery> {
    Ok(MetricDataQuery::builder()
        .set_id(want.text("Id")?)
        .set_account_id(want.text("AccountId")?)
        .set_expression(want.text("Expression")?)
        .set_label(want.text("Label")?)
        .set_metric_stat(want.structure("MetricStat", statistic)?)
        .set_period(want.whole("Period")?)
        .set_return_data(want.flag("ReturnData")?)
        .build())
}

fn statistic(want: &Wanted<'_>) -> Result<MetricStat> {
    let metric = |want: &Wanted<'_>| {
        let builder = Metric::builder().set_namespace(want.text("Namespace")?);
        let builder = builder.set_metric_name(want.text("MetricName")?);
        Ok(builder.set_dimensions(want.structures("Dimensions", dimension)?).build())
    };
    Ok(MetricStat::builder()
        .set_metric(want.structure("Metric", metric)?)
        .set_period(want.whole("Period")?)
        .set_stat(want.text("Stat")?)
        .set_unit(want.text("Unit")?)
        .build())
}

/// By which query the alarm is judged, if not by a threshold.
pub fn criteria(want: &Wanted<'_>) -> Result<Option<EvaluationCriteria>> {
    let criteria = |want: &Wanted<'_>| {
        let builder = AlarmPromQlCriteria::builder().set_query(want.text("Query")?);
        let builder = builder.set_pending_period(want.whole("PendingPeriod")?);
        Ok(builder.set_recovery_period(want.whole("RecoveryPeriod")?).build())
    };
    let Some(wanted) = want.inner("EvaluationCriteria")? else { return Ok(None) };
    Ok(wanted.structure("PromQLCriteria", criteria)?.map(EvaluationCriteria::PromQlCriteria))
}

/// The time over which the alarm is judged.
pub fn window(want: &Wanted<'_>) -> Result<Option<EvaluationWindow>> {
    let clock = |want: &Wanted<'_>| Ok(WallClockWindow::builder().set_timezone(want.text("Timezone")?).build());
    let Some(wanted) = want.inner("EvaluationWindow")? else { return Ok(None) };
    if let Some(clock) = wanted.structure("WallClockWindow", clock)? {
        return Ok(Some(EvaluationWindow::WallClockWindow(clock)));
    }
    let is_sliding = wanted.raw("SlidingWindow").is_some();
    Ok(is_sliding.then(|| EvaluationWindow::SlidingWindow(SlidingWindow::builder().build())))
}

/// From when on the alarm is judged.
pub fn warm_up(want: &Wanted<'_>) -> Result<WarmUpConfiguration> {
    let builder = WarmUpConfiguration::builder();
    let minutes = want.whole("WarmUpPeriodDurationInMinutes")?;
    let only = want.flag("OnlyStartEvaluatingAfterWarmUpPeriodEnds")?;
    let builder = builder.set_warm_up_period_duration_in_minutes(minutes);
    Ok(builder.set_only_start_evaluating_after_warm_up_period_ends(only).build())
}

/// What the alarm's actions are told.
pub fn actions(want: &Wanted<'_>) -> Result<ActionConfiguration> {
    let tags = |want: &Wanted<'_>| {
        let builder = AlarmTagsPropagation::builder().set_enabled(want.flag("Enabled")?);
        let builder = builder.set_included_tag_keys(want.texts("IncludedTagKeys")?);
        Ok(builder.set_excluded_tag_keys(want.texts("ExcludedTagKeys")?).build())
    };
    let builder = ActionConfiguration::builder();
    Ok(builder.set_alarm_tags_propagation(want.structure("AlarmTagsPropagation", tags)?).build())
}

/// One dimension, as the API reports it.
pub fn observed_dimension(dimension: &Dimension) -> Observed {
    Observed::new().with("Name", dimension.name()).with("Value", dimension.value())
}

/// One metric or expression, as the API reports it.
pub fn observed_query(query: &MetricDataQuery) -> Observed {
    let metric = |metric: &Metric| {
        Observed::new()
            .with("Namespace", metric.namespace())
            .with("MetricName", metric.metric_name())
            .with_list("Dimensions", metric.dimensions().iter().map(observed_dimension))
    };
    let statistic = query.metric_stat().map(|statistic| {
        Observed::new()
            .with("Metric", statistic.metric().map(metric))
            .with("Period", statistic.period())
            .with("Stat", statistic.stat())
            .with("Unit", statistic.unit().map(|unit| unit.as_str()))
    });
    Observed::new()
        .with("Id", query.id())
        .with("AccountId", query.account_id())
        .with("Expression", query.expression())
        .with("Label", query.label())
        .with("MetricStat", statistic)
        .with("Period", query.period())
        .with("ReturnData", query.return_data())
}

/// The criteria, as the API reports them.
pub fn observed_criteria(criteria: &EvaluationCriteria) -> Observed {
    let criteria = criteria.as_prom_ql_criteria().ok().map(|criteria| {
        Observed::new()
            .with("Query", criteria.query())
            .with("PendingPeriod", criteria.pending_period())
            .with("RecoveryPeriod", criteria.recovery_period())
    });
    Observed::new().with("PromQLCriteria", criteria)
}

/// The window, as the API reports it.
pub fn observed_window(window: &EvaluationWindow) -> Observed {
    match window {
        EvaluationWindow::WallClockWindow(window) => {
            Observed::new().with("WallClockWindow", Some(Observed::new().with("Timezone", window.timezone())))
        }
        EvaluationWindow::SlidingWindow(_) => Observed::new().with("SlidingWindow", Some(Observed::new())),
        _ => Observed::new(),
    }
}

/// The warm-up, as the API reports it.
pub fn observed_warm_up(warm_up: &WarmUpConfiguration) -> Observed {
    let only = warm_up.only_start_evaluating_after_warm_up_period_ends();
    Observed::new()
        .with("WarmUpPeriodDurationInMinutes", warm_up.warm_up_period_duration_in_minutes())
        .with("OnlyStartEvaluatingAfterWarmUpPeriodEnds", only)
}

/// What the actions are told, as the API reports it.
pub fn observed_actions(actions: &ActionConfiguration) -> Observed {
    let tags = actions.alarm_tags_propagation().map(|tags| {
        Observed::new()
            .with("Enabled", tags.enabled())
            .with_list("IncludedTagKeys", tags.included_tag_keys().iter().map(String::as_str))
            .with_list("ExcludedTagKeys", tags.excluded_tag_keys().iter().map(String::as_str))
    });
    Observed::new().with("AlarmTagsPropagation", tags)
}
