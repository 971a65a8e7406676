//! What AWS refuses, and what it does when it is asked twice.

use serde_json::json;

use super::*;
use crate::driver::FaultKind;

#[tokio::test(start_paused = true)]
async fn ids_and_attributes_have_awss_form() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    assert!(vpc.id.0.starts_with("vpc-0") && vpc.id.0.len() == 21, "{}", vpc.id);
    assert_eq!(vpc.attributes.text("VpcId"), Some(vpc.id.0.as_str()));
    let role = make(&sim, "AWS::IAM::Role", "role", json!({"RoleName": "app", "AssumeRolePolicyDocument": {}})).await;
    assert_eq!(role.attributes.text("Arn"), Some("arn:aws:iam::123456789012:role/app"));
    let cluster = json!({"DBClusterIdentifier": "main", "Engine": "aurora-postgresql", "MasterUsername": "a", "MasterUserPassword": "b-secret-1"});
    let cluster = make(&sim, "AWS::RDS::DBCluster", "cluster", cluster).await;
    let endpoint = cluster.attributes.get("Endpoint").unwrap();
    let address = endpoint["Address"].as_str().unwrap();
    assert!(address.starts_with("main.cluster-") && address.ends_with(".eu-central-1.rds.amazonaws.com"), "{address}");
    assert!(["5432", "\"5432\""].contains(&endpoint["Port"].to_string().as_str()), "{endpoint}");
}

#[tokio::test(start_paused = true)]
async fn a_wrong_document_is_refused_with_its_reason() {
    let sim = sim();
    let fault = fault(create(&sim, VPC, "vpc", json!({"CidrBlock": "10.0.0.0/16", "Colour": "red"})).await);
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("Colour"), "{fault}");
    assert_eq!(sim.snapshot().0, []);
}

#[tokio::test(start_paused = true)]
async fn a_reference_to_nothing_is_refused() {
    let sim = sim();
    let in_vpc = |id: &str| json!({"VpcId": id, "CidrBlock": "10.0.1.0/24"});
    let fault_ = fault(create(&sim, SUBNET, "subnet", in_vpc("vpc-0123456789abcdef0")).await);
    assert_eq!((fault_.kind, fault_.code.as_deref()), (FaultKind::Invalid, Some("InvalidVPCID.NotFound")));
    let vpc = vpc(&sim).await;
    delete(&sim, VPC, &vpc.id).await.unwrap();
    assert_eq!(fault(create(&sim, SUBNET, "subnet", in_vpc(&vpc.id.0)).await).kind, FaultKind::Invalid);
    let policy = json!({"RoleName": "nobody", "PolicyName": "p", "PolicyDocument": {}});
    let fault_ = fault(create(&sim, "AWS::IAM::RolePolicy", "policy", policy).await);
    assert!(fault_.message.contains("`nobody`"), "{fault_}");
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_region_is_refused_and_an_arn_is_not() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let key = make(&sim, "AWS::KMS::Key", "key", json!({})).await;
    let mut elsewhere = call("elsewhere");
    elsewhere.place.region = "eu-west-1".to_owned();
    let subnet = Doc::from(json!({"VpcId": vpc.id, "CidrBlock": "10.0.1.0/24"}));
    assert_eq!(fault(sim.driver(SUBNET).unwrap().create(&elsewhere, &subnet).await).kind, FaultKind::Invalid);
    let replica = Doc::from(json!({"PrimaryKeyArn": key.attributes.text("Arn"), "KeyPolicy": {}}));
    sim.driver("AWS::KMS::ReplicaKey").unwrap().create(&elsewhere, &replica).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_the_sandbox_never_made_is_taken_for_external() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let subnet = subnet(&sim, &vpc).await;
    let instance = json!({"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.micro", "SubnetId": subnet.id});
    create(&sim, "AWS::EC2::Instance", "instance", instance).await.unwrap();
    let role = json!({"AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]});
    create(&sim, "AWS::IAM::Role", "role", role).await.unwrap();
    let secret = json!({"Name": "s", "KmsKeyId": "alias/aws/secretsmanager"});
    create(&sim, "AWS::SecretsManager::Secret", "secret", secret).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_cannot_be_deleted_and_the_users_are_named() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let subnet = subnet(&sim, &vpc).await;
    let fault = fault(delete(&sim, VPC, &vpc.id).await);
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::InUse, Some("DependencyViolation")));
    assert_eq!(fault.blockers, [format!("{} (AWS::EC2::Subnet)", subnet.id)]);
    delete(&sim, SUBNET, &subnet.id).await.unwrap();
    assert_eq!(delete(&sim, VPC, &vpc.id).await, Ok(Progress::Done(())));
    assert_eq!(delete(&sim, VPC, &vpc.id).await, Ok(Progress::Done(())), "gone is done");
}

