//! What the planner decides: one stack is applied to the simulated cloud, something happens, and the plan for another stack
//! is compared as text. Then it is carried out, and the plan after that must be empty.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::collections::BTreeSet;

use insta::assert_snapshot;
use provision::{
    base::{Address, PhysicalId},
    engine::{Plan, planner::Options},
    report::{Look, plan, plan_changes::Context},
    state::Outcome,
};

use crate::chaos::lab::{Lab, later};

const HEAD: &str = "stack: lab\nregion: eu-central-1\n";
const VPC: &str = "  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n";

fn stack(resources: &str) -> String {
    format!("{HEAD}resources:\n{resources}")
}

fn text(planned: &Plan, lab_state: Option<&provision::state::State>) -> String {
    let former = lab_state.map(|state| state.objects.iter().map(|(id, o)| (id.clone(), o.inputs.clone())).collect());
    let context = Context { former: former.unwrap_or_default(), ..Context::default() };
    plan::render(planned, &context, Look::plain())
}

/// The plan from `before` to `after`, which must work and leave nothing to do.
async fn change(before: &str, after: &str, happens: impl FnOnce(&Lab)) -> String {
    let lab = Lab::with(Some(before), 7).await;
    later().await;
    happens(&lab);
    let allow_delete = ["db", "key"].into_iter().map(Address::root).collect();
    let planned = lab.planned(Some(after), Options { allow_delete, ..Options::default() }).await.unwrap();
    let state = lab.state().await;
    let ended = lab.run(Some(after)).await.ended();
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    later().await;
    let second = lab.planned(Some(after), Options::default()).await.unwrap();
    assert!(second.is_empty(), "{}", text(&second, None));
    text(&planned, state.as_ref())
}

