//! From what a plan wants to what a driver is handed: fills in what has become known since the plan was made.
//!
//! What this run has made is remembered here in clear for as long as the run lasts, because the state keeps secrets only
//! as digests, and another resource may need one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value as Json;

use super::plan::{Action, Plan};
use crate::{
    base::{
        Address, Doc, Lookup, ObjectId, Path, Place, Segment, Unknown, Value,
        secret::{self, Seal},
    },
    catalogue::ResourceType,
    stack::expr::{self, Known},
    state::{Lease, Object, State},
};

/// A fully known request.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) doc: Doc,
    /// The same, with its marks of what is sensitive.
    pub(super) value: Value,
    /// The same, as it may be kept.
    pub(super) sealed: Json,
}

/// What a run knows beside the state.
#[derive(Debug, Default)]
pub(super) struct Memory {
    documents: Mutex<BTreeMap<ObjectId, Value>>,
    secrets: Mutex<BTreeMap<(Place, Lookup), Value>>,
    /// The attributes that somebody in this plan refers to.
    referred: BTreeMap<Address, BTreeSet<String>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// A memory for carrying out `plan`.
    pub(super) fn of(plan: &Plan) -> Self {
        let wants = plan.steps.iter().filter_map(|step| match &step.action {
            Action::Create { want, .. }
            | Action::Update { want, .. }
            | Action::Resume { want, .. }
            | Action::Adopt { want, .. } => Some(want),
            Action::Delete | Action::Forget | Action::Move { .. } | Action::Accept { .. } => None,
        });
        let mut memory = Memory::default();
        for value in wants.chain(plan.outputs.iter().map(|(_, output)| &output.value)) {
            for (address, path) in value.waits_for() {
                let referred = memory.referred.entry(address.clone()).or_default();
                referred.extend(path.property().map(str::to_owned));
            }
        }
        memory
    }

    /// Whether all attributes that the plan refers to are in `document`.
    pub(super) fn is_complete(&self, address: &Address, want: &Doc, attributes: &Doc) -> bool {
        let referred = self.referred.get(address);
        referred.is_none_or(|names| names.iter().all(|name| attributes.get(name).or(want.get(name)).is_some()))
    }

    /// Remembers an object of this run.
    pub(super) fn remember(&self, object: &ObjectId, want: &Value, attributes: &Doc) {
        let mut document = match want.revealed() {
            Value::Map(map) => map.clone(),
            _ => BTreeMap::new(),
        };
        for (name, value) in &attributes.0 {
            // What the user marked as sensitive stays so, however AWS reports it.
            if !document.get(name).is_some_and(Value::has_sensitive) {
                document.insert(name.clone(), value.clone().into());
            }
        }
        held(&self.documents).insert(object.clone(), Value::Map(document));
    }

    /// The secrets in `value` that have not been read yet.
    pub(super) fn missing_secrets(&self, value: &Value, place: &Place) -> BTreeSet<Lookup> {
        let (mut missing, secrets) = (BTreeSet::new(), held(&self.secrets));
        value.visit_unknowns(&mut |unknown| {
            if let Unknown::Lookup(lookup) = unknown
                && !secrets.contains_key(&(place.clone(), lookup.clone()))
            {
                missing.insert(lookup.clone());
            }
        });
        missing
    }

    /// Remembers a secret until the end of the run.
    pub(super) fn learn(&self, place: &Place, lookup: Lookup, secret: String) {
        held(&self.secrets).insert((place.clone(), lookup), Value::String(secret).sensitive());
    }
}

/// What is known at this moment, seen from one place.
pub(super) struct Knowledge<'a> {
    pub(super) memory: &'a Memory,
    pub(super) lease: &'a Lease,
    pub(super) place: &'a Place,
    /// Whether secrets count as known. Records are made without them: they keep the reference.
    pub(super) with_secrets: bool,
}

impl Knowledge<'_> {
    /// The value with everything filled in that is known now; top-level nulls are left out, as in the stack.
    pub(super) fn fill(&self, value: &Value) -> Result<Value, String> {
        let mut filled = expr::resolve(value, self)?;
        if let Value::Map(map) = &mut filled {
            map.retain(|_, value| *value != Value::Null);
        }
        Ok(filled)
    }

    /// The attributes in `value` that are not known.
    pub(super) fn unknown<'v>(&self, value: &'v Value) -> Vec<(&'v Address, &'v Path)> {
        let unknown = |(address, path): &(&Address, &Path)| self.attribute(address, path).is_none();
        value.waits_for().into_iter().filter(unknown).collect()
    }
}

