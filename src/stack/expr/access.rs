//! Steps into a value: attributes, indices, splats. A step into something unknown extends what it waits for.

use hcl_edit::{
    Decorated, Span as _,
    expr::{Expression, Traversal, TraversalOperator},
};

use super::{
    evaluate::{Evaluator, Outcome},
    fault::Fault,
    residual::{Residual, marked, opened},
};
use crate::{
    base::{Lookup, Segment, Unknown, Value},
    stack::functions::convert::{self, kind},
};

type Operator = Decorated<TraversalOperator>;

impl Evaluator<'_> {
    pub(super) fn traversal(&mut self, node: &Traversal) -> Outcome {
        if let Some(value) = self.member(node) {
            return self.steps(value, &node.operators[1..]);
        }
        let value = self.expression(&node.expr)?;
        self.steps(value, &node.operators)
    }

    /// What the first step, a key or index, leads to from a root, if the scope knows it without the rest of the root.
    fn member(&mut self, node: &Traversal) -> Option<Value> {
        let (Expression::Variable(name), Some(TraversalOperator::Index(key))) =
            (&node.expr, node.operators.first().map(Decorated::value))
        else {
            return None;
        };
        if self.locals.iter().any(|(bound, _)| bound == name.as_str()) {
            return None;
        }
        let segment = match self.expression(key).ok()? {
            Value::String(key) => Segment::Key(key),
            number @ Value::Number(_) => Segment::Index(convert::to_index(&number)?),
            _ => return None,
        };
        self.scope.member(name.as_str(), &segment)
    }

    fn steps(&mut self, mut value: Value, operators: &[Operator]) -> Outcome {
        for (position, operator) in operators.iter().enumerate() {
            let rest = &operators[position + 1..];
            match operator.value() {
                TraversalOperator::FullSplat(_) => return self.splat(value, "[*]", rest),
                TraversalOperator::AttrSplat(_) => {
                    let is_attribute = |next: &&Operator| matches!(next.value(), TraversalOperator::GetAttr(_));
                    let (each, after) = rest.split_at(rest.iter().take_while(is_attribute).count());
                    let items = self.splat(value, ".*", each)?;
                    return self.steps(items, after);
                }
                step => value = self.step(value, step).map_err(|fault| fault.within(operator.span()))?,
            }
        }
        Ok(value)
    }

    /// One step that is not a splat.
    pub(super) fn step(&mut self, value: Value, operator: &TraversalOperator) -> Outcome {
        match operator {
            TraversalOperator::GetAttr(name) => self.attribute(value, name.as_str()),
            TraversalOperator::LegacyIndex(index) => self.index(value, Value::Number((*index.value()).into())),
            TraversalOperator::Index(key) => {
                let key = self.expression(key)?;
                self.index(value, key)
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Ok(value),
        }
    }

    fn attribute(&mut self, value: Value, name: &str) -> Outcome {
        match value {
            Value::Sensitive(inner) => {
                let found =
                    self.attribute(*inner, name).map_err(|_| hidden(&format!("there is no attribute `{name}`")))?;
                Ok(marked(found, true))
            }
            Value::Map(mut map) => match map.remove(name) {
                Some(found) => Ok(found),
                None => Err(missing(name, map.keys().map(String::as_str))),
            },
            Value::Unknown(unknown) => self.extend(unknown, Segment::Key(name.to_owned())),
            Value::List(_) => {
                let fault = Fault::new("unknown-attribute", format!("a list has no attribute `{name}`"));
                Err(fault.help(format!("`[*].{name}` takes it from every element, `[0].{name}` from the first")))
            }
            other => Err(Fault::new("unknown-attribute", format!("{} has no attribute `{name}`", kind(&other)))),
        }
    }

    fn index(&mut self, value: Value, key: Value) -> Outcome {
        let (key, secret_key) = opened(key);
        let (value, secret) = opened(value);
        let mark = secret || secret_key;
        if !key.is_known() {
            let (value, key) = (marked(value, secret), marked(key, secret_key));
            return Ok(Residual::default().operand(value).code("[").operand(key).code("]").build());
        }
        let found = match value {
            Value::List(items) => element(items, &key),
            Value::Map(map) => member(map, &key, mark),
            Value::Unknown(unknown) => {
                let segment = match convert::to_index(&key) {
                    Some(index) if matches!(key, Value::Number(_)) => Segment::Index(index),
                    _ => Segment::Key(convert::to_text(&key).ok_or_else(|| key_mismatch(&key))?),
                };
                self.extend(unknown, segment)
            }
            other => Err(Fault::new("invalid-index", format!("{} has no elements", kind(&other)))),
        };
        Ok(marked(found?, mark))
    }

    /// A step into something that is not known.
    fn extend(&mut self, unknown: Unknown, segment: Segment) -> Outcome {
        Ok(match unknown {
            Unknown::Attribute { address, path } => self.scope.attribute(&address, &path.join(segment)),
            Unknown::Data { name, path } => Value::Unknown(Unknown::Data { name, path: path.join(segment) }),
            Unknown::Lookup(Lookup::Secret { name, key: None }) if matches!(segment, Segment::Key(_)) => {
                let Segment::Key(key) = segment else { return Ok(Value::Null) };
                Value::Unknown(Unknown::Lookup(Lookup::Secret { name, key: Some(key) }))
            }
            Unknown::Lookup(_) => {
                let fault = Fault::new("unknown-attribute", "what is read from a secret or parameter is a text");
                return Err(fault.help("`jsondecode(…)` makes its parts available"));
            }
            expression @ Unknown::Expression { .. } => {
                let residual = Residual::default().operand(Value::Unknown(expression));
                match segment {
                    Segment::Key(name) => residual.attribute(&name).build(),
                    Segment::Index(index) => residual.code(&format!("[{index}]")).build(),
                    Segment::Each => residual.code("[*]").build(),
                }
            }
        })
    }

    /// The steps `each`, taken from every element.
    fn splat(&mut self, value: Value, symbol: &str, each: &[Operator]) -> Outcome {
        match value {
            Value::Sensitive(inner) => Ok(marked(self.splat(*inner, symbol, each)?, true)),
            Value::Null => Ok(Value::List(Vec::new())),
            Value::List(items) => {
                items.into_iter().map(|item| self.steps(item, each)).collect::<Result<_, _>>().map(Value::List)
            }
            Value::Unknown(Unknown::Attribute { address, path }) if path.0.is_empty() => {
                Ok(Value::List(vec![self.steps(Value::attribute(address, path), each)?]))
            }
            Value::Unknown(_) => self.later_splat(value, symbol, each),
            map @ Value::Map(_) => match self.steps(map, each) {
                Ok(item) => Ok(Value::List(vec![item])),
                Err(fault) => Err(fault.help("a map is not split up by a splat: `values(…)[*]` is")),
            },
            other => Ok(Value::List(vec![self.steps(other, each)?])),
        }
    }

    fn later_splat(&mut self, value: Value, symbol: &str, each: &[Operator]) -> Outcome {
        let mut residual = Residual::default().operand(value).code(symbol);
        for operator in each {
            residual = match operator.value() {
                TraversalOperator::GetAttr(name) => residual.attribute(name.as_str()),
                TraversalOperator::LegacyIndex(index) => residual.code(&format!("[{}]", index.value())),
                TraversalOperator::Index(key) => residual.code("[").operand(self.expression(key)?).code("]"),
                TraversalOperator::AttrSplat(_) => residual.code(".*"),
                TraversalOperator::FullSplat(_) => residual.code("[*]"),
            };
        }
        Ok(residual.build())
    }

    /// The value of the steps of a traversal that can be taken now, and how many these are.
    pub(super) fn prefix(
        &mut self,
        root: Value,
        operators: &[Operator],
        can_take: impl Fn(&Expression) -> bool,
    ) -> (Value, usize) {
        let mut value = root;
        for (position, operator) in operators.iter().enumerate() {
            let takes = match operator.value() {
                TraversalOperator::Index(key) => can_take(key),
                TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_) => true,
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => false,
            };
            if !takes {
                return (value, position);
            }
            match self.step(value.clone(), operator.value()) {
                Ok(next) => value = next,
                Err(_) => return (value, position),
            }
        }
        (value, operators.len())
    }
}

