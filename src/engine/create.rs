//! How an object comes to exist, once: the protocol around a create call.
//!
//! ```text
//! intent durable ─▶ create ─┬─ answer ───────────────▶ id durable ─▶ poll until ready ─▶ ready durable
//!                           ├─ refused, nothing ran ─▶ again with the same token, or not done
//!                           └─ nobody knows ─────────▶ again, if a second create with this token makes no second object;
//!                                                      else look it up first, until AWS's reads cannot lag any more
//! ```
//!
//! What was found after a lost answer may lack what later requests of the same create would have set: it is read, compared
//! and completed before it counts as ready.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value as Json;

use super::{
    calls::{self, Attempts, Failed, Verdict, failure, judge},
    resolve::Wanted,
    session::Sought,
    step::{Halt, Settled, Task},
};
use crate::{
    base::{Doc, ObjectId, PhysicalId, Value},
    catalogue::Handler,
    driver::{CONSISTENCY_WINDOW, Call, Executed, Fault, FaultKind, Made, Progress, REQUEST_DEADLINE},
    state::{EntryKind, Intent, IntentAction, Kept, Object},
};

/// What a create led to.
enum Existing {
    Answered(Progress<Made>),
    /// It exists, but the answer or the rest of the requests is missing.
    Found(Made),
}

/// A create that may have been carried out.
#[derive(Clone, Copy)]
struct Sent {
    /// When the last attempt began.
    at: Duration,
    /// Whether any attempt may have been carried out.
    uncertain: bool,
    /// How often it was looked up in vain.
    lookups: u32,
}

/// A look-up takes most of a minute; after this many in vain the service will not recover in time.
const MOST_LOOKUPS: u32 = 12;

/// Why there is nothing, or nothing that could be used.
enum Unmade {
    /// Certainly nothing was made.
    Not(Fault),
    /// Something was made and must not count as healthy.
    Half(Fault, Made),
    /// It could not be found out; the intent stays open.
    Unsettled(Fault),
}

