//! KMS.

use serde_json::json;

use super::{super::cloud::Cloud, tags};

#[tokio::test]
async fn kms_key_conforms() {
    let cloud = Cloud::of("kms_key_conforms");
    let policy = |sid: &str| {
        let statement = json!({"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let want = json!({
        "Description": "one", "EnableKeyRotation": true, "RotationPeriodInDays": 180, "PendingWindowInDays": 7,
        "KeyPolicy": policy("a"), "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
        "Tags": tags(&[("Name", "a")]),
    });
    let other = json!({
        "Description": "two", "EnableKeyRotation": false, "PendingWindowInDays": 7, "Enabled": false,
        "KeyPolicy": policy("b"), "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT",
    });
    cloud.check("AWS::KMS::Key", want, [other]).await;
}

#[tokio::test]
async fn kms_alias_conforms() {
    let cloud = Cloud::of("kms_alias_conforms");
    let one = cloud.make_id("AWS::KMS::Key", "one", json!({}), "KeyId").await;
    let two = cloud.make_id("AWS::KMS::Key", "two", json!({}), "KeyId").await;
    let document = |key: &str| json!({"AliasName": "alias/main", "TargetKeyId": key});
    cloud.check("AWS::KMS::Alias", document(&one), [document(&two)]).await;
}
