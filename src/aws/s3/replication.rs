//! Into which other buckets a bucket copies its objects.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination,
        EncryptionConfiguration, Metrics, MetricsStatus, OwnerOverride, ReplicaModifications,
        ReplicaModificationsStatus, ReplicationConfiguration, ReplicationRule, ReplicationRuleAndOperator,
        ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTime, ReplicationTimeStatus, ReplicationTimeValue,
        SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus, StorageClass,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, reported},
    setting::Setting,
};
use crate::{
    aws::{
        convert::{Changed, Part, structures, words},
        faults::{OrFault, early, gone},
    },
    driver::Result,
};

/// The replication of a bucket.
pub struct Replication;

const PROPERTY: &str = "ReplicationConfiguration";

/// How S3 refuses to copy while it has not heard yet that both buckets keep versions, which can take minutes.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html>.
const TOO_EARLY: &[&str] = &["Versioning must be 'Enabled'", "Destination bucket must have versioning enabled"];

/// Whether a change takes the replication away. That comes before the versions are suspended, which S3 else refuses.
pub fn is_leaving(change: &Changed<'_>) -> bool {
    change.touches(PROPERTY) && change.want.raw(PROPERTY).is_none()
}

#[async_trait]
impl Setting for Replication {
    fn properties(&self) -> &'static [&'static str] {
        &[PROPERTY]
    }

    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>> {
        let answer = reported(s3.get_bucket_replication().bucket(bucket).send().await, "s3:GetBucketReplication")?;
        Ok(answer.and_then(|answer| answer.replication_configuration).map(|configuration| configuration.shown()))
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let Some(configuration) = change.want.part::<ReplicationConfiguration>(PROPERTY)? else {
            let request = s3.delete_bucket_replication().bucket(change.id());
            return gone(request.send().await.or_fault("s3:DeleteBucketReplication", CODES)).map(|_| ());
        };
        let request = s3.put_bucket_replication().bucket(change.id()).replication_configuration(configuration);
        early(request.send().await.or_fault("s3:PutBucketReplication", CODES), TOO_EARLY)?;
        Ok(())
    }
}

words! {
    DeleteMarkerReplicationStatus, MetricsStatus, OwnerOverride, ReplicaModificationsStatus, ReplicationRuleStatus,
    ReplicationTimeStatus, SseKmsEncryptedObjectsStatus, StorageClass,
}

structures! {
    ReplicationConfiguration { "Role": role set_role, "Rules": rules set_rules }
    ReplicationRuleFilter { "And": and set_and, "Prefix": prefix set_prefix, "TagFilter": tag set_tag }
    ReplicationRuleAndOperator { "Prefix": prefix set_prefix, "TagFilters": tags set_tags }
    DeleteMarkerReplication { "Status": status set_status }
    SourceSelectionCriteria {
        "ReplicaModifications": replica_modifications set_replica_modifications,
        "SseKmsEncryptedObjects": sse_kms_encrypted_objects set_sse_kms_encrypted_objects,
    }
    ReplicaModifications { "Status": status set_status }
    SseKmsEncryptedObjects { "Status": status set_status }
    Destination {
        "AccessControlTranslation": access_control_translation set_access_control_translation,
        "Account": account set_account,
        "Bucket": bucket set_bucket,
        "EncryptionConfiguration": encryption_configuration set_encryption_configuration,
        "Metrics": metrics set_metrics,
        "ReplicationTime": replication_time set_replication_time,
        "StorageClass": storage_class set_storage_class,
    }
    AccessControlTranslation { "Owner": owner set_owner }
    EncryptionConfiguration { "ReplicaKmsKeyID": replica_kms_key_id set_replica_kms_key_id }
    Metrics { "EventThreshold": event_threshold set_event_threshold, "Status": status set_status }
    ReplicationTime { "Status": status set_status, "Time": time set_time }
    ReplicationTimeValue { "Minutes": minutes set_minutes }
}

/// The rules stand apart for their `Prefix`, which newer ones have in their filter.
#[expect(deprecated, reason = "CloudFormation still takes a rule without a filter, and S3 too")]
mod rules {
    use super::{ReplicationRule, structures};

    structures! {
        ReplicationRule {
            "DeleteMarkerReplication": delete_marker_replication set_delete_marker_replication,
            "Destination": destination set_destination,
            "Filter": filter set_filter,
            "Id": id set_id,
            "Prefix": prefix set_prefix,
            "Priority": priority set_priority,
            "SourceSelectionCriteria": source_selection_criteria set_source_selection_criteria,
            "Status": status set_status,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{aws::convert::Wanted, base::Doc};

    #[test]
    fn a_replication_is_shown_as_it_was_written() {
        let written = json!({
            "Role": "arn:aws:iam::123456789012:role/copy",
            "Rules": [{
                "Id": "all", "Priority": 1, "Status": "Enabled", "DeleteMarkerReplication": {"Status": "Disabled"},
                "Filter": {"And": {"Prefix": "a", "TagFilters": [{"Key": "a", "Value": "b"}]}},
                "SourceSelectionCriteria": {
                    "ReplicaModifications": {"Status": "Enabled"}, "SseKmsEncryptedObjects": {"Status": "Enabled"},
                },
                "Destination": {
                    "Account": "123456789012", "Bucket": "arn:aws:s3:::copy", "StorageClass": "STANDARD_IA",
                    "AccessControlTranslation": {"Owner": "Destination"},
                    "EncryptionConfiguration": {"ReplicaKmsKeyID": "key"},
                    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                    "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
                },
            }],
        });
        let document: Doc = json!({"It": written}).into();
        let part = Wanted::new("T", &document).part::<ReplicationConfiguration>("It").unwrap().unwrap();
        assert_eq!(part.shown(), written);
    }
}
