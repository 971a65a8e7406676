//! Tags as Elastic Load Balancing takes them: in the create call, and by calls of their own afterwards. The Describe calls
//! leave them out and know no filters, so an owner is looked for among the tags of what a name or key finds.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::{Client, types::Tag};
use serde_json::Value as Json;

use super::{codes::CODES, found::found};
use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change, visible_tags},
        faults::OrFault,
    },
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for a create call.
pub fn create_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(list(all_tags(call, want)?))
}

/// The user's tags of each object.
pub async fn tags_of(elb: &Client, arns: Vec<String>) -> Result<BTreeMap<String, Vec<Json>>> {
    let visible = |tags: Vec<Tag>| visible_tags(tags.iter().map(|tag| (tag.key(), tag.value())));
    Ok(all(elb, arns).await?.into_iter().map(|(arn, tags)| (arn, visible(tags))).collect())
}

/// Those of the objects that the intent of `call` has made, and those that it has not.
pub async fn by_owner(elb: &Client, arns: Vec<String>, call: &Call) -> Result<(Vec<String>, Vec<String>)> {
    let tags = all(elb, arns.clone()).await?;
    let is_ours = |arn: &String| {
        let mut tags = tags.get(arn).into_iter().flatten();
        tags.any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0))
    };
    Ok(arns.into_iter().partition(is_ours))
}

/// Puts and takes tags as `change` says.
pub async fn retag(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = elb.remove_tags().resource_arns(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("elasticloadbalancing:RemoveTags", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = elb.add_tags().resource_arns(change.id()).set_tags(Some(list(tags.put)));
        request.send().await.or_fault("elasticloadbalancing:AddTags", CODES)?;
    }
    Ok(())
}

async fn all(elb: &Client, arns: Vec<String>) -> Result<BTreeMap<String, Vec<Tag>>> {
    let describe = |arns| {
        let request = elb.describe_tags().set_resource_arns(Some(arns));
        async move {
            let answer = request.send().await.or_fault("elasticloadbalancing:DescribeTags", CODES)?;
            Ok(answer.tag_descriptions.unwrap_or_default())
        }
    };
    let described = found(arns, describe).await?;
    let described = described.into_iter().filter_map(|tags| Some((tags.resource_arn?, tags.tags.unwrap_or_default())));
    Ok(described.collect())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
