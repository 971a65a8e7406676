//! What happens during a run, told once: terminal, JSON lines, log and markdown are folds over the same stream. Events
//! carry ids, counts and words, never documents, and know nothing of who shows them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::Undo;
use crate::base::{Address, ObjectId};
/// Words of other layers that events are told in; those who show events know no other layer.
pub use crate::{
    driver::FaultKind,
    state::{Command, Outcome},
};

/// The version of the event format (`"v"` of every JSON line).
pub const VERSION: u32 = 1;

/// An event, and when it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Counted from 1.
    pub sequence: u64,
    /// Since the start of the command, by the provider's clock.
    pub at: Duration,
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Objects of the state are being read; `done` of `total` are.
    Reading { done: usize, total: usize },
    /// A former run was cut off; its open calls are being looked up.
    Recovering { open: usize },
    /// An open call of a former run is closed.
    Recovered { object: ObjectId, found: Found },
    /// Steps are about to be taken.
    Started { run: String, command: Command, steps: Vec<Planned> },
    /// The first call of a step is being sent.
    StepStarted { object: ObjectId },
    /// Not ready yet; the service's own word for it.
    StepWaiting { object: ObjectId, note: String },
    /// A call is repeated after `pause`.
    StepRetried { object: ObjectId, kind: FaultKind, message: String, pause: Duration },
    /// The object exists; those who need no more may go on.
    StepMade { object: ObjectId },
    /// A step is done.
    StepDone { object: ObjectId },
    /// A step has failed for good.
    StepFailed { object: ObjectId, failure: Failure },
    /// Somebody asked to stop: what is in flight is finished, nothing else begins.
    Stopping,
    /// Everything is ready; deletes begin.
    Committed,
    /// What has been done is being undone, because of `cause`.
    Undoing { cause: Option<ObjectId>, steps: Vec<Planned> },
    /// The run is over.
    Ended { outcome: Outcome, left: Vec<ObjectId> },
}

/// A step, as far as those who show it need to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub object: ObjectId,
    pub type_name: String,
    pub verb: Verb,
    pub usual: Duration,
    /// How long this step and everything that waits for it usually take: the critical path is the largest.
    pub remaining: Duration,
    pub undo: Undo,
}

/// What a step does, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Create,
    Update,
    Replace,
    Resume,
    Delete,
    Adopt,
    Forget,
    Move,
    Accept,
}

/// What became of a call whose answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It had been executed.
    Executed,
    /// It had not.
    NotExecuted,
    /// It left something half-made.
    HalfMade,
}

/// Why a step failed, ready to be shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FaultKind,
    /// The API operation, `ec2:CreateVpc`; empty if no call was made.
    pub operation: String,
    pub code: Option<String>,
    pub message: String,
    pub request_id: Option<String>,
    /// What still uses the object.
    pub blockers: Vec<String>,
    /// The address of the object it is about.
    pub address: Address,
}

/// Where events go. Called in order, from one place at a time; must not block for long.
pub trait Sink: Send + Sync {
    /// Takes the next event.
    fn send(&self, event: Event);
}
