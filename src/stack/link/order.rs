//! The order of evaluation; where there is none, the shortest circle with the places that close it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::{algo::kosaraju_scc, graph::DiGraph};

use super::{Frame, Layout, frame::Graph, layout::describe};
use crate::{
    base::{Diagnostic, Diagnostics, Span},
    stack::{declaration::Declarations, words::shown},
};

/// Everything behind what it refers to. Circles are reported; their items stand somewhere.
pub fn order(
    graph: &Graph,
    frames: &[Frame],
    layouts: &[Layout],
    files: &[Declarations],
    problems: &mut Diagnostics,
) -> Vec<(usize, usize)> {
    let mut links = DiGraph::<(), (), u32>::with_capacity(graph.size, graph.edges.len());
    (0..graph.size).for_each(|_| {
        links.add_node(());
    });
    let narrow = |number: usize| petgraph::graph::NodeIndex::new(number);
    graph.edges.iter().for_each(|(from, to, _)| {
        links.add_edge(narrow(*from), narrow(*to), ());
    });
    let locate = |number: usize| {
        let frame = frames.partition_point(|frame| frame.base <= number) - 1;
        (frame, number - frames[frame].base)
    };
    let name = |number: usize| {
        let (frame, item) = locate(number);
        let file = frames[frame].file;
        format!("{}{}", frames[frame].prefix, describe(&files[file], layouts[file].items[item]))
    };
    let own: BTreeSet<usize> = graph.edges.iter().filter(|(from, to, _)| from == to).map(|(from, ..)| *from).collect();
    // Not Tarjan's algorithm: the crate's version of it recurses, and a file may hold a chain of any length.
    let components = kosaraju_scc(&links);
    let in_circle = components.iter().any(|members| members.len() > 1) || !own.is_empty();
    let spans = if in_circle { edges_by_source(graph) } else { BTreeMap::new() };
    for members in components.iter().filter(|members| members.len() > 1 || own.contains(&members[0].index())) {
        let members: BTreeSet<usize> = members.iter().map(|node| node.index()).collect();
        problems.push(circle(&members, &spans, &name));
    }
    components.into_iter().flatten().map(|node| locate(node.index())).collect()
}

type Edges = BTreeMap<usize, Vec<(usize, Option<Span>)>>;

fn edges_by_source(graph: &Graph) -> Edges {
    let mut found = Edges::new();
    for (from, to, span) in &graph.edges {
        found.entry(*from).or_default().push((*to, *span));
    }
    found
}

/// The finding for the shortest circle through the first written reference among `members`.
fn circle(members: &BTreeSet<usize>, edges: &Edges, name: &dyn Fn(usize) -> String) -> Diagnostic {
    let written = |number: &usize| {
        edges.get(number).into_iter().flatten().filter_map(|(to, span)| members.contains(to).then_some(*span)?).min()
    };
    let start = members.iter().filter_map(|number| Some((written(number)?, *number))).min().map(|(_, number)| number);
    let start = start.or_else(|| members.first().copied()).unwrap_or_default();
    let mut reached: BTreeMap<usize, (usize, Option<Span>)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for (to, span) in edges.get(&here).into_iter().flatten().filter(|(to, _)| members.contains(to)) {
            if !reached.contains_key(to) {
                reached.insert(*to, (here, *span));
                queue.push_back(*to);
            }
        }
        if reached.contains_key(&start) {
            break;
        }
    }
    let (mut chain, mut here) = (vec![(start, None)], start);
    while let Some((from, span)) = reached.get(&here) {
        chain.push((*from, *span));
        here = *from;
        if here == start {
            break;
        }
    }
    chain.reverse();
    // Each step of the chain holds the place that leads to the next one.
    let mut names: Vec<String> = chain.iter().map(|(number, _)| format!("`{}`", shown(&name(*number)))).collect();
    names.dedup();
    let mut problem = if names.len() == 1 {
        Diagnostic::error("cycle", format!("{} refers to itself", names[0]))
    } else {
        Diagnostic::error("cycle", format!("these refer to each other: {}", names.join(" → ")))
    };
    for pair in chain.windows(2) {
        if let [(from, Some(span)), (to, _)] = pair {
            problem = problem.at(*span, format!("`{}` refers to `{}` here", shown(&name(*from)), shown(&name(*to))));
        }
    }
    problem.help("one of these references has to go")
}
