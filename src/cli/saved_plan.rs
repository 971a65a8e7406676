//! `plan -o plan.json` and `apply plan.json`.
//!
//! A file holds the plan without its secrets and how it came about. Applying it plans again from the same stack and
//! goes ahead only if the result is the same to the last byte; otherwise it says what moved. So nothing secret is ever
//! stored, and nothing is done that was not in the file.

use std::{fs, io::Write, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    error::CommandError,
    options::{PlanOptions, StackOptions},
};
use crate::{
    base::{Address, Part},
    engine::plan::{self, Plan},
    report::plan_file,
    state::State,
};

/// What stands in a plan file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    format: Format,
    stack: String,
    environment: String,
    /// Names only: values may be secret, and have to be given again.
    variables: Vec<String>,
    variable_files: Vec<String>,
    sandbox: bool,
    destroy: bool,
    targets: Vec<Part>,
    excludes: Vec<Part>,
    allow_delete: Vec<Address>,
    /// Without secrets.
    plan: Plan,
}

/// So that any other JSON file is told apart.
#[derive(Debug, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "provision-plan")]
    ProvisionPlan,
}

impl SavedPlan {
    /// The plan, as it may be written down.
    pub fn new(plan: &Plan, stack: &StackOptions, options: &PlanOptions, destroy: bool) -> Self {
        SavedPlan {
            format: Format::ProvisionPlan,
            stack: stack.stack.to_string_lossy().into_owned(),
            environment: stack.env.clone(),
            variables: stack.var.iter().map(|(name, _)| name.clone()).collect(),
            variable_files: stack.var_file.iter().map(|file| file.to_string_lossy().into_owned()).collect(),
            sandbox: stack.cloud.sandbox,
            destroy,
            targets: options.target.clone(),
            excludes: options.exclude.clone(),
            allow_delete: options.allow_delete.clone(),
            plan: plan_file::masked(plan),
        }
    }

    /// Writes the file, readable for its owner alone.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CommandError> {
        let fail =
            |error: String| CommandError::input(format!("cannot write the plan to `{}`: {error}", path.display()));
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // A temporary file is private from the first byte, and a link in its place is replaced rather than followed.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| fail(error.to_string()))?;
        let text = serde_json::to_string_pretty(self).map_err(|error| fail(error.to_string()))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .map_err(|error| fail(error.to_string()))?;
        file.persist(path).map_err(|error| fail(error.error.to_string()))?;
        Ok(())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It is no plan file, or one of another version.
    pub fn read(path: &Path) -> Result<Self, CommandError> {
        let fail = |error: String| {
            CommandError::input(format!("`{}` cannot be used as a plan: {error}", path.display()))
                .hint("plan files are written by `provision plan STACK.yaml -o plan.json`")
        };
        let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        let saved = serde_json::from_str::<SavedPlan>(&text).map_err(|error| fail(error.to_string()))?;
        match saved.plan.version {
            plan::VERSION => Ok(saved),
            other => Err(fail(format!("it has version {other}, this program knows version {}", plan::VERSION))),
        }
    }

    /// The options it was made with. `given` brings what the file does not keep.
    ///
    /// # Errors
    /// Variables have to be given again, or the cloud is another one.
    pub fn options(&self, given: &StackOptions) -> Result<(StackOptions, PlanOptions), CommandError> {
        let is_given = |name: &&String| given.var.iter().any(|(other, _)| other == *name);
        let missing = self.variables.iter().filter(|name| !is_given(name)).collect::<Vec<_>>();
        if let Some(first) = missing.first() {
            return Err(CommandError::input(format!("the plan was made with `--var {first}=...`, which is missing"))
                .hint("give the same variables again: their values may be secret, so plan files do not keep them"));
        }
        if self.sandbox != given.cloud.sandbox {
            let (was, add) = if self.sandbox { ("on the sandbox", "add") } else { ("for AWS", "leave out") };
            return Err(CommandError::input(format!("the plan was made {was}")).hint(format!("{add} `--sandbox`")));
        }
        let mut stack = given.clone();
        stack.stack = self.stack.clone().into();
        stack.env.clone_from(&self.environment);
        stack.var_file = self.variable_files.iter().map(Into::into).collect();
        let options = PlanOptions {
            target: self.targets.clone(),
            exclude: self.excludes.clone(),
            allow_delete: self.allow_delete.clone(),
            no_refresh: false,
        };
        Ok((stack, options))
    }

    /// Whether it is the plan of a destroy.
    pub fn is_destroy(&self) -> bool {
        self.destroy
    }

    /// The state to compare from: a state that was never written gets a new lineage each time it is looked at, and
    /// made-up names depend on it.
    pub fn comparable(&self, state: &State) -> State {
        let mut state = state.clone();
        if state.serial == 0 && self.plan.base.serial == 0 {
            state.lineage.clone_from(&self.plan.base.lineage);
        }
        state
    }

    /// Whether `now` is the same plan.
    ///
    /// # Errors
    /// What moved.
    pub fn check(&self, now: &Plan) -> Result<(), CommandError> {
        let moved = plan_file::moved(&self.plan, &plan_file::masked(now));
        if moved.is_empty() {
            return Ok(());
        }
        const MOST: usize = 10;
        let mut error = CommandError::input("the plan does not apply any more; nothing was changed");
        error.hints.extend(moved.iter().take(MOST).cloned());
        if moved.len() > MOST {
            error.hints.push(format!("and {} more", moved.len() - MOST));
        }
        Err(error.hint("make a new plan"))
    }
}
