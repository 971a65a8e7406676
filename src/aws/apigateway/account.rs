//! AWS::ApiGateway::Account
//! API: UpdateAccount, GetAccount.  Identity: Id, of which there is one in each region.  Found by: CloudWatchRoleArn; an
//! account's settings are always there and carry no tags, so those that name another role are somebody else's.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{Client, operation::get_account::GetAccountOutput};

use super::{
    codes::{CODES, told},
    patch::{self, Form, Row},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, fresh, identities, in_order, made, only_id},
        faults::{Codes, OrFault, early},
    },
    base::{Doc, Path, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Account";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AccountDriver { aws: aws.clone() })
}

/// The settings have no name of their own; CloudFormation makes one up for each.
const ID: &str = "api-gateway-account";

struct AccountDriver {
    aws: Clients,
}

impl AccountDriver {
    async fn settings(&self, place: &Place) -> Result<GetAccountOutput> {
        self.aws.apigateway(place).await.get_account().send().await.or_fault("apigateway:GetAccount", FAULTS)
    }
}

#[async_trait]
impl Driver for AccountDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let settings = fresh(&PhysicalId(ID.to_owned()), Doc::default(), want);
        update(&self.aws.apigateway(&call.place).await, &Changed::new(TYPE, &settings)).await?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("Id", Some(ID)))))
    }

    async fn poll(&self, _: &Call, so_far: &Made) -> Result<Progress<Made>> {
        Ok(Progress::Done(so_far.clone()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        Ok(in_order(TYPE, ids, [observed(&self.settings(&call.place).await?)]))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        update(&self.aws.apigateway(&call.place).await, &Changed::new(TYPE, change)).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// The role goes with its stack, and settings that name a role that is gone would be taken for somebody else's. What
    /// somebody has set since stays.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let settings = self.settings(&call.place).await?;
        let Some(ours) = role(&settings).filter(|role| removal.inputs.text(ROLE) == Some(role)) else {
            return Ok(Progress::Done(()));
        };
        let (before, path) = (Observed::new().with(ROLE, Some(ours)).into(), Path::key(ROLE));
        let reset = Change { id: id.clone(), before, want: Doc::default(), paths: vec![path] };
        update(&self.aws.apigateway(&call.place).await, &Changed::new(TYPE, &reset)).await?;
        Ok(Progress::Done(()))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let settings = self.settings(&call.place).await?;
        Ok(identities(TYPE, (role(&settings) == want.text(ROLE)).then(|| observed(&settings))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let Some(wanted) = want.text(ROLE) else { return Ok(None) };
        let settings = self.settings(&call.place).await?;
        let is_theirs = role(&settings).is_some_and(|role| role != wanted);
        Ok(identities(TYPE, is_theirs.then(|| observed(&settings))).pop())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AccountDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(vec![observed(&self.settings(place).await?).into()])
    }
}

async fn update(client: &Client, change: &Changed<'_>) -> Result<()> {
    let operations = patch::operations(ROWS, change)?;
    if !operations.is_empty() {
        let updated = client.update_account().set_patch_operations(Some(operations)).send().await;
        early(told(updated.or_fault("apigateway:UpdateAccount", FAULTS)), TOO_EARLY)?;
    }
    Ok(())
}

/// The role by which the APIs of the region write logs.
const ROLE: &str = "CloudWatchRoleArn";

const ROWS: &[Row] = &[(ROLE, "/cloudwatchRoleArn", Form::Value(Some("")))];

/// How API Gateway says that it does not know a role yet, or what the role may do.
const TOO_EARLY: &[&str] = &["does not have required permissions", "could not successfully write to CloudWatch Logs"];

fn role(settings: &GetAccountOutput) -> Option<&str> {
    settings.cloudwatch_role_arn().filter(|role| !role.is_empty())
}

fn observed(settings: &GetAccountOutput) -> Observed {
    Observed::new().with("Id", Some(ID)).with("CloudWatchRoleArn", role(settings))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
