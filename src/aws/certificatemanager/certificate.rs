//! AWS::CertificateManager::Certificate
//! API: RequestCertificate, UpdateCertificateOptions, AddTagsToCertificate, RemoveTagsFromCertificate, DescribeCertificate
//! (and ListTagsForCertificate for what it leaves out), ListCertificates, DeleteCertificate; Route 53's
//! ChangeResourceRecordSets where `HostedZoneId` is given.  Identity: CertificateArn.  Found by: the owner tags; for an hour
//! the create call knows its token.

#![expect(deprecated, reason = "the schema still has the preference about transparency logs")]

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_acm::{
    Client,
    types::{
        CertificateDetail, CertificateOptions, CertificateStatus, CertificateSummary, DomainValidationOption, Filters,
        KeyAlgorithm, Tag,
    },
};
use serde_json::Value as Json;

use super::validation;
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, in_order, made, only_id, pending, tag_change, visible_tags,
        },
        faults::{Codes, OrFault, answered, failed, gone_unless_used, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{Invalid, NotReady, Quota},
        Made, Progress, Removal, Result, TAG_TOKEN,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::CertificateManager::Certificate";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(CertificateDriver { aws: aws.clone() })
}

/// The longest token that RequestCertificate takes.
const LONGEST: usize = 32;

