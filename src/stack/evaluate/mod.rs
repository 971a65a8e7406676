//! Declarations → [`Stack`]: every item of every module instance, each once, in the order that `link` found.
//!
//! What failed, and what depends on it, is [`poison`]: an unknown value that no check complains about, so that one mistake is
//! reported once and everything that has nothing to do with it is still checked.

mod check;
mod circle;
mod place;
mod repeat;
mod resource;
mod scope;
mod tags;
mod tail;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

pub use repeat::{Each, Expansion};
use scope::View;

use super::{
    declaration::Declarations,
    link::Item,
    model::{Facts, Needs, Resource},
    program::Program,
    variables,
    written::{Field, Form, Key, Written},
};
use crate::{
    base::{Address, AddressSegment, Diagnostic, Diagnostics, Doc, Path, Place, Span, Unknown, Value},
    catalogue::{Catalogue, ResourceType},
    stack::{expr::Reference, model::DataLookup},
};

/// A value that stands for what could not be found out, for a reason that is reported elsewhere or not an error.
pub fn poison() -> Value {
    Value::Unknown(Unknown::Data { name: String::new(), path: Path::default() })
}

/// Whether a value waits for nothing but what the cloud can tell before anything is made, or for something reported.
fn waits_for_facts_only(value: &Value) -> bool {
    let mut only = true;
    value.visit_unknowns(&mut |unknown| only &= matches!(unknown, Unknown::Data { .. } | Unknown::Expression { .. }));
    only
}

/// The resources that a value was made from although it does not say so: what the stack itself has written of them was
/// known at once. They still have to be made before whatever uses the value: an alias needs its key's name to exist.
pub type Mentions = Rc<BTreeSet<Address>>;

/// The mentions of everything in an [`Instance`] that has a value, in the order of the values.
#[derive(Default)]
pub struct Mentioned {
    pub variables: Vec<Mentions>,
    pub locals: Vec<Mentions>,
    pub outputs: Vec<Mentions>,
}

/// One instance of a module; the first is the stack itself.
pub struct Instance {
    pub frame: usize,
    pub modules: Vec<AddressSegment>,
    /// The instance that called it, which copy it is, and where its caller stands.
    pub caller: Option<(usize, Option<Each>)>,
    pub place: Place,
    /// `regions` of this file and of those around it.
    pub regions: BTreeMap<String, Place>,
    pub tags: BTreeMap<String, Value>,
    pub variables: Vec<Value>,
    pub locals: Vec<Value>,
    pub data: Vec<Value>,
    pub outputs: Vec<Value>,
    pub mentioned: Mentioned,
    pub resources: Vec<Expansion>,
    pub calls: Vec<Expansion>,
}

/// From where an expression is looked at.
#[derive(Clone)]
pub struct Standpoint {
    pub instance: usize,
    pub each: Option<Each>,
    pub place: Place,
}

/// What turns up on the way.
#[derive(Default)]
pub struct Findings {
    pub problems: Diagnostics,
    pub needs: Needs,
}

/// An evaluation under way.
pub struct Evaluation<'p> {
    program: &'p Program,
    facts: &'p Facts,
    /// `None`: nothing is checked and no resource is put together, only what decides what has to be asked is found out.
    catalogue: Option<&'p Catalogue>,
    instances: Vec<Instance>,
    by_frame: Vec<Vec<usize>>,
    by_modules: BTreeMap<Vec<AddressSegment>, usize>,
    /// How many resources and module instances there are.
    copies: usize,
    types: BTreeMap<&'p str, Option<Arc<ResourceType>>>,
    /// Attributes that were looked for, by type.
    attributes: RefCell<BTreeMap<(String, Path), bool>>,
    pub resources: BTreeMap<Address, Resource>,
    findings: RefCell<Findings>,
    /// Of what is being evaluated at this moment.
    mentions: RefCell<BTreeSet<Address>>,
}

