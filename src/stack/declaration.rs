//! What a stack or module file declares, expressions not evaluated yet: what `parse` makes and `link` and `evaluate` use.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde_json::Value as Json;

use super::{
    model::{ReplaceOrder, Timeouts},
    written::{Field, Written},
};
use crate::base::{Address, Part, Path, Span};

/// A name and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub span: Span,
}

/// One stack or module file.
#[derive(Debug)]
pub struct Declarations {
    /// The folder it stands in, canonical: what `file(…)` and `source` start from.
    pub folder: PathBuf,
    pub name: Option<Name>,
    pub region: Option<Written>,
    pub regions: BTreeMap<String, RegionAlias>,
    pub variables: Vec<Variable>,
    pub locals: Vec<Local>,
    pub tags: Option<Written>,
    pub resources: Vec<ResourceDeclaration>,
    pub data: Vec<DataDeclaration>,
    pub calls: Vec<Call>,
    pub outputs: Vec<OutputDeclaration>,
    pub moved: Vec<MovedDeclaration>,
    pub removed: Vec<RemovedDeclaration>,
    pub imports: Vec<ImportDeclaration>,
    /// Position of every name in its list.
    pub names: Names,
}

/// Where names stand in the lists of their file.
#[derive(Debug, Default)]
pub struct Names {
    pub variables: BTreeMap<String, usize>,
    pub locals: BTreeMap<String, usize>,
    pub resources: BTreeMap<String, usize>,
    pub data: BTreeMap<String, usize>,
    pub calls: BTreeMap<String, usize>,
    pub outputs: BTreeMap<String, usize>,
    /// What is declared so wrongly that it is in none of the lists: it is reported already, and not missing.
    pub broken: BTreeSet<String>,
}

/// `regions:` entry.
#[derive(Debug)]
pub struct RegionAlias {
    pub region: Written,
    pub role_arn: Option<Written>,
}

/// What a variable takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableType {
    Any,
    String,
    Number,
    Bool,
    List,
    Map,
}

/// `variables:` entry.
#[derive(Debug)]
pub struct Variable {
    pub name: Name,
    pub kind: VariableType,
    pub default: Option<Json>,
    pub pattern: Option<(regex::Regex, String)>,
    pub allowed: Vec<Json>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub description: Option<String>,
    pub sensitive: bool,
    pub nullable: bool,
}

/// `locals:` entry.
#[derive(Debug)]
pub struct Local {
    pub name: Name,
    pub value: Written,
}

/// How often something is there.
#[derive(Debug)]
pub enum Repeat {
    Once,
    ForEach(Written),
    Count(Written),
}

/// `resources:` entry.
#[derive(Debug)]
pub struct ResourceDeclaration {
    pub name: Name,
    pub type_name: Name,
    pub repeat: Repeat,
    pub when: Option<Written>,
    pub region: Option<Written>,
    pub properties: Vec<Field>,
    pub depends_on: Vec<DependsOn>,
    pub lifecycle: LifecycleDeclaration,
    pub timeouts: Timeouts,
}

/// One entry of `depends_on`.
#[derive(Debug)]
pub struct DependsOn {
    pub span: Span,
    pub target: DependsOnTarget,
}

/// What `depends_on` names.
#[derive(Debug)]
pub enum DependsOnTarget {
    /// A resource or one instance of it.
    Resource(Address),
    /// Everything in a module.
    Module(String),
}

/// `lifecycle:` of a resource.
#[derive(Debug, Default)]
pub struct LifecycleDeclaration {
    pub protect: Option<Written>,
    pub retain: Option<Written>,
    pub snapshot_on_delete: Option<Written>,
    pub ignore_changes: Vec<(Path, Span)>,
    pub ignore_drift: Vec<(Path, Span)>,
    pub replace_when: Vec<Written>,
    pub replace: Option<ReplaceOrder>,
}

/// `data:` entry.
#[derive(Debug)]
pub struct DataDeclaration {
    pub name: Name,
    pub type_name: Name,
    pub filter: Vec<Field>,
    pub when: Option<Written>,
    pub region: Option<Written>,
}

/// `modules:` entry.
#[derive(Debug)]
pub struct Call {
    pub name: Name,
    pub source: Name,
    /// Position of the module's file among all files; set once it has been read.
    pub file: Option<usize>,
    pub inputs: BTreeMap<String, Input>,
    pub repeat: Repeat,
    pub when: Option<Written>,
    pub region: Option<Written>,
}

/// One of the `inputs:` of a module.
#[derive(Debug)]
pub struct Input {
    pub span: Span,
    pub value: Written,
}

/// `outputs:` entry.
#[derive(Debug)]
pub struct OutputDeclaration {
    pub name: Name,
    pub value: Written,
    pub description: Option<String>,
    pub sensitive: bool,
}

/// `moved:` entry.
#[derive(Debug)]
pub struct MovedDeclaration {
    pub span: Span,
    pub from: (Part, Span),
    pub to: (Part, Span),
}

/// `removed:` entry.
#[derive(Debug)]
pub struct RemovedDeclaration {
    pub from: (Part, Span),
    pub retain: bool,
}

/// `imports:` entry.
#[derive(Debug)]
pub struct ImportDeclaration {
    pub to: (Address, Span),
    pub id: Written,
}

impl Repeat {
    /// The expression that says how often.
    pub fn written(&self) -> Option<&Written> {
        match self {
            Repeat::Once => None,
            Repeat::ForEach(written) | Repeat::Count(written) => Some(written),
        }
    }
}
