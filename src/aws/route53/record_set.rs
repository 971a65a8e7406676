//! AWS::Route53::RecordSet
//! API: ChangeResourceRecordSets (CREATE, UPSERT, DELETE), ListResourceRecordSets (and ListHostedZonesByName for a zone that
//! is only named).  Identity: Name, HostedZoneId, Type, SetIdentifier.  Found by: these, for it has no id and no tags; CREATE
//! refuses what is there already.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_route53::{
    Client,
    types::{
        AliasTarget, Change as RecordChange, ChangeAction, ChangeBatch, CidrRoutingConfig, Coordinates, GeoLocation,
        GeoProximityLocation, ResourceRecord, ResourceRecordSet, ResourceRecordSetFailover, ResourceRecordSetRegion,
        RrType,
    },
};
use serde_json::Value as Json;

use super::{
    codes::CODES,
    zones::{self, bare_id, bare_name, is_same_name},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Finished, Part, Wanted, each, identities, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{self, AlreadyExists, Invalid, NotFound, NotReady},
        Made, Progress, Removal, Result,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Route53::RecordSet";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RecordSetDriver { aws: aws.clone() })
}

struct RecordSetDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for RecordSetDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.route53(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let zone = zone(&client, &properties).await?;
        let record = record(want)?;
        let key = Key { name: record.name(), zone: &zone, kind: record.r#type().as_str(), set: set(&record) };
        let made = made(TYPE, observed(&key, &record));
        change(&client, &zone, ChangeAction::Create, record, properties.text("Comment")?).await?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let key = Key::of(&so_far.id);
        let found = find(&self.aws.route53(&call.place).await, &key).await?;
        Ok(visible(TYPE, so_far, found.map(|record| observed(&key, &record))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.route53(&call.place).await;
        let client = &client;
        each(ids.iter().map(|id| async move {
            let key = Key::of(id);
            Ok(find(client, &key).await?.map(|record| observed(&key, &record)))
        }))
        .await
    }

    async fn update(&self, call: &Call, to: &Change) -> Result<Progress<Made>> {
        let client = self.aws.route53(&call.place).await;
        let changed = Changed::new(TYPE, to);
        changed.refuse(&["Name", "Type", "SetIdentifier"])?;
        let (record, comment) = (record(&to.want)?, changed.want.text("Comment")?);
        change(&client, Key::of(&to.id).zone, ChangeAction::Upsert, record, comment).await?;
        Ok(Progress::Done(only_id(&to.id)))
    }

    /// The API deletes only what it is told in full.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.route53(&call.place).await;
        let key = Key::of(id);
        let Some(record) = find(&client, &key).await? else { return Ok(Progress::Done(())) };
        gone(change(&client, key.zone, ChangeAction::Delete, record, None).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.route53(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let Some(zone) = there(zone(&client, &properties).await)? else { return Ok(Vec::new()) };
        let record = record(want)?;
        let key = Key { name: record.name(), zone: &zone, kind: record.r#type().as_str(), set: set(&record) };
        let found = find(&client, &key).await?;
        Ok(identities(TYPE, found.map(|record| observed(&key, &record))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RecordSetDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.route53(place).await;
        let zones = zones::all(&client).await?;
        let records = each(zones.iter().map(|zone| zones::records(&client, bare_id(zone.id())))).await?;
        let documents = zones.iter().zip(&records).flat_map(|(zone, records)| {
            records.iter().map(|record| {
                let (name, kind) = (bare_name(record.name()), record.r#type().as_str());
                observed(&Key { name: &name, zone: bare_id(zone.id()), kind, set: set(record) }, record)
            })
        });
        Ok(documents.collect())
    }
}

/// What tells a record set from all others, as it stands in its physical id. The name is kept as the user writes it, so
/// that the record set is reported under that name, too.
struct Key<'a> {
    name: &'a str,
    zone: &'a str,
    kind: &'a str,
    set: &'a str,
}

impl<'a> Key<'a> {
    fn of(id: &'a PhysicalId) -> Self {
        let mut parts = id.0.splitn(4, '|').map(str::trim);
        let mut part = || parts.next().unwrap_or_default();
        Key { name: part(), zone: part(), kind: part(), set: part() }
    }

    fn is_of(&self, record: &ResourceRecordSet) -> bool {
        is_same_name(record.name(), self.name) && record.r#type().as_str() == self.kind && set(record) == self.set
    }
}

/// The identifier among record sets of one name and type; empty if there is only one.
fn set(record: &ResourceRecordSet) -> &str {
    record.set_identifier().unwrap_or_default()
}

/// The id of the zone that is wanted, by id or by name.
async fn zone(client: &Client, want: &Wanted<'_>) -> Result<String> {
    if let Some(zone) = want.text("HostedZoneId")? {
        return Ok(zone);
    }
    let name: Option<String> = want.text("HostedZoneName")?;
    let name = name.ok_or_else(|| want.invalid("give it the `HostedZoneId` of the zone that it belongs to"))?;
    let request = client.list_hosted_zones_by_name().dns_name(&name);
    let answer = request.send().await.or_fault("route53:ListHostedZonesByName", FAULTS)?;
    let named: Vec<_> = answer.hosted_zones.iter().filter(|zone| is_same_name(zone.name(), &name)).collect();
    match named[..] {
        [zone] => Ok(bare_id(zone.id()).to_owned()),
        [] => {
            let mut fault = want.invalid(format!("there is no hosted zone `{name}`"));
            fault.kind = NotFound;
            Err(fault)
        }
        _ => Err(want.invalid(format!("there are several hosted zones `{name}`: say which by `HostedZoneId`"))),
    }
}

/// The record set itself, if it is there.
async fn find(client: &Client, key: &Key<'_>) -> Result<Option<ResourceRecordSet>> {
    let request = client
        .list_resource_record_sets()
        .hosted_zone_id(key.zone)
        .start_record_name(key.name)
        .start_record_type(RrType::from(key.kind))
        .set_start_record_identifier(Some(key.set.to_owned()).filter(|set| !set.is_empty()));
    let answer = there(request.send().await.or_fault("route53:ListResourceRecordSets", FAULTS))?;
    let records = answer.map(|answer| answer.resource_record_sets).unwrap_or_default();
    Ok(records.into_iter().find(|record| key.is_of(record)))
}

async fn change(
    client: &Client,
    zone: &str,
    action: ChangeAction,
    record: ResourceRecordSet,
    comment: Option<String>,
) -> Result<()> {
    let nothing = Doc::default();
    let around = Wanted::new(TYPE, &nothing);
    let change = RecordChange::builder().action(action).resource_record_set(record).build().finished(&around)?;
    let batch = ChangeBatch::builder().changes(change).set_comment(comment).build().finished(&around)?;
    let request = client.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    told(request.send().await.or_fault("route53:ChangeResourceRecordSets", FAULTS)).map(drop)
}

/// All that is wrong with a change has one code; only the words say which of our kinds it is.
fn told<T>(outcome: Result<T>) -> Result<T> {
    const WORDS: &[(&str, FaultKind)] = &[
        ("but it already exists", AlreadyExists),
        ("but it was not found", NotFound),
        ("do not match the current values", NotReady),
    ];
    outcome.map_err(|mut fault| {
        if fault.code.as_deref() == Some("InvalidChangeBatch") {
            let meant = WORDS.iter().find(|(words, _)| fault.message.contains(words));
            fault.kind = meant.map_or(Invalid, |(_, kind)| *kind);
        }
        fault
    })
}

/// The record set that is wanted.
fn record(want: &Doc) -> Result<ResourceRecordSet> {
    let whole = Json::Object(want.0.clone());
    let mut record = ResourceRecordSet::taken(&whole, &Wanted::new(TYPE, want), TYPE)?;
    record.set_identifier = record.set_identifier.filter(|set| !set.is_empty());
    Ok(record)
}

/// A domain name, an address, or whatever else stands in a record: to CloudFormation a text.
impl Part for ResourceRecord {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        ResourceRecord::builder().value(String::taken(value, around, name)?).build().finished(around)
    }

    fn shown(&self) -> Json {
        self.value.shown()
    }
}

words! { ResourceRecordSetFailover, ResourceRecordSetRegion, RrType }

structures! {
    ResourceRecordSet {
        "Name": name set_name, "Type": r#type set_type, "SetIdentifier": set_identifier set_set_identifier,
        "AliasTarget": alias_target set_alias_target, "CidrRoutingConfig": cidr_routing_config set_cidr_routing_config,
        "Failover": failover set_failover, "GeoLocation": geo_location set_geo_location,
        "GeoProximityLocation": geo_proximity_location set_geo_proximity_location,
        "HealthCheckId": health_check_id set_health_check_id,
        "MultiValueAnswer": multi_value_answer set_multi_value_answer, "Region": region set_region,
        "ResourceRecords": resource_records set_resource_records, "TTL": ttl set_ttl, "Weight": weight set_weight,
    }
    AliasTarget {
        "DNSName": dns_name set_dns_name, "HostedZoneId": hosted_zone_id set_hosted_zone_id,
        "EvaluateTargetHealth": evaluate_target_health set_evaluate_target_health,
    }
    CidrRoutingConfig { "CollectionId": collection_id set_collection_id, "LocationName": location_name set_location_name }
    GeoLocation {
        "ContinentCode": continent_code set_continent_code, "CountryCode": country_code set_country_code,
        "SubdivisionCode": subdivision_code set_subdivision_code,
    }
    GeoProximityLocation {
        "AWSRegion": aws_region set_aws_region, "Bias": bias set_bias, "Coordinates": coordinates set_coordinates,
        "LocalZoneGroup": local_zone_group set_local_zone_group,
    }
    Coordinates { "Latitude": latitude set_latitude, "Longitude": longitude set_longitude }
}

/// `HostedZoneName` and `Comment` are never read.
fn observed(key: &Key<'_>, record: &ResourceRecordSet) -> Doc {
    let mut document = Doc::from(record.shown());
    let mut set = |name: &str, value: &str| document.0.insert(name.to_owned(), Json::from(value));
    set("Name", key.name);
    set("HostedZoneId", key.zone);
    set("SetIdentifier", key.set);
    if let Some(seconds) = record.ttl() {
        set("TTL", &seconds.to_string());
    }
    document
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
