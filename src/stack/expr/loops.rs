//! `for` over lists and maps. If the collection, a condition or a key is not known, the whole loop waits.

use std::collections::{BTreeMap, btree_map::Entry};

use hcl_edit::{
    Decorated, Ident, Span as _,
    expr::{Expression, ForExpr},
};

use super::{
    evaluate::{Evaluator, Outcome, object_key, truth},
    fault::Fault,
    residual::{marked, opened, unmarked},
};
use crate::{base::Value, stack::functions::convert::kind};

/// What a loop runs over.
pub(super) struct Items {
    pub entries: Vec<(Value, Value)>,
    /// Whether the collection itself was sensitive; every element then is, too.
    pub sensitive: bool,
}

impl Items {
    /// The elements of a collection; `None` if they are not known.
    pub fn of(collection: Value) -> Result<Option<Items>, Fault> {
        let (collection, sensitive) = opened(collection);
        let entries = match collection {
            Value::Unknown(_) => return Ok(None),
            Value::List(items) => {
                let number = |index: usize| Value::Number(index.into());
                items.into_iter().enumerate().map(|(index, item)| (number(index), item)).collect()
            }
            Value::Map(map) => map.into_iter().map(|(key, item)| (Value::String(key), item)).collect(),
            other => {
                return Err(Fault::mismatch(format!("`for` runs over a list or a map, not over {}", kind(&other))));
            }
        };
        let mark = |(key, item)| (marked(key, sensitive), marked(item, sensitive));
        let entries: Vec<_> = entries;
        Ok(Some(Items { entries: entries.into_iter().map(mark).collect(), sensitive }))
    }
}

/// What one turn of a loop gives.
enum Turn {
    Skipped,
    Item(Option<String>, Value),
    /// It depends on what is not known whether, or under which key, there is a value.
    Open,
}

impl Evaluator<'_> {
    pub(super) fn for_expression(&mut self, node: &ForExpr) -> Outcome {
        let collection = self.expression(&node.intro.collection_expr)?;
        let Some(items) = Items::of(collection).map_err(|fault| fault.within(node.intro.collection_expr.span()))?
        else {
            return self.close(&Expression::ForExpr(Box::new(node.clone())));
        };
        let mut sensitive = items.sensitive;
        let (mut list, mut map) = (Vec::new(), BTreeMap::new());
        for (key, value) in items.entries {
            let names = (node.intro.key_var.as_ref(), &node.intro.value_var);
            match self.bound(names, key, value, |inside| inside.turn(node, &mut sensitive))? {
                Turn::Skipped => {}
                Turn::Open => return self.close(&Expression::ForExpr(Box::new(node.clone()))),
                Turn::Item(None, value) => list.push(value),
                Turn::Item(Some(key), value) => add(&mut map, key, value, node, sensitive)?,
            }
        }
        let result = match (&node.key_expr, node.grouping) {
            (None, _) => Value::List(list),
            (Some(_), true) => Value::Map(map.into_iter().map(|(key, group)| (key, Value::List(group))).collect()),
            (Some(_), false) => {
                Value::Map(map.into_iter().filter_map(|(key, mut only)| Some((key, only.pop()?))).collect())
            }
        };
        Ok(marked(result, sensitive))
    }

    fn turn(&mut self, node: &ForExpr, sensitive: &mut bool) -> Result<Turn, Fault> {
        if let Some(condition) = &node.cond {
            let (holds, mark) = opened(self.expression(&condition.expr)?);
            *sensitive |= mark;
            match holds {
                Value::Unknown(_) => return Ok(Turn::Open),
                known if !truth(&known, &condition.expr)? => return Ok(Turn::Skipped),
                _ => {}
            }
        }
        let Some(expression) = &node.key_expr else { return Ok(Turn::Item(None, self.expression(&node.value_expr)?)) };
        let (key, mark) = unmarked(self.expression(expression)?);
        *sensitive |= mark;
        if !key.is_known() {
            return Ok(Turn::Open);
        }
        let key = object_key(&key).map_err(|fault| fault.within(expression.span()))?;
        Ok(Turn::Item(Some(key), self.expression(&node.value_expr)?))
    }

    /// Evaluates `body` with the loop's names bound.
    pub(super) fn bound<T>(
        &mut self,
        names: (Option<&Decorated<Ident>>, &Decorated<Ident>),
        key: Value,
        value: Value,
        body: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let outside = self.locals.len();
        if let Some(name) = names.0 {
            self.locals.push((name.as_str().to_owned(), Ok(key)));
        }
        self.locals.push((names.1.as_str().to_owned(), Ok(value)));
        let result = body(self);
        self.locals.truncate(outside);
        result
    }
}

type Groups = BTreeMap<String, Vec<Value>>;

fn add(map: &mut Groups, key: String, value: Value, node: &ForExpr, secret: bool) -> Result<(), Fault> {
    match map.entry(key) {
        Entry::Vacant(free) => drop(free.insert(vec![value])),
        Entry::Occupied(mut taken) if node.grouping => taken.get_mut().push(value),
        Entry::Occupied(taken) => {
            let key = if secret { "the same key".to_owned() } else { format!("the key `{}`", taken.key()) };
            let fault = Fault::new("duplicate-key", format!("two elements have {key}"));
            let fault = fault.help("`...` after the value collects all values of a key in a list");
            return Err(fault.within(node.key_expr.as_ref().and_then(|key| key.span())));
        }
    }
    Ok(())
}
