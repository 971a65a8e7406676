//! The requests that make a cluster: from nothing, from a snapshot, or from another cluster at a point in time.

use aws_sdk_rds::{
    Client,
    types::{DbCluster, DbClusterAssociatedRole, ScalingConfiguration, ServerlessV2ScalingConfiguration},
};

use super::{
    codes::{CODES, patient_with_roles},
    identifiers::identifier,
    set::set,
    structures::{secret_key, time},
    tags::create_tags,
};
use crate::{
    aws::{
        convert::Wanted,
        faults::{OrFault, answered},
    },
    driver::{Call, Result},
};

/// What the calls that restore a cluster do not take, and what is set once the cluster is available.
pub const AFTER_RESTORE: &[&str] = &[
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "DatabaseInsightsMode",
    "EnableGlobalWriteForwarding",
    "EnableHttpEndpoint",
    "EnableLocalWriteForwarding",
    "EngineVersion",
    "ManageMasterUserPassword",
    "PreferredMaintenanceWindow",
];

/// Whether a cluster is made out of something else.
pub fn is_restored(want: &Wanted<'_>) -> bool {
    ["SnapshotIdentifier", "SourceDBClusterIdentifier", "SourceDbClusterResourceId"]
        .iter()
        .any(|source| want.raw(source).is_some())
}

