//! How a service replaces its tasks: what CloudFormation and ECS call the parts of it.

use aws_sdk_ecs::types::{
    CanaryConfiguration, DeploymentAlarms, DeploymentCircuitBreaker, DeploymentConfiguration, DeploymentController,
    DeploymentControllerType, DeploymentEarlySuccessCriteria, DeploymentLifecycleHook, DeploymentLifecycleHookAction,
    DeploymentLifecycleHookStage, DeploymentLifecycleHookTargetType, DeploymentLifecycleHookTimeoutConfiguration,
    DeploymentStrategy, LinearConfiguration, SchedulingStrategy, ServiceRevisionCleanup, ThresholdConfiguration,
    ThresholdType,
};

use crate::{
    aws::convert::{Changed, structures, words},
    driver::Result,
};

words! {
    DeploymentControllerType, DeploymentLifecycleHookAction, DeploymentLifecycleHookStage,
    DeploymentLifecycleHookTargetType, DeploymentStrategy, ServiceRevisionCleanup, ThresholdType
}

structures! {
    DeploymentController { "Type": r#type set_type }
    DeploymentConfiguration {
        "Strategy": strategy set_strategy, "MaximumPercent": maximum_percent set_maximum_percent,
        "MinimumHealthyPercent": minimum_healthy_percent set_minimum_healthy_percent,
        "DeploymentCircuitBreaker": deployment_circuit_breaker set_deployment_circuit_breaker,
        "Alarms": alarms set_alarms, "BakeTimeInMinutes": bake_time_in_minutes set_bake_time_in_minutes,
        "CanaryConfiguration": canary_configuration set_canary_configuration,
        "LinearConfiguration": linear_configuration set_linear_configuration,
        "LifecycleHooks": lifecycle_hooks set_lifecycle_hooks,
        "EarlySuccessCriteria": early_success_criteria set_early_success_criteria,
    }
    DeploymentCircuitBreaker {
        "Enable": enable set_enable, "Rollback": rollback set_rollback,
        "ResetOnHealthyTask": reset_on_healthy_task set_reset_on_healthy_task,
        "ThresholdConfiguration": threshold_configuration set_threshold_configuration,
    }
    ThresholdConfiguration { "Type": r#type set_type, "Value": value set_value }
    DeploymentAlarms {
        "AlarmNames": alarm_names set_alarm_names, "Enable": enable set_enable, "Rollback": rollback set_rollback,
    }
    CanaryConfiguration {
        "CanaryPercent": canary_percent set_canary_percent,
        "CanaryBakeTimeInMinutes": canary_bake_time_in_minutes set_canary_bake_time_in_minutes,
    }
    LinearConfiguration {
        "StepPercent": step_percent set_step_percent,
        "StepBakeTimeInMinutes": step_bake_time_in_minutes set_step_bake_time_in_minutes,
    }
    DeploymentLifecycleHook {
        "TargetType": target_type set_target_type, "HookTargetArn": hook_target_arn set_hook_target_arn,
        "RoleArn": role_arn set_role_arn, "LifecycleStages": lifecycle_stages set_lifecycle_stages,
        "HookDetails": hook_details set_hook_details,
        "TimeoutConfiguration": timeout_configuration set_timeout_configuration,
    }
    DeploymentLifecycleHookTimeoutConfiguration {
        "Action": action set_action, "TimeoutInMinutes": timeout_in_minutes set_timeout_in_minutes,
    }
    DeploymentEarlySuccessCriteria {
        "Enable": enable set_enable, "HealthyPercent": healthy_percent set_healthy_percent,
        "SourceServiceRevisionCleanup": source_service_revision_cleanup set_source_service_revision_cleanup,
    }
}

/// What the configuration is to become; `None` if it stays. The API leaves alone what it is not told, so what is taken away
/// is told to be as AWS has it by itself.
pub fn changed_configuration(change: &Changed<'_>) -> Result<Option<DeploymentConfiguration>> {
    let nothing = || DeploymentConfiguration::builder().build();
    let Some(mut wanted) = change.part_or("DeploymentConfiguration", nothing())? else { return Ok(None) };
    let before = change.before.part("DeploymentConfiguration")?.unwrap_or_else(nothing);
    let scheduling = change.want.part::<SchedulingStrategy>("SchedulingStrategy")?;
    let (most, least) = if scheduling == Some(SchedulingStrategy::Daemon) { (100, 0) } else { (200, 100) };
    restore(&mut wanted.maximum_percent, before.maximum_percent, most);
    restore(&mut wanted.minimum_healthy_percent, before.minimum_healthy_percent, least);
    restore(&mut wanted.strategy, before.strategy, DeploymentStrategy::Rolling);
    restore(&mut wanted.bake_time_in_minutes, before.bake_time_in_minutes, 0);
    restore(&mut wanted.lifecycle_hooks, before.lifecycle_hooks, Vec::new());
    let no_breaker = DeploymentCircuitBreaker::builder().build();
    restore(&mut wanted.deployment_circuit_breaker, before.deployment_circuit_breaker, no_breaker);
    let no_criteria = DeploymentEarlySuccessCriteria::builder().build();
    restore(&mut wanted.early_success_criteria, before.early_success_criteria, no_criteria);
    if let Ok(no_alarms) = DeploymentAlarms::builder().set_alarm_names(Some(Vec::new())).build() {
        restore(&mut wanted.alarms, before.alarms, no_alarms);
    }
    Ok(Some(wanted))
}

fn restore<T>(wanted: &mut Option<T>, before: Option<T>, default: T) {
    if wanted.is_none() && before.is_some() {
        *wanted = Some(default);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        aws::convert::Part,
        base::{Path, PhysicalId},
        driver::Change,
    };

    #[test]
    fn what_is_taken_away_is_switched_off_and_the_rest_is_left_alone() {
        let breaker = json!({"Enable": true, "Rollback": true});
        let change = Change {
            id: PhysicalId("id".into()),
            before: json!({"DeploymentConfiguration": {
                "DeploymentCircuitBreaker": breaker, "MaximumPercent": 150,
                "Alarms": {"AlarmNames": ["a"], "Enable": true, "Rollback": false},
            }})
            .into(),
            want: json!({"DeploymentConfiguration": {"MaximumPercent": 300}}).into(),
            paths: vec![Path::key("DeploymentConfiguration")],
        };
        let wanted = changed_configuration(&Changed::new("T", &change)).unwrap().unwrap().shown();
        let expected = json!({
            "DeploymentCircuitBreaker": {"Enable": false, "Rollback": false}, "MaximumPercent": 300,
            "Alarms": {"AlarmNames": [], "Enable": false, "Rollback": false},
        });
        assert_eq!(wanted, expected);
    }
}
