//! A state in a bucket, as a team has it: S3 over HTTP, on moto; several processes, which are stopped and killed.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::time::{Duration, Instant};

use aws_sdk_ec2::types::Filter;
use provision::{
    aws::{Clients, Settings},
    base::Place,
};

use super::terminal::Terminal;
use crate::session::Running;

const STACK: &str = "examples/network.yaml";

fn clients() -> Clients {
    Clients::new(Settings { credentials: Some(("testing".to_owned(), "testing".to_owned())), ..Settings::default() })
}

fn place(region: &str) -> Place {
    Place { region: region.to_owned(), role_arn: None }
}

/// A new bucket, and what is typed after a command to keep the state there.
async fn in_bucket(name: &str) -> String {
    let bucket = format!("provision-{name}-{}", std::process::id());
    clients().s3(&place("us-east-1")).await.create_bucket().bucket(&bucket).send().await.unwrap();
    format!("{STACK} --state s3://{bucket}/team")
}

/// How many VPCs of ours there are.
async fn networks() -> usize {
    let owned = Filter::builder().name("tag-key").values("provision:stack").build();
    let ec2 = clients().ec2(&place("eu-central-1")).await;
    ec2.describe_vpcs().filters(owned).send().await.unwrap().vpcs().len()
}

/// Starts a run and waits until it changes things.
fn under_way(terminal: &Terminal, line: &str) -> Running {
    let mut running = terminal.start(line);
    assert!(running.has_said("\"step_done\""), "it begins");
    running
}

/// Types a command again and again while the state is locked.
#[expect(clippy::disallowed_methods, reason = "how long a lease lasts in the world is what is tested")]
fn once_free(terminal: &Terminal, line: &str) -> (Duration, String) {
    let start = Instant::now();
    loop {
        match terminal.run(line) {
            (Some(5), text) => {
                assert!(text.contains("the state is locked by") && text.contains("last heard of"), "{text}");
                assert!(start.elapsed() < Duration::from_secs(90), "{text}");
            }
            (code, text) => {
                assert_eq!(code, Some(0), "{line}\n{text}");
                return (start.elapsed(), text);
            }
        }
    }
}

#[tokio::test]
async fn a_state_in_a_bucket_is_everybodys() {
    let at = in_bucket("shared").await;
    let (ann, bob) = (Terminal::new(STACK), Terminal::new(STACK));
    ann.must(&format!("apply {at} --yes"), 0);
    bob.must(&format!("plan {at} --detailed-exitcode"), 0);
    assert!(bob.must(&format!("unlock {at}"), 0).contains("was not locked"));
    bob.must(&format!("apply {at} --yes --var azs=[a]"), 0);
    ann.must(&format!("plan {at} --detailed-exitcode --var azs=[a]"), 0);
    ann.must(&format!("destroy {at} --yes --var azs=[a]"), 0);
    assert_eq!(networks().await, 0);
    assert!(!ann.path("state").exists() && !bob.path("state").exists(), "nothing is kept here");
}

#[tokio::test]
async fn a_killed_holder_keeps_the_state_for_a_minute_and_nothing_is_lost() {
    let at = in_bucket("killed").await;
    let (ann, bob) = (Terminal::new(STACK), Terminal::new(STACK));
    let killed = under_way(&ann, &format!("apply {at} --yes --json"));
    killed.signal("-KILL");
    assert_eq!(killed.end().0, None);
    bob.must(&format!("apply {at} --yes"), 5);
    let (waited, _) = once_free(&bob, &format!("unlock {at}"));
    println!("a dead holder's lease ended after {waited:?}");
    assert!(waited < Duration::from_secs(60), "{waited:?}");
    bob.must(&format!("apply {at} --yes"), 0);
    assert_eq!(networks().await, 1);
    ann.must(&format!("plan {at} --detailed-exitcode"), 0);
    ann.must(&format!("destroy {at} --yes"), 0);
    assert_eq!(networks().await, 0);
}

#[tokio::test]
async fn a_holder_that_was_stopped_neither_writes_nor_calls_any_more() {
    let at = in_bucket("stopped").await;
    let (ann, bob) = (Terminal::new(STACK), Terminal::new(STACK));
    let stopped = under_way(&ann, &format!("apply {at} --yes --json"));
    stopped.signal("-STOP");
    bob.must(&format!("apply {at} --yes"), 5);
    once_free(&bob, &format!("apply {at} --yes"));
    stopped.signal("-CONT");
    let (code, rest) = stopped.end();
    assert_eq!(code, Some(4), "{rest:#?}");
    // In the middle of a write it knows only that no answer came.
    let reasons = ["the lease on the state was lost", "operation timed out"];
    assert!(rest.iter().any(|line| reasons.iter().any(|reason| line.contains(reason))), "{rest:#?}");
    bob.must(&format!("plan {at} --detailed-exitcode"), 0);
    assert_eq!(networks().await, 1);
    bob.must(&format!("destroy {at} --yes"), 0);
    assert_eq!(networks().await, 0);
}
