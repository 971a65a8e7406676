//! AWS::ApiGateway::RestApi
//! API: CreateRestApi, PutRestApi (for a definition), UpdateRestApi, TagResource, UntagResource, GetRestApis,
//! DeleteRestApi.  Identity: RestApiId.  Found by: the owner tags, which are put on in the create call.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{
    Client,
    types::{ApiStatus, EndpointConfiguration, EndpointType, IpAddressType, PatchOperation, RestApi},
};

use super::{
    apis::all,
    codes::{CODES, told, unfinished},
    definition,
    patch::{self, Form, Row},
    policy,
    tags::{are_ours, arn, retag, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, fresh, identities, in_order, made, only_id, pending, structures,
            visible, words,
        },
        faults::{Codes, OrFault, answered, failed, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::RestApi";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RestApiDriver { aws: aws.clone() })
}

struct RestApiDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for RestApiDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let definition = definition::wanted(&properties)?;
        let title = definition.as_deref().and_then(definition::title);
        let name = properties.text::<String>("Name")?.or(title);
        let request = client
            .create_rest_api()
            .name(name.ok_or_else(|| properties.invalid("give it a `Name`"))?)
            .set_description(properties.text("Description")?)
            .set_version(properties.text("Version")?)
            .set_clone_from(properties.text("CloneFrom")?)
            .set_binary_media_types(properties.texts("BinaryMediaTypes")?)
            .set_minimum_compression_size(properties.whole("MinimumCompressionSize")?)
            .set_api_key_source(properties.text("ApiKeySourceType")?)
            .set_endpoint_configuration(properties.part("EndpointConfiguration")?)
            .set_policy(properties.document("Policy")?)
            .set_disable_execute_api_endpoint(properties.flag("DisableExecuteApiEndpoint")?)
            .set_security_policy(properties.text("SecurityPolicy")?)
            .set_endpoint_access_mode(properties.text("EndpointAccessMode")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        let answer = told(request.send().await.or_fault("apigateway:CreateRestApi", FAULTS))?;
        let document = Observed::new()
            .with("RestApiId", Some(answered(answer.id, "apigateway:CreateRestApi")?))
            .with("RootResourceId", answer.root_resource_id);
        let made = made(TYPE, document);
        if let Some(definition) = definition {
            let defined = define(&client, &made.id, want, definition).await;
            defined.map_err(unfinished(&made, "its definition"))?;
        }
        match answer.api_status {
            None | Some(ApiStatus::Available) => Ok(Progress::Done(made)),
            Some(status) => Ok(pending(&made, &status.as_str().to_lowercase())),
        }
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = described(&self.aws.apigateway(&call.place).await, &so_far.id).await?;
        match found.as_ref().and_then(RestApi::api_status) {
            Some(ApiStatus::Failed) => {
                let message = found.as_ref().and_then(RestApi::api_status_message);
                Err(failed("apigateway:UpdateRestApi", None, message, so_far))
            }
            Some(status @ (ApiStatus::Pending | ApiStatus::Updating)) => {
                Ok(pending(so_far, &status.as_str().to_lowercase()))
            }
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = all(&self.aws.apigateway(&call.place).await).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["CloneFrom", "Version"])?;
        let is_redefined = definition::PROPERTIES.iter().any(|name| changed.touches(name));
        match if is_redefined { definition::wanted(&changed.want)? } else { None } {
            Some(definition) => define(&client, &change.id, &change.want, definition).await?,
            None => update(&client, &changed).await?,
        }
        if changed.touches("Tags") {
            let arn = arn(&self.aws, &call.place, &format!("/restapis/{}", changed.id())).await?;
            retag(&client, &arn, &changed).await?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.apigateway(&call.place).await.delete_rest_api().rest_api_id(&id.0);
        gone(told(request.send().await.or_fault("apigateway:DeleteRestApi", FAULTS)))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = all(&self.aws.apigateway(&call.place).await).await?;
        Ok(identities(TYPE, found.iter().filter(|api| are_ours(api.tags.iter().flatten(), call)).map(observed)))
    }
}

#[async_trait]
impl AwsDriver for RestApiDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = all(&self.aws.apigateway(place).await).await?;
        Ok(found.iter().map(|api| observed(api).into()).collect())
    }
}

async fn described(client: &Client, id: &PhysicalId) -> Result<Option<RestApi>> {
    Ok(all(client).await?.into_iter().find(|api| api.id() == Some(&id.0)))
}

