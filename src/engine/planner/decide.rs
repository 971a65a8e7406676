//! What becomes of one resource of the stack: nothing, or which step and why.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    compare::{Against, Comparison},
    known::Attributes,
    naming,
    select::Selection,
    standing::{self, Standing},
    world::{Decision, World},
};
use crate::{
    base::{
        Address, Diagnostic, Diagnostics, ObjectId, Path, PhysicalId, Unknown, Value,
        diff::{Difference, Scope, diff},
        secret,
    },
    catalogue::ResourceType,
    engine::plan::{Action, Reason, Step, Undo},
    stack::{Resource, expr},
    state::{Deviation, Kept, Object},
};

/// Where `replace_when` is kept among the inputs: as values, so that what is unknown in them becomes known with the rest.
/// Keys that begin with `$` never reach a driver.
pub(in crate::engine) const REPLACE_WHEN: &str = "$replace_when";

/// A resource, as far as it is known now.
struct Wanted<'a> {
    resource: &'a Resource,
    resource_type: Arc<ResourceType>,
    want: BTreeMap<String, Value>,
    needs: BTreeSet<ObjectId>,
    kept: Kept,
    /// What was accepted and stays other than the file says.
    accepted: Vec<Deviation>,
}

/// What a comparison with an object has found.
struct Compared {
    /// Where it has to change.
    differences: Vec<(Difference, Reason)>,
    /// Whether something differs from what was applied although AWS already has it.
    is_recorded_anew: bool,
}

/// Decides about one resource; those it depends on have been decided.
pub(super) fn decide(world: &mut World<'_>, selection: &Selection, address: &Address) -> Result<(), Diagnostics> {
    let Some(resource) = world.resource(address) else { return Ok(()) };
    let current = world.current.get(address).cloned();
    if !selection.includes(address) {
        if let Some(object) = current {
            world.decisions.insert(address.clone(), Decision { object, is_new: false, replaces: None });
        }
        return Ok(());
    }
    let wanted = wanted(world, resource)?;
    match current {
        Some(object) => existing(world, wanted, &object)?,
        None => absent(world, wanted)?,
    }
    Ok(())
}

fn wanted<'a>(world: &World<'a>, resource: &'a Resource) -> Result<Wanted<'a>, Diagnostics> {
    let known = Attributes::new(world);
    let resolve = |value: &Value| {
        expr::resolve(value, &known).map_err(|problem| {
            let message = format!("`{}` cannot be evaluated: {problem}", resource.address);
            let error = Diagnostic::error("evaluation", message);
            Diagnostics(vec![match resource.span {
                Some(span) => error.at(span, "this resource"),
                None => error,
            }])
        })
    };
    let mut want = match resolve(&resource.properties)? {
        Value::Map(map) => map,
        _ => BTreeMap::new(),
    };
    want.retain(|_, value| *value != Value::Null);
    if !resource.lifecycle.replace_when.is_empty() {
        let values = resource.lifecycle.replace_when.iter().map(resolve).collect::<Result<_, _>>()?;
        want.insert(REPLACE_WHEN.to_owned(), Value::List(values));
    }
    let lifecycle = &resource.lifecycle;
    Ok(Wanted {
        resource,
        resource_type: world.resource_type(&resource.type_name)?,
        want,
        needs: needs(world, resource),
        kept: Kept {
            protect: lifecycle.protect,
            retain: lifecycle.retain,
            snapshot_on_delete: lifecycle.snapshot_on_delete,
        },
        accepted: Vec::new(),
    })
}

/// The objects that a resource is made from.
fn needs(world: &World<'_>, resource: &Resource) -> BTreeSet<ObjectId> {
    super::order::dependencies(resource)
        .into_iter()
        .filter_map(|address| world.decisions.get(address).map(|decision| decision.object.clone()))
        .collect()
}

