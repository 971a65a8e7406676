//! What a file system is told by calls of their own: its lifecycle, backups, policy and protection.

use aws_sdk_efs::{
    Client,
    types::{BackupPolicy, LifecyclePolicy, ReplicationOverwriteProtection, Status},
};

use super::codes::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::{OrFault, found},
    },
    driver::{FaultKind, Result},
};

/// Puts everything as `change` says. What is taken out of the document goes back to what a new file system has.
pub async fn set(efs: &Client, change: &Changed<'_>) -> Result<()> {
    if change.touches("LifecyclePolicies") {
        let request = efs.put_lifecycle_configuration().file_system_id(change.id());
        let request = request.set_lifecycle_policies(Some(lifecycle(&change.want)?));
        request.send().await.or_fault("elasticfilesystem:PutLifecycleConfiguration", CODES)?;
    }
    if change.touches("BackupPolicy") {
        let policy = change.want.inner("BackupPolicy")?;
        let status = policy.map(|policy| policy.text("Status")).transpose()?.flatten().unwrap_or(Status::Disabled);
        let policy = BackupPolicy::builder().status(status).build().map_err(|error| change.want.invalid(error))?;
        let request = efs.put_backup_policy().file_system_id(change.id()).backup_policy(policy);
        request.send().await.or_fault("elasticfilesystem:PutBackupPolicy", CODES)?;
    }
    if change.touches("FileSystemPolicy") {
        set_policy(efs, change).await?;
    }
    if change.touches("FileSystemProtection") {
        let protection = change.want.inner("FileSystemProtection")?;
        let overwrite = protection.map(|protection| protection.text("ReplicationOverwriteProtection")).transpose()?;
        let overwrite = overwrite.flatten().unwrap_or(ReplicationOverwriteProtection::Enabled);
        let request = efs.update_file_system_protection().file_system_id(change.id());
        let request = request.replication_overwrite_protection(overwrite);
        request.send().await.or_fault("elasticfilesystem:UpdateFileSystemProtection", CODES)?;
    }
    Ok(())
}

async fn set_policy(efs: &Client, change: &Changed<'_>) -> Result<()> {
    let Some(policy) = change.want.document("FileSystemPolicy")? else {
        let request = efs.delete_file_system_policy().file_system_id(change.id());
        request.send().await.or_fault("elasticfilesystem:DeleteFileSystemPolicy", CODES)?;
        return Ok(());
    };
    let request = efs
        .put_file_system_policy()
        .file_system_id(change.id())
        .policy(policy)
        .set_bypass_policy_lockout_safety_check(change.want.flag("BypassPolicyLockoutSafetyCheck")?);
    let put = request.send().await.or_fault("elasticfilesystem:PutFileSystemPolicy", CODES);
    put.map(|_| ()).map_err(|mut fault| {
        // A role that was made a moment ago is not known everywhere yet.
        let names_stranger =
            fault.code.as_deref() == Some("InvalidPolicyException") && fault.message.contains("rincipal");
        if names_stranger {
            fault.kind = FaultKind::NotReady;
        }
        fault
    })
}

fn lifecycle(want: &Wanted<'_>) -> Result<Vec<LifecyclePolicy>> {
    let policies = want.items("LifecyclePolicies")?.into_iter().map(|policy| {
        let builder = LifecyclePolicy::builder()
            .set_transition_to_ia(policy.text("TransitionToIA")?)
            .set_transition_to_archive(policy.text("TransitionToArchive")?)
            .set_transition_to_primary_storage_class(policy.text("TransitionToPrimaryStorageClass")?);
        Ok(builder.build())
    });
    policies.collect()
}

/// `document`, with all that [`set`] sets. A file system that vanishes meanwhile has nothing set.
pub async fn settings(efs: &Client, id: &str, document: Observed) -> Result<Observed> {
    let (lifecycle, backup, policy) = tokio::join!(
        efs.describe_lifecycle_configuration().file_system_id(id).send(),
        efs.describe_backup_policy().file_system_id(id).send(),
        efs.describe_file_system_policy().file_system_id(id).send(),
    );
    let lifecycle = lifecycle.or_fault("elasticfilesystem:DescribeLifecycleConfiguration", CODES);
    let lifecycle = found(lifecycle.map(|answer| answer.lifecycle_policies))?.unwrap_or_default();
    let backup = backup.or_fault("elasticfilesystem:DescribeBackupPolicy", CODES);
    let backup = found(backup.map(|answer| answer.backup_policy))?;
    let policy = policy.or_fault("elasticfilesystem:DescribeFileSystemPolicy", CODES);
    let policy = found(policy.map(|answer| answer.policy))?;
    let is_backed_up = backup.is_some_and(|backup| matches!(backup.status(), Status::Enabled | Status::Enabling));
    let status = if is_backed_up { Status::Enabled } else { Status::Disabled };
    Ok(document
        .with_list("LifecyclePolicies", lifecycle.iter().map(observed_lifecycle))
        .with("BackupPolicy", Some(Observed::new().with("Status", Some(status.as_str()))))
        .with_document("FileSystemPolicy", policy.as_deref()))
}

fn observed_lifecycle(policy: &LifecyclePolicy) -> Observed {
    let back = policy.transition_to_primary_storage_class();
    Observed::new()
        .with("TransitionToIA", policy.transition_to_ia().map(|rule| rule.as_str()))
        .with("TransitionToArchive", policy.transition_to_archive().map(|rule| rule.as_str()))
        .with("TransitionToPrimaryStorageClass", back.map(|rule| rule.as_str()))
}
