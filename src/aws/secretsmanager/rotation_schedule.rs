//! AWS::SecretsManager::RotationSchedule
//! API: RotateSecret, CancelRotateSecret, DescribeSecret.  Identity: Id, the ARN of the secret.  Found by: the secret, if
//! it is rotated by the wanted function; what was rotated before belongs to somebody else.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    operation::describe_secret::DescribeSecretOutput,
    types::{ExternalSecretRotationMetadataItem, RotationRulesType},
};

use super::described::{CODES, describe, describe_all, early, unless_gone};
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
pub const TYPE: &str = "AWS::SecretsManager::RotationSchedule";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RotationScheduleDriver { aws: aws.clone() })
}

struct RotationScheduleDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for RotationScheduleDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let secret = properties.text::<String>("SecretId")?.unwrap_or_default();
        rotate(&self.aws.secretsmanager(&call.place).await, call, &secret, &properties).await
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = rotated(&self.aws.secretsmanager(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let found = each(ids.iter().map(|id| rotated(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.secretsmanager(&call.place).await;
        rotate(&client, call, &change.id.0, &Wanted::new(TYPE, &change.want)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.secretsmanager(&call.place).await;
        let cancelled = client.cancel_rotate_secret().secret_id(&id.0).send().await;
        let cancelled = cancelled.or_fault("secretsmanager:CancelRotateSecret", FAULTS);
        gone(unless_gone(&client, &id.0, cancelled).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(secret) = want.text("SecretId") else { return Ok(Vec::new()) };
        let found = rotated(&self.aws.secretsmanager(&call.place).await, secret).await?;
        let function = want.text("RotationLambdaARN");
        let is_ours = |secret: &&DescribeSecretOutput| function.is_none() || secret.rotation_lambda_arn() == function;
        Ok(identities(TYPE, found.iter().filter(is_ours).map(observed)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let Some(secret) = want.text("SecretId") else { return Ok(None) };
        let found = rotated(&self.aws.secretsmanager(&call.place).await, secret).await?;
        Ok(identities(TYPE, found.iter().map(observed)).pop())
    }
}

#[async_trait]
impl AwsDriver for RotationScheduleDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = describe_all(&self.aws.secretsmanager(place).await).await?;
        let rotated = found.iter().filter(|secret| secret.rotation_enabled() == Some(true));
        Ok(rotated.map(|secret| observed(secret).into()).collect())
    }
}

/// The secret, if it is rotated.
async fn rotated(client: &Client, id: &str) -> Result<Option<DescribeSecretOutput>> {
    Ok(describe(client, id).await?.filter(|secret| secret.rotation_enabled() == Some(true)))
}

/// Sets the rotation of `secret` to what is wanted. The secret itself is rotated in its own time.
async fn rotate(client: &Client, call: &Call, secret: &str, want: &Wanted<'_>) -> Result<Progress<Made>> {
    if want.raw("HostedRotationLambda").is_some() {
        let message = "`HostedRotationLambda` is a template that only CloudFormation can unfold: make the function \
                       yourself (AWS publishes its code: aws-samples/aws-secrets-manager-rotation-lambdas) as an \
                       `AWS::Lambda::Function`, allow `secretsmanager.amazonaws.com` to call it with an \
                       `AWS::Lambda::Permission`, and name it in `RotationLambdaARN`";
        return Err(want.invalid(message));
    }
    let operation = "secretsmanager:RotateSecret";
    let request = client
        .rotate_secret()
        .secret_id(secret)
        .client_request_token(&call.token().0)
        .set_rotation_lambda_arn(want.text("RotationLambdaARN")?)
        .set_rotation_rules(rules(want)?)
        .set_rotate_immediately(want.flag("RotateImmediatelyOnUpdate")?)
        .set_external_secret_rotation_role_arn(want.text("ExternalSecretRotationRoleArn")?)
        .set_external_secret_rotation_metadata(metadata(want)?);
    let answer = request.send().await.or_fault(operation, FAULTS).map_err(not_ready)?;
    Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(answered(answer.arn, operation)?)))))
}

/// A permission that was given a moment ago is not seen everywhere yet, and a rotation must end before the next begins.
fn not_ready(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Denied => early(fault, "cannot invoke the specified Lambda function"),
        FaultKind::Invalid => early(fault, "previous rotation"),
        _ => fault,
    }
}

fn rules(want: &Wanted<'_>) -> Result<Option<RotationRulesType>> {
    let Some(rules) = want.inner("RotationRules")? else { return Ok(None) };
    let builder = RotationRulesType::builder()
        .set_automatically_after_days(rules.long("AutomaticallyAfterDays")?)
        .set_duration(rules.text("Duration")?)
        .set_schedule_expression(rules.text("ScheduleExpression")?);
    Ok(Some(builder.build()))
}

fn metadata(want: &Wanted<'_>) -> Result<Option<Vec<ExternalSecretRotationMetadataItem>>> {
    let items = want.items("ExternalSecretRotationMetadata")?.into_iter().map(|item| {
        let builder = ExternalSecretRotationMetadataItem::builder();
        Ok(builder.set_key(item.text("Key")?).set_value(item.text("Value")?).build())
    });
    let items = items.collect::<Result<Vec<_>>>()?;
    Ok(if items.is_empty() { None } else { Some(items) })
}

/// What was not asked for, the service shows as nothing or as zero.
fn observed(secret: &DescribeSecretOutput) -> Observed {
    let rules = secret.rotation_rules().map(|rules| {
        Observed::new()
            .with("AutomaticallyAfterDays", rules.automatically_after_days().filter(|days| *days > 0))
            .with("Duration", rules.duration())
            .with("ScheduleExpression", rules.schedule_expression())
    });
    let metadata = secret.external_secret_rotation_metadata().iter();
    let metadata = metadata.map(|item| Observed::new().with("Key", item.key()).with("Value", item.value()));
    Observed::new()
        .with("Id", secret.arn())
        .with("SecretId", secret.arn())
        .with("RotationLambdaARN", secret.rotation_lambda_arn().filter(|arn| !arn.is_empty()))
        .with("RotationRules", rules)
        .with("ExternalSecretRotationRoleArn", secret.external_secret_rotation_role_arn())
        .with_list("ExternalSecretRotationMetadata", metadata)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
