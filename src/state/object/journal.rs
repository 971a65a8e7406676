//! Checkpoint and journal of a state in a bucket: how they are read, and how a holder writes them.

use std::sync::Arc;

use async_trait::async_trait;
use object_store::{UpdateVersion, path::Path};

use super::{
    layout::{Found, Objects, Put, TRIES},
    lease::{FRESH, Former, Heartbeat, Held, Moment},
};
use crate::state::{
    format::{self, FormatError, StoredJournal},
    lease::Lease,
    ledger::Ledger,
    model::{Entry, State},
    store::{Journal, StoreError, failed},
};

/// A state as it was found.
pub struct Loaded {
    pub ledger: Ledger,
    /// Whether the journal holds entries that the checkpoint does not.
    is_dirty: bool,
    place: Place,
}

/// Where in the store a holder goes on.
struct Place {
    /// What the next checkpoint replaces; `None` before the first one.
    checkpoint: Option<UpdateVersion>,
    /// The highest number in the journal; 0 if it is empty.
    last: u64,
    /// The numbers that hold entries: all but the fences.
    parts: Vec<u64>,
}

/// Checkpoint and journal; `None` if there is neither.
pub async fn load(objects: &Objects) -> Result<Option<Loaded>, StoreError> {
    // The journal first: a release in between is then only seen as newer, or as numbers that are gone.
    for _ in 0..TRIES {
        let numbers = objects.numbers().await?;
        let Some(parts) = objects.parts(&numbers).await? else { continue };
        let Some(found) = objects.get(&objects.checkpoint()).await? else {
            return match parts.is_empty() {
                true => Ok(None),
                false => Err(objects.refused(&objects.checkpoint(), &FormatError::Missing).await),
            };
        };
        let state = match format::read_checkpoint_of(&objects.key, &found.bytes) {
            Ok(state) => state,
            Err(error) => return Err(objects.refused(&objects.checkpoint(), &error).await),
        };
        return match put_together(objects, state, numbers, &parts) {
            Ok((ledger, is_dirty, mut place)) => {
                place.checkpoint = Some(found.version());
                Ok(Some(Loaded { ledger, is_dirty, place }))
            }
            Err((path, error)) => Err(objects.refused(&path, &error).await),
        };
    }
    Err(failed(format!("cannot read the journal of {}", objects.key), std::io::Error::other("it changes all the time")))
}

/// A checkpoint and what the parts of the journal add to it; or which object cannot be used, and why.
fn put_together(
    objects: &Objects,
    checkpoint: State,
    numbers: Vec<u64>,
    parts: &[Found],
) -> Result<(Ledger, bool, Place), (Path, FormatError)> {
    let (kept, last) = (checkpoint.serial, numbers.last().copied().unwrap_or_default());
    let (mut entries, mut filled, mut newest) = (Vec::new(), Vec::new(), objects.part(last));
    for (number, part) in numbers.into_iter().zip(parts) {
        let refuse = |error| (objects.part(number), error);
        let part = format::read_journal(&part.bytes).map_err(refuse)?;
        if part.is_torn {
            // No put is torn: this is something else.
            return Err(refuse(FormatError::Checksum));
        }
        if part.lineage != checkpoint.lineage {
            let (journal, checkpoint) = (part.lineage, checkpoint.lineage);
            return Err(refuse(FormatError::Lineage { journal, checkpoint }));
        }
        if !part.entries.is_empty() {
            filled.push(number);
        }
        let new = part.entries.into_iter().filter(|entry| entry.serial > kept).collect::<Vec<_>>();
        if !new.is_empty() {
            newest = objects.part(number);
        }
        entries.extend(new);
    }
    let is_dirty = !entries.is_empty();
    let lineage = checkpoint.lineage.clone();
    let stored = StoredJournal { version: format::VERSION, lineage, base: kept, entries, whole: 0, is_torn: false };
    let ledger = format::replay(checkpoint, &stored).map_err(|error| (newest, error))?;
    Ok((ledger, is_dirty, Place { checkpoint: None, last, parts: filled }))
}

/// The checkpoint before the last one.
pub async fn previous(objects: &Objects) -> Result<Option<State>, StoreError> {
    let path = objects.previous();
    let Some(found) = objects.get(&path).await? else { return Ok(None) };
    match format::read_checkpoint_of(&objects.key, &found.bytes) {
        Ok(state) => Ok(Some(state)),
        Err(error) => Err(objects.refused(&path, &error).await),
    }
}

/// The state for its new holder, after whom nobody else can write any more.
pub async fn open(objects: Objects, held: Arc<Held>, former: Former) -> Result<Lease, StoreError> {
    let heartbeat = Some(held.heartbeat());
    for _ in 0..TRIES {
        let loaded = load(&objects).await?;
        let (ledger, is_dirty, mut place, mut fresh) = match loaded {
            Some(Loaded { ledger, is_dirty, place }) => (ledger, is_dirty, place, None),
            None => {
                let state = objects.key.fresh()?;
                let place = Place { checkpoint: None, last: 0, parts: Vec::new() };
                (Ledger::new(state.clone()), false, place, Some(state))
            }
        };
        let is_fenced = match (former, &fresh) {
            (Former::LetGo, _) | (Former::Absent, Some(_)) => true,
            // A checkpoint is a fence as well: a holder that knows of none can make none any more.
            (Former::Left, Some(state)) => place.begin(&objects, state).await?,
            (Former::Left | Former::Absent, None) => place.fence(&objects, ledger.state(), &held.id).await?,
        };
        if is_fenced {
            fresh = fresh.filter(|_| place.checkpoint.is_none());
            let lineage = ledger.state().lineage.clone();
            let hold = Arc::clone(&held);
            let journal = ObjectJournal { objects, held, heartbeat, lineage, fresh, place, is_sure: true };
            return Ok(Lease::new(ledger, Box::new(journal), is_dirty).confirmed_by(hold));
        }
    }
    Err(StoreError::Lost("somebody else goes on writing".to_owned()))
}

