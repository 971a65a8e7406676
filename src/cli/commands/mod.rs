//! The commands, one file each. All have the same shape: the arguments as a struct, and `run`.

pub mod apply;
pub mod completions;
pub mod destroy;
pub mod drift;
pub mod graph;
pub mod import;
pub mod output;
pub mod plan;
pub mod schema;
pub mod show;
pub mod state;
pub mod undo;
pub mod unlock;
pub mod validate;

use clap::Subcommand;

use super::{error::CommandError, exit::Exit, output::Output};

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub enum Command {
    Plan(Box<plan::Arguments>),
    Apply(Box<apply::Arguments>),
    Destroy(Box<destroy::Arguments>),
    Validate(Box<validate::Arguments>),
    Show(Box<show::Arguments>),
    Output(Box<output::Arguments>),
    Graph(Box<graph::Arguments>),
    Drift(Box<drift::Arguments>),
    Import(Box<import::Arguments>),
    #[command(subcommand)]
    State(Box<state::Command>),
    Undo(Box<undo::Arguments>),
    Unlock(Box<unlock::Arguments>),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Why it could not be done.
    pub async fn run(self, output: &Output) -> Result<Exit, CommandError> {
        match self {
            Command::Plan(arguments) => arguments.run(output).await,
            Command::Apply(arguments) => arguments.run(output).await,
            Command::Destroy(arguments) => arguments.run(output).await,
            Command::Validate(arguments) => arguments.run(output),
            Command::Show(arguments) => arguments.run(output).await,
            Command::Output(arguments) => arguments.run(output).await,
            Command::Graph(arguments) => arguments.run(output).await,
            Command::Drift(arguments) => arguments.run(output).await,
            Command::Import(arguments) => arguments.run(output).await,
            Command::State(command) => command.run(output).await,
            Command::Undo(arguments) => arguments.run(output).await,
            Command::Unlock(arguments) => arguments.run(output).await,
            Command::Schema(arguments) => arguments.run(output),
            Command::Completions(arguments) => arguments.run(output),
        }
    }

    /// Whether whoever called wants JSON, errors included.
    pub fn wants_json(&self) -> bool {
        match self {
            Command::Plan(arguments) => arguments.stack.json,
            Command::Apply(arguments) => arguments.stack.json,
            Command::Destroy(arguments) => arguments.stack.json,
            Command::Validate(arguments) => arguments.stack.json,
            Command::Show(arguments) => arguments.stack.json,
            Command::Output(arguments) => arguments.stack.json,
            Command::Graph(arguments) => arguments.stack.json,
            Command::Drift(arguments) => arguments.stack.json,
            Command::Import(arguments) => arguments.stack.json,
            Command::State(command) => command.stack().json,
            Command::Undo(arguments) => arguments.stack.json,
            Command::Unlock(arguments) => arguments.stack.json,
            Command::Schema(arguments) => arguments.json,
            Command::Completions(_) => false,
        }
    }
}
