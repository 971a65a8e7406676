//! The tables in which S3 writes down what objects a bucket has: in their present form, and in the older one, which has one
//! table only and can only be made and deleted.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        AnnotationConfigurationState, AnnotationTableConfiguration, AnnotationTableConfigurationUpdates,
        DestinationResult, ExpirationState, InventoryConfigurationState, InventoryTableConfiguration,
        InventoryTableConfigurationUpdates, JournalTableConfiguration, JournalTableConfigurationUpdates,
        MetadataConfiguration, MetadataConfigurationResult, MetadataTableConfiguration,
        MetadataTableEncryptionConfiguration, RecordExpiration, S3TablesBucketType, S3TablesDestination,
        TableSseAlgorithm,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported_if_known},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Observed, structures, words},
        faults::{OrFault, gone},
    },
    driver::Result,
};

/// The tables of a bucket.
pub struct Metadata;

/// The one table of the older form.
pub struct MetadataTable;

const TABLES: &str = "MetadataConfiguration";
const TABLE: &str = "MetadataTableConfiguration";
const JOURNAL: &str = "JournalTableConfiguration";
const INVENTORY: &str = "InventoryTableConfiguration";
const ANNOTATION: &str = "AnnotationTableConfiguration";

#[async_trait]
impl Setting for Metadata {
    fn properties(&self) -> &'static [&'static str] {
        &[TABLES]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = s3.get_bucket_metadata_configuration().bucket(bucket).send().await;
        let answer = reported_if_known(answer, "s3:GetBucketMetadataConfiguration")?;
        let result = answer.and_then(|answer| answer.get_bucket_metadata_configuration_result);
        Ok(result.and_then(|result| result.metadata_configuration_result).map(|result| observed(&result).into()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        match (change.before.raw(TABLES), change.want.part::<MetadataConfiguration>(TABLES)?) {
            (_, None) => {
                let request = s3.delete_bucket_metadata_configuration().bucket(change.id());
                gone(request.send().await.or_fault("s3:DeleteBucketMetadataConfiguration", CODES))?;
            }
            (None, Some(configuration)) => {
                let request =
                    s3.create_bucket_metadata_configuration().bucket(change.id()).metadata_configuration(configuration);
                request.send().await.or_fault("s3:CreateBucketMetadataConfiguration", CODES)?;
            }
            (Some(before), Some(configuration)) => update(s3, change, before, configuration).await?,
        }
        Ok(())
    }
}

/// Each table is changed by a call of its own.
async fn update(s3: &Client, change: &Changed<'_>, before: &Json, want: MetadataConfiguration) -> Result<()> {
    let wanted = change.want.raw(TABLES);
    let differs = |table: &str| wanted.and_then(|wanted| wanted.get(table)) != before.get(table);
    if differs(JOURNAL) {
        // How a table is encrypted is not reported, so it stands here only as it was last applied.
        let key = |value: &Json| value.pointer("/JournalTableConfiguration/EncryptionConfiguration").cloned();
        if key(before).is_some_and(|before| wanted.and_then(key) != Some(before)) {
            return Err(change.want.invalid(
                "the encryption of a journal table cannot be changed; take `MetadataConfiguration` out of the stack, \
                 apply, and put it back in",
            ));
        }
        let expiration = want.journal_table_configuration.and_then(|journal| journal.record_expiration);
        let updates = JournalTableConfigurationUpdates::builder().set_record_expiration(expiration).build();
        let request = s3.update_bucket_metadata_journal_table_configuration().bucket(change.id());
        let request = request.journal_table_configuration(updates);
        request.send().await.or_fault("s3:UpdateBucketMetadataJournalTableConfiguration", CODES)?;
    }
    if differs(INVENTORY) {
        let table = want.inventory_table_configuration;
        let state = table.as_ref().map_or(InventoryConfigurationState::Disabled, |t| t.configuration_state.clone());
        let updates = InventoryTableConfigurationUpdates::builder()
            .configuration_state(state)
            .set_encryption_configuration(table.and_then(|table| table.encryption_configuration));
        let request = s3.update_bucket_metadata_inventory_table_configuration().bucket(change.id());
        let request = request.set_inventory_table_configuration(updates.build().ok());
        request.send().await.or_fault("s3:UpdateBucketMetadataInventoryTableConfiguration", CODES)?;
    }
    if differs(ANNOTATION) {
        let table = want.annotation_table_configuration;
        let state = table.as_ref().map_or(AnnotationConfigurationState::Disabled, |t| t.configuration_state.clone());
        let updates = AnnotationTableConfigurationUpdates::builder()
            .configuration_state(state)
            .set_role(table.as_ref().and_then(|table| table.role.clone()))
            .set_encryption_configuration(table.and_then(|table| table.encryption_configuration));
        let request = s3.update_bucket_metadata_annotation_table_configuration().bucket(change.id());
        let request = request.set_annotation_table_configuration(updates.build().ok());
        request.send().await.or_fault("s3:UpdateBucketMetadataAnnotationTableConfiguration", CODES)?;
    }
    Ok(())
}

#[async_trait]
impl Setting for MetadataTable {
    fn properties(&self) -> &'static [&'static str] {
        &[TABLE]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = s3.get_bucket_metadata_table_configuration().bucket(bucket).send().await;
        let answer = reported_if_known(answer, "s3:GetBucketMetadataTableConfiguration")?;
        let result = answer.and_then(|answer| answer.get_bucket_metadata_table_configuration_result);
        let result = result.and_then(|result| result.metadata_table_configuration_result);
        let destination = result.and_then(|result| result.s3_tables_destination_result);
        Ok(destination.map(|destination| {
            let destination = Observed::new()
                .with("TableBucketArn", Some(destination.table_bucket_arn))
                .with("TableName", Some(destination.table_name))
                .with("TableArn", Some(destination.table_arn))
                .with("TableNamespace", Some(destination.table_namespace));
            Observed::new().with("S3TablesDestination", Some(destination)).into()
        }))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let wanted = change.want.part::<MetadataTableConfiguration>(TABLE)?;
        if change.before.raw(TABLE).is_some() {
            let request = s3.delete_bucket_metadata_table_configuration().bucket(change.id());
            gone(request.send().await.or_fault("s3:DeleteBucketMetadataTableConfiguration", CODES))?;
        }
        if let Some(configuration) = wanted {
            let request = s3.create_bucket_metadata_table_configuration().bucket(change.id());
            let request = request.metadata_table_configuration(configuration);
            request.send().await.or_fault("s3:CreateBucketMetadataTableConfiguration", CODES)?;
        }
        Ok(())
    }
}

