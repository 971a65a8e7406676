//! The bytes of a state: checkpoint and journal. Pure functions; where the bytes are kept is the business of the stores.
//!
//! ```text
//! checkpoint                                             journal
//! {"format":"provision-state","version":2,               {"format":"provision-journal","version":2,"lineage":"…","base":41}
//!  "checksum":"…","state":                               {"checksum":"…","entries":[{"serial":42,…},{"serial":43,…}]}
//! {…}                                                    {"checksum":"…","entries":[{"serial":44,…}]}
//! }
//! ```
//!
//! Both are JSON, but a checksum is over the bytes as they stand, so that no reader's idea of numbers or order matters.
//! One line of the journal is one write: a power cut can tear only the last line, and nobody was told yet that its entries
//! are kept, so it is dropped. Damage anywhere else is an error, as is anything that would make less of the state than it
//! was: **whatever exists is read whole or refused.** Everything here is untrusted input.
//!
//! Version 2 knows what was accepted of an object (`drift --accept`); version 1 is read as a state in which nothing was. A
//! journal of an older version gets a new head before anything is added to it: an older program must not take an entry that
//! it does not know for a torn one.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    ledger::Ledger,
    model::{Entry, State},
    store::{StateKey, StoreError},
};
use crate::base::secret::sha256;

const STATE_FORMAT: &str = "provision-state";
const JOURNAL_FORMAT: &str = "provision-journal";
/// The version that this program writes, and the newest that it reads.
pub const VERSION: u32 = 2;

/// Why stored bytes are refused. Each reads on after the name of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    #[error("is empty (0 bytes)")]
    Empty,
    #[error("is not a state of provision")]
    Foreign,
    #[error("is cut off: its end is missing")]
    Cut,
    #[error("was written by a newer provision (format version {0}; this program reads up to {VERSION})")]
    Newer(u64),
    #[error("does not match its checksum: it was damaged or edited after it was written")]
    Checksum,
    #[error("cannot be understood: {0}")]
    Content(String),
    #[error("is damaged in line {line}: {problem}")]
    Line { line: usize, problem: String },
    #[error("belongs to another state (lineage `{journal}`, but the checkpoint has `{checkpoint}`)")]
    Lineage { journal: String, checkpoint: String },
    #[error("has a gap: entry {expected} is missing, the next one is {found}")]
    Gap { expected: u64, found: u64 },
    #[error("holds an entry that cannot be: entry {serial}: {problem}")]
    Illegal { serial: u64, problem: String },
    #[error("is the state of `{found}`, not of `{wanted}`")]
    Elsewhere { found: String, wanted: String },
    #[error("is missing, but its journal is there")]
    Missing,
}

/// Where a state is kept, in the words for people: names in backticks.
pub struct Names {
    pub checkpoint: String,
    pub previous: String,
    pub journal: String,
}

impl FormatError {
    /// What to say of the bytes of `name`. `previous` is the previous generation, if there is any beside them.
    pub fn refusal(&self, name: &str, names: &Names, previous: Option<&[u8]>) -> StoreError {
        let Names { checkpoint, previous: former, journal } = names;
        let previous = previous.and_then(|bytes| read_checkpoint(bytes).ok());
        let help = match (self, previous) {
            (FormatError::Newer(_), _) => "install a newer version of provision; nothing was changed".to_owned(),
            (_, Some(previous)) => format!(
                "nothing was changed; {former} is whole and holds the state before the last run (serial {}): to go on from it, copy \
                 it to {checkpoint} and move {journal} aside; what the last run made or deleted is not in it",
                previous.serial,
            ),
            (_, None) => format!(
                "nothing was changed; bring {checkpoint} and {journal} back from a copy: to go on without them would make everything \
                 again"
            ),
        };
        StoreError::Damaged { what: format!("{name} {self}"), help }
    }
}

/// What every stored file begins with. Other members are for a later look.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

