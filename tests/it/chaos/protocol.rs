//! The executor's manners: order, events, stopping, keeping, refusing.

use provision::{
    driver::{
        FaultKind,
        sim::{FaultPlan, Misbehaviour, Operation, Rule, When},
    },
    engine::{Event, run::OnFailure},
    state::Outcome as End,
};

use super::{
    lab::{Lab, Outcome, later},
    stacks::{NETWORK, changed},
};

fn refuse(address: &str, kind: FaultKind) -> FaultPlan {
    let when = When { operation: Some(Operation::Create), address: Some(address.to_owned()), ..When::default() };
    FaultPlan::of(Rule::always(when, Misbehaviour::Refuse(kind)))
}

#[tokio::test(start_paused = true)]
async fn an_apply_makes_everything_and_a_second_one_changes_nothing() {
    let lab = Lab::with(Some(NETWORK), 1).await;
    assert_eq!(lab.diagnose().await, Vec::<String>::new());
    let state = lab.state().await.unwrap();
    assert_eq!(state.objects.len(), 16);
    assert!(state.outputs["vpc"].value.as_str().unwrap().starts_with("vpc-"), "{:?}", state.outputs);
    lab.turn_the_page();
    assert!(matches!(lab.run(Some(NETWORK)).await, Outcome::Unchanged));
    assert_eq!(lab.changing_calls(), []);
}

#[tokio::test(start_paused = true)]
async fn every_create_is_sent_once_and_nothing_is_read_that_nobody_needs() {
    let lab = Lab::with(Some(NETWORK), 1).await;
    let mut creates = lab.changing_calls();
    creates.sort();
    let count = creates.len();
    creates.dedup();
    assert_eq!((creates.len(), count), (16, 16));
    let reads = lab.calls().iter().filter(|call| matches!(call.operation, Operation::Read | Operation::Find)).count();
    assert_eq!(reads, 0);
}

#[tokio::test(start_paused = true)]
async fn a_destroy_leaves_nothing_but_what_the_plan_said() {
    let lab = Lab::with(Some(NETWORK), 1).await;
    assert_eq!(lab.run(None).await.ended().outcome, End::Done);
    later().await;
    assert_eq!(lab.cloud().0, []);
    assert!(lab.state().await.unwrap().objects.is_empty());
    assert!(matches!(lab.run(None).await, Outcome::Unchanged));
}

#[tokio::test(start_paused = true)]
async fn a_rollback_lifts_the_protection_that_the_same_run_has_set() {
    let stack = "stack: s\nregion: eu-central-1\nresources:
  table:
    type: AWS::DynamoDB::Table
    properties: {DeletionProtectionEnabled: true, KeySchema: [{AttributeName: id, KeyType: HASH}]}
  users: {type: AWS::Cognito::UserPool, properties: {UserPoolName: users, DeletionProtection: ACTIVE}}
  last: {type: AWS::EC2::VPC, depends_on: [table, users], properties: {CidrBlock: 10.0.0.0/16}}\n";
    let lab = Lab::new(1);
    lab.sim.set_faults(refuse("last", FaultKind::Denied));
    let ended = lab.run(Some(stack)).await.ended();
    assert_eq!(ended.outcome, End::RolledBack, "{ended:?}");
    later().await;
    assert_eq!(lab.cloud().0, []);
    assert!(lab.state().await.unwrap().objects.is_empty());
}

