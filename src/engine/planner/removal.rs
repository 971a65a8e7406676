//! What becomes of objects that the stack does not have (any more).

use super::{select::Selection, world::World};
use crate::{
    base::ObjectId,
    engine::plan::{Action, Reason, Step, Undo},
    state::Command,
};

/// Why a deleted object is gone for good.
pub(super) const FINAL: &str = "a deleted object cannot be brought back";

/// Adds the steps for every object that no decision is about: left-over generations, and what has left the stack.
pub(super) fn removals(world: &mut World<'_>, selection: &Selection) {
    let gone: Vec<(ObjectId, Vec<Reason>)> = world
        .objects
        .iter()
        .filter(|(object, stored)| stored.id.is_some() && selection.includes(&object.address))
        .filter_map(|(object, _)| Some((object.clone(), vec![why(world, object)?])))
        .collect();
    for (object, why) in gone {
        let step = step(world, &object, why);
        world.push(step);
    }
}

/// Why an object has to go; `None` if it stays, or if its replacement takes care of it.
fn why(world: &World<'_>, object: &ObjectId) -> Option<Reason> {
    if world.steps.get(object).is_some_and(|steps| steps.iter().any(|step| step.action == Action::Forget)) {
        return None;
    }
    match world.decisions.get(&object.address) {
        Some(decision) if decision.object == *object || decision.replaces.as_ref() == Some(object) => None,
        Some(_) => Some(Reason::Replaced),
        None if world.request.command == Command::Destroy => Some(Reason::Destroyed),
        None => Some(Reason::Removed),
    }
}

fn step(world: &World<'_>, object: &ObjectId, why: Vec<Reason>) -> Step {
    let base = world.step(object, why);
    let declared = world.request.stack.iter().flat_map(|stack| &stack.removed);
    let removed = declared.into_iter().find(|removed| removed.from.contains(&object.address));
    let stored = world.objects.get(object);
    let retain = removed.map_or(stored.is_some_and(|stored| stored.kept.retain), |removed| removed.retain);
    if matches!(world.live(object), Some(None)) {
        return Step { action: Action::Forget, why: vec![Reason::Missing], ..base };
    }
    if retain {
        let why = if removed.is_some() { vec![Reason::Declared] } else { base.why.clone() };
        return Step { action: Action::Forget, why, ..base };
    }
    delete(world, base)
}

/// A step that removes an object.
pub(super) fn delete(world: &World<'_>, base: Step) -> Step {
    let resource_type = world.request.catalogue.get(&base.type_name);
    let usual = resource_type.map(|resource_type| resource_type.overlay.usual_delete).unwrap_or_default();
    Step { action: Action::Delete, undo: Undo::Never { why: FINAL.to_owned() }, usual, ..base }
}