/// A value that must be known by now, but for secrets, which are kept by reference.
pub(super) fn filled(knowledge: &Knowledge<'_>, value: &Value) -> Result<Value, String> {
    let filled = knowledge.fill(value)?;
    let missing = knowledge.unknown(&filled);
    if missing.is_empty() {
        return Ok(filled);
    }
    let missing = missing.into_iter().map(|(address, path)| format!("`{address}.{path}`"));
    Err(format!("{} is not known", missing.collect::<Vec<_>>().join(", ")))
}

impl Known for Knowledge<'_> {
    fn attribute(&self, address: &Address, path: &Path) -> Option<Value> {
        self.lease.with_state(|state| {
            let (id, object) = newest(state, address)?;
            let remembered = held(&self.memory.documents).get(id).and_then(|document| at(document, &path.0));
            remembered.or_else(|| stored(object, path))
        })
    }

    fn lookup(&self, lookup: &Lookup) -> Option<Value> {
        let secrets = held(&self.memory.secrets);
        secrets.get(&(self.place.clone(), lookup.clone())).filter(|_| self.with_secrets).cloned()
    }
}

/// The newest generation of `address` that exists.
pub(super) fn newest<'s>(state: &'s State, address: &Address) -> Option<(&'s ObjectId, &'s Object)> {
    let generations = state.objects.range(address.generation(0)..=address.generation(u32::MAX));
    generations.rev().find(|(_, object)| object.id.is_some())
}

/// What the state has at `path`, unless it is a secret or holds one.
fn stored(object: &Object, path: &Path) -> Option<Value> {
    if path.0.is_empty() {
        let (mut whole, observed) = (Doc::from(object.inputs.clone()), Doc::from(object.observed.clone()));
        whole.0.extend(observed.0);
        return Some(secret::without_sealed(&whole.into_json()).into());
    }
    let usable = |value: &&Json| !value.is_null() && secret::without_sealed(value) == **value;
    let known = |document| path.get(document).filter(usable).cloned();
    known(&object.observed).or_else(|| known(&object.inputs)).map(Value::from)
}

fn at(value: &Value, path: &[Segment]) -> Option<Value> {
    let Some((first, rest)) = path.split_first() else {
        return Some(value.clone()).filter(|value| *value != Value::Null);
    };
    match (value, first) {
        (Value::Sensitive(inner), _) => at(inner, path).map(Value::sensitive),
        (Value::Map(map), Segment::Key(key)) => at(map.get(key)?, rest),
        (Value::List(items), Segment::Index(index)) => at(items.get(*index)?, rest),
        _ => None,
    }
}

/// A known value as request, and `kept`, the same with its secrets looked up by reference, as record. Keys that begin with `$` are the planner's own.
pub(super) fn wanted(value: Value, kept: &Value, seal: &Seal, kind: Option<&ResourceType>) -> Option<Wanted> {
    let mut doc = Doc::from(value.reveal()?);
    doc.0.retain(|key, _| !key.starts_with('$'));
    let sealed = seal.seal(kept, kind.map_or(&[], |kind| &kind.secrets));
    Some(Wanted { doc, value, sealed })
}

/// What AWS reports, as it may be kept: what was sensitive in the request is sensitive in the answer.
pub(super) fn observed(answer: &Doc, want: &Value, seal: &Seal, kind: Option<&ResourceType>) -> Json {
    let mut sensitive = secret::sensitive_paths(want);
    sensitive.extend(kind.into_iter().flat_map(|kind| kind.write_only.iter().cloned()));
    seal.seal_document(&Json::Object(answer.0.clone()), &sensitive)
}

/// What AWS reports of an object of a former run: what was kept as a digest stays one.
pub(super) fn observed_again(answer: &Doc, inputs: &Json, seal: &Seal, kind: Option<&ResourceType>) -> Json {
    fn collect(node: &Json, path: &Path, found: &mut Vec<Path>) {
        match node {
            node if secret::is_sealed(node) => found.push(path.clone()),
            Json::Object(map) => {
                map.iter().for_each(|(key, node)| collect(node, &path.join(Segment::Key(key.clone())), found));
            }
            Json::Array(items) => {
                let items = items.iter().enumerate();
                items.for_each(|(index, node)| collect(node, &path.join(Segment::Index(index)), found));
            }
            _ => {}
        }
    }
    let mut sensitive = kind.map_or_else(Vec::new, |kind| kind.write_only.clone());
    collect(inputs, &Path::default(), &mut sensitive);
    seal.seal_document(&Json::Object(answer.0.clone()), &sensitive)
}
