//! What a method consists of beside itself, each with calls of its own: the responses that it may give, and the integration
//! behind it with what it makes of the backend's answers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::{
    Client,
    types::{
        ConnectionType, ContentHandlingStrategy, Integration, IntegrationResponse, IntegrationType, MethodResponse,
        ResponseTransferMode,
    },
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, told},
    patch::{self, Form, Row},
};
use crate::{
    aws::{
        convert::{Changed, Part, Wanted, structures, words},
        faults::{OrFault, there},
    },
    driver::Result,
};

/// Where the responses of a method stand in its document.
pub const RESPONSES: &str = "MethodResponses";

/// Where those of its integration stand in the integration's.
const ANSWERS: &str = "IntegrationResponses";

/// A method whose parts are changed.
pub struct Target<'a> {
    pub client: &'a Client,
    pub api: &'a str,
    pub resource: &'a str,
    pub verb: &'a str,
}

impl Target<'_> {
    /// Changes the parts. An integration answers with the method's responses, so new ones come before and old ones go after.
    pub async fn change(&self, change: &Changed<'_>) -> Result<()> {
        let mut former = by_status(change.before.items(RESPONSES)?)?;
        if change.touches(RESPONSES) {
            let want = by_status(change.want.items(RESPONSES)?)?;
            for response in change.want.part::<Vec<MethodResponse>>(RESPONSES)?.unwrap_or_default() {
                let status = response.status_code.clone().unwrap_or_default();
                match former.remove(&status) {
                    None => self.put_response(response).await?,
                    Some(before) => self.patch_response(&status, &before, want.get(&status)).await?,
                }
            }
        }
        if change.touches("Integration") {
            match change.want.part("Integration")? {
                Some(integration) => self.put_integration(integration, &change.want).await?,
                None => self.delete_integration().await?,
            }
        }
        if change.touches(RESPONSES) {
            for status in former.keys() {
                self.delete_response(status).await?;
            }
        }
        Ok(())
    }

    async fn put_response(&self, response: MethodResponse) -> Result<()> {
        let request = self
            .client
            .put_method_response()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .set_status_code(response.status_code)
            .set_response_parameters(response.response_parameters)
            .set_response_models(response.response_models);
        told(request.send().await.or_fault("apigateway:PutMethodResponse", CODES))?;
        Ok(())
    }

    async fn patch_response(&self, status: &str, before: &Wanted<'_>, want: Option<&Wanted<'_>>) -> Result<()> {
        let operations = patch::between(RESPONSE, "", Some(before), want)?;
        if operations.is_empty() {
            return Ok(());
        }
        let request = self
            .client
            .update_method_response()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .status_code(status)
            .set_patch_operations(Some(operations));
        told(request.send().await.or_fault("apigateway:UpdateMethodResponse", CODES))?;
        Ok(())
    }

    async fn delete_response(&self, status: &str) -> Result<()> {
        let request = self
            .client
            .delete_method_response()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .status_code(status);
        there(told(request.send().await.or_fault("apigateway:DeleteMethodResponse", CODES)))?;
        Ok(())
    }

    /// Puts the whole integration: nothing else could give it another type. Nobody meets it half-made, for callers see what
    /// was deployed.
    async fn put_integration(&self, integration: Integration, want: &Wanted<'_>) -> Result<()> {
        let answers = match want.inner("Integration")? {
            Some(inner) => inner.part::<Vec<IntegrationResponse>>(ANSWERS)?.unwrap_or_default(),
            None => Vec::new(),
        };
        let request = self
            .client
            .put_integration()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .set_type(integration.r#type)
            .set_integration_http_method(integration.http_method)
            .set_uri(integration.uri)
            .set_connection_type(integration.connection_type)
            .set_connection_id(integration.connection_id)
            .set_credentials(integration.credentials)
            .set_request_parameters(integration.request_parameters)
            .set_request_templates(integration.request_templates)
            .set_passthrough_behavior(integration.passthrough_behavior)
            .set_cache_namespace(integration.cache_namespace)
            .set_cache_key_parameters(integration.cache_key_parameters)
            .set_content_handling(integration.content_handling)
            .set_timeout_in_millis(Some(integration.timeout_in_millis).filter(|timeout| *timeout != 0))
            .set_response_transfer_mode(integration.response_transfer_mode)
            .set_integration_target(integration.integration_target);
        let answer = told(request.send().await.or_fault("apigateway:PutIntegration", CODES))?;
        let wanted: BTreeSet<&str> = answers.iter().filter_map(IntegrationResponse::status_code).collect();
        for status in answer.integration_responses.iter().flat_map(|responses| responses.keys()) {
            if !wanted.contains(status.as_str()) {
                self.delete_answer(status).await?;
            }
        }
        for answer in answers {
            self.put_answer(answer).await?;
        }
        Ok(())
    }

    async fn delete_integration(&self) -> Result<()> {
        let request = self.client.delete_integration();
        let request = request.rest_api_id(self.api).resource_id(self.resource).http_method(self.verb);
        there(told(request.send().await.or_fault("apigateway:DeleteIntegration", CODES)))?;
        Ok(())
    }

    async fn put_answer(&self, answer: IntegrationResponse) -> Result<()> {
        let request = self
            .client
            .put_integration_response()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .set_status_code(answer.status_code)
            .set_selection_pattern(answer.selection_pattern)
            .set_response_parameters(answer.response_parameters)
            .set_response_templates(answer.response_templates)
            .set_content_handling(answer.content_handling);
        told(request.send().await.or_fault("apigateway:PutIntegrationResponse", CODES))?;
        Ok(())
    }

    async fn delete_answer(&self, status: &str) -> Result<()> {
        let request = self
            .client
            .delete_integration_response()
            .rest_api_id(self.api)
            .resource_id(self.resource)
            .http_method(self.verb)
            .status_code(status);
        there(told(request.send().await.or_fault("apigateway:DeleteIntegrationResponse", CODES)))?;
        Ok(())
    }
}

