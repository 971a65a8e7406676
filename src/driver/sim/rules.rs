//! What AWS does when it is asked to make, change, remove or find something: the strict part of the simulated cloud.

use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::{
    attributes::Birth,
    idempotency::{Class, class},
    object::{Location, Object, Phase},
    references::references,
    world::{World, natural_keys},
};
use crate::{
    base::{Doc, Path, PhysicalId, Segment, Value},
    catalogue::ResourceType,
    driver::{Call, Change, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// What takes longer than this is answered before it is finished.
const ASYNCHRONOUS: Duration = Duration::from_secs(10);

/// A call, the type it is about, and what has been decided about its end.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub resource: &'a ResourceType,
    pub call: &'a Call,
    /// `ec2:CreateVPC`
    pub operation: &'a str,
    pub now: Duration,
    pub fate: Fate,
}

/// How what a call begins will end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Well,
    /// Never, until it is healed.
    Never,
    /// Failed.
    Failed,
}

impl Request<'_> {
    fn location(&self) -> Location {
        Location::of(&self.call.place, &self.resource.name)
    }

    fn fault(&self, kind: FaultKind, code: &str, message: impl Into<String>) -> Fault {
        Fault { code: Some(code.to_owned()), ..Fault::new(kind, self.operation, message) }
    }

    fn kind(&self) -> &str {
        self.resource.name.rsplit("::").next().unwrap_or_default()
    }

    /// `None` if it is finished at once.
    fn end(&self, usual: Duration) -> Option<Option<Duration>> {
        match self.fate {
            Fate::Never => Some(None),
            _ => (usual > ASYNCHRONOUS).then_some(Some(self.now + usual)),
        }
    }

    fn progress(&self, object: &Object) -> Progress<Made> {
        let made = object.made(self.now);
        match object.phase(self.now) {
            Phase::Creating { .. } | Phase::Modifying { .. } | Phase::Deleting { .. } => {
                Progress::Pending { so_far: made, note: object.status(self.now).to_owned() }
            }
            _ => Progress::Done(made),
        }
    }

    fn failed(&self, object: &Object) -> Fault {
        let message = format!("{} has failed and is in state `failed`", object.id);
        self.fault(FaultKind::Other, "ResourceFailed", message).with_made(object.made(self.now))
    }

    fn validate(&self, properties: &Map<String, Json>) -> Result<()> {
        let problems = self.resource.check(&Value::from(Json::Object(properties.clone())));
        let Some(first) = problems.first() else { return Ok(()) };
        let more = if problems.len() > 1 { format!(" (and {} more)", problems.len() - 1) } else { String::new() };
        let message = format!("`{}`: {}{more}", first.path, first.message);
        Err(self.fault(FaultKind::Invalid, "ValidationError", message))
    }
}

impl World {
    /// Makes an object.
    ///
    /// # Errors
    /// Whatever AWS would refuse.
    pub fn create(&mut self, request: &Request<'_>, want: &Doc) -> Result<Progress<Made>> {
        let class = class(request.resource);
        if let Some(answer) = self.repeated(request, want, class)? {
            return Ok(answer);
        }
        request.validate(&want.0)?;
        self.check_references(request, None, &want.0)?;
        if let Some(existing) = self.colliding(request, None, &want.0) {
            return self.collided(request, &existing, want, class);
        }
        let object = self.born(request, want);
        if let Some(existing) = self.find(&object.type_name, &object.location, &object.id) {
            return Err(taken(request, existing));
        }
        let answer = request.progress(&object);
        let failed = (object.phase(request.now) == Phase::Failed).then(|| request.failed(&object));
        self.put(request.resource, object, request.now)?;
        failed.map_or(Ok(answer), Err)
    }

