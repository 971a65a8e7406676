//! AWS::Route53::HostedZone
//! API: CreateHostedZone, UpdateHostedZoneComment, UpdateHostedZoneFeatures, AssociateVPCWithHostedZone,
//! DisassociateVPCFromHostedZone, Create- and DeleteQueryLoggingConfig, ChangeTagsForResource, GetHostedZone (and
//! ListTagsForResources, ListQueryLoggingConfigs for what it leaves out), ListHostedZones, DeleteHostedZone.
//! Identity: Id.  Found by: the caller reference, which is the token; the create call takes no tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_route53::{
    Client,
    operation::get_hosted_zone::GetHostedZoneOutput,
    types::{AcceleratedRecoveryStatus, HostedZone, HostedZoneConfig, RrType, Vpc, VpcRegion},
};
use serde_json::{Value as Json, json};

use super::{codes::CODES, query_logging, tags, zones};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, TagChange, Wanted, all_tags_in, each, fresh, in_order, made, only_id, pending,
            structures, tag_change_in, visible, words,
        },
        faults::{Codes, OrFault, answered, failed, gone_unless_used, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Route53::HostedZone";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(HostedZoneDriver { aws: aws.clone() })
}

struct HostedZoneDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for HostedZoneDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "route53:CreateHostedZone";
        let client = self.aws.route53(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let vpcs = vpcs(&properties)?;
        let config = HostedZoneConfig::builder().set_comment(comment(&properties)?).private_zone(!vpcs.is_empty());
        let request = client
            .create_hosted_zone()
            .set_name(properties.text("Name")?)
            .caller_reference(&call.token().0)
            .hosted_zone_config(config.build())
            .set_vpc(vpcs.into_iter().next())
            .set_delegation_set_id(properties.text("DelegationSetId")?);
        let answer = request.send().await.or_fault(operation, FAULTS)?;
        let zone = answered(answer.hosted_zone, operation)?;
        let names = answer.delegation_set.map(|set| set.name_servers);
        let made = made(TYPE, observed(&zone).with("NameServers", names));
        let all_tags = TagChange { put: all_tags_in(TAGS, call, &properties)?, take: Vec::new() };
        tags::change(&client, &made.id.0, all_tags).await.map_err(half_made(&made))?;
        let rest = fresh(&made.id, so_far(want), want);
        settle(&client, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(if want.get(FEATURES).is_some() { pending(&made, "setting its features") } else { Progress::Done(made) })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let client = self.aws.route53(&call.place).await;
        let Some(found) = there(get(&client, &so_far.id.0).await)? else {
            return Ok(pending(so_far, "not visible yet"));
        };
        match recovery(&found) {
            Some(status) if is_under_way(status) => Ok(pending(so_far, &status.as_str().to_lowercase())),
            Some(AcceleratedRecoveryStatus::EnableFailed | AcceleratedRecoveryStatus::DisableFailed) => {
                Err(failed("route53:UpdateHostedZoneFeatures", None, failure(&found), so_far))
            }
            _ => Ok(visible(TYPE, so_far, described(&found))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.route53(&call.place).await;
        let zones: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        Ok(in_order(TYPE, ids, documents(&client, &zones).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.route53(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if vpcs(&changed.want)?.is_empty() != vpcs(&changed.before)?.is_empty() {
            // A zone is public or private for good.
            changed.refuse(&["VPCs"])?;
        }
        if changed.touches("HostedZoneConfig") {
            let request = client.update_hosted_zone_comment().id(changed.id()).set_comment(comment(&changed.want)?);
            request.send().await.or_fault("route53:UpdateHostedZoneComment", FAULTS)?;
        }
        tags::change(&client, changed.id(), tag_change_in(TAGS, &changed)?).await?;
        settle(&client, &changed).await?;
        let made = only_id(&change.id);
        Ok(if changed.touches(FEATURES) { pending(&made, "setting its features") } else { Progress::Done(made) })
    }

    /// What is logged of a zone and how it is recovered end before it does.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let client = self.aws.route53(&call.place).await;
        if removal.inputs.get(query_logging::PROPERTY).is_some() {
            query_logging::stop(&client, &id.0).await?;
        }
        if removal.inputs.get(FEATURES).is_some() {
            let Some(found) = there(get(&client, &id.0).await)? else { return Ok(Progress::Done(())) };
            let status = recovery(&found);
            if status == Some(&AcceleratedRecoveryStatus::Enabled) {
                recover(&client, &id.0, false).await?;
                return Ok(Progress::Pending { so_far: (), note: "disabling accelerated recovery".to_owned() });
            }
            if let Some(status) = status.filter(|status| is_under_way(status)) {
                return Ok(Progress::Pending { so_far: (), note: status.as_str().to_lowercase() });
            }
        }
        let deleted = client.delete_hosted_zone().id(&id.0).send().await.or_fault("route53:DeleteHostedZone", FAULTS);
        gone_unless_used(deleted, contents(&client, &id.0)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = zones::all(&self.aws.route53(&call.place).await).await?;
        let ours = found.iter().filter(|zone| zone.caller_reference() == call.token().0);
        Ok(ours.map(|zone| PhysicalId(zones::bare_id(zone.id()).to_owned())).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for HostedZoneDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.route53(place).await;
        let found = zones::all(&client).await?;
        let zones: Vec<&str> = found.iter().map(|zone| zones::bare_id(zone.id())).collect();
        documents(&client, &zones).await
    }
}

/// The property with the tags.
const TAGS: &str = "HostedZoneTags";
/// The property with what a zone can do besides.
const FEATURES: &str = "HostedZoneFeatures";

async fn get(client: &Client, id: &str) -> Result<GetHostedZoneOutput> {
    client.get_hosted_zone().id(id).send().await.or_fault("route53:GetHostedZone", FAULTS)
}

/// The whole documents of those zones that exist: GetHostedZone leaves out the tags and where queries are logged.
async fn documents(client: &Client, ids: &[&str]) -> Result<Vec<Doc>> {
    let found = each(ids.iter().map(|id| async move { there(get(client, id).await) })).await?;
    let found: Vec<GetHostedZoneOutput> = found.into_iter().flatten().collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let id = |zone: &GetHostedZoneOutput| zone.hosted_zone().map(|zone| zones::bare_id(zone.id()).to_owned());
    let present: Vec<String> = found.iter().filter_map(id).collect();
    let present: Vec<&str> = present.iter().map(String::as_str).collect();
    let (mut tags, logged) = tokio::try_join!(tags::visible(client, &present), query_logging::all(client))?;
    let document = |zone: &GetHostedZoneOutput| {
        let id = id(zone)?;
        let logging = logged.iter().find(|config| config.hosted_zone_id() == id);
        let logging = logging.map(|config| json!({query_logging::GROUP: config.cloud_watch_logs_log_group_arn()}));
        let document = described(zone)?.with(query_logging::PROPERTY, logging);
        Some(document.with(TAGS, Some(tags.remove(&id).unwrap_or_default())).into())
    };
    Ok(found.iter().filter_map(document).collect())
}

/// What the create call has made of a wanted document.
fn so_far(want: &Doc) -> Doc {
    let mut made = want.clone();
    made.0.remove(query_logging::PROPERTY);
    made.0.remove(FEATURES);
    if let Some(Json::Array(vpcs)) = made.0.get_mut("VPCs") {
        vpcs.truncate(1);
    }
    made
}

/// Changes what neither the create call takes nor the one for comments.
async fn settle(client: &Client, change: &Changed<'_>) -> Result<()> {
    if change.touches("VPCs") {
        connect(client, change).await?;
    }
    query_logging::change(client, change).await?;
    if change.touches(FEATURES) {
        let features = change.want.inner(FEATURES)?;
        let is_accelerated = features.map(|features| features.flag("EnableAcceleratedRecovery")).transpose()?.flatten();
        recover(client, change.id(), is_accelerated.unwrap_or_default()).await?;
    }
    Ok(())
}

/// A private zone always has a network, so new ones come before old ones go.
async fn connect(client: &Client, change: &Changed<'_>) -> Result<()> {
    let (want, before) = (vpcs(&change.want)?, vpcs(&change.before)?);
    for vpc in want.iter().filter(|vpc| !before.contains(vpc)) {
        let request = client.associate_vpc_with_hosted_zone().hosted_zone_id(change.id()).vpc(vpc.clone());
        request.send().await.or_fault("route53:AssociateVPCWithHostedZone", FAULTS)?;
    }
    for vpc in before.into_iter().filter(|vpc| !want.contains(vpc)) {
        let request = client.disassociate_vpc_from_hosted_zone().hosted_zone_id(change.id()).vpc(vpc);
        there(request.send().await.or_fault("route53:DisassociateVPCFromHostedZone", FAULTS))?;
    }
    Ok(())
}

async fn recover(client: &Client, zone: &str, is_accelerated: bool) -> Result<()> {
    let request = client.update_hosted_zone_features().hosted_zone_id(zone).enable_accelerated_recovery(is_accelerated);
    request.send().await.or_fault("route53:UpdateHostedZoneFeatures", FAULTS)?;
    Ok(())
}

/// The record sets that keep a zone from being deleted: all but the two that it was made with.
async fn contents(client: &Client, zone: &str) -> Vec<String> {
    let records = zones::records(client, zone).await.unwrap_or_default();
    let others = records.iter().filter(|record| !matches!(record.r#type(), RrType::Ns | RrType::Soa));
    others.map(|record| format!("{} record {}", record.r#type(), zones::bare_name(record.name()))).collect()
}

fn vpcs(document: &Wanted<'_>) -> Result<Vec<Vpc>> {
    Ok(document.part("VPCs")?.unwrap_or_default())
}

fn comment(document: &Wanted<'_>) -> Result<Option<String>> {
    Ok(document.inner("HostedZoneConfig")?.map(|config| config.text("Comment")).transpose()?.flatten())
}

fn recovery(found: &GetHostedZoneOutput) -> Option<&AcceleratedRecoveryStatus> {
    found.hosted_zone()?.features()?.accelerated_recovery_status()
}

fn is_under_way(status: &AcceleratedRecoveryStatus) -> bool {
    use AcceleratedRecoveryStatus::{Disabling, DisablingHostedZoneLocked, Enabling, EnablingHostedZoneLocked};
    matches!(status, Disabling | DisablingHostedZoneLocked | Enabling | EnablingHostedZoneLocked)
}

fn failure(found: &GetHostedZoneOutput) -> Option<&str> {
    found.hosted_zone()?.features()?.failure_reasons()?.accelerated_recovery()
}

words! { VpcRegion }

structures! { Vpc { "VPCId": vpc_id set_vpc_id, "VPCRegion": vpc_region set_vpc_region } }

/// What GetHostedZone says.
fn described(found: &GetHostedZoneOutput) -> Option<Observed> {
    let names = found.delegation_set().map(|set| set.name_servers().to_vec());
    let vpcs = found.vpcs.as_ref().filter(|vpcs| !vpcs.is_empty());
    Some(observed(found.hosted_zone()?).with("NameServers", names).with_part("VPCs", &vpcs.cloned()).with(
        "DelegationSetId",
        found.delegation_set().and_then(|set| set.id()).map(zones::bare_id).filter(|id| !id.is_empty()),
    ))
}

fn observed(zone: &HostedZone) -> Observed {
    let comment = zone.config().and_then(HostedZoneConfig::comment).filter(|comment| !comment.is_empty());
    let features = zone.features().and_then(|features| features.accelerated_recovery_status()).map(|status| {
        let is_accelerated = status.as_str().starts_with("ENABL") && *status != AcceleratedRecoveryStatus::EnableFailed;
        json!({"EnableAcceleratedRecovery": is_accelerated})
    });
    Observed::new()
        .with("Id", Some(zones::bare_id(zone.id())))
        .with("Name", Some(zones::bare_name(zone.name())))
        .with("HostedZoneConfig", comment.map(|comment| json!({"Comment": comment})))
        .with(FEATURES, features)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
