//! A value as it was written: constants, expressions, lists and maps, each with its place. What is evaluated becomes a
//! [`Value`]; what stays is the way back from a value's path to the line that is at fault.

use super::{
    expr::{Reference, Template},
    scalar,
    yaml::{Content, Entry, Node},
};
use crate::base::{Diagnostics, Path, Segment, Span, Value};

/// A value of the file.
#[derive(Debug, Clone)]
pub struct Written {
    pub span: Span,
    pub form: Form,
}

/// What was written.
#[derive(Debug, Clone)]
pub enum Form {
    Constant(Value),
    Expression(Expression),
    List(Vec<Written>),
    Map(Vec<Field>),
}

/// A text with `${…}`, and what it refers to.
#[derive(Debug, Clone)]
pub struct Expression {
    pub template: Template,
    pub references: Vec<Reference>,
}

/// A key of a written map, and its value.
#[derive(Debug, Clone)]
pub struct Field {
    pub key: Key,
    pub key_span: Span,
    pub value: Written,
}

/// A key may hold expressions too: conditions of policies name what other resources are called.
#[derive(Debug, Clone)]
pub enum Key {
    Text(String),
    Expression(Expression),
}

impl Written {
    /// Parses every expression in a node. What cannot be parsed is reported and counts as null.
    pub fn parse(node: &Node, problems: &mut Diagnostics) -> Written {
        let form = match &node.content {
            Content::List(items) => Form::List(items.iter().map(|item| Written::parse(item, problems)).collect()),
            Content::Map(entries) => Form::Map(entries.iter().map(|entry| Field::parse(entry, problems)).collect()),
            Content::Scalar(text) if text.text.contains("${") => {
                match expression(&text.text, text.inside, text.raw.as_deref(), problems) {
                    Some(expression) => Form::Expression(expression),
                    None => Form::Constant(Value::Null),
                }
            }
            Content::Scalar(text) => match scalar::constant(text) {
                Ok(value) => Form::Constant(value),
                Err(problem) => {
                    problems.push(*problem);
                    Form::Constant(Value::Null)
                }
            },
        };
        Written { span: node.span, form }
    }

    /// Everything that this value refers to.
    pub fn references(&self) -> Vec<&Reference> {
        let mut found = Vec::new();
        self.visit(&mut |expression| found.extend(&expression.references));
        found
    }

    fn visit<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match &self.form {
            Form::Constant(_) => {}
            Form::Expression(expression) => visit(expression),
            Form::List(items) => items.iter().for_each(|item| item.visit(visit)),
            Form::Map(fields) => {
                for field in fields {
                    if let Key::Expression(expression) = &field.key {
                        visit(expression);
                    }
                    field.value.visit(visit);
                }
            }
        }
    }

    /// The value if no expression is in it.
    pub fn constant(&self) -> Option<Value> {
        Some(match &self.form {
            Form::Constant(value) => value.clone(),
            Form::Expression(_) => return None,
            Form::List(items) => Value::List(items.iter().map(Written::constant).collect::<Option<_>>()?),
            Form::Map(fields) => {
                let entry = |field: &Field| match &field.key {
                    Key::Text(key) => Some((key.clone(), field.value.constant()?)),
                    Key::Expression(_) => None,
                };
                Value::Map(fields.iter().map(entry).collect::<Option<_>>()?)
            }
        })
    }

    /// The innermost place that was written for a path; its key if `at_key`.
    pub fn locate(&self, path: &[Segment], at_key: bool) -> Span {
        match (&self.form, path) {
            (Form::List(items), [Segment::Index(index), rest @ ..]) => {
                items.get(*index).map_or(self.span, |item| item.locate(rest, at_key))
            }
            (Form::Map(fields), [Segment::Key(_), ..]) => locate(fields, path, at_key).unwrap_or(self.span),
            _ => self.span,
        }
    }
}

/// The innermost place that was written for a path below these fields; `None` if not even its first key was written.
pub fn locate(fields: &[Field], path: &[Segment], at_key: bool) -> Option<Span> {
    let [Segment::Key(wanted), rest @ ..] = path else { return None };
    let field = fields.iter().find(|field| matches!(&field.key, Key::Text(key) if key == wanted))?;
    Some(match rest {
        [] if at_key => field.key_span,
        _ => field.value.locate(rest, at_key),
    })
}

impl Field {
    /// Parses one entry of a map.
    pub fn parse(entry: &Entry, problems: &mut Diagnostics) -> Field {
        let key = if entry.key.contains("${") {
            expression(&entry.key, entry.key_span, None, problems).map(Key::Expression)
        } else {
            None
        };
        Field {
            key: key.unwrap_or_else(|| Key::Text(entry.key.clone())),
            key_span: entry.key_span,
            value: Written::parse(&entry.value, problems),
        }
    }
}

fn expression(text: &str, span: Span, raw: Option<&str>, problems: &mut Diagnostics) -> Option<Expression> {
    let parsed = match raw {
        Some(raw) => Template::parse_with(text, span, raw),
        None => Template::parse(text, span),
    };
    match parsed {
        Ok(template) => {
            let references = template.references();
            Some(Expression { template, references })
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// The value at a path inside a value; `Err` with the part that is there and the steps that are left, where something
/// unknown or nothing is met.
pub fn walk<'a>(value: &'a Value, path: &'a Path) -> Result<&'a Value, (&'a Value, &'a [Segment])> {
    let mut here = value;
    for (position, segment) in path.0.iter().enumerate() {
        let next = match (here, segment) {
            (Value::Map(map), Segment::Key(key)) => map.get(key),
            (Value::List(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        };
        here = next.ok_or((here, &path.0[position..]))?;
    }
    Ok(here)
}
