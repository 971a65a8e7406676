//! What names mean where an expression stands. Only what the expression refers to is put together, so that its cost does not
//! grow with the file around it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evaluation, Expansion, Standpoint, poison, repeat::Shape};
use crate::{
    base::{Address, AddressSegment, Key, Path, Segment, Unknown, Value},
    stack::{
        expr::{Form, Reference, Scope},
        link::property,
        written::walk,
    },
};

/// The world as one expression sees it.
pub struct View<'e, 'p> {
    pub evaluation: &'e Evaluation<'p>,
    pub at: &'e Standpoint,
    pub references: &'e [Reference],
}

impl Scope for View<'_, '_> {
    fn root(&self, name: &str) -> Option<Value> {
        let instance = &self.evaluation.instances[self.at.instance];
        let file = self.evaluation.file(self.at.instance);
        Some(match name {
            "env" => Value::text(&self.evaluation.program.environment),
            "aws" => self.aws(),
            "each" => {
                let each = self.at.each.as_ref()?;
                self.evaluation.mention(each.mentions.iter());
                each.value()
            }
            "var" => {
                let value = |name: &str| {
                    let position = *file.names.variables.get(name)?;
                    self.evaluation.mention(instance.mentioned.variables[position].iter());
                    Some(instance.variables[position].clone())
                };
                self.select("var", value, || {
                    file.variables.iter().map(|variable| variable.name.text.as_str()).collect()
                })
            }
            "local" => {
                let value = |name: &str| {
                    let position = *file.names.locals.get(name)?;
                    self.evaluation.mention(instance.mentioned.locals[position].iter());
                    Some(instance.locals[position].clone())
                };
                self.select("local", value, || file.locals.iter().map(|local| local.name.text.as_str()).collect())
            }
            "data" => self.select("data", |name| Some(instance.data[*file.names.data.get(name)?].clone()), Vec::new),
            "module" => self.select("module", |name| self.module(name), Vec::new),
            name => match file.names.resources.get(name) {
                Some(position) => resource(&instance.modules, name, &instance.resources[*position]),
                None => file.names.broken.contains(name).then(poison)?,
            },
        })
    }

    fn member(&self, name: &str, key: &Segment) -> Option<Value> {
        let instance = &self.evaluation.instances[self.at.instance];
        let position = *self.evaluation.file(self.at.instance).names.resources.get(name)?;
        let key = match key {
            Segment::Key(key) => Key::Name(key.clone()),
            Segment::Index(index) => Key::Index(*index),
            Segment::Each => return None,
        };
        let copy = instance.resources[position].copy(Some(&key))?;
        Some(Value::attribute(address(&instance.modules, name, copy.key.as_ref()), Path::default()))
    }

    fn names(&self) -> Vec<String> {
        let file = self.evaluation.file(self.at.instance);
        let roots = ["var", "local", "module", "data", "aws", "env"].map(str::to_owned);
        let each = self.at.each.iter().map(|_| "each".to_owned());
        file.names.resources.keys().cloned().chain(roots).chain(each).collect()
    }

    fn attribute(&self, address: &Address, path: &Path) -> Value {
        self.evaluation.attribute(address, path)
    }

    fn file(&self, path: &str, form: Form) -> Result<String, String> {
        let base = &self.evaluation.file(self.at.instance).folder;
        self.evaluation.program.read_file(base, path, form)
    }
}

