//! What must hold whatever goes wrong (RELIABILITY, R1 to R5), on the simulated cloud under virtual time.

mod lab;
mod matrix;
mod protocol;
mod stacks;