#[tokio::test(start_paused = true)]
async fn public_traffic_needs_an_attached_gateway() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let subnet = subnet(&sim, &vpc).await;
    let eip = make(&sim, EIP, "eip", json!({"Domain": "vpc"})).await;
    let nat = || json!({"SubnetId": subnet.id, "AllocationId": eip.attributes.text("AllocationId")});
    let fault_ = fault(create(&sim, NAT, "nat", nat()).await);
    assert_eq!((fault_.kind, fault_.code.as_deref()), (FaultKind::Invalid, Some("Gateway.NotAttached")));
    let attachment = attach(&sim, &vpc).await;
    let nat = create(&sim, NAT, "nat2", nat()).await.unwrap().into_inner();
    let fault_ = fault(delete(&sim, "AWS::EC2::VPCGatewayAttachment", &attachment.id).await);
    assert_eq!(fault_.blockers, [format!("{} (AWS::EC2::NatGateway)", nat.id)]);
    let gateway = make(&sim, "AWS::EC2::InternetGateway", "other", json!({})).await;
    let table = make(&sim, "AWS::EC2::RouteTable", "table", json!({"VpcId": vpc.id})).await;
    let route = json!({"RouteTableId": table.id, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway.id});
    let fault_ = fault(create(&sim, "AWS::EC2::Route", "route", route).await);
    assert!(fault_.message.contains("different networks"), "{fault_}");
}

