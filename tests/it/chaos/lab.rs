//! A place for experiments: a simulated cloud, a state in memory, and the commands as a person gives them. Takes any stack
//! as YAML, so that every stack gets the whole matrix of [`super::matrix`] for two lines of test.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use provision::{
    base::{Address, Diagnostics, Sources},
    catalogue::Catalogue,
    driver::{
        Clock,
        sim::{Item, Moment, Operation, Record, Sim, Snapshot, Verdict},
    },
    engine::{
        Event, Plan, Sink,
        accept::accept,
        planner,
        run::{Ended, Engine, OnFailure, Options, Stop},
        undo::undo,
    },
    stack::{Facts, Inputs, Program, Stack},
    state::{Command, Holder, MemoryStore, State, StateKey, Store, WriteFault},
};

/// What is done when an event comes.
type Reaction = Box<dyn Fn(&Event) + Send + Sync>;

/// Remembers events, and lets a test react to one.
#[derive(Default)]
pub struct Recorder {
    events: Mutex<Vec<Event>>,
    reaction: Mutex<Option<Reaction>>,
}

impl Sink for Recorder {
    fn send(&self, event: Event) {
        if let Some(reaction) = &*self.reaction.lock().unwrap() {
            reaction(&event);
        }
        self.events.lock().unwrap().push(event);
    }
}

/// How a command went.
#[derive(Debug)]
pub enum Outcome {
    /// There was nothing to do.
    Unchanged,
    Ended(Box<Ended>),
    Killed,
    /// It could not begin, or the state could not be written.
    Refused(String),
}

impl Outcome {
    pub fn ended(self) -> Ended {
        match self {
            Outcome::Ended(ended) => *ended,
            other => panic!("the run did not end: {other:?}"),
        }
    }
}

/// Where a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kill {
    /// Before or after the n-th call, counted from 1.
    Call(u64, bool),
    /// Before or after the n-th write of the state.
    Write(u64, bool),
}

/// A cloud, a state, and what is known about both.
pub struct Lab {
    pub sim: Sim,
    pub store: MemoryStore,
    pub recorder: Arc<Recorder>,
    pub stop: Stop,
    pub on_failure: OnFailure,
    pub parallel: usize,
    key: StateKey,
    /// Calls before this number are history.
    since: AtomicU64,
    /// Stacks are read once: thousands of runs use the same.
    stacks: Stacks,
}

/// Stacks by their text.
pub type Stacks = Arc<Mutex<BTreeMap<String, Stack>>>;

impl Lab {
    /// An empty cloud, whose reads lag behind its writes, and an empty state.
    pub fn new(seed: u64) -> Self {
        Lab::sharing(seed, Stacks::default())
    }

    /// The same, with stacks that have been read.
    pub fn sharing(seed: u64, stacks: Stacks) -> Self {
        let lab = Lab {
            stacks,
            sim: Sim::new(Catalogue::embedded(), Clock::real(), seed),
            store: MemoryStore::new(),
            recorder: Arc::default(),
            stop: Stop::default(),
            on_failure: OnFailure::Rollback,
            parallel: 16,
            key: StateKey::new("lab", "test").unwrap(),
            since: AtomicU64::new(0),
        };
        lab.sim.set_lag(Duration::from_secs(10));
        lab
    }

    /// A cloud and a state in which a stack has been applied.
    pub async fn with(stack: Option<&str>, seed: u64) -> Self {
        Lab::with_sharing(stack, seed, Stacks::default()).await
    }

    /// The same, with stacks that have been read.
    pub async fn with_sharing(stack: Option<&str>, seed: u64, stacks: Stacks) -> Self {
        let lab = Lab::sharing(seed, stacks);
        if let Some(stack) = stack {
            let outcome = lab.run(Some(stack)).await.ended();
            assert_eq!(outcome.outcome, provision::state::Outcome::Done, "{outcome:?}");
        }
        lab
    }

    /// Does something at an event.
    pub fn react(&self, reaction: impl Fn(&Event) + Send + Sync + 'static) {
        *self.recorder.reaction.lock().unwrap() = Some(Box::new(reaction));
    }

    pub fn events(&self) -> Vec<Event> {
        self.recorder.events.lock().unwrap().clone()
    }

    pub fn engine(&self) -> Engine {
        Engine {
            provider: Arc::new(self.sim.clone()),
            catalogue: Catalogue::embedded(),
            sink: self.recorder.clone(),
            options: Options { parallel: self.parallel, on_failure: self.on_failure },
            stop: self.stop.clone(),
        }
    }

    /// What the state is now, as another process would see it.
    pub async fn state(&self) -> Option<State> {
        self.store.read(&self.key).await.unwrap()
    }

