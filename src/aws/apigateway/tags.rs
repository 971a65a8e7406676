//! Tags as API Gateway takes and reports them: maps, on the ARNs of APIs and stages.

use aws_sdk_apigateway::Client;
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        Clients,
        convert::{Changed, tag_change, visible_tags},
        faults::OrFault,
    },
    base::Place,
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags.
pub fn visible<'a>(tags: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<Json> {
    visible_tags(tags.map(|(key, value)| (Some(key.as_str()), Some(value.as_str()))))
}

/// Whether the intent of `call` has put them on.
pub fn are_ours<'a>(mut tags: impl Iterator<Item = (&'a String, &'a String)>, call: &Call) -> bool {
    tags.any(|(key, value)| key == TAG_TOKEN && *value == call.token().0)
}

/// The ARN of what has this path: it names no account.
pub async fn arn(aws: &Clients, place: &Place, path: &str) -> Result<String> {
    let partition = aws.identity(place).await?.partition;
    Ok(format!("arn:{partition}:apigateway:{}::{path}", place.region))
}

/// Puts and takes tags as `change` says, on the object `arn`.
pub async fn retag(client: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("apigateway:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("apigateway:TagResource", CODES)?;
    }
    Ok(())
}
