//! The requests that change an instance.

use aws_sdk_rds::{
    Client,
    types::{DbInstance, ModifyAdditionalStorageVolume},
};
use serde_json::{Value as Json, json};

use super::{
    changes::{RoleChange, password, refuse_another, role_change, secret_key, to_send},
    codes::{CODES, patient_with_roles},
    instance::TYPE,
    instance_request::processor_features,
    set::set,
    structures::logs,
};
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::OrFault,
    },
    driver::{Change, FaultKind, Result},
};

/// What RDS wants to be told together.
const TOGETHER: &[&[&str]] = &[
    &["AllocatedStorage", "Iops", "StorageThroughput", "StorageType"],
    &["CACertificateIdentifier", "CertificateRotationRestart"],
    &["DatabaseInsightsMode", "EnablePerformanceInsights", "PerformanceInsightsRetentionPeriod"],
    &["Domain", "DomainAuthSecretArn", "DomainDnsIps", "DomainFqdn", "DomainIAMRoleName", "DomainOu"],
    &["EnablePerformanceInsights", "PerformanceInsightsKMSKeyId"],
    &["MonitoringInterval", "MonitoringRoleArn"],
    &["TdeCredentialArn", "TdeCredentialPassword"],
];

/// What only counts while an instance is made.
const ORIGIN: &[&str] = &[
    "DBClusterSnapshotIdentifier",
    "DBSnapshotIdentifier",
    "RestoreTime",
    "SourceDBClusterIdentifier",
    "SourceDBInstanceAutomatedBackupsArn",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
    "UseLatestRestorableTime",
];

/// Refuses what no call changes. A property that only says what an instance is made from may be taken away.
pub fn check(changed: &Changed<'_>) -> Result<()> {
    refuse_another(changed, &["AvailabilityZone"])?;
    refuse_another(changed, ORIGIN)
}

/// Changes what one call can change. Whether there was anything.
pub async fn modify(rds: &Client, change: &Change, apply_immediately: bool) -> Result<bool> {
    let changed = Changed::new(TYPE, change);
    let doc = to_send(change, TOGETHER, &defaults());
    let want = Wanted::new(TYPE, &doc);
    let nothing = rds.modify_db_instance();
    let request = with_structures(&changed, &want, with_plain(&want, nothing.clone())?)?;
    if request.as_input() == nothing.as_input() {
        return Ok(false);
    }
    let is_major = changed.want.flag("AllowMajorVersionUpgrade")?.filter(|_| changed.touches("EngineVersion"));
    let request = request
        .db_instance_identifier(changed.id())
        .apply_immediately(apply_immediately)
        .set_allow_major_version_upgrade(is_major);
    patient_with_roles(request.send().await.or_fault("rds:ModifyDBInstance", CODES))?;
    Ok(true)
}

/// What AWS has where nothing is said.
fn defaults() -> Json {
    json!({
        "AutoMinorVersionUpgrade": true, "BackupRetentionPeriod": 1, "CopyTagsToSnapshot": false,
        "DatabaseInsightsMode": "standard", "DedicatedLogVolume": false, "DeletionProtection": false,
        "EnableIAMDatabaseAuthentication": false, "EnablePerformanceInsights": false,
        "ManageMasterUserPassword": false, "MonitoringInterval": 0, "MultiAZ": false,
    })
}

type Modify = aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;

/// What is a text, a number, a flag or a list of texts.
fn with_plain(want: &Wanted<'_>, request: Modify) -> Result<Modify> {
    Ok(set!(request, want;
        whole set_allocated_storage "AllocatedStorage",
        flag set_auto_minor_version_upgrade "AutoMinorVersionUpgrade",
        whole set_backup_retention_period "BackupRetentionPeriod",
        text set_ca_certificate_identifier "CACertificateIdentifier",
        flag set_certificate_rotation_restart "CertificateRotationRestart",
        flag set_copy_tags_to_snapshot "CopyTagsToSnapshot",
        text set_db_instance_class "DBInstanceClass",
        text set_db_parameter_group_name "DBParameterGroupName",
        whole set_db_port_number "Port",
        texts set_db_security_groups "DBSecurityGroups",
        text set_database_insights_mode "DatabaseInsightsMode",
        flag set_dedicated_log_volume "DedicatedLogVolume",
        flag set_deletion_protection "DeletionProtection",
        text set_domain "Domain",
        text set_domain_auth_secret_arn "DomainAuthSecretArn",
        texts set_domain_dns_ips "DomainDnsIps",
        text set_domain_fqdn "DomainFqdn",
        text set_domain_iam_role_name "DomainIAMRoleName",
        text set_domain_ou "DomainOu",
        flag set_enable_iam_database_authentication "EnableIAMDatabaseAuthentication",
        flag set_enable_performance_insights "EnablePerformanceInsights",
        text set_engine "Engine",
        text set_engine_lifecycle_support "EngineLifecycleSupport",
        text set_engine_version "EngineVersion",
        whole set_iops "Iops",
        text set_license_model "LicenseModel",
        flag set_manage_master_user_password "ManageMasterUserPassword",
        text set_master_user_authentication_type "MasterUserAuthenticationType",
        whole set_max_allocated_storage "MaxAllocatedStorage",
        whole set_monitoring_interval "MonitoringInterval",
        text set_monitoring_role_arn "MonitoringRoleArn",
        flag set_multi_az "MultiAZ",
        text set_network_type "NetworkType",
        text set_option_group_name "OptionGroupName",
        text set_performance_insights_kms_key_id "PerformanceInsightsKMSKeyId",
        whole set_performance_insights_retention_period "PerformanceInsightsRetentionPeriod",
        text set_preferred_backup_window "PreferredBackupWindow",
        text set_preferred_maintenance_window "PreferredMaintenanceWindow",
        whole set_promotion_tier "PromotionTier",
        flag set_publicly_accessible "PubliclyAccessible",
        text set_replica_mode "ReplicaMode",
        whole set_storage_throughput "StorageThroughput",
        text set_storage_type "StorageType",
        text set_tde_credential_arn "TdeCredentialArn",
        text set_tde_credential_password "TdeCredentialPassword",
        texts set_vpc_security_group_ids "VPCSecurityGroups",
    ))
}

