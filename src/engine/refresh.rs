//! What is asked of the cloud before planning: the live objects of a state, and the facts a stack refers to.

use std::{collections::BTreeMap, sync::Arc};

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    calls::{About, Calls, Patience, polls},
    event::Event,
    run::{Engine, Live, RunError},
};
use crate::{
    base::{Doc, Identity, ObjectId, PhysicalId, Place, Token},
    driver::{CONSISTENCY_WINDOW, Call, Driver, Fault, FaultKind, Owner},
    stack::{DataLookup, Facts, Needs, Stack},
    state::State,
};

/// How many matches of a data look-up an error lists.
const LISTED: usize = 10;

/// One object to be read.
type Target = (ObjectId, PhysicalId, Token);

/// Reads every object of the state, and those that the stack imports: one call per page of each type and place. What is not there is looked for again until
/// AWS's reads cannot lag behind its writes any more: taking a fresh object for a missing one would make it twice.
pub(super) async fn live(engine: &Engine, state: &State, stack: Option<&Stack>) -> Result<Live, RunError> {
    let reading = Reading { engine, calls: engine.calls(), owner: format!("{}/{}", state.stack, state.environment) };
    let known = state.objects.keys().filter_map(|object| target(state, object));
    let imports = stack.into_iter().flat_map(|stack| imported(stack, state));
    let mut live = reading.read(known.chain(imports)).await?;
    let until = reading.calls.clock.now() + CONSISTENCY_WINDOW;
    let mut pauses = polls();
    loop {
        let is_missing =
            |(object, doc): &(&ObjectId, &Option<Doc>)| doc.is_none() && state.objects.contains_key(object);
        let missing: Vec<ObjectId> = live.iter().filter(is_missing).map(|(object, _)| object.clone()).collect();
        let left = until.saturating_sub(reading.calls.clock.now());
        if missing.is_empty() || left.is_zero() {
            return Ok(live);
        }
        reading.calls.clock.sleep(pauses.next().unwrap_or(left).min(left)).await;
        live.extend(reading.read(missing.iter().filter_map(|object| target(state, object))).await?);
    }
}

fn target<'s>(state: &'s State, object: &'s ObjectId) -> Option<(&'s str, &'s Place, Target)> {
    let (object, stored) = state.objects.get_key_value(object)?;
    Some((&stored.type_name, &stored.place, (object.clone(), stored.id.clone()?, stored.token.clone())))
}

/// The objects that the stack takes over, under the generation that the planner gives them.
fn imported<'s>(stack: &'s Stack, state: &'s State) -> impl Iterator<Item = (&'s str, &'s Place, Target)> {
    stack.imports.iter().filter_map(|import| {
        let (resource, object) = (stack.resources.get(&import.to)?, import.to.generation(1));
        let target = (object, PhysicalId(import.id.clone()), Token(String::new()));
        (!state.objects.contains_key(&target.0)).then_some((&*resource.type_name, &resource.place, target))
    })
}

/// Many reads on behalf of one state.
struct Reading<'a> {
    engine: &'a Engine,
    calls: Calls,
    owner: String,
}

impl Reading<'_> {
    async fn read<'s>(&self, targets: impl Iterator<Item = (&'s str, &'s Place, Target)>) -> Result<Live, RunError> {
        let mut groups: BTreeMap<(&str, &Place), Vec<Target>> = BTreeMap::new();
        for (type_name, place, target) in targets {
            groups.entry((type_name, place)).or_default().push(target);
        }
        groups.retain(|(type_name, _), _| self.engine.provider.driver(type_name).is_some());
        let total = groups.values().map(Vec::len).sum();
        let mut pages = Vec::new();
        for ((type_name, place), targets) in &groups {
            let Some(driver) = self.engine.provider.driver(type_name) else { continue };
            let about = About { place, type_name, object: None };
            let size = driver.batch().max(1);
            pages.extend(targets.chunks(size).map(|page| self.page(about, Arc::clone(&driver), page)));
        }
        let (mut live, mut done) = (Live::new(), 0);
        let mut reads = stream::iter(pages).buffer_unordered(self.engine.options.parallel.max(1));
        while let Some(page) = reads.try_next().await? {
            done += page.len();
            live.extend(page);
            self.calls.tell(Event::Reading { done, total });
        }
        Ok(live)
    }

    async fn page(
        &self,
        about: About<'_>,
        driver: Arc<dyn Driver>,
        page: &[Target],
    ) -> Result<Vec<(ObjectId, Option<Doc>)>, Fault> {
        let Some((object, _, token)) = page.first() else { return Ok(Vec::new()) };
        let owner = Owner { stack: self.owner.clone(), address: object.address.to_string(), token: token.clone() };
        let call = Call { object: object.clone(), owner, place: about.place.clone() };
        let ids: Vec<PhysicalId> = page.iter().map(|(_, id, _)| id.clone()).collect();
        let read = self.calls.repeat(about, Patience::USUAL, || driver.read(&call, &ids)).await;
        paired(page, read.map_err(|failed| failed.fault)?)
    }
}

