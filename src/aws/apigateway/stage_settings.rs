//! The settings of a stage, which a stage has of its own and a deployment describes for the one that it makes.

use std::collections::BTreeMap;

use aws_sdk_apigateway::{
    Client,
    types::{CanarySettings, MethodSetting, PatchOperation, Stage},
};
use serde_json::Value as Json;

use super::{
    codes::{CODES, told},
    patch::{self, Form, Row},
};
use crate::{
    aws::{
        convert::{Observed, Part, Wanted, structures},
        faults::{OrFault, found},
    },
    driver::Result,
};

/// All stages of an API; none if there is no such API.
pub async fn stages(client: &Client, api: &str) -> Result<Vec<Stage>> {
    let answer = client.get_stages().rest_api_id(api).send().await.or_fault("apigateway:GetStages", CODES);
    found(answer.map(|answer| answer.item.unwrap_or_default()))
}

/// Changes a stage by these operations, if there are any.
pub async fn update(client: &Client, api: &str, stage: &str, operations: Vec<PatchOperation>) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let request = client.update_stage().rest_api_id(api).stage_name(stage).set_patch_operations(Some(operations));
    told(request.send().await.or_fault("apigateway:UpdateStage", CODES))?;
    Ok(())
}

/// What leads from one form of the settings to another, of those properties that are `touched`.
pub fn operations(
    before: &Wanted<'_>,
    want: &Wanted<'_>,
    touched: impl Fn(&str) -> bool,
) -> Result<Vec<PatchOperation>> {
    let rows = ROWS.iter().filter(|(property, ..)| touched(property));
    let mut found = patch::between(rows, "", Some(before), Some(want))?;
    // A deployment gives the settings of all methods beside the stage's own.
    let common = METHOD.iter().filter(|(property, ..)| touched(property));
    found.extend(patch::between(common, "/*/*", Some(before), Some(want))?);
    if touched("AccessLogSetting") {
        found.extend(access_log(before.inner("AccessLogSetting")?, want.inner("AccessLogSetting")?)?);
    }
    if touched("CanarySetting") {
        found.extend(match (before.inner("CanarySetting")?, want.inner("CanarySetting")?) {
            (Some(_), None) => vec![patch::remove("/canarySettings")],
            (before, want) => patch::between(CANARY, "/canarySettings", before.as_ref(), want.as_ref())?,
        });
    }
    if touched("MethodSettings") {
        let (before, want) = (by_method(before)?, by_method(want)?);
        for (place, setting) in &want {
            found.extend(patch::between(METHOD, place, before.get(place), Some(setting))?);
        }
        found.extend(before.keys().filter(|place| !want.contains_key(*place)).map(|place| patch::remove(place)));
    }
    Ok(found)
}

/// The ARN of a log group goes in without the `:*` at its end.
fn access_log(before: Option<Wanted<'_>>, want: Option<Wanted<'_>>) -> Result<Vec<PatchOperation>> {
    let Some(want) = want else {
        return Ok(before.map(|_| patch::remove("/accessLogSettings")).into_iter().collect());
    };
    let destination = |log: &Wanted<'_>| log.text::<String>("DestinationArn");
    let former = before.as_ref().map(destination).transpose()?.flatten();
    let mut found = Vec::new();
    if let Some(arn) = destination(&want)?
        && former.as_ref() != Some(&arn)
    {
        found.push(patch::replace("/accessLogSettings/destinationArn", arn.trim_end_matches(":*")));
    }
    found.extend(patch::between(ACCESS_LOG, "/accessLogSettings", before.as_ref(), Some(&want))?);
    Ok(found)
}

/// The settings of methods, by the path at which they are patched: `/~1pets~1{id}/GET`, `/*/*`.
fn by_method<'a>(stage: &Wanted<'a>) -> Result<BTreeMap<String, Wanted<'a>>> {
    let with_place = |setting: Wanted<'a>| {
        let resource = setting.text::<String>("ResourcePath")?.unwrap_or_else(|| "/*".to_owned());
        let verb = setting.text::<String>("HttpMethod")?.unwrap_or_else(|| "*".to_owned());
        Ok((format!("/{}/{verb}", pointed(&resource)), setting))
    };
    stage.items("MethodSettings")?.into_iter().map(with_place).collect()
}

/// The path of a resource as part of a JSON Pointer, from the forms in which people write it: `/pets/{id}`,
/// `/~1pets~1{id}`, `/` and `/*`.
fn pointed(path: &str) -> String {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_prefix("~1").unwrap_or(path);
    if path == "*" { path.to_owned() } else { format!("~1{}", path.replace('/', "~1")) }
}

/// The form in which CloudFormation documents it: `/~1pets~1{id}`, `/` and `/*`.
fn documented(key: &str) -> String {
    match pointed(key).as_str() {
        "*" => "/*".to_owned(),
        "~1" => "/".to_owned(),
        path => format!("/{path}"),
    }
}

