//! Policy documents as IAM reports them, and the policies that are part of a role.

use aws_sdk_iam::{Client, types::AttachedPolicy};

use super::CODES;
use crate::{
    aws::{
        convert::{Wanted, each, same_document},
        faults::{OrFault, there},
    },
    driver::Result,
};

/// A document as it was given: IAM encodes it for URLs (RFC 3986, so a plus stays a plus), and the SDK leaves it so.
pub fn decoded(document: &str) -> String {
    let mut bytes = Vec::with_capacity(document.len());
    let mut rest = document.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| document.to_owned())
}

/// A policy that is part of a role.
#[derive(Debug, Clone, PartialEq)]
pub struct Inline {
    pub name: String,
    /// JSON as text.
    pub document: String,
}

impl Inline {
    /// The wanted policies of a role.
    pub fn wanted(role: &Wanted<'_>) -> Result<Vec<Inline>> {
        let policy = |policy: &Wanted<'_>| {
            let name = policy.text("PolicyName")?.unwrap_or_default();
            Ok(Inline { name, document: policy.document("PolicyDocument")?.unwrap_or_default() })
        };
        role.items("Policies")?.iter().map(policy).collect()
    }

    /// Whether two policies have one name and say the same.
    fn is_same_as(&self, other: &Inline) -> bool {
        self.name == other.name && same_document(&(&*self.document).into(), &(&*other.document).into())
    }

    /// Puts this policy into a role, over one of its name.
    pub async fn put(&self, iam: &Client, role: &str) -> Result<()> {
        let request = iam.put_role_policy().role_name(role).policy_name(&self.name).policy_document(&self.document);
        request.send().await.or_fault("iam:PutRolePolicy", CODES).map(drop)
    }
}

/// Makes the policies of a role the wanted ones: new ones first, so that nothing that stays allowed is ever cut off.
pub async fn set_inline(iam: &Client, role: &str, before: &[Inline], want: &[Inline]) -> Result<()> {
    for policy in want.iter().filter(|policy| !before.iter().any(|before| before.is_same_as(policy))) {
        policy.put(iam, role).await?;
    }
    for policy in before.iter().filter(|before| !want.iter().any(|policy| policy.name == before.name)) {
        delete_inline(iam, role, &policy.name).await?;
    }
    Ok(())
}

/// Takes a policy out of a role; one that is gone already is gone.
pub async fn delete_inline(iam: &Client, role: &str, name: &str) -> Result<()> {
    let request = iam.delete_role_policy().role_name(role).policy_name(name);
    there(request.send().await.or_fault("iam:DeleteRolePolicy", CODES)).map(drop)
}

/// One policy of a role.
pub async fn read_inline(iam: &Client, role: &str, name: &str) -> Result<Option<Inline>> {
    let answer = iam.get_role_policy().role_name(role).policy_name(name).send().await;
    let policy = there(answer.or_fault("iam:GetRolePolicy", CODES))?;
    Ok(policy.map(|policy| Inline { document: decoded(policy.policy_document()), name: policy.policy_name }))
}

/// The names of the policies that are part of a role; none if it does not exist.
pub async fn inline_names(iam: &Client, role: &str) -> Result<Vec<String>> {
    let names = iam.list_role_policies().role_name(role).into_paginator().items().send().try_collect().await;
    Ok(there(names.or_fault("iam:ListRolePolicies", CODES))?.unwrap_or_default())
}

/// The policies that are part of a role.
pub async fn inline(iam: &Client, role: &str) -> Result<Vec<Inline>> {
    let names = inline_names(iam, role).await?;
    Ok(each(names.iter().map(|name| read_inline(iam, role, name))).await?.into_iter().flatten().collect())
}

/// Attaches a managed policy to a role.
pub async fn attach(iam: &Client, role: &str, arn: &str) -> Result<()> {
    let request = iam.attach_role_policy().role_name(role).policy_arn(arn);
    request.send().await.or_fault("iam:AttachRolePolicy", CODES).map(drop)
}

/// Detaches a managed policy from a role; one that is not attached is detached.
pub async fn detach(iam: &Client, role: &str, arn: &str) -> Result<()> {
    let request = iam.detach_role_policy().role_name(role).policy_arn(arn);
    there(request.send().await.or_fault("iam:DetachRolePolicy", CODES)).map(drop)
}

/// The ARNs of the managed policies that are attached to a role; none if it does not exist.
pub async fn attached(iam: &Client, role: &str) -> Result<Vec<String>> {
    let request = iam.list_attached_role_policies().role_name(role).into_paginator().items().send();
    let policies: std::result::Result<Vec<AttachedPolicy>, _> = request.try_collect().await;
    let policies = there(policies.or_fault("iam:ListAttachedRolePolicies", CODES))?.unwrap_or_default();
    Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_decoded_and_what_is_not_encoded_stays() {
        let encoded = "%7B%22Resource%22%3A%20%22arn:x/a+b%C3%A9*%22%7d";
        assert_eq!(decoded(encoded), r#"{"Resource": "arn:x/a+bé*"}"#);
        assert_eq!(decoded("100% %zz %4"), "100% %zz %4");
    }

    #[test]
    fn a_policy_is_the_same_if_it_says_the_same() {
        let policy = |document: &str| Inline { name: "a".into(), document: document.into() };
        assert!(policy(r#"{"a": 1}"#).is_same_as(&policy(r#"{"a":1}"#)));
        assert!(!policy(r#"{"a": 1}"#).is_same_as(&policy(r#"{"a": 2}"#)));
    }
}
