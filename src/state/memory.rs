//! States in memory, for the engine's tests: with failures at any write, and kills before and after it.
//!
//! A kill is a write that never returns. The test waits for [`MemoryStore::killed`] beside the run, drops the run, and
//! opens [`MemoryStore::survivor`]: what would be found after a power cut.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::Notify;

use super::{
    lease::Lease,
    ledger::Ledger,
    model::{Entry, State},
    store::{Holder, Journal, StateKey, Store, StoreError},
};

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFault {
    /// It fails, and nothing is kept.
    FailBefore,
    /// It fails, and is kept all the same.
    FailAfter,
    /// The process dies, and nothing is kept.
    KillBefore,
    /// The process dies once it is kept.
    KillAfter,
}

/// A store that lives as long as its last clone.
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    kept: Mutex<Kept>,
    killed: Notify,
}

#[derive(Default, Clone)]
struct Kept {
    states: BTreeMap<StateKey, Cell>,
    /// Of journal and checkpoints together.
    writes: u64,
    faults: BTreeMap<u64, WriteFault>,
}

#[derive(Clone, Default)]
struct Cell {
    holder: Option<Holder>,
    /// The number of the lease that may write: one whose lock was ended by somebody else may not.
    lease: u64,
    /// `None` until something is written.
    checkpoint: Option<State>,
    previous: Option<State>,
    journal: Vec<Entry>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        MemoryStore::default()
    }

    /// Lets the `nth` write from the start of the store (counted from 1, checkpoints included) go wrong.
    pub fn inject(&self, nth: u64, fault: WriteFault) {
        self.kept().faults.insert(nth, fault);
    }

    /// How many writes there have been; entries that were written together count once.
    pub fn writes(&self) -> u64 {
        self.kept().writes
    }

    /// Returns when a write has been killed. Wait for it beside the run, and drop the run when it comes.
    pub async fn killed(&self) {
        self.shared.killed.notified().await;
    }

    /// What a new process would find now: everything durable, no locks, no faults, writes counted anew.
    pub fn survivor(&self) -> MemoryStore {
        let mut kept = self.kept().clone();
        (kept.writes, kept.faults) = (0, BTreeMap::new());
        kept.states.values_mut().for_each(|cell| cell.holder = None);
        MemoryStore { shared: Arc::new(Shared { kept: Mutex::new(kept), killed: Notify::new() }) }
    }

    /// Puts a state into the store as if a run had ended with it.
    pub fn put(&self, state: State) -> Result<StateKey, super::store::KeyError> {
        let key = StateKey::new(&state.stack, &state.environment)?;
        let cell = Cell { checkpoint: Some(state), ..Cell::default() };
        self.kept().states.insert(key.clone(), cell);
        Ok(key)
    }

    /// The entries in the journal of a state.
    pub fn journal(&self, key: &StateKey) -> Vec<Entry> {
        self.kept().states.get(key).map_or_else(Vec::new, |cell| cell.journal.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cell {
    fn ledger(&self, key: &StateKey) -> Result<Ledger, StoreError> {
        // Tests compare runs, so nothing here is random.
        let fresh =
            || State::new(key.stack(), key.environment(), format!("lineage of {key}"), format!("salt of {key}"));
        let mut ledger = Ledger::new(self.checkpoint.clone().unwrap_or_else(fresh));
        for entry in &self.journal {
            ledger.apply(entry).map_err(|illegal| StoreError::Illegal(illegal.to_string()))?;
        }
        Ok(ledger)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn acquire(&self, key: &StateKey, holder: &Holder) -> Result<Lease, StoreError> {
        let mut kept = self.kept();
        let cell = kept.states.entry(key.clone()).or_default();
        if let Some(other) = &cell.holder {
            return Err(StoreError::Locked { holder: other.to_string(), since: other.since.clone() });
        }
        let ledger = cell.ledger(key)?;
        let is_dirty = !cell.journal.is_empty();
        cell.holder = Some(holder.clone());
        cell.lease += 1;
        let journal = MemoryJournal { store: self.clone(), key: key.clone(), lease: cell.lease };
        Ok(Lease::new(ledger, Box::new(journal), is_dirty))
    }

    async fn read(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        let kept = self.kept();
        let written = kept.states.get(key).filter(|cell| cell.checkpoint.is_some() || !cell.journal.is_empty());
        written.map(|cell| cell.ledger(key).map(Ledger::into_state)).transpose()
    }

    async fn previous(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        Ok(self.kept().states.get(key).and_then(|cell| cell.previous.clone()))
    }

    async fn list(&self) -> Result<Vec<StateKey>, StoreError> {
        let kept = self.kept();
        let written = kept.states.iter().filter(|(_, cell)| cell.checkpoint.is_some() || !cell.journal.is_empty());
        Ok(written.map(|(key, _)| key.clone()).collect())
    }

    async fn unlock(&self, key: &StateKey) -> Result<Option<Holder>, StoreError> {
        Ok(self.kept().states.get_mut(key).and_then(|cell| cell.holder.take()))
    }
}

struct MemoryJournal {
    store: MemoryStore,
    key: StateKey,
    lease: u64,
}

impl MemoryJournal {
    async fn write(&self, change: impl FnOnce(&mut Cell) + Send) -> Result<(), StoreError> {
        // What a disk takes: long enough for others to gather for the next write.
        tokio::task::yield_now().await;
        let fault = {
            let kept = &mut *self.store.kept();
            kept.writes += 1;
            let fault = kept.faults.remove(&kept.writes);
            let cell = kept.states.get_mut(&self.key).filter(|cell| cell.lease == self.lease);
            let cell = cell.ok_or_else(|| StoreError::Lost(format!("somebody else holds {} now", self.key)))?;
            if !matches!(fault, Some(WriteFault::FailBefore | WriteFault::KillBefore)) {
                change(cell);
            }
            fault
        };
        match fault {
            None => Ok(()),
            Some(WriteFault::FailBefore | WriteFault::FailAfter) => Err(StoreError::Io {
                what: format!("cannot write the journal of {}", self.key),
                source: io::Error::other("injected failure"),
            }),
            Some(WriteFault::KillBefore | WriteFault::KillAfter) => {
                self.store.shared.killed.notify_one();
                std::future::pending().await
            }
        }
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        self.write(|cell| cell.journal.extend_from_slice(entries)).await
    }

    async fn checkpoint(&mut self, state: &State) -> Result<(), StoreError> {
        self.write(|cell| {
            cell.previous = cell.checkpoint.replace(state.clone());
            cell.journal.clear();
        })
        .await
    }
}

impl Drop for MemoryJournal {
    fn drop(&mut self) {
        let mut kept = self.store.kept();
        if let Some(cell) = kept.states.get_mut(&self.key).filter(|cell| cell.lease == self.lease) {
            cell.holder = None;
        }
    }
}
