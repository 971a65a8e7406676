//! Indexes come and go one by one, each by a request of its own. An index with other keys or attributes is another index: the
//! old one goes first. What it held is still in the table.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::{
    Client,
    operation::update_table::builders::UpdateTableFluentBuilder,
    types::{
        AttributeDefinition, CreateGlobalSecondaryIndexAction, CreateVectorIndexAction,
        DeleteGlobalSecondaryIndexAction, DeleteVectorIndexAction, GlobalSecondaryIndexDescription,
        GlobalSecondaryIndexUpdate, KeySchemaElement, LocalSecondaryIndex, Projection, TableDescription,
        VectorIndexDescription, VectorIndexUpdate,
    },
};

use crate::{aws::convert::Changed, driver::Result};

/// The properties with the indexes.
pub const GLOBAL: &str = "GlobalSecondaryIndexes";
pub const LOCAL: &str = "LocalSecondaryIndexes";
pub const VECTOR: &str = "VectorIndexes";

/// Refuses what can only be given to a new table: its keys, their types, and its local indexes. These come in any order.
pub fn refuse_fixed(change: &Changed<'_>, table: &TableDescription) -> Result<()> {
    change.refuse(&["KeySchema"])?;
    let wanted: Vec<LocalSecondaryIndex> = change.want.part(LOCAL)?.unwrap_or_default();
    let live = table.local_secondary_indexes();
    let is_there = |wanted: &LocalSecondaryIndex| {
        live.iter().any(|live| {
            live.index_name() == Some(&wanted.index_name)
                && live.key_schema() == wanted.key_schema
                && is_same_projection(live.projection(), wanted.projection())
        })
    };
    if wanted.len() != live.len() || !wanted.iter().all(is_there) {
        change.refuse(&[LOCAL])?;
    }
    let wanted: Vec<AttributeDefinition> = change.want.part("AttributeDefinitions")?.unwrap_or_default();
    let is_other = |wanted: &AttributeDefinition| {
        let live = table.attribute_definitions().iter().find(|live| live.attribute_name == wanted.attribute_name);
        live.is_some_and(|live| live.attribute_type != wanted.attribute_type)
    };
    if wanted.iter().any(is_other) { change.refuse(&["AttributeDefinitions"]) } else { Ok(()) }
}

/// Whether a wanted index is there; its capacity may still differ.
pub fn is_same(wanted: &CreateGlobalSecondaryIndexAction, live: &GlobalSecondaryIndexDescription) -> bool {
    live.index_name() == Some(&wanted.index_name)
        && live.key_schema() == wanted.key_schema
        && is_same_projection(live.projection(), wanted.projection())
}

/// The requests that take away and add indexes, in this order.
pub fn requests(
    client: &Client,
    change: &Changed<'_>,
    table: &TableDescription,
) -> Result<Vec<UpdateTableFluentBuilder>> {
    let mut requests = global(client, change, table)?;
    requests.extend(vector(client, change, table)?);
    Ok(requests)
}

fn global(client: &Client, change: &Changed<'_>, table: &TableDescription) -> Result<Vec<UpdateTableFluentBuilder>> {
    if !change.touches(GLOBAL) {
        return Ok(Vec::new());
    }
    let wanted: Vec<CreateGlobalSecondaryIndexAction> = change.want.part(GLOBAL)?.unwrap_or_default();
    let live = table.global_secondary_indexes();
    let mut pool = table.attribute_definitions().to_vec();
    let added: Vec<AttributeDefinition> = change.want.part("AttributeDefinitions")?.unwrap_or_default();
    pool.extend(added.into_iter().filter(|added| !table.attribute_definitions().contains(added)));
    let mut there: BTreeMap<&str, &[KeySchemaElement]> =
        live.iter().map(|index| (index.index_name().unwrap_or_default(), index.key_schema())).collect();
    // The definitions must be those of the keys that are used, and no others.
    let request = |there: &BTreeMap<&str, &[KeySchemaElement]>, update| {
        let local = table.local_secondary_indexes().iter().map(|index| index.key_schema());
        let schemas = there.values().copied().chain(local).chain([table.key_schema()]);
        let used: BTreeSet<&str> = schemas.flatten().map(KeySchemaElement::attribute_name).collect();
        let definitions = pool.iter().filter(|definition| used.contains(definition.attribute_name())).cloned();
        client
            .update_table()
            .table_name(change.id())
            .set_attribute_definitions(Some(definitions.collect()))
            .global_secondary_index_updates(update)
    };
    let mut requests = Vec::new();
    for index in live.iter().filter(|live| !wanted.iter().any(|wanted| is_same(wanted, live))) {
        let name = index.index_name().unwrap_or_default();
        there.remove(name);
        let action = DeleteGlobalSecondaryIndexAction::builder().index_name(name).build();
        let action = action.map_err(|error| change.want.invalid(error))?;
        requests.push(request(&there, GlobalSecondaryIndexUpdate::builder().delete(action).build()));
    }
    for index in wanted.iter().filter(|wanted| !live.iter().any(|live| is_same(wanted, live))) {
        there.insert(&index.index_name, &index.key_schema);
        requests.push(request(&there, GlobalSecondaryIndexUpdate::builder().create(index.clone()).build()));
    }
    Ok(requests)
}

fn vector(client: &Client, change: &Changed<'_>, table: &TableDescription) -> Result<Vec<UpdateTableFluentBuilder>> {
    if !change.touches(VECTOR) {
        return Ok(Vec::new());
    }
    let wanted: Vec<CreateVectorIndexAction> = change.want.part(VECTOR)?.unwrap_or_default();
    let live = table.vector_indexes();
    let definitions: Option<Vec<AttributeDefinition>> = change.part("AttributeDefinitions")?;
    let request = |update| client.update_table().table_name(change.id()).vector_index_updates(update);
    let mut requests = Vec::new();
    for index in live.iter().filter(|live| !wanted.iter().any(|wanted| is_same_vector(wanted, live))) {
        let action = DeleteVectorIndexAction::builder().set_index_name(index.index_name.clone()).build();
        let action = action.map_err(|error| change.want.invalid(error))?;
        requests.push(request(VectorIndexUpdate::builder().delete(action).build()));
    }
    for index in wanted.iter().filter(|wanted| !live.iter().any(|live| is_same_vector(wanted, live))) {
        let request = request(VectorIndexUpdate::builder().create(index.clone()).build());
        requests.push(request.set_attribute_definitions(definitions.clone()));
    }
    Ok(requests)
}

fn is_same_vector(wanted: &CreateVectorIndexAction, live: &VectorIndexDescription) -> bool {
    let schema = |list: &[_]| -> BTreeMap<String, String> {
        let part = |part: &aws_sdk_dynamodb::types::SearchSchemaElement| {
            (part.attribute_name.clone(), part.search_schema_element_type.as_str().to_owned())
        };
        list.iter().map(part).collect()
    };
    live.index_name() == Some(&wanted.index_name)
        && live.vector_attribute() == wanted.vector_attribute()
        && schema(live.search_schema()) == schema(wanted.search_schema())
        && live.dimensions() == Some(wanted.dimensions)
        && live.distance_function() == Some(&wanted.distance_function)
        && is_same_projection(live.projection(), wanted.projection())
}

/// The attributes of a projection come in any order.
fn is_same_projection(a: Option<&Projection>, b: Option<&Projection>) -> bool {
    let meaning = |projection: &Projection| {
        let attributes: BTreeSet<String> = projection.non_key_attributes().iter().cloned().collect();
        (projection.projection_type.clone(), attributes)
    };
    a.map(meaning) == b.map(meaning)
}
