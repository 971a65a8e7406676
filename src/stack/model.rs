//! An evaluated stack: what the planner is given. Knows nothing of files or YAML, so that another front end (a
//! CloudFormation template) can produce the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::base::{Address, Doc, Identity, Part, Path, Place, Span, Value};

/// Everything that should exist.
#[derive(Debug, Clone)]
pub struct Stack {
    /// `stack:` of the file; the first part of every generated name.
    pub name: String,
    /// `--env`.
    pub environment: String,
    /// Where resources go that name no region.
    pub place: Place,
    pub resources: BTreeMap<Address, Resource>,
    pub outputs: BTreeMap<String, Output>,
    pub imports: Vec<Import>,
    pub moved: Vec<Moved>,
    pub removed: Vec<Removed>,
    /// SHA-256, in hex, over every source and input that the stack was made from. A plan is valid only for the stack it
    /// was made from.
    pub digest: String,
}

/// One resource (one instance, if repeated).
#[derive(Debug, Clone)]
pub struct Resource {
    pub address: Address,
    /// `AWS::EC2::VPC`.
    pub type_name: String,
    pub place: Place,
    /// Always a [`Value::Map`]; the stack's `tags` are merged in. Top-level nulls are left out.
    pub properties: Value,
    /// What `depends_on` names, and what `properties` were made from without waiting for it (a name that the stack itself
    /// gives): addresses of instances. What `properties` wait for is not repeated here.
    pub depends_on: BTreeSet<Address>,
    pub lifecycle: Lifecycle,
    pub timeouts: Timeouts,
    /// The resource's key in the source.
    pub span: Option<Span>,
}

/// `lifecycle:` of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lifecycle {
    /// Never deleted or replaced without `--allow-delete`.
    pub protect: bool,
    /// Left in AWS when it leaves the stack.
    pub retain: bool,
    /// A final snapshot is taken before a delete.
    pub snapshot_on_delete: bool,
    /// Differences at these paths are nobody's business.
    pub ignore_changes: Vec<Path>,
    /// What AWS or somebody else changes at these paths stays; what the file changes is applied.
    pub ignore_drift: Vec<Path>,
    /// Replaced whenever one of these values changes.
    pub replace_when: Vec<Value>,
    /// `None`: the planner chooses.
    pub replace: Option<ReplaceOrder>,
}

/// Which half of a replacement comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceOrder {
    CreateFirst,
    DeleteFirst,
}

/// `timeouts:` of a resource; `None` leaves the catalogue's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    pub create: Option<Duration>,
    pub update: Option<Duration>,
    pub delete: Option<Duration>,
}

/// `outputs:` entry.
#[derive(Debug, Clone)]
pub struct Output {
    pub value: Value,
    pub description: Option<String>,
}

/// `imports:` entry: an object that exists and is to be owned from now on.
#[derive(Debug, Clone)]
pub struct Import {
    pub to: Address,
    pub id: String,
    pub span: Option<Span>,
}

/// `moved:` entry: the same objects under other addresses.
#[derive(Debug, Clone)]
pub struct Moved {
    pub from: Part,
    pub to: Part,
    pub span: Option<Span>,
}

/// `removed:` entry: leaves the stack; with `retain` it stays in AWS.
#[derive(Debug, Clone)]
pub struct Removed {
    pub from: Part,
    pub retain: bool,
    pub span: Option<Span>,
}

/// A `data:` block whose filter is known: to be looked up before planning.
#[derive(Debug, Clone)]
pub struct DataLookup {
    /// Name of the block, with its modules in front: `module.network.default_vpc`.
    pub name: String,
    pub type_name: String,
    pub place: Place,
    /// Properties that the object must have.
    pub filter: Doc,
    pub span: Option<Span>,
}

/// What an evaluation asks of the cloud. Nothing that the stack does not use is asked.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Where to ask whose account it is, if `aws.account_id` or `aws.partition` is used.
    pub identity: Option<Place>,
    /// Places whose `aws.azs` are used.
    pub zones: BTreeSet<Place>,
    pub data: Vec<DataLookup>,
}

/// What only the cloud knows.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub identity: Option<Identity>,
    pub zones: BTreeMap<Place, Vec<String>>,
    /// Results by [`DataLookup::name`].
    pub data: BTreeMap<String, Doc>,
}
