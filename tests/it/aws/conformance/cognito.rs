//! Cognito user pools.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::sync::Arc;

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, Driver, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::super::{cloud::Cloud, wire::Trouble};

const POOL: &str = "AWS::Cognito::UserPool";
const CLIENT: &str = "AWS::Cognito::UserPoolClient";
const GROUP: &str = "AWS::Cognito::UserPoolGroup";
const DOMAIN: &str = "AWS::Cognito::UserPoolDomain";

async fn pool(cloud: &Cloud) -> String {
    cloud.make_id(POOL, "pool", json!({"UserPoolName": "main"}), "UserPoolId").await
}

fn driver(cloud: &Cloud, type_name: &str) -> Arc<dyn Driver> {
    cloud.provider.driver(type_name).unwrap()
}

/// A change of the properties in which the two differ at the top.
fn change(id: &str, before: &Json, want: &Json) -> Change {
    let (before, want): (Doc, Doc) = (before.clone().into(), want.clone().into());
    let names = before.0.keys().chain(want.0.keys().filter(|name| !before.0.contains_key(*name)));
    let paths = names.filter(|name| before.get(name) != want.get(name)).map(Path::key).collect();
    Change { id: PhysicalId(id.to_owned()), before, want, paths }
}

/// The last request for an operation.
fn sent(cloud: &Cloud, operation: &str) -> Json {
    serde_json::from_str(cloud.wire.requests(operation).last().unwrap()).unwrap()
}

/// A refusal as Cognito words it: it has one code for most of them.
fn refusal(message: &str) -> Trouble {
    Trouble::Answered(400, json!({"__type": "InvalidParameterException", "message": message}).to_string())
}

/// moto cannot change tags and names, does not know about messages by email and passkeys, and loses what an update does not
/// name.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one pool with everything that a pool can have")]
async fn user_pool_conforms() {
    let cloud = Cloud::of("user_pool_conforms");
    let function = |name: &str| format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
    let versioned = |name: &str| json!({"LambdaArn": function(name), "LambdaVersion": "V1_0"});
    let email = json!({"Name": "email", "AttributeDataType": "String", "Required": true, "Mutable": true});
    let tenant = json!({
        "Name": "tenant", "AttributeDataType": "String", "Mutable": true,
        "StringAttributeConstraints": {"MinLength": 1, "MaxLength": 64},
    });
    let plan = json!({"Name": "plan", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "0"}});
    let password = |length: u8| {
        json!({
            "MinimumLength": length, "PasswordHistorySize": 3, "RequireLowercase": true, "RequireNumbers": true,
            "RequireSymbols": false, "RequireUppercase": true, "TemporaryPasswordValidityDays": 3,
        })
    };
    let want = json!({
        "UserPoolName": "main", "UserPoolTier": "PLUS", "DeletionProtection": "INACTIVE",
        "UserPoolTags": {"Name": "main", "Team": "a"}, "Schema": [email, tenant],
        "Policies": {"PasswordPolicy": password(12), "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": true,
            "InviteMessageTemplate": {"EmailMessage": "{username} {####}", "EmailSubject": "a", "SMSMessage": "b"},
        },
        "AutoVerifiedAttributes": ["email"],
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true},
        "EmailConfiguration": {
            "EmailSendingAccount": "DEVELOPER", "From": "a@example.com", "ReplyToEmailAddress": "b@example.com",
            "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/example.com", "ConfigurationSet": "main",
        },
        "LambdaConfig": {
            "PreSignUp": function("a"), "PreTokenGeneration": function("b"), "KMSKeyID": "key",
            "PreTokenGenerationConfig": versioned("b"), "CustomEmailSender": versioned("c"),
            "CustomSMSSender": versioned("d"), "InboundFederation": versioned("e"),
        },
        "MfaConfiguration": "OPTIONAL", "EnabledMfas": ["SMS_MFA", "SOFTWARE_TOKEN_MFA"],
        "SmsAuthenticationMessage": "{####}",
        "SmsConfiguration": {
            "SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "main", "SnsRegion": "us-east-1",
        },
        "UserPoolAddOns": {
            "AdvancedSecurityMode": "ENFORCED", "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "AUDIT"},
        },
        "VerificationMessageTemplate": {
            "DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailMessage": "{####}", "EmailSubject": "a",
            "EmailMessageByLink": "{##here##}", "EmailSubjectByLink": "b", "SmsMessage": "c {####}",
        },
        "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"}, "IssuerConfiguration": {"Type": "ORIGINAL"},
    });
    let mut other = want.clone();
    for (name, value) in [
        ("Schema", json!([email, tenant, plan])),
        ("Policies", json!({"PasswordPolicy": password(16)})),
        ("DeletionProtection", json!("ACTIVE")),
        ("EnabledMfas", json!(["SOFTWARE_TOKEN_MFA"])),
        ("MfaConfiguration", json!("ON")),
        ("LambdaConfig", json!({"PreTokenGeneration": function("f")})),
        ("AdminCreateUserConfig", json!({"AllowAdminCreateUserOnly": false})),
        ("UserPoolAddOns", json!({"AdvancedSecurityMode": "OFF"})),
    ] {
        other[name] = value;
    }
    let least = json!({
        "UserPoolName": "main", "UserPoolTags": {"Name": "main", "Team": "a"},
    });
    cloud.check(POOL, want, [other, least]).await;
}