    /// The answer to a token that was seen before; `None` if it is new or the type knows no tokens.
    fn repeated(&self, request: &Request<'_>, want: &Doc, class: Class) -> Result<Option<Progress<Made>>> {
        let token = (request.resource.name.clone(), request.call.token().0.clone());
        let numbers = self.tokens.get(&token).filter(|_| matches!(class, Class::Token | Class::TokenRefused));
        let location = request.location();
        let mut objects = numbers.into_iter().flatten().filter_map(|number| self.objects.get(number));
        let Some(object) = objects.find(|object| object.location == location) else { return Ok(None) };
        let mismatch = |message: String| Err(request.fault(FaultKind::Invalid, "IdempotentParameterMismatch", message));
        match () {
            () if object.phase(request.now) == Phase::Gone => {
                mismatch(format!("the token was used for {}, which is deleted", object.id))
            }
            () if object.properties != want.0 => {
                mismatch(format!("the token was used for {} with other parameters", object.id))
            }
            () if class == Class::TokenRefused => Err(taken(request, object)),
            () if object.phase(request.now) == Phase::Failed => Err(request.failed(object)),
            () => Ok(Some(request.progress(object))),
        }
    }

    fn born(&mut self, request: &Request<'_>, want: &Doc) -> Object {
        let (location, number) = (request.location(), self.next_number());
        let region = &request.call.place.region;
        let birth = Birth { resource: request.resource, properties: &want.0, location: &location, region, number };
        let attributes = birth.attributes();
        let (id, defaults) = (birth.id(&attributes), birth.defaults());
        let fails = request.fate == Fate::Failed;
        let phase = match request.end(request.resource.overlay.usual_create) {
            Some(until) => Phase::Creating { until, fails },
            None if fails => Phase::Failed,
            None => Phase::Ready,
        };
        Object {
            number,
            type_name: request.resource.name.clone(),
            id,
            properties: want.0.clone(),
            defaults,
            attributes,
            owner: Some(request.call.owner.clone()),
            phase,
            is_native: false,
            previous: self.previous(request.resource, None, request.now),
            location,
        }
    }

    /// What has the natural key of `properties` already.
    fn colliding(&self, request: &Request<'_>, own: Option<u64>, properties: &Map<String, Json>) -> Option<Object> {
        let keys = natural_keys(request.resource, &request.location(), properties);
        let mut numbers = keys.iter().filter_map(|key| self.natural.get(key)).filter(|number| Some(**number) != own);
        numbers.find_map(|number| self.live(*number)).cloned()
    }

    /// What a create would take over.
    pub fn taken_over(&self, request: &Request<'_>, want: &Doc) -> Option<PhysicalId> {
        let existing = self.colliding(request, None, &want.0)?;
        let is_leaving = matches!(existing.phase(request.now), Phase::Deleting { .. });
        (!is_leaving).then_some(PhysicalId(existing.id))
    }

    fn collided(
        &mut self,
        request: &Request<'_>,
        existing: &Object,
        want: &Doc,
        class: Class,
    ) -> Result<Progress<Made>> {
        let is_leaving = matches!(existing.phase(request.now), Phase::Deleting { .. });
        match class {
            Class::NameIdentical if !is_leaving && existing.properties == want.0 => Ok(request.progress(existing)),
            Class::Put if !is_leaving => {
                let mut taken_over = existing.clone();
                taken_over.properties.clone_from(&want.0);
                let answer = request.progress(&taken_over);
                self.put(request.resource, taken_over, request.now)?;
                Ok(answer)
            }
            _ => Err(taken(request, existing)),
        }
    }

    /// Everything that a document refers to exists and, unless *created* is enough, is ready.
    fn check_references(
        &mut self,
        request: &Request<'_>,
        own: Option<u64>,
        properties: &Map<String, Json>,
    ) -> Result<()> {
        let document = Json::Object(properties.clone());
        let found = references(self, request.resource, &request.location(), &document);
        if let Some(missing) = found.missing.first() {
            let kind = missing.type_name.rsplit("::").next().unwrap_or_default();
            let code = match missing.type_name.starts_with("AWS::EC2::") {
                true => format!("Invalid{kind}ID.NotFound"),
                false => "ResourceNotFoundException".to_owned(),
            };
            let message = format!("the {kind} `{}` at `{}` does not exist", missing.value, missing.path);
            return Err(request.fault(FaultKind::Invalid, &code, message));
        }
        if let Some((code, message)) = self.network_problem(&request.resource.name, properties) {
            return Err(request.fault(FaultKind::Invalid, code, message));
        }
        let old = own.and_then(|number| self.targets.get(&number)).cloned().unwrap_or_default();
        let is_enough = |target: &Object| request.resource.overlay.needs_only_created.contains(&target.type_name);
        let unready = found.targets.difference(&old).filter_map(|number| self.live(*number)).find(|target| {
            matches!(target.phase(request.now), Phase::Creating { .. } | Phase::Failed) && !is_enough(target)
        });
        let Some(target) = unready.filter(|target| Some(target.number) != own) else { return Ok(()) };
        let message = format!("{} is in state `{}`", target.id, target.status(request.now));
        Err(request.fault(FaultKind::NotReady, "IncorrectState", message))
    }

