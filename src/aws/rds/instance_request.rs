//! The requests that make an instance: from nothing, from a snapshot, from another instance at a point in time, or as a
//! replica.

use aws_sdk_rds::{
    Client,
    types::{AdditionalStorageVolume, DbInstance, ProcessorFeature},
};

use super::{
    codes::{CODES, patient_with_roles},
    identifiers::identifier,
    set::set,
    structures::{secret_key, time},
    tags::{create_tags, create_tags_of},
};
use crate::{
    aws::{
        convert::Wanted,
        faults::{OrFault, answered},
    },
    driver::{Call, Result},
};

/// What every instance gets in calls of its own, once it is available.
pub const AFTERWARDS: &[&str] = &["AssociatedRoles", "AutomaticBackupReplicationRegion"];

/// What the calls that make an instance out of something else do not all take, and what is set once it is available.
pub const AFTER_RESTORE: &[&str] = &[
    "BackupRetentionPeriod",
    "DBSecurityGroups",
    "DatabaseInsightsMode",
    "EnablePerformanceInsights",
    "EngineVersion",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PromotionTier",
];

/// What an instance is made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Nothing,
    Snapshot,
    /// Another instance as it was.
    Past,
    /// Another instance or a cluster, which it follows from then on.
    Replica,
}

/// What the properties say that an instance is to be made from.
pub fn origin(want: &Wanted<'_>) -> Result<Origin> {
    let has = |names: &[&str]| names.iter().any(|name| want.raw(name).is_some());
    let is_dated = has(&["RestoreTime"]) || want.flag("UseLatestRestorableTime")?.unwrap_or_default();
    Ok(if has(&["DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"]) {
        Origin::Snapshot
    } else if is_dated || has(&["SourceDBInstanceAutomatedBackupsArn", "SourceDbiResourceId"]) {
        Origin::Past
    } else if has(&["SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"]) {
        Origin::Replica
    } else {
        Origin::Nothing
    })
}

