//! What a vault carries beside its name and key: who may use it, who is told of what happens in it, and how long nobody may
//! delete from it.

use aws_sdk_backup::{
    Client,
    types::{BackupVaultEvent, BackupVaultListMember},
};

use super::CODES;
use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::{OrFault, gone, there},
    },
    driver::Result,
};

/// Sets and takes away as `change` says, after the create call as well as later.
pub async fn change(client: &Client, change: &Changed<'_>) -> Result<()> {
    let name = change.id();
    if change.touches("AccessPolicy") {
        match change.want.document("AccessPolicy")? {
            Some(policy) => {
                let request = client.put_backup_vault_access_policy().backup_vault_name(name).policy(policy);
                request.send().await.or_fault("backup:PutBackupVaultAccessPolicy", CODES)?;
            }
            None => {
                let request = client.delete_backup_vault_access_policy().backup_vault_name(name);
                gone(request.send().await.or_fault("backup:DeleteBackupVaultAccessPolicy", CODES))?;
            }
        }
    }
    if change.touches("Notifications") {
        notify(client, name, change.want.inner("Notifications")?).await?;
    }
    if change.touches("LockConfiguration") {
        lock(client, name, change.want.inner("LockConfiguration")?).await?;
    }
    Ok(())
}

async fn notify(client: &Client, name: &str, want: Option<Wanted<'_>>) -> Result<()> {
    let Some(want) = want else {
        let request = client.delete_backup_vault_notifications().backup_vault_name(name);
        return gone(request.send().await.or_fault("backup:DeleteBackupVaultNotifications", CODES)).map(|_| ());
    };
    let events = want.texts("BackupVaultEvents")?.unwrap_or_default();
    let events = events.iter().map(|event| BackupVaultEvent::from(event.as_str())).collect();
    let request = client.put_backup_vault_notifications().backup_vault_name(name);
    let request = request.set_sns_topic_arn(want.text("SNSTopicArn")?).set_backup_vault_events(Some(events));
    request.send().await.or_fault("backup:PutBackupVaultNotifications", CODES)?;
    Ok(())
}

async fn lock(client: &Client, name: &str, want: Option<Wanted<'_>>) -> Result<()> {
    let Some(want) = want else {
        let request = client.delete_backup_vault_lock_configuration().backup_vault_name(name);
        return gone(request.send().await.or_fault("backup:DeleteBackupVaultLockConfiguration", CODES)).map(|_| ());
    };
    let request = client
        .put_backup_vault_lock_configuration()
        .backup_vault_name(name)
        .set_min_retention_days(want.long("MinRetentionDays")?)
        .set_max_retention_days(want.long("MaxRetentionDays")?)
        .set_changeable_for_days(want.long("ChangeableForDays")?);
    request.send().await.or_fault("backup:PutBackupVaultLockConfiguration", CODES)?;
    Ok(())
}

/// The settings of a vault.
pub async fn observed(client: &Client, vault: &BackupVaultListMember) -> Result<Observed> {
    let name = vault.backup_vault_name().unwrap_or_default();
    let policy = client.get_backup_vault_access_policy().backup_vault_name(name).send();
    let notifications = client.get_backup_vault_notifications().backup_vault_name(name).send();
    let (policy, notifications) = tokio::join!(policy, notifications);
    let policy = there(policy.or_fault("backup:GetBackupVaultAccessPolicy", CODES))?;
    let notifications = there(notifications.or_fault("backup:GetBackupVaultNotifications", CODES))?;
    let notifications = notifications.filter(|answer| answer.sns_topic_arn().is_some()).map(|answer| {
        Observed::new()
            .with("SNSTopicArn", answer.sns_topic_arn())
            .with_list("BackupVaultEvents", answer.backup_vault_events().iter().map(BackupVaultEvent::as_str))
    });
    // When the lock becomes final is told as a date, and wanted as a number of days from the request.
    let lock = vault.min_retention_days().map(|days| {
        Observed::new().with("MinRetentionDays", Some(days)).with("MaxRetentionDays", vault.max_retention_days())
    });
    Ok(Observed::new()
        .with_document("AccessPolicy", policy.as_ref().and_then(|answer| answer.policy()))
        .with("Notifications", notifications)
        .with("LockConfiguration", lock))
}