/// Imports a definition, and sets again what the stack says beside it: the import has put its own in the place of that.
async fn define(client: &Client, id: &PhysicalId, want: &Doc, definition: String) -> Result<()> {
    definition::import(client, &id.0, &Wanted::new(TYPE, want), definition).await?;
    let live = described(client, id).await?;
    let live =
        live.ok_or_else(|| Fault::new(FaultKind::NotReady, "apigateway:GetRestApis", "the API does not show yet"))?;
    update(client, &Changed::new(TYPE, &fresh(id, observed(&live), want))).await
}

async fn update(client: &Client, change: &Changed<'_>) -> Result<()> {
    let mut operations = patch::operations(ROWS, change)?;
    if change.touches("EndpointConfiguration") {
        operations.extend(endpoint(change)?);
    }
    if !operations.is_empty() {
        let request = client.update_rest_api().rest_api_id(change.id()).set_patch_operations(Some(operations));
        told(request.send().await.or_fault("apigateway:UpdateRestApi", FAULTS))?;
    }
    Ok(())
}

/// An API has exactly one type of endpoint; one of which nothing is said is an edge-optimised one.
fn endpoint(change: &Changed<'_>) -> Result<Vec<PatchOperation>> {
    let (before, want) = (change.before.inner("EndpointConfiguration")?, change.want.inner("EndpointConfiguration")?);
    let kind = |part: &Option<Wanted<'_>>| -> Result<String> {
        let types = part.map(|part| part.texts("Types")).transpose()?.flatten();
        Ok(types.into_iter().flatten().next().unwrap_or_else(|| EndpointType::Edge.as_str().to_owned()))
    };
    let (from, to) = (kind(&before)?, kind(&want)?);
    let changed = (from != to).then(|| patch::replace("/endpointConfiguration/types/0", to));
    let rest = patch::between(ENDPOINT, "/endpointConfiguration", before.as_ref(), want.as_ref())?;
    Ok(changed.into_iter().chain(rest).collect())
}

/// What UpdateRestApi changes. A mode of access and a security policy can be changed, and not be taken away.
const ROWS: &[Row] = &[
    ("Name", "/name", Form::Value(None)),
    ("Description", "/description", Form::Value(Some(""))),
    ("ApiKeySourceType", "/apiKeySource", Form::Value(Some("HEADER"))),
    ("BinaryMediaTypes", "/binaryMediaTypes", Form::Names),
    ("MinimumCompressionSize", "/minimumCompressionSize", Form::Value(Some(""))),
    ("Policy", "/policy", Form::Value(Some(""))),
    ("DisableExecuteApiEndpoint", "/disableExecuteApiEndpoint", Form::Value(Some("false"))),
    ("SecurityPolicy", "/securityPolicy", Form::Value(None)),
    ("EndpointAccessMode", "/endpointAccessMode", Form::Value(None)),
];

const ENDPOINT: &[Row] =
    &[("IpAddressType", "/ipAddressType", Form::Value(None)), ("VpcEndpointIds", "/vpcEndpointIds", Form::Members)];

words! { EndpointType, IpAddressType }

structures! {
    EndpointConfiguration {
        "Types": types set_types, "IpAddressType": ip_address_type set_ip_address_type,
        "VpcEndpointIds": vpc_endpoint_ids set_vpc_endpoint_ids,
    }
}

/// What was imported is not shown as such, but as resources and methods.
fn observed(api: &RestApi) -> Observed {
    let id = api.id().unwrap_or_default();
    let policy = api.policy().filter(|policy| !policy.is_empty());
    Observed::new()
        .with("RestApiId", api.id())
        .with("RootResourceId", api.root_resource_id())
        .with("Name", api.name())
        .with("Description", api.description().filter(|text| !text.is_empty()))
        .with("Version", api.version())
        .with("ApiKeySourceType", api.api_key_source().map(|source| source.as_str()))
        .with_part("BinaryMediaTypes", &api.binary_media_types)
        .with("MinimumCompressionSize", api.minimum_compression_size())
        .with("Policy", policy.map(|policy| policy::readable(policy, id)))
        .with("DisableExecuteApiEndpoint", Some(api.disable_execute_api_endpoint()))
        .with_part("EndpointConfiguration", &api.endpoint_configuration)
        .with("SecurityPolicy", api.security_policy().map(|policy| policy.as_str()))
        .with("EndpointAccessMode", api.endpoint_access_mode().map(|mode| mode.as_str()))
        .with_list("Tags", visible_tags(api.tags.iter().flatten()))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
