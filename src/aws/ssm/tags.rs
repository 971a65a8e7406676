//! Tags of parameters: a map in documents, a list in the API, which knows a parameter by its name.

use std::collections::BTreeMap;

use aws_sdk_ssm::{
    Client,
    types::{ResourceTypeForTagging, Tag},
};
use serde_json::{Map, Value as Json};

use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::{Codes, OrFault, found},
    },
    driver::{Call, FaultKind, Result, TAG_PREFIX},
};

/// The codes of the whole service that its endings and the common table do not tell.
pub const CODES: Codes = &[
    ("HierarchyLevelLimitExceededException", FaultKind::Invalid),
    ("HierarchyTypeMismatchException", FaultKind::Invalid),
    ("IncompatiblePolicyException", FaultKind::Invalid),
    ("InvalidResourceId", FaultKind::NotFound),
    ("ParameterPatternMismatchException", FaultKind::Invalid),
    ("PoliciesLimitExceededException", FaultKind::Invalid),
    ("TooManyTagsError", FaultKind::Invalid),
    ("TooManyUpdates", FaultKind::NotReady),
    ("UnsupportedParameterType", FaultKind::Invalid),
];

/// Where a parameter keeps its tags.
const TAGS: &str = "Tags";

/// Every tag of a create call: the user's and the owner's.
pub fn owned_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    let mut tags = want.map(TAGS)?.unwrap_or_default();
    tags.extend(call.owner.tags().map(|(key, value)| (key.to_owned(), value)));
    Ok(list(tags))
}

/// Every tag of a parameter; none if there is no such parameter.
pub async fn tags(ssm: &Client, name: &str) -> Result<BTreeMap<String, String>> {
    let request = ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    let answer = request.send().await.or_fault("ssm:ListTagsForResource", CODES).map(|answer| answer.tag_list);
    Ok(found(answer)?.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// The user's tags among those of a parameter.
pub fn visible(tags: BTreeMap<String, String>) -> Json {
    let visible = |key: &str| !key.starts_with(TAG_PREFIX) && !key.starts_with("aws:");
    let tags = tags.into_iter().filter(|(key, _)| visible(key));
    Json::Object(tags.map(|(key, value)| (key, Json::from(value))).collect::<Map<_, _>>())
}

/// Puts and takes the tags as `change` says.
pub async fn retag(ssm: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches(TAGS) {
        return Ok(());
    }
    let kind = ResourceTypeForTagging::Parameter;
    let mut put = change.want.map(TAGS)?.unwrap_or_default();
    let before = change.before.map(TAGS)?.unwrap_or_default();
    let take: Vec<String> = before.keys().filter(|key| !put.contains_key(*key)).cloned().collect();
    put.retain(|key, value| before.get(key) != Some(value));
    if !take.is_empty() {
        let request = ssm.remove_tags_from_resource().resource_type(kind.clone()).resource_id(change.id());
        let request = request.set_tag_keys(Some(take));
        request.send().await.or_fault("ssm:RemoveTagsFromResource", CODES)?;
    }
    if !put.is_empty() {
        let request = ssm.add_tags_to_resource().resource_type(kind).resource_id(change.id());
        let request = request.set_tags(Some(list(put)));
        request.send().await.or_fault("ssm:AddTagsToResource", CODES)?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
