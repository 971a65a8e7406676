//! What the types of this service ask alike: which APIs there are, and what is in them. One request shows all of a kind, and
//! few requests is what this service allows: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>.

use std::collections::BTreeSet;

use aws_sdk_apigateway::{
    Client,
    types::{Resource, RestApi},
};

use super::codes::CODES;
use crate::{
    aws::faults::{OrFault, found},
    base::PhysicalId,
    driver::Result,
};

/// The most that one page shows.
pub const PAGE: i32 = 500;

/// All APIs of a place.
pub async fn all(client: &Client) -> Result<Vec<RestApi>> {
    let pages = client.get_rest_apis().into_paginator().page_size(PAGE).items().send();
    pages.try_collect().await.or_fault("apigateway:GetRestApis", CODES)
}

/// The ids of all APIs of a place.
pub async fn all_ids(client: &Client) -> Result<Vec<String>> {
    Ok(all(client).await?.into_iter().filter_map(|api| api.id).collect())
}

/// All resources of an API, with their methods; none if there is no such API.
pub async fn resources(client: &Client, api: &str) -> Result<Vec<Resource>> {
    let request = client.get_resources().rest_api_id(api).embed("methods");
    let pages = request.into_paginator().page_size(PAGE).items().send();
    found(pages.try_collect().await.or_fault("apigateway:GetResources", CODES))
}

/// The parts of an identity; what is missing is empty.
pub fn parts<const N: usize>(id: &PhysicalId) -> [&str; N] {
    let mut parts = id.0.split('|');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// The APIs that are the first part of identities.
pub fn apis_of(ids: &[PhysicalId]) -> BTreeSet<&str> {
    ids.iter().map(|id| parts::<1>(id)[0]).collect()
}
