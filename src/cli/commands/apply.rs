//! `provision apply`: makes the world as the stack says, after asking; or does exactly what a saved plan says.

use clap::Args;

use crate::cli::{
    change::{Change, change},
    error::CommandError,
    exit::Exit,
    options::{PlanOptions, RunOptions, StackOptions},
    output::Output,
    planning::{Goal, Wish},
    saved_plan::SavedPlan,
    session::Session,
};

/// Change what is there into what the stack says, after asking
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision apply stack.yaml                       show the plan, ask, do it
  provision apply stack.yaml --yes                 in a pipeline
  provision apply plan.json                        do exactly what a saved plan says
  provision apply stack.yaml --sandbox --yes       try it without an account
  provision apply stack.yaml --sandbox --yes --sandbox-fail nat:quota    watch a rollback

If a step fails, everything is put back as it was (`--on-failure keep` keeps it). Ctrl-C does the
same; a second Ctrl-C ends at once, and the next apply finishes the story.")]
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
        let is_plan_file = self.stack.stack.extension().is_some_and(|extension| extension == "json");
        if is_plan_file {
            return self.saved(output).await;
        }
        let session = Session::open(&self.stack, output)?;
        let wish = Wish { options: self.plan.for_planner(), refresh: !self.plan.no_refresh };
        change(&session, &Change { verb: "apply", goal: Goal::Stack, wish, run: &self.run, saved: None }).await
    }

    async fn saved(&self, output: &Output) -> Result<Exit, CommandError> {
        let saved = SavedPlan::read(&self.stack.stack)?;
        let (stack, plan) = saved.options(&self.stack)?;
        let session = Session::open(&stack, output)?;
        let wish = Wish { options: plan.for_planner(), refresh: true };
        let (verb, goal) = if saved.is_destroy() { ("destroy", Goal::Destroy) } else { ("apply", Goal::Stack) };
        change(&session, &Change { verb, goal, wish, run: &self.run, saved: Some(&saved) }).await
    }
}
