//! DynamoDB.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const TABLE: &str = "AWS::DynamoDB::Table";

/// An account with tables that have no insights and feed no stream: moto does not know these.
fn cloud(test: &'static str) -> Cloud {
    let cloud = Cloud::of(test);
    cloud.wire.script("ListContributorInsights", |_| "{}".to_owned());
    cloud.wire.script("DescribeKinesisStreamingDestination", |_| "{}".to_owned());
    cloud
}

fn attributes(names: &[&str]) -> Json {
    names.iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect()
}

fn keys(hash: &str, range: Option<&str>) -> Json {
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    [key(hash, "HASH")].into_iter().chain(range.map(|range| key(range, "RANGE"))).collect()
}

/// A table, paid by request, with one local index and whatever else.
fn document(more: &Json) -> Json {
    let local = json!({
        "IndexName": "by_who", "KeySchema": keys("id", Some("who")),
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y"]},
    });
    let mut document = json!({
        "TableName": "main", "AttributeDefinitions": attributes(&["at", "id", "who"]), "KeySchema": keys("id", Some("at")),
        "LocalSecondaryIndexes": [local], "BillingMode": "PAY_PER_REQUEST",
    });
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

fn change(before: Json, want: Json, names: &[&str]) -> Change {
    let paths = names.iter().map(|name| Path::key(*name)).collect();
    Change { id: PhysicalId("main".to_owned()), before: before.into(), want: want.into(), paths }
}

fn described(status: &str) -> Trouble {
    let table = json!({
        "TableName": "main", "TableStatus": status, "TableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/main",
    });
    Trouble::Answered(200, json!({"Table": table}).to_string())
}

fn bodies(cloud: &Cloud, operation: &str) -> Vec<Json> {
    cloud.wire.requests(operation).iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

// moto forgets the class of a table, limits on demand, and a policy that comes with the create call; it changes no
// encryption, and enables a stream once only.
#[tokio::test]
async fn dynamodb_table_conforms() {
    let cloud = cloud("dynamodb_table_conforms");
    let encryption =
        json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/k"});
    let units = |units: u32| json!({"ReadCapacityUnits": units, "WriteCapacityUnits": units});
    let index = |units: Json| {
        json!([{
            "IndexName": "whose", "KeySchema": keys("who", None), "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": units,
        }])
    };
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "dynamodb:GetItem",
            "Resource": "*",
        }],
    });
    let want = document(&json!({
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1), "GlobalSecondaryIndexes": index(units(1)),
        "SSESpecification": encryption, "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": true},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7},
        "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    }));
    let other = document(&json!({
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(2), "GlobalSecondaryIndexes": index(units(2)),
        "SSESpecification": encryption, "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 14},
        "ResourcePolicy": {"PolicyDocument": policy}, "DeletionProtectionEnabled": true, "Tags": tags(&[("Name", "b")]),
    }));
    let least = document(&json!({"SSESpecification": encryption}));
    cloud.check(TABLE, want, [other, least]).await;
}

#[tokio::test]
async fn a_table_that_is_still_being_made_is_finished_later() {
    let cloud = cloud("a_table_that_is_still_being_made_is_finished_later");
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let want = document(&json!({"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": true}}));
    cloud.wire.trouble("DescribeTable", 0, described("CREATING"));
    let fault = driver.create(&call, &want.clone().into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.unwrap().id.0.as_str()), (FaultKind::NotReady, "main"));
    assert!(cloud.wire.requests("UpdateTimeToLive").is_empty());
    let rest = change(document(&json!({})), want, &["TimeToLiveSpecification"]);
    // Whatever was done at an earlier attempt is not done again.
    for _ in 0..2 {
        assert!(matches!(driver.update(&call, &rest).await.unwrap(), Progress::Done(_)));
    }
    assert_eq!(cloud.wire.requests("UpdateTimeToLive").len(), 1);
}

