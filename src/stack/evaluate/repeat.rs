//! How often something is there: `for_each`, `count`, `when`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evaluation, Mentions, Standpoint, poison, scope, waits_for_facts_only};
use crate::{
    base::{Address, AddressSegment, Diagnostic, Key, Place, Value},
    stack::{declaration::Repeat, words::shown, written::Written},
};

/// Most resources and module instances of a stack.
const MAX_COPIES: usize = 100_000;

/// `each`, where something is repeated.
#[derive(Debug, Clone)]
pub struct Each {
    pub key: Value,
    pub value: Value,
    pub index: usize,
    /// What `for_each` or `count` mentions.
    pub mentions: Mentions,
}

impl Each {
    /// What `each` means in an expression.
    pub fn value(&self) -> Value {
        Value::Map(BTreeMap::from([
            ("index".to_owned(), Value::Number(self.index.into())),
            ("key".to_owned(), self.key.clone()),
            ("value".to_owned(), self.value.clone()),
        ]))
    }
}

/// What the name of something stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Once,
    Map,
    /// With so many places, some of which may be empty.
    List(usize),
}

/// One instance of a resource or module.
#[derive(Debug)]
pub struct Copy {
    pub key: Option<Key>,
    pub each: Option<Each>,
    pub place: Place,
    /// Of a resource: values in the order of its declaration.
    pub properties: Vec<Value>,
    /// Of a resource: what these mention.
    pub mentions: BTreeSet<Address>,
    /// Of a module: its instance.
    pub instance: usize,
}

/// All instances of a resource or module.
#[derive(Debug, Default)]
pub struct Expansion {
    pub shape: Shape,
    /// Whether it could be found out.
    pub is_sure: bool,
    pub copies: Vec<Copy>,
    by_key: BTreeMap<Option<Key>, usize>,
}

impl Expansion {
    /// One copy.
    pub fn copy(&self, key: Option<&Key>) -> Option<&Copy> {
        self.by_key.get(&key.cloned()).and_then(|position| self.copies.get(*position))
    }

    /// The value of a name that stands for these copies.
    pub fn collect(&self, value: impl Fn(&Copy) -> Value) -> Value {
        if !self.is_sure {
            return poison();
        }
        match self.shape {
            Shape::Once => self.copies.first().map_or(Value::Null, value),
            Shape::Map => {
                let text = |key: &Option<Key>| match key {
                    Some(Key::Name(name)) => name.clone(),
                    _ => String::new(),
                };
                Value::Map(self.copies.iter().map(|copy| (text(&copy.key), value(copy))).collect())
            }
            Shape::List(length) => Value::List(
                (0..length).map(|index| self.copy(Some(&Key::Index(index))).map_or(Value::Null, &value)).collect(),
            ),
        }
    }
}

type Keys = Vec<(Option<Key>, Option<Each>)>;

fn mentioning((shape, mut keys): (Shape, Keys), mentions: &Mentions) -> (Shape, Keys) {
    keys.iter_mut().filter_map(|(_, each)| each.as_mut()).for_each(|each| each.mentions = mentions.clone());
    (shape, keys)
}

impl<'p> Evaluation<'p> {
    pub(super) fn expand_resource(&mut self, instance: usize, position: usize) {
        let declared = &self.file(instance).resources[position];
        let mut expansion =
            self.expansion(instance, &declared.repeat, declared.when.as_ref(), declared.region.as_ref());
        let properties = vec![poison(); declared.properties.len()];
        expansion.copies.iter_mut().for_each(|copy| copy.properties.clone_from(&properties));
        self.instances[instance].resources[position] = expansion;
    }

    pub(super) fn expand_call(&mut self, instance: usize, position: usize) {
        let declared = &self.file(instance).calls[position];
        let mut expansion =
            self.expansion(instance, &declared.repeat, declared.when.as_ref(), declared.region.as_ref());
        let frame = self.instances[instance].frame;
        match self.program.linked.frames[frame].children.get(position).copied().flatten() {
            Some(child) => {
                for copy in &mut expansion.copies {
                    let mut modules = self.instances[instance].modules.clone();
                    modules.push(AddressSegment { name: declared.name.text.clone(), key: copy.key.clone() });
                    copy.instance =
                        self.add_instance(child, modules, Some((instance, copy.each.clone())), copy.place.clone());
                }
            }
            None => expansion = Expansion::default(),
        }
        self.instances[instance].calls[position] = expansion;
    }

    fn expansion(
        &mut self,
        instance: usize,
        repeat: &'p Repeat,
        when: Option<&'p Written>,
        region: Option<&'p Written>,
    ) -> Expansion {
        let here = self.standpoint(instance);
        let Some((shape, keys)) = self.keys(&here, repeat) else { return Expansion::default() };
        let mut expansion = Expansion { shape, is_sure: true, ..Expansion::default() };
        for (key, each) in keys {
            let at = Standpoint { each: each.clone(), ..here.clone() };
            match self.whether(&at, when) {
                Some(true) => {}
                Some(false) => continue,
                None => {
                    expansion.is_sure = false;
                    continue;
                }
            }
            let Some(place) = self.place_of(&at, region) else {
                expansion.is_sure = false;
                continue;
            };
            self.copies += 1;
            if self.copies > MAX_COPIES {
                if self.copies == MAX_COPIES + 1 {
                    let problem =
                        Diagnostic::error("too-large", format!("the stack has more than {MAX_COPIES} resources"));
                    self.problem(
                        problem.at(repeat.written().map_or(self.file(instance).resources[0].name.span, |w| w.span), ""),
                    );
                }
                return Expansion::default();
            }
            expansion.by_key.insert(key.clone(), expansion.copies.len());
            expansion.copies.push(Copy {
                key,
                each,
                place,
                properties: Vec::new(),
                mentions: BTreeSet::new(),
                instance: 0,
            });
        }
        if expansion.is_sure { expansion } else { Expansion::default() }
    }

