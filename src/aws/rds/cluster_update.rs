//! The requests that change a cluster.

use aws_sdk_rds::{Client, operation::modify_db_cluster::builders::ModifyDBClusterFluentBuilder, types::DbCluster};
use serde_json::{Value as Json, json};

use super::{
    changes::{RoleChange, password, refuse_another, role_change, secret_key, to_send},
    cluster::TYPE,
    cluster_request::{scaling, serverless_scaling},
    codes::{CODES, patient_with_roles},
    set::set,
    structures::logs,
};
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::{OrFault, there},
    },
    driver::{Change, FaultKind, Result},
};

/// What RDS wants to be told together.
const TOGETHER: &[&[&str]] = &[
    &["AllocatedStorage", "Iops", "StorageType"],
    &["DatabaseInsightsMode", "PerformanceInsightsEnabled", "PerformanceInsightsRetentionPeriod"],
    &["Domain", "DomainIAMRoleName"],
    &["MonitoringInterval", "MonitoringRoleArn"],
    &["PerformanceInsightsEnabled", "PerformanceInsightsKmsKeyId"],
];

/// Refuses what no call changes. A property that only says what a cluster is made from may be taken away.
pub fn check(changed: &Changed<'_>) -> Result<()> {
    changed.refuse(&["Engine", "MasterUsername"])?;
    refuse_another(changed, &["GlobalClusterIdentifier", "ReplicationSourceIdentifier"])?;
    // Aurora spreads its storage over three zones, however few of them are named.
    if changed.touches("AvailabilityZones") && !changed.texts("AvailabilityZones")?.0.is_empty() {
        changed.refuse(&["AvailabilityZones"])?;
    }
    Ok(())
}

/// Changes what one call can change, at once and not in the next maintenance window. Whether there was anything.
pub async fn modify(rds: &Client, change: &Change) -> Result<bool> {
    let changed = Changed::new(TYPE, change);
    let doc = to_send(change, TOGETHER, &defaults());
    let want = Wanted::new(TYPE, &doc);
    let is_other_version = changed.touches("EngineVersion");
    let nothing = rds.modify_db_cluster();
    let request = with_plain(&want, nothing.clone())?;
    let request = request
        .set_cloudwatch_logs_export_configuration(logs(&changed)?)
        .set_master_user_password(password(&changed)?)
        .set_master_user_secret_kms_key_id(secret_key(&changed)?)
        .set_scaling_configuration(scaling(&want)?)
        .set_serverless_v2_scaling_configuration(serverless_scaling(&want)?);
    if request.as_input() == nothing.as_input() {
        return Ok(false);
    }
    let parameters = if is_other_version { changed.want.text("DBInstanceParameterGroupName")? } else { None };
    let request = request
        .db_cluster_identifier(changed.id())
        .apply_immediately(true)
        .set_allow_major_version_upgrade(is_other_version.then_some(true))
        .set_db_instance_parameter_group_name(parameters);
    patient_with_roles(request.send().await.or_fault("rds:ModifyDBCluster", CODES))?;
    Ok(true)
}

/// What AWS has where nothing is said.
fn defaults() -> Json {
    json!({
        "AutoMinorVersionUpgrade": true, "BacktrackWindow": 0, "BackupRetentionPeriod": 1, "CopyTagsToSnapshot": false,
        "DatabaseInsightsMode": "standard", "DeletionProtection": false, "Domain": "none",
        "EnableGlobalWriteForwarding": false, "EnableIAMDatabaseAuthentication": false,
        "EnableLocalWriteForwarding": false, "ManageMasterUserPassword": false, "MonitoringInterval": 0,
        "PerformanceInsightsEnabled": false,
    })
}

/// What is a text, a number, a flag or a list of texts.
fn with_plain(want: &Wanted<'_>, request: ModifyDBClusterFluentBuilder) -> Result<ModifyDBClusterFluentBuilder> {
    Ok(set!(request, want;
        whole set_allocated_storage "AllocatedStorage",
        flag set_auto_minor_version_upgrade "AutoMinorVersionUpgrade",
        long set_backtrack_window "BacktrackWindow",
        whole set_backup_retention_period "BackupRetentionPeriod",
        flag set_copy_tags_to_snapshot "CopyTagsToSnapshot",
        text set_db_cluster_instance_class "DBClusterInstanceClass",
        text set_db_cluster_parameter_group_name "DBClusterParameterGroupName",
        text set_database_insights_mode "DatabaseInsightsMode",
        flag set_deletion_protection "DeletionProtection",
        text set_domain "Domain",
        text set_domain_iam_role_name "DomainIAMRoleName",
        flag set_enable_global_write_forwarding "EnableGlobalWriteForwarding",
        flag set_enable_iam_database_authentication "EnableIAMDatabaseAuthentication",
        flag set_enable_local_write_forwarding "EnableLocalWriteForwarding",
        text set_engine_lifecycle_support "EngineLifecycleSupport",
        text set_engine_version "EngineVersion",
        whole set_iops "Iops",
        flag set_manage_master_user_password "ManageMasterUserPassword",
        text set_master_user_authentication_type "MasterUserAuthenticationType",
        whole set_monitoring_interval "MonitoringInterval",
        text set_monitoring_role_arn "MonitoringRoleArn",
        text set_network_type "NetworkType",
        flag set_enable_performance_insights "PerformanceInsightsEnabled",
        text set_performance_insights_kms_key_id "PerformanceInsightsKmsKeyId",
        whole set_performance_insights_retention_period "PerformanceInsightsRetentionPeriod",
        whole set_port "Port",
        text set_preferred_backup_window "PreferredBackupWindow",
        text set_preferred_maintenance_window "PreferredMaintenanceWindow",
        text set_storage_type "StorageType",
        texts set_vpc_security_group_ids "VpcSecurityGroupIds",
    ))
}

