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

pub mod event;
pub mod plan;
pub mod planner;
pub mod run;
pub mod undo;

pub use event::{Event, Sink};
pub use plan::{Action, After, Needs, Plan, Reason, Step, Undo};
