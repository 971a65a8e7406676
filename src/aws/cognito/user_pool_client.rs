//! AWS::Cognito::UserPoolClient
//! API: CreateUserPoolClient, UpdateUserPoolClient, DescribeUserPoolClient, ListUserPoolClients, DeleteUserPoolClient.
//! Identity: UserPoolId and ClientId.  Found by: its name. It takes neither token nor tags, and names are not unique, so a
//! name that a client of the pool has already is refused, and one without a name gets one made of the intent's token.
//!
//! UpdateUserPoolClient returns everything to its default that it is not given, so the whole wanted document is sent each
//! time. The secret of a client is never observed, so `ClientSecret` is never reported: programs ask Cognito for it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{
        AnalyticsConfigurationType, ExplicitAuthFlowsType, FeatureType, OAuthFlowType, PreventUserExistenceErrorTypes,
        RefreshTokenRotationType, TimeUnitsType, TokenValidityUnitsType, UserPoolClientDescription, UserPoolClientType,
    },
};

use super::{codes::CODES, pools};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, answered, found, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Cognito::UserPoolClient";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(UserPoolClientDriver { aws: aws.clone() })
}

struct UserPoolClientDriver {
    aws: Clients,
}

/// A request with what CreateUserPoolClient and UpdateUserPoolClient both take.
macro_rules! with_settings {
    ($request:expr, $want:expr) => {
        $request
            .set_access_token_validity($want.whole("AccessTokenValidity")?)
            .set_allowed_o_auth_flows($want.part("AllowedOAuthFlows")?)
            .set_allowed_o_auth_flows_user_pool_client($want.flag("AllowedOAuthFlowsUserPoolClient")?)
            .set_allowed_o_auth_scopes($want.texts("AllowedOAuthScopes")?)
            .set_analytics_configuration($want.part("AnalyticsConfiguration")?)
            .set_auth_session_validity($want.whole("AuthSessionValidity")?)
            .set_callback_urls($want.texts("CallbackURLs")?)
            .set_default_redirect_uri($want.text("DefaultRedirectURI")?)
            .set_enable_propagate_additional_user_context_data($want.flag("EnablePropagateAdditionalUserContextData")?)
            .set_enable_token_revocation($want.flag("EnableTokenRevocation")?)
            .set_explicit_auth_flows($want.part("ExplicitAuthFlows")?)
            .set_id_token_validity($want.whole("IdTokenValidity")?)
            .set_logout_urls($want.texts("LogoutURLs")?)
            .set_prevent_user_existence_errors($want.part("PreventUserExistenceErrors")?)
            .set_read_attributes($want.texts("ReadAttributes")?)
            .set_refresh_token_rotation($want.part("RefreshTokenRotation")?)
            .set_refresh_token_validity($want.whole("RefreshTokenValidity")?)
            .set_supported_identity_providers($want.texts("SupportedIdentityProviders")?)
            .set_token_validity_units($want.part("TokenValidityUnits")?)
            .set_write_attributes($want.texts("WriteAttributes")?)
    };
}