impl<'p> Evaluation<'p> {
    /// Evaluates everything.
    pub fn run(program: &'p Program, facts: &'p Facts, catalogue: Option<&'p Catalogue>) -> Evaluation<'p> {
        let mut evaluation = Evaluation {
            program,
            facts,
            catalogue,
            instances: Vec::new(),
            by_frame: vec![Vec::new(); program.linked.frames.len()],
            by_modules: BTreeMap::new(),
            copies: 0,
            types: BTreeMap::new(),
            attributes: RefCell::default(),
            resources: BTreeMap::new(),
            findings: RefCell::default(),
            mentions: RefCell::default(),
        };
        let place = Place { region: String::new(), role_arn: None };
        evaluation.add_instance(0, Vec::new(), None, place);
        for (frame, item) in &program.linked.order {
            let item = program.linked.layouts[program.linked.frames[*frame].file].items[*item];
            for position in 0..evaluation.by_frame[*frame].len() {
                let instance = evaluation.by_frame[*frame][position];
                evaluation.item(instance, item);
            }
        }
        evaluation
    }

    /// What has to be asked, and everything that is wrong.
    pub fn findings(self) -> (Findings, BTreeMap<Address, Resource>) {
        (self.findings.into_inner(), self.resources)
    }

    fn add_instance(
        &mut self,
        frame: usize,
        modules: Vec<AddressSegment>,
        caller: Option<(usize, Option<Each>)>,
        place: Place,
    ) -> usize {
        let program = self.program;
        let file = &program.files[program.linked.frames[frame].file];
        let (regions, tags) = match &caller {
            Some((parent, _)) => (self.instances[*parent].regions.clone(), self.instances[*parent].tags.clone()),
            None => (BTreeMap::new(), BTreeMap::new()),
        };
        let unknown = |count: usize| vec![poison(); count];
        self.instances.push(Instance {
            frame,
            modules: modules.clone(),
            caller,
            place,
            regions,
            tags,
            variables: unknown(file.variables.len()),
            locals: unknown(file.locals.len()),
            data: unknown(file.data.len()),
            outputs: unknown(file.outputs.len()),
            mentioned: Mentioned {
                variables: vec![Mentions::default(); file.variables.len()],
                locals: vec![Mentions::default(); file.locals.len()],
                outputs: vec![Mentions::default(); file.outputs.len()],
            },
            resources: file.resources.iter().map(|_| Expansion::default()).collect(),
            calls: file.calls.iter().map(|_| Expansion::default()).collect(),
        });
        let position = self.instances.len() - 1;
        self.by_frame[frame].push(position);
        self.by_modules.insert(modules, position);
        position
    }

    /// The file that an instance was made from.
    fn file(&self, instance: usize) -> &'p Declarations {
        let program = self.program;
        &program.files[program.linked.frames[self.instances[instance].frame].file]
    }

    fn standpoint(&self, instance: usize) -> Standpoint {
        Standpoint { instance, each: None, place: self.instances[instance].place.clone() }
    }

    fn item(&mut self, instance: usize, item: Item) {
        let file = self.file(instance);
        let here = self.standpoint(instance);
        match item {
            Item::Place => self.place(instance),
            Item::Tags => self.tags(instance),
            Item::Variable(position) => {
                let (value, mentions) = self.noting(|| self.variable(instance, position));
                self.instances[instance].variables[position] = value;
                self.instances[instance].mentioned.variables[position] = mentions;
            }
            Item::Local(position) => {
                let (value, mentions) = self.noting(|| self.value(&here, &file.locals[position].value));
                self.instances[instance].locals[position] = value;
                self.instances[instance].mentioned.locals[position] = mentions;
            }
            Item::Output(position) => {
                let output = &file.outputs[position];
                let (value, mentions) = self.noting(|| self.value(&here, &output.value));
                self.instances[instance].outputs[position] = if output.sensitive { value.sensitive() } else { value };
                self.instances[instance].mentioned.outputs[position] = mentions;
            }
            Item::Data(position) => {
                let value = self.data(&here, position);
                self.instances[instance].data[position] = value;
            }
            Item::Expansion(position) => self.expand_resource(instance, position),
            Item::Property(resource, position) => self.property(instance, resource, position),
            Item::Resource(position) => self.finish_resource(instance, position),
            Item::Call(position) => self.expand_call(instance, position),
            Item::Whole => {}
        }
    }

