//! `provision completions`: lets a shell complete our commands and options.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::{Cli, error::CommandError, exit::Exit, output::Output};

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  provision completions bash > ~/.local/share/bash-completion/completions/provision
  provision completions zsh > ~/.zfunc/_provision
  provision completions fish > ~/.config/fish/completions/provision.fish")]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

impl Arguments {
    /// Does it.
    ///
    /// # Errors
    /// The reader has gone.
    pub fn run(&self, output: &Output) -> Result<Exit, CommandError> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "provision", &mut script);
        output.result(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
