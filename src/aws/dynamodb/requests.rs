//! UpdateTable takes one kind of change at a time, and a table that is being changed refuses the next. So each request is
//! made from what the table is now, and what is done already is not asked for again when the engine comes back.

use aws_sdk_dynamodb::{
    Client,
    operation::update_table::builders::UpdateTableFluentBuilder,
    types::{SseSpecification, SseStatus, StreamSpecification, StreamViewType, TableClass, TableDescription},
};

use super::{capacity, indexes};
use crate::{
    aws::convert::{Changed, Wanted},
    driver::Result,
};

/// The property with the stream.
pub const STREAM: &str = "StreamSpecification";

/// What the stream of a table shows, if the table has one.
pub fn live_view(table: &TableDescription) -> Option<&StreamViewType> {
    table.stream_specification().filter(|stream| stream.stream_enabled).and_then(|stream| stream.stream_view_type())
}

/// What the stream is to show, if there is to be one.
pub fn wanted_view(want: &Wanted<'_>) -> Result<Option<StreamViewType>> {
    Ok(want.inner(STREAM)?.map(|stream| stream.part("StreamViewType")).transpose()?.flatten())
}

/// A stream that shows this.
pub fn stream(view: Option<StreamViewType>, want: &Wanted<'_>) -> Result<StreamSpecification> {
    let stream = StreamSpecification::builder().stream_enabled(view.is_some()).set_stream_view_type(view);
    stream.build().map_err(|error| want.invalid(error))
}

/// The requests for what is not as wanted yet, all but encryption.
pub fn requests(
    client: &Client,
    change: &Changed<'_>,
    table: &TableDescription,
) -> Result<Vec<UpdateTableFluentBuilder>> {
    let request = || client.update_table().table_name(change.id());
    let mut requests = Vec::new();
    let is_protected = table.deletion_protection_enabled.unwrap_or_default();
    if let Some(wanted) = change.flag("DeletionProtectionEnabled", false)?.filter(|wanted| *wanted != is_protected) {
        requests.push(request().deletion_protection_enabled(wanted));
    }
    if let Some(wanted) = change.part_or("TableClass", TableClass::Standard)?.filter(|wanted| *wanted != class(table)) {
        requests.push(request().table_class(wanted));
    }
    if let Some(wanted) = capacity::change(change, table)? {
        let indexes = (!wanted.indexes.is_empty()).then_some(wanted.indexes);
        let request = request().set_billing_mode(wanted.billing).set_provisioned_throughput(wanted.provisioned);
        let request = request.set_on_demand_throughput(wanted.on_demand);
        requests.push(request.set_global_secondary_index_updates(indexes));
    }
    if let Some(wanted) = capacity::warmth(change, table)? {
        requests.push(request().warm_throughput(wanted));
    }
    let (wanted, live) = (wanted_view(&change.want)?, live_view(table));
    if change.touches(STREAM) && wanted.as_ref() != live {
        if live.is_some() {
            requests.push(request().stream_specification(stream(None, &change.want)?));
        }
        if wanted.is_some() {
            requests.push(request().stream_specification(stream(wanted, &change.want)?));
        }
    }
    requests.extend(indexes::requests(client, change, table)?);
    Ok(requests)
}

/// The request for encryption. Whether it is done cannot always be seen, for the API takes an alias for a key; so it comes
/// last, and nothing may be refused after it.
pub fn encryption(
    client: &Client,
    change: &Changed<'_>,
    table: &TableDescription,
) -> Result<Option<UpdateTableFluentBuilder>> {
    let none = SseSpecification::builder().enabled(false).build();
    let Some(wanted) = change.part_or("SSESpecification", none)? else { return Ok(None) };
    let is_done = match (wanted.enabled.unwrap_or_default(), is_encrypted(table)) {
        (true, true) => {
            let live = table.sse_description().and_then(|live| live.kms_master_key_arn());
            live.zip(wanted.kms_master_key_id())
                .is_some_and(|(arn, key)| arn == key || arn.ends_with(&format!("/{key}")))
        }
        (wanted, live) => wanted == live,
    };
    Ok((!is_done).then(|| client.update_table().table_name(change.id()).sse_specification(wanted)))
}

/// Whether the account's own keys encrypt the table.
pub fn is_encrypted(table: &TableDescription) -> bool {
    let status = table.sse_description().and_then(|live| live.status());
    matches!(status, Some(SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating))
}

/// The class of a table.
pub fn class(table: &TableDescription) -> TableClass {
    let summary = table.table_class_summary().and_then(|summary| summary.table_class());
    summary.cloned().unwrap_or(TableClass::Standard)
}
