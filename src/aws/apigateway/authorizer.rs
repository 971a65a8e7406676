//! AWS::ApiGateway::Authorizer
//! API: CreateAuthorizer, UpdateAuthorizer, GetAuthorizers, GetRestApis, DeleteAuthorizer (and GetResources for the methods
//! that still use it).  Identity: RestApiId and AuthorizerId.  Found by: Name, which no other authorizer of the API has;
//! authorizers carry no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{Client, types::Authorizer};

use super::{
    apis::{PAGE, all_ids, apis_of, parts, resources},
    codes::{CODES, told},
    patch::{self, Form, Row},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{InUse, NotReady},
        Made, Progress, Removal, Result,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Authorizer";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AuthorizerDriver { aws: aws.clone() })
}

struct AuthorizerDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for AuthorizerDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let api = properties.text::<String>("RestApiId")?;
        let request = self
            .aws
            .apigateway(&call.place)
            .await
            .create_authorizer()
            .set_rest_api_id(api.clone())
            .set_name(properties.text("Name")?)
            .set_type(properties.text("Type")?)
            .set_provider_arns(properties.texts("ProviderARNs")?)
            .set_auth_type(properties.text("AuthType")?)
            .set_authorizer_uri(properties.text("AuthorizerUri")?)
            .set_authorizer_credentials(properties.text("AuthorizerCredentials")?)
            .set_identity_source(properties.text("IdentitySource")?)
            .set_identity_validation_expression(properties.text("IdentityValidationExpression")?)
            .set_authorizer_result_ttl_in_seconds(properties.whole("AuthorizerResultTtlInSeconds")?);
        let answer = told(request.send().await.or_fault("apigateway:CreateAuthorizer", FAULTS))?;
        let id = answered(answer.id, "apigateway:CreateAuthorizer")?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("RestApiId", api).with("AuthorizerId", Some(id)))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.read(call, std::slice::from_ref(&so_far.id)).await?;
        Ok(visible(TYPE, so_far, found.into_iter().flatten().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.apigateway(&call.place).await;
        let found = each(apis_of(ids).into_iter().map(|api| of_api(&client, api))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let [api, id] = parts(&change.id);
        let operations = patch::operations(ROWS, &Changed::new(TYPE, change))?;
        if !operations.is_empty() {
            let request = self.aws.apigateway(&call.place).await.update_authorizer();
            let request = request.rest_api_id(api).authorizer_id(id).set_patch_operations(Some(operations));
            told(request.send().await.or_fault("apigateway:UpdateAuthorizer", FAULTS))?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.apigateway(&call.place).await;
        let [api, id] = parts(id);
        let request = client.delete_authorizer().rest_api_id(api).authorizer_id(id);
        match gone(told(request.send().await.or_fault("apigateway:DeleteAuthorizer", FAULTS))) {
            // The same code says that methods use it and that somebody else is changing the API.
            Err(mut fault) if fault.kind == NotReady => {
                fault.blockers = users(&client, api, id).await;
                if !fault.blockers.is_empty() {
                    fault.kind = InUse;
                }
                Err(fault)
            }
            outcome => outcome,
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(api) = want.text("RestApiId") else { return Ok(Vec::new()) };
        let found = of_api(&self.aws.apigateway(&call.place).await, api).await?;
        let is_same = |authorizer: &Doc| authorizer.text("Name") == want.text("Name");
        Ok(identities(TYPE, found.into_iter().filter(is_same)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AuthorizerDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.apigateway(place).await;
        let apis = all_ids(&client).await?;
        Ok(each(apis.iter().map(|api| of_api(&client, api))).await?.into_iter().flatten().collect())
    }
}

/// All authorizers of an API; none if there is no such API.
async fn of_api(client: &Client, api: &str) -> Result<Vec<Doc>> {
    let mut found = Vec::new();
    let mut position = None;
    loop {
        let request = client.get_authorizers().rest_api_id(api).limit(PAGE).set_position(position);
        let page = there(request.send().await.or_fault("apigateway:GetAuthorizers", FAULTS))?;
        let Some(page) = page else { return Ok(found) };
        found.extend(page.items().iter().map(|authorizer| Doc::from(observed(api, authorizer))));
        position = page.position;
        if position.is_none() {
            return Ok(found);
        }
    }
}

/// The methods that an authorizer guards.
async fn users(client: &Client, api: &str, authorizer: &str) -> Vec<String> {
    let mut users = Vec::new();
    for resource in resources(client, api).await.unwrap_or_default() {
        let path = resource.path().unwrap_or_default();
        let methods = resource.resource_methods.iter().flatten();
        let guarded = methods.filter(|(_, method)| method.authorizer_id() == Some(authorizer));
        users.extend(guarded.map(|(verb, _)| format!("method {verb} {path}")));
    }
    users.sort();
    users
}

/// What UpdateAuthorizer changes.
const ROWS: &[Row] = &[
    ("Name", "/name", Form::Value(None)),
    ("Type", "/type", Form::Value(None)),
    ("AuthType", "/authType", Form::Value(Some(""))),
    ("ProviderARNs", "/providerARNs", Form::Members),
    ("AuthorizerUri", "/authorizerUri", Form::Value(Some(""))),
    ("AuthorizerCredentials", "/authorizerCredentials", Form::Value(Some(""))),
    ("IdentitySource", "/identitySource", Form::Value(Some(""))),
    ("IdentityValidationExpression", "/identityValidationExpression", Form::Value(Some(""))),
    ("AuthorizerResultTtlInSeconds", "/authorizerResultTtlInSeconds", Form::Value(Some("300"))),
];

fn observed(api: &str, authorizer: &Authorizer) -> Observed {
    let present = |text: &&str| !text.is_empty();
    Observed::new()
        .with("RestApiId", Some(api))
        .with("AuthorizerId", authorizer.id())
        .with("Name", authorizer.name())
        .with("Type", authorizer.r#type().map(|kind| kind.as_str()))
        .with_part("ProviderARNs", &authorizer.provider_arns)
        .with("AuthType", authorizer.auth_type().filter(present))
        .with("AuthorizerUri", authorizer.authorizer_uri().filter(present))
        .with("AuthorizerCredentials", authorizer.authorizer_credentials().filter(present))
        .with("IdentitySource", authorizer.identity_source().filter(present))
        .with("IdentityValidationExpression", authorizer.identity_validation_expression().filter(present))
        .with("AuthorizerResultTtlInSeconds", authorizer.authorizer_result_ttl_in_seconds())
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
