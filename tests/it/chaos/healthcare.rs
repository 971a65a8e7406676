//! The healthcare system on the simulated cloud: whichever of its resources cannot be made, nothing of it is left.

use provision::{
    driver::{
        FaultKind,
        sim::{FaultPlan, Misbehaviour, Operation, Rule, When},
    },
    state::Outcome as End,
};

use super::lab::{Lab, Stacks, later};

const HEALTHCARE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/stacks/healthcare.yaml");

/// How many resources there are between two that are made to fail: all of them would take minutes.
const SAMPLE: usize = 3;

#[tokio::test(start_paused = true)]
async fn whichever_resource_of_the_healthcare_system_fails_nothing_of_it_is_left() {
    let stacks = Stacks::default();
    let lab = Lab::sharing(7, stacks.clone());
    lab.read(HEALTHCARE).await;
    assert_eq!(lab.run(Some(HEALTHCARE)).await.ended().outcome, End::Done);
    later().await;
    assert!(lab.planned(Some(HEALTHCARE), provision::engine::planner::Options::default()).await.unwrap().is_empty());
    let creates = lab.changing_calls().into_iter().filter(|(operation, _)| *operation == Operation::Create);
    for (_, object) in creates.step_by(SAMPLE) {
        let address = object.split('#').next().unwrap().to_owned();
        let lab = Lab::sharing(7, stacks.clone());
        let when = When { operation: Some(Operation::Create), address: Some(address.clone()), ..When::default() };
        lab.sim.set_faults(FaultPlan::of(Rule::always(when, Misbehaviour::Refuse(FaultKind::Quota))));
        let ended = lab.run(Some(HEALTHCARE)).await.ended();
        assert_eq!(ended.outcome, End::RolledBack, "{address}: {ended:?}");
        assert_eq!(ended.cause.unwrap().address.to_string(), address);
        later().await;
        assert_eq!(lab.cloud().0.len(), 0, "{address}: {:?}", lab.cloud());
        assert_eq!(lab.diagnose().await, [""; 0], "{address}");
    }
}
