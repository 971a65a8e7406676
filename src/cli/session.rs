//! What a command works with: the stack it was given and the state that belongs to it.

use std::path::{Path, PathBuf};

use super::{
    environment,
    error::CommandError,
    options::{CloudOptions, StackOptions},
    output::Output,
    remote_state,
};
use crate::{
    base::{Diagnostics, Sources},
    catalogue::Catalogue,
    stack::{Inputs, Program},
    state::{Holder, LocalStore, State, StateKey, Store},
};

/// A stack and its state.
pub struct Session {
    pub options: StackOptions,
    pub output: Output,
    pub catalogue: &'static Catalogue,
    pub sources: Sources,
    /// `None` if only the name of the stack was given.
    pub program: Option<Program>,
    pub key: StateKey,
    pub store: Box<dyn Store>,
}

impl Session {
    /// Reads the stack file, or takes the name of a stack where there is no such file, and finds its state.
    ///
    /// # Errors
    /// What is wrong with the file, its variables or the place of the state.
    pub fn open(options: &StackOptions, output: &Output) -> Result<Self, CommandError> {
        let catalogue = Catalogue::embedded();
        let mut sources = Sources::default();
        let program = if is_name(&options.stack) { None } else { Some(read(options, catalogue, &mut sources)?) };
        let (name, environment) = match &program {
            Some(program) => program.identity(),
            None => (options.stack.to_str().unwrap_or_default(), options.env.as_str()),
        };
        let key = StateKey::new(name, environment).map_err(|error| CommandError::input(error.to_string()))?;
        let store = open_store(&options.cloud)?;
        Ok(Session { options: options.clone(), output: *output, catalogue, sources, program, key, store })
    }

    /// The stack file, for commands that cannot do without.
    ///
    /// # Errors
    /// Only a name was given.
    pub fn program(&self) -> Result<&Program, CommandError> {
        self.program.as_ref().ok_or_else(|| {
            CommandError::input(format!("there is no file `{}`", self.options.stack.display()))
                .hint("give the path of the stack file; a name alone will do only for commands that look at the state")
        })
    }

    /// The state as it is, without holding it.
    ///
    /// # Errors
    /// It cannot be read, or there is none.
    pub async fn state(&self) -> Result<State, CommandError> {
        let state = self.store.read(&self.key).await?;
        state.ok_or_else(|| {
            let place = state_place(&self.options.cloud);
            CommandError::input(format!("there is no state of {} in `{}`", self.key, place.display()))
                .hint("nothing has been applied yet; or `--env`, `--state` or `--sandbox` mean another state")
        })
    }

    /// Who we are, for others who want the state.
    pub fn holder(&self, verb: &str) -> Holder {
        let (user, host) = environment::user_and_host();
        Holder::new(user, host, self.options.command(verb))
    }

    /// An error with the sources it points into.
    pub fn findings(&self, found: Diagnostics) -> CommandError {
        CommandError::findings(found, &self.sources)
    }
}

/// A stack that was not given as a file: only its name, for commands that look at the state alone.
fn is_name(stack: &Path) -> bool {
    let is_file_like = stack.extension().is_some() || stack.components().count() != 1;
    !is_file_like && !stack.exists()
}

fn read(options: &StackOptions, catalogue: &Catalogue, sources: &mut Sources) -> Result<Program, CommandError> {
    let inputs = Inputs {
        path: options.stack.clone(),
        environment: options.env.clone(),
        variables: options.var.clone(),
        variable_files: options.var_file.clone(),
        environment_variables: environment::variables(),
    };
    Program::open(&inputs, catalogue, sources).map_err(|found| CommandError::findings(found, sources))
}

/// Where states are kept. What the sandbox knows never mixes with what is real.
pub fn state_place(options: &CloudOptions) -> PathBuf {
    if options.sandbox { options.state.join("sandbox") } else { options.state.clone() }
}

/// A simulated cloud is a file of this machine, and so is its state: in a bucket nobody else could do anything with it.
fn open_store(options: &CloudOptions) -> Result<Box<dyn Store>, CommandError> {
    let place = options.state.to_string_lossy();
    match (remote_state::is_remote(&place), options.sandbox) {
        (false, _) => Ok(Box::new(LocalStore::new(state_place(options)))),
        (true, false) => remote_state::open(&place),
        (true, true) => Err(CommandError::input(format!(
            "with `--sandbox` the state cannot be kept at `{place}`: it stays in a folder, beside the cloud that is simulated there"
        ))
        .hint("add `--state state`, or another folder")),
    }
}
