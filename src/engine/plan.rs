//! The plan: what will be done, in which order, why, and what can be undone. Plain data, so that it can be shown, saved,
//! read back and obeyed by another process. Made by `planner`, obeyed by `execute`.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    base::{Address, ObjectId, Path, PhysicalId, Place, Value},
    stack::Timeouts,
    state::{Command, Deviation, Kept, StateMark},
};

/// The version of the plan format that this program writes and reads.
pub const VERSION: u32 = 1;

/// What will be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub version: u32,
    pub command: Command,
    pub stack: String,
    pub environment: String,
    /// [`crate::stack::Stack::digest`] of the stack it was made from.
    pub stack_digest: String,
    pub base: StateMark,
    /// In an order in which they could be done one by one. Those before `commit` can be undone; deletes come after it.
    pub steps: Vec<Step>,
    /// Index of the first step after the commit.
    pub commit: usize,
    /// The stack's outputs, resolved at the end of the run.
    pub outputs: Vec<(String, PlannedOutput)>,
    /// What people should know before they say yes: edges that were guessed, types without owner tags.
    pub warnings: Vec<String>,
    /// What somebody else has changed since it was applied, by the object it was found at. The steps put it back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drifted: BTreeMap<ObjectId, Vec<Deviation>>,
    /// What was accepted of such changes and still holds. Steps leave it as it is; a replacement loses it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub accepted: BTreeMap<ObjectId, Vec<Deviation>>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && !self.outputs.iter().any(|(_, output)| output.changed)
    }

    /// The objects that somebody else has deleted; for each whether it is made again, because the stack declares it.
    pub fn missing(&self) -> impl Iterator<Item = (&Step, bool)> {
        let is_missing = |step: &&Step| step.action == Action::Forget && step.why.contains(&Reason::Missing);
        self.steps.iter().filter(is_missing).map(|missing| {
            let makes = |step: &Step| {
                matches!(step.action, Action::Create { .. }) && step.object.address == missing.object.address
            };
            (missing, self.steps.iter().any(makes))
        })
    }
}

/// An output, as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedOutput {
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it differs from what the state has.
    pub changed: bool,
}

/// One thing to do to one object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub object: ObjectId,
    pub type_name: String,
    pub place: Place,
    pub action: Action,
    /// Never empty.
    pub why: Vec<Reason>,
    /// What must have happened before. Only objects that have a step in this plan.
    pub after: Vec<After>,
    pub undo: Undo,
    /// How long it usually takes (overlay of the catalogue).
    pub usual: Duration,
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Make a new object. `replaces` is the generation that it takes the place of.
    Create { want: Value, needs: BTreeSet<ObjectId>, kept: Kept, replaces: Option<ObjectId> },
    /// Change an object in place.
    Update {
        /// Everything as it should be.
        want: Value,
        /// Properties before the change, sealed: live where they were read, else as applied.
        before: Json,
        /// Where the two differ.
        paths: Vec<Path>,
        needs: BTreeSet<ObjectId>,
        kept: Kept,
        /// What counts as applied afterwards, if not `want`: an undo puts back values that the user never wrote.
        record: Option<Json>,
        /// What was accepted and stays: `want` carries it, the record keeps what the file says.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<Deviation>,
    },
    /// Wait for an object that a former run left half-made. `accepted` as in an update.
    Resume {
        want: Value,
        needs: BTreeSet<ObjectId>,
        kept: Kept,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<Deviation>,
    },
    /// Remove an object.
    Delete,
    /// Take over an object that exists.
    Adopt { id: PhysicalId, want: Value, needs: BTreeSet<ObjectId>, kept: Kept },
    /// Leave the object in AWS and forget it.
    Forget,
    /// The object gets another address; no call is made.
    Move { to: ObjectId },
    /// `record` (sealed) now counts as applied, and `accepted` stays other than it says; no call is made (only the
    /// lifecycle changed, or AWS already has it, or somebody takes over what others have changed).
    Accept {
        record: Json,
        needs: BTreeSet<ObjectId>,
        kept: Kept,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<Deviation>,
    },
}

impl Action {
    /// Whether carrying it out asks AWS to change something.
    pub fn changes_aws(&self) -> bool {
        matches!(self, Action::Create { .. } | Action::Update { .. } | Action::Delete)
    }
}

/// Why a step is in the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reason {
    /// The stack has it, the state does not.
    New,
    /// The file says something else than before.
    Changed { path: Path },
    /// Somebody changed it by hand; the file wins.
    Drifted { path: Path },
    /// Somebody deleted it by hand.
    Missing,
    /// This property cannot be changed on an existing object.
    Immutable { path: Path },
    /// What it refers to is replaced.
    Follows { address: Address, path: Path },
    /// `replace_when` has another value.
    ReplaceWhen,
    /// It is left half-made: why.
    Broken { why: String },
    /// The stack does not have it any more.
    Removed,
    /// It has been replaced by the next generation.
    Replaced,
    /// The command asks for it.
    Destroyed,
    /// `imports`, `moved` or `removed` of the stack says so.
    Declared,
    /// `lifecycle` changed.
    Lifecycle,
    /// The stack says something else than before, which AWS has already.
    Present,
    /// It is made from other objects than before.
    Needs,
    /// Somebody else changed it, and the command takes it over.
    Accepted { path: Path },
    /// What was accepted does not hold any more: the file says something else, or AWS does.
    Lapsed { path: Path },
    /// Undoes what this run did.
    Undone,
}

/// Something that must have happened before a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    pub object: ObjectId,
    pub needs: Needs,
}

/// How far the step of an object must have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Its id is enough.
    Created,
    /// It must be ready (or gone, for a delete).
    Ready,
}

/// How a step is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Undo {
    /// By deleting what it made; `residue` is what stays behind all the same (a key pending deletion).
    Delete { residue: Option<String> },
    /// By putting the former values back.
    Restore,
    /// No call was made: by putting the former record back.
    Record,
    /// By making again what was deleted.
    Create,
    /// Not at all: why.
    Never { why: String },
}
