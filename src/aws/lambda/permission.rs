//! AWS::Lambda::Permission
//! API: AddPermission, GetPolicy, ListFunctions, RemovePermission.  Identity: FunctionName and Id.  Found by: Id, the
//! statement's, which is made from the token.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_lambda::types::FunctionConfiguration;

use super::statement::{self, BY_ROOT, is_root};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, early, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Lambda::Permission";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(PermissionDriver { aws: aws.clone() })
}

struct PermissionDriver {
    aws: Clients,
}

impl PermissionDriver {
    /// All permissions on one function.
    async fn describe(&self, place: &Place, function: &str) -> Result<Vec<Doc>> {
        let answer = self.aws.lambda(place).await.get_policy().function_name(function).send().await;
        let policy = there(answer.or_fault("lambda:GetPolicy", FAULTS))?.and_then(|answer| answer.policy);
        let statements = policy.as_deref().map(statement::of_policy).unwrap_or_default();
        Ok(statements.iter().map(|(id, statement)| observed(function, id, statement).into()).collect())
    }
}

#[async_trait]
impl Driver for PermissionDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let function = properties.text::<String>("FunctionName")?;
        let id = statement_id(call, want);
        let request = self.aws.lambda(&call.place).await.add_permission();
        let request = request
            .statement_id(&id)
            .set_function_name(function.clone())
            .set_action(properties.text("Action")?)
            .set_principal(properties.text("Principal")?)
            .set_principal_org_id(properties.text("PrincipalOrgID")?)
            .set_source_account(properties.text("SourceAccount")?)
            .set_source_arn(properties.text("SourceArn")?)
            .set_event_source_token(properties.text("EventSourceToken")?)
            .set_function_url_auth_type(properties.text("FunctionUrlAuthType")?)
            .set_invoked_via_function_url(properties.flag("InvokedViaFunctionUrl")?);
        early(request.send().await.or_fault("lambda:AddPermission", FAULTS), TOO_EARLY)?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("FunctionName", function).with("Id", Some(id)))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let (function, id) = parts(&so_far.id);
        let found = self.describe(&call.place, function).await?;
        Ok(visible(TYPE, so_far, found.into_iter().find(|permission| permission.text("Id") == Some(id))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let functions: BTreeSet<&str> = ids.iter().map(|id| parts(id).0).collect();
        let found = each(functions.into_iter().map(|function| self.describe(&call.place, function))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    /// Every property is fixed at creation.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (function, id) = parts(id);
        let request = self.aws.lambda(&call.place).await.remove_permission().function_name(function).statement_id(id);
        let removed = request.send().await.or_fault("lambda:RemovePermission", FAULTS);
        gone(early(removed, TOO_EARLY))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(function) = want.text("FunctionName") else { return Ok(Vec::new()) };
        let id = statement_id(call, want);
        let found = self.describe(&call.place, function).await?;
        Ok(identities(TYPE, found.into_iter().filter(|permission| permission.text("Id") == Some(&id))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for PermissionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let functions: std::result::Result<Vec<FunctionConfiguration>, _> =
            self.aws.lambda(place).await.list_functions().into_paginator().items().send().try_collect().await;
        let functions = functions.or_fault("lambda:ListFunctions", FAULTS)?;
        let names = functions.iter().filter_map(FunctionConfiguration::function_name);
        Ok(each(names.map(|name| self.describe(place, name))).await?.into_iter().flatten().collect())
    }
}

/// The function and the id of the statement.
fn parts(id: &PhysicalId) -> (&str, &str) {
    id.0.rsplit_once('|').unwrap_or((&id.0, ""))
}

fn statement_id(call: &Call, want: &Doc) -> String {
    let ending = if want.text("Principal").is_some_and(is_root) { BY_ROOT } else { "" };
    format!("provision-{}{ending}", call.token().0)
}

fn observed(function: &str, id: &str, statement: &serde_json::Value) -> Observed {
    statement::observed(id, statement).with("FunctionName", Some(function))
}

/// How Lambda says that a change of the function is under way.
const TOO_EARLY: &[&str] = &["cannot be performed at this time"];

/// A statement of this id is there already; a policy was changed by two at once; a policy is full.
const FAULTS: Codes = &[
    ("PolicyLengthExceededException", FaultKind::Quota),
    ("PreconditionFailedException", FaultKind::NotReady),
    ("ResourceConflictException", FaultKind::AlreadyExists),
];
