//! KMS.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{Address, Doc, Path, PhysicalId, Place, Token},
    driver::{Call, Change, Driver, FaultKind, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

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

fn policy(sid: &str) -> Json {
    let statement = json!({"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// Where the copies of these tests are.
fn abroad(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    let place = Place { region: "eu-west-1".to_owned(), ..cloud.place.clone() };
    Call { object: Address::root("main").generation(1), owner, place }
}

async fn primary(cloud: &Cloud) -> Doc {
    cloud.make("AWS::KMS::Key", "primary", json!({"MultiRegion": true, "Description": "primary"})).await
}

/// The suite knows one place only, and a copy is made from another; so its steps are gone by hand here.
#[tokio::test]
async fn kms_replica_key_lives() {
    let cloud = Cloud::of("kms_replica_key_lives");
    let primary = primary(&cloud).await;
    let (id, arn) = (primary.text("KeyId").unwrap(), primary.text("Arn").unwrap());
    let driver = cloud.provider.driver("AWS::KMS::ReplicaKey").unwrap();
    let call = abroad(&cloud);
    let want = json!({
        "PrimaryKeyArn": arn, "Description": "copy", "KeyPolicy": policy("a"), "PendingWindowInDays": 7,
        "Tags": tags(&[("Name", "copy")]),
    });
    let made = driver.create(&call, &want.clone().into()).await.unwrap().into_inner();
    assert_eq!(made.id.0, id, "a copy has the id of its primary key");
    assert_eq!(made.attributes.text("Arn"), Some(&*arn.replace("us-east-1", "eu-west-1")));
    let sent: Json = serde_json::from_str(&cloud.wire.requests("ReplicateKey")[0]).unwrap();
    assert_eq!(
        (&sent["KeyId"], &sent["ReplicaRegion"], &sent["Description"]),
        (&json!(id), &json!("eu-west-1"), &json!("copy"))
    );
    assert_eq!(serde_json::from_str::<Json>(sent["Policy"].as_str().unwrap()).unwrap(), policy("a"));
    let sent_tags = sent["Tags"].to_string();
    assert!(sent_tags.contains("copy") && sent_tags.contains(&call.owner.token.0), "{sent_tags}");

    assert_eq!(driver.find(&call, &want.clone().into()).await.unwrap(), std::slice::from_ref(&made.id));
    changes(&cloud, &call, &*driver, &made.id, arn).await;

    let removal = Removal { final_snapshot: None, inputs: want.into() };
    assert_eq!(driver.delete(&call, &made.id, &removal).await.unwrap(), Progress::Done(()));
    assert_eq!(driver.read(&call, std::slice::from_ref(&made.id)).await.unwrap(), [None]);
    assert!(cloud.wire.requests("ScheduleKeyDeletion")[0].contains("\"PendingWindowInDays\":7"));
}

async fn changes(cloud: &Cloud, call: &Call, driver: &dyn Driver, id: &PhysicalId, arn: &str) {
    let want: Doc = json!({
        "PrimaryKeyArn": arn, "Description": "other", "KeyPolicy": policy("b"), "Enabled": false,
        "Tags": tags(&[("Name", "other")]),
    })
    .into();
    let paths = ["Description", "Enabled", "KeyPolicy", "Tags"].map(Path::key).to_vec();
    let change = Change { id: id.clone(), before: Doc::default(), want: want.clone(), paths };
    driver.update(call, &change).await.unwrap();
    let live = driver.read(call, std::slice::from_ref(id)).await.unwrap().remove(0).unwrap();
    for name in ["PrimaryKeyArn", "Description", "KeyPolicy", "Enabled", "Tags"] {
        assert_eq!(live.get(name), want.get(name), "{name}");
    }
    let lookup = json!({"Description": "other"}).into();
    let listed = cloud.provider.lookup(&call.place, "AWS::KMS::ReplicaKey", &lookup).await.unwrap();
    assert_eq!(listed.len(), 1);
}

/// The copy is there and cannot be used yet, or the primary key is not ready to be copied.
#[tokio::test]
async fn kms_replica_key_is_waited_for() {
    let cloud = Cloud::of("kms_replica_key_is_waited_for");
    let primary = primary(&cloud).await;
    let driver = cloud.provider.driver("AWS::KMS::ReplicaKey").unwrap();
    let want: Doc = json!({"PrimaryKeyArn": primary.get("Arn"), "KeyPolicy": policy("a")}).into();
    cloud.wire.trouble("ReplicateKey", 0, Trouble::Refused(400, "KMSInvalidStateException"));
    let fault = driver.create(&abroad(&cloud), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    let body = r#"{"ReplicaKeyMetadata": {"KeyId": "mrk-1", "Arn": "arn", "KeyState": "Creating"}}"#;
    cloud.wire.trouble("ReplicateKey", 0, Trouble::Answered(200, body.to_owned()));
    let progress = driver.create(&abroad(&cloud), &want).await.unwrap();
    let Progress::Pending { so_far, .. } = progress else { panic!("it is not ready yet") };
    let body = r#"{"KeyMetadata": {"KeyId": "mrk-1", "Arn": "arn", "KeyState": "Creating"}}"#;
    cloud.wire.trouble("DescribeKey", 0, Trouble::Answered(200, body.to_owned()));
    assert!(matches!(driver.poll(&abroad(&cloud), &so_far).await.unwrap(), Progress::Pending { .. }));
    let body = body.replace("Creating", "Enabled");
    cloud.wire.trouble("DescribeKey", 0, Trouble::Answered(200, body));
    assert!(matches!(driver.poll(&abroad(&cloud), &so_far).await.unwrap(), Progress::Done(_)));
    let id = json!({"PrimaryKeyArn": "mrk-1", "KeyPolicy": policy("a")}).into();
    assert_eq!(driver.create(&abroad(&cloud), &id).await.unwrap_err().kind, FaultKind::Invalid);
}