/// Nothing is there yet: import or create.
fn absent(world: &mut World<'_>, wanted: Wanted<'_>) -> Result<(), Diagnostics> {
    let address = &wanted.resource.address;
    let object = address.generation(1);
    let import = world.request.stack.and_then(|stack| stack.imports.iter().find(|import| import.to == *address));
    let Some(import) = import else {
        create(world, wanted, object, vec![Reason::New], None);
        return Ok(());
    };
    if matches!(world.live(&object), Some(None)) {
        let message = format!("there is no {} `{}` to import as `{address}`", wanted.resource.type_name, import.id);
        let error = Diagnostic::error("missing-import", message)
            .help("check the id, the region and the account; or leave the import out, and it is created");
        return Err(Diagnostics(vec![match import.span.or(wanted.resource.span) {
            Some(span) => error.at(span, ""),
            None => error,
        }]));
    }
    adopt(world, wanted, &object, PhysicalId(import.id.clone()));
    Ok(())
}

fn adopt(world: &mut World<'_>, wanted: Wanted<'_>, object: &ObjectId, id: PhysicalId) {
    let Wanted { resource, resource_type, want, needs, kept, accepted } = wanted;
    let differences = match world.live(object) {
        Some(Some(doc)) => {
            let live = Json::Object(doc.0.clone());
            let comparison = Comparison { resource_type: &resource_type, seal: &world.seal, against: Against::Live };
            diff(&Value::Map(want.clone()), &live, Scope::Wanted, &comparison)
        }
        _ => Vec::new(),
    };
    let action = Action::Adopt { id, want: Value::Map(want.clone()), needs: needs.clone(), kept };
    let step = Step { action, ..world.step(object, vec![Reason::Declared]) };
    world.push(step);
    world
        .decisions
        .insert(resource.address.clone(), Decision { object: object.clone(), is_new: false, replaces: None });
    if !differences.is_empty() {
        let why = differences.iter().map(|d| Reason::Changed { path: d.path.clone() }).collect();
        let wanted = Wanted { resource, resource_type, want, needs, kept, accepted };
        update(world, wanted, object, differences, why);
    }
}

fn create(
    world: &mut World<'_>,
    mut wanted: Wanted<'_>,
    object: ObjectId,
    why: Vec<Reason>,
    replaces: Option<ObjectId>,
) {
    let overlay = &wanted.resource_type.overlay;
    if let Some(rule) = &overlay.name
        && !wanted.want.contains_key(&rule.property)
    {
        wanted.want.insert(rule.property.clone(), Value::text(naming::name(world.request.state, &object, rule)));
    }
    let step = Step {
        action: Action::Create {
            want: Value::Map(wanted.want),
            needs: wanted.needs,
            kept: wanted.kept,
            replaces: replaces.clone(),
        },
        undo: Undo::Delete { residue: overlay.residue.clone() },
        usual: overlay.usual_create,
        ..world.step(&object, why)
    };
    world.push(step);
    world.decisions.insert(wanted.resource.address.clone(), Decision { object, is_new: true, replaces });
}

/// Something is there: compare.
fn existing(world: &mut World<'_>, mut wanted: Wanted<'_>, object: &ObjectId) -> Result<(), Diagnostics> {
    let Some(stored) = world.objects.get(object).cloned() else { return Ok(()) };
    let next = object.address.generation(object.generation.saturating_add(1));
    if stored.id.is_none() {
        let why = Reason::Broken { why: "its creation was cut off; it is looked up before anything else".to_owned() };
        create(world, wanted, next, vec![why], None);
        return Ok(());
    }
    if matches!(world.live(object), Some(None)) {
        let forget = Step { action: Action::Forget, ..world.step(object, vec![Reason::Missing]) };
        world.push(forget);
        create(world, wanted, next, vec![Reason::Missing], None);
        return Ok(());
    }
    if let Some(broken) = stored.broken.as_ref().filter(|broken| broken.failed) {
        let why = vec![Reason::Broken { why: broken.why.clone() }];
        create(world, wanted, next, why, Some(object.clone()));
        return Ok(());
    }
    keep_made_up_name(&mut wanted, &stored);
    keep_ignored(world, &mut wanted, object);
    let standing = standing::standing(world, &wanted.resource_type, &wanted.want, object);
    let compared = compare(world, &wanted, &standing.want, object, &stored);
    note(world, &wanted, object, &standing, &compared);
    let replacing = replacing(&wanted, &compared.differences);
    if !replacing.is_empty() {
        forget_made_up_name(&mut wanted);
        create(world, wanted, next, replacing, Some(object.clone()));
        return Ok(());
    }
    let decision = Decision { object: object.clone(), is_new: false, replaces: None };
    world.decisions.insert(object.address.clone(), decision);
    in_place(world, wanted, (object, &stored), standing, compared)
}

