//! Closes what a run that was cut off has left open: for every announced call whose outcome is not recorded, the cloud is
//! asked what became of it. Changes nothing in the cloud, and may itself be cut off at any point.
//!
//! | announced | found | recorded |
//! |---|---|---|
//! | create, id known | | broken: it was not ready yet |
//! | create | one object | made, then broken: it may be half-made |
//! | create | nothing, and AWS's reads have caught up | not done |
//! | update | | broken: what was to be changed may be or not |
//! | delete | it does not exist | gone |
//! | delete | it does, and goes on existing | broken; given up, unless it is well |
//!
//! What is broken is resumed, put right or replaced by the next plan, never taken for healthy.

use futures::{StreamExt, stream};
use serde_json::Value as Json;

use super::{
    calls::{About, Patience, Verdict, failure, judge, polls},
    event::{Event, Failure, Found},
    session::{Session, Sought},
};
use crate::{
    base::{Doc, ObjectId, PhysicalId, secret},
    driver::{CONSISTENCY_WINDOW, Call, Driver, Fault, FaultKind, Made, Progress, REQUEST_DEADLINE},
    state::{EntryKind, Intent, IntentAction, Object, Outcome, StoreError},
};

/// A call whose outcome is not recorded.
struct Open {
    object: ObjectId,
    stored: Object,
    intent: Intent,
}

/// Why a call could not be closed.
enum Unclosed {
    Store(StoreError),
    Cloud(Fault),
}

impl From<StoreError> for Unclosed {
    fn from(error: StoreError) -> Self {
        Unclosed::Store(error)
    }
}

/// Closes all open calls and ends the run they belong to; the calls that could not be closed.
pub(super) async fn recover(session: &Session<'_>) -> Result<Vec<Failure>, StoreError> {
    let failures = close(session).await?;
    if failures.is_empty() && session.lease.with_state(|state| state.run.is_some()) {
        session.lease.append(EntryKind::RunEnded { outcome: Outcome::Partial }).await?;
    }
    Ok(failures)
}

/// Closes all open calls; those that could not be closed.
pub(super) async fn close(session: &Session<'_>) -> Result<Vec<Failure>, StoreError> {
    let open: Vec<Open> = session.lease.with_state(|state| {
        let open = state.open_intents().map(|(object, stored, intent)| Open {
            object: object.clone(),
            stored: stored.clone(),
            intent: intent.clone(),
        });
        open.collect()
    });
    if open.is_empty() {
        return Ok(Vec::new());
    }
    session.calls.tell(Event::Recovering { open: open.len() });
    let closing = open.into_iter().map(|open| async move {
        let closed = close_one(session, &open).await;
        (open.object, closed)
    });
    let mut closed = stream::iter(closing).buffer_unordered(session.engine.options.parallel.max(1));
    let mut failures = Vec::new();
    while let Some((object, outcome)) = closed.next().await {
        match outcome {
            Ok(found) => session.calls.tell(Event::Recovered { object, found }),
            Err(Unclosed::Cloud(fault)) => failures.push(failure(fault, &object.address)),
            Err(Unclosed::Store(error)) => return Err(error),
        }
    }
    Ok(failures)
}

async fn close_one(session: &Session<'_>, open: &Open) -> Result<Found, Unclosed> {
    match (open.intent.action, &open.stored.id) {
        (IntentAction::Update, _) => {
            broken(session, open, "it was being changed when the run was cut off", false).await
        }
        (IntentAction::Create, Some(_)) => {
            broken(session, open, "it was not ready when the run was cut off", false).await
        }
        (IntentAction::Create, None) => close_create(session, open).await,
        (IntentAction::Delete, Some(id)) => close_delete(session, open, id).await,
        (IntentAction::Delete, None) => Ok(append(session, EntryKind::Gone { object: open.object.clone() }).await?),
    }
}

