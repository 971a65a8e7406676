//! What the engine asks about an account, and how few requests reading takes.

use aws_sdk_secretsmanager::primitives::Blob;
use aws_sdk_ssm::types::ParameterType;
use provision::{
    base::{Address, Doc, Lookup, PhysicalId, Place, Token},
    driver::{Call, FaultKind, Owner, Provider},
};
use serde_json::json;

use super::cloud::Cloud;

fn call(place: &Place) -> Call {
    let owner = Owner { stack: "s/e".to_owned(), address: "a".to_owned(), token: Token("t".repeat(32)) };
    Call { object: Address::root("a").generation(1), owner, place: place.clone() }
}

#[tokio::test]
async fn the_role_of_a_place_decides_whose_account_it_is() {
    let cloud = Cloud::of("the_role_of_a_place_decides_whose_account_it_is");
    let identity = cloud.provider.identity(&cloud.place).await.unwrap();
    let role = cloud.place.role_arn.clone().unwrap();
    assert!(role.contains(&format!("::{}:", identity.account_id)), "{role}: {}", identity.account_id);
    assert_eq!(identity.partition, "aws");
    let mut without = cloud.place.clone();
    without.role_arn = None;
    assert_ne!(cloud.provider.identity(&without).await.unwrap().account_id, identity.account_id);
}

#[tokio::test]
async fn whose_account_it_is_is_asked_once_for_all_regions() {
    let cloud = Cloud::of("whose_account_it_is_is_asked_once_for_all_regions");
    let identity = cloud.provider.identity(&cloud.place).await.unwrap();
    let elsewhere = Place { region: "ap-southeast-2".to_owned(), ..cloud.place.clone() };
    assert_eq!(cloud.provider.identity(&elsewhere).await.unwrap(), identity);
    assert_eq!(cloud.wire.census()["GetCallerIdentity"], 1);
}

#[tokio::test]
async fn zones_come_in_order() {
    let cloud = Cloud::of("zones_come_in_order");
    let zones = cloud.provider.zones(&cloud.place).await.unwrap();
    assert_eq!(zones[..3], ["us-east-1a", "us-east-1b", "us-east-1c"]);
}

#[tokio::test]
async fn a_data_block_finds_by_property_and_by_tag() {
    let cloud = Cloud::of("a_data_block_finds_by_property_and_by_tag");
    let want = json!({"CidrBlock": "10.9.0.0/16", "Tags": [{"Key": "Name", "Value": "mine"}]});
    let id = cloud.make_id("AWS::EC2::VPC", "vpc", want, "VpcId").await;
    let lookup = async |type_name: &str, filter: serde_json::Value| {
        cloud.provider.lookup(&cloud.place, type_name, &Doc::from(filter)).await.unwrap()
    };
    let by_tag = lookup("AWS::EC2::VPC", json!({"Tags": {"Name": "mine"}})).await;
    assert_eq!(by_tag.iter().map(|vpc| vpc.text("VpcId")).collect::<Vec<_>>(), [Some(id.as_str())]);
    let default = lookup("AWS::EC2::VPC", json!({"IsDefault": true})).await;
    assert_eq!(default.len(), 1);
    assert_ne!(default[0].text("VpcId"), Some(id.as_str()));
    assert_eq!(lookup("AWS::EC2::SecurityGroup", json!({"VpcId": id, "GroupName": "default"})).await.len(), 1);
    assert_eq!(lookup("AWS::EC2::Subnet", json!({"VpcId": id})).await, []);
}

/// Neither a driver nor Cloud Control knows what this is.
const CUSTOM: &str = "AWS::CloudFormation::CustomResource";

#[tokio::test]
async fn what_this_build_cannot_look_up_is_said() {
    let cloud = Cloud::of("what_this_build_cannot_look_up_is_said");
    let fault = cloud.provider.lookup(&cloud.place, CUSTOM, &Doc::default()).await.unwrap_err();
    assert!(fault.message.contains(&format!("no driver for `{CUSTOM}`")), "{fault}");
}

