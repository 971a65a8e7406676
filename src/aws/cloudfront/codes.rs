//! What CloudFront's error codes mean.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{InUse, Invalid, NotFound, NotReady, Quota},
};

/// The codes of the whole service. A version (ETag) that is out of date is read again with the next attempt; a host name
/// that another distribution has is nothing that this one has made.
pub const CODES: Codes = &[
    ("CNAMEAlreadyExists", Invalid),
    ("DistributionNotDisabled", NotReady),
    ("IllegalUpdate", Invalid),
    ("InconsistentQuantities", Invalid),
    ("InvalidIfMatchVersion", NotReady),
    ("NoSuchCachePolicy", Invalid),
    ("NoSuchDistribution", NotFound),
    ("NoSuchOrigin", Invalid),
    ("NoSuchOriginAccessControl", NotFound),
    ("NoSuchOriginRequestPolicy", Invalid),
    ("NoSuchResource", NotFound),
    ("NoSuchResponseHeadersPolicy", Invalid),
    ("OriginAccessControlInUse", InUse),
    ("PreconditionFailed", NotReady),
    ("ResourceInUse", InUse),
    ("StagingDistributionInUse", InUse),
    ("TooManyCertificates", Quota),
    ("TooManyDistributionCNAMEs", Quota),
    ("TooManyDistributions", Quota),
    ("TooManyOriginAccessControls", Quota),
];
