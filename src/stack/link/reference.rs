//! References → edges: what every name of a file means, and whether there is such a thing.

use std::{collections::BTreeMap, sync::Arc};

use super::{Edge, Item, Layout, Target, layout::property};
use crate::{
    base::{Diagnostic, Diagnostics, Path, Segment, Span},
    catalogue::{Catalogue, ResourceType},
    stack::{
        declaration::{Call, Declarations, DependsOn, DependsOnTarget, Repeat, ResourceDeclaration},
        expr::Reference,
        words::{listed, nearest, shown, suggestion},
        written::{Field, Key, Written},
    },
};

/// The edges of a file's items.
pub struct FileEdges {
    /// By the number of the item.
    pub items: Vec<Vec<Edge>>,
    /// Of every call: the edges of each input.
    pub inputs: Vec<BTreeMap<String, Vec<Edge>>>,
    /// Whether anything in it can only be told by the cloud before planning.
    pub asks: bool,
}

struct Resolver<'a> {
    files: &'a [Declarations],
    layouts: &'a [Layout],
    file: &'a Declarations,
    layout: &'a Layout,
    catalogue: &'a Catalogue,
    types: BTreeMap<&'a str, Option<Arc<ResourceType>>>,
    asks: bool,
    problems: &'a mut Diagnostics,
}

