//! L2: what we know about the world, and how it is kept.
//!
//! A state is a checkpoint plus the journal entries after it. [`model::State::apply`] is the only way it changes, live and
//! in replay alike. Whoever holds a [`lease::Lease`] has the state; nobody else may change it.

pub mod disk;
pub mod format;
pub mod lease;
pub mod ledger;
pub mod local;
pub mod memory;
pub mod model;
#[cfg(feature = "remote-state")]
pub mod object;
pub mod store;
#[cfg(test)]
mod story;
pub mod transition;

pub use lease::Lease;
pub use local::LocalStore;
pub use memory::{MemoryStore, WriteFault};
pub use model::{
    Broken, Command, Deviation, Entry, EntryKind, Intent, IntentAction, Kept, Object, Outcome, Run, State, StateMark,
    StoredOutput,
};
#[cfg(feature = "remote-state")]
pub use object::ObjectStates;
pub use store::{Hold, Holder, KeyError, StateKey, Store, StoreError};
pub use transition::{IllegalEntry, forget};
