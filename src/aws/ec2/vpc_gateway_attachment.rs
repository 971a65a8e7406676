//! AWS::EC2::VPCGatewayAttachment
//! API: AttachInternetGateway, AttachVpnGateway, DescribeInternetGateways, DescribeVpnGateways, DetachInternetGateway,
//! DetachVpnGateway.  Identity: AttachmentType|VpcId, the type being IGW or VGW.  Found by: that key, if the gateway is
//! the wanted one.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttachmentStatus, Filter};

use super::{blockers, filters::filter};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, gone_unless_used},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::VPCGatewayAttachment";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AttachmentDriver { aws: aws.clone() })
}

struct AttachmentDriver {
    aws: Clients,
}

/// The two kinds of gateway, under AWS's names for the attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Internet,
    Vpn,
}

/// A gateway at a VPC.
struct Attachment {
    kind: Kind,
    vpc: String,
    gateway: String,
    state: AttachmentStatus,
}

impl AttachmentDriver {
    async fn describe(&self, place: &Place, kind: Kind, filters: Vec<Filter>) -> Result<Vec<Attachment>> {
        let ec2 = self.aws.ec2(place).await;
        let links: Vec<_> = match kind {
            Kind::Internet => {
                let request = ec2.describe_internet_gateways().set_filters(Some(filters));
                let found = request.into_paginator().items().send().try_collect().await;
                let found = found.or_fault("ec2:DescribeInternetGateways", FAULTS)?;
                let links = |links: Vec<aws_sdk_ec2::types::InternetGatewayAttachment>| links.into_iter();
                let links = found.into_iter().flat_map(|gateway| {
                    let id = gateway.internet_gateway_id;
                    links(gateway.attachments.unwrap_or_default())
                        .map(move |link| (id.clone(), link.vpc_id, link.state))
                });
                links.collect()
            }
            Kind::Vpn => {
                let found = ec2.describe_vpn_gateways().set_filters(Some(filters)).send().await;
                let found = found.or_fault("ec2:DescribeVpnGateways", FAULTS)?.vpn_gateways.unwrap_or_default();
                let links = found.into_iter().flat_map(|gateway| {
                    let (id, links) = (gateway.vpn_gateway_id, gateway.vpc_attachments.unwrap_or_default());
                    links.into_iter().map(move |link| (id.clone(), link.vpc_id, link.state))
                });
                links.collect()
            }
        };
        let attachment = |(gateway, vpc, state): (Option<String>, Option<String>, Option<AttachmentStatus>)| {
            let state = state.filter(|state| *state != AttachmentStatus::Detached)?;
            Some(Attachment { kind, vpc: vpc?, gateway: gateway?, state })
        };
        Ok(links.into_iter().filter_map(attachment).collect())
    }

    /// The gateway of a kind at a VPC.
    async fn attached(&self, place: &Place, kind: Kind, vpc: &str) -> Result<Option<Attachment>> {
        let found = self.describe(place, kind, filter("attachment.vpc-id", [vpc])).await?;
        Ok(found.into_iter().find(|link| link.vpc == vpc))
    }

    async fn attach(&self, place: &Place, kind: Kind, vpc: &str, gateway: &str) -> Result<()> {
        let ec2 = self.aws.ec2(place).await;
        match kind {
            Kind::Internet => {
                let request = ec2.attach_internet_gateway().vpc_id(vpc).internet_gateway_id(gateway);
                request.send().await.or_fault("ec2:AttachInternetGateway", FAULTS).map(drop)
            }
            Kind::Vpn => {
                let request = ec2.attach_vpn_gateway().vpc_id(vpc).vpn_gateway_id(gateway);
                request.send().await.or_fault("ec2:AttachVpnGateway", FAULTS).map(drop)
            }
        }
    }

    async fn detach(&self, place: &Place, link: &Attachment) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(place).await;
        match link.kind {
            Kind::Internet => {
                let request = ec2.detach_internet_gateway().vpc_id(&link.vpc).internet_gateway_id(&link.gateway);
                let detached = request.send().await.or_fault("ec2:DetachInternetGateway", FAULTS);
                gone_unless_used(detached, blockers::public_interfaces(&ec2, &link.vpc)).await
            }
            Kind::Vpn => {
                let request = ec2.detach_vpn_gateway().vpc_id(&link.vpc).vpn_gateway_id(&link.gateway);
                let detached = request.send().await.or_fault("ec2:DetachVpnGateway", FAULTS);
                gone_unless_used(detached, async { Vec::new() }).await?;
                Ok(Progress::Pending { so_far: (), note: "detaching".to_owned() })
            }
        }
    }
}