/// Puts down what somebody else has changed, what was accepted of it, and what of that a replacement loses.
fn note(world: &mut World<'_>, wanted: &Wanted<'_>, object: &ObjectId, standing: &Standing, compared: &Compared) {
    let drifted = compared.differences.iter().filter_map(|(_, reason)| match reason {
        Reason::Drifted { path } => Some(path),
        _ => None,
    });
    let drifted = standing::deviations(world, &wanted.resource_type, &wanted.want, object, drifted);
    if !drifted.is_empty() {
        world.drifted.insert(object.clone(), drifted);
    }
    if !standing.accepted.is_empty() {
        if !replacing(wanted, &compared.differences).is_empty() {
            let paths = standing.accepted.iter().map(|deviation| format!("`{}`", deviation.path));
            let paths = paths.collect::<Vec<_>>().join(", ");
            world.warnings.push(format!(
                "what was accepted of `{}` ({paths}) ends with the object: the new one is made as the file says",
                object.address
            ));
        }
        world.accepted.insert(object.clone(), standing.accepted.clone());
    }
}

/// The object can stay: what has to be done to it, or only to the record of it.
fn in_place(
    world: &mut World<'_>,
    mut wanted: Wanted<'_>,
    object: (&ObjectId, &Object),
    standing: Standing,
    compared: Compared,
) -> Result<(), Diagnostics> {
    let (object, stored) = object;
    let Compared { differences, is_recorded_anew } = compared;
    wanted.accepted = standing.accepted;
    if !differences.is_empty() {
        if let Some(path) = standing.unread {
            return Err(unread(&wanted, &path));
        }
        wanted.want = standing.want;
        let (differences, why) = differences.into_iter().unzip();
        update(world, wanted, object, differences, why);
    } else if let Some(broken) = stored.broken.as_ref() {
        let why = vec![Reason::Broken { why: broken.why.clone() }];
        let usual = wanted.resource_type.overlay.usual_create;
        let Wanted { needs, kept, accepted, .. } = wanted;
        let action = Action::Resume { want: Value::Map(standing.want), needs, kept, accepted };
        let step = Step { action, undo: Undo::Record, usual, ..world.step(object, why) };
        world.push(step);
    } else if is_recorded_anew
        || (&stored.kept, &stored.needs, &stored.accepted) != (&wanted.kept, &wanted.needs, &wanted.accepted)
    {
        let record = world.seal.seal(&Value::Map(wanted.want), &wanted.resource_type.secrets);
        let mut why = standing.lapsed.into_iter().map(|path| Reason::Lapsed { path }).collect::<Vec<_>>();
        if stored.kept != wanted.kept {
            why.push(Reason::Lifecycle);
        } else if why.is_empty() {
            why.push(if is_recorded_anew { Reason::Present } else { Reason::Needs });
        }
        let action = Action::Accept { record, needs: wanted.needs, kept: wanted.kept, accepted: wanted.accepted };
        let step = Step { action, ..world.step(object, why) };
        world.push(step);
    }
    Ok(())
}

/// An update has to carry what was accepted, and of this only a digest is known.
fn unread(wanted: &Wanted<'_>, path: &Path) -> Diagnostics {
    let address = &wanted.resource.address;
    let message = format!(
        "`{path}` of `{address}` was accepted and may be secret, so its value is not kept; without reading it `{address}` cannot be updated"
    );
    let error = Diagnostic::error("unread-acceptance", message).help("leave out `--no-refresh`");
    Diagnostics(vec![match wanted.resource.span {
        Some(span) => error.at(span, "would be updated"),
        None => error,
    }])
}

