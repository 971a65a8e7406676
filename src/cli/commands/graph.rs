//! `provision graph`: what depends on what.

use clap::{Args, ValueEnum};

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
    report::graph::Graph,
    stack::Facts,
};

/// Draw what depends on what
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision graph stack.yaml                               Mermaid, which GitHub and GitLab draw
  provision graph stack.yaml --format dot | dot -Tsvg      Graphviz
  provision graph stack.yaml --plan                        the steps of the next apply")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// The language of the drawing
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Draw the steps of a plan instead of the resources of the stack
    #[arg(long)]
    pub plan: bool,
}

/// `--format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Mermaid,
    Dot,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// What is wrong with the stack.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let graph = if self.plan { self.planned(&session, output).await? } else { declared(&session)? };
        output.result(&match self.format {
            Format::Mermaid => graph.mermaid(),
            Format::Dot => graph.dot(),
        })?;
        Ok(Exit::Done)
    }

    async fn planned(&self, session: &Session, output: &Output) -> Result<Graph, CommandError> {
        let cloud = Cloud::to_look_at(&self.stack.cloud, output, self.stack.json)?;
        let wish = Wish { refresh: true, ..Wish::default() };
        let planned = planning::preview(session, &cloud, &Goal::Stack, &wish).await?;
        Ok(Graph::of_plan(&planned.plan))
    }
}

fn declared(session: &Session) -> Result<Graph, CommandError> {
    let evaluated = session.program()?.evaluate(&Facts::default(), session.catalogue);
    let (stack, _) = evaluated.map_err(|found| session.findings(found))?;
    let resource = |(address, resource)| {
        let resource: &crate::stack::Resource = resource;
        (address, resource.type_name.as_str(), planning::needs_of(&stack, address))
    };
    Ok(Graph::of_resources(stack.resources.iter().map(resource)))
}
