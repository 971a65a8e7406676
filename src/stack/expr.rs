//! Expressions: HCL's syntax, evaluated as far as what they refer to is known.

use std::collections::BTreeMap;

use crate::base::{Address, Diagnostic, Lookup, Path, Span, Value};

/// A text of the stack file that holds `${…}`, parsed once.
#[derive(Debug, Clone)]
pub struct Template {}

/// Something that an expression refers to: a root name, and the steps that are written out after it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// `vpc`, `var`, `local`, `each`, `module`, `data`, `aws`, `env`.
    pub root: String,
    /// `CidrBlock`; ends at the first step that is not written out (a splat, a computed index).
    pub path: Path,
    pub span: Span,
}

/// What names mean where an expression stands.
pub trait Scope {
    /// The value of a root name; `None` if there is no such name. A resource is `Unknown::Attribute` with an empty path
    /// (in a map by key or a list, if it is repeated).
    fn root(&self, name: &str) -> Option<Value>;

    /// Every root name, for "did you mean".
    fn names(&self) -> Vec<String>;

    /// The value of a resource's property or attribute, as far as known; the default leaves it unknown.
    fn attribute(&self, address: &Address, path: &Path) -> Value {
        Value::attribute(address.clone(), path.clone())
    }

    /// The text of a file below the folder of the stack.
    ///
    /// # Errors
    /// Why it cannot be had, as a phrase.
    fn file(&self, path: &str) -> Result<String, String>;
}

impl Template {
    /// Parses a scalar of the stack file. `span` is where the text stands; `text` is the scalar's value. A scalar without
    /// `${` is a constant.
    ///
    /// # Errors
    /// What is wrong, where in the source.
    pub fn parse(text: &str, span: Span) -> Result<Template, Diagnostic> {
        let _ = (text, span);
        unimplemented!()
    }

    /// What it refers to, each with its place.
    pub fn references(&self) -> Vec<Reference> {
        unimplemented!()
    }

    /// Its value. Whatever depends on something unknown is unknown; whatever depends on something sensitive is sensitive.
    ///
    /// # Errors
    /// What cannot be evaluated, where in the source.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Diagnostic> {
        let _ = scope;
        unimplemented!()
    }
}

/// What has become known since a [`Value`] was made.
pub trait Known {
    /// The value of an attribute; `None` leaves it unknown.
    fn attribute(&self, address: &Address, path: &Path) -> Option<Value>;

    /// The value of a secret that was read for this step; `None` leaves it unknown.
    fn lookup(&self, lookup: &Lookup) -> Option<Value> {
        let _ = lookup;
        None
    }

    /// A result of a `data` block; `None` leaves it unknown.
    fn data(&self, name: &str, path: &Path) -> Option<Value> {
        let _ = (name, path);
        None
    }
}

/// The value with everything filled in that is known now; captured expressions are evaluated once all they need is known.
///
/// # Errors
/// The captured expression that cannot be evaluated, and why.
pub fn resolve(value: &Value, known: &dyn Known) -> Result<Value, String> {
    let _ = (value, known, BTreeMap::<String, Value>::new());
    unimplemented!()
}