fn by_status<'a>(responses: Vec<Wanted<'a>>) -> Result<BTreeMap<String, Wanted<'a>>> {
    let with_status = |response: Wanted<'a>| Ok((response.text("StatusCode")?.unwrap_or_default(), response));
    responses.into_iter().map(with_status).collect()
}

/// The parts of a map by status, as a list in the order of the status.
pub fn listed<'a, T: Part + 'a>(by_status: impl Iterator<Item = (&'a String, &'a T)>) -> Json {
    let sorted: BTreeMap<&String, &T> = by_status.collect();
    sorted.into_values().map(Part::shown).collect()
}

/// An integration with its responses.
pub fn integration(integration: &Integration) -> Json {
    let mut shown = integration.shown();
    if let Json::Object(properties) = &mut shown {
        let answers = listed(integration.integration_responses.iter().flatten());
        properties.insert(ANSWERS.to_owned(), answers);
    }
    shown
}

/// What UpdateMethodResponse changes.
const RESPONSE: &[Row] = &[
    ("ResponseParameters", "/responseParameters", Form::Entries),
    ("ResponseModels", "/responseModels", Form::Entries),
];

words! { ConnectionType, ContentHandlingStrategy, IntegrationType, ResponseTransferMode }

structures! {
    MethodResponse {
        "StatusCode": status_code set_status_code,
        "ResponseParameters": response_parameters set_response_parameters,
        "ResponseModels": response_models set_response_models,
    }
    Integration {
        "Type": r#type set_type, "IntegrationHttpMethod": http_method set_http_method, "Uri": uri set_uri,
        "ConnectionType": connection_type set_connection_type, "ConnectionId": connection_id set_connection_id,
        "Credentials": credentials set_credentials, "RequestParameters": request_parameters set_request_parameters,
        "RequestTemplates": request_templates set_request_templates,
        "PassthroughBehavior": passthrough_behavior set_passthrough_behavior,
        "ContentHandling": content_handling set_content_handling,
        "TimeoutInMillis": timeout_in_millis set_timeout_in_millis,
        "CacheNamespace": cache_namespace set_cache_namespace,
        "CacheKeyParameters": cache_key_parameters set_cache_key_parameters,
        "ResponseTransferMode": response_transfer_mode set_response_transfer_mode,
        "IntegrationTarget": integration_target set_integration_target,
    }
    IntegrationResponse {
        "StatusCode": status_code set_status_code, "SelectionPattern": selection_pattern set_selection_pattern,
        "ResponseParameters": response_parameters set_response_parameters,
        "ResponseTemplates": response_templates set_response_templates,
        "ContentHandling": content_handling set_content_handling,
    }
}