    fn variable(&self, instance: usize, position: usize) -> Value {
        let Some((parent, each)) = self.instances[instance].caller.clone() else {
            return self.program.variables.get(position).cloned().unwrap_or_else(poison);
        };
        let frame = &self.program.linked.frames[self.instances[instance].frame];
        let (Some((_, call)), variable) = (frame.parent, &self.file(instance).variables[position]) else {
            return poison();
        };
        let call = &self.file(parent).calls[call];
        let Some(input) = call.inputs.get(&variable.name.text) else {
            let default = variable.default.clone().map_or_else(poison, Value::from);
            return if variable.sensitive { default.sensitive() } else { default };
        };
        let at = Standpoint { instance: parent, each, place: self.instances[parent].place.clone() };
        let value = self.value(&at, &input.value);
        match variables::check_value(variable, value) {
            Ok(value) => value,
            Err(why) => {
                let message = format!("the input `{}` {why}", variable.name.text);
                self.problem(
                    Diagnostic::error("bad-input", message)
                        .at(input.value.span, "")
                        .at(variable.name.span, "the variable is declared here"),
                );
                poison()
            }
        }
    }

    fn data(&self, here: &Standpoint, position: usize) -> Value {
        let declared = &self.file(here.instance).data[position];
        match self.whether(here, declared.when.as_ref()) {
            Some(true) => {}
            Some(false) => return Value::Null,
            None => return poison(),
        }
        let Some(place) = self.place_of(here, declared.region.as_ref()) else { return poison() };
        let at = Standpoint { place: place.clone(), ..here.clone() };
        let filter = Value::Map(self.fields(&at, &declared.filter));
        let name = self.instances[here.instance].modules.iter().map(|module| format!("module.{module}."));
        let name = format!("{}{}", name.collect::<String>(), declared.name.text);
        if let Some(found) = self.facts.data.get(&name) {
            return Value::from(found.clone().into_json());
        }
        match filter.reveal() {
            Some(filter) => {
                let (filter, span) = (Doc::from(filter), Some(declared.name.span));
                let type_name = declared.type_name.text.clone();
                self.findings.borrow_mut().needs.data.push(DataLookup {
                    name: name.clone(),
                    type_name,
                    place,
                    filter,
                    span,
                });
            }
            None if waits_for_facts_only(&filter) => {}
            None => {
                let message = "what is looked up is not known before something is made";
                self.problem(
                    Diagnostic::error("not-known-yet", message)
                        .at(declared.name.span, "")
                        .help("`data` is read before anything is made: `where` can use variables, locals and other data blocks, not attributes of resources"),
                );
            }
        }
        Value::Unknown(Unknown::Data { name, path: Path::default() })
    }

    fn property(&mut self, instance: usize, resource: usize, position: usize) {
        let field = &self.file(instance).resources[resource].properties[position];
        for copy in 0..self.instances[instance].resources[resource].copies.len() {
            let found = &self.instances[instance].resources[resource].copies[copy];
            let at = Standpoint { instance, each: found.each.clone(), place: found.place.clone() };
            let (value, mentions) = self.noting(|| self.value(&at, &field.value));
            let copy = &mut self.instances[instance].resources[resource].copies[copy];
            copy.mentions.extend(mentions.iter().cloned());
            copy.properties[position] = value;
        }
    }

    /// Evaluates something, and tells what it mentions.
    fn noting<T>(&self, evaluate: impl FnOnce() -> T) -> (T, Mentions) {
        let around = self.mentions.take();
        let value = evaluate();
        (value, Rc::new(self.mentions.replace(around)))
    }

