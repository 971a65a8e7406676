//! From the SDK's errors to the engine's closed list of faults.
//!
//! What the service answered is judged by its code: first by the table of the API that was called, then by the table of
//! all services, then by the endings that AWS's codes share, then by the HTTP status. What never became an answer is
//! judged by whether the request can have left this machine: if it may have, nobody knows what it did.

use std::{error::Error, io};

use aws_smithy_runtime_api::client::{
    orchestrator::HttpResponse,
    result::{DispatchFailure, SdkError},
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::driver::{
    Executed, Fault,
    FaultKind::{self, AlreadyExists, Denied, InUse, Invalid, NotFound, NotReady, Other, Quota, Throttled, Transient},
    Made, Progress, Result,
};

/// Error codes and what they mean.
pub type Codes = &'static [(&'static str, FaultKind)];

/// Codes that mean the same in every service that has them, and codes that no ending gives away.
const CODES: Codes = &[
    ("AccessDenied", Denied),
    ("AuthFailure", Denied),
    ("Blocked", Denied),
    ("ConcurrentModificationException", NotReady),
    ("DependencyTimeoutException", Transient),
    ("DependencyViolation", InUse),
    ("EC2ThrottledException", Throttled),
    ("ExpiredToken", Denied),
    ("ExpiredTokenException", Denied),
    ("IncompleteSignature", Denied),
    ("IncorrectState", NotReady),
    ("InsufficientAddressCapacity", Quota),
    ("InsufficientFreeAddressesInSubnet", Quota),
    ("InternalError", Transient),
    ("InternalFailure", Transient),
    ("InternalServerError", Transient),
    ("InternalServiceException", Transient),
    ("InvalidClientTokenId", Denied),
    ("InvalidSignatureException", Denied),
    ("InvalidState", NotReady),
    ("KMSInternalException", Transient),
    ("LimitExceededException", Quota),
    ("MalformedPolicyDocument", Invalid),
    ("MalformedPolicyDocumentException", Invalid),
    ("MissingAuthenticationToken", Denied),
    ("MissingParameter", Invalid),
    ("NotAuthorized", Denied),
    ("OperationNotPermitted", Denied),
    ("OptInRequired", Denied),
    ("PriorRequestNotComplete", Throttled),
    ("RequestExpired", Denied),
    ("RequestLimitExceeded", Throttled),
    ("RequestThrottled", Throttled),
    ("RequestThrottledException", Throttled),
    ("RequestTimeout", Transient),
    ("ServiceUnavailable", Transient),
    ("SignatureDoesNotMatch", Denied),
    ("SlowDown", Throttled),
    ("Throttling", Throttled),
    ("ThrottlingException", Throttled),
    ("TooManyRequestsException", Throttled),
    ("Unavailable", Transient),
    ("UnauthorizedOperation", Denied),
    ("UnknownParameter", Invalid),
    ("UnrecognizedClientException", Denied),
    ("UnsupportedOperation", Invalid),
    ("UnsupportedOperationException", Invalid),
    ("ValidationError", Invalid),
    ("ValidationException", Invalid),
];

/// How AWS ends the codes of one meaning; the first that fits counts.
const ENDINGS: Codes = &[
    (".NotFound", NotFound),
    ("NotFoundException", NotFound),
    ("NotFound", NotFound),
    (".Duplicate", AlreadyExists),
    ("AlreadyExists", AlreadyExists),
    ("AlreadyExistsException", AlreadyExists),
    (".AlreadyAssociated", AlreadyExists),
    (".InUse", InUse),
    ("InUseException", InUse),
    ("LimitExceeded", Quota),
    ("QuotaExceededException", Quota),
    ("QuotaExceeded", Quota),
    ("AccessDeniedException", Denied),
];

/// Turns the outcome of a call into the contract's.
pub trait OrFault<T> {
    /// The answer, or a fault of `operation`, judged by `codes` before the common tables.
    fn or_fault(self, operation: &str, codes: Codes) -> Result<T>;
}

impl<T, E> OrFault<T> for std::result::Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn or_fault(self, operation: &str, codes: Codes) -> Result<T> {
        self.map_err(|error| fault(&error, operation, codes))
    }
}

/// What an answer must contain; one without it says as little as no answer.
pub fn answered<T>(part: Option<T>, operation: &str) -> Result<T> {
    part.ok_or_else(|| Fault::new(Transient, operation, "the answer does not say which object was made"))
}

/// A fault that left `made` behind. What the service does not see yet, it will: its reads lag behind its writes.
pub fn half_made(made: &Made) -> impl FnOnce(Fault) -> Fault {
    let made = made.clone();
    |mut fault| {
        if fault.kind == NotFound {
            fault.kind = NotReady;
        }
        fault.with_made(made)
    }
}

/// The outcome of a look-up: that there is nothing is an answer too.
pub fn found<T: Default>(answer: Result<T>) -> Result<T> {
    match answer {
        Err(fault) if fault.kind == NotFound => Ok(T::default()),
        answer => answer,
    }
}

