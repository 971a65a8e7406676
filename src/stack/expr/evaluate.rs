//! The walk over a syntax tree.
//!
//! Recursion is bounded by `hcl-edit`, which refuses trees deeper than 64 levels and chains of more than 128 operators.

use std::collections::BTreeMap;

use hcl_edit::{
    Span as _,
    expr::{Array, Conditional, Expression, Object, ObjectKey},
    template::Element,
};
use serde_json::Number;

use super::{
    Scope,
    fault::Fault,
    residual::{self, Residual, marked, opened},
};
use crate::{
    base::Value,
    stack::functions::convert::{self, kind},
};

pub(super) type Outcome = Result<Value, Fault>;

/// A name that an expression itself binds. A capture whose own evaluation failed fails where it is used, so that `try` can catch
/// it.
pub(super) type Local = (String, Result<Value, String>);

pub(super) struct Evaluator<'a> {
    pub scope: &'a dyn Scope,
    /// The innermost last.
    pub locals: Vec<Local>,
    /// Whether this is the text of a `templatefile`, which may not use another.
    pub in_file: bool,
}

impl<'a> Evaluator<'a> {
    pub fn new(scope: &'a dyn Scope) -> Self {
        Evaluator { scope, locals: Vec::new(), in_file: false }
    }

    /// The value of an expression.
    pub fn expression(&mut self, node: &Expression) -> Outcome {
        let outcome = match node {
            Expression::Null(_) => Ok(Value::Null),
            Expression::Bool(flag) => Ok(Value::Bool(*flag.value())),
            Expression::Number(number) => literal_number(*number.value()),
            Expression::String(text) => Ok(Value::text(text.value())),
            Expression::Array(array) => self.array(array),
            Expression::Object(object) => self.object(node, object),
            Expression::StringTemplate(template) => match template.as_single_element() {
                Some(Element::Interpolation(interpolation)) => self.expression(&interpolation.expr),
                _ => self.text(template, true),
            },
            Expression::HeredocTemplate(heredoc) => self.text(&heredoc.template, false),
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Variable(name) => self.root(name.as_str()),
            Expression::Conditional(conditional) => self.conditional(conditional),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => self.unary(operation),
            Expression::BinaryOp(operation) => self.binary(operation),
            Expression::ForExpr(node) => self.for_expression(node),
        };
        outcome.map_err(|fault| fault.within(node.span()))
    }

    /// The value of a root name.
    pub fn root(&self, name: &str) -> Outcome {
        if let Some((_, value)) = self.locals.iter().rev().find(|(bound, _)| bound == name) {
            return value.clone().map_err(|message| Fault::new("failed-expression", message));
        }
        self.scope.root(name).ok_or_else(|| {
            let names = self.scope.names();
            let bound = self.locals.iter().map(|(name, _)| name.as_str());
            let fault = Fault::new("unknown-name", format!("there is no `{name}` here"));
            fault.suggest(name, names.iter().map(String::as_str).chain(bound))
        })
    }

    fn array(&mut self, array: &Array) -> Outcome {
        array.iter().map(|item| self.expression(item)).collect::<Result<_, _>>().map(Value::List)
    }

    fn object(&mut self, node: &Expression, object: &Object) -> Outcome {
        let (mut map, mut sensitive) = (BTreeMap::new(), false);
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(expression) => {
                    let (key, mark) = residual::unmarked(self.expression(expression)?);
                    sensitive |= mark;
                    if !key.is_known() {
                        return self.close(node);
                    }
                    object_key(&key).map_err(|fault| fault.within(expression.span()))?
                }
            };
            map.insert(key, self.expression(value.expr())?);
        }
        Ok(marked(Value::Map(map), sensitive))
    }

    fn conditional(&mut self, node: &Conditional) -> Outcome {
        let (condition, sensitive) = opened(self.expression(&node.cond_expr)?);
        if let Value::Unknown(_) = condition {
            let mut arm = |node: &Expression| self.expression(node).unwrap_or_else(residual::failure);
            let (yes, no) = (arm(&node.true_expr), arm(&node.false_expr));
            let condition = marked(condition, sensitive);
            return Ok(Residual::default().operand(condition).code(" ? ").operand(yes).code(" : ").operand(no).build());
        }
        let chosen = if truth(&condition, &node.cond_expr)? { &node.true_expr } else { &node.false_expr };
        Ok(marked(self.expression(chosen)?, sensitive))
    }
}

/// Whether a known condition holds.
pub(super) fn truth(condition: &Value, node: &Expression) -> Result<bool, Fault> {
    convert::to_bool(condition).ok_or_else(|| {
        Fault::mismatch(format!("a condition is true or false, not {}", kind(condition))).within(node.span())
    })
}

/// The text of a key in an object.
pub(super) fn object_key(key: &Value) -> Result<String, Fault> {
    convert::to_text(key).ok_or_else(|| Fault::mismatch(format!("the key of an object is a text, not {}", kind(key))))
}

fn literal_number(number: hcl_edit::Number) -> Outcome {
    let integer = number.as_i64().map(Number::from).or_else(|| number.as_u64().map(Number::from));
    let number = integer.or_else(|| number.as_f64().and_then(Number::from_f64));
    number.map(Value::Number).ok_or_else(|| Fault::mismatch("this number is too large"))
}
