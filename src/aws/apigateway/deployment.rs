//! AWS::ApiGateway::Deployment
//! API: CreateDeployment, UpdateDeployment, UpdateStage and TagResource (for the stage that it makes), GetDeployments,
//! GetRestApis, DeleteDeployment (and GetStages, DeleteStage for that stage).  Identity: DeploymentId and RestApiId.
//! Found by: the token, which stands at the end of the description as long as that does not change; deployments carry no
//! tags.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use aws_sdk_apigateway::{
    Client,
    types::{Deployment, DeploymentCanarySettings},
};

use super::{
    apis::{PAGE, all_ids, parts},
    codes::{CODES, told, unfinished},
    patch::{self, Form, Row},
    stage_settings::{self, stages},
    tags,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, structures, visible},
        faults::{Codes, OrFault, answered, found, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Deployment";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DeploymentDriver { aws: aws.clone() })
}

/// The description of the stage that a deployment makes, and those parts of it that CreateDeployment takes.
const STAGE: &str = "StageDescription";
const TAKEN: &[&str] = &["CacheClusterEnabled", "CacheClusterSize", "Description", "TracingEnabled", "Variables"];

struct DeploymentDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for DeploymentDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let api = properties.text::<String>("RestApiId")?;
        let nothing = Doc::default();
        let stage = properties.inner(STAGE)?.unwrap_or_else(|| Wanted::new(TYPE, &nothing));
        let request = client
            .create_deployment()
            .set_rest_api_id(api.clone())
            .description(marked(properties.text("Description")?, call))
            .set_stage_name(properties.text("StageName")?)
            .set_canary_settings(properties.part("DeploymentCanarySettings")?)
            .set_stage_description(stage.text("Description")?)
            .set_cache_cluster_enabled(stage.flag("CacheClusterEnabled")?)
            .set_cache_cluster_size(stage.text("CacheClusterSize")?)
            .set_tracing_enabled(stage.flag("TracingEnabled")?)
            .set_variables(stage.part("Variables")?);
        let answer = told(request.send().await.or_fault("apigateway:CreateDeployment", FAULTS))?;
        let id = answered(answer.id, "apigateway:CreateDeployment")?;
        let made = made(TYPE, Observed::new().with("RestApiId", api).with("DeploymentId", Some(id)));
        if want.get(STAGE).is_some() {
            let mut done = Doc::default();
            for name in TAKEN {
                done.0.extend(stage.raw(name).map(|value| ((*name).to_owned(), value.clone())));
            }
            let done = Doc::from(serde_json::json!({STAGE: done.into_json()}));
            let rest = fresh(&made.id, done, want);
            let described = self.describe_stage(call, &client, &Changed::new(TYPE, &rest)).await;
            described.map_err(unfinished(&made, "the settings of its stage"))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.read(call, std::slice::from_ref(&so_far.id)).await?;
        Ok(visible(TYPE, so_far, found.into_iter().flatten().next()))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.apigateway(&call.place).await;
        let apis: BTreeSet<&str> = ids.iter().map(|id| parts::<2>(id)[1]).collect();
        let found = each(apis.into_iter().map(|api| document(&client, api))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.apigateway(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["StageName"])?;
        let [id, api] = parts(&change.id);
        let operations = patch::operations(ROWS, &changed)?;
        if !operations.is_empty() {
            let request = client.update_deployment().rest_api_id(api).deployment_id(id);
            let updated = request.set_patch_operations(Some(operations)).send().await;
            told(updated.or_fault("apigateway:UpdateDeployment", FAULTS))?;
        }
        if changed.touches(STAGE) {
            self.describe_stage(call, &client, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// The stage that a deployment has made goes with it: nothing else would ever remove it, and the deployment cannot go
    /// before.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let client = self.aws.apigateway(&call.place).await;
        let [id, api] = parts(id);
        let outcome = delete(&client, api, id).await;
        let Err(mut fault) = outcome else { return outcome };
        if fault.kind != FaultKind::InUse {
            return Err(fault);
        }
        let found = stages(&client, api).await?;
        let users = found.iter().filter(|stage| stage.deployment_id() == Some(id));
        let users: Vec<&str> = users.filter_map(|stage| stage.stage_name()).collect();
        match (&users[..], removal.inputs.text("StageName")) {
            ([user], Some(own)) if *user == own => {
                let request = client.delete_stage().rest_api_id(api).stage_name(own);
                gone(told(request.send().await.or_fault("apigateway:DeleteStage", FAULTS)))?;
                delete(&client, api, id).await
            }
            _ => {
                fault.blockers = users.iter().map(|stage| format!("stage {stage}")).collect();
                Err(fault)
            }
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(api) = want.text("RestApiId") else { return Ok(Vec::new()) };
        let found = of_api(&self.aws.apigateway(&call.place).await, api).await?;
        let mark = mark(call);
        let is_ours = |deployment: &&Deployment| deployment.description().is_some_and(|text| text.ends_with(&mark));
        Ok(identities(TYPE, found.iter().filter(is_ours).map(|deployment| observed(api, deployment))))
    }
}

impl DeploymentDriver {
    /// Gives the stage of a deployment the settings that are described for it.
    async fn describe_stage(&self, call: &Call, client: &Client, change: &Changed<'_>) -> Result<()> {
        let Some(stage) = change.want.text::<String>("StageName")? else { return Ok(()) };
        let id = PhysicalId(change.id().to_owned());
        let [_, api] = parts(&id);
        let nothing = Doc::default();
        let nothing = Wanted::new(TYPE, &nothing);
        let (before, want) =
            (change.before.inner(STAGE)?.unwrap_or(nothing), change.want.inner(STAGE)?.unwrap_or(nothing));
        let operations = stage_settings::operations(&before, &want, |_| true)?;
        stage_settings::update(client, api, &stage, operations).await?;
        let tags = |stage: &Wanted<'_>| -> Doc {
            let tags = stage.raw("Tags").map(|tags| ("Tags".to_owned(), tags.clone()));
            Doc(tags.into_iter().collect())
        };
        let tags = fresh(&PhysicalId(stage.clone()), tags(&before), &tags(&want));
        let arn = tags::arn(&self.aws, &call.place, &format!("/restapis/{api}/stages/{stage}")).await?;
        tags::retag(client, &arn, &Changed::new(TYPE, &tags)).await
    }
}

#[async_trait]
impl AwsDriver for DeploymentDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.apigateway(place).await;
        let apis = all_ids(&client).await?;
        Ok(each(apis.iter().map(|api| document(&client, api))).await?.into_iter().flatten().collect())
    }
}

