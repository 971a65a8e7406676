//! Every experiment, for any pair of stacks: from what is there to what shall be there (`None`: nothing).

use provision::{
    driver::{
        FaultKind,
        sim::{FaultPlan, Misbehaviour, Operation, Rule, When},
    },
    engine::Event,
    state::Outcome as End,
};

use super::{
    lab::{Kill, Lab, Outcome, Stacks, later},
    stacks::{NETWORK, changed, replaced},
};

/// A change of one stack into another.
#[derive(Clone)]
pub struct Change<'a> {
    from: Option<&'a str>,
    to: Option<&'a str>,
    stacks: Stacks,
}

impl<'a> Change<'a> {
    pub fn new(from: Option<&'a str>, to: Option<&'a str>) -> Self {
        Change { from, to, stacks: Stacks::default() }
    }

    async fn start(&self) -> Lab {
        let lab = Lab::with_sharing(self.from, 7, self.stacks.clone()).await;
        later().await;
        lab.turn_the_page();
        lab
    }

    /// The cloud after the change, when nothing goes wrong.
    async fn goal(&self) -> Vec<String> {
        let lab = self.start().await;
        lab.run(self.to).await.ended();
        later().await;
        lab.shape()
    }
}

/// R1: killed anywhere, the next run ends where an undisturbed one would; nothing twice, nothing forgotten.
async fn survives_every_kill(change: &Change<'_>) {
    let goal = change.goal().await;
    let (calls, writes) = change.start().await.measure(change.to).await;
    let kills = (1..=calls)
        .flat_map(|nth| [Kill::Call(nth, true), Kill::Call(nth, false)])
        .chain((1..=writes).flat_map(|nth| [Kill::Write(nth, true), Kill::Write(nth, false)]));
    let mut count = 0;
    for kill in kills {
        let mut lab = change.start().await;
        let outcome = lab.killed(change.to, kill).await;
        assert!(matches!(outcome, Outcome::Killed), "{kill:?}: {outcome:?}");
        converges(&lab, change, &goal, &format!("{kill:?}")).await;
        count += 1;
    }
    println!("R1: {count} kills ({calls} calls, {writes} writes), every one converged");
}

/// R1, once more: the run that cleans up after a kill is killed too, anywhere, up to five times in a row.
async fn survives_kills_in_a_row(change: &Change<'_>, rows: u64) {
    let goal = change.goal().await;
    let (calls, writes) = change.start().await.measure(change.to).await;
    let mut kills = 0;
    for row in 0..rows {
        let mut lab = change.start().await;
        let what = format!("row {row}");
        for turn in 0..5 {
            let draw = draw(row * 5 + turn);
            let (is_before, is_call, nth) = (draw & 1 == 0, draw & 2 == 0, draw >> 2);
            let kill =
                if is_call { Kill::Call(1 + nth % calls, is_before) } else { Kill::Write(1 + nth % writes, is_before) };
            match lab.killed(change.to, kill).await {
                Outcome::Killed => kills += 1,
                Outcome::Refused(problem) => panic!("{what}: {problem}"),
                Outcome::Ended(_) | Outcome::Unchanged => break,
            }
        }
        converges(&lab, change, &goal, &what).await;
    }
    println!("R1: {kills} kills in {rows} rows, every one converged");
}

