//! `provision drift`: what was changed or deleted by somebody else. Changes nothing in AWS; `--accept` records that what was
//! changed may stay.

use clap::Args;

use crate::{
    base::Part,
    cli::{
        bookkeeping::{is_among, must_exist},
        change::{Change, change},
        cloud::Cloud,
        error::CommandError,
        exit::Exit,
        options::{RunOptions, StackOptions},
        output::Output,
        planning::{self, Goal, Wish},
        session::Session,
    },
    report::drift,
};

/// Show what was changed outside of provision, or accept it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision drift stack.yaml                       what is not as it was applied
  provision drift stack.yaml --detailed-exitcode   exit code 2 if something is not
  provision drift stack.yaml --accept              let it stay as it is, after asking
  provision drift stack.yaml --accept --target db --yes

The stack file wins: `provision apply` puts back what it says. What was accepted stays, also when other
properties of the resource change, until the file says something else at that place or it is changed in AWS
once more. A deleted resource cannot be accepted while the file declares it.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// Let what was changed stay as it is: neither `plan` nor `drift` will name it
    #[arg(long)]
    pub accept: bool,

    /// Only this resource
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<Part>,

    /// Exit with 2 if there is drift
    #[arg(long, conflicts_with = "accept")]
    pub detailed_exitcode: bool,

    #[command(flatten)]
    pub run: RunOptions,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// Why it could not be found out, or not be recorded.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        if self.run.yes && !self.accept {
            return Err(CommandError::input("`drift` changes nothing, so `--yes` has nothing to agree to")
                .hint("add `--accept` to accept what was changed; `provision apply` puts it back"));
        }
        let session = Session::open(&self.stack, output)?;
        let state = session.state().await?;
        let wish = Wish::to_look_at(&state);
        if self.accept {
            let goal = Goal::Accept(self.target.clone());
            return change(&session, &Change { verb: "drift --accept", goal, wish, run: &self.run, saved: None }).await;
        }
        must_exist(&state, &self.target)?;
        let cloud = Cloud::to_look_at(&self.stack.cloud, output, self.stack.json)?;
        let planned = planning::preview(&session, &cloud, &Goal::Stack, &wish).await?;
        cloud.stream.finish();
        let mut plan = planned.plan;
        plan.accepted.retain(|object, _| is_among(&object.address, &self.target));
        let mut found = drift::find(&plan);
        found.retain(|drift| is_among(&drift.address, &self.target));
        if self.stack.json {
            output.json(&drift::json(&found))?;
        } else {
            let accepted = drift::accepted(&plan);
            output.result(&drift::render(&found, accepted.as_deref(), output.result))?;
        }
        let is_pending = self.detailed_exitcode && !found.is_empty();
        Ok(if is_pending { Exit::Pending } else { Exit::Done })
    }
}
