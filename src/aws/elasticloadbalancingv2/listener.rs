//! AWS::ElasticLoadBalancingV2::Listener
//! API: CreateListener, ModifyListener, ModifyListenerAttributes, DescribeListeners (and DescribeListenerAttributes,
//! DescribeTags for what it leaves out), DeleteListener.  Identity: ListenerArn.  Found by: load balancer and port,
//! verified by the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::{
    Client,
    types::{Certificate, Listener, ListenerAttribute, LoadBalancer, MutualAuthenticationAttributes, ProtocolEnum},
};

use super::{
    actions, attributes,
    codes::CODES,
    found::{AT_ONCE, found},
    tags::{by_owner, create_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElasticLoadBalancingV2::Listener";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ListenerDriver { aws: aws.clone() })
}

struct ListenerDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ListenerDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = elb
            .create_listener()
            .set_load_balancer_arn(properties.text("LoadBalancerArn")?)
            .set_port(properties.whole("Port")?)
            .set_protocol(properties.text("Protocol")?)
            .set_ssl_policy(properties.text("SslPolicy")?)
            .set_certificates(properties.structures("Certificates", certificate)?)
            .set_alpn_policy(properties.texts("AlpnPolicy")?)
            .set_mutual_authentication(properties.structure("MutualAuthentication", mutual_authentication)?)
            .set_default_actions(properties.structures("DefaultActions", actions::action)?)
            .set_tags(Some(create_tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticloadbalancing:CreateListener", FAULTS)?;
        let listener = answer.listeners.and_then(|list| list.into_iter().next());
        let listener = listener.filter(|listener| listener.listener_arn.is_some());
        let listener = answered(listener, "elasticloadbalancing:CreateListener")?;
        let made = made(TYPE, observed(&listener));
        let rest = fresh(&made.id, observed(&listener), want);
        set_attributes(&elb, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let listeners = describe(&elb, vec![so_far.id.0.clone()]).await?;
        Ok(visible(TYPE, so_far, listeners.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let listeners = describe(&elb, ids.iter().map(|id| id.0.clone()).collect()).await?;
        Ok(in_order(TYPE, ids, documents(&elb, &listeners).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if MODIFIED.iter().any(|name| changed.touches(name)) {
            modify(&elb, &changed).await?;
        }
        set_attributes(&elb, &changed).await?;
        retag(&elb, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.elasticloadbalancingv2(&call.place).await.delete_listener().listener_arn(&id.0);
        gone(request.send().await.or_fault("elasticloadbalancing:DeleteListener", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (ours, _) = by_owner(&elb, at_port(&elb, want).await?, call).await?;
        Ok(identities(TYPE, ours.into_iter().map(|arn| Observed::new().with("ListenerArn", Some(arn)))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let elb = self.aws.elasticloadbalancingv2(&call.place).await;
        let (_, others) = by_owner(&elb, at_port(&elb, want).await?, call).await?;
        Ok(others.into_iter().next().map(PhysicalId))
    }

    fn batch(&self) -> usize {
        AT_ONCE
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ListenerDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elb = self.aws.elasticloadbalancingv2(place).await;
        documents(&elb, &all(&elb).await?).await
    }
}

/// Every listener of a place; the API lists those of one load balancer only.
pub(super) async fn all(elb: &Client) -> Result<Vec<Listener>> {
    let pages = elb.describe_load_balancers().into_paginator().items().send();
    let load_balancers: Vec<LoadBalancer> =
        pages.try_collect().await.or_fault("elasticloadbalancing:DescribeLoadBalancers", FAULTS)?;
    let arns = load_balancers.into_iter().filter_map(|load_balancer| load_balancer.load_balancer_arn);
    Ok(each(arns.map(|arn| below(elb, arn))).await?.concat())
}

/// The listeners of one load balancer; none if it does not exist.
async fn below(elb: &Client, load_balancer: String) -> Result<Vec<Listener>> {
    let pages = elb.describe_listeners().load_balancer_arn(load_balancer).into_paginator().items().send();
    Ok(there(pages.try_collect().await.or_fault("elasticloadbalancing:DescribeListeners", FAULTS))?.unwrap_or_default())
}

/// The ARNs of the listeners at the wanted port of the wanted load balancer.
async fn at_port(elb: &Client, want: &Doc) -> Result<Vec<String>> {
    let Some(load_balancer) = want.text("LoadBalancerArn") else { return Ok(Vec::new()) };
    let port = Wanted::new(TYPE, want).whole("Port")?;
    let mut found = below(elb, load_balancer.to_owned()).await?;
    found.retain(|listener| listener.port == port);
    Ok(found.into_iter().filter_map(|listener| listener.listener_arn).collect())
}

async fn describe(elb: &Client, arns: Vec<String>) -> Result<Vec<Listener>> {
    let describe = |arns| {
        let request = elb.describe_listeners().set_listener_arns(Some(arns));
        async move {
            let pages = request.into_paginator().items().send();
            pages.try_collect().await.or_fault("elasticloadbalancing:DescribeListeners", FAULTS)
        }
    };
    found(arns, describe).await
}

/// What ModifyListener changes.
const MODIFIED: &[&str] =
    &["AlpnPolicy", "Certificates", "DefaultActions", "MutualAuthentication", "Port", "Protocol", "SslPolicy"];

/// Changes what differs. Another protocol drops the policy and the certificate, so they are sent along with it.
async fn modify(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let want = &change.want;
    let is_sent = |name: &str| change.touches(name) || change.touches("Protocol");
    let off = || MutualAuthenticationAttributes::builder().mode("off").build();
    let mut request = elb.modify_listener().listener_arn(change.id());
    if change.touches("Port") {
        request = request.set_port(want.whole("Port")?);
    }
    if change.touches("Protocol") {
        request = request.set_protocol(want.text("Protocol")?);
    }
    if is_sent("SslPolicy") {
        request = request.set_ssl_policy(want.text("SslPolicy")?);
    }
    if is_sent("Certificates") {
        request = request.set_certificates(want.structures("Certificates", certificate)?);
    }
    if change.touches("DefaultActions") {
        request = request.set_default_actions(want.structures("DefaultActions", actions::action)?);
    }
    if change.touches("AlpnPolicy") {
        let policy = want.texts("AlpnPolicy")?.unwrap_or_else(|| vec!["None".to_owned()]);
        request = request.set_alpn_policy(Some(policy));
    }
    if change.touches("MutualAuthentication") {
        let mutual = want.structure("MutualAuthentication", mutual_authentication)?;
        request = request.mutual_authentication(mutual.unwrap_or_else(off));
    }
    request.send().await.or_fault("elasticloadbalancing:ModifyListener", FAULTS)?;
    Ok(())
}

async fn set_attributes(elb: &Client, change: &Changed<'_>) -> Result<()> {
    let attribute = |(key, value)| ListenerAttribute::builder().key(key).value(value).build();
    let attributes = attributes::changed(change, "ListenerAttributes")?;
    if attributes.is_empty() {
        return Ok(());
    }
    let attributes = attributes.into_iter().map(attribute).collect();
    let request = elb.modify_listener_attributes().listener_arn(change.id()).set_attributes(Some(attributes));
    request.send().await.or_fault("elasticloadbalancing:ModifyListenerAttributes", FAULTS)?;
    Ok(())
}

fn certificate(want: &Wanted<'_>) -> Result<Certificate> {
    Ok(Certificate::builder().set_certificate_arn(want.text("CertificateArn")?).build())
}

fn mutual_authentication(want: &Wanted<'_>) -> Result<MutualAuthenticationAttributes> {
    Ok(MutualAuthenticationAttributes::builder()
        .set_mode(want.text("Mode")?)
        .set_trust_store_arn(want.text("TrustStoreArn")?)
        .set_ignore_client_certificate_expiry(want.flag("IgnoreClientCertificateExpiry")?)
        .set_advertise_trust_store_ca_names(want.text("AdvertiseTrustStoreCaNames")?)
        .build())
}

/// The whole documents: DescribeListeners leaves out attributes and tags.
async fn documents(elb: &Client, listeners: &[Listener]) -> Result<Vec<Doc>> {
    let arns: Vec<String> = listeners.iter().filter_map(|listener| listener.listener_arn.clone()).collect();
    let mut tags = tags_of(elb, arns.clone()).await?;
    let attributes = each(arns.into_iter().map(|arn| attributes_of(elb, arn))).await?;
    let documents = listeners.iter().zip(attributes).map(|(listener, attributes)| {
        let tags = tags.remove(listener.listener_arn().unwrap_or_default()).unwrap_or_default();
        let attributes = attributes.iter().map(|attribute| (attribute.key(), attribute.value()));
        let attributes = attributes::observed(attributes);
        observed(listener).with_list("ListenerAttributes", attributes).with_list("Tags", tags).into()
    });
    Ok(documents.collect())
}

/// Who may not ask is told of no attributes: the permission is newer than most policies, and few listeners need any.
async fn attributes_of(elb: &Client, arn: String) -> Result<Vec<ListenerAttribute>> {
    let answer = elb.describe_listener_attributes().listener_arn(arn).send().await;
    match answer.or_fault("elasticloadbalancing:DescribeListenerAttributes", FAULTS) {
        Err(fault) if matches!(fault.kind, FaultKind::Denied | FaultKind::NotFound) => Ok(Vec::new()),
        answer => Ok(answer?.attributes.unwrap_or_default()),
    }
}

fn observed(listener: &Listener) -> Observed {
    let certificate = |certificate: &Certificate| Observed::new().with("CertificateArn", certificate.certificate_arn());
    let mutual = listener.mutual_authentication().map(|mutual| {
        let advertised = mutual.advertise_trust_store_ca_names();
        Observed::new()
            .with("Mode", mutual.mode())
            .with("TrustStoreArn", mutual.trust_store_arn())
            .with("IgnoreClientCertificateExpiry", mutual.ignore_client_certificate_expiry())
            .with("AdvertiseTrustStoreCaNames", advertised.map(|names| names.as_str()))
    });
    Observed::new()
        .with("ListenerArn", listener.listener_arn())
        .with("LoadBalancerArn", listener.load_balancer_arn())
        .with("Port", listener.port())
        .with("Protocol", listener.protocol().map(ProtocolEnum::as_str))
        .with("SslPolicy", listener.ssl_policy())
        .with_list("Certificates", listener.certificates().iter().map(certificate))
        .with_list("AlpnPolicy", listener.alpn_policy().iter().map(String::as_str))
        .with_list("DefaultActions", listener.default_actions().iter().map(actions::observed))
        .with("MutualAuthentication", mutual)
}

/// What the types of this service share.
const FAULTS: Codes = CODES;