async fn refused(before: &str, after: Option<&str>, options: Options) -> String {
    let lab = Lab::with(Some(before), 7).await;
    later().await;
    lab.planned(after, options).await.unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn a_property_that_can_be_changed_is_changed_in_place() {
    let before = stack(VPC);
    let after = before.replace("10.0.0.0/16", "10.0.0.0/16, EnableDnsHostnames: true");
    assert_snapshot!(change(&before, &after, |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_changed_is_replaced_create_first_and_those_who_refer_to_it_follow() {
    let before = stack(&format!(
        "{VPC}  subnet: {{type: AWS::EC2::Subnet, properties: {{VpcId: \"${{vpc.VpcId}}\", CidrBlock: 10.0.0.0/24}}}}\n"
    ));
    assert_snapshot!(change(&before, &before.replace("10.0.0.0", "10.9.0.0"), |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_name_forces_the_old_object_to_go_first() {
    let before = stack(&format!(
        "{VPC}  group:\n    type: AWS::EC2::SecurityGroup\n    properties: {{VpcId: \"${{vpc.VpcId}}\", GroupName: web, GroupDescription: one}}\n"
    ));
    assert_snapshot!(change(&before, &before.replace("one", "two"), |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_name_deep_inside_forces_the_old_object_to_go_first_too() {
    let budget = |amount: u32, address: &str| {
        stack(&format!(
            "  budget:\n    type: AWS::Budgets::Budget\n    properties:\n      Budget: {{BudgetName: month, BudgetType: COST, TimeUnit: MONTHLY, BudgetLimit: {{Amount: {amount}, Unit: USD}}}}\n      NotificationsWithSubscribers:\n        - Notification: {{ComparisonOperator: GREATER_THAN, NotificationType: ACTUAL, Threshold: 80}}\n          Subscribers: [{{SubscriptionType: EMAIL, Address: {address}}}]\n"
        ))
    };
    let planned = change(&budget(100, "a@example.com"), &budget(200, "b@example.com"), |_| ()).await;
    assert!(planned.contains("the old one is deleted first"), "{planned}");
}

#[tokio::test(start_paused = true)]
async fn without_a_fixed_name_the_new_object_comes_first() {
    let before = stack(&format!(
        "{VPC}  group:\n    type: AWS::EC2::SecurityGroup\n    properties: {{VpcId: \"${{vpc.VpcId}}\", GroupDescription: one}}\n"
    ));
    let found = change(&before, &before.replace("one", "two"), |_| ()).await;
    assert!(found.contains("1 to replace") && !found.contains("deleted first"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn what_has_left_the_stack_is_deleted_or_kept_as_the_stack_says() {
    let before = stack(&format!(
        "{VPC}  a: {{type: AWS::EC2::InternetGateway}}\n  b: {{type: AWS::EC2::InternetGateway}}\n  c: {{type: AWS::EC2::InternetGateway, lifecycle: {{retain: true}}}}\n"
    ));
    let after = format!("{}removed: [{{from: b, retain: true}}]\n", stack(VPC));
    assert_snapshot!(change(&before, &after, |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn a_moved_resource_stays_the_same_object() {
    let before = stack(VPC);
    let after = format!("{}moved: [{{from: vpc, to: network}}]\n", before.replace("  vpc:", "  network:"));
    assert_snapshot!(change(&before, &after, |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_repeated_and_what_no_longer_is_stay_the_same_objects() {
    let one = stack(VPC);
    let repeated = stack("  vpc: {type: AWS::EC2::VPC, count: 1, properties: {CidrBlock: 10.0.0.0/16}}\n");
    let into = format!("{repeated}moved: [{{from: vpc, to: 'vpc[0]'}}]\n");
    assert_snapshot!(change(&one, &into, |_| ()).await);
    let back = format!("{one}moved: [{{from: 'vpc[0]', to: vpc}}]\n");
    assert_snapshot!(change(&into, &back, |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn drift_is_named_and_the_file_wins() {
    let before = stack("  log: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /lab, RetentionInDays: 7}}\n");
    let planned = change(&before, &before, |lab| {
        lab.sim.modify("AWS::Logs::LogGroup", &PhysicalId("/lab".to_owned()), |properties| {
            properties.insert("RetentionInDays".to_owned(), 1.into());
        });
    });
    assert_snapshot!(planned.await);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_deleted_is_made_again() {
    let before = stack("  log: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /lab, RetentionInDays: 7}}\n");
    let planned = change(&before, &before, |lab| {
        assert!(lab.sim.remove("AWS::Logs::LogGroup", &PhysicalId("/lab".to_owned())));
    });
    assert_snapshot!(planned.await);
}

#[tokio::test(start_paused = true)]
async fn ignored_differences_are_no_differences() {
    let ignoring = "  log:\n    type: AWS::Logs::LogGroup\n    properties: {LogGroupName: /lab, RetentionInDays: 7}\n    lifecycle: {ignore_changes: [RetentionInDays]}\n";
    let before = stack(ignoring);
    let lab = Lab::with(Some(&before), 7).await;
    later().await;
    lab.sim.modify("AWS::Logs::LogGroup", &PhysicalId("/lab".to_owned()), |properties| {
        properties.insert("RetentionInDays".to_owned(), 1.into());
    });
    let after = before.replace("RetentionInDays: 7", "RetentionInDays: 30");
    assert!(lab.planned(Some(&after), Options::default()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn drift_that_is_ignored_stays_until_the_file_changes_at_that_place() {
    let shared = "  log:\n    type: AWS::Logs::LogGroup\n    properties: {LogGroupName: /lab, RetentionInDays: 7, LogGroupClass: STANDARD}\n    lifecycle: {ignore_drift: [RetentionInDays]}\n";
    let before = stack(shared);
    let lab = Lab::with(Some(&before), 7).await;
    later().await;
    lab.sim.modify("AWS::Logs::LogGroup", &PhysicalId("/lab".to_owned()), |properties| {
        properties.insert("RetentionInDays".to_owned(), 1.into());
    });
    let planned = lab.planned(Some(&before), Options::default()).await.unwrap();
    assert!(planned.is_empty() && planned.drifted.is_empty(), "{planned:?}");

    // What changes beside it leaves it as it is.
    let beside = before.replace("STANDARD}", "STANDARD, Tags: [{Key: a, Value: b}]}");
    assert_eq!(lab.run(Some(&beside)).await.ended().outcome, Outcome::Done);
    later().await;
    lab.sim.modify("AWS::Logs::LogGroup", &PhysicalId("/lab".to_owned()), |properties| {
        assert_eq!(properties["RetentionInDays"], 1);
    });
    assert!(lab.planned(Some(&beside), Options::default()).await.unwrap().is_empty());

    let after = beside.replace("RetentionInDays: 7", "RetentionInDays: 30");
    assert_snapshot!(text(&lab.planned(Some(&after), Options::default()).await.unwrap(), None));
}

#[tokio::test(start_paused = true)]
async fn a_changed_condition_replaces_and_a_new_one_does_not() {
    let plain = "  gateway:\n    type: AWS::EC2::InternetGateway\n";
    let with = |value: &str| stack(&format!("{plain}    lifecycle: {{replace_when: [{value}]}}\n"));
    let first = change(&stack(plain), &with("one"), |_| ()).await;
    assert!(!first.contains("to replace"), "{first}");
    assert_snapshot!(change(&with("one"), &with("two"), |_| ()).await);
}

#[tokio::test(start_paused = true)]
async fn what_exists_is_taken_over_and_changed_to_what_the_stack_says() {
    let before = stack(VPC);
    let lab = Lab::with(Some(&before), 7).await;
    let log = stack("  log: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /old, RetentionInDays: 7}}\n");
    let place = provision::base::Place { region: "eu-central-1".to_owned(), role_arn: None };
    let properties = serde_json::json!({"LogGroupName": "/old", "RetentionInDays": 1});
    lab.sim.insert(&place, "AWS::Logs::LogGroup", properties.into()).unwrap();
    let after = format!("{before}{}imports: [{{to: log, id: /old}}]\n", log.trim_start_matches(&stack("")));
    assert_snapshot!(text(&lab.planned(Some(&after), Options::default()).await.unwrap(), None));
    assert_eq!(lab.run(Some(&after)).await.ended().outcome, Outcome::Done);
    later().await;
    assert!(lab.planned(Some(&after), Options::default()).await.unwrap().is_empty());
    let missing =
        after.replace("id: /old", "id: /nowhere").replace("to: log", "to: other").replace("  log:", "  other:");
    let refusal = lab.planned(Some(&missing), Options::default()).await.unwrap_err();
    assert!(refusal.contains("there is no AWS::Logs::LogGroup `/nowhere`"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn data_and_what_is_protected_is_not_deleted_by_accident() {
    let before = stack(
        "  key: {type: AWS::KMS::Key, properties: {Description: data}}\n  gateway: {type: AWS::EC2::InternetGateway, lifecycle: {protect: true}}\n",
    );
    let empty = stack(VPC);
    let apply = refused(&before, Some(&empty), Options::default()).await;
    assert!(apply.contains("`key` (AWS::KMS::Key) holds data") && apply.contains("`gateway` is protected"), "{apply}");
    let destroy = refused(&before, None, Options::default()).await;
    assert_eq!(destroy, "`gateway` is protected and would be deleted");
    let lab = Lab::with(Some(&before), 7).await;
    let allow_delete = BTreeSet::from([Address::root("gateway")]);
    let planned = lab.planned(None, Options { allow_delete, ..Options::default() }).await.unwrap();
    assert_eq!(planned.steps.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_aws_itself_protects_is_deleted_only_if_somebody_says_so() {
    let table = stack(
        "  table: {type: AWS::DynamoDB::Table, properties: {DeletionProtectionEnabled: true, KeySchema: [{AttributeName: id, KeyType: HASH}]}}\n",
    );
    let destroy = refused(&table, None, Options::default()).await;
    assert_eq!(destroy, "`table` is protected by its `DeletionProtectionEnabled` and would be deleted");
    let open = table.replace("Enabled: true", "Enabled: false");
    let lab = Lab::with(Some(&table), 7).await;
    assert_eq!(lab.run(Some(&open)).await.ended().outcome, Outcome::Done);
    assert_eq!(lab.run(None).await.ended().outcome, Outcome::Done);
}

#[tokio::test(start_paused = true)]
async fn a_reference_to_something_new_is_a_change_of_the_stack_and_no_replacement() {
    let before = stack(
        "  one: {type: AWS::SNS::Topic, properties: {TopicName: one}}
  alarm:
    type: AWS::CloudWatch::Alarm
    properties:
      {AlarmName: a, Namespace: n, MetricName: m, ComparisonOperator: LessThanThreshold, Threshold: 1, Period: 60, EvaluationPeriods: 1, Statistic: Sum, AlarmActions: [\"${one.TopicArn}\"]}\n",
    );
    let second = "  two: {type: AWS::SNS::Topic, properties: {TopicName: two}}\n";
    let after = format!("{}{second}", before.replace("${one.TopicArn}", "${two.TopicArn}"));
    let planned = change(&before, &after, |_| ()).await;
    assert!(planned.contains("~ alarm") && !planned.contains("which is replaced"), "{planned}");
}

#[tokio::test(start_paused = true)]
async fn a_target_takes_along_what_it_needs_and_an_exclude_leaves_out_what_needs_it() {
    let lab = Lab::new(7);
    let all = stack(&format!(
        "{VPC}  subnet: {{type: AWS::EC2::Subnet, properties: {{VpcId: \"${{vpc.VpcId}}\", CidrBlock: 10.0.0.0/24}}}}\n  gateway: {{type: AWS::EC2::InternetGateway}}\n"
    ));
    let addresses = |plan: &Plan| {
        plan.steps
            .iter()
            .map(|step| step.object.address.to_string())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    };
    let targets = vec![Address::root("subnet").into()];
    let planned = lab.planned(Some(&all), Options { targets, ..Options::default() }).await.unwrap();
    assert_eq!(addresses(&planned), ["subnet", "vpc"]);
    let excludes = vec![Address::root("vpc").into()];
    let planned = lab.planned(Some(&all), Options { excludes, ..Options::default() }).await.unwrap();
    assert_eq!(addresses(&planned), ["gateway"]);
    let targets = vec![Address::root("nothing").into()];
    let refusal = lab.planned(Some(&all), Options { targets, ..Options::default() }).await.unwrap_err();
    assert!(refusal.contains("neither the stack nor the state has `nothing`"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn equal_inputs_give_byte_for_byte_equal_plans() {
    let lab = Lab::with(Some(crate::chaos::stacks::NETWORK), 7).await;
    let after = crate::chaos::stacks::replaced();
    let allow_delete: BTreeSet<Address> = ["log", "key"].into_iter().map(Address::root).collect();
    let options = || Options { allow_delete: allow_delete.clone(), ..Options::default() };
    let plans =
        [lab.planned(Some(&after), options()).await.unwrap(), lab.planned(Some(&after), options()).await.unwrap()];
    let [first, second] = plans.map(|plan| serde_json::to_string(&plan).unwrap());
    assert_eq!(first, second);
    assert_eq!(serde_json::from_str::<Plan>(&first).map(|plan| serde_json::to_string(&plan).unwrap()).unwrap(), first);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_the_stack_gives_orders_like_any_other_reference() {
    let lab = Lab::new(7);
    let yaml = stack(
        "  zone_name: {type: AWS::Logs::LogGroup, properties: {LogGroupName: /lab}}\n  a_stream: {type: AWS::Logs::LogStream, properties: {LogGroupName: \"${zone_name.LogGroupName}\", LogStreamName: s}}\n",
    );
    let planned = lab.planned(Some(&yaml), Options::default()).await.unwrap();
    let stream = planned.steps.iter().find(|step| step.type_name == "AWS::Logs::LogStream").unwrap();
    assert_eq!(stream.after.iter().map(|after| after.object.to_string()).collect::<Vec<_>>(), ["zone_name#1"]);
}
