//! The plan that takes a run back: a pure function of the state before and the state now.
//!
//! Nothing has to be remembered for it but the two states. What is there now and was not before is deleted; what was taken
//! over is let go; what was changed is changed back, to what AWS reported before the change where the stack had said
//! nothing; what was deleted is made again where that brings it back. Restores come before deletes, because what was changed
//! may refer to what was made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    plan::{Action, After, Needs, Plan, Reason, Step, Undo, VERSION},
    remake::remakeable,
};
use crate::{
    base::{
        Address, ObjectId, Path, PhysicalId, Place, Segment, Value,
        diff::{Compare, Scope, Verdict, diff},
        secret,
    },
    catalogue::Catalogue,
    state::{Command, Deviation, Object, State, forget},
};

/// What has to be done so that the world is again as `before` says: what was made since is deleted, what was changed is
/// changed back, in the reverse order. What cannot be undone is named in `warnings`.
pub fn undo(before: &State, now: &State, catalogue: &Catalogue) -> Plan {
    let origins = before.objects.iter().filter_map(physical).collect();
    let mut making = Making { before, now, catalogue, origins, steps: BTreeMap::new(), warnings: Vec::new() };
    for (object, stored) in &now.objects {
        making.object(object, stored);
    }
    making.deleted();
    let steps = making.arranged();
    Plan {
        version: VERSION,
        command: Command::Undo,
        stack: now.stack.clone(),
        environment: now.environment.clone(),
        stack_digest: String::new(),
        base: now.mark(),
        commit: steps.len(),
        steps,
        outputs: Vec::new(),
        warnings: making.warnings,
        drifted: BTreeMap::new(),
        accepted: BTreeMap::new(),
    }
}

struct Making<'a> {
    before: &'a State,
    now: &'a State,
    catalogue: &'a Catalogue,
    /// Which object a real thing was before.
    origins: BTreeMap<Thing<'a>, &'a ObjectId>,
    steps: BTreeMap<ObjectId, Step>,
    warnings: Vec<String>,
}