#[async_trait]
impl Driver for UserPoolClientDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .cognito(&call.place)
            .await
            .create_user_pool_client()
            .set_user_pool_id(properties.text("UserPoolId")?)
            .client_name(properties.text("ClientName")?.unwrap_or_else(|| pools::made_up_name(call)))
            .set_generate_secret(properties.flag("GenerateSecret")?);
        let request = with_settings!(request, properties);
        let answer = request.send().await.or_fault("cognito-idp:CreateUserPoolClient", FAULTS)?;
        let client = answer.user_pool_client.filter(|client| client.client_id.is_some());
        Ok(Progress::Done(made(TYPE, observed(&answered(client, "cognito-idp:CreateUserPoolClient")?))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let client = describe(&self.aws.cognito(&call.place).await, &so_far.id).await?;
        Ok(visible(TYPE, so_far, client.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let cognito = self.aws.cognito(&call.place).await;
        let clients = each(ids.iter().map(|id| describe(&cognito, id))).await?;
        Ok(in_order(TYPE, ids, clients.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let (pool, client) = pools::parts(&change.id);
        let changed = Changed::new(TYPE, change);
        let want = &changed.want;
        let name = want.text("ClientName")?;
        let name = if name.is_some() { name } else { changed.before.text("ClientName")? };
        let request = self.aws.cognito(&call.place).await.update_user_pool_client();
        let request = request.user_pool_id(pool).client_id(client).set_client_name(name);
        let request = with_settings!(request, want);
        request.send().await.or_fault("cognito-idp:UpdateUserPoolClient", FAULTS)?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (pool, client) = pools::parts(id);
        let request =
            self.aws.cognito(&call.place).await.delete_user_pool_client().user_pool_id(pool).client_id(client);
        gone(request.send().await.or_fault("cognito-idp:DeleteUserPoolClient", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let name = want.text("ClientName").map_or_else(|| pools::made_up_name(call), str::to_owned);
        self.named(&call.place, want, &name).await
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let Some(name) = want.text("ClientName") else { return Ok(None) };
        Ok(self.named(&call.place, want, name).await?.pop())
    }
}

#[async_trait]
impl AwsDriver for UserPoolClientDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let cognito = self.aws.cognito(place).await;
        let pools = pools::ids(&cognito).await?;
        let clients = each(pools.iter().map(|pool| all(&cognito, pool))).await?;
        let ids = identities(TYPE, clients.iter().flatten().map(in_short));
        let clients = each(ids.iter().map(|id| describe(&cognito, id))).await?;
        Ok(clients.iter().flatten().map(|client| observed(client).into()).collect())
    }
}

impl UserPoolClientDriver {
    /// The clients of the wanted pool that have this name.
    async fn named(&self, place: &Place, want: &Doc, name: &str) -> Result<Vec<PhysicalId>> {
        let Some(pool) = want.text("UserPoolId") else { return Ok(Vec::new()) };
        let clients = all(&self.aws.cognito(place).await, pool).await?;
        Ok(identities(TYPE, clients.iter().filter(|client| client.client_name() == Some(name)).map(in_short)))
    }
}

/// All clients of a pool, in short; none if there is no such pool.
async fn all(cognito: &Client, pool: &str) -> Result<Vec<UserPoolClientDescription>> {
    let request = cognito.list_user_pool_clients().user_pool_id(pool).max_results(pools::PAGE);
    let clients = request.into_paginator().items().send().try_collect().await;
    found(clients.or_fault("cognito-idp:ListUserPoolClients", FAULTS))
}

async fn describe(cognito: &Client, id: &PhysicalId) -> Result<Option<UserPoolClientType>> {
    let (pool, client) = pools::parts(id);
    let answer = cognito.describe_user_pool_client().user_pool_id(pool).client_id(client).send().await;
    let answer = there(answer.or_fault("cognito-idp:DescribeUserPoolClient", FAULTS))?;
    Ok(answer.and_then(|answer| answer.user_pool_client))
}

words! { ExplicitAuthFlowsType, FeatureType, OAuthFlowType, PreventUserExistenceErrorTypes, TimeUnitsType }

structures! {
    AnalyticsConfigurationType {
        "ApplicationArn": application_arn set_application_arn, "ApplicationId": application_id set_application_id,
        "ExternalId": external_id set_external_id, "RoleArn": role_arn set_role_arn,
        "UserDataShared": user_data_shared set_user_data_shared,
    }
    RefreshTokenRotationType {
        "Feature": feature set_feature,
        "RetryGracePeriodSeconds": retry_grace_period_seconds set_retry_grace_period_seconds,
    }
    TokenValidityUnitsType {
        "AccessToken": access_token set_access_token, "IdToken": id_token set_id_token,
        "RefreshToken": refresh_token set_refresh_token,
    }
}

fn in_short(client: &UserPoolClientDescription) -> Observed {
    Observed::new().with("UserPoolId", client.user_pool_id()).with("ClientId", client.client_id())
}

fn observed(client: &UserPoolClientType) -> Observed {
    Observed::new()
        .with("UserPoolId", client.user_pool_id())
        .with("ClientId", client.client_id())
        .with("ClientName", client.client_name())
        .with("Name", client.client_name())
        // That there is a secret may be known.
        .with("GenerateSecret", Some(client.client_secret().is_some()))
        .with("AccessTokenValidity", client.access_token_validity())
        .with_part("AllowedOAuthFlows", &client.allowed_o_auth_flows)
        .with("AllowedOAuthFlowsUserPoolClient", client.allowed_o_auth_flows_user_pool_client())
        .with_part("AllowedOAuthScopes", &client.allowed_o_auth_scopes)
        .with_part("AnalyticsConfiguration", &client.analytics_configuration)
        .with("AuthSessionValidity", client.auth_session_validity())
        .with_part("CallbackURLs", &client.callback_urls)
        .with("DefaultRedirectURI", client.default_redirect_uri())
        .with("EnablePropagateAdditionalUserContextData", client.enable_propagate_additional_user_context_data())
        .with("EnableTokenRevocation", client.enable_token_revocation())
        .with_part("ExplicitAuthFlows", &client.explicit_auth_flows)
        .with("IdTokenValidity", client.id_token_validity())
        .with_part("LogoutURLs", &client.logout_urls)
        .with_part("PreventUserExistenceErrors", &client.prevent_user_existence_errors)
        .with_part("ReadAttributes", &client.read_attributes)
        .with_part("RefreshTokenRotation", &client.refresh_token_rotation)
        .with_part("RefreshTokenValidity", &client.refresh_token_validity)
        .with_part("SupportedIdentityProviders", &client.supported_identity_providers)
        .with_part("TokenValidityUnits", &client.token_validity_units)
        .with_part("WriteAttributes", &client.write_attributes)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
