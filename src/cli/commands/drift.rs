//! `provision drift`: what was changed or deleted by somebody else. Changes nothing.

use clap::Args;

use crate::{
    cli::{
        cloud::Cloud,
        error::CommandError,
        exit::Exit,
        options::StackOptions,
        output::Output,
        planning::{self, Goal, Wish},
        session::Session,
    },
    report::drift,
};

/// Show what was changed outside of provision
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision drift stack.yaml                       what is not as it was applied
  provision drift stack.yaml --detailed-exitcode   exit code 2 if something is

`provision apply` puts it back; to keep a change, write it into the stack file.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// Exit with 2 if there is drift
    #[arg(long)]
    pub detailed_exitcode: bool,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// Why it could not be found out.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        session.state().await?;
        let cloud = Cloud::to_look_at(&self.stack.cloud, output, self.stack.json)?;
        let wish = Wish { refresh: true, ..Wish::default() };
        let planned = planning::preview(&session, &cloud, &Goal::Stack, &wish).await?;
        cloud.stream.finish();
        let found = drift::find(&planned.plan, &planned.context);
        if self.stack.json {
            output.json(&drift::json(&found))?;
        } else {
            output.result(&drift::render(&found, output.result))?;
        }
        let is_pending = self.detailed_exitcode && !found.is_empty();
        Ok(if is_pending { Exit::Pending } else { Exit::Done })
    }
}
