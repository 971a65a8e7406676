//! The targets that are registered in a target group.

use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{TargetDescription, TargetHealthReasonEnum, TargetHealthStateEnum},
};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::OrFault,
    },
    driver::Result,
};

/// The name of the property.
pub const PROPERTY: &str = "Targets";

/// Registers what has come and deregisters what has gone.
pub async fn change(elb: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    let want = change.want.structures(PROPERTY, target)?.unwrap_or_default();
    let before = change.before.structures(PROPERTY, target)?.unwrap_or_default();
    let gone: Vec<_> = before.iter().filter(|old| !want.iter().any(|new| is_met_by(new, old))).cloned().collect();
    let new: Vec<_> = want.into_iter().filter(|new| !before.iter().any(|old| is_met_by(new, old))).collect();
    if !new.is_empty() {
        let request = elb.register_targets().target_group_arn(change.id()).set_targets(Some(new));
        request.send().await.or_fault("elasticloadbalancing:RegisterTargets", CODES)?;
    }
    if !gone.is_empty() {
        let request = elb.deregister_targets().target_group_arn(change.id()).set_targets(Some(gone));
        request.send().await.or_fault("elasticloadbalancing:DeregisterTargets", CODES)?;
    }
    Ok(())
}

/// The registered targets, without those that are on their way out.
pub async fn registered(elb: &Client, target_group: &str) -> Result<Vec<Observed>> {
    let answer = elb.describe_target_health().target_group_arn(target_group).send().await;
    let answer = answer.or_fault("elasticloadbalancing:DescribeTargetHealth", CODES)?;
    let stays = answer.target_health_descriptions().iter().filter(|described| {
        let health = described.target_health();
        let is_draining = health.and_then(|health| health.state()) == Some(&TargetHealthStateEnum::Draining);
        let reason = health.and_then(|health| health.reason());
        !is_draining && reason != Some(&TargetHealthReasonEnum::NotRegistered)
    });
    Ok(stays.filter_map(|described| described.target()).map(observed).collect())
}

/// Whether a wanted target is a registered one; what it does not name is AWS's choice.
fn is_met_by(want: &TargetDescription, live: &TargetDescription) -> bool {
    want.id == live.id
        && (want.port.is_none() || want.port == live.port)
        && (want.availability_zone.is_none() || want.availability_zone == live.availability_zone)
        && (want.quic_server_id.is_none() || want.quic_server_id == live.quic_server_id)
}

fn target(want: &Wanted<'_>) -> Result<TargetDescription> {
    Ok(TargetDescription::builder()
        .set_id(want.text("Id")?)
        .set_port(want.whole("Port")?)
        .set_availability_zone(want.text("AvailabilityZone")?)
        .set_quic_server_id(want.text("QuicServerId")?)
        .build())
}

fn observed(target: &TargetDescription) -> Observed {
    Observed::new()
        .with("Id", target.id())
        .with("Port", target.port())
        .with("AvailabilityZone", target.availability_zone())
        .with("QuicServerId", target.quic_server_id())
}
