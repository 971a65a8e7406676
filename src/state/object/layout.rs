//! The objects of one state: their names, and how one is read, and put where it depends on what is there.

use std::{io, sync::Arc, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, UpdateVersion, path::Path};

use crate::state::{
    format::{FormatError, Names},
    store::{self, StateKey, StoreError},
};

/// How the name of a checkpoint ends.
pub const CHECKPOINT: &str = ".json";

/// How often something is tried again that only a coincidence can have spoiled.
pub const TRIES: usize = 5;

/// No state is larger; a hostile object is not read to its end.
const LARGEST: u64 = 1 << 30;

/// How many objects are read at once.
const READS: usize = 32;

/// The objects of one state.
#[derive(Clone)]
pub struct Objects {
    pub key: StateKey,
    store: Arc<dyn ObjectStore>,
    bucket: String,
    folder: Path,
}

/// An object as it was read.
pub struct Found {
    pub bytes: Vec<u8>,
    pub meta: ObjectMeta,
}

impl Found {
    /// What a put that replaces exactly this depends on.
    pub fn version(&self) -> UpdateVersion {
        UpdateVersion { e_tag: self.meta.e_tag.clone(), version: self.meta.version.clone() }
    }
}

/// What became of a put.
pub enum Put {
    /// It is there.
    Done(UpdateVersion),
    /// It is there, but the store did not say so when it was put.
    Seen(UpdateVersion),
    /// Something else is there.
    Other(Found),
}

impl Objects {
    /// The objects of `key` under `prefix`.
    pub fn new(store: Arc<dyn ObjectStore>, bucket: &str, prefix: &Path, key: &StateKey) -> Self {
        let (bucket, folder) = (bucket.to_owned(), prefix.clone().join(key.stack()));
        Objects { key: key.clone(), store, bucket, folder }
    }

    fn path(&self, suffix: &str) -> Path {
        self.folder.clone().join(format!("{}{suffix}", self.key.environment()))
    }

    /// The state as it was when the journal was last folded into it.
    pub fn checkpoint(&self) -> Path {
        self.path(CHECKPOINT)
    }

    /// The checkpoint before.
    pub fn previous(&self) -> Path {
        self.path(".previous.json")
    }

    /// Who holds the state.
    pub fn lease(&self) -> Path {
        self.path(".lease")
    }

    /// The object of this number in the journal.
    pub fn part(&self, number: u64) -> Path {
        self.journal().join(format!("{number:020}"))
    }

    fn journal(&self) -> Path {
        self.path(".journal")
    }

    /// A name for people.
    pub fn shown(&self, path: &Path) -> String {
        format!("`{}/{path}`", self.bucket)
    }

