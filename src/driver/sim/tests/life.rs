//! Time: what is not ready yet, what lags, what a call takes.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::driver::FaultKind;

async fn nat(sim: &Sim) -> (Made, Progress<Made>) {
    let vpc = vpc(sim).await;
    let subnet = subnet(sim, &vpc).await;
    attach(sim, &vpc).await;
    let eip = make(sim, EIP, "eip", json!({"Domain": "vpc"})).await;
    let want = json!({"SubnetId": subnet.id, "AllocationId": eip.attributes.text("AllocationId")});
    (vpc, create(sim, NAT, "nat", want).await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_is_answered_at_once_and_ready_later() {
    let sim = sim();
    let (_, progress) = nat(&sim).await;
    let Progress::Pending { so_far: made, note } = progress else { panic!("a NAT gateway takes time") };
    assert_eq!(note, "pending");
    assert!(made.id.0.starts_with("nat-0"));
    let driver = sim.driver(NAT).unwrap();
    assert!(matches!(driver.poll(&call("nat"), &made).await.unwrap(), Progress::Pending { .. }));
    let usual = Catalogue::embedded().get(NAT).unwrap().overlay.usual_create;
    sim.clock().sleep(usual).await;
    assert!(matches!(driver.poll(&call("nat"), &made).await.unwrap(), Progress::Done(_)));
    let Progress::Pending { .. } = delete(&sim, NAT, &made.id).await.unwrap() else { panic!("nor does it go at once") };
    assert!(read(&sim, NAT, &made.id).await.is_some(), "it is still going");
    sim.clock().sleep(Duration::from_secs(3600)).await;
    assert_eq!(delete(&sim, NAT, &made.id).await, Ok(Progress::Done(())));
    assert_eq!(read(&sim, NAT, &made.id).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_needs_it_ready_is_refused_until_it_is() {
    let sim = sim();
    let (vpc, progress) = nat(&sim).await;
    let nat = progress.into_inner();
    let table = make(&sim, "AWS::EC2::RouteTable", "table", json!({"VpcId": vpc.id})).await;
    let route = || json!({"RouteTableId": table.id, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat.id});
    let is_enough =
        |name: &str| Catalogue::embedded().get(name).unwrap().overlay.needs_only_created.contains(&NAT.to_owned());
    assert!(!is_enough("AWS::EC2::Route"), "the overlay has changed: find another pair for this test");
    assert_eq!(fault(create(&sim, "AWS::EC2::Route", "route", route()).await).kind, FaultKind::NotReady);
    sim.clock().sleep(Duration::from_secs(3600)).await;
    create(&sim, "AWS::EC2::Route", "route", route()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_needs_it_only_created_goes_ahead() {
    let sim = sim();
    let cluster = json!({"DBClusterIdentifier": "main", "Engine": "aurora-postgresql", "MasterUsername": "a", "MasterUserPassword": "b-secret-1"});
    let progress = create(&sim, "AWS::RDS::DBCluster", "cluster", cluster).await.unwrap();
    assert!(matches!(progress, Progress::Pending { .. }));
    let instance = json!({"DBInstanceIdentifier": "main-1", "DBClusterIdentifier": "main", "DBInstanceClass": "db.serverless", "Engine": "aurora-postgresql"});
    create(&sim, "AWS::RDS::DBInstance", "instance", instance).await.unwrap();
    // What is nested in an attribute (an endpoint) is not known before the object is ready.
    assert_eq!(progress.into_inner().attributes.get("Endpoint"), None);
}

#[tokio::test(start_paused = true)]
async fn reads_and_searches_lag_behind_writes_for_a_while() {
    let sim = sim();
    sim.set_latency(Duration::ZERO, Duration::ZERO);
    sim.set_lag(Duration::from_secs(10));
    let mut lagged = 0;
    for number in 0..20 {
        let name = format!("vpc{number}");
        let want = || json!({"CidrBlock": "10.0.0.0/16"});
        let made = create(&sim, VPC, &name, want()).await.unwrap().into_inner();
        let (seen, found) = (read(&sim, VPC, &made.id).await, find(&sim, VPC, &name, want()).await);
        assert_eq!(seen.is_some(), !found.is_empty(), "both see the same past");
        lagged += usize::from(seen.is_none());
        sim.clock().sleep(Duration::from_secs(10)).await;
        assert!(read(&sim, VPC, &made.id).await.is_some());
        delete(&sim, VPC, &made.id).await.unwrap();
        sim.clock().sleep(Duration::from_secs(10)).await;
        assert_eq!(read(&sim, VPC, &made.id).await, None);
    }
    assert!(lagged > 10, "{lagged} of 20");
}

#[tokio::test(start_paused = true)]
async fn a_call_takes_time_and_the_same_seed_the_same_time() {
    let mut times = Vec::new();
    for _ in 0..2 {
        let sim = sim();
        vpc(&sim).await;
        vpc_times(&sim, &mut times);
    }
    assert_eq!(times[0], times[1]);
    assert!(times[0] >= Duration::from_millis(50) && times[0] <= Duration::from_millis(200), "{:?}", times[0]);
}

fn vpc_times(sim: &Sim, times: &mut Vec<Duration>) {
    times.push(sim.now());
}
