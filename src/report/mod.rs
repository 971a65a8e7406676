//! L4: everything people and machines read. Pure functions from plans, events and diagnostics to text, and one thin
//! [`stream`] that writes it while a run goes on.
//!
//! ```text
//! Event ──stamp──▶ View::apply ──▶ human::lines, human::render ──▶ terminal (stderr)
//!             └──▶ json::line ──▶ stdout                    Plan ──▶ plan, plan_markdown, plan_file, graph
//! ```
//!
//! Nothing from outside (a stack file, a state, an answer of AWS) reaches a terminal but through [`text`].

pub mod changed;
pub mod critical_path;
pub mod diagnostics;
pub mod differences;
pub mod drift;
pub mod graph;
pub mod human;
pub mod json;
pub mod outcome;
pub mod plan;
pub mod plan_changes;
pub mod plan_file;
pub mod plan_markdown;
pub mod plan_why;
pub mod schema;
pub mod state_text;
pub mod stream;
pub mod terminal;
pub mod text;
pub mod values;
pub mod view;
pub mod words;

pub use text::Look;
pub use view::View;