/// Numbers that look random and are always the same.
fn draw(seed: u64) -> u64 {
    let mixed = (seed ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
}

async fn converges(lab: &Lab, change: &Change<'_>, goal: &[String], what: &str) {
    let what = format!("{what}; {:?}", lab.diagnose().await);
    match lab.run(change.to).await {
        Outcome::Ended(ended) => assert_eq!(ended.outcome, End::Done, "{what}: {ended:#?}"),
        Outcome::Unchanged => {}
        other => panic!("{what}: {other:?}"),
    }
    later().await;
    assert_eq!(lab.diagnose().await, Vec::<String>::new(), "{what}");
    let again = lab.run(change.to).await;
    assert!(matches!(again, Outcome::Unchanged), "{what}: a second run had something to do: {again:?}");
    assert_eq!(lab.shape(), goal, "{what}");
}

/// R3: any call that fails leaves cloud and state as they were, or, after the commit, is finished by the next run.
async fn survives_every_failure(change: &Change<'_>) {
    let goal = change.goal().await;
    let reference = change.start().await;
    reference.run(change.to).await.ended();
    let calls = reference.changing_calls();
    let mut count = 0;
    for (index, (operation, object)) in calls.iter().enumerate() {
        for misbehaviour in [
            Misbehaviour::Refuse(FaultKind::Invalid),
            Misbehaviour::Refuse(FaultKind::Denied),
            Misbehaviour::Refuse(FaultKind::Transient),
            Misbehaviour::NeverReady,
            Misbehaviour::EndsFailed,
        ] {
            let what = format!("{misbehaviour:?} at {operation:?} of {object}");
            let lab = change.start().await;
            let (before, former) = (lab.cloud(), lab.state().await);
            let address = object.rsplit_once('#').map(|(address, _)| address.to_owned());
            let when = When { operation: Some(*operation), address, ..When::default() };
            lab.sim.set_faults(FaultPlan::of(Rule::always(when, misbehaviour)));
            heal_when_undoing(&lab, *operation);
            let ended = lab.run(change.to).await.ended();
            later().await;
            match ended.outcome {
                End::RolledBack => {
                    let cause = ended.cause.clone().unwrap_or_else(|| panic!("{what}: no cause"));
                    assert!(object.starts_with(&cause.address.to_string()), "{what}: {cause:?}");
                    assert_eq!(lab.cloud(), before, "{what}");
                    let now = lab.state().await.unwrap();
                    let was = former.clone().unwrap_or_else(|| provision::state::State::new("", "", "", ""));
                    assert_eq!(names(&now), names(&was), "{what}");
                    assert_eq!(lab.diagnose().await, Vec::<String>::new(), "{what}");
                }
                End::Partial => {
                    assert!(*operation == Operation::Delete, "{what}: {ended:#?}");
                    assert!(!ended.left.is_empty(), "{what}");
                }
                // A service that ends an object in a failed state may do so after the step is over.
                End::Done => {}
            }
            lab.sim.heal();
            converges(&lab, change, &goal, &format!("{index}: {what}")).await;
            count += 1;
        }
    }
    println!("R3: {count} failures of {} calls", calls.len());
}

fn names(state: &provision::state::State) -> Vec<String> {
    state.objects.iter().map(|(object, stored)| format!("{object} {:?} {}", stored.id, stored.inputs)).collect()
}

/// Lets only the run itself fail, and not its way back. A change that never ends cannot be taken back before it does.
fn heal_when_undoing(lab: &Lab, operation: Operation) {
    let sim = lab.sim.clone();
    lab.react(move |event| match (event, operation) {
        (Event::Undoing { .. }, Operation::Update) => sim.heal(),
        (Event::Undoing { .. }, _) => sim.set_faults(FaultPlan::default()),
        _ => {}
    });
}

/// R2: a create whose answer is lost is neither repeated blindly nor given up.
async fn survives_every_lost_answer(change: &Change<'_>) {
    let goal = change.goal().await;
    let reference = change.start().await;
    reference.run(change.to).await.ended();
    let calls = reference.changing_calls();
    for (operation, object) in &calls {
        let what = format!("the answer to {operation:?} of {object} is lost");
        let lab = change.start().await;
        let address = object.rsplit_once('#').map(|(address, _)| address.to_owned());
        let when = When { operation: Some(*operation), address, ..When::default() };
        lab.sim.set_faults(FaultPlan::of(Rule::once(when, 1, Misbehaviour::LoseAnswer)));
        let ended = lab.run(change.to).await.ended();
        assert_eq!(ended.outcome, End::Done, "{what}: {ended:#?}");
        converges(&lab, change, &goal, &what).await;
    }
    println!("R2: {} lost answers, none repeated blindly", calls.len());
}

/// R5: faults all along change nothing but the duration.
async fn survives_weather(change: &Change<'_>, seeds: u64) {
    let goal = change.goal().await;
    let mut most = 0;
    for seed in 1..=seeds {
        let lab = change.start().await;
        let plan = FaultPlan { throttled: 0.3, unavailable: 0.1, reset: 0.05, seed, ..FaultPlan::default() };
        lab.sim.set_faults(plan);
        let ended = lab.run(change.to).await.ended();
        assert_eq!(ended.outcome, End::Done, "seed {seed}: {ended:#?}");
        most = most.max(lab.calls().len());
        lab.sim.set_faults(FaultPlan::default());
        converges(&lab, change, &goal, &format!("seed {seed}")).await;
    }
    println!("R5: {seeds} seeds, at most {most} calls");
}

/// R4: a second fault or a kill while a run is undone ends in the old or the new state after the next command.
async fn survives_second_faults(change: &Change<'_>, seconds: u64) {
    let goal = change.goal().await;
    let reference = change.start().await;
    reference.run(change.to).await.ended();
    let calls = reference.changing_calls();
    let mut count = 0;
    for (first, (operation, object)) in calls.iter().enumerate().filter(|(_, (o, _))| *o != Operation::Delete) {
        for second in 0..seconds {
            let what = format!("{operation:?} of {object} is refused, then fault {second}");
            let mut lab = change.start().await;
            let address = object.rsplit_once('#').map(|(address, _)| address.to_owned());
            let when = When { operation: Some(*operation), address, ..When::default() };
            lab.sim.set_faults(FaultPlan::of(Rule::always(when, Misbehaviour::Refuse(FaultKind::Denied))));
            let (sim, next) = (lab.sim.clone(), second_fault(draw(first as u64 * 1000 + second)));
            lab.react(move |event| {
                if matches!(event, Event::Undoing { .. }) {
                    sim.set_faults(FaultPlan::of(next.clone()));
                }
            });
            let outcome = tokio::select! {
                biased;
                outcome = lab.run(change.to) => outcome,
                () = lab.sim.hung() => Outcome::Killed,
            };
            if let Outcome::Refused(problem) = outcome {
                panic!("{what}: {problem}");
            }
            lab.store = lab.store.survivor();
            lab.sim.heal();
            converges(&lab, change, &goal, &what).await;
            count += 1;
        }
    }
    println!("R4: {count} pairs of faults");
}

fn second_fault(draw: u64) -> Rule {
    let kinds = [
        Misbehaviour::Refuse(FaultKind::Denied),
        Misbehaviour::Refuse(FaultKind::Transient),
        Misbehaviour::LoseAnswer,
        Misbehaviour::EndsFailed,
        Misbehaviour::HangBefore,
        Misbehaviour::HangAfter,
    ];
    let misbehaviour = kinds[usize::try_from(draw % 6).unwrap()];
    let when = When { changing: true, ..When::default() };
    Rule { when, nth: 1 + draw / 6 % 8, times: if draw & 64 == 0 { 1 } else { u64::MAX }, misbehaviour }
}

macro_rules! matrix {
    ($name:ident, $from:expr, $to:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn converges_after_a_kill_before_and_after_every_call_and_write() {
                survives_every_kill(&Change::new($from.as_deref(), $to.as_deref())).await;
            }

            #[tokio::test(start_paused = true)]
            async fn converges_after_kills_of_the_recovery_too() {
                survives_kills_in_a_row(&Change::new($from.as_deref(), $to.as_deref()), 60).await;
            }

            #[tokio::test(start_paused = true)]
            async fn is_as_before_after_a_failure_of_any_call() {
                survives_every_failure(&Change::new($from.as_deref(), $to.as_deref())).await;
            }

            #[tokio::test(start_paused = true)]
            async fn repeats_no_call_blindly_whose_answer_was_lost() {
                survives_every_lost_answer(&Change::new($from.as_deref(), $to.as_deref())).await;
            }

            #[tokio::test(start_paused = true)]
            async fn succeeds_through_throttling_outages_and_resets() {
                survives_weather(&Change::new($from.as_deref(), $to.as_deref()), 20).await;
            }

            #[tokio::test(start_paused = true)]
            async fn converges_after_a_second_fault_during_rollback() {
                survives_second_faults(&Change::new($from.as_deref(), $to.as_deref()), 4).await;
            }
        }
    };
}

