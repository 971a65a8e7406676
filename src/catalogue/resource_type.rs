//! One resource type: what AWS publishes about it, joined with what stands in the overlay.

use std::{collections::BTreeMap, time::Duration};

use super::{
    field::Field,
    format::{Facts, HandlerFacts, TransformKind},
    node::Nodes,
    overlay::{Notes, Overlay},
};
use crate::base::{Doc, Path, PhysicalId, Segment};

/// What AWS allows a handler if its schema does not say: CloudFormation's own default.
const USUAL_TIMEOUT: Duration = Duration::from_secs(120 * 60);

/// One resource type.
#[derive(Debug)]
pub struct ResourceType {
    pub name: String,
    /// A change at these paths replaces the object.
    pub create_only: Vec<Path>,
    /// A change at these paths may replace the object; the driver's type overlay says when, else it does not.
    pub conditional_create_only: Vec<Path>,
    /// Attributes: what AWS reports and nobody can set.
    pub read_only: Vec<Path>,
    /// What can be set and is never reported.
    pub write_only: Vec<Path>,
    /// What of it may be a secret, and so is recorded as a digest only. The rest is needed again: to find the object after a
    /// lost answer, or to delete it.
    pub secrets: Vec<Path>,
    /// What AWS wants nobody to set any more.
    pub deprecated: Vec<Path>,
    /// The properties that make up the physical id, in order.
    pub primary_identifier: Vec<Path>,
    /// Other properties by which AWS finds the object.
    pub additional_identifiers: Vec<Vec<Path>>,
    pub tagging: Option<Tagging>,
    /// A new object of this type can only be made once the old one is gone, says AWS.
    pub delete_first: bool,
    /// `sunset`, `maintenance` or `shutdown`, if AWS is ending the service.
    pub sunset: Option<String>,
    pub overlay: Overlay,
    pub(super) nodes: Nodes,
    /// References that AWS's schema does not tag: place and formats.
    pub(super) references: Vec<(Path, Vec<String>)>,
    /// Lists whose order counts, although AWS's schema reads as if it did not.
    pub(super) ordered: Vec<Path>,
    /// Lists whose order says nothing, although AWS's schema reads as if it did.
    pub(super) unordered: Vec<Path>,
    /// Lists that name only some items: what else AWS reports in them is its own.
    pub partial: Vec<Path>,
    pub(super) transforms: Vec<(Path, TransformKind, String)>,
    handlers: BTreeMap<String, HandlerFacts>,
    /// Places that AWS names and the type does not have.
    #[cfg(test)]
    pub(super) unresolved: Vec<String>,
}

/// How a type takes tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagging {
    /// The property: mostly `Tags`.
    pub property: String,
    pub shape: TagShape,
    /// Whether tags can be changed on an existing object.
    pub updatable: bool,
}

/// How tags are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagShape {
    /// `[{Key: …, Value: …}]`
    List,
    /// `{key: value}`
    Map,
}

/// A handler of a type: what is done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handler {
    Create,
    Read,
    Update,
    Delete,
    List,
}

impl Handler {
    fn name(self) -> &'static str {
        match self {
            Handler::Create => "create",
            Handler::Read => "read",
            Handler::Update => "update",
            Handler::Delete => "delete",
            Handler::List => "list",
        }
    }
}

impl ResourceType {
    pub(super) fn new(name: &str, facts: Facts, nodes: Nodes, notes: Notes) -> Self {
        let paths =
            |pointers: &[String]| pointers.iter().map(|pointer| Path::from_pointer(pointer)).collect::<Vec<_>>();
        let tagging = facts.tagging.map(|told| Tagging {
            property: told.property,
            shape: if told.shape == "map" { TagShape::Map } else { TagShape::List },
            updatable: told.updatable,
        });
        let transforms = facts.transforms.into_iter();
        let mut resource_type = ResourceType {
            name: name.to_owned(),
            create_only: [paths(&facts.create_only), notes.create_only].concat(),
            conditional_create_only: paths(&facts.conditional_create_only),
            read_only: paths(&facts.read_only),
            write_only: paths(&facts.write_only),
            secrets: Vec::new(),
            deprecated: paths(&facts.deprecated),
            primary_identifier: paths(&facts.primary_identifier),
            additional_identifiers: facts.additional_identifiers.iter().map(|group| paths(group)).collect(),
            tagging,
            delete_first: facts.delete_first || notes.delete_first,
            sunset: Some(facts.sunset).filter(|status| !status.is_empty()),
            overlay: notes.overlay,
            nodes,
            references: notes.references,
            ordered: notes.ordered,
            unordered: notes.unordered,
            partial: notes.partial,
            transforms: transforms.map(|(pointer, kind, with)| (Path::from_pointer(&pointer), kind, with)).collect(),
            handlers: facts.handlers,
            #[cfg(test)]
            unresolved: facts.unresolved,
        };
        let write_only = resource_type.write_only.iter();
        let is_secret = |path: &&Path| {
            resource_type.may_be_secret(path) && !notes.not_secret.iter().any(|known| known.covers(path))
        };
        resource_type.secrets = write_only.filter(is_secret).cloned().collect();
        resource_type
    }

