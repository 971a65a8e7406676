//! The sandbox file: what the simulated cloud remembers from one command to the next. A line of JSON per change, written
//! before the call is answered, so that `kill -9` loses nothing that a caller was told; the newest line of an object counts.
//! It is a cloud's memory and so holds what a cloud holds, secrets included: mode 0600.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::object::Object;

/// Why a sandbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the sandbox file {} cannot be used: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the sandbox {} is in use by another process; wait for it to end", path.display())]
    Busy { path: PathBuf },
    #[error("the sandbox file {} is damaged at line {line} ({problem}); remove the file to start with an empty sandbox", path.display())]
    Damaged { path: PathBuf, line: usize, problem: String },
}

/// What a change leaves behind.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// An object as it is now.
    Object(Box<Object>),
    /// The name of a final snapshot.
    Snapshot(String),
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<E> {
    /// Version of the format.
    v: u32,
    /// The cloud's time.
    at: Duration,
    entry: E,
}

const VERSION: u32 = 1;

/// The open file; whoever has it open has the sandbox for itself.
#[derive(Debug)]
pub struct Store {
    file: File,
    /// Beside the content, because that file is replaced when it is written anew.
    _lock: File,
}

/// What the file knows.
#[derive(Debug, Default)]
pub struct Content {
    pub objects: BTreeMap<u64, Object>,
    pub snapshots: BTreeSet<String>,
    /// When the last change was made.
    pub at: Duration,
}

impl Store {
    /// Opens a sandbox, an empty one if there is no file, and writes it anew without what is out of date.
    ///
    /// # Errors
    /// The file cannot be read or written, is damaged, or another process has it.
    pub fn open(path: &Path) -> Result<(Store, Content), StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(io)?;
        }
        let lock_path = path.with_extension("lock");
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&lock_path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StoreError::Busy { path: path.to_owned() }),
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        let content = read(path)?;
        let mut fresh = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new("."))).map_err(io)?;
        let snapshots = content.snapshots.iter().map(|name| Entry::Snapshot(name.clone()));
        let objects = content.objects.values().map(|object| Entry::Object(Box::new(object.clone())));
        for entry in snapshots.chain(objects) {
            fresh.write_all(line(content.at, &entry).map_err(io)?.as_bytes()).map_err(io)?;
        }
        let file = fresh.persist(path).map_err(|error| io(error.error))?;
        Ok((Store { file, _lock: lock }, content))
    }

    /// Adds what a change leaves behind.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, at: Duration, entry: &Entry) -> io::Result<()> {
        self.file.write_all(line(at, entry)?.as_bytes())
    }
}

fn line(at: Duration, entry: &Entry) -> io::Result<String> {
    let mut text = serde_json::to_string(&Line { v: VERSION, at, entry })?;
    text.push('\n');
    Ok(text)
}

/// The newest line of every object. A last line without its end was never answered and so does not count.
fn read(path: &Path) -> Result<Content, StoreError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Content::default()),
        Err(source) => return Err(StoreError::Io { path: path.to_owned(), source }),
    };
    let mut content = Content::default();
    for (number, line) in text.split_inclusive('\n').enumerate().filter(|(_, line)| line.ends_with('\n')) {
        let damaged = |problem: String| StoreError::Damaged { path: path.to_owned(), line: number + 1, problem };
        let line: Line<Entry> = serde_json::from_str(line).map_err(|error| damaged(error.to_string()))?;
        if line.v != VERSION {
            return Err(damaged(format!("version {} of the format, this program knows {VERSION}", line.v)));
        }
        content.at = content.at.max(line.at);
        match line.entry {
            Entry::Object(object) => drop(content.objects.insert(object.number, *object)),
            Entry::Snapshot(name) => drop(content.snapshots.insert(name)),
        }
    }
    Ok(content)
}
