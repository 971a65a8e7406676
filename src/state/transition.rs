//! Which entries are legal, and what they do. The one place where either is decided: the live run, the replay after a
//! crash and every test go through here, so recovery is exercised on every run.
//!
//! What an object can be, and what may be recorded of it then:
//!
//! ```text
//!                  CreateIntended                    Made                Ready
//!   (not in state) ────────────► no id, open create ─────► id, open create ────► healthy ◄──── Adopted
//!        ▲                          │ NotDone                 │ Broken            │  ▲
//!        ├──────────────────────────┘                         ▼      ChangeIntended  │ Ready, NotDone
//!        │                                                  broken ◄─── Broken ── open change
//!        │                                                    │ Ready (resumed), ChangeIntended
//!        └── Gone, Forgotten (from anywhere)
//! ```
//!
//! - An object without an id has an open create, always.
//! - Every entry but `RunStarted` belongs to a run. A run that was cut off stays open, and whoever comes next closes its
//!   open calls *inside it*: only then may it be ended, taken back (`Undoing`), or left behind by the next `RunStarted`.
//!   So what a cut-off run did is always known, and its undo can be resumed any number of times.
//! - `RunEnded` is refused while a call is open: a run that cannot find out what became of a call has not ended.
//! - After `Committed` a run only goes forward; a run that is being undone does not commit.
//! - `needs` may name objects that are gone: taking them out would visit the whole state with every delete.

use serde_json::Value as Json;

use super::model::{Broken, Deviation, Entry, EntryKind, IntentAction, Object, Run, State};
use crate::base::{ObjectId, path::Segment, secret};

/// How deeply a document may be nested: what is written must be readable again, and JSON readers stop at 128.
const DEEPEST: usize = 96;

/// An entry that must not follow upon the state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{entry} is not allowed: {problem}")]
pub struct IllegalEntry {
    /// The entry, and which object it is about.
    pub entry: String,
    pub problem: &'static str,
}

type Problem = Option<&'static str>;

