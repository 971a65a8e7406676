//! Documents as Cloud Control takes and shows them: they are CloudFormation's already, as text.

use serde_json::{Value as Json, json};

use crate::{base::Doc, catalogue::ResourceType, driver::Change};

/// The document in an answer.
pub fn parsed(properties: Option<&str>) -> Option<Doc> {
    match serde_json::from_str(properties?) {
        Ok(Json::Object(properties)) => Some(Doc(properties)),
        _ => None,
    }
}

/// The change as JSON Patch (RFC 6902), property by property. `add` also replaces. What is never reported has to come along
/// in every update, or it would be lost.
/// (<https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html>)
pub fn patch(kind: &ResourceType, change: &Change, owner_tags: Option<&Json>) -> Vec<Json> {
    let is_write_only = |name: &str| kind.write_only.iter().any(|path| path.property() == Some(name));
    let tags = kind.tagging.as_ref().map(|tagging| tagging.property.as_str());
    let sent = change.want.0.iter().filter(|(name, _)| change.touches(name) || is_write_only(name));
    let mut patch: Vec<Json> = sent
        .map(|(name, value)| {
            let owner_tags = owner_tags.filter(|_| Some(name.as_str()) == tags);
            json!({"op": "add", "path": format!("/{name}"), "value": joined(value, owner_tags)})
        })
        .collect();
    let taken = change.before.0.keys().filter(|name| !change.want.0.contains_key(*name) && change.touches(name));
    patch.extend(taken.map(|name| match owner_tags.filter(|_| Some(name.as_str()) == tags) {
        Some(owner_tags) => json!({"op": "add", "path": format!("/{name}"), "value": owner_tags}),
        None => json!({"op": "remove", "path": format!("/{name}")}),
    }));
    let is_only_carried = patch.iter().all(|operation| {
        let name = operation["path"].as_str().unwrap_or_default().trim_start_matches('/');
        !change.touches(name)
    });
    if is_only_carried { Vec::new() } else { patch }
}

/// Two lists, or two maps, as one.
pub fn joined(value: &Json, more: Option<&Json>) -> Json {
    match (value, more) {
        (Json::Array(value), Some(Json::Array(more))) => value.iter().chain(more).cloned().collect(),
        (Json::Object(value), Some(Json::Object(more))) => {
            Json::Object(value.iter().chain(more).map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Path, PhysicalId},
        catalogue::Catalogue,
    };

    fn change(before: Json, want: Json, touched: &[&str]) -> Change {
        let paths = touched.iter().map(|name| Path::key(*name)).collect();
        Change { id: PhysicalId("id".to_owned()), before: before.into(), want: want.into(), paths }
    }

    #[test]
    fn a_patch_names_what_changes_and_what_is_never_reported() {
        let kind = Catalogue::embedded().get("AWS::SecretsManager::Secret").unwrap();
        let before = json!({"Name": "n", "Description": "old", "KmsKeyId": "k"});
        let want = json!({"Name": "n", "Description": "new", "SecretString": "s"});
        let change = change(before, want, &["Description", "KmsKeyId"]);
        let expected = [
            json!({"op": "add", "path": "/Description", "value": "new"}),
            json!({"op": "add", "path": "/SecretString", "value": "s"}),
            json!({"op": "remove", "path": "/KmsKeyId"}),
        ];
        assert_eq!(patch(&kind, &change, None), expected);
    }

    #[test]
    fn owner_tags_stay_through_every_change_of_tags() {
        let kind = Catalogue::embedded().get("AWS::SecretsManager::Secret").unwrap();
        let owner = json!([{"Key": "provision:stack", "Value": "s"}]);
        let mine = json!([{"Key": "Name", "Value": "n"}]);
        let added = change(json!({}), json!({"Tags": mine}), &["Tags"]);
        let both = json!([{"Key": "Name", "Value": "n"}, {"Key": "provision:stack", "Value": "s"}]);
        assert_eq!(patch(&kind, &added, Some(&owner)), [json!({"op": "add", "path": "/Tags", "value": both})]);
        let taken = change(json!({"Tags": mine}), json!({}), &["Tags"]);
        assert_eq!(patch(&kind, &taken, Some(&owner)), [json!({"op": "add", "path": "/Tags", "value": owner})]);
    }

    #[test]
    fn nothing_is_sent_where_nothing_changes() {
        let kind = Catalogue::embedded().get("AWS::SecretsManager::Secret").unwrap();
        assert!(patch(&kind, &change(json!({}), json!({"SecretString": "s"}), &[]), None).is_empty());
    }
}
