//! CloudTrail.

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Provider},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags, unique,
};

const TRAIL: &str = "AWS::CloudTrail::Trail";

/// A bucket: their names are unique among all accounts.
#[expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]
async fn bucket(cloud: &Cloud, name: &str) -> String {
    let name = unique(name);
    cloud.clients.s3(&cloud.place).await.create_bucket().bucket(&name).send().await.unwrap();
    name
}

/// moto does not know configurations of events.
fn without_configurations(cloud: &Cloud) {
    cloud.wire.script("GetEventConfiguration", |_| "{}".to_owned());
}

/// moto adds insight selectors to those that are there instead of replacing them, so they stay as they are here.
#[tokio::test]
async fn trail_conforms() {
    let cloud = Cloud::of("trail_conforms");
    without_configurations(&cloud);
    let (one, two) = (bucket(&cloud, "trail-one").await, bucket(&cloud, "trail-two").await);
    let key = cloud.make_id("AWS::KMS::Key", "key", json!({}), "Arn").await;
    cloud.make("AWS::SNS::Topic", "topic", json!({"TopicName": "trails"})).await;
    let insights = json!([{"InsightType": "ApiCallRateInsight"}]);
    let want = json!({
        "TrailName": "main", "S3BucketName": one, "S3KeyPrefix": "audit", "SnsTopicName": "trails",
        "IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": true, "EnableLogFileValidation": true,
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:trail:*",
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/trail", "KMSKeyId": key, "IsOrganizationTrail": false,
        "IsLogging": true, "InsightSelectors": insights, "Tags": tags(&[("Name", "a"), ("Team", "b")]),
        "EventSelectors": [{
            "ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
            "ExcludeManagementEventSources": ["kms.amazonaws.com"],
            "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
        }],
    });
    let other = json!({
        "TrailName": "main", "S3BucketName": two, "IncludeGlobalServiceEvents": false, "IsMultiRegionTrail": false,
        "EnableLogFileValidation": false, "IsLogging": false, "InsightSelectors": insights, "Tags": tags(&[("Name", "b")]),
        "IsOrganizationTrail": false,
        "EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": false}],
    });
    let least = json!({
        "TrailName": "main", "S3BucketName": two, "IsMultiRegionTrail": false, "EnableLogFileValidation": false,
        "IsOrganizationTrail": false, "IsLogging": true, "InsightSelectors": insights,
    });
    cloud.check(TRAIL, want, [other, least]).await;
}

/// moto keeps advanced selectors when simple ones take their place, so they are only made here.
#[tokio::test]
async fn trail_of_advanced_selectors_conforms() {
    let cloud = Cloud::of("trail_of_advanced_selectors_conforms");
    without_configurations(&cloud);
    let want = json!({
        "TrailName": "advanced", "S3BucketName": bucket(&cloud, "trail-advanced").await, "IsLogging": true,
        "AdvancedEventSelectors": [
            {"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
            {"Name": "objects", "FieldSelectors": [
                {"Field": "eventCategory", "Equals": ["Data"]},
                {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::logs"]},
            ]},
        ],
    });
    cloud.check(TRAIL, want, []).await;
}

/// What moto lacks, in AWS's words: aggregations, and the refusal to report insights that are off.
#[tokio::test]
async fn aggregations_of_a_trail_are_sent_and_read() {
    let cloud = Cloud::of("aggregations_of_a_trail_are_sent_and_read");
    let bucket = bucket(&cloud, "trail-aggregated").await;
    let before = json!({"TrailName": "main", "S3BucketName": bucket, "IsLogging": false});
    without_configurations(&cloud);
    cloud.make(TRAIL, "main", before.clone()).await;
    let aggregations = json!([{"EventCategory": "Data", "Templates": ["API_ACTIVITY"]}]);
    let mut want = before.clone();
    want["AggregationConfigurations"] = aggregations.clone();
    let driver = cloud.provider.driver(TRAIL).unwrap();
    let change = Change {
        id: PhysicalId("main".to_owned()),
        before: before.into(),
        want: want.into(),
        paths: vec![Path::key("AggregationConfigurations")],
    };
    cloud.wire.trouble("PutEventConfiguration", 0, Trouble::Answered(200, "{}".to_owned()));
    driver.update(&cloud.call("main"), &change).await.unwrap();
    let sent: Json = serde_json::from_str(&cloud.wire.requests("PutEventConfiguration")[0]).unwrap();
    assert_eq!((&sent["TrailName"], &sent["AggregationConfigurations"]), (&json!("main"), &aggregations));
    assert!(cloud.wire.requests("UpdateTrail").is_empty());

    let answer = json!({"AggregationConfigurations": aggregations}).to_string();
    cloud.wire.trouble("GetEventConfiguration", 0, Trouble::Answered(200, answer));
    cloud.wire.trouble("GetInsightSelectors", 0, Trouble::Refused(400, "InsightNotEnabledException"));
    let ids = ["main", "none"].map(|name| PhysicalId(name.to_owned()));
    let found = driver.read(&cloud.call("main"), &ids).await.unwrap();
    let live = found[0].clone().unwrap();
    assert_eq!(live.get("AggregationConfigurations"), Some(&aggregations));
    assert_eq!((live.get("InsightSelectors"), live.get("IsLogging")), (None, Some(&json!(false))));
    assert!(found[1].is_none());
}

#[tokio::test]
async fn a_trail_that_could_not_be_started_is_half_made() {
    let cloud = Cloud::of("a_trail_that_could_not_be_started_is_half_made");
    let want = json!({"TrailName": "main", "S3BucketName": bucket(&cloud, "trail-half").await, "IsLogging": true});
    cloud.wire.trouble("StartLogging", 0, Trouble::Refused(400, "ConflictException"));
    let driver = cloud.provider.driver(TRAIL).unwrap();
    let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
    assert_eq!(fault.made.unwrap().id.0, "main");
}

/// A role that was just made is refused as if it were wrong.
#[tokio::test]
async fn a_role_whose_permissions_have_not_spread_is_worth_another_try() {
    let cloud = Cloud::of("a_role_whose_permissions_have_not_spread_is_worth_another_try");
    let refused = json!({
        "__type": "InvalidCloudWatchLogsRoleArnException",
        "message": "Access denied. Verify in IAM that the role has adequate permissions.",
    });
    cloud.wire.trouble("CreateTrail", 0, Trouble::Answered(400, refused.to_string()));
    let want = json!({"TrailName": "main", "S3BucketName": "trails", "IsLogging": false});
    let driver = cloud.provider.driver(TRAIL).unwrap();
    let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
}
