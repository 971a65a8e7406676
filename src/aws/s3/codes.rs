//! What the error codes of S3 mean, and how a setting that is not there is told from one that could not be read.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::{
    aws::faults::{Codes, OrFault},
    driver::{
        FaultKind::{AlreadyExists, InUse, Invalid, NotFound, NotReady, Quota},
        Result,
    },
};

/// The codes of the whole service. One change of a bucket at a time: another is aborted, and so is for a while the making of
/// a bucket that was just deleted. Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
pub const CODES: Codes = &[
    ("AccessControlListNotSupported", Invalid),
    ("BucketAlreadyOwnedByYou", AlreadyExists),
    ("BucketNotEmpty", InUse),
    ("IllegalLocationConstraintException", Invalid),
    ("NoSuchBucket", NotFound),
    ("OperationAborted", NotReady),
    ("PermanentRedirect", Invalid),
    ("TooManyBuckets", Quota),
];

/// How a region says that its buckets have no such setting.
const UNSUPPORTED: &[&str] = &["MethodNotAllowed", "NotImplemented", "UnsupportedArgument", "UnsupportedOperation"];

/// The outcome of a call of the SDK.
type Outcome<T, E> = std::result::Result<T, SdkError<E, HttpResponse>>;

/// What a bucket has; `None` if it has no such setting, for which each setting has a code of its own, all with status 404.
pub fn reported<T, E>(answer: Outcome<T, E>, operation: &str) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let is_absent = answer.as_ref().is_err_and(|error| {
        let is_missing = error.raw_response().is_some_and(|response| response.status().as_u16() == 404);
        is_missing || error.code().is_some_and(|code| UNSUPPORTED.contains(&code))
    });
    if is_absent { Ok(None) } else { answer.or_fault(operation, CODES).map(Some) }
}

/// The same for settings that not everything that speaks as S3 does knows: asked for one, it may list the objects instead,
/// with success and in words that are none of this call's.
pub fn reported_if_known<T, E>(answer: Outcome<T, E>, operation: &str) -> Result<Option<T>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match answer {
        Err(SdkError::ServiceError(answer)) if answer.raw().status().is_success() && answer.err().code().is_none() => {
            Ok(None)
        }
        answer => reported(answer, operation),
    }
}