fn paired(page: &[Target], docs: Vec<Option<Doc>>) -> Result<Vec<(ObjectId, Option<Doc>)>, Fault> {
    if docs.len() != page.len() {
        let message = format!("{} objects were asked for and {} answered", page.len(), docs.len());
        return Err(Fault::new(FaultKind::Other, "", message));
    }
    Ok(page.iter().map(|(object, _, _)| object.clone()).zip(docs).collect())
}

/// Asks the cloud what an evaluation needs to know.
pub(super) async fn facts(engine: &Engine, needs: &Needs) -> Result<Facts, RunError> {
    let calls = &engine.calls();
    let mut facts = Facts::default();
    if let Some(place) = &needs.identity {
        facts.identity = Some(identity(engine, calls, place).await?);
    }
    let zones = needs.zones.iter().map(|place| async move {
        let about = About { place, type_name: "AWS::EC2::AvailabilityZone", object: None };
        let zones = calls.repeat(about, Patience::USUAL, || engine.provider.zones(place)).await;
        zones.map(|zones| (place.clone(), zones)).map_err(|failed| RunError::from(failed.fault))
    });
    let data = needs.data.iter().map(|lookup| async move {
        let about = About { place: &lookup.place, type_name: &lookup.type_name, object: None };
        let find = || engine.provider.lookup(&lookup.place, &lookup.type_name, &lookup.filter);
        let found = calls.repeat(about, Patience::USUAL, find).await.map_err(|failed| failed.fault)?;
        Ok::<_, RunError>((lookup.name.clone(), only(engine, lookup, found)?))
    });
    let at_once = engine.options.parallel.max(1);
    facts.zones = stream::iter(zones).buffer_unordered(at_once).try_collect().await?;
    facts.data = stream::iter(data).buffer_unordered(at_once).try_collect().await?;
    Ok(facts)
}

/// Whose account it is.
pub(super) async fn identity(engine: &Engine, calls: &Calls, place: &Place) -> Result<Identity, Fault> {
    let about = About { place, type_name: "AWS::STS::Identity", object: None };
    let identity = calls.repeat(about, Patience::USUAL, || engine.provider.identity(place)).await;
    identity.map_err(|failed| failed.fault)
}

/// The one object that a look-up means.
fn only(engine: &Engine, lookup: &DataLookup, mut found: Vec<Doc>) -> Result<Doc, RunError> {
    if found.len() == 1
        && let Some(doc) = found.pop()
    {
        return Ok(doc);
    }
    let DataLookup { name, type_name, place, .. } = lookup;
    if found.is_empty() {
        return Err(RunError::Refused {
            message: format!("`data.{name}` matches no {type_name} in {}", place.region),
            help: "make the conditions under `where` weaker, or create what they describe first".to_owned(),
        });
    }
    let kind = engine.catalogue.get(type_name);
    let id = |doc: &Doc| {
        let parts = kind.iter().flat_map(|kind| &kind.primary_identifier);
        let parts: Vec<&str> = parts.filter_map(|path| doc.text(path.property()?)).collect();
        parts.join("|")
    };
    let mut ids: Vec<String> = found.iter().take(LISTED).map(id).collect();
    if found.len() > LISTED {
        ids.push(format!("and {} more", found.len() - LISTED));
    }
    Err(RunError::Refused {
        message: format!("`data.{name}` matches {} objects of type {type_name}: {}", found.len(), ids.join(", ")),
        help: "add conditions under `where` until only one is left".to_owned(),
    })
}