    /// Whether a place that AWS never reports may hold a secret: not a number, a flag, one of a few words, what refers to
    /// another object, or what tells objects apart.
    fn may_be_secret(&self, path: &Path) -> bool {
        let tells_apart = |group: &Vec<Path>| group.contains(path);
        let is_plain = |kind: &String| ["boolean", "integer", "number"].contains(&kind.as_str());
        let is_harmless = |field: Field| {
            !field.references.is_empty()
                || !field.enumeration.is_empty()
                || (!field.kinds.is_empty() && field.kinds.iter().all(is_plain))
        };
        !self.overlay.collides_on.iter().any(tells_apart) && !self.field(path).is_some_and(is_harmless)
    }

    /// What an object with these properties is called; `None` if they do not give all of its identifier.
    pub fn identity(&self, document: &Doc) -> Option<PhysicalId> {
        let parts: Option<Vec<&str>> =
            self.primary_identifier.iter().map(|path| document.text(path.property()?)).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| PhysicalId(parts.join("|")))
    }

    /// The attributes among the properties of an object.
    pub fn attributes_of(&self, document: &Doc) -> Doc {
        let mut attributes = document.clone();
        attributes.0.retain(|key, _| self.read_only.iter().any(|path| path.property() == Some(key)));
        attributes
    }

    /// The top-level properties, sorted, read-only ones included.
    pub fn property_names(&self) -> Vec<&str> {
        let nodes = self.nodes.with_branches(self.nodes.root());
        let mut names: Vec<&str> = nodes.iter().flat_map(|node| node.properties.keys().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether a change at this path replaces the object.
    pub fn replaces(&self, path: &Path) -> bool {
        self.create_only.iter().any(|pattern| pattern.overlaps(path))
    }

    /// Whether the place is never reported by AWS.
    pub fn is_write_only(&self, path: &Path) -> bool {
        self.write_only.iter().any(|pattern| pattern.covers(path))
    }

    /// Whether the list at this place names only some items: what else AWS reports in it is its own.
    pub fn is_partial(&self, path: &Path) -> bool {
        self.partial.contains(&Self::pattern_of(path))
    }

    /// Whether the place is an attribute: reported by AWS, never set by a stack.
    pub fn is_read_only(&self, path: &Path) -> bool {
        let within = |list: &[Path]| list.iter().any(|pattern| pattern.covers(path));
        within(&self.read_only) && !within(&self.create_only) && !within(&self.write_only)
    }

    /// The IAM actions a handler needs, for the help of a denied call.
    pub fn permissions(&self, handler: Handler) -> &[String] {
        self.handlers.get(handler.name()).map_or(&[], |facts| &facts.permissions)
    }

    /// Whether AWS publishes such a handler: a type without a `list` handler cannot be listed, one without an `update`
    /// handler cannot be changed. Types that AWS has not yet described this way have none at all.
    pub fn has_handler(&self, handler: Handler) -> bool {
        self.handlers.contains_key(handler.name())
    }

    /// How long a handler may take before it counts as failed.
    pub fn timeout(&self, handler: Handler) -> Duration {
        let minutes = self.handlers.get(handler.name()).map_or(0, |facts| facts.minutes);
        if minutes == 0 { USUAL_TIMEOUT } else { Duration::from_secs(minutes * 60) }
    }

    /// What a reference to this type alone (`${vpc}` where an id is expected) or its format tag means: the attribute
    /// named by the last part of `AWS::EC2::VPC.Id`, under its property name (`VpcId`).
    pub fn attribute_for_format(&self, format: &str) -> Option<&str> {
        let (type_name, part) = format.rsplit_once('.')?;
        if type_name != self.name {
            return None;
        }
        let part = if matches!(part, "Ids" | "Names" | "Arns") { part.trim_end_matches('s') } else { part };
        let noun = self.name.rsplit("::").next().unwrap_or_default();
        let names = self.property_names();
        let named = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted)).copied();
        // `AWS::EC2::SecurityGroup.Id` is a group's id, although that type also has an `Id` that may be its name.
        let tail = noun.rfind(|c: char| c.is_ascii_uppercase()).map_or(noun, |start| &noun[start..]);
        let long = named(&format!("{noun}{part}")).or_else(|| named(&format!("{tail}{part}")));
        let short = named(part);
        let by_identifier = || match self.primary_identifier.as_slice() {
            [only] if part == "Id" => only.property(),
            _ => None,
        };
        if part == "Id" { long.or(short).or_else(by_identifier) } else { short.or(long) }
    }

    /// Every place that AWS names in a list of paths, with the list's name.
    #[cfg(test)]
    pub(super) fn named_paths(&self) -> Vec<(&'static str, &Path)> {
        let lists = [
            ("create_only", &self.create_only),
            ("conditional_create_only", &self.conditional_create_only),
            ("read_only", &self.read_only),
            ("write_only", &self.write_only),
            ("deprecated", &self.deprecated),
            ("primary_identifier", &self.primary_identifier),
            ("partial", &self.partial),
        ];
        lists.into_iter().flat_map(|(name, paths)| paths.iter().map(move |path| (name, path))).collect()
    }

    /// The settable or readable place as a pattern: indices become [`Segment::Each`].
    pub(super) fn pattern_of(path: &Path) -> Path {
        let each = |segment: &Segment| match segment {
            Segment::Index(_) => Segment::Each,
            other => other.clone(),
        };
        Path(path.0.iter().map(each).collect())
    }
}