    /// How an object comes along.
    ///
    /// # Errors
    /// It is gone, or it ended failed.
    pub fn poll(&self, request: &Request<'_>, id: &PhysicalId) -> Result<Progress<Made>> {
        let object = self.existing(request, id)?;
        match (object.phase(request.now), &object.phase) {
            (Phase::Gone, _) => Err(gone(request, id)),
            (Phase::Failed, _) | (Phase::Ready, Phase::Modifying { fails: true, .. }) => Err(request.failed(object)),
            _ => Ok(request.progress(object)),
        }
    }

    /// Live properties and attributes.
    pub fn read(&self, request: &Request<'_>, ids: &[PhysicalId]) -> Vec<Option<Doc>> {
        let (resource, location) = (request.resource, request.location());
        let by_id = |id: &PhysicalId| {
            let numbers = self.ids.get(&(resource.name.clone(), id.0.clone()))?;
            let mut objects = numbers.iter().rev().filter_map(|number| self.objects.get(number));
            objects
                .find(|object| object.location == location)
                .and_then(|object| self.seen(resource, object, request.now))
        };
        ids.iter().map(by_id).collect()
    }

    /// Changes an object.
    ///
    /// # Errors
    /// Whatever AWS would refuse.
    pub fn update(&mut self, request: &Request<'_>, change: &Change) -> Result<Progress<Made>> {
        let mut object = self.existing(request, &change.id)?.clone();
        if object.phase(request.now) != Phase::Ready {
            let message = format!("{} is in state `{}`", object.id, object.status(request.now));
            return Err(request.fault(FaultKind::NotReady, "IncorrectState", message));
        }
        let fixed = |path: &&Path| request.resource.create_only.iter().any(|pattern| pattern.covers(path));
        if let Some(path) = change.paths.iter().find(fixed) {
            let message = format!("`{path}` of {} cannot be changed, only given at creation", object.id);
            return Err(request.fault(FaultKind::Invalid, "NotUpdatable", message));
        }
        object.previous = self.previous(request.resource, Some(&object), request.now);
        apply(&mut object.properties, change);
        request.validate(&object.properties)?;
        self.check_references(request, Some(object.number), &object.properties)?;
        if let Some(existing) = self.colliding(request, Some(object.number), &object.properties) {
            return Err(taken(request, &existing));
        }
        let fails = request.fate == Fate::Failed;
        object.defaults.retain(|key, _| !object.properties.contains_key(key));
        object.phase = match request.end(request.resource.overlay.usual_update) {
            Some(until) => Phase::Modifying { until, fails },
            None => Phase::Ready,
        };
        let answer = request.progress(&object);
        let failed = (fails && object.phase == Phase::Ready).then(|| request.failed(&object));
        self.put(request.resource, object, request.now)?;
        failed.map_or(Ok(answer), Err)
    }

