//! What is measured of a bucket: analyses of its storage classes, and metrics of its requests.

use aws_sdk_s3::types::{
    AnalyticsConfiguration, AnalyticsExportDestination, AnalyticsS3BucketDestination, AnalyticsS3ExportFileFormat,
    MetricsConfiguration, StorageClassAnalysis, StorageClassAnalysisDataExport, StorageClassAnalysisSchemaVersion,
};
use serde_json::Value as Json;

use super::{scope::Scope, setting::listed};
use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

listed! {
    /// The analyses of the storage classes of a bucket.
    Analytics: "AnalyticsConfigurations" as AnalyticsConfiguration {
        list_bucket_analytics_configurations "s3:ListBucketAnalyticsConfigurations" analytics_configuration_list,
        put_bucket_analytics_configuration "s3:PutBucketAnalyticsConfiguration" analytics_configuration,
        delete_bucket_analytics_configuration "s3:DeleteBucketAnalyticsConfiguration",
    }
}

listed! {
    /// The metrics of the requests for a bucket.
    RequestMetrics: "MetricsConfigurations" as MetricsConfiguration {
        list_bucket_metrics_configurations "s3:ListBucketMetricsConfigurations" metrics_configuration_list,
        put_bucket_metrics_configuration "s3:PutBucketMetricsConfiguration" metrics_configuration,
        delete_bucket_metrics_configuration "s3:DeleteBucketMetricsConfiguration",
    }
}

words! { AnalyticsS3ExportFileFormat, StorageClassAnalysisSchemaVersion }

structures! {
    StorageClassAnalysis { "DataExport": data_export set_data_export }
    StorageClassAnalysisDataExport {
        "Destination": destination set_destination,
        "OutputSchemaVersion": output_schema_version set_output_schema_version,
    }
    AnalyticsS3BucketDestination {
        "BucketAccountId": bucket_account_id set_bucket_account_id,
        "BucketArn": bucket set_bucket,
        "Format": format set_format,
        "Prefix": prefix set_prefix,
    }
}

/// A bucket is the only kind of destination, so CloudFormation does not name the kind.
impl Part for AnalyticsExportDestination {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let bucket = AnalyticsS3BucketDestination::taken(value, around, name)?;
        Ok(AnalyticsExportDestination::builder().s3_bucket_destination(bucket).build())
    }

    fn shown(&self) -> Json {
        self.s3_bucket_destination.as_ref().map_or(Json::Null, Part::shown)
    }
}

impl Part for AnalyticsConfiguration {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        let builder = AnalyticsConfiguration::builder()
            .set_id(inner.part("Id")?)
            .set_filter(Scope::wanted(&inner)?.into())
            .set_storage_class_analysis(inner.part("StorageClassAnalysis")?);
        builder.build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let observed =
            Observed::new().with_part("Id", &self.id).with_part("StorageClassAnalysis", &self.storage_class_analysis);
        self.filter.as_ref().map(Scope::from).unwrap_or_default().observed(observed).into()
    }
}

impl Part for MetricsConfiguration {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let inner = around.within(value, name)?;
        let builder =
            MetricsConfiguration::builder().set_id(inner.part("Id")?).set_filter(Scope::wanted(&inner)?.into());
        builder.build().finished(&inner)
    }

    fn shown(&self) -> Json {
        let observed = Observed::new().with_part("Id", &self.id);
        self.filter.as_ref().map(Scope::from).unwrap_or_default().observed(observed).into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    #[test]
    fn reports_are_shown_as_they_were_written() {
        let destination = json!({"BucketAccountId": "1", "BucketArn": "arn", "Format": "CSV", "Prefix": "p"});
        let written = json!({
            "Analyses": [{
                "Id": "a", "Prefix": "x", "TagFilters": [{"Key": "a", "Value": "b"}],
                "StorageClassAnalysis": {"DataExport": {"Destination": destination, "OutputSchemaVersion": "V_1"}},
            }],
            "Metrics": [{"Id": "all"}, {"Id": "one", "AccessPointArn": "arn", "Prefix": "x"}],
        });
        let document: Doc = written.clone().into();
        let want = Wanted::new("T", &document);
        let analyses = want.part::<Vec<AnalyticsConfiguration>>("Analyses").unwrap().unwrap();
        let metrics = want.part::<Vec<MetricsConfiguration>>("Metrics").unwrap().unwrap();
        assert_eq!(json!({"Analyses": analyses.shown(), "Metrics": metrics.shown()}), written);
    }
}
