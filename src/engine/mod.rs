//! L3: deciding what to do (pure) and doing it (a thin async shell).
//!
//! ```text
//! Stack + State ──plan──▶ Plan ──execute──▶ journal entries, events
//!                           ▲                    │ a step fails
//!                           └───────undo─────────┘
//! ```
//!
//! There is one executor. Destroy is the plan against an empty stack, rollback is `undo(before, now)`, recovery closes
//! what a dead process left open.

pub mod accept;
mod calls;
mod create;
pub mod event;
mod execute;
mod limits;
pub mod plan;
pub mod planner;
mod recover;
mod refresh;
mod remake;
mod removal;
mod resolve;
pub mod run;
mod schedule;
mod session;
mod step;
pub mod undo;

pub use event::{Event, Sink};
pub use plan::{Action, After, Needs, Plan, Reason, Step, Undo};
