//! The end of an evaluation: outputs, and what the stack says about objects that exist already.

use std::collections::BTreeMap;

use super::Evaluation;
use crate::{
    base::{Address, Diagnostic, Part, Place, Span, Unknown},
    stack::{
        model::{Import, Moved, Output, Removed},
        words::suggestion,
    },
};

/// What stands beside the resources in a stack.
#[derive(Default)]
pub struct Tail {
    pub outputs: BTreeMap<String, Output>,
    pub imports: Vec<Import>,
    pub moved: Vec<Moved>,
    pub removed: Vec<Removed>,
}

impl Evaluation<'_> {
    /// Where resources go that name no region.
    pub fn root_place(&self) -> Place {
        self.instances[0].place.clone()
    }

    /// Everything beside the resources.
    pub fn tail(&self) -> Tail {
        let mut tail = Tail::default();
        let root = self.file(0);
        for (output, value) in root.outputs.iter().zip(&self.instances[0].outputs) {
            value.visit_unknowns(&mut |unknown| {
                if let Unknown::Attribute { address, path } = unknown {
                    self.check_attribute(address, path, output.value.span);
                }
            });
            let output_value = Output { value: value.clone(), description: output.description.clone() };
            tail.outputs.insert(output.name.text.clone(), output_value);
        }
        for import in &root.imports {
            let (to, span) = &import.to;
            let part = to.clone().into();
            if !self.resources.contains_key(to) && self.is_complete(&part) {
                self.unknown_address(&part, *span);
            }
            let here = self.standpoint(0);
            if let Some(id) = self.known_text(&here, &import.id, "the `id` of an import") {
                let id = id.unwrap_or_default();
                if id.is_empty() {
                    self.problem(
                        Diagnostic::error("bad-value", "the `id` of an import is empty").at(import.id.span, ""),
                    );
                }
                tail.imports.push(Import { to: to.clone(), id, span: Some(*span) });
            }
        }
        for instance in 0..self.instances.len() {
            self.history(instance, &mut tail);
        }
        tail
    }

    /// `moved` and `removed` of a module speak of addresses inside it.
    fn history(&self, instance: usize, tail: &mut Tail) {
        let (file, modules) = (self.file(instance), &self.instances[instance].modules);
        for moved in &file.moved {
            let (from, to) = (moved.from.0.clone().within(modules), moved.to.0.clone().within(modules));
            if from == to {
                self.problem(Diagnostic::error("bad-move", "this moves something to where it is").at(moved.from.1, ""));
                continue;
            }
            if from.is_module() != to.is_module() {
                let problem = Diagnostic::error("bad-move", format!("`{from}` cannot become `{to}`"));
                self.problem(problem.at(moved.to.1, "").help("a module becomes a module, and a resource a resource"));
                continue;
            }
            if self.first_in(&from).is_some_and(|found| from.moved(&to, found).is_some()) {
                let problem = Diagnostic::error("bad-move", format!("`{from}` is still declared")).at(moved.from.1, "");
                self.problem(
                    problem.help("what has moved away cannot be there any more: remove the declaration, or the entry"),
                );
            }
            if self.first_in(&to).is_none() && self.is_complete(&to) {
                self.unknown_address(&to, moved.to.1);
            }
            tail.moved.push(Moved { from, to, span: Some(moved.span) });
        }
        for removed in &file.removed {
            let from = removed.from.0.clone().within(modules);
            if self.first_in(&from).is_some() {
                let problem =
                    Diagnostic::error("bad-removal", format!("`{from}` is still declared")).at(removed.from.1, "");
                self.problem(problem.help("remove the declaration, or this entry"));
            }
            tail.removed.push(Removed { from, retain: removed.retain, span: Some(removed.from.1) });
        }
    }

    /// The first resource of the stack that lies in a part of it.
    fn first_in(&self, part: &Part) -> Option<&Address> {
        let (found, _) = self.resources.range(part.first()..).next()?;
        part.contains(found).then_some(found)
    }

    /// Whether all copies of a declaration are known, so that one can be said to be missing.
    fn is_complete(&self, part: &Part) -> bool {
        let Some(instance) = self.by_modules.get(part.modules()) else { return true };
        let (names, found) = (&self.file(*instance).names, &self.instances[*instance]);
        let (positions, expansions) = match part.is_module() {
            true => (&names.calls, &found.calls),
            false => (&names.resources, &found.resources),
        };
        positions.get(part.name()).is_none_or(|position| expansions[*position].is_sure)
    }

    fn unknown_address(&self, part: &Part, span: Span) {
        let kind = if part.is_module() { "nothing in" } else { "no resource" };
        let problem = Diagnostic::error("unknown-resource", format!("the stack has {kind} `{part}`")).at(span, "");
        let names: Vec<String> = self.resources.keys().take(10_000).map(Address::to_string).collect();
        self.problem(match suggestion(&part.to_string(), names.iter().map(String::as_str)) {
            Some(text) => problem.help(text),
            None => problem,
        });
    }
}
