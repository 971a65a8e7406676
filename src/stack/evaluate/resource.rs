//! A declaration with all its values → the resources of the stack.

use std::collections::{BTreeMap, BTreeSet};

use super::{Evaluation, Standpoint, tags};
use crate::{
    base::{Address, Diagnostic, Key, Value},
    catalogue::ResourceType,
    stack::{
        declaration::{DependsOnTarget, ResourceDeclaration},
        model::{Lifecycle, Resource},
        words::shown,
        written::{Key as WrittenKey, Written},
    },
};

impl<'p> Evaluation<'p> {
    /// Puts every copy of a resource together and checks it.
    pub(super) fn finish_resource(&mut self, instance: usize, position: usize) {
        let declared = &self.file(instance).resources[position];
        let Some(kind) = self.resource_type(&declared.type_name.text) else { return };
        let depends_on = self.depends_on(instance, declared);
        self.check_declaration(declared, &kind);
        for copy in 0..self.instances[instance].resources[position].copies.len() {
            let address = self.address_of(instance, position, copy);
            let found = &self.instances[instance].resources[position].copies[copy];
            let at = Standpoint { instance, each: found.each.clone(), place: found.place.clone() };
            let mut properties = BTreeMap::new();
            for (field, value) in declared.properties.iter().zip(&found.properties) {
                if let (WrittenKey::Text(name), Some(value)) = (&field.key, without_nulls(value)) {
                    properties.insert(name.clone(), value);
                }
            }
            let mentions = found.mentions.clone();
            let written = self.checked_references(declared, &kind, Value::Map(properties));
            let Value::Map(mut properties) = written else { continue };
            if let Some(tagging) = &kind.tagging {
                tags::merge(&mut properties, &self.instances[instance].tags, &kind, tagging);
            }
            let properties = Value::Map(properties);
            let mut needs = depends_on.clone();
            needs.extend(mentions.into_iter().filter(|mentioned| *mentioned != address));
            self.check_properties(declared, &kind, &properties);
            self.check_offer(declared, &at.place);
            let resource = Resource {
                address: address.clone(),
                type_name: declared.type_name.text.clone(),
                place: at.place.clone(),
                properties,
                depends_on: needs,
                lifecycle: self.lifecycle(&at, declared),
                timeouts: declared.timeouts,
                span: Some(declared.name.span),
            };
            self.resources.insert(address, resource);
        }
    }

    fn depends_on(&self, instance: usize, declared: &ResourceDeclaration) -> BTreeSet<Address> {
        let file = self.file(instance);
        let own = &self.instances[instance];
        let mut found = BTreeSet::new();
        for dependency in &declared.depends_on {
            match &dependency.target {
                DependsOnTarget::Resource(address) => {
                    let Some(position) = file.names.resources.get(&address.resource.name) else { continue };
                    let expansion = &own.resources[*position];
                    let wanted = address.resource.key.as_ref();
                    let copies = (0..expansion.copies.len())
                        .filter(|copy| wanted.is_none() || expansion.copies[*copy].key.as_ref() == wanted);
                    let before = found.len();
                    found.extend(copies.map(|copy| self.address_of(instance, *position, copy)));
                    if let (Some(key), true, true) = (wanted, found.len() == before, expansion.is_sure) {
                        self.missing_copy(dependency.span, &address.resource.name, key);
                    }
                }
                DependsOnTarget::Module(name) => {
                    let Some(position) = file.names.calls.get(name) else { continue };
                    for copy in &own.calls[*position].copies {
                        self.all_inside(copy.instance, &mut found);
                    }
                }
            }
        }
        found
    }

    fn missing_copy(&self, span: crate::base::Span, name: &str, key: &Key) {
        let problem = Diagnostic::error("unknown-resource", format!("there is no `{name}{}`", shown(&key.to_string())));
        self.problem(problem.at(span, ""));
    }

    /// Every resource of a module instance and of those inside it.
    fn all_inside(&self, instance: usize, found: &mut BTreeSet<Address>) {
        let mut open = vec![instance];
        while let Some(instance) = open.pop() {
            let own = &self.instances[instance];
            for (position, expansion) in own.resources.iter().enumerate() {
                found.extend((0..expansion.copies.len()).map(|copy| self.address_of(instance, position, copy)));
            }
            open.extend(own.calls.iter().flat_map(|call| &call.copies).map(|copy| copy.instance));
        }
    }

    fn lifecycle(&self, at: &Standpoint, declared: &ResourceDeclaration) -> Lifecycle {
        let lifecycle = &declared.lifecycle;
        Lifecycle {
            protect: self.flag(at, lifecycle.protect.as_ref(), "`protect`"),
            retain: self.flag(at, lifecycle.retain.as_ref(), "`retain`"),
            snapshot_on_delete: self.flag(at, lifecycle.snapshot_on_delete.as_ref(), "`snapshot_on_delete`"),
            ignore_changes: lifecycle.ignore_changes.iter().map(|(path, _)| path.clone()).collect(),
            ignore_drift: lifecycle.ignore_drift.iter().map(|(path, _)| path.clone()).collect(),
            replace_when: lifecycle.replace_when.iter().map(|written| self.value(at, written)).collect(),
            replace: lifecycle.replace,
        }
    }

    fn flag(&self, at: &Standpoint, written: Option<&Written>, what: &str) -> bool {
        let Some(written) = written else { return false };
        match self.value(at, written).revealed() {
            Value::Bool(flag) => *flag,
            Value::Null => false,
            value if value.is_known() => {
                let message = format!("{what} has to be `true` or `false`");
                self.problem(Diagnostic::error("wrong-form", message).at(written.span, ""));
                false
            }
            value => {
                if !super::waits_for_facts_only(value) {
                    let message = format!("{what} is not known before something is made");
                    self.problem(Diagnostic::error("not-known-yet", message).at(written.span, ""));
                }
                false
            }
        }
    }

    /// What can be said of a declaration whatever its copies are.
    fn check_declaration(&self, declared: &ResourceDeclaration, kind: &ResourceType) {
        for (path, span) in declared.lifecycle.ignore_changes.iter().chain(&declared.lifecycle.ignore_drift) {
            if kind.field(path).is_none() {
                let problem =
                    Diagnostic::error("unknown-property", format!("`{}` has no `{path}`", kind.name)).at(*span, "");
                let help =
                    path.property().and_then(|name| crate::stack::words::suggestion(name, kind.property_names()));
                self.problem(match help {
                    Some(text) => problem.help(text),
                    None => problem,
                });
            }
        }
        if let Some(written) = &declared.lifecycle.snapshot_on_delete
            && !kind.overlay.can_snapshot
        {
            let message = format!("no final snapshot can be taken of `{}`", kind.name);
            self.problem(Diagnostic::error("cannot-snapshot", message).at(written.span, ""));
        }
    }
}

/// A null stands for "not given", at any depth of maps.
fn without_nulls(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Sensitive(inner) => without_nulls(inner)?.sensitive(),
        Value::Map(map) => {
            Value::Map(map.iter().filter_map(|(key, value)| Some((key.clone(), without_nulls(value)?))).collect())
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| without_nulls(item).unwrap_or(Value::Null)).collect())
        }
        other => other.clone(),
    })
}
