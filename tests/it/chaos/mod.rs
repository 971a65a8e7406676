//! What must hold whatever goes wrong (RELIABILITY, R1 to R5), on the simulated cloud under virtual time.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "test support; clippy knows only test functions")]

mod healthcare;
pub mod lab;
mod matrix;
mod protocol;
pub mod stacks;
