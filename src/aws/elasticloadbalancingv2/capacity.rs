//! The capacity that is reserved for a load balancer.

use aws_sdk_elasticloadbalancingv2::{
    Client,
    operation::describe_capacity_reservation::DescribeCapacityReservationOutput,
    types::{CapacityReservationStateEnum as State, MinimumLoadBalancerCapacity},
};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted, pending},
        faults::{OrFault, failed},
    },
    driver::{FaultKind, Made, Progress, Result},
};

/// The name of the property, and of what is asked for below it.
pub const PROPERTY: &str = "MinimumLoadBalancerCapacity";

/// What is reserved. Who may not ask is told nothing: the permission is newer than most policies, and few reserve anything.
pub async fn reserved(elb: &Client, load_balancer: &str) -> Result<Option<DescribeCapacityReservationOutput>> {
    let request = elb.describe_capacity_reservation().load_balancer_arn(load_balancer);
    match request.send().await.or_fault("elasticloadbalancing:DescribeCapacityReservation", CODES) {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::Invalid | FaultKind::NotFound) => Ok(None),
        answer => answer.map(Some),
    }
}

/// Whether what is reserved is there yet; `None` if there is nothing to wait for.
pub async fn standing(elb: &Client, so_far: &Made) -> Result<Option<Progress<Made>>> {
    let Some(answer) = reserved(elb, &so_far.id.0).await? else { return Ok(None) };
    if answer.minimum_load_balancer_capacity().is_none() {
        return Ok(None);
    }
    let mut waits = false;
    for state in answer.capacity_reservation_state().iter().filter_map(|zone| zone.state()) {
        match state.code() {
            Some(State::Failed) => {
                let reason = state.reason().or(Some("the capacity could not be reserved"));
                return Err(failed("elasticloadbalancing:ModifyCapacityReservation", None, reason, so_far));
            }
            Some(State::Pending) => waits = true,
            _ => {}
        }
    }
    Ok(waits.then(|| pending(so_far, "reserving capacity")))
}

/// Reserves as much as is wanted, or nothing any more.
pub async fn change(elb: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    let units = |capacity: &Wanted<'_>| {
        let units = capacity.whole("CapacityUnits")?;
        Ok(MinimumLoadBalancerCapacity::builder().set_capacity_units(units).build())
    };
    let request = elb.modify_capacity_reservation().load_balancer_arn(change.id());
    let request = match change.want.structure(PROPERTY, units)? {
        Some(capacity) => request.minimum_load_balancer_capacity(capacity),
        None => request.reset_capacity_reservation(true),
    };
    request.send().await.or_fault("elasticloadbalancing:ModifyCapacityReservation", CODES)?;
    Ok(())
}
