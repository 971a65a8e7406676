//! What an expression refers to: every root name that no `for` around it binds.

use std::ops::Range;

use hcl_edit::{
    Decorated, Ident, Span as _,
    expr::{Expression, ForExpr, Traversal, TraversalOperator},
    template::ForDirective,
    visit::{Visit, visit_expr, visit_traversal_operator},
};

use super::{
    Reference,
    parse::{Code, Part},
};
use crate::base::{Path, Segment, Span};

/// The references of one part of a template.
pub(super) fn of(part: &Part, scalar: Span) -> Vec<Reference> {
    let Part::Expression(code) = part else { return Vec::new() };
    let mut collector = Collector { code, scalar, bound: Vec::new(), found: Vec::new() };
    collector.visit_expr(&code.expression);
    collector.found
}

/// The step that an operator stands for, if it is written out.
pub(super) fn written_step(operator: &TraversalOperator) -> Option<Segment> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(Segment::Key(name.as_str().to_owned())),
        TraversalOperator::LegacyIndex(index) => usize::try_from(*index.value()).ok().map(Segment::Index),
        TraversalOperator::Index(Expression::String(key)) => Some(Segment::Key(key.value().clone())),
        TraversalOperator::Index(Expression::Number(index)) => {
            index.value().as_u64().and_then(|index| usize::try_from(index).ok()).map(Segment::Index)
        }
        _ => None,
    }
}

struct Collector<'a> {
    code: &'a Code,
    scalar: Span,
    bound: Vec<String>,
    found: Vec<Reference>,
}

impl Collector<'_> {
    fn add(&mut self, name: &Decorated<Ident>, path: Path, end: Option<usize>) {
        if self.bound.iter().any(|bound| bound == name.as_str()) {
            return;
        }
        let range = name.span().map(|span: Range<usize>| span.start..end.unwrap_or(span.end));
        let span = self.code.place.span(range, self.scalar);
        self.found.push(Reference { root: name.as_str().to_owned(), path, span });
    }

    fn traversal(&mut self, root: &Decorated<Ident>, traversal: &Traversal) {
        let (mut path, mut end) = (Path::default(), None);
        for operator in &traversal.operators {
            let Some(step) = written_step(operator) else { break };
            path.0.push(step);
            end = operator.span().map(|span| span.end);
        }
        self.add(root, path, end);
    }

    /// Visits `body` with the loop's names bound.
    fn bound(&mut self, key: Option<&Decorated<Ident>>, value: &Decorated<Ident>, body: impl FnOnce(&mut Self)) {
        let outside = self.bound.len();
        self.bound.extend(key.map(|name| name.as_str().to_owned()));
        self.bound.push(value.as_str().to_owned());
        body(self);
        self.bound.truncate(outside);
    }
}

impl Visit for Collector<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        match node {
            Expression::Variable(name) => self.add(name, Path::default(), None),
            Expression::Traversal(traversal) => {
                match &traversal.expr {
                    Expression::Variable(root) => self.traversal(root, traversal),
                    other => self.visit_expr(other),
                }
                traversal.operators.iter().for_each(|operator| visit_traversal_operator(self, operator));
            }
            other => visit_expr(self, other),
        }
    }

    fn visit_for_expr(&mut self, node: &ForExpr) {
        self.visit_expr(&node.intro.collection_expr);
        self.bound(node.intro.key_var.as_ref(), &node.intro.value_var, |inside| {
            node.key_expr.iter().for_each(|key| inside.visit_expr(key));
            inside.visit_expr(&node.value_expr);
            node.cond.iter().for_each(|condition| inside.visit_expr(&condition.expr));
        });
    }

    fn visit_for_directive(&mut self, node: &ForDirective) {
        let node = &node.for_expr;
        self.visit_expr(&node.collection_expr);
        self.bound(node.key_var.as_ref(), &node.value_var, |inside| inside.visit_template(&node.template));
    }
}
