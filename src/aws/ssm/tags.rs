//! Tags of parameters: a map in documents, a list in the API, which knows a parameter by its name.

use std::collections::BTreeMap;

use aws_sdk_ssm::{
    Client,
    types::{ResourceTypeForTagging, Tag},
};

use crate::{
    aws::{
        convert::{Changed, Wanted, all_tags, tag_change},
        faults::{Codes, OrFault, found},
    },
    driver::{Call, FaultKind, Result},
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

/// Every tag of a create call: the user's and the owner's.
pub fn owned_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(list(all_tags(call, want)?))
}

/// Every tag of a parameter; none if there is no such parameter.
pub async fn tags(ssm: &Client, name: &str) -> Result<BTreeMap<String, String>> {
    let request = ssm.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    let answer = request.send().await.or_fault("ssm:ListTagsForResource", CODES).map(|answer| answer.tag_list);
    Ok(found(answer)?.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Puts and takes the tags as `change` says.
pub async fn retag(ssm: &Client, change: &Changed<'_>) -> Result<()> {
    let (kind, tags) = (ResourceTypeForTagging::Parameter, tag_change(change)?);
    if !tags.take.is_empty() {
        let request = ssm.remove_tags_from_resource().resource_type(kind.clone()).resource_id(change.id());
        let request = request.set_tag_keys(Some(tags.take));
        request.send().await.or_fault("ssm:RemoveTagsFromResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let request = ssm.add_tags_to_resource().resource_type(kind).resource_id(change.id());
        let request = request.set_tags(Some(list(tags.put)));
        request.send().await.or_fault("ssm:AddTagsToResource", CODES)?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}
