//! One step on one object: what every action shares, and the actions that need no file of their own.
//!
//! Nothing here decides what to do; the plan has. Every call stands between an intent that is durable before it and an
//! outcome that is durable before anything that depends on it begins.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::{Map, Value as Json};

use super::{
    calls::{About, Calls, Patience, Verdict, failure, judge, refusal},
    create::merged,
    event::{Event, Failure},
    execute::Run,
    plan::{Action, Step},
    planner::compare::{Against, Comparison},
    resolve::{self, Wanted},
};
use crate::{
    base::{
        Address, Doc, ObjectId, Path, PhysicalId, Value,
        diff::{Scope, diff},
        secret,
    },
    catalogue::{Handler, ResourceType},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress},
    stack::expr::Known,
    state::{Deviation, EntryKind, Intent, IntentAction, Kept, Object, StoreError},
};

/// Why a step does not end in success.
#[derive(Debug)]
pub(super) enum Halt {
    Failed(Failure),
    /// Something it needs is not ready; nothing has been done yet.
    Deferred(ObjectId),
    /// The journal cannot be written: the run cannot go on.
    Store(StoreError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Halt::Store(error)
    }
}

/// What is recorded with an object that is ready.
pub(super) struct Settled<'a> {
    pub(super) needs: &'a BTreeSet<ObjectId>,
    pub(super) kept: Kept,
    /// Where it stays other than the file says.
    pub(super) accepted: &'a [Deviation],
}

/// An update, as the plan wants it.
struct Updating<'a> {
    want: &'a Value,
    before: &'a Json,
    paths: &'a [Path],
    record: Option<&'a Json>,
}

/// A step on its way.
pub(super) struct Task<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) index: usize,
    pub(super) step: &'a Step,
    pub(super) driver: Arc<dyn Driver>,
    pub(super) kind: Option<Arc<ResourceType>>,
}

/// Takes a step.
pub(super) async fn take(run: &Run<'_>, index: usize, step: &Step) -> Result<(), Halt> {
    let begun = Event::StepStarted { object: step.object.clone() };
    if let Some(entry) = record(step) {
        run.session.calls.tell(begun);
        return Ok(run.session.lease.append(entry).await?);
    }
    let engine = run.session.engine;
    let Some(driver) = engine.provider.driver(&step.type_name) else {
        let message = format!("this build has no driver for `{}`", step.type_name);
        return Err(Halt::Failed(refusal(message, &step.object.address)));
    };
    Task { run, index, step, driver, kind: engine.catalogue.get(&step.type_name) }.act().await
}

/// The entry that is all there is to do; `None` if calls have to be made.
fn record(step: &Step) -> Option<EntryKind> {
    let object = step.object.clone();
    match &step.action {
        Action::Forget => Some(EntryKind::Forgotten { object }),
        Action::Move { to } => Some(EntryKind::Moved { from: object, to: to.clone() }),
        Action::Accept { record, needs, kept, accepted } => {
            let (inputs, needs, accepted) = (record.clone(), needs.clone(), accepted.clone());
            Some(EntryKind::Accepted { object, inputs, needs, kept: *kept, accepted })
        }
        _ => None,
    }
}

