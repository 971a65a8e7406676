//! `provision destroy`: removes everything that the state knows, after asking. The stack may be named instead of given as a
//! file: what has been applied can be removed even if its file is lost or broken.

use clap::Args;

use crate::cli::{
    change::{Change, change},
    error::CommandError,
    exit::Exit,
    options::{PlanOptions, RunOptions, StackOptions},
    output::Output,
    planning::{Goal, Wish},
    session::Session,
};

/// Remove everything, after asking
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision destroy stack.yaml --env pr-12     remove an environment
  provision destroy shop --env pr-12           the same, by the name of the stack
  provision destroy stack.yaml --target cache  only this, and what needs it

What is marked `protect` stays unless `--allow-delete ADDRESS` names it.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    #[command(flatten)]
    pub plan: PlanOptions,

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
        let wish = Wish { options: self.plan.for_planner(), refresh: !self.plan.no_refresh };
        change(&session, &Change { verb: "destroy", goal: Goal::Destroy, wish, run: &self.run, saved: None }).await
    }
}
