//! What everything that talks to the cloud on behalf of one state shares: refresh, recovery and runs.

use std::time::Duration;

use super::{
    calls::{self, About, Calls, Failed, Patience},
    run::Engine,
};
use crate::{
    base::{Doc, ObjectId, PhysicalId, Place, Token},
    driver::{CONSISTENCY_WINDOW, Call, Driver, Fault, FaultKind, Owner},
    state::Lease,
};

/// What an intent was to make, and until when it may still come to light.
pub(super) struct Sought<'a> {
    pub(super) type_name: &'a str,
    pub(super) want: &'a Doc,
    pub(super) until: Duration,
}

/// An engine at work on a state.
pub(super) struct Session<'a> {
    pub(super) engine: &'a Engine,
    pub(super) lease: &'a Lease,
    pub(super) calls: Calls,
    /// `<stack>/<env>`
    owner: String,
}

impl<'a> Session<'a> {
    pub(super) fn new(engine: &'a Engine, lease: &'a Lease) -> Self {
        let owner = lease.with_state(|state| format!("{}/{}", state.stack, state.environment));
        Session { engine, lease, calls: engine.calls().held_by(lease.hold()), owner }
    }

    /// The circumstances of a call.
    pub(super) fn call(&self, object: &ObjectId, place: &Place, token: Token) -> Call {
        let owner = Owner { stack: self.owner.clone(), address: object.address.to_string(), token };
        Call { object: object.clone(), owner, place: place.clone() }
    }

    /// What the intent of `call` has made. Empty only if there is still nothing at the end of the time for it; what belongs
    /// to another object of the state does not count.
    pub(super) async fn look_up(
        &self,
        driver: &dyn Driver,
        call: &Call,
        sought: Sought<'_>,
    ) -> Result<Vec<PhysicalId>, Failed> {
        let Sought { type_name, want, until } = sought;
        let about = About { place: &call.place, type_name, object: Some(&call.object) };
        let mut pauses = calls::polls();
        loop {
            let found = self.calls.repeat(about, Patience::USUAL, || driver.find(call, want)).await?;
            let found = self.unowned(found, call, type_name);
            let left = until.saturating_sub(self.calls.clock.now());
            if !found.is_empty() || left.is_zero() {
                return Ok(found);
            }
            self.calls.clock.sleep(pauses.next().unwrap_or(left).min(left)).await;
        }
    }

    fn unowned(&self, mut found: Vec<PhysicalId>, call: &Call, type_name: &str) -> Vec<PhysicalId> {
        if !found.is_empty() {
            self.lease.with_state(|state| {
                let others = state.objects.iter().filter(|(object, stored)| {
                    **object != call.object && stored.type_name == type_name && stored.place == call.place
                });
                for (_, stored) in others {
                    found.retain(|id| stored.id.as_ref() != Some(id));
                }
            });
        }
        found
    }

    /// One live object; `None` if it does not exist, also once AWS's reads have caught up with its writes.
    pub(super) async fn read(
        &self,
        driver: &dyn Driver,
        call: &Call,
        id: &PhysicalId,
        about: About<'_>,
    ) -> Result<Option<Doc>, Fault> {
        let until = self.calls.clock.now() + CONSISTENCY_WINDOW;
        let ids = std::slice::from_ref(id);
        let mut pauses = calls::polls();
        loop {
            let answer = self.calls.repeat(about, Patience::USUAL, || driver.read(call, ids)).await;
            let found = match answer {
                Ok(found) => found.into_iter().next().flatten(),
                Err(failed) if failed.fault.kind == FaultKind::NotFound => None,
                Err(failed) => return Err(failed.fault),
            };
            let left = until.saturating_sub(self.calls.clock.now());
            if found.is_some() || left.is_zero() {
                return Ok(found);
            }
            self.calls.clock.sleep(pauses.next().unwrap_or(left).min(left)).await;
        }
    }
}
