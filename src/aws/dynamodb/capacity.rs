//! What a table and its indexes may be asked for per second, and how that is paid.

use aws_sdk_dynamodb::types::{
    BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexDescription, GlobalSecondaryIndexUpdate,
    OnDemandThroughput, ProvisionedThroughput, ProvisionedThroughputDescription, TableDescription,
    UpdateGlobalSecondaryIndexAction, WarmThroughput,
};

use super::indexes::{GLOBAL, is_same};
use crate::{aws::convert::Changed, driver::Result};

/// What one request changes of the capacity.
pub struct Capacity {
    pub billing: Option<BillingMode>,
    pub provisioned: Option<ProvisionedThroughput>,
    pub on_demand: Option<OnDemandThroughput>,
    pub indexes: Vec<GlobalSecondaryIndexUpdate>,
}

/// How a table is paid now.
pub fn billing_mode(table: &TableDescription) -> BillingMode {
    let summary = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    summary.cloned().unwrap_or(BillingMode::Provisioned)
}

/// The most that is served on demand, if there is such a limit: the API says -1 where there is none.
pub fn limits(throughput: Option<&OnDemandThroughput>) -> Option<OnDemandThroughput> {
    let limit = |units: Option<i64>| units.filter(|units| *units >= 0);
    let throughput = throughput?;
    let read = limit(throughput.max_read_request_units);
    let write = limit(throughput.max_write_request_units);
    let limits = OnDemandThroughput::builder().set_max_read_request_units(read).set_max_write_request_units(write);
    (read.is_some() || write.is_some()).then(|| limits.build())
}

/// What is not as wanted yet. A table that comes to provisioned capacity needs it for all of its indexes in one request.
pub fn change(change: &Changed<'_>, table: &TableDescription) -> Result<Option<Capacity>> {
    let properties = ["BillingMode", "ProvisionedThroughput", "OnDemandThroughput", GLOBAL];
    if !properties.iter().any(|name| change.touches(name)) {
        return Ok(None);
    }
    let mode = change.want.part("BillingMode")?.unwrap_or(BillingMode::Provisioned);
    let is_switched = mode != billing_mode(table);
    let is_provisioned = mode == BillingMode::Provisioned;
    let provisioned = change
        .want
        .part("ProvisionedThroughput")?
        .filter(|wanted| is_provisioned && (is_switched || !is_provided(wanted, table.provisioned_throughput())));
    let on_demand = match is_provisioned || !change.touches("OnDemandThroughput") {
        true => None,
        false => limited(change.want.part("OnDemandThroughput")?.as_ref(), table.on_demand_throughput()),
    };
    let wanted: Vec<CreateGlobalSecondaryIndexAction> = change.want.part(GLOBAL)?.unwrap_or_default();
    let kept = wanted.iter().filter_map(|wanted| {
        let live = table.global_secondary_indexes().iter().find(|live| is_same(wanted, live))?;
        index_change(wanted, live, is_provisioned, is_switched)
    });
    let capacity = Capacity { billing: is_switched.then_some(mode), provisioned, on_demand, indexes: kept.collect() };
    let is_needed =
        is_switched || capacity.provisioned.is_some() || capacity.on_demand.is_some() || !capacity.indexes.is_empty();
    Ok(is_needed.then_some(capacity))
}

/// What the table is to be prepared for at once, if that is not so yet.
pub fn warmth(change: &Changed<'_>, table: &TableDescription) -> Result<Option<WarmThroughput>> {
    let live = table.warm_throughput();
    let live = live.map(|live| (live.read_units_per_second, live.write_units_per_second)).unwrap_or_default();
    Ok(change.part("WarmThroughput")?.filter(|wanted| is_colder(live, wanted)))
}

fn index_change(
    wanted: &CreateGlobalSecondaryIndexAction,
    live: &GlobalSecondaryIndexDescription,
    is_provisioned: bool,
    is_switched: bool,
) -> Option<GlobalSecondaryIndexUpdate> {
    let provisioned = wanted.provisioned_throughput.clone().filter(|throughput| {
        is_provisioned && (is_switched || !is_provided(throughput, live.provisioned_throughput()))
    });
    let on_demand = match is_provisioned {
        true => None,
        false => limited(wanted.on_demand_throughput(), live.on_demand_throughput()),
    };
    let warm = live.warm_throughput();
    let warm = warm.map(|live| (live.read_units_per_second, live.write_units_per_second)).unwrap_or_default();
    let warm = wanted.warm_throughput.clone().filter(|wanted| is_colder(warm, wanted));
    if provisioned.is_none() && on_demand.is_none() && warm.is_none() {
        return None;
    }
    let action = UpdateGlobalSecondaryIndexAction::builder()
        .index_name(&wanted.index_name)
        .set_provisioned_throughput(provisioned)
        .set_on_demand_throughput(on_demand)
        .set_warm_throughput(warm);
    action.build().ok().map(|action| GlobalSecondaryIndexUpdate::builder().update(action).build())
}

/// Whether a wanted capacity is there already: to ask for it again is an error.
fn is_provided(wanted: &ProvisionedThroughput, live: Option<&ProvisionedThroughputDescription>) -> bool {
    live.is_some_and(|live| {
        live.read_capacity_units == Some(wanted.read_capacity_units)
            && live.write_capacity_units == Some(wanted.write_capacity_units)
    })
}

/// The limits to set; what is not wanted any more is without a limit.
fn limited(wanted: Option<&OnDemandThroughput>, live: Option<&OnDemandThroughput>) -> Option<OnDemandThroughput> {
    let (wanted, live) = (limits(wanted), limits(live));
    if wanted == live {
        return None;
    }
    let read = wanted.as_ref().and_then(|limits| limits.max_read_request_units);
    let write = wanted.and_then(|limits| limits.max_write_request_units);
    let limits = OnDemandThroughput::builder();
    Some(limits.max_read_request_units(read.unwrap_or(-1)).max_write_request_units(write.unwrap_or(-1)).build())
}

fn is_colder(live: (Option<i64>, Option<i64>), wanted: &WarmThroughput) -> bool {
    let differs = |wanted: Option<i64>, live| wanted.is_some() && wanted != live;
    differs(wanted.read_units_per_second, live.0) || differs(wanted.write_units_per_second, live.1)
}