/// What is more than a text, a number or a flag.
fn with_structures(changed: &Changed<'_>, want: &Wanted<'_>, request: Modify) -> Result<Modify> {
    let has_no_features = changed.touches("ProcessorFeatures") && processor_features(&changed.want)?.is_none();
    let uses_default = want.flag("UseDefaultProcessorFeatures")?.or(has_no_features.then_some(true));
    let has_left_domain = ["Domain", "DomainFqdn"]
        .iter()
        .any(|name| changed.touches(name) && changed.before.raw(name).is_some() && changed.want.raw(name).is_none());
    Ok(request
        .set_additional_storage_volumes(volumes(changed)?)
        .set_cloudwatch_logs_export_configuration(logs(changed)?)
        .set_disable_domain(has_left_domain.then_some(true))
        .set_master_user_password(password(changed)?)
        .set_master_user_secret_kms_key_id(secret_key(changed)?)
        .set_processor_features(processor_features(want)?)
        .set_use_default_processor_features(uses_default))
}

/// The volumes as they should be, and the end of those that should not.
fn volumes(changed: &Changed<'_>) -> Result<Option<Vec<ModifyAdditionalStorageVolume>>> {
    if !changed.touches("AdditionalStorageVolumes") {
        return Ok(None);
    }
    let name = |volume: &Wanted<'_>| volume.text::<String>("VolumeName");
    let mut stays = Vec::new();
    let mut volumes = Vec::new();
    for volume in changed.want.items("AdditionalStorageVolumes")? {
        stays.push(name(&volume)?);
        let builder = set!(ModifyAdditionalStorageVolume::builder(), volume;
            whole set_allocated_storage "AllocatedStorage",
            whole set_iops "Iops",
            whole set_max_allocated_storage "MaxAllocatedStorage",
            whole set_storage_throughput "StorageThroughput",
            text set_storage_type "StorageType",
            text set_volume_name "VolumeName",
        );
        volumes.push(builder.build());
    }
    for volume in changed.before.items("AdditionalStorageVolumes")? {
        let name = name(&volume)?;
        if !stays.contains(&name) {
            let builder = ModifyAdditionalStorageVolume::builder().set_volume_name(name);
            volumes.push(builder.set_set_for_delete(Some(true)).build());
        }
    }
    Ok(Some(volumes))
}

/// Changes what has calls of its own. Whether there was anything.
pub async fn adjust(rds: &Client, changed: &Changed<'_>, live: &DbInstance) -> Result<bool> {
    let roles = set_roles(rds, changed).await?;
    let is_left = |name| changed.touches(name) && changed.want.raw(name).is_none();
    let follows = live.read_replica_source_db_instance_identifier().is_some()
        || live.read_replica_source_db_cluster_identifier().is_some();
    if follows && (is_left("SourceDBInstanceIdentifier") || is_left("SourceDBClusterIdentifier")) {
        let request = set!(rds.promote_read_replica(), changed.want;
            whole set_backup_retention_period "BackupRetentionPeriod",
            text set_preferred_backup_window "PreferredBackupWindow",
        );
        let request = request.db_instance_identifier(changed.id());
        request.send().await.or_fault("rds:PromoteReadReplica", CODES)?;
        return Ok(true);
    }
    Ok(roles)
}

/// Takes roles away first: a feature has one role at a time.
async fn set_roles(rds: &Client, changed: &Changed<'_>) -> Result<bool> {
    let RoleChange { take, give } = role_change(changed)?;
    let has_any = !take.is_empty() || !give.is_empty();
    for (feature, arn) in take {
        let request = rds.remove_role_from_db_instance().db_instance_identifier(changed.id());
        let removed = request.role_arn(arn).feature_name(feature).send().await;
        match removed.or_fault("rds:RemoveRoleFromDBInstance", CODES) {
            Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault),
            _ => {}
        }
    }
    for (feature, arn) in give {
        let request = rds.add_role_to_db_instance().db_instance_identifier(changed.id());
        let added = request.role_arn(arn).feature_name(feature).send().await;
        match added.or_fault("rds:AddRoleToDBInstance", CODES) {
            Err(fault) if fault.kind != FaultKind::AlreadyExists => return Err(fault),
            _ => {}
        }
    }
    Ok(has_any)
}
