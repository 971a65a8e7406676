//! How a secret is looked up, and what its service's refusals mean: a secret that is scheduled for deletion answers every
//! call with the same code as a wrong request, and is gone to us.

use aws_sdk_secretsmanager::{Client, operation::describe_secret::DescribeSecretOutput};

use crate::{
    aws::{
        convert::each,
        faults::{Codes, OrFault, there},
    },
    driver::{Fault, FaultKind, Result},
};

/// A name, or a version's token, is taken; a policy would open the secret to everybody.
pub const CODES: Codes =
    &[("PublicPolicyException", FaultKind::Invalid), ("ResourceExistsException", FaultKind::AlreadyExists)];

/// The secret of this name or ARN, scheduled for deletion or not.
pub async fn describe_any(client: &Client, id: &str) -> Result<Option<DescribeSecretOutput>> {
    there(client.describe_secret().secret_id(id).send().await.or_fault("secretsmanager:DescribeSecret", CODES))
}

/// The secret, unless it is gone or scheduled to be.
pub async fn describe(client: &Client, id: &str) -> Result<Option<DescribeSecretOutput>> {
    Ok(describe_any(client, id).await?.filter(|secret| secret.deleted_date().is_none()))
}

/// Every secret of a place but those that are scheduled for deletion.
pub async fn describe_all(client: &Client) -> Result<Vec<DescribeSecretOutput>> {
    let mut pages = client.list_secrets().into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.or_fault("secretsmanager:ListSecrets", CODES)?;
        ids.extend(page.secret_list.unwrap_or_default().into_iter().filter_map(|secret| secret.arn));
    }
    Ok(each(ids.iter().map(|id| describe(client, id))).await?.into_iter().flatten().collect())
}

/// The outcome of a call about the secret `id`; `None` if the secret is gone or scheduled to be.
pub async fn unless_gone<T>(client: &Client, id: &str, outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(answer) => Ok(Some(answer)),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) if fault.kind == FaultKind::Invalid => match describe(client, id).await? {
            None => Ok(None),
            Some(_) => Err(fault),
        },
        Err(fault) => Err(fault),
    }
}

/// The same fault, but worth another try if its message has these words: what it misses was made a moment ago.
pub fn early(mut fault: Fault, words: &str) -> Fault {
    if fault.message.contains(words) {
        fault.kind = FaultKind::NotReady;
    }
    fault
}
