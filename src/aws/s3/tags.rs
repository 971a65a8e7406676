//! The tags of a bucket: S3 only ever sets all of them at once.

use std::collections::BTreeMap;

use aws_sdk_s3::{
    Client,
    types::{Tag, Tagging},
};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Finished, Wanted, structures, tag_change, visible_tags},
        faults::{OrFault, there},
    },
    driver::{Call, Result, TAG_TOKEN},
};

structures! {
    Tag { "Key": key set_key, "Value": value set_value }
}

/// The tags of a bucket; `None` if there is no such bucket.
pub async fn tags(s3: &Client, bucket: &str) -> Result<Option<Vec<Tag>>> {
    let answer = s3.get_bucket_tagging().bucket(bucket).send().await;
    match answer.or_fault("s3:GetBucketTagging", CODES) {
        Err(fault) if fault.code.as_deref() == Some("NoSuchTagSet") => Ok(Some(Vec::new())),
        answer => Ok(there(answer)?.map(|answer| answer.tag_set)),
    }
}

/// Whether the intent of `call` has put them on.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}

/// The user's tags among them.
pub fn visible(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))
}

/// Tags as the SDK takes them.
pub fn list(tags: BTreeMap<String, String>, around: &Wanted<'_>) -> Result<Vec<Tag>> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build().finished(around)).collect()
}

/// Sets all tags of a bucket.
pub async fn put(s3: &Client, bucket: &str, tags: Vec<Tag>, around: &Wanted<'_>) -> Result<()> {
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().finished(around)?;
    s3.put_bucket_tagging().bucket(bucket).tagging(tagging).send().await.or_fault("s3:PutBucketTagging", CODES)?;
    Ok(())
}

/// Puts and takes tags as `change` says. All others stay; those of AWS's own may not be sent, and stay by themselves.
pub async fn retag(s3: &Client, change: &Changed<'_>) -> Result<()> {
    let tag_change = tag_change(change)?;
    if tag_change.put.is_empty() && tag_change.take.is_empty() {
        return Ok(());
    }
    let before = tags(s3, change.id()).await?.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value));
    let mut all: BTreeMap<String, String> = before.filter(|(key, _)| !key.starts_with("aws:")).collect();
    all.retain(|key, _| !tag_change.take.contains(key));
    all.extend(tag_change.put);
    if all.is_empty() {
        let request = s3.delete_bucket_tagging().bucket(change.id());
        request.send().await.or_fault("s3:DeleteBucketTagging", CODES)?;
        return Ok(());
    }
    put(s3, change.id(), list(all, &change.want)?, &change.want).await
}
