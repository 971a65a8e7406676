//! The exit codes: a table that scripts rely on.

use std::process::ExitCode;

use crate::engine::event::Outcome;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or there was nothing to do.
    Done,
    /// An error before anything was changed.
    Refused,
    /// Changes are pending (`--detailed-exitcode`).
    Pending,
    /// Failed, and everything is as it was.
    RolledBack,
    /// Failed, and something is left; the command that finishes it has been named.
    Left,
    /// Somebody else holds the state.
    Locked,
    /// Stopped by a person.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Refused => 1,
            Exit::Pending => 2,
            Exit::RolledBack => 3,
            Exit::Left => 4,
            Exit::Locked => 5,
            Exit::Interrupted => 130,
        }
    }

    /// The end of a run. What is left matters more than who stopped it.
    pub fn of_run(outcome: Outcome, stopped: bool) -> Self {
        match (outcome, stopped) {
            (Outcome::Done, false) => Exit::Done,
            (Outcome::Partial, _) => Exit::Left,
            (Outcome::Done | Outcome::RolledBack, true) => Exit::Interrupted,
            (Outcome::RolledBack, false) => Exit::RolledBack,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_outweighs_an_interruption() {
        assert_eq!(Exit::of_run(Outcome::Partial, true), Exit::Left);
        assert_eq!(Exit::of_run(Outcome::RolledBack, true).code(), 130);
        assert_eq!(Exit::of_run(Outcome::RolledBack, false).code(), 3);
    }
}
