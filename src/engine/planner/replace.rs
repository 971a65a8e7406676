//! Which half of a replacement comes first.
//!
//! Create-first is the rule: nothing is missing in between, and a failure leaves the old object. It is impossible where old
//! and new would collide: a name that the stack fixes, or a natural key (two routes to one destination). Then the old
//! object goes first, and so must everything that refers to it and is replaced or removed as well.

use super::{removal, world::World};
use crate::{
    base::{ObjectId, Path, Value},
    catalogue::ResourceType,
    engine::{
        plan::{Action, Reason, Undo},
        remake::remakeable,
    },
    stack::ReplaceOrder,
};

/// Adds the deletes of everything that is replaced, and settles their order.
pub(super) fn order_replacements(world: &mut World<'_>) {
    let pairs: Vec<(ObjectId, ObjectId)> = world
        .decisions
        .values()
        .filter_map(|decision| Some((decision.replaces.clone()?, decision.object.clone())))
        .collect();
    for (old, _) in &pairs {
        let step = removal::delete(world, world.step(old, vec![Reason::Replaced]));
        world.push(step);
    }
    let first: Vec<ObjectId> =
        pairs.iter().filter(|(old, new)| is_delete_first(world, old, new)).map(|(old, _)| old.clone()).collect();
    propagate(world, first);
    let again = remakeable(&world.objects, &world.delete_first, world.request.catalogue);
    let steps = world.steps.iter_mut().filter(|(object, _)| again.contains(object)).flat_map(|(_, steps)| steps);
    for step in steps.filter(|step| step.action == Action::Delete) {
        step.undo = Undo::Create;
    }
}

fn is_delete_first(world: &World<'_>, old: &ObjectId, new: &ObjectId) -> bool {
    let resource = world.resource(&new.address);
    let resource_type = resource.and_then(|resource| world.request.catalogue.get(&resource.type_name));
    match resource.and_then(|resource| resource.lifecycle.replace) {
        Some(order) => order == ReplaceOrder::DeleteFirst,
        // AWS's own replacement of these types deletes first: mostly there can be only one.
        None => resource_type.is_some_and(|kind| kind.delete_first) || collides(world, old, new),
    }
}

/// Whether the two cannot exist at the same time.
fn collides(world: &World<'_>, old: &ObjectId, new: &ObjectId) -> bool {
    let (Some(stored), Some(steps)) = (world.objects.get(old), world.steps.get(new)) else { return false };
    let Some(resource_type) = world.request.catalogue.get(&stored.type_name) else { return false };
    let Some(want) = steps.iter().find_map(|step| match &step.action {
        Action::Create { want: Value::Map(want), .. } => Some(want),
        _ => None,
    }) else {
        return false;
    };
    let wanted = |path: &Path| want.get(path.property()?)?.at(path.0.get(1..)?);
    let is_equal = |path: &Path| match (wanted(path), path.get(&stored.inputs)) {
        (Some(new), Some(old)) => new.reveal().is_some_and(|new| resource_type.same(path, &new, old)),
        (None, None) => true,
        _ => false,
    };
    keys(&resource_type).iter().any(|key| key.iter().all(is_equal) && key.iter().any(|path| wanted(path).is_some()))
}

/// The sets of places that no two objects may share.
fn keys(resource_type: &ResourceType) -> Vec<Vec<Path>> {
    let overlay = &resource_type.overlay;
    let name = overlay.name.iter().map(|rule| vec![Path::key(&rule.property)]);
    let identifier = &resource_type.primary_identifier;
    let is_chosen = |path: &Path| !resource_type.read_only.iter().any(|read_only| read_only.covers(path));
    let chosen = (!identifier.is_empty() && identifier.iter().all(is_chosen)).then(|| identifier.clone());
    overlay.collides_on.iter().cloned().chain(name).chain(chosen).collect()
}

/// Whatever refers to an object that is deleted first, and is deleted itself, has to be deleted before it.
fn propagate(world: &mut World<'_>, mut waiting: Vec<ObjectId>) {
    let dependents = super::order::dependents(world);
    while let Some(object) = waiting.pop() {
        if !world.delete_first.insert(object.clone()) {
            continue;
        }
        for dependent in dependents.get(&object).into_iter().flatten() {
            let steps = world.steps.get(dependent).map(Vec::as_slice).unwrap_or_default();
            if steps.iter().any(|step| step.action == Action::Delete) {
                waiting.push(dependent.clone());
            } else {
                world.warnings.push(format!(
                    "`{}` must be deleted before its replacement is made, while `{}` still refers to it",
                    object.address, dependent.address
                ));
            }
        }
    }
}
