//! Fills in unknowns, at apply, from what has become known.
//!
//! A captured expression is evaluated by the same evaluator that made it. A whole resource among its captures stays what it is
//! at first, so that the expression can still choose one and step into it; only if a value is needed in its place is it asked
//! for as such.

use std::collections::BTreeMap;

use hcl_edit::parser::parse_expr;

use super::{Form, Known, Scope, evaluate::Evaluator, residual::marked};
use crate::base::{Address, Path, Unknown, Value};

/// The value with everything filled in that is known now; captured expressions are evaluated once all they need is known.
///
/// # Errors
/// The captured expression that cannot be evaluated, and why.
pub fn resolve(value: &Value, known: &dyn Known) -> Result<Value, String> {
    Resolver { known, whole: true }.value(value)
}

struct Resolver<'a> {
    known: &'a dyn Known,
    /// Whether whole resources are asked for.
    whole: bool,
}

impl Resolver<'_> {
    fn value(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::List(items) => Value::List(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?),
            Value::Map(map) => {
                let entries = map.iter().map(|(key, item)| Ok((key.clone(), self.value(item)?)));
                Value::Map(entries.collect::<Result<_, String>>()?)
            }
            Value::Sensitive(inner) => {
                let inner = self.value(inner)?;
                if inner.is_known() { marked(inner, true) } else { inner.sensitive() }
            }
            Value::Unknown(unknown) => self.unknown(unknown)?,
            known => known.clone(),
        })
    }

    fn unknown(&self, unknown: &Unknown) -> Result<Value, String> {
        let found = match unknown {
            Unknown::Attribute { path, .. } if path.0.is_empty() && !self.whole => None,
            Unknown::Attribute { address, path } => self.known.attribute(address, path),
            Unknown::Lookup(lookup) => self.known.lookup(lookup).map(|secret| marked(secret, true)),
            Unknown::Data { name, path } => self.known.data(name, path),
            Unknown::Expression { source, captures } => return self.expression(source, captures),
        };
        Ok(found.unwrap_or_else(|| Value::Unknown(unknown.clone())))
    }

    fn expression(&self, source: &str, captures: &BTreeMap<String, Value>) -> Result<Value, String> {
        let sensitive = captures.values().any(Value::has_sensitive);
        let inside = Resolver { known: self.known, whole: false };
        let resolved: Vec<_> = captures.iter().map(|(name, value)| (name.clone(), inside.value(value))).collect();
        if resolved.iter().all(|(_, value)| value.as_ref().map_or(true, is_ready)) {
            let value = self.evaluate(source, resolved.clone())?;
            if value.is_known() {
                return Ok(marked(value, sensitive));
            }
            // A secret whose name has become known: it is a look-up now, and may have been read already.
            if value.is_looked_up() {
                return self.value(&if sensitive { value.sensitive() } else { value });
            }
            let whole = Resolver { known: self.known, whole: true };
            let again = captures.iter().map(|(name, value)| (name.clone(), whole.value(value)));
            let again: Vec<_> = again.collect();
            if again.iter().all(|(_, value)| value.as_ref().map_or(true, Value::is_known)) {
                return Ok(marked(self.evaluate(source, again)?, sensitive));
            }
        }
        let filled = resolved.into_iter().zip(captures.values());
        let captures = filled.map(|((name, value), before)| (name, value.unwrap_or_else(|_| before.clone())));
        Ok(Value::Unknown(Unknown::Expression { source: source.to_owned(), captures: captures.collect() }))
    }

    fn evaluate(&self, source: &str, captures: Vec<(String, Result<Value, String>)>) -> Result<Value, String> {
        let expression =
            parse_expr(source).map_err(|error| format!("`{source}` cannot be read: {}", error.message()))?;
        let scope = Captured { known: self.known };
        let mut evaluator = Evaluator::new(&scope);
        evaluator.locals = captures;
        evaluator.expression(&expression).map_err(super::fault::Fault::phrase)
    }
}

/// Whether nothing is unknown in it but whole resources.
fn is_ready(value: &Value) -> bool {
    let mut ready = true;
    value.visit_unknowns(&mut |unknown| {
        ready &= matches!(unknown, Unknown::Attribute { path, .. } if path.0.is_empty());
    });
    ready
}

/// The scope of a captured expression: everything it needs is bound, only steps into whole resources are left.
struct Captured<'a> {
    known: &'a dyn Known,
}

impl Scope for Captured<'_> {
    fn root(&self, _name: &str) -> Option<Value> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn attribute(&self, address: &Address, path: &Path) -> Value {
        self.known.attribute(address, path).unwrap_or_else(|| Value::attribute(address.clone(), path.clone()))
    }

    fn file(&self, _path: &str, _form: Form) -> Result<String, String> {
        Err("files are read before anything is planned".to_owned())
    }
}
