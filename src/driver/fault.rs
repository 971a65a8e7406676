//! What can go wrong in a call to a cloud: one closed list, so that the engine decides by kind and never by text.

use serde::{Deserialize, Serialize};

use super::Made;

/// The kinds of failure that the engine tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The object does not exist.
    NotFound,
    /// A create found the name, the key or the token taken.
    AlreadyExists,
    /// Something else still uses the object; see [`Fault::blockers`].
    InUse,
    /// The object, or one it needs, is not ready for this; trying again later will do.
    NotReady,
    /// Too many requests; nothing was executed.
    Throttled,
    /// The caller may not do this.
    Denied,
    /// The request is wrong and will stay wrong.
    Invalid,
    /// A limit of the account is reached.
    Quota,
    /// The answer was lost, or the service failed on its side.
    Transient,
    /// Anything else.
    Other,
}

/// Whether a failed call may have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Executed {
    /// Certainly not: it was refused, or never left.
    No,
    /// Nobody knows: look before doing it again.
    Unknown,
}

/// A failed call: what happened, which call it was, and what is left of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{operation}: {message}{}{}", .code.as_ref().map(|c| format!(" ({c})")).unwrap_or_default(), .request_id.as_ref().map(|r| format!(", request {r}")).unwrap_or_default())]
pub struct Fault {
    pub kind: FaultKind,
    pub executed: Executed,
    /// The API operation, `ec2:CreateVpc`.
    pub operation: String,
    /// The service's error code, `InvalidVpcID.NotFound`.
    pub code: Option<String>,
    /// The service's message.
    pub message: String,
    pub request_id: Option<String>,
    /// An object that exists although the call failed: half-made, to be resumed or removed.
    pub made: Option<Box<Made>>,
    /// What still uses the object, in words: `eni-12ab (ELB app/web)`.
    pub blockers: Vec<String>,
}

impl Fault {
    /// A fault of `kind` in `operation`. [`FaultKind::Transient`] and [`FaultKind::Other`] leave open whether the call was
    /// executed; all other kinds are the service's refusal.
    pub fn new(kind: FaultKind, operation: impl Into<String>, message: impl Into<String>) -> Self {
        let executed = match kind {
            FaultKind::Transient | FaultKind::Other => Executed::Unknown,
            _ => Executed::No,
        };
        Fault {
            kind,
            executed,
            operation: operation.into(),
            code: None,
            message: message.into(),
            request_id: None,
            made: None,
            blockers: Vec::new(),
        }
    }

    /// The object that exists although the call failed.
    #[must_use]
    pub fn with_made(mut self, made: Made) -> Self {
        self.made = Some(Box::new(made));
        self
    }
}