/// Changes what has calls of its own. Whether there was anything.
pub async fn adjust(rds: &Client, changed: &Changed<'_>, live: &DbCluster) -> Result<bool> {
    let endpoint = set_http_endpoint(rds, changed, live).await?;
    let roles = set_roles(rds, changed).await?;
    let mut has_left = false;
    if changed.touches("ReplicationSourceIdentifier") && live.replication_source_identifier().is_some() {
        let request = rds.promote_read_replica_db_cluster().db_cluster_identifier(changed.id());
        request.send().await.or_fault("rds:PromoteReadReplicaDBCluster", CODES)?;
        has_left = true;
    }
    if changed.touches("GlobalClusterIdentifier") {
        has_left |= leave_global_cluster(rds, live).await?;
    }
    Ok(endpoint || roles || has_left)
}

/// Detaches a cluster from the global cluster that it is a member of; it goes on by itself. Whether it was one.
pub async fn leave_global_cluster(rds: &Client, cluster: &DbCluster) -> Result<bool> {
    let Some(global) = cluster.global_cluster_identifier().filter(|id| !id.is_empty()) else { return Ok(false) };
    let global = global.rsplit(':').next().unwrap_or(global);
    let arn = cluster.db_cluster_arn();
    let found = rds.describe_global_clusters().global_cluster_identifier(global).send().await;
    let found = match found.or_fault("rds:DescribeGlobalClusters", CODES) {
        Err(fault) if fault.kind == FaultKind::NotFound => return Ok(false),
        found => found?,
    };
    let mut members = found
        .global_clusters()
        .iter()
        .filter(|candidate| candidate.global_cluster_identifier() == Some(global))
        .flat_map(|found| found.global_cluster_members());
    if !members.any(|member| member.db_cluster_arn() == arn) {
        return Ok(false);
    }
    let request = rds
        .remove_from_global_cluster()
        .global_cluster_identifier(global)
        .set_db_cluster_identifier(arn.map(str::to_owned));
    Ok(there(request.send().await.or_fault("rds:RemoveFromGlobalCluster", CODES))?.is_some())
}

/// The Data API has calls of its own, but for the first kind of serverless.
async fn set_http_endpoint(rds: &Client, changed: &Changed<'_>, live: &DbCluster) -> Result<bool> {
    let Some(enable) = changed.flag("EnableHttpEndpoint", false)? else { return Ok(false) };
    let arn = live.db_cluster_arn().unwrap_or_default();
    if live.engine_mode() == Some("serverless") {
        let request = rds.modify_db_cluster().db_cluster_identifier(changed.id()).apply_immediately(true);
        request.enable_http_endpoint(enable).send().await.or_fault("rds:ModifyDBCluster", CODES)?;
    } else if enable {
        rds.enable_http_endpoint().resource_arn(arn).send().await.or_fault("rds:EnableHttpEndpoint", CODES)?;
    } else {
        rds.disable_http_endpoint().resource_arn(arn).send().await.or_fault("rds:DisableHttpEndpoint", CODES)?;
    }
    Ok(true)
}

/// Takes roles away first: a feature has one role at a time.
async fn set_roles(rds: &Client, changed: &Changed<'_>) -> Result<bool> {
    let RoleChange { take, give } = role_change(changed)?;
    let has_any = !take.is_empty() || !give.is_empty();
    let named = |feature: String| if feature.is_empty() { None } else { Some(feature) };
    for (feature, arn) in take {
        let request = rds.remove_role_from_db_cluster().db_cluster_identifier(changed.id()).role_arn(arn);
        let request = request.set_feature_name(named(feature));
        match request.send().await.or_fault("rds:RemoveRoleFromDBCluster", CODES) {
            Err(fault) if fault.kind != FaultKind::NotFound => return Err(fault),
            _ => {}
        }
    }
    for (feature, arn) in give {
        let request = rds.add_role_to_db_cluster().db_cluster_identifier(changed.id()).role_arn(arn);
        let request = request.set_feature_name(named(feature));
        match request.send().await.or_fault("rds:AddRoleToDBCluster", CODES) {
            Err(fault) if fault.kind != FaultKind::AlreadyExists => return Err(fault),
            _ => {}
        }
    }
    Ok(has_any)
}
