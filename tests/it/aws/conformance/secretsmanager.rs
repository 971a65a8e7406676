//! Secrets Manager.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use aws_sdk_lambda::types::{FunctionCode, Runtime};
use provision::{
    base::{Address, Doc, Lookup, Path, PhysicalId, Token},
    driver::{Call, Change, FaultKind, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const SECRET: &str = "AWS::SecretsManager::Secret";
const ROTATION: &str = "AWS::SecretsManager::RotationSchedule";
const POLICY: &str = "AWS::SecretsManager::ResourcePolicy";
const ATTACHMENT: &str = "AWS::SecretsManager::SecretTargetAttachment";

/// A call of an intent of its own.
fn call(cloud: &Cloud, letter: &str) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token(letter.repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

async fn secret(cloud: &Cloud, name: &str, want: Json) -> String {
    cloud.make_id(SECRET, name, want, "Id").await
}

/// The current value of a secret, or one key of it, as a stack reads it.
async fn value(cloud: &Cloud, name: &str, key: Option<&str>) -> String {
    let lookup = Lookup::Secret { name: name.to_owned(), key: key.map(str::to_owned) };
    cloud.provider.secret(&cloud.place, &lookup).await.unwrap()
}

fn change(id: &str, before: Json, want: Json, paths: &[&str]) -> Change {
    let paths = paths.iter().map(|path| Path::key(*path)).collect();
    Change { id: PhysicalId(id.to_owned()), before: before.into(), want: want.into(), paths }
}

/// moto keeps a description that is taken away, and no type.
#[tokio::test]
async fn secret_conforms() {
    let cloud = Cloud::of("secret_conforms");
    let one = cloud.make_id("AWS::KMS::Key", "one", json!({}), "Arn").await;
    let two = cloud.make_id("AWS::KMS::Key", "two", json!({}), "Arn").await;
    let rule = json!({"SecretStringTemplate": r#"{"username": "app"}"#, "GenerateStringKey": "password"});
    let want = json!({
        "Name": "main/db", "Description": "one", "KmsKeyId": one, "GenerateSecretString": rule,
        "ReplicaRegions": [{"Region": "us-west-2"}], "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other = json!({
        "Name": "main/db", "Description": "two", "KmsKeyId": two, "GenerateSecretString": rule,
        "ReplicaRegions": [{"Region": "eu-west-1"}, {"Region": "us-west-2"}], "Tags": tags(&[("Name", "b")]),
    });
    let least = json!({"Name": "main/db", "Description": "two", "GenerateSecretString": rule});
    cloud.check(SECRET, want, [other, least]).await;
}

#[tokio::test]
async fn a_generated_password_takes_its_place_in_the_template() {
    let cloud = Cloud::of("a_generated_password_takes_its_place_in_the_template");
    let rule = json!({
        "SecretStringTemplate": r#"{"username": "app", "password": "to be replaced"}"#, "GenerateStringKey": "password",
        "PasswordLength": 40, "ExcludeCharacters": "abc\"", "ExcludePunctuation": true, "ExcludeUppercase": true,
    });
    let id = secret(&cloud, "main", json!({"Name": "main", "GenerateSecretString": rule})).await;
    assert_eq!(value(&cloud, "main", Some("username")).await, "app");
    let password = value(&cloud, &id, Some("password")).await;
    assert_eq!(password.len(), 40);
    assert!(password.chars().all(|c| "defghijklmnopqrstuvwxyz0123456789".contains(c)), "{password}");
    secret(&cloud, "plain", json!({"Name": "plain", "GenerateSecretString": {}})).await;
    assert_eq!(value(&cloud, "plain", None).await.len(), 32);
}

#[tokio::test]
async fn a_secret_gets_a_new_value_only_where_that_is_wanted() {
    let cloud = Cloud::of("a_secret_gets_a_new_value_only_where_that_is_wanted");
    let id = secret(&cloud, "main", json!({"Name": "main", "SecretString": "one"})).await;
    let driver = cloud.provider.driver(SECRET).unwrap();
    let (one, two) = (json!({"Name": "main"}), json!({"Name": "main", "SecretString": "two", "Description": "d"}));
    let update = change(&id, one.clone(), two.clone(), &["SecretString", "Description"]);
    for _ in 0..2 {
        driver.update(&call(&cloud, "b"), &update).await.unwrap();
        assert_eq!(value(&cloud, "main", None).await, "two");
    }
    let update =
        change(&id, two.clone(), json!({"Name": "main", "Description": "e"}), &["SecretString", "Description"]);
    driver.update(&call(&cloud, "c"), &update).await.unwrap();
    assert_eq!(value(&cloud, "main", None).await, "two", "what is not given any more is kept");
    let rule = json!({"Name": "main", "GenerateSecretString": {"PasswordLength": 20}});
    driver.update(&call(&cloud, "d"), &change(&id, one, rule, &["GenerateSecretString"])).await.unwrap();
    assert_eq!(value(&cloud, "main", None).await.len(), 20);
}

#[tokio::test]
async fn wrong_rules_for_a_value_are_refused_without_telling_it() {
    let cloud = Cloud::of("wrong_rules_for_a_value_are_refused_without_telling_it");
    let driver = cloud.provider.driver(SECRET).unwrap();
    for (want, advice) in [
        (json!({"SecretString": "canary", "GenerateSecretString": {}}), "exclude each other"),
        (json!({"GenerateSecretString": {"SecretStringTemplate": "{\"a\": \"canary\"}"}}), "belong together"),
        (
            json!({"GenerateSecretString": {"SecretStringTemplate": "canary", "GenerateStringKey": "p"}}),
            "a JSON object",
        ),
    ] {
        let fault = driver.create(&call(&cloud, "a"), &want.into()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(fault.message.contains(advice) && !fault.message.contains("canary"), "{fault}");
    }
    assert!(cloud.wire.requests("CreateSecret").is_empty());
}

#[tokio::test]
async fn a_name_that_waits_for_its_deletion_is_explained() {
    let cloud = Cloud::of("a_name_that_waits_for_its_deletion_is_explained");
    let id = PhysicalId(secret(&cloud, "main", json!({"Name": "main"})).await);
    let driver = cloud.provider.driver(SECRET).unwrap();
    let gone = driver.delete(&call(&cloud, "a"), &id, &Removal::default()).await.unwrap();
    assert_eq!(gone, Progress::Done(()));
    assert_eq!(driver.read(&call(&cloud, "a"), std::slice::from_ref(&id)).await.unwrap(), [None]);
    for refusal in [None, Some("InvalidRequestException")] {
        if let Some(code) = refusal {
            cloud.wire.trouble("CreateSecret", 0, Trouble::Refused(400, code));
        }
        let fault = driver.create(&call(&cloud, "b"), &json!({"Name": "main"}).into()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
        assert!(fault.message.contains("restore-secret") && fault.message.contains(&id.0), "{fault}");
    }
}

#[tokio::test]
async fn a_copy_that_fails_is_said() {
    let cloud = Cloud::of("a_copy_that_fails_is_said");
    let mut there = call(&cloud, "a");
    there.place.region = "us-west-2".to_owned();
    let driver = cloud.provider.driver(SECRET).unwrap();
    driver.create(&there, &json!({"Name": "main"}).into()).await.unwrap();
    let want = Doc::from(json!({"Name": "main", "ReplicaRegions": [{"Region": "us-west-2"}]}));
    let made = driver.create(&call(&cloud, "b"), &want).await.unwrap().into_inner();
    let fault = driver.poll(&call(&cloud, "b"), &made).await.unwrap_err();
    assert!(fault.message.contains("us-west-2") && fault.made.is_some(), "{fault}");
}

#[tokio::test]
async fn resource_policy_conforms() {
    let cloud = Cloud::of("resource_policy_conforms");
    let id = secret(&cloud, "main", json!({"Name": "main"})).await;
    let document = |effect: &str| {
        let statement = json!({
            "Effect": effect, "Principal": {"AWS": "*"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
        });
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
        json!({"SecretId": id, "ResourcePolicy": policy, "BlockPublicPolicy": true})
    };
    cloud.check(POLICY, document("Deny"), [document("Allow")]).await;
    let driver = cloud.provider.driver(POLICY).unwrap();
    let want = Doc::from(document("Deny"));
    assert_eq!(driver.taken(&call(&cloud, "a"), &want).await.unwrap(), None);
    driver.create(&call(&cloud, "a"), &want).await.unwrap();
    assert_eq!(driver.taken(&call(&cloud, "b"), &want).await.unwrap(), Some(PhysicalId(id)));
}

/// A function that a secret can be rotated by.
async fn function(cloud: &Cloud) -> String {
    let iam = cloud.clients.iam(&cloud.place).await;
    let role = iam.create_role().role_name("rotation").assume_role_policy_document("{}").send().await.unwrap();
    let role = role.role.unwrap().arn;
    let lambda = cloud.clients.lambda(&cloud.place).await;
    let code = FunctionCode::builder().zip_file(aws_sdk_lambda::primitives::Blob::new("never run")).build();
    let request = lambda.create_function().function_name("rotation").role(role).handler("index.handler");
    let request = request.runtime(Runtime::Python313).code(code);
    request.send().await.unwrap().function_arn.unwrap()
}

/// moto calls a secret rotated only if its rules are days, and shows nothing else of them.
#[tokio::test]
async fn rotation_schedule_conforms() {
    let cloud = Cloud::of("rotation_schedule_conforms");
    let function = function(&cloud).await;
    let id = secret(&cloud, "main", json!({"Name": "main", "SecretString": "{}"})).await;
    let document = |days: u32| {
        json!({
            "SecretId": id, "RotationLambdaARN": function, "RotationRules": {"AutomaticallyAfterDays": days},
            "RotateImmediatelyOnUpdate": false,
        })
    };
    cloud.check(ROTATION, document(30), [document(60)]).await;
    let driver = cloud.provider.driver(ROTATION).unwrap();
    let want = Doc::from(document(30));
    assert_eq!(driver.taken(&call(&cloud, "a"), &want).await.unwrap(), None);
    driver.create(&call(&cloud, "a"), &want).await.unwrap();
    assert_eq!(driver.taken(&call(&cloud, "b"), &want).await.unwrap(), Some(PhysicalId(id.clone())));
    let secrets = cloud.provider.driver(SECRET).unwrap();
    secrets.delete(&call(&cloud, "c"), &PhysicalId(id.clone()), &Removal::default()).await.unwrap();
    let gone = driver.delete(&call(&cloud, "d"), &PhysicalId(id), &Removal::default()).await.unwrap();
    assert_eq!(gone, Progress::Done(()), "with the secret goes its rotation");
}

#[tokio::test]
async fn what_rotation_waits_for_and_what_it_cannot_do_is_told_apart() {
    let cloud = Cloud::of("what_rotation_waits_for_and_what_it_cannot_do_is_told_apart");
    let id = secret(&cloud, "main", json!({"Name": "main"})).await;
    let driver = cloud.provider.driver(ROTATION).unwrap();
    let hosted = json!({"SecretId": id, "HostedRotationLambda": {"RotationType": "PostgreSQLSingleUser"}});
    let fault = driver.create(&call(&cloud, "a"), &hosted.into()).await.unwrap_err();
    assert!(fault.message.contains("`RotationLambdaARN`"), "{fault}");
    let want = Doc::from(json!({
        "SecretId": id, "RotationLambdaARN": "arn:aws:lambda:us-east-1:123456789012:function:rotate",
        "RotationRules": {"ScheduleExpression": "rate(30 days)", "Duration": "3h"},
        "ExternalSecretRotationMetadata": [{"Key": "k", "Value": "v"}], "ExternalSecretRotationRoleArn": "arn:aws:iam::1:role/r",
    }));
    let answer =
        |code: &str, message: &str| Trouble::Answered(400, json!({"__type": code, "message": message}).to_string());
    let invoke =
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access";
    for (code, message, kind) in [
        ("AccessDeniedException", invoke, FaultKind::NotReady),
        ("AccessDeniedException", "User is not authorized", FaultKind::Denied),
        (
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
            FaultKind::NotReady,
        ),
        ("InvalidRequestException", "something else", FaultKind::Invalid),
    ] {
        cloud.wire.trouble("RotateSecret", 0, answer(code, message));
        let fault = driver.create(&call(&cloud, "a"), &want).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
    }
    let sent: Json = serde_json::from_str(&cloud.wire.requests("RotateSecret")[0]).unwrap();
    assert_eq!(sent["RotationRules"], json!({"ScheduleExpression": "rate(30 days)", "Duration": "3h"}));
    assert_eq!(sent["ExternalSecretRotationMetadata"], json!([{"Key": "k", "Value": "v"}]));
    assert_eq!(sent["ClientRequestToken"], json!("a".repeat(32)));
}

async fn cluster(cloud: &Cloud, name: &str) {
    let rds = cloud.clients.rds(&cloud.place).await;
    let request = rds.create_db_cluster().db_cluster_identifier(name).engine("aurora-postgresql");
    let request = request.database_name("app").master_username("app").master_user_password("not-a-secret");
    request.send().await.unwrap();
}

#[tokio::test]
async fn secret_target_attachment_conforms() {
    let cloud = Cloud::of("secret_target_attachment_conforms");
    cluster(&cloud, "one").await;
    cluster(&cloud, "two").await;
    let id =
        secret(&cloud, "main", json!({"Name": "main", "SecretString": r#"{"username":"app","password":"p"}"#})).await;
    let document = |name: &str| json!({"SecretId": id, "TargetId": name, "TargetType": "AWS::RDS::DBCluster"});
    cloud.check(ATTACHMENT, document("one"), [document("two")]).await;
}

#[tokio::test]
async fn an_attached_secret_says_where_its_database_is_until_it_is_detached() {
    let cloud = Cloud::of("an_attached_secret_says_where_its_database_is_until_it_is_detached");
    cluster(&cloud, "one").await;
    let rds = cloud.clients.rds(&cloud.place).await;
    let request =
        rds.create_db_instance().db_instance_identifier("two").engine("mysql").db_instance_class("db.t3.micro");
    let request = request.allocated_storage(20).db_name("shop").master_username("app");
    request.master_user_password("not-a-secret").send().await.unwrap();
    let credentials = json!({"username": "app", "password": "p"});
    let id = secret(&cloud, "main", json!({"Name": "main", "SecretString": credentials.to_string()})).await;
    let driver = cloud.provider.driver(ATTACHMENT).unwrap();
    let content = async || serde_json::from_str::<Json>(&value(&cloud, &id, None).await).unwrap();

    let want = json!({"SecretId": id, "TargetId": "one", "TargetType": "AWS::RDS::DBCluster"});
    for _ in 0..2 {
        driver.create(&call(&cloud, "a"), &want.clone().into()).await.unwrap();
    }
    assert_eq!(cloud.wire.requests("PutSecretValue").len(), 1, "what is there already is not written again");
    let found = content().await;
    assert_eq!((&found["username"], &found["password"]), (&json!("app"), &json!("p")));
    assert_eq!((&found["engine"], &found["dbname"], &found["port"]), (&json!("postgres"), &json!("app"), &json!(5432)));
    assert_eq!(found["dbClusterIdentifier"], json!("one"));
    assert!(found["host"].as_str().unwrap().contains("one"), "{}", found["host"]);
    assert_eq!(driver.taken(&call(&cloud, "b"), &want.clone().into()).await.unwrap(), Some(PhysicalId(id.clone())));

    let other = json!({"SecretId": id, "TargetId": "two", "TargetType": "AWS::RDS::DBInstance"});
    let update = change(&id, want, other, &["TargetId", "TargetType"]);
    driver.update(&call(&cloud, "c"), &update).await.unwrap();
    let found = content().await;
    assert_eq!((&found["engine"], &found["dbname"], &found["port"]), (&json!("mysql"), &json!("shop"), &json!(3306)));
    assert_eq!((&found["dbInstanceIdentifier"], &found["dbClusterIdentifier"]), (&json!("two"), &Json::Null));

    driver.delete(&call(&cloud, "d"), &PhysicalId(id.clone()), &Removal::default()).await.unwrap();
    assert_eq!(content().await, credentials);
}

#[tokio::test]
async fn what_cannot_be_attached_is_refused() {
    let cloud = Cloud::of("what_cannot_be_attached_is_refused");
    cluster(&cloud, "one").await;
    let id = secret(&cloud, "main", json!({"Name": "main", "SecretString": "canary"})).await;
    let driver = cloud.provider.driver(ATTACHMENT).unwrap();
    let attach = async |target: &str, kind: &str| {
        let want = json!({"SecretId": id, "TargetId": target, "TargetType": kind});
        driver.create(&call(&cloud, "a"), &want.into()).await.unwrap_err()
    };
    let fault = attach("one", "AWS::RDS::DBCluster").await;
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("a JSON object") && !fault.message.contains("canary"), "{fault}");
    assert_eq!(attach("none", "AWS::RDS::DBCluster").await.kind, FaultKind::NotFound);
    assert_eq!(attach("none", "AWS::RDS::DBInstance").await.kind, FaultKind::NotFound);
    let fault = attach("one", "AWS::Redshift::Cluster").await;
    assert!(fault.message.contains("`AWS::Redshift::Cluster`"), "{fault}");
}
