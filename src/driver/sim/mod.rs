//! The simulated cloud: every type of the catalogue, without an account. It is strict where AWS is strict (references in
//! both directions, unique names, what cannot be changed, what is not ready yet), slow where AWS is slow, and misbehaves
//! where it is told to. It is the test bed of the engine, the `--sandbox` of the commands, and what `rehearse` runs on.
//!
//! ```text
//! engine ──Driver──▶ driver   the way of a call: latency, faults, hooks, the call log
//!                      │
//!                    rules    what AWS does: create, change, remove, find
//!                      │      attributes, names: what it adds; idempotency: what a repeated call does;
//!                      │      network: what public traffic needs
//!                    world    what exists, with indexes (references, natural keys, tokens)
//!                      │
//!                    store    the sandbox file
//! lookup: data blocks and secrets     outside: what others do to the account, and looking at everything
//! ```
//!
//! The state is behind one lock that is never held while waiting. Ids follow from seed and order alone, so that a run can
//! be repeated.

mod attributes;
mod driver;
mod faults;
mod idempotency;
mod lookup;
mod names;
mod network;
mod object;
mod outside;
mod references;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod world;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use faults::Faults;
pub use faults::{FaultPlan, Misbehaviour, Operation, Record, Rule, When};
pub use object::{ACCOUNT, Location};
pub use outside::{Item, Snapshot};
pub use store::StoreError;
use store::{Content, Store};
use world::World;

use super::Clock;
use crate::catalogue::Catalogue;

/// When a hook is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The call has arrived and nothing is done.
    Before,
    /// Everything is done and the answer is not given.
    After,
}

/// What a hook wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Go,
    /// The call never returns, as if the caller had died; see [`Sim::hung`].
    Hang,
}

/// Asked at every call, before and after.
pub type Hook = Arc<dyn Fn(&Record, Moment) -> Verdict + Send + Sync>;

/// A handle on a simulated cloud; clones mean the same cloud.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
}

struct Inner {
    catalogue: &'static Catalogue,
    clock: Clock,
    seed: u64,
    /// The cloud's time when the clock was started.
    base: Duration,
    world: Mutex<World>,
    desk: Mutex<Desk>,
    hung: tokio::sync::watch::Sender<u64>,
}

/// What calls pass before they reach the world.
#[derive(Default)]
struct Desk {
    log: Vec<Record>,
    /// Calls so far.
    entered: u64,
    faults: Faults,
    hook: Option<Hook>,
    latency: Option<(Duration, Duration)>,
}

/// How long a call takes, from shortest to longest.
const LATENCY: (Duration, Duration) = (Duration::from_millis(50), Duration::from_millis(200));

impl Sim {
    /// An empty cloud that lives by `clock`.
    pub fn new(catalogue: &'static Catalogue, clock: Clock, seed: u64) -> Self {
        Sim::with(catalogue, clock, seed, (None, Content::default()))
    }

    /// The cloud in a sandbox file; an empty one if there is no file yet.
    ///
    /// # Errors
    /// The file cannot be used, is damaged, or another process has it.
    pub fn open(path: &Path, catalogue: &'static Catalogue, clock: Clock, seed: u64) -> Result<Self, StoreError> {
        let (store, content) = Store::open(path)?;
        Ok(Sim::with(catalogue, clock, seed, (Some(store), content)))
    }

    fn with(
        catalogue: &'static Catalogue,
        clock: Clock,
        seed: u64,
        (store, content): (Option<Store>, Content),
    ) -> Self {
        let mut world = World::new(catalogue, seed);
        // Between two processes more time passes than anything takes: whatever was under way has come to its end.
        let settled = content.objects.values().filter_map(|object| object.phase.until()).max().unwrap_or_default();
        for object in content.objects.values() {
            if let Some(resource) = catalogue.get(&object.type_name) {
                world.index(&resource, object);
            }
        }
        world.objects = content.objects;
        world.snapshots = content.snapshots;
        for object in world.objects.values().cloned().collect::<Vec<_>>() {
            if let Some(resource) = catalogue.get(&object.type_name) {
                world.link(&resource, &object);
            }
        }
        world.store = store;
        let inner = Inner {
            catalogue,
            clock,
            seed,
            base: content.at.max(settled),
            world: Mutex::new(world),
            desk: Mutex::default(),
            hung: tokio::sync::watch::Sender::new(0),
        };
        Sim { inner: Arc::new(inner) }
    }

    /// Misbehaves by this plan from now on; counts of calls start anew.
    pub fn set_faults(&self, plan: FaultPlan) {
        self.desk().faults = Faults::new(plan);
    }

    /// Asks `hook` at every call from now on.
    pub fn on_call(&self, hook: Option<Hook>) {
        self.desk().hook = hook;
    }

    /// Lets reads lag behind writes by up to `lag`.
    pub fn set_lag(&self, lag: Duration) {
        self.world().lag = lag;
    }

    /// How long calls take, from shortest to longest; zero for tests that count nothing but calls.
    pub fn set_latency(&self, shortest: Duration, longest: Duration) {
        self.desk().latency = Some((shortest, longest.max(shortest)));
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Record> {
        self.desk().log.clone()
    }

    /// Forgets the calls so far; their numbers go on.
    pub fn forget_calls(&self) {
        let mut desk = self.desk();
        desk.log.clear();
    }

    /// Returns when a call has been made to hang; the test then drops whatever made it.
    pub async fn hung(&self) {
        let mut count = self.inner.hung.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = count.wait_for(|count| *count > 0).await;
        self.inner.hung.send_replace(0);
    }

    /// The cloud's time.
    pub fn now(&self) -> Duration {
        self.inner.base + self.inner.clock.now()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere leaves nothing half-changed that matters to a simulation.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.inner.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
