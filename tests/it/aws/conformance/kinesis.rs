//! Kinesis.

use std::collections::BTreeMap;

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const STREAM: &str = "AWS::Kinesis::Stream";

/// An account in which a stream has the tags that it was made with: moto forgets those.
fn cloud(test: &'static str) -> Cloud {
    let cloud = Cloud::of(test);
    cloud.wire.script("ListTagsForStream", |requests| {
        let mut tags = BTreeMap::new();
        for (operation, body) in requests {
            let Ok(body) = serde_json::from_str::<Json>(body) else { continue };
            if ["AddTagsToStream", "CreateStream"].contains(&operation.as_str()) {
                let put = body["Tags"].as_object().cloned().unwrap_or_default();
                tags.extend(put.into_iter().map(|(key, value)| (key.clone(), json!({"Key": key, "Value": value}))));
            }
            if operation == "DeleteStream" {
                tags.clear();
            }
            if operation == "RemoveTagsFromStream" {
                let take = body["TagKeys"].as_array().cloned().unwrap_or_default();
                tags.retain(|key, _| !take.contains(&json!(key)));
            }
        }
        json!({"HasMoreTags": false, "Tags": tags.into_values().collect::<Vec<_>>()}).to_string()
    });
    cloud
}

fn change(before: Json, want: Json, names: &[&str]) -> Change {
    let paths = names.iter().map(|name| Path::key(*name)).collect();
    Change { id: PhysicalId("events".to_owned()), before: before.into(), want: want.into(), paths }
}

fn described(status: &str, consumers: u32) -> Trouble {
    let stream = json!({
        "StreamName": "events", "StreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/events",
        "StreamStatus": status, "StreamModeDetails": {"StreamMode": "PROVISIONED"}, "RetentionPeriodHours": 24,
        "StreamCreationTimestamp": 1_700_000_000, "EnhancedMonitoring": [], "OpenShardCount": 1,
        "ConsumerCount": consumers,
    });
    Trouble::Answered(200, json!({"StreamDescriptionSummary": stream}).to_string())
}

// moto does not know the size of records, warm throughput and how records are distributed.
#[tokio::test]
async fn kinesis_stream_conforms() {
    let cloud = cloud("kinesis_stream_conforms");
    let want = json!({
        "Name": "events", "ShardCount": 2, "RetentionPeriodHours": 48, "StreamModeDetails": {"StreamMode": "PROVISIONED"},
        "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
        "DesiredShardLevelMetrics": ["IncomingBytes", "OutgoingBytes"], "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other = json!({
        "Name": "events", "ShardCount": 3, "RetentionPeriodHours": 36,
        "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/main"},
        "DesiredShardLevelMetrics": ["IncomingBytes", "IncomingRecords"], "Tags": tags(&[("Name", "b")]),
    });
    cloud.check(STREAM, want, [other, json!({"Name": "events", "ShardCount": 2})]).await;
}

#[tokio::test]
async fn kinesis_stream_on_demand_conforms() {
    let cloud = cloud("kinesis_stream_on_demand_conforms");
    let want = json!({"Name": "events", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
    let other = json!({"Name": "events", "StreamModeDetails": {"StreamMode": "PROVISIONED"}, "ShardCount": 4});
    cloud.check(STREAM, want, [other]).await;
}

#[tokio::test]
async fn a_stream_that_is_still_being_made_is_finished_later() {
    let cloud = cloud("a_stream_that_is_still_being_made_is_finished_later");
    let (driver, call) = (cloud.provider.driver(STREAM).unwrap(), cloud.call("main"));
    let want = json!({"Name": "events", "ShardCount": 1, "RetentionPeriodHours": 48});
    cloud.wire.trouble("DescribeStreamSummary", 0, described("CREATING", 0));
    let fault = driver.create(&call, &want.clone().into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.unwrap().id.0.as_str()), (FaultKind::NotReady, "events"));
    assert!(cloud.wire.requests("IncreaseStreamRetentionPeriod").is_empty());
    let rest = change(json!({"Name": "events", "RetentionPeriodHours": 24}), want, &["RetentionPeriodHours"]);
    // Whatever was done at an earlier attempt is not done again.
    for _ in 0..2 {
        let Progress::Done(_) = driver.update(&call, &rest).await.unwrap() else { panic!("it is active") };
    }
    assert_eq!(cloud.wire.requests("IncreaseStreamRetentionPeriod").len(), 1);
}

/// What moto lacks, asked for in AWS's words.
#[tokio::test]
async fn settings_of_a_stream_are_sent_as_they_change() {
    let cloud = cloud("settings_of_a_stream_are_sent_as_they_change");
    let before = json!({"Name": "events", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}});
    cloud.make(STREAM, "main", before.clone()).await;
    let want = json!({
        "Name": "events", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "MaxRecordSizeInKiB": 2048,
        "WarmThroughputMiBps": 100, "RecordDistributionStrategy": "AUTO",
    });
    let expected = [
        ("UpdateMaxRecordSize", "MaxRecordSizeInKiB", json!(2048)),
        ("UpdateStreamWarmThroughput", "WarmThroughputMiBps", json!(100)),
        ("UpdateStreamRecordDistributionStrategy", "RecordDistributionStrategy", json!("AUTO")),
    ];
    for (operation, ..) in &expected {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, "{}".to_owned()));
    }
    let names = expected.each_ref().map(|(_, property, _)| *property);
    let driver = cloud.provider.driver(STREAM).unwrap();
    driver.update(&cloud.call("main"), &change(before, want, &names)).await.unwrap();
    for (operation, property, value) in expected {
        let sent: Json = serde_json::from_str(cloud.wire.requests(operation).last().unwrap()).unwrap();
        assert_eq!(sent[property], value, "{operation}");
        assert!(sent["StreamARN"].as_str().unwrap().ends_with(":stream/events"), "{operation}");
    }
}

#[tokio::test]
async fn a_stream_that_is_read_says_by_whom_and_one_that_goes_is_waited_for() {
    let cloud = cloud("a_stream_that_is_read_says_by_whom_and_one_that_goes_is_waited_for");
    let (driver, call) = (cloud.provider.driver(STREAM).unwrap(), cloud.call("main"));
    let delete = async || driver.delete(&call, &PhysicalId("events".to_owned()), &Removal::default()).await;
    let refuse = |state: Trouble| {
        cloud.wire.trouble("DeleteStream", 0, Trouble::Refused(400, "ResourceInUseException"));
        cloud.wire.trouble("DescribeStreamSummary", 0, state);
    };
    let consumer = json!({
        "ConsumerName": "reader", "ConsumerARN": "arn:aws:kinesis:us-east-1:123456789012:stream/events/consumer/reader:1",
        "ConsumerStatus": "ACTIVE", "ConsumerCreationTimestamp": 1_700_000_000,
    });
    refuse(described("ACTIVE", 1));
    cloud.wire.trouble("ListStreamConsumers", 0, Trouble::Answered(200, json!({"Consumers": [consumer]}).to_string()));
    let fault = delete().await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["consumer reader".to_owned()]));
    refuse(described("UPDATING", 0));
    assert_eq!(delete().await.unwrap_err().kind, FaultKind::NotReady);
    refuse(described("DELETING", 0));
    assert!(matches!(delete().await.unwrap(), Progress::Pending { .. }));
    assert_eq!(delete().await.unwrap(), Progress::Done(()));
}