/// The settings of methods, in the order of their paths.
pub fn method_settings(stage: &Stage) -> Vec<Json> {
    let settings: BTreeMap<&String, &MethodSetting> = stage.method_settings.iter().flatten().collect();
    let shown = |(key, setting): (&String, &MethodSetting)| {
        let (resource, verb) = key.rsplit_once('/').unwrap_or((key, "*"));
        let mut shown = setting.shown();
        if let Json::Object(properties) = &mut shown {
            properties.insert("ResourcePath".to_owned(), Json::from(documented(resource)));
            properties.insert("HttpMethod".to_owned(), Json::from(verb));
        }
        shown
    };
    settings.into_iter().map(shown).collect()
}

/// Where and how accesses are logged. The ARN of a log group ends in `:*` where it comes from, and so it does here.
pub fn observed_access_log(stage: &Stage) -> Option<Observed> {
    let log = stage.access_log_settings()?;
    let is_group = |arn: &str| arn.split(':').nth(2) == Some("logs");
    let arn = log.destination_arn().map(|arn| match arn.strip_suffix(":*").unwrap_or(arn) {
        group if is_group(group) => format!("{group}:*"),
        stream => stream.to_owned(),
    });
    Some(Observed::new().with("DestinationArn", arn).with("Format", log.format()))
}

/// What UpdateStage changes, beside what has parts.
const ROWS: &[Row] = &[
    ("DeploymentId", "/deploymentId", Form::Value(None)),
    ("Description", "/description", Form::Value(Some(""))),
    ("CacheClusterEnabled", "/cacheClusterEnabled", Form::Value(Some("false"))),
    ("CacheClusterSize", "/cacheClusterSize", Form::Value(None)),
    ("ClientCertificateId", "/clientCertificateId", Form::Value(Some(""))),
    ("DocumentationVersion", "/documentationVersion", Form::Value(Some(""))),
    ("TracingEnabled", "/tracingEnabled", Form::Value(Some("false"))),
    ("Variables", "/variables", Form::Variables),
];

const ACCESS_LOG: &[Row] = &[("Format", "/format", Form::Value(None))];

const CANARY: &[Row] = &[
    ("DeploymentId", "/deploymentId", Form::Value(None)),
    ("PercentTraffic", "/percentTraffic", Form::Value(Some("0.0"))),
    ("StageVariableOverrides", "/stageVariableOverrides", Form::Variables),
    ("UseStageCache", "/useStageCache", Form::Value(Some("false"))),
];

/// The settings of a method. A limit of -1 is none of its own.
const METHOD: &[Row] = &[
    ("CacheDataEncrypted", "/caching/dataEncrypted", Form::Value(Some("false"))),
    ("CacheTtlInSeconds", "/caching/ttlInSeconds", Form::Value(Some("300"))),
    ("CachingEnabled", "/caching/enabled", Form::Value(Some("false"))),
    ("DataTraceEnabled", "/logging/dataTrace", Form::Value(Some("false"))),
    ("LoggingLevel", "/logging/loglevel", Form::Value(Some("OFF"))),
    ("MetricsEnabled", "/metrics/enabled", Form::Value(Some("false"))),
    ("ThrottlingBurstLimit", "/throttling/burstLimit", Form::Value(Some("-1"))),
    ("ThrottlingRateLimit", "/throttling/rateLimit", Form::Value(Some("-1"))),
];

structures! {
    CanarySettings {
        "DeploymentId": deployment_id set_deployment_id, "PercentTraffic": percent_traffic set_percent_traffic,
        "StageVariableOverrides": stage_variable_overrides set_stage_variable_overrides,
        "UseStageCache": use_stage_cache set_use_stage_cache,
    }
    MethodSetting {
        "CacheDataEncrypted": cache_data_encrypted set_cache_data_encrypted,
        "CacheTtlInSeconds": cache_ttl_in_seconds set_cache_ttl_in_seconds,
        "CachingEnabled": caching_enabled set_caching_enabled,
        "DataTraceEnabled": data_trace_enabled set_data_trace_enabled,
        "LoggingLevel": logging_level set_logging_level,
        "MetricsEnabled": metrics_enabled set_metrics_enabled,
        "ThrottlingBurstLimit": throttling_burst_limit set_throttling_burst_limit,
        "ThrottlingRateLimit": throttling_rate_limit set_throttling_rate_limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_resource_has_one_form_each_way() {
        for (written, pointer, shown) in [
            ("/pets/{id}", "~1pets~1{id}", "/~1pets~1{id}"),
            ("/~1pets~1{id}", "~1pets~1{id}", "/~1pets~1{id}"),
            ("pets", "~1pets", "/~1pets"),
            ("/", "~1", "/"),
            ("~1", "~1", "/"),
            ("/*", "*", "/*"),
        ] {
            assert_eq!((pointed(written).as_str(), documented(written).as_str()), (pointer, shown), "{written}");
        }
    }
}