fn element(items: Vec<Value>, key: &Value) -> Outcome {
    let length = items.len();
    let index = convert::to_index(key).ok_or_else(|| {
        let number = convert::to_number(key).is_some();
        let what = if number { "a negative or broken number".to_owned() } else { kind(key).to_owned() };
        Fault::new("invalid-index", format!("the index of a list is a whole number from 0, not {what}"))
    })?;
    items.into_iter().nth(index).ok_or_else(|| {
        let elements = if length == 1 { "element" } else { "elements" };
        Fault::new("invalid-index", format!("this list has {length} {elements}, so nothing is at this index"))
    })
}

fn member(mut map: std::collections::BTreeMap<String, Value>, key: &Value, secret: bool) -> Outcome {
    let name = convert::to_text(key).ok_or_else(|| key_mismatch(key))?;
    match map.remove(&name) {
        Some(found) => Ok(found),
        None if secret => Err(hidden("there is no such key")),
        None => Err(missing(&name, map.keys().map(String::as_str))),
    }
}

fn key_mismatch(key: &Value) -> Fault {
    Fault::new("invalid-index", format!("the key of a map is a text, not {}", kind(key)))
}

fn hidden(message: &str) -> Fault {
    Fault::new("unknown-attribute", message).help("what is there is not shown, because the value is sensitive")
}

fn missing<'a>(name: &str, present: impl Iterator<Item = &'a str> + Clone) -> Fault {
    const SHOWN: usize = 8;
    let shown: Vec<String> = present.clone().take(SHOWN).map(|key| format!("`{key}`")).collect();
    let more = present.clone().count().saturating_sub(SHOWN);
    let fault = Fault::new("unknown-attribute", format!("there is no `{name}` in this value"));
    match (shown.is_empty(), more) {
        (true, _) => fault.help("it is empty"),
        (false, 0) => fault.suggest(name, present).help(format!("it has {}", shown.join(", "))),
        (false, _) => fault.suggest(name, present).help(format!("it has {} and {more} more", shown.join(", "))),
    }
}
