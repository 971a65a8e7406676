//! L2: what we know about the world, and how it is kept.
//!
//! A state is a checkpoint plus the journal entries after it. [`model::State::apply`] is the only way it changes, live and
//! in replay alike. Whoever holds a [`lease::Lease`] has the state; nobody else may change it.

pub mod lease;
pub mod model;

pub use lease::{Lease, StoreError};
pub use model::{
    Command, Entry, EntryKind, Intent, IntentAction, Kept, Object, Outcome, Run, State, StateMark, StoredOutput,
};
