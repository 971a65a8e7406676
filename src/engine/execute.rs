//! The one loop that carries out every plan: apply, destroy, rollback.
//!
//! ```text
//! RunStarted ─▶ walk(plan) ─┬─ all ready ─▶ Outputs, Committed ─▶ deletes ─▶ RunEnded Done
//!                           │                                        └ fails ─▶ the others go on ─▶ RunEnded Partial
//!                           └─ a step fails, or a person stops it: nothing new begins, what is in flight ends
//!                                └▶ close open calls ─▶ Undoing ─▶ walk(undo(before, now)) ─▶ RunEnded RolledBack or Partial
//! ```
//!
//! Everything runs on one task. A step is a future; dropping them all is what a kill looks like, and the journal copes.

use std::{collections::BTreeSet, mem};

use futures::{StreamExt, stream::FuturesUnordered};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::{
    calls::refusal,
    event::{Event, Failure, Planned, Verb},
    plan::{Action, Plan, VERSION},
    recover, refresh,
    resolve::{Knowledge, Memory},
    run::{Ended, Engine, OnFailure, RunError},
    schedule::Schedule,
    session::Session,
    step::{self, Halt},
    undo::{lost, undo},
};
use crate::{
    base::{
        Address, Identity, ObjectId, Place, Token,
        secret::{self, Seal},
    },
    state::{Command, EntryKind, Lease, Object, Outcome, State, StoreError, StoredOutput},
};

/// Which way a plan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Back,
}

/// What all steps of one walk share.
pub(super) struct Run<'a> {
    pub(super) session: &'a Session<'a>,
    plan: &'a Plan,
    pub(super) seal: Seal,
    pub(super) memory: Memory,
    /// Held by whoever reads an attribute that nobody has asked for before.
    pub(super) reading: tokio::sync::Mutex<()>,
    id: &'a str,
    direction: Direction,
    milestones: mpsc::UnboundedSender<usize>,
}

impl Run<'_> {
    /// The token of the intent to do `action` to `object`: the same whenever it is asked for in this run, and never again.
    pub(super) fn token(&self, object: &ObjectId, action: &str) -> Token {
        let lineage = self.session.lease.with_state(|state| state.lineage.clone());
        let text = format!("{lineage}/{}/{object}/{action}/{:?}", self.id, self.direction);
        Token(secret::hex(&Sha256::digest(text)[..16]))
    }

    pub(super) fn is_undoing(&self) -> bool {
        self.direction == Direction::Back
    }

    /// The object of a step exists.
    pub(super) fn made(&self, step: usize) {
        // Nobody listens any more only when the walk is over.
        let _ = self.milestones.send(step);
    }

    /// What is known at this moment.
    pub(super) fn knowledge<'k>(&'k self, place: &'k Place) -> Knowledge<'k> {
        Knowledge { memory: &self.memory, lease: self.session.lease, place, with_secrets: true }
    }

    /// The same without the secrets that were read: what may be recorded.
    pub(super) fn public_knowledge<'k>(&'k self, place: &'k Place) -> Knowledge<'k> {
        Knowledge { with_secrets: false, ..self.knowledge(place) }
    }
}

/// How a walk ended.
#[derive(Debug, Default)]
struct Walked {
    failures: Vec<Failure>,
    /// The object whose step failed first.
    cause: Option<ObjectId>,
    /// Objects whose steps are not done.
    unfinished: BTreeSet<ObjectId>,
    committed: bool,
    stopped: bool,
}

