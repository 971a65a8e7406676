//! One place of a type: a small JSON Schema whose sub-schemas are indices into the type's list of nodes.
//!
//! A type is a graph rather than a tree: equal places are stored once, and some (a WAF statement) contain themselves.

use std::{collections::BTreeMap, fmt, sync::OnceLock};

use regex::Regex;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value as Json;

use crate::base::{Path, Segment};

/// The position of a node in its type.
pub(super) type NodeId = u32;

/// A place of a type. The names are JSON Schema's and AWS's.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Node {
    #[serde(rename = "type")]
    pub kinds: Vec<Kind>,
    pub properties: BTreeMap<String, NodeId>,
    #[serde(deserialize_with = "patterned")]
    pub pattern_properties: Vec<(Pattern, NodeId)>,
    /// What any other key takes.
    pub additional: Option<NodeId>,
    /// No key may stand here but the named ones.
    pub closed: bool,
    pub items: Option<NodeId>,
    pub required: Vec<String>,
    #[serde(rename = "enum")]
    pub enumeration: Vec<Json>,
    /// The enumeration counts in any case.
    pub any_case: bool,
    pub pattern: Option<Pattern>,
    pub format: Vec<String>,
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    pub min_items: Option<u64>,
    pub max_items: Option<u64>,
    pub min_properties: Option<u64>,
    pub max_properties: Option<u64>,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub exclusive_minimum: Option<f64>,
    pub exclusive_maximum: Option<f64>,
    pub multiple_of: Option<f64>,
    pub unique: bool,
    /// Keys of which no two items may have the same values.
    pub unique_keys: Vec<String>,
    pub unordered: bool,
    pub default: Option<Json>,
    pub one_of: Vec<NodeId>,
    pub any_of: Vec<NodeId>,
    pub all_of: Vec<NodeId>,
    pub not: Option<NodeId>,
    #[serde(rename = "if")]
    pub condition: Option<NodeId>,
    pub then: Option<NodeId>,
    #[serde(rename = "else")]
    pub otherwise: Option<NodeId>,
    /// Exactly one of these properties.
    pub required_xor: Vec<String>,
    /// At least one of these properties.
    pub required_or: Vec<String>,
    pub dependent_required: BTreeMap<String, Vec<String>>,
    pub dependent_excluded: BTreeMap<String, Vec<String>>,
}

/// A JSON Schema type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Array,
    Boolean,
    Integer,
    Null,
    Number,
    Object,
    String,
}

impl Kind {
    /// JSON Schema's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Array => "array",
            Kind::Boolean => "boolean",
            Kind::Integer => "integer",
            Kind::Null => "null",
            Kind::Number => "number",
            Kind::Object => "object",
            Kind::String => "string",
        }
    }
}

/// A regular expression, compiled when it is first needed.
pub(super) struct Pattern {
    pub text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Whether the text matches; also true if the expression is one that we cannot read.
    pub fn matches(&self, text: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(text))
    }

    /// Whether it is one that we can read.
    #[cfg(test)]
    pub fn compiles(&self) -> bool {
        self.regex().is_some()
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || regex::RegexBuilder::new(&self.text).size_limit(1 << 20).build().ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Pattern { text: String::deserialize(deserializer)?, compiled: OnceLock::new() })
    }
}

fn patterned<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(Pattern, NodeId)>, D::Error> {
    let map = BTreeMap::<String, NodeId>::deserialize(deserializer).map_err(de::Error::custom)?;
    Ok(map.into_iter().map(|(text, node)| (Pattern { text, compiled: OnceLock::new() }, node)).collect())
}

