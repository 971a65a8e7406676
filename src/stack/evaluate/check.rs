//! What the catalogue has to say about a resource: its properties, where its type is offered, and whether what it refers to
//! can stand where it does.

use std::sync::Arc;

use super::Evaluation;
use crate::{
    base::{Address, Diagnostic, Path, Place, Segment, Span, Unknown, Value},
    catalogue::{Field, ResourceType},
    stack::{
        declaration::ResourceDeclaration,
        words::{shown, suggestion},
        written::locate,
    },
};

impl<'p> Evaluation<'p> {
    /// Reports every problem of the catalogue at the line that causes it.
    pub(super) fn check_properties(&self, declared: &ResourceDeclaration, kind: &ResourceType, properties: &Value) {
        for problem in kind.check(properties) {
            let place = locate(&declared.properties, &problem.path.0, problem.at_key).unwrap_or(declared.name.span);
            let mut diagnostic = Diagnostic::error(problem.rule, problem.message).at(place, "");
            diagnostic.help = problem.help;
            self.problem(diagnostic);
        }
    }

    pub(super) fn check_offer(&self, declared: &ResourceDeclaration, place: &Place) {
        let name = &declared.type_name;
        let offered = self.catalogue.and_then(|catalogue| catalogue.is_offered(&name.text, &place.region));
        if offered == Some(false) {
            let message = format!("`{}` is not offered in `{}`", name.text, place.region);
            let problem = Diagnostic::error("type-not-offered", message).at(name.span, "");
            self.problem(
                problem.help("put it into another region: `regions` names them, `region` on the resource chooses"),
            );
        }
    }

    /// The properties with references to whole resources (`${vpc}`) made references to what is meant (`vpc.VpcId`); every
    /// reference is checked.
    pub(super) fn checked_references(
        &mut self,
        declared: &ResourceDeclaration,
        kind: &ResourceType,
        properties: Value,
    ) -> Value {
        let mut path = Vec::new();
        self.checked(declared, kind, properties, &mut path)
    }

    fn checked(
        &mut self,
        declared: &ResourceDeclaration,
        kind: &ResourceType,
        value: Value,
        path: &mut Vec<Segment>,
    ) -> Value {
        match value {
            Value::Map(map) => {
                let mut entry = |(key, value): (String, Value)| {
                    path.push(Segment::Key(key.clone()));
                    let value = self.checked(declared, kind, value, path);
                    path.pop();
                    (key, value)
                };
                Value::Map(map.into_iter().map(&mut entry).collect())
            }
            Value::List(items) => {
                let mut item = |(index, value): (usize, Value)| {
                    path.push(Segment::Index(index));
                    let value = self.checked(declared, kind, value, path);
                    path.pop();
                    value
                };
                Value::List(items.into_iter().enumerate().map(&mut item).collect())
            }
            Value::Sensitive(inner) => self.checked(declared, kind, *inner, path).sensitive(),
            Value::Unknown(Unknown::Attribute { address, path: attribute }) => {
                let here = Path(path.clone());
                let span = locate(&declared.properties, &here.0, false).unwrap_or(declared.name.span);
                let field = kind.field(&here).unwrap_or_default();
                let attribute = if attribute.0.is_empty() {
                    self.meant(&address, &field, span)
                } else {
                    self.check_reference(&address, &attribute, &field, span);
                    attribute
                };
                Value::Unknown(Unknown::Attribute { address, path: attribute })
            }
            other => {
                let span = locate(&declared.properties, path, false).unwrap_or(declared.name.span);
                other.visit_unknowns(&mut |unknown| {
                    if let Unknown::Attribute { address, path } = unknown {
                        self.check_attribute(address, path, span);
                    }
                });
                other
            }
        }
    }

    /// The attribute that is meant by a resource alone.
    fn meant(&mut self, address: &Address, field: &Field, span: Span) -> Path {
        let Some(target) = self.type_of(address) else { return Path::default() };
        let formats = field.references.iter().filter(|format| of_type(format, &target.name));
        if let Some(attribute) = formats.filter_map(|format| target.attribute_for_format(format)).next() {
            return attribute.parse().unwrap_or_else(|_| Path::key(attribute));
        }
        if let Some(wanted) = wanted(field) {
            self.problem(self.wrong_reference(address, None, &wanted, span));
        } else {
            let name = &address.resource.name;
            let problem =
                Diagnostic::error("whole-resource", format!("`{name}` is a whole resource; which attribute is meant?"));
            let problem = problem.at(span, "");
            self.problem(match target.primary_identifier.first() {
                Some(id) => problem.help(format!("for example `{name}.{id}`")),
                None => problem,
            });
        }
        Path::default()
    }

