//! `provision state`: looks at the record of what exists, and puts it right where the world has been changed by hand.

use clap::{Args, Subcommand};

use crate::{
    base::Part,
    cli::{
        change::{Change, change, objects_at},
        error::CommandError,
        exit::Exit,
        options::{RunOptions, StackOptions},
        output::Output,
        planning::{Goal, Wish},
        session::Session,
    },
    report::{state_text, text},
};

/// Look at the record of what exists, or put it right
#[derive(Debug, Subcommand)]
pub enum Command {
    List(List),
    Show(Show),
    Mv(Move),
    Rm(Remove),
}

/// List the addresses, one a line
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    pub stack: StackOptions,
}

/// Show one resource, with its properties
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    pub stack: StackOptions,

    /// The resource
    pub address: Part,
}

/// Give a resource another address; nothing is changed in AWS
#[derive(Debug, Args)]
#[command(after_help = "Prefer `moved:` in the stack file: it does the same in every environment.")]
pub struct Move {
    #[command(flatten)]
    pub stack: StackOptions,

    /// The address that it has
    pub from: Part,

    /// The address that it gets
    pub to: Part,

    #[command(flatten)]
    pub run: RunOptions,
}

/// Forget resources; they stay in AWS
#[derive(Debug, Args)]
#[command(after_help = "Prefer `removed:` in the stack file: it does the same in every environment.")]
pub struct Remove {
    #[command(flatten)]
    pub stack: StackOptions,

    /// The resources
    #[arg(required = true)]
    pub addresses: Vec<Part>,

    #[command(flatten)]
    pub run: RunOptions,
}

impl Command {
    /// Which stack is meant.
    pub fn stack(&self) -> &StackOptions {
        match self {
            Command::List(arguments) => &arguments.stack,
            Command::Show(arguments) => &arguments.stack,
            Command::Mv(arguments) => &arguments.stack,
            Command::Rm(arguments) => &arguments.stack,
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// There is no state, or no such resource.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(self.stack(), output)?;
        match self {
            Command::List(_) => list(&session).await,
            Command::Show(arguments) => show(&session, &arguments.address).await,
            Command::Mv(Move { from, to, run, .. }) => {
                record(&session, "state mv", Goal::Move { from: from.clone(), to: to.clone() }, run).await
            }
            Command::Rm(Remove { addresses, run, .. }) => {
                record(&session, "state rm", Goal::Forget(addresses.clone()), run).await
            }
        }
    }
}

async fn list(session: &Session) -> Result<Exit, CommandError> {
    let state = session.state().await?;
    let objects = state.objects.keys().cloned().collect::<Vec<_>>();
    if session.options.json {
        session.output.json(&state_text::json(&state, &objects))?;
    } else {
        let mut addresses = objects.iter().map(|object| object.address.to_string()).collect::<Vec<_>>();
        addresses.dedup();
        session
            .output
            .result(&addresses.iter().map(|address| format!("{}\n", text::line(address))).collect::<String>())?;
    }
    Ok(Exit::Done)
}

async fn show(session: &Session, address: &Part) -> Result<Exit, CommandError> {
    let state = session.state().await?;
    let objects = objects_at(&state, address)?;
    if session.options.json {
        session.output.json(&state_text::json(&state, &objects))?;
    } else {
        session.output.result(&state_text::objects(&state, &objects, session.output.result))?;
    }
    Ok(Exit::Done)
}

async fn record(session: &Session, verb: &'static str, goal: Goal, run: &RunOptions) -> Result<Exit, CommandError> {
    // A state that does not exist must not come to be by looking at it.
    session.state().await?;
    change(session, &Change { verb, goal, wish: Wish::default(), run, saved: None }).await
}
