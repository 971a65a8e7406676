//! AWS::Backup::BackupVault
//! API: CreateBackupVault, Put- and DeleteBackupVaultAccessPolicy, -Notifications and -LockConfiguration, TagResource,
//! UntagResource, ListBackupVaults (and ListTags, GetBackupVaultAccessPolicy, GetBackupVaultNotifications for what it
//! leaves out), DeleteBackupVault.  Identity: BackupVaultName.  Found by: that name, verified by owner tags; the create
//! call carries a client token.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_backup::{
    Client,
    types::{BackupVaultListMember, VaultState, VaultType},
};

use super::{
    CODES,
    tags::{is_ours, retag, tags},
    vault_settings,
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags_in, each, fresh, identities, in_order, made, only_id, pending, visible,
            visible_tag_map,
        },
        faults::{Codes, OrFault, answered, failed, gone, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Backup::BackupVault";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(BackupVaultDriver { aws: aws.clone() })
}

struct BackupVaultDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for BackupVaultDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.backup(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let request = client
            .create_backup_vault()
            .creator_request_id(&call.token().0)
            .set_backup_vault_name(properties.text("BackupVaultName")?)
            .set_encryption_key_arn(properties.text("EncryptionKeyArn")?)
            .set_backup_vault_tags(Some(all_tags_in("BackupVaultTags", call, &properties)?.into_iter().collect()));
        let answer = request.send().await.or_fault("backup:CreateBackupVault", FAULTS)?;
        let document = Observed::new()
            .with("BackupVaultName", Some(answered(answer.backup_vault_name, "backup:CreateBackupVault")?))
            .with("BackupVaultArn", answer.backup_vault_arn);
        let made = made(TYPE, document);
        let rest = fresh(&made.id, Doc::default(), want);
        vault_settings::change(&client, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(pending(&made, "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = by_name(&self.aws.backup(&call.place).await, &so_far.id.0).await?;
        match found.as_ref().and_then(BackupVaultListMember::vault_state) {
            Some(VaultState::Creating) => Ok(pending(so_far, "creating")),
            Some(VaultState::Failed) => Err(failed("backup:CreateBackupVault", None, Some("it failed"), so_far)),
            _ => Ok(visible(TYPE, so_far, found.as_ref().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.backup(&call.place).await;
        let mut found = all(&client).await?;
        found.retain(|vault| ids.iter().any(|id| Some(id.0.as_str()) == vault.backup_vault_name()));
        Ok(in_order(TYPE, ids, each(found.iter().map(|vault| document(&client, vault))).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.backup(&call.place).await;
        let changed = Changed::new(TYPE, change);
        vault_settings::change(&client, &changed).await?;
        if changed.touches("BackupVaultTags") {
            let vault = by_name(&client, changed.id()).await?;
            let arn = answered(vault.and_then(|vault| vault.backup_vault_arn), "backup:ListBackupVaults")?;
            retag(&client, &changed, "BackupVaultTags", &arn).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// A vault with recovery points stays, and no waiting will empty it.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.backup(&call.place).await;
        let request = client.delete_backup_vault().backup_vault_name(&id.0);
        match request.send().await.or_fault("backup:DeleteBackupVault", FAULTS) {
            Err(mut fault) if matches!(fault.kind, FaultKind::Invalid | FaultKind::Denied) => {
                let Some(vault) = by_name(&client, &id.0).await? else { return Ok(Progress::Done(())) };
                if vault.number_of_recovery_points > 0 {
                    let points = vault.number_of_recovery_points;
                    fault.message = format!(
                        "`{}` holds {points} recovery points: delete them first (`aws backup \
                         list-recovery-points-by-backup-vault`, `aws backup delete-recovery-point`), or keep the vault \
                         with `lifecycle: {{retain: true}}`",
                        id.0
                    );
                }
                Err(fault)
            }
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("BackupVaultName") else { return Ok(Vec::new()) };
        let client = self.aws.backup(&call.place).await;
        let Some(vault) = by_name(&client, name).await? else { return Ok(Vec::new()) };
        let is_ours = is_ours(&client, call, vault.backup_vault_arn().unwrap_or_default()).await?;
        Ok(identities(TYPE, is_ours.then(|| observed(&vault))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for BackupVaultDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.backup(place).await;
        let found = all(&client).await?;
        each(found.iter().map(|vault| document(&client, vault))).await
    }
}

/// All vaults of this type. A request for a single one that does not exist is denied, so that nobody could tell whether it
/// is gone; the list can.
async fn all(client: &Client) -> Result<Vec<BackupVaultListMember>> {
    let found = client.list_backup_vaults().into_paginator().items().send().try_collect().await;
    let mut found: Vec<BackupVaultListMember> = found.or_fault("backup:ListBackupVaults", FAULTS)?;
    found.retain(|vault| vault.vault_type().is_none_or(|kind| *kind == VaultType::BackupVault));
    Ok(found)
}

async fn by_name(client: &Client, name: &str) -> Result<Option<BackupVaultListMember>> {
    Ok(all(client).await?.into_iter().find(|vault| vault.backup_vault_name() == Some(name)))
}

/// The whole document: ListBackupVaults leaves out the settings and the tags.
async fn document(client: &Client, vault: &BackupVaultListMember) -> Result<Doc> {
    let arn = vault.backup_vault_arn().unwrap_or_default();
    let (settings, tags) = tokio::try_join!(vault_settings::observed(client, vault), tags(client, arn))?;
    let mut document = Doc::from(observed(vault).with("BackupVaultTags", Some(visible_tag_map(tags))));
    document.0.extend(Doc::from(settings).0);
    Ok(document)
}

fn observed(vault: &BackupVaultListMember) -> Observed {
    Observed::new()
        .with("BackupVaultName", vault.backup_vault_name())
        .with("BackupVaultArn", vault.backup_vault_arn())
        .with("EncryptionKeyArn", vault.encryption_key_arn().filter(|arn| !arn.is_empty()))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
