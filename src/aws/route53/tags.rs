//! Tags of hosted zones: by calls of their own, because no create call takes them.

use std::collections::BTreeMap;

use aws_sdk_route53::{
    Client,
    types::{Tag, TagResourceType},
};
use serde_json::Value as Json;

use super::codes::CODES;
use crate::{
    aws::{
        convert::{TagChange, each, visible_tags},
        faults::OrFault,
    },
    driver::Result,
};

/// How many zones one request may name.
const MOST: usize = 10;

/// The user's tags of zones that exist, by id.
pub async fn visible(client: &Client, zones: &[&str]) -> Result<BTreeMap<String, Vec<Json>>> {
    let requests = zones.chunks(MOST).map(|zones| {
        let request = client
            .list_tags_for_resources()
            .resource_type(TagResourceType::Hostedzone)
            .set_resource_ids(Some(zones.iter().map(|zone| (*zone).to_owned()).collect()));
        async move { request.send().await.or_fault("route53:ListTagsForResources", CODES) }
    });
    let sets = each(requests).await?.into_iter().flat_map(|answer| answer.resource_tag_sets);
    let tags = sets.filter_map(|set| {
        let tags = visible_tags(set.tags().iter().map(|tag| (tag.key(), tag.value())));
        Some((set.resource_id?, tags))
    });
    Ok(tags.collect())
}

/// Puts tags on a zone and takes them off.
pub async fn change(client: &Client, zone: &str, change: TagChange) -> Result<()> {
    if change == TagChange::default() {
        return Ok(());
    }
    let tag = |(key, value): (String, String)| Tag::builder().key(key).value(value).build();
    let put: Vec<Tag> = change.put.into_iter().map(tag).collect();
    let request = client
        .change_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(zone)
        .set_add_tags(Some(put).filter(|tags| !tags.is_empty()))
        .set_remove_tag_keys(Some(change.take).filter(|keys| !keys.is_empty()));
    request.send().await.or_fault("route53:ChangeTagsForResource", CODES)?;
    Ok(())
}
