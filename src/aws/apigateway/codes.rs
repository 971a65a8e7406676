//! The error codes of API Gateway. It has few, each with several meanings that only the words tell apart.

use crate::{
    aws::faults::{Codes, half_made},
    driver::{
        Fault,
        FaultKind::{self, AlreadyExists, Denied, InUse, Invalid, NotReady, Other, Throttled, Transient},
        Made, Result,
    },
};

/// Most conflicts are two changes of one API at the same moment: <https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html>.
pub const CODES: Codes = &[
    ("BadRequestException", Invalid),
    ("ConflictException", NotReady),
    ("ServiceUnavailableException", Transient),
    ("UnauthorizedException", Denied),
];

/// What the service says where the code alone would mislead.
const WORDS: &[(&str, FaultKind)] = &[
    ("already exists", AlreadyExists),
    ("already has this name", AlreadyExists),
    ("must be moved or deleted", InUse),
    ("base path mappings", InUse),
];

/// The outcome of a call, by its words where they say more than its code.
pub fn told<T>(outcome: Result<T>) -> Result<T> {
    outcome.map_err(|mut fault| {
        if matches!(fault.kind, Invalid | NotReady)
            && let Some((_, kind)) = WORDS.iter().find(|(words, _)| fault.message.contains(words))
        {
            fault.kind = *kind;
        }
        fault
    })
}

/// A fault that left `made` without something that the API never shows, so that nobody could see later that it is missing:
/// the object must not pass for a finished one.
pub fn unfinished(made: &Made, missing: &'static str) -> impl FnOnce(Fault) -> Fault {
    let half_made = half_made(made);
    move |fault| {
        let mut fault = half_made(fault);
        if matches!(fault.kind, NotReady | Throttled | Transient) {
            fault.kind = Other;
            fault.message = format!("{}; the object was made without {missing}, run the same again", fault.message);
        }
        fault
    }
}