impl Place {
    /// Puts the first checkpoint. `false` if there is one.
    async fn begin(&mut self, objects: &Objects, state: &State) -> Result<bool, StoreError> {
        match objects.put(&objects.checkpoint(), &checkpoint_text(objects, state)?, None).await? {
            Put::Done(version) | Put::Seen(version) => {
                self.checkpoint = Some(version);
                Ok(true)
            }
            Put::Other(_) => Ok(false),
        }
    }

    /// Takes the next number, so that nobody else can. `false` if somebody has it already.
    async fn fence(&mut self, objects: &Objects, state: &State, lease: &str) -> Result<bool, StoreError> {
        let number = self.last.saturating_add(1);
        let text = written(objects, format::write_part(&state.lineage, state.serial, lease, &[]))?;
        let put = objects.put(&objects.part(number), &text, None).await?;
        self.last = number;
        Ok(!matches!(put, Put::Other(_)))
    }
}

fn written<T>(objects: &Objects, text: Result<T, serde_json::Error>) -> Result<T, StoreError> {
    text.map_err(|error| failed(format!("cannot write down the state of {}", objects.key), error.into()))
}

fn checkpoint_text(objects: &Objects, state: &State) -> Result<String, StoreError> {
    written(objects, format::write_checkpoint(state))
}

/// What the holder writes to.
struct ObjectJournal {
    objects: Objects,
    held: Arc<Held>,
    heartbeat: Option<Heartbeat>,
    lineage: String,
    /// The checkpoint that has to be there before the first entry.
    fresh: Option<State>,
    place: Place,
    /// Whether it is known what became of everything that was put.
    is_sure: bool,
}

impl ObjectJournal {
    /// What to say when somebody else has written where only the holder may.
    async fn superseded(&self, path: &Path) -> StoreError {
        match self.held.renew().await {
            Err(error) => error,
            Ok(()) => StoreError::Lost(format!("somebody else has written {}", self.objects.shown(path))),
        }
    }

    /// Puts `text`, the text of `state`, in the place of the checkpoint that we know. If that has changed, it can only be
    /// because the holder before us, stopped in the middle of its release, went on: what it wrote is older.
    async fn replace_checkpoint(&mut self, state: &State, text: &str) -> Result<(), StoreError> {
        let path = self.objects.checkpoint();
        for _ in 0..TRIES {
            match self.objects.put(&path, text, self.place.checkpoint.as_ref()).await? {
                Put::Done(version) | Put::Seen(version) => {
                    self.place.checkpoint = Some(version);
                    return Ok(());
                }
                Put::Other(found) => match format::read_checkpoint_of(&self.objects.key, &found.bytes) {
                    Ok(other) if other.lineage == state.lineage && other.serial < state.serial => {
                        self.place.checkpoint = Some(found.version());
                    }
                    _ => break,
                },
            }
        }
        Err(self.superseded(&path).await)
    }
}

#[async_trait]
impl Journal for ObjectJournal {
    async fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        self.held.check()?;
        let Some(first) = entries.first() else { return Ok(()) };
        let (number, base) = (self.place.last.saturating_add(1), first.serial.saturating_sub(1));
        let text = written(&self.objects, format::write_part(&self.lineage, base, &self.held.id, entries))?;
        let asked = Moment::now();
        self.is_sure = false;
        if let Some(state) = &self.fresh {
            if !self.place.begin(&self.objects, state).await? {
                return Err(self.superseded(&self.objects.checkpoint()).await);
            }
            self.fresh = None;
        }
        let path = self.objects.part(number);
        match self.objects.put(&path, &text, None).await? {
            Put::Done(_) if !asked.is_older_than(FRESH) => {}
            // We may have been stopped meanwhile, and what we see there may be known to whoever took over.
            Put::Done(_) | Put::Seen(_) => self.held.renew().await?,
            Put::Other(_) => return Err(self.superseded(&path).await),
        }
        self.place.last = number;
        self.place.parts.push(number);
        self.is_sure = true;
        Ok(())
    }

    async fn checkpoint(&mut self, state: &State) -> Result<(), StoreError> {
        let text = checkpoint_text(&self.objects, state)?;
        self.held.renew().await?;
        self.is_sure = false;
        self.objects.keep_previous().await?;
        self.replace_checkpoint(state, &text).await?;
        let last = self.place.last;
        self.objects.delete_parts(self.place.parts.iter().copied().filter(|number| *number != last)).await;
        self.place.parts.retain(|number| *number == last);
        self.is_sure = true;
        Ok(())
    }

    async fn release(&mut self) {
        self.heartbeat = None;
        self.held.end(self.is_sure).await;
    }
}