    /// `apply` of a stack, or `destroy`; from the lock to the checkpoint, as one process.
    pub async fn run(&self, stack: Option<&str>) -> Outcome {
        match self.process(stack).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Refused(error),
        }
    }

    async fn process(&self, stack: Option<&str>) -> Result<Outcome, String> {
        let engine = self.engine();
        let lease = self.store.acquire(&self.key, &Holder::new("lab", "here", "apply")).await.map_err(text)?;
        engine.recover(&lease).await.map_err(text)?;
        let plan = self.plan(&engine, stack, &lease.with_state(State::clone)).await?;
        let outcome = match plan.is_empty() {
            true => Outcome::Unchanged,
            false => Outcome::Ended(Box::new(engine.execute(&lease, &plan).await.map_err(text)?)),
        };
        lease.release().await.map_err(text)?;
        Ok(outcome)
    }

    /// What `plan` would say, with nothing allowed that a person has to allow.
    pub async fn planned(&self, stack: Option<&str>, options: planner::Options) -> Result<Plan, String> {
        let state = self.state().await.unwrap_or_else(|| State::new("lab", "test", "unwritten", "00"));
        self.plan_with(&self.engine(), stack, &state, options).await
    }

    /// `drift --accept` of these addresses, or of all if none is named.
    pub async fn accept(&self, stack: &str, only: &[&str]) -> Plan {
        let engine = self.engine();
        let lease = self.store.acquire(&self.key, &Holder::new("lab", "here", "drift --accept")).await.unwrap();
        let state = lease.with_state(State::clone);
        let found = self.plan(&engine, Some(stack), &state).await.unwrap();
        let is_meant = |address: &Address| only.is_empty() || only.contains(&address.to_string().as_str());
        let plan = accept(&state, &found, &is_meant);
        engine.execute(&lease, &plan).await.unwrap();
        lease.release().await.unwrap();
        plan
    }

    /// `undo`.
    pub async fn undo(&self) -> Ended {
        let lease = self.store.acquire(&self.key, &Holder::new("lab", "here", "undo")).await.unwrap();
        let before = self.store.previous(&self.key).await.unwrap().unwrap();
        let plan = undo(&before, &lease.with_state(State::clone), Catalogue::embedded());
        let ended = self.engine().execute(&lease, &plan).await.unwrap();
        lease.release().await.unwrap();
        ended
    }

    async fn plan(&self, engine: &Engine, stack: Option<&str>, state: &State) -> Result<Plan, String> {
        let allow_delete = state.objects.keys().map(|object| object.address.clone()).collect();
        let options = planner::Options { allow_delete, ..planner::Options::default() };
        self.plan_with(engine, stack, state, options).await
    }

    async fn plan_with(
        &self,
        engine: &Engine,
        stack: Option<&str>,
        state: &State,
        options: planner::Options,
    ) -> Result<Plan, String> {
        let stack = match stack {
            Some(yaml) => Some(self.stack(engine, yaml).await?),
            None => None,
        };
        let live = engine.live(state, stack.as_ref()).await.map_err(text)?;
        let request = planner::Request {
            stack: stack.as_ref(),
            state,
            live: &live,
            catalogue: Catalogue::embedded(),
            command: if stack.is_some() { Command::Apply } else { Command::Destroy },
            identity: state.identity.clone(),
            options: &options,
        };
        planner::plan(&request).map_err(|problems| words(&problems))
    }

    /// Reads a stack with modules; afterwards its path stands for it.
    pub async fn read(&self, path: &str) {
        let stack = load_file(&self.engine(), path.into()).await.unwrap();
        self.stacks.lock().unwrap().insert(path.to_owned(), stack);
    }

    async fn stack(&self, engine: &Engine, yaml: &str) -> Result<Stack, String> {
        if let Some(stack) = self.stacks.lock().unwrap().get(yaml) {
            return Ok(stack.clone());
        }
        let stack = load(engine, yaml).await?;
        self.stacks.lock().unwrap().insert(yaml.to_owned(), stack.clone());
        Ok(stack)
    }

    /// The same, killed somewhere; afterwards the lab is what the next process would find.
    pub async fn killed(&mut self, stack: Option<&str>, kill: Kill) -> Outcome {
        match kill {
            Kill::Write(nth, before) => {
                let fault = if before { WriteFault::KillBefore } else { WriteFault::KillAfter };
                self.store.inject(self.store.writes() + nth, fault);
            }
            Kill::Call(nth, before) => {
                let target = self.last_call() + nth;
                let moment = if before { Moment::Before } else { Moment::After };
                self.sim.on_call(Some(Arc::new(move |record: &Record, now| {
                    if record.number == target && now == moment { Verdict::Hang } else { Verdict::Go }
                })));
            }
        }
        let outcome = tokio::select! {
            biased;
            outcome = self.run(stack) => outcome,
            () = self.sim.hung() => Outcome::Killed,
            () = self.store.killed() => Outcome::Killed,
        };
        self.sim.on_call(None);
        self.store = self.store.survivor();
        outcome
    }

    /// How many calls and writes a command takes.
    pub async fn measure(&self, stack: Option<&str>) -> (u64, u64) {
        let (first_call, first_write) = (self.last_call(), self.store.writes());
        assert!(matches!(self.run(stack).await, Outcome::Ended(ended) if ended.cause.is_none()));
        (self.last_call() - first_call, self.store.writes() - first_write)
    }

    fn last_call(&self) -> u64 {
        self.sim.calls().last().map_or(0, |record| record.number)
    }

    /// What has been called so far does not count any more.
    pub fn turn_the_page(&self) {
        self.since.store(self.last_call(), Ordering::Relaxed);
    }

    /// The calls since the page was turned.
    pub fn calls(&self) -> Vec<Record> {
        let since = self.since.load(Ordering::Relaxed);
        self.sim.calls().into_iter().filter(|record| record.number > since).collect()
    }

    /// Those of them that changed something.
    pub fn changing_calls(&self) -> Vec<(Operation, String)> {
        let changing = self.calls().into_iter().filter(|record| record.operation.is_changing());
        changing.map(|record| (record.operation, record.object.unwrap().to_string())).collect()
    }

    /// Everything in the cloud, apart from what its deletes leave for a while.
    pub fn cloud(&self) -> Snapshot {
        let mut snapshot = self.sim.snapshot();
        snapshot.0.retain(|item| !is_residue(item));
        snapshot
    }

    /// The same without what differs between two clouds that were built alike, one line for each object.
    pub fn shape(&self) -> Vec<String> {
        let mut snapshot = self.sim.snapshot_without_ids();
        snapshot.0.retain(|item| !is_residue(item));
        let line = |item: &Item| {
            let owner = item.owner.as_ref().map(|owner| owner.address.as_str());
            let properties = serde_json::Value::from(item.properties.clone());
            format!("{} {owner:?} {} {properties}", item.type_name, item.status)
        };
        snapshot.0.iter().map(line).collect()
    }

    /// Compares cloud and state as `provision doctor` does: what is wrong, in words.
    pub async fn diagnose(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let state = self.state().await;
        let objects = state.as_ref().map(|state| state.objects.clone()).unwrap_or_default();
        let known: BTreeMap<(&str, &str), String> = objects
            .iter()
            .filter_map(|(object, stored)| {
                Some(((stored.type_name.as_str(), stored.id.as_ref()?.0.as_str()), object.to_string()))
            })
            .collect();
        let cloud = self.cloud();
        let there: BTreeSet<(&str, &str)> =
            cloud.0.iter().map(|item| (item.type_name.as_str(), item.id.as_str())).collect();
        let orphans = cloud.0.iter().filter(|item| !known.contains_key(&(item.type_name.as_str(), item.id.as_str())));
        wrong.extend(orphans.map(|item| {
            let owner = item.owner.as_ref().map(|owner| owner.address.clone());
            format!("orphan: {} {} of {owner:?}", item.type_name, item.id)
        }));
        wrong.extend(
            known.iter().filter(|(key, _)| !there.contains(*key)).map(|(_, object)| format!("phantom: {object}")),
        );
        wrong.extend(objects.iter().filter(|(_, stored)| !stored.is_healthy()).map(|(object, stored)| {
            format!("unhealthy: {object}: {:?} {:?}", stored.broken, stored.intent.as_ref().map(|intent| intent.action))
        }));
        wrong.extend(state.and_then(|state| state.run).map(|run| format!("open run {}", run.id)));
        wrong
    }
}

/// A key that is pending deletion stays for a week and more; the plan says so.
fn is_residue(item: &Item) -> bool {
    item.status == "pending-deletion"
}

async fn load(engine: &Engine, yaml: &str) -> Result<Stack, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stack.yaml");
    std::fs::write(&path, yaml).unwrap();
    load_file(engine, path).await
}

async fn load_file(engine: &Engine, path: PathBuf) -> Result<Stack, String> {
    let inputs = Inputs { path, environment: "test".to_owned(), ..Inputs::default() };
    let program = Program::open(&inputs, engine.catalogue, &mut Sources::default()).map_err(|all| words(&all))?;
    let needs = program.needs(&Facts::default()).map_err(|all| words(&all))?;
    let facts = engine.facts(&needs).await.map_err(text)?;
    program.evaluate(&facts, engine.catalogue).map(|(stack, _)| stack).map_err(|all| words(&all))
}

fn words(problems: &Diagnostics) -> String {
    problems.0.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")
}

fn text(error: impl Into<Box<dyn std::error::Error>>) -> String {
    error.into().to_string()
}

/// Long enough for reads to catch up and slow things to end.
pub async fn later() {
    tokio::time::sleep(Duration::from_secs(3600)).await;
}