struct CertificateDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for CertificateDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "acm:RequestCertificate";
        let client = self.aws.certificatemanager(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let zones = validation::zones(&properties)?;
        if !zones.is_empty() && cfg!(not(feature = "route53")) {
            let message = "this build is without Route 53: leave `HostedZoneId` out of `DomainValidationOptions`";
            return Err(properties.invalid(message));
        }
        let request = client
            .request_certificate()
            .set_domain_name(properties.text("DomainName")?)
            .set_validation_method(properties.text("ValidationMethod")?)
            .set_subject_alternative_names(properties.texts("SubjectAlternativeNames")?)
            .idempotency_token(call.token().0.chars().take(LONGEST).collect::<String>())
            .set_domain_validation_options(mail_domains(&properties)?)
            .set_options(options(&properties)?)
            .set_certificate_authority_arn(properties.text("CertificateAuthorityArn")?)
            .set_key_algorithm(properties.text("KeyAlgorithm")?)
            .set_tags(Some(tags(all_tags(call, &properties)?)));
        let answer = request.send().await.or_fault(operation, FAULTS)?;
        let arn = answered(answer.certificate_arn, operation)?;
        let mut made = made(TYPE, Observed::new().with("CertificateArn", Some(arn)));
        if let Some(options) = want.get(validation::PROPERTY).filter(|_| !zones.is_empty()) {
            // What to validate in which zone; only known here, and done as soon as the records are known.
            made.attributes.0.insert(validation::PROPERTY.to_owned(), options.clone());
        }
        Ok(pending(&made, "requested"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let client = self.aws.certificatemanager(&call.place).await;
        let Some(certificate) = there(get(&client, &so_far.id.0).await)? else {
            return Ok(pending(so_far, "not visible yet"));
        };
        match certificate.status() {
            Some(CertificateStatus::PendingValidation) => self.validate(call, &certificate, so_far).await,
            Some(CertificateStatus::Failed | CertificateStatus::ValidationTimedOut | CertificateStatus::Revoked) => {
                let reason = certificate.failure_reason().map(|reason| format!("it failed: {}", reason.as_str()));
                let message = reason.unwrap_or_else(|| {
                    let status = certificate.status().map_or("", CertificateStatus::as_str);
                    format!("the certificate is {}", status.to_lowercase().replace('_', " "))
                });
                Err(failed("acm:RequestCertificate", None, Some(&message), so_far))
            }
            _ => Ok(Progress::Done(finished(&certificate, so_far))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.certificatemanager(&call.place).await;
        let found = each(ids.iter().map(|id| document(&client, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.certificatemanager(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches(LOGGING) {
            let preference = changed.want.text::<String>(LOGGING)?.unwrap_or_else(|| "ENABLED".to_owned());
            let options = CertificateOptions::builder()
                .certificate_transparency_logging_preference(preference.as_str().into())
                .build();
            let request = client.update_certificate_options().certificate_arn(changed.id()).options(options);
            request.send().await.or_fault("acm:UpdateCertificateOptions", FAULTS)?;
        }
        retag(&client, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.certificatemanager(&call.place).await;
        let request = client.delete_certificate().certificate_arn(&id.0);
        let deleted = request.send().await.or_fault("acm:DeleteCertificate", FAULTS);
        gone_unless_used(deleted, users(&client, &id.0)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.certificatemanager(&call.place).await;
        let mut found = all(&client).await?;
        found.retain(|certificate| certificate.domain_name() == want.text("DomainName"));
        let arns: Vec<String> = found.into_iter().filter_map(|certificate| certificate.certificate_arn).collect();
        let tags = each(arns.iter().map(|arn| tags_of(&client, arn))).await?;
        let is_ours = |tags: &[Tag]| {
            tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == Some(call.token().0.as_str()))
        };
        let ours = arns.into_iter().zip(tags).filter(|(_, tags)| is_ours(tags));
        Ok(ours.map(|(arn, _)| PhysicalId(arn)).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for CertificateDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.certificatemanager(place).await;
        let found = all(&client).await?;
        let arns = found.iter().filter_map(CertificateSummary::certificate_arn);
        let found = each(arns.map(|arn| document(&client, arn))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

impl CertificateDriver {
    /// Makes the records that prove the domains, once AWS says which, and tells what else is to be done.
    async fn validate(&self, call: &Call, certificate: &CertificateDetail, so_far: &Made) -> Result<Progress<Made>> {
        let zones = validation::outstanding(TYPE, &so_far.attributes);
        let mut so_far = so_far.clone();
        if let Some(records) = validation::records(certificate, &zones).filter(|records| !records.is_empty()) {
            validation::publish(&self.aws, &call.place, &records).await?;
            // An empty list stands for nothing left to do: what is said of an object is only ever added to.
            so_far.attributes.0.insert(validation::PROPERTY.to_owned(), Json::Array(Vec::new()));
        }
        Ok(pending(&so_far, &validation::note(certificate)))
    }
}

/// The property about transparency logs.
const LOGGING: &str = "CertificateTransparencyLoggingPreference";

async fn get(client: &Client, arn: &str) -> Result<CertificateDetail> {
    let operation = "acm:DescribeCertificate";
    let answer = client.describe_certificate().certificate_arn(arn).send().await.or_fault(operation, FAULTS)?;
    answered(answer.certificate, operation)
}

/// All certificates; without a filter, only those with the oldest two kinds of keys are listed.
async fn all(client: &Client) -> Result<Vec<CertificateSummary>> {
    let keys = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
    let request = client.list_certificates().includes(Filters::builder().set_key_types(Some(keys)).build());
    request.into_paginator().items().send().try_collect().await.or_fault("acm:ListCertificates", FAULTS)
}

/// The whole document: DescribeCertificate leaves out the tags.
async fn document(client: &Client, arn: &str) -> Result<Option<Doc>> {
    let Some(certificate) = there(get(client, arn).await)? else { return Ok(None) };
    let tags = tags_of(client, arn).await?;
    let tags = visible_tags(tags.iter().map(|tag| (Some(tag.key()), tag.value())));
    Ok(Some(observed(&certificate).with_list("Tags", tags).into()))
}

async fn tags_of(client: &Client, arn: &str) -> Result<Vec<Tag>> {
    let answer = client.list_tags_for_certificate().certificate_arn(arn).send().await;
    let answer = there(answer.or_fault("acm:ListTagsForCertificate", FAULTS))?;
    Ok(answer.and_then(|answer| answer.tags).unwrap_or_default())
}

async fn retag(client: &Client, change: &Changed<'_>) -> Result<()> {
    let change_of_tags = tag_change(change)?;
    if !change_of_tags.take.is_empty() {
        let tags = change_of_tags.take.into_iter().filter_map(|key| Tag::builder().key(key).build().ok()).collect();
        let request = client.remove_tags_from_certificate().certificate_arn(change.id()).set_tags(Some(tags));
        request.send().await.or_fault("acm:RemoveTagsFromCertificate", FAULTS)?;
    }
    if !change_of_tags.put.is_empty() {
        let tags = Some(tags(change_of_tags.put));
        let request = client.add_tags_to_certificate().certificate_arn(change.id()).set_tags(tags);
        request.send().await.or_fault("acm:AddTagsToCertificate", FAULTS)?;
    }
    Ok(())
}

fn tags(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

/// What uses a certificate.
async fn users(client: &Client, arn: &str) -> Vec<String> {
    get(client, arn).await.map(|certificate| certificate.in_use_by.unwrap_or_default()).unwrap_or_default()
}

/// The domains that mail for validation goes to, where they are others.
fn mail_domains(want: &Wanted<'_>) -> Result<Option<Vec<DomainValidationOption>>> {
    let mut options = Vec::new();
    for option in want.items(validation::PROPERTY)? {
        let (domain, mail) = (option.text::<String>("DomainName")?, option.text::<String>("ValidationDomain")?);
        if let (Some(domain), Some(mail)) = (domain, mail) {
            options.extend(DomainValidationOption::builder().domain_name(domain).validation_domain(mail).build().ok());
        }
    }
    Ok(Some(options).filter(|options| !options.is_empty()))
}

fn options(want: &Wanted<'_>) -> Result<Option<CertificateOptions>> {
    let (logging, export) = (want.text(LOGGING)?, want.text("CertificateExport")?);
    if logging.is_none() && export.is_none() {
        return Ok(None);
    }
    let options = CertificateOptions::builder().set_certificate_transparency_logging_preference(logging);
    Ok(Some(options.set_export(export).build()))
}

/// A certificate that is issued; what was kept while it was made gives way to what has become of it.
fn finished(certificate: &CertificateDetail, so_far: &Made) -> Made {
    let mut made = made(TYPE, observed(certificate));
    if so_far.attributes.get(validation::PROPERTY).is_some() {
        let options = validation::observed(certificate).unwrap_or_default();
        made.attributes.0.insert(validation::PROPERTY.to_owned(), options);
    }
    made
}

fn observed(certificate: &CertificateDetail) -> Observed {
    let domain = certificate.domain_name();
    let names = certificate.subject_alternative_names().iter();
    let options = certificate.options();
    let logging = options.and_then(|options| options.certificate_transparency_logging_preference());
    let export = options.and_then(|options| options.export());
    let options = certificate.domain_validation_options();
    let method = options.iter().find_map(|option| option.validation_method());
    Observed::new()
        .with("CertificateArn", certificate.certificate_arn())
        .with("Id", certificate.certificate_arn())
        .with("CertificateAuthorityArn", certificate.certificate_authority_arn())
        .with("CertificateExport", export.map(|export| export.as_str()))
        .with(LOGGING, logging.map(|logging| logging.as_str()))
        .with("DomainName", domain)
        .with(validation::PROPERTY, validation::observed(certificate))
        .with("KeyAlgorithm", certificate.key_algorithm().map(KeyAlgorithm::as_str))
        .with_list("SubjectAlternativeNames", names.map(String::as_str))
        .with("ValidationMethod", method.map(|method| method.as_str()))
}

/// A certificate that has just been requested takes no other call for a moment.
const FAULTS: Codes = &[
    ("ConflictException", NotReady),
    ("InvalidArgsException", Invalid),
    ("InvalidStateException", NotReady),
    ("RequestInProgressException", NotReady),
    ("ServiceQuotaExceededException", Quota),
    ("TagPolicyException", Invalid),
    ("TooManyTagsException", Quota),
];
