//! A state together with what the open run has changed in it. Apart from [`State`], because it is never stored: it is the
//! same after a replay as it was live.
//!
//! Undo needs the state as it was when the run began. Keeping a copy of it would double the memory of a large state;
//! this keeps only the former self of each object that the run has touched.

use std::collections::BTreeMap;

use super::{
    model::{Entry, EntryKind, Object, Run, State, StoredOutput},
    transition::IllegalEntry,
};
use crate::base::{Identity, ObjectId};

/// A state and the way back to the beginning of its run.
#[derive(Debug, Clone)]
pub struct Ledger {
    state: State,
    former: Option<Former>,
}

/// How things were when the run began, as far as it has changed them.
#[derive(Debug, Clone)]
struct Former {
    serial: u64,
    identity: Option<Identity>,
    outputs: BTreeMap<String, StoredOutput>,
    run: Option<Run>,
    /// `None` for what did not exist.
    objects: BTreeMap<ObjectId, Option<Object>>,
}

impl Ledger {
    /// Begins with a checkpoint.
    pub fn new(state: State) -> Self {
        Ledger { state, former: None }
    }

    /// The state as it is now.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The state, without the way back.
    pub fn into_state(self) -> State {
        self.state
    }

    /// The state as it was before the open run began; as it is now if no run is open.
    pub fn before(&self) -> State {
        let mut state = self.state.clone();
        if let Some(former) = &self.former {
            (state.serial, state.identity) = (former.serial, former.identity.clone());
            (state.outputs, state.run) = (former.outputs.clone(), former.run.clone());
            for (id, object) in &former.objects {
                match object {
                    Some(object) => state.objects.insert(id.clone(), object.clone()),
                    None => state.objects.remove(id),
                };
            }
        }
        state
    }

    /// Applies an entry; see [`State::apply`].
    pub fn apply(&mut self, entry: &Entry) -> Result<(), IllegalEntry> {
        let touched = touched(&self.state, &entry.kind);
        let was = self.former.as_ref().map_or_else(Vec::new, |former| {
            let untouched = touched.into_iter().filter(|id| !former.objects.contains_key(id));
            untouched.map(|id| (self.state.objects.get(&id).cloned(), id)).collect()
        });
        let start = matches!(entry.kind, EntryKind::RunStarted { .. }).then(|| Former {
            serial: self.state.serial,
            identity: self.state.identity.clone(),
            outputs: self.state.outputs.clone(),
            run: self.state.run.clone(),
            objects: BTreeMap::new(),
        });
        self.state.apply(entry)?;
        match (&entry.kind, &mut self.former) {
            (EntryKind::RunStarted { .. }, former) => *former = start,
            (EntryKind::RunEnded { .. }, former) => *former = None,
            (_, Some(former)) => former.objects.extend(was.into_iter().map(|(object, id)| (id, object))),
            (_, None) => {}
        }
        Ok(())
    }
}

/// The objects that an entry may change.
fn touched(state: &State, kind: &EntryKind) -> Vec<ObjectId> {
    match kind {
        EntryKind::Moved { from, to } => {
            let renamed = state.objects.iter().filter(|(_, object)| object.needs.contains(from));
            renamed.map(|(id, _)| id).chain([from, to]).cloned().collect()
        }
        _ => kind.object().cloned().into_iter().collect(),
    }
}
