//! What a plan may not do unless somebody says so: delete what is protected, or what holds data.

use serde_json::Value as Json;

use super::world::World;
use crate::{
    base::{Diagnostic, Diagnostics, Doc, secret},
    catalogue::ResourceType,
    engine::plan::{Action, Reason, Step},
    state::Command,
};

/// Refuses deletes that need `--allow-delete`.
pub(super) fn check(world: &World<'_>) -> Result<(), Diagnostics> {
    let deletes = world.steps.values().flatten().filter(|step| step.action == Action::Delete);
    let refused: Vec<Diagnostic> = deletes.filter_map(|step| refusal(world, step)).collect();
    if refused.is_empty() { Ok(()) } else { Err(Diagnostics(refused)) }
}

fn refusal(world: &World<'_>, step: &Step) -> Option<Diagnostic> {
    let address = &step.object.address;
    let allowed = &world.request.options.allow_delete;
    if allowed.contains(address) || allowed.contains(&address.declaration()) {
        return None;
    }
    let resource = world.resource(address);
    let is_protected = match resource {
        Some(resource) => resource.lifecycle.protect,
        None => world.objects.get(&step.object).is_some_and(|object| object.kept.protect),
    };
    let resource_type = world.request.catalogue.get(&step.type_name);
    let holds_data = resource_type.as_ref().is_some_and(|resource_type| resource_type.overlay.holds_data);
    let verb = if world.decisions.contains_key(address) { "replaced" } else { "deleted" };
    let guard = world.objects.get(&step.object).and_then(|object| guard(resource_type.as_deref()?, &object.inputs));
    let (rule, message) = if is_protected {
        ("protected", format!("`{address}` is protected and would be {verb}"))
    } else if let Some(property) = guard {
        ("protected", format!("`{address}` is protected by its `{property}` and would be {verb}"))
    } else if holds_data && world.request.command != Command::Destroy {
        ("holds-data", format!("`{address}` ({}) holds data and would be {verb}", step.type_name))
    } else {
        return None;
    };
    let error = Diagnostic::error(rule, message)
        .help(format!("if that is what you want, say so with `--allow-delete '{address}'`"))
        .help("to keep it in AWS and let it leave the stack, use `removed: [{from: …, retain: true}]`");
    let error = match cause(world, step) {
        Some(cause) => error.help(cause),
        None => error,
    };
    Some(match resource.and_then(|resource| resource.span) {
        Some(span) => error.at(span, format!("would be {verb}")),
        None => error,
    })
}

/// The property by which AWS itself protects the object, if the stack has turned it on.
fn guard(resource_type: &ResourceType, inputs: &Json) -> Option<String> {
    let guard = resource_type.overlay.guarded_by.as_ref()?;
    guard.lifted(&Doc::from(secret::without_sealed(inputs))).map(|_| guard.property.clone())
}

/// What makes a replacement necessary.
fn cause(world: &World<'_>, step: &Step) -> Option<String> {
    let decision = world.decisions.get(&step.object.address)?;
    let why = world.steps.get(&decision.object)?.iter().flat_map(|step| &step.why);
    let causes: Vec<String> = why
        .filter_map(|reason| match reason {
            Reason::Immutable { path } => Some(format!("`{path}` cannot be changed in place")),
            Reason::Follows { address, path } => Some(format!("`{path}` refers to `{address}`, which is replaced")),
            Reason::ReplaceWhen => Some("`replace_when` has another value".to_owned()),
            Reason::Broken { why } => Some(why.clone()),
            _ => None,
        })
        .collect();
    (!causes.is_empty()).then(|| format!("it has to be replaced because {}", causes.join(", and ")))
}
