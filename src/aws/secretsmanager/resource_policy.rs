//! AWS::SecretsManager::ResourcePolicy
//! API: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy.  Identity: Id, the ARN of the secret.  Found by: the
//! secret, if it has the wanted policy; a policy that was there before belongs to somebody else.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{Client, operation::get_resource_policy::GetResourcePolicyOutput};

use super::described::{CODES, describe_all, early, unless_gone};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, visible},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, Path, PhysicalId, Place},
    catalogue::Catalogue,
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SecretsManager::ResourcePolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ResourcePolicyDriver { aws: aws.clone() })
}

struct ResourcePolicyDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ResourcePolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let secret = properties.text::<String>("SecretId")?.unwrap_or_default();
        put(&self.aws.secretsmanager(&call.place).await, &secret, &properties).await
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = policy(&self.aws.secretsmanager(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let found = each(ids.iter().map(|id| policy(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.secretsmanager(&call.place).await;
        put(&client, &change.id.0, &Wanted::new(TYPE, &change.want)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let deleted = client.delete_resource_policy().secret_id(&id.0).send().await;
        let deleted = deleted.or_fault("secretsmanager:DeleteResourcePolicy", FAULTS);
        gone(unless_gone(&client, &id.0, deleted).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.of(call, want).await?.map(|found| Doc::from(observed(&found)));
        let is_wanted = |found: &Doc| match (want.get("ResourcePolicy"), found.get("ResourcePolicy")) {
            (Some(want), Some(found)) => {
                Catalogue::embedded().get(TYPE).is_some_and(|kind| kind.same(&Path::key("ResourcePolicy"), want, found))
            }
            _ => false,
        };
        Ok(identities(TYPE, found.into_iter().filter(is_wanted)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(identities(TYPE, self.of(call, want).await?.iter().map(observed)).pop())
    }
}

impl ResourcePolicyDriver {
    /// The policy of the secret for which one is wanted.
    async fn of(&self, call: &Call, want: &Doc) -> Result<Option<GetResourcePolicyOutput>> {
        let Some(secret) = want.text("SecretId") else { return Ok(None) };
        policy(&self.aws.secretsmanager(&call.place).await, secret).await
    }
}

#[async_trait]
impl AwsDriver for ResourcePolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.secretsmanager(place).await;
        let secrets = describe_all(&client).await?;
        let found = each(secrets.iter().filter_map(|secret| secret.arn()).map(|arn| policy(&client, arn))).await?;
        Ok(found.iter().flatten().map(|policy| observed(policy).into()).collect())
    }
}

/// The policy of a secret, if it has one.
async fn policy(client: &Client, secret: &str) -> Result<Option<GetResourcePolicyOutput>> {
    let answer = client.get_resource_policy().secret_id(secret).send().await;
    let answer = answer.or_fault("secretsmanager:GetResourcePolicy", FAULTS);
    let answer = unless_gone(client, secret, answer).await?;
    Ok(answer.filter(|answer| answer.resource_policy().is_some()))
}

async fn put(client: &Client, secret: &str, want: &Wanted<'_>) -> Result<Progress<Made>> {
    let operation = "secretsmanager:PutResourcePolicy";
    let request = client
        .put_resource_policy()
        .secret_id(secret)
        .set_resource_policy(want.document("ResourcePolicy")?)
        .set_block_public_policy(want.flag("BlockPublicPolicy")?);
    let answer = request.send().await.or_fault(operation, FAULTS).map_err(not_ready)?;
    Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(answered(answer.arn, operation)?)))))
}

/// A role that was made a moment ago is not known everywhere yet.
fn not_ready(fault: Fault) -> Fault {
    if fault.kind == FaultKind::Invalid { early(fault, "unsupported principal") } else { fault }
}

fn observed(policy: &GetResourcePolicyOutput) -> Observed {
    Observed::new()
        .with("Id", policy.arn())
        .with("SecretId", policy.arn())
        .with_document("ResourcePolicy", policy.resource_policy())
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