/// What moto lacks or ignores, asked for in AWS's words.
#[tokio::test]
async fn settings_of_a_table_are_sent_as_they_change() {
    let cloud = cloud("settings_of_a_table_are_sent_as_they_change");
    cloud.make(TABLE, "main", document(&json!({}))).await;
    let stream = "arn:aws:kinesis:us-east-1:123456789012:stream/events";
    let want = document(&json!({
        "TableClass": "STANDARD_INFREQUENT_ACCESS", "OnDemandThroughput": {"MaxReadRequestUnits": 100},
        "SSESpecification": {"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/main"},
        "ContributorInsightsSpecification": {"Enabled": true, "Mode": "THROTTLED_KEYS"},
        "KinesisStreamSpecification": {"StreamArn": stream, "ApproximateCreationDateTimePrecision": "MICROSECOND"},
    }));
    for operation in ["UpdateContributorInsights", "EnableKinesisStreamingDestination"] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, "{}".to_owned()));
    }
    let names = [
        "TableClass",
        "OnDemandThroughput",
        "SSESpecification",
        "ContributorInsightsSpecification",
        "KinesisStreamSpecification",
    ];
    let driver = cloud.provider.driver(TABLE).unwrap();
    driver.update(&cloud.call("main"), &change(document(&json!({})), want, &names)).await.unwrap();
    let sent = bodies(&cloud, "UpdateTable");
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0]["TableClass"], json!("STANDARD_INFREQUENT_ACCESS"));
    assert_eq!(sent[1]["OnDemandThroughput"], json!({"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1}));
    let encryption = json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/main"});
    assert_eq!(sent[2]["SSESpecification"], encryption);
    let insights = &bodies(&cloud, "UpdateContributorInsights")[0];
    assert_eq!(insights["ContributorInsightsAction"], json!("ENABLE"));
    assert_eq!(insights["ContributorInsightsMode"], json!("THROTTLED_KEYS"));
    let feed = &bodies(&cloud, "EnableKinesisStreamingDestination")[0];
    assert_eq!(feed["StreamArn"], json!(stream));
    let settings = json!({"ApproximateCreationDateTimePrecision": "MICROSECOND"});
    assert_eq!(feed["EnableKinesisStreamingConfiguration"], settings);
}

#[tokio::test]
async fn what_moto_does_not_know_of_a_table_is_read() {
    let cloud = Cloud::of("what_moto_does_not_know_of_a_table_is_read");
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/events";
    let summary = json!({
        "TableName": "main", "ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": "THROTTLED_KEYS",
    });
    let feed = |status: &str, arn: &str| json!({"StreamArn": arn, "DestinationStatus": status, "ApproximateCreationDateTimePrecision": "MICROSECOND"});
    driver.create(&call, &document(&json!({})).into()).await.unwrap();
    for (operation, answer) in [
        ("ListContributorInsights", json!({"ContributorInsightsSummaries": [summary]})),
        (
            "DescribeKinesisStreamingDestination",
            json!({"KinesisDataStreamDestinations": [feed("DISABLED", "arn:former"), feed("ACTIVE", arn)]}),
        ),
    ] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer.to_string()));
    }
    let found = driver.read(&call, &[PhysicalId("main".to_owned())]).await.unwrap();
    let found = found[0].clone().unwrap().into_json();
    assert_eq!(found["ContributorInsightsSpecification"], json!({"Enabled": true, "Mode": "THROTTLED_KEYS"}));
    let expected = json!({"StreamArn": arn, "ApproximateCreationDateTimePrecision": "MICROSECOND"});
    assert_eq!(found["KinesisStreamSpecification"], expected);
    assert_eq!((&found["SSESpecification"], &found["TableClass"]), (&json!({"SSEEnabled": false}), &json!("STANDARD")));
}

#[tokio::test]
async fn a_new_index_gets_its_insights_when_it_is_there() {
    let cloud = cloud("a_new_index_gets_its_insights_when_it_is_there");
    cloud.make(TABLE, "main", document(&json!({}))).await;
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let index = json!({
        "IndexName": "where", "KeySchema": keys("place", None), "Projection": {"ProjectionType": "KEYS_ONLY"},
        "ContributorInsightsSpecification": {"Enabled": true},
    });
    let want = document(&json!({
        "AttributeDefinitions": attributes(&["at", "id", "place", "who"]), "GlobalSecondaryIndexes": [index],
    }));
    let change = change(document(&json!({})), want, &["AttributeDefinitions", "GlobalSecondaryIndexes"]);
    assert_eq!(driver.update(&call, &change).await.unwrap_err().kind, FaultKind::NotReady);
    let created = &bodies(&cloud, "UpdateTable")[0];
    assert_eq!(created["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"], json!("where"));
    assert_eq!(created["AttributeDefinitions"].as_array().unwrap().len(), 4);
    cloud.wire.trouble("UpdateContributorInsights", 0, Trouble::Answered(200, "{}".to_owned()));
    assert!(matches!(driver.update(&call, &change).await.unwrap(), Progress::Done(_)));
    assert_eq!(bodies(&cloud, "UpdateContributorInsights")[0]["IndexName"], json!("where"));
    assert_eq!(cloud.wire.requests("UpdateTable").len(), 1);
}

