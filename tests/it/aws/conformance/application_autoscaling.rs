//! Application Auto Scaling.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::collections::BTreeMap;

use provision::{
    base::{Address, Doc, PhysicalId, Token},
    driver::{Call, Change, FaultKind, Owner, Progress, Provider},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const TARGET: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
const POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

/// An account with a service in it that can be scaled. moto has no tags here, so they are played.
async fn cloud(test: &'static str) -> Cloud {
    let cloud = Cloud::of(test);
    cloud.wire.script("ListTagsForResource", tags_so_far);
    cloud.wire.script("TagResource", |_| "{}".to_owned());
    cloud.wire.script("UntagResource", |_| "{}".to_owned());
    let ecs = cloud.clients.ecs(&cloud.place).await;
    ecs.create_cluster().cluster_name("main").send().await.unwrap();
    for name in ["web", "api"] {
        ecs.create_service().cluster("main").service_name(name).desired_count(0).send().await.unwrap();
    }
    cloud
}

/// The tags of the one target of a test, from all that was asked for.
fn tags_so_far(requests: &[(String, String)]) -> String {
    let mut tags: BTreeMap<String, Json> = BTreeMap::new();
    for (operation, body) in requests {
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        match operation.as_str() {
            "RegisterScalableTarget" | "TagResource" => {
                tags.extend(
                    body["Tags"].as_object().into_iter().flatten().map(|(key, tag)| (key.clone(), tag.clone())),
                );
            }
            "UntagResource" => {
                let gone = body["TagKeys"].as_array().cloned().unwrap_or_default();
                tags.retain(|key, _| !gone.contains(&json!(key)));
            }
            _ => {}
        }
    }
    json!({"Tags": tags}).to_string()
}

fn target(more: &Json) -> Json {
    let mut target = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
    });
    target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    target
}

#[tokio::test]
async fn scalable_target_conforms() {
    let cloud = cloud("scalable_target_conforms").await;
    // What is gone already is `ObjectNotFoundException` to AWS, and a `ValidationException` to moto.
    cloud.wire.trouble("DeregisterScalableTarget", 1, Trouble::Refused(400, "ObjectNotFoundException"));
    let action = |name: &str, most: u8, start: Option<&str>| {
        let mut action = json!({
            "ScheduledActionName": name, "Schedule": "cron(0 8 * * ? *)", "Timezone": "Europe/Berlin",
            "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": most},
        });
        if let Some(start) = start {
            action["StartTime"] = json!(start);
            action["EndTime"] = json!("2031-01-01T00:00:00Z");
        }
        action
    };
    let suspended = |inwards: bool, outwards: bool| {
        json!({
            "DynamicScalingInSuspended": inwards, "DynamicScalingOutSuspended": outwards,
            "ScheduledScalingSuspended": true,
        })
    };
    let want = target(&json!({
        "MinCapacity": 1, "MaxCapacity": 4, "RoleARN": "arn:aws:iam::123456789012:role/scaling",
        "SuspendedState": suspended(true, false), "Tags": tags(&[("Name", "a"), ("Team", "x")]),
        "ScheduledActions": [action("up", 4, Some("2030-01-01T00:00:00Z")), action("down", 1, None)],
    }));
    let other = target(&json!({
        "MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": suspended(false, true), "Tags": tags(&[("Name", "b")]),
        "ScheduledActions": [action("up", 8, None), action("night", 2, None)],
    }));
    let plain = target(&json!({"MinCapacity": 2, "MaxCapacity": 8}));
    cloud.check(TARGET, want, [other, plain]).await;
}

