//! CloudWatch Logs.

use provision::{
    base::{Address, Path, PhysicalId, Token},
    driver::{Call, Change, FaultKind, Owner, Provider},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const GROUP: &str = "AWS::Logs::LogGroup";

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

/// moto does not know classes, protection and field indexes, and cannot change the key.
#[tokio::test]
async fn log_group_conforms() {
    let cloud = Cloud::of("log_group_conforms");
    let key = cloud.make_id("AWS::KMS::Key", "key", json!({}), "Arn").await;
    let want = json!({
        "LogGroupName": "/ecs/main", "RetentionInDays": 7, "KmsKeyId": key, "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other =
        json!({"LogGroupName": "/ecs/main", "RetentionInDays": 30, "KmsKeyId": key, "Tags": tags(&[("Name", "b")])});
    let least = json!({"LogGroupName": "/ecs/main", "KmsKeyId": key});
    cloud.make(GROUP, "longer", json!({"LogGroupName": "/ecs/main-2"})).await;
    cloud.check(GROUP, want, [other, least]).await;
}

#[tokio::test]
async fn the_arn_of_a_log_group_ends_as_policies_want_it() {
    let cloud = Cloud::of("the_arn_of_a_log_group_ends_as_policies_want_it");
    let arn = cloud.make_id(GROUP, "main", json!({"LogGroupName": "main"}), "Arn").await;
    assert!(arn.ends_with(":log-group:main:*"), "{arn}");
}

/// What moto lacks, asked for in AWS's words.
#[tokio::test]
async fn settings_of_a_log_group_are_sent_as_they_change() {
    let cloud = Cloud::of("settings_of_a_log_group_are_sent_as_they_change");
    cloud.make(GROUP, "main", json!({"LogGroupName": "main"})).await;
    let want = json!({
        "LogGroupName": "main", "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/k", "DeletionProtectionEnabled": true,
        "BearerTokenAuthenticationEnabled": true, "DataProtectionPolicy": {"Name": "mask", "Version": "2021-06-01"},
        "FieldIndexPolicies": [{"Fields": ["requestId"]}], "ResourcePolicyDocument": {"Version": "2012-10-17"},
    });
    let before = json!({"LogGroupName": "main"});
    let names = [
        "KmsKeyId",
        "DeletionProtectionEnabled",
        "BearerTokenAuthenticationEnabled",
        "DataProtectionPolicy",
        "FieldIndexPolicies",
        "ResourcePolicyDocument",
    ];
    let change = |before: &Json, want: &Json| Change {
        id: PhysicalId("main".to_owned()),
        before: before.clone().into(),
        want: want.clone().into(),
        paths: names.iter().map(|name| Path::key(*name)).collect(),
    };
    let driver = cloud.provider.driver(GROUP).unwrap();
    let arn = |cloud: &Cloud| format!("{}:main", cloud.place.role_arn.clone().unwrap());
    let policy = json!({"resourcePolicies": [
        {"policyScope": "RESOURCE", "resourceArn": arn(&cloud), "policyDocument": "{}", "revisionId": "7"},
    ]});
    let put = [
        ("AssociateKmsKey", "kmsKeyId", json!("arn:aws:kms:us-east-1:123456789012:key/k")),
        ("PutLogGroupDeletionProtection", "deletionProtectionEnabled", json!(true)),
        ("PutBearerTokenAuthentication", "bearerTokenAuthenticationEnabled", json!(true)),
        ("PutDataProtectionPolicy", "policyDocument", json!(r#"{"Name":"mask","Version":"2021-06-01"}"#)),
        ("PutIndexPolicy", "policyDocument", json!(r#"{"Fields":["requestId"]}"#)),
        ("PutResourcePolicy", "policyDocument", json!(r#"{"Version":"2012-10-17"}"#)),
    ];
    let take = [
        ("DisassociateKmsKey", "logGroupName", json!("main")),
        ("PutLogGroupDeletionProtection", "deletionProtectionEnabled", json!(false)),
        ("PutBearerTokenAuthentication", "bearerTokenAuthenticationEnabled", json!(false)),
        ("DeleteDataProtectionPolicy", "logGroupIdentifier", json!("main")),
        ("DeleteIndexPolicy", "logGroupIdentifier", json!("main")),
        ("DeleteResourcePolicy", "resourceArn", Json::Null),
    ];
    for (change, requests) in [(change(&before, &want), put), (change(&want, &before), take)] {
        for (operation, ..) in &requests {
            cloud.wire.trouble(operation, 0, Trouble::Answered(200, "{}".to_owned()));
        }
        cloud.wire.trouble("DescribeResourcePolicies", 0, Trouble::Answered(200, policy.to_string()));
        driver.update(&call(&cloud), &change).await.unwrap();
        for (operation, property, expected) in requests {
            let sent: Json = serde_json::from_str(cloud.wire.requests(operation).last().unwrap()).unwrap();
            assert!(expected.is_null() || sent[property] == expected, "{operation}: {sent}");
        }
    }
    let deleted: Json = serde_json::from_str(cloud.wire.requests("DeleteResourcePolicy").last().unwrap()).unwrap();
    assert!(deleted["resourceArn"].as_str().unwrap().ends_with(":log-group:main"), "{deleted}");
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn everything_about_a_log_group_is_read() {
    let cloud = Cloud::of("everything_about_a_log_group_is_read");
    let arn = "arn:aws:logs:us-east-1:123456789012:log-group:main";
    let group = json!({
        "logGroupName": "main", "arn": format!("{arn}:*"), "logGroupArn": arn, "logGroupClass": "STANDARD",
        "dataProtectionStatus": "ACTIVATED", "deletionProtectionEnabled": true, "bearerTokenAuthenticationEnabled": false,
        "retentionInDays": 14,
    });
    let account = json!({"source": "ACCOUNT", "logGroupIdentifier": "main", "policyDocument": "{\"Fields\":[\"x\"]}"});
    let own =
        json!({"source": "LOG_GROUP", "logGroupIdentifier": arn, "policyDocument": "{\"Fields\":[\"requestId\"]}"});
    for (operation, answer) in [
        ("DescribeLogGroups", json!({"logGroups": [group]})),
        ("DescribeIndexPolicies", json!({"indexPolicies": [account], "nextToken": "more"})),
        ("DescribeIndexPolicies", json!({"indexPolicies": [own]})),
        ("GetDataProtectionPolicy", json!({"logGroupIdentifier": "main", "policyDocument": "{\"Name\":\"mask\"}"})),
        (
            "DescribeResourcePolicies",
            json!({"resourcePolicies": [
                {"policyScope": "RESOURCE", "resourceArn": arn, "policyDocument": "{\"Version\":\"2012-10-17\"}"},
            ]}),
        ),
        ("ListTagsForResource", json!({"tags": {"Name": "a", "provision:token": "t"}})),
    ] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer.to_string()));
    }
    let driver = cloud.provider.driver(GROUP).unwrap();
    let ids = ["main", "none"].map(|name| PhysicalId(name.to_owned()));
    let found = driver.read(&call(&cloud), &ids).await.unwrap();
    assert!(found[1].is_none());
    let expected = json!({
        "LogGroupName": "main", "Arn": format!("{arn}:*"), "LogGroupClass": "STANDARD", "RetentionInDays": 14,
        "DeletionProtectionEnabled": true, "BearerTokenAuthenticationEnabled": false,
        "DataProtectionPolicy": {"Name": "mask"}, "FieldIndexPolicies": [{"Fields": ["requestId"]}],
        "ResourcePolicyDocument": {"Version": "2012-10-17"}, "Tags": tags(&[("Name", "a")]),
    });
    assert_eq!(found[0].clone().unwrap().into_json(), expected);
    let sent: Json = serde_json::from_str(&cloud.wire.requests("DescribeLogGroups")[0]).unwrap();
    assert_eq!(sent["logGroupIdentifiers"], json!(["main", "none"]));
}

#[tokio::test]
async fn the_class_of_a_log_group_stays() {
    let cloud = Cloud::of("the_class_of_a_log_group_stays");
    let driver = cloud.provider.driver(GROUP).unwrap();
    let change = Change {
        id: PhysicalId("main".to_owned()),
        before: json!({"LogGroupClass": "STANDARD"}).into(),
        want: json!({"LogGroupClass": "INFREQUENT_ACCESS"}).into(),
        paths: vec![Path::key("LogGroupClass")],
    };
    let fault = driver.update(&call(&cloud), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`LogGroupClass`"), "{fault}");
}