async fn close_create(session: &Session<'_>, open: &Open) -> Result<Found, Unclosed> {
    let driver = driver(session, open)?;
    let call = session.call(&open.object, &open.stored.place, open.intent.token.clone());
    let mut want = Doc::from(secret::without_sealed(&open.intent.want));
    want.0.retain(|key, _| !key.starts_with('$'));
    let until = session.calls.clock.now() + REQUEST_DEADLINE + CONSISTENCY_WINDOW;
    let sought = Sought { type_name: &open.stored.type_name, want: &want, until };
    let found = session.look_up(&*driver, &call, sought).await;
    let found = found.map_err(|failed| Unclosed::Cloud(failed.fault))?;
    let Some(first) = found.first() else {
        append(session, EntryKind::NotDone { object: open.object.clone() }).await?;
        return Ok(Found::NotExecuted);
    };
    let (object, observed) = (open.object.clone(), Json::Object(serde_json::Map::new()));
    append(session, EntryKind::Made { object, id: first.clone(), observed }).await?;
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().map(|id| id.0.as_str()).collect();
        let why = format!("it was made more than once: {}; delete all but the first", names.join(", "));
        return broken(session, open, &why, false).await;
    }
    broken(session, open, "it was being made when the run was cut off", false).await
}

async fn close_delete(session: &Session<'_>, open: &Open, id: &PhysicalId) -> Result<Found, Unclosed> {
    let driver = driver(session, open)?;
    let call = session.call(&open.object, &open.stored.place, open.intent.token.clone());
    let about = About { place: &open.stored.place, type_name: &open.stored.type_name, object: Some(&open.object) };
    // The request may still be on its way, and reads lag behind it.
    let until = session.calls.clock.now() + REQUEST_DEADLINE + CONSISTENCY_WINDOW;
    let mut pauses = polls();
    while session.read(&*driver, &call, id, about).await.map_err(Unclosed::Cloud)?.is_some() {
        let left = until.saturating_sub(session.calls.clock.now());
        if left.is_zero() {
            let is_going = is_going(session, &*driver, &call, open, id).await?;
            return broken(session, open, "it was being deleted when the run was cut off", is_going).await;
        }
        session.calls.clock.sleep(pauses.next().unwrap_or(left).min(left)).await;
    }
    append(session, EntryKind::Gone { object: open.object.clone() }).await?;
    Ok(Found::Executed)
}

/// Whether an object that still exists is anything but well: then nothing but a replacement helps.
async fn is_going(
    session: &Session<'_>,
    driver: &dyn Driver,
    call: &Call,
    open: &Open,
    id: &PhysicalId,
) -> Result<bool, Unclosed> {
    let about = About { place: &open.stored.place, type_name: &open.stored.type_name, object: Some(&open.object) };
    let made = Made { id: id.clone(), attributes: Doc::default() };
    match session.calls.repeat(about, Patience::USUAL, || driver.poll(call, &made)).await {
        Ok(Progress::Done(_)) => Ok(false),
        Ok(Progress::Pending { .. }) => Ok(true),
        Err(failed) if judge(&failed.fault) == Verdict::Final => Ok(true),
        Err(failed) => Err(Unclosed::Cloud(failed.fault)),
    }
}

fn driver(session: &Session<'_>, open: &Open) -> Result<std::sync::Arc<dyn Driver>, Unclosed> {
    let type_name = &open.stored.type_name;
    session.engine.provider.driver(type_name).ok_or_else(|| {
        let message = format!("this build has no driver for `{type_name}`, so it cannot be looked up");
        Unclosed::Cloud(Fault::new(FaultKind::Invalid, "", message))
    })
}

async fn broken(session: &Session<'_>, open: &Open, why: &str, failed: bool) -> Result<Found, Unclosed> {
    let (object, why) = (open.object.clone(), why.to_owned());
    append(session, EntryKind::Broken { object, why, failed }).await?;
    Ok(Found::HalfMade)
}

async fn append(session: &Session<'_>, kind: EntryKind) -> Result<Found, StoreError> {
    session.lease.append(kind).await.map(|()| Found::Executed)
}
