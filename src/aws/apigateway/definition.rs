//! The definition of an API as an OpenAPI document. It takes the place of what was there, all that is written beside it in
//! the stack included.

use aws_sdk_apigateway::{Client, primitives::Blob, types::PutMode};
use serde_json::Value as Json;

use super::codes::{CODES, told};
use crate::{
    aws::{convert::Wanted, faults::OrFault},
    driver::Result,
};

/// The properties that say what is imported and how.
pub const PROPERTIES: &[&str] = &["Body", "BodyS3Location", "FailOnWarnings", "Mode", "Parameters"];

/// The definition to import, if there is one. API Gateway takes it from the request only.
pub fn wanted(want: &Wanted<'_>) -> Result<Option<String>> {
    if want.raw("BodyS3Location").is_some() {
        return Err(want.invalid("API Gateway does not read `BodyS3Location` itself: put the definition into `Body`"));
    }
    want.document("Body")
}

/// What a definition calls the API.
pub fn title(definition: &str) -> Option<String> {
    let definition: Json = serde_json::from_str(definition).ok()?;
    definition.pointer("/info/title").and_then(Json::as_str).map(str::to_owned)
}

/// Imports a definition. What it no longer has goes, unless the stack asks for `merge`.
pub async fn import(client: &Client, api: &str, want: &Wanted<'_>, definition: String) -> Result<()> {
    let request = client
        .put_rest_api()
        .rest_api_id(api)
        .mode(want.text("Mode")?.unwrap_or(PutMode::Overwrite))
        .set_fail_on_warnings(want.flag("FailOnWarnings")?)
        .set_parameters(want.part("Parameters")?)
        .body(Blob::new(definition.into_bytes()));
    told(request.send().await.or_fault("apigateway:PutRestApi", CODES))?;
    Ok(())
}
