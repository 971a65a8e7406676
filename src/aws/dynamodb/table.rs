//! AWS::DynamoDB::Table
//! API: CreateTable, ImportTable, UpdateTable, UpdateTimeToLive, UpdateContinuousBackups, UpdateContributorInsights,
//! Enable-, Update- and DisableKinesisStreamingDestination, Put- and DeleteResourcePolicy, TagResource, UntagResource,
//! DescribeTable (and DescribeTimeToLive, DescribeContinuousBackups, ListContributorInsights,
//! DescribeKinesisStreamingDestination, GetResourcePolicy, ListTagsOfResource for what it leaves out), ListTables,
//! ListImports, DescribeImport, DeleteTable.  Identity: TableName.  Found by: that name, verified by owner tags; a table
//! made from imported data, which takes no tags in the call that makes it, by the client token of the import.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    types::{BillingMode, IndexStatus, TableDescription, TableStatus},
};

use super::{
    capacity::{billing_mode, limits},
    import::{self, SOURCE},
    indexes::{GLOBAL, LOCAL, VECTOR, refuse_fixed},
    requests::{self, STREAM, class, encryption, is_encrypted, live_view, stream, wanted_view},
    seen::{document, locals, sorted},
    settings::{self, BACKUPS, EXPIRY, FEED, INSIGHTS, POLICY},
    tags::{CODES, are_ours, list as tag_list, patient, retag, tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Part, TagChange, Wanted, all_tags, each, fresh, identities, in_order, made, only_id,
            pending, tag_change, visible,
        },
        faults::{Codes, OrFault, answered, failed, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::DynamoDB::Table";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TableDriver { aws: aws.clone() })
}

struct TableDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TableDriver {
    /// What the create call does not take is set right away if the table is there at once. If not, the engine comes back
    /// to it when it is active.
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.dynamodb(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let source = properties.inner(SOURCE)?;
        let created = match &source {
            Some(source) => import::import(&client, call, &properties, source).await,
            None => new_table(&client, call, &properties).await,
        };
        let made = match created {
            Ok(seen) => made(TYPE, seen),
            Err(fault) => return Err(told_apart(&client, &properties, fault).await),
        };
        let mut rest = fresh(&made.id, Doc::default(), want);
        rest.paths.retain(|path| {
            path.property().is_some_and(|name| match source {
                Some(_) => !import::TAKEN.contains(&name),
                None => LATER.contains(&name) || name == GLOBAL && has_insights(&properties),
            })
        });
        if !rest.paths.is_empty() || source.is_some() {
            adjust(&client, call, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        }
        Ok(pending(&made, "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.dynamodb(&call.place).await, &so_far.id.0).await?;
        let Some(table) = found else { return Ok(pending(so_far, "not visible yet")) };
        match (table.table_status(), busy(&table)) {
            (Some(TableStatus::Deleting | TableStatus::Archiving | TableStatus::Archived), Some(note)) => {
                Err(failed("dynamodb:DescribeTable", None, Some(&note), so_far))
            }
            (Some(TableStatus::InaccessibleEncryptionCredentials), _) => {
                let message = "its key cannot be used: see the key's state and policy, then apply again";
                Err(failed("dynamodb:DescribeTable", None, Some(message), so_far))
            }
            (_, Some(note)) => Ok(pending(so_far, &note)),
            (_, None) => Ok(visible(TYPE, so_far, Some(observed(&table)))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.dynamodb(&call.place).await;
        let found = each(ids.iter().map(|id| by_name(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.dynamodb(&call.place).await;
        adjust(&client, call, &Changed::new(TYPE, change)).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.dynamodb(&call.place).await;
        let going = || Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() });
        let deleted = client.delete_table().table_name(&id.0).send().await;
        match patient(deleted.or_fault("dynamodb:DeleteTable", FAULTS)) {
            Ok(_) => going(),
            Err(fault) if fault.kind == FaultKind::NotReady => match describe(&client, &id.0).await? {
                None => Ok(Progress::Done(())),
                Some(table) if table.table_status() == Some(&TableStatus::Deleting) => going(),
                Some(_) => Err(fault),
            },
            refused => gone(refused),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("TableName") else { return Ok(Vec::new()) };
        let client = self.aws.dynamodb(&call.place).await;
        let Some(table) = describe(&client, name).await? else { return Ok(Vec::new()) };
        let arn = table.table_arn().unwrap_or_default();
        let tagged = are_ours(&tags(&client, arn).await?.unwrap_or_default(), call);
        let is_ours = tagged || want.get(SOURCE).is_some() && import::is_ours(&client, call, arn).await?;
        Ok(identities(TYPE, is_ours.then(|| observed(&table))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for TableDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.dynamodb(place).await;
        let names = client.list_tables().into_paginator().items().send().try_collect().await;
        let names: Vec<String> = names.or_fault("dynamodb:ListTables", FAULTS)?;
        let found = each(names.iter().map(|name| by_name(&client, name))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// What a create sets after the table is there.
const LATER: &[&str] = &[BACKUPS, EXPIRY, FEED, INSIGHTS];

fn has_insights(want: &Wanted<'_>) -> bool {
    want.items(GLOBAL).is_ok_and(|indexes| indexes.iter().any(|index| index.raw(INSIGHTS).is_some()))
}

async fn new_table(client: &Client, call: &Call, want: &Wanted<'_>) -> Result<Observed> {
    let policy = want.inner(POLICY)?.map(|policy| policy.document("PolicyDocument")).transpose()?.flatten();
    let view = wanted_view(want)?;
    let request = client
        .create_table()
        .set_table_name(want.part("TableName")?)
        .set_attribute_definitions(want.part("AttributeDefinitions")?)
        .set_key_schema(want.part("KeySchema")?)
        .set_local_secondary_indexes(want.part(LOCAL)?.filter(|indexes: &Vec<_>| !indexes.is_empty()))
        .set_global_secondary_indexes(want.part(GLOBAL)?.filter(|indexes: &Vec<_>| !indexes.is_empty()))
        .set_vector_indexes(want.part(VECTOR)?.filter(|indexes: &Vec<_>| !indexes.is_empty()))
        .set_billing_mode(want.part("BillingMode")?)
        .set_provisioned_throughput(want.part("ProvisionedThroughput")?)
        .set_on_demand_throughput(want.part("OnDemandThroughput")?)
        .set_warm_throughput(want.part("WarmThroughput")?)
        .set_stream_specification(view.map(|view| stream(Some(view), want)).transpose()?)
        .set_sse_specification(want.part("SSESpecification")?)
        .set_table_class(want.part("TableClass")?)
        .set_deletion_protection_enabled(want.flag("DeletionProtectionEnabled")?)
        .set_resource_policy(policy)
        .set_tags(Some(tag_list(all_tags(call, want)?)));
    let operation = "dynamodb:CreateTable";
    let answer = patient(request.send().await.or_fault(operation, FAULTS))?;
    Ok(observed(&answered(answer.table_description, operation)?))
}

/// Sets what is not as wanted; a table that is busy takes nothing.
async fn adjust(client: &Client, call: &Call, change: &Changed<'_>) -> Result<()> {
    let operation = "dynamodb:DescribeTable";
    let found = describe(client, change.id()).await?;
    let table = found.ok_or_else(|| Fault::new(FaultKind::NotFound, operation, "there is no such table"))?;
    if let Some(note) = busy(&table) {
        return Err(Fault::new(FaultKind::NotReady, operation, format!("the table is not ready: {note}")));
    }
    refuse_fixed(change, &table)?;
    let mut tags = tag_change(change)?;
    if change.want.raw(SOURCE).is_some() {
        tags = TagChange { put: all_tags(call, &change.want)?, ..tags };
    }
    retag(client, table.table_arn().unwrap_or_default(), tags).await?;
    settings::set(client, change, &table).await?;
    for request in requests::requests(client, change, &table)? {
        patient(request.send().await.or_fault("dynamodb:UpdateTable", FAULTS))?;
    }
    if settings::is_waiting(change, &table)? {
        let message = "an index or a stream must be there before the rest can be set";
        return Err(Fault::new(FaultKind::NotReady, "dynamodb:UpdateTable", message));
    }
    if let Some(request) = encryption(client, change, &table)? {
        patient(request.send().await.or_fault("dynamodb:UpdateTable", FAULTS))?;
    }
    Ok(())
}

/// What a create is refused for: the name is taken, unless its table is just going.
async fn told_apart(client: &Client, want: &Wanted<'_>, mut fault: Fault) -> Fault {
    if fault.code.as_deref() == Some("ResourceInUseException") {
        let name = want.text::<String>("TableName").ok().flatten().unwrap_or_default();
        let found = describe(client, &name).await.ok().flatten();
        let is_going = found.is_some_and(|table| table.table_status() == Some(&TableStatus::Deleting));
        fault.kind = if is_going { FaultKind::NotReady } else { FaultKind::AlreadyExists };
    }
    fault
}

async fn describe(client: &Client, name: &str) -> Result<Option<TableDescription>> {
    let answer = client.describe_table().table_name(name).send().await;
    let answer = there(answer.or_fault("dynamodb:DescribeTable", FAULTS))?;
    answer.map(|answer| answered(answer.table, "dynamodb:DescribeTable")).transpose()
}

async fn by_name(client: &Client, name: &str) -> Result<Option<Doc>> {
    let found = describe(client, name).await?;
    match found.filter(|table| table.table_status() != Some(&TableStatus::Deleting)) {
        Some(table) => Ok(Some(document(client, &table, observed(&table)).await?.into())),
        None => Ok(None),
    }
}

/// What a table is busy with: itself, or one of its indexes.
fn busy(table: &TableDescription) -> Option<String> {
    let status = table.table_status().filter(|status| **status != TableStatus::Active);
    let globals = table.global_secondary_indexes().iter().map(|index| (index.index_name(), index.index_status()));
    let vectors = table.vector_indexes().iter().map(|index| (index.index_name(), index.index_status()));
    let index = || {
        let mut busy = globals.chain(vectors).filter(|(_, status)| status.is_some_and(|s| *s != IndexStatus::Active));
        let (name, status) = busy.next()?;
        Some(format!("index `{}` is {}", name.unwrap_or_default(), status?.as_str().to_lowercase()))
    };
    status.map(|status| status.as_str().to_lowercase()).or_else(index)
}

/// What DescribeTable shows by itself. `ImportSourceSpecification` is never read.
fn observed(table: &TableDescription) -> Observed {
    let mode = billing_mode(table);
    let provisioned = table.provisioned_throughput.clone().filter(|_| mode == BillingMode::Provisioned);
    let sse = table.sse_description().filter(|_| is_encrypted(table));
    let encryption = Observed::new()
        .with("SSEEnabled", Some(sse.is_some()))
        .with_part("SSEType", &sse.and_then(|sse| sse.sse_type.clone()))
        .with("KMSMasterKeyId", sse.and_then(|sse| sse.kms_master_key_arn()));
    let document = Observed::new()
        .with("TableName", table.table_name())
        .with("Arn", table.table_arn())
        .with("StreamArn", table.latest_stream_arn().filter(|_| live_view(table).is_some()))
        .with_list("AttributeDefinitions", sorted(table.attribute_definitions().iter().map(Part::shown)))
        .with_part("KeySchema", &table.key_schema)
        .with(LOCAL, locals(table))
        .with_part(VECTOR, &table.vector_indexes)
        .with_part("BillingMode", &mode)
        .with_part("ProvisionedThroughput", &provisioned)
        .with_part("OnDemandThroughput", &limits(table.on_demand_throughput()))
        .with_part("WarmThroughput", &table.warm_throughput)
        .with("SSESpecification", Some(encryption))
        .with_part("TableClass", &class(table))
        .with("DeletionProtectionEnabled", Some(table.deletion_protection_enabled.unwrap_or_default()));
    let view = live_view(table).map(|view| Observed::new().with("StreamViewType", Some(view.as_str())));
    document.with(STREAM, view)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
