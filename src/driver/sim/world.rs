//! What exists in the simulated cloud, and the indexes over it. Synchronous and without a clock of its own: every question
//! brings the time along. The rules about creating, changing and deleting are in [`super::rules`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::{Map, Value as Json};

use super::{
    object::{GLOBAL, Location, Object, Phase, Previous},
    references::{Meanings, handles, references},
    store::{Entry, Store},
};
use crate::{
    base::{Doc, Path},
    catalogue::{Catalogue, ResourceType},
    driver::{Fault, FaultKind, Result},
};

/// Type, location and the values of a set of properties that no two objects may share.
pub type NaturalKey = (String, Location, String);

/// Everything there is.
pub struct World {
    pub catalogue: &'static Catalogue,
    /// Of ids and draws.
    pub seed: u64,
    /// How long reads may lag behind writes.
    pub lag: Duration,
    /// By number, those that are gone included.
    pub objects: BTreeMap<u64, Object>,
    /// Type and physical id to numbers, oldest first.
    pub ids: BTreeMap<(String, String), BTreeSet<u64>>,
    /// Ids, ARNs and whatever else the cloud made up, to those they mean.
    pub handles: BTreeMap<String, BTreeSet<u64>>,
    /// Tokens of creates, with the type.
    pub tokens: BTreeMap<(String, String), BTreeSet<u64>>,
    pub natural: BTreeMap<NaturalKey, u64>,
    /// Who refers to an object.
    pub referrers: BTreeMap<u64, BTreeSet<u64>>,
    /// What an object refers to.
    pub targets: BTreeMap<u64, BTreeSet<u64>>,
    /// Live objects of a type.
    pub by_type: BTreeMap<String, BTreeSet<u64>>,
    /// What will be gone, and when.
    pub leaving: BTreeSet<(Duration, u64)>,
    /// Names of final snapshots that deletes have left.
    pub snapshots: BTreeSet<String>,
    pub meanings: Meanings,
    /// Lower-case type name to type name.
    pub type_names: BTreeMap<String, String>,
    pub store: Option<Store>,
    pub last_number: u64,
}

impl World {
    /// An empty cloud.
    pub fn new(catalogue: &'static Catalogue, seed: u64) -> Self {
        World {
            catalogue,
            seed,
            lag: Duration::ZERO,
            objects: BTreeMap::new(),
            ids: BTreeMap::new(),
            handles: BTreeMap::new(),
            tokens: BTreeMap::new(),
            natural: BTreeMap::new(),
            referrers: BTreeMap::new(),
            targets: BTreeMap::new(),
            by_type: BTreeMap::new(),
            leaving: BTreeSet::new(),
            snapshots: BTreeSet::new(),
            meanings: Meanings::new(),
            type_names: catalogue.names().map(|name| (name.to_lowercase(), name.to_owned())).collect(),
            store: None,
            last_number: seed % 1_000_003 * 1_000,
        }
    }

    /// The number of the next object.
    pub fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// The object that an id means, from `location`.
    pub fn find(&self, type_name: &str, location: &Location, id: &str) -> Option<&Object> {
        let numbers = self.ids.get(&(type_name.to_owned(), id.to_owned()))?;
        let mut objects = numbers.iter().rev().filter_map(|number| self.objects.get(number));
        objects.find(|object| object.location == *location && object.phase != Phase::Gone)
    }

    /// The live object of a number.
    pub fn live(&self, number: u64) -> Option<&Object> {
        self.objects.get(&number).filter(|object| object.phase != Phase::Gone)
    }

    /// Whether others may refer to it.
    pub fn is_live(&self, object: &Object) -> bool {
        !matches!(object.phase, Phase::Gone | Phase::Deleting { .. })
    }

    /// Lets go of what has left by now.
    pub fn settle(&mut self, now: Duration) {
        while let Some(&(until, number)) = self.leaving.first().filter(|(until, _)| *until <= now) {
            self.leaving.remove(&(until, number));
            self.forget(number);
        }
    }

