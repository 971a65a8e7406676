//! How a bucket encrypts what is put into it. Taken away, AWS's own keys do it.

use aws_sdk_s3::types::{
    BlockedEncryptionTypes, EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

use super::setting::setting;
use crate::aws::convert::{Part, structures, words};

setting! {
    /// The encryption of a bucket.
    Encryption: "BucketEncryption" as ServerSideEncryptionConfiguration {
        get_bucket_encryption "s3:GetBucketEncryption" |answer| {
            answer.server_side_encryption_configuration.map(|configuration| configuration.shown())
        },
        put_bucket_encryption "s3:PutBucketEncryption" server_side_encryption_configuration,
        delete_bucket_encryption "s3:DeleteBucketEncryption",
    }
}

words! { EncryptionType, ServerSideEncryption }

structures! {
    ServerSideEncryptionConfiguration { "ServerSideEncryptionConfiguration": rules set_rules }
    ServerSideEncryptionRule {
        "ServerSideEncryptionByDefault":
            apply_server_side_encryption_by_default set_apply_server_side_encryption_by_default,
        "BucketKeyEnabled": bucket_key_enabled set_bucket_key_enabled,
        "BlockedEncryptionTypes": blocked_encryption_types set_blocked_encryption_types,
    }
    ServerSideEncryptionByDefault {
        "SSEAlgorithm": sse_algorithm set_sse_algorithm,
        "KMSMasterKeyID": kms_master_key_id set_kms_master_key_id,
    }
    BlockedEncryptionTypes { "EncryptionType": encryption_type set_encryption_type }
}