impl Node {
    /// The nodes that say more about the same place.
    pub fn branches(&self) -> impl Iterator<Item = NodeId> + '_ {
        let single = [self.then, self.otherwise].into_iter().flatten();
        self.all_of.iter().chain(&self.any_of).chain(&self.one_of).copied().chain(single)
    }

    /// The node that a key leads to, branches aside.
    pub fn child(&self, key: &str) -> Option<NodeId> {
        let named = self.properties.get(key).copied();
        let by_pattern = || self.pattern_properties.iter().find(|(pattern, _)| pattern.matches(key)).map(|(_, id)| *id);
        named.or_else(by_pattern).or(self.additional)
    }

    /// Whether it says nothing about what lies below it, so that anything may.
    fn is_free(&self) -> bool {
        let open = !self.closed && self.properties.is_empty() && self.pattern_properties.is_empty();
        open && self.additional.is_none()
            && self.items.is_none()
            && (self.kinds.is_empty() || self.kinds.contains(&Kind::Object) || self.kinds.contains(&Kind::Array))
    }
}

/// All places of a type; the first is the type itself. A place is read when it is first asked for: of the largest types
/// most are never looked at.
#[derive(Debug)]
pub(super) struct Nodes {
    text: String,
    /// Where each line of the text starts.
    places: Vec<(usize, OnceLock<Node>)>,
    /// What lies inside a place of which nothing is said.
    anything: Node,
}

fn read(lines: &str) -> Result<Node, serde_json::Error> {
    serde_json::from_str(lines.split('\n').next().unwrap_or_default())
}

impl Nodes {
    /// From one line of JSON per node.
    pub fn new(text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(position, _)| position + 1);
        let places = [0].into_iter().chain(starts).map(|start| (start, OnceLock::new())).collect();
        Nodes { text: text.to_owned(), places, anything: Node::default() }
    }

    pub fn root(&self) -> &Node {
        self.get(0)
    }

    pub fn get(&self, id: NodeId) -> &Node {
        let place = usize::try_from(id).ok().and_then(|index| self.places.get(index));
        place
            .map_or(&self.anything, |(start, node)| node.get_or_init(|| read(&self.text[*start..]).unwrap_or_default()))
    }

    /// Every node, and why one cannot be read.
    #[cfg(test)]
    pub fn all(&self) -> Result<Vec<&Node>, serde_json::Error> {
        let ids = 0..u32::try_from(self.places.len()).unwrap();
        self.text.lines().try_for_each(|line| serde_json::from_str::<Node>(line).map(drop))?;
        Ok(ids.map(|id| self.get(id)).collect())
    }

    /// The node and every branch of it, branches of branches included.
    pub fn with_branches<'a>(&'a self, node: &'a Node) -> Vec<&'a Node> {
        let (mut found, mut next): (Vec<&Node>, usize) = (vec![node], 0);
        while let Some(node) = found.get(next).copied() {
            for branch in node.branches().map(|id| self.get(id)) {
                if !found.iter().any(|known| std::ptr::eq(*known, branch)) {
                    found.push(branch);
                }
            }
            next += 1;
        }
        found
    }

    /// Every node that describes a place, branches included; none if the type has no such place.
    pub fn at(&self, path: &Path) -> Vec<&Node> {
        path.0.iter().fold(self.with_branches(self.root()), |nodes, segment| self.below(&nodes, segment))
    }

    /// Every node that describes the place one step below one that is described by all of `nodes`.
    pub fn below<'a>(&'a self, nodes: &[&'a Node], segment: &Segment) -> Vec<&'a Node> {
        let mut found: Vec<&Node> = Vec::new();
        let mut add = |id: NodeId| {
            for node in self.with_branches(self.get(id)) {
                if !found.iter().any(|known| std::ptr::eq(*known, node)) {
                    found.push(node);
                }
            }
        };
        for node in nodes {
            match segment {
                Segment::Key(key) => node.child(key).into_iter().for_each(&mut add),
                Segment::Index(_) => node.items.into_iter().for_each(&mut add),
                Segment::Each => {
                    let maps = node.pattern_properties.iter().map(|(_, id)| *id);
                    maps.chain(node.items).chain(node.additional).for_each(&mut add);
                }
            }
        }
        if found.is_empty()
            && nodes.iter().any(|node| node.is_free())
            && nodes.iter().all(|node| node.properties.is_empty())
        {
            found.push(&self.anything);
        }
        found
    }
}