    /// Whether `when` holds; `None` if that is not known.
    pub(super) fn whether(&self, at: &Standpoint, when: Option<&Written>) -> Option<bool> {
        let Some(written) = when else { return Some(true) };
        match self.value(at, written).revealed() {
            Value::Bool(flag) => Some(*flag),
            value => {
                self.decide(written, value, "`when` has to be `true` or `false`", "`when`");
                None
            }
        }
    }

    /// The finding for a value that decides what there is, and cannot.
    fn decide(&self, written: &Written, value: &Value, wrong: &str, what: &str) {
        if value.is_known() {
            self.problem(Diagnostic::error("wrong-form", wrong).at(written.span, ""));
        } else if !waits_for_facts_only(value) {
            self.problem(
                Diagnostic::error(
                    "not-known-yet",
                    format!("{what} depends on something that is known only after it has been made"),
                )
                .at(written.span, "")
                .help(format!(
                    "{what} decides what there is, so it must be known before: use variables, locals and data"
                )),
            );
        }
    }

    fn keys(&self, here: &Standpoint, repeat: &Repeat) -> Option<(Shape, Keys)> {
        match repeat {
            Repeat::Once => Some((Shape::Once, vec![(None, None)])),
            Repeat::Count(written) => {
                let (value, mentions) = self.noting(|| self.value(here, written));
                self.count(written, &value).map(|found| mentioning(found, &mentions))
            }
            Repeat::ForEach(written) => {
                let (value, mentions) = self.noting(|| self.value(here, written));
                self.for_each(written, value).map(|found| mentioning(found, &mentions))
            }
        }
    }

    fn count(&self, written: &Written, value: &Value) -> Option<(Shape, Keys)> {
        let Value::Number(number) = value.revealed() else {
            self.decide(written, value, "`count` has to be a whole number", "`count`");
            return None;
        };
        let whole = number
            .as_u64()
            .or_else(|| number.as_f64().filter(|f| f.fract() == 0.0 && *f >= 0.0 && *f < 1e9).map(|f| f as u64));
        let Some(count) = whole.and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= MAX_COPIES)
        else {
            let message = format!("`count` has to be a whole number from 0 to {MAX_COPIES}");
            self.problem(Diagnostic::error("wrong-form", message).at(written.span, ""));
            return None;
        };
        let copy = |index: usize| {
            let number = Value::Number(index.into());
            (
                Some(Key::Index(index)),
                Some(Each { key: number.clone(), value: number, index, mentions: Mentions::default() }),
            )
        };
        Some((Shape::List(count), (0..count).map(copy).collect()))
    }

    fn for_each(&self, written: &Written, value: Value) -> Option<(Shape, Keys)> {
        let items: Vec<(String, Value)> = match value {
            Value::Sensitive(_) => {
                let problem =
                    Diagnostic::error("sensitive-key", "`for_each` is sensitive, and its keys would be shown");
                self.problem(problem.at(written.span, ""));
                return None;
            }
            Value::Map(map) => map.into_iter().collect(),
            Value::List(items) => self.list_keys(written, items)?,
            other => {
                self.decide(written, &other, "`for_each` has to be a map, or a list of texts", "`for_each`");
                return None;
            }
        };
        let copy = |(index, (key, value)): (usize, (String, Value))| {
            let each = Each { key: Value::text(&key), value, index, mentions: Mentions::default() };
            (Some(Key::Name(key)), Some(each))
        };
        Some((Shape::Map, items.into_iter().enumerate().map(copy).collect()))
    }

    fn list_keys(&self, written: &Written, items: Vec<Value>) -> Option<Vec<(String, Value)>> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let key = match &item {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Sensitive(_) => {
                    let problem = Diagnostic::error(
                        "sensitive-key",
                        "`for_each` holds something sensitive, and its keys would be shown",
                    );
                    self.problem(problem.at(written.span, ""));
                    return None;
                }
                other => {
                    self.list_problem(written, other);
                    return None;
                }
            };
            if !seen.insert(key.clone()) {
                let problem = Diagnostic::error("duplicate-key", format!("`for_each` holds `{}` twice", shown(&key)));
                self.problem(problem.at(written.span, "").help("`distinct(…)` leaves each once"));
                return None;
            }
            found.push((key, item));
        }
        Some(found)
    }

    fn list_problem(&self, written: &Written, item: &Value) {
        if item.is_known() {
            let problem =
                Diagnostic::error("wrong-form", "a list in `for_each` has to hold texts, which become the keys");
            self.problem(problem.at(written.span, "").help("make it a map: `${{for item in … : item.name => item}}`"));
        } else {
            self.decide(written, item, "", "`for_each`");
        }
    }

    /// The address of one copy of a resource.
    pub(super) fn address_of(&self, instance: usize, resource: usize, copy: usize) -> Address {
        let name = &self.file(instance).resources[resource].name.text;
        let found = &self.instances[instance].resources[resource].copies[copy];
        scope::address(&self.instances[instance].modules, name, found.key.as_ref())
    }
}
