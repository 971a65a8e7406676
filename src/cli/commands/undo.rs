//! `provision undo`: takes the last run back.

use clap::Args;

use crate::cli::{
    change::{Change, change},
    error::CommandError,
    exit::Exit,
    options::{RunOptions, StackOptions},
    output::Output,
    planning::{Goal, Wish},
    session::Session,
};

/// Take the last run back, after asking
#[derive(Debug, Args)]
#[command(after_help = "\
Puts things as they were before the last run that came to its end: what it made is deleted, what it changed is changed
back. What it deleted does not come back; the plan says so. Undoing twice does it again.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    #[command(flatten)]
    pub run: RunOptions,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// Why nothing was done.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let undo = Change { verb: "undo", goal: Goal::Undo, wish: Wish::default(), run: &self.run, saved: None };
        change(&session, &undo).await
    }
}
