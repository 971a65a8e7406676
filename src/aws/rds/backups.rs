//! Backups of an instance that are copied to another region, which is asked and told in that region.

use aws_sdk_rds::types::{DbInstance, DbInstanceAutomatedBackupsReplication};

use super::codes::CODES;
use crate::{
    aws::{
        Clients,
        convert::{Changed, Observed},
        faults::OrFault,
    },
    base::Place,
    driver::{FaultKind, Result},
};

/// The properties that say where backups go.
const PROPERTIES: &[&str] = &[
    "AutomaticBackupReplicationKmsKeyId",
    "AutomaticBackupReplicationRegion",
    "AutomaticBackupReplicationRetentionPeriod",
];

/// Where the copies of an instance's backups are: region and ARN.
fn copy(instance: &DbInstance) -> Option<(&str, &str)> {
    let replications = instance.db_instance_automated_backups_replications().iter();
    let arn =
        replications.filter_map(DbInstanceAutomatedBackupsReplication::db_instance_automated_backups_arn).next()?;
    Some((arn.split(':').nth(3)?, arn))
}

/// `observed`, with where backups are copied to and how long they are kept there.
pub async fn with_copies(aws: &Clients, place: &Place, instance: &DbInstance, observed: Observed) -> Result<Observed> {
    let Some((region, arn)) = copy(instance) else { return Ok(observed) };
    let there = Place { region: region.to_owned(), ..place.clone() };
    let request = aws.rds(&there).await.describe_db_instance_automated_backups();
    let answer = request.db_instance_automated_backups_arn(arn).send().await;
    let found = match answer.or_fault("rds:DescribeDBInstanceAutomatedBackups", CODES) {
        Err(fault) if fault.kind == FaultKind::NotFound => None,
        answer => answer?.db_instance_automated_backups.unwrap_or_default().into_iter().next(),
    };
    Ok(observed
        .with("AutomaticBackupReplicationRegion", Some(region))
        .with("AutomaticBackupReplicationRetentionPeriod", found.and_then(|backup| backup.backup_retention_period)))
}

/// Starts and stops copying as a change says. A copy cannot be changed, so it is ended and begun again.
pub async fn replicate(aws: &Clients, place: &Place, changed: &Changed<'_>, live: &DbInstance) -> Result<bool> {
    if !PROPERTIES.iter().any(|name| changed.touches(name)) {
        return Ok(false);
    }
    let arn = live.db_instance_arn().unwrap_or_default();
    let there = |region: &str| Place { region: region.to_owned(), ..place.clone() };
    if let Some((region, _)) = copy(live) {
        let rds = aws.rds(&there(region)).await;
        let stopped = rds.stop_db_instance_automated_backups_replication().source_db_instance_arn(arn).send().await;
        match stopped.or_fault("rds:StopDBInstanceAutomatedBackupsReplication", CODES) {
            Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault),
            _ => {}
        }
    }
    if let Some(region) = changed.want.text::<String>("AutomaticBackupReplicationRegion")? {
        let rds = aws.rds(&there(&region)).await;
        let request = rds
            .start_db_instance_automated_backups_replication()
            .source_db_instance_arn(arn)
            .set_backup_retention_period(changed.want.whole("AutomaticBackupReplicationRetentionPeriod")?)
            .set_kms_key_id(changed.want.text("AutomaticBackupReplicationKmsKeyId")?);
        request.send().await.or_fault("rds:StartDBInstanceAutomatedBackupsReplication", CODES)?;
    }
    Ok(true)
}