    /// Removes an object.
    ///
    /// # Errors
    /// Something still uses it, or it is being changed.
    pub fn delete(&mut self, request: &Request<'_>, id: &PhysicalId, want: &Removal) -> Result<Progress<()>> {
        let Ok(object) = self.existing(request, id) else { return Ok(Progress::Done(())) };
        let pending = || Progress::Pending { so_far: (), note: "deleting".to_owned() };
        let mut object = object.clone();
        match object.phase(request.now) {
            Phase::Gone => return Ok(Progress::Done(())),
            Phase::Deleting { .. } => return Ok(pending()),
            Phase::Modifying { .. } => {
                let message = format!("{} is in state `modifying`", object.id);
                return Err(request.fault(FaultKind::NotReady, "IncorrectState", message));
            }
            _ => {}
        }
        let blockers = self.blockers(&object);
        if !blockers.is_empty() {
            let message = format!("{} is still used by {}", object.id, blockers.join(", "));
            return Err(Fault { blockers, ..request.fault(FaultKind::InUse, "DependencyViolation", message) });
        }
        let guard = request.resource.overlay.guarded_by.as_ref();
        if let Some(guard) = guard.filter(|guard| guard.lifted(&Doc(object.properties.clone())).is_some()) {
            let message = format!("{} cannot be deleted while its {} is on", object.id, guard.property);
            return Err(request.fault(FaultKind::Invalid, "InvalidParameterCombination", message));
        }
        if request.fate == Fate::Failed {
            return Err(request.fault(FaultKind::Other, "DeleteFailed", format!("{} could not be deleted", object.id)));
        }
        if let Some(name) = want.final_snapshot.as_ref().filter(|_| request.resource.overlay.can_snapshot)
            && !self.take_snapshot(name, request.now)?
        {
            let message = format!("the snapshot `{name}` already exists");
            return Err(request.fault(FaultKind::AlreadyExists, "SnapshotAlreadyExists", message));
        }
        object.previous = self.previous(request.resource, Some(&object), request.now);
        let end = request.end(request.resource.overlay.usual_delete);
        object.phase = end.map_or(Phase::Gone, |until| Phase::Deleting { until });
        self.put(request.resource, object, request.now)?;
        Ok(if end.is_some() { pending() } else { Progress::Done(()) })
    }

    /// What still uses an object, in words.
    fn blockers(&self, object: &Object) -> Vec<String> {
        let mut numbers = self.referrers.get(&object.number).cloned().unwrap_or_default();
        numbers.extend(self.public_users(object));
        let users = numbers.into_iter().filter_map(|user| self.live(user));
        users.map(|user| format!("{} ({})", user.id, user.type_name)).collect()
    }

    /// What the intent of a call has made, as AWS lets one see it: by token, by name, or by owner tags.
    pub fn made_by(&self, request: &Request<'_>, want: &Doc) -> Vec<PhysicalId> {
        let (resource, location) = (request.resource, request.location());
        let is_seen =
            |object: &&Object| object.location == location && self.seen(resource, object, request.now).is_some();
        let token = (resource.name.clone(), request.call.token().0.clone());
        let numbers = self.tokens.get(&token).into_iter().flatten();
        let mut found: Vec<_> = numbers.filter_map(|number| self.objects.get(number)).filter(is_seen).collect();
        if found.is_empty() && resource.tagging.is_none() {
            // Nothing on it says whose it is: what has the name is all that AWS can tell.
            let keys = natural_keys(resource, &location, &want.0);
            found = keys.iter().filter_map(|key| self.live(*self.natural.get(key)?)).filter(is_seen).collect();
            found.dedup_by_key(|object| object.number);
        }
        found.into_iter().map(|object| PhysicalId(object.id.clone())).collect()
    }

    fn existing(&self, request: &Request<'_>, id: &PhysicalId) -> Result<&Object> {
        self.find(&request.resource.name, &request.location(), &id.0).ok_or_else(|| gone(request, id))
    }
}

fn gone(request: &Request<'_>, id: &PhysicalId) -> Fault {
    request.fault(
        FaultKind::NotFound,
        "ResourceNotFoundException",
        format!("the {} `{id}` does not exist", request.kind()),
    )
}

fn taken(request: &Request<'_>, existing: &Object) -> Fault {
    let kind = request.kind();
    let code = match request.resource.name.split("::").nth(1).unwrap_or_default() {
        "IAM" => "EntityAlreadyExists".to_owned(),
        "RDS" => format!("{kind}AlreadyExistsFault"),
        "EC2" => format!("Invalid{kind}.Duplicate"),
        "Logs" => "ResourceAlreadyExistsException".to_owned(),
        "SecretsManager" => "ResourceExistsException".to_owned(),
        _ => format!("{kind}AlreadyExists"),
    };
    request.fault(FaultKind::AlreadyExists, &code, format!("the {kind} `{}` already exists", existing.id))
}

/// Sets what changes, property by property, and takes away what is no longer wanted.
fn apply(properties: &mut Map<String, Json>, change: &Change) {
    for path in &change.paths {
        let Some(Segment::Key(property)) = path.0.first() else { continue };
        match change.want.get(property) {
            Some(value) => properties.insert(property.clone(), value.clone()),
            None => properties.remove(property),
        };
    }
}
