//! States in a folder: `<root>/<stack>/<environment>.json` and, beside it, `.journal`, `.previous.json` and `.lock`.
//!
//! ```text
//! first entry   json ◄ new state     journal ◄ head                  a file is replaced by: write beside, sync,
//! every write   journal ◄◄ line, sync                                rename, sync the folder
//! release       previous.json ◄ json     json ◄ new checkpoint     journal ◄ head
//! ```
//!
//! Between any two of these a power cut leaves something whole: a checkpoint and a journal that begins at or before it.
//! Readers take the journal first and the checkpoint second, so that a release in between is only seen as newer.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;

use super::{
    disk::{Attempt, Disk, Lock, RealDisk},
    format::{self, FormatError, Names},
    lease::Lease,
    ledger::Ledger,
    model::{Entry, State},
    store::{Holder, Journal, StateKey, Store, StoreError, failed},
};

/// States in files under one folder.
#[derive(Clone)]
pub struct LocalStore {
    root: PathBuf,
    disk: Arc<dyn Disk>,
}

impl LocalStore {
    /// The states under `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        LocalStore::on(root, Arc::new(RealDisk))
    }

    fn on(root: impl Into<PathBuf>, disk: Arc<dyn Disk>) -> Self {
        LocalStore { root: root.into(), disk }
    }

    fn files(&self, key: &StateKey) -> Files {
        let folder = self.root.join(key.stack());
        let file = |suffix: &str| folder.join(format!("{}{suffix}", key.environment()));
        Files {
            checkpoint: file(CHECKPOINT),
            previous: file(".previous.json"),
            journal: file(".journal"),
            lock: file(".lock"),
            key: key.clone(),
            disk: Arc::clone(&self.disk),
            folder,
        }
    }
}

const CHECKPOINT: &str = ".json";

/// File work waits for the disk, so it is kept off the threads that tasks run on.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(failed("the file work ended early", error.into())))
}

#[async_trait]
impl Store for LocalStore {
    async fn acquire(&self, key: &StateKey, holder: &Holder) -> Result<Lease, StoreError> {
        let (files, holder) = (self.files(key), holder.clone());
        blocking(move || files.acquire(&holder)).await
    }

    async fn read(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        let files = self.files(key);
        blocking(move || Ok(files.load()?.map(|loaded| loaded.ledger.into_state()))).await
    }

    async fn previous(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        let files = self.files(key);
        blocking(move || files.state(&files.previous)).await
    }

    async fn list(&self) -> Result<Vec<StateKey>, StoreError> {
        let LocalStore { root, disk } = self.clone();
        blocking(move || {
            let names =
                |path: &Path| disk.names(path).map_err(|error| failed(format!("cannot list {}", shown(path)), error));
            let mut keys = Vec::new();
            for stack in names(&root)? {
                // What has another name, previous generations among them, is not a state.
                let environments = names(&root.join(&stack))?;
                let environments = environments.iter().filter_map(|name| name.strip_suffix(CHECKPOINT));
                keys.extend(environments.filter_map(|environment| StateKey::new(&stack, environment).ok()));
            }
            Ok(keys)
        })
        .await
    }

    async fn unlock(&self, key: &StateKey) -> Result<Option<Holder>, StoreError> {
        let files = self.files(key);
        blocking(move || files.unlock()).await
    }
}

/// The files of one state. All of this blocks.
#[derive(Clone)]
struct Files {
    key: StateKey,
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    checkpoint: PathBuf,
    previous: PathBuf,
    journal: PathBuf,
    lock: PathBuf,
}

/// A state as it was found.
struct Loaded {
    ledger: Ledger,
    /// Whether the journal holds entries that the checkpoint does not.
    is_dirty: bool,
    /// What the journal has to be replaced by before anything is added to it.
    mended: Option<Vec<u8>>,
}

/// What has to be written before the first entry.
#[derive(Default)]
struct Preparation {
    checkpoint: Option<String>,
    journal: Option<Vec<u8>>,
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

impl Files {
    fn acquire(self, holder: &Holder) -> Result<Lease, StoreError> {
        self.disk
            .make_folder(&self.folder)
            .map_err(|error| failed(format!("cannot make the folder {}", shown(&self.folder)), error))?;
        let note = serde_json::to_vec(holder).unwrap_or_default();
        let (lock, _) = self.try_lock(&note)?;
        let (ledger, is_dirty, preparation) = match self.load()? {
            Some(Loaded { ledger, is_dirty, mended }) => {
                (ledger, is_dirty, Preparation { checkpoint: None, journal: mended })
            }
            None => {
                let state = self.key.fresh()?;
                let checkpoint = Some(self.written(format::write_checkpoint(&state))?);
                let journal = Some(self.written(format::write_journal_head(&state))?.into_bytes());
                (Ledger::new(state), false, Preparation { checkpoint, journal })
            }
        };
        let journal = LocalJournal { files: self, lock, preparation: Some(preparation) };
        Ok(Lease::new(ledger, Box::new(journal), is_dirty))
    }

    /// The lock, and the note of a holder that did not let go of it.
    fn try_lock(&self, note: &[u8]) -> Result<(Lock, Vec<u8>), StoreError> {
        let attempt = self.disk.try_lock(&self.lock, note);
        let Attempt { lock, note } =
            attempt.map_err(|error| failed(format!("cannot lock {}", shown(&self.lock)), error))?;
        lock.ok_or_else(|| Files::locked(&note)).map(|lock| (lock, note))
    }

