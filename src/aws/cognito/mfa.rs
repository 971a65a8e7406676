//! How users prove who they are beside their password: what SetUserPoolMfaConfig sets and GetUserPoolMfaConfig tells.
//! CreateUserPool and UpdateUserPool can turn on nothing but text messages.

use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{
        EmailMfaConfigType, SmsMfaConfigType, SoftwareTokenMfaConfigType, UserPoolMfaType, WebAuthnConfigurationType,
    },
};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::OrFault,
    },
    driver::Result,
};

/// What this API alone can set.
const OWN: &[&str] = &[
    "EnabledMfas",
    "EmailAuthenticationMessage",
    "EmailAuthenticationSubject",
    "WebAuthnRelyingPartyID",
    "WebAuthnUserVerification",
    "WebAuthnFactorConfiguration",
];

/// What UpdateUserPool sets as well.
const SHARED: &[&str] = &["MfaConfiguration", "SmsAuthenticationMessage", "SmsConfiguration"];

/// Whether anything is wanted that only this API can set.
pub fn is_wanted(want: &Wanted<'_>) -> bool {
    OWN.iter().any(|name| want.raw(name).is_some())
}

/// Whether a change is one for this API.
pub fn is_touched(change: &Changed<'_>) -> bool {
    let touches = |names: &[&str]| names.iter().any(|name| change.touches(name));
    touches(OWN) || is_wanted(&change.want) && touches(SHARED)
}

/// Makes it as wanted; what is not sent is turned off.
pub async fn set(client: &Client, pool: &str, want: &Wanted<'_>) -> Result<()> {
    let mode = want.text("MfaConfiguration")?.unwrap_or(UserPoolMfaType::Off);
    let factors = match want.texts("EnabledMfas")? {
        // Cognito refuses factors where they are off.
        _ if mode == UserPoolMfaType::Off => Vec::new(),
        Some(factors) => factors,
        None if want.raw("SmsConfiguration").is_some() => vec!["SMS_MFA".to_owned()],
        None => Vec::new(),
    };
    let has = |factor: &str| factors.iter().any(|name| name == factor);
    let software = SoftwareTokenMfaConfigType::builder().enabled(has("SOFTWARE_TOKEN_MFA")).build();
    let request = client
        .set_user_pool_mfa_config()
        .user_pool_id(pool)
        .set_sms_mfa_configuration(if has("SMS_MFA") { Some(by_text_message(want)?) } else { None })
        .set_software_token_mfa_configuration(Some(software).filter(|_| mode != UserPoolMfaType::Off))
        .set_email_mfa_configuration(by_email(want, has("EMAIL_OTP"))?)
        .set_web_authn_configuration(by_passkey(want)?)
        .mfa_configuration(mode);
    request.send().await.or_fault("cognito-idp:SetUserPoolMfaConfig", CODES).map(drop)
}

fn by_text_message(want: &Wanted<'_>) -> Result<SmsMfaConfigType> {
    let builder = SmsMfaConfigType::builder()
        .set_sms_authentication_message(want.text("SmsAuthenticationMessage")?)
        .set_sms_configuration(want.part("SmsConfiguration")?);
    Ok(builder.build())
}

fn by_email(want: &Wanted<'_>, is_enabled: bool) -> Result<Option<EmailMfaConfigType>> {
    let message = want.text::<String>("EmailAuthenticationMessage")?;
    let subject = want.text::<String>("EmailAuthenticationSubject")?;
    if !is_enabled && message.is_none() && subject.is_none() {
        return Ok(None);
    }
    Ok(Some(EmailMfaConfigType::builder().set_message(message).set_subject(subject).build()))
}

fn by_passkey(want: &Wanted<'_>) -> Result<Option<WebAuthnConfigurationType>> {
    if !OWN.iter().any(|name| name.starts_with("WebAuthn") && want.raw(name).is_some()) {
        return Ok(None);
    }
    let builder = WebAuthnConfigurationType::builder()
        .set_relying_party_id(want.text("WebAuthnRelyingPartyID")?)
        .set_user_verification(want.text("WebAuthnUserVerification")?)
        .set_factor_configuration(want.text("WebAuthnFactorConfiguration")?);
    Ok(Some(builder.build()))
}

/// What a pool says of it, beside what DescribeUserPool tells.
pub async fn observed(client: &Client, pool: &str) -> Result<Observed> {
    let answer = client.get_user_pool_mfa_config().user_pool_id(pool).send().await;
    let answer = answer.or_fault("cognito-idp:GetUserPoolMfaConfig", CODES)?;
    let (email, passkey) = (answer.email_mfa_configuration(), answer.web_authn_configuration());
    Ok(Observed::new()
        .with("EmailAuthenticationMessage", email.and_then(EmailMfaConfigType::message))
        .with("EmailAuthenticationSubject", email.and_then(EmailMfaConfigType::subject))
        .with("WebAuthnRelyingPartyID", passkey.and_then(WebAuthnConfigurationType::relying_party_id))
        .with_part("WebAuthnUserVerification", &passkey.and_then(|passkey| passkey.user_verification.clone()))
        .with_part("WebAuthnFactorConfiguration", &passkey.and_then(|passkey| passkey.factor_configuration.clone())))
}
