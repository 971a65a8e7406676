//! AWS::S3::Bucket
//! API: CreateBucket, PutBucketTagging, and for each setting a Put, Get and Delete of its own (see `settings`),
//! GetBucketTagging, ListBuckets, ListObjectVersions, DeleteBucket.  Identity: BucketName.
//! Found by: that name, verified by the owner tags. The tags are in the create call, and put once more directly after it:
//! what speaks as S3 does may make the bucket without them, and nobody would find it again. In us-east-1 the create call
//! returns a bucket of the same account that has the name already.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    types::{BucketNamespace, CreateBucketConfiguration, Tag},
};
use serde_json::Value as Json;

use super::{
    buckets::{self, addresses, constraint},
    codes::CODES,
    object_lock::is_locked,
    settings,
    tags::{self, are_ours, tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, all_tags, each, fresh, in_order, made, only_id, visible, words},
        faults::{Codes, OrFault, gone, half_made},
    },
    base::{Doc, Identity, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::S3::Bucket";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BucketDriver { aws: aws.clone() })
}

struct BucketDriver {
    aws: Clients,
}

impl BucketDriver {
    /// The bucket that has the wanted name, and whether the intent of `call` has made it.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(PhysicalId, bool)>> {
        let Some(name) = want.text("BucketName") else { return Ok(None) };
        let found = tags(&self.aws.s3(&call.place).await, name).await.map_err(|fault| told_apart(fault, name))?;
        Ok(found.map(|tags| (PhysicalId(name.to_owned()), are_ours(&tags, call))))
    }

    /// The whole documents of these buckets, in their order.
    async fn documents(&self, place: &Place, names: &[&str]) -> Result<Vec<Option<Doc>>> {
        let s3 = self.aws.s3(place).await;
        let account = self.aws.identity(place).await?;
        each(names.iter().map(|name| document(&s3, name, place, &account))).await
    }
}

#[async_trait]
impl Driver for BucketDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let s3 = self.aws.s3(&call.place).await;
        let account = self.aws.identity(&call.place).await?;
        let properties = Wanted::new(TYPE, want);
        let name = name(&properties)?;
        let all_tags = tags::list(all_tags(call, &properties)?, &properties)?;
        let configuration = CreateBucketConfiguration::builder()
            .set_location_constraint(constraint(&call.place))
            .set_tags(Some(all_tags.clone()))
            .build();
        let request = s3
            .create_bucket()
            .bucket(&name)
            .create_bucket_configuration(configuration)
            .set_bucket_namespace(properties.part::<BucketNamespace>("BucketNamespace")?)
            .set_object_lock_enabled_for_bucket(is_locked(&properties)?.then_some(true));
        request.send().await.or_fault("s3:CreateBucket", FAULTS)?;
        let made = made(TYPE, observed(&name, &call.place, &account, &[]));
        tags::put(&s3, &name, all_tags, &properties).await.map_err(half_made(&made))?;
        // The tags are on it, and so is the lock.
        let already = |name: &&str| want.get(name).is_some();
        let already = ["Tags", "ObjectLockEnabled"].into_iter().filter(already);
        let already = already.filter_map(|name| Some((name.to_owned(), want.get(name)?.clone())));
        let rest = fresh(&made.id, Doc(already.collect::<serde_json::Map<String, Json>>()), want);
        settings::change(&s3, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.documents(&call.place, &[&so_far.id.0]).await?;
        Ok(visible(TYPE, so_far, found.into_iter().flatten().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let found = self.documents(&call.place, &names).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let s3 = self.aws.s3(&call.place).await;
        settings::change(&s3, &Changed::new(TYPE, change)).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// A bucket that is not empty stays: what is in it is nobody's to delete but the user's.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let s3 = self.aws.s3(&call.place).await;
        match gone(s3.delete_bucket().bucket(&id.0).send().await.or_fault("s3:DeleteBucket", FAULTS)) {
            Err(fault) if fault.kind == FaultKind::InUse => Err(filled(&s3, &id.0, fault).await),
            outcome => outcome,
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(named.filter(|(_, is_ours)| *is_ours).map(|(id, _)| id).into_iter().collect())
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(named.filter(|(_, is_ours)| !is_ours).map(|(id, _)| id))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BucketDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let names = buckets::all(&self.aws.s3(place).await, place).await?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Ok(self.documents(place, &names).await?.into_iter().flatten().collect())
    }
}

words! { BucketNamespace }

/// The name of a bucket to be made. A name by prefix would be another than the one that the stack is known to ask for.
fn name(properties: &Wanted<'_>) -> Result<String> {
    if properties.raw("BucketNamePrefix").is_some() {
        return Err(properties.invalid(
            "instead of a `BucketNamePrefix`, give the whole `BucketName`; in the namespace `account-regional` it ends in \
             `-<account id>-<region>-an`",
        ));
    }
    properties.text("BucketName")?.ok_or_else(|| properties.invalid("give the bucket a `BucketName`"))
}

/// Who may not ask for the tags of a bucket cannot tell whose it is, and neither can this driver.
fn told_apart(mut fault: Fault, name: &str) -> Fault {
    if fault.kind == FaultKind::Denied {
        fault.message = format!(
            "whose the bucket `{name}` is cannot be told ({}): if it belongs to another account choose another name, else \
             allow `s3:GetBucketTagging`",
            fault.message.trim_end_matches('.')
        );
    }
    fault
}

/// The fault for a bucket that is not empty, with how much is in it and what to do.
async fn filled(s3: &Client, bucket: &str, mut fault: Fault) -> Fault {
    let request = s3.list_object_versions().bucket(bucket);
    let Ok(found) = request.send().await.or_fault("s3:ListObjectVersions", FAULTS) else { return fault };
    let (versions, markers) = (found.versions().len(), found.delete_markers().len());
    let least = if found.is_truncated().unwrap_or_default() { "at least " } else { "" };
    let contents = format!("{least}{versions} object versions and {markers} delete markers");
    fault.message = format!(
        "`{bucket}` is not empty, it holds {contents}: delete them if nobody needs them (`aws s3 rm s3://{bucket} \
         --recursive`; where versions are kept, also each version and delete marker by `aws s3api delete-objects`), or keep \
         the bucket with `lifecycle: {{retain: true}}`"
    );
    fault.blockers = vec![contents];
    fault
}

/// The whole document of a bucket, if it exists.
async fn document(s3: &Client, name: &str, place: &Place, account: &Identity) -> Result<Option<Doc>> {
    let Some(tags) = tags(s3, name).await? else { return Ok(None) };
    let document = settings::observed(s3, name, observed(name, place, account, &tags)).await?;
    Ok(Some(document.into()))
}

fn observed(name: &str, place: &Place, account: &Identity, tags: &[Tag]) -> Observed {
    addresses(name, place, account).with_list("Tags", tags::visible(tags))
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
