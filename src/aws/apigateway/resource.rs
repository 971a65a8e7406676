//! AWS::ApiGateway::Resource
//! API: CreateResource, GetResources, GetRestApis, DeleteResource.  Identity: RestApiId and ResourceId.
//! Found by: ParentId and PathPart, which no other resource of the API has; resources carry no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_apigateway::{Client, types::Resource};

use super::{
    apis::{all_ids, apis_of, parts, resources},
    codes::{CODES, told},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApiGateway::Resource";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ResourceDriver { aws: aws.clone() })
}

struct ResourceDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ResourceDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let api = properties.text::<String>("RestApiId")?;
        let request = self
            .aws
            .apigateway(&call.place)
            .await
            .create_resource()
            .set_rest_api_id(api.clone())
            .set_parent_id(properties.text("ParentId")?)
            .set_path_part(properties.text("PathPart")?);
        let answer = told(request.send().await.or_fault("apigateway:CreateResource", FAULTS))?;
        let id = answered(answer.id, "apigateway:CreateResource")?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("RestApiId", api).with("ResourceId", Some(id)))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let [api, id] = parts(&so_far.id);
        let found = resources(&self.aws.apigateway(&call.place).await, api).await?;
        let found = found.iter().find(|resource| resource.id() == Some(id));
        Ok(visible(TYPE, so_far, found.map(|resource| observed(api, resource))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.apigateway(&call.place).await;
        let found = each(apis_of(ids).into_iter().map(|api| of_api(&client, api))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    /// Every property is fixed at creation.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let [api, id] = parts(id);
        let request = self.aws.apigateway(&call.place).await.delete_resource().rest_api_id(api).resource_id(id);
        gone(told(request.send().await.or_fault("apigateway:DeleteResource", FAULTS)))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(api) = want.text("RestApiId") else { return Ok(Vec::new()) };
        let found = of_api(&self.aws.apigateway(&call.place).await, api).await?;
        let is_same =
            |resource: &Doc| ["ParentId", "PathPart"].iter().all(|name| resource.text(name) == want.text(name));
        Ok(identities(TYPE, found.into_iter().filter(is_same)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ResourceDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.apigateway(place).await;
        let apis = all_ids(&client).await?;
        Ok(each(apis.iter().map(|api| of_api(&client, api))).await?.into_iter().flatten().collect())
    }
}

/// The resources of an API but its root, which comes and goes with the API.
async fn of_api(client: &Client, api: &str) -> Result<Vec<Doc>> {
    let found = resources(client, api).await?;
    let made = found.iter().filter(|resource| resource.parent_id().is_some());
    Ok(made.map(|resource| observed(api, resource).into()).collect())
}

fn observed(api: &str, resource: &Resource) -> Observed {
    Observed::new()
        .with("RestApiId", Some(api))
        .with("ResourceId", resource.id())
        .with("ParentId", resource.parent_id())
        .with("PathPart", resource.path_part())
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