/// A name that the engine made up stays as long as the object does.
fn keep_made_up_name(wanted: &mut Wanted<'_>, stored: &Object) {
    let Some(rule) = &wanted.resource_type.overlay.name else { return };
    if let Some(name) = stored.inputs.get(&rule.property)
        && !wanted.want.contains_key(&rule.property)
        && !name.is_null()
    {
        wanted.want.insert(rule.property.clone(), name.clone().into());
    }
}

/// A replacement gets a name of its own, unless the stack gives one.
fn forget_made_up_name(wanted: &mut Wanted<'_>) {
    let Some(rule) = &wanted.resource_type.overlay.name else { return };
    let given = match &wanted.resource.properties {
        Value::Map(map) => map.get(&rule.property).is_some_and(|value| *value != Value::Null),
        _ => false,
    };
    if !given {
        wanted.want.remove(&rule.property);
    }
}

/// What nobody cares about stays as it is: the whole top-level property, if it is ignored as a whole.
fn keep_ignored(world: &World<'_>, wanted: &mut Wanted<'_>, object: &ObjectId) {
    let seen = world.seen(object);
    for path in &wanted.resource.lifecycle.ignore_changes {
        let [crate::base::Segment::Key(property)] = path.0.as_slice() else { continue };
        match seen.get(property).filter(|value| !secret::is_sealed(value)) {
            Some(value) => wanted.want.insert(property.clone(), value.clone().into()),
            None => wanted.want.remove(property),
        };
    }
}

/// Where the wanted resource differs from the object, each with its reason. What was applied is compared with the file;
/// what is live, with what should be there.
fn compare(
    world: &World<'_>,
    wanted: &Wanted<'_>,
    should: &BTreeMap<String, Value>,
    object: &ObjectId,
    stored: &Object,
) -> Compared {
    let want = Value::Map(wanted.want.clone());
    let comparison = |against| Comparison { resource_type: &wanted.resource_type, seal: &world.seal, against };
    let lifecycle = &wanted.resource.lifecycle;
    let is_in = |paths: &[Path], path: &Path| paths.iter().any(|ignored| ignored.covers(path));
    let is_cared_for = |difference: &Difference| !is_in(&lifecycle.ignore_changes, &difference.path);
    let applied: Vec<_> = diff(&want, &stored.inputs, Scope::Both, &comparison(Against::Applied))
        .into_iter()
        .filter(is_cared_for)
        .collect();
    let Some(Some(live)) = world.live(object) else {
        let (new, applied): (Vec<_>, Vec<_>) = applied.into_iter().partition(is_new_condition);
        let reason = |d: Difference| (d.clone(), changed(world, &wanted.resource_type, d));
        return Compared { differences: applied.into_iter().map(reason).collect(), is_recorded_anew: !new.is_empty() };
    };
    let should = Value::Map(should.clone());
    let live = Json::Object(live.0.clone());
    let mut found: BTreeMap<Path, (Difference, Reason)> = BTreeMap::new();
    for difference in diff(&should, &live, Scope::Wanted, &comparison(Against::Live)).into_iter().filter(is_cared_for) {
        if difference.path.property().is_some_and(|property| property.starts_with('$')) {
            continue;
        }
        let is_change = applied.iter().any(|other| other.path.overlaps(&difference.path));
        let reason = match is_change {
            true => changed(world, &wanted.resource_type, difference.clone()),
            false if is_in(&lifecycle.ignore_drift, &difference.path) => continue,
            false => Reason::Drifted { path: difference.path.clone() },
        };
        found.insert(difference.path.clone(), (difference, reason));
    }
    let mut is_recorded_anew = false;
    for difference in applied {
        if found.keys().any(|path| path.overlaps(&difference.path)) {
            continue;
        }
        if is_new_condition(&difference) || aws_has_it(&wanted.resource_type, &difference, &live) {
            is_recorded_anew = true;
        } else {
            let reason = changed(world, &wanted.resource_type, difference.clone());
            found.insert(difference.path.clone(), (difference, reason));
        }
    }
    Compared { differences: found.into_values().collect(), is_recorded_anew }
}