    fn mention<'a>(&self, addresses: impl IntoIterator<Item = &'a Address>) {
        self.mentions.borrow_mut().extend(addresses.into_iter().cloned());
    }

    /// The value of something written.
    fn value(&self, at: &Standpoint, written: &Written) -> Value {
        match &written.form {
            Form::Constant(value) => value.clone(),
            Form::List(items) => Value::List(items.iter().map(|item| self.value(at, item)).collect()),
            Form::Map(fields) => Value::Map(self.fields(at, fields)),
            Form::Expression(expression) => {
                self.note_needs(at, &expression.references);
                let view = View { evaluation: self, at, references: &expression.references };
                expression.template.evaluate(&view).unwrap_or_else(|problem| {
                    self.problem(self.explained(at, &expression.references, problem));
                    poison()
                })
            }
        }
    }

    fn fields(&self, at: &Standpoint, fields: &[Field]) -> BTreeMap<String, Value> {
        let mut map = BTreeMap::new();
        for field in fields {
            let key = match &field.key {
                Key::Text(key) => key.clone(),
                Key::Expression(expression) => {
                    let written = Written { span: field.key_span, form: Form::Expression(expression.clone()) };
                    match self.value(at, &written) {
                        Value::String(key) => key,
                        value => {
                            if value.is_known() || !waits_for_facts_only(&value) {
                                let problem = Diagnostic::error(
                                    "not-known-yet",
                                    "a key has to be a text that is known before anything is made",
                                );
                                self.problem(
                                    problem
                                        .at(field.key_span, "")
                                        .help("`jsonencode({…})` can hold keys that are known later"),
                                );
                            }
                            continue;
                        }
                    }
                }
            };
            let value = self.value(at, &field.value);
            if map.insert(key, value).is_some() {
                let problem = Diagnostic::error("duplicate-key", "two keys of this map have the same value");
                self.problem(problem.at(field.key_span, "given again here"));
            }
        }
        map
    }

    /// Adds what a failed expression has to do with resources that are switched off.
    fn explained(&self, at: &Standpoint, references: &[Reference], mut problem: Diagnostic) -> Diagnostic {
        let file = self.file(at.instance);
        let mut told = BTreeSet::new();
        for reference in references {
            let switched_off: Option<(String, Option<Span>)> = match reference.root.as_str() {
                "module" | "data" => None,
                root => file.names.resources.get(root).and_then(|position| {
                    let expansion = &self.instances[at.instance].resources[*position];
                    let when = file.resources[*position].when.as_ref().map(|when| when.span);
                    (expansion.is_sure && expansion.copies.is_empty()).then(|| (root.to_owned(), when))
                }),
            };
            if let Some((name, when)) = switched_off
                && told.insert(name.clone())
            {
                if let Some(when) = when {
                    problem = problem.at(when, format!("`{name}` is switched off here"));
                }
                problem = problem.help(format!("`{name}` is not there; write `try({name}.…, null)` or a condition"));
            }
        }
        problem
    }

    fn note_needs(&self, at: &Standpoint, references: &[Reference]) {
        for reference in references.iter().filter(|reference| reference.root == "aws") {
            let part = match reference.path.0.first() {
                Some(crate::base::Segment::Key(key)) => key.as_str(),
                _ => "",
            };
            let needs = &mut self.findings.borrow_mut().needs;
            if matches!(part, "account_id" | "partition" | "") && self.facts.identity.is_none() {
                needs.identity = Some(self.root_place());
            }
            if matches!(part, "azs" | "") && !self.facts.zones.contains_key(&at.place) && !at.place.region.is_empty() {
                needs.zones.insert(at.place.clone());
            }
        }
    }

    fn problem(&self, problem: Diagnostic) {
        self.findings.borrow_mut().problems.push(problem);
    }

    fn resource_type(&mut self, name: &'p str) -> Option<Arc<ResourceType>> {
        let catalogue = self.catalogue?;
        self.types.entry(name).or_insert_with(|| catalogue.get(name)).clone()
    }
}