impl Making<'_> {
    /// Takes back what happened to one object.
    fn object(&mut self, object: &ObjectId, stored: &Object) {
        let Some(id) = &stored.id else { return };
        let origin = self.origins.get(&(stored.type_name.as_str(), &stored.place, id)).copied();
        let origin = origin.filter(|origin| !replaces(object, origin));
        let former = origin.and_then(|origin| self.before.objects.get(origin));
        if let (Some(origin), Some(former)) = (origin, former) {
            if origin == object {
                self.restore(object, former, stored);
            } else {
                self.restore(origin, former, stored);
                self.add(object, stored, Action::Move { to: origin.clone() }, Undo::Record);
            }
        } else if stored.is_adopted() {
            self.add(object, stored, Action::Forget, Undo::Record);
        } else {
            let why = "it was made by the run that is undone".to_owned();
            self.add(object, stored, Action::Delete, Undo::Never { why });
        }
    }

    fn restore(&mut self, object: &ObjectId, former: &Object, stored: &Object) {
        let (needs, kept, accepted) = (former.needs.clone(), former.kept, former.accepted.clone());
        let there = Deviation::live_in(&accepted, former.inputs.clone());
        let (want, paths) = restored(&there, former, stored);
        let is_lost = |path: &Path| {
            let before = path.get(&there);
            before.is_some_and(|before| secret::is_sealed(before) || secret::is_unknown(before))
        };
        let (lost, paths): (Vec<Path>, Vec<Path>) = paths.into_iter().partition(is_lost);
        let mut record = former.inputs.clone();
        for path in lost {
            let why = "its former value is only known by a digest";
            self.warnings.push(format!("`{path}` of `{}` cannot be restored: {why}", object.address));
            // Whatever the next stack says there, it is not what is there now.
            forget(&mut record, &path.0);
        }
        if !paths.is_empty() {
            let before = Deviation::live_in(&stored.accepted, stored.inputs.clone());
            let record = Some(record);
            let action = Action::Update { want: want.into(), before, paths, needs, kept, record, accepted };
            self.add(object, stored, action, Undo::Restore);
        } else if (&stored.inputs, &stored.needs, &stored.kept, &stored.accepted) != (&record, &needs, &kept, &accepted)
        {
            self.add(object, stored, Action::Accept { record, needs, kept, accepted }, Undo::Record);
        }
    }

    fn add(&mut self, object: &ObjectId, stored: &Object, action: Action, undo: Undo) {
        let overlay = self.catalogue.get(&stored.type_name).map(|resource_type| resource_type.overlay.clone());
        let overlay = overlay.unwrap_or_default();
        let usual = match action {
            Action::Delete => overlay.usual_delete,
            Action::Update { .. } => overlay.usual_update,
            Action::Create { .. } => overlay.usual_create,
            _ => std::time::Duration::ZERO,
        };
        let step = Step {
            object: object.clone(),
            type_name: stored.type_name.clone(),
            place: stored.place.clone(),
            action,
            why: vec![Reason::Undone],
            after: Vec::new(),
            undo,
            usual,
            timeouts: crate::stack::Timeouts::default(),
        };
        self.steps.insert(object.clone(), step);
    }

    /// Makes again what was deleted, or names it: it is gone for good.
    fn deleted(&mut self) {
        let lost = lost(self.before, self.now).into_iter().collect::<BTreeSet<_>>();
        let again = remakeable(&self.before.objects, &lost, self.catalogue);
        for object in &lost {
            match self.before.objects.get(object).filter(|_| again.contains(object)) {
                Some(former) => {
                    let (want, needs) = (secret::without_sealed(&former.inputs).into(), former.needs.clone());
                    let action = Action::Create { want, needs, kept: former.kept, replaces: None };
                    self.add(object, former, action, Undo::Delete { residue: None });
                }
                None => {
                    self.warnings.push(format!("`{}` was deleted and cannot be brought back", object.address));
                }
            }
        }
    }

    /// The steps in an order in which they could be done one by one.
    fn arranged(&mut self) -> Vec<Step> {
        let mut dependents: BTreeMap<&ObjectId, Vec<&ObjectId>> = BTreeMap::new();
        for (object, stored) in &self.now.objects {
            stored.needs.iter().for_each(|need| dependents.entry(need).or_default().push(object));
        }
        let moves: BTreeMap<&ObjectId, &ObjectId> = self
            .steps
            .iter()
            .filter_map(|(object, step)| match &step.action {
                Action::Move { to } => Some((to, object)),
                _ => None,
            })
            .collect();
        let in_the_way = self.in_the_way();
        let making_room = in_the_way.values().flatten().collect::<BTreeSet<_>>();
        let waits: BTreeMap<ObjectId, Vec<ObjectId>> = self
            .steps
            .iter()
            .map(|(object, step)| {
                let mut before: Vec<ObjectId> = match &step.action {
                    Action::Delete => {
                        let dependents = dependents.get(object).into_iter().flatten().map(|object| (*object).clone());
                        // What is changed back refers to what is made again, which has to wait for this.
                        let makes_room = making_room.contains(object);
                        dependents.filter(|dependent| !makes_room || !self.is_restored(dependent)).collect()
                    }
                    Action::Update { needs, .. } => {
                        needs.iter().filter(|need| self.is_restored(need)).cloned().collect()
                    }
                    Action::Create { needs, .. } => {
                        let needs = needs.iter().filter(|need| self.is_restored(need));
                        needs.chain(in_the_way.get(object).into_iter().flatten()).cloned().collect()
                    }
                    _ => Vec::new(),
                };
                before.extend(moves.get(object).map(|moved| (*moved).clone()));
                (object.clone(), before.into_iter().filter(|before| self.steps.contains_key(before)).collect())
            })
            .collect();
        let mut order = Vec::new();
        let mut placed = BTreeSet::new();
        let restores_first = |object: &&ObjectId| (self.steps[*object].action == Action::Delete, (*object).clone());
        let mut objects: Vec<&ObjectId> = self.steps.keys().collect();
        objects.sort_by_key(restores_first);
        for object in objects {
            place(object, &waits, &mut placed, &mut order);
        }
        order
            .into_iter()
            .filter_map(|object| {
                let mut step = self.steps.get(&object)?.clone();
                let after = waits.get(&object).into_iter().flatten();
                step.after = after.map(|object| After { object: object.clone(), needs: Needs::Ready }).collect();
                Some(step)
            })
            .collect()
    }

    /// For each object that is made again, those that have come in its place, or have its name, and are deleted.
    fn in_the_way(&self) -> BTreeMap<&ObjectId, BTreeSet<ObjectId>> {
        let mut things: BTreeMap<Thing<'_>, Vec<&ObjectId>> = BTreeMap::new();
        let mut addresses: BTreeMap<&Address, Vec<&ObjectId>> = BTreeMap::new();
        let is_deleted = |object: &ObjectId| self.steps.get(object).is_some_and(|step| step.action == Action::Delete);
        for (object, stored) in self.now.objects.iter().filter(|(object, _)| is_deleted(object)) {
            addresses.entry(&object.address).or_default().push(object);
            if let Some((thing, object)) = physical((object, stored)) {
                things.entry(thing).or_default().push(object);
            }
        }
        let again = self.steps.iter().filter(|(_, step)| matches!(step.action, Action::Create { .. }));
        let found = again.map(|(object, _)| {
            let former = self.before.objects.get_key_value(object).and_then(physical);
            let same = former.and_then(|(thing, _)| things.get(&thing)).into_iter().flatten();
            let in_place = addresses.get(&object.address).into_iter().flatten();
            (object, same.chain(in_place).map(|object| (*object).clone()).collect())
        });
        found.collect()
    }

    fn is_restored(&self, object: &ObjectId) -> bool {
        let is_restored = |step: &Step| matches!(step.action, Action::Update { .. } | Action::Create { .. });
        self.steps.get(object).is_some_and(is_restored)
    }
}