/// A condition for replacement that was not there before, or is not there any more, has no former value to differ from.
fn is_new_condition(difference: &Difference) -> bool {
    difference.path.property() == Some(REPLACE_WHEN) && (difference.before.is_none() || difference.after.is_none())
}

/// Whether a difference from what was applied needs no call, because AWS already says the same.
fn aws_has_it(resource_type: &ResourceType, difference: &Difference, live: &Json) -> bool {
    let is_readable = !resource_type.is_write_only(&difference.path)
        && !difference.path.property().is_some_and(|property| property.starts_with('$'));
    match &difference.after {
        Some(after) => is_readable && !after.is_looked_up() && after.is_known(),
        None => match difference.path.get(live) {
            None | Some(Json::Null) => is_readable,
            Some(live) => {
                let default = resource_type.field(&difference.path).and_then(|field| field.default);
                default.is_some_and(|default| resource_type.same(&difference.path, &default, live))
            }
        },
    }
}

/// The reason for a difference that comes from the file.
fn changed(world: &World<'_>, resource_type: &ResourceType, difference: Difference) -> Reason {
    let path = difference.path;
    if path.property() == Some(REPLACE_WHEN) {
        return Reason::ReplaceWhen;
    }
    let follows = difference.after.as_ref().and_then(|after| {
        let mut first = None;
        after.visit_unknowns(&mut |unknown| {
            if let (Unknown::Attribute { address, .. }, None) = (unknown, &first) {
                first = Some(address.clone());
            }
        });
        first
    });
    // What the stack refers to only now is no replacement of what it referred to before.
    match follows.filter(|address| world.exists(address)) {
        Some(address) => Reason::Follows { address, path },
        None if resource_type.replaces(&path) => Reason::Immutable { path },
        None => Reason::Changed { path },
    }
}

/// The reasons for a replacement; none if the object can stay. Of what somebody else has changed, that they did is one more.
fn replacing(wanted: &Wanted<'_>, differences: &[(Difference, Reason)]) -> Vec<Reason> {
    let replaces = |(difference, reason): &&(Difference, Reason)| {
        *reason == Reason::ReplaceWhen || wanted.resource_type.replaces(&difference.path)
    };
    let reasons = |(_, reason): &(Difference, Reason)| match reason {
        Reason::Drifted { path } => vec![Reason::Immutable { path: path.clone() }, reason.clone()],
        Reason::Changed { path } => vec![Reason::Immutable { path: path.clone() }],
        _ => vec![reason.clone()],
    };
    differences.iter().filter(replaces).flat_map(reasons).collect()
}

fn update(
    world: &mut World<'_>,
    wanted: Wanted<'_>,
    object: &ObjectId,
    differences: Vec<Difference>,
    why: Vec<Reason>,
) {
    let Wanted { resource_type, want, needs, kept, accepted, .. } = wanted;
    let want = Value::Map(want);
    let sensitive = secret::sensitive_paths(&want);
    let hidden = sensitive.iter().chain(&resource_type.write_only).cloned().collect::<Vec<_>>();
    let before = world.seal.seal_document(&world.seen(object), &hidden);
    // What AWS does not report is in the record, unless it is or may be a secret.
    let record = world.objects.get(object).map(|stored| &stored.inputs);
    let lost = differences.iter().find(|difference| {
        let kept = record.and_then(|record| difference.path.get(record));
        let has_gaps = |known: &Json| secret::is_sealed(known) || secret::without_sealed(known) != *known;
        difference.before.iter().chain(kept).any(has_gaps)
    });
    let undo = match lost {
        Some(lost) => Undo::Never { why: format!("the former value of `{}` is kept as a digest only", lost.path) },
        None => Undo::Restore,
    };
    let paths = differences.into_iter().map(|difference| difference.path).collect();
    let usual = resource_type.overlay.usual_update;
    let action = Action::Update { want, before, paths, needs, kept, record: None, accepted };
    let step = Step { action, undo, usual, ..world.step(object, why) };
    world.push(step);
}
