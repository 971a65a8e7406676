//! The sandbox file: the same cloud from one process to the next.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::json;

use super::*;
use crate::driver::sim::StoreError;

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("deep").join("sandbox.jsonl")
}

fn open(folder: &tempfile::TempDir) -> Sim {
    Sim::open(&path(folder), Catalogue::embedded(), Clock::real(), 1).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_that_is_opened_again_is_the_same_cloud() {
    let folder = tempfile::tempdir().unwrap();
    let sim = open(&folder);
    let vpc = vpc(&sim).await;
    let subnet = subnet(&sim, &vpc).await;
    let gone = make(&sim, EIP, "eip", json!({})).await;
    delete(&sim, EIP, &gone.id).await.unwrap();
    let before = sim.snapshot();
    drop(sim);
    let sim = open(&folder);
    assert_eq!(sim.snapshot(), before);
    assert_eq!(fault(delete(&sim, VPC, &vpc.id).await).blockers.len(), 1, "references are known again");
    assert_eq!(find(&sim, SUBNET, "subnet", json!({})).await, [subnet.id], "so are tokens");
    assert_ne!(make(&sim, EIP, "eip", json!({})).await.id, gone.id, "no id is used twice");
}

#[tokio::test(start_paused = true)]
async fn what_was_under_way_has_come_to_its_end_when_the_next_process_begins() {
    let folder = tempfile::tempdir().unwrap();
    let cache = "AWS::ElastiCache::CacheCluster";
    let made = {
        let sim = open(&folder);
        let want =
            json!({"CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 1, "Engine": "redis", "ClusterName": "c"});
        create(&sim, cache, "cache", want).await.unwrap().into_inner()
    };
    let sim = open(&folder);
    let polled = sim.driver(cache).unwrap().poll(&call("cache"), &made).await.unwrap();
    assert!(matches!(polled, Progress::Done(_)));
}

#[tokio::test(start_paused = true)]
async fn a_line_that_was_cut_off_does_not_count_and_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sim = open(&folder);
    vpc(&sim).await;
    drop(sim);
    let mut text = fs::read_to_string(path(&folder)).unwrap();
    text.push_str(&text.clone()[..text.len() / 2]);
    fs::write(path(&folder), &text).unwrap();
    assert_eq!(open(&folder).snapshot().0.len(), 1);
    fs::write(path(&folder), format!("{{}}\n{text}")).unwrap();
    let error = Sim::open(&path(&folder), Catalogue::embedded(), Clock::real(), 1).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { line: 1, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_file_is_private_and_belongs_to_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let sim = open(&folder);
    let mode = fs::metadata(path(&folder)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = Sim::open(&path(&folder), Catalogue::embedded(), Clock::real(), 1).map(|_| ());
    assert!(matches!(second, Err(StoreError::Busy { .. })));
    drop(sim);
    open(&folder);
}

#[tokio::test(start_paused = true)]
async fn the_file_grows_by_what_is_done_and_is_cut_back_when_opened() {
    let folder = tempfile::tempdir().unwrap();
    let sim = open(&folder);
    let topic = |name: &str| json!({"TopicName": "t", "DisplayName": name});
    let made = make(&sim, "AWS::SNS::Topic", "topic", topic("a")).await;
    for _ in 0..10 {
        update(&sim, "AWS::SNS::Topic", &made.id, topic("a"), topic("b")).await.unwrap();
    }
    let lines = || fs::read_to_string(path(&folder)).unwrap().lines().count();
    assert_eq!(lines(), 11);
    drop(sim);
    open(&folder);
    assert_eq!(lines(), 1);
}
