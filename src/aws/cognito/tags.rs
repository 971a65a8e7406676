//! Tags as Cognito takes them: a map.

use std::collections::BTreeMap;

use aws_sdk_cognitoidentityprovider::{Client, types::UserPoolType};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, tag_change_in},
        faults::OrFault,
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// Where a pool keeps the user's tags.
pub const PROPERTY: &str = "UserPoolTags";

/// The tags that a pool has and that may be written.
pub fn present(pool: &UserPoolType) -> BTreeMap<String, String> {
    let tags = pool.user_pool_tags().into_iter().flatten();
    let tags = tags.filter(|(key, _)| !key.starts_with("aws:"));
    tags.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Whether the intent of `call` has made the pool.
pub fn is_ours(pool: &UserPoolType, call: &Call) -> bool {
    pool.user_pool_tags().and_then(|tags| tags.get(TAG_TOKEN)) == Some(&call.token().0)
}

/// Puts and takes tags as `change` says, on the pool `arn`.
pub async fn retag(client: &Client, change: &Changed<'_>, arn: &str) -> Result<()> {
    let tags = tag_change_in(PROPERTY, change)?;
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("cognito-idp:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("cognito-idp:TagResource", CODES)?;
    }
    Ok(())
}
