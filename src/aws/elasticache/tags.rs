//! Tags as ElastiCache takes them: in the create call, and by ARN afterwards. No Describe call reports them.

use aws_sdk_elasticache::{Client, types::Tag};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::{OrFault, found},
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for a create call.
pub fn tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags(call, want)?.into_iter().map(tag).collect())
}

/// The tags of the object with this ARN, the owner's included; none of one that is gone.
pub async fn tags_at(elasticache: &Client, arn: Option<&str>) -> Result<Vec<Tag>> {
    let Some(arn) = arn else { return Ok(Vec::new()) };
    let answer = elasticache.list_tags_for_resource().resource_name(arn).send().await;
    let tags = answer.or_fault("elasticache:ListTagsForResource", CODES).map(|answer| answer.tag_list);
    Ok(found(tags)?.unwrap_or_default())
}

/// The user's tags.
pub fn tags_of(tags: &[Tag]) -> Vec<Json> {
    visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

/// Whether the intent of `call` has made the object with this ARN.
pub async fn is_ours(elasticache: &Client, arn: Option<&str>, call: &Call) -> Result<bool> {
    let tags = tags_at(elasticache, arn).await?;
    Ok(tags.iter().any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0)))
}

/// Puts and takes tags as `change` says. Only what is not so already: a cache takes nothing else while its tags change,
/// so a change that is carried out in several attempts must not begin with them every time.
pub async fn retag(elasticache: &Client, arn: Option<&str>, change: &Changed<'_>) -> Result<()> {
    let mut tags = tag_change(change)?;
    if tags.put.is_empty() && tags.take.is_empty() {
        return Ok(());
    }
    let live = tags_at(elasticache, arn).await?;
    tags.take.retain(|key| live.iter().any(|tag| tag.key() == Some(key)));
    tags.put.retain(|key, value| !live.iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value)));
    if !tags.take.is_empty() {
        let request = elasticache.remove_tags_from_resource().set_resource_name(arn.map(str::to_owned));
        let request = request.set_tag_keys(Some(tags.take));
        request.send().await.or_fault("elasticache:RemoveTagsFromResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = elasticache.add_tags_to_resource().set_resource_name(arn.map(str::to_owned));
        let request = request.set_tags(Some(tags.put.into_iter().map(tag).collect()));
        request.send().await.or_fault("elasticache:AddTagsToResource", CODES)?;
    }
    Ok(())
}

fn tag((key, value): (String, String)) -> Tag {
    Tag::builder().key(key).value(value).build()
}
