//! AWS::SecretsManager::Secret
//! API: CreateSecret, UpdateSecret, GetRandomPassword, ReplicateSecretToRegions, RemoveRegionsFromReplication, TagResource,
//! UntagResource, DescribeSecret, DeleteSecret.  Identity: Id, the ARN.  Found by: Name, verified by owner tags; the create
//! call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{Client, operation::describe_secret::DescribeSecretOutput};

use super::{
    described::{CODES, describe, describe_all, describe_any, unless_gone},
    replicas,
    tags::{retag, tags, tags_of},
    value,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, all_tags, each, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SecretsManager::Secret";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SecretDriver { aws: aws.clone() })
}

struct SecretDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for SecretDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "secretsmanager:CreateSecret";
        let client = self.aws.secretsmanager(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("Name")?;
        let replicas = replicas::wanted(&properties)?;
        let has_replicas = replicas.is_some();
        let request = client
            .create_secret()
            .client_request_token(&call.token().0)
            .set_name(name.clone())
            .set_description(properties.text("Description")?)
            .set_kms_key_id(properties.text("KmsKeyId")?)
            .set_type(properties.text("Type")?)
            .set_add_replica_regions(replicas)
            .set_tags(tags(all_tags(call, &properties)?))
            .set_secret_string(value::wanted(&client, &properties).await?);
        let answer = match request.send().await.or_fault(operation, FAULTS) {
            Err(fault) => return Err(reserved(&client, &name.unwrap_or_default(), fault).await),
            Ok(answer) => answer,
        };
        let made = made(TYPE, Observed::new().with("Id", Some(answered(answer.arn, operation)?)));
        Ok(if has_replicas { pending(&made, "replicating") } else { Progress::Done(made) })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.secretsmanager(&call.place).await, &so_far.id.0).await?;
        let replicas = found.as_ref().map(DescribeSecretOutput::replication_status).unwrap_or_default();
        if let Some(message) = replicas::failure(replicas) {
            return Err(failed("secretsmanager:ReplicateSecretToRegions", None, Some(&message), so_far));
        }
        if replicas::is_under_way(replicas) {
            return Ok(pending(so_far, "replicating"));
        }
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let found = each(ids.iter().map(|id| describe(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let changed = Changed::new(TYPE, change);
        revise(&client, call, &changed).await?;
        let is_replicating = replicas::change(&client, &changed).await?;
        retag(&client, &changed).await?;
        let made = only_id(&change.id);
        Ok(if is_replicating { pending(&made, "replicating") } else { Progress::Done(made) })
    }

    /// A secret is not deleted but scheduled to be, after 30 days; from then on it counts as gone. Its copies go at once, as
    /// they must before it can.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.secretsmanager(&call.place).await;
        if let Some(secret) = describe_any(&client, &id.0).await? {
            if secret.deleted_date().is_some() {
                return Ok(Progress::Done(()));
            }
            let copies = secret.replication_status().iter().filter_map(|replica| replica.region.clone());
            replicas::remove(&client, &id.0, copies.collect()).await?;
        }
        let deleted = client.delete_secret().secret_id(&id.0).send().await;
        let deleted = deleted.or_fault("secretsmanager:DeleteSecret", FAULTS);
        gone(unless_gone(&client, &id.0, deleted).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("Name") else { return Ok(Vec::new()) };
        let found = describe(&self.aws.secretsmanager(&call.place).await, name).await?;
        let is_ours = |secret: &&DescribeSecretOutput| {
            secret.tags().iter().any(|tag| tag.key() == Some(TAG_TOKEN) && tag.value() == Some(&call.token().0))
        };
        Ok(identities(TYPE, found.iter().filter(is_ours).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for SecretDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = describe_all(&self.aws.secretsmanager(place).await).await?;
        Ok(found.iter().map(|secret| observed(secret).into()).collect())
    }
}

/// What UpdateSecret does: everything but copies and tags. Without a key of its own a secret has AWS's.
async fn revise(client: &Client, call: &Call, change: &Changed<'_>) -> Result<()> {
    let mut request = client.update_secret().secret_id(change.id());
    if change.touches("Description") {
        request = request.description(change.want.text::<String>("Description")?.unwrap_or_default());
    }
    if change.touches("KmsKeyId") {
        let key = change.want.text::<String>("KmsKeyId")?;
        request = request.kms_key_id(key.unwrap_or_else(|| "alias/aws/secretsmanager".to_owned()));
    }
    if change.touches("Type") {
        request = request.set_type(change.want.text("Type")?);
    }
    let is_new = change.touches("SecretString") || change.touches("GenerateSecretString");
    let value = if is_new { value::wanted(client, &change.want).await? } else { None };
    let has_value = value.is_some();
    // The token is the name of a version, so it is spent on nothing but a new one.
    if has_value {
        request = request.client_request_token(&call.token().0).set_secret_string(value);
    }
    if has_value || ["Description", "KmsKeyId", "Type"].iter().any(|name| change.touches(name)) {
        request.send().await.or_fault("secretsmanager:UpdateSecret", FAULTS)?;
    }
    Ok(())
}

/// Says what to do if the name of a new secret belongs to one that waits for its deletion.
async fn reserved(client: &Client, name: &str, mut fault: Fault) -> Fault {
    if matches!(fault.kind, FaultKind::AlreadyExists | FaultKind::Invalid)
        && let Ok(Some(former)) = describe_any(client, name).await
        && former.deleted_date().is_some()
    {
        fault.kind = FaultKind::Invalid;
        fault.message = format!(
            "the name `{name}` still belongs to a secret that is scheduled for deletion: give this one another name; or \
             bring the old one back with `aws secretsmanager restore-secret --secret-id {name}` and take it over with \
             `imports` (its id is `{}`); or, if what it holds may be lost, end the waiting with `aws secretsmanager \
             delete-secret --force-delete-without-recovery --secret-id {name}`",
            former.arn().unwrap_or_default()
        );
    }
    fault
}

/// `SecretString` and `GenerateSecretString` are never read.
fn observed(secret: &DescribeSecretOutput) -> Observed {
    let replicas = secret.replication_status();
    let document = Observed::new()
        .with("Id", secret.arn())
        .with("Name", secret.name())
        .with("Description", secret.description().filter(|text| !text.is_empty()))
        .with("KmsKeyId", secret.kms_key_id().filter(|key| !key.is_empty() && *key != "alias/aws/secretsmanager"))
        .with("Type", secret.r#type())
        .with_list("Tags", tags_of(secret.tags()));
    if replicas.is_empty() { document } else { document.with_list("ReplicaRegions", replicas::observed(replicas)) }
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
