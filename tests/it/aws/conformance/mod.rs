//! The conformance suite over every driver, with as many properties as the emulators keep: one file per service, and here
//! what several of them need first.

mod application_autoscaling;
mod backup;
mod cloudwatch;
mod ec2;
mod ecs;
mod efs;
mod elasticache;
mod elasticloadbalancingv2;
mod iam;
mod kms;
mod lambda;
mod logs;
pub mod rds;
mod secretsmanager;
mod sns;

use serde_json::{Value as Json, json};

use super::cloud::Cloud;

pub fn tags(list: &[(&str, &str)]) -> Json {
    list.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

pub async fn vpc(cloud: &Cloud) -> String {
    cloud.make_id("AWS::EC2::VPC", "vpc", json!({"CidrBlock": "10.0.0.0/16"}), "VpcId").await
}

pub async fn subnet(cloud: &Cloud, vpc: &str) -> String {
    let want = json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"});
    cloud.make_id("AWS::EC2::Subnet", "subnet", want, "SubnetId").await
}

pub async fn route_table(cloud: &Cloud, vpc: &str) -> String {
    cloud.make_id("AWS::EC2::RouteTable", "table", json!({"VpcId": vpc}), "RouteTableId").await
}

pub async fn gateway(cloud: &Cloud, name: &str) -> String {
    cloud.make_id("AWS::EC2::InternetGateway", name, json!({}), "InternetGatewayId").await
}

pub async fn group(cloud: &Cloud, vpc: &str) -> String {
    let want = json!({"GroupDescription": "a group", "GroupName": "prerequisite", "VpcId": vpc});
    cloud.make_id("AWS::EC2::SecurityGroup", "group", want, "GroupId").await
}
