//! `provision validate`: everything that can be found wrong without asking a cloud.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{error::CommandError, exit::Exit, options::StackOptions, output::Output, planning, session::Session},
    report::{diagnostics, text},
    stack::Facts,
};

/// Check a stack file, without an account
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  provision validate stack.yaml --var environment=dev

Finds every unknown type, property and attribute, wrong values and references, cycles and more, all in one run.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// What is wrong with the stack.
    pub fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let evaluated = session.program()?.evaluate(&Facts::default(), session.catalogue);
        let (stack, warnings) = evaluated.map_err(|found| session.findings(found))?;
        if self.stack.json {
            let findings = diagnostics::json(&warnings, &session.sources);
            output.json(&json!({"valid": true, "resources": stack.resources.len(), "diagnostics": findings}))?;
            return Ok(Exit::Done);
        }
        planning::warn(&session, &warnings);
        let resources = text::count(stack.resources.len() as u64, "resource");
        output.result(&format!("{} is valid: {resources}.\n", text::line(&self.stack.stack.to_string_lossy())))?;
        Ok(Exit::Done)
    }
}
