//! Expressions: HCL's syntax, evaluated as far as what they refer to is known.
//!
//! The way of a text: [`parse`] splits a scalar into literal parts and `${…}` and has `hcl-edit` parse these; [`evaluate`] walks
//! the syntax tree (steps into values in [`access`], operators in [`operate`], `for` in [`loops`], texts in [`text`], calls in
//! [`call`]). Where an operand is not known yet, the result is an [`Unknown::Expression`](crate::base::Unknown): source text over
//! captured values ([`residual`] for what was evaluated already, [`closure`] for loop bodies that could not be). [`resolve`]
//! evaluates that text once its captures are known.
//!
//! What is sensitive: an evaluated value is wrapped in [`Value::Sensitive`]; a secret that is read at apply is a bare
//! `Value::Unknown(Unknown::Lookup)`, and an expression that captured either is a bare `Unknown::Expression`.
//! [`Value::has_sensitive`] is true for all three, and whatever they resolve to is wrapped.

mod access;
mod call;
mod closure;
mod evaluate;
mod fault;
mod loops;
mod operate;
mod parse;
mod references;
mod residual;
mod resolve;
#[cfg(test)]
mod tests;
mod text;

pub use self::resolve::resolve;
use self::{evaluate::Evaluator, parse::Part};
use crate::base::{Address, Diagnostic, Lookup, Path, Segment, Span, Value};

/// A text of the stack file that holds `${…}`, parsed once.
#[derive(Debug, Clone)]
pub struct Template {
    parts: Vec<Part>,
    span: Span,
}

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

    /// One element of a root, `private["a"]`, without the others: what a thousand resources ask of a thousand others. `None`
    /// if it cannot be had so; [`Scope::root`] is asked then.
    fn member(&self, name: &str, key: &Segment) -> Option<Value> {
        let _ = (name, key);
        None
    }

    /// Every root name, for "did you mean".
    fn names(&self) -> Vec<String>;

    /// The value of a resource's property or attribute, as far as known; the default leaves it unknown.
    fn attribute(&self, address: &Address, path: &Path) -> Value {
        Value::attribute(address.clone(), path.clone())
    }

    /// A file below the folder of the stack, or what else there is at this path, in the form that is asked for.
    ///
    /// # Errors
    /// Why it cannot be had, as a phrase.
    fn file(&self, path: &str, form: Form) -> Result<String, String>;
}

/// What is made of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Its text.
    Text,
    /// A ZIP archive of it, or of a folder, in Base64.
    Archive,
}

impl Template {
    /// Parses a scalar of the stack file. `span` is where the text stands; `text` is the scalar's value. A scalar without
    /// `${` is a constant.
    ///
    /// # Errors
    /// What is wrong, where in the source.
    pub fn parse(text: &str, span: Span) -> Result<Template, Diagnostic> {
        parse::template(text, span, None)
    }

    /// Parses a scalar whose value is not written as it is (a block scalar, escapes): `raw` is the source text that `span`
    /// covers, in which the expressions are looked up, so that errors point at them and not at the whole scalar.
    ///
    /// # Errors
    /// What is wrong, where in the source.
    pub fn parse_with(text: &str, span: Span, raw: &str) -> Result<Template, Diagnostic> {
        parse::template(text, span, Some(raw))
    }

    /// The value, if the text holds no expression.
    pub fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// What it refers to, each with its place.
    pub fn references(&self) -> Vec<Reference> {
        self.parts.iter().flat_map(|part| references::of(part, self.span)).collect()
    }

    /// Its value. Whatever depends on something unknown is unknown; whatever depends on something sensitive is sensitive.
    ///
    /// # Errors
    /// What cannot be evaluated, where in the source.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Diagnostic> {
        let mut evaluator = Evaluator::new(scope);
        let mut pieces = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            pieces.push(match part {
                Part::Literal(text) => Value::text(text),
                Part::Expression(code) => {
                    let locate = |fault: fault::Fault| fault.diagnostic(|range| code.place.span(range, self.span));
                    let value = evaluator.expression(&code.expression).map_err(locate)?;
                    if self.parts.len() == 1 {
                        return residual::bounded(value).map_err(locate);
                    }
                    evaluator.piece(value, &code.expression).map_err(locate)?
                }
            });
        }
        residual::bounded(text::join(pieces)).map_err(|fault| fault.diagnostic(|_| self.span))
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
