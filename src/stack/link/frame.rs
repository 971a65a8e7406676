//! Module calls, unfolded: a module that is called twice is evaluated twice, with other inputs, so each call has its own
//! items in the graph.

use std::collections::BTreeMap;

use super::{Edge, Item, Layout, Target, reference::FileEdges};
use crate::{
    base::{Diagnostic, Diagnostics, Span},
    stack::declaration::Declarations,
};

/// Most module calls of a stack, those inside modules counted each time.
const MAX_FRAMES: usize = 10_000;

/// One call of a module, or the stack itself.
#[derive(Debug)]
pub struct Frame {
    /// Position of the file.
    pub file: usize,
    /// Frame and call that this is; `None` for the stack.
    pub parent: Option<(usize, usize)>,
    /// The names of the modules around and including this one, as messages show them: `module.network.`.
    pub prefix: String,
    /// The frame of each call in this file.
    pub children: Vec<Option<usize>>,
    /// Number of its first item in the graph.
    pub base: usize,
}

/// All frames, the stack first, each behind the one that calls it.
pub fn frames(files: &[Declarations], layouts: &[Layout], problems: &mut Diagnostics) -> Option<Vec<Frame>> {
    let mut frames = vec![Frame { file: 0, parent: None, prefix: String::new(), children: Vec::new(), base: 0 }];
    let (mut next, mut base) = (0, layouts.first()?.items.len());
    while next < frames.len() {
        let file = files.get(frames[next].file)?;
        let mut children = Vec::with_capacity(file.calls.len());
        for (position, call) in file.calls.iter().enumerate() {
            let Some(child) = call.file else {
                children.push(None);
                continue;
            };
            if frames.len() >= MAX_FRAMES {
                let problem =
                    Diagnostic::error("too-large", format!("the stack calls modules more than {MAX_FRAMES} times"));
                problems.push(problem.at(call.name.span, "").help("call the module once, with `for_each`"));
                return None;
            }
            children.push(Some(frames.len()));
            let prefix = format!("{}module.{}.", frames[next].prefix, call.name.text);
            frames.push(Frame { file: child, parent: Some((next, position)), prefix, children: Vec::new(), base });
            base += layouts.get(child)?.items.len();
        }
        frames[next].children = children;
        next += 1;
    }
    Some(frames)
}

/// Edges from every item to what it refers to, by number.
pub struct Graph {
    pub size: usize,
    pub edges: Vec<(usize, usize, Option<Span>)>,
}

/// The graph of all frames.
pub fn graph(files: &[Declarations], layouts: &[Layout], frames: &[Frame], edges: &[FileEdges]) -> Graph {
    let mut all = Vec::new();
    let mut size = 0;
    for frame in frames {
        let layout = &layouts[frame.file];
        size = size.max(frame.base + layout.items.len());
        let resolve = |frame: &Frame, edge: &Edge| match edge.target {
            Target::Here(item) => Some((frame.base + item, edge.span)),
            Target::Inside { call, item } => {
                frame.children.get(call).copied().flatten().map(|child| (frames[child].base + item, edge.span))
            }
        };
        let mut add = |from: usize, (to, span): (usize, Option<Span>)| all.push((from, to, span));
        for (item, own) in edges[frame.file].items.iter().enumerate() {
            own.iter().filter_map(|edge| resolve(frame, edge)).for_each(|to| add(frame.base + item, to));
        }
        let whole = frame.base + layout.number(Item::Whole);
        for child in frame.children.iter().flatten() {
            let child = &frames[*child];
            add(whole, (child.base + layouts[child.file].number(Item::Whole), None));
        }
        let Some((parent, call)) = frame.parent else { continue };
        let parent = &frames[parent];
        let (caller, parent_layout) = (&edges[parent.file].inputs[call], &layouts[parent.file]);
        let called = parent.base + parent_layout.number(Item::Call(call));
        let tags = parent.base + parent_layout.number(Item::Tags);
        add(frame.base + layout.number(Item::Tags), (tags, None));
        (0..layout.items.len()).for_each(|item| add(frame.base + item, (called, None)));
        inputs(&files[frame.file], caller, |variable, edge| {
            if let Some(to) = resolve(parent, edge) {
                add(frame.base + layout.number(Item::Variable(variable)), to);
            }
        });
    }
    Graph { size, edges: all }
}

/// The edges that lead from a module's variables to what its caller gives them.
fn inputs(file: &Declarations, given: &BTreeMap<String, Vec<Edge>>, mut add: impl FnMut(usize, &Edge)) {
    for (name, edges) in given {
        if let Some(variable) = file.names.variables.get(name) {
            edges.iter().for_each(|edge| add(*variable, edge));
        }
    }
}
