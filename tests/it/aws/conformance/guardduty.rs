//! GuardDuty.

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const DETECTOR: &str = "AWS::GuardDuty::Detector";

/// GuardDuty refuses everything with one code; the words are from its answers.
fn refused(message: &str) -> Trouble {
    let body =
        json!({"__type": "BadRequestException", "message": format!("The request is rejected because {message}.")});
    Trouble::Answered(400, body.to_string())
}

/// moto makes a second detector where AWS refuses it.
fn only_one(cloud: &Cloud) {
    cloud.wire.trouble("POST /detector", 1, refused("a detector already exists for the current account"));
}

/// moto cannot change tags, and forgets `MalwareProtection`.
#[tokio::test]
async fn detector_conforms() {
    let cloud = Cloud::of("detector_conforms");
    only_one(&cloud);
    let document = |enable: bool| {
        json!({
            "Enable": enable, "FindingPublishingFrequency": "ONE_HOUR",
            "DataSources": {"S3Logs": {"Enable": enable}, "Kubernetes": {"AuditLogs": {"Enable": !enable}}},
            "Tags": tags(&[("Name", "a"), ("Team", "b")]),
        })
    };
    let mut least = document(true);
    least.as_object_mut().unwrap().remove("FindingPublishingFrequency");
    cloud.check(DETECTOR, document(true), [document(false), least]).await;
}

#[tokio::test]
async fn detector_with_features_conforms() {
    let cloud = Cloud::of("detector_with_features_conforms");
    only_one(&cloud);
    let document = |status: &str| {
        let agents = json!([{"Name": "EC2_AGENT_MANAGEMENT", "Status": status}]);
        let features = json!([
            {"Name": "EBS_MALWARE_PROTECTION", "Status": "ENABLED"},
            {"Name": "RUNTIME_MONITORING", "Status": status, "AdditionalConfiguration": agents},
        ]);
        json!({"Enable": true, "FindingPublishingFrequency": "SIX_HOURS", "Features": features})
    };
    cloud.check(DETECTOR, document("ENABLED"), [document("DISABLED")]).await;
}

/// The answer is AWS's: all data sources and features, and those that are always on.
#[tokio::test]
async fn everything_about_a_detector_is_read() {
    let cloud = Cloud::of("everything_about_a_detector_is_read");
    let on = json!({"status": "ENABLED"});
    let answer = json!({
        "createdAt": "2026-01-31T08:00:00Z", "updatedAt": "2026-01-31T08:00:00Z", "status": "ENABLED",
        "findingPublishingFrequency": "SIX_HOURS", "serviceRole": "arn:aws:iam::123456789012:role/r",
        "dataSources": {
            "cloudTrail": on, "dnsLogs": on, "flowLogs": on, "s3Logs": on,
            "kubernetes": {"auditLogs": {"status": "DISABLED"}},
            "malwareProtection": {"scanEc2InstanceWithFindings": {"ebsVolumes": on}, "serviceRole": "arn:role"},
        },
        "features": [
            {"name": "CLOUD_TRAIL", "status": "ENABLED"}, {"name": "FLOW_LOGS", "status": "ENABLED"},
            {"name": "S3_DATA_EVENTS", "status": "ENABLED", "updatedAt": 1_769_846_400},
            {
                "name": "RUNTIME_MONITORING", "status": "DISABLED",
                "additionalConfiguration": [{"name": "EC2_AGENT_MANAGEMENT", "status": "DISABLED"}],
            },
        ],
        "tags": {"Name": "a", "provision:token": "t"},
    });
    cloud.wire.trouble("GET /detector/abc", 0, Trouble::Answered(200, answer.to_string()));
    let driver = cloud.provider.driver(DETECTOR).unwrap();
    let found = driver.read(&cloud.call("main"), &["abc", "none"].map(|id| PhysicalId(id.to_owned()))).await.unwrap();
    assert!(found[1].is_none());
    let live = found[0].clone().unwrap().into_json();
    assert_eq!(live["Id"], json!("abc"));
    assert_eq!(live["Enable"], json!(true));
    let sources = json!({
        "S3Logs": {"Enable": true}, "Kubernetes": {"AuditLogs": {"Enable": false}},
        "MalwareProtection": {"ScanEc2InstanceWithFindings": {"EbsVolumes": true}},
    });
    assert_eq!(live["DataSources"], sources);
    let features: Vec<&Json> = live["Features"].as_array().unwrap().iter().map(|feature| &feature["Name"]).collect();
    assert_eq!(features, ["S3_DATA_EVENTS", "RUNTIME_MONITORING"]);
    let agents = json!([{"Name": "EC2_AGENT_MANAGEMENT", "Status": "DISABLED"}]);
    assert_eq!(live["Features"][1]["AdditionalConfiguration"], agents);
    assert_eq!(live["Tags"], tags(&[("Name", "a")]));
}

