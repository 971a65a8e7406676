//! In which order things are decided, and in which order they are done.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{algo::toposort, graph::DiGraph};

use super::world::World;
use crate::{
    base::{Address, Diagnostic, Diagnostics, ObjectId},
    engine::plan::{Action, After, Needs, Reason, Step},
    stack::{Resource, Stack},
};

/// The addresses a resource refers to.
pub(super) fn dependencies(resource: &Resource) -> BTreeSet<&Address> {
    let referred = resource.properties.waits_for().into_iter().map(|(address, _)| address);
    let when = resource.lifecycle.replace_when.iter().flat_map(|value| value.waits_for()).map(|(address, _)| address);
    referred.chain(when).chain(&resource.depends_on).filter(|address| **address != resource.address).collect()
}

/// The resources of the stack, each after everything it refers to.
pub(super) fn dependencies_first(stack: Option<&Stack>, world: &World<'_>) -> Result<Vec<Address>, Diagnostics> {
    super::select::check(world.request, world)?;
    let Some(stack) = stack else { return Ok(Vec::new()) };
    let mut graph = DiGraph::new();
    let nodes: BTreeMap<&Address, _> =
        stack.resources.keys().map(|address| (address, graph.add_node(address))).collect();
    for (address, resource) in &stack.resources {
        for needed in dependencies(resource) {
            if let Some(needed) = nodes.get(needed) {
                graph.add_edge(*needed, nodes[address], ());
            }
        }
    }
    match toposort(&graph, None) {
        Ok(order) => Ok(order.into_iter().map(|node| graph[node].clone()).collect()),
        Err(cycle) => {
            let message = format!("`{}` depends on itself", graph[cycle.node_id()]);
            Err(Diagnostics(vec![Diagnostic::error("cycle", message)]))
        }
    }
}

/// What refers to each object, by the state.
pub(super) fn dependents(world: &World<'_>) -> BTreeMap<ObjectId, Vec<ObjectId>> {
    let mut dependents: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (object, stored) in &world.objects {
        for need in &stored.needs {
            dependents.entry(need.clone()).or_default().push(object.clone());
        }
    }
    dependents
}

/// All steps in an order in which they could be done one by one, and how many of them come before the commit.
pub(super) fn arrange(world: &World<'_>) -> (Vec<Step>, usize) {
    let dependents = dependents(world);
    let mut steps: Vec<Step> = Vec::new();
    for step in world.steps.values().flatten() {
        let mut step = step.clone();
        step.after = after(world, &dependents, &step);
        steps.push(step);
    }
    sort(world, steps)
}

/// Whether a step only goes forward, and therefore waits for the commit.
fn is_after_commit(world: &World<'_>, step: &Step) -> bool {
    match step.action {
        Action::Delete => !world.delete_first.contains(&step.object),
        Action::Forget => !step.why.contains(&Reason::Missing),
        _ => false,
    }
}

/// What a step has to wait for.
fn after(world: &World<'_>, dependents: &BTreeMap<ObjectId, Vec<ObjectId>>, step: &Step) -> Vec<After> {
    let mut after = BTreeSet::new();
    let ready = |object: &ObjectId| After { object: object.clone(), needs: Needs::Ready };
    match &step.action {
        Action::Create { needs, .. }
        | Action::Update { needs, .. }
        | Action::Resume { needs, .. }
        | Action::Adopt { needs, .. }
        | Action::Accept { needs, .. } => {
            after.extend(
                needs
                    .iter()
                    .filter(|need| is_made(world, need))
                    .map(|need| After { object: need.clone(), needs: how_far(world, step, need) }),
            );
            after.extend(needs.iter().filter_map(|need| world.origins.get(need)).map(ready));
            after.extend(world.origins.get(&step.object).map(ready));
        }
        Action::Delete => {
            let deleted = dependents.get(&step.object).into_iter().flatten().filter(|dependent| {
                let steps = world.steps.get(dependent).map(Vec::as_slice).unwrap_or_default();
                steps.iter().any(|step| step.action == Action::Delete)
            });
            after.extend(deleted.map(ready));
            after.extend(world.origins.get(&step.object).map(ready));
        }
        Action::Forget | Action::Move { .. } => {}
    }
    if let Action::Create { replaces, .. } = &step.action {
        after.extend(replaces.iter().filter(|old| world.delete_first.contains(old)).map(ready));
        let former = step.object.address.generation(step.object.generation.saturating_sub(1));
        let is_forgotten = |steps: &Vec<Step>| steps.iter().any(|step| step.action == Action::Forget);
        after.extend(world.steps.get(&former).filter(|steps| is_forgotten(steps)).map(|_| ready(&former)));
    }
    if matches!(step.action, Action::Update { .. }) && follows_adopt(world, step) {
        after.insert(ready(&step.object));
    }
    after.into_iter().collect()
}

/// Whether an object has a step that makes, changes or takes it over.
fn is_made(world: &World<'_>, object: &ObjectId) -> bool {
    let steps = world.steps.get(object).map(Vec::as_slice).unwrap_or_default();
    steps.iter().any(|step| !matches!(step.action, Action::Delete | Action::Forget | Action::Move { .. }))
}

fn follows_adopt(world: &World<'_>, step: &Step) -> bool {
    let steps = world.steps.get(&step.object).map(Vec::as_slice).unwrap_or_default();
    steps.iter().any(|step| matches!(step.action, Action::Adopt { .. }))
}

/// A create may need no more than the id of what it refers to; everything else waits until it is ready.
fn how_far(world: &World<'_>, step: &Step, need: &ObjectId) -> Needs {
    let needed_type = world.steps.get(need).and_then(|steps| steps.first()).map(|step| step.type_name.as_str());
    let resource_type = world.request.catalogue.get(&step.type_name);
    let only_created = resource_type.zip(needed_type).is_some_and(|(resource_type, needed)| {
        resource_type.overlay.needs_only_created.iter().any(|name| name == needed)
    });
    match (only_created, &step.action) {
        (true, Action::Create { .. }) => Needs::Created,
        _ => Needs::Ready,
    }
}

/// Sorts by what each step waits for; among those that could come next, what precedes the commit comes first, then by
/// address, so that equal inputs give equal plans.
fn sort(world: &World<'_>, steps: Vec<Step>) -> (Vec<Step>, usize) {
    let mut positions: BTreeMap<&ObjectId, Vec<usize>> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        positions.entry(&step.object).or_default().push(index);
    }
    let mut open: Vec<usize> = vec![0; steps.len()];
    let mut opens: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, step) in steps.iter().enumerate() {
        for after in &step.after {
            let earlier = positions.get(&after.object).into_iter().flatten().copied();
            for before in
                earlier.filter(|before| *before != index && (*before < index || steps[*before].object != step.object))
            {
                open[index] += 1;
                opens[before].push(index);
            }
        }
    }
    let key = |index: usize| (is_after_commit(world, &steps[index]), index);
    let mut ready: BTreeSet<(bool, usize)> = (0..steps.len()).filter(|index| open[*index] == 0).map(key).collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some((_, index)) = ready.pop_first() {
        order.push(index);
        for next in &opens[index] {
            open[*next] -= 1;
            if open[*next] == 0 {
                ready.insert(key(*next));
            }
        }
    }
    let commit = order.iter().filter(|index| !is_after_commit(world, &steps[**index])).count();
    let mut slots: Vec<Option<Step>> = steps.into_iter().map(Some).collect();
    (order.into_iter().filter_map(|index| slots[index].take()).collect(), commit)
}
