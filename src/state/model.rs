//! The state and the entries that change it. Plain data and one transition function; nothing here reads or writes.
//!
//! Documents in here are *sealed*: every sensitive leaf and every write-only property has been replaced by its digest
//! (`base::secret`), so that neither the checkpoint nor the journal can give a secret away.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::base::{Address, Identity, ObjectId, Path, PhysicalId, Place, Token, Value, secret};

/// Everything known about one environment of one stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Made once, when the state is first written; two states with different lineages are never the same.
    pub lineage: String,
    /// Number of the last entry applied; grows by one with each.
    pub serial: u64,
    pub stack: String,
    pub environment: String,
    /// The account that the objects are in; `None` before the first run.
    pub identity: Option<Identity>,
    /// For digests of sensitive values; hex.
    pub salt: String,
    pub objects: BTreeMap<ObjectId, Object>,
    pub outputs: BTreeMap<String, StoredOutput>,
    /// The run that is going on, or that was cut off.
    pub run: Option<Run>,
}

impl State {
    /// A state that knows nothing yet. `lineage` and `salt` are random, and never change.
    pub fn new(
        stack: impl Into<String>,
        environment: impl Into<String>,
        lineage: impl Into<String>,
        salt: impl Into<String>,
    ) -> Self {
        State {
            lineage: lineage.into(),
            serial: 0,
            stack: stack.into(),
            environment: environment.into(),
            identity: None,
            salt: salt.into(),
            objects: BTreeMap::new(),
            outputs: BTreeMap::new(),
            run: None,
        }
    }

    /// Every generation of an address that is known, oldest first.
    pub fn generations(&self, address: &Address) -> impl DoubleEndedIterator<Item = (&ObjectId, &Object)> {
        self.objects.range(address.generation(0)..=address.generation(u32::MAX))
    }

    /// The newest generation of an address.
    pub fn newest(&self, address: &Address) -> Option<(&ObjectId, &Object)> {
        self.generations(address).next_back()
    }

    /// What the next object at this address will be called.
    pub fn next_generation(&self, address: &Address) -> ObjectId {
        address.generation(self.newest(address).map_or(1, |(newest, _)| newest.generation.saturating_add(1)))
    }

    /// The calls that have been announced and whose outcome is not recorded.
    pub fn open_intents(&self) -> impl Iterator<Item = (&ObjectId, &Object, &Intent)> {
        self.objects.iter().filter_map(|(id, object)| Some((id, object, object.intent.as_ref()?)))
    }

    /// For each object that others need: those others. Needs that name objects that are gone are left out.
    pub fn dependents(&self) -> BTreeMap<&ObjectId, BTreeSet<&ObjectId>> {
        let mut dependents: BTreeMap<&ObjectId, BTreeSet<&ObjectId>> = BTreeMap::new();
        for (id, object) in &self.objects {
            for needed in object.needs.iter().filter(|needed| self.objects.contains_key(needed)) {
                dependents.entry(needed).or_default().insert(id);
            }
        }
        dependents
    }

    /// What a plan that is made from this state applies to.
    pub fn mark(&self) -> StateMark {
        StateMark { lineage: self.lineage.clone(), serial: self.serial, identity: self.identity.clone() }
    }
}

/// One object in AWS, or one that may have come to exist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    pub type_name: String,
    pub place: Place,
    /// `None` while a create has been announced and no answer is recorded.
    pub id: Option<PhysicalId>,
    /// What the user wrote, resolved and sealed, as it was last applied.
    pub inputs: Json,
    /// Attributes and properties as AWS last reported them, sealed.
    pub observed: Json,
    /// Where it may stay other than `inputs` say, because somebody took over what others have changed; in the order of
    /// paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Deviation>,
    /// The objects that this one was made from: it is deleted before them.
    pub needs: BTreeSet<ObjectId>,
    pub kept: Kept,
    /// The token of the intent that made it.
    pub token: Token,
    /// Why it must not be taken for healthy: half-made, or an update that failed half-way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
    /// The call that has been announced and whose outcome is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Intent>,
}

impl Object {
    /// Whether it was there before it was owned: such an object has no token of ours.
    pub fn is_adopted(&self) -> bool {
        self.token.0.is_empty()
    }

    /// Whether it exists, is ready, and nothing is open.
    pub fn is_healthy(&self) -> bool {
        self.id.is_some() && self.broken.is_none() && self.intent.is_none()
    }
}

/// A property that somebody else has changed. Its values are sealed where they are or may be sensitive, and null where there
/// is nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    pub path: Path,
    /// What the stack file says.
    pub wanted: Json,
    /// What AWS reports.
    pub live: Json,
}

impl Deviation {
    /// A sealed document with what the file says at the path of each deviation.
    pub fn wanted_in(deviations: &[Deviation], document: Json) -> Json {
        put(document, deviations.iter().map(|deviation| (&deviation.path, &deviation.wanted)))
    }

    /// A sealed document with what AWS reports at the path of each deviation.
    pub fn live_in(deviations: &[Deviation], document: Json) -> Json {
        put(document, deviations.iter().map(|deviation| (&deviation.path, &deviation.live)))
    }
}

fn put<'a>(document: Json, values: impl Iterator<Item = (&'a Path, &'a Json)>) -> Json {
    let visible = values.filter(|(path, _)| secret::visible(&document, path) == **path);
    let mut changed = Value::from(document.clone());
    visible.for_each(|(path, value)| changed.put(&path.0, value.clone().into()));
    changed.reveal().unwrap_or(document)
}

/// Why an object must not be taken for healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    pub why: String,
    /// The service itself has given it up: it has to be replaced. Otherwise it may still become ready.
    pub failed: bool,
}