/// Resolves everything in one file.
pub fn edges(
    files: &[Declarations],
    layouts: &[Layout],
    position: usize,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> FileEdges {
    let (file, layout) = (&files[position], &layouts[position]);
    let asks = !file.data.is_empty();
    let mut resolver = Resolver { files, layouts, file, layout, catalogue, types: BTreeMap::new(), asks, problems };
    let mut items = vec![Vec::new(); layout.items.len()];
    for (number, item) in layout.items.iter().enumerate() {
        items[number] = resolver.item(*item);
    }
    let inputs = file.calls.iter().map(|call| resolver.inputs(call)).collect();
    FileEdges { items, inputs, asks: resolver.asks }
}

impl<'a> Resolver<'a> {
    fn item(&mut self, item: Item) -> Vec<Edge> {
        let file = self.file;
        let mut edges = Vec::new();
        match item {
            Item::Place => {
                let aliases = file.regions.values().flat_map(|alias| [Some(&alias.region), alias.role_arn.as_ref()]);
                for written in aliases.chain([file.region.as_ref()]).flatten() {
                    self.written(written, false, &mut edges);
                }
            }
            Item::Tags => file.tags.iter().for_each(|tags| self.written(tags, false, &mut edges)),
            // The stack's own variables are known from the start; those of a module are their caller's inputs.
            Item::Variable(_) => {}
            Item::Local(position) => self.written(&file.locals[position].value, false, &mut edges),
            Item::Expansion(position) => {
                let resource = &file.resources[position];
                self.repetition(&resource.repeat, resource.when.as_ref(), resource.region.as_ref(), &mut edges);
            }
            Item::Property(resource, position) => {
                let resource = &file.resources[resource];
                let repeated = !matches!(resource.repeat, Repeat::Once);
                self.field(&resource.properties[position], repeated, &mut edges);
                edges.push(self.here(Item::Expansion(match item {
                    Item::Property(resource, _) => resource,
                    _ => 0,
                })));
            }
            Item::Resource(position) => self.resource(position, &mut edges),
            Item::Data(position) => {
                let data = &file.data[position];
                data.filter.iter().for_each(|field| self.field(field, false, &mut edges));
                self.repetition(&Repeat::Once, data.when.as_ref(), data.region.as_ref(), &mut edges);
                self.check_filter(position);
            }
            Item::Call(position) => {
                let call = &file.calls[position];
                self.repetition(&call.repeat, call.when.as_ref(), call.region.as_ref(), &mut edges);
                self.check_inputs(call);
            }
            Item::Output(position) => self.written(&file.outputs[position].value, false, &mut edges),
            Item::Whole => edges.extend((0..file.resources.len()).map(|resource| self.here(Item::Resource(resource)))),
        }
        edges
    }

    fn here(&self, item: Item) -> Edge {
        Edge { target: Target::Here(self.layout.number(item)), span: None }
    }

    fn written(&mut self, written: &'a Written, each: bool, edges: &mut Vec<Edge>) {
        for reference in written.references() {
            self.reference(reference, each, edges);
        }
    }

    fn field(&mut self, field: &'a Field, each: bool, edges: &mut Vec<Edge>) {
        if let Key::Expression(expression) = &field.key {
            expression.references.iter().for_each(|reference| self.reference(reference, each, edges));
        }
        self.written(&field.value, each, edges);
    }

    fn repetition(
        &mut self,
        repeat: &'a Repeat,
        when: Option<&'a Written>,
        region: Option<&'a Written>,
        edges: &mut Vec<Edge>,
    ) {
        edges.push(self.here(Item::Place));
        repeat.written().into_iter().for_each(|written| self.written(written, false, edges));
        let repeated = !matches!(repeat, Repeat::Once);
        when.into_iter().chain(region).for_each(|written| self.written(written, repeated, edges));
    }

    fn resource(&mut self, position: usize, edges: &mut Vec<Edge>) {
        let resource = &self.file.resources[position];
        edges.push(self.here(Item::Expansion(position)));
        edges.push(self.here(Item::Tags));
        edges.extend((0..resource.properties.len()).map(|property| self.here(Item::Property(position, property))));
        let lifecycle = &resource.lifecycle;
        let flags = [&lifecycle.protect, &lifecycle.retain, &lifecycle.snapshot_on_delete];
        let repeated = !matches!(resource.repeat, Repeat::Once);
        for written in flags.into_iter().flatten().chain(&lifecycle.replace_when) {
            self.written(written, repeated, edges);
        }
        for dependency in &resource.depends_on {
            self.depends_on(dependency, edges);
        }
        if self.resource_type(&resource.type_name.text).is_none() {
            self.unknown_type(&resource.type_name.text, resource.type_name.span);
        }
    }

    fn resource_type(&mut self, name: &'a str) -> Option<Arc<ResourceType>> {
        let catalogue = self.catalogue;
        self.types.entry(name).or_insert_with(|| catalogue.get(name)).clone()
    }

    fn unknown_type(&mut self, name: &str, span: Span) {
        let problem =
            Diagnostic::error("unknown-type", format!("there is no resource type `{}`", shown(name))).at(span, "");
        self.problems.push(match self.catalogue.nearest(name) {
            Some(nearest) => problem.help(format!("did you mean `{nearest}`?")),
            None => problem.help("`provision schema` lists all types"),
        });
    }

    fn check_filter(&mut self, position: usize) {
        let data = &self.file.data[position];
        let Some(kind) = self.resource_type(&data.type_name.text) else {
            self.unknown_type(&data.type_name.text, data.type_name.span);
            return;
        };
        // AWS can be asked by more than what a type publishes (`IsDefault` of a VPC), so only what looks mistyped is refused.
        for field in &data.filter {
            if let Key::Text(name) = &field.key
                && kind.field(&Path::key(name.as_str())).is_none()
                && let Some(meant) = nearest(name, kind.property_names())
            {
                let message = format!("`{}` has no `{}`", kind.name, shown(name));
                let problem = Diagnostic::error("unknown-property", message).at(field.key_span, "");
                self.problems.push(problem.help(format!("did you mean `{meant}`?")));
            }
        }
    }

    fn depends_on(&mut self, dependency: &DependsOn, edges: &mut Vec<Edge>) {
        let span = Some(dependency.span);
        match &dependency.target {
            DependsOnTarget::Module(name) => match self.file.names.calls.get(name) {
                Some(call) => {
                    edges.push(Edge { span, ..self.here(Item::Call(*call)) });
                    if let Some(file) = self.file.calls[*call].file {
                        let item = self.layouts[file].number(Item::Whole);
                        edges.push(Edge { target: Target::Inside { call: *call, item }, span });
                    }
                }
                None => self.unknown("module", name, dependency.span, &self.file.names.calls),
            },
            DependsOnTarget::Resource(address) if !address.modules.is_empty() => {
                let problem =
                    Diagnostic::error("bad-address", "`depends_on` names resources of the same file, or whole modules");
                let module = &address.modules[0].name;
                self.problems.push(problem.at(dependency.span, "").help(format!("write `module.{module}`")));
            }
            DependsOnTarget::Resource(address) => match self.file.names.resources.get(&address.resource.name) {
                Some(resource) => edges.push(Edge { span, ..self.here(Item::Resource(*resource)) }),
                None => self.unknown("resource", &address.resource.name, dependency.span, &self.file.names.resources),
            },
        }
    }

    fn inputs(&mut self, call: &'a Call) -> BTreeMap<String, Vec<Edge>> {
        let repeated = !matches!(call.repeat, Repeat::Once);
        let mut found = BTreeMap::new();
        for (name, input) in &call.inputs {
            let mut edges = Vec::new();
            self.written(&input.value, repeated, &mut edges);
            found.insert(name.clone(), edges);
        }
        found
    }

    fn check_inputs(&mut self, call: &Call) {
        let Some(module) = call.file.and_then(|file| self.files.get(file)) else { return };
        for (name, input) in call.inputs.iter().filter(|(name, _)| !module.names.variables.contains_key(*name)) {
            let message = format!("the module `{}` has no variable `{}`", call.name.text, shown(name));
            let problem = Diagnostic::error("unknown-input", message).at(input.span, "");
            let candidates = module.names.variables.keys().map(String::as_str);
            self.problems.push(match suggestion(name, candidates) {
                Some(text) => problem.help(text),
                None => problem,
            });
        }
        let missing: Vec<&str> = module
            .variables
            .iter()
            .filter(|variable| variable.default.is_none() && !call.inputs.contains_key(&variable.name.text))
            .map(|variable| variable.name.text.as_str())
            .collect();
        if !missing.is_empty() {
            let message = format!("the module `{}` needs {}", call.name.text, listed(&missing));
            self.problems
                .push(Diagnostic::error("missing-input", message).at(call.name.span, "give it under `inputs`"));
        }
    }

    fn reference(&mut self, reference: &'a Reference, each: bool, edges: &mut Vec<Edge>) {
        let span = Some(reference.span);
        let names = &self.file.names;
        let first = match reference.path.0.first() {
            Some(Segment::Key(key)) => Some(key.as_str()),
            _ => None,
        };
        match (reference.root.as_str(), first) {
            ("env", _) => {}
            ("each", _) => self.each(reference, each),
            ("aws", _) => {
                self.asks |= first != Some("region");
                self.check_part(reference, first, &["region", "account_id", "partition", "azs"]);
                edges.push(Edge { span, ..self.here(Item::Place) });
            }
            ("var", Some(name)) => match names.variables.get(name) {
                Some(variable) => edges.push(Edge { span, ..self.here(Item::Variable(*variable)) }),
                None => self.unknown("variable", name, reference.span, &names.variables),
            },
            ("var", None) => {
                edges.extend((0..self.file.variables.len()).map(|v| Edge { span, ..self.here(Item::Variable(v)) }));
            }
            ("local", Some(name)) => match names.locals.get(name) {
                Some(local) => edges.push(Edge { span, ..self.here(Item::Local(*local)) }),
                None => self.unknown("local", name, reference.span, &names.locals),
            },
            ("local", None) => {
                edges.extend((0..self.file.locals.len()).map(|l| Edge { span, ..self.here(Item::Local(l)) }));
            }
            ("data", Some(name)) => match names.data.get(name) {
                Some(data) => self.data(*data, reference, edges),
                None => self.unknown("data block", name, reference.span, &names.data),
            },
            ("module", Some(name)) => match names.calls.get(name) {
                Some(call) => self.output(*call, reference, edges),
                None => self.unknown("module", name, reference.span, &names.calls),
            },
            ("data" | "module", None) => {
                let problem = Diagnostic::error("unknown-name", format!("`{}` alone means nothing", reference.root));
                self.problems
                    .push(problem.at(reference.span, "").help(format!("a name follows: `{}.name`", reference.root)));
            }
            (root, _) => match names.resources.get(root) {
                Some(resource) => self.attribute(*resource, reference, edges),
                None => self.unknown_root(reference),
            },
        }
    }

    fn unknown(&mut self, what: &str, name: &str, span: Span, candidates: &BTreeMap<String, usize>) {
        if self.file.names.broken.contains(name) {
            return;
        }
        let rule = match what {
            "variable" => "unknown-variable",
            "local" => "unknown-local",
            "module" => "unknown-module",
            "data block" => "unknown-data",
            _ => "unknown-resource",
        };
        let problem = Diagnostic::error(rule, format!("there is no {what} `{}`", shown(name))).at(span, "");
        self.problems.push(match suggestion(name, candidates.keys().map(String::as_str)) {
            Some(text) => problem.help(text),
            None => problem,
        });
    }

    fn check_part(&mut self, reference: &Reference, part: Option<&str>, known: &[&str]) {
        let Some(part) = part.filter(|part| !known.contains(part)) else { return };
        let message = format!("`{}` has no `{}`", reference.root, shown(part));
        let problem = Diagnostic::error("unknown-attribute", message).at(reference.span, "");
        self.problems.push(match suggestion(part, known.iter().copied()) {
            Some(text) => problem.help(text),
            None => problem,
        });
    }

    fn each(&mut self, reference: &Reference, allowed: bool) {
        if !allowed {
            let problem = Diagnostic::error(
                "each-outside-repetition",
                "`each` means something only where `for_each` or `count` is given",
            );
            self.problems.push(problem.at(reference.span, ""));
            return;
        }
        let part = match reference.path.0.first() {
            Some(Segment::Key(key)) => Some(key.as_str()),
            _ => None,
        };
        self.check_part(reference, part, &["key", "value", "index"]);
    }

    fn unknown_root(&mut self, reference: &Reference) {
        let root = reference.root.as_str();
        if self.file.names.broken.contains(root) {
            return;
        }
        let problem =
            Diagnostic::error("unknown-name", format!("there is no `{}`", shown(root))).at(reference.span, "");
        let names = &self.file.names;
        let help = if root == "count" {
            Some("the number of a copy is `each.index`".to_owned())
        } else if names.variables.contains_key(root) {
            Some(format!("variables are written `var.{root}`"))
        } else if names.locals.contains_key(root) {
            Some(format!("locals are written `local.{root}`"))
        } else if names.calls.contains_key(root) {
            Some(format!("modules are written `module.{root}`"))
        } else if names.data.contains_key(root) {
            Some(format!("data blocks are written `data.{root}`"))
        } else {
            let roots = ["var", "local", "each", "module", "data", "aws", "env"];
            let candidates = names.resources.keys().map(String::as_str).chain(roots);
            suggestion(root, candidates)
        };
        self.problems.push(match help {
            Some(text) => problem.help(text),
            None => problem,
        });
    }

    fn data(&mut self, data: usize, reference: &'a Reference, edges: &mut Vec<Edge>) {
        edges.push(Edge { span: Some(reference.span), ..self.here(Item::Data(data)) });
        let type_name = self.file.data[data].type_name.text.as_str();
        if let Some(kind) = self.resource_type(type_name) {
            self.check_attribute(&kind, &reference.path.0[1..], reference.span);
        }
    }

    fn output(&mut self, call: usize, reference: &Reference, edges: &mut Vec<Edge>) {
        let declared = &self.file.calls[call];
        let span = Some(reference.span);
        edges.push(Edge { span, ..self.here(Item::Call(call)) });
        let Some(file) = declared.file else { return };
        let (module, layout) = (&self.files[file], &self.layouts[file]);
        let inside =
            |output: usize| Edge { target: Target::Inside { call, item: layout.number(Item::Output(output)) }, span };
        let repeated = !matches!(declared.repeat, Repeat::Once);
        let rest = &reference.path.0[1..];
        let is_output = |segment: Option<&Segment>| matches!(segment, Some(Segment::Key(name)) if module.names.outputs.contains_key(name));
        if repeated && rest.len() == 1 && is_output(rest.first()) {
            let (name, output) = (&declared.name.text, &rest[0]);
            let output = Path(vec![output.clone()]);
            let message = format!("the module `{name}` is repeated: which one's `{output}` is meant?");
            let problem = Diagnostic::error("missing-key", message).at(reference.span, "");
            self.problems.push(problem.help(format!("write `module.{name}[\"key\"].{output}`")));
            return;
        }
        let named = if repeated { rest.get(1) } else { rest.first() };
        match named {
            Some(Segment::Key(name)) => match module.names.outputs.get(name) {
                Some(output) => edges.push(inside(*output)),
                None if module.names.broken.contains(name) => {}
                None => {
                    let message = format!("the module `{}` has no output `{}`", declared.name.text, shown(name));
                    let problem = Diagnostic::error("unknown-output", message).at(reference.span, "");
                    self.problems.push(match suggestion(name, module.names.outputs.keys().map(String::as_str)) {
                        Some(text) => problem.help(text),
                        None => problem,
                    });
                }
            },
            _ => edges.extend((0..module.outputs.len()).map(inside)),
        }
    }

    fn attribute(&mut self, position: usize, reference: &'a Reference, edges: &mut Vec<Edge>) {
        let resource = &self.file.resources[position];
        let span = Some(reference.span);
        let kind = self.resource_type(&resource.type_name.text);
        let mut path = reference.path.0.as_slice();
        if !matches!(resource.repeat, Repeat::Once) {
            self.check_repeated(resource, kind.as_deref(), reference);
            path = path.get(1..).unwrap_or(&[]);
        } else if let Some(Segment::Index(_)) = path.first() {
            let message = format!("`{}` is there once, not repeated", resource.name.text);
            let problem = Diagnostic::error("not-repeated", message).at(reference.span, "");
            self.problems.push(problem.help(format!("write `{}` without an index", resource.name.text)));
            return;
        }
        edges.push(Edge { span, ..self.here(Item::Expansion(position)) });
        let written = match path.first() {
            Some(Segment::Key(name)) => property(&resource.properties, name),
            _ => None,
        };
        edges.push(match written {
            Some(written) => Edge { span, ..self.here(Item::Property(position, written)) },
            None => Edge { span, ..self.here(Item::Resource(position)) },
        });
        if let (None, Some(kind)) = (written, kind) {
            self.check_attribute(&kind, path, reference.span);
        }
    }

    /// `private.SubnetId` where `private` is repeated.
    fn check_repeated(&mut self, resource: &ResourceDeclaration, kind: Option<&ResourceType>, reference: &Reference) {
        let Some(Segment::Key(first)) = reference.path.0.first() else { return };
        let is_attribute = kind.is_some_and(|kind| kind.field(&Path::key(first.as_str())).is_some());
        if !is_attribute || first.starts_with(|c: char| c.is_ascii_lowercase()) {
            return;
        }
        let name = &resource.name.text;
        let message = format!("`{name}` is repeated: which one's `{first}` is meant?");
        let problem = Diagnostic::error("missing-key", message).at(reference.span, "");
        self.problems.push(match resource.repeat {
            Repeat::Count(_) => {
                problem.help(format!("write `{name}[0].{first}`, or `{name}[*].{first}` for all of them"))
            }
            _ => {
                problem.help(format!("write `{name}[\"key\"].{first}`, or `values({name})[*].{first}` for all of them"))
            }
        });
    }

    fn check_attribute(&mut self, kind: &ResourceType, path: &[Segment], span: Span) {
        for length in 1..=path.len() {
            if kind.field(&Path(path[..length].to_vec())).is_some() {
                continue;
            }
            let Segment::Key(name) = &path[length - 1] else { return };
            let around = Path(path[..length - 1].to_vec());
            let place = if length == 1 { kind.name.clone() } else { format!("{around} of {}", kind.name) };
            let problem =
                Diagnostic::error("unknown-attribute", format!("`{place}` has no `{}`", shown(name))).at(span, "");
            let inner = kind.field(&around).map(|field| field.properties).unwrap_or_default();
            let help = if length == 1 {
                suggestion(name, kind.property_names())
            } else {
                suggestion(name, inner.iter().map(String::as_str))
            };
            self.problems.push(match help {
                Some(text) => problem.help(text),
                None => problem.help(format!("`provision schema {}` lists what it has", kind.name)),
            });
            return;
        }
    }
}
