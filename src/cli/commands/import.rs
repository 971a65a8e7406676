//! `provision import`: takes over an object that exists. `imports:` in the stack does the same for many.

use clap::Args;

use crate::{
    base::Address,
    cli::{
        change::{Change, change},
        error::CommandError,
        exit::Exit,
        options::{RunOptions, StackOptions},
        output::Output,
        planning::{Goal, Wish},
        session::Session,
    },
    engine::planner,
};

/// Take over an object that exists
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision import stack.yaml vpc vpc-0a1b2c3d4e5f60718
  provision import stack.yaml 'private[\"a\"]' subnet-0a1b2c3d

The resource must be declared in the stack. Where it differs from what exists, the next plan says so; nothing is
changed by the import.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// The resource of the stack
    pub address: Address,

    /// Its id in AWS; several parts are joined by `|`
    pub id: String,

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
        let options = planner::Options { targets: vec![self.address.clone().into()], ..planner::Options::default() };
        let goal = Goal::Import(vec![(self.address.clone(), self.id.clone())]);
        let wish = Wish { options, refresh: true };
        change(&session, &Change { verb: "import", goal, wish, run: &self.run, saved: None }).await
    }
}