impl View<'_, '_> {
    /// A map of those entries of a root that are referred to; of `all` if the root stands alone.
    fn select<'n>(
        &self,
        root: &str,
        value: impl Fn(&str) -> Option<Value>,
        all: impl FnOnce() -> Vec<&'n str>,
    ) -> Value {
        let referred = self.references.iter().filter(|reference| reference.root == root);
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut is_alone = false;
        for reference in referred {
            match reference.path.0.first() {
                Some(Segment::Key(name)) => {
                    names.insert(name);
                }
                _ => is_alone = true,
            }
        }
        // What is not there has been reported when the references were resolved.
        let entry = |name: &str| (name.to_owned(), value(name).unwrap_or_else(poison));
        let mut map: BTreeMap<String, Value> = names.into_iter().map(entry).collect();
        if is_alone {
            map.extend(all().into_iter().map(entry));
        }
        Value::Map(map)
    }

    fn aws(&self) -> Value {
        let (facts, place) = (self.evaluation.facts, &self.at.place);
        let later = |name: &str| Value::Unknown(Unknown::Data { name: "aws".to_owned(), path: Path::key(name) });
        let identity = facts.identity.as_ref();
        let account = identity.map_or_else(|| later("account_id"), |identity| Value::text(&identity.account_id));
        let partition = identity.map_or_else(|| later("partition"), |identity| Value::text(&identity.partition));
        let zones = facts.zones.get(place).map(|zones| Value::List(zones.iter().map(Value::text).collect()));
        let region = if place.region.is_empty() { poison() } else { Value::text(&place.region) };
        Value::Map(BTreeMap::from([
            ("account_id".to_owned(), account),
            ("azs".to_owned(), zones.unwrap_or_else(|| later("azs"))),
            ("partition".to_owned(), partition),
            ("region".to_owned(), region),
        ]))
    }

    /// The outputs of a module that are referred to.
    fn module(&self, name: &str) -> Option<Value> {
        let instance = &self.evaluation.instances[self.at.instance];
        let position = *self.evaluation.file(self.at.instance).names.calls.get(name)?;
        let expansion = &instance.calls[position];
        let repeated = !matches!(expansion.shape, Shape::Once);
        let mut wanted = Some(BTreeSet::new());
        for reference in self.references.iter().filter(|reference| reference.root == "module") {
            let [Segment::Key(module), rest @ ..] = reference.path.0.as_slice() else { continue };
            if module != name {
                continue;
            }
            match (if repeated { rest.get(1) } else { rest.first() }, &mut wanted) {
                (Some(Segment::Key(output)), Some(wanted)) => {
                    wanted.insert(output.as_str());
                }
                _ => wanted = None,
            }
        }
        let outputs = |child: usize| {
            let instance = &self.evaluation.instances[child];
            let declared = self.evaluation.file(child).outputs.iter().enumerate();
            let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
            let chosen = declared.filter(|(_, output)| is_wanted(&output.name.text)).map(|(position, output)| {
                self.evaluation.mention(instance.mentioned.outputs[position].iter());
                (output.name.text.clone(), instance.outputs[position].clone())
            });
            Value::Map(chosen.collect())
        };
        Some(expansion.collect(|copy| outputs(copy.instance)))
    }
}

/// What the name of a resource means.
fn resource(modules: &[AddressSegment], name: &str, expansion: &Expansion) -> Value {
    expansion.collect(|copy| Value::attribute(address(modules, name, copy.key.as_ref()), Path::default()))
}

/// The address of one copy.
pub fn address(modules: &[AddressSegment], name: &str, key: Option<&Key>) -> Address {
    Address { modules: modules.to_vec(), resource: AddressSegment { name: name.to_owned(), key: key.cloned() } }
}

impl Evaluation<'_> {
    /// A property of a resource, as it was written; an attribute, unknown.
    pub(super) fn attribute(&self, address: &Address, path: &Path) -> Value {
        let written = self.written_property(address, path);
        self.mention(written.iter().map(|_| address));
        written.unwrap_or_else(|| Value::attribute(address.clone(), path.clone()))
    }

    fn written_property(&self, address: &Address, path: &Path) -> Option<Value> {
        let instance = *self.by_modules.get(&address.modules)?;
        let file = self.file(instance);
        let position = *file.names.resources.get(&address.resource.name)?;
        let copy = self.instances[instance].resources[position].copy(address.resource.key.as_ref())?;
        let declared = &file.resources[position].properties;
        let value = copy.properties.get(property(declared, path.property()?)?)?;
        let rest = Path(path.0[1..].to_vec());
        self.inside(value, &rest)
    }

    /// What stands at a path inside a value; `None` if that cannot be said before the resource is made.
    fn inside(&self, value: &Value, path: &Path) -> Option<Value> {
        match walk(value, path) {
            Ok(Value::Null) => None,
            Ok(found) => Some(found.clone()),
            Err((Value::Sensitive(inner), rest)) => self.inside(inner, &Path(rest.to_vec())).map(Value::sensitive),
            Err((Value::Unknown(Unknown::Attribute { address, path }), rest)) => {
                Some(self.attribute(address, &Path(path.0.iter().chain(rest).cloned().collect())))
            }
            Err((Value::Unknown(Unknown::Data { name, path }), rest)) => {
                let path = Path(path.0.iter().chain(rest).cloned().collect());
                Some(Value::Unknown(Unknown::Data { name: name.clone(), path }))
            }
            Err(_) => None,
        }
    }

    /// The type of the resource at an address.
    pub(super) fn type_at(&self, address: &Address) -> Option<&str> {
        let file = self.file(*self.by_modules.get(&address.modules)?);
        let position = *file.names.resources.get(&address.resource.name)?;
        Some(file.resources[position].type_name.text.as_str())
    }
}
