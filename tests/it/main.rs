//! Integration tests, in one binary: linking the SDKs takes longer than running the tests.

mod chaos;
mod cli;
mod layers;
