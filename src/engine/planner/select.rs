//! `--target` and `--exclude`: which part of the stack a plan is about.
//!
//! A target takes along what it needs (to be made it must exist), and for deletes what needs it. An exclude leaves out
//! what needs the excluded, and for deletes what the excluded needs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Request, order, world::World};
use crate::{
    base::{Address, Diagnostic, Diagnostics, Part},
    state::Command,
};

/// The addresses that a plan may touch.
pub(super) struct Selection {
    /// `None`: everything.
    included: Option<BTreeSet<Address>>,
}

type Links = BTreeMap<Address, BTreeSet<Address>>;

impl Selection {
    /// Works the selection out. A pattern that means nothing is reported by [`Selection::check`].
    pub(super) fn new(request: &Request<'_>, world: &World<'_>) -> Self {
        let options = request.options;
        if options.targets.is_empty() && options.excludes.is_empty() {
            return Selection { included: None };
        }
        let (needs, needed_by) = links(request, world);
        let all: BTreeSet<&Address> = needs.keys().collect();
        let matching = |patterns: &[Part]| -> BTreeSet<Address> {
            let is_meant = |address: &&&Address| patterns.iter().any(|pattern| pattern.contains(address));
            all.iter().filter(is_meant).map(|address| (*address).clone()).collect()
        };
        let (taken, left_out) = match request.command {
            Command::Destroy => (&needed_by, &needs),
            _ => (&needs, &needed_by),
        };
        let mut included = match options.targets.is_empty() {
            true => all.iter().map(|address| (*address).clone()).collect(),
            false => closure(matching(&options.targets), taken),
        };
        for excluded in closure(matching(&options.excludes), left_out) {
            included.remove(&excluded);
        }
        Selection { included: Some(included) }
    }

    /// Whether the plan may touch what is at this address.
    pub(super) fn includes(&self, address: &Address) -> bool {
        self.included.as_ref().is_none_or(|included| included.contains(address))
    }
}

/// Refuses `--target` and `--exclude` that mean nothing.
pub(super) fn check(request: &Request<'_>, world: &World<'_>) -> Result<(), Diagnostics> {
    let patterns = request.options.targets.iter().chain(&request.options.excludes);
    let exists = |pattern: &Part| {
        let declared = request.stack.iter().flat_map(|stack| stack.resources.keys());
        declared.chain(world.current.keys()).any(|address| pattern.contains(address))
    };
    let unknown: Vec<Diagnostic> = patterns
        .filter(|pattern| !exists(pattern))
        .map(|pattern| {
            Diagnostic::error("unknown-address", format!("neither the stack nor the state has `{pattern}`"))
                .help("`provision state list` shows the addresses")
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(Diagnostics(unknown)) }
}

/// What each address needs, and what needs it; by the stack, and by the state for what has left the stack.
fn links(request: &Request<'_>, world: &World<'_>) -> (Links, Links) {
    let (mut needs, mut needed_by) = (Links::new(), Links::new());
    let mut link = |from: &Address, to: &Address| {
        needs.entry(from.clone()).or_default().insert(to.clone());
        needed_by.entry(to.clone()).or_default().insert(from.clone());
    };
    for (object, stored) in &world.objects {
        stored.needs.iter().for_each(|need| link(&object.address, &need.address));
    }
    for resource in request.stack.iter().flat_map(|stack| stack.resources.values()) {
        order::dependencies(resource).into_iter().for_each(|need| link(&resource.address, need));
    }
    let declared = request.stack.iter().flat_map(|stack| stack.resources.keys());
    for address in declared.chain(world.current.keys()) {
        needs.entry(address.clone()).or_default();
        needed_by.entry(address.clone()).or_default();
    }
    (needs, needed_by)
}

fn closure(start: BTreeSet<Address>, links: &Links) -> BTreeSet<Address> {
    let mut waiting: Vec<Address> = start.iter().cloned().collect();
    let mut reached = start;
    while let Some(address) = waiting.pop() {
        for next in links.get(&address).into_iter().flatten() {
            if reached.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    reached
}
