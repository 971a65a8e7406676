//! ECS refuses most things with one of two codes, whatever is wrong; only the words say which of our kinds it is. The words
//! are those that other tools wait on, too (Terraform's provider, the AWS CDK).

use crate::driver::{
    FaultKind::{self, AlreadyExists, NotFound, NotReady},
    Result,
};

/// The codes that say nothing.
const VAGUE: &[&str] = &["ClientException", "InvalidParameterException"];

/// What they mean, by a part of the message in lower case.
const WORDS: &[(&str, FaultKind)] = &[
    ("creation of service was not idempotent", AlreadyExists),
    ("service that is still draining", NotReady),
    ("unable to assume the service linked role", NotReady),
    ("does not have an associated load balancer", NotReady),
    ("verify that the ecs service role being passed has the proper permissions", NotReady),
    ("cannot be stopped while deployments are active", NotReady),
    ("unable to describe task definition", NotFound),
    ("task definition does not exist", NotFound),
];

/// The outcome of a call, with its fault judged by its words where its code is vague.
pub fn told<T>(outcome: Result<T>) -> Result<T> {
    outcome.map_err(|mut fault| {
        if fault.code.as_deref().is_some_and(|code| VAGUE.contains(&code)) {
            let message = fault.message.to_lowercase();
            let meant = WORDS.iter().find(|(words, _)| message.contains(words));
            fault.kind = meant.map_or(FaultKind::Invalid, |(_, kind)| *kind);
        }
        fault
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Fault;

    #[test]
    fn a_vague_code_is_judged_by_its_words_and_any_other_by_itself() {
        let kind = |code: &str, message: &str| {
            let mut fault = Fault::new(FaultKind::Other, "ecs:CreateService", message);
            fault.code = Some(code.to_owned());
            told(Err::<(), Fault>(fault)).unwrap_err().kind
        };
        let draining = "Unable to Start a service that is still Draining.";
        assert_eq!(kind("InvalidParameterException", draining), NotReady);
        assert_eq!(kind("InvalidParameterException", "Creation of service was not idempotent."), AlreadyExists);
        assert_eq!(kind("ClientException", "The specified task definition does not exist."), NotFound);
        assert_eq!(kind("ClientException", "TaskDefinition is inactive"), FaultKind::Invalid);
        assert_eq!(kind("SomethingElse", draining), FaultKind::Other);
    }
}
