//! An instance in CloudFormation's words, and whether it is ready.

use aws_sdk_rds::types::{
    AdditionalStorageVolumeOutput, DbInstance, DbInstanceStatusInfo, DbParameterGroupStatus, DbSecurityGroupMembership,
    DbSubnetGroup, Endpoint, OptionGroupMembership, PendingModifiedValues,
};

use super::{
    structures::{domain, observed_certificate, observed_secret, security_groups, under_way, written},
    tags::{source_of, tags_of},
};
use crate::aws::convert::Observed;

/// States that an instance does not leave by itself.
const FAILED: &[&str] = &[
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
];

/// The state of an instance that will never be ready.
pub fn failure(instance: &DbInstance) -> Option<&str> {
    instance.db_instance_status().filter(|status| FAILED.contains(status))
}

/// What an instance is still busy with; `None` once it is ready. Its storage may go on being optimised for a day.
pub fn busy_with(instance: &DbInstance) -> Option<String> {
    let is_ready = |status: &str| matches!(status, "available" | "stopped" | "storage-optimization");
    if let Some(status) = instance.db_instance_status().filter(|status| !is_ready(status)) {
        return Some(status.to_owned());
    }
    let nothing = PendingModifiedValues::builder().build();
    if instance.pending_modified_values().is_some_and(|pending| *pending != nothing) {
        return Some("applying changes".to_owned());
    }
    let mut groups = instance.db_parameter_groups().iter().filter_map(DbParameterGroupStatus::parameter_apply_status);
    if groups.any(|status| status == "applying") {
        return Some("applying parameters".to_owned());
    }
    under_way(instance.master_user_secret(), instance.vpc_security_groups())
}

/// What an instance is, has and is called.
pub fn document(instance: &DbInstance) -> Observed {
    let parts = [identity, state, network, credentials, storage, monitoring, groups];
    parts.into_iter().fold(Observed::new(), |observed, part| part(observed, instance))
}

fn identity(observed: Observed, instance: &DbInstance) -> Observed {
    observed
        .with("DBInstanceIdentifier", instance.db_instance_identifier())
        .with("DBInstanceArn", instance.db_instance_arn())
        .with("DbiResourceId", instance.dbi_resource_id())
        .with("AutoMinorVersionUpgrade", instance.auto_minor_version_upgrade())
        .with("CharacterSetName", instance.character_set_name())
        .with("CustomIAMInstanceProfile", instance.custom_iam_instance_profile())
        .with("DBClusterIdentifier", instance.db_cluster_identifier())
        .with("DBClusterSnapshotIdentifier", source_of(instance.tag_list()))
        .with("DBInstanceClass", instance.db_instance_class())
        .with("DBName", instance.db_name())
        .with("DBSystemId", instance.db_system_id())
        .with("DeletionProtection", instance.deletion_protection())
        .with("Engine", instance.engine())
        .with("EngineLifecycleSupport", instance.engine_lifecycle_support())
        .with("EngineVersion", instance.engine_version())
        .with("LicenseModel", instance.license_model())
        .with("NcharCharacterSetName", instance.nchar_character_set_name())
        .with("PreferredMaintenanceWindow", instance.preferred_maintenance_window())
        .with_list(
            "ProcessorFeatures",
            instance
                .processor_features()
                .iter()
                .map(|feature| Observed::new().with("Name", feature.name()).with("Value", feature.value())),
        )
        .with("PromotionTier", instance.promotion_tier())
        .with("ReplicaMode", instance.replica_mode().map(|mode| mode.as_str()))
        .with("SourceDBClusterIdentifier", instance.read_replica_source_db_cluster_identifier())
        .with("SourceDBInstanceIdentifier", instance.read_replica_source_db_instance_identifier())
        .with("Timezone", instance.timezone())
        .with_list("Tags", tags_of(instance.tag_list()))
}

/// What RDS says of it and nobody sets.
fn state(observed: Observed, instance: &DbInstance) -> Observed {
    observed
        .with("AutomaticRestartTime", written(instance.automatic_restart_time()))
        .with("DBInstanceStatus", instance.db_instance_status())
        .with("InstanceCreateTime", written(instance.instance_create_time()))
        .with("IsStorageConfigUpgradeAvailable", instance.is_storage_config_upgrade_available())
        .with("LatestRestorableTime", written(instance.latest_restorable_time()))
        .with("PercentProgress", instance.percent_progress())
        .with_list("ReadReplicaDBClusterIdentifiers", instance.read_replica_db_cluster_identifiers().to_vec())
        .with_list("ReadReplicaDBInstanceIdentifiers", instance.read_replica_db_instance_identifiers().to_vec())
        .with("ResumeFullAutomationModeTime", written(instance.resume_full_automation_mode_time()))
        .with("SecondaryAvailabilityZone", instance.secondary_availability_zone())
        .with_list("StatusInfos", instance.status_infos().iter().map(status_info))
        .with("StorageOperationPercentProgress", instance.storage_operation_percent_progress())
        .with("StorageOperationStatus", instance.storage_operation_status())
}

