//! `--sandbox-fail WHAT[:HOW]`: which call of the simulated cloud goes wrong, and how.

use super::error::CommandError;
use crate::{
    base::Address,
    catalogue::Catalogue,
    driver::{
        FaultKind,
        sim::{Misbehaviour, Operation, Rule, When},
    },
};

/// What can be said after the colon.
const WAYS: &[(&str, Misbehaviour)] = &[
    ("denied", Misbehaviour::Refuse(FaultKind::Denied)),
    ("invalid", Misbehaviour::Refuse(FaultKind::Invalid)),
    ("quota", Misbehaviour::Refuse(FaultKind::Quota)),
    ("throttled", Misbehaviour::Refuse(FaultKind::Throttled)),
    ("transient", Misbehaviour::Refuse(FaultKind::Transient)),
    ("lost", Misbehaviour::LoseAnswer),
    ("never_ready", Misbehaviour::NeverReady),
    ("ends_failed", Misbehaviour::EndsFailed),
];

/// The rule that a text means. Without `:HOW` the call is refused as denied.
///
/// # Errors
/// The text means nothing.
pub fn rule(text: &str, catalogue: &Catalogue) -> Result<Rule, CommandError> {
    let way = |name: &str| WAYS.iter().find(|(known, _)| *known == name).map(|(_, misbehaviour)| *misbehaviour);
    let (what, misbehaviour) = match text.rsplit_once(':') {
        Some((what, how)) if way(how).is_some() => (what, way(how)),
        _ => (text, None),
    };
    let misbehaviour = misbehaviour.unwrap_or(Misbehaviour::Refuse(FaultKind::Denied));
    let when = when(what, catalogue).ok_or_else(|| {
        let ways = WAYS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        CommandError::input(format!("`{text}` names no call that could fail"))
            .hint("give an address (`nat`), a type (`AWS::EC2::NatGateway`) or an operation (`ec2:CreateNatGateway`)")
            .hint(format!("after a colon may follow how: {ways}"))
    })?;
    Ok(Rule::once(when, 1, misbehaviour))
}

fn when(what: &str, catalogue: &Catalogue) -> Option<When> {
    let changing = When { changing: true, ..When::default() };
    if catalogue.get(what).is_some() {
        return Some(When { type_name: Some(what.to_owned()), ..changing });
    }
    if let Some((service, call)) = what.split_once(':') {
        let verbs = [
            ("Create", Operation::Create),
            ("Modify", Operation::Update),
            ("Update", Operation::Update),
            ("Delete", Operation::Delete),
            ("Describe", Operation::Read),
        ];
        let (kind, operation) =
            verbs.iter().find_map(|(verb, operation)| Some((call.strip_prefix(verb)?, *operation)))?;
        let is_meant = |name: &&str| {
            let mut parts = name.split("::").skip(1);
            parts.next().is_some_and(|part| part.eq_ignore_ascii_case(service))
                && parts.next().is_some_and(|part| part.eq_ignore_ascii_case(kind))
        };
        let type_name = catalogue.names().find(is_meant)?.to_owned();
        return Some(When { operation: Some(operation), type_name: Some(type_name), ..When::default() });
    }
    let address = what.parse::<Address>().ok()?;
    Some(When { address: Some(address.to_string()), ..changing })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_a_type_and_an_operation_each_mean_a_call() {
        let catalogue = Catalogue::embedded();
        let rule = |text| rule(text, catalogue).unwrap();
        assert_eq!(rule(r#"nat["a"]:quota"#).when.address.as_deref(), Some(r#"nat["a"]"#));
        assert_eq!(rule("nat:quota").misbehaviour, Misbehaviour::Refuse(FaultKind::Quota));
        assert_eq!(rule("AWS::EC2::VPC").when.type_name.as_deref(), Some("AWS::EC2::VPC"));
        let create = rule("ec2:CreateNatGateway:never_ready");
        assert_eq!((create.when.operation, create.misbehaviour), (Some(Operation::Create), Misbehaviour::NeverReady));
        assert_eq!(create.when.type_name.as_deref(), Some("AWS::EC2::NatGateway"));
    }

    #[test]
    fn what_means_nothing_is_refused_with_what_would() {
        let error = rule("ec2:Explode", Catalogue::embedded()).unwrap_err();
        assert!(error.hints[1].contains("`never_ready`"));
    }
}
