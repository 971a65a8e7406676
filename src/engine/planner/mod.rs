//! Decides what to do: a pure function of stack, state and what is live.
//!
//! ```text
//! moved addresses ─▶ selection ─▶ one decision per resource, dependencies first ─▶ deletes ─▶ order ─▶ Plan
//! ```
//!
//! A decision looks at three versions of a resource: what the file says, what was applied, what is live. Dependencies come
//! first because what a resource becomes depends on them: if a VPC is replaced, its id is unknown to the subnets until
//! then, and a subnet whose VPC is unknown has to be replaced too.

pub(in crate::engine) mod compare;
mod decide;
mod guard;
mod known;
mod naming;
mod order;
mod removal;
mod replace;
mod select;
mod standing;
mod world;

use std::collections::BTreeSet;

use super::{
    plan::{Plan, PlannedOutput, VERSION},
    run::Live,
};
use crate::{
    base::{Address, Diagnostics, Identity, Part},
    catalogue::Catalogue,
    stack::{Stack, expr},
    state::{Command, State},
};

/// What to plan from.
pub struct Request<'a> {
    /// `None` to destroy everything.
    pub stack: Option<&'a Stack>,
    pub state: &'a State,
    /// What is live now; objects that are absent here count as they were last seen.
    pub live: &'a Live,
    pub catalogue: &'a Catalogue,
    pub command: Command,
    pub identity: Option<Identity>,
    pub options: &'a Options,
}

/// What a person asked for beside the stack.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only these and what they need; empty means all.
    pub targets: Vec<Part>,
    /// Not these, nor what needs them.
    pub excludes: Vec<Part>,
    /// Objects that hold data or are protected, and may be deleted or replaced all the same.
    pub allow_delete: BTreeSet<Address>,
}

/// The plan that makes the world as the stack says.
///
/// # Errors
/// What the plan may not do (delete what is protected), with the places in the stack.
pub fn plan(request: &Request<'_>) -> Result<Plan, Diagnostics> {
    let mut world = world::World::new(request)?;
    let selection = select::Selection::new(request, &world);
    let order = order::dependencies_first(request.stack, &world)?;
    for address in &order {
        decide::decide(&mut world, &selection, address)?;
    }
    removal::removals(&mut world, &selection);
    replace::order_replacements(&mut world);
    guard::check(&world)?;
    let (steps, commit) = order::arrange(&world);
    Ok(Plan {
        version: VERSION,
        command: request.command,
        stack: request.state.stack.clone(),
        environment: request.state.environment.clone(),
        stack_digest: request.stack.map(|stack| stack.digest.clone()).unwrap_or_default(),
        base: request.state.mark(),
        steps,
        commit,
        outputs: outputs(request, &world)?,
        warnings: world.warnings,
        drifted: world.drifted,
        accepted: world.accepted,
    })
}

/// The outputs as far as they are known, those that vanish included as nothing.
fn outputs(request: &Request<'_>, world: &world::World<'_>) -> Result<Vec<(String, PlannedOutput)>, Diagnostics> {
    let Some(stack) = request.stack else { return Ok(Vec::new()) };
    let known = known::Attributes::new(world);
    let mut outputs = Vec::new();
    for (name, output) in &stack.outputs {
        let value = expr::resolve(&output.value, &known).map_err(|problem| {
            let message = format!("output `{name}` cannot be evaluated: {problem}");
            Diagnostics(vec![crate::base::Diagnostic::error("output", message)])
        })?;
        let stored = request.state.outputs.get(name);
        let changed = stored.is_none_or(|stored| {
            stored.description != output.description || !world.seal.matches(&stored.value, &value)
        });
        outputs.push((name.clone(), PlannedOutput { value, description: output.description.clone(), changed }));
    }
    Ok(outputs)
}
