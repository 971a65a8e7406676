//! Holding a state. Whoever has the [`Lease`] may change it; entries that are waiting are written together.
//!
//! Group commit without a task of its own: an entry joins the queue, and whoever gets the journal first writes all that
//! have gathered there with one write; the others find their answer when their turn comes. While a write is under way,
//! the next group gathers behind it.
//!
//! ```text
//!   append ─► waiting ─► (turn) ─► check ─► journal, durable ─► ledger ─► answer
//! ```
//!
//! An entry is checked against the state *before* it is written and applied *after*. So a group holds only entries that
//! do not bear on one another: at most one per object; and entries about the run stand alone.
//!
//! When a write fails, nobody knows what is on the disk: the lease is lost, and the next holder reads what is there.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use super::{
    ledger::Ledger,
    model::{Entry, EntryKind, State},
    store::{Hold, Journal, StoreError, now},
};

/// The right to change one state. Dropping it is what a crash looks like: everything stays as it is stored.
pub struct Lease {
    ledger: Mutex<Ledger>,
    waiting: Mutex<VecDeque<Waiting>>,
    writer: tokio::sync::Mutex<Writer>,
    hold: Option<Arc<dyn Hold>>,
}

/// An entry in the queue.
struct Waiting {
    kind: EntryKind,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

struct Writer {
    journal: Box<dyn Journal>,
    /// Why nothing can be written any more.
    lost: Option<String>,
    /// Whether the journal holds anything that the checkpoint does not.
    is_dirty: bool,
}

/// A lock that a panicking reader left behind protects nothing half-done: the ledger changes entry by entry.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease {
    /// For stores: the state as it is kept, and where to write. `is_dirty` if the journal is not empty.
    pub fn new(ledger: Ledger, journal: Box<dyn Journal>, is_dirty: bool) -> Self {
        Lease {
            ledger: Mutex::new(ledger),
            waiting: Mutex::default(),
            writer: tokio::sync::Mutex::new(Writer { journal, lost: None, is_dirty }),
            hold: None,
        }
    }

    /// For stores whose locks do not end with their holder.
    #[must_use]
    pub fn confirmed_by(mut self, hold: Arc<dyn Hold>) -> Self {
        self.hold = Some(hold);
        self
    }

    /// What to ask before every call, if the lock can be lost.
    pub fn hold(&self) -> Option<Arc<dyn Hold>> {
        self.hold.clone()
    }

    /// Looks at the state as it is now. `look` must not use the lease.
    pub fn with_state<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(lock(&self.ledger).state())
    }

    /// The state as it was before the open run began, also if another process began it; as it is now if none is open.
    pub fn before(&self) -> State {
        lock(&self.ledger).before()
    }

    /// Makes the entry durable and applies it. May be called from many tasks at once; entries that wait are written
    /// together. When it returns, the entry survives a power cut.
    ///
    /// Dropping the future while its entry is being written loses the lease; before that, it takes the entry back.
    pub async fn append(&self, kind: EntryKind) -> Result<(), StoreError> {
        let (answer, mut answered) = oneshot::channel();
        lock(&self.waiting).push_back(Waiting { kind, answer });
        let mut writer = self.writer.lock().await;
        loop {
            match answered.try_recv() {
                Ok(result) => return result,
                Err(oneshot::error::TryRecvError::Closed) => return Err(StoreError::Lost(writer.loss())),
                Err(oneshot::error::TryRecvError::Empty) => self.write_group(&mut writer).await,
            }
        }
    }

    /// Folds the journal into a new checkpoint. Nothing happens while a run is open: its journal is the way back.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let mut writer = self.writer.lock().await;
        let state = self.with_state(|state| state.run.is_none().then(|| state.clone()));
        match state {
            Some(state) if writer.is_dirty => writer.checkpoint(&state).await,
            _ => Ok(()),
        }
    }

    /// Folds the journal into a new checkpoint, keeps the former one beside it, and lets go. A run that is still open
    /// (its calls could not all be closed) stays in the journal for whoever comes next.
    pub async fn release(self) -> Result<(), StoreError> {
        let folded = self.checkpoint().await;
        self.writer.into_inner().journal.release().await;
        folded
    }

    /// Writes the entries at the head of the queue that can go together, and answers them.
    async fn write_group(&self, writer: &mut Writer) {
        let group = self.next_group();
        let serial = self.with_state(|state| state.serial);
        let at = now();
        let (mut entries, mut answers) = (Vec::with_capacity(group.len()), Vec::with_capacity(group.len()));
        for (Waiting { kind, answer }, serial) in group.into_iter().zip(serial.saturating_add(1)..) {
            entries.push(Entry { serial, at: at.clone(), kind });
            answers.push(answer);
        }
        if entries.is_empty() {
            return;
        }
        let mut result = writer.append(&entries).await;
        if result.is_ok() {
            let mut ledger = lock(&self.ledger);
            result = entries.iter().try_for_each(|entry| {
                ledger.apply(entry).map_err(|illegal| {
                    writer.lost = Some(illegal.to_string());
                    StoreError::Illegal(illegal.to_string())
                })
            });
        }
        for answer in answers {
            // The first learns the cause; it cannot be copied for the others. Nobody may be listening any more.
            let own = std::mem::replace(&mut result, Ok(()));
            let _ = answer.send(own);
            if writer.lost.is_some() {
                result = Err(StoreError::Lost(writer.loss()));
            }
        }
    }

    /// Takes the longest run of entries off the queue of which none bears on another. Refuses what is illegal.
    fn next_group(&self) -> Vec<Waiting> {
        let (ledger, mut waiting) = (lock(&self.ledger), lock(&self.waiting));
        let (mut group, mut objects) = (Vec::new(), BTreeSet::new());
        while let Some(next) = waiting.pop_front() {
            let object = next.kind.object().cloned();
            let bears = object.as_ref().is_none_or(|object| objects.contains(object));
            if bears && !group.is_empty() {
                waiting.push_front(next);
                break;
            }
            if next.answer.is_closed() {
                continue;
            }
            if let Err(illegal) = ledger.state().check(&next.kind) {
                let _ = next.answer.send(Err(StoreError::Illegal(illegal.to_string())));
                continue;
            }
            group.push(next);
            match object {
                Some(object) => objects.insert(object),
                None => break,
            };
        }
        group
    }
}

impl Writer {
    async fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        self.begin()?;
        let result = self.journal.append(entries).await;
        self.end(result)?;
        self.is_dirty = true;
        Ok(())
    }

    async fn checkpoint(&mut self, state: &State) -> Result<(), StoreError> {
        self.begin()?;
        let result = self.journal.checkpoint(state).await;
        self.end(result)?;
        self.is_dirty = false;
        Ok(())
    }

    /// Until [`Writer::end`] the lease counts as lost: a write that is dropped half-way never gets there.
    fn begin(&mut self) -> Result<(), StoreError> {
        match &self.lost {
            Some(_) => Err(StoreError::Lost(self.loss())),
            None => {
                self.lost = Some("a write was abandoned half-way".to_owned());
                Ok(())
            }
        }
    }

    fn end(&mut self, result: Result<(), StoreError>) -> Result<(), StoreError> {
        self.lost = result.as_ref().err().map(ToString::to_string);
        result
    }

    fn loss(&self) -> String {
        self.lost.clone().unwrap_or_else(|| "the entry was not answered".to_owned())
    }
}

#[cfg(test)]
mod tests;
