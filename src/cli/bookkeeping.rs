//! Plans that change only what is remembered: `state mv`, `state rm` and `drift --accept`. They are carried out by the same executor as any
//! other plan, so that they are journaled and can be undone like it.

use std::{collections::BTreeMap, time::Duration};

use super::{change::objects_at, error::CommandError};
use crate::{
    base::{Address, ObjectId, Part},
    engine::{
        accept::accept,
        plan::{Action, Plan, Reason, Step, Undo, VERSION},
    },
    state::{Command, State},
};

/// Gives the objects of `from` the place of `to`.
///
/// # Errors
/// There is nothing at `from`, or something at `to`.
pub fn moves(state: &State, from: &Part, to: &Part) -> Result<Plan, CommandError> {
    let objects = objects_at(state, from)?;
    if from.is_module() != to.is_module() {
        return Err(CommandError::input(format!("`{from}` cannot become `{to}`"))
            .hint("a module becomes a module, and a resource a resource"));
    }
    let moved = |object: ObjectId| from.moved(to, &object.address).map(|address| (object, address));
    let steps = objects.into_iter().filter_map(moved).map(|(object, address)| {
        let new = address.generation(object.generation);
        if state.newest(&new.address).is_some() {
            return Err(CommandError::input(format!("the state has `{}` already", new.address)));
        }
        step(state, object, Action::Move { to: new })
    });
    Ok(plan(state, steps.collect::<Result<_, _>>()?))
}

/// Forgets the objects; they stay in AWS.
///
/// # Errors
/// There is nothing at one of the addresses.
pub fn forgets(state: &State, parts: &[Part]) -> Result<Plan, CommandError> {
    let mut objects = Vec::new();
    for part in parts {
        objects.extend(objects_at(state, part)?);
    }
    objects.sort();
    objects.dedup();
    let steps = objects.into_iter().map(|object| step(state, object, Action::Forget));
    Ok(plan(state, steps.collect::<Result<_, _>>()?))
}

/// Accepts what `found` would put back of these resources, or of all if none is named.
///
/// # Errors
/// There is nothing at one of the addresses.
pub fn accepts(state: &State, found: &Plan, parts: &[Part]) -> Result<Plan, CommandError> {
    must_exist(state, parts)?;
    Ok(accept(state, found, &|address| is_among(address, parts)))
}

/// Returns if the state has something at each address.
///
/// # Errors
/// It has not.
pub fn must_exist(state: &State, parts: &[Part]) -> Result<(), CommandError> {
    parts.iter().try_for_each(|part| objects_at(state, part).map(drop))
}

/// Whether a resource is meant by a list of them; no list means all.
pub fn is_among(address: &Address, parts: &[Part]) -> bool {
    parts.is_empty() || parts.iter().any(|part| part.contains(address))
}

fn step(state: &State, object: ObjectId, action: Action) -> Result<Step, CommandError> {
    let stored =
        state.objects.get(&object).ok_or_else(|| CommandError::input(format!("the state has no `{object}`")))?;
    Ok(Step {
        type_name: stored.type_name.clone(),
        place: stored.place.clone(),
        action,
        why: vec![Reason::Declared],
        after: Vec::new(),
        undo: Undo::Record,
        usual: Duration::ZERO,
        timeouts: Default::default(),
        object,
    })
}

fn plan(state: &State, steps: Vec<Step>) -> Plan {
    Plan {
        version: VERSION,
        command: Command::State,
        stack: state.stack.clone(),
        environment: state.environment.clone(),
        stack_digest: String::new(),
        base: state.mark(),
        commit: steps.len(),
        steps,
        outputs: Vec::new(),
        warnings: Vec::new(),
        drifted: BTreeMap::new(),
        accepted: BTreeMap::new(),
    }
}
