//! Declarations → an order of evaluation: every name is found, every circle is reported, and what is left is a list in which
//! everything stands behind what it refers to. So evaluation never recurses from one declaration into another, whatever the
//! file looks like, and touches each once.
//!
//! ```text
//! declarations ─ reference.rs ─→ edges per file ─ frame.rs ─→ one graph of all module calls ─ order.rs ─→ order, or circles
//! ```

mod frame;
mod layout;
mod order;
mod reference;

pub use frame::Frame;
pub use layout::{Item, Layout, property};

use super::declaration::Declarations;
use crate::{
    base::{Diagnostics, Span},
    catalogue::Catalogue,
};

/// Something that has to be evaluated before the item that has this edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub target: Target,
    /// The reference, if somebody wrote one.
    pub span: Option<Span>,
}

/// What an edge leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// An item of the same file, by its position in the [`Layout`].
    Here(usize),
    /// An item of the file that a module call uses.
    Inside { call: usize, item: usize },
}

/// What is known of the files without evaluating anything.
#[derive(Debug)]
pub struct Linked {
    pub layouts: Vec<Layout>,
    /// Every module call of every module call, the stack itself first.
    pub frames: Vec<Frame>,
    /// Frame and item, each behind everything it refers to.
    pub order: Vec<(usize, usize)>,
    /// Whether anything in the files can only be told by the cloud before planning.
    pub asks: bool,
}

/// Finds every name and puts everything in order.
pub fn link(files: &[Declarations], catalogue: &Catalogue, problems: &mut Diagnostics) -> Option<Linked> {
    let layouts: Vec<Layout> = files.iter().map(Layout::new).collect();
    let edges: Vec<reference::FileEdges> =
        (0..files.len()).map(|file| reference::edges(files, &layouts, file, catalogue, problems)).collect();
    let frames = frame::frames(files, &layouts, problems)?;
    let graph = frame::graph(files, &layouts, &frames, &edges);
    let order = order::order(&graph, &frames, &layouts, files, problems);
    let asks = edges.iter().any(|file| file.asks);
    Some(Linked { layouts, frames, order, asks })
}