/// All deployments of an API; none if there is no such API.
async fn of_api(client: &Client, api: &str) -> Result<Vec<Deployment>> {
    let pages = client.get_deployments().rest_api_id(api).into_paginator().page_size(PAGE).items().send();
    found(pages.try_collect().await.or_fault("apigateway:GetDeployments", FAULTS))
}

async fn document(client: &Client, api: &str) -> Result<Vec<Doc>> {
    Ok(of_api(client, api).await?.iter().map(|deployment| observed(api, deployment).into()).collect())
}

async fn delete(client: &Client, api: &str, id: &str) -> Result<Progress<()>> {
    let request = client.delete_deployment().rest_api_id(api).deployment_id(id);
    gone(told(request.send().await.or_fault("apigateway:DeleteDeployment", FAULTS)))
}

/// What the description of a deployment ends in, so that it is found again.
fn mark(call: &Call) -> String {
    format!("[{TAG_TOKEN}={}]", call.token().0)
}

fn marked(description: Option<String>, call: &Call) -> String {
    let mark = mark(call);
    description.map_or_else(|| mark.clone(), |description| format!("{description} {mark}"))
}

/// A description as the user wrote it.
fn unmarked(description: &str) -> &str {
    let without = description.strip_suffix(']').and_then(|text| text.rsplit_once(&format!("[{TAG_TOKEN}=")));
    without.map_or(description, |(text, _)| text.strip_suffix(' ').unwrap_or(text))
}

const ROWS: &[Row] = &[("Description", "/description", Form::Value(Some("")))];

structures! {
    DeploymentCanarySettings {
        "PercentTraffic": percent_traffic set_percent_traffic, "UseStageCache": use_stage_cache set_use_stage_cache,
        "StageVariableOverrides": stage_variable_overrides set_stage_variable_overrides,
    }
}

/// What a deployment says of its stage is not shown here: the stage itself shows it.
fn observed(api: &str, deployment: &Deployment) -> Observed {
    Observed::new()
        .with("RestApiId", Some(api))
        .with("DeploymentId", deployment.id())
        .with("Description", deployment.description().map(unmarked).filter(|text| !text.is_empty()))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
