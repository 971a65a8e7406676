//! L1: AWS's resource types as data.
//!
//! The facts come from AWS's published schemas, reduced and compressed by `src/catalogue/data/build.py` and embedded in
//! the binary; what AWS does not publish stands in `overlay.yaml` beside them.

use std::{sync::Arc, time::Duration};

use serde_json::Value as Json;

use crate::base::{Path, Value};

/// All resource types. Types are decoded one at a time, on first use.
pub struct Catalogue {}

impl Catalogue {
    /// The catalogue inside this binary.
    pub fn embedded() -> &'static Catalogue {
        unimplemented!()
    }

    /// Every type name, sorted.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        unimplemented!()
    }

    /// A type; decoded once, then shared.
    pub fn get(&self, name: &str) -> Option<Arc<ResourceType>> {
        let _ = name;
        unimplemented!()
    }

    /// The type name most like `name`, for "did you mean".
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let _ = name;
        unimplemented!()
    }

    /// Whether a type is offered in a region; `None` if the catalogue does not know the region.
    pub fn is_offered(&self, name: &str, region: &str) -> Option<bool> {
        let _ = (name, region);
        unimplemented!()
    }
}

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
    /// The properties that make up the physical id, in order.
    pub primary_identifier: Vec<Path>,
    pub tagging: Option<Tagging>,
    pub overlay: Overlay,
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

/// Facts that AWS does not publish, by hand.
#[derive(Debug, Clone, Default)]
pub struct Overlay {
    /// Losing the object loses data: database, file system, key, bucket, table, user pool.
    pub holds_data: bool,
    /// What stays behind after a delete: "pending deletion for 7 to 30 days".
    pub residue: Option<String>,
    /// A final snapshot can be taken before a delete.
    pub can_snapshot: bool,
    /// The property that names the object and must be unique, with its rules.
    pub name: Option<NameRule>,
    /// Natural keys: two objects with the same values at all of these properties collide
    /// (a route: `RouteTableId`, `DestinationCidrBlock`). A replacement must then delete first.
    pub collides_on: Vec<Vec<String>>,
    /// Types for which a reference from this type needs only *created*.
    pub needs_only_created: Vec<String>,
    /// Properties at which a reference is no dependency for deletion… never needs an order.
    pub usual_create: Duration,
    pub usual_update: Duration,
    pub usual_delete: Duration,
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

/// Something that a value should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: Path,
    /// `unknown-property`, `wrong-type`, `bad-enum`, `missing-required`, `bad-pattern`, `out-of-range`, `read-only`,
    /// `invalid-value`.
    pub rule: &'static str,
    pub message: String,
    pub help: Vec<String>,
    /// The key is at fault rather than its value.
    pub at_key: bool,
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

impl ResourceType {
    /// What the place takes; `None` if the type has no such place. References are followed, `oneOf` and `anyOf` united.
    pub fn field(&self, path: &Path) -> Option<Field> {
        let _ = path;
        unimplemented!()
    }

    /// The top-level properties, sorted, read-only ones included.
    pub fn property_names(&self) -> Vec<&str> {
        unimplemented!()
    }

    /// Everything that is wrong with these properties. What is unknown is taken for right; what depends on it is not
    /// judged before it is known.
    pub fn check(&self, properties: &Value) -> Vec<Problem> {
        let _ = properties;
        unimplemented!()
    }

    /// Whether two values at a place mean the same to AWS: order where it says nothing, JSON documents as text or
    /// structure, `5` and `"5"`, `true` and `"true"`, an ARN and the id at its end where the field's references allow.
    pub fn same(&self, path: &Path, a: &Json, b: &Json) -> bool {
        let _ = (path, a, b);
        unimplemented!()
    }

    /// Whether a change at this path replaces the object.
    pub fn replaces(&self, path: &Path) -> bool {
        let _ = path;
        unimplemented!()
    }

    /// Whether the place is never reported by AWS.
    pub fn is_write_only(&self, path: &Path) -> bool {
        let _ = path;
        unimplemented!()
    }

    /// The IAM actions a handler needs, for the help of a denied call.
    pub fn permissions(&self, handler: Handler) -> &[String] {
        let _ = handler;
        unimplemented!()
    }

    /// How long a handler may take before it counts as failed.
    pub fn timeout(&self, handler: Handler) -> Duration {
        let _ = handler;
        unimplemented!()
    }

    /// What a reference to this type alone (`${vpc}` where an id is expected) or its format tag means: the attribute
    /// named by the last part of `AWS::EC2::VPC.Id`, under its property name (`VpcId`).
    pub fn attribute_for_format(&self, format: &str) -> Option<&str> {
        let _ = format;
        unimplemented!()
    }
}