    /// An object. `None` if there is none.
    pub async fn get(&self, path: &Path) -> Result<Option<Found>, StoreError> {
        let failed = |error: &Error| self.failed("read", path, error);
        let result = match self.store.get(path).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            result => result.map_err(|error| failed(&error))?,
        };
        if result.meta.size > LARGEST {
            let what = format!("cannot read {}", self.shown(path));
            return Err(store::failed(what, io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB")));
        }
        let meta = result.meta.clone();
        let bytes = result.bytes().await.map_err(|error| failed(&error))?.to_vec();
        Ok(Some(Found { bytes, meta }))
    }

    /// Puts `text` in place of exactly `over`, or where nothing is. If the answer is lost, or no longer to the first
    /// asking, what is there tells: no two puts of this program have the same bytes.
    pub async fn put(&self, path: &Path, text: &str, over: Option<&UpdateVersion>) -> Result<Put, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let mode = over.map_or(PutMode::Create, |over| PutMode::Update(over.clone()));
            let refused = match self.store.put_opts(path, text.to_owned().into(), mode.into()).await {
                Ok(result) => return Ok(Put::Done(result.into())),
                Err(error) => error,
            };
            let is_conflict = matches!(refused, Error::AlreadyExists { .. } | Error::Precondition { .. });
            match self.get(path).await {
                Ok(Some(found)) if found.bytes == text.as_bytes() => return Ok(Put::Seen(found.version())),
                // S3 refuses puts that meet one another, all of them, and then nothing has changed.
                Ok(found) if is_conflict && tries < TRIES && is_still(found.as_ref(), over) => {}
                Ok(Some(found)) if is_conflict => return Ok(Put::Other(found)),
                _ => return Err(self.failed("write", path, &refused)),
            }
        }
    }

    /// Puts the checkpoint in the place of the previous one.
    pub async fn keep_previous(&self) -> Result<(), StoreError> {
        let previous = self.previous();
        let copied = self.store.copy(&self.checkpoint(), &previous).await;
        copied.map_err(|error| self.failed("write", &previous, &error))
    }

    /// The numbers in the journal, in order.
    pub async fn numbers(&self) -> Result<Vec<u64>, StoreError> {
        let journal = self.journal();
        let number = |meta: ObjectMeta| {
            let name = meta.location.filename()?;
            name.parse().ok().filter(|number: &u64| format!("{number:020}") == name)
        };
        let found = self.store.list(Some(&journal)).try_filter_map(|meta| async move { Ok(number(meta)) });
        let mut numbers: Vec<u64> = found.try_collect().await.map_err(|error| self.failed("list", &journal, &error))?;
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The objects of these numbers; `None` if one of them is not there.
    pub async fn parts(&self, numbers: &[u64]) -> Result<Option<Vec<Found>>, StoreError> {
        let reads = numbers.iter().map(|number| (self.clone(), self.part(*number))).collect::<Vec<_>>();
        let reads = stream::iter(reads).map(|(objects, path)| async move { objects.get(&path).await });
        reads.buffered(READS).try_collect::<Vec<_>>().await.map(|found| found.into_iter().collect())
    }

    /// Deletes these numbers. What cannot be deleted is in nobody's way.
    pub async fn delete_parts(&self, numbers: impl Iterator<Item = u64>) {
        let paths = numbers.map(|number| Ok(self.part(number))).collect::<Vec<_>>();
        let mut deleted = self.store.delete_stream(stream::iter(paths).boxed());
        while let Some(result) = deleted.next().await {
            if let Err(error) = result {
                tracing::warn!(journal = %self.journal(), "cannot tidy the journal up: {}", reason(&error));
            }
        }
    }

    /// How long ago an object was put, by the store's own clock.
    pub async fn age(&self, found: &Found) -> Result<Duration, StoreError> {
        let clock = self.path(".clock");
        self.store.put(&clock, "now".into()).await.map_err(|error| self.failed("write", &clock, &error))?;
        let now = self.store.head(&clock).await.map_err(|error| self.failed("read", &clock, &error))?;
        Ok((now.last_modified - found.meta.last_modified).to_std().unwrap_or_default())
    }

    /// What to say of an object that cannot be used.
    pub async fn refused(&self, path: &Path, error: &FormatError) -> StoreError {
        let names = Names {
            checkpoint: self.shown(&self.checkpoint()),
            previous: self.shown(&self.previous()),
            journal: format!("what is in {}", self.shown(&self.journal())),
        };
        let previous = if *path == self.previous() { None } else { self.get(&self.previous()).await.ok().flatten() };
        error.refusal(&self.shown(path), &names, previous.as_ref().map(|found| found.bytes.as_slice()))
    }

    fn failed(&self, doing: &str, path: &Path, error: &Error) -> StoreError {
        failed(&format!("cannot {doing} {}", self.shown(path)), error)
    }
}

/// Whether there still is what a put was to replace.
fn is_still(found: Option<&Found>, over: Option<&UpdateVersion>) -> bool {
    found.map(|found| &found.meta.e_tag) == over.map(|over| &over.e_tag)
}

/// A request that the store did not fulfil.
pub fn failed(what: &str, error: &Error) -> StoreError {
    store::failed(what, io::Error::other(reason(error)))
}

/// The service's own words, out of an error that quotes its whole answer; else the innermost cause.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    let tag = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(found, _)| found.to_owned())
    };
    if let (Some(code), Some(message)) = (tag("Code"), tag("Message")) {
        return format!("{message} ({code})");
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
