//! AWS::SecretsManager::SecretTargetAttachment
//! API: GetSecretValue, PutSecretValue, DescribeDBClusters, DescribeDBInstances.  Identity: Id, the ARN of the secret.
//! Found by: what the secret says of its database; what it said before belongs to somebody else. Writing needs no token:
//! it reads first, and what is there already is not written again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use serde_json::{Map, Value as Json};

use super::{
    described::{CODES, unless_gone},
    target, value,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, visible},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SecretsManager::SecretTargetAttachment";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(SecretTargetAttachmentDriver { aws: aws.clone() })
}

struct SecretTargetAttachmentDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for SecretTargetAttachmentDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let secret = properties.text::<String>("SecretId")?.unwrap_or_default();
        self.attach(call, &secret, &properties).await
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = attached(&self.aws.secretsmanager(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().and_then(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let found = each(ids.iter().map(|id| attached(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().filter_map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.attach(call, &change.id.0, &Wanted::new(TYPE, &change.want)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let Some(secret) = attached(&client, &id.0).await? else { return Ok(Progress::Done(())) };
        let mut value = secret.value.clone();
        target::detach(&mut value);
        let written = write(&client, &secret, value).await;
        gone(unless_gone(&client, &id.0, written).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(secret) = want.text("SecretId") else { return Ok(Vec::new()) };
        let found = attached(&self.aws.secretsmanager(&call.place).await, secret).await?;
        let target = want.text("TargetId").map(tail);
        let is_ours = |secret: &&Secret| target::named_in(&secret.value).map(|(_, id)| id) == target;
        Ok(identities(TYPE, found.iter().filter(is_ours).filter_map(observed)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let Some(secret) = want.text("SecretId") else { return Ok(None) };
        let found = attached(&self.aws.secretsmanager(&call.place).await, secret).await?;
        Ok(identities(TYPE, found.iter().filter_map(observed)).pop())
    }
}

impl SecretTargetAttachmentDriver {
    /// Makes the secret say of its database what the API says.
    async fn attach(&self, call: &Call, id: &str, want: &Wanted<'_>) -> Result<Progress<Made>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let target = target::wanted(&self.aws, call, want).await?;
        let Some(secret) = read(&client, id).await? else {
            return Err(Fault::new(FaultKind::NotFound, GET, format!("the secret `{id}` has no value")));
        };
        let mut value = secret.value.clone();
        target::attach(&mut value, target);
        write(&client, &secret, value).await?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(secret.arn)))))
    }
}

#[async_trait]
impl AwsDriver for SecretTargetAttachmentDriver {
    async fn list(&self, _: &Place) -> Result<Vec<Doc>> {
        let message = "only the values of all secrets would tell which of them are attached, and those stay unread; look \
                       up the `AWS::SecretsManager::Secret` instead";
        Err(Fault::new(FaultKind::Invalid, TYPE, message))
    }
}

const GET: &str = "secretsmanager:GetSecretValue";

/// A secret and its current value. Not printable: it holds the value in clear.
struct Secret {
    arn: String,
    value: Map<String, Json>,
}

/// The secret, if it has a value.
async fn read(client: &Client, id: &str) -> Result<Option<Secret>> {
    let answer = client.get_secret_value().secret_id(id).send().await.or_fault(GET, FAULTS);
    let Some(answer) = unless_gone(client, id, answer).await? else { return Ok(None) };
    let Some(value) = answer.secret_string().and_then(value::object) else {
        let message = format!("the value of the secret `{id}` must be a JSON object with `username` and `password`");
        return Err(Fault::new(FaultKind::Invalid, GET, message));
    };
    Ok(Some(Secret { arn: answered(answer.arn, GET)?, value }))
}

/// The secret, if it names a database.
async fn attached(client: &Client, id: &str) -> Result<Option<Secret>> {
    match read(client, id).await {
        // What is no JSON object names no database.
        Err(fault) if fault.kind == FaultKind::Invalid && fault.code.is_none() => Ok(None),
        outcome => Ok(outcome?.filter(|secret| target::named_in(&secret.value).is_some())),
    }
}

/// Makes `value` the current one, if it is not.
async fn write(client: &Client, secret: &Secret, value: Map<String, Json>) -> Result<()> {
    if value == secret.value {
        return Ok(());
    }
    let request = client.put_secret_value().secret_id(&secret.arn).secret_string(Json::Object(value).to_string());
    request.send().await.or_fault("secretsmanager:PutSecretValue", FAULTS)?;
    Ok(())
}

/// A database may be named by its ARN or by its identifier, which the ARN ends with.
fn tail(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or(id)
}

/// What the secret says of its database; `None` if it says nothing.
fn observed(secret: &Secret) -> Option<Observed> {
    let (type_name, id) = target::named_in(&secret.value)?;
    let document = Observed::new().with("Id", Some(secret.arn.as_str())).with("SecretId", Some(secret.arn.as_str()));
    Some(document.with("TargetId", Some(id)).with("TargetType", Some(type_name)))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
