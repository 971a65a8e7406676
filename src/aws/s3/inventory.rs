//! The lists of its objects that a bucket writes regularly. CloudFormation writes flat what S3 nests.

use aws_sdk_s3::types::{
    InventoryConfiguration, InventoryDestination, InventoryFilter, InventoryFormat, InventoryFrequency,
    InventoryIncludedObjectVersions, InventoryOptionalField, InventoryS3BucketDestination, InventorySchedule,
};
use serde_json::Value as Json;

use super::setting::listed;
use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

listed! {
    /// The inventories of a bucket.
    Inventory: "InventoryConfigurations" as InventoryConfiguration {
        list_bucket_inventory_configurations "s3:ListBucketInventoryConfigurations" inventory_configuration_list,
        put_bucket_inventory_configuration "s3:PutBucketInventoryConfiguration" inventory_configuration,
        delete_bucket_inventory_configuration "s3:DeleteBucketInventoryConfiguration",
    }
}

words! { InventoryFormat, InventoryFrequency, InventoryIncludedObjectVersions, InventoryOptionalField }

structures! {
    InventoryS3BucketDestination {
        "BucketAccountId": account_id set_account_id,
        "BucketArn": bucket set_bucket,
        "Format": format set_format,
        "Prefix": prefix set_prefix,
    }
}

impl Part for InventoryConfiguration {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        let prefix = inner.text::<String>("Prefix")?;
        let filter = prefix.map(|prefix| InventoryFilter::builder().prefix(prefix).build().finished(&inner));
        let schedule = InventorySchedule::builder().set_frequency(inner.part("ScheduleFrequency")?);
        let destination = InventoryDestination::builder().set_s3_bucket_destination(inner.part("Destination")?);
        let builder = InventoryConfiguration::builder()
            .set_id(inner.part("Id")?)
            .set_is_enabled(inner.part("Enabled")?)
            .set_included_object_versions(inner.part("IncludedObjectVersions")?)
            .set_optional_fields(inner.part("OptionalFields")?)
            .set_filter(filter.transpose()?)
            .schedule(schedule.build().finished(&inner)?)
            .destination(destination.build());
        builder.build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let destination = self.destination.as_ref().and_then(|destination| destination.s3_bucket_destination.as_ref());
        Observed::new()
            .with_part("Id", &self.id)
            .with_part("Enabled", &self.is_enabled)
            .with_part("IncludedObjectVersions", &self.included_object_versions)
            .with_part("OptionalFields", &self.optional_fields)
            .with("Prefix", self.filter.as_ref().map(InventoryFilter::prefix))
            .with("ScheduleFrequency", self.schedule.as_ref().map(|schedule| schedule.frequency().as_str()))
            .with("Destination", destination.map(Part::shown))
            .into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    #[test]
    fn an_inventory_is_shown_as_it_was_written() {
        let written = json!({
            "Id": "all", "Enabled": true, "IncludedObjectVersions": "Current", "OptionalFields": ["Size", "ETag"],
            "Prefix": "x", "ScheduleFrequency": "Weekly",
            "Destination": {"BucketAccountId": "1", "BucketArn": "arn", "Format": "Parquet", "Prefix": "p"},
        });
        let document: Doc = json!({"It": written}).into();
        let part = Wanted::new("T", &document).part::<InventoryConfiguration>("It").unwrap().unwrap();
        assert_eq!(part.shown(), written);
    }
}
