//! The conformance suite over the simulated cloud: the types of the five systems by hand-written cases, all others by
//! documents made up from their schemas.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::{place, sim};
use crate::{
    base::{Doc, Path, PhysicalId, Segment, Value},
    catalogue::{Catalogue, ResourceType},
    driver::{
        conformance::{Case, check, make, remove},
        sim::Sim,
    },
};

/// A line of `cases.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(rename = "type")]
    type_name: String,
    properties: Map<String, Json>,
    #[serde(default)]
    update: Map<String, Json>,
}

impl Entry {
    fn case(&self, name: &str, known: &BTreeMap<String, Json>) -> Case {
        let want = Json::Object(self.properties.clone());
        let mut changed = self.properties.clone();
        for (key, value) in &self.update {
            changed.insert(key.clone(), value.clone());
        }
        changed.retain(|_, value| !value.is_null());
        let changed = resolve(&Json::Object(changed), known);
        Case {
            name: name.to_owned(),
            type_name: self.type_name.clone(),
            place: place(),
            want: Doc::from(resolve(&want, known)),
            updates: if self.update.is_empty() { vec![] } else { vec![Doc::from(changed)] },
        }
    }
}

/// Puts attributes in the place of `${name.Attribute}`.
fn resolve(value: &Json, known: &BTreeMap<String, Json>) -> Json {
    match value {
        Json::String(text) => match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
            Some(reference) => {
                let (name, path) = reference.split_once('.').unwrap();
                let path: Path = path.parse().unwrap();
                path.get(&known[name]).unwrap_or_else(|| panic!("{reference} is not known")).clone()
            }
            None => value.clone(),
        },
        Json::Array(items) => items.iter().map(|item| resolve(item, known)).collect(),
        Json::Object(map) => Json::Object(map.iter().map(|(key, item)| (key.clone(), resolve(item, known))).collect()),
        other => other.clone(),
    }
}

/// Runs every case, each with what earlier ones have left behind, and takes all that away again.
async fn run_cases(sim: &Sim) {
    let entries: Vec<Entry> = serde_yaml::from_str(include_str!("cases.yaml")).unwrap();
    let (mut known, mut kept): (BTreeMap<String, Json>, Vec<(Case, PhysicalId)>) = Default::default();
    let mut problems = Vec::new();
    for entry in &entries {
        if let Err(problem) = check(sim, &entry.case(&entry.name, &known)).await {
            problems.push(problem);
        }
        let case = entry.case(&format!("{}_kept", entry.name), &known);
        match make(sim, &case).await {
            Ok((id, live)) => {
                known.insert(entry.name.clone(), live.into_json());
                kept.push((case, id));
            }
            Err(problem) => panic!("{problem}, after {problems:#?}"),
        }
    }
    for (case, id) in kept.iter().rev() {
        if let Err(problem) = remove(sim, case, id).await {
            problems.push(problem);
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(sim.snapshot().0, [], "nothing is left");
}

#[tokio::test(start_paused = true)]
async fn every_type_of_the_five_systems_conforms() {
    run_cases(&sim()).await;
}

#[tokio::test(start_paused = true)]
async fn every_type_of_the_five_systems_conforms_when_reads_lag() {
    let sim = sim();
    sim.set_lag(std::time::Duration::from_secs(8));
    run_cases(&sim).await;
}

/// A value that a place takes, made up from its schema.
fn made_up(resource: &ResourceType, path: &Path, depth: usize) -> Option<Json> {
    let field = resource.field(path)?;
    if let Some(first) = field.enumeration.first() {
        return Some(first.clone());
    }
    let is = |kind: &str| field.kinds.is_empty() || field.kinds.iter().any(|other| other == kind);
    if is("string") {
        let texts = [
            "example-1",
            "abcdefghijklmnopqrstuvwxyz012345",
            "1",
            "arn:aws:sns:us-east-1:123456789012:a",
            "a@b.com",
            "https://example.com/",
            "/a",
            "10.0.0.0/16",
            "2026-01-01T00:00:00Z",
            "A",
            "rate(1 day)",
            "us-east-1",
            "{}",
        ];
        return texts.iter().find(|text| suits(resource, path, &json!(text))).map(|text| json!(text));
    }
    if is("boolean") {
        return Some(json!(true));
    }
    if is("integer") || is("number") {
        return [1, 10, 60, 100, 1000, 3600, 0, 20000]
            .iter()
            .map(|number| json!(number))
            .find(|value| suits(resource, path, value));
    }
    if depth == 0 {
        return None;
    }
    if is("array") {
        return Some(json!([made_up(resource, &path.join(Segment::Index(0)), depth - 1)?]));
    }
    let mut map = Map::new();
    for name in &field.properties {
        let below = path.join(Segment::Key(name.clone()));
        if resource.field(&below).is_some_and(|field| field.required) {
            map.insert(name.clone(), made_up(resource, &below, depth - 1)?);
        }
    }
    Some(Json::Object(map))
}

/// Whether the type's check has nothing to say against a value at this place itself.
fn suits(resource: &ResourceType, path: &Path, value: &Json) -> bool {
    let document = path.0.iter().rev().fold(value.clone(), |below, segment| match segment {
        Segment::Key(key) => json!({ key: below }),
        _ => json!([below]),
    });
    !resource.check(&Value::from(document)).iter().any(|problem| problem.path == *path)
}

/// A document with nothing but what is required and what the object is known by, which the engine gives; `None` if that
/// cannot be made up.
fn smallest(resource: &ResourceType) -> Option<Doc> {
    let mut map = Map::new();
    let is_required = |path: &Path| resource.field(path).is_some_and(|field| field.required);
    for name in resource.property_names().into_iter().filter(|name| is_required(&Path::key(*name))) {
        map.insert(name.to_owned(), made_up(resource, &Path::key(name), 6)?);
    }
    let mut document = Value::from(Json::Object(map));
    let name = resource.overlay.name.iter().map(|rule| Path::key(&rule.property));
    for path in name.chain(resource.overlay.collides_on.first().into_iter().flatten().cloned()) {
        document.put(&path.0, made_up(resource, &path, 6)?.into());
    }
    let is_allowed = resource.check(&document).is_empty();
    document.reveal().filter(|_| is_allowed).map(Doc::from)
}

#[tokio::test(start_paused = true)]
async fn most_types_of_the_catalogue_conform_by_their_schema_alone() {
    let catalogue = Catalogue::embedded();
    let (sim, mut conforming, mut made_up, mut problems) = (sim(), 0, 0, Vec::new());
    for name in catalogue.names() {
        let Some(want) = smallest(&catalogue.get(name).unwrap()) else { continue };
        made_up += 1;
        let case =
            Case { name: "made_up".to_owned(), type_name: name.to_owned(), place: place(), want, updates: vec![] };
        match check(&sim, &case).await {
            Ok(_) => conforming += 1,
            // A required reference to something that does not exist is refused, as it should be.
            Err(problem) if problem.contains("does not exist") && problem.contains("create:") => {}
            Err(problem) => problems.push(problem),
        }
    }
    println!("{made_up} documents made up, {conforming} conform");
    assert!(problems.is_empty(), "{} of {made_up}: {problems:#?}", problems.len());
    assert_eq!(sim.snapshot().0, [], "nothing is left");
    assert!(conforming > 1_000, "only {conforming} types were checked");
}
