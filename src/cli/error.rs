//! Why a command ends without having done what it should: in words for people, with what to do about it.

use crate::{
    base::{AddressError, Diagnostics, Sources},
    cli::exit::Exit,
    driver::{Fault, FaultKind},
    engine::run::RunError,
    state::StoreError,
};

/// What the exit code depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong input, a refused request, a cloud that does not answer: nothing was changed.
    Refused,
    /// Something may have been changed and the run could not be brought to its end.
    Left,
    Locked,
    Interrupted,
    /// Whoever read our output went away. No error to anybody.
    ClosedPipe,
}

/// An error of a command.
#[derive(Debug)]
pub struct CommandError {
    pub kind: Kind,
    /// A phrase in lower case.
    pub message: String,
    pub hints: Vec<String>,
    /// What is wrong with the stack, if that is the reason.
    pub findings: Option<Box<(Diagnostics, Sources)>>,
}

impl CommandError {
    /// An error before anything was changed.
    pub fn input(message: impl Into<String>) -> Self {
        CommandError::new(Kind::Refused, message)
    }

    /// An error of any kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        CommandError { kind, message: message.into(), hints: Vec::new(), findings: None }
    }

    /// What is wrong with the stack.
    pub fn findings(findings: Diagnostics, sources: &Sources) -> Self {
        let mut error = CommandError::input("the stack cannot be used as it is");
        error.findings = Some(Box::new((findings.sorted(), sources.clone())));
        error
    }

    /// The person pressed Ctrl-C before anything was changed.
    pub fn interrupted() -> Self {
        CommandError::new(Kind::Interrupted, "interrupted; nothing was changed")
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The exit code for it.
    pub fn exit(&self) -> Exit {
        match self.kind {
            Kind::Refused => Exit::Refused,
            Kind::Left => Exit::Left,
            Kind::Locked => Exit::Locked,
            Kind::Interrupted => Exit::Interrupted,
            Kind::ClosedPipe => Exit::Done,
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match error {
            StoreError::Locked { .. } => CommandError::new(Kind::Locked, message)
                .hint("wait until that run is over; the lock of a process that is gone ends by itself, in a folder at once, in a bucket within a minute")
                .hint("`provision unlock STACK` ends it, if nobody is there any more, and says who it was"),
            StoreError::Lost(_) => CommandError::new(Kind::Left, message)
                .hint("another process took the state over; look at what it does before you run the command again"),
            StoreError::Damaged { help, .. } => CommandError::input(message).hint(help),
            StoreError::Io { .. } => CommandError::input(message).hint("check that the place given by --state exists and can be reached and written, a bucket with the credentials at hand"),
            StoreError::Illegal(_) => CommandError::new(Kind::Left, message)
                .hint("this is a defect of provision; nothing that was recorded is lost, please report it"),
        }
    }
}

impl From<Fault> for CommandError {
    fn from(fault: Fault) -> Self {
        let hint = match fault.kind {
            FaultKind::Denied => {
                "the credentials in use may not do this: check them with `aws sts get-caller-identity`, then add the permission named by the call"
            }
            FaultKind::Throttled | FaultKind::Transient | FaultKind::NotReady => {
                "this usually passes: run the command again"
            }
            FaultKind::Quota => "ask AWS for a higher limit (Service Quotas), or remove what is not needed",
            FaultKind::NotFound
            | FaultKind::AlreadyExists
            | FaultKind::InUse
            | FaultKind::Invalid
            | FaultKind::Other => "check region, credentials and endpoint (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL)",
        };
        CommandError::input(fault.to_string()).hint(hint)
    }
}

impl From<RunError> for CommandError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Store(error) => error.into(),
            RunError::Cloud(fault) => fault.into(),
            RunError::Moved(_) => CommandError::input(error.to_string()).hint("make a new plan"),
            RunError::Refused { message, help } => CommandError::input(message).hint(help),
        }
    }
}

impl From<AddressError> for CommandError {
    fn from(error: AddressError) -> Self {
        CommandError::input(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_an_exit_code_of_its_own_and_says_how_to_free_it() {
        let locked =
            StoreError::Locked { holder: "ann on build-7".to_owned(), since: "2026-01-01T00:00:00Z".to_owned() };
        let error = CommandError::from(RunError::Store(locked));
        assert_eq!(error.exit().code(), 5);
        assert!(error.message.contains("ann on build-7"));
        assert!(error.hints[1].contains("provision unlock"));
    }

    #[test]
    fn a_refused_call_names_operation_code_and_request() {
        let mut fault = Fault::new(FaultKind::Denied, "sts:GetCallerIdentity", "the token is expired");
        (fault.code, fault.request_id) = (Some("ExpiredToken".to_owned()), Some("r-1".to_owned()));
        let error = CommandError::from(fault);
        assert_eq!(error.message, "sts:GetCallerIdentity: the token is expired (ExpiredToken), request r-1");
        assert_eq!(error.exit(), Exit::Refused);
    }
}
