//! AWS::Cognito::UserPoolDomain
//! API: CreateUserPoolDomain, UpdateUserPoolDomain, DescribeUserPoolDomain, DeleteUserPoolDomain (and ListUserPools,
//! DescribeUserPool to list them).  Identity: UserPoolId and Domain.  Found by: that domain, if it is the wanted pool's; it
//! takes no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cognitoidentityprovider::{
    Client,
    types::{
        CustomDomainConfigType, DomainDescriptionType, DomainStatusType, FailoverType, RoutingType, SecurityPolicyType,
    },
};

use super::{codes::CODES, pools};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, structures, visible, words,
        },
        faults::{Codes, OrFault, failed, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Cognito::UserPoolDomain";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(UserPoolDomainDriver { aws: aws.clone() })
}

struct UserPoolDomainDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for UserPoolDomainDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let pool = properties.text::<String>("UserPoolId")?.unwrap_or_default();
        let domain = properties.text::<String>("Domain")?.unwrap_or_default();
        let request = self
            .aws
            .cognito(&call.place)
            .await
            .create_user_pool_domain()
            .user_pool_id(&pool)
            .domain(&domain)
            .set_custom_domain_config(properties.part("CustomDomainConfig")?)
            .set_managed_login_version(properties.whole("ManagedLoginVersion")?)
            .set_routing(properties.part("Routing")?);
        let answer = told(request.send().await.or_fault("cognito-idp:CreateUserPoolDomain", FAULTS))?;
        let document = Observed::new()
            .with("UserPoolId", Some(pool))
            .with("Domain", Some(domain))
            .with("CloudFrontDistribution", answer.cloud_front_domain);
        Ok(pending(&made(TYPE, document), "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let domain = describe(&self.aws.cognito(&call.place).await, &so_far.id).await?;
        match domain.as_ref().and_then(DomainDescriptionType::status) {
            Some(DomainStatusType::Creating) => Ok(pending(so_far, "creating")),
            Some(DomainStatusType::Updating) => Ok(pending(so_far, "updating")),
            Some(DomainStatusType::Failed) => {
                Err(failed("cognito-idp:CreateUserPoolDomain", None, Some("the domain has failed"), so_far))
            }
            _ => Ok(visible(TYPE, so_far, domain.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cognito(&call.place).await;
        let domains = each(ids.iter().map(|id| describe(&client, id))).await?;
        Ok(in_order(TYPE, ids, domains.iter().flatten().filter(|domain| !is_leaving(domain)).map(observed)))
    }

    /// Everything wanted is sent: what is left out of a request for a domain of one's own may be lost.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let (pool, domain) = pools::parts(&change.id);
        let want = Changed::new(TYPE, change).want;
        let request = self
            .aws
            .cognito(&call.place)
            .await
            .update_user_pool_domain()
            .user_pool_id(pool)
            .domain(domain)
            .set_custom_domain_config(want.part("CustomDomainConfig")?)
            .set_managed_login_version(want.whole("ManagedLoginVersion")?)
            .set_routing(want.part("Routing")?);
        told(request.send().await.or_fault("cognito-idp:UpdateUserPoolDomain", FAULTS))?;
        Ok(pending(&only_id(&change.id), "updating"))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.cognito(&call.place).await;
        let going = || Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() });
        if describe(&client, id).await?.as_ref().is_some_and(is_leaving) {
            return going();
        }
        // One that does not show may only be too new to be seen, so the delete is sent all the same.
        let (pool, domain) = pools::parts(id);
        let deleted = client.delete_user_pool_domain().user_pool_id(pool).domain(domain).send().await;
        gone(told(deleted.or_fault("cognito-idp:DeleteUserPoolDomain", FAULTS)))?;
        if describe(&client, id).await?.is_some() { going() } else { Ok(Progress::Done(())) }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let (Some(pool), Some(domain)) = (want.text("UserPoolId"), want.text("Domain")) else { return Ok(Vec::new()) };
        let id = PhysicalId(format!("{pool}|{domain}"));
        let found = describe(&self.aws.cognito(&call.place).await, &id).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for UserPoolDomainDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cognito(place).await;
        let ids = pools::ids(&client).await?;
        let pools = each(ids.iter().map(|id| pools::look_up(&client, id))).await?;
        let ids = pools.into_iter().flatten().flat_map(|pool| {
            let id = pool.id.unwrap_or_default();
            let domains = pool.domain.into_iter().chain(pool.custom_domain);
            domains.map(move |domain| PhysicalId(format!("{id}|{domain}")))
        });
        let ids: Vec<PhysicalId> = ids.collect();
        let domains = each(ids.iter().map(|id| describe(&client, id))).await?;
        let domains = domains.iter().flatten().filter(|domain| !is_leaving(domain));
        Ok(domains.map(|domain| observed(domain).into()).collect())
    }
}

/// The domain, if it is that of the pool of this id. Of one that does not exist the description is empty.
async fn describe(client: &Client, id: &PhysicalId) -> Result<Option<DomainDescriptionType>> {
    let (pool, domain) = pools::parts(id);
    let answer = client.describe_user_pool_domain().domain(domain).send().await;
    let answer = there(answer.or_fault("cognito-idp:DescribeUserPoolDomain", FAULTS))?;
    let found = answer.and_then(|answer| answer.domain_description);
    Ok(found.filter(|found| found.domain() == Some(domain) && found.user_pool_id() == Some(pool)))
}

fn is_leaving(domain: &DomainDescriptionType) -> bool {
    domain.status() == Some(&DomainStatusType::Deleting)
}

/// Whether a domain exists is told in words only: every refusal is of a wrong parameter.
fn told<T>(outcome: Result<T>) -> Result<T> {
    const WORDS: &[(&str, FaultKind)] = &[
        ("Domain already associated", FaultKind::AlreadyExists),
        ("Domain already exists", FaultKind::AlreadyExists),
        ("No such domain", FaultKind::NotFound),
    ];
    outcome.map_err(|mut fault| {
        if fault.kind == FaultKind::Invalid
            && let Some((_, kind)) = WORDS.iter().find(|(words, _)| fault.message.contains(words))
        {
            fault.kind = *kind;
        }
        fault
    })
}

words! { SecurityPolicyType }

structures! {
    CustomDomainConfigType {
        "CertificateArn": certificate_arn set_certificate_arn, "SecurityPolicy": security_policy set_security_policy,
    }
    RoutingType { "Failover": failover set_failover }
    FailoverType {
        "PrimaryRoute53HealthCheckId": primary_route53_health_check_id set_primary_route53_health_check_id,
        "SecondaryRegion": secondary_region set_secondary_region,
    }
}

fn observed(domain: &DomainDescriptionType) -> Observed {
    let custom = domain.custom_domain_config.clone().filter(|config| !config.certificate_arn.is_empty());
    Observed::new()
        .with("UserPoolId", domain.user_pool_id())
        .with("Domain", domain.domain())
        .with("CloudFrontDistribution", domain.cloud_front_distribution())
        .with_part("CustomDomainConfig", &custom)
        .with("ManagedLoginVersion", domain.managed_login_version())
        .with_part("Routing", &domain.routing)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
