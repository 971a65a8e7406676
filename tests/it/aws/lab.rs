//! A stack file on the emulators: the whole engine through the real SDK, in an account of its own, with a state in memory.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
    sync::Arc,
};

use provision::{
    base::{Doc, Place, Sources},
    catalogue::Catalogue,
    driver::{FaultKind, Provider},
    engine::{
        Event, Plan, Sink,
        planner::{self, Request},
        run::{Ended, Engine, OnFailure, Options, Stop},
    },
    stack::{Facts, Inputs, Program, Stack},
    state::{Command, Holder, MemoryStore, State, StateKey, Store},
};

use super::cloud::Cloud;

/// An account, a stack file, and what is remembered of it.
pub struct Lab {
    pub cloud: Cloud,
    pub place: Place,
    file: &'static str,
    store: MemoryStore,
    key: StateKey,
}

struct Silent;

impl Sink for Silent {
    fn send(&self, _: Event) {}
}

impl Lab {
    /// The account of a test, for a stack file whose own region is `region`.
    pub fn of(test: &'static str, file: &'static str, region: &str) -> Lab {
        let cloud = Cloud::of(test);
        let place = Place { region: region.to_owned(), ..cloud.place.clone() };
        // Tokens are made from it, and ministack has one account for all tests.
        let account = cloud.place.role_arn.iter().flat_map(|role| role.split(':')).nth(4).unwrap_or_default();
        let key = StateKey::new("lab", &format!("account-{account}")).unwrap();
        Lab { cloud, place, file, store: MemoryStore::new(), key }
    }

    pub fn engine(&self) -> Engine {
        Engine {
            provider: Arc::new(self.cloud.provider.clone()) as Arc<dyn Provider>,
            catalogue: Catalogue::embedded(),
            sink: Arc::new(Silent),
            options: Options { parallel: 8, on_failure: OnFailure::Rollback },
            stop: Stop::default(),
        }
    }

    /// The file, moved into the account of this test.
    pub async fn stack(&self, variables: &[(&str, &str)]) -> Stack {
        let inputs = Inputs {
            path: Path::new(env!("CARGO_MANIFEST_DIR")).join(self.file),
            environment: "test".to_owned(),
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Inputs::default()
        };
        let catalogue = Catalogue::embedded();
        let program = Program::open(&inputs, catalogue, &mut Sources::default()).unwrap();
        let facts = self.engine().facts(&program.needs(&Facts::default()).unwrap()).await.unwrap();
        let (mut stack, _) = program.evaluate(&facts, catalogue).unwrap();
        stack.place = self.place.clone();
        stack.resources.values_mut().for_each(|resource| resource.place.role_arn = self.place.role_arn.clone());
        stack
    }

    pub async fn plan(&self, stack: Option<&Stack>) -> Plan {
        self.plan_from(stack, &self.state().await).await
    }

    async fn plan_from(&self, stack: Option<&Stack>, state: &State) -> Plan {
        let live = self.engine().live(state, stack).await.unwrap();
        let allow_delete = state.objects.keys().map(|object| object.address.clone()).collect();
        let options = planner::Options { allow_delete, ..planner::Options::default() };
        let command = if stack.is_some() { Command::Apply } else { Command::Destroy };
        let request = Request {
            stack,
            state,
            live: &live,
            catalogue: Catalogue::embedded(),
            command,
            identity: state.identity.clone(),
            options: &options,
        };
        planner::plan(&request).unwrap()
    }

    /// `apply` of a stack, or `destroy`; recovery of what an earlier process has left comes first.
    pub async fn run(&self, stack: Option<&Stack>) -> Ended {
        let (engine, holder) = (self.engine(), Holder::new("test", "here", "apply"));
        let lease = self.store.acquire(&self.key, &holder).await.unwrap();
        engine.recover(&lease).await.unwrap();
        let plan = self.plan_from(stack, &lease.with_state(State::clone)).await;
        let ended = engine.execute(&lease, &plan).await.unwrap();
        lease.release().await.unwrap();
        ended
    }

    /// The same, until the process is killed; `None` if it was. Afterwards this is what the next process finds.
    pub async fn run_until_killed(&mut self, stack: Option<&Stack>) -> Option<Ended> {
        let wire = self.cloud.wire.clone();
        let ended = tokio::select! {
            ended = self.run(stack) => Some(ended),
            () = wire.killed() => None,
        };
        self.store = self.store.survivor();
        ended
    }

    pub async fn state(&self) -> State {
        let state = self.store.read(&self.key).await.unwrap();
        state.unwrap_or_else(|| State::new("lab", "test", "unwritten", "00"))
    }

    /// How many objects of each type of a stack the account has, in each place. ministack has one account for all tests:
    /// of its types only those count that carry `mark`.
    pub async fn census(&self, stack: &Stack, mark: &str) -> BTreeMap<(String, String), usize> {
        let shared = ["AWS::Backup::", "AWS::Budgets::", "AWS::EFS::", "AWS::ElastiCache::"];
        let mut census = BTreeMap::new();
        for resource in stack.resources.values() {
            let key = (resource.place.region.clone(), resource.type_name.clone());
            let Entry::Vacant(unknown) = census.entry(key) else { continue };
            let is_shared = shared.iter().any(|prefix| resource.type_name.starts_with(prefix));
            let is_ours = |found: &Doc| !is_shared || found.clone().into_json().to_string().contains(mark);
            match self.cloud.provider.lookup(&resource.place, &resource.type_name, &Doc::default()).await {
                Ok(found) => unknown.insert(found.iter().filter(|found| is_ours(found)).count()),
                // There are types of which AWS keeps no list.
                Err(fault) if fault.kind == FaultKind::Invalid => continue,
                Err(fault) => panic!("{fault}"),
            };
        }
        census
    }
}
