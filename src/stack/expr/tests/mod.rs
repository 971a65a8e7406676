//! Behaviour of whole templates, in a small world of names.

mod functions;
mod language;
mod partial;
mod places;
mod properties;

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::base::{FileId, Key};

/// Names with values, resources that are not made yet, and files.
#[derive(Default)]
pub(super) struct World {
    pub roots: BTreeMap<String, Value>,
    pub files: BTreeMap<String, String>,
}

impl Scope for World {
    fn root(&self, name: &str) -> Option<Value> {
        self.roots.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.roots.keys().cloned().collect()
    }

    fn attribute(&self, address: &Address, path: &Path) -> Value {
        if address.resource.name == "vpc" && *path == Path::key("CidrBlock") {
            return Value::text("10.0.0.0/16");
        }
        Value::attribute(address.clone(), path.clone())
    }

    /// An archive is the text and a mark.
    fn file(&self, path: &str, form: Form) -> Result<String, String> {
        let found =
            self.files.get(path).map(|text| if form == Form::Archive { format!("PK {text}") } else { text.clone() });
        found.ok_or_else(|| format!("there is no file `{path}`"))
    }
}

impl World {
    pub fn new() -> Self {
        let mut world = World::default();
        let root = |name: &str| Value::attribute(Address::root(name), Path::default());
        let instance =
            |key: &str| Value::attribute(Address::root("private").instance(Key::Name(key.to_owned())), Path::default());
        world.roots.insert("vpc".into(), root("vpc"));
        world.roots.insert("db".into(), root("db"));
        world.roots.insert(
            "private".into(),
            Value::Map(["a", "b"].map(|key| (key.to_owned(), instance(key))).into_iter().collect()),
        );
        world.roots.insert("var".into(), Value::from(json!({"environment": "dev", "azs": ["a", "b", "c"], "n": 3})));
        let password = Value::text("hunter2").sensitive();
        world.roots.insert("local".into(), Value::Map([("password".to_owned(), password)].into_iter().collect()));
        world
    }

    pub fn set(mut self, name: &str, value: Value) -> Self {
        self.roots.insert(name.to_owned(), value);
        self
    }

    pub fn evaluate(&self, text: &str) -> Result<Value, Diagnostic> {
        parse(text)?.evaluate(self)
    }
}

pub(super) fn parse(text: &str) -> Result<Template, Diagnostic> {
    Template::parse(text, span(text))
}

pub(super) fn span(text: &str) -> Span {
    Span { file: FileId(0), start: 0, end: u32::try_from(text.len()).unwrap() }
}

/// The values of attributes, by `address path`.
pub(super) struct Made(pub BTreeMap<String, Value>);

impl Known for Made {
    fn attribute(&self, address: &Address, path: &Path) -> Option<Value> {
        (0..=path.0.len()).find_map(|split| {
            let (known, rest) = path.0.split_at(split);
            let document = self.0.get(&format!("{address} {}", Path(known.to_vec())))?;
            Path(rest.to_vec()).get(&document.reveal()?).cloned().map(Value::from)
        })
    }

    fn lookup(&self, lookup: &Lookup) -> Option<Value> {
        self.0.get(&format!("{lookup:?}")).cloned()
    }

    fn data(&self, name: &str, path: &Path) -> Option<Value> {
        self.0.get(&format!("data.{name} {path}")).cloned()
    }
}

pub(super) fn known(text: &str) -> serde_json::Value {
    let value = World::new().evaluate(&format!("${{{text}}}")).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    value.reveal().unwrap_or_else(|| panic!("{text} is not known: {value:?}"))
}