/// Makes the cluster.
pub async fn create(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbCluster> {
    check(call, want)?;
    if want.raw("SnapshotIdentifier").is_some() {
        from_snapshot(rds, call, want).await
    } else if is_restored(want) {
        from_cluster(rds, call, want).await
    } else {
        from_nothing(rds, call, want).await
    }
}

/// What would be lost without a word, or fail after half an hour.
fn check(call: &Call, want: &Wanted<'_>) -> Result<()> {
    if is_restored(want) && want.raw("MasterUserPassword").is_some() {
        return Err(want.invalid(
            "a restored cluster keeps the password of its source; leave `MasterUserPassword` out, and set it in a later \
             run if it is to change",
        ));
    }
    let is_abroad = want.text::<String>("SourceRegion")?.is_some_and(|region| region != call.place.region);
    if is_abroad && want.raw("KmsKeyId").is_some() {
        return Err(want.invalid(
            "an encrypted replica of a cluster in another region needs a request signed for that region, which is not \
             supported; use a global cluster (`GlobalClusterIdentifier`)",
        ));
    }
    Ok(())
}

/// What all three calls take.
macro_rules! common {
    ($request:expr, $call:expr, $want:expr) => {
        set!($request, $want;
            long set_backtrack_window "BacktrackWindow",
            whole set_backup_retention_period "BackupRetentionPeriod",
            flag set_copy_tags_to_snapshot "CopyTagsToSnapshot",
            text set_db_cluster_instance_class "DBClusterInstanceClass",
            text set_db_cluster_parameter_group_name "DBClusterParameterGroupName",
            text set_db_subnet_group_name "DBSubnetGroupName",
            flag set_deletion_protection "DeletionProtection",
            text set_domain "Domain",
            text set_domain_iam_role_name "DomainIAMRoleName",
            texts set_enable_cloudwatch_logs_exports "EnableCloudwatchLogsExports",
            flag set_enable_iam_database_authentication "EnableIAMDatabaseAuthentication",
            text set_engine_lifecycle_support "EngineLifecycleSupport",
            text set_engine_mode "EngineMode",
            whole set_iops "Iops",
            text set_kms_key_id "KmsKeyId",
            whole set_monitoring_interval "MonitoringInterval",
            text set_monitoring_role_arn "MonitoringRoleArn",
            text set_network_type "NetworkType",
            flag set_enable_performance_insights "PerformanceInsightsEnabled",
            text set_performance_insights_kms_key_id "PerformanceInsightsKmsKeyId",
            whole set_performance_insights_retention_period "PerformanceInsightsRetentionPeriod",
            whole set_port "Port",
            text set_preferred_backup_window "PreferredBackupWindow",
            flag set_publicly_accessible "PubliclyAccessible",
            text set_storage_type "StorageType",
            texts set_vpc_security_group_ids "VpcSecurityGroupIds",
        )
        .set_db_cluster_identifier(identifier($want, "DBClusterIdentifier")?)
        .set_associated_roles(roles($want)?)
        .set_scaling_configuration(scaling($want)?)
        .set_serverless_v2_scaling_configuration(serverless_scaling($want)?)
        .set_tags(Some(create_tags($call, $want)?))
    };
}

async fn from_nothing(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbCluster> {
    let request = set!(common!(rds.create_db_cluster(), call, want), want;
        whole set_allocated_storage "AllocatedStorage",
        flag set_auto_minor_version_upgrade "AutoMinorVersionUpgrade",
        texts set_availability_zones "AvailabilityZones",
        text set_cluster_scalability_type "ClusterScalabilityType",
        text set_db_system_id "DBSystemId",
        text set_database_insights_mode "DatabaseInsightsMode",
        text set_database_name "DatabaseName",
        flag set_enable_global_write_forwarding "EnableGlobalWriteForwarding",
        flag set_enable_http_endpoint "EnableHttpEndpoint",
        flag set_enable_local_write_forwarding "EnableLocalWriteForwarding",
        text set_engine "Engine",
        text set_engine_version "EngineVersion",
        text set_global_cluster_identifier "GlobalClusterIdentifier",
        flag set_manage_master_user_password "ManageMasterUserPassword",
        text set_master_user_authentication_type "MasterUserAuthenticationType",
        text set_master_user_password "MasterUserPassword",
        text set_master_username "MasterUsername",
        text set_preferred_maintenance_window "PreferredMaintenanceWindow",
        text set_replication_source_identifier "ReplicationSourceIdentifier",
        flag set_storage_encrypted "StorageEncrypted",
    );
    let answer = request.set_master_user_secret_kms_key_id(secret_key(want)?).send().await;
    let answer = patient_with_roles(answer.or_fault("rds:CreateDBCluster", CODES))?;
    answered(answer.db_cluster, "rds:CreateDBCluster")
}

async fn from_snapshot(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbCluster> {
    let request = set!(common!(rds.restore_db_cluster_from_snapshot(), call, want), want;
        texts set_availability_zones "AvailabilityZones",
        text set_database_name "DatabaseName",
        text set_engine "Engine",
        text set_engine_version "EngineVersion",
        text set_snapshot_identifier "SnapshotIdentifier",
    );
    let answer = request.send().await.or_fault("rds:RestoreDBClusterFromSnapshot", CODES);
    answered(patient_with_roles(answer)?.db_cluster, "rds:RestoreDBClusterFromSnapshot")
}

async fn from_cluster(rds: &Client, call: &Call, want: &Wanted<'_>) -> Result<DbCluster> {
    let request = set!(common!(rds.restore_db_cluster_to_point_in_time(), call, want), want;
        text set_restore_type "RestoreType",
        text set_source_db_cluster_identifier "SourceDBClusterIdentifier",
        text set_source_db_cluster_resource_id "SourceDbClusterResourceId",
        flag set_use_latest_restorable_time "UseLatestRestorableTime",
    );
    let answer = request.set_restore_to_time(time(want, "RestoreToTime")?).send().await;
    let answer = patient_with_roles(answer.or_fault("rds:RestoreDBClusterToPointInTime", CODES))?;
    answered(answer.db_cluster, "rds:RestoreDBClusterToPointInTime")
}

fn roles(want: &Wanted<'_>) -> Result<Option<Vec<DbClusterAssociatedRole>>> {
    let roles = want.items("AssociatedRoles")?.into_iter().map(|role| {
        let builder = DbClusterAssociatedRole::builder()
            .set_role_arn(role.text("RoleArn")?)
            .set_feature_name(role.text("FeatureName")?);
        builder.build().map_err(|error| want.invalid(format!("a role in `AssociatedRoles` is not complete: {error}")))
    });
    let roles = roles.collect::<Result<Vec<_>>>()?;
    Ok(if roles.is_empty() { None } else { Some(roles) })
}

/// How a cluster of the first kind of serverless scales.
pub fn scaling(want: &Wanted<'_>) -> Result<Option<ScalingConfiguration>> {
    let Some(scaling) = want.inner("ScalingConfiguration")? else { return Ok(None) };
    let builder = set!(ScalingConfiguration::builder(), scaling;
        flag set_auto_pause "AutoPause",
        whole set_max_capacity "MaxCapacity",
        whole set_min_capacity "MinCapacity",
        whole set_seconds_before_timeout "SecondsBeforeTimeout",
        whole set_seconds_until_auto_pause "SecondsUntilAutoPause",
        text set_timeout_action "TimeoutAction",
    );
    Ok(Some(builder.build()))
}

/// How serverless instances of a cluster scale.
pub fn serverless_scaling(want: &Wanted<'_>) -> Result<Option<ServerlessV2ScalingConfiguration>> {
    let Some(scaling) = want.inner("ServerlessV2ScalingConfiguration")? else { return Ok(None) };
    let builder = set!(ServerlessV2ScalingConfiguration::builder(), scaling;
        decimal set_max_capacity "MaxCapacity",
        decimal set_min_capacity "MinCapacity",
        whole set_seconds_until_auto_pause "SecondsUntilAutoPause",
    );
    Ok(Some(builder.build()))
}