/// Makes the instance.
pub async fn create(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbInstance> {
    let origin = origin(want)?;
    check(call, want, origin)?;
    match origin {
        Origin::Nothing => from_nothing(rds, call, want).await,
        Origin::Snapshot => from_snapshot(rds, call, want).await,
        Origin::Past => from_past(rds, call, want).await,
        Origin::Replica => replica(rds, call, want).await,
    }
}

/// What would be lost without a word, or fail after half an hour.
fn check(call: &Call, want: &Wanted<'_>, origin: Origin) -> Result<()> {
    if origin != Origin::Nothing && want.raw("MasterUserPassword").is_some() {
        return Err(want.invalid(
            "an instance that is made out of another one or a snapshot keeps that one's password; leave \
             `MasterUserPassword` out, and set it in a later run if it is to change",
        ));
    }
    let is_abroad = want.text::<String>("SourceRegion")?.is_some_and(|region| region != call.place.region);
    if is_abroad && want.raw("KmsKeyId").is_some() {
        return Err(want.invalid(
            "an encrypted replica of an instance in another region needs a request signed for that region, which is not \
             supported; replicate its backups instead (`AutomaticBackupReplicationRegion`)",
        ));
    }
    Ok(())
}

/// What all four calls take.
macro_rules! common {
    ($request:expr, $call:expr, $want:expr) => {
        set!($request, $want;
            whole set_allocated_storage "AllocatedStorage",
            flag set_auto_minor_version_upgrade "AutoMinorVersionUpgrade",
            text set_availability_zone "AvailabilityZone",
            text set_backup_target "BackupTarget",
            text set_ca_certificate_identifier "CACertificateIdentifier",
            flag set_copy_tags_to_snapshot "CopyTagsToSnapshot",
            text set_custom_iam_instance_profile "CustomIAMInstanceProfile",
            text set_db_instance_class "DBInstanceClass",
            text set_db_parameter_group_name "DBParameterGroupName",
            text set_db_subnet_group_name "DBSubnetGroupName",
            flag set_dedicated_log_volume "DedicatedLogVolume",
            flag set_deletion_protection "DeletionProtection",
            text set_domain "Domain",
            text set_domain_auth_secret_arn "DomainAuthSecretArn",
            texts set_domain_dns_ips "DomainDnsIps",
            text set_domain_fqdn "DomainFqdn",
            text set_domain_iam_role_name "DomainIAMRoleName",
            text set_domain_ou "DomainOu",
            texts set_enable_cloudwatch_logs_exports "EnableCloudwatchLogsExports",
            flag set_enable_iam_database_authentication "EnableIAMDatabaseAuthentication",
            whole set_iops "Iops",
            flag set_multi_az "MultiAZ",
            text set_network_type "NetworkType",
            text set_option_group_name "OptionGroupName",
            whole set_port "Port",
            flag set_publicly_accessible "PubliclyAccessible",
            whole set_storage_throughput "StorageThroughput",
            text set_storage_type "StorageType",
            texts set_vpc_security_group_ids "VPCSecurityGroups",
        )
        .set_additional_storage_volumes(volumes($want)?)
        .set_processor_features(processor_features($want)?)
        .set_tags(Some(create_tags($call, $want)?))
    };
}

async fn from_nothing(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbInstance> {
    let request = set!(common!(rds.create_db_instance(), call, want), want;
        whole set_backup_retention_period "BackupRetentionPeriod",
        text set_character_set_name "CharacterSetName",
        text set_db_cluster_identifier "DBClusterIdentifier",
        text set_db_name "DBName",
        texts set_db_security_groups "DBSecurityGroups",
        text set_db_system_id "DBSystemId",
        text set_database_insights_mode "DatabaseInsightsMode",
        flag set_enable_performance_insights "EnablePerformanceInsights",
        text set_engine "Engine",
        text set_engine_lifecycle_support "EngineLifecycleSupport",
        text set_engine_version "EngineVersion",
        text set_kms_key_id "KmsKeyId",
        text set_license_model "LicenseModel",
        flag set_manage_master_user_password "ManageMasterUserPassword",
        text set_master_user_authentication_type "MasterUserAuthenticationType",
        text set_master_user_password "MasterUserPassword",
        text set_master_username "MasterUsername",
        whole set_max_allocated_storage "MaxAllocatedStorage",
        whole set_monitoring_interval "MonitoringInterval",
        text set_monitoring_role_arn "MonitoringRoleArn",
        text set_nchar_character_set_name "NcharCharacterSetName",
        text set_performance_insights_kms_key_id "PerformanceInsightsKMSKeyId",
        whole set_performance_insights_retention_period "PerformanceInsightsRetentionPeriod",
        text set_preferred_backup_window "PreferredBackupWindow",
        text set_preferred_maintenance_window "PreferredMaintenanceWindow",
        whole set_promotion_tier "PromotionTier",
        flag set_storage_encrypted "StorageEncrypted",
        text set_tde_credential_arn "TdeCredentialArn",
        text set_tde_credential_password "TdeCredentialPassword",
        text set_timezone "Timezone",
    );
    let request = request
        .set_db_instance_identifier(identifier(want, "DBInstanceIdentifier")?)
        .set_master_user_secret_kms_key_id(secret_key(want)?);
    let answer = patient_with_roles(request.send().await.or_fault("rds:CreateDBInstance", CODES))?;
    answered(answer.db_instance, "rds:CreateDBInstance")
}

/// What the two calls that restore an instance take.
macro_rules! restored {
    ($request:expr, $call:expr, $want:expr) => {
        set!(common!($request, $call, $want), $want;
            whole set_backup_retention_period "BackupRetentionPeriod",
            text set_db_name "DBName",
            text set_engine "Engine",
            text set_engine_lifecycle_support "EngineLifecycleSupport",
            text set_license_model "LicenseModel",
            flag set_manage_master_user_password "ManageMasterUserPassword",
            text set_preferred_backup_window "PreferredBackupWindow",
            text set_tde_credential_arn "TdeCredentialArn",
            text set_tde_credential_password "TdeCredentialPassword",
            flag set_use_default_processor_features "UseDefaultProcessorFeatures",
        )
        .set_master_user_secret_kms_key_id(secret_key($want)?)
    };
}

async fn from_snapshot(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbInstance> {
    let request = set!(restored!(rds.restore_db_instance_from_db_snapshot(), call, want), want;
        text set_db_cluster_snapshot_identifier "DBClusterSnapshotIdentifier",
        text set_db_snapshot_identifier "DBSnapshotIdentifier",
    );
    let source = want.text::<String>("DBClusterSnapshotIdentifier")?;
    let request = request
        .set_db_instance_identifier(identifier(want, "DBInstanceIdentifier")?)
        .set_tags(Some(create_tags_of(source.as_deref(), call, want)?));
    let answer = request.send().await.or_fault("rds:RestoreDBInstanceFromDBSnapshot", CODES);
    answered(patient_with_roles(answer)?.db_instance, "rds:RestoreDBInstanceFromDBSnapshot")
}

async fn from_past(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbInstance> {
    let request = set!(restored!(rds.restore_db_instance_to_point_in_time(), call, want), want;
        whole set_max_allocated_storage "MaxAllocatedStorage",
        text set_source_db_instance_automated_backups_arn "SourceDBInstanceAutomatedBackupsArn",
        text set_source_db_instance_identifier "SourceDBInstanceIdentifier",
        text set_source_dbi_resource_id "SourceDbiResourceId",
        flag set_use_latest_restorable_time "UseLatestRestorableTime",
    );
    let request = request
        .set_restore_time(time(want, "RestoreTime")?)
        .set_target_db_instance_identifier(identifier(want, "DBInstanceIdentifier")?);
    let answer = request.send().await.or_fault("rds:RestoreDBInstanceToPointInTime", CODES);
    answered(patient_with_roles(answer)?.db_instance, "rds:RestoreDBInstanceToPointInTime")
}

async fn replica(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbInstance> {
    let request = set!(common!(rds.create_db_instance_read_replica(), call, want), want;
        text set_database_insights_mode "DatabaseInsightsMode",
        flag set_enable_performance_insights "EnablePerformanceInsights",
        text set_kms_key_id "KmsKeyId",
        whole set_max_allocated_storage "MaxAllocatedStorage",
        whole set_monitoring_interval "MonitoringInterval",
        text set_monitoring_role_arn "MonitoringRoleArn",
        text set_performance_insights_kms_key_id "PerformanceInsightsKMSKeyId",
        whole set_performance_insights_retention_period "PerformanceInsightsRetentionPeriod",
        text set_replica_mode "ReplicaMode",
        text set_source_db_cluster_identifier "SourceDBClusterIdentifier",
        text set_source_db_instance_identifier "SourceDBInstanceIdentifier",
        flag set_use_default_processor_features "UseDefaultProcessorFeatures",
    );
    let request = request.set_db_instance_identifier(identifier(want, "DBInstanceIdentifier")?);
    let answer = request.send().await.or_fault("rds:CreateDBInstanceReadReplica", CODES);
    answered(patient_with_roles(answer)?.db_instance, "rds:CreateDBInstanceReadReplica")
}

/// How many cores and threads an instance has; `None` if its class says it.
pub fn processor_features(want: &Wanted<'_>) -> Result<Option<Vec<ProcessorFeature>>> {
    let features = want.items("ProcessorFeatures")?.into_iter().map(|feature| {
        let builder = set!(ProcessorFeature::builder(), feature; text set_name "Name", text set_value "Value");
        Ok(builder.build())
    });
    let features = features.collect::<Result<Vec<_>>>()?;
    Ok(if features.is_empty() { None } else { Some(features) })
}

fn volumes(want: &Wanted<'_>) -> Result<Option<Vec<AdditionalStorageVolume>>> {
    let volumes = want.items("AdditionalStorageVolumes")?.into_iter().map(|volume| {
        let builder = set!(AdditionalStorageVolume::builder(), volume;
            whole set_allocated_storage "AllocatedStorage",
            whole set_iops "Iops",
            whole set_max_allocated_storage "MaxAllocatedStorage",
            whole set_storage_throughput "StorageThroughput",
            text set_storage_type "StorageType",
            text set_volume_name "VolumeName",
        );
        Ok(builder.build())
    });
    let volumes = volumes.collect::<Result<Vec<_>>>()?;
    Ok(if volumes.is_empty() { None } else { Some(volumes) })
}
