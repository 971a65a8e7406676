//! Faults on demand, and the ways in which tests kill what they test.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use super::*;
use crate::driver::{
    Executed, FaultKind,
    sim::{FaultPlan, Misbehaviour, Moment, Operation, Rule, Verdict, When},
};

fn creates() -> When {
    When { operation: Some(Operation::Create), ..When::default() }
}

#[tokio::test(start_paused = true)]
async fn the_nth_matching_call_is_refused_and_nothing_is_executed() {
    for kind in [FaultKind::Invalid, FaultKind::Denied, FaultKind::Quota, FaultKind::Throttled, FaultKind::Transient] {
        let sim = sim();
        sim.set_faults(FaultPlan::of(Rule::once(creates(), 2, Misbehaviour::Refuse(kind))));
        vpc(&sim).await;
        let fault = fault(create(&sim, EIP, "eip", json!({})).await);
        assert_eq!(fault.kind, kind);
        assert_eq!(sim.snapshot().0.len(), 1);
        create(&sim, EIP, "eip", json!({})).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_can_mean_one_resource() {
    let sim = sim();
    let when = When { address: Some("eip".to_owned()), changing: true, ..When::default() };
    sim.set_faults(FaultPlan::of(Rule::always(when, Misbehaviour::Refuse(FaultKind::Denied))));
    vpc(&sim).await;
    for _ in 0..3 {
        assert_eq!(fault(create(&sim, EIP, "eip", json!({})).await).kind, FaultKind::Denied);
    }
    assert_eq!(find(&sim, EIP, "eip", json!({})).await, []);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_leaves_open_what_was_done() {
    let sim = sim();
    sim.set_faults(FaultPlan::of(Rule::once(creates(), 1, Misbehaviour::LoseAnswer)));
    let fault = fault(create(&sim, EIP, "eip", json!({})).await);
    assert_eq!((fault.kind, fault.executed), (FaultKind::Transient, Executed::Unknown));
    assert_eq!(find(&sim, EIP, "eip", json!({})).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_never_ready_is_so_until_healed() {
    let sim = sim();
    sim.set_faults(FaultPlan::of(Rule::once(creates(), 1, Misbehaviour::NeverReady)));
    let Progress::Pending { so_far: made, .. } = create(&sim, EIP, "eip", json!({})).await.unwrap() else { panic!() };
    sim.clock().sleep(Duration::from_secs(100_000)).await;
    let driver = sim.driver(EIP).unwrap();
    assert!(matches!(driver.poll(&call("eip"), &made).await.unwrap(), Progress::Pending { .. }));
    sim.heal();
    assert!(matches!(driver.poll(&call("eip"), &made).await.unwrap(), Progress::Done(_)));
}

#[tokio::test(start_paused = true)]
async fn what_is_never_ready_can_be_deleted() {
    let sim = sim();
    sim.set_faults(FaultPlan::of(Rule::once(creates(), 1, Misbehaviour::NeverReady)));
    let made = create(&sim, EIP, "eip", json!({})).await.unwrap().into_inner();
    assert_eq!(delete(&sim, EIP, &made.id).await, Ok(Progress::Done(())));
}

#[tokio::test(start_paused = true)]
async fn what_ends_failed_exists_and_says_so() {
    let sim = sim();
    sim.set_faults(FaultPlan::of(Rule::always(creates(), Misbehaviour::EndsFailed)));
    let fault_ = fault(create(&sim, EIP, "eip", json!({})).await);
    let made = fault_.made.unwrap();
    assert_eq!(find(&sim, EIP, "eip", json!({})).await, [made.id]);
    // The same for what takes long: the answer is good, the end is not.
    let table = json!({"CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 1, "Engine": "redis", "ClusterName": "c"});
    let cache = "AWS::ElastiCache::CacheCluster";
    let Progress::Pending { so_far, .. } = create(&sim, cache, "cache", table).await.unwrap() else { panic!() };
    sim.clock().sleep(Duration::from_secs(100_000)).await;
    let fault_ = fault(sim.driver(cache).unwrap().poll(&call("cache"), &so_far).await);
    assert_eq!(fault_.made.unwrap().id, so_far.id);
    assert_eq!(sim.snapshot().0[1].status, "failed");
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_leaves_the_object() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    let deletes = When { operation: Some(Operation::Delete), ..When::default() };
    sim.set_faults(FaultPlan::of(Rule::once(deletes, 1, Misbehaviour::EndsFailed)));
    assert_eq!(fault(delete(&sim, VPC, &vpc.id).await).kind, FaultKind::Other);
    assert!(read(&sim, VPC, &vpc.id).await.is_some());
    assert_eq!(delete(&sim, VPC, &vpc.id).await, Ok(Progress::Done(())));
}

#[tokio::test(start_paused = true)]
async fn rates_are_drawn_from_the_seed() {
    let kinds = |seed| async move {
        let sim = sim();
        sim.set_faults(FaultPlan { throttled: 0.3, unavailable: 0.1, reset: 0.05, seed, ..FaultPlan::default() });
        let mut kinds = Vec::new();
        for _ in 0..400 {
            kinds.push(create(&sim, EIP, "eip", json!({})).await.err().map(|fault| fault.kind));
        }
        (kinds, sim.snapshot().0.len())
    };
    let (first, made) = kinds(7).await;
    assert_eq!((first.clone(), made), kinds(7).await);
    assert_ne!(first, kinds(8).await.0);
    let count = |kind: FaultKind| first.iter().filter(|other| **other == Some(kind)).count();
    let throttled = count(FaultKind::Throttled);
    assert!((90..150).contains(&throttled), "{throttled} of 400 throttled");
    let answered = first.iter().filter(|kind| kind.is_none()).count();
    assert!(made > answered, "some answers were lost after the call was executed");
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_killed_before_and_after_it_is_executed() {
    for (moment, expected) in [(Moment::Before, 1), (Moment::After, 2)] {
        let sim = sim();
        let hook = move |record: &super::super::Record, at: Moment| {
            if record.number == 2 && at == moment { Verdict::Hang } else { Verdict::Go }
        };
        sim.on_call(Some(Arc::new(hook)));
        let run = async {
            vpc(&sim).await;
            create(&sim, EIP, "eip", json!({})).await.unwrap();
            panic!("the second call returned");
        };
        tokio::select! {
            () = run => {}
            () = sim.hung() => {}
        }
        assert_eq!(sim.snapshot().0.len(), expected, "{moment:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_can_kill_too() {
    let sim = sim();
    sim.set_faults(FaultPlan::of(Rule::once(When::default(), 1, Misbehaviour::HangAfter)));
    tokio::select! {
        _ = vpc(&sim) => panic!("the call returned"),
        () = sim.hung() => {}
    }
    assert_eq!(sim.snapshot().0.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_call_is_in_the_log() {
    let sim = sim();
    let vpc = vpc(&sim).await;
    read(&sim, VPC, &vpc.id).await;
    let calls: Vec<_> =
        sim.calls().into_iter().map(|call| (call.number, call.operation, call.operation.is_changing())).collect();
    assert_eq!(calls, [(1, Operation::Create, true), (2, Operation::Read, false)]);
    assert_eq!(sim.calls()[0].object, Some(call("vpc").object));
}
