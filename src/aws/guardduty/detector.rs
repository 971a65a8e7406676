//! AWS::GuardDuty::Detector
//! API: CreateDetector, UpdateDetector, TagResource, UntagResource, GetDetector, ListDetectors, DeleteDetector.
//! Identity: Id.  Found by: owner tags; an account has one detector in a region, and the create call carries a client
//! token.

#![expect(deprecated, reason = "stacks may still use `DataSources`, for which AWS would rather have `Features`")]

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_guardduty::{
    Client,
    operation::get_detector::GetDetectorOutput,
    types::{DetectorStatus, FindingPublishingFrequency, UnprocessedDataSourcesResult},
};

use super::protection::{switchable, switches};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, in_order, made, only_id, tag_change, visible, visible_tags,
        },
        faults::{Codes, OrFault, answered, failed, gone, there},
    },
    base::{Doc, Identity, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{AlreadyExists, InUse, Invalid, NotFound, Transient},
        Made, Progress, Removal, Result, TAG_TOKEN,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::GuardDuty::Detector";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(DetectorDriver { aws: aws.clone() })
}

struct DetectorDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for DetectorDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "guardduty:CreateDetector";
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .guardduty(&call.place)
            .await
            .create_detector()
            .client_token(&call.token().0)
            .set_enable(properties.flag("Enable")?)
            .set_finding_publishing_frequency(properties.part("FindingPublishingFrequency")?)
            .set_data_sources(properties.part("DataSources")?)
            .set_features(properties.part("Features")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        let answer = told_apart(request.send().await.or_fault(operation, FAULTS))?;
        let made = made(TYPE, Observed::new().with("Id", Some(answered(answer.detector_id, operation)?)));
        match answer.unprocessed_data_sources.as_ref().and_then(unprocessed) {
            Some(reason) => Err(failed(operation, None, Some(&reason), &made)),
            None => Ok(Progress::Done(made)),
        }
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = get(&self.aws.guardduty(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found.map(|detector| observed(&so_far.id.0, &detector))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.guardduty(&call.place).await;
        let found = each(ids.iter().map(|id| get(&client, &id.0))).await?;
        let found = ids.iter().zip(found).filter_map(|(id, detector)| Some(observed(&id.0, &detector?)));
        Ok(in_order(TYPE, ids, found))
    }

    /// What is no longer named in `DataSources` or `Features` stays as it is: GuardDuty has no state to go back to.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.guardduty(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if change.paths.iter().any(|path| path.property() != Some("Tags")) {
            let request = client
                .update_detector()
                .detector_id(changed.id())
                .set_enable(changed.part("Enable")?)
                .set_finding_publishing_frequency(
                    changed.part_or("FindingPublishingFrequency", FindingPublishingFrequency::SixHours)?,
                )
                .set_data_sources(changed.part("DataSources")?)
                .set_features(changed.part("Features")?);
            told_apart(request.send().await.or_fault("guardduty:UpdateDetector", FAULTS))?;
        }
        if changed.touches("Tags") {
            retag(&client, &self.aws.identity(&call.place).await?, &call.place, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.guardduty(&call.place).await.delete_detector().detector_id(&id.0);
        gone(told_apart(request.send().await.or_fault("guardduty:DeleteDetector", FAULTS)))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = all(&self.aws.guardduty(&call.place).await).await?;
        let is_ours = |detector: &GetDetectorOutput| {
            detector.tags().is_some_and(|tags| tags.get(TAG_TOKEN) == Some(&call.token().0))
        };
        Ok(found.into_iter().filter(|(_, detector)| is_ours(detector)).map(|(id, _)| PhysicalId(id)).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for DetectorDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = all(&self.aws.guardduty(place).await).await?;
        Ok(found.iter().map(|(id, detector)| observed(id, detector).into()).collect())
    }
}

/// Every detector with its id.
async fn all(client: &Client) -> Result<Vec<(String, GetDetectorOutput)>> {
    let ids = client.list_detectors().into_paginator().items().send().try_collect().await;
    let ids: Vec<String> = ids.or_fault("guardduty:ListDetectors", FAULTS)?;
    let found = each(ids.iter().map(|id| get(client, id))).await?;
    Ok(ids.into_iter().zip(found).filter_map(|(id, detector)| Some((id, detector?))).collect())
}

async fn get(client: &Client, id: &str) -> Result<Option<GetDetectorOutput>> {
    let answer = client.get_detector().detector_id(id).send().await;
    there(told_apart(answer.or_fault("guardduty:GetDetector", FAULTS)))
}

/// GuardDuty has one code for everything that it refuses, and only its words tell what it is.
fn told_apart<T>(outcome: Result<T>) -> Result<T> {
    let kinds = [
        ("detector already exists", AlreadyExists),
        ("not owned by the current account", NotFound),
        ("cannot delete detector while", InUse),
    ];
    outcome.map_err(|mut fault| {
        if let Some((_, kind)) = kinds.iter().find(|(words, _)| fault.message.contains(words)) {
            fault.kind = *kind;
        }
        fault
    })
}

/// Why a new detector does not watch all that it should.
fn unprocessed(sources: &UnprocessedDataSourcesResult) -> Option<String> {
    let malware = sources.malware_protection()?;
    let volumes = malware.scan_ec2_instance_with_findings().and_then(|scan| scan.ebs_volumes());
    let reason = volumes.and_then(|volumes| volumes.reason()).unwrap_or("GuardDuty gives no reason");
    Some(format!("malware protection could not be switched on: {reason}"))
}

/// Puts on and takes off what a change says. The ARN that this takes is told by no call.
async fn retag(client: &Client, owner: &Identity, place: &Place, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    let Identity { account_id, partition } = owner;
    let arn = format!("arn:{partition}:guardduty:{}:{account_id}:detector/{}", place.region, change.id());
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("guardduty:UntagResource", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(&arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("guardduty:TagResource", FAULTS)?;
    }
    Ok(())
}

fn observed(id: &str, detector: &GetDetectorOutput) -> Observed {
    let tags = detector.tags().into_iter().flatten();
    Observed::new()
        .with("Id", Some(id))
        .with("Enable", detector.status().map(|status| *status == DetectorStatus::Enabled))
        .with_part("FindingPublishingFrequency", &detector.finding_publishing_frequency)
        .with_part("DataSources", &detector.data_sources().map(switches))
        .with_part("Features", &switchable(detector.features()))
        .with_list("Tags", visible_tags(tags.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))))
}

/// What is refused without a word that `told_apart` knows.
const FAULTS: Codes = &[("BadRequestException", Invalid), ("InternalServerErrorException", Transient)];