/// Its name is fixed, so the old one goes first and the new one has the same physical id: another thing all the same.
#[tokio::test(start_paused = true)]
async fn what_was_deleted_to_make_room_is_not_said_to_be_back() {
    let stack = |encryption: &str| {
        format!(
            "stack: s\nregion: eu-central-1\nresources:
  images:
    type: AWS::ECR::Repository
    properties: {{RepositoryName: images, EncryptionConfiguration: {{EncryptionType: {encryption}}}}}
  last: {{type: AWS::EC2::VPC, depends_on: [images], properties: {{CidrBlock: 10.0.0.0/16}}}}\n"
        )
    };
    let lab = Lab::new(1);
    let without_last = stack("AES256").split("  last:").next().unwrap().to_owned();
    assert_eq!(lab.run(Some(&without_last)).await.ended().outcome, End::Done);
    later().await;
    lab.sim.set_faults(refuse("last", FaultKind::Denied));
    let ended = lab.run(Some(&stack("KMS"))).await.ended();
    assert_eq!(ended.outcome, End::Partial, "{ended:?}");
    lab.sim.heal();
    assert_eq!(lab.run(Some(&stack("KMS"))).await.ended().outcome, End::Done);
    assert_eq!(lab.diagnose().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_to_make_room_is_made_again_if_it_held_nothing() {
    let stack = |path: &str, text: &str| {
        format!(
            "stack: s\nregion: eu-central-1\nresources:
  role:
    type: AWS::IAM::Role
    properties:
      RoleName: tasks
      Path: {path}
      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: ecs.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}
  title:
    type: AWS::SSM::Parameter
    properties: {{Name: title, Type: String, Value: '${{role.RoleName}} {text}'}}
  last: {{type: AWS::EC2::VPC, depends_on: [title], properties: {{CidrBlock: 10.0.0.0/16}}}}\n"
        )
    };
    let lab = Lab::new(1);
    let without_last = stack("/a/", "one").split("  last:").next().unwrap().to_owned();
    assert_eq!(lab.run(Some(&without_last)).await.ended().outcome, End::Done);
    later().await;
    // Only the token of what was made again is another one.
    let things = || {
        let things = lab.cloud().0.into_iter().map(|item| ((item.type_name, item.id), item.properties));
        things.collect::<std::collections::BTreeMap<_, _>>()
    };
    let (before, state) = (things(), lab.state().await.unwrap().objects);
    lab.sim.set_faults(refuse("last", FaultKind::Denied));
    let ended = lab.run(Some(&stack("/b/", "two"))).await.ended();
    assert_eq!(ended.outcome, End::RolledBack, "{ended:?}");
    lab.sim.heal();
    later().await;
    assert_eq!(things(), before);
    let after = lab.state().await.unwrap().objects;
    assert_eq!(after.keys().collect::<Vec<_>>(), state.keys().collect::<Vec<_>>());
    assert!(
        state
            .iter()
            .all(|(object, stored)| after[object].inputs == stored.inputs && after[object].needs == stored.needs)
    );
    assert!(lab.planned(Some(&without_last), Default::default()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_secret_beside_what_is_taken_back_stays_what_it_is() {
    let stack = "stack: lab
region: eu-central-1
variables:
  word: {type: string, sensitive: true, default: canary-word}
resources:
  parameters:
    type: AWS::RDS::DBParameterGroup
    properties:
      Family: mysql8.0
      Description: lab
      Parameters: {init_connect: '${var.word}', max_connections: 100}
";
    let lab = Lab::with(Some(stack), 7).await;
    later().await;
    let before = lab.cloud();
    let failing = stack.replace("100", "200")
        + "  subnet:
    type: AWS::EC2::Subnet
    properties: {VpcId: vpc-00000000000000000, CidrBlock: 10.0.0.0/24}
    depends_on: [parameters]
";
    let ended = lab.run(Some(&failing)).await.ended();
    assert_eq!((ended.outcome, lab.cloud()), (End::RolledBack, before));
    assert!(!serde_json::to_string(&lab.state().await.unwrap()).unwrap().contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn on_failure_keep_leaves_what_was_made_and_the_next_apply_goes_on_from_there() {
    let mut lab = Lab::new(1);
    lab.on_failure = OnFailure::Keep;
    lab.sim.set_faults(refuse("route", FaultKind::Denied));
    let ended = lab.run(Some(NETWORK)).await.ended();
    assert_eq!(ended.outcome, End::Partial);
    assert_eq!(ended.cause.as_ref().unwrap().address.to_string(), "route");
    assert!(ended.left.iter().any(|object| object.address.to_string() == "route"), "{:?}", ended.left);
    let kept = lab.cloud().0.len();
    assert!(kept > 5, "{kept}");
    lab.sim.heal();
    assert_eq!(lab.run(Some(NETWORK)).await.ended().outcome, End::Done);
    assert_eq!(lab.diagnose().await, Vec::<String>::new());
    let mut creates = lab.changing_calls();
    creates.retain(|(operation, _)| *operation == Operation::Create);
    assert_eq!(creates.len(), 17, "one create was refused and repeated, nothing else was");
}

#[tokio::test(start_paused = true)]
async fn a_stop_begins_nothing_new_and_rolls_back() {
    let lab = Lab::new(1);
    let stop = lab.stop.clone();
    lab.react(move |event| {
        if matches!(event, Event::StepDone { object } if object.address.to_string() == "vpc") {
            stop.request();
        }
    });
    let ended = lab.run(Some(NETWORK)).await.ended();
    assert_eq!((ended.outcome, ended.stopped, ended.cause), (End::RolledBack, true, None));
    assert!(lab.events().contains(&Event::Stopping));
    later().await;
    assert_eq!(lab.cloud().0, []);
}

#[tokio::test(start_paused = true)]
async fn a_failure_names_the_operation_the_address_and_the_cause_first() {
    let lab = Lab::new(1);
    lab.sim.set_faults(refuse("nat", FaultKind::Quota));
    let ended = lab.run(Some(NETWORK)).await.ended();
    let cause = ended.cause.unwrap();
    assert_eq!(
        (cause.kind, cause.operation.as_str(), cause.address.to_string().as_str()),
        (FaultKind::Quota, "ec2:CreateNatGateway", "nat")
    );
    let events = lab.events();
    let position = |wanted: fn(&Event) -> bool| events.iter().position(wanted).unwrap();
    let failed = position(|event| matches!(event, Event::StepFailed { .. }));
    let undoing = position(|event| matches!(event, Event::Undoing { .. }));
    let over = position(|event| matches!(event, Event::Ended { outcome: End::RolledBack, .. }));
    assert!(failed < undoing && undoing < over);
}

#[tokio::test(start_paused = true)]
async fn what_exists_already_and_is_not_ours_is_left_alone_and_the_way_to_own_it_is_said() {
    let lab = Lab::new(1);
    let place = provision::base::Place { region: "eu-central-1".into(), role_arn: None };
    let doc = provision::base::Doc::from(serde_json::json!({"LogGroupName": "/lab/log"}));
    lab.sim.insert(&place, "AWS::Logs::LogGroup", doc).unwrap();
    let ended = lab.run(Some(NETWORK)).await.ended();
    assert_eq!(ended.outcome, End::RolledBack);
    let message = ended.cause.unwrap().message;
    assert!(message.contains("imports: [{to: 'log', id: '/lab/log'}]"), "{message}");
    later().await;
    assert_eq!(lab.cloud().0.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_refused_once_the_state_has_moved_on() {
    use provision::{
        catalogue::Catalogue,
        engine::{planner, run::RunError},
        state::{Command, Holder, StateKey, Store},
    };
    let lab = Lab::with(Some(NETWORK), 1).await;
    let state = lab.state().await.unwrap();
    let (live, options) = (provision::engine::run::Live::new(), planner::Options::default());
    let request = planner::Request {
        stack: None,
        state: &state,
        live: &live,
        catalogue: Catalogue::embedded(),
        command: Command::Destroy,
        identity: None,
        options: &options,
    };
    let plan = planner::plan(&request).unwrap();
    lab.run(Some(&changed())).await.ended();
    let key = StateKey::new("lab", "test").unwrap();
    let lease = lab.store.acquire(&key, &Holder::new("lab", "here", "apply")).await.unwrap();
    lab.turn_the_page();
    let refused = lab.engine().execute(&lease, &plan).await.unwrap_err();
    assert!(matches!(&refused, RunError::Moved(what) if what.contains("the state was at entry")), "{refused}");
    assert_eq!(lab.changing_calls(), []);
}

#[test]
fn runs_can_be_handed_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    fn check(engine: &provision::engine::run::Engine, lease: &provision::state::Lease, plan: &provision::engine::Plan) {
        is_send(&engine.execute(lease, plan));
        is_send(&engine.recover(lease));
    }
    let _ = check;
}

#[tokio::test(start_paused = true)]
async fn as_long_as_an_open_call_cannot_be_looked_up_nothing_else_is_done() {
    let mut lab = Lab::new(1);
    let lost = When { operation: Some(Operation::Create), address: Some("vpc".to_owned()), ..When::default() };
    lab.sim.set_faults(FaultPlan::of(Rule::once(lost, 1, Misbehaviour::HangAfter)));
    tokio::select! {
        biased;
        outcome = lab.run(Some(NETWORK)) => panic!("{outcome:?}"),
        () = lab.sim.hung() => {}
    }
    lab.store = lab.store.survivor();
    lab.turn_the_page();
    let find = When { operation: Some(Operation::Find), ..When::default() };
    lab.sim.set_faults(FaultPlan::of(Rule::always(find, Misbehaviour::Refuse(FaultKind::Denied))));
    let Outcome::Refused(problem) = lab.run(Some(NETWORK)).await else { panic!("it went on") };
    assert!(problem.contains("could not be found out"), "{problem}");
    assert_eq!(lab.changing_calls(), []);
    lab.sim.heal();
    assert_eq!(lab.run(Some(NETWORK)).await.ended().outcome, End::Done);
    assert_eq!(lab.diagnose().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_attribute_that_nobody_asked_for_before_is_known_to_a_later_apply() {
    let lab = Lab::with(Some(NETWORK), 1).await;
    later().await;
    let more = r#"
  one:
    type: AWS::Logs::LogGroup
    properties: {LogGroupName: "/lab/${vpc.DefaultSecurityGroup}/1"}
outputs:
"#;
    let ended = lab.run(Some(&NETWORK.replace("\noutputs:\n", more))).await.ended();
    assert_eq!(ended.outcome, End::Done, "{ended:#?}");
    let cloud = lab.cloud();
    assert!(cloud.0.iter().any(|item| item.id.starts_with("/lab/sg-")), "{cloud:?}");
}

#[tokio::test(start_paused = true)]
async fn no_more_steps_are_in_flight_than_allowed() {
    let mut lab = Lab::new(1);
    lab.parallel = 2;
    assert_eq!(lab.run(Some(NETWORK)).await.ended().outcome, End::Done);
    let (mut running, mut most) = (0_i32, 0);
    for event in lab.events() {
        match event {
            Event::StepStarted { .. } => running += 1,
            Event::StepDone { .. } => running -= 1,
            _ => {}
        }
        most = most.max(running);
    }
    assert_eq!(most, 2);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_made_under_the_same_name_is_never_taken_over() {
    let shared = "stack: lab\nregion: eu-central-1\nresources:\n  topic: {type: AWS::SNS::Topic, properties: {TopicName: shared}}\n  cluster: {type: AWS::ECS::Cluster, properties: {ClusterName: shared}}\n";
    let lab = Lab::new(7);
    let place = provision::base::Place { region: "eu-central-1".to_owned(), role_arn: None };
    let theirs = serde_json::json!({"TopicName": "shared"});
    lab.sim.insert(&place, "AWS::SNS::Topic", theirs.into()).unwrap();
    let before = lab.cloud();
    let ended = lab.run(Some(shared)).await.ended();
    let cause = ended.cause.unwrap();
    assert!(cause.message.contains("this stack has not made it"), "{cause:?}");
    assert_eq!(lab.cloud(), before);
}
