//! Who may reach into a bucket: whose its objects are, what of it may ever be public, and its access control list.
//!
//! What is taken out of the stack goes back to what AWS gives to new buckets, which is closed: no lists, nothing public.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{
        BucketCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
    },
};
use serde_json::Value as Json;

use super::{
    codes::CODES,
    setting::{Setting, setting},
};
use crate::{
    aws::{
        convert::{Changed, Part, structures, words},
        faults::OrFault,
    },
    driver::Result,
};

setting! {
    /// Whose objects are that others put into a bucket, and whether there are access control lists at all.
    Ownership: "OwnershipControls" as OwnershipControls {
        get_bucket_ownership_controls "s3:GetBucketOwnershipControls" |answer| {
            answer.ownership_controls.map(|controls| controls.shown())
        },
        put_bucket_ownership_controls "s3:PutBucketOwnershipControls" ownership_controls,
        else {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }
}

setting! {
    /// What of a bucket cannot be made public.
    PublicAccess: "PublicAccessBlockConfiguration" as PublicAccessBlockConfiguration {
        get_public_access_block "s3:GetPublicAccessBlock" |answer| {
            answer.public_access_block_configuration.map(|block| block.shown())
        },
        put_public_access_block "s3:PutPublicAccessBlock" public_access_block_configuration,
        else {
            "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
        },
    }
}

words! { ObjectOwnership }

structures! {
    OwnershipControls { "Rules": rules set_rules }
    OwnershipControlsRule { "ObjectOwnership": object_ownership set_object_ownership }
    PublicAccessBlockConfiguration {
        "BlockPublicAcls": block_public_acls set_block_public_acls,
        "BlockPublicPolicy": block_public_policy set_block_public_policy,
        "IgnorePublicAcls": ignore_public_acls set_ignore_public_acls,
        "RestrictPublicBuckets": restrict_public_buckets set_restrict_public_buckets,
    }
}

/// The access control list, by one of the names that S3 has for usual ones. It closes before [`Ownership`] and
/// [`PublicAccess`] do, which refuse a list that is open, and opens after them, who would refuse that.
pub struct AccessList {
    /// Whether this is the step that opens.
    pub opens: bool,
}

/// The list of a new bucket.
const CLOSED: &str = "private";

#[async_trait]
impl Setting for AccessList {
    fn properties(&self) -> &'static [&'static str] {
        &["AccessControl"]
    }

    /// What was put as a name is reported as grants, and never again as a name.
    async fn read(&self, _: &Client, _: &str) -> Result<Option<Json>> {
        Ok(None)
    }

    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()> {
        let wanted =
            change.want.text::<String>("AccessControl")?.map_or_else(|| CLOSED.to_owned(), |name| dashed(&name));
        let opens = wanted != CLOSED;
        if opens != self.opens {
            return Ok(());
        }
        let request = s3.put_bucket_acl().bucket(change.id()).acl(BucketCannedAcl::from(wanted.as_str()));
        match request.send().await.or_fault("s3:PutBucketAcl", CODES) {
            // A bucket without lists is as closed as one can be.
            Err(fault) if !opens && fault.code.as_deref() == Some("AccessControlListNotSupported") => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }
}

/// CloudFormation writes `LogDeliveryWrite` where S3 writes `log-delivery-write`.
fn dashed(name: &str) -> String {
    let mut dashed = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.push(c.to_ascii_lowercase());
    }
    dashed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_the_names_that_s3_gives_them() {
        for (ours, theirs) in [("Private", CLOSED), ("AwsExecRead", "aws-exec-read"), ("PublicRead", "public-read")] {
            assert_eq!(dashed(ours), theirs);
        }
    }
}