fn network(observed: Observed, instance: &DbInstance) -> Observed {
    // An instance of a cluster says 0 itself, and listens on the cluster's port.
    let own = instance.db_instance_port().filter(|port| *port != 0);
    let port = instance.endpoint().and_then(Endpoint::port).or(own);
    observed
        .with("AvailabilityZone", instance.availability_zone())
        .with("CACertificateIdentifier", instance.ca_certificate_identifier())
        .with("CertificateDetails", instance.certificate_details().map(observed_certificate))
        .with("DBSubnetGroupName", instance.db_subnet_group().and_then(DbSubnetGroup::db_subnet_group_name))
        .with("Endpoint", instance.endpoint().map(endpoint))
        .with("ListenerEndpoint", instance.listener_endpoint().map(endpoint))
        .with("MultiAZ", instance.multi_az())
        .with("NetworkType", instance.network_type())
        .with("Port", port.map(|port| port.to_string()))
        .with("PubliclyAccessible", instance.publicly_accessible())
        .with_list("VPCSecurityGroups", security_groups(instance.vpc_security_groups()))
}

/// Who may log in, by which directory.
fn credentials(observed: Observed, instance: &DbInstance) -> Observed {
    let secret = instance.master_user_secret();
    let observed = observed
        .with("EnableIAMDatabaseAuthentication", instance.iam_database_authentication_enabled())
        .with("ManageMasterUserPassword", Some(secret.is_some()))
        .with("MasterUserSecret", secret.map(observed_secret))
        .with("MasterUsername", instance.master_username());
    let Some(domain) = domain(instance.domain_memberships()) else { return observed };
    observed
        .with("Domain", domain.domain())
        .with("DomainAuthSecretArn", domain.auth_secret_arn())
        .with_list("DomainDnsIps", domain.dns_ips().to_vec())
        .with("DomainFqdn", domain.fqdn())
        .with("DomainIAMRoleName", domain.iam_role_name())
        .with("DomainOu", domain.ou())
}

/// What its data lies on, and where copies of it are.
fn storage(observed: Observed, instance: &DbInstance) -> Observed {
    observed
        .with_list("AdditionalStorageVolumes", instance.additional_storage_volumes().iter().map(volume))
        .with("AllocatedStorage", instance.allocated_storage().map(|size| size.to_string()))
        .with("BackupRetentionPeriod", instance.backup_retention_period())
        .with("BackupTarget", instance.backup_target())
        .with("CopyTagsToSnapshot", instance.copy_tags_to_snapshot())
        .with("DedicatedLogVolume", instance.dedicated_log_volume())
        .with("Iops", instance.iops())
        .with("KmsKeyId", instance.kms_key_id())
        .with("MaxAllocatedStorage", instance.max_allocated_storage())
        .with("PreferredBackupWindow", instance.preferred_backup_window())
        .with("StorageEncrypted", instance.storage_encrypted())
        .with("StorageThroughput", instance.storage_throughput())
        .with("StorageType", instance.storage_type())
        .with("TdeCredentialArn", instance.tde_credential_arn())
}

fn monitoring(observed: Observed, instance: &DbInstance) -> Observed {
    observed
        .with("DatabaseInsightsMode", instance.database_insights_mode().map(|mode| mode.as_str()))
        .with_list("EnableCloudwatchLogsExports", instance.enabled_cloudwatch_logs_exports().to_vec())
        .with("EnablePerformanceInsights", instance.performance_insights_enabled())
        .with("MonitoringInterval", instance.monitoring_interval())
        .with("MonitoringRoleArn", instance.monitoring_role_arn())
        .with("PerformanceInsightsKMSKeyId", instance.performance_insights_kms_key_id())
        .with("PerformanceInsightsRetentionPeriod", instance.performance_insights_retention_period())
}

/// The groups and roles that it has or is getting.
fn groups(observed: Observed, instance: &DbInstance) -> Observed {
    let parameters = instance.db_parameter_groups().first().and_then(DbParameterGroupStatus::db_parameter_group_name);
    let is_leaving = |status: Option<&str>| status.is_some_and(|status| status.contains("remov"));
    let mut options = instance.option_group_memberships().iter().filter(|group| !is_leaving(group.status()));
    let security = instance.db_security_groups().iter().filter_map(DbSecurityGroupMembership::db_security_group_name);
    let roles = instance
        .associated_roles()
        .iter()
        .map(|role| Observed::new().with("FeatureName", role.feature_name()).with("RoleArn", role.role_arn()));
    observed
        .with_list("AssociatedRoles", roles)
        .with("DBParameterGroupName", parameters)
        .with_list("DBSecurityGroups", security)
        .with("OptionGroupName", options.next().and_then(OptionGroupMembership::option_group_name))
}

fn endpoint(endpoint: &Endpoint) -> Observed {
    Observed::new()
        .with("Address", endpoint.address())
        .with("Port", endpoint.port().map(|port| port.to_string()))
        .with("HostedZoneId", endpoint.hosted_zone_id())
}

fn status_info(info: &DbInstanceStatusInfo) -> Observed {
    Observed::new()
        .with("Message", info.message())
        .with("Normal", info.normal())
        .with("Status", info.status())
        .with("StatusType", info.status_type())
}

fn volume(volume: &AdditionalStorageVolumeOutput) -> Observed {
    Observed::new()
        .with("AllocatedStorage", volume.allocated_storage().map(|size| size.to_string()))
        .with("Iops", volume.iops())
        .with("MaxAllocatedStorage", volume.max_allocated_storage())
        .with("StorageOperationPercentProgress", volume.storage_operation_percent_progress())
        .with("StorageOperationStatus", volume.storage_operation_status())
        .with("StorageThroughput", volume.storage_throughput())
        .with("StorageType", volume.storage_type())
        .with("VolumeName", volume.volume_name())
}
