//! Refusals that only wait for another service to catch up, which the code alone does not say. The words are those that
//! Terraform's provider waits on, too.

use crate::driver::{FaultKind, Result};

/// Parts of the message of a `ValidationException`, in lower case.
const PASSING: &[&str] = &["ecs service doesn't exist", "unable to assume iam role"];

/// The outcome of a call, with its fault judged by its words where its code is vague.
pub fn told<T>(outcome: Result<T>) -> Result<T> {
    outcome.map_err(|mut fault| {
        let message = fault.message.to_lowercase();
        let is_vague = fault.code.as_deref() == Some("ValidationException");
        if is_vague && PASSING.iter().any(|words| message.contains(words)) {
            fault.kind = FaultKind::NotReady;
        }
        fault
    })
}
