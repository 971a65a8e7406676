//! AWS::ApiGateway::Stage
//! API: CreateStage, UpdateStage, TagResource, UntagResource, GetStages, GetRestApis, DeleteStage.
//! Identity: RestApiId and StageName.  Found by: those, verified by the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{
    Client,
    types::{CacheClusterStatus, Stage},
};

use super::{
    apis::{all_ids, apis_of, parts},
    codes::{CODES, told},
    stage_settings::{method_settings, observed_access_log, operations, stages, update},
    tags::{are_ours, arn, retag, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, identities, in_order, made, only_id, pending, visible,
        },
        faults::{Codes, OrFault, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Stage";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(StageDriver { aws: aws.clone() })
}

/// What CreateStage does not take.
const LATER: &[&str] = &["AccessLogSetting", "ClientCertificateId", "MethodSettings"];

struct StageDriver {
    aws: Clients,
}

impl StageDriver {
    async fn described(&self, place: &Place, id: &PhysicalId) -> Result<Option<Stage>> {
        let [api, name] = parts(id);
        let found = stages(&self.aws.apigateway(place).await, api).await?;
        Ok(found.into_iter().find(|stage| stage.stage_name() == Some(name)))
    }
}

#[async_trait]
impl Driver for StageDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let api = properties.text::<String>("RestApiId")?.unwrap_or_default();
        let name = properties.text::<String>("StageName")?;
        let name = name.ok_or_else(|| properties.invalid("give it a `StageName`"))?;
        let request = client
            .create_stage()
            .rest_api_id(&api)
            .stage_name(&name)
            .set_deployment_id(properties.text("DeploymentId")?)
            .set_description(properties.text("Description")?)
            .set_cache_cluster_enabled(properties.flag("CacheClusterEnabled")?)
            .set_cache_cluster_size(properties.text("CacheClusterSize")?)
            .set_variables(properties.part("Variables")?)
            .set_documentation_version(properties.text("DocumentationVersion")?)
            .set_canary_settings(properties.part("CanarySetting")?)
            .set_tracing_enabled(properties.flag("TracingEnabled")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        let answer = told(request.send().await.or_fault("apigateway:CreateStage", FAULTS))?;
        let made = made(TYPE, Observed::new().with("RestApiId", Some(&*api)).with("StageName", Some(&*name)));
        let mut done = want.clone();
        done.0.retain(|property, _| !LATER.contains(&property.as_str()));
        let rest = fresh(&made.id, done, want);
        let rest = Changed::new(TYPE, &rest);
        let operations = operations(&rest.before, &rest.want, |property| rest.touches(property))?;
        update(&client, &api, &name, operations).await.map_err(half_made(&made))?;
        Ok(busy(answer.cache_cluster_status.as_ref()).map_or(Progress::Done(made.clone()), |note| pending(&made, note)))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.described(&call.place, &so_far.id).await?;
        match found.as_ref().and_then(|stage| busy(stage.cache_cluster_status())) {
            Some(note) => Ok(pending(so_far, note)),
            None => Ok(visible(TYPE, so_far, found.map(|stage| observed(parts::<1>(&so_far.id)[0], &stage)))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.apigateway(&call.place).await;
        let found = each(apis_of(ids).into_iter().map(|api| of_api(&client, api))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let [api, name] = parts(&change.id);
        let operations = operations(&changed.before, &changed.want, |property| changed.touches(property))?;
        update(&client, api, name, operations).await?;
        if changed.touches("Tags") {
            let arn = arn(&self.aws, &call.place, &format!("/restapis/{api}/stages/{name}")).await?;
            retag(&client, &arn, &changed).await?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let [api, name] = parts(id);
        let request = self.aws.apigateway(&call.place).await.delete_stage().rest_api_id(api).stage_name(name);
        gone(told(request.send().await.or_fault("apigateway:DeleteStage", FAULTS)))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let (Some(api), Some(name)) = (want.text("RestApiId"), want.text("StageName")) else { return Ok(Vec::new()) };
        let found = stages(&self.aws.apigateway(&call.place).await, api).await?;
        let ours = found.iter().filter(|stage| stage.stage_name() == Some(name));
        let ours = ours.filter(|stage| are_ours(stage.tags.iter().flatten(), call));
        Ok(identities(TYPE, ours.map(|stage| observed(api, stage))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for StageDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.apigateway(place).await;
        let apis = all_ids(&client).await?;
        Ok(each(apis.iter().map(|api| of_api(&client, api))).await?.into_iter().flatten().collect())
    }
}

async fn of_api(client: &Client, api: &str) -> Result<Vec<Doc>> {
    Ok(stages(client, api).await?.iter().map(|stage| observed(api, stage).into()).collect())
}

/// What is still under way with the cache of a stage.
fn busy(cache: Option<&CacheClusterStatus>) -> Option<&'static str> {
    match cache {
        Some(CacheClusterStatus::CreateInProgress) => Some("creating the cache"),
        Some(CacheClusterStatus::DeleteInProgress) => Some("deleting the cache"),
        Some(CacheClusterStatus::FlushInProgress) => Some("flushing the cache"),
        _ => None,
    }
}

fn observed(api: &str, stage: &Stage) -> Observed {
    let present = |text: &&str| !text.is_empty();
    Observed::new()
        .with("RestApiId", Some(api))
        .with("StageName", stage.stage_name())
        .with("DeploymentId", stage.deployment_id())
        .with("Description", stage.description().filter(present))
        .with("AccessLogSetting", observed_access_log(stage))
        .with("CacheClusterEnabled", Some(stage.cache_cluster_enabled()))
        .with("CacheClusterSize", stage.cache_cluster_size().map(|size| size.as_str()))
        .with_part("CanarySetting", &stage.canary_settings)
        .with("ClientCertificateId", stage.client_certificate_id().filter(present))
        .with("DocumentationVersion", stage.documentation_version().filter(present))
        .with_list("MethodSettings", method_settings(stage))
        .with("TracingEnabled", Some(stage.tracing_enabled()))
        .with_part("Variables", &stage.variables)
        .with_list("Tags", visible_tags(stage.tags.iter().flatten()))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
