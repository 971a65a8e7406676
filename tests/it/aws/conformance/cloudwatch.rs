//! CloudWatch.

use provision::{base::PhysicalId, driver::Provider};
use serde_json::json;

use super::{super::cloud::Cloud, tags};

const ALARM: &str = "AWS::CloudWatch::Alarm";
const DASHBOARD: &str = "AWS::CloudWatch::Dashboard";

#[tokio::test]
async fn alarm_conforms() {
    let cloud = Cloud::of("alarm_conforms");
    let topic = "arn:aws:sns:us-east-1:123456789012:alarms";
    let want = json!({
        "AlarmName": "database cpu", "AlarmDescription": "Database CPU above 80 %", "Namespace": "AWS/RDS",
        "MetricName": "CPUUtilization", "Dimensions": [{"Name": "DBClusterIdentifier", "Value": "main"}],
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 80, "Statistic": "Average", "Period": 60,
        "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "TreatMissingData": "missing", "Unit": "Percent",
        "ActionsEnabled": true, "AlarmActions": [topic], "OKActions": [topic], "InsufficientDataActions": [topic],
        "Tags": tags(&[("Name", "a"), ("Team", "x")]),
    });
    let other = json!({
        "AlarmName": "database cpu", "Namespace": "AWS/RDS", "MetricName": "CPUUtilization",
        "ComparisonOperator": "LessThanThreshold", "Threshold": 0.5, "ExtendedStatistic": "p99", "Period": 300,
        "EvaluationPeriods": 2, "ActionsEnabled": false, "EvaluateLowSampleCountPercentile": "ignore",
        "Tags": tags(&[("Name", "b")]),
    });
    let retagged = json!({
        "AlarmName": "database cpu", "Namespace": "AWS/RDS", "MetricName": "CPUUtilization",
        "ComparisonOperator": "LessThanThreshold", "Threshold": 0.5, "ExtendedStatistic": "p99", "Period": 300,
        "EvaluationPeriods": 2, "ActionsEnabled": false, "EvaluateLowSampleCountPercentile": "ignore",
        "Tags": tags(&[("Name", "c")]),
    });
    cloud.check(ALARM, want, [other, retagged]).await;
}

#[tokio::test]
async fn alarm_on_an_expression_conforms() {
    let cloud = Cloud::of("alarm_on_an_expression_conforms");
    let metric = |id: &str, name: &str| {
        json!({
            "Id": id, "ReturnData": false, "Label": name, "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB", "MetricName": name,
                    "Dimensions": [{"Name": "LoadBalancer", "Value": "app/main/1"}],
                },
                "Period": 60, "Stat": "Sum",
            },
        })
    };
    let document = |expression: &str| {
        json!({
            "AlarmName": "errors", "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 5,
            "EvaluationPeriods": 2, "TreatMissingData": "notBreaching",
            "Metrics": [
                {"Id": "rate", "Expression": expression, "Label": "error rate", "ReturnData": true},
                metric("errors", "HTTPCode_Target_5XX_Count"),
                metric("requests", "RequestCount"),
            ],
        })
    };
    cloud.check(ALARM, document("100 * errors / requests"), [document("errors / requests")]).await;
}

#[tokio::test]
async fn a_put_does_not_take_over_what_somebody_else_has_made() {
    let cloud = Cloud::of("a_put_does_not_take_over_what_somebody_else_has_made");
    let alarm = json!({
        "AlarmName": "cpu", "Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 80, "Statistic": "Average", "Period": 60,
    });
    let dashboard = json!({"DashboardName": "main", "DashboardBody": r#"{"widgets": []}"#});
    let wanted = json!({"DashboardName": "main", "DashboardBody": r#"{"widgets": [], "start": "-PT1H"}"#});
    for (type_name, theirs, ours, id) in [(ALARM, &alarm, &alarm, "cpu"), (DASHBOARD, &dashboard, &wanted, "main")] {
        let driver = cloud.provider.driver(type_name).unwrap();
        let (call, want) = (cloud.call("main"), ours.clone().into());
        assert_eq!(driver.taken(&call, &want).await.unwrap(), None, "{type_name}");
        cloud.make(type_name, "theirs", theirs.clone()).await;
        assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(PhysicalId(id.to_owned())), "{type_name}");
        assert_eq!(driver.find(&call, &want).await.unwrap(), [], "{type_name}");
    }
}

// moto keeps no tags of dashboards.
#[tokio::test]
async fn dashboard_conforms() {
    let cloud = Cloud::of("dashboard_conforms");
    let want = json!({"DashboardName": "main", "DashboardBody": r#"{"widgets": []}"#});
    let other = json!({"DashboardName": "main", "DashboardBody": r#"{"widgets": [], "start": "-PT1H"}"#});
    cloud.check(DASHBOARD, want, [other]).await;
}
