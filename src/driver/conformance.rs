//! What every driver must do, as one suite: run over the simulated cloud for every type, and over AWS's drivers on moto.
//! A fake that passes the same suite as the real thing can be believed.
//!
//! ```text
//! create ─▶ ready ─▶ read: as wanted ─▶ create again: still one ─▶ find: that one
//!        ─▶ each update: read shows it ─▶ put back ─▶ delete, twice ─▶ read: nothing ─▶ find: nothing
//! ```
//!
//! Like the engine, it waits on the provider's clock, and looks again for [`CONSISTENCY_WINDOW`] before it believes that
//! something is not there.

use std::{sync::Arc, time::Duration};

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{
    CONSISTENCY_WINDOW, Call, Change, Driver, Fault, FaultKind, Made, Owner, Progress, Provider, Removal, TAG_PREFIX,
};
use crate::{
    base::{Address, Doc, Path, PhysicalId, Place, Segment, Token},
    catalogue::{Catalogue, Handler, ResourceType},
};

/// What to check a driver with.
#[derive(Debug, Clone)]
pub struct Case {
    /// lower_snake_case; the object's address, and what its token is made from. No two cases in one cloud share it.
    pub name: String,
    pub type_name: String,
    pub place: Place,
    /// The properties, prerequisites filled in.
    pub want: Doc,
    /// Whole documents to which the object is changed, one after the other.
    pub updates: Vec<Doc>,
}

/// What a driver has shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub id: PhysicalId,
    /// Properties and attributes of the finished object.
    pub live: Doc,
    /// Whether a create was sent twice. Otherwise nothing but looking first prevents a duplicate, and that was shown.
    pub was_repeated: bool,
    pub updates: usize,
}

/// How often to look whether something has changed.
const INTERVAL: Duration = Duration::from_secs(2);

/// Checks everything that the driver of a case's type must do. Nothing is left behind if it succeeds.
///
/// # Errors
/// The first thing that is not as it must be, in words.
pub async fn check(provider: &dyn Provider, case: &Case) -> Result<Report, String> {
    let subject = Subject::new(provider, case)?;
    let made = subject.create().await?;
    let live = subject.shows(&made.id, &case.want).await?;
    subject.is_complete(&made, &live)?;
    let was_repeated = subject.repeats(&made.id).await?;
    subject.finds(std::slice::from_ref(&made.id)).await?;
    let mut before = &case.want;
    for want in case.updates.iter().chain((!case.updates.is_empty()).then_some(&case.want)) {
        subject.update(&made.id, before, want).await?;
        before = want;
    }
    subject.delete(&made.id).await?;
    subject.delete(&made.id).await.map_err(|problem| format!("a second time: {problem}"))?;
    subject.is_gone(&made.id).await?;
    subject.finds(&[]).await?;
    Ok(Report { id: made.id, live, was_repeated, updates: case.updates.len() })
}

/// Makes a prerequisite of other cases and waits until it is ready: its properties and attributes.
///
/// # Errors
/// What the driver answered, in words.
pub async fn make(provider: &dyn Provider, case: &Case) -> Result<(PhysicalId, Doc), String> {
    let subject = Subject::new(provider, case)?;
    let made = subject.create().await?;
    let live = subject.shows(&made.id, &case.want).await?;
    Ok((made.id, live))
}

/// Removes what [`make`] has made, and waits until it is gone.
///
/// # Errors
/// What the driver answered, in words.
pub async fn remove(provider: &dyn Provider, case: &Case, id: &PhysicalId) -> Result<(), String> {
    Subject::new(provider, case)?.delete(id).await
}

/// A driver under examination.
struct Subject<'a> {
    provider: &'a dyn Provider,
    driver: Arc<dyn Driver>,
    resource: Arc<ResourceType>,
    call: Call,
    case: &'a Case,
}

impl<'a> Subject<'a> {
    fn new(provider: &'a dyn Provider, case: &'a Case) -> Result<Self, String> {
        let missing = |what| format!("{}: {what}", case.type_name);
        let driver = provider.driver(&case.type_name).ok_or_else(|| missing("there is no driver"))?;
        let resource = Catalogue::embedded().get(&case.type_name).ok_or_else(|| missing("not in the catalogue"))?;
        let digest = Sha256::digest(format!("{} {}", case.type_name, case.name));
        let token = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let owner = Owner { stack: "conformance/default".to_owned(), address: case.name.clone(), token: Token(token) };
        let call = Call { object: Address::root(&case.name).generation(1), owner, place: case.place.clone() };
        Ok(Subject { provider, driver, resource, call, case })
    }

    fn fail(&self, what: impl std::fmt::Display) -> String {
        format!("{} ({}): {what}", self.case.type_name, self.case.name)
    }

