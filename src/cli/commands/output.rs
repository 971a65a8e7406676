//! `provision output`: the outputs of a stack, for people and scripts.

use clap::Args;
use serde_json::{Map, Value as Json};

use crate::{
    base::secret,
    cli::{error::CommandError, exit::Exit, options::StackOptions, output::Output, session::Session},
    report::{text, values},
    state::State,
};

/// Print the outputs of a stack
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision output stack.yaml            all outputs
  provision output stack.yaml alb        one, bare, for scripts
  provision output stack.yaml --json     all, as JSON

Sensitive outputs are never stored, so they cannot be printed.")]
pub struct Arguments {
    #[command(flatten)]
    pub stack: StackOptions,

    /// Only this output, without decoration
    pub name: Option<String>,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// There is no state, or no such output.
    pub async fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let session = Session::open(&self.stack, output)?;
        let state = session.state().await?;
        let Some(name) = &self.name else {
            if self.stack.json {
                let value =
                    |(name, stored): (&String, &crate::state::StoredOutput)| (name.clone(), open(&stored.value));
                output.json(&Json::Object(state.outputs.iter().map(value).collect::<Map<_, _>>()))?;
            } else {
                output.result(&table(&state))?;
            }
            return Ok(Exit::Done);
        };
        let stored = state.outputs.get(name).ok_or_else(|| {
            let known = state.outputs.keys().cloned().collect::<Vec<_>>().join(", ");
            let error = CommandError::input(format!("the stack has no output `{name}`"));
            if known.is_empty() { error } else { error.hint(format!("it has {known}")) }
        })?;
        if secret::is_sealed(&stored.value) {
            return Err(CommandError::input(format!("output `{name}` is sensitive: only its digest is stored")));
        }
        match &stored.value {
            value if self.stack.json => output.json(value)?,
            Json::String(text) => output.result(&format!("{}\n", text::block(text)))?,
            value => output.json(value)?,
        }
        Ok(Exit::Done)
    }
}

/// `name = value`, in columns.
pub fn table(state: &State) -> String {
    let width = state.outputs.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let line = |(name, stored): (&String, &crate::state::StoredOutput)| {
        format!("  {:width$} = {}\n", text::line(name), values::show_json(&stored.value))
    };
    state.outputs.iter().map(line).collect()
}

/// What is sealed is nothing to programs.
fn open(value: &Json) -> Json {
    match value {
        sealed if secret::is_sealed(sealed) => Json::Null,
        Json::Array(items) => items.iter().map(open).collect(),
        Json::Object(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), open(value))).collect()),
        other => other.clone(),
    }
}
