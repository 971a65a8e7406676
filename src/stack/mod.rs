//! L2: from the text of a stack file to a [`Stack`], the list of resources that should exist.
//!
//! Two phases. [`Program::open`] reads the file and its modules, parses every expression once and checks what can be checked
//! from the text alone. [`Program::evaluate`] turns it into a [`Stack`], given the [`Facts`] that only the cloud knows
//! (account, zones, data look-ups); what depends on resources that are not made yet stays [`Value::Unknown`].

mod declaration;
mod evaluate;
pub mod expr;
mod files;
pub mod functions;
mod link;
mod load;
mod mend;
pub mod model;
mod offsets;
mod packing;
mod parse;
pub mod program;
mod scalar;
#[cfg(test)]
mod tests;
mod variables;
mod words;
mod written;
mod yaml;

pub use model::{
    DataLookup, Facts, Import, Lifecycle, Moved, Needs, Output, Removed, ReplaceOrder, Resource, Stack, Timeouts,
};
pub use program::{Inputs, Program};
use words::shown;
