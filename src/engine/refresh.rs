//! What is asked of the cloud before planning: the live objects of a state, and the facts a stack refers to.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};

use super::{
    calls::{About, Calls, Patience},
    event::Event,
    run::{Engine, Live, RunError},
};
use crate::{
    base::{Doc, Identity, ObjectId, PhysicalId, Place, Token},
    driver::{Call, Fault, FaultKind, Owner},
    stack::{DataLookup, Facts, Needs},
    state::State,
};

/// How many matches of a data look-up an error lists.
const LISTED: usize = 10;

/// One object to be read.
type Target = (ObjectId, PhysicalId, Token);

/// Reads every object of the state: one call per page of each type and place.
pub(super) async fn live(engine: &Engine, state: &State) -> Result<Live, RunError> {
    let mut groups: BTreeMap<(&str, &Place), Vec<Target>> = BTreeMap::new();
    for (object, stored) in &state.objects {
        if let Some(id) = &stored.id {
            let group = groups.entry((&stored.type_name, &stored.place)).or_default();
            group.push((object.clone(), id.clone(), stored.token.clone()));
        }
    }
    groups.retain(|(type_name, _), _| engine.provider.driver(type_name).is_some());
    let total = groups.values().map(Vec::len).sum();
    let calls = engine.calls();
    let owner = format!("{}/{}", state.stack, state.environment);
    let mut pages = Vec::new();
    for ((type_name, place), targets) in &groups {
        let Some(driver) = engine.provider.driver(type_name) else { continue };
        for page in targets.chunks(driver.batch().max(1)) {
            pages.push((*type_name, *place, std::sync::Arc::clone(&driver), page));
        }
    }
    let (mut live, mut done) = (Live::new(), 0);
    if total > 0 {
        calls.tell(Event::Reading { done, total });
    }
    let (calls, owner) = (&calls, &owner);
    let reads = pages.into_iter().map(|(type_name, place, driver, page)| async move {
        let about = About { place, type_name, object: None };
        let Some((object, _, token)) = page.first() else { return Ok(Vec::new()) };
        let owner = Owner { stack: owner.clone(), address: object.address.to_string(), token: token.clone() };
        let call = Call { object: object.clone(), owner, place: place.clone() };
        let ids: Vec<PhysicalId> = page.iter().map(|(_, id, _)| id.clone()).collect();
        let read = calls.repeat(about, Patience::USUAL, || driver.read(&call, &ids)).await;
        paired(page, read.map_err(|failed| failed.fault)?)
    });
    let mut reads = stream::iter(reads).buffer_unordered(engine.options.parallel.max(1));
    while let Some(page) = reads.try_next().await? {
        done += page.len();
        live.extend(page);
        calls.tell(Event::Reading { done, total });
    }
    Ok(live)
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
    if needs.identity {
        facts.identity = Some(identity(engine, calls, &home(needs)).await?);
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

/// Where to ask whose account it is: any place of the stack will do.
fn home(needs: &Needs) -> Place {
    let places = needs.zones.iter().chain(needs.data.iter().map(|lookup| &lookup.place));
    let region = places.map(|place| place.region.clone()).next();
    Place { region: region.unwrap_or_else(|| "us-east-1".to_owned()), role_arn: None }
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
