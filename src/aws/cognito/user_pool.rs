//! AWS::Cognito::UserPool
//! API: CreateUserPool, UpdateUserPool, SetUserPoolMfaConfig, AddCustomAttributes, TagResource, UntagResource,
//! DescribeUserPool (and GetUserPoolMfaConfig for what it leaves out), ListUserPools, DeleteUserPool.
//! Identity: UserPoolId.  Found by: the owner tags, among the pools of its name; names are not unique.
//!
//! UpdateUserPool returns everything to its default that it is not given, so the whole wanted document is sent each time:
//! what somebody has set by hand and the stack does not mention does not survive a change.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{DeletionProtectionType, UserPoolTierType, UserPoolType},
};

use super::{codes::CODES, mfa, pool_attributes, pools, tags};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags_in, each, identities, in_order, made, only_id, visible, visible_tag_map,
        },
        faults::{Codes, OrFault, answered, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Cognito::UserPool";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(UserPoolDriver { aws: aws.clone() })
}

struct UserPoolDriver {
    aws: Clients,
}

/// A request with what CreateUserPool and UpdateUserPool both take.
macro_rules! with_settings {
    ($request:expr, $want:expr) => {
        $request
            .set_account_recovery_setting($want.part("AccountRecoverySetting")?)
            .set_admin_create_user_config($want.part("AdminCreateUserConfig")?)
            .set_auto_verified_attributes($want.part("AutoVerifiedAttributes")?)
            .set_deletion_protection($want.part("DeletionProtection")?)
            .set_device_configuration($want.part("DeviceConfiguration")?)
            .set_email_configuration($want.part("EmailConfiguration")?)
            .set_email_verification_message($want.text("EmailVerificationMessage")?)
            .set_email_verification_subject($want.text("EmailVerificationSubject")?)
            .set_issuer_configuration($want.part("IssuerConfiguration")?)
            .set_key_configuration($want.part("KeyConfiguration")?)
            .set_lambda_config($want.part("LambdaConfig")?)
            .set_policies($want.part("Policies")?)
            .set_sms_authentication_message($want.text("SmsAuthenticationMessage")?)
            .set_sms_configuration($want.part("SmsConfiguration")?)
            .set_sms_verification_message($want.text("SmsVerificationMessage")?)
            .set_user_attribute_update_settings($want.part("UserAttributeUpdateSettings")?)
            .set_user_pool_add_ons($want.part("UserPoolAddOns")?)
            .set_user_pool_tier($want.part("UserPoolTier")?)
            .set_verification_message_template($want.part("VerificationMessageTemplate")?)
    };
}

/// What UpdateUserPool changes.
const SETTINGS: &[&str] = &[
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "DeletionProtection",
    "DeviceConfiguration",
    "EmailConfiguration",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "IssuerConfiguration",
    "KeyConfiguration",
    "LambdaConfig",
    "MfaConfiguration",
    "Policies",
    "SmsAuthenticationMessage",
    "SmsConfiguration",
    "SmsVerificationMessage",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolName",
    "UserPoolTier",
    "VerificationMessageTemplate",
];

