//! What others do to the account behind the engine's back, and a look at everything there is: for tests, and for oracles
//! that compare the cloud before and after.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    Sim,
    attributes::Birth,
    object::{Location, Object, Phase, account},
    references::handles,
};
use crate::{
    base::{Doc, PhysicalId, Place},
    driver::Owner,
};

/// One object as an onlooker sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub type_name: String,
    pub location: Location,
    pub id: String,
    /// `available`, `creating`, …
    pub status: &'static str,
    pub properties: Map<String, Json>,
    pub owner: Option<Owner>,
}

/// Everything that somebody built, in the order in which it was made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot(pub Vec<Item>);

impl Snapshot {
    /// The same without what differs between two clouds that were built alike: ids, tokens, order.
    #[must_use]
    pub fn without_ids(&self, labels: &BTreeMap<String, String>) -> Snapshot {
        let mut items = self.0.clone();
        for item in &mut items {
            item.id = label(&item.id, labels);
            let mut properties = Json::Object(std::mem::take(&mut item.properties));
            relabel(&mut properties, labels);
            item.properties = Doc::from(properties).0;
            if let Some(owner) = &mut item.owner {
                owner.token.0.clear();
            }
        }
        let key = |item: &Item| {
            (item.type_name.clone(), item.owner.as_ref().map(|owner| owner.address.clone()), item.id.clone())
        };
        items.sort_by_key(key);
        Snapshot(items)
    }
}

fn relabel(value: &mut Json, labels: &BTreeMap<String, String>) {
    match value {
        Json::String(text) => *text = label(text, labels),
        Json::Array(items) => items.iter_mut().for_each(|item| relabel(item, labels)),
        Json::Object(map) => map.values_mut().for_each(|item| relabel(item, labels)),
        _ => {}
    }
}

fn label(text: &str, labels: &BTreeMap<String, String>) -> String {
    let parts = text.split('|').map(|part| labels.get(part).map_or(part, String::as_str));
    parts.collect::<Vec<_>>().join("|")
}

impl Sim {
    /// Everything that exists and that somebody built.
    pub fn snapshot(&self) -> Snapshot {
        let now = self.now();
        let mut world = self.world();
        world.settle(now);
        let built = world.objects.values().filter(|object| object.phase != Phase::Gone && !object.is_native);
        let item = |object: &Object| Item {
            type_name: object.type_name.clone(),
            location: object.location.clone(),
            id: object.id.clone(),
            status: object.status(now),
            properties: object.properties.clone(),
            owner: object.owner.clone(),
        };
        Snapshot(built.map(item).collect())
    }

    /// [`Sim::snapshot`] without what differs between two clouds that were built alike.
    pub fn snapshot_without_ids(&self) -> Snapshot {
        let labels = {
            let world = self.world();
            let name = |object: &Object| {
                let owner = object.owner.as_ref().map_or("", |owner| owner.address.as_str());
                format!("<{} {owner}>", object.type_name)
            };
            let labelled = world
                .objects
                .values()
                .flat_map(|object| handles(object).into_iter().map(move |handle| (handle, name(object))));
            labelled.collect()
        };
        self.snapshot().without_ids(&labels)
    }

    /// The names of the final snapshots that deletes have left.
    pub fn final_snapshots(&self) -> Vec<String> {
        self.world().snapshots.iter().cloned().collect()
    }

    /// Changes the properties of an object as somebody at the console would. `false` if there is no such object.
    pub fn modify(&self, type_name: &str, id: &PhysicalId, change: impl FnOnce(&mut Map<String, Json>)) -> bool {
        self.tamper(type_name, id, |object| change(&mut object.properties))
    }

    /// Removes an object, whatever still uses it. `false` if there is no such object.
    pub fn remove(&self, type_name: &str, id: &PhysicalId) -> bool {
        self.tamper(type_name, id, |object| object.phase = Phase::Gone)
    }

    fn tamper(&self, type_name: &str, id: &PhysicalId, change: impl FnOnce(&mut Object)) -> bool {
        let now = self.now();
        let mut world = self.world();
        let Some(resource) = self.inner.catalogue.get(type_name) else { return false };
        let is_meant = |object: &&Object| object.type_name == type_name && object.id == id.0;
        let numbers = world.ids.get(&(type_name.to_owned(), id.0.clone())).cloned().unwrap_or_default();
        let Some(object) = numbers.iter().rev().filter_map(|number| world.live(*number)).find(is_meant) else {
            return false;
        };
        let mut object = object.clone();
        change(&mut object);
        object.previous = None;
        world.put(&resource, object, now).is_ok()
    }

    /// Makes an object that no stack owns. `None` if the type is unknown.
    pub fn insert(&self, place: &Place, type_name: &str, properties: Doc) -> Option<PhysicalId> {
        let now = self.now();
        let resource = self.inner.catalogue.get(type_name)?;
        let mut world = self.world();
        let (location, number) = (Location::of(place, type_name), world.next_number());
        let birth = Birth {
            resource: &resource,
            properties: &properties.0,
            location: &location,
            region: &place.region,
            number,
        };
        let attributes = birth.attributes();
        let (id, defaults) = (birth.id(&attributes), birth.defaults());
        let made = PhysicalId(id.clone());
        let object = Object {
            number,
            type_name: type_name.to_owned(),
            location,
            id,
            properties: properties.0,
            defaults,
            attributes,
            owner: None,
            phase: Phase::Ready,
            is_native: false,
            previous: None,
        };
        world.put(&resource, object, now).ok()?;
        Some(made)
    }

    /// Finishes at once whatever was never to be finished, and lets nothing go wrong from now on.
    pub fn heal(&self) {
        self.set_faults(super::FaultPlan::default());
        let now = self.now();
        let mut world = self.world();
        let stuck: Vec<Object> = world.objects.values().filter(|object| is_stuck(&object.phase)).cloned().collect();
        for mut object in stuck {
            object.phase = match object.phase {
                Phase::Deleting { .. } => Phase::Gone,
                _ => Phase::Ready,
            };
            if let Some(resource) = self.inner.catalogue.get(&object.type_name) {
                // In memory it is healed even if the sandbox file cannot say so.
                let _ = world.put(&resource, object, now);
            }
        }
    }

    /// The account that a place belongs to.
    pub fn account(&self, place: &Place) -> String {
        account(place)
    }
}

fn is_stuck(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Creating { until: None, .. } | Phase::Modifying { until: None, .. } | Phase::Deleting { until: None }
    )
}