/// What was asked for, if it is there.
pub fn there<T>(read: Result<T>) -> Result<Option<T>> {
    found(read.map(Some))
}

/// The outcome of a call that may come too early. AWS spreads news of what was just made (a role, what it may do) slowly;
/// until it arrives, other services refuse it as if it were wrong, and only these `words` of theirs tell that apart.
pub fn early<T>(outcome: Result<T>, words: &[&str]) -> Result<T> {
    outcome.map_err(|mut fault| {
        if words.iter().any(|words| fault.message.contains(words)) {
            fault.kind = NotReady;
        }
        fault
    })
}

/// The outcome of a delete: what is gone already is gone.
pub fn gone<T>(deleted: Result<T>) -> Result<Progress<()>> {
    match deleted {
        Err(fault) if fault.kind != NotFound => Err(fault),
        _ => Ok(Progress::Done(())),
    }
}

/// The outcome of a delete of something that others may still use; `blockers` finds out who, only if need be.
pub async fn gone_unless_used<T>(
    deleted: Result<T>,
    blockers: impl Future<Output = Vec<String>>,
) -> Result<Progress<()>> {
    match gone(deleted) {
        Err(mut fault) if fault.kind == InUse => {
            fault.blockers = blockers.await;
            Err(fault)
        }
        outcome => outcome,
    }
}

/// A refusal that came inside a successful answer, as the calls that take several ids report it.
pub fn refused(operation: &str, code: Option<&str>, message: Option<&str>, codes: Codes) -> Fault {
    let kind = kind_of(code.unwrap_or_default(), codes).unwrap_or(Other);
    let mut fault = Fault::new(kind, operation, message.unwrap_or("refused without a reason"));
    fault.code = code.map(str::to_owned);
    fault
}

/// What `made` has become in the end: an object that exists and will never work.
pub fn failed(operation: &str, code: Option<&str>, message: Option<&str>, made: &Made) -> Fault {
    let kind = code.and_then(|code| kind_of(code, &[])).filter(|kind| *kind == Quota).unwrap_or(Other);
    let mut fault = Fault::new(kind, operation, message.unwrap_or("it failed without a reason"));
    fault.code = code.map(str::to_owned);
    fault.with_made(made.clone())
}

fn fault<E>(error: &SdkError<E, HttpResponse>, operation: &str, codes: Codes) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Fault::new(Invalid, operation, innermost(error)),
        SdkError::TimeoutError(_) => {
            let message = format!("no answer within {} seconds", crate::driver::REQUEST_DEADLINE.as_secs());
            Fault::new(Transient, operation, message)
        }
        SdkError::DispatchFailure(failure) => undelivered(failure, operation),
        _ => refusal(error, operation, codes),
    }
}

/// The service answered, and not with success.
fn refusal<E>(error: &SdkError<E, HttpResponse>, operation: &str, codes: Codes) -> Fault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let code = error.code();
    let kind = code.and_then(|code| kind_of(code, codes)).unwrap_or_else(|| kind_by_status(status, code));
    let message = match error.message() {
        Some(message) => advised(message, code.unwrap_or_default()),
        None if code.is_some() => advised("refused without a reason", code.unwrap_or_default()),
        None => format!("the answer (HTTP status {status}) is not one of this service; is the endpoint right?"),
    };
    let mut fault = Fault::new(kind, operation, message);
    if kind == Other && (400..500).contains(&status) {
        fault.executed = Executed::No;
    }
    fault.code = code.map(str::to_owned);
    fault.request_id = error.request_id().or_else(|| error.meta().request_id()).map(str::to_owned);
    fault
}

fn kind_of(code: &str, codes: Codes) -> Option<FaultKind> {
    let exact = codes.iter().chain(CODES).find(|(known, _)| *known == code);
    let ending = || ENDINGS.iter().find(|(ending, _)| code.ends_with(ending));
    exact.or_else(ending).map(|(_, kind)| *kind)
}

fn kind_by_status(status: u16, code: Option<&str>) -> FaultKind {
    match status {
        429 => Throttled,
        401 | 403 => Denied,
        500.. => Transient,
        _ if code.is_some_and(|code| code.starts_with("Invalid") || code.starts_with("Malformed")) => Invalid,
        _ => Other,
    }
}

/// The service's message, with what to do about it where the message alone does not help.
fn advised(message: &str, code: &str) -> String {
    let advice = match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "the credentials have expired: sign in again (`aws sso login`, or new keys), then run the same command"
        }
        "AuthFailure" | "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            "check the access key, its secret and the clock of this machine; `aws sts get-caller-identity` must work"
        }
        "OptInRequired" => "the account has not enabled this service or region",
        _ => return message.to_owned(),
    };
    format!("{}; {advice}", message.trim_end_matches('.'))
}

