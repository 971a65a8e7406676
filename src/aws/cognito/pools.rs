//! Pools as all types of this service see them, and the ids and names of what pools have.

use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{UserPoolDescriptionType, UserPoolType},
};

use super::codes::CODES;
use crate::{
    aws::faults::{OrFault, answered, there},
    base::PhysicalId,
    driver::{Call, Result},
};

/// The most that one page of a list may hold.
pub const PAGE: i32 = 60;

/// All pools of a place, in short.
pub async fn all(client: &Client) -> Result<Vec<UserPoolDescriptionType>> {
    let pages = client.list_user_pools().max_results(PAGE).into_paginator().items().send();
    pages.try_collect().await.or_fault("cognito-idp:ListUserPools", CODES)
}

/// The ids of all pools of a place.
pub async fn ids(client: &Client) -> Result<Vec<String>> {
    Ok(all(client).await?.into_iter().filter_map(|pool| pool.id).collect())
}

/// A pool with all its settings.
pub async fn describe(client: &Client, id: &str) -> Result<UserPoolType> {
    let answer = client.describe_user_pool().user_pool_id(id).send().await;
    answered(answer.or_fault("cognito-idp:DescribeUserPool", CODES)?.user_pool, "cognito-idp:DescribeUserPool")
}

/// A pool with all its settings, if it is there.
pub async fn look_up(client: &Client, id: &str) -> Result<Option<UserPoolType>> {
    there(describe(client, id).await)
}

/// The name of something that the user has given none: one that a later look-up recognises.
pub fn made_up_name(call: &Call) -> String {
    format!("provision-{}", call.token().0)
}

/// The pool, and the name or id inside it, of something that a pool has.
pub fn parts(id: &PhysicalId) -> (&str, &str) {
    id.0.split_once('|').unwrap_or((&id.0, ""))
}
