//! How a certificate's domains are proven: what is still to be done about it, and the DNS records that are made for those
//! domains whose hosted zone the document names, as CloudFormation makes them. They stay when the certificate goes, because
//! other certificates for the same domain have the same ones.

use std::collections::BTreeMap;

use aws_sdk_acm::types::{CertificateDetail, DomainStatus, DomainValidation, ResourceRecord};
use serde_json::Value as Json;

use crate::{
    aws::{
        Clients,
        convert::{Observed, Wanted},
    },
    base::{Doc, Place},
    driver::Result,
};

/// The property.
pub const PROPERTY: &str = "DomainValidationOptions";

/// The hosted zones that a document names, by domain.
pub fn zones(document: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let mut zones = BTreeMap::new();
    for option in document.items(PROPERTY)? {
        if let (Some(domain), Some(zone)) = (option.text("DomainName")?, option.text("HostedZoneId")?) {
            zones.insert(domain, zone);
        }
    }
    Ok(zones)
}

/// What has been asked for and not been done yet, in the attributes of a certificate that is being made.
pub fn outstanding(type_name: &'static str, attributes: &Doc) -> BTreeMap<String, String> {
    zones(&Wanted::new(type_name, attributes)).unwrap_or_default()
}

/// The records to make, by hosted zone; `None` as long as one is not known yet.
pub fn records<'a>(
    certificate: &'a CertificateDetail,
    zones: &'a BTreeMap<String, String>,
) -> Option<Vec<(&'a str, &'a ResourceRecord)>> {
    let record = |(domain, zone): (&'a String, &'a String)| {
        let options = certificate.domain_validation_options().iter();
        let mut of_domain = options.filter(|option| option.domain_name() == domain);
        Some((zone.as_str(), of_domain.next()?.resource_record()?))
    };
    zones.iter().map(record).collect()
}

/// Makes the records.
#[cfg(feature = "route53")]
pub async fn publish(aws: &Clients, place: &Place, records: &[(&str, &ResourceRecord)]) -> Result<()> {
    use aws_sdk_route53::types as route53;

    use crate::aws::{convert::each, faults::OrFault};

    let client = &aws.route53(place).await;
    let requests = records.iter().map(|(zone, record)| async move {
        let value = route53::ResourceRecord::builder().value(record.value()).build().ok();
        let set = route53::ResourceRecordSet::builder()
            .name(record.name())
            .r#type(record.r#type().as_str().into())
            .ttl(300)
            .set_resource_records(value.map(|value| vec![value]))
            .build()
            .ok();
        let change = route53::Change::builder().action(route53::ChangeAction::Upsert).set_resource_record_set(set);
        let batch = route53::ChangeBatch::builder().set_changes(change.build().ok().map(|change| vec![change]));
        let request = client.change_resource_record_sets().hosted_zone_id(*zone).set_change_batch(batch.build().ok());
        request.send().await.or_fault("route53:ChangeResourceRecordSets", &[])
    });
    each(requests).await.map(drop)
}

/// Without Route 53, nobody can.
#[cfg(not(feature = "route53"))]
pub async fn publish(_: &Clients, _: &Place, _: &[(&str, &ResourceRecord)]) -> Result<()> {
    use crate::driver::{Fault, FaultKind::Invalid};

    let message = "this build is without Route 53: leave out `HostedZoneId`, and make the validation records yourself";
    Err(Fault::new(Invalid, "route53:ChangeResourceRecordSets", message))
}

/// What a certificate waits for, in words.
pub fn note(certificate: &CertificateDetail) -> String {
    let options = certificate.domain_validation_options().iter();
    let is_open = |option: &&DomainValidation| option.validation_status() != Some(&DomainStatus::Success);
    let steps: Vec<String> = options.filter(is_open).filter_map(step).collect();
    if steps.is_empty() {
        return "waiting for validation".to_owned();
    }
    format!("waiting for validation: {}", unique(steps).join("; "))
}

fn step(option: &DomainValidation) -> Option<String> {
    if let Some(record) = option.resource_record() {
        let kind = record.r#type().as_str();
        return Some(format!("there must be a {kind} record `{}` with the value `{}`", record.name(), record.value()));
    }
    if let Some(redirect) = option.http_redirect() {
        let (from, to) = (redirect.redirect_from().unwrap_or_default(), redirect.redirect_to().unwrap_or_default());
        return Some(format!("`{from}` must redirect to `{to}`"));
    }
    let mails = option.validation_emails();
    (!mails.is_empty()).then(|| format!("somebody must follow the link in the mail to one of {}", mails.join(", ")))
}

/// A domain and its wildcard have one record in common.
fn unique(mut steps: Vec<String>) -> Vec<String> {
    steps.sort();
    steps.dedup();
    steps
}

/// What is reported of it; where validation is by DNS, the domain that it is asked of is always the domain itself.
pub fn observed(certificate: &CertificateDetail) -> Option<Json> {
    let options = certificate.domain_validation_options();
    let option = |option: &DomainValidation| {
        let domain = Observed::new().with("DomainName", Some(option.domain_name()));
        Json::from(domain.with("ValidationDomain", option.validation_domain()))
    };
    (!options.is_empty()).then(|| options.iter().map(option).collect())
}