#[tokio::test]
async fn local_indexes_stay_as_they_are_and_come_in_any_order() {
    let cloud = cloud("local_indexes_stay_as_they_are_and_come_in_any_order");
    cloud.make(TABLE, "main", document(&json!({}))).await;
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let mut want = document(&json!({}));
    let attributes = |want: &mut Json, names: Json| {
        want["LocalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"] = names;
        change(document(&json!({})), want.clone(), &["LocalSecondaryIndexes"])
    };
    driver.update(&call, &attributes(&mut want, json!(["y", "x"]))).await.unwrap();
    assert!(cloud.wire.requests("UpdateTable").is_empty());
    let fault = driver.update(&call, &attributes(&mut want, json!(["y", "z"]))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`LocalSecondaryIndexes`"), "{fault}");
}

#[tokio::test]
async fn a_table_made_from_a_bucket_is_known_by_the_token_of_its_import() {
    let cloud = cloud("a_table_made_from_a_bucket_is_known_by_the_token_of_its_import");
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let arn = "arn:aws:dynamodb:us-east-1:123456789012:table/main";
    let source = json!({"S3BucketSource": {"S3Bucket": "data", "S3KeyPrefix": "2030/"}, "InputFormat": "ION"});
    let want = json!({
        "TableName": "main", "AttributeDefinitions": attributes(&["id"]), "KeySchema": keys("id", None),
        "BillingMode": "PAY_PER_REQUEST", "ImportSourceSpecification": source,
    });
    let begun = json!({"ImportTableDescription": {"ImportArn": "arn:import", "TableArn": arn}});
    cloud.wire.trouble("ImportTable", 0, Trouble::Answered(200, begun.to_string()));
    cloud.wire.trouble("DescribeTable", 0, described("CREATING"));
    let fault = driver.create(&call, &want.clone().into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.unwrap().id.0.as_str()), (FaultKind::NotReady, "main"));
    let sent = &bodies(&cloud, "ImportTable")[0];
    assert_eq!(sent["ClientToken"], json!("k".repeat(32)));
    assert_eq!(sent["S3BucketSource"], json!({"S3Bucket": "data", "S3KeyPrefix": "2030/"}));
    assert_eq!(sent["TableCreationParameters"]["TableName"], json!("main"));
    for (token, is_ours) in [("k".repeat(32), true), ("x".repeat(32), false)] {
        cloud.wire.trouble("DescribeTable", 0, described("CREATING"));
        for (operation, answer) in [
            ("ListTagsOfResource", json!({"Tags": []})),
            ("ListImports", json!({"ImportSummaryList": [{"ImportArn": "arn:import"}]})),
            ("DescribeImport", json!({"ImportTableDescription": {"ImportArn": "arn:import", "ClientToken": token}})),
        ] {
            cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer.to_string()));
        }
        let found = driver.find(&call, &want.clone().into()).await.unwrap();
        assert_eq!(found.len(), usize::from(is_ours));
    }
}

#[tokio::test]
async fn a_table_that_is_busy_is_deleted_later_and_one_that_goes_is_waited_for() {
    let cloud = cloud("a_table_that_is_busy_is_deleted_later_and_one_that_goes_is_waited_for");
    let (driver, call) = (cloud.provider.driver(TABLE).unwrap(), cloud.call("main"));
    let delete = async || driver.delete(&call, &PhysicalId("main".to_owned()), &Removal::default()).await;
    for state in ["UPDATING", "DELETING"] {
        cloud.wire.trouble("DeleteTable", 0, Trouble::Refused(400, "ResourceInUseException"));
        cloud.wire.trouble("DescribeTable", 0, described(state));
        match delete().await {
            Ok(progress) => assert!(matches!(progress, Progress::Pending { .. }) && state == "DELETING"),
            Err(fault) => assert_eq!((fault.kind, state), (FaultKind::NotReady, "UPDATING")),
        }
    }
    assert_eq!(delete().await.unwrap(), Progress::Done(()));
}
