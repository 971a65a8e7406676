//! What somebody else has changed and was accepted: it stays, whatever else is done to the object, until the file or AWS says
//! something else. The planner and the executor on the simulated cloud.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{Address, PhysicalId},
    engine::{Action, Plan, Reason, planner::Options},
    state::{Deviation, Object, Outcome},
};
use serde_json::{Value as Json, json};

use crate::chaos::lab::{Lab, later};

const LOG: &str = "AWS::Logs::LogGroup";
const BUCKET: &str = "AWS::S3::Bucket";

/// Two log groups and a bucket with a nested property, which the simulated cloud takes as a whole.
const STACK: &str = "stack: lab
region: eu-central-1
resources:
  a: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /a, RetentionInDays: 7}}
  b: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /b, RetentionInDays: 7}}
  bucket:
    type: AWS::S3::Bucket
    properties: {BucketName: lab-bucket, PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}}
";

async fn applied() -> Lab {
    let lab = Lab::with(Some(STACK), 7).await;
    later().await;
    lab
}

/// Somebody at the console.
fn set(lab: &Lab, type_name: &str, id: &str, path: &str, value: Json) {
    let path = path.split('.').collect::<Vec<_>>();
    let is_done = lab.sim.modify(type_name, &PhysicalId(id.to_owned()), |properties| {
        let parents = path[..path.len() - 1].iter();
        let parent = parents.fold(properties, |map, key| map.get_mut(*key).unwrap().as_object_mut().unwrap());
        match value {
            Json::Null => drop(parent.remove(path[path.len() - 1])),
            value => drop(parent.insert(path[path.len() - 1].to_owned(), value)),
        }
    });
    assert!(is_done);
}

fn retain(lab: &Lab, id: &str, days: u32) {
    set(lab, LOG, id, "RetentionInDays", days.into());
}

/// What AWS has.
fn live(lab: &Lab, id: &str) -> Json {
    let items = lab.cloud().0;
    items.iter().find(|item| item.id == id).map(|item| Json::Object(item.properties.clone())).unwrap()
}

async fn planned(lab: &Lab, stack: &str) -> Plan {
    let allow_delete = ["a", "b", "bucket", "c", "vpc"].into_iter().map(Address::root).collect();
    lab.planned(Some(stack), Options { allow_delete, ..Options::default() }).await.unwrap()
}

async fn run(lab: &Lab, stack: &str) -> Outcome {
    let outcome = lab.run(Some(stack)).await.ended().outcome;
    later().await;
    outcome
}

async fn stored(lab: &Lab, name: &str) -> Object {
    let state = lab.state().await.unwrap();
    state.newest(&Address::root(name)).unwrap().1.clone()
}

fn deviation(path: &str, wanted: Json, live: Json) -> Deviation {
    Deviation { path: path.parse().unwrap(), wanted, live }
}

/// Which objects somebody else has changed, says a plan.
fn drifted(plan: &Plan) -> Vec<String> {
    plan.drifted.keys().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_neither_changed_nor_named_again() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    let before = planned(&lab, STACK).await;
    assert_eq!(before.drifted.values().next().unwrap(), &[deviation("RetentionInDays", json!(7), json!(1))]);
    lab.turn_the_page();
    lab.accept(STACK, &[]).await;
    assert_eq!(lab.changing_calls(), []);
    let after = planned(&lab, STACK).await;
    assert!(after.is_empty() && after.drifted.is_empty());
    assert_eq!(after.accepted, before.drifted);
    assert!(lab.accept(STACK, &[]).await.is_empty(), "a second time there is nothing left to accept");
    assert_eq!(stored(&lab, "a").await.inputs["RetentionInDays"], 7, "the record keeps what the file says");
}

