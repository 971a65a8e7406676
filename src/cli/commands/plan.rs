//! `provision plan`: what would change, and why. Changes nothing.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{
    base::Part,
    cli::{
        cloud::Cloud,
        error::CommandError,
        exit::Exit,
        options::{PlanOptions, StackOptions},
        output::Output,
        planning::{self, Goal, Planned, Wish},
        saved_plan::SavedPlan,
        session::Session,
    },
    report::{plan, plan_file, plan_markdown, plan_why, text},
};

/// Show what would change, and why
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision plan stack.yaml                       what apply would do
  provision plan stack.yaml --why db              everything about one step
  provision plan stack.yaml -o plan.json          save it; `provision apply plan.json` does exactly that
  provision plan stack.yaml --format markdown     for a comment on a pull request
  provision plan stack.yaml --detailed-exitcode   exit code 2 if something would change")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    #[command(flatten)]
    pub plan: PlanOptions,

    /// Save the plan, without its secrets
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,

    /// Everything about the steps of one resource
    #[arg(long, value_name = "ADDRESS", conflicts_with = "json")]
    pub why: Option<Part>,

    /// Plan to remove everything
    #[arg(long)]
    pub destroy: bool,

    /// How the plan is written
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["json", "why"])]
    pub format: Format,

    /// Exit with 2 if something would change
    #[arg(long)]
    pub detailed_exitcode: bool,
}

/// `--format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Markdown,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// Why there is no plan.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        if !self.destroy {
            session.program()?;
        }
        let cloud = Cloud::to_look_at(&self.stack.cloud, output, self.stack.json)?;
        let goal = if self.destroy { Goal::Destroy } else { Goal::Stack };
        let wish = Wish { options: self.plan.for_planner(), refresh: !self.plan.no_refresh };
        let planned = planning::preview(&session, &cloud, &goal, &wish).await?;
        cloud.stream.finish();
        output.result(&self.text(&planned, output)?)?;
        if let Some(path) = &self.out {
            SavedPlan::new(&planned.plan, &self.stack, &self.plan, self.destroy).write(path)?;
            if !self.stack.json {
                let mut apply = self.stack.clone();
                (apply.stack, apply.env) = (path.clone(), "default".to_owned());
                apply.var_file.clear();
                output.say(&text::block(&format!("Saved; apply it with: {}\n", apply.command("apply"))));
            }
        }
        let is_pending = self.detailed_exitcode && !planned.plan.is_empty();
        Ok(if is_pending { Exit::Pending } else { Exit::Done })
    }

    fn text(&self, planned: &Planned, output: &Output) -> Result<String, CommandError> {
        let Planned { plan, context } = planned;
        if self.stack.json {
            return Ok(plan_file::json(plan));
        }
        if let Some(address) = &self.why {
            return plan_why::render(plan, address, context, output.result)
                .ok_or_else(|| CommandError::input(format!("nothing happens to `{address}` in this plan")));
        }
        Ok(match self.format {
            Format::Text => plan::render(plan, context, output.result),
            Format::Markdown => plan_markdown::render(plan, context),
        })
    }
}