    fn locked(note: &[u8]) -> StoreError {
        match serde_json::from_slice::<Holder>(note) {
            Ok(holder) => StoreError::Locked { holder: holder.to_string(), since: holder.since },
            Err(_) => StoreError::Locked { holder: "another process".to_owned(), since: "a moment ago".to_owned() },
        }
    }

    fn unlock(&self) -> Result<Option<Holder>, StoreError> {
        if self.read(&self.lock)?.is_none() {
            return Ok(None);
        }
        let (_, note) = self.try_lock(&[])?;
        Ok(serde_json::from_slice(&note).ok())
    }

    /// Checkpoint and journal; `None` if there is neither.
    fn load(&self) -> Result<Option<Loaded>, StoreError> {
        let journal = self.read(&self.journal)?;
        let Some(checkpoint) = self.state(&self.checkpoint)? else {
            return match journal {
                None => Ok(None),
                Some(_) => Err(self.refused(&self.checkpoint, &FormatError::Missing)),
            };
        };
        let kept = checkpoint.serial;
        let head = |state: &State| self.written(format::write_journal_head(state)).map(String::into_bytes);
        let Some(bytes) = journal else {
            let mended = Some(head(&checkpoint)?);
            return Ok(Some(Loaded { ledger: Ledger::new(checkpoint), is_dirty: false, mended }));
        };
        let refuse = |error: FormatError| self.refused(&self.journal, &error);
        let stored = format::read_journal(&bytes).map_err(refuse)?;
        let ledger = format::replay(checkpoint, &stored).map_err(refuse)?;
        let is_dirty = ledger.state().serial > kept;
        let mended = match stored.is_torn {
            // Nothing in it is new: the checkpoint came through, the journal after it did not.
            _ if !is_dirty && stored.base < kept => Some(head(ledger.state())?),
            true => {
                tracing::info!(journal = %self.journal.display(), "left out a torn last line");
                Some(self.written(format::renew_journal(&bytes, &stored))?)
            }
            false if stored.version < format::VERSION => Some(self.written(format::renew_journal(&bytes, &stored))?),
            false => None,
        };
        Ok(Some(Loaded { ledger, is_dirty, mended }))
    }

    fn state(&self, path: &Path) -> Result<Option<State>, StoreError> {
        let Some(bytes) = self.read(path)? else { return Ok(None) };
        format::read_checkpoint_of(&self.key, &bytes).map(Some).map_err(|error| self.refused(path, &error))
    }

    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(path).map_err(|error| failed(format!("cannot read {}", shown(path)), error))
    }

    fn refused(&self, path: &Path, error: &FormatError) -> StoreError {
        let names = Names {
            checkpoint: shown(&self.checkpoint),
            previous: shown(&self.previous),
            journal: shown(&self.journal),
        };
        let previous = self.read(&self.previous).ok().flatten().filter(|_| path != self.previous);
        error.refusal(&shown(path), &names, previous.as_deref())
    }

    fn written<T>(&self, text: Result<T, serde_json::Error>) -> Result<T, StoreError> {
        text.map_err(|error| failed(format!("cannot write down the state of {}", self.key), error.into()))
    }

    fn prepare(&self, preparation: &Preparation) -> io::Result<()> {
        if let Some(checkpoint) = &preparation.checkpoint {
            self.replace(&self.checkpoint, checkpoint.as_bytes())?;
        }
        preparation.journal.iter().try_for_each(|journal| self.replace(&self.journal, journal))
    }

    fn append(&self, line: &str) -> io::Result<()> {
        self.disk.append(&self.journal, line.as_bytes())?;
        self.disk.sync(&self.journal)
    }

    fn fold(&self, checkpoint: &str, head: &str) -> io::Result<()> {
        if let Some(former) = self.disk.read(&self.checkpoint)? {
            self.replace(&self.previous, &former)?;
        }
        self.replace(&self.checkpoint, checkpoint.as_bytes())?;
        self.replace(&self.journal, head.as_bytes())
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        self.disk.write(&beside, bytes)?;
        self.disk.sync(&beside)?;
        self.disk.rename(&beside, path)?;
        self.disk.sync_folder(&self.folder)
    }
}

struct LocalJournal {
    files: Files,
    lock: Lock,
    preparation: Option<Preparation>,
}

impl LocalJournal {
    /// The lock goes along: if nobody waits for the write any more, it still ends before anybody else may begin.
    async fn work(&self, work: impl FnOnce(&Files) -> io::Result<()> + Send + 'static) -> Result<(), StoreError> {
        let (files, lock) = (self.files.clone(), Arc::clone(&self.lock));
        blocking(move || {
            let result = work(&files).map_err(|error| failed(format!("cannot write {}", shown(&files.journal)), error));
            drop(lock);
            result
        })
        .await
    }
}

#[async_trait]
impl Journal for LocalJournal {
    async fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        let line = self.files.written(format::write_entries(entries))?;
        let preparation = self.preparation.take().unwrap_or_default();
        self.work(move |files| {
            files.prepare(&preparation)?;
            files.append(&line)
        })
        .await
    }

    async fn checkpoint(&mut self, state: &State) -> Result<(), StoreError> {
        let checkpoint = self.files.written(format::write_checkpoint(state))?;
        let head = self.files.written(format::write_journal_head(state))?;
        self.preparation = None;
        self.work(move |files| files.fold(&checkpoint, &head)).await
    }
}

#[cfg(test)]
mod tests;
