//! What scaling policies consist of: what CloudFormation and the API call the parts of it.

use aws_sdk_applicationautoscaling::types::{
    AdjustmentType, CustomizedMetricSpecification, MetricAggregationType, MetricDimension, MetricStatistic, MetricType,
    PredefinedMetricSpecification, PredictiveScalingCustomizedMetricSpecification,
    PredictiveScalingMaxCapacityBreachBehavior, PredictiveScalingMetric, PredictiveScalingMetricDataQuery,
    PredictiveScalingMetricDimension, PredictiveScalingMetricSpecification, PredictiveScalingMetricStat,
    PredictiveScalingMode, PredictiveScalingPolicyConfiguration, PredictiveScalingPredefinedLoadMetricSpecification,
    PredictiveScalingPredefinedMetricPairSpecification, PredictiveScalingPredefinedScalingMetricSpecification,
    StepAdjustment, StepScalingPolicyConfiguration, TargetTrackingMetric, TargetTrackingMetricDataQuery,
    TargetTrackingMetricDimension, TargetTrackingMetricStat, TargetTrackingScalingPolicyConfiguration,
};

use crate::aws::convert::{structures, words};

words! {
    AdjustmentType, MetricAggregationType, MetricStatistic, MetricType, PredictiveScalingMaxCapacityBreachBehavior,
    PredictiveScalingMode
}

structures! {
    StepScalingPolicyConfiguration {
        "AdjustmentType": adjustment_type set_adjustment_type,
        "StepAdjustments": step_adjustments set_step_adjustments, "Cooldown": cooldown set_cooldown,
        "MinAdjustmentMagnitude": min_adjustment_magnitude set_min_adjustment_magnitude,
        "MetricAggregationType": metric_aggregation_type set_metric_aggregation_type,
    }
    StepAdjustment {
        "MetricIntervalLowerBound": metric_interval_lower_bound set_metric_interval_lower_bound,
        "MetricIntervalUpperBound": metric_interval_upper_bound set_metric_interval_upper_bound,
        "ScalingAdjustment": scaling_adjustment set_scaling_adjustment,
    }
    TargetTrackingScalingPolicyConfiguration {
        "TargetValue": target_value set_target_value, "ScaleInCooldown": scale_in_cooldown set_scale_in_cooldown,
        "ScaleOutCooldown": scale_out_cooldown set_scale_out_cooldown,
        "DisableScaleIn": disable_scale_in set_disable_scale_in,
        "PredefinedMetricSpecification": predefined_metric_specification set_predefined_metric_specification,
        "CustomizedMetricSpecification": customized_metric_specification set_customized_metric_specification,
    }
    PredefinedMetricSpecification {
        "PredefinedMetricType": predefined_metric_type set_predefined_metric_type,
        "ResourceLabel": resource_label set_resource_label,
    }
    CustomizedMetricSpecification {
        "Namespace": namespace set_namespace, "MetricName": metric_name set_metric_name,
        "Dimensions": dimensions set_dimensions, "Statistic": statistic set_statistic, "Unit": unit set_unit,
        "Metrics": metrics set_metrics,
    }
    MetricDimension { "Name": name set_name, "Value": value set_value }
    TargetTrackingMetricDataQuery {
        "Id": id set_id, "Expression": expression set_expression, "Label": label set_label,
        "MetricStat": metric_stat set_metric_stat, "ReturnData": return_data set_return_data,
    }
    TargetTrackingMetricStat { "Metric": metric set_metric, "Stat": stat set_stat, "Unit": unit set_unit }
    TargetTrackingMetric {
        "Namespace": namespace set_namespace, "MetricName": metric_name set_metric_name,
        "Dimensions": dimensions set_dimensions,
    }
    TargetTrackingMetricDimension { "Name": name set_name, "Value": value set_value }
    PredictiveScalingPolicyConfiguration {
        "MetricSpecifications": metric_specifications set_metric_specifications, "Mode": mode set_mode,
        "SchedulingBufferTime": scheduling_buffer_time set_scheduling_buffer_time,
        "MaxCapacityBreachBehavior": max_capacity_breach_behavior set_max_capacity_breach_behavior,
        "MaxCapacityBuffer": max_capacity_buffer set_max_capacity_buffer,
    }
    PredictiveScalingMetricSpecification {
        "TargetValue": target_value set_target_value,
        "PredefinedMetricPairSpecification":
            predefined_metric_pair_specification set_predefined_metric_pair_specification,
        "PredefinedScalingMetricSpecification":
            predefined_scaling_metric_specification set_predefined_scaling_metric_specification,
        "PredefinedLoadMetricSpecification":
            predefined_load_metric_specification set_predefined_load_metric_specification,
        "CustomizedScalingMetricSpecification":
            customized_scaling_metric_specification set_customized_scaling_metric_specification,
        "CustomizedLoadMetricSpecification":
            customized_load_metric_specification set_customized_load_metric_specification,
        "CustomizedCapacityMetricSpecification":
            customized_capacity_metric_specification set_customized_capacity_metric_specification,
    }
    PredictiveScalingPredefinedMetricPairSpecification {
        "PredefinedMetricType": predefined_metric_type set_predefined_metric_type,
        "ResourceLabel": resource_label set_resource_label,
    }
    PredictiveScalingPredefinedScalingMetricSpecification {
        "PredefinedMetricType": predefined_metric_type set_predefined_metric_type,
        "ResourceLabel": resource_label set_resource_label,
    }
    PredictiveScalingPredefinedLoadMetricSpecification {
        "PredefinedMetricType": predefined_metric_type set_predefined_metric_type,
        "ResourceLabel": resource_label set_resource_label,
    }
    PredictiveScalingCustomizedMetricSpecification {
        "MetricDataQueries": metric_data_queries set_metric_data_queries,
    }
    PredictiveScalingMetricDataQuery {
        "Id": id set_id, "Expression": expression set_expression, "Label": label set_label,
        "MetricStat": metric_stat set_metric_stat, "ReturnData": return_data set_return_data,
    }
    PredictiveScalingMetricStat { "Metric": metric set_metric, "Stat": stat set_stat, "Unit": unit set_unit }
    PredictiveScalingMetric {
        "Namespace": namespace set_namespace, "MetricName": metric_name set_metric_name,
        "Dimensions": dimensions set_dimensions,
    }
    PredictiveScalingMetricDimension { "Name": name set_name, "Value": value set_value }
}