    /// Makes an object known, or its new self; written down before this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn put(&mut self, resource: &ResourceType, object: Object, now: Duration) -> Result<()> {
        self.unlink(object.number);
        self.index(resource, &object);
        self.link(resource, &object);
        self.write(now, &Entry::Object(Box::new(object.clone())))?;
        self.objects.insert(object.number, object);
        Ok(())
    }

    /// Takes a final snapshot. `false` if the name is taken.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn take_snapshot(&mut self, name: &str, now: Duration) -> Result<bool> {
        let is_new = self.snapshots.insert(name.to_owned());
        if is_new {
            self.write(now, &Entry::Snapshot(name.to_owned()))?;
        }
        Ok(is_new)
    }

    fn write(&mut self, now: Duration, entry: &Entry) -> Result<()> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let failed = |error| Fault::new(FaultKind::Other, "sandbox", format!("its file cannot be written: {error}"));
        store.append(now, entry).map_err(failed)
    }

    /// Enters an object into all indexes.
    pub fn index(&mut self, resource: &ResourceType, object: &Object) {
        let number = object.number;
        self.last_number = self.last_number.max(number);
        self.ids.entry((object.type_name.clone(), object.id.clone())).or_default().insert(number);
        for handle in handles(object) {
            self.handles.entry(handle).or_default().insert(number);
        }
        if let Some(owner) = &object.owner {
            self.tokens.entry((object.type_name.clone(), owner.token.0.clone())).or_default().insert(number);
        }
        if object.phase == Phase::Gone {
            return;
        }
        if let Phase::Deleting { until: Some(until) } = object.phase {
            self.leaving.insert((until, number));
        }
        self.by_type.entry(object.type_name.clone()).or_default().insert(number);
        for key in natural_keys(resource, &object.location, &object.properties) {
            self.natural.insert(key, number);
        }
    }

    /// Enters what an object refers to; everything it may refer to must be indexed before.
    pub fn link(&mut self, resource: &ResourceType, object: &Object) {
        if object.phase == Phase::Gone {
            return;
        }
        let document = Json::Object(object.properties.clone());
        let mut targets = references(self, resource, &object.location, &document).targets;
        targets.remove(&object.number);
        for target in &targets {
            self.referrers.entry(*target).or_default().insert(object.number);
        }
        self.targets.insert(object.number, targets);
    }

    /// Takes an object out of the indexes that only live objects are in.
    fn unlink(&mut self, number: u64) {
        let Some(object) = self.objects.get(&number) else { return };
        if let Some(resource) = self.catalogue.get(&object.type_name) {
            for key in natural_keys(&resource, &object.location, &object.properties) {
                if self.natural.get(&key) == Some(&number) {
                    self.natural.remove(&key);
                }
            }
        }
        if let Some(numbers) = self.by_type.get_mut(&object.type_name) {
            numbers.remove(&number);
        }
        for target in self.targets.remove(&number).unwrap_or_default() {
            if let Some(referrers) = self.referrers.get_mut(&target) {
                referrers.remove(&number);
            }
        }
    }

    /// The object is gone; only its ids and token are remembered.
    fn forget(&mut self, number: u64) {
        self.unlink(number);
        if let Some(object) = self.objects.get_mut(&number) {
            object.phase = Phase::Gone;
        }
    }

    /// What a read sees of an object at `now`, slow consistency included.
    pub fn seen(&self, resource: &ResourceType, object: &Object, now: Duration) -> Option<Doc> {
        match &object.previous {
            Some(previous) if previous.until > now => previous.doc.clone(),
            _ if object.phase(now) == Phase::Gone => None,
            _ => Some(object.reported(resource, now)),
        }
    }

    /// Remembers for a while what reads show of an object that is about to change.
    pub fn previous(&self, resource: &ResourceType, object: Option<&Object>, now: Duration) -> Option<Previous> {
        if self.lag.is_zero() {
            return None;
        }
        let draw = super::object::scramble(
            self.seed ^ object.map_or(self.last_number, |object| object.number) ^ now.subsec_nanos() as u64,
        );
        let lag = self.lag.mul_f64(f64::from(u8::try_from(draw % 101).unwrap_or(100)) / 100.0);
        let doc = object.and_then(|object| self.seen(resource, object, now));
        Some(Previous { doc, until: now + lag })
    }
}

/// The natural keys of a document: its name, what it collides on, and its identity where the user chooses it.
pub fn natural_keys(resource: &ResourceType, location: &Location, properties: &Map<String, Json>) -> Vec<NaturalKey> {
    let mut sets: Vec<Vec<Path>> = resource.overlay.collides_on.clone();
    if let Some(rule) = &resource.overlay.name
        && let name = Path::key(&rule.property)
        && !sets.iter().any(|set| set.contains(&name))
    {
        sets.push(vec![name]);
    }
    let identity = &resource.primary_identifier;
    let is_chosen = |path: &Path| path.0.len() == 1 && !resource.read_only.contains(path);
    if !identity.is_empty() && identity.iter().all(is_chosen) {
        sets.push(identity.clone());
    }
    // A bucket's name is unique in the whole world.
    let region = if resource.name == "AWS::S3::Bucket" { GLOBAL } else { &location.region };
    let scope = Location { account: location.account.clone(), region: region.to_owned() };
    let value = |path: &Path| Path(path.0.get(1..)?.to_vec()).get(properties.get(path.property()?)?);
    let is_given = |path: &Path| value(path).is_some_and(|value| !value.is_null());
    // A route goes to one kind of destination: of several sets, one that is wholly given decides. A rule of a security
    // group is told apart by what it leaves out, too.
    let is_whole = sets.iter().any(|set| set.iter().all(is_given));
    let counts = |set: &&Vec<Path>| if is_whole { set.iter().all(is_given) } else { set.first().is_some_and(is_given) };
    let key = |set: &Vec<Path>| {
        let values: Vec<String> =
            set.iter().map(|path| format!("{path} {}", value(path).unwrap_or(&Json::Null))).collect();
        (resource.name.clone(), scope.clone(), values.join(", "))
    };
    sets.iter().filter(counts).map(key).collect()
}
