//! What a listener or a rule does with a request.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, AuthenticateCognitoActionConfig, AuthenticateOidcActionConfig, FixedResponseActionConfig,
    ForwardActionConfig, JwtValidationActionAdditionalClaim, JwtValidationActionConfig, RedirectActionConfig,
    TargetGroupStickinessConfig, TargetGroupTuple,
};
use serde_json::Value as Json;

use crate::{
    aws::convert::{Observed, Wanted},
    driver::Result,
};

/// One action, as the API takes it.
pub fn action(want: &Wanted<'_>) -> Result<Action> {
    Ok(Action::builder()
        .set_type(want.text("Type")?)
        .set_order(want.whole("Order")?)
        .set_target_group_arn(want.text("TargetGroupArn")?)
        .set_forward_config(want.structure("ForwardConfig", forward)?)
        .set_redirect_config(want.structure("RedirectConfig", redirect)?)
        .set_fixed_response_config(want.structure("FixedResponseConfig", fixed_response)?)
        .set_authenticate_cognito_config(want.structure("AuthenticateCognitoConfig", cognito)?)
        .set_authenticate_oidc_config(want.structure("AuthenticateOidcConfig", oidc)?)
        .set_jwt_validation_config(want.structure("JwtValidationConfig", jwt)?)
        .build())
}

fn forward(want: &Wanted<'_>) -> Result<ForwardActionConfig> {
    let group = |want: &Wanted<'_>| {
        let builder = TargetGroupTuple::builder().set_target_group_arn(want.text("TargetGroupArn")?);
        Ok(builder.set_weight(want.whole("Weight")?).build())
    };
    let stickiness = |want: &Wanted<'_>| {
        let builder = TargetGroupStickinessConfig::builder().set_enabled(want.flag("Enabled")?);
        Ok(builder.set_duration_seconds(want.whole("DurationSeconds")?).build())
    };
    Ok(ForwardActionConfig::builder()
        .set_target_groups(want.structures("TargetGroups", group)?)
        .set_target_group_stickiness_config(want.structure("TargetGroupStickinessConfig", stickiness)?)
        .build())
}

fn redirect(want: &Wanted<'_>) -> Result<RedirectActionConfig> {
    Ok(RedirectActionConfig::builder()
        .set_protocol(want.text("Protocol")?)
        .set_port(want.text("Port")?)
        .set_host(want.text("Host")?)
        .set_path(want.text("Path")?)
        .set_query(want.text("Query")?)
        .set_status_code(want.text("StatusCode")?)
        .build())
}

fn fixed_response(want: &Wanted<'_>) -> Result<FixedResponseActionConfig> {
    Ok(FixedResponseActionConfig::builder()
        .set_status_code(want.text("StatusCode")?)
        .set_content_type(want.text("ContentType")?)
        .set_message_body(want.text("MessageBody")?)
        .build())
}

fn cognito(want: &Wanted<'_>) -> Result<AuthenticateCognitoActionConfig> {
    let parameters = want.map("AuthenticationRequestExtraParams")?;
    Ok(AuthenticateCognitoActionConfig::builder()
        .set_user_pool_arn(want.text("UserPoolArn")?)
        .set_user_pool_client_id(want.text("UserPoolClientId")?)
        .set_user_pool_domain(want.text("UserPoolDomain")?)
        .set_session_cookie_name(want.text("SessionCookieName")?)
        .set_scope(want.text("Scope")?)
        .set_session_timeout(want.long("SessionTimeout")?)
        .set_authentication_request_extra_params(parameters.map(|map| map.into_iter().collect()))
        .set_on_unauthenticated_request(want.text("OnUnauthenticatedRequest")?)
        .build())
}

fn oidc(want: &Wanted<'_>) -> Result<AuthenticateOidcActionConfig> {
    let parameters = want.map("AuthenticationRequestExtraParams")?;
    Ok(AuthenticateOidcActionConfig::builder()
        .set_issuer(want.text("Issuer")?)
        .set_authorization_endpoint(want.text("AuthorizationEndpoint")?)
        .set_token_endpoint(want.text("TokenEndpoint")?)
        .set_user_info_endpoint(want.text("UserInfoEndpoint")?)
        .set_client_id(want.text("ClientId")?)
        .set_client_secret(want.text("ClientSecret")?)
        .set_use_existing_client_secret(want.flag("UseExistingClientSecret")?)
        .set_session_cookie_name(want.text("SessionCookieName")?)
        .set_scope(want.text("Scope")?)
        .set_session_timeout(want.long("SessionTimeout")?)
        .set_authentication_request_extra_params(parameters.map(|map| map.into_iter().collect()))
        .set_on_unauthenticated_request(want.text("OnUnauthenticatedRequest")?)
        .build())
}

