//! A table that begins with data from a bucket: made by a call of its own, which takes only some of what a table has, and no
//! tags. Its client token says whose it is.

use aws_sdk_dynamodb::{
    Client,
    types::{SseSpecification, TableCreationParameters},
};

use super::{
    indexes::{GLOBAL, LOCAL, VECTOR},
    tags::CODES,
};
use crate::{
    aws::{
        convert::{Observed, Wanted},
        faults::{OrFault, answered, there},
    },
    driver::{Call, Result},
};

/// The property that says where from.
pub const SOURCE: &str = "ImportSourceSpecification";

/// What the call takes of a table.
pub const TAKEN: &[&str] = &[
    "AttributeDefinitions",
    "BillingMode",
    GLOBAL,
    SOURCE,
    "KeySchema",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "TableName",
    VECTOR,
];

/// Makes the table and says what is known of it.
pub async fn import(client: &Client, call: &Call, want: &Wanted<'_>, source: &Wanted<'_>) -> Result<Observed> {
    if want.raw(LOCAL).is_some() {
        return Err(want.invalid(format!("a table with `{SOURCE}` cannot have `{LOCAL}`: leave one of them out")));
    }
    let parameters = TableCreationParameters::builder()
        .set_table_name(want.part("TableName")?)
        .set_attribute_definitions(want.part("AttributeDefinitions")?)
        .set_key_schema(want.part("KeySchema")?)
        .set_billing_mode(want.part("BillingMode")?)
        .set_provisioned_throughput(want.part("ProvisionedThroughput")?)
        .set_on_demand_throughput(want.part("OnDemandThroughput")?)
        .set_sse_specification(want.part::<SseSpecification>("SSESpecification")?)
        .set_global_secondary_indexes(want.part(GLOBAL)?)
        .set_vector_indexes(want.part(VECTOR)?)
        .build()
        .map_err(|error| want.invalid(error))?;
    let request = client
        .import_table()
        .client_token(&call.token().0)
        .set_s3_bucket_source(source.part("S3BucketSource")?)
        .set_input_format(source.part("InputFormat")?)
        .set_input_format_options(source.part("InputFormatOptions")?)
        .set_input_compression_type(source.part("InputCompressionType")?)
        .table_creation_parameters(parameters);
    let operation = "dynamodb:ImportTable";
    let answer = request.send().await.or_fault(operation, CODES)?;
    let import = answered(answer.import_table_description, operation)?;
    Ok(Observed::new().with("TableName", want.text::<String>("TableName")?).with("Arn", import.table_arn))
}

/// Whether the intent of `call` has begun the import that made the table `arn`.
pub async fn is_ours(client: &Client, call: &Call, arn: &str) -> Result<bool> {
    let mut pages = client.list_imports().table_arn(arn).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.or_fault("dynamodb:ListImports", CODES)?;
        for import in page.import_summary_list.unwrap_or_default() {
            let answer = client.describe_import().set_import_arn(import.import_arn).send().await;
            let found = there(answer.or_fault("dynamodb:DescribeImport", CODES))?;
            let found = found.and_then(|found| found.import_table_description);
            if found.is_some_and(|found| found.client_token() == Some(&call.token().0)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
