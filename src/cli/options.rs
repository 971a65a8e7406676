//! The arguments that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::error::CommandError;
use crate::{
    base::{Address, Part},
    engine::{planner, run::OnFailure},
};

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// Which stack, for which environment, in which state, on which cloud.
#[derive(Debug, Clone, Args)]
pub struct StackOptions {
    /// The stack file; where only the state matters, the name of the stack will do
    #[arg(value_name = "STACK.yaml")]
    pub stack: PathBuf,

    /// The environment; each has its own state
    #[arg(long, env = "PROVISION_ENV", default_value = "default", value_name = "NAME", hide_env_values = true)]
    pub env: String,

    /// A variable of the stack; also PROVISION_VAR_name=value in the environment
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub var: Vec<(String, String)>,

    /// A YAML file with variables of the stack
    #[arg(long, value_name = "FILE")]
    pub var_file: Vec<PathBuf>,

    #[command(flatten)]
    pub cloud: CloudOptions,

    /// Write JSON for programs
    #[arg(long)]
    pub json: bool,
}

/// Where the state is kept, and which cloud is meant.
#[derive(Debug, Clone, Args)]
pub struct CloudOptions {
    /// What keeps states: a folder, or s3://bucket/prefix
    #[arg(long, env = "PROVISION_STATE", default_value = "state", value_name = "PLACE", hide_env_values = true)]
    pub state: PathBuf,

    /// Use a simulated cloud and a state of its own, both in a folder: no account, no cost
    #[arg(long)]
    pub sandbox: bool,

    /// How much faster than the world the sandbox runs
    #[arg(long, default_value_t = 60.0, value_name = "FACTOR", value_parser = speed, help_heading = "Sandbox")]
    pub sandbox_speed: f64,

    /// Break one call: an address, a type or an operation, and how (`nat:quota`, `ec2:CreateNatGateway:never_ready`)
    #[arg(long, value_name = "WHAT[:HOW]", help_heading = "Sandbox", requires = "sandbox")]
    pub sandbox_fail: Vec<String>,
}

/// What to plan.
#[derive(Debug, Clone, Default, Args)]
pub struct PlanOptions {
    /// Only this resource or module, and what it needs
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<Part>,

    /// Not this resource or module, nor what needs it
    #[arg(long, value_name = "ADDRESS")]
    pub exclude: Vec<Part>,

    /// May be deleted or replaced although it holds data or is protected
    #[arg(long, value_name = "ADDRESS")]
    pub allow_delete: Vec<Address>,

    /// Do not read what exists; trust the state
    #[arg(long)]
    pub no_refresh: bool,
}

/// How to change things.
#[derive(Debug, Clone, Args)]
pub struct RunOptions {
    /// Go ahead without asking
    #[arg(long, short = 'y')]
    pub yes: bool,

    /// Steps in flight at once
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub parallel: u16,

    /// When a step fails, put everything back or keep what is done
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub on_failure: FailureChoice,
}

/// `--on-failure`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum FailureChoice {
    #[default]
    Rollback,
    Keep,
}

impl From<FailureChoice> for OnFailure {
    fn from(choice: FailureChoice) -> Self {
        match choice {
            FailureChoice::Rollback => OnFailure::Rollback,
            FailureChoice::Keep => OnFailure::Keep,
        }
    }
}

impl PlanOptions {
    /// As the planner wants it.
    pub fn for_planner(&self) -> planner::Options {
        planner::Options {
            targets: self.target.clone(),
            excludes: self.exclude.clone(),
            allow_delete: self.allow_delete.iter().cloned().collect(),
        }
    }
}

impl StackOptions {
    /// The command that takes up this stack again. Values of variables may be secret and are left out.
    pub fn command(&self, verb: &str) -> String {
        let mut words = vec!["provision".to_owned(), verb.to_owned(), quoted(&self.stack.to_string_lossy())];
        if self.env != "default" {
            words.extend(["--env".to_owned(), quoted(&self.env)]);
        }
        words.extend(self.var.iter().flat_map(|(name, _)| ["--var".to_owned(), format!("{name}=...")]));
        words.extend(self.var_file.iter().flat_map(|file| ["--var-file".to_owned(), quoted(&file.to_string_lossy())]));
        if self.cloud.state.as_os_str() != "state" {
            words.extend(["--state".to_owned(), quoted(&self.cloud.state.to_string_lossy())]);
        }
        if self.cloud.sandbox {
            words.push("--sandbox".to_owned());
        }
        words.join(" ")
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// An address on the command line.
///
/// # Errors
/// It is none.
pub fn address(text: &str) -> Result<Address, CommandError> {
    Ok(text.parse::<Address>()?)
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a variable is given as NAME=VALUE".to_owned()),
    }
}

/// Timers count in milliseconds: a thousand times faster, that is a second of the sandbox.
const FASTEST: f64 = 1000.0;

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().map_err(|error| error.to_string())?;
    if speed.is_finite() && (0.01..=FASTEST).contains(&speed) {
        Ok(speed)
    } else {
        Err(format!("a factor from 0.01 to {FASTEST}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finishing_command_repeats_no_secret_and_survives_a_shell() {
        let cloud = CloudOptions { state: "a b".into(), sandbox: true, sandbox_speed: 60.0, sandbox_fail: Vec::new() };
        let options = StackOptions {
            stack: "it's.yaml".into(),
            env: "dev".to_owned(),
            var: vec![("password".to_owned(), "canary".to_owned())],
            var_file: vec!["v.yaml".into()],
            cloud,
            json: false,
        };
        assert_eq!(
            options.command("apply"),
            r"provision apply 'it'\''s.yaml' --env dev --var password=... --var-file v.yaml --state 'a b' --sandbox"
        );
    }

    #[test]
    fn a_variable_needs_a_name_and_a_speed_is_a_sane_number() {
        assert!(assignment("=x").is_err() && assignment("x").is_err());
        assert_eq!(assignment("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(["0", "-1", "inf", "nan", "x"].iter().all(|text| speed(text).is_err()));
    }
}
