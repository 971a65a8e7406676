//! AWS::ECR::Repository
//! API: CreateRepository, PutImageTagMutability, PutImageScanningConfiguration, Put- and DeleteLifecyclePolicy,
//! SetRepositoryPolicy, DeleteRepositoryPolicy, TagResource, UntagResource, DescribeRepositories (and
//! ListTagsForResource, GetLifecyclePolicy, GetRepositoryPolicy for what it leaves out), DeleteRepository.
//! Identity: RepositoryName.  Found by: that name, verified by owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecr::{
    Client,
    types::{
        EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability,
        ImageTagMutabilityExclusionFilter, ImageTagMutabilityExclusionFilterType, Repository,
    },
};

use super::repository_settings::{CODES, is_ours, owned_tags, retag, set_policies, with_settings};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, structures, visible, words,
        },
        faults::{Codes, OrFault, answered, found, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ECR::Repository";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RepositoryDriver { aws: aws.clone() })
}

struct RepositoryDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for RepositoryDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ecr = self.aws.ecr(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = ecr
            .create_repository()
            .set_repository_name(properties.text("RepositoryName")?)
            .set_image_tag_mutability(properties.part(MUTABILITY)?)
            .set_image_tag_mutability_exclusion_filters(properties.part(EXCLUSIONS)?)
            .set_image_scanning_configuration(properties.part(SCANNING)?)
            .set_encryption_configuration(properties.part("EncryptionConfiguration")?)
            .set_tags(Some(owned_tags(call, &properties)?));
        let answer = request.send().await.or_fault("ecr:CreateRepository", FAULTS)?;
        let made = made(TYPE, observed(&answered(answer.repository, "ecr:CreateRepository")?));
        let rest = fresh(&made.id, Doc::default(), want);
        set_policies(&ecr, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = named(&self.aws.ecr(&call.place).await, &[&so_far.id.0]).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ecr = self.aws.ecr(&call.place).await;
        let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let mut found = named(&ecr, &names).await?;
        // One that does not exist fails the whole request.
        if found.is_empty() && names.len() > 1 {
            found = each(names.iter().map(|name| named(&ecr, std::slice::from_ref(name)))).await?.concat();
        }
        Ok(in_order(TYPE, ids, documents(&ecr, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ecr = self.aws.ecr(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches(MUTABILITY) || changed.touches(EXCLUSIONS) {
            let mutability = changed.want.part(MUTABILITY)?.unwrap_or(ImageTagMutability::Mutable);
            let request = ecr
                .put_image_tag_mutability()
                .repository_name(changed.id())
                .image_tag_mutability(mutability)
                .set_image_tag_mutability_exclusion_filters(changed.want.part(EXCLUSIONS)?);
            request.send().await.or_fault("ecr:PutImageTagMutability", FAULTS)?;
        }
        let unscanned = ImageScanningConfiguration::builder().scan_on_push(false).build();
        if let Some(scanning) = changed.part_or(SCANNING, unscanned)? {
            let request = ecr.put_image_scanning_configuration().repository_name(changed.id());
            let request = request.image_scanning_configuration(scanning);
            request.send().await.or_fault("ecr:PutImageScanningConfiguration", FAULTS)?;
        }
        set_policies(&ecr, &changed).await?;
        if changed.touches("Tags") {
            let found = named(&ecr, &[changed.id()]).await?.pop();
            let arn = answered(found.and_then(|repository| repository.repository_arn), "ecr:DescribeRepositories")?;
            retag(&ecr, &arn, &changed).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// A repository with images stays unless the stack says otherwise, and no waiting will empty it.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let is_emptied = Wanted::new(TYPE, &removal.inputs).flag("EmptyOnDelete")?;
        let request = self.aws.ecr(&call.place).await.delete_repository().repository_name(&id.0).set_force(is_emptied);
        let deleted = request.send().await.or_fault("ecr:DeleteRepository", FAULTS);
        gone(deleted.map_err(|mut fault| {
            if fault.code.as_deref() == Some("RepositoryNotEmptyException") {
                fault.message = format!(
                    "`{}` holds images: delete them first (`aws ecr list-images`, `aws ecr batch-delete-image`), or set \
                     `EmptyOnDelete: true`, apply that, and delete it then",
                    id.0
                );
            }
            fault
        }))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("RepositoryName") else { return Ok(Vec::new()) };
        let ecr = self.aws.ecr(&call.place).await;
        let Some(repository) = named(&ecr, &[name]).await?.pop() else { return Ok(Vec::new()) };
        let is_ours = is_ours(&ecr, call, &repository).await?;
        Ok(identities(TYPE, is_ours.then(|| observed(&repository))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RepositoryDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let ecr = self.aws.ecr(place).await;
        let found = ecr.describe_repositories().into_paginator().items().send().try_collect().await;
        let found: Vec<Repository> = found.or_fault("ecr:DescribeRepositories", FAULTS)?;
        documents(&ecr, &found).await
    }
}

const MUTABILITY: &str = "ImageTagMutability";
const EXCLUSIONS: &str = "ImageTagMutabilityExclusionFilters";
const SCANNING: &str = "ImageScanningConfiguration";

/// The repositories of these names; none at all if one of them does not exist.
async fn named(ecr: &Client, names: &[&str]) -> Result<Vec<Repository>> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let answer = ecr.describe_repositories().set_repository_names(Some(names)).send().await;
    let answer = answer.or_fault("ecr:DescribeRepositories", FAULTS).map(|answer| answer.repositories);
    Ok(found(answer)?.unwrap_or_default())
}

async fn documents(ecr: &Client, repositories: &[Repository]) -> Result<Vec<Doc>> {
    let document =
        |repository| async move { with_settings(ecr, repository, observed(repository)).await.map(Doc::from) };
    each(repositories.iter().map(document)).await
}

words! { EncryptionType, ImageTagMutability, ImageTagMutabilityExclusionFilterType }

structures! {
    EncryptionConfiguration { "EncryptionType": encryption_type set_encryption_type, "KmsKey": kms_key set_kms_key }
    ImageScanningConfiguration { "ScanOnPush": scan_on_push set_scan_on_push }
    ImageTagMutabilityExclusionFilter {
        "ImageTagMutabilityExclusionFilterType": filter_type set_filter_type,
        "ImageTagMutabilityExclusionFilterValue": filter set_filter,
    }
}

/// `EmptyOnDelete` is ours alone: AWS never hears of it before the delete.
fn observed(repository: &Repository) -> Observed {
    Observed::new()
        .with("RepositoryName", repository.repository_name())
        .with("Arn", repository.repository_arn())
        .with("RepositoryUri", repository.repository_uri())
        .with_part(MUTABILITY, &repository.image_tag_mutability)
        .with_part(EXCLUSIONS, &repository.image_tag_mutability_exclusion_filters)
        .with_part(SCANNING, &repository.image_scanning_configuration)
        .with_part("EncryptionConfiguration", &repository.encryption_configuration)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
