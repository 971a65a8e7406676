//! `stacks/healthcare.yaml` on the emulators, whole: broken at every kind of call, killed at every third one, and
//! in two regions with an independent witness beside it.

use provision::state::Outcome;

use super::{
    lab::Lab,
    terminal::Terminal,
    wire::{Moment, Trouble, is_changing},
};

const FILE: &str = "stacks/healthcare.yaml";

/// Each test has names of its own, because ministack has one account for all.
fn healthcare(test: &'static str) -> Lab {
    Lab::of(test, FILE, "ap-southeast-1")
}

/// The changing operations of a first apply, with how often each is called.
async fn operations(lab: &Lab, variables: &[(&str, &str)]) -> Vec<(String, usize)> {
    let stack = lab.stack(variables).await;
    let ended = lab.run(Some(&stack)).await;
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    let calls = lab.cloud.wire.census();
    let ended = lab.run(None).await;
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    calls.into_iter().filter(|(operation, _)| is_changing(operation)).collect()
}

#[tokio::test]
async fn whichever_kind_of_call_fails_everything_made_is_gone_again() {
    let lab = healthcare("healthcare_fails");
    let variables = [("environment", "hcfails")];
    let (stack, operations) = (lab.stack(&variables).await, operations(&lab, &variables).await);
    assert!(operations.len() >= 40, "{operations:?}");
    let before = lab.census(&stack, "hcfails").await;
    for (operation, _) in operations {
        lab.cloud.wire.trouble(&operation, 0, Trouble::Refused(400, "InvalidParameterValue"));
        let ended = lab.run(Some(&stack)).await;
        assert_eq!(ended.outcome, Outcome::RolledBack, "{operation}: {ended:?}");
        let cause = ended.cause.unwrap();
        assert!(cause.operation.ends_with(&operation), "{operation}: {cause:?}");
        assert_eq!(lab.census(&stack, "hcfails").await, before, "{operation}");
        assert!(lab.state().await.objects.is_empty(), "{operation}");
    }
}

#[tokio::test]
#[ignore = "the long figure: minutes"]
async fn figures_whichever_single_call_fails_everything_made_is_gone_again() {
    let lab = healthcare("healthcare_fails_anywhere");
    let variables = [("environment", "hcany")];
    let (stack, operations) = (lab.stack(&variables).await, operations(&lab, &variables).await);
    let before = lab.census(&stack, "hcany").await;
    let all = operations.iter().map(|(_, calls)| calls).sum();
    for nth in 0..all {
        lab.cloud.wire.strike(nth, Trouble::Refused(400, "InvalidParameterValue"));
        let ended = lab.run(Some(&stack)).await;
        assert_eq!(ended.outcome, Outcome::RolledBack, "call {nth}: {ended:?}");
        assert_eq!(lab.census(&stack, "hcany").await, before, "call {nth}");
    }
    println!("R3: {all} calls refused, one at a time");
}

#[tokio::test]
async fn whichever_answers_are_lost_nothing_is_made_twice_and_the_second_plan_is_empty() {
    let lab = healthcare("healthcare_lost");
    let variables = [("environment", "hclost")];
    let stack = lab.stack(&variables).await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    let (wanted, calls) = (lab.census(&stack, "hclost").await, lab.cloud.wire.census());
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    let before = lab.census(&stack, "hclost").await;
    for operation in calls.keys().filter(|operation| is_changing(operation)) {
        lab.cloud.wire.trouble(operation, 0, Trouble::LostAnswer);
    }
    let ended = lab.run(Some(&stack)).await;
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    assert_eq!(lab.census(&stack, "hclost").await, wanted);
    let plan = lab.plan(Some(&stack)).await;
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    assert_eq!(lab.census(&stack, "hclost").await, before);
}

#[tokio::test]
async fn killed_again_and_again_the_next_apply_goes_on_and_nothing_is_made_twice() {
    let mut lab = healthcare("healthcare_killed");
    let variables = [("environment", "hckill")];
    let stack = lab.stack(&variables).await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    let wanted = lab.census(&stack, "hckill").await;
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    let mut kills = 0;
    let ended = loop {
        let moment = if kills % 2 == 0 { Moment::After } else { Moment::Before };
        // With several calls under way at once, each kill leaves several intents open.
        lab.cloud.wire.strike(3, Trouble::Killed(moment));
        match lab.run_until_killed(Some(&stack)).await {
            Some(ended) => break ended,
            None => kills += 1,
        }
        assert!(kills < 500, "it never comes to an end");
    };
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    // How many calls are under way at each kill is a matter of chance.
    assert!(kills >= 5, "{kills}");
    lab.cloud.wire.strike(usize::MAX, Trouble::Reset);
    assert_eq!(lab.census(&stack, "hckill").await, wanted);
    let plan = lab.plan(Some(&stack)).await;
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
}

#[tokio::test]
#[ignore = "the long figure: half an hour"]
async fn figures_killed_after_any_single_call_the_next_apply_converges() {
    let mut lab = healthcare("healthcare_killed_anywhere");
    let variables = [("environment", "hckany")];
    let (stack, operations) = (lab.stack(&variables).await, operations(&lab, &variables).await);
    let before = lab.census(&stack, "hckany").await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    let wanted = lab.census(&stack, "hckany").await;
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    let all = operations.iter().map(|(_, calls)| calls).sum();
    for nth in 0..all {
        lab.cloud.wire.strike(nth, Trouble::Killed(Moment::After));
        assert!(lab.run_until_killed(Some(&stack)).await.is_none(), "call {nth} was never made");
        let ended = lab.run(Some(&stack)).await;
        assert_eq!(ended.outcome, Outcome::Done, "call {nth}: {ended:?}");
        assert_eq!(lab.census(&stack, "hckany").await, wanted, "call {nth}");
        assert!(lab.plan(Some(&stack)).await.is_empty(), "call {nth}");
        assert_eq!(lab.run(None).await.outcome, Outcome::Done, "call {nth}");
        assert_eq!(lab.census(&stack, "hckany").await, before, "call {nth}");
    }
    println!("R1: {all} kills, one after each call");
}

/// What else happens to it is told by `tests/systems/healthcare.yaml`.
#[test]
fn two_regions_are_applied_and_destroyed_as_the_witness_sees_them() {
    let (terminal, two) = (Terminal::new(FILE), "--env two --var environment=two --var dr=true");
    let witness = "healthcare.py --name healthcare-two --stack healthcare/two --environment two --dr";
    terminal.must(&format!("apply stacks/healthcare.yaml --yes {two}"), 0);
    terminal.must(&format!("plan stacks/healthcare.yaml --detailed-exitcode {two}"), 0);
    terminal.witness(witness);
    terminal.must(&format!("destroy stacks/healthcare.yaml --yes {two}"), 0);
    terminal.witness(&format!("{witness} --gone"));
}
