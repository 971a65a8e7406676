//! The conformance suite over every driver, with as many properties as the emulators keep: one file per service, and here
//! what several of them need first.

mod apigateway;
mod application_autoscaling;
mod backup;
mod budgets;
mod certificatemanager;
mod cloud_control;
mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod cognito;
mod config;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod elasticache;
mod elasticloadbalancingv2;
mod guardduty;
mod iam;
mod instance;
mod kinesis;
mod kms;
mod lambda;
mod logs;
pub mod rds;
mod route53;
mod s3;
mod secretsmanager;
mod sns;
mod ssm;
mod wafv2;

use provision::{
    aws::{Clients, Settings},
    base::Place,
};
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

/// Where ElastiCache and EFS look for subnets and groups: in the network that their emulator (ministack) has by itself, and
/// not in moto's.
pub struct OtherNetwork {
    /// One in each of three zones.
    pub subnets: Vec<String>,
    pub groups: Vec<String>,
}

#[expect(clippy::disallowed_methods, reason = "where the emulator listens is known to who started it")]
#[expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]
pub async fn other_network(test: &str) -> OtherNetwork {
    let settings = Settings {
        endpoint_url: Some(std::env::var("AWS_ENDPOINT_URL_EFS").expect("`scripts/emulators` sets it")),
        credentials: Some(("testing".to_owned(), "testing".to_owned())),
        http: None,
    };
    let ec2 = Clients::new(settings).ec2(&Place { region: "us-east-1".to_owned(), role_arn: None }).await;
    let subnets = ec2.describe_subnets().send().await.unwrap().subnets.unwrap_or_default();
    let defaults = subnets.into_iter().filter(|subnet| subnet.default_for_az == Some(true));
    let mut defaults: Vec<_> = defaults.map(|subnet| (subnet.subnet_id.unwrap(), subnet.vpc_id.unwrap())).collect();
    defaults.sort();
    let vpc = defaults[0].1.clone();
    let mut groups = Vec::new();
    for name in ["a", "b"] {
        let name = unique(&format!("{test}-{name}"));
        let made = ec2.create_security_group().group_name(name).description(test).vpc_id(&vpc).send().await.unwrap();
        groups.push(made.group_id.unwrap());
    }
    OtherNetwork { subnets: defaults.into_iter().map(|(subnet, _)| subnet).collect(), groups }
}

/// A name that no other run of the tests uses: ministack has one account for all of them.
pub fn unique(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}
