//! `provision show`: what the state knows.

use clap::Args;

use crate::{
    base::Part,
    cli::{
        change::objects_at, error::CommandError, exit::Exit, options::StackOptions, output::Output, session::Session,
    },
    report::state_text,
};

/// Show what has been applied
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision show stack.yaml          everything
  provision show stack.yaml vpc      one resource, with its properties
  provision show shop --json         by the name of the stack, for programs")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// Only this resource
    pub address: Option<Part>,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// There is no state, or no such resource.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let state = session.state().await?;
        let objects = match &self.address {
            Some(address) => objects_at(&state, address)?,
            None => state.objects.keys().cloned().collect(),
        };
        if self.stack.json {
            output.json(&state_text::json(&state, &objects))?;
        } else if self.address.is_some() {
            output.result(&state_text::objects(&state, &objects, output.result))?;
        } else {
            output.result(&state_text::overview(&state, output.result))?;
        }
        Ok(Exit::Done)
    }
}