/// The part of `lifecycle:` that still matters when the resource has left the stack file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kept {
    pub protect: bool,
    pub retain: bool,
    pub snapshot_on_delete: bool,
}

/// A call that is about to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    pub action: IntentAction,
    pub token: Token,
    /// The full request, sealed.
    pub want: Json,
    /// The paths that an update changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Path>,
    /// What was there before an update or delete, sealed: what undo goes back to.
    pub before: Json,
}

/// What an [`Intent`] is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentAction {
    Create,
    Update,
    Delete,
}

/// A value that the stack puts out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredOutput {
    /// Sealed, if it is sensitive.
    pub value: Json,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default)]
    pub sensitive: bool,
}

/// One run of a command that changes things.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    pub id: String,
    pub command: Command,
    /// The serial before the first entry of the run: what undo goes back to.
    pub base: u64,
    /// After this, deletes are under way and the run only goes forward.
    pub committed: bool,
    /// The run is being undone.
    pub undoing: bool,
}

/// A command that changes things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Apply,
    Destroy,
    Import,
    Undo,
    State,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// Failed, and everything is as it was.
    RolledBack,
    /// Failed, and something is left.
    Partial,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// [`State::serial`] after this entry; also the fencing token of remote stores.
    pub serial: u64,
    /// When it was written, RFC 3339; for people only.
    pub at: String,
    pub kind: EntryKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event", deny_unknown_fields)]
pub enum EntryKind {
    /// A run begins; first entry of every run.
    RunStarted { id: String, command: Command, identity: Identity },
    /// A create is about to be sent. The object appears in the state, without an id.
    CreateIntended { object: ObjectId, new: Box<Object> },
    /// An update or delete is about to be sent.
    ChangeIntended { object: ObjectId, intent: Intent },
    /// The object exists under this id; not ready yet. `observed` is what is known of it, sealed.
    Made { object: ObjectId, id: PhysicalId, observed: Json },
    /// The announced create or update is finished and the object is ready. Closes the intent; `inputs` is what now
    /// counts as applied, `accepted` what stays other than it says.
    Ready {
        object: ObjectId,
        inputs: Json,
        observed: Json,
        needs: BTreeSet<ObjectId>,
        kept: Kept,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<Deviation>,
    },
    /// The announced call was certainly not executed, or nothing of it exists. Closes the intent; an object without an
    /// id disappears.
    NotDone { object: ObjectId },
    /// The announced call left the object in a state that is neither the old nor the new one. Closes the intent; paths
    /// of an update count as unknown from now on.
    Broken { object: ObjectId, why: String, failed: bool },
    /// The object does not exist any more.
    Gone { object: ObjectId },
    /// An existing object is owned from now on.
    Adopted { object: ObjectId, new: Box<Object> },
    /// The object is left in AWS and forgotten.
    Forgotten { object: ObjectId },
    /// The object has another address.
    Moved { from: ObjectId, to: ObjectId },
    /// A read found the object like this.
    Observed { object: ObjectId, observed: Json },
    /// What the user wrote now counts as applied, and `accepted` stays other than it says, without any call
    /// (`drift --accept`, a changed lifecycle).
    Accepted {
        object: ObjectId,
        inputs: Json,
        needs: BTreeSet<ObjectId>,
        kept: Kept,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        accepted: Vec<Deviation>,
    },
    /// The stack's outputs.
    Outputs { outputs: BTreeMap<String, StoredOutput> },
    /// All creates and updates are ready; deletes may begin.
    Committed,
    /// From here on the run is undone.
    Undoing,
    /// The run is over.
    RunEnded { outcome: Outcome },
}

impl EntryKind {
    /// The one object that the entry is about; `None` if it is about the run, or about several.
    pub fn object(&self) -> Option<&ObjectId> {
        match self {
            EntryKind::CreateIntended { object, .. }
            | EntryKind::ChangeIntended { object, .. }
            | EntryKind::Made { object, .. }
            | EntryKind::Ready { object, .. }
            | EntryKind::NotDone { object }
            | EntryKind::Broken { object, .. }
            | EntryKind::Gone { object }
            | EntryKind::Adopted { object, .. }
            | EntryKind::Forgotten { object }
            | EntryKind::Observed { object, .. }
            | EntryKind::Accepted { object, .. } => Some(object),
            EntryKind::RunStarted { .. }
            | EntryKind::Moved { .. }
            | EntryKind::Outputs { .. }
            | EntryKind::Committed
            | EntryKind::Undoing
            | EntryKind::RunEnded { .. } => None,
        }
    }

    /// Its name in the journal.
    pub fn name(&self) -> &'static str {
        match self {
            EntryKind::RunStarted { .. } => "run_started",
            EntryKind::CreateIntended { .. } => "create_intended",
            EntryKind::ChangeIntended { .. } => "change_intended",
            EntryKind::Made { .. } => "made",
            EntryKind::Ready { .. } => "ready",
            EntryKind::NotDone { .. } => "not_done",
            EntryKind::Broken { .. } => "broken",
            EntryKind::Gone { .. } => "gone",
            EntryKind::Adopted { .. } => "adopted",
            EntryKind::Forgotten { .. } => "forgotten",
            EntryKind::Moved { .. } => "moved",
            EntryKind::Observed { .. } => "observed",
            EntryKind::Accepted { .. } => "accepted",
            EntryKind::Outputs { .. } => "outputs",
            EntryKind::Committed => "committed",
            EntryKind::Undoing => "undoing",
            EntryKind::RunEnded { .. } => "run_ended",
        }
    }
}

/// What a plan was made from; it applies to nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateMark {
    pub lineage: String,
    pub serial: u64,
    pub identity: Option<Identity>,
}
