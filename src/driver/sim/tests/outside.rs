//! What others do to the account, and what a stack asks about it.

use serde_json::json;

use super::*;
use crate::base::Lookup;

#[tokio::test(start_paused = true)]
async fn changes_behind_the_engines_back_are_seen() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    assert!(
        sim.modify(VPC, &vpc.id, |properties| drop(properties.insert("EnableDnsSupport".to_owned(), json!(false))))
    );
    assert_eq!(read(&sim, VPC, &vpc.id).await.unwrap().get("EnableDnsSupport"), Some(&json!(false)));
    let subnet = subnet(&sim, &vpc).await;
    assert!(sim.remove(VPC, &vpc.id), "whoever uses it");
    assert_eq!(read(&sim, VPC, &vpc.id).await, None);
    assert!(read(&sim, SUBNET, &subnet.id).await.is_some());
    assert!(!sim.remove(VPC, &vpc.id));
}

#[tokio::test(start_paused = true)]
async fn two_clouds_that_were_built_alike_differ_only_in_ids() {
    let mut snapshots = Vec::new();
    for seed in [1, 2] {
        let sim = Sim::new(Catalogue::embedded(), Clock::real(), seed);
        let vpc = vpc(&sim).await;
        subnet(&sim, &vpc).await;
        snapshots.push((sim.snapshot(), sim.snapshot_without_ids()));
    }
    assert_ne!(snapshots[0].0, snapshots[1].0);
    assert_eq!(snapshots[0].1, snapshots[1].1);
}

#[tokio::test(start_paused = true)]
async fn a_region_has_a_default_vpc_when_somebody_looks() {
    let sim = sim();
    let vpcs = sim.lookup(&place(), VPC, &Doc::from(json!({"IsDefault": true}))).await.unwrap();
    assert_eq!(vpcs.len(), 1);
    let of_vpc = Doc::from(json!({"VpcId": vpcs[0].get("VpcId")}));
    let subnets = sim.lookup(&place(), SUBNET, &of_vpc).await.unwrap();
    let zones: Vec<_> = subnets.iter().filter_map(|subnet| subnet.text("AvailabilityZone")).collect();
    assert_eq!(zones, sim.zones(&place()).await.unwrap());
    assert_eq!(sim.lookup(&place(), VPC, &Doc::default()).await.unwrap().len(), 1, "once");
    assert_eq!(sim.snapshot().0, [], "nobody built it");
    make(&sim, "AWS::EC2::SecurityGroup", "group", json!({"GroupDescription": "g", "VpcId": vpcs[0].get("VpcId")}))
        .await;
}

#[tokio::test(start_paused = true)]
async fn secrets_have_the_value_that_was_given_or_one_that_stays() {
    let sim = sim();
    let secret = async |name: &str, key: Option<&str>| {
        let lookup = Lookup::Secret { name: name.to_owned(), key: key.map(str::to_owned) };
        sim.secret(&place(), &lookup).await
    };
    let given = json!({"Name": "given", "SecretString": "{\"user\":\"me\"}"});
    make(&sim, "AWS::SecretsManager::Secret", "given", given).await;
    assert_eq!(secret("given", Some("user")).await.unwrap(), "me");
    assert!(secret("given", Some("colour")).await.is_err());
    let rule = json!({"SecretStringTemplate": "{\"user\":\"app\"}", "GenerateStringKey": "password"});
    make(&sim, "AWS::SecretsManager::Secret", "made", json!({"Name": "made", "GenerateSecretString": rule})).await;
    assert_eq!(secret("made", Some("user")).await.unwrap(), "app");
    assert_eq!(secret("made", Some("password")).await.unwrap().len(), 36);
    assert_eq!(secret("elsewhere", None).await.unwrap(), secret("elsewhere", None).await.unwrap());
    let image = Lookup::Parameter { name: "/aws/service/ami-amazon-linux-latest/al2023".to_owned() };
    assert!(sim.secret(&place(), &image).await.unwrap().starts_with("ami-0"));
}

#[tokio::test(start_paused = true)]
async fn the_account_follows_the_role_and_the_partition_the_region() {
    let sim = sim();
    let role = Some("arn:aws:iam::210987654321:role/deploy".to_owned());
    let identity = sim.identity(&Place { region: "cn-north-1".to_owned(), role_arn: role }).await.unwrap();
    assert_eq!((identity.account_id.as_str(), identity.partition.as_str()), ("210987654321", "aws-cn"));
    assert_eq!(sim.identity(&place()).await.unwrap().account_id, "123456789012");
}