#[tokio::test]
async fn what_has_no_name_gets_one_by_which_it_is_found() {
    let cloud = Cloud::of("what_has_no_name_gets_one_by_which_it_is_found");
    cloud.check(POOL, json!({}), []).await;
    let pool = pool(&cloud).await;
    cloud.check(CLIENT, json!({"UserPoolId": pool}), []).await;
    cloud.check(GROUP, json!({"UserPoolId": pool}), []).await;
}

#[tokio::test]
async fn the_attributes_of_a_pool_name_its_issuer() {
    let cloud = Cloud::of("the_attributes_of_a_pool_name_its_issuer");
    let made = cloud.make(POOL, "main", json!({"UserPoolName": "main"})).await;
    let name = format!("cognito-idp.us-east-1.amazonaws.com/{}", made.text("UserPoolId").unwrap());
    assert_eq!(made.text("ProviderName"), Some(name.as_str()));
    assert_eq!(made.text("ProviderURL"), Some(format!("https://{name}").as_str()));
}

/// UpdateUserPool returns to its default what it is not given.
#[tokio::test]
async fn a_change_of_a_pool_sends_all_that_is_wanted_and_keeps_the_owner() {
    let cloud = Cloud::of("a_change_of_a_pool_sends_all_that_is_wanted_and_keeps_the_owner");
    let document = |days: u8, tags: Json| {
        json!({
            "UserPoolName": "main", "AutoVerifiedAttributes": ["email"], "UserPoolTags": tags,
            "Policies": {"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": days}},
        })
    };
    let (before, want) = (document(3, json!({"a": "1", "b": "1"})), document(5, json!({"a": "2", "c": "1"})));
    let id = cloud.make_id(POOL, "main", before.clone(), "UserPoolId").await;
    for operation in ["TagResource", "UntagResource"] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, "{}".to_owned()));
    }
    driver(&cloud, POOL).update(&cloud.call("main"), &change(&id, &before, &want)).await.unwrap();
    let sent = |operation: &str| sent(&cloud, operation);
    let update = sent("UpdateUserPool");
    assert_eq!(update["AutoVerifiedAttributes"], json!(["email"]));
    assert_eq!(update["PoolName"], json!("main"));
    assert_eq!(update["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"], json!(5));
    let tags = update["UserPoolTags"].as_object().unwrap();
    assert_eq!(tags["a"], json!("1"), "tags are changed by requests of their own");
    assert!(tags.contains_key("provision:token"), "{tags:?}");
    assert_eq!(sent("TagResource")["Tags"], json!({"a": "2", "c": "1"}));
    assert_eq!(sent("UntagResource")["TagKeys"], json!(["b"]));
}

