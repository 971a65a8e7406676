//! Lost answers, refusals and half-made objects: what the drivers make of them, and that nothing is sent twice.

use provision::{
    aws::{AwsProvider, Clients, Settings},
    base::{Address, Doc, PhysicalId, Place, Token},
    driver::{Call, Executed, FaultKind, Owner, Provider, Removal},
};
use serde_json::json;

use super::{cloud::Cloud, wire::Trouble};

fn call(place: &Place) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: place.clone() }
}

fn vpc() -> Doc {
    json!({"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": true}).into()
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_sent_once_and_found_again() {
    let cloud = Cloud::of("a_create_whose_answer_is_lost_is_sent_once_and_found_again");
    let driver = cloud.provider.driver("AWS::EC2::VPC").unwrap();
    for trouble in [Trouble::LostAnswer, Trouble::FailedAnswer] {
        let sent = cloud.wire.requests("CreateVpc").len();
        let mut call = call(&cloud.place);
        call.owner.token = Token(format!("{:032}", sent + 1));
        cloud.wire.trouble("CreateVpc", 0, trouble.clone());
        let fault = driver.create(&call, &vpc()).await.unwrap_err();
        assert_eq!((fault.kind, fault.executed), (FaultKind::Transient, Executed::Unknown), "{trouble:?}: {fault}");
        assert_eq!(cloud.wire.requests("CreateVpc").len(), sent + 1, "the SDK must not try again");
        assert_eq!(driver.find(&call, &vpc()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_throttled_create_made_nothing() {
    let cloud = Cloud::of("a_throttled_create_made_nothing");
    let driver = cloud.provider.driver("AWS::EC2::VPC").unwrap();
    cloud.wire.trouble("CreateVpc", 0, Trouble::Refused(503, "RequestLimitExceeded"));
    let fault = driver.create(&call(&cloud.place), &vpc()).await.unwrap_err();
    assert_eq!((fault.kind, fault.executed), (FaultKind::Throttled, Executed::No));
    assert_eq!(fault.operation, "ec2:CreateVpc");
    assert_eq!(fault.code.as_deref(), Some("RequestLimitExceeded"));
    assert_eq!(fault.request_id.as_deref(), Some("request-1"));
    assert_eq!(driver.find(&call(&cloud.place), &vpc()).await.unwrap(), []);
    cloud.wire.trouble("CreateKey", 0, Trouble::Refused(400, "ThrottlingException"));
    let key = cloud.provider.driver("AWS::KMS::Key").unwrap();
    let fault = key.create(&call(&cloud.place), &Doc::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Throttled, "{fault}");
}

#[tokio::test]
async fn a_reset_before_the_answer_leaves_open_what_happened() {
    let cloud = Cloud::of("a_reset_before_the_answer_leaves_open_what_happened");
    let driver = cloud.provider.driver("AWS::EC2::VPC").unwrap();
    cloud.wire.trouble("CreateVpc", 0, Trouble::Reset);
    let fault = driver.create(&call(&cloud.place), &vpc()).await.unwrap_err();
    assert_eq!((fault.kind, fault.executed), (FaultKind::Transient, Executed::Unknown), "{fault}");
}

#[tokio::test]
async fn a_create_that_breaks_off_names_what_it_left_behind() {
    let cloud = Cloud::of("a_create_that_breaks_off_names_what_it_left_behind");
    let driver = cloud.provider.driver("AWS::EC2::VPC").unwrap();
    cloud.wire.trouble("ModifyVpcAttribute", 0, Trouble::Refused(403, "UnauthorizedOperation"));
    let fault = driver.create(&call(&cloud.place), &vpc()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied);
    let made = fault.made.expect("the VPC exists");
    let found = driver.read(&call(&cloud.place), &[made.id]).await.unwrap();
    assert_eq!(found[0].as_ref().and_then(|vpc| vpc.get("EnableDnsHostnames")), Some(&json!(false)));

    cloud.wire.trouble("ModifyVpcAttribute", 0, Trouble::Refused(400, "InvalidVpcID.NotFound"));
    let fault = driver.create(&call(&cloud.place), &vpc()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "reads lag behind writes: it will be seen");
    assert!(fault.made.is_some());
}

#[tokio::test]
async fn create_calls_carry_token_and_owner() {
    let cloud = Cloud::of("create_calls_carry_token_and_owner");
    let vpc = cloud.make_id("AWS::EC2::VPC", "vpc", json!({"CidrBlock": "10.0.0.0/16"}), "VpcId").await;
    let driver = cloud.provider.driver("AWS::EC2::RouteTable").unwrap();
    driver.create(&call(&cloud.place), &json!({"VpcId": vpc}).into()).await.unwrap();
    let requests = cloud.wire.requests("CreateRouteTable");
    let token = "k".repeat(32);
    for part in [format!("ClientToken={token}"), "provision%3Astack".to_owned(), "shop%2Fdev".to_owned()] {
        assert!(requests[0].contains(&part), "{part} is not in {}", requests[0]);
    }
}

#[tokio::test]
async fn who_still_uses_a_group_is_named() {
    let cloud = Cloud::of("who_still_uses_a_group_is_named");
    let vpc = cloud.make_id("AWS::EC2::VPC", "vpc", json!({"CidrBlock": "10.0.0.0/16"}), "VpcId").await;
    let want = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24"});
    let subnet = cloud.make_id("AWS::EC2::Subnet", "subnet", want, "SubnetId").await;
    let want = json!({"GroupName": "g", "GroupDescription": "g", "VpcId": vpc});
    let group = cloud.make_id("AWS::EC2::SecurityGroup", "group", want, "GroupId").await;
    let ec2 = cloud.clients.ec2(&cloud.place).await;
    let request = ec2.create_network_interface().subnet_id(subnet).groups(&group).description("ELB app/web/1");
    let interface = request.send().await.unwrap().network_interface.unwrap().network_interface_id.unwrap();
    // moto lets a group go that is in use.
    cloud.wire.trouble("DeleteSecurityGroup", 0, Trouble::Refused(400, "DependencyViolation"));
    let driver = cloud.provider.driver("AWS::EC2::SecurityGroup").unwrap();
    let outcome = driver.delete(&call(&cloud.place), &PhysicalId(group), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse, "{fault}");
    assert!(
        fault.blockers.iter().any(|b| b.starts_with(&format!("{interface} (ELB app/web/1"))),
        "{:?}",
        fault.blockers
    );
}

#[tokio::test]
async fn a_wrong_endpoint_is_said_at_once_and_nothing_was_executed() {
    let settings = Settings {
        endpoint_url: Some("http://127.0.0.1:9".to_owned()),
        credentials: Some(("testing".to_owned(), "testing".to_owned())),
        http: None,
    };
    let provider = AwsProvider::new(Clients::new(settings));
    let place = Place { region: "us-east-1".to_owned(), role_arn: None };
    let create = provider.driver("AWS::EC2::VPC").unwrap().create(&call(&place), &vpc()).await.unwrap_err();
    assert_eq!((create.kind, create.executed), (FaultKind::Transient, Executed::No), "{create}");
    assert!(create.message.contains("`AWS_ENDPOINT_URL`"), "{create}");
    let identity = provider.identity(&place).await.unwrap_err();
    assert_eq!((identity.kind, identity.executed), (FaultKind::Other, Executed::No), "waiting would not help");
}
