//! What remains of an expression that could not be evaluated part by part, because names inside it are bound by a loop whose
//! elements are not known: its own text, with every reference to something outside replaced by what was captured.

use std::collections::BTreeMap;

use hcl_edit::{
    Decorate, Decorated, Ident,
    expr::{Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal},
    template::ForDirective,
    visit::{self, Visit},
    visit_mut::{self, VisitMut},
};

use super::{
    evaluate::{Evaluator, Outcome},
    fault::Fault,
    residual::capture_name,
};
use crate::{
    base::{Unknown, Value},
    stack::functions,
};

impl Evaluator<'_> {
    /// The expression as a value that is evaluated once what it refers to is known.
    pub(super) fn close(&mut self, node: &Expression) -> Outcome {
        let mut node = node.clone();
        node.decor_mut().clear();
        let text = node.to_string();
        let mut closure = Closure {
            evaluator: self,
            text: &text,
            bound: Vec::new(),
            captures: BTreeMap::new(),
            fault: None,
            sensitive: false,
        };
        closure.visit_expr_mut(&mut node);
        let Closure { captures, fault, sensitive, .. } = closure;
        if let Some(fault) = fault {
            return Err(fault);
        }
        node.decor_mut().clear();
        let value = Value::Unknown(Unknown::Expression { source: node.to_string(), captures });
        Ok(if sensitive { value.sensitive() } else { value })
    }
}

struct Closure<'e, 's> {
    evaluator: &'e mut Evaluator<'s>,
    /// The source, to keep clear of the names in it.
    text: &'e str,
    bound: Vec<String>,
    captures: BTreeMap<String, Value>,
    fault: Option<Fault>,
    /// Whether the text marks something as sensitive, which no capture shows.
    sensitive: bool,
}

impl Closure<'_, '_> {
    fn is_bound(&self, name: &str) -> bool {
        self.bound.iter().any(|bound| bound == name)
    }

    /// A reference to a captured value.
    fn capture(&mut self, value: Value) -> Expression {
        let free = |name: &String| !self.text.contains(name.as_str()) && !self.captures.contains_key(name);
        let name = (self.captures.len()..).map(capture_name).find(free).unwrap_or_default();
        let variable = Expression::from(Ident::new(name.clone()));
        self.captures.insert(name, value);
        variable
    }

    /// Puts the outcome in the place of a node.
    fn replace(&mut self, node: &mut Expression, outcome: Outcome) {
        match outcome {
            Ok(value) => {
                let decor = node.decor().clone();
                *node = self.capture(value);
                *node.decor_mut() = decor;
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    fn traversal(&mut self, node: &mut Traversal) -> Option<Value> {
        let Expression::Variable(name) = &node.expr else { return None };
        let root = match self.evaluator.root(name.as_str()) {
            Ok(root) => root,
            Err(fault) => {
                self.fault = Some(fault);
                return None;
            }
        };
        let bound = &self.bound;
        let (value, taken) = self.evaluator.prefix(root, &node.operators, |key| !mentions(bound, key));
        if taken == node.operators.len() {
            return Some(value);
        }
        node.operators.drain(..taken);
        node.expr = self.capture(value);
        None
    }

    /// Calls that need the scope, which is gone when the text is evaluated.
    fn scoped_call(&mut self, node: &mut Expression) {
        if mentions(&self.bound, node) {
            let name = node.as_func_call().map_or("", |call| call.name.name.as_str());
            let message = format!("`{name}` cannot depend on values that are not known yet");
            self.fault = Some(Fault::new("unknown-argument", message));
            return;
        }
        let outcome = self.evaluator.expression(node);
        self.replace(node, outcome);
    }

    fn bind(&mut self, key: Option<&Decorated<Ident>>, value: &Decorated<Ident>, body: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        self.bound.extend(key.map(|name| name.as_str().to_owned()));
        self.bound.push(value.as_str().to_owned());
        body(self);
        self.bound.truncate(outside);
    }
}

impl VisitMut for Closure<'_, '_> {
    fn visit_expr_mut(&mut self, node: &mut Expression) {
        if self.fault.is_some() {
            return;
        }
        match node {
            Expression::Variable(name) => {
                if !self.is_bound(name.as_str()) {
                    let outcome = self.evaluator.root(name.as_str());
                    self.replace(node, outcome);
                }
            }
            Expression::Traversal(traversal) => {
                if !matches!(&traversal.expr, Expression::Variable(name) if !self.is_bound(name.as_str())) {
                    return visit_mut::visit_traversal_mut(self, traversal);
                }
                match self.traversal(traversal) {
                    Some(value) => self.replace(node, Ok(value)),
                    None => traversal
                        .operators
                        .iter_mut()
                        .for_each(|operator| visit_mut::visit_traversal_operator_mut(self, operator)),
                }
            }
            Expression::FuncCall(call) if functions::needs_scope(call.name.name.as_str()) => self.scoped_call(node),
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_func_call_mut(&mut self, node: &mut FuncCall) {
        self.sensitive |= node.name.name.as_str() == "sensitive";
        visit_mut::visit_func_call_mut(self, node);
    }

    fn visit_for_expr_mut(&mut self, node: &mut ForExpr) {
        self.visit_expr_mut(&mut node.intro.collection_expr);
        let (key, value) = (node.intro.key_var.clone(), node.intro.value_var.clone());
        self.bind(key.as_ref(), &value, |inside| {
            node.key_expr.iter_mut().for_each(|key| inside.visit_expr_mut(key));
            inside.visit_expr_mut(&mut node.value_expr);
            node.cond.iter_mut().for_each(|condition| inside.visit_expr_mut(&mut condition.expr));
        });
    }

    fn visit_for_directive_mut(&mut self, node: &mut ForDirective) {
        let node = &mut node.for_expr;
        self.visit_expr_mut(&mut node.collection_expr);
        let (key, value) = (node.key_var.clone(), node.value_var.clone());
        self.bind(key.as_ref(), &value, |inside| inside.visit_template_mut(&mut node.template));
    }

    fn visit_object_mut(&mut self, node: &mut Object) {
        let rebuilt = std::mem::take(node).into_iter().map(|(mut key, mut value)| {
            if let ObjectKey::Expression(expression) = &mut key {
                self.visit_expr_mut(expression);
            }
            self.visit_expr_mut(value.expr_mut());
            (key, value)
        });
        let rebuilt: Vec<_> = rebuilt.collect();
        node.extend(rebuilt);
    }
}

/// Whether an expression mentions one of some names.
fn mentions(names: &[String], node: &Expression) -> bool {
    let mut mentions = Mentions { names, found: false };
    mentions.visit_expr(node);
    mentions.found
}

struct Mentions<'a> {
    names: &'a [String],
    found: bool,
}

impl Visit for Mentions<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Variable(name) = node {
            self.found |= self.names.iter().any(|bound| bound == name.as_str());
        }
        visit::visit_expr(self, node);
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        self.visit_expr(&node.for_expr.collection_expr);
        visit::visit_for_directive(self, node);
    }
}