/// moto knows neither; the answer is AWS's, as its documentation shows it.
#[tokio::test]
async fn messages_by_email_and_passkeys_are_set_and_read() {
    let cloud = Cloud::of("messages_by_email_and_passkeys_are_set_and_read");
    let settings = json!({
        "EmailAuthenticationMessage": "{####}", "EmailAuthenticationSubject": "code",
        "WebAuthnRelyingPartyID": "auth.example.com", "WebAuthnUserVerification": "required",
        "WebAuthnFactorConfiguration": "SINGLE_FACTOR",
    });
    let mut want = settings.clone();
    want["UserPoolName"] = json!("main");
    want["MfaConfiguration"] = json!("ON");
    want["EnabledMfas"] = json!(["EMAIL_OTP"]);
    cloud.wire.trouble("SetUserPoolMfaConfig", 0, Trouble::Answered(200, "{}".to_owned()));
    let answer = json!({
        "MfaConfiguration": "ON", "EmailMfaConfiguration": {"Message": "{####}", "Subject": "code"},
        "WebAuthnConfiguration": {
            "RelyingPartyId": "auth.example.com", "UserVerification": "required", "FactorConfiguration": "SINGLE_FACTOR",
        },
    });
    cloud.wire.trouble("GetUserPoolMfaConfig", 0, Trouble::Answered(200, answer.to_string()));
    let (driver, call) = (driver(&cloud, POOL), cloud.call("main"));
    let made = driver.create(&call, &want.into()).await.unwrap().into_inner();
    assert_eq!(sent(&cloud, "CreateUserPool").get("MfaConfiguration"), None, "there is no factor yet");
    let mut expected = answer;
    expected["UserPoolId"] = json!(made.id.0);
    expected["SoftwareTokenMfaConfiguration"] = json!({"Enabled": false});
    assert_eq!(sent(&cloud, "SetUserPoolMfaConfig"), expected);
    let live = driver.read(&call, std::slice::from_ref(&made.id)).await.unwrap().remove(0).unwrap();
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(live.get(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_pool_whose_factors_cannot_be_set_is_half_made() {
    let cloud = Cloud::of("a_pool_whose_factors_cannot_be_set_is_half_made");
    let want = json!({"UserPoolName": "main", "MfaConfiguration": "ON", "EnabledMfas": ["EMAIL_OTP"]}).into();
    cloud.wire.trouble("SetUserPoolMfaConfig", 0, refusal("Email MFA needs a sender."));
    let call = cloud.call("main");
    let fault = driver(&cloud, POOL).create(&call, &want).await.unwrap_err();
    let made = fault.made.unwrap();
    assert_eq!(driver(&cloud, POOL).find(&call, &want).await.unwrap(), [made.id]);
}

/// There cannot be another pool with the same users.
#[tokio::test]
async fn what_a_pool_can_never_change_is_refused() {
    let cloud = Cloud::of("what_a_pool_can_never_change_is_refused");
    let attribute = |mutable: bool| json!([{"Name": "tenant", "AttributeDataType": "String", "Mutable": mutable}]);
    let before = json!({"UserPoolName": "main", "Schema": attribute(true)});
    let id = cloud.make_id(POOL, "main", before.clone(), "UserPoolId").await;
    for (name, value) in [
        ("UsernameAttributes", json!(["email"])),
        ("AliasAttributes", json!(["email"])),
        ("UsernameConfiguration", json!({"CaseSensitive": true})),
        ("Schema", attribute(false)),
    ] {
        let mut want = before.clone();
        want[name] = value;
        let outcome = driver(&cloud, POOL).update(&cloud.call("main"), &change(&id, &before, &want)).await;
        assert_eq!(outcome.unwrap_err().kind, FaultKind::Invalid, "{name}");
    }
    assert!(cloud.wire.requests("UpdateUserPool").is_empty());
}

/// moto deletes everything at once.
#[tokio::test]
async fn a_pool_that_cannot_be_deleted_says_why() {
    let cloud = Cloud::of("a_pool_that_cannot_be_deleted_says_why");
    let (driver, call) = (driver(&cloud, POOL), cloud.call("main"));
    let id = PhysicalId(pool(&cloud).await);
    let domain = json!({"UserPoolId": id.0, "Domain": "deleted-last"});
    cloud.make(DOMAIN, "domain", domain).await;
    let message = "User pool cannot be deleted. It has a domain configured that should be deleted first.";
    cloud.wire.trouble("DeleteUserPool", 0, refusal(message));
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["domain deleted-last".to_owned()]));
    let protected = json!({"UserPoolName": "other", "DeletionProtection": "ACTIVE"});
    let id = PhysicalId(cloud.make_id(POOL, "protected", protected, "UserPoolId").await);
    cloud.wire.trouble("DeleteUserPool", 0, refusal("Deletion protection is active."));
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`DeletionProtection`"), "{fault}");
}

/// moto forgets nothing of a client, not even what AWS would return to its default.
#[tokio::test]
async fn user_pool_client_conforms() {
    let cloud = Cloud::of("user_pool_client_conforms");
    let pool = pool(&cloud).await;
    let document = |minutes: u8, url: &str, flow: &str, on: bool| {
        json!({
            "UserPoolId": pool, "ClientName": "web", "GenerateSecret": true, "AccessTokenValidity": minutes,
            "IdTokenValidity": minutes, "RefreshTokenValidity": minutes, "AuthSessionValidity": 5,
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
            "AllowedOAuthFlows": [flow], "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": ["openid", "email"], "CallbackURLs": [url], "LogoutURLs": [url],
            "DefaultRedirectURI": url, "EnableTokenRevocation": on, "EnablePropagateAdditionalUserContextData": on,
            "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "PreventUserExistenceErrors": "ENABLED", "ReadAttributes": ["email"], "WriteAttributes": ["email", "name"],
            "SupportedIdentityProviders": ["COGNITO"],
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
            "AnalyticsConfiguration": {
                "ApplicationArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/a", "UserDataShared": on,
            },
        })
    };
    let want = document(60, "https://example.com/", "code", true);
    cloud.check(CLIENT, want, [document(30, "https://example.org/", "implicit", false)]).await;
}

#[tokio::test]
async fn the_secret_of_a_client_is_never_observed() {
    let cloud = Cloud::of("the_secret_of_a_client_is_never_observed");
    let want = json!({"UserPoolId": pool(&cloud).await, "ClientName": "web", "GenerateSecret": true});
    let made = cloud.make(CLIENT, "web", want).await;
    assert_eq!((made.text("Name"), made.get("ClientSecret")), (Some("web"), None));
    assert_eq!(made.get("GenerateSecret"), Some(&json!(true)));
}

/// UpdateUserPoolClient returns to its default what it is not given.
#[tokio::test]
async fn a_change_of_a_client_sends_all_that_is_wanted() {
    let cloud = Cloud::of("a_change_of_a_client_sends_all_that_is_wanted");
    let pool = pool(&cloud).await;
    let before = json!({
        "UserPoolId": pool, "ClientName": "web", "AuthSessionValidity": 5, "CallbackURLs": ["https://example.com/"],
    });
    let made = cloud.make(CLIENT, "web", before.clone()).await;
    let client = made.text("ClientId").unwrap();
    let want = json!({"UserPoolId": pool, "CallbackURLs": ["https://example.com/"], "RefreshTokenValidity": 5});
    let change = change(&format!("{pool}|{client}"), &before, &want);
    driver(&cloud, CLIENT).update(&cloud.call("web"), &change).await.unwrap();
    let expected = json!({
        "UserPoolId": pool, "ClientId": client, "ClientName": "web", "RefreshTokenValidity": 5,
        "CallbackURLs": ["https://example.com/"],
    });
    assert_eq!(sent(&cloud, "UpdateUserPoolClient"), expected);
}

/// Otherwise nobody could tell it from the client that was to be made.
#[tokio::test]
async fn the_name_of_another_client_of_the_pool_is_taken() {
    let cloud = Cloud::of("the_name_of_another_client_of_the_pool_is_taken");
    let pool = pool(&cloud).await;
    let (driver, call) = (driver(&cloud, CLIENT), cloud.call("web"));
    let want: Doc = json!({"UserPoolId": pool, "ClientName": "web"}).into();
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let made = cloud.make(CLIENT, "foreign", json!({"UserPoolId": pool, "ClientName": "web"})).await;
    let id = PhysicalId(format!("{pool}|{}", made.text("ClientId").unwrap()));
    assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(id));
    let nameless = json!({"UserPoolId": pool}).into();
    assert_eq!(driver.taken(&call, &nameless).await.unwrap(), None);
}

