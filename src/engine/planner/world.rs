//! What the planner works on: the state with its addresses moved, and the decisions made so far.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::Request;
use crate::{
    base::{Address, Diagnostic, Diagnostics, Doc, ObjectId, secret::Seal},
    catalogue::ResourceType,
    engine::plan::{Action, Reason, Step, Undo},
    stack::{Moved, Resource},
    state::{Deviation, Object},
};

/// What will be at an address when the plan is done, as far as others need to know.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    /// The object that others refer to.
    pub(super) object: ObjectId,
    /// Its attributes are not known before the plan runs.
    pub(super) is_new: bool,
    /// It takes the place of this one.
    pub(super) replaces: Option<ObjectId>,
}

/// State, live documents and decisions.
pub(super) struct World<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) seal: Seal,
    /// The state's objects, under their new addresses.
    pub(super) objects: BTreeMap<ObjectId, Object>,
    /// The newest object of each address that is not being deleted anyway.
    pub(super) current: BTreeMap<Address, ObjectId>,
    /// Where a moved object was before.
    pub(super) origins: BTreeMap<ObjectId, ObjectId>,
    pub(super) decisions: BTreeMap<Address, Decision>,
    pub(super) steps: BTreeMap<ObjectId, Vec<Step>>,
    /// Objects that must be gone before what takes their place is made.
    pub(super) delete_first: BTreeSet<ObjectId>,
    pub(super) warnings: Vec<String>,
    /// What somebody else has changed, and was not accepted.
    pub(super) drifted: BTreeMap<ObjectId, Vec<Deviation>>,
    /// What was accepted of it and still holds.
    pub(super) accepted: BTreeMap<ObjectId, Vec<Deviation>>,
}

impl<'a> World<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Result<Self, Diagnostics> {
        let mut world = World {
            request,
            seal: Seal::new(&request.state.salt),
            objects: request.state.objects.clone(),
            current: BTreeMap::new(),
            origins: BTreeMap::new(),
            decisions: BTreeMap::new(),
            steps: BTreeMap::new(),
            delete_first: BTreeSet::new(),
            warnings: Vec::new(),
            drifted: BTreeMap::new(),
            accepted: BTreeMap::new(),
        };
        for moved in request.stack.iter().flat_map(|stack| &stack.moved) {
            world.relocate(moved)?;
        }
        for object in world.objects.keys() {
            world.current.insert(object.address.clone(), object.clone());
        }
        Ok(world)
    }

    /// Carries out one `moved` entry; one that names nothing any more is done already.
    fn relocate(&mut self, moved: &Moved) -> Result<(), Diagnostics> {
        let affected: Vec<(ObjectId, Address)> = (self.objects.keys())
            .filter_map(|object| Some((object.clone(), moved.from.moved(&moved.to, &object.address)?)))
            .collect();
        for (from, address) in affected {
            let to = address.generation(from.generation);
            if self.objects.contains_key(&to) {
                let message = format!("`{}` cannot move to `{}`: there is an object already", from.address, to.address);
                let error = Diagnostic::error("moved-onto-existing", message)
                    .help("remove the `moved` entry, or delete one of the two first");
                return Err(Diagnostics(vec![match moved.span {
                    Some(span) => error.at(span, ""),
                    None => error,
                }]));
            }
            self.rename(&from, &to);
            let step = Step {
                action: Action::Move { to: to.clone() },
                object: from.clone(),
                ..self.step(&to, vec![Reason::Declared])
            };
            self.steps.entry(from.clone()).or_default().push(Step { undo: Undo::Record, ..step });
            self.origins.insert(to, from);
        }
        Ok(())
    }

    fn rename(&mut self, from: &ObjectId, to: &ObjectId) {
        if let Some(object) = self.objects.remove(from) {
            self.objects.insert(to.clone(), object);
        }
        for object in self.objects.values_mut() {
            if object.needs.remove(from) {
                object.needs.insert(to.clone());
            }
        }
    }

    /// Whether the state has an object at an address.
    pub(super) fn exists(&self, address: &Address) -> bool {
        let generations = address.generation(0)..=address.generation(u32::MAX);
        self.objects.range(generations).next().is_some()
    }

    /// What the stack says of an address.
    pub(super) fn resource(&self, address: &Address) -> Option<&'a Resource> {
        self.request.stack.and_then(|stack| stack.resources.get(address))
    }

    /// The type of a name.
    pub(super) fn resource_type(&self, name: &str) -> Result<Arc<ResourceType>, Diagnostics> {
        self.request.catalogue.get(name).ok_or_else(|| {
            let message = format!("resource type `{name}` is not in this version's catalogue");
            let help = "the state was written by a newer version: use that one";
            Diagnostics(vec![Diagnostic::error("unknown-type", message).help(help)])
        })
    }

    /// What was read of an object: `None` if it was not read, `Some(None)` if it does not exist.
    pub(super) fn live(&self, object: &ObjectId) -> Option<Option<&'a Doc>> {
        let object = self.origins.get(object).unwrap_or(object);
        self.request.live.get(object).map(Option::as_ref)
    }

    /// An object's properties as they are, live where read, else as last seen, else as applied.
    pub(super) fn seen(&self, object: &ObjectId) -> Json {
        match (self.live(object), self.objects.get(object)) {
            (Some(Some(doc)), _) => Json::Object(doc.0.clone()),
            (_, Some(object)) => {
                let mut seen = object.inputs.clone();
                if let (Json::Object(seen), Json::Object(observed)) = (&mut seen, &object.observed) {
                    seen.extend(observed.clone());
                }
                seen
            }
            _ => Json::Null,
        }
    }

    /// A step for an object, with what every step of that object has in common. The action is a placeholder.
    pub(super) fn step(&self, object: &ObjectId, why: Vec<Reason>) -> Step {
        let (resource, known) = (self.resource(&object.address), self.objects.get(object));
        let type_name = known.map(|o| &o.type_name).or(resource.map(|r| &r.type_name)).cloned().unwrap_or_default();
        let place = known.map(|o| &o.place).or(resource.map(|r| &r.place)).cloned();
        Step {
            object: object.clone(),
            type_name,
            place: place.unwrap_or_else(|| crate::base::Place { region: String::new(), role_arn: None }),
            action: Action::Forget,
            why,
            after: Vec::new(),
            undo: Undo::Record,
            usual: std::time::Duration::ZERO,
            timeouts: resource.map(|resource| resource.timeouts).unwrap_or_default(),
        }
    }

    /// Adds a step.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.entry(step.object.clone()).or_default().push(step);
    }
}
