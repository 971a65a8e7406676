//! Which objects a document refers to. By what the cloud made up (an id or ARN means its object wherever it stands), and
//! by name where the property says whose name it is (`RoleName` in `AWS::IAM::RolePolicy`, `DBClusterIdentifier` in
//! `AWS::RDS::DBInstance`): AWS's schemas tag only a small part of their references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    names::type_of_id,
    object::{Location, Object, visit_texts},
    world::World,
};
use crate::{
    base::{Path, Segment},
    catalogue::ResourceType,
};

/// What a document refers to.
#[derive(Debug, Default)]
pub struct References {
    /// Numbers of live objects.
    pub targets: BTreeSet<u64>,
    /// What should exist and does not.
    pub missing: Vec<Missing>,
}

/// A reference to nothing.
#[derive(Debug)]
pub struct Missing {
    pub path: Path,
    pub value: String,
    pub type_name: String,
}

/// What properties refer to, worked out once per type and place.
pub type Meanings = BTreeMap<(String, String), Meaning>;

/// What a property refers to.
#[derive(Debug, Clone, Default)]
pub struct Meaning {
    /// Types whose names may stand here, by the property's name and by its tags.
    types: Vec<String>,
    /// One of which must exist.
    is_strict: bool,
}

/// Finds everything that `document` of type `resource` refers to, as seen from `location`.
pub fn references(world: &mut World, resource: &ResourceType, location: &Location, document: &Json) -> References {
    let mut texts = Vec::new();
    visit_texts(&Path::default(), document, &mut |path, text| texts.push((path.clone(), text.to_owned())));
    let mut found = References::default();
    for (path, text) in texts {
        let is_elsewhere = path.property().is_none_or(|property| {
            resource.tagging.as_ref().is_some_and(|tagging| tagging.property == property)
                || resource.field(&Path::key(property)).is_some_and(|field| field.is_document)
        });
        if !is_elsewhere && text.len() < 512 {
            refer(world, resource, location, (&path, &text), &mut found);
        }
    }
    found
}

fn refer(
    world: &mut World,
    resource: &ResourceType,
    location: &Location,
    (path, text): (&Path, &str),
    found: &mut References,
) {
    let missing =
        |type_name: &str| Missing { path: path.clone(), value: text.to_owned(), type_name: type_name.to_owned() };
    match world.owner_of_handle(text, location) {
        Handle::Live(number) => {
            found.targets.insert(number);
            return;
        }
        Handle::Unreachable(type_name) => return found.missing.push(missing(&type_name)),
        Handle::Unknown => {}
    }
    let meaning = meaning(world, resource, path);
    let named = meaning.types.iter().find_map(|type_name| world.by_name(type_name, location, text));
    if let Some(number) = named {
        found.targets.insert(number);
        return;
    }
    let is_external = ["arn:", "default", "alias/", "aws/", "{{resolve:"].iter().any(|start| text.starts_with(start))
        || text.contains([':', '*', '/']);
    let tagged = || resource.field(path).is_some_and(|field| !field.references.is_empty());
    if let Some(type_name) = type_of_id(text).filter(|_| meaning.is_strict || tagged()) {
        found.missing.push(missing(type_name));
    } else if meaning.is_strict && !is_external {
        found.missing.push(missing(&meaning.types[0]));
    }
}

/// What became of something that the cloud made up.
pub enum Handle {
    Live(u64),
    /// Made here once, gone now or in another region. With its type.
    Unreachable(String),
    Unknown,
}

impl World {
    /// Whose id, ARN or other made-up attribute this text is.
    fn owner_of_handle(&self, text: &str, from: &Location) -> Handle {
        let Some(numbers) = self.handles.get(text) else { return Handle::Unknown };
        let owners = || numbers.iter().filter_map(|number| self.objects.get(number));
        let is_reachable = |object: &&Object| text.starts_with("arn:") || from.sees(&object.location);
        match owners().filter(is_reachable).find(|object| self.is_live(object)) {
            Some(object) => Handle::Live(object.number),
            None => owners().next().map_or(Handle::Unknown, |object| Handle::Unreachable(object.type_name.clone())),
        }
    }

    fn by_name(&self, type_name: &str, from: &Location, name: &str) -> Option<u64> {
        let number = self.ids.get(&(type_name.to_owned(), name.to_owned()))?.iter().rev();
        let mut objects = number.filter_map(|number| self.objects.get(number));
        objects.find(|object| from.sees(&object.location) && self.is_live(object)).map(|object| object.number)
    }
}

/// The texts by which others refer to an object, all made up by the cloud.
pub fn handles(object: &Object) -> BTreeSet<String> {
    let mark = object.mark();
    let mut found = BTreeSet::new();
    visit_texts(&Path::default(), &Json::Object(object.attributes.clone()), &mut |_, text| {
        if text.to_lowercase().contains(&mark[..8]) || text.starts_with("arn:") {
            found.insert(text.to_owned());
        }
    });
    if object.id.to_lowercase().contains(&mark[..8]) {
        found.insert(object.id.clone());
    }
    found
}

/// What the property at `path` means, by its schema and by its name.
fn meaning(world: &mut World, resource: &ResourceType, path: &Path) -> Meaning {
    let Some(Segment::Key(key)) = path.0.iter().rfind(|segment| matches!(segment, Segment::Key(_))) else {
        return Meaning::default();
    };
    let place = path.to_string().split(|letter: char| letter.is_ascii_digit()).collect();
    let remembered = (resource.name.clone(), place);
    if let Some(meaning) = world.meanings.get(&remembered) {
        return meaning.clone();
    }
    let mut meaning = by_key(world, resource, key, path.0.len() == 1);
    for tag in resource.field(path).unwrap_or_default().references {
        let type_name = tag.rsplit_once('.').map_or(tag.as_str(), |(type_name, _)| type_name);
        if type_name != resource.name && !meaning.types.iter().any(|other| other == type_name) {
            meaning.types.push(type_name.to_owned());
        }
    }
    world.meanings.insert(remembered, meaning.clone());
    meaning
}

fn by_key(world: &World, resource: &ResourceType, key: &str, is_top: bool) -> Meaning {
    let mut stem = key;
    for ending in ["s", "Name", "Identifier", "Id", "ID", "Arn", "ARN"] {
        stem = stem.strip_suffix(ending).filter(|stem| !stem.is_empty()).unwrap_or(stem);
    }
    let service = resource.name.split("::").nth(1).unwrap_or_default();
    let mut meaning = Meaning::default();
    // `TargetBackupVault`, then `BackupVault`, then `Vault`; `S3BucketName` names a bucket of S3.
    let starts = stem.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()).map(|(start, _)| &stem[start..]);
    for (position, kind) in starts.enumerate() {
        for service in [service, &stem[..stem.len() - kind.len()]] {
            let Some(name) = world.type_names.get(&format!("aws::{service}::{kind}").to_lowercase()) else { continue };
            let Some(target) = world.catalogue.get(name).filter(|target| target.name != resource.name) else {
                continue;
            };
            let is_identity = target.primary_identifier == [Path::key(key)];
            meaning.is_strict |= is_top && position == 0 && is_identity;
            meaning.types.push(target.name.clone());
        }
    }
    meaning
}
