//! Holding a state. Whoever has the [`Lease`] may change it; entries that are waiting are written together.

use super::model::{EntryKind, State};

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
    Io { what: String, source: std::io::Error },
    /// An entry that the state does not allow: a defect of this program.
    #[error("refused journal entry: {0}")]
    Illegal(String),
}

/// The right to change one state.
pub struct Lease {}

impl Lease {
    /// Looks at the state as it is now.
    pub fn with_state<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        let _ = look;
        unimplemented!()
    }

    /// Makes the entry durable and applies it. May be called from many tasks at once; entries that wait are written
    /// together. When it returns, the entry survives a power cut.
    pub async fn append(&self, kind: EntryKind) -> Result<(), StoreError> {
        let _ = kind;
        unimplemented!()
    }

    /// Writes a checkpoint, keeps the former one beside it, empties the journal and lets go.
    pub async fn release(self) -> Result<(), StoreError> {
        unimplemented!()
    }
}