#[async_trait]
impl Driver for AttachmentDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let (kind, vpc, gateway) = wanted(&Wanted::new(TYPE, want))?;
        self.attach(&call.place, kind, &vpc, &gateway).await?;
        let made = made(TYPE, observed(&Attachment { kind, vpc, gateway, state: AttachmentStatus::Attached }));
        Ok(if kind == Kind::Internet { Progress::Done(made) } else { pending(&made, "attaching") })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let (kind, vpc) = parts(&so_far.id);
        match self.attached(&call.place, kind, vpc).await? {
            Some(link) if link.state == AttachmentStatus::Attaching => Ok(pending(so_far, "attaching")),
            link => Ok(visible(TYPE, so_far, link.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let mut found = Vec::new();
        for kind in [Kind::Internet, Kind::Vpn] {
            let vpcs: Vec<&str> = ids.iter().map(parts).filter(|(k, _)| *k == kind).map(|(_, vpc)| vpc).collect();
            if !vpcs.is_empty() {
                let links = self.describe(&call.place, kind, filter("attachment.vpc-id", vpcs)).await?;
                found.extend(links.iter().filter(|link| link.state != AttachmentStatus::Detaching).map(observed));
            }
        }
        Ok(in_order(TYPE, ids, found))
    }

    /// A VPC has one gateway of a kind: the old one leaves before the new one comes.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, &change.want);
        let (kind, vpc, gateway) = wanted(&properties)?;
        if kind != parts(&change.id).0 {
            return Err(properties.invalid("an attachment cannot change from one kind of gateway to the other"));
        }
        match self.attached(&call.place, kind, &vpc).await? {
            Some(link) if link.gateway == gateway => {}
            Some(link) if link.state != AttachmentStatus::Detaching => {
                self.detach(&call.place, &link).await?;
                self.attach(&call.place, kind, &vpc, &gateway).await?;
            }
            _ => self.attach(&call.place, kind, &vpc, &gateway).await?,
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let (kind, vpc) = parts(id);
        match self.attached(&call.place, kind, vpc).await? {
            Some(link) if link.state == AttachmentStatus::Detaching => {
                Ok(Progress::Pending { so_far: (), note: "detaching".to_owned() })
            }
            Some(link) => self.detach(&call.place, &link).await,
            // Reads lag: what was attached a moment ago may not show, so the gateway that was applied is asked to leave.
            None => match wanted(&Wanted::new(TYPE, &removal.inputs)) {
                Ok((kind, vpc, gateway)) => {
                    let link = Attachment { kind, vpc, gateway, state: AttachmentStatus::Attached };
                    self.detach(&call.place, &link).await.map(|_| Progress::Done(()))
                }
                Err(_) => Ok(Progress::Done(())),
            },
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let (kind, vpc, gateway) = wanted(&Wanted::new(TYPE, want))?;
        let found = self.attached(&call.place, kind, &vpc).await?;
        Ok(identities(TYPE, found.iter().filter(|link| link.gateway == gateway).map(observed)))
    }

    /// A gateway has one VPC: a second call is told so.
    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AttachmentDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let mut found = self.describe(place, Kind::Internet, Vec::new()).await?;
        found.extend(self.describe(place, Kind::Vpn, Vec::new()).await?);
        Ok(found.iter().map(|link| observed(link).into()).collect())
    }
}

/// The kind of gateway and the VPC of an id.
fn parts(id: &PhysicalId) -> (Kind, &str) {
    match id.0.split_once('|') {
        Some(("VGW", vpc)) => (Kind::Vpn, vpc),
        Some((_, vpc)) => (Kind::Internet, vpc),
        None => (Kind::Internet, &id.0),
    }
}

fn wanted(want: &Wanted<'_>) -> Result<(Kind, String, String)> {
    let vpc = want.text("VpcId")?.ok_or_else(|| want.invalid("property `VpcId` is missing"))?;
    match (want.text("InternetGatewayId")?, want.text("VpnGatewayId")?) {
        (Some(gateway), None) => Ok((Kind::Internet, vpc, gateway)),
        (None, Some(gateway)) => Ok((Kind::Vpn, vpc, gateway)),
        _ => Err(want.invalid("exactly one of `InternetGatewayId` and `VpnGatewayId` is needed")),
    }
}

fn observed(link: &Attachment) -> Observed {
    let (kind, gateway) = match link.kind {
        Kind::Internet => ("IGW", "InternetGatewayId"),
        Kind::Vpn => ("VGW", "VpnGatewayId"),
    };
    Observed::new()
        .with("AttachmentType", Some(kind))
        .with("VpcId", Some(link.vpc.as_str()))
        .with(gateway, Some(link.gateway.as_str()))
}

const FAULTS: Codes =
    &[("Gateway.NotAttached", FaultKind::NotFound), ("InvalidVpnGatewayAttachment.NotFound", FaultKind::NotFound)];