words! {
    AnnotationConfigurationState, ExpirationState, InventoryConfigurationState, S3TablesBucketType, TableSseAlgorithm,
}

structures! {
    MetadataConfiguration {
        "AnnotationTableConfiguration": annotation_table_configuration set_annotation_table_configuration,
        "InventoryTableConfiguration": inventory_table_configuration set_inventory_table_configuration,
        "JournalTableConfiguration": journal_table_configuration set_journal_table_configuration,
    }
    AnnotationTableConfiguration {
        "ConfigurationState": configuration_state set_configuration_state,
        "EncryptionConfiguration": encryption_configuration set_encryption_configuration,
        "Role": role set_role,
    }
    InventoryTableConfiguration {
        "ConfigurationState": configuration_state set_configuration_state,
        "EncryptionConfiguration": encryption_configuration set_encryption_configuration,
    }
    JournalTableConfiguration {
        "EncryptionConfiguration": encryption_configuration set_encryption_configuration,
        "RecordExpiration": record_expiration set_record_expiration,
    }
    RecordExpiration { "Days": days set_days, "Expiration": expiration set_expiration }
    MetadataTableEncryptionConfiguration {
        "KmsKeyArn": kms_key_arn set_kms_key_arn,
        "SseAlgorithm": sse_algorithm set_sse_algorithm,
    }
    MetadataTableConfiguration { "S3TablesDestination": s3_tables_destination set_s3_tables_destination }
    S3TablesDestination {
        "TableBucketArn": table_bucket_arn set_table_bucket_arn,
        "TableName": table_name set_table_name,
    }
    DestinationResult {
        "TableBucketArn": table_bucket_arn set_table_bucket_arn,
        "TableBucketType": table_bucket_type set_table_bucket_type,
        "TableNamespace": table_namespace set_table_namespace,
    }
}

fn observed(result: &MetadataConfigurationResult) -> Observed {
    let journal = result.journal_table_configuration_result.as_ref().map(|table| {
        Observed::new()
            .with_part("RecordExpiration", &table.record_expiration)
            .with_part("TableName", &table.table_name)
            .with_part("TableArn", &table.table_arn)
    });
    let inventory = result.inventory_table_configuration_result.as_ref().map(|table| {
        Observed::new()
            .with_part("ConfigurationState", &table.configuration_state)
            .with_part("TableName", &table.table_name)
            .with_part("TableArn", &table.table_arn)
    });
    let annotation = result.annotation_table_configuration_result.as_ref().map(|table| {
        Observed::new()
            .with_part("ConfigurationState", &table.configuration_state)
            .with_part("Role", &table.role)
            .with_part("TableName", &table.table_name)
            .with_part("TableArn", &table.table_arn)
    });
    Observed::new()
        .with_part("Destination", &result.destination_result)
        .with(JOURNAL, journal)
        .with(INVENTORY, inventory)
        .with(ANNOTATION, annotation)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{InventoryTableConfigurationResult, JournalTableConfigurationResult};
    use serde_json::json;

    use super::*;
    use crate::{
        aws::convert::{Part, Wanted},
        base::Doc,
    };

    #[test]
    fn what_is_asked_for_is_sent_whole() {
        let key = json!({"SseAlgorithm": "aws:kms", "KmsKeyArn": "arn"});
        let written = json!({
            "JournalTableConfiguration": {
                "RecordExpiration": {"Expiration": "ENABLED", "Days": 30}, "EncryptionConfiguration": key,
            },
            "InventoryTableConfiguration": {"ConfigurationState": "ENABLED", "EncryptionConfiguration": key},
            "AnnotationTableConfiguration": {"ConfigurationState": "DISABLED", "Role": "role"},
        });
        let document: Doc = json!({"It": written}).into();
        let part = Wanted::new("T", &document).part::<MetadataConfiguration>("It").unwrap().unwrap();
        assert_eq!(part.shown(), written);
    }

    #[test]
    fn tables_are_reported_with_their_names() {
        let expiration = RecordExpiration::builder().expiration(ExpirationState::Disabled).build().unwrap();
        let journal = JournalTableConfigurationResult::builder()
            .table_status("ACTIVE")
            .table_name("journal")
            .record_expiration(expiration);
        let inventory = InventoryTableConfigurationResult::builder()
            .configuration_state(InventoryConfigurationState::Enabled)
            .table_name("inventory");
        let result = MetadataConfigurationResult::builder()
            .destination_result(DestinationResult::builder().table_namespace("b_main").build())
            .journal_table_configuration_result(journal.build().unwrap())
            .inventory_table_configuration_result(inventory.build().unwrap());
        let expected = json!({
            "Destination": {"TableNamespace": "b_main"},
            "JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}, "TableName": "journal"},
            "InventoryTableConfiguration": {"ConfigurationState": "ENABLED", "TableName": "inventory"},
        });
        assert_eq!(Json::from(observed(&result.build())), expected);
    }
}
