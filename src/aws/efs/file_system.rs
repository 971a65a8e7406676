//! AWS::EFS::FileSystem
//! API: CreateFileSystem, UpdateFileSystem, Put- and DescribeLifecycleConfiguration, Put- and DescribeBackupPolicy, Put-,
//! Describe- and DeleteFileSystemPolicy, UpdateFileSystemProtection, Create-, Delete- and
//! DescribeReplicationConfiguration(s), TagResource, UntagResource, DescribeFileSystems, DescribeMountTargets,
//! DeleteFileSystem.  Identity: FileSystemId.  Found by: the creation token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_efs::{
    Client,
    types::{
        FileSystemDescription, FileSystemProtectionDescription, LifeCycleState, PerformanceMode,
        ReplicationOverwriteProtection, Status, ThroughputMode,
    },
};

use super::{
    codes::CODES,
    file_system_settings::{set, settings},
    replication,
    tags::{retag, tags, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, fresh, identities, in_order, made, only_id, pending, sole, visible,
        },
        faults::{Codes, OrFault, failed, found, gone, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EFS::FileSystem";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(FileSystemDriver { aws: aws.clone() })
}

struct FileSystemDriver {
    aws: Clients,
}

/// The property with the tags.
const TAGS: &str = "FileSystemTags";

#[async_trait]
impl Driver for FileSystemDriver {
    /// What the create call does not take is set right away if the service is that fast. If not, it refuses because the
    /// file system is still being created, and the engine comes back to it when it is available.
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let efs = self.aws.efs(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let backup = properties.inner("BackupPolicy")?.map(|policy| policy.text("Status")).transpose()?.flatten();
        let request = efs
            .create_file_system()
            .creation_token(&call.token().0)
            .set_performance_mode(properties.text("PerformanceMode")?)
            .set_encrypted(properties.flag("Encrypted")?)
            .set_kms_key_id(properties.text("KmsKeyId")?)
            .set_throughput_mode(properties.text("ThroughputMode")?)
            .set_provisioned_throughput_in_mibps(properties.decimal("ProvisionedThroughputInMibps")?)
            .set_availability_zone_name(properties.text("AvailabilityZoneName")?)
            .set_backup(backup.map(|status: Status| status == Status::Enabled))
            .set_tags(Some(tags(TAGS, call, &properties)?));
        let answer = request.send().await.or_fault("elasticfilesystem:CreateFileSystem", FAULTS)?;
        let identity = || {
            Observed::new()
                .with("FileSystemId", Some(answer.file_system_id()))
                .with("Arn", answer.file_system_arn())
                .with("FileSystemProtection", answer.file_system_protection().map(observed_protection))
        };
        let made = made(TYPE, identity());
        let rest = fresh(&made.id, identity(), want);
        let rest = Changed::new(TYPE, &rest);
        set(&efs, &rest).await.map_err(half_made(&made))?;
        replication::replicate(&efs, &rest).await.map_err(half_made(&made))?;
        Ok(pending(&made, "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.efs(&call.place).await, Some(&so_far.id.0)).await?;
        let Some(file_system) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        let state = file_system.life_cycle_state();
        Ok(match state {
            LifeCycleState::Creating | LifeCycleState::Updating => pending(so_far, state.as_str()),
            LifeCycleState::Error | LifeCycleState::Deleting | LifeCycleState::Deleted => {
                return Err(failed("elasticfilesystem:CreateFileSystem", None, Some(state.as_str()), so_far));
            }
            _ => visible(TYPE, so_far, Some(observed(file_system))),
        })
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let efs = self.aws.efs(&call.place).await;
        let mut found = describe(&efs, sole(ids)).await?;
        found.retain(|file_system| ids.iter().any(|id| file_system.file_system_id() == id.0));
        Ok(in_order(TYPE, ids, documents(&efs, &found).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let efs = self.aws.efs(&call.place).await;
        let changed = Changed::new(TYPE, change);
        set(&efs, &changed).await?;
        retag(&efs, TAGS, &changed).await?;
        set_throughput(&efs, &changed).await?;
        // Last, because a repeated attempt finds it done.
        replication::replicate(&efs, &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let efs = self.aws.efs(&call.place).await;
        let going = |note: &str| Ok(Progress::Pending { so_far: (), note: note.to_owned() });
        let found = describe(&efs, Some(&id.0)).await?;
        match found.first().map(FileSystemDescription::life_cycle_state) {
            Some(LifeCycleState::Deleted) => return Ok(Progress::Done(())),
            Some(LifeCycleState::Deleting) => return going("deleting"),
            _ => {}
        }
        if replication::end(&efs, &id.0).await? {
            return going("its replication is being deleted");
        }
        let deleted = efs.delete_file_system().file_system_id(&id.0).send().await;
        let deleted = deleted.or_fault("elasticfilesystem:DeleteFileSystem", FAULTS);
        match deleted {
            Ok(_) => going("deleting"),
            refused if refused.as_ref().is_err_and(|fault| fault.kind == FaultKind::InUse) => {
                gone_unless_used(refused, mount_targets(&efs, &id.0)).await
            }
            refused => gone(refused),
        }
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let request = self.aws.efs(&call.place).await.describe_file_systems().creation_token(&call.token().0);
        let answer = request.into_paginator().items().send().try_collect().await;
        let mut found: Vec<_> = found(answer.or_fault("elasticfilesystem:DescribeFileSystems", FAULTS))?;
        found.retain(|file_system| !is_going(file_system));
        Ok(identities(TYPE, found.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for FileSystemDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let efs = self.aws.efs(place).await;
        let found = describe(&efs, None).await?;
        documents(&efs, &found).await
    }
}

/// The file system with this id, or all.
pub(super) async fn describe(efs: &Client, id: Option<&str>) -> Result<Vec<FileSystemDescription>> {
    let request = efs.describe_file_systems().set_file_system_id(id.map(str::to_owned));
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticfilesystem:DescribeFileSystems", FAULTS))
}

fn is_going(file_system: &FileSystemDescription) -> bool {
    matches!(file_system.life_cycle_state(), LifeCycleState::Deleting | LifeCycleState::Deleted)
}

/// One change of throughput lasts a while, and the next is refused for a day, so what is so already is not asked for.
async fn set_throughput(efs: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("ThroughputMode") && !change.touches("ProvisionedThroughputInMibps") {
        return Ok(());
    }
    let Some(live) = describe(efs, Some(change.id())).await?.into_iter().next() else {
        return Err(Fault::new(
            FaultKind::NotFound,
            "elasticfilesystem:DescribeFileSystems",
            "the file system is gone",
        ));
    };
    let mode = change.want.text("ThroughputMode")?.unwrap_or(ThroughputMode::Bursting);
    let provisioned = change.want.decimal("ProvisionedThroughputInMibps")?;
    let provisioned = provisioned.filter(|_| mode == ThroughputMode::Provisioned);
    let is_so = live.throughput_mode() == Some(&mode)
        && (provisioned.is_none() || live.provisioned_throughput_in_mibps() == provisioned);
    if is_so {
        return Ok(());
    }
    let request = efs.update_file_system().file_system_id(change.id()).throughput_mode(mode);
    let request = request.set_provisioned_throughput_in_mibps(provisioned);
    request.send().await.or_fault("elasticfilesystem:UpdateFileSystem", FAULTS)?;
    Ok(())
}

/// What keeps a file system: where it is mounted.
async fn mount_targets(efs: &Client, id: &str) -> Vec<String> {
    let request = efs.describe_mount_targets().file_system_id(id).into_paginator().items().send();
    let found = request.try_collect().await.unwrap_or_default();
    found.iter().map(|target| format!("{} (in {})", target.mount_target_id(), target.subnet_id())).collect()
}

async fn documents(efs: &Client, file_systems: &[FileSystemDescription]) -> Result<Vec<Doc>> {
    let stands = |file_system: &&FileSystemDescription| {
        !is_going(file_system) && *file_system.life_cycle_state() != LifeCycleState::Error
    };
    each(file_systems.iter().filter(stands).map(|file_system| async {
        let document = settings(efs, file_system.file_system_id(), observed(file_system)).await?;
        let destinations = replication::destinations(efs, file_system.file_system_id()).await?;
        Ok(document.with("ReplicationConfiguration", replication::observed(&destinations)).into())
    }))
    .await
}

fn observed(file_system: &FileSystemDescription) -> Observed {
    Observed::new()
        .with("FileSystemId", Some(file_system.file_system_id()))
        .with("Arn", file_system.file_system_arn())
        .with("AvailabilityZoneName", file_system.availability_zone_name())
        .with("Encrypted", file_system.encrypted())
        .with("KmsKeyId", file_system.kms_key_id().filter(|key| !key.is_empty()))
        .with("PerformanceMode", Some(PerformanceMode::as_str(file_system.performance_mode())))
        .with("ThroughputMode", file_system.throughput_mode().map(|mode| mode.as_str()))
        .with("ProvisionedThroughputInMibps", file_system.provisioned_throughput_in_mibps())
        .with("FileSystemProtection", file_system.file_system_protection().map(observed_protection))
        .with_list(TAGS, tags_of(file_system.tags()))
}

/// While a file system is replicated to, its protection is off.
fn observed_protection(protection: &FileSystemProtectionDescription) -> Observed {
    use ReplicationOverwriteProtection::{Disabled, Replicating};
    let word =
        protection.replication_overwrite_protection().map(|word| if *word == Replicating { &Disabled } else { word });
    Observed::new().with("ReplicationOverwriteProtection", word.map(ReplicationOverwriteProtection::as_str))
}

const FAULTS: Codes = CODES;
