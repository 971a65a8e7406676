//! `provision unlock`: frees a state whose holder is gone.

use clap::Args;

use crate::{
    cli::{error::CommandError, exit::Exit, options::StackOptions, output::Output, session::Session},
    report::text,
};

/// Free a state whose holder is gone
#[derive(Debug, Args)]
#[command(after_help = "\
Shows who held the state. A process that is known to be alive keeps it: in a bucket, one that was heard of within the last
45 seconds. What the dead process left open is finished by the next `provision apply`.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// The holder is alive.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let said = match session.store.unlock(&session.key).await? {
            Some(holder) => format!("{} was held by {holder} since {} and is free now.\n", session.key, holder.since),
            None => format!("{} was not locked.\n", session.key),
        };
        output.result(&text::block(&said))?;
        Ok(Exit::Done)
    }
}
