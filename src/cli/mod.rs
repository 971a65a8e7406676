//! L5: the command line. Reads arguments and environment, puts the layers together, asks, and ends with an exit code.
//!
//! ```text
//! arguments ─▶ commands/*.rs ─▶ session (stack, state, sandbox or AWS) ─▶ planning ─▶ confirm ─▶ change ─▶ exit
//! ```
//!
//! One file per command in [`commands`]; what several of them do stands beside it. Results go to standard output, progress
//! and errors to standard error.

pub mod bookkeeping;
pub mod change;
pub mod cloud;
pub mod commands;
pub mod confirm;
pub mod environment;
pub mod error;
pub mod exit;
pub mod interrupt;
pub mod options;
pub mod output;
pub mod planning;
pub mod remote_state;
pub mod sandbox_fail;
pub mod saved_plan;
pub mod session;

use std::process::ExitCode;

use clap::{Parser, error::ErrorKind};

use commands::Command;
use error::CommandError;
use exit::Exit;
use options::ColourChoice;
use output::Output;

/// Infrastructure on AWS from YAML stack files: planned, applied at once, rolled back when something fails.
#[derive(Debug, Parser)]
#[command(
    name = "provision",
    version,
    arg_required_else_help = true,
    max_term_width = 110,
    disable_help_subcommand = true
)]
#[command(after_help = "\
Examples:
  provision plan stack.yaml                     what would change, and why
  provision apply stack.yaml --env staging      change it, after asking
  provision apply stack.yaml --sandbox --yes    try it on a simulated cloud: no account, no cost
  provision destroy stack.yaml --env pr-12      remove everything again

Exit codes: 0 done, 1 error before anything changed, 2 changes pending (plan --detailed-exitcode),
3 failed and rolled back, 4 failed and something is left, 5 locked, 130 interrupted.")]
pub struct Cli {
    /// When to use colours (NO_COLOR is respected)
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColourChoice,

    #[command(subcommand)]
    pub command: Command,
}

/// Does what the arguments of this process say.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let output = Output::new(cli.color);
    if let Err(problem) = environment::start_log() {
        return output.fail(&CommandError::input(problem), cli.command.wants_json()).into();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let error = CommandError::input(format!("cannot start: {error}"));
            return output.fail(&error, false).into();
        }
    };
    let wants_json = cli.command.wants_json();
    let result = runtime.block_on(cli.command.run(&output));
    // What is still asking AWS something must not hold up the end.
    runtime.shutdown_background();
    match result {
        Ok(exit) => exit.into(),
        Err(error) => output.fail(&error, wants_json).into(),
    }
}

/// Help and version are no errors; wrong arguments are like any other error before anything changed.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is nobody's fault.
    let _ = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done.into(),
        _ => Exit::Refused.into(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_is_explained() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }
}