#[derive(Deserialize)]
struct CheckpointHead {
    checksum: String,
}

#[derive(Serialize, Deserialize)]
struct JournalHead {
    format: String,
    version: u32,
    lineage: String,
    base: u64,
    /// Who wrote it, where that has to be told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<String>,
}

/// The first line of a file as JSON, if it is one of `format` in a version that this program reads.
fn head<T: DeserializeOwned>(line: &[u8], format: &str) -> Result<T, FormatError> {
    let head: Head = serde_json::from_slice(line).map_err(|_| FormatError::Foreign)?;
    if head.format != format || head.version == 0 {
        return Err(FormatError::Foreign);
    }
    if head.version > u64::from(VERSION) {
        return Err(FormatError::Newer(head.version));
    }
    serde_json::from_slice(line).map_err(|_| FormatError::Foreign)
}

/// The text of a checkpoint.
pub fn write_checkpoint(state: &State) -> Result<String, serde_json::Error> {
    let body = serde_json::to_string(state)?;
    let checksum = sha256(body.as_bytes());
    Ok(format!(
        "{{\"format\":\"{STATE_FORMAT}\",\"version\":{VERSION},\"checksum\":\"{checksum}\",\"state\":\n{body}\n}}\n"
    ))
}

/// Reads a checkpoint.
pub fn read_checkpoint(bytes: &[u8]) -> Result<State, FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Empty);
    }
    let (first, rest) = split_line(bytes).ok_or_else(|| beginning(bytes, STATE_FORMAT))?;
    let first = [first, b"null}"].concat();
    let CheckpointHead { checksum } = head(&first, STATE_FORMAT)?;
    let body = rest.strip_suffix(b"\n}\n").ok_or(FormatError::Cut)?;
    if sha256(body) != checksum {
        return Err(FormatError::Checksum);
    }
    serde_json::from_slice(body).map_err(|error| FormatError::Content(error.to_string()))
}

/// Reads the checkpoint of a certain state.
pub fn read_checkpoint_of(key: &StateKey, bytes: &[u8]) -> Result<State, FormatError> {
    let state = read_checkpoint(bytes)?;
    if state.stack != key.stack() || state.environment != key.environment() {
        let found = format!("{}/{}", state.stack, state.environment);
        return Err(FormatError::Elsewhere { found, wanted: key.to_string() });
    }
    Ok(state)
}

/// What to say of a file that is not even a line long.
fn beginning(bytes: &[u8], format: &str) -> FormatError {
    let ours = format!("{{\"format\":\"{format}\"");
    let length = ours.len().min(bytes.len());
    if bytes[..length] == ours.as_bytes()[..length] { FormatError::Cut } else { FormatError::Foreign }
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

/// The first line of a journal that follows upon a checkpoint.
pub fn write_journal_head(state: &State) -> Result<String, serde_json::Error> {
    write_head(&state.lineage, state.serial, None)
}

/// A journal by itself: entries that are written together after the entry number `base`, or none, under a lease.
pub fn write_part(lineage: &str, base: u64, lease: &str, entries: &[Entry]) -> Result<String, serde_json::Error> {
    let head = write_head(lineage, base, Some(lease))?;
    Ok(if entries.is_empty() { head } else { head + &write_entries(entries)? })
}

fn write_head(lineage: &str, base: u64, lease: Option<&str>) -> Result<String, serde_json::Error> {
    let (format, lineage) = (JOURNAL_FORMAT.to_owned(), lineage.to_owned());
    let head = JournalHead { format, version: VERSION, lineage, base, lease: lease.map(str::to_owned) };
    Ok(serde_json::to_string(&head)? + "\n")
}

/// The whole lines of a journal under a head of this version. `bytes` are what `journal` was read from.
pub fn renew_journal(bytes: &[u8], journal: &StoredJournal) -> Result<Vec<u8>, serde_json::Error> {
    let head = write_head(&journal.lineage, journal.base, None)?;
    let (_, lines) = split_line(&bytes[..journal.whole]).unwrap_or_default();
    Ok([head.as_bytes(), lines].concat())
}

/// The line of a journal that holds entries which are written together.
pub fn write_entries(entries: &[Entry]) -> Result<String, serde_json::Error> {
    let body = serde_json::to_string(entries)?;
    Ok(format!("{LINE_START}{}{LINE_MIDDLE}{body}{LINE_END}\n", sha256(body.as_bytes())))
}

const LINE_START: &str = "{\"checksum\":\"";
const LINE_MIDDLE: &str = "\",\"entries\":";
const LINE_END: &str = "}";

/// A journal as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredJournal {
    /// The version of its head.
    pub version: u32,
    pub lineage: String,
    /// The serial of the checkpoint that it was begun upon.
    pub base: u64,
    pub entries: Vec<Entry>,
    /// How many bytes of the file are whole lines.
    pub whole: usize,
    /// Whether a torn last line was left out.
    pub is_torn: bool,
}

