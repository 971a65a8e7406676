//! What must hold whatever goes wrong (RELIABILITY, R1 to R5), on the simulated cloud under virtual time.

pub mod lab;
mod matrix;
mod protocol;
pub mod stacks;