/// No answer arrived. What failed before a connection stood was never executed.
fn undelivered(failure: &DispatchFailure, operation: &str) -> Fault {
    let causes = || chain(failure.as_connector_error().map(|error| error as &(dyn Error + 'static)));
    let reason = causes().last().map_or_else(|| "unknown reason".to_owned(), ToString::to_string);
    // Behind the first line stands the list of all places that were searched.
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches(". Attempted:");
    let said = |words: &[&str]| causes().any(|cause| words.iter().any(|word| cause.to_string().contains(word)));
    let never_sent = |message: String, kind| {
        let mut fault = Fault::new(kind, operation, message);
        fault.executed = Executed::No;
        fault
    };
    if failure.is_other() && said(&["credential", "identity", "profile", "SSO"]) {
        let message = format!(
            "no usable credentials ({reason}): set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or \
             run `aws sso login`"
        );
        return never_sent(message, Other);
    }
    let refused = causes().filter_map(|cause| cause.downcast_ref::<io::Error>());
    let refused = refused.map(io::Error::kind).any(|kind| kind == io::ErrorKind::ConnectionRefused);
    if refused || said(&["dns error", "HTTP connect timeout", "invalid peer certificate", "tcp connect error"]) {
        let message = format!(
            "no connection to the service ({reason}): check the network, the region and, if set, `AWS_ENDPOINT_URL`"
        );
        return never_sent(message, Transient);
    }
    Fault::new(Transient, operation, format!("the connection broke before the answer arrived ({reason})"))
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(Some(error)).last().map_or_else(String::new, ToString::to_string)
}

/// An error and its causes, outermost first.
fn chain<'a>(error: Option<&'a (dyn Error + 'static)>) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error, |error| (**error).source())
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;

    use super::*;

    #[test]
    fn the_table_of_the_api_comes_before_the_common_one() {
        assert_eq!(kind_of("Gateway.NotAttached", &[("Gateway.NotAttached", NotFound)]), Some(NotFound));
        assert_eq!(kind_of("DependencyViolation", &[("DependencyViolation", NotReady)]), Some(NotReady));
    }

    #[test]
    fn codes_of_one_ending_have_one_kind() {
        for (code, kind) in [
            ("InvalidVpcID.NotFound", NotFound),
            ("NatGatewayNotFound", NotFound),
            ("NotFoundException", NotFound),
            ("InvalidGroup.Duplicate", AlreadyExists),
            ("RouteAlreadyExists", AlreadyExists),
            ("Resource.AlreadyAssociated", AlreadyExists),
            ("InvalidGroup.InUse", InUse),
            ("VpcLimitExceeded", Quota),
            ("RequestLimitExceeded", Throttled),
            ("UnauthorizedOperation", Denied),
        ] {
            assert_eq!(kind_of(code, &[]), Some(kind), "{code}");
        }
        assert_eq!(kind_of("SomethingNew", &[]), None);
    }

    #[test]
    fn a_code_nobody_knows_is_judged_by_the_status() {
        assert_eq!(kind_by_status(503, None), Transient);
        assert_eq!(kind_by_status(400, Some("InvalidSubnet.Range")), Invalid);
        assert_eq!(kind_by_status(400, Some("SomethingNew")), Other);
        assert_eq!(kind_by_status(429, None), Throttled);
    }

    #[test]
    fn missing_credentials_say_what_to_do_and_that_nothing_was_sent() {
        type Sdk = SdkError<aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError, HttpResponse>;
        let source = ConnectorError::other("the credential provider was not enabled".into(), None);
        let fault = fault(&Sdk::dispatch_failure(source), "sts:GetCallerIdentity", &[]);
        assert_eq!((fault.kind, fault.executed), (Other, Executed::No));
        assert!(fault.message.contains("set `AWS_PROFILE`"), "{fault}");
        assert!(!fault.message.contains("DispatchFailure"), "{fault}");
    }

    #[test]
    fn expired_credentials_say_what_to_do() {
        let message = advised("Request has expired.", "RequestExpired");
        assert!(message.starts_with("Request has expired; the credentials have expired: sign in again"), "{message}");
    }

    #[test]
    fn what_is_refused_for_coming_too_early_is_worth_another_try() {
        let refused =
            || Err::<(), _>(Fault::new(Invalid, "lambda:CreateFunction", "the role cannot be assumed by Lambda."));
        assert_eq!(early(refused(), &["cannot be assumed"]).unwrap_err().kind, NotReady);
        assert_eq!(early(refused(), &["something else"]).unwrap_err().kind, Invalid);
    }

    #[test]
    fn what_a_half_made_object_does_not_show_yet_is_worth_another_try() {
        let made = Made { id: crate::base::PhysicalId("vpc-1".into()), attributes: crate::base::Doc::default() };
        let fault = half_made(&made)(Fault::new(NotFound, "ec2:ModifyVpcAttribute", "no such vpc"));
        assert_eq!((fault.kind, fault.made), (NotReady, Some(Box::new(made))));
    }
}
