//! Where states are kept. A [`Store`] hands out states to look at, and the one [`Lease`] of a state to change it.
//!
//! A store of another kind implements [`Store`] and [`Journal`].

use std::{fmt, io, time::SystemTime};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    lease::Lease,
    model::{Entry, State},
};
use crate::base::secret::hex;

/// Why a state could not be read, written or had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds it.
    #[error("the state is locked by {holder} since {since}")]
    Locked { holder: String, since: String },
    /// The lease was lost while it was held.
    #[error("the lease on the state was lost: {0}")]
    Lost(String),
    /// What is stored cannot be used: why, and what to do.
    #[error("{what}")]
    Damaged { what: String, help: String },
    /// The store cannot be reached or written.
    #[error("{what}: {source}")]
    Io { what: String, source: io::Error },
    /// An entry that the state does not allow: a defect of this program.
    #[error("refused journal entry: {0}")]
    Illegal(String),
}

pub(super) fn failed(what: impl Into<String>, source: io::Error) -> StoreError {
    StoreError::Io { what: what.into(), source }
}

/// What nobody else will have come upon, in hex.
pub(super) fn random<const BYTES: usize>() -> Result<String, StoreError> {
    let mut random = [0; BYTES];
    getrandom::fill(&mut random)
        .map_err(|error| failed("cannot get random numbers", io::Error::other(error.to_string())))?;
    Ok(hex(&random))
}

/// Which state is meant. Made of characters that are safe in file names and object keys everywhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateKey {
    stack: String,
    environment: String,
}

/// The name of a stack or environment that no state can be kept under.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot name a state: it takes 1 to 64 letters, digits, `-` and `_`, a letter or digit first")]
pub struct KeyError(String);

impl StateKey {
    /// The state of `environment` of `stack`.
    pub fn new(stack: &str, environment: &str) -> Result<Self, KeyError> {
        let checked = |name: &str| {
            let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
            let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let is_fine = starts_well && name.len() <= 64 && name.chars().all(is_safe);
            is_fine.then(|| name.to_owned()).ok_or_else(|| KeyError(name.to_owned()))
        };
        Ok(StateKey { stack: checked(stack)?, environment: checked(environment)? })
    }

    /// The stack.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// The environment.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The state of this name, as it is before it has ever been written.
    pub(super) fn fresh(&self) -> Result<State, StoreError> {
        Ok(State::new(&self.stack, &self.environment, random::<16>()?, random::<16>()?))
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stack, self.environment)
    }
}

/// Who holds a state; shown to everybody else who wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    pub user: String,
    pub host: String,
    pub pid: u32,
    /// What they are doing: `provision apply shop.yaml`.
    pub command: String,
    /// RFC 3339.
    pub since: String,
}

impl Holder {
    /// This process, from now on.
    pub fn new(user: impl Into<String>, host: impl Into<String>, command: impl Into<String>) -> Self {
        let (user, host, command) = (user.into(), host.into(), command.into());
        Holder { user, host, pid: std::process::id(), command, since: now() }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Holder { user, host, pid, command, .. } = self;
        write!(f, "{user} on {host} (`{command}`, process {pid})")
    }
}

/// The time for people, to the second.
#[expect(clippy::disallowed_methods, reason = "people read it; nothing is decided by it")]
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A place that keeps states.
#[async_trait]
pub trait Store: Send + Sync {
    /// The right to change a state, which is empty if there is none yet. Nothing is written before the first entry.
    async fn acquire(&self, key: &StateKey, holder: &Holder) -> Result<Lease, StoreError>;

    /// The state as far as it is durable, without a lock; `None` if there is none.
    async fn read(&self, key: &StateKey) -> Result<Option<State>, StoreError>;

    /// The state before the last run that ended.
    async fn previous(&self, key: &StateKey) -> Result<Option<State>, StoreError>;

    /// Every state there is, in order.
    async fn list(&self) -> Result<Vec<StateKey>, StoreError>;

    /// Ends a lock whose holder is gone, and says who held it. A holder that is known to be alive keeps it.
    async fn unlock(&self, key: &StateKey) -> Result<Option<Holder>, StoreError>;
}

/// A lock that can end while its holder still goes on: that of a process which was stopped for too long.
#[async_trait]
pub trait Hold: Send + Sync {
    /// Makes sure that nobody else holds the state. Costs nothing if that was seen a moment ago, so it can stand before
    /// every call.
    ///
    /// # Errors
    /// Somebody else holds it, or nobody knows.
    async fn confirm(&self) -> Result<(), StoreError>;
}

/// What a [`Lease`] writes to. Dropping it is what a crash looks like: everything stays as it is, and the lock ends by
/// itself.
#[async_trait]
pub trait Journal: Send {
    /// Makes the entries durable, all of them or none.
    async fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError>;

    /// Makes `state` the checkpoint, keeps the former one as the previous generation, and begins an empty journal.
    async fn checkpoint(&mut self, state: &State) -> Result<(), StoreError>;

    /// Lets go, where that takes more than to be dropped. If it fails, the lock ends as that of a dead holder.
    async fn release(&mut self) {}
}