impl State {
    /// Changes the state as the entry says, or not at all.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), IllegalEntry> {
        if self.serial.checked_add(1) != Some(entry.serial) {
            return Err(illegal(&entry.kind, "its number does not follow upon the last one"));
        }
        self.check(&entry.kind)?;
        self.change(entry);
        self.serial = entry.serial;
        Ok(())
    }

    /// Whether this may be the next entry.
    pub fn check(&self, kind: &EntryKind) -> Result<(), IllegalEntry> {
        let too_deep = documents(kind).into_iter().any(|document| is_deeper(document, DEEPEST));
        let problem = match kind {
            _ if too_deep => Some("a document in it is nested too deeply"),
            EntryKind::RunStarted { .. } => self.check_start(kind),
            _ => match &self.run {
                None => Some("no run has been started"),
                Some(run) => self.check_run(run, kind).or_else(|| self.check_object(kind)),
            },
        };
        problem.map_or(Ok(()), |problem| Err(illegal(kind, problem)))
    }

    fn check_start(&self, kind: &EntryKind) -> Problem {
        let EntryKind::RunStarted { identity, .. } = kind else { return None };
        let elsewhere = self.identity.as_ref().is_some_and(|known| known != identity);
        first(&[
            (self.open_intents().next().is_some(), "calls of the run before are still open"),
            (elsewhere && !self.objects.is_empty(), "the objects are in another account"),
        ])
    }

    fn check_run(&self, run: &Run, kind: &EntryKind) -> Problem {
        match kind {
            EntryKind::Committed => first(&[
                (run.committed, "the run has been committed already"),
                (run.undoing, "the run is being undone"),
            ]),
            EntryKind::Undoing => first(&[
                (run.undoing, "the run is being undone already"),
                (run.committed, "a run that has been committed only goes forward"),
            ]),
            EntryKind::RunEnded { .. } => first(&[(self.open_intents().next().is_some(), "calls are still open")]),
            _ => None,
        }
    }

    fn check_object(&self, kind: &EntryKind) -> Problem {
        let is_new = |object: &ObjectId| {
            first(&[
                (self.objects.contains_key(object), "there is such an object already"),
                (object.generation == 0, "generations count from 1"),
            ])
        };
        match kind {
            EntryKind::CreateIntended { object, new } => is_new(object).or_else(|| check_create(new)),
            EntryKind::Adopted { object, new } => is_new(object).or_else(|| {
                first(&[(new.id.is_none(), "it has no id"), (new.intent.is_some(), "no call is open for it yet")])
            }),
            EntryKind::Moved { from, to } => match self.objects.get(from) {
                None => Some("there is no such object"),
                Some(object) => is_new(to).or_else(|| first(&[(object.intent.is_some(), "a call is still open")])),
            },
            _ => kind.object().and_then(|id| match self.objects.get(id) {
                None => Some("there is no such object"),
                Some(object) => check_existing(object, kind),
            }),
        }
    }

    /// Does what [`State::check`] has allowed.
    fn change(&mut self, entry: &Entry) {
        match entry.kind.clone() {
            EntryKind::RunStarted { id, command, identity } => {
                let base = entry.serial.saturating_sub(1);
                self.run = Some(Run { id, command, base, committed: false, undoing: false });
                self.identity = Some(identity);
            }
            EntryKind::Committed => self.run.iter_mut().for_each(|run| run.committed = true),
            EntryKind::Undoing => self.run.iter_mut().for_each(|run| run.undoing = true),
            EntryKind::RunEnded { .. } => self.run = None,
            EntryKind::Outputs { outputs } => self.outputs = outputs,
            EntryKind::CreateIntended { object, new } | EntryKind::Adopted { object, new } => {
                self.objects.insert(object, *new);
            }
            EntryKind::Gone { object } | EntryKind::Forgotten { object } => {
                self.objects.remove(&object);
            }
            EntryKind::Moved { from, to } => self.rename(&from, to),
            EntryKind::NotDone { object } => match self.objects.get_mut(&object) {
                Some(known) if known.id.is_some() => known.intent = None,
                _ => {
                    self.objects.remove(&object);
                }
            },
            other => {
                if let Some(object) = entry.kind.object().and_then(|id| self.objects.get_mut(id)) {
                    change_object(object, other);
                }
            }
        }
    }

    fn rename(&mut self, from: &ObjectId, to: ObjectId) {
        for object in self.objects.values_mut() {
            if object.needs.remove(from) {
                object.needs.insert(to.clone());
            }
        }
        if let Some(object) = self.objects.remove(from) {
            self.objects.insert(to, object);
        }
    }
}

fn check_create(new: &Object) -> Problem {
    let intent = new.intent.as_ref();
    first(&[
        (new.id.is_some(), "what is to be created has no id"),
        (new.broken.is_some(), "what is to be created cannot be broken"),
        (intent.is_none_or(|intent| intent.action != IntentAction::Create), "it carries no create"),
        (intent.is_some_and(|intent| intent.token != new.token), "its token is not that of its create"),
    ])
}

fn check_existing(object: &Object, kind: &EntryKind) -> Problem {
    let open = object.intent.as_ref().map(|intent| intent.action);
    let is_provisional = object.id.as_ref().is_some_and(|id| id.request().is_some());
    match kind {
        EntryKind::ChangeIntended { intent, .. } => first(&[
            (open.is_some(), "another call is still open"),
            (intent.action == IntentAction::Create, "what exists cannot be created"),
        ]),
        EntryKind::Made { id, .. } => first(&[
            (open != Some(IntentAction::Create) && !is_provisional, "no create has been announced"),
            (!is_provisional && object.id.as_ref().is_some_and(|known| known != id), "it is known under another id"),
        ]),
        EntryKind::Ready { .. } => first(&[
            (object.id.is_none(), "its id is not recorded"),
            (open == Some(IntentAction::Delete), "it is being deleted"),
            (open.is_none() && object.broken.is_none(), "no call has been announced"),
        ]),
        EntryKind::NotDone { .. } => first(&[
            (open.is_none(), "no call has been announced"),
            (open == Some(IntentAction::Create) && object.id.is_some(), "it has been made"),
        ]),
        EntryKind::Broken { .. } | EntryKind::Observed { .. } => {
            first(&[(object.id.is_none(), "its id is not recorded")])
        }
        EntryKind::Accepted { .. } => first(&[(open.is_some(), "a call is still open")]),
        _ => None,
    }
}