/// Carries out a plan; on failure undoes it, or keeps what is there.
pub(super) async fn execute(engine: &Engine, lease: &Lease, plan: &Plan) -> Result<Ended, RunError> {
    let schedule = admit(lease, plan)?;
    if plan.is_empty() {
        engine.sink.send(Event::Ended { outcome: Outcome::Done, left: Vec::new() });
        return Ok(ended(Outcome::Done));
    }
    let session = Session::new(engine, lease);
    let identity = identity(&session, plan).await?;
    let id = lease.with_state(|state| secret::sha256(format!("{}/{}", state.lineage, state.serial).as_bytes()));
    let id = id[..12].to_owned();
    lease.append(EntryKind::RunStarted { id: id.clone(), command: plan.command, identity }).await?;
    let steps = planned(plan, &schedule);
    session.calls.tell(Event::Started { run: id.clone(), command: plan.command, steps });
    let walked = walk(&session, &id, plan, schedule, Direction::Forward).await?;
    let ended = finish(&session, &id, walked).await?;
    if lease.with_state(|state| state.open_intents().next().is_none()) {
        lease.append(EntryKind::RunEnded { outcome: ended.outcome }).await?;
    }
    session.calls.tell(Event::Ended { outcome: ended.outcome, left: ended.left.clone() });
    Ok(ended)
}

/// Whether the plan may be carried out on this state.
fn admit(lease: &Lease, plan: &Plan) -> Result<Schedule, RunError> {
    fn refused<T>(message: String, help: &str) -> Result<T, RunError> {
        Err(RunError::Refused { message, help: help.to_owned() })
    }
    let moved = |what: String| Err(RunError::Moved(what));
    if plan.version != VERSION {
        let message = format!("the plan has format {}, this version reads {VERSION}", plan.version);
        return refused(message, "make the plan again with this version");
    }
    lease.with_state(|state| {
        if (&plan.stack, &plan.environment) != (&state.stack, &state.environment) {
            let (ours, theirs) =
                (format!("{}/{}", plan.stack, plan.environment), format!("{}/{}", state.stack, state.environment));
            return refused(
                format!("the plan is for `{ours}`, the state is that of `{theirs}`"),
                "choose the other state",
            );
        }
        if state.run.is_some() {
            return refused("a former run was cut off and is still open".to_owned(), "recover it first");
        }
        let is_first = plan.base.serial == 0 && state.serial == 0;
        if plan.base.lineage != state.lineage && !is_first {
            return moved("it was made from another state, which has been created anew since".to_owned());
        }
        if plan.base.serial != state.serial {
            return moved(format!("the state was at entry {} and is at {} now", plan.base.serial, state.serial));
        }
        Ok(())
    })?;
    Schedule::new(plan).or_else(|error| refused(format!("the plan is damaged: {error}"), "make it again"))
}

/// Whose account this is; it must be the one the plan and the state are about.
async fn identity(session: &Session<'_>, plan: &Plan) -> Result<Identity, RunError> {
    let (known, place) = session.lease.with_state(|state| {
        let places = plan.steps.iter().map(|step| &step.place);
        let place = places.chain(state.objects.values().map(|object| &object.place)).next().cloned();
        (state.identity.clone(), place)
    });
    let Some(place) = place else {
        return plan.base.identity.clone().or(known).ok_or_else(|| RunError::Refused {
            message: "the plan names no region to ask whose account it is".to_owned(),
            help: "add a resource to the stack".to_owned(),
        });
    };
    let place = Place { role_arn: None, ..place };
    let identity = refresh::identity(session.engine, &session.calls, &place).await?;
    if let Some(other) = plan.base.identity.as_ref().or(known.as_ref()).filter(|other| **other != identity) {
        let (theirs, ours) = (&other.account_id, &identity.account_id);
        return Err(RunError::Moved(format!("it is about account {theirs}, and these credentials are for {ours}")));
    }
    Ok(identity)
}

