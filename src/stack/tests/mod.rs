//! Small stack files and what becomes of them: the evaluated stack, or everything that is wrong with it, as plain text.

mod examples;
mod files;
mod growth;
mod hostile;
mod language;
mod mistakes;
mod packing;
mod rules;
mod shared;
mod values;

use std::{fmt::Write, fs, path::PathBuf};

use tempfile::TempDir;

use super::{Facts, Inputs, Needs, Program, Stack};
use crate::{
    base::{Diagnostics, Doc, Identity, Place, Sources, Unknown, Value},
    catalogue::Catalogue,
};

/// A folder with a stack in it.
pub struct Case {
    pub folder: TempDir,
    pub inputs: Inputs,
    pub facts: Facts,
}

/// A stack file with nothing around it.
pub fn stack(text: &str) -> Case {
    let case = bare();
    let header = if text.contains("stack:") { "" } else { "stack: test\nregion: eu-central-1\n" };
    case.file("stack.yaml", &format!("{header}{text}"))
}

/// A folder without a stack file.
pub fn bare() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let inputs = Inputs { path: folder.path().join("stack.yaml"), ..Inputs::default() };
    Case { folder, inputs, facts: Facts::default() }
}

impl Case {
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn var(mut self, name: &str, text: &str) -> Self {
        self.inputs.variables.push((name.to_owned(), text.to_owned()));
        self
    }

    pub fn var_file(mut self, name: &str) -> Self {
        self.inputs.variable_files.push(self.path(name));
        self
    }

    pub fn exported(mut self, name: &str, text: &str) -> Self {
        self.inputs.environment_variables.push((name.to_owned(), text.to_owned()));
        self
    }

    pub fn env(mut self, name: &str) -> Self {
        self.inputs.environment = name.to_owned();
        self
    }

    /// With everything that the cloud would tell.
    pub fn told(mut self) -> Self {
        self.facts.identity = Some(Identity { account_id: "111122223333".to_owned(), partition: "aws".to_owned() });
        for region in ["eu-central-1", "eu-west-1"] {
            let zones = ["a", "b", "c"].map(|zone| format!("{region}{zone}")).to_vec();
            self.facts.zones.insert(Place { region: region.to_owned(), role_arn: None }, zones);
        }
        self
    }

    pub fn found(mut self, name: &str, document: serde_json::Value) -> Self {
        self.facts.data.insert(name.to_owned(), Doc::from(document));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn open(&self) -> Result<Program, (Sources, Diagnostics)> {
        let mut sources = Sources::default();
        Program::open(&self.inputs, Catalogue::embedded(), &mut sources).map_err(|problems| (sources, problems))
    }

    pub fn needs(&self) -> Needs {
        self.open()
            .map_err(|(sources, problems)| self.problems(&sources, &problems))
            .unwrap()
            .needs(&self.facts)
            .unwrap()
    }

    /// The evaluated stack.
    pub fn stack(&self) -> Stack {
        let mut sources = Sources::default();
        let program = Program::open(&self.inputs, Catalogue::embedded(), &mut sources);
        let evaluated = program.and_then(|program| program.evaluate(&self.facts, Catalogue::embedded()));
        evaluated.map_err(|problems| self.problems(&sources, &problems)).unwrap().0
    }

    /// What becomes of it, as text.
    pub fn outcome(&self) -> String {
        let mut sources = Sources::default();
        let program = Program::open(&self.inputs, Catalogue::embedded(), &mut sources);
        match program.and_then(|program| program.evaluate(&self.facts, Catalogue::embedded())) {
            Ok((stack, warnings)) => shown(&stack) + &self.problems(&sources, &warnings),
            Err(problems) => self.problems(&sources, &problems),
        }
    }

    /// That nothing is wrong, not even a little.
    pub fn outcome_must_be_right(&self, name: &str) {
        let mut sources = Sources::default();
        let program = Program::open(&self.inputs, Catalogue::embedded(), &mut sources);
        let problems = match program.and_then(|program| program.evaluate(&self.facts, Catalogue::embedded())) {
            Ok((_, warnings)) => warnings,
            Err(problems) => problems,
        };
        assert!(problems.0.is_empty(), "{name}:\n{}", self.problems(&sources, &problems));
    }

    fn problems(&self, sources: &Sources, problems: &Diagnostics) -> String {
        let mut out = String::new();
        for problem in &problems.0 {
            let at = problem.labels.first().map_or_else(|| "-".to_owned(), |label| sources.position(label.span));
            writeln!(out, "{at} {} {}", problem.rule, problem.message).unwrap();
            for label in &problem.labels {
                let line = sources.text(label.span.file).get(label.span.range()).unwrap_or("");
                let line = line.lines().next().unwrap_or("");
                writeln!(out, "  | {} `{line}` {}", sources.position(label.span), label.text).unwrap();
            }
            for help in &problem.help {
                writeln!(out, "  = {help}").unwrap();
            }
        }
        out.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

fn shown(stack: &Stack) -> String {
    let mut out = String::new();
    for (address, resource) in &stack.resources {
        let (type_name, region) = (&resource.type_name, &resource.place.region);
        writeln!(out, "{address} {type_name} {region} {}", plain(&resource.properties)).unwrap();
        if !resource.depends_on.is_empty() {
            let names: Vec<String> = resource.depends_on.iter().map(ToString::to_string).collect();
            writeln!(out, "  depends on {}", names.join(", ")).unwrap();
        }
        if resource.lifecycle != super::Lifecycle::default() {
            writeln!(out, "  {:?}", resource.lifecycle).unwrap();
        }
    }
    for (name, output) in &stack.outputs {
        writeln!(out, "output {name} = {}", plain(&output.value)).unwrap();
    }
    out
}

/// A value in one line; what is unknown by what it waits for.
fn plain(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key}: {}", plain(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Unknown(Unknown::Attribute { address, path }) => format!("<{address}.{path}>"),
        Value::Unknown(Unknown::Data { name, path }) => format!("<data.{name}.{path}>"),
        Value::Unknown(Unknown::Expression { source, captures }) => {
            let captures: Vec<String> =
                captures.iter().map(|(name, value)| format!("{name} = {}", plain(value))).collect();
            format!("<{source} where {}>", captures.join(", "))
        }
        known => format!("{known:?}"),
    }
}

/// Many cases in one text: name, file, outcome.
pub fn outcomes(cases: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, text) in cases {
        writeln!(out, "## {name}\n{}\n→\n{}", text.trim_end(), stack(text).outcome()).unwrap();
    }
    out
}
