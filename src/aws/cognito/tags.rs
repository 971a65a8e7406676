//! Tags as Cognito takes them: a map.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::{Client, types::UserPoolType};
use serde_json::{Map, Value as Json};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::OrFault,
    },
    driver::{Call, Result, TAG_PREFIX, TAG_TOKEN},
};

/// Where a pool keeps the user's tags.
pub const PROPERTY: &str = "UserPoolTags";

/// Every tag of a create call: the user's and the owner's.
pub fn all_tags(call: &Call, want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let mut tags = want.map(PROPERTY)?.unwrap_or_default();
    tags.extend(call.owner.tags().map(|(key, value)| (key.to_owned(), value)));
    Ok(tags)
}

/// The tags that a pool has and that may be written.
pub fn present(pool: &UserPoolType) -> BTreeMap<String, String> {
    let tags = pool.user_pool_tags().into_iter().flatten();
    let tags = tags.filter(|(key, _)| !key.starts_with("aws:"));
    tags.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The user's tags among those of a pool.
pub fn visible(pool: &UserPoolType) -> Json {
    let tags = present(pool).into_iter().filter(|(key, _)| !key.starts_with(TAG_PREFIX));
    Json::Object(tags.map(|(key, value)| (key, Json::from(value))).collect::<Map<_, _>>())
}

/// Whether the intent of `call` has made the pool.
pub fn is_ours(pool: &UserPoolType, call: &Call) -> bool {
    pool.user_pool_tags().and_then(|tags| tags.get(TAG_TOKEN)) == Some(&call.token().0)
}

/// Puts and takes tags as `change` says, on the pool `arn`.
pub async fn retag(client: &Client, change: &Changed<'_>, arn: &str) -> Result<()> {
    if !change.touches(PROPERTY) {
        return Ok(());
    }
    let mut put = change.want.map(PROPERTY)?.unwrap_or_default();
    let before = change.before.map(PROPERTY)?.unwrap_or_default();
    let take: Vec<String> = before.keys().filter(|key| !put.contains_key(*key)).cloned().collect();
    put.retain(|key, value| before.get(key) != Some(value));
    if !take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_keys(Some(take));
        request.send().await.or_fault("cognito-idp:UntagResource", CODES)?;
    }
    if !put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(put.into_iter().collect()));
        request.send().await.or_fault("cognito-idp:TagResource", CODES)?;
    }
    Ok(())
}
