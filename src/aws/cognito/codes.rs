//! What Cognito's error codes mean, where neither the common table nor their endings say it.

use crate::{
    aws::faults::Codes,
    driver::FaultKind::{AlreadyExists, Denied, Invalid, NotReady, Transient},
};

/// The codes of all types of this service.
pub const CODES: Codes = &[
    ("FeatureUnavailableInTierException", Invalid),
    ("GroupExistsException", AlreadyExists),
    ("InternalErrorException", Transient),
    // A role that was made a moment ago is not known to Cognito yet.
    ("InvalidSmsRoleAccessPolicyException", NotReady),
    ("InvalidSmsRoleTrustRelationshipException", NotReady),
    ("NotAuthorizedException", Denied),
    ("OperationNotEnabledException", Invalid),
    ("ScopeDoesNotExistException", Invalid),
    ("TierChangeNotAllowedException", Invalid),
    ("UserImportInProgressException", NotReady),
    ("UserPoolTaggingException", Invalid),
];