#[tokio::test]
async fn user_pool_group_conforms() {
    let cloud = Cloud::of("user_pool_group_conforms");
    let pool = pool(&cloud).await;
    let document = |description: Option<&str>, precedence: u8| {
        json!({
            "UserPoolId": pool, "GroupName": "admins", "Precedence": precedence, "Description": description,
            "RoleArn": format!("arn:aws:iam::123456789012:role/admins-{precedence}"),
        })
    };
    let mut bare = document(None, 3);
    bare.as_object_mut().unwrap().remove("Description");
    cloud.check(GROUP, document(Some("a"), 1), [document(Some("b"), 2), bare]).await;
}

/// moto keeps what an update leaves out; AWS does not say what it does.
#[tokio::test]
async fn what_a_group_does_not_give_up_is_said() {
    let cloud = Cloud::of("what_a_group_does_not_give_up_is_said");
    let pool = pool(&cloud).await;
    let before = json!({"UserPoolId": pool, "GroupName": "admins", "Precedence": 1});
    cloud.make(GROUP, "admins", before.clone()).await;
    let want = json!({"UserPoolId": pool, "GroupName": "admins"});
    let change = change(&format!("{pool}|admins"), &before, &want);
    let fault = driver(&cloud, GROUP).update(&cloud.call("admins"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`Precedence`"), "{fault}");
}

/// moto forgets the configuration of a domain of one's own.
#[tokio::test]
async fn user_pool_domain_conforms() {
    let cloud = Cloud::of("user_pool_domain_conforms");
    let pool = pool(&cloud).await;
    let document = |version: u8| json!({"UserPoolId": pool, "Domain": "shop-dev", "ManagedLoginVersion": version});
    cloud.check(DOMAIN, document(1), [document(2)]).await;
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn a_domain_of_ones_own_is_waited_for() {
    let cloud = Cloud::of("a_domain_of_ones_own_is_waited_for");
    let (driver, call) = (driver(&cloud, DOMAIN), cloud.call("domain"));
    let config = json!({
        "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c", "SecurityPolicy": "TLS_V1_2_2021",
    });
    let routing = json!({"Failover": {"PrimaryRoute53HealthCheckId": "h", "SecondaryRegion": "eu-west-1"}});
    let want = json!({
        "UserPoolId": "us-east-1_a", "Domain": "auth.example.com", "CustomDomainConfig": config, "Routing": routing,
        "ManagedLoginVersion": 2,
    });
    let described = |status: &str| {
        let mut description = want.clone();
        description["Status"] = json!(status);
        description["CloudFrontDistribution"] = json!("d111.cloudfront.net");
        Trouble::Answered(200, json!({"DomainDescription": description}).to_string())
    };
    let answer = json!({"CloudFrontDomain": "d111.cloudfront.net"}).to_string();
    cloud.wire.trouble("CreateUserPoolDomain", 0, Trouble::Answered(200, answer));
    for status in ["CREATING", "ACTIVE", "ACTIVE", "FAILED", "DELETING", "ACTIVE", "DELETING"] {
        cloud.wire.trouble("DescribeUserPoolDomain", 0, described(status));
    }
    let made = driver.create(&call, &want.clone().into()).await.unwrap().into_inner();
    assert_eq!(made.id.0, "us-east-1_a|auth.example.com");
    assert_eq!(made.attributes.text("CloudFrontDistribution"), Some("d111.cloudfront.net"));
    assert_eq!(sent(&cloud, "CreateUserPoolDomain"), want);
    assert!(matches!(driver.poll(&call, &made).await.unwrap(), Progress::Pending { .. }));
    assert!(matches!(driver.poll(&call, &made).await.unwrap(), Progress::Done(_)));
    let live = driver.read(&call, std::slice::from_ref(&made.id)).await.unwrap().remove(0).unwrap();
    assert_eq!((live.get("CustomDomainConfig"), live.get("Routing")), (Some(&config), Some(&routing)));
    assert_eq!(driver.poll(&call, &made).await.unwrap_err().made.unwrap().id, made.id);
    let gone = driver.delete(&call, &made.id, &Removal::default()).await.unwrap();
    assert!(matches!(gone, Progress::Pending { .. }));
    assert!(cloud.wire.requests("DeleteUserPoolDomain").is_empty(), "it is on its way already");
    cloud.wire.trouble("DeleteUserPoolDomain", 0, Trouble::Answered(200, "{}".to_owned()));
    let gone = driver.delete(&call, &made.id, &Removal::default()).await.unwrap();
    assert!(matches!(gone, Progress::Pending { .. }));
    cloud.wire.trouble("DeleteUserPoolDomain", 0, refusal("No such domain or user pool exists."));
    let gone = driver.delete(&call, &made.id, &Removal::default()).await.unwrap();
    assert_eq!(gone, Progress::Done(()));
}

#[tokio::test]
async fn a_domain_that_others_have_is_told_from_a_wrong_one() {
    let cloud = Cloud::of("a_domain_that_others_have_is_told_from_a_wrong_one");
    let want = json!({"UserPoolId": "us-east-1_a", "Domain": "shop"}).into();
    for (message, kind) in [
        ("Domain already associated with another user pool.", FaultKind::AlreadyExists),
        ("Domain cannot contain reserved word: aws", FaultKind::Invalid),
    ] {
        cloud.wire.trouble("CreateUserPoolDomain", 0, refusal(message));
        let fault = driver(&cloud, DOMAIN).create(&cloud.call("domain"), &want).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
    }
}
