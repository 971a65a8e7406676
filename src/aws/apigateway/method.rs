//! AWS::ApiGateway::Method
//! API: PutMethod, UpdateMethod, Put-, Update- and DeleteMethodResponse, Put- and DeleteIntegration, Put- and
//! DeleteIntegrationResponse, GetResources, GetRestApis, DeleteMethod.  Identity: RestApiId, ResourceId and HttpMethod.
//! Found by: those; methods carry no tags, and PutMethod refuses one that is there already.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{Client, types::Method};

use super::{
    apis::{all_ids, apis_of, parts, resources},
    codes::{CODES, told},
    method_parts::{RESPONSES, Target, integration, listed},
    patch::{self, Form, Row},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Method";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(MethodDriver { aws: aws.clone() })
}

struct MethodDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for MethodDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let made = made(TYPE, key(&properties)?);
        let [api, resource, verb] = parts(&made.id);
        let request = client
            .put_method()
            .rest_api_id(api)
            .resource_id(resource)
            .http_method(verb)
            .authorization_type(properties.text("AuthorizationType")?.unwrap_or_else(|| "NONE".to_owned()))
            .set_authorizer_id(properties.text("AuthorizerId")?)
            .set_authorization_scopes(properties.texts("AuthorizationScopes")?)
            .set_api_key_required(properties.flag("ApiKeyRequired")?)
            .set_operation_name(properties.text("OperationName")?)
            .set_request_parameters(properties.part("RequestParameters")?)
            .set_request_models(properties.part("RequestModels")?)
            .set_request_validator_id(properties.text("RequestValidatorId")?);
        told(request.send().await.or_fault("apigateway:PutMethod", FAULTS))?;
        let rest = fresh(&made.id, Doc::default(), want);
        let target = Target { client: &client, api, resource, verb };
        target.change(&Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
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
        let client = self.aws.apigateway(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let [api, resource, verb] = parts(&change.id);
        let operations = patch::operations(ROWS, &changed)?;
        if !operations.is_empty() {
            let request = client.update_method().rest_api_id(api).resource_id(resource).http_method(verb);
            let updated = request.set_patch_operations(Some(operations)).send().await;
            told(updated.or_fault("apigateway:UpdateMethod", FAULTS))?;
        }
        Target { client: &client, api, resource, verb }.change(&changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let [api, resource, verb] = parts(id);
        let request = self.aws.apigateway(&call.place).await.delete_method();
        let request = request.rest_api_id(api).resource_id(resource).http_method(verb);
        gone(told(request.send().await.or_fault("apigateway:DeleteMethod", FAULTS)))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let ids = identities(TYPE, [key(&Wanted::new(TYPE, want))?]);
        let found = self.read(call, &ids).await?;
        Ok(identities(TYPE, found.into_iter().flatten()))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for MethodDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.apigateway(place).await;
        let apis = all_ids(&client).await?;
        Ok(each(apis.iter().map(|api| of_api(&client, api))).await?.into_iter().flatten().collect())
    }
}

/// What identifies a method.
fn key(want: &Wanted<'_>) -> Result<Observed> {
    Ok(Observed::new()
        .with("RestApiId", want.text::<String>("RestApiId")?)
        .with("ResourceId", want.text::<String>("ResourceId")?)
        .with("HttpMethod", want.text::<String>("HttpMethod")?))
}

/// All methods of an API.
async fn of_api(client: &Client, api: &str) -> Result<Vec<Doc>> {
    let mut found = Vec::new();
    for resource in resources(client, api).await? {
        let id = resource.id().unwrap_or_default();
        let methods = resource.resource_methods.iter().flatten();
        found.extend(methods.map(|(verb, method)| {
            let key = Observed::new().with("RestApiId", Some(api)).with("ResourceId", Some(id));
            observed(key.with("HttpMethod", Some(verb.as_str())), method).into()
        }));
    }
    Ok(found)
}

/// What UpdateMethod changes.
const ROWS: &[Row] = &[
    ("AuthorizationType", "/authorizationType", Form::Value(Some("NONE"))),
    ("AuthorizerId", "/authorizerId", Form::Value(Some(""))),
    ("AuthorizationScopes", "/authorizationScopes", Form::Members),
    ("ApiKeyRequired", "/apiKeyRequired", Form::Value(Some("false"))),
    ("OperationName", "/operationName", Form::Value(Some(""))),
    ("RequestParameters", "/requestParameters", Form::Entries),
    ("RequestModels", "/requestModels", Form::Entries),
    ("RequestValidatorId", "/requestValidatorId", Form::Value(Some(""))),
];

fn observed(key: Observed, method: &Method) -> Observed {
    key.with("AuthorizationType", method.authorization_type())
        .with("AuthorizerId", method.authorizer_id().filter(|id| !id.is_empty()))
        .with_part("AuthorizationScopes", &method.authorization_scopes)
        .with("ApiKeyRequired", method.api_key_required())
        .with("OperationName", method.operation_name().filter(|name| !name.is_empty()))
        .with_part("RequestParameters", &method.request_parameters)
        .with_part("RequestModels", &method.request_models)
        .with("RequestValidatorId", method.request_validator_id().filter(|id| !id.is_empty()))
        .with(RESPONSES, Some(listed(method.method_responses.iter().flatten())))
        .with("Integration", method.method_integration().map(integration))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