fn change_object(object: &mut Object, kind: EntryKind) {
    match kind {
        EntryKind::ChangeIntended { intent, .. } => object.intent = Some(intent),
        EntryKind::Made { id, observed, .. } => (object.id, object.observed) = (Some(id), observed),
        EntryKind::Ready { inputs, observed, needs, kept, accepted, .. } => {
            (object.inputs, object.observed, object.needs, object.kept) = (inputs, observed, needs, kept);
            (object.accepted, object.intent, object.broken) = (accepted, None, None);
        }
        EntryKind::Broken { why, failed, .. } => {
            let changed = object.intent.take().filter(|intent| intent.action == IntentAction::Update);
            for path in changed.iter().flat_map(|intent| &intent.paths) {
                forget(&mut object.inputs, &path.0);
            }
            object.broken = Some(Broken { why, failed });
        }
        EntryKind::Observed { observed, .. } => object.observed = observed,
        EntryKind::Accepted { inputs, needs, kept, accepted, .. } => {
            (object.inputs, object.needs, object.kept, object.accepted) = (inputs, needs, kept, accepted);
        }
        _ => {}
    }
}

/// Marks what stands at a path as unknown; if the path leads nowhere, what stands where it ends.
pub fn forget(node: &mut Json, path: &[Segment]) {
    let below = match (path.first(), &mut *node) {
        (_, node) if secret::is_unknown(node) || secret::is_sealed(node) => None,
        (Some(Segment::Key(key)), Json::Object(map)) => Some(map.entry(secret::escaped(key)).or_insert(Json::Null)),
        (Some(Segment::Index(index)), Json::Array(items)) => items.get_mut(*index),
        _ => None,
    };
    match below {
        Some(below) => forget(below, &path[1..]),
        None => *node = secret::unknown(),
    }
}

fn illegal(kind: &EntryKind, problem: &'static str) -> IllegalEntry {
    let object = kind.object().map(|object| format!(" of `{object}`")).unwrap_or_default();
    IllegalEntry { entry: format!("`{}`{object}", kind.name()), problem }
}

/// The first of the problems that there is.
fn first(problems: &[(bool, &'static str)]) -> Problem {
    problems.iter().find(|(is_so, _)| *is_so).map(|(_, problem)| *problem)
}

fn documents(kind: &EntryKind) -> Vec<&Json> {
    match kind {
        EntryKind::CreateIntended { new, .. } | EntryKind::Adopted { new, .. } => {
            let intent = new.intent.iter().flat_map(|intent| [&intent.want, &intent.before]);
            intent.chain([&new.inputs, &new.observed]).chain(values(&new.accepted)).collect()
        }
        EntryKind::ChangeIntended { intent, .. } => vec![&intent.want, &intent.before],
        EntryKind::Made { observed, .. } | EntryKind::Observed { observed, .. } => vec![observed],
        EntryKind::Ready { inputs, observed, accepted, .. } => {
            [inputs, observed].into_iter().chain(values(accepted)).collect()
        }
        EntryKind::Accepted { inputs, accepted, .. } => std::iter::once(inputs).chain(values(accepted)).collect(),
        EntryKind::Outputs { outputs } => outputs.values().map(|output| &output.value).collect(),
        _ => Vec::new(),
    }
}

fn values(deviations: &[Deviation]) -> impl Iterator<Item = &Json> {
    deviations.iter().flat_map(|deviation| [&deviation.wanted, &deviation.live])
}

fn is_deeper(node: &Json, levels: usize) -> bool {
    let below = |node: &Json| levels == 0 || is_deeper(node, levels - 1);
    match node {
        Json::Array(items) => items.iter().any(below),
        Json::Object(map) => map.values().any(below),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