/// Reads a journal.
pub fn read_journal(bytes: &[u8]) -> Result<StoredJournal, FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Empty);
    }
    let (first, mut rest) = split_line(bytes).ok_or_else(|| beginning(bytes, JOURNAL_FORMAT))?;
    let JournalHead { version, lineage, base, .. } = head(first, JOURNAL_FORMAT)?;
    let whole = first.len() + 1;
    let mut journal = StoredJournal { version, lineage, base, entries: Vec::new(), whole, is_torn: false };
    let mut number = 1;
    while !rest.is_empty() {
        number += 1;
        let Some((line, after)) = split_line(rest) else {
            journal.is_torn = true;
            break;
        };
        match read_entries(line) {
            Ok(entries) => journal.entries.extend(entries),
            Err(_) if after.is_empty() => {
                journal.is_torn = true;
                break;
            }
            Err(problem) => return Err(FormatError::Line { line: number, problem }),
        }
        journal.whole += line.len() + 1;
        rest = after;
    }
    Ok(journal)
}

fn read_entries(line: &[u8]) -> Result<Vec<Entry>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is not text")?;
    let torn = "it is torn";
    let (checksum, rest) = text.strip_prefix(LINE_START).ok_or(torn)?.split_once(LINE_MIDDLE).ok_or(torn)?;
    let body = rest.strip_suffix(LINE_END).ok_or(torn)?;
    if sha256(body.as_bytes()) != checksum {
        return Err("it does not match its checksum".to_owned());
    }
    serde_json::from_str(body).map_err(|error| error.to_string())
}

/// A checkpoint and the entries after it. Entries that the checkpoint holds already (a crash came between the new
/// checkpoint and the new journal) are passed over.
pub fn replay(checkpoint: State, journal: &StoredJournal) -> Result<Ledger, FormatError> {
    if journal.lineage != checkpoint.lineage {
        let (journal, checkpoint) = (journal.lineage.clone(), checkpoint.lineage);
        return Err(FormatError::Lineage { journal, checkpoint });
    }
    let follows = |expected: u64, found: u64| {
        if expected == found { Ok(()) } else { Err(FormatError::Gap { expected, found }) }
    };
    if journal.base > checkpoint.serial {
        follows(checkpoint.serial.saturating_add(1), journal.base.saturating_add(1))?;
    }
    let (mut serial, kept) = (journal.base, checkpoint.serial);
    let mut ledger = Ledger::new(checkpoint);
    for entry in &journal.entries {
        serial = serial.saturating_add(1);
        follows(serial, entry.serial)?;
        if serial > kept {
            let illegal = |error: super::IllegalEntry| FormatError::Illegal { serial, problem: error.to_string() };
            ledger.apply(entry).map_err(illegal)?;
        }
    }
    Ok(ledger)
}

#[cfg(test)]
mod tests;
