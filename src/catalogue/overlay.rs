//! Facts that AWS does not publish, from `data/overlay.yaml`.
//!
//! The file is embedded as it is. At start only its top-level lines are looked at; the block of a type is parsed when
//! that type is decoded. So a fact is added by editing one line, with no build step, and costs nothing until it is asked for.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::base::{Doc, Path};

static TEXT: &str = include_str!("data/overlay.yaml");

/// How long anything takes of which nothing is said.
const USUAL: Duration = Duration::from_secs(5);

/// Facts that AWS does not publish, by hand.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// Losing the object loses data: database, file system, key, bucket, table, user pool.
    pub holds_data: bool,
    /// What stays behind after a delete: "pending deletion for 7 to 30 days".
    pub residue: Option<String>,
    /// A final snapshot can be taken before a delete.
    pub can_snapshot: bool,
    /// The property by which AWS itself refuses to delete the object.
    pub guarded_by: Option<Guard>,
    /// The property that names the object and must be unique, with its rules.
    pub name: Option<NameRule>,
    /// Natural keys: two objects with the same values at all of these places collide
    /// (a route: `RouteTableId`, `DestinationCidrBlock`). A replacement must then delete first.
    pub collides_on: Vec<Vec<Path>>,
    /// Types for which a reference from this type needs only *created*.
    pub needs_only_created: Vec<String>,
    pub usual_create: Duration,
    pub usual_update: Duration,
    pub usual_delete: Duration,
}

/// AWS's own protection against a delete.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    pub property: String,
    /// What the property is, or one item of the list that it is, while the object cannot be deleted.
    pub on: Json,
    /// The same while it can.
    pub off: Json,
}

impl Guard {
    /// The document with the protection off; `None` if it is not on.
    pub fn lifted(&self, document: &Doc) -> Option<Doc> {
        let mut lifted = document.clone();
        match lifted.0.get_mut(&self.property)? {
            Json::Array(items) => *items.iter_mut().find(|item| **item == self.on)? = self.off.clone(),
            value if *value == self.on => *value = self.off.clone(),
            _ => return None,
        }
        Some(lifted)
    }
}

/// Rules of a name that the engine may have to make up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameRule {
    pub property: String,
    pub max_length: usize,
    /// Only lower-case letters.
    pub lowercase: bool,
    /// Characters allowed beside letters and digits: `-_/.`.
    pub extra: String,
    /// AWS makes up a name itself if none is given; the engine still does, so that it can find the object again.
    pub required: bool,
    /// The name must begin with a letter.
    pub letter_first: bool,
}

/// The overlay of a type, with what only the catalogue itself needs.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub overlay: Overlay,
    /// References that AWS's schema does not tag.
    pub references: Vec<(Path, Vec<String>)>,
    /// Lists whose order counts, although AWS's schema reads as if it did not.
    pub ordered: Vec<Path>,
    /// Lists whose order says nothing, although AWS's schema reads as if it did.
    pub unordered: Vec<Path>,
    /// Lists that name only some items: what else AWS reports in them is its own.
    pub partial: Vec<Path>,
    /// What cannot be changed on an existing object, although AWS's schema does not say so.
    pub create_only: Vec<Path>,
    pub delete_first: bool,
    /// What AWS does not report and may be kept all the same, because it is no secret.
    pub not_secret: Vec<Path>,
}

/// All overlays, unparsed.
pub(super) struct Overlays {
    blocks: BTreeMap<&'static str, &'static str>,
}

/// A block of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Block {
    holds_data: bool,
    residue: Option<String>,
    can_snapshot: bool,
    guarded_by: Option<Guard>,
    name: Option<NameBlock>,
    collides_on: Vec<Vec<Path>>,
    delete_first: bool,
    needs_only_created: Vec<String>,
    references: BTreeMap<Path, Vec<String>>,
    ordered: Vec<Path>,
    unordered: Vec<Path>,
    partial: Vec<Path>,
    create_only: Vec<Path>,
    not_secret: Vec<Path>,
    /// Seconds for create, update and delete.
    usual: Option<[u64; 3]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NameBlock {
    property: String,
    max: usize,
    #[serde(default)]
    extra: String,
    #[serde(default)]
    lowercase: bool,
    #[serde(default)]
    letter_first: bool,
    #[serde(default)]
    required: bool,
}

impl Overlays {
    /// The overlays inside this binary.
    pub fn embedded() -> Self {
        Self::split(TEXT)
    }

    fn split(text: &'static str) -> Self {
        let mut blocks = BTreeMap::new();
        let (mut rest, mut name) = (text, None);
        while !rest.is_empty() {
            let end = next_head(rest);
            let (block, later) = rest.split_at(end);
            if let Some(name) = name {
                blocks.insert(name, block);
            }
            let line = later.lines().next().unwrap_or_default();
            name = line.strip_suffix(':');
            rest = later.get(line.len() + 1..).unwrap_or_default();
        }
        Overlays { blocks }
    }

    /// What the file says about a type, defaults where it says nothing.
    pub fn get(&self, name: &str) -> Notes {
        let block = self.blocks.get(name).map(|text| parse(text));
        block.and_then(Result::ok).unwrap_or_default().into()
    }

    /// The types the file names.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.blocks.keys().copied()
    }

    /// Why a block cannot be read.
    #[cfg(test)]
    pub fn error(&self, name: &str) -> Option<String> {
        self.blocks.get(name).and_then(|text| parse(text).err()).map(|error| error.to_string())
    }
}

/// A block is a mapping; an empty one says nothing.
fn parse(text: &str) -> Result<Block, serde_yaml::Error> {
    serde_yaml::from_str::<Option<Block>>(text).map(Option::unwrap_or_default)
}

/// Where the next line starts that is neither indented, nor empty, nor a comment.
fn next_head(text: &str) -> usize {
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with([' ', '#', '\n', '\r']) {
            return position;
        }
        position += line.len();
    }
    position
}

impl From<Block> for Notes {
    fn from(block: Block) -> Self {
        let usual = block.usual.map(|seconds| seconds.map(Duration::from_secs)).unwrap_or([USUAL; 3]);
        let name = block.name.map(|rule| NameRule {
            property: rule.property,
            max_length: rule.max,
            lowercase: rule.lowercase,
            extra: rule.extra,
            required: rule.required,
            letter_first: rule.letter_first,
        });
        Notes {
            overlay: Overlay {
                holds_data: block.holds_data,
                residue: block.residue,
                can_snapshot: block.can_snapshot,
                guarded_by: block.guarded_by,
                name,
                collides_on: block.collides_on,
                needs_only_created: block.needs_only_created,
                usual_create: usual[0],
                usual_update: usual[1],
                usual_delete: usual[2],
            },
            references: block.references.into_iter().collect(),
            ordered: block.ordered,
            unordered: block.unordered,
            partial: block.partial,
            create_only: block.create_only,
            delete_first: block.delete_first,
            not_secret: block.not_secret,
        }
    }
}