    fn failed<'b>(&'b self, what: &'b str) -> impl FnOnce(Fault) -> String + 'b {
        move |fault| self.fail(format!("{what}: {fault}"))
    }

    async fn wait(&self) {
        self.provider.clock().sleep(INTERVAL).await;
    }

    /// Creates it and waits until it is ready.
    async fn create(&self) -> Result<Made, String> {
        let deadline = self.deadline(Handler::Create);
        let progress = loop {
            match self.driver.create(&self.call, &self.case.want).await {
                Err(fault) if fault.kind == FaultKind::NotReady && self.provider.clock().now() < deadline => {
                    self.wait().await;
                }
                other => break other.map_err(self.failed("create"))?,
            }
        };
        self.ready(progress, deadline).await
    }

    async fn ready(&self, mut progress: Progress<Made>, deadline: Duration) -> Result<Made, String> {
        loop {
            match progress {
                Progress::Done(made) => return Ok(made),
                Progress::Pending { note, .. } if self.provider.clock().now() > deadline => {
                    return Err(self.fail(format!("not ready in time, still `{note}`")));
                }
                Progress::Pending { so_far, .. } => {
                    self.wait().await;
                    progress = self.driver.poll(&self.call, &so_far).await.map_err(self.failed("poll"))?;
                }
            }
        }
    }

    fn deadline(&self, handler: Handler) -> Duration {
        self.provider.clock().now() + self.resource.timeout(handler).max(Duration::from_secs(600))
    }

    async fn read(&self, id: &PhysicalId) -> Result<Option<Doc>, String> {
        let found = self.driver.read(&self.call, std::slice::from_ref(id)).await.map_err(self.failed("read"))?;
        match <[Option<Doc>; 1]>::try_from(found) {
            Ok([doc]) => Ok(doc),
            Err(docs) => Err(self.fail(format!("read: {} answers for one id", docs.len()))),
        }
    }

    /// The live object, once it is as `want` says.
    async fn shows(&self, id: &PhysicalId, want: &Doc) -> Result<Doc, String> {
        let deadline = self.provider.clock().now() + CONSISTENCY_WINDOW;
        loop {
            let live = self.read(id).await?;
            let problem = match &live {
                Some(live) => self.difference(&Path::default(), &want.clone().into_json(), &live.clone().into_json()),
                None => Some("it does not exist".to_owned()),
            };
            match (problem, live) {
                (None, Some(live)) => return Ok(live),
                (problem, _) if self.provider.clock().now() > deadline => {
                    return Err(self.fail(format!("read: {}", problem.unwrap_or_default())));
                }
                _ => self.wait().await,
            }
        }
    }

    /// Where a live object is not as wanted: what was not wanted does not count, nor what is never reported.
    fn difference(&self, path: &Path, want: &Json, live: &Json) -> Option<String> {
        if self.resource.is_write_only(path) || (!path.0.is_empty() && self.resource.same(path, want, live)) {
            return None;
        }
        match (want, live) {
            (Json::Object(want), Json::Object(live)) => want.iter().find_map(|(key, value)| {
                let path = path.join(Segment::Key(key.clone()));
                self.difference(&path, value, live.get(key).unwrap_or(&Json::Null))
            }),
            (Json::Array(want), Json::Array(live)) if self.resource.is_partial(path) => {
                let place = path.join(Segment::Index(0));
                let is_there = |want: &&Json| live.iter().any(|live| self.difference(&place, want, live).is_none());
                want.iter().find(|want| !is_there(want)).map(|want| format!("`{path}` should contain {want}"))
            }
            // Nothing is there; it may be that nothing in it is ever reported.
            (Json::Object(want), Json::Null) if !want.is_empty() => want
                .iter()
                .find_map(|(key, value)| self.difference(&path.join(Segment::Key(key.clone())), value, &Json::Null)),
            (Json::Array(want), Json::Array(live)) if want.len() == live.len() => {
                let mut pairs = want.iter().zip(live).enumerate();
                pairs.find_map(|(index, (want, live))| self.difference(&path.join(Segment::Index(index)), want, live))
            }
            _ => Some(format!("`{path}` should be {want} and is {live}")),
        }
    }

    /// The identity is in the document, and the owner tags are not.
    fn is_complete(&self, made: &Made, live: &Doc) -> Result<(), String> {
        let document = live.clone().into_json();
        let parts = self.resource.primary_identifier.iter().map(|path| {
            let part = path.get(&document).and_then(text);
            part.ok_or_else(|| self.fail(format!("read: `{path}` of the identity is missing")))
        });
        let id = parts.collect::<Result<Vec<_>, _>>()?.join("|");
        if id != made.id.0 {
            return Err(self.fail(format!("create: the id is `{}`, by its attributes it would be `{id}`", made.id)));
        }
        let tags = self.resource.tagging.as_ref().and_then(|tagging| live.get(&tagging.property));
        match tags.is_some_and(|tags| tags.to_string().contains(TAG_PREFIX)) {
            true => Err(self.fail("read: the owner tags are in the document")),
            false => Ok(()),
        }
    }