#[async_trait]
impl Driver for UserPoolDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.cognito(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let has_factors = mfa::is_wanted(&properties);
        let request = client
            .create_user_pool()
            .pool_name(properties.text("UserPoolName")?.unwrap_or_else(|| pools::made_up_name(call)))
            .set_alias_attributes(properties.part("AliasAttributes")?)
            .set_username_attributes(properties.part("UsernameAttributes")?)
            .set_username_configuration(properties.part("UsernameConfiguration")?)
            .set_schema(properties.part(pool_attributes::PROPERTY)?)
            // Factors other than text messages can only be turned on afterwards, and MFA only with a factor.
            .set_mfa_configuration(if has_factors { None } else { properties.part("MfaConfiguration")? })
            .set_user_pool_tags(Some(all_tags_in(tags::PROPERTY, call, &properties)?.into_iter().collect()));
        let request = with_settings!(request, properties);
        let answer = request.send().await.or_fault("cognito-idp:CreateUserPool", FAULTS)?;
        let pool = answered(answer.user_pool.filter(|pool| pool.id.is_some()), "cognito-idp:CreateUserPool")?;
        let made = made(TYPE, observed(&pool));
        if has_factors {
            mfa::set(&client, &made.id.0, &properties).await.map_err(half_made(&made))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let pool = pools::look_up(&self.aws.cognito(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, pool.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cognito(&call.place).await;
        let documents = each(ids.iter().map(|id| document(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.cognito(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["AliasAttributes", "UsernameAttributes", "UsernameConfiguration"])?;
        let live = pools::describe(&client, changed.id()).await?;
        let additions = match changed.touches(pool_attributes::PROPERTY) {
            true => pool_attributes::additions(live.schema_attributes(), &changed.want)?,
            false => Vec::new(),
        };
        let has_factors = mfa::is_touched(&changed);
        // The lowest tier has no factors to turn on, and UpdateUserPool takes MFA only with a factor that is on.
        let is_raised = changed.touches("UserPoolTier") && live.user_pool_tier() == Some(&UserPoolTierType::Lite);
        if has_factors && !is_raised {
            mfa::set(&client, changed.id(), &changed.want).await?;
        }
        if SETTINGS.iter().any(|name| changed.touches(name)) {
            revise(&client, &changed, &live, has_factors && is_raised).await?;
        }
        if has_factors && is_raised {
            mfa::set(&client, changed.id(), &changed.want).await?;
        }
        if !additions.is_empty() {
            let request = client.add_custom_attributes().user_pool_id(changed.id());
            let request = request.set_custom_attributes(Some(additions));
            request.send().await.or_fault("cognito-idp:AddCustomAttributes", FAULTS)?;
        }
        tags::retag(&client, &changed, live.arn().unwrap_or_default()).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.cognito(&call.place).await;
        let request = client.delete_user_pool().user_pool_id(&id.0);
        match request.send().await.or_fault("cognito-idp:DeleteUserPool", FAULTS) {
            Err(fault) if fault.kind == FaultKind::Invalid => Err(kept(&client, &id.0, fault).await),
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.cognito(&call.place).await;
        let name = want.text("UserPoolName").map_or_else(|| pools::made_up_name(call), str::to_owned);
        let named = pools::all(&client).await?.into_iter().filter(|pool| pool.name() == Some(name.as_str()));
        let ids: Vec<String> = named.filter_map(|pool| pool.id).collect();
        let found = each(ids.iter().map(|id| pools::look_up(&client, id))).await?;
        let ours = found.iter().flatten().filter(|pool| tags::is_ours(pool, call));
        Ok(identities(TYPE, ours.map(observed)))
    }
}

#[async_trait]
impl AwsDriver for UserPoolDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cognito(place).await;
        let ids = pools::ids(&client).await?;
        let documents = each(ids.iter().map(|id| document(&client, id))).await?;
        Ok(documents.into_iter().flatten().collect())
    }
}

/// The whole document: DescribeUserPool leaves out how users prove who they are.
async fn document(client: &Client, id: &str) -> Result<Option<Doc>> {
    let asked = async { tokio::try_join!(pools::describe(client, id), mfa::observed(client, id)) };
    let Some((pool, factors)) = there(asked.await)? else { return Ok(None) };
    let mut document = Doc::from(observed(&pool));
    document.0.extend(Doc::from(factors).0);
    Ok(Some(document))
}

/// Sends all settings as they should be, and the tags as they are: the owner's would be lost otherwise.
async fn revise(client: &Client, changed: &Changed<'_>, live: &UserPoolType, keeps_mfa: bool) -> Result<()> {
    let want = &changed.want;
    let mode = if keeps_mfa { live.mfa_configuration.clone() } else { want.part("MfaConfiguration")? };
    let request = client
        .update_user_pool()
        .user_pool_id(changed.id())
        .set_pool_name(want.text("UserPoolName")?.or_else(|| live.name.clone()))
        .set_mfa_configuration(mode)
        .set_user_pool_tags(Some(tags::present(live).into_iter().collect()));
    let request = with_settings!(request, want);
    request.send().await.or_fault("cognito-idp:UpdateUserPool", FAULTS).map(drop)
}

/// Why a pool cannot be deleted, if that can be told: Cognito reports it as a wrong parameter.
async fn kept(client: &Client, id: &str, mut fault: Fault) -> Fault {
    let Ok(pool) = pools::describe(client, id).await else { return fault };
    let domains = pool.domain().into_iter().chain(pool.custom_domain()).filter(|domain| !domain.is_empty());
    let domains: Vec<String> = domains.map(|domain| format!("domain {domain}")).collect();
    if pool.deletion_protection() == Some(&DeletionProtectionType::Active) {
        fault.message =
            format!("`{id}` is protected: set its `DeletionProtection` to `INACTIVE` first, and apply that");
    } else if !domains.is_empty() {
        fault.kind = FaultKind::InUse;
        fault.blockers = domains;
    }
    fault
}

fn observed(pool: &UserPoolType) -> Observed {
    let provider = provider_name(pool);
    Observed::new()
        .with("UserPoolId", pool.id())
        .with("Arn", pool.arn())
        .with("ProviderURL", provider.as_ref().map(|name| format!("https://{name}")))
        .with("ProviderName", provider)
        .with("UserPoolName", pool.name())
        .with_part("AccountRecoverySetting", &pool.account_recovery_setting)
        .with_part("AdminCreateUserConfig", &pool.admin_create_user_config)
        .with_part("AliasAttributes", &pool.alias_attributes)
        .with_part("AutoVerifiedAttributes", &pool.auto_verified_attributes)
        .with_part("DeletionProtection", &pool.deletion_protection)
        .with_part("DeviceConfiguration", &pool.device_configuration)
        .with_part("EmailConfiguration", &pool.email_configuration)
        .with("EmailVerificationMessage", pool.email_verification_message())
        .with("EmailVerificationSubject", pool.email_verification_subject())
        .with_part("IssuerConfiguration", &pool.issuer_configuration)
        .with_part("KeyConfiguration", &pool.key_configuration)
        .with_part("LambdaConfig", &pool.lambda_config)
        .with_part("MfaConfiguration", &pool.mfa_configuration)
        .with_part("Policies", &pool.policies)
        .with_list(pool_attributes::PROPERTY, pool_attributes::observed(pool.schema_attributes()))
        .with("SmsAuthenticationMessage", pool.sms_authentication_message())
        .with_part("SmsConfiguration", &pool.sms_configuration)
        .with("SmsVerificationMessage", pool.sms_verification_message())
        .with_part("UserAttributeUpdateSettings", &pool.user_attribute_update_settings)
        .with_part("UserPoolAddOns", &pool.user_pool_add_ons)
        .with(tags::PROPERTY, Some(visible_tag_map(tags::present(pool))))
        .with_part("UserPoolTier", &pool.user_pool_tier)
        .with_part("UsernameAttributes", &pool.username_attributes)
        .with_part("UsernameConfiguration", &pool.username_configuration)
        .with_part("VerificationMessageTemplate", &pool.verification_message_template)
}

/// What the tokens of a pool name as their issuer: `cognito-idp.us-east-1.amazonaws.com/us-east-1_abc`.
fn provider_name(pool: &UserPoolType) -> Option<String> {
    let mut arn = pool.arn()?.split(':').skip(1);
    let (partition, region) = (arn.next()?, arn.nth(1)?);
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("cognito-idp.{region}.{suffix}/{}", pool.id()?))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
