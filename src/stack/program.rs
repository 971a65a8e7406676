//! A stack file that has been read: everything that can be known without asking a cloud.

use std::path::PathBuf;

use super::model::{Facts, Needs, Stack};
use crate::{
    base::{Diagnostics, Sources},
    catalogue::Catalogue,
};

/// What to read, and what it is given.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    pub path: PathBuf,
    /// `--env`; `default` if not given.
    pub environment: String,
    /// `--var name=value`, in order.
    pub variables: Vec<(String, String)>,
    /// `--var-file`, in order: YAML maps. Weaker than `variables`.
    pub variable_files: Vec<PathBuf>,
    /// `PROVISION_VAR_name`, without the prefix. Weaker than `variable_files`.
    pub environment_variables: Vec<(String, String)>,
}

/// A parsed stack with its modules and inputs.
#[derive(Debug)]
pub struct Program {}

impl Program {
    /// Reads the stack file and its modules. Every text that is read is added to `sources`.
    ///
    /// # Errors
    /// Everything that is wrong, in one go.
    pub fn open(inputs: &Inputs, catalogue: &Catalogue, sources: &mut Sources) -> Result<Program, Diagnostics> {
        let _ = (inputs, catalogue, sources);
        unimplemented!()
    }

    /// Name of the stack and its environment: which state it has.
    pub fn identity(&self) -> (&str, &str) {
        unimplemented!()
    }

    /// What has to be asked of the cloud before `evaluate` can know everything. `facts` is what is known so far: data
    /// look-ups whose filters depend on it appear once it is.
    ///
    /// # Errors
    /// What is wrong with the filters.
    pub fn needs(&self, facts: &Facts) -> Result<Needs, Diagnostics> {
        let _ = facts;
        unimplemented!()
    }

    /// The stack. With empty `facts`, what depends on them is unknown; that is what `validate` does. The second part are the
    /// warnings.
    ///
    /// # Errors
    /// Everything that is wrong, in one go.
    pub fn evaluate(&self, facts: &Facts, catalogue: &Catalogue) -> Result<(Stack, Diagnostics), Diagnostics> {
        let _ = (facts, catalogue);
        unimplemented!()
    }
}