#[tokio::test]
async fn secrets_and_parameters_are_read() {
    let cloud = Cloud::of("secrets_and_parameters_are_read");
    let secrets = cloud.clients.secretsmanager(&cloud.place).await;
    let json = r#"{"username": "app", "port": 5432}"#;
    let arn = secrets.create_secret().name("db").secret_string(json).send().await.unwrap().arn.unwrap();
    secrets.create_secret().name("plain").secret_string("canary").send().await.unwrap();
    secrets.create_secret().name("bytes").secret_binary(Blob::new([1, 2, 3])).send().await.unwrap();
    let parameters = cloud.clients.ssm(&cloud.place).await;
    for (name, kind) in [("/app/plain", ParameterType::String), ("/app/secure", ParameterType::SecureString)] {
        parameters.put_parameter().name(name).value("v").r#type(kind).send().await.unwrap();
    }
    let secret = async |name: &str, key: Option<&str>| {
        let lookup = Lookup::Secret { name: name.to_owned(), key: key.map(str::to_owned) };
        cloud.provider.secret(&cloud.place, &lookup).await
    };
    assert_eq!(secret("db", None).await.unwrap(), json);
    assert_eq!(secret(&arn, Some("username")).await.unwrap(), "app");
    assert_eq!(secret("db", Some("port")).await.unwrap(), "5432");
    for (name, key, kind, words) in [
        ("db", Some("password"), FaultKind::NotFound, "has no key `password`"),
        ("plain", Some("password"), FaultKind::Invalid, "is no JSON object"),
        ("bytes", None, FaultKind::Invalid, "holds bytes"),
        ("none", None, FaultKind::NotFound, "`none`"),
    ] {
        let fault = secret(name, key).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
        assert!(fault.message.contains(words) && !fault.message.contains("canary"), "{fault}");
    }
    let parameter =
        async |name: &str| cloud.provider.secret(&cloud.place, &Lookup::Parameter { name: name.to_owned() }).await;
    for name in ["/app/plain", "/app/secure"] {
        assert_eq!(parameter(name).await.unwrap(), "v");
    }
    let fault = parameter("/app/none").await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotFound);
    assert!(fault.message.contains("`/app/none`"), "{fault}");
}

#[tokio::test]
async fn many_objects_are_read_in_one_request_and_missing_ones_are_none() {
    let cloud = Cloud::of("many_objects_are_read_in_one_request_and_missing_ones_are_none");
    let mut ids = Vec::new();
    for number in 0..3 {
        let name = format!("gateway_{number}");
        let id = cloud.make_id("AWS::EC2::InternetGateway", &name, json!({}), "InternetGatewayId").await;
        ids.push(PhysicalId(id));
    }
    ids.insert(1, PhysicalId("igw-0123456789abcdef0".to_owned()));
    let before = cloud.wire.requests("DescribeInternetGateways").len();
    let driver = cloud.provider.driver("AWS::EC2::InternetGateway").unwrap();
    let found = driver.read(&call(&cloud.place), &ids).await.unwrap();
    assert_eq!(cloud.wire.requests("DescribeInternetGateways").len(), before + 1);
    let found: Vec<_> =
        found.iter().map(|gateway| gateway.as_ref().and_then(|g| g.text("InternetGatewayId"))).collect();
    assert_eq!(found, [Some(ids[0].0.as_str()), None, Some(ids[2].0.as_str()), Some(ids[3].0.as_str())]);
}

#[tokio::test]
async fn rules_of_their_own_are_not_shown_in_their_group() {
    let cloud = Cloud::of("rules_of_their_own_are_not_shown_in_their_group");
    let vpc = cloud.make_id("AWS::EC2::VPC", "vpc", json!({"CidrBlock": "10.0.0.0/16"}), "VpcId").await;
    let web = json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "10.0.0.0/8"});
    let want = json!({"GroupName": "g", "GroupDescription": "g", "VpcId": vpc, "SecurityGroupIngress": [web]});
    let group = cloud.make_id("AWS::EC2::SecurityGroup", "group", want, "GroupId").await;
    let own = json!({"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"});
    cloud.make("AWS::EC2::SecurityGroupIngress", "rule", own).await;
    let driver = cloud.provider.driver("AWS::EC2::SecurityGroup").unwrap();
    let found = driver.read(&call(&cloud.place), &[PhysicalId(group)]).await.unwrap();
    let ingress = found[0].as_ref().unwrap().get("SecurityGroupIngress").unwrap();
    assert_eq!(ingress, &json!([web]));
}