#[tokio::test]
async fn the_tags_of_a_detector_are_put_on_and_taken_off() {
    let cloud = Cloud::of("the_tags_of_a_detector_are_put_on_and_taken_off");
    let id = cloud.make_id(DETECTOR, "main", json!({"Enable": true}), "Id").await;
    let account = cloud.place.role_arn.clone().unwrap().split(':').nth(4).unwrap().to_owned();
    let path = format!("/tags/arn%3Aaws%3Aguardduty%3Aus-east-1%3A{account}%3Adetector%2F{id}");
    let (put, take) = (format!("POST {path}"), format!("DELETE {path}"));
    for operation in [&put, &take] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, "{}".to_owned()));
    }
    let change = Change {
        id: PhysicalId(id),
        before: json!({"Enable": true, "Tags": tags(&[("Old", "x")])}).into(),
        want: json!({"Enable": true, "Tags": tags(&[("New", "y")])}).into(),
        paths: vec![Path::key("Tags")],
    };
    let driver = cloud.provider.driver(DETECTOR).unwrap();
    driver.update(&cloud.call("main"), &change).await.unwrap();
    let sent: Json = serde_json::from_str(&cloud.wire.requests(&put)[0]).unwrap();
    assert_eq!(sent, json!({"tags": {"New": "y"}}));
    assert_eq!(cloud.wire.requests(&take).len(), 1);
}

#[tokio::test]
async fn a_detector_that_does_not_watch_all_that_it_should_is_half_made() {
    let cloud = Cloud::of("a_detector_that_does_not_watch_all_that_it_should_is_half_made");
    let volumes = json!({"ebsVolumes": {"status": "DISABLED", "reason": "the role is missing"}});
    let answer = json!({
        "detectorId": "abc",
        "unprocessedDataSources": {"malwareProtection": {"scanEc2InstanceWithFindings": volumes}},
    });
    cloud.wire.trouble("POST /detector", 0, Trouble::Answered(200, answer.to_string()));
    let driver = cloud.provider.driver(DETECTOR).unwrap();
    let fault = driver.create(&cloud.call("main"), &json!({"Enable": true}).into()).await.unwrap_err();
    assert!(fault.message.contains("the role is missing"), "{fault}");
    assert_eq!(fault.made.unwrap().id.0, "abc");
}

#[tokio::test]
async fn what_guardduty_refuses_is_told_apart_by_its_words() {
    let cloud = Cloud::of("what_guardduty_refuses_is_told_apart_by_its_words");
    let (driver, call) = (cloud.provider.driver(DETECTOR).unwrap(), cloud.call("main"));
    for (words, kind) in [
        ("a detector already exists for the current account", FaultKind::AlreadyExists),
        ("an invalid or out-of-range value is specified as an input parameter", FaultKind::Invalid),
    ] {
        cloud.wire.trouble("POST /detector", 0, refused(words));
        let fault = driver.create(&call, &json!({"Enable": true}).into()).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
    }
    let words = "the current account cannot delete detector while it has invited or associated members";
    cloud.wire.trouble("DELETE /detector/abc", 0, refused(words));
    let fault = driver.delete(&call, &PhysicalId("abc".to_owned()), &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse);
}