fn text(yaml: &str) -> Option<String> {
    Some(yaml.to_owned())
}

matrix!(create, None::<String>, text(NETWORK));
matrix!(update, text(NETWORK), Some(changed()));
matrix!(replace, text(NETWORK), Some(replaced()));
matrix!(destroy, text(NETWORK), None::<String>);

/// The figures of RELIABILITY in full: sixty resources, a thousand seeds, fifty second faults for each first one. Takes
/// minutes: `cargo nextest run --run-ignored only figures`.
mod figures {
    use super::*;

    /// Sixty resources and more: the network, with more subnets, each with its own route table.
    fn many() -> String {
        let keys: Vec<String> = (0..16).map(|index| format!("k{index}")).collect();
        let more = [
            (
                "more",
                "AWS::EC2::Subnet",
                "VpcId: '${vpc.VpcId}', CidrBlock: '${cidrsubnet(vpc.CidrBlock, 8, 100 + each.index)}'",
            ),
            ("tables", "AWS::EC2::RouteTable", "VpcId: '${vpc.VpcId}'"),
            (
                "associations",
                "AWS::EC2::SubnetRouteTableAssociation",
                "SubnetId: '${more[each.key].SubnetId}', RouteTableId: '${tables[each.key].RouteTableId}'",
            ),
        ];
        let more = more.map(|(name, type_name, properties)| {
            let keys = keys.join(", ");
            format!("  {name}:\n    type: {type_name}\n    for_each: [{keys}]\n    properties: {{{properties}}}\n")
        });
        NETWORK.replace("outputs:\n", &format!("{}outputs:\n", more.concat()))
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "minutes"]
    async fn many_resources_converge_after_a_kill_at_any_point() {
        let many = many();
        survives_every_kill(&Change::new(None, Some(&many))).await;
        survives_every_kill(&Change::new(Some(&many), None)).await;
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "minutes"]
    async fn a_thousand_seeds_of_bad_weather_change_nothing() {
        survives_weather(&Change::new(None, Some(NETWORK)), 1000).await;
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "minutes"]
    async fn fifty_second_faults_for_each_first_one_end_well() {
        let (changed, replaced) = (changed(), replaced());
        survives_second_faults(&Change::new(None, Some(NETWORK)), 50).await;
        survives_second_faults(&Change::new(Some(NETWORK), Some(&changed)), 50).await;
        survives_second_faults(&Change::new(Some(NETWORK), Some(&replaced)), 50).await;
    }
}
