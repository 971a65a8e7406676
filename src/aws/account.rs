//! Whose account a place is. The credentials stay the same as long as the process lives, and so does their account, in
//! whichever region it is asked: it is asked once for each role.

use super::{
    Clients,
    faults::{OrFault, answered},
};
use crate::{
    base::{Identity, Place},
    driver::{Fault, FaultKind, Result},
};

/// The call that says it.
const OPERATION: &str = "sts:GetCallerIdentity";

impl Clients {
    /// Whose account this place is.
    ///
    /// # Errors
    /// A cloud that cannot be reached, or that refuses the credentials.
    pub async fn identity(&self, place: &Place) -> Result<Identity> {
        let mut identities = self.identities().lock().await;
        if let Some(identity) = identities.get(&place.role_arn) {
            return Ok(identity.clone());
        }
        let answer = self.sts(place).await.get_caller_identity().send().await.or_fault(OPERATION, &[]);
        let answer = answer.map_err(first_contact)?;
        let arn = answered(answer.arn, OPERATION)?;
        let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
        let identity = Identity { account_id: answered(answer.account, OPERATION)?, partition };
        identities.insert(place.role_arn.clone(), identity.clone());
        Ok(identity)
    }
}

/// This is the first thing that is asked of AWS. An endpoint that cannot be reached, or that does not speak as AWS does, is
/// more likely a wrong setting than a passing trouble now, so nobody should be kept waiting for it.
fn first_contact(mut fault: Fault) -> Fault {
    if fault.kind == FaultKind::Transient && fault.code.is_none() {
        fault.kind = FaultKind::Other;
    }
    fault
}
