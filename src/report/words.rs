//! The words for what is done and to what, in one place, so that every report says the same thing the same way.

use crate::{
    engine::event::{Found, Verb},
    engine::plan::{Action, Reason, Undo},
};

/// What a step is called before, while and after it happens.
pub struct Forms {
    pub plain: &'static str,
    pub present: &'static str,
    pub past: &'static str,
}

/// The forms of a verb.
pub fn verb(verb: Verb) -> Forms {
    let (plain, present, past) = match verb {
        Verb::Create => ("create", "creating", "created"),
        Verb::Update => ("update", "updating", "updated"),
        Verb::Replace => ("replace", "replacing", "replaced"),
        Verb::Resume => ("finish", "finishing", "finished"),
        Verb::Delete => ("delete", "deleting", "deleted"),
        Verb::Adopt => ("import", "importing", "imported"),
        Verb::Forget => ("forget", "forgetting", "forgotten"),
        Verb::Move => ("move", "moving", "moved"),
        Verb::Accept => ("record", "recording", "recorded"),
    };
    Forms { plain, present, past }
}

/// The verb of an action.
pub fn action_verb(action: &Action) -> Verb {
    match action {
        Action::Create { replaces: Some(_), .. } => Verb::Replace,
        Action::Create { .. } => Verb::Create,
        Action::Update { .. } => Verb::Update,
        Action::Resume { .. } => Verb::Resume,
        Action::Delete => Verb::Delete,
        Action::Adopt { .. } => Verb::Adopt,
        Action::Forget => Verb::Forget,
        Action::Move { .. } => Verb::Move,
        Action::Accept { .. } => Verb::Accept,
    }
}

/// What became of a call whose answer was lost.
pub fn found(found: Found) -> &'static str {
    match found {
        Found::Executed => "had been carried out",
        Found::NotExecuted => "had not been carried out",
        Found::HalfMade => "is half-made",
    }
}

/// A reason, as the end of "because".
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::New => "new in the stack".to_owned(),
        Reason::Changed { path } => format!("`{path}` changed in the stack"),
        Reason::Drifted { path } => format!("`{path}` was changed outside of provision (the file wins)"),
        Reason::Missing => "it was deleted outside of provision".to_owned(),
        Reason::Immutable { path } => format!("`{path}` cannot be changed in place"),
        Reason::Follows { address, path } => format!("`{path}` refers to `{address}`, which is replaced"),
        Reason::ReplaceWhen => "`replace_when` has another value".to_owned(),
        Reason::Broken { why } => format!("it was left half-made: {why}"),
        Reason::Removed => "not in the stack any more".to_owned(),
        Reason::Replaced => "the next generation takes its place".to_owned(),
        Reason::Destroyed => "everything is to be destroyed".to_owned(),
        Reason::Declared => "the stack says so".to_owned(),
        Reason::Lifecycle => "only `lifecycle` changed".to_owned(),
        Reason::Present => "AWS has it already as the stack says it".to_owned(),
        Reason::Needs => "it depends on other resources than before".to_owned(),
        Reason::Accepted { path } => format!("`{path}` is taken over as AWS reports it"),
        Reason::Lapsed { path } => format!("the acceptance of `{path}` has ended"),
        Reason::Undone => "undoes what the run did".to_owned(),
    }
}

/// What an undo leaves to be said; `None` if a failed run takes the step back without a trace.
pub fn cannot_undo(undo: &Undo) -> Option<String> {
    match undo {
        Undo::Delete { residue: Some(residue) } => Some(format!("deleted again if the run fails, but {residue}")),
        Undo::Never { why } => Some(format!("cannot be undone: {why}")),
        Undo::Delete { residue: None } | Undo::Restore | Undo::Record | Undo::Create => None,
    }
}

/// How a step is undone.
pub fn undo(undo: &Undo) -> String {
    match undo {
        Undo::Delete { residue: None } => "if the run fails, it is deleted again".to_owned(),
        Undo::Restore => "if the run fails, the former values are put back".to_owned(),
        Undo::Record => "if the run fails, the former record is put back".to_owned(),
        Undo::Create => "if the run fails, it is made again as it was".to_owned(),
        other => cannot_undo(other).unwrap_or_default(),
    }
}

/// A type name as people say it: `AWS::EC2::NatGateway` is a `NAT gateway`, `AWS::KMS::Key` a `KMS key`.
pub fn type_words(type_name: &str) -> String {
    let mut parts = type_name.split("::");
    let (service, kind) = match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(service), Some(kind)) => (service, kind),
        _ => return type_name.to_owned(),
    };
    let words = split_words(kind).iter().map(|word| spoken(word)).collect::<Vec<_>>().join(" ");
    // EC2 is where networks are, and long service names say what the kind says again, as some short ones do.
    if service == "EC2" || service.len() > 10 || kind.starts_with(service) {
        words
    } else {
        format!("{service} {words}")
    }
}

fn spoken(word: &str) -> String {
    const ACRONYMS: &[&str] = &["Nat", "Vpc", "Dns", "Db", "Api", "Acl", "Ip"];
    let is_acronym = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    match () {
        () if is_acronym => word.to_owned(),
        () if ACRONYMS.contains(&word) => word.to_ascii_uppercase(),
        () => word.to_ascii_lowercase(),
    }
}

/// `DBCluster` is `DB`, `Cluster`; `VPCGatewayAttachment` is `VPC`, `Gateway`, `Attachment`.
fn split_words(name: &str) -> Vec<String> {
    let letters = name.chars().collect::<Vec<_>>();
    let mut words = vec![String::new()];
    for (at, &letter) in letters.iter().enumerate() {
        let after_small = at > 0 && !letters[at - 1].is_ascii_uppercase();
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if at > 0 && letter.is_ascii_uppercase() && (after_small || before_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_people_say_them() {
        let said = [
            ("AWS::EC2::NatGateway", "NAT gateway"),
            ("AWS::EC2::VPC", "VPC"),
            ("AWS::EC2::VPCGatewayAttachment", "VPC gateway attachment"),
            ("AWS::KMS::Key", "KMS key"),
            ("AWS::RDS::DBCluster", "RDS DB cluster"),
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer"),
            ("AWS::EC2::EIP", "EIP"),
            ("AWS::Backup::BackupPlan", "backup plan"),
            ("strange", "strange"),
        ];
        for (name, words) in said {
            assert_eq!(type_words(name), words);
        }
    }
}