/// Takes all steps that can be taken.
async fn walk(
    session: &Session<'_>,
    id: &str,
    plan: &Plan,
    mut schedule: Schedule,
    direction: Direction,
) -> Result<Walked, StoreError> {
    let (milestones, mut made) = mpsc::unbounded_channel();
    let seal = session.lease.with_state(|state| Seal::new(&state.salt));
    let (memory, reading) = (Memory::of(plan), tokio::sync::Mutex::default());
    let run = &Run { session, plan, seal, memory, reading, id, direction, milestones };
    let mut walked = Walked::default();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < session.engine.options.parallel.max(1) && walked.may_begin(run) {
            let Some(index) = schedule.next() else { break };
            running.push(async move { (index, step::take(run, index, &plan.steps[index]).await) });
        }
        if running.is_empty() {
            if !(schedule.is_at_commit() && walked.may_begin(run)) {
                break;
            }
            if let Err(failure) = commit(run).await? {
                walked.failures.push(failure);
                break;
            }
            walked.committed = direction == Direction::Forward && plan.commit < plan.steps.len();
            schedule.commit();
            continue;
        }
        tokio::select! {
            biased;
            Some(index) = made.recv() => schedule.made(index),
            Some((index, taken)) = running.next() => walked.record(run, &mut schedule, index, taken)?,
        }
    }
    walked.unfinished = schedule.unfinished().map(|index| plan.steps[index].object.clone()).collect();
    Ok(walked)
}

impl Walked {
    /// Whether another step may be taken: not after a failure or a stop while everything can still be undone. What goes
    /// only forward, or back, is done as far as it can be.
    fn may_begin(&mut self, run: &Run<'_>) -> bool {
        if run.is_undoing() {
            return true;
        }
        if run.session.engine.stop.is_requested() && !mem::replace(&mut self.stopped, true) {
            run.session.calls.tell(Event::Stopping);
        }
        !self.stopped && (self.committed || self.failures.is_empty())
    }

    fn record(
        &mut self,
        run: &Run<'_>,
        schedule: &mut Schedule,
        index: usize,
        taken: Result<(), Halt>,
    ) -> Result<(), StoreError> {
        let object = run.plan.steps[index].object.clone();
        let failure = match taken {
            Ok(()) => {
                run.session.calls.tell(Event::StepDone { object });
                schedule.ready(index);
                return Ok(());
            }
            Err(Halt::Deferred(awaited)) if schedule.defer(index, &awaited) => return Ok(()),
            Err(Halt::Deferred(awaited)) => {
                let message = format!("it needs `{}`, which is not ready", awaited.address);
                refusal(message, &object.address)
            }
            Err(Halt::Failed(failure)) => failure,
            Err(Halt::Store(error)) => return Err(error),
        };
        self.cause.get_or_insert_with(|| object.clone());
        run.session.calls.tell(Event::StepFailed { object, failure: failure.clone() });
        self.failures.push(failure);
        Ok(())
    }
}

/// Everything is ready: puts the outputs down, and from here on the run only goes forward. What changes only the record
/// knows no outputs and leaves them alone.
async fn commit(run: &Run<'_>) -> Result<Result<(), Failure>, StoreError> {
    if run.is_undoing() || run.plan.command == Command::State {
        return Ok(Ok(()));
    }
    let lease = run.session.lease;
    let outputs = match outputs(run) {
        Ok(outputs) => outputs,
        Err(failure) => return Ok(Err(*failure)),
    };
    if lease.with_state(|state| state.outputs != outputs) {
        lease.append(EntryKind::Outputs { outputs }).await?;
    }
    if run.plan.commit < run.plan.steps.len() {
        lease.append(EntryKind::Committed).await?;
        run.session.calls.tell(Event::Committed);
    }
    Ok(Ok(()))
}

fn outputs(run: &Run<'_>) -> Result<std::collections::BTreeMap<String, StoredOutput>, Box<Failure>> {
    let nowhere = Place { region: String::new(), role_arn: None };
    let knowledge = run.public_knowledge(&nowhere);
    let output = |(name, output): &(String, super::plan::PlannedOutput)| {
        let refused =
            |problem: String| Box::new(refusal(format!("output `{name}`: {problem}"), &Address::root(name.as_str())));
        let value = super::resolve::filled(&knowledge, &output.value).map_err(refused)?;
        let sensitive = value.has_sensitive();
        let stored =
            StoredOutput { value: run.seal.seal(&value, &[]), description: output.description.clone(), sensitive };
        Ok((name.clone(), stored))
    };
    run.plan.outputs.iter().map(output).collect()
}

