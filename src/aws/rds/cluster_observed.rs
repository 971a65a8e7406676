//! A cluster in CloudFormation's words, and whether it is ready.

use aws_sdk_rds::types::{
    ClusterPendingModifiedValues, DbCluster, DbClusterRole, LocalWriteForwardingStatus, ScalingConfigurationInfo,
    ServerlessV2ScalingConfigurationInfo,
};

use super::{
    structures::{domain, observed_secret, security_groups, under_way},
    tags::tags_of,
};
use crate::aws::convert::Observed;

/// States that a cluster does not leave by itself.
const FAILED: &[&str] = &[
    "cloning-failed",
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-network",
    "migration-failed",
];

/// The state of a cluster that will never be ready.
pub fn failure(cluster: &DbCluster) -> Option<&str> {
    cluster.status().filter(|status| FAILED.contains(status))
}

/// What a cluster is still busy with; `None` once it is ready.
pub fn busy_with(cluster: &DbCluster) -> Option<String> {
    let is_ready = |status: &str| matches!(status, "available" | "stopped" | "storage-optimization");
    if let Some(status) = cluster.status().filter(|status| !is_ready(status)) {
        return Some(status.to_owned());
    }
    let nothing = ClusterPendingModifiedValues::builder().build();
    if cluster.pending_modified_values().is_some_and(|pending| *pending != nothing) {
        return Some("applying changes".to_owned());
    }
    under_way(cluster.master_user_secret(), cluster.vpc_security_groups())
}

/// What a cluster is, has and is called.
pub fn document(cluster: &DbCluster) -> Observed {
    let endpoint =
        Observed::new().with("Address", cluster.endpoint()).with("Port", cluster.port().map(|port| port.to_string()));
    let domain = domain(cluster.domain_memberships());
    storage(credentials(network(cluster, Observed::new(), endpoint), cluster), cluster)
        .with("DBClusterIdentifier", cluster.db_cluster_identifier())
        .with("DBClusterArn", cluster.db_cluster_arn())
        .with("DBClusterResourceId", cluster.db_cluster_resource_id())
        .with_list("AssociatedRoles", roles(cluster.associated_roles()))
        .with("AutoMinorVersionUpgrade", cluster.auto_minor_version_upgrade())
        .with_list("AvailabilityZones", cluster.availability_zones().to_vec())
        .with("ClusterScalabilityType", cluster.cluster_scalability_type().map(|kind| kind.as_str()))
        .with("CopyTagsToSnapshot", cluster.copy_tags_to_snapshot())
        .with("DBClusterInstanceClass", cluster.db_cluster_instance_class())
        .with("DBClusterParameterGroupName", cluster.db_cluster_parameter_group())
        .with("DBSystemId", cluster.db_system_id())
        .with("DatabaseInsightsMode", cluster.database_insights_mode().map(|mode| mode.as_str()))
        .with("DatabaseName", cluster.database_name())
        .with("DeletionProtection", cluster.deletion_protection())
        .with("Domain", domain.and_then(|domain| domain.domain()))
        .with("DomainIAMRoleName", domain.and_then(|domain| domain.iam_role_name()))
        .with_list("EnableCloudwatchLogsExports", cluster.enabled_cloudwatch_logs_exports().to_vec())
        .with("Engine", cluster.engine())
        .with("EngineLifecycleSupport", cluster.engine_lifecycle_support())
        .with("EngineMode", cluster.engine_mode())
        .with("EngineVersion", cluster.engine_version())
        .with("MonitoringInterval", cluster.monitoring_interval())
        .with("MonitoringRoleArn", cluster.monitoring_role_arn())
        .with("PerformanceInsightsEnabled", cluster.performance_insights_enabled())
        .with("PerformanceInsightsKmsKeyId", cluster.performance_insights_kms_key_id())
        .with("PerformanceInsightsRetentionPeriod", cluster.performance_insights_retention_period())
        .with("PreferredMaintenanceWindow", cluster.preferred_maintenance_window())
        .with("ScalingConfiguration", cluster.scaling_configuration_info().map(scaling))
        .with("ServerlessV2ScalingConfiguration", cluster.serverless_v2_scaling_configuration().map(serverless_scaling))
        .with_list("Tags", tags_of(cluster.tag_list()))
}