fn jwt(want: &Wanted<'_>) -> Result<JwtValidationActionConfig> {
    let claim = |want: &Wanted<'_>| {
        let builder = JwtValidationActionAdditionalClaim::builder().set_format(want.text("Format")?);
        Ok(builder.set_name(want.text("Name")?).set_values(want.texts("Values")?).build())
    };
    Ok(JwtValidationActionConfig::builder()
        .set_issuer(want.text("Issuer")?)
        .set_jwks_endpoint(want.text("JwksEndpoint")?)
        .set_additional_claims(want.structures("AdditionalClaims", claim)?)
        .build())
}

/// One action, as the API reports it. The client's secret is never part of a document.
pub fn observed(action: &Action) -> Observed {
    Observed::new()
        .with("Type", action.r#type().map(ActionTypeEnum::as_str))
        .with("Order", action.order())
        .with("TargetGroupArn", action.target_group_arn())
        .with("ForwardConfig", action.forward_config().map(observed_forward))
        .with("RedirectConfig", action.redirect_config().map(observed_redirect))
        .with("FixedResponseConfig", action.fixed_response_config().map(observed_fixed_response))
        .with("AuthenticateCognitoConfig", action.authenticate_cognito_config().map(observed_cognito))
        .with("AuthenticateOidcConfig", action.authenticate_oidc_config().map(observed_oidc))
        .with("JwtValidationConfig", action.jwt_validation_config().map(observed_jwt))
}

fn observed_forward(config: &ForwardActionConfig) -> Observed {
    let group = |group: &TargetGroupTuple| {
        Observed::new().with("TargetGroupArn", group.target_group_arn()).with("Weight", group.weight())
    };
    let stickiness = config.target_group_stickiness_config().map(|config| {
        Observed::new().with("Enabled", config.enabled()).with("DurationSeconds", config.duration_seconds())
    });
    Observed::new()
        .with_list("TargetGroups", config.target_groups().iter().map(group))
        .with("TargetGroupStickinessConfig", stickiness)
}

fn observed_redirect(config: &RedirectActionConfig) -> Observed {
    Observed::new()
        .with("Protocol", config.protocol())
        .with("Port", config.port())
        .with("Host", config.host())
        .with("Path", config.path())
        .with("Query", config.query())
        .with("StatusCode", config.status_code().map(|code| code.as_str()))
}

fn observed_fixed_response(config: &FixedResponseActionConfig) -> Observed {
    Observed::new()
        .with("StatusCode", config.status_code())
        .with("ContentType", config.content_type())
        .with("MessageBody", config.message_body())
}

fn observed_cognito(config: &AuthenticateCognitoActionConfig) -> Observed {
    let parameters = config.authentication_request_extra_params().map(|map| texts(map.iter()));
    Observed::new()
        .with("UserPoolArn", config.user_pool_arn())
        .with("UserPoolClientId", config.user_pool_client_id())
        .with("UserPoolDomain", config.user_pool_domain())
        .with("SessionCookieName", config.session_cookie_name())
        .with("Scope", config.scope())
        .with("SessionTimeout", config.session_timeout())
        .with("AuthenticationRequestExtraParams", parameters)
        .with("OnUnauthenticatedRequest", config.on_unauthenticated_request().map(|what| what.as_str()))
}

fn observed_oidc(config: &AuthenticateOidcActionConfig) -> Observed {
    let parameters = config.authentication_request_extra_params().map(|map| texts(map.iter()));
    Observed::new()
        .with("Issuer", config.issuer())
        .with("AuthorizationEndpoint", config.authorization_endpoint())
        .with("TokenEndpoint", config.token_endpoint())
        .with("UserInfoEndpoint", config.user_info_endpoint())
        .with("ClientId", config.client_id())
        .with("UseExistingClientSecret", config.use_existing_client_secret())
        .with("SessionCookieName", config.session_cookie_name())
        .with("Scope", config.scope())
        .with("SessionTimeout", config.session_timeout())
        .with("AuthenticationRequestExtraParams", parameters)
        .with("OnUnauthenticatedRequest", config.on_unauthenticated_request().map(|what| what.as_str()))
}

fn observed_jwt(config: &JwtValidationActionConfig) -> Observed {
    let claim = |claim: &JwtValidationActionAdditionalClaim| {
        Observed::new()
            .with("Format", claim.format().map(|format| format.as_str()))
            .with("Name", claim.name())
            .with_list("Values", claim.values().iter().map(String::as_str))
    };
    Observed::new()
        .with("Issuer", config.issuer())
        .with("JwksEndpoint", config.jwks_endpoint())
        .with_list("AdditionalClaims", config.additional_claims().iter().map(claim))
}

fn texts<'a>(map: impl Iterator<Item = (&'a String, &'a String)>) -> Json {
    map.map(|(key, value)| (key.clone(), Json::from(value.as_str()))).collect()
}