/// What is left to do when the plan has been walked: nothing, or the way back.
async fn finish(session: &Session<'_>, id: &str, walked: Walked) -> Result<Ended, RunError> {
    let stopped = walked.stopped && !walked.unfinished.is_empty();
    if walked.failures.is_empty() && !stopped {
        return Ok(ended(Outcome::Done));
    }
    let (lease, options) = (session.lease, &session.engine.options);
    let mut failures = walked.failures;
    failures.extend(recover::close(session).await?);
    let cause = if failures.is_empty() { None } else { Some(failures.remove(0)) };
    let before = lease.before();
    let mut left = walked.unfinished;
    let goes_back = options.on_failure == OnFailure::Rollback && !walked.committed;
    if goes_back {
        let back = roll_back(session, id, &before, walked.cause).await?;
        failures.extend(back.failures);
        left = back.unfinished;
    } else if lease.with_state(|now| now.objects == before.objects) {
        left.clear();
    }
    let is_clean = lease.with_state(|now| {
        left.extend(now.objects.iter().filter(|(_, stored)| !stored.is_healthy()).map(|(object, _)| object.clone()));
        if !walked.committed {
            left.extend(lost(&before, now));
        }
        if goes_back {
            left.extend(unlike(&before, now));
        }
        left.is_empty()
    });
    let outcome = if is_clean && !walked.committed { Outcome::RolledBack } else { Outcome::Partial };
    Ok(Ended { outcome, cause, others: failures, left: left.into_iter().collect(), stopped })
}

/// The objects that are not what they were before: a value that was only known by its digest cannot be put back.
fn unlike<'a>(before: &'a State, now: &'a State) -> impl Iterator<Item = ObjectId> + 'a {
    let is_unlike = |object: &ObjectId, stored: &Object| {
        before.objects.get(object).is_some_and(|former| former.inputs != stored.inputs)
    };
    now.objects.iter().filter(move |(object, stored)| is_unlike(object, stored)).map(|(object, _)| object.clone())
}

async fn roll_back(
    session: &Session<'_>,
    id: &str,
    before: &State,
    cause: Option<ObjectId>,
) -> Result<Walked, RunError> {
    let lease = session.lease;
    lease.append(EntryKind::Undoing).await?;
    let plan = lease.with_state(|now| undo(before, now, session.engine.catalogue));
    let schedule = Schedule::new(&plan).map_err(|error| RunError::Refused {
        message: format!("the way back cannot be put in order: {error}"),
        help: "this is a defect of this program; please report it".to_owned(),
    })?;
    session.calls.tell(Event::Undoing { cause, steps: planned(&plan, &schedule) });
    Ok(walk(session, id, &plan, schedule, Direction::Back).await?)
}

fn ended(outcome: Outcome) -> Ended {
    Ended { outcome, cause: None, others: Vec::new(), left: Vec::new(), stopped: false }
}

/// The steps, as far as those who show them need to know.
fn planned(plan: &Plan, schedule: &Schedule) -> Vec<Planned> {
    let planned = plan.steps.iter().enumerate().map(|(index, step)| Planned {
        object: step.object.clone(),
        type_name: step.type_name.clone(),
        verb: match &step.action {
            Action::Create { replaces: Some(_), .. } => Verb::Replace,
            Action::Create { .. } => Verb::Create,
            Action::Update { .. } => Verb::Update,
            Action::Resume { .. } => Verb::Resume,
            Action::Delete => Verb::Delete,
            Action::Adopt { .. } => Verb::Adopt,
            Action::Forget => Verb::Forget,
            Action::Move { .. } => Verb::Move,
            Action::Accept { .. } => Verb::Accept,
        },
        usual: step.usual,
        remaining: schedule.remaining(index),
        undo: step.undo.clone(),
    });
    planned.collect()
}
