//! Whether the resources can be made one after the other. `link` has found every circle of references already; what is left
//! are circles that only the values show: two resources that read each other's properties, copies of one that need each other.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::{
    algo::kosaraju_scc,
    graph::{DiGraph, NodeIndex},
};

use super::Evaluation;
use crate::{
    base::{Address, Diagnostic},
    stack::{model::Resource, words::shown},
};

impl Evaluation<'_> {
    /// Reports resources that wait for each other.
    pub fn check_order(&self) {
        let numbers: BTreeMap<&Address, usize> =
            self.resources.keys().enumerate().map(|(number, address)| (address, number)).collect();
        let addresses: Vec<&Address> = self.resources.keys().collect();
        let mut graph = DiGraph::<(), (), u32>::with_capacity(addresses.len(), addresses.len());
        addresses.iter().for_each(|_| {
            graph.add_node(());
        });
        for (number, resource) in self.resources.values().enumerate() {
            for needed in needs(resource).iter().filter_map(|address| numbers.get(*address)) {
                graph.add_edge(NodeIndex::new(number), NodeIndex::new(*needed), ());
            }
        }
        for members in kosaraju_scc(&graph).iter().filter(|members| members.len() > 1) {
            let members: BTreeSet<&Address> = members.iter().map(|node| addresses[node.index()]).collect();
            self.problem(self.circle(&members));
        }
        for (address, resource) in &self.resources {
            if resource.properties.waits_for().iter().any(|(needed, _)| *needed == address) {
                let problem = Diagnostic::error("cycle", format!("`{}` waits for itself", shown(&address.to_string())));
                self.problem(resource.span.map_or(problem.clone(), |span| problem.at(span, "")));
            }
        }
    }

    /// The finding for a way from the first of `members` that comes back to where it was.
    fn circle(&self, members: &BTreeSet<&Address>) -> Diagnostic {
        let next = |address: &Address| {
            let resource = self.resources.get(address)?;
            needs(resource).into_iter().find(|needed| members.contains(needed))
        };
        let mut way: Vec<&Address> = members.first().copied().into_iter().collect();
        let mut seen: BTreeSet<&Address> = way.iter().copied().collect();
        while let Some(needed) = way.last().and_then(|last| next(last)) {
            way.push(needed);
            if !seen.insert(needed) {
                let start = way.iter().position(|address| *address == needed).unwrap_or_default();
                way.drain(..start);
                break;
            }
        }
        let names: Vec<String> = way.iter().map(|address| format!("`{}`", shown(&address.to_string()))).collect();
        let mut problem = Diagnostic::error("cycle", format!("these wait for each other: {}", names.join(" → ")));
        for pair in names.windows(2).zip(&way) {
            if let ([from, to], Some(span)) = (pair.0, self.resources.get(*pair.1).and_then(|resource| resource.span)) {
                problem = problem.at(span, format!("{from} needs {to}"));
            }
        }
        problem.help("what is made from another resource is made after it: one of the references has to go")
    }
}

/// Everything that has to be there before a resource can be made.
fn needs(resource: &Resource) -> BTreeSet<&Address> {
    let waits = resource.properties.waits_for().into_iter().map(|(address, _)| address);
    waits.chain(&resource.depends_on).filter(|address| **address != resource.address).collect()
}