#[tokio::test]
async fn a_target_of_somebody_else_is_not_taken_over() {
    let cloud = cloud("a_target_of_somebody_else_is_not_taken_over").await;
    let (driver, call) = (cloud.provider.driver(TARGET).unwrap(), call(&cloud));
    let want = Doc::from(target(&json!({"MinCapacity": 1, "MaxCapacity": 4})));
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let client = cloud.clients.application_autoscaling(&cloud.place).await;
    let request = client.register_scalable_target().service_namespace("ecs".into()).resource_id("service/main/web");
    request.scalable_dimension("ecs:service:DesiredCount".into()).min_capacity(1).max_capacity(2).send().await.unwrap();
    let theirs = driver.taken(&call, &want).await.unwrap();
    assert_eq!(theirs, Some(PhysicalId("service/main/web|ecs:service:DesiredCount|ecs".into())));
    assert_eq!(driver.find(&call, &want).await.unwrap(), []);
    driver.create(&call, &want).await.unwrap();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    assert_eq!(driver.find(&call, &want).await.unwrap(), Vec::from_iter(theirs));
}

#[tokio::test]
async fn a_service_that_is_not_visible_yet_is_worth_another_try() {
    let cloud = cloud("a_service_that_is_not_visible_yet_is_worth_another_try").await;
    let mut want = target(&json!({"MinCapacity": 1, "MaxCapacity": 4}));
    want["ResourceId"] = json!("service/main/new");
    let fault = cloud.provider.driver(TARGET).unwrap().create(&call(&cloud), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
}

fn policy(kind: &str, configuration: &Json) -> Json {
    let property = format!("{kind}PolicyConfiguration");
    target(&json!({"PolicyName": "cpu", "PolicyType": kind, property: configuration}))
}

async fn registered(test: &'static str) -> Cloud {
    let cloud = cloud(test).await;
    cloud.wire.trouble("DeleteScalingPolicy", 1, Trouble::Refused(400, "ObjectNotFoundException"));
    let client = cloud.clients.application_autoscaling(&cloud.place).await;
    let request = client.register_scalable_target().service_namespace("ecs".into()).resource_id("service/main/web");
    request.scalable_dimension("ecs:service:DesiredCount".into()).min_capacity(1).max_capacity(2).send().await.unwrap();
    cloud
}

// moto gives a policy that is put again another ARN, which AWS does not; so the updates are looked at on the wire.
#[tokio::test]
async fn target_tracking_policy_by_its_target_conforms() {
    let cloud = registered("target_tracking_policy_by_its_target_conforms").await;
    let want = json!({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": "service/main/web|ecs:service:DesiredCount|ecs",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 70, "ScaleInCooldown": 300, "ScaleOutCooldown": 60, "DisableScaleIn": true,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    });
    cloud.check(POLICY, want, []).await;
}

#[tokio::test]
async fn target_tracking_policy_by_customised_metrics_conforms() {
    let cloud = registered("target_tracking_policy_by_customised_metrics_conforms").await;
    let metric = json!({
        "Namespace": "AWS/SQS", "MetricName": "Visible", "Dimensions": [{"Name": "QueueName", "Value": "jobs"}],
    });
    let queries = json!([
        {"Id": "m1", "MetricStat": {"Metric": metric, "Stat": "Sum", "Unit": "Count"}, "ReturnData": false},
        {"Id": "e1", "Expression": "m1 / 2", "Label": "half", "ReturnData": true},
    ]);
    let want = policy(
        "TargetTrackingScaling",
        &json!({
            "TargetValue": 0.5, "CustomizedMetricSpecification": {"Metrics": queries},
        }),
    );
    cloud.check(POLICY, want, []).await;
}

#[tokio::test]
async fn target_tracking_policy_by_one_metric_conforms() {
    let cloud = registered("target_tracking_policy_by_one_metric_conforms").await;
    let want = policy(
        "TargetTrackingScaling",
        &json!({
            "TargetValue": "100", "CustomizedMetricSpecification": {
                "Namespace": "App", "MetricName": "Load", "Statistic": "Average", "Unit": "Percent",
                "Dimensions": [{"Name": "Service", "Value": "web"}],
            },
        }),
    );
    cloud.check(POLICY, want, []).await;
}

#[tokio::test]
async fn step_scaling_policy_conforms() {
    let cloud = registered("step_scaling_policy_conforms").await;
    let want = policy(
        "StepScaling",
        &json!({
            "AdjustmentType": "PercentChangeInCapacity", "Cooldown": 60, "MetricAggregationType": "Maximum",
            "MinAdjustmentMagnitude": 1, "StepAdjustments": [
                {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10.5, "ScalingAdjustment": 10},
                {"MetricIntervalLowerBound": 10.5, "ScalingAdjustment": 30},
            ],
        }),
    );
    cloud.check(POLICY, want, []).await;
}

// moto refuses predictive scaling; what AWS is asked for is written here as AWS documents it.
#[tokio::test]
async fn predictive_policy_and_its_update_are_asked_for_in_full() {
    let cloud = registered("predictive_policy_and_its_update_are_asked_for_in_full").await;
    let arn = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/service/main/web:policyName/cpu";
    cloud.wire.script("PutScalingPolicy", |_| {
        r#"{"PolicyARN": "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:resource/ecs/service/main/web:policyName/cpu"}"#
            .to_owned()
    });
    let stat = json!({
        "Metric": {"Namespace": "App", "MetricName": "Load", "Dimensions": [{"Name": "Service", "Value": "web"}]},
        "Stat": "Sum", "Unit": "Count",
    });
    let customised = json!({"MetricDataQueries": [{"Id": "m1", "MetricStat": stat, "ReturnData": true}]});
    let predefined = |name: &str| json!({"PredefinedMetricType": name, "ResourceLabel": "label"});
    let configuration = |buffer: u16| {
        json!({
            "Mode": "ForecastAndScale", "SchedulingBufferTime": buffer, "MaxCapacityBreachBehavior": "IncreaseMaxCapacity",
            "MaxCapacityBuffer": 10, "MetricSpecifications": [
                {"TargetValue": 40.0, "PredefinedMetricPairSpecification": predefined("ECSServiceCPUUtilization")},
                {
                    "TargetValue": 41.5, "PredefinedScalingMetricSpecification": predefined("ALBRequestCountPerTarget"),
                    "PredefinedLoadMetricSpecification": predefined("ALBRequestCount"),
                },
                {
                    "TargetValue": 42.5, "CustomizedScalingMetricSpecification": customised,
                    "CustomizedLoadMetricSpecification": customised, "CustomizedCapacityMetricSpecification": customised,
                },
            ],
        })
    };
    let (driver, call) = (cloud.provider.driver(POLICY).unwrap(), call(&cloud));
    let (before, want) =
        (policy("PredictiveScaling", &configuration(60)), policy("PredictiveScaling", &configuration(90)));
    let Progress::Done(made) = driver.create(&call, &before.clone().into()).await.unwrap() else { panic!("not done") };
    assert_eq!(made.id.0, format!("{arn}|ecs:service:DesiredCount"));
    let paths = vec!["PredictiveScalingPolicyConfiguration".parse().unwrap()];
    let change = Change { id: made.id, before: before.clone().into(), want: want.clone().into(), paths };
    driver.update(&call, &change).await.unwrap();
    let sent = cloud.wire.requests("PutScalingPolicy");
    let sent: Vec<Json> = sent.iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    assert_eq!(sent, [before, want]);
}

#[tokio::test]
async fn a_policy_that_is_there_already_is_somebody_elses() {
    let cloud = registered("a_policy_that_is_there_already_is_somebody_elses").await;
    let (driver, call) = (cloud.provider.driver(POLICY).unwrap(), call(&cloud));
    let step = json!({"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]});
    let want: Doc = policy("StepScaling", &step).into();
    let mut elsewhere = policy("StepScaling", &step);
    elsewhere["ResourceId"] = json!("service/main/api");
    driver.create(&call, &elsewhere.clone().into()).await.unwrap();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let made = driver.create(&call, &want).await.unwrap().into_inner();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(made.id.clone()));
    let nowhere = PhysicalId("arn:aws:autoscaling:us-east-1:1:scalingPolicy:1:resource/ecs/service/main/web:policyName/x|ecs:service:DesiredCount".into());
    let found = driver.read(&call, &[nowhere, made.id.clone()]).await.unwrap();
    assert!(found[0].is_none() && found[1].as_ref().unwrap().text("Arn").is_some_and(|arn| made.id.0.starts_with(arn)));
}
