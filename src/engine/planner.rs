//! Decides what to do: a pure function of stack, state and what is live.

use std::collections::BTreeSet;

use super::{plan::Plan, run::Live};
use crate::{
    base::{Address, Diagnostics, Identity},
    catalogue::Catalogue,
    stack::Stack,
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
    pub targets: Vec<Address>,
    /// Not these, nor what needs them.
    pub excludes: Vec<Address>,
    /// Objects that hold data or are protected, and may be deleted or replaced all the same.
    pub allow_delete: BTreeSet<Address>,
}

/// The plan that makes the world as the stack says.
///
/// # Errors
/// What the plan may not do (delete what is protected), with the places in the stack.
pub fn plan(request: &Request<'_>) -> Result<Plan, Diagnostics> {
    let _ = request;
    unimplemented!()
}