#[tokio::test(start_paused = true)]
async fn what_was_not_accepted_is_put_back() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    retain(&lab, "/b", 3);
    lab.accept(STACK, &["a"]).await;
    assert_eq!(drifted(&planned(&lab, STACK).await), ["b#1"]);
    assert_eq!(run(&lab, STACK).await, Outcome::Done);
    assert_eq!([&live(&lab, "/a")["RetentionInDays"], &live(&lab, "/b")["RetentionInDays"]], [1, 7]);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_something_else_carries_what_was_accepted() {
    for accepted in [json!(false), json!(null)] {
        let lab = applied().await;
        set(&lab, BUCKET, "lab-bucket", "PublicAccessBlockConfiguration.BlockPublicAcls", accepted.clone());
        lab.accept(STACK, &[]).await;
        let changed = STACK.replace("BlockPublicPolicy: true", "BlockPublicPolicy: false");
        let plan = planned(&lab, &changed).await;
        let Action::Update { paths, .. } = &plan.steps[0].action else { panic!("{plan:?}") };
        assert_eq!(
            paths.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["PublicAccessBlockConfiguration.BlockPublicPolicy"]
        );
        assert_eq!(run(&lab, &changed).await, Outcome::Done);
        let now = live(&lab, "lab-bucket")["PublicAccessBlockConfiguration"].clone();
        assert_eq!(
            (now.get("BlockPublicAcls").cloned().unwrap_or_default(), &now["BlockPublicPolicy"]),
            (accepted, &json!(false))
        );
        assert_eq!(stored(&lab, "bucket").await.inputs["PublicAccessBlockConfiguration"]["BlockPublicAcls"], true);
        assert!(planned(&lab, &changed).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn the_file_wins_again_as_soon_as_it_says_something_else() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    lab.accept(STACK, &[]).await;
    let other = STACK.replace("/a, RetentionInDays: 7", "/a, RetentionInDays: 30");
    let plan = planned(&lab, &other).await;
    assert_eq!(plan.steps[0].why, [Reason::Changed { path: "RetentionInDays".parse().unwrap() }]);
    assert!(plan.accepted.is_empty());
    assert_eq!(run(&lab, &other).await, Outcome::Done);
    assert_eq!((&live(&lab, "/a")["RetentionInDays"], stored(&lab, "a").await.accepted), (&json!(30), vec![]));
    assert_eq!(run(&lab, STACK).await, Outcome::Done);
    retain(&lab, "/a", 1);
    assert_eq!(drifted(&planned(&lab, STACK).await), ["a#1"], "what has lapsed does not come back");
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_can_be_written_into_the_file() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    lab.accept(STACK, &[]).await;
    lab.turn_the_page();
    let same = STACK.replace("/a, RetentionInDays: 7", "/a, RetentionInDays: 1");
    assert_eq!(run(&lab, &same).await, Outcome::Done);
    assert_eq!((lab.changing_calls(), stored(&lab, "a").await.accepted), (vec![], vec![]));
    assert!(planned(&lab, &same).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_once_more_is_drift_again() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    lab.accept(STACK, &[]).await;
    retain(&lab, "/a", 3);
    let plan = planned(&lab, STACK).await;
    assert_eq!(plan.drifted.values().next().unwrap(), &[deviation("RetentionInDays", json!(7), json!(3))]);
    assert!(plan.accepted.is_empty());
    lab.accept(STACK, &[]).await;
    assert_eq!(stored(&lab, "a").await.accepted, [deviation("RetentionInDays", json!(7), json!(3))]);
    retain(&lab, "/a", 7);
    let plan = planned(&lab, STACK).await;
    assert!(matches!(plan.steps[0].action, Action::Accept { .. }), "{plan:?}");
    assert_eq!(plan.steps[0].why, [Reason::Lapsed { path: "RetentionInDays".parse().unwrap() }]);
    assert_eq!(run(&lab, STACK).await, Outcome::Done);
    assert!(planned(&lab, STACK).await.is_empty() && stored(&lab, "a").await.accepted.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_rollback_leaves_what_was_accepted_before_as_it_was() {
    let lab = applied().await;
    set(&lab, BUCKET, "lab-bucket", "PublicAccessBlockConfiguration.BlockPublicAcls", json!(false));
    retain(&lab, "/a", 1);
    lab.accept(STACK, &[]).await;
    later().await;
    let (before, state) = (lab.cloud(), lab.state().await.unwrap().objects);
    // The bucket changes beside what was accepted, the log group at that very place; then something fails.
    let failing = STACK
        .replace("BlockPublicPolicy: true", "BlockPublicPolicy: false")
        .replace("/a, RetentionInDays: 7", "/a, RetentionInDays: 30")
        + "  subnet:
    type: AWS::EC2::Subnet
    properties: {VpcId: vpc-00000000000000000, CidrBlock: 10.0.0.0/24}
    depends_on: [a, b, bucket]
";
    assert_eq!(run(&lab, &failing).await, Outcome::RolledBack);
    assert_eq!(lab.cloud(), before);
    let after = lab.state().await.unwrap().objects;
    for (object, stored) in &state {
        assert_eq!((&after[object].inputs, &after[object].accepted), (&stored.inputs, &stored.accepted), "{object}");
    }
    assert!(planned(&lab, STACK).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_undo_takes_back_the_acceptance_or_what_ended_it() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    lab.accept(STACK, &[]).await;
    lab.turn_the_page();
    assert_eq!(lab.undo().await.outcome, Outcome::Done);
    assert_eq!((lab.changing_calls(), stored(&lab, "a").await.accepted), (vec![], vec![]), "no call was made");
    assert_eq!(drifted(&planned(&lab, STACK).await), ["a#1"]);
    lab.accept(STACK, &[]).await;
    assert_eq!(run(&lab, &STACK.replace("/a, RetentionInDays: 7", "/a, RetentionInDays: 30")).await, Outcome::Done);
    assert_eq!(lab.undo().await.outcome, Outcome::Done);
    later().await;
    assert_eq!(live(&lab, "/a")["RetentionInDays"], 1, "as it was before, not as the file says");
    assert!(planned(&lab, STACK).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_was_accepted_is_never_written_down_and_stays_all_the_same() {
    let stack = "stack: lab
region: eu-central-1
variables: {word: {type: string, sensitive: true, default: canary-file}}
resources:
  topic: {type: AWS::SNS::Topic, properties: {TopicName: t, DisplayName: '${var.word}', SignatureVersion: '1'}}
";
    let lab = Lab::with(Some(stack), 7).await;
    later().await;
    let arn = stored(&lab, "topic").await.id.unwrap().0;
    set(&lab, "AWS::SNS::Topic", &arn, "DisplayName", json!("canary-live"));
    let plan = planned(&lab, stack).await;
    assert_eq!(drifted(&plan), ["topic#1"]);
    lab.accept(stack, &[]).await;
    let state = lab.state().await.unwrap();
    assert!(!serde_json::to_string(&(&state, &plan.drifted)).unwrap().contains("canary"));
    assert!(planned(&lab, stack).await.is_empty());
    let changed = stack.replace("'1'", "'2'");
    assert_eq!(run(&lab, &changed).await, Outcome::Done);
    assert_eq!(live(&lab, &arn)["DisplayName"], "canary-live");
    assert!(!serde_json::to_string(&lab.state().await.unwrap()).unwrap().contains("canary"));
    assert!(planned(&lab, &changed).await.is_empty());
    set(&lab, "AWS::SNS::Topic", &arn, "DisplayName", json!("canary-other"));
    assert_eq!(drifted(&planned(&lab, &changed).await), ["topic#1"]);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_any_more_cannot_be_accepted() {
    let lab = applied().await;
    assert!(lab.sim.remove(LOG, &PhysicalId("/a".to_owned())));
    assert!(lab.sim.remove(LOG, &PhysicalId("/b".to_owned())));
    later().await;
    let without_b =
        STACK.lines().filter(|line| !line.contains("/b")).map(|line| format!("{line}\n")).collect::<String>();
    let plan = lab.accept(&without_b, &[]).await;
    assert!(plan.is_empty());
    assert!(plan.warnings[0].starts_with("`a` does not exist any more") && plan.warnings[0].contains("`removed:`"));
    assert_eq!(plan.warnings[1], "`b` does not exist any more; the next apply forgets it");
}

#[tokio::test(start_paused = true)]
async fn what_would_be_replaced_because_somebody_changed_it_can_be_accepted() {
    let stack = "stack: lab\nregion: eu-central-1\nresources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n";
    let lab = Lab::with(Some(stack), 7).await;
    later().await;
    let id = stored(&lab, "vpc").await.id.unwrap().0;
    set(&lab, "AWS::EC2::VPC", &id, "CidrBlock", json!("10.9.0.0/16"));
    let plan = planned(&lab, stack).await;
    assert_eq!(drifted(&plan), ["vpc#1"]);
    assert!(matches!(plan.steps[0].action, Action::Create { replaces: Some(_), .. }), "{plan:?}");
    lab.accept(stack, &[]).await;
    assert!(planned(&lab, stack).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_acceptance_goes_along_with_a_move_and_ends_with_the_object() {
    let lab = applied().await;
    retain(&lab, "/a", 1);
    let moved = format!("{}moved: [{{from: a, to: c}}]\n", STACK.replace("  a:", "  c:"));
    let early = lab.accept(&moved, &[]).await;
    assert!(early.is_empty() && early.warnings[0].contains("after that"), "{:?}", early.warnings);
    lab.accept(STACK, &[]).await;
    assert_eq!(run(&lab, &moved).await, Outcome::Done);
    assert_eq!(stored(&lab, "c").await.accepted.len(), 1);
    assert!(planned(&lab, &moved).await.is_empty());
    let replaced = moved.replace("/a", "/other");
    let plan = planned(&lab, &replaced).await;
    assert!(plan.warnings.iter().any(|warning| warning.contains("what was accepted of `c` (`RetentionInDays`)")));
    assert_eq!(run(&lab, &replaced).await, Outcome::Done);
    assert_eq!((&live(&lab, "/other")["RetentionInDays"], stored(&lab, "c").await.accepted), (&json!(7), vec![]));
}
