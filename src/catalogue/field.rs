//! What a place in a type takes, for whoever asks about one place: the planner, the expression checker, listings.

use serde_json::Value as Json;

use super::{
    node::{Kind, Node},
    resource_type::ResourceType,
};
use crate::base::{Path, Segment};

/// What a place in a type takes.
#[derive(Debug, Clone, Default)]
pub struct Field {
    /// JSON Schema type names; empty means anything.
    pub kinds: Vec<String>,
    pub required: bool,
    pub enumeration: Vec<Json>,
    pub pattern: Option<String>,
    /// What a reference here must mean: `AWS::EC2::VPC.Id` (several where AWS takes several).
    pub references: Vec<String>,
    /// The order of the list says nothing.
    pub unordered: bool,
    /// A JSON document that may also be given as text (a policy).
    pub is_document: bool,
    pub default: Option<Json>,
    /// Names of the properties below, if it is an object with fixed ones.
    pub properties: Vec<String>,
}

impl ResourceType {
    /// What the place takes; `None` if the type has no such place. References are followed, `oneOf` and `anyOf` united.
    pub fn field(&self, path: &Path) -> Option<Field> {
        let nodes = self.nodes.at(path);
        if nodes.is_empty() {
            return None;
        }
        let kinds: Vec<Kind> = collect(nodes.iter().flat_map(|node| node.kinds.iter().copied()));
        let mut references = self.references_at(path, &nodes);
        if references.is_empty() && kinds.contains(&Kind::Array) {
            // A list's `….Ids` may be told of the list or of its items; whoever asks for either wants to know.
            let items = self.nodes.below(&nodes, &Segment::Index(0));
            references = self.references_at(&path.join(Segment::Index(0)), &items);
        }
        Some(Field {
            kinds: kinds.iter().map(|kind| kind.name().to_owned()).collect(),
            required: self.is_required(path),
            enumeration: collect_json(&nodes),
            pattern: nodes.iter().find_map(|node| Some(node.pattern.as_ref()?.text.clone())),
            references,
            unordered: self.is_unordered(path, &nodes),
            is_document: is_document(&nodes),
            default: nodes.iter().find_map(|node| node.default.clone()),
            properties: collect(nodes.iter().flat_map(|node| node.properties.keys().cloned())),
        })
    }

    fn is_required(&self, path: &Path) -> bool {
        let Some((Segment::Key(key), above)) = path.0.split_last() else { return false };
        let parents = self.nodes.at(&Path(above.to_vec()));
        parents.first().is_some_and(|parent| parent.required.contains(key))
    }

    /// The formats that name what a reference at this place must mean.
    pub(super) fn references_at(&self, path: &Path, nodes: &[&Node]) -> Vec<String> {
        let tagged = nodes.iter().flat_map(|node| &node.format).filter(|format| format.contains("::")).cloned();
        let pattern = Self::pattern_of(path);
        let noted =
            self.references.iter().filter(|(place, _)| *place == pattern).flat_map(|(_, formats)| formats.clone());
        let mut found = collect(tagged.chain(noted));
        if let Some(Segment::Index(_) | Segment::Each) = path.0.last() {
            let above = Path(path.0[..path.0.len() - 1].to_vec());
            let parents = self.nodes.at(&above);
            found.extend(parents.iter().flat_map(|node| &node.format).filter(|format| format.contains("::")).cloned());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether the order of the list at this place says nothing: AWS says so, or it is the list of tags, or one of
    /// security groups or subnets, which AWS returns in any order.
    pub(super) fn is_unordered(&self, path: &Path, nodes: &[&Node]) -> bool {
        let is_tags = || self.tagging.as_ref().is_some_and(|tagging| *path == Path::key(&tagging.property));
        let of_ids = |node: &&Node| {
            let items = node.items.map(|id| self.nodes.get(id));
            let mut formats = node.format.iter().chain(items.into_iter().flat_map(|items| &items.format));
            formats
                .any(|format| format.starts_with("AWS::EC2::SecurityGroup.") || format.starts_with("AWS::EC2::Subnet."))
        };
        let pattern = Self::pattern_of(path);
        if self.ordered.contains(&pattern) {
            return false;
        }
        self.unordered.contains(&pattern)
            || nodes.iter().any(|node| node.unordered)
            || is_tags()
            || nodes.iter().any(of_ids)
    }
}

/// Whether the place takes a JSON document that may also be given as text.
pub(super) fn is_document(nodes: &[&Node]) -> bool {
    let any = |kind| nodes.iter().any(|node| node.kinds.contains(&kind));
    let fixed = nodes.iter().any(|node| !node.properties.is_empty());
    nodes.iter().any(|node| node.format.iter().any(|format| format == "json"))
        || (any(Kind::Object) && any(Kind::String) && !fixed)
}

fn collect<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut found: Vec<T> = items.collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn collect_json(nodes: &[&Node]) -> Vec<Json> {
    let mut found: Vec<Json> = Vec::new();
    for value in nodes.iter().flat_map(|node| &node.enumeration) {
        if !found.contains(value) {
            found.push(value.clone());
        }
    }
    found
}
