//! AWS::S3::BucketPolicy
//! API: PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, ListBuckets.  Identity: Bucket.  Found by: that bucket, if it
//! has the wanted policy: a policy has no tags, and a bucket has one at most. The create call replaces one that is there.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use serde_json::Value as Json;

use super::{
    buckets,
    codes::{CODES, reported},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, early, gone},
    },
    base::{Doc, Path, PhysicalId, Place},
    catalogue::Catalogue,
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::S3::BucketPolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BucketPolicyDriver { aws: aws.clone() })
}

/// How S3 refuses a policy for somebody, or of a bucket, that was made only just now.
const TOO_EARLY: &[&str] = &["Invalid principal in policy", "The specified bucket does not exist"];

const POLICY: &str = "PolicyDocument";

struct BucketPolicyDriver {
    aws: Clients,
}

impl BucketPolicyDriver {
    /// The bucket that is to have a policy, and the one that it has.
    async fn present(&self, call: &Call, want: &Doc) -> Result<Option<(String, Json)>> {
        let Some(bucket) = want.text("Bucket") else { return Ok(None) };
        let policy = policy(&self.aws.s3(&call.place).await, bucket).await?;
        Ok(policy.map(|policy| (bucket.to_owned(), parsed(&policy))))
    }
}

#[async_trait]
impl Driver for BucketPolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let bucket: String = properties.text("Bucket")?.ok_or_else(|| properties.invalid("`Bucket` is missing"))?;
        put(&self.aws.s3(&call.place).await, &bucket, &properties).await?;
        Ok(Progress::Done(made(TYPE, observed(&bucket, None))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        Ok(visible(TYPE, so_far, document(&self.aws.s3(&call.place).await, &so_far.id.0).await?))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let s3 = self.aws.s3(&call.place).await;
        let found = each(ids.iter().map(|id| document(&s3, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        if changed.touches(POLICY) {
            put(&self.aws.s3(&call.place).await, changed.id(), &changed.want).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.s3(&call.place).await.delete_bucket_policy().bucket(&id.0);
        gone(request.send().await.or_fault("s3:DeleteBucketPolicy", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let present = self.present(call, want).await?;
        let ours = present.filter(|(_, policy)| want.get(POLICY).is_some_and(|want| is_same(policy, want)));
        Ok(identities(TYPE, ours.map(|(bucket, _)| observed(&bucket, None))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let present = self.present(call, want).await?;
        Ok(identities(TYPE, present.map(|(bucket, _)| observed(&bucket, None))).pop())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BucketPolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let s3 = self.aws.s3(place).await;
        let names = buckets::all(&s3, place).await?;
        let found = each(names.iter().map(|name| document(&s3, name))).await?;
        Ok(found.into_iter().flatten().map(Doc::from).collect())
    }
}

async fn put(s3: &Client, bucket: &str, want: &Wanted<'_>) -> Result<()> {
    let request = s3.put_bucket_policy().bucket(bucket).set_policy(want.document(POLICY)?);
    early(request.send().await.or_fault("s3:PutBucketPolicy", FAULTS), TOO_EARLY)?;
    Ok(())
}

/// The policy of a bucket, if there are both.
async fn policy(s3: &Client, bucket: &str) -> Result<Option<String>> {
    let answer = reported(s3.get_bucket_policy().bucket(bucket).send().await, "s3:GetBucketPolicy")?;
    Ok(answer.and_then(|answer| answer.policy).filter(|policy| !policy.is_empty()))
}

async fn document(s3: &Client, bucket: &str) -> Result<Option<Observed>> {
    Ok(policy(s3, bucket).await?.map(|policy| observed(bucket, Some(&policy))))
}

fn parsed(policy: &str) -> Json {
    serde_json::from_str(policy).unwrap_or_else(|_| Json::from(policy))
}

/// Whether AWS takes two policies for the same.
fn is_same(a: &Json, b: &Json) -> bool {
    Catalogue::embedded().get(TYPE).is_some_and(|kind| kind.same(&Path::key(POLICY), a, b))
}

fn observed(bucket: &str, policy: Option<&str>) -> Observed {
    Observed::new().with("Bucket", Some(bucket)).with_document(POLICY, policy)
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