/// How it is reached, and by whom.
fn network(cluster: &DbCluster, observed: Observed, endpoint: Observed) -> Observed {
    let forwards = |status: &LocalWriteForwardingStatus| {
        !matches!(status, LocalWriteForwardingStatus::Disabled | LocalWriteForwardingStatus::Disabling)
    };
    let global = cluster.global_cluster_identifier().filter(|id| !id.is_empty());
    observed
        .with("Endpoint", cluster.endpoint().map(|_| endpoint))
        .with("ReadEndpoint", cluster.reader_endpoint().map(|address| Observed::new().with("Address", Some(address))))
        .with("DBSubnetGroupName", cluster.db_subnet_group())
        .with("EnableGlobalWriteForwarding", cluster.global_write_forwarding_requested())
        .with("EnableHttpEndpoint", cluster.http_endpoint_enabled())
        .with("EnableLocalWriteForwarding", cluster.local_write_forwarding_status().map(forwards))
        .with("GlobalClusterIdentifier", global)
        .with("NetworkType", cluster.network_type())
        .with("Port", cluster.port())
        .with("PubliclyAccessible", cluster.publicly_accessible())
        .with_list("VpcSecurityGroupIds", security_groups(cluster.vpc_security_groups()))
}

/// Who may log in.
fn credentials(observed: Observed, cluster: &DbCluster) -> Observed {
    let secret = cluster.master_user_secret();
    observed
        .with("EnableIAMDatabaseAuthentication", cluster.iam_database_authentication_enabled())
        .with("ManageMasterUserPassword", Some(secret.is_some()))
        .with("MasterUserSecret", secret.map(observed_secret))
        .with("MasterUsername", cluster.master_username())
}

/// What its data lies on, and where copies of it are.
fn storage(observed: Observed, cluster: &DbCluster) -> Observed {
    observed
        .with("AllocatedStorage", cluster.allocated_storage())
        .with("BacktrackWindow", cluster.backtrack_window())
        .with("BackupRetentionPeriod", cluster.backup_retention_period())
        .with("Iops", cluster.iops())
        .with("KmsKeyId", cluster.kms_key_id())
        .with("PreferredBackupWindow", cluster.preferred_backup_window())
        .with("ReplicationSourceIdentifier", cluster.replication_source_identifier())
        .with("StorageEncrypted", cluster.storage_encrypted())
        .with("StorageEncryptionType", cluster.storage_encryption_type().map(|kind| kind.as_str()))
        .with("StorageThroughput", cluster.storage_throughput())
        .with("StorageType", cluster.storage_type())
}

fn roles(roles: &[DbClusterRole]) -> impl Iterator<Item = Observed> {
    roles.iter().map(|role| Observed::new().with("FeatureName", role.feature_name()).with("RoleArn", role.role_arn()))
}

fn scaling(info: &ScalingConfigurationInfo) -> Observed {
    Observed::new()
        .with("AutoPause", info.auto_pause())
        .with("MaxCapacity", info.max_capacity())
        .with("MinCapacity", info.min_capacity())
        .with("SecondsBeforeTimeout", info.seconds_before_timeout())
        .with("SecondsUntilAutoPause", info.seconds_until_auto_pause())
        .with("TimeoutAction", info.timeout_action())
}

fn serverless_scaling(info: &ServerlessV2ScalingConfigurationInfo) -> Observed {
    Observed::new()
        .with("MaxCapacity", info.max_capacity())
        .with("MinCapacity", info.min_capacity())
        .with("SecondsUntilAutoPause", info.seconds_until_auto_pause())
}
