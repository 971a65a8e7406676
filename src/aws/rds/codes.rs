//! The codes that RDS spells in its own way, and what its messages say where one code has several meanings.

use crate::{
    aws::faults::Codes,
    driver::{
        Fault,
        FaultKind::{AlreadyExists, InUse, Invalid, NotFound, NotReady, Quota},
        Result,
    },
};

/// What RDS's codes mean. Some end in `Fault` and some do not.
pub const CODES: Codes = &[
    ("DBClusterAlreadyExistsFault", AlreadyExists),
    ("DBClusterNotFoundFault", NotFound),
    ("DBClusterQuotaExceededFault", Quota),
    ("DBSubnetGroupDoesNotCoverEnoughAZs", Invalid),
    ("DBSubnetGroupNotFoundFault", NotFound),
    ("DBSubnetQuotaExceededFault", Quota),
    ("DBUpgradeDependencyFailure", NotReady),
    ("GlobalClusterAlreadyExistsFault", AlreadyExists),
    ("GlobalClusterNotFoundFault", NotFound),
    ("GlobalClusterQuotaExceededFault", Quota),
    ("InsufficientDBClusterCapacityFault", Quota),
    ("InsufficientDBInstanceCapacity", Quota),
    ("InsufficientStorageClusterCapacity", Quota),
    ("InvalidDBClusterSnapshotStateFault", NotReady),
    ("InvalidDBClusterStateFault", NotReady),
    ("InvalidDBInstanceState", NotReady),
    ("InvalidDBParameterGroupState", NotReady),
    ("InvalidDBSnapshotState", NotReady),
    ("InvalidDBSubnetGroupStateFault", InUse),
    ("InvalidGlobalClusterStateFault", NotReady),
    ("KMSKeyNotAccessibleFault", Invalid),
    ("NetworkTypeNotSupported", Invalid),
    ("StorageTypeNotSupported", Invalid),
];

/// A delete's codes: a parameter group that cannot be deleted is one that something uses.
pub const DELETE_CODES: Codes =
    &[("InvalidDBParameterGroupState", InUse), ("DBClusterParameterGroupNotFound", NotFound)];

/// The outcome of a request that names an IAM role. RDS refuses a role that was made a moment ago in the words it has for
/// one without permissions; it knows better after some seconds.
pub fn patient_with_roles<T>(outcome: Result<T>) -> Result<T> {
    outcome.map_err(|mut fault: Fault| {
        if fault.kind == Invalid && fault.message.contains("does not include the required permissions") {
            fault.kind = NotReady;
        }
        fault
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_is_not_known_yet_is_worth_another_try_and_other_mistakes_are_not() {
        let outcome = |message| patient_with_roles::<()>(Err(Fault::new(Invalid, "rds:CreateDBInstance", message)));
        let message =
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
        assert_eq!(outcome(message).unwrap_err().kind, NotReady);
        assert_eq!(outcome("no such engine").unwrap_err().kind, Invalid);
    }
}