    /// A second create makes no second object, or would be prevented by looking first.
    async fn repeats(&self, id: &PhysicalId) -> Result<bool, String> {
        if !self.driver.is_create_idempotent() {
            self.finds(std::slice::from_ref(id)).await?;
            return Ok(false);
        }
        match self.driver.create(&self.call, &self.case.want).await {
            Ok(progress) if progress.clone().into_inner().id == *id => {
                self.ready(progress, self.deadline(Handler::Create)).await?;
                Ok(true)
            }
            Ok(progress) => Err(self.fail(format!("create, again: made {} beside {id}", progress.into_inner().id))),
            Err(fault) if fault.kind == FaultKind::AlreadyExists => Ok(true),
            Err(fault) => Err(self.failed("create, again")(fault)),
        }
    }

    /// A search for what the intent has made finds exactly this.
    async fn finds(&self, ids: &[PhysicalId]) -> Result<(), String> {
        let deadline = self.provider.clock().now() + CONSISTENCY_WINDOW;
        loop {
            let found = self.driver.find(&self.call, &self.case.want).await.map_err(self.failed("find"))?;
            if found == ids {
                return Ok(());
            }
            if self.provider.clock().now() > deadline {
                return Err(self.fail(format!("find: {found:?} instead of {ids:?}")));
            }
            self.wait().await;
        }
    }

    async fn update(&self, id: &PhysicalId, before: &Doc, want: &Doc) -> Result<(), String> {
        let names = before.0.keys().chain(want.0.keys().filter(|name| !before.0.contains_key(*name)));
        let changed = names.filter(|name| match (before.get(name), want.get(name)) {
            (Some(before), Some(want)) => !self.resource.same(&Path::key(*name), before, want),
            (before, want) => before.is_some() != want.is_some(),
        });
        let paths: Vec<Path> = changed.map(Path::key).collect();
        let change = Change { id: id.clone(), before: before.clone(), want: want.clone(), paths };
        let deadline = self.deadline(Handler::Update);
        let progress = loop {
            match self.driver.update(&self.call, &change).await {
                Err(fault) if fault.kind == FaultKind::NotReady && self.provider.clock().now() < deadline => {
                    self.wait().await;
                }
                other => break other.map_err(self.failed("update"))?,
            }
        };
        self.ready(progress, deadline).await?;
        self.shows_without(id, want, &change).await.map_err(|problem| format!("after an update: {problem}"))
    }

    /// The live object is as `want` says, and what the change takes away is gone, or back to what AWS fills in.
    async fn shows_without(&self, id: &PhysicalId, want: &Doc, change: &Change) -> Result<(), String> {
        let deadline = self.provider.clock().now() + CONSISTENCY_WINDOW;
        let taken_away = || change.paths.iter().filter_map(Path::property).filter(|name| want.get(name).is_none());
        loop {
            let live = self.shows(id, want).await?;
            let remains = |name: &&str| {
                let before = change.before.get(name);
                before == live.get(name) && self.default(name).as_ref() != before
            };
            match taken_away().find(remains) {
                None => return Ok(()),
                Some(name) if self.provider.clock().now() > deadline => {
                    return Err(self.fail(format!("`{name}` was to be taken away and is still there")));
                }
                Some(_) => self.wait().await,
            }
        }
    }

    fn default(&self, property: &str) -> Option<Json> {
        self.resource.field(&Path::key(property)).and_then(|field| field.default)
    }

    async fn delete(&self, id: &PhysicalId) -> Result<(), String> {
        let deadline = self.deadline(Handler::Delete);
        let want = Removal { final_snapshot: None, inputs: self.case.want.clone() };
        loop {
            match self.driver.delete(&self.call, id, &want).await {
                Ok(Progress::Done(())) => return Ok(()),
                Ok(Progress::Pending { note, .. }) if self.provider.clock().now() > deadline => {
                    return Err(self.fail(format!("delete: not gone in time, still `{note}`")));
                }
                Ok(Progress::Pending { .. }) => self.wait().await,
                Err(fault) if fault.kind == FaultKind::NotReady && self.provider.clock().now() < deadline => {
                    self.wait().await;
                }
                Err(fault) => return Err(self.failed("delete")(fault)),
            }
        }
    }

    async fn is_gone(&self, id: &PhysicalId) -> Result<(), String> {
        let deadline = self.provider.clock().now() + CONSISTENCY_WINDOW;
        while self.read(id).await?.is_some() {
            if self.provider.clock().now() > deadline {
                return Err(self.fail("read: it still exists after its deletion"));
            }
            self.wait().await;
        }
        Ok(())
    }
}

/// A part of an identity as text.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