#[tokio::test(start_paused = true)]
async fn a_name_is_a_reference_where_the_property_says_so() {
    let sim = sim();
    let role = make(&sim, "AWS::IAM::Role", "role", json!({"RoleName": "app", "AssumeRolePolicyDocument": {}})).await;
    let profile = json!({"InstanceProfileName": "app", "Roles": ["app"]});
    let profile = make(&sim, "AWS::IAM::InstanceProfile", "profile", profile).await;
    assert_eq!(fault(delete(&sim, "AWS::IAM::Role", &role.id).await).kind, FaultKind::InUse);
    delete(&sim, "AWS::IAM::InstanceProfile", &profile.id).await.unwrap();
    delete(&sim, "AWS::IAM::Role", &role.id).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_update_moves_the_references() {
    let sim = sim();
    let topic = make(&sim, "AWS::SNS::Topic", "topic", json!({"TopicName": "a"})).await;
    let other = make(&sim, "AWS::SNS::Topic", "other", json!({"TopicName": "b"})).await;
    let alarm = |topic: &Made| json!({"AlarmName": "cpu", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "MetricName": "m", "AlarmActions": [topic.id]});
    let made = make(&sim, "AWS::CloudWatch::Alarm", "alarm", alarm(&topic)).await;
    update(&sim, "AWS::CloudWatch::Alarm", &made.id, alarm(&topic), alarm(&other)).await.unwrap();
    delete(&sim, "AWS::SNS::Topic", &topic.id).await.unwrap();
    assert_eq!(fault(delete(&sim, "AWS::SNS::Topic", &other.id).await).kind, FaultKind::InUse);
}

#[tokio::test(start_paused = true)]
async fn a_taken_name_is_refused_and_is_free_after_a_delete() {
    let sim = sim();
    let role = || json!({"RoleName": "app", "AssumeRolePolicyDocument": {}});
    let made = make(&sim, "AWS::IAM::Role", "role", role()).await;
    let fault = fault(create(&sim, "AWS::IAM::Role", "other", role()).await);
    assert_eq!((fault.kind, fault.code.as_deref()), (FaultKind::AlreadyExists, Some("EntityAlreadyExists")));
    assert!(fault.message.contains("`app`"), "{fault}");
    delete(&sim, "AWS::IAM::Role", &made.id).await.unwrap();
    create(&sim, "AWS::IAM::Role", "other", role()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_create_that_is_repeated_does_what_the_type_does() {
    let sim = sim();
    // No token, no name: two of them.
    for _ in 0..2 {
        create(&sim, EIP, "eip", json!({"Domain": "vpc"})).await.unwrap();
    }
    assert_eq!(find(&sim, EIP, "eip", json!({"Domain": "vpc"})).await.len(), 2);
    assert!(!sim.driver(EIP).unwrap().is_create_idempotent());
    // A token: the same one again, refused with other parameters.
    let vpc = vpc(&sim).await;
    let table = "AWS::EC2::RouteTable";
    let want = || json!({"VpcId": vpc.id});
    let first = create(&sim, table, "table", want()).await.unwrap();
    assert_eq!(create(&sim, table, "table", want()).await.unwrap(), first);
    let other = json!({"VpcId": vpc.id, "Tags": [{"Key": "a", "Value": "b"}]});
    let fault_ = fault(create(&sim, table, "table", other).await);
    assert_eq!(fault_.code.as_deref(), Some("IdempotentParameterMismatch"));
    // A token that is refused, with the id.
    let files = "AWS::EFS::FileSystem";
    let made = make(&sim, files, "files", json!({})).await;
    let fault_ = fault(create(&sim, files, "files", json!({})).await);
    assert!(fault_.kind == FaultKind::AlreadyExists && fault_.message.contains(&made.id.0), "{fault_}");
}

#[tokio::test(start_paused = true)]
async fn a_put_takes_over_what_has_the_name_without_a_word() {
    let sim = sim();
    let topic = |display: &str| json!({"TopicName": "alarms", "DisplayName": display});
    let foreign = sim.insert(&place(), "AWS::SNS::Topic", Doc::from(topic("theirs"))).unwrap();
    let ours = make(&sim, "AWS::SNS::Topic", "topic", topic("ours")).await;
    assert_eq!(ours.id, foreign);
    assert_eq!(read(&sim, "AWS::SNS::Topic", &foreign).await.unwrap().text("DisplayName"), Some("ours"));
    assert_eq!(find(&sim, "AWS::SNS::Topic", "topic", topic("ours")).await, [], "the owner tags are not ours");
}

#[tokio::test(start_paused = true)]
async fn what_is_create_only_cannot_be_changed() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let cidr = |cidr: &str| json!({"CidrBlock": cidr});
    let fault = fault(update(&sim, VPC, &vpc.id, cidr("10.0.0.0/16"), cidr("10.1.0.0/16")).await);
    assert!(fault.kind == FaultKind::Invalid && fault.message.contains("CidrBlock"), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn reads_are_batched_and_hide_what_is_write_only() {
    let sim = sim();
    let secret = json!({"Name": "s", "SecretString": "hush"});
    let made = make(&sim, "AWS::SecretsManager::Secret", "secret", secret).await;
    let ids = [PhysicalId("nobody".to_owned()), made.id];
    sim.forget_calls();
    let docs = sim.driver("AWS::SecretsManager::Secret").unwrap().read(&call("any"), &ids).await.unwrap();
    assert_eq!(sim.calls().len(), 1);
    assert_eq!(docs[0], None);
    let doc = docs[1].as_ref().unwrap();
    assert_eq!((doc.text("Name"), doc.get("SecretString")), (Some("s"), None));
}