impl Task<'_> {
    /// Makes the object of this step.
    pub(super) async fn create(&self, want: &Value, needs: &BTreeSet<ObjectId>, kept: Kept) -> Result<(), Halt> {
        let want = self.wanted(want).await?;
        let call = self.call("create");
        self.must_be_free(&call, &want).await?;
        self.append(self.create_intent(&call, &want, needs, kept)).await?;
        self.begin();
        let existing = match self.make(&call, &want.doc).await {
            Ok(existing) => existing,
            Err(Unmade::Not(fault)) => {
                self.append(EntryKind::NotDone { object: self.object().clone() }).await?;
                return Err(self.failed(fault));
            }
            Err(Unmade::Half(fault, made)) => {
                self.record_made(&made, &want).await?;
                return Err(self.broken(fault, false).await?);
            }
            Err(Unmade::Unsettled(fault)) => return Err(self.failed(fault)),
        };
        let made = match &existing {
            Existing::Answered(Progress::Done(made) | Progress::Pending { so_far: made, .. })
            | Existing::Found(made) => made.clone(),
        };
        self.record_made(&made, &want).await?;
        self.tell_made();
        let within = self.timeout(Handler::Create);
        let settled = match existing {
            Existing::Answered(Progress::Done(made)) => Ok(made),
            Existing::Answered(Progress::Pending { so_far, note }) => {
                self.wait(&call, so_far, Some(note), within).await
            }
            Existing::Found(made) => self.complete(&call, made, &want, within).await,
        };
        match settled {
            Ok(made) => {
                let made = self.with_attributes(&call, made, &want).await;
                self.record_ready(&want, want.sealed.clone(), &made, Settled { needs, kept, accepted: &[] }).await
            }
            Err(fault) => {
                let is_refused = judge(&fault) == Verdict::Final;
                Err(self.broken(fault, is_refused).await?)
            }
        }
    }

    /// Refuses a create that would silently take over what somebody else has made under the same name.
    async fn must_be_free(&self, call: &Call, want: &Wanted) -> Result<(), Halt> {
        let ask = || self.driver.taken(call, &want.doc);
        let taken = self.calls().repeat(self.about(), self.patience(Handler::Create), ask).await;
        match taken.map_err(|failed| self.failed(failed.fault))? {
            None => Ok(()),
            Some(id) => Err(self.refused(format!(
                "there is a {} `{id}` already, and this stack has not made it; choose another name, or take it over with \
                 `imports: [{{to: {}, id: '{id}'}}]`",
                self.step.type_name,
                self.object().address
            ))),
        }
    }

    fn create_intent(&self, call: &Call, want: &Wanted, needs: &BTreeSet<ObjectId>, kept: Kept) -> EntryKind {
        let intent = Intent {
            action: IntentAction::Create,
            token: call.token().clone(),
            want: want.sealed.clone(),
            paths: Vec::new(),
            before: Json::Null,
        };
        let new = Object {
            type_name: self.step.type_name.clone(),
            place: self.step.place.clone(),
            id: None,
            inputs: want.sealed.clone(),
            observed: Json::Object(serde_json::Map::new()),
            accepted: Vec::new(),
            needs: needs.clone(),
            kept,
            token: call.token().clone(),
            broken: None,
            intent: Some(intent),
        };
        EntryKind::CreateIntended { object: self.object().clone(), new: Box::new(new) }
    }

    /// Sends the create until it is known what became of it.
    async fn make(&self, call: &Call, want: &Doc) -> Result<Existing, Unmade> {
        let calls = self.calls();
        let mut attempts = Attempts::of(self.about());
        let patience = self.patience(Handler::Create);
        let mut sent = Sent { at: calls.clock.now(), uncertain: false, lookups: 0 };
        loop {
            sent.at = calls.clock.now();
            let mut fault = match calls.once(self.about(), self.driver.create(call, want)).await {
                Ok(progress) => return Ok(Existing::Answered(progress)),
                Err(fault) => fault,
            };
            let verdict = judge(&fault);
            if let Some(made) = fault.made.take() {
                let can_go_on = matches!(verdict, Verdict::Busy | Verdict::Early | Verdict::Lost);
                return if can_go_on { Ok(Existing::Found(*made)) } else { Err(Unmade::Half(fault, *made)) };
            }
            sent.uncertain |= fault.executed == Executed::Unknown;
            let exists = fault.kind == FaultKind::AlreadyExists;
            if exists || (sent.uncertain && (verdict == Verdict::Final || !self.driver.is_create_idempotent())) {
                let before = calls.clock.now();
                if let Some(made) = self.settle(call, want, &fault, sent).await? {
                    return Ok(Existing::Found(made));
                }
                attempts.excuse(calls.clock.now() - before);
                (sent.uncertain, sent.lookups) = (false, sent.lookups + 1);
            }
            if exists {
                return Err(Unmade::Not(self.taken(fault, want)));
            }
            let is_over = verdict == Verdict::Final || sent.lookups >= MOST_LOOKUPS;
            if is_over || !calls.pause(&mut attempts, self.about(), patience, &fault).await {
                let found = if sent.uncertain { self.settle(call, want, &fault, sent).await? } else { None };
                return found.map(Existing::Found).ok_or(Unmade::Not(fault));
            }
        }
    }

    /// Looks up what an unanswered create has made. Nothing may be concluded before AWS's reads have caught up.
    async fn settle(&self, call: &Call, want: &Doc, fault: &Fault, sent: Sent) -> Result<Option<Made>, Unmade> {
        let Sent { at, uncertain, .. } = sent;
        // Without tags there is no telling whose it is; if no earlier attempt can have made it, it is somebody else's.
        if !uncertain && self.kind.as_ref().is_none_or(|kind| kind.tagging.is_none()) {
            return Ok(None);
        }
        let now = self.calls().clock.now();
        let carried_out = if uncertain { now.max(at + REQUEST_DEADLINE) } else { now };
        let sought = Sought { type_name: &self.step.type_name, want, until: carried_out + CONSISTENCY_WINDOW };
        let found = self.run.session.look_up(&*self.driver, call, sought).await;
        let mut found = match found {
            Ok(found) => found,
            Err(Failed { fault: unseen, .. }) => {
                let mut fault = fault.clone();
                fault.message =
                    format!("{}; whether it was carried out could not be found out: {unseen}", fault.message);
                return Err(if uncertain { Unmade::Unsettled(fault) } else { Unmade::Not(fault) });
            }
        };
        let made = |id: PhysicalId| Made { id, attributes: Doc::default() };
        match found.len() {
            0 => Ok(None),
            1 => Ok(found.pop().map(made)),
            _ => {
                let names: Vec<&str> = found.iter().map(|id| id.0.as_str()).collect();
                let mut fault = fault.clone();
                fault.message = format!("it was made more than once: {}; delete all but one", names.join(", "));
                Err(Unmade::Half(fault, made(found.swap_remove(0))))
            }
        }
    }

    /// The name, key or place is somebody else's.
    fn taken(&self, mut fault: Fault, want: &Doc) -> Fault {
        let id = self.kind.as_ref().and_then(|kind| kind.identity(want));
        let id = id.map_or_else(|| "<its id>".to_owned(), |id| id.0);
        let hint = format!("imports: [{{to: '{}', id: '{id}'}}]", self.object().address);
        fault.message = format!(
            "{}; it exists already and was not made by this stack: to own it from now on, add `{hint}`",
            fault.message
        );
        fault
    }

    /// Waits until the object is ready.
    pub(super) async fn wait(
        &self,
        call: &Call,
        mut made: Made,
        mut note: Option<String>,
        within: Duration,
    ) -> Result<Made, Fault> {
        let calls = self.calls();
        let start = calls.clock.now();
        let (mut answered, mut pauses) = (start, calls::polls());
        if let Some(note) = &note {
            self.tell_waiting(note);
            calls.clock.sleep(pauses.next().unwrap_or(Duration::from_secs(10))).await;
        }
        loop {
            let answer = calls.once(self.about(), self.driver.poll(call, &made)).await;
            let now = calls.clock.now();
            match answer {
                Ok(Progress::Done(ready)) => return Ok(merged(made, ready)),
                Ok(Progress::Pending { so_far, note: current }) => {
                    answered = now;
                    made = merged(made, so_far);
                    if note.as_ref() != Some(&current) {
                        self.tell_waiting(&current);
                        note = Some(current);
                    }
                }
                // AWS's reads lag behind its writes.
                Err(fault) if fault.kind == FaultKind::NotFound && now - start <= CONSISTENCY_WINDOW => {}
                Err(fault) if judge(&fault) == Verdict::Final => return Err(fault),
                Err(fault) if now - answered > self.patience(Handler::Create).service => return Err(fault),
                Err(_) => {}
            }
            if now - start > within {
                let note = note.unwrap_or_else(|| "no word from the service".to_owned());
                let message = format!("not ready after {}: {note}", humantime::format_duration(within));
                return Err(Fault::new(FaultKind::NotReady, "", message));
            }
            calls.clock.sleep(pauses.next().unwrap_or(Duration::from_secs(10))).await;
        }
    }

    /// Brings an object that was found, and may be half-made, to what is wanted.
    async fn complete(&self, call: &Call, made: Made, want: &Wanted, within: Duration) -> Result<Made, Fault> {
        let made = self.wait(call, made, None, within).await?;
        let Some(live) = self.read(call, &made.id).await? else {
            return Err(Fault::new(FaultKind::NotFound, "", format!("`{}` has vanished", made.id)));
        };
        let Some(change) = self.rest(&made, want, &live)? else {
            return Ok(merged(made, Made { id: PhysicalId(String::new()), attributes: self.attributes_of(&live) }));
        };
        let patience = self.patience(Handler::Create);
        let update = self.calls().repeat(self.about(), patience, || self.driver.update(call, &change)).await;
        match update.map_err(|failed| failed.fault)? {
            Progress::Done(now) => Ok(merged(made, now)),
            Progress::Pending { so_far, note } => self.wait(call, merged(made, so_far), Some(note), within).await,
        }
    }

    /// Puts down a step that cannot go on and leaves something unhealthy. `failed`: the service itself has given it up.
    pub(super) async fn broken(&self, fault: Fault, failed: bool) -> Result<Halt, Halt> {
        let why = fault.to_string();
        self.append(EntryKind::Broken { object: self.object().clone(), why, failed }).await?;
        Ok(Halt::Failed(failure(fault, &self.object().address)))
    }
}

/// What is known of an object, with the newer answer laid over the older. Its id may have become known only now.
pub(super) fn merged(mut before: Made, newer: Made) -> Made {
    before.attributes.0.extend(newer.attributes.0);
    if !newer.id.0.is_empty() {
        before.id = newer.id;
    }
    before
}