impl Task<'_> {
    async fn act(&self) -> Result<(), Halt> {
        match &self.step.action {
            Action::Create { want, needs, kept, .. } => self.create(want, needs, *kept).await,
            Action::Update { want, before, paths, needs, kept, record, accepted } => {
                let updating = Updating { want, before, paths, record: record.as_ref() };
                self.update(updating, Settled { needs, kept: *kept, accepted }).await
            }
            Action::Resume { want, needs, kept, accepted } => {
                self.resume(want, Settled { needs, kept: *kept, accepted }).await
            }
            Action::Delete => self.delete().await,
            Action::Adopt { id, want, needs, kept } => {
                self.adopt(id, want, Settled { needs, kept: *kept, accepted: &[] }).await
            }
            // Taken by `take`.
            Action::Forget | Action::Move { .. } | Action::Accept { .. } => Ok(()),
        }
    }

    pub(super) fn object(&self) -> &ObjectId {
        &self.step.object
    }

    pub(super) fn calls(&self) -> &Calls {
        &self.run.session.calls
    }

    pub(super) fn about(&self) -> About<'_> {
        About { place: &self.step.place, type_name: &self.step.type_name, object: Some(&self.step.object) }
    }

    /// The circumstances of all calls of this step.
    pub(super) fn call(&self, action: &str) -> Call {
        self.run.session.call(self.object(), &self.step.place, self.run.token(self.object(), action))
    }

    pub(super) async fn append(&self, kind: EntryKind) -> Result<(), StoreError> {
        self.run.session.lease.append(kind).await
    }

    pub(super) fn begin(&self) {
        self.calls().tell(Event::StepStarted { object: self.object().clone() });
    }

    pub(super) fn tell_waiting(&self, note: &str) {
        self.calls().tell(Event::StepWaiting { object: self.object().clone(), note: note.to_owned() });
    }

    /// Lets those begin who need no more than the id.
    pub(super) fn tell_made(&self) {
        self.calls().tell(Event::StepMade { object: self.object().clone() });
        self.run.made(self.index);
    }

    pub(super) fn failed(&self, fault: Fault) -> Halt {
        Halt::Failed(failure(fault, &self.object().address))
    }

    pub(super) fn refused(&self, message: impl Into<String>) -> Halt {
        Halt::Failed(refusal(message, &self.object().address))
    }

    pub(super) fn stored(&self) -> Option<Object> {
        self.run.session.lease.with_state(|state| state.objects.get(self.object()).cloned())
    }

    /// Whether nothing but the request that makes the object is known of it.
    fn is_provisional(&self) -> bool {
        self.run.session.lease.with_state(|state| {
            state
                .objects
                .get(self.object())
                .is_some_and(|stored| stored.id.as_ref().is_some_and(|id| id.request().is_some()))
        })
    }

    /// How long a handler may take: as the stack says, else as AWS does.
    pub(super) fn timeout(&self, handler: Handler) -> Duration {
        let given = match handler {
            Handler::Update => self.step.timeouts.update,
            Handler::Delete => self.step.timeouts.delete,
            _ => self.step.timeouts.create,
        };
        let usual = || self.kind.as_ref().map(|kind| kind.timeout(handler));
        given.or_else(usual).unwrap_or(Duration::from_secs(30 * 60))
    }

    pub(super) fn patience(&self, handler: Handler) -> Patience {
        let (usual, timeout) = (Patience::USUAL, self.timeout(handler));
        let patience = match handler {
            Handler::Delete => Patience { object: timeout, users: timeout, ..usual },
            Handler::Update => Patience { object: timeout, ..usual },
            _ => Patience { object: usual.object.min(timeout), ..usual },
        };
        if self.run.is_undoing() { patience.tripled() } else { patience }
    }

    /// The request, fully known.
    pub(super) async fn wanted(&self, want: &Value) -> Result<Wanted, Halt> {
        let (run, place, address) = (self.run, &self.step.place, &self.object().address);
        let refused = |problem| self.refused(format!("`{address}`: {problem}"));
        let (knowledge, public) = (run.knowledge(place), run.public_knowledge(place));
        let mut kept = public.fill(want).map_err(refused)?;
        let unknown = public.unknown(&kept);
        if !unknown.is_empty() {
            for (needed, path) in unknown {
                self.discover(needed, path).await?;
            }
            kept = public.fill(want).map_err(refused)?;
        }
        for lookup in run.memory.missing_secrets(&kept, place) {
            let read = || run.session.engine.provider.secret(place, &lookup);
            let secret = self.calls().repeat(self.about(), self.patience(Handler::Create), read).await;
            run.memory.learn(place, lookup.clone(), secret.map_err(|failed| self.failed(failed.fault))?);
        }
        let value = knowledge.fill(&kept).map_err(refused)?;
        let missing = knowledge.unknown(&value).into_iter().map(|(address, path)| format!("`{address}.{path}`"));
        let missing = missing.collect::<Vec<_>>().join(", ");
        resolve::wanted(value, &kept, &run.seal, self.kind.as_deref())
            .ok_or_else(|| self.refused(format!("AWS does not report {missing}, which `{address}` refers to")))
    }

    /// Reads an attribute that nobody has asked for before.
    async fn discover(&self, address: &Address, path: &Path) -> Result<(), Halt> {
        let session = &self.run.session;
        // One after the other, so that nothing is read twice.
        let _turn = self.run.reading.lock().await;
        if self.run.knowledge(&self.step.place).attribute(address, path).is_some() {
            return Ok(());
        }
        let found = session.lease.with_state(|state| {
            resolve::newest(state, address).map(|(object, stored)| (object.clone(), stored.clone()))
        });
        let Some((object, stored)) = found else {
            return Err(self.refused(format!("`{address}.{path}` is not known: `{address}` does not exist")));
        };
        if !stored.is_healthy() {
            return Err(Halt::Deferred(object));
        }
        let (Some(id), Some(driver)) = (stored.id, session.engine.provider.driver(&stored.type_name)) else {
            return Ok(());
        };
        let about = About { place: &stored.place, type_name: &stored.type_name, object: Some(&object) };
        let call = session.call(&object, &stored.place, stored.token);
        if let Some(live) = session.read(&*driver, &call, &id, about).await.map_err(|fault| self.failed(fault))? {
            let kind = session.engine.catalogue.get(&stored.type_name);
            let observed = resolve::observed_again(&live, &stored.inputs, &self.run.seal, kind.as_deref());
            session.lease.append(EntryKind::Observed { object, observed }).await?;
        }
        Ok(())
    }

    /// Records that the object exists.
    pub(super) async fn record_made(&self, made: &Made, want: &Wanted) -> Result<(), StoreError> {
        self.run.memory.remember(self.object(), &want.value, &made.attributes);
        let observed = resolve::observed(&made.attributes, &want.value, &self.run.seal, self.kind.as_deref());
        self.append(EntryKind::Made { object: self.object().clone(), id: made.id.clone(), observed }).await
    }

    /// Records that the object is as it should be, and its id if that was not known before. Of what was accepted, `inputs`
    /// keep what the file says.
    pub(super) async fn record_ready(
        &self,
        want: &Wanted,
        inputs: Json,
        made: &Made,
        settled: Settled<'_>,
    ) -> Result<(), Halt> {
        if made.id.request().is_none() && self.is_provisional() {
            self.record_made(made, want).await?;
        }
        let attributes = &made.attributes;
        self.run.memory.remember(self.object(), &want.value, attributes);
        let observed = resolve::observed(attributes, &want.value, &self.run.seal, self.kind.as_deref());
        let Settled { needs, kept, accepted } = settled;
        let (object, needs, inputs) = (self.object().clone(), needs.clone(), Deviation::wanted_in(accepted, inputs));
        let accepted = accepted.to_vec();
        Ok(self.append(EntryKind::Ready { object, inputs, observed, needs, kept, accepted }).await?)
    }

    /// One live object; `None` if it does not exist.
    pub(super) async fn read(&self, call: &Call, id: &PhysicalId) -> Result<Option<Doc>, Fault> {
        self.run.session.read(&*self.driver, call, id, self.about()).await
    }

    /// The attributes among what was read.
    pub(super) fn attributes_of(&self, live: &Doc) -> Doc {
        self.kind.as_ref().map_or_else(|| live.clone(), |kind| kind.attributes_of(live))
    }

    /// Reads the object if the plan refers to attributes that no answer has given. What cannot be read now is missed only
    /// by those who refer to it.
    pub(super) async fn with_attributes(&self, call: &Call, made: Made, want: &Wanted) -> Made {
        if self.run.memory.is_complete(&self.object().address, &want.doc, &made.attributes) {
            return made;
        }
        match self.read(call, &made.id).await {
            Ok(Some(live)) => {
                merged(made, Made { id: PhysicalId(String::new()), attributes: self.attributes_of(&live) })
            }
            _ => made,
        }
    }

    /// What is still missing of an object that exists; `None` if it is as wanted.
    pub(super) fn rest(&self, made: &Made, want: &Wanted, live: &Doc) -> Result<Option<Change>, Fault> {
        let Some(kind) = self.kind.as_deref() else { return Ok(None) };
        let comparison = Comparison { resource_type: kind, seal: &self.run.seal, against: Against::Live };
        let value = Value::from(Json::Object(want.doc.0.clone()));
        let differences = diff(&value, &Json::Object(live.0.clone()), Scope::Wanted, &comparison);
        let paths: Vec<Path> = differences.into_iter().map(|difference| difference.path).collect();
        if let Some(path) = paths.iter().find(|path| kind.replaces(path)) {
            let message = format!("`{}` exists with another `{path}`, which cannot be changed", made.id);
            return Err(Fault::new(FaultKind::Invalid, "", message));
        }
        let change = Change { id: made.id.clone(), before: live.clone(), want: want.doc.clone(), paths };
        Ok(Some(change).filter(|change| !change.paths.is_empty()))
    }

    async fn update(&self, updating: Updating<'_>, settled: Settled<'_>) -> Result<(), Halt> {
        let Updating { want, before, paths, record } = updating;
        let Some((id, former)) = self.stored().and_then(|stored| Some((stored.id?, stored.observed))) else {
            return Err(self.refused(format!("`{}` does not exist", self.object().address)));
        };
        let call = self.call("update");
        let want = match record {
            Some(_) => self.wanted(&self.opened(&call, &id, want).await?).await?,
            None => self.wanted(want).await?,
        };
        self.append(self.change_intent(&call, want.sealed.clone(), paths.to_vec(), before.clone())).await?;
        self.begin();
        let before = Doc::from(secret::without_sealed(before));
        let change = Change { id: id.clone(), before, want: want.doc.clone(), paths: paths.to_vec() };
        let patience = self.patience(Handler::Update);
        let answer = self.calls().repeat(self.about(), patience, || self.driver.update(&call, &change)).await;
        let ready = match answer {
            Ok(Progress::Done(made)) => Ok(made),
            Ok(Progress::Pending { so_far, note }) => {
                self.wait(&call, so_far, Some(note), self.timeout(Handler::Update)).await
            }
            Err(failed) if !failed.uncertain => {
                self.append(EntryKind::NotDone { object: self.object().clone() }).await?;
                return Err(self.failed(failed.fault));
            }
            Err(failed) => Err(failed.fault),
        };
        match ready {
            Ok(made) => {
                let made = self.with_attributes(&call, made, &want).await;
                let made = Made { attributes: self.renewed(&former, made.attributes), ..made };
                let inputs = record.cloned().unwrap_or_else(|| want.sealed.clone());
                self.record_ready(&want, inputs, &made, settled).await
            }
            Err(fault) => Err(self.broken(fault, false).await?),
        }
    }

    /// What an undo puts back is known from the record, which is sealed: APIs that take a whole document want the secrets in
    /// it too, and the live object still has those that were not changed.
    async fn opened(&self, call: &Call, id: &PhysicalId, want: &Value) -> Result<Value, Halt> {
        let sealed = want.reveal().unwrap_or_default();
        let has_gaps = secret::without_sealed(&sealed) != sealed;
        let live = if has_gaps { self.read(call, id).await.map_err(|fault| self.failed(fault))? } else { None };
        Ok(self.run.seal.open(&sealed, &live.map_or(Json::Null, Doc::into_json)))
    }

    pub(super) fn change_intent(&self, call: &Call, want: Json, paths: Vec<Path>, before: Json) -> EntryKind {
        let intent = Intent { action: IntentAction::Update, token: call.token().clone(), want, paths, before };
        EntryKind::ChangeIntended { object: self.object().clone(), intent }
    }

    /// The attributes after a change: the former ones, with what the answer says laid over them. Former properties are
    /// left out, because they may have changed.
    fn renewed(&self, former: &Json, newer: Doc) -> Doc {
        let former = Doc::from(secret::without_sealed(former));
        let mut attributes = if self.kind.is_some() { self.attributes_of(&former) } else { Doc(Map::new()) };
        attributes.0.extend(newer.0);
        attributes
    }

    /// Waits for what a former run has left half-made.
    async fn resume(&self, want: &Value, settled: Settled<'_>) -> Result<(), Halt> {
        let want = self.wanted(want).await?;
        let Some((id, stored)) = self.stored().and_then(|stored| Some((stored.id.clone()?, stored))) else {
            return Err(self.refused(format!("`{}` does not exist", self.object().address)));
        };
        let call = self.run.session.call(self.object(), &self.step.place, stored.token);
        self.begin();
        let attributes = Doc::from(secret::without_sealed(&stored.observed));
        match self.wait(&call, Made { id, attributes }, None, self.timeout(Handler::Create)).await {
            Ok(made) => {
                let made = self.with_attributes(&call, made, &want).await;
                self.record_ready(&want, want.sealed.clone(), &made, settled).await
            }
            Err(fault) => {
                let is_given_up = judge(&fault) == Verdict::Final;
                Err(self.broken(fault, is_given_up).await?)
            }
        }
    }

    /// Takes over an object that exists.
    async fn adopt(&self, id: &PhysicalId, want: &Value, settled: Settled<'_>) -> Result<(), Halt> {
        let want = self.wanted(want).await?;
        let call = self.call("adopt");
        self.begin();
        let live = self.read(&call, id).await.map_err(|fault| self.failed(fault))?;
        let Some(live) = live else {
            let message = format!("there is no {} with the id `{id}`, which is to be imported", self.step.type_name);
            return Err(self.refused(message));
        };
        self.run.memory.remember(self.object(), &want.value, &self.attributes_of(&live));
        let new = Object {
            type_name: self.step.type_name.clone(),
            place: self.step.place.clone(),
            id: Some(id.clone()),
            inputs: want.sealed,
            observed: resolve::observed(&live, &want.value, &self.run.seal, self.kind.as_deref()),
            accepted: Vec::new(),
            needs: settled.needs.clone(),
            kept: settled.kept,
            // It was there before: no token of ours has made it, and undo lets it go instead of deleting it.
            token: crate::base::Token(String::new()),
            broken: None,
            intent: None,
        };
        Ok(self.append(EntryKind::Adopted { object: self.object().clone(), new: Box::new(new) }).await?)
    }
}
