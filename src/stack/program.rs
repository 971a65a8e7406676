//! A stack file that has been read: everything that can be known without asking a cloud.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{
    declaration::Declarations,
    evaluate::Evaluation,
    expr::Form,
    files::Folder,
    link::{self, Linked},
    load,
    model::{Facts, Needs, Stack},
    packing, variables,
    words::shown,
};
use crate::{
    base::{Diagnostic, Diagnostics, Sources, Value},
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

/// What `file(…)` gave, by the folder of the asking file and the path it asked for.
type FileTexts = BTreeMap<(PathBuf, String, Form), Result<String, String>>;

/// A parsed stack with its modules and inputs.
#[derive(Debug)]
pub struct Program {
    /// The stack file is the first.
    pub(super) files: Vec<Declarations>,
    pub(super) linked: Linked,
    pub(super) environment: String,
    /// The values of the stack's variables.
    pub(super) variables: Vec<Value>,
    name: String,
    folder: Folder,
    /// Read once, so that every evaluation sees the same.
    texts: Mutex<FileTexts>,
    hash: Sha256,
}

impl Program {
    /// Reads the stack file and its modules. Every text that is read is added to `sources`.
    ///
    /// # Errors
    /// Everything that is wrong, in one go.
    pub fn open(inputs: &Inputs, catalogue: &Catalogue, sources: &mut Sources) -> Result<Program, Diagnostics> {
        let mut problems = Diagnostics::default();
        let environment = environment(&inputs.environment, &mut problems);
        let Some(loaded) = load::load(&inputs.path, sources, &mut problems) else { return Err(problems.sorted()) };
        let variables = match loaded.files.first() {
            Some(stack) => variables::values(stack, inputs, sources, &mut problems),
            None => Vec::new(),
        };
        let Some(linked) = link::link(&loaded.files, catalogue, &mut problems) else { return Err(problems.sorted()) };
        let name = loaded.files.first().and_then(|stack| stack.name.clone());
        let mut hash = loaded.hash;
        hash_inputs(&mut hash, &environment, &variables);
        let program = Program {
            files: loaded.files,
            linked,
            environment,
            variables,
            name: name.map(|name| name.text).unwrap_or_default(),
            folder: loaded.folder,
            texts: Mutex::default(),
            hash,
        };
        if !problems.has_errors() {
            return Ok(program);
        }
        // What else is wrong with what could be read; a place that is at fault already is not blamed twice.
        let (more, _) = Evaluation::run(&program, &Facts::default(), Some(catalogue)).findings();
        let blamed: Vec<_> =
            problems.0.iter().filter_map(|problem| problem.labels.first()).map(|label| label.span).collect();
        let is_new = |problem: &Diagnostic| {
            let Some(label) = problem.labels.first() else { return true };
            !blamed.iter().any(|span| {
                span.file == label.span.file && span.start <= label.span.end && label.span.start <= span.end
            })
        };
        problems.0.extend(more.problems.0.into_iter().filter(is_new));
        Err(problems.sorted())
    }

    /// Name of the stack and its environment: which state it has.
    pub fn identity(&self) -> (&str, &str) {
        (&self.name, &self.environment)
    }

    /// What has to be asked of the cloud before `evaluate` can know everything. `facts` is what is known so far: data
    /// look-ups whose filters depend on it appear once it is. What `facts` holds already is not asked again.
    ///
    /// # Errors
    /// None so far: if anything is wrong, nothing is asked, and `evaluate` tells everything in one go.
    pub fn needs(&self, facts: &Facts) -> Result<Needs, Diagnostics> {
        if !self.linked.asks {
            return Ok(Needs::default());
        }
        let (findings, _) = Evaluation::run(self, facts, None).findings();
        Ok(if findings.problems.has_errors() { Needs::default() } else { findings.needs })
    }

    /// The stack. With empty `facts`, what depends on them is unknown; that is what `validate` does. The second part are the
    /// warnings.
    ///
    /// # Errors
    /// Everything that is wrong, in one go.
    pub fn evaluate(&self, facts: &Facts, catalogue: &Catalogue) -> Result<(Stack, Diagnostics), Diagnostics> {
        let evaluation = Evaluation::run(self, facts, Some(catalogue));
        let (place, tail) = (evaluation.root_place(), evaluation.tail());
        evaluation.check_order();
        let (findings, resources) = evaluation.findings();
        let problems = findings.problems.sorted();
        if problems.has_errors() {
            return Err(problems);
        }
        let stack = Stack {
            name: self.name.clone(),
            environment: self.environment.clone(),
            place,
            resources,
            outputs: tail.outputs,
            imports: tail.imports,
            moved: tail.moved,
            removed: tail.removed,
            digest: self.digest(),
        };
        Ok((stack, problems))
    }

    /// A file below the folder of the stack, for `file(…)` and `zip(…)`.
    pub(super) fn read_file(&self, base: &Path, path: &str, form: Form) -> Result<String, String> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || match form {
            Form::Text => self.folder.read(base, path).map(|(_, text)| text),
            Form::Archive => packing::pack(&self.folder, base, path),
        };
        texts.entry((base.to_owned(), path.to_owned(), form)).or_insert_with(read).clone()
    }

    fn digest(&self) -> String {
        let mut hash = self.hash.clone();
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        for ((base, path, _), text) in texts.iter() {
            let inside = base.strip_prefix(self.folder.root()).unwrap_or(base);
            let text = text.as_ref().map_or("", String::as_str);
            [inside.display().to_string().as_str(), path, text].iter().for_each(|part| hash_part(&mut hash, part));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn environment(given: &str, problems: &mut Diagnostics) -> String {
    if given.is_empty() {
        return "default".to_owned();
    }
    let is_right = given.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && given.len() <= 40
        && given.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if !is_right {
        let message = format!("`{}` cannot be the name of an environment", shown(given));
        problems.push(Diagnostic::error("bad-name", message).help(
            "environments are named by lower-case letters, digits, `-` and `_`, up to 40, a letter or digit first",
        ));
    }
    given.to_owned()
}

fn hash_part(hash: &mut Sha256, part: &str) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part.as_bytes());
}

fn hash_inputs(hash: &mut Sha256, environment: &str, variables: &[Value]) {
    hash_part(hash, environment);
    for value in variables {
        hash_part(hash, &value.reveal().map(|json| json.to_string()).unwrap_or_default());
    }
}