/// What was there before and is not there now, whatever has come in its place.
pub(super) fn lost(before: &State, now: &State) -> Vec<ObjectId> {
    let present: BTreeMap<_, &ObjectId> = now.objects.iter().filter_map(physical).collect();
    let lost = before.objects.iter().filter_map(physical).filter(|(thing, object)| {
        let now = present.get(thing);
        now.is_none_or(|now| replaces(now, object))
    });
    lost.map(|(_, object)| object.clone()).collect()
}

/// What tells things in AWS apart: two types, or two regions, may have the same name.
type Thing<'a> = (&'a str, &'a Place, &'a PhysicalId);

fn physical<'a>((object, stored): (&'a ObjectId, &'a Object)) -> Option<(Thing<'a>, &'a ObjectId)> {
    Some(((stored.type_name.as_str(), &stored.place, stored.id.as_ref()?), object))
}

/// Whether `object` has come in the place of `former`: under the same address and, where its name is fixed, with the same
/// physical id, it is another thing all the same.
fn replaces(object: &ObjectId, former: &ObjectId) -> bool {
    object.address == former.address && object.generation > former.generation
}

/// Appends an object to the order, everything it waits for first. Without recursion: chains can be long.
fn place(
    object: &ObjectId,
    waits: &BTreeMap<ObjectId, Vec<ObjectId>>,
    placed: &mut BTreeSet<ObjectId>,
    order: &mut Vec<ObjectId>,
) {
    let mut open = vec![(object.clone(), false)];
    while let Some((object, is_expanded)) = open.pop() {
        if is_expanded {
            order.push(object);
        } else if placed.insert(object.clone()) {
            open.push((object.clone(), true));
            open.extend(waits.get(&object).into_iter().flatten().map(|next| (next.clone(), false)));
        }
    }
}

/// The properties to hand to the driver, sealed, and which of them the run has changed. `there` is what the object was like: as
/// applied, or as was accepted. What was only accepted or not any more was no call, and so is not compared.
fn restored(there: &Json, former: &Object, stored: &Object) -> (Json, Vec<Path>) {
    let mut want = there.as_object().cloned().unwrap_or_default();
    let differences = diff(&Value::from(former.inputs.clone()), &stored.inputs, Scope::Both, &Exactly);
    let mut paths = Vec::new();
    for difference in differences {
        let path = difference.path;
        if path.property().is_none_or(|property| property.starts_with('$')) {
            continue;
        }
        if difference.after.is_none()
            && let (Some(observed), [Segment::Key(property)]) = (path.get(&former.observed), path.0.as_slice())
            && !observed.is_null()
        {
            want.insert(property.clone(), observed.clone());
        }
        paths.push(path);
    }
    (Json::Object(want), paths)
}

/// Two records of the same object: only the very same is the same.
struct Exactly;

impl Compare for Exactly {
    fn compare(&self, _: &Path, wanted: &Value, actual: &Json) -> Verdict {
        match (wanted, actual) {
            _ if wanted.reveal().as_ref() == Some(actual) => Verdict::Same,
            (Value::Map(wanted), Json::Object(_)) if !wanted.contains_key("$sealed") && !secret::is_sealed(actual) => {
                Verdict::Descend
            }
            _ => Verdict::Different,
        }
    }

    fn is_unordered(&self, _: &Path) -> bool {
        false
    }
}