    fn type_of(&self, address: &Address) -> Option<Arc<ResourceType>> {
        let name = self.type_at(address)?;
        match self.types.get(name) {
            Some(known) => known.clone(),
            None => self.catalogue?.get(name),
        }
    }

    /// Whether the type of a resource has such an attribute.
    pub(super) fn check_attribute(&self, address: &Address, path: &Path, span: Span) {
        if path.0.is_empty() {
            return;
        }
        let Some(type_name) = self.type_at(address) else { return };
        let known = (type_name.to_owned(), path.clone());
        if self.attributes.borrow().contains_key(&known) {
            return;
        }
        let Some(target) = self.type_of(address) else { return };
        let is_there = target.field(path).is_some();
        if !is_there {
            let problem = Diagnostic::error("unknown-attribute", format!("`{type_name}` has no `{path}`")).at(span, "");
            let help = path.property().and_then(|name| suggestion(name, target.property_names()));
            self.problem(match help {
                Some(text) => problem.help(text),
                None => problem.help(format!("`provision schema {type_name}` lists what it has")),
            });
        }
        self.attributes.borrow_mut().insert(known, is_there);
    }

    /// Whether an attribute can stand in a place; where the catalogue does not say, it can.
    fn check_reference(&self, address: &Address, attribute: &Path, field: &Field, span: Span) {
        self.check_attribute(address, attribute, span);
        let (Some(wanted), Some(target)) = (wanted(field), self.type_of(address)) else {
            return;
        };
        let own = target.field(attribute).map(|field| field.references).unwrap_or_default();
        if own.iter().any(|format| field.references.contains(format)) {
            return;
        }
        let same_type: Vec<&String> = field.references.iter().filter(|format| of_type(format, &target.name)).collect();
        if same_type.is_empty() {
            // An alias or version stands for what it points to, and only identifiers are surely wrong.
            let stands_for_another = ["Alias", "Version"].iter().any(|end| target.name.ends_with(end));
            let is_identifier = target.primary_identifier.contains(attribute) || !own.is_empty();
            if is_identifier && !stands_for_another {
                self.problem(self.wrong_reference(address, Some(attribute), &wanted, span));
            }
            return;
        }
        let right: Vec<&str> = same_type.iter().filter_map(|format| target.attribute_for_format(format)).collect();
        let text = attribute.to_string();
        if !right.is_empty() && !right.contains(&text.as_str()) && !own.is_empty() {
            self.problem(self.wrong_reference(address, Some(attribute), &wanted, span));
        }
    }

    fn wrong_reference(&self, address: &Address, attribute: Option<&Path>, wanted: &str, span: Span) -> Diagnostic {
        let type_name = self.type_at(address).unwrap_or_default();
        let what = match attribute {
            Some(attribute) => format!("`{attribute}` of `{}`", shown(&address.resource.to_string())),
            None => format!("`{}`", shown(&address.resource.to_string())),
        };
        let message = format!("{what}, an `{type_name}`, stands where {wanted} belongs");
        let mut candidates = self.of_wanted_type(address, wanted);
        let problem = Diagnostic::error("wrong-reference", message).at(span, "");
        match candidates.next() {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem,
        }
    }

    /// Resources of the same file whose type is named in `wanted`.
    fn of_wanted_type<'a>(&'a self, address: &Address, wanted: &'a str) -> impl Iterator<Item = &'a str> {
        let file = self.by_modules.get(&address.modules).map(|instance| self.file(*instance));
        let resources = file.map(|file| file.resources.as_slice()).unwrap_or_default();
        let quoted = |name: &str| wanted.contains(&format!("`{name}`"));
        resources
            .iter()
            .filter(move |resource| quoted(&resource.type_name.text))
            .map(|resource| resource.name.text.as_str())
    }
}

fn of_type(format: &str, type_name: &str) -> bool {
    format.rsplit_once('.').is_some_and(|(name, _)| name == type_name)
}

/// What a reference has to mean here, as people say it; `None` if the catalogue does not say.
fn wanted(field: &Field) -> Option<String> {
    let names: Vec<String> = field
        .references
        .iter()
        .filter_map(|format| format.rsplit_once('.'))
        .filter(|(name, _)| name.starts_with("AWS::"))
        .map(|(name, part)| format!("the {part} of an `{name}`"))
        .collect();
    (!names.is_empty() && names.len() == field.references.len()).then(|| names.join(" or "))
}
