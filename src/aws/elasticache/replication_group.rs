//! AWS::ElastiCache::ReplicationGroup
//! API: CreateReplicationGroup, ModifyReplicationGroup, ModifyReplicationGroupShardConfiguration, IncreaseReplicaCount,
//! DecreaseReplicaCount, AddTagsToResource, RemoveTagsFromResource, DescribeReplicationGroups, ListTagsForResource,
//! DisassociateGlobalReplicationGroup, DeleteReplicationGroup.  Identity: ReplicationGroupId.  Found by: that name, with
//! the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    types::{
        AutomaticFailoverStatus, DataTieringStatus, Endpoint, MultiAzStatus, NodeGroup, NodeGroupConfiguration,
        NodeGroupMember, ReplicationGroup, ReplicationGroupPendingModifiedValues,
    },
};

use super::{
    cache_cluster::observed_endpoint,
    codes::CODES,
    log_delivery, replication_group_change,
    status::{AVAILABLE, has_failed, is_going, stands},
    tags::{is_ours, retag, tags, tags_at, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, sole, visible},
        faults::{Codes, OrFault, answered, failed, found, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ElastiCache::ReplicationGroup";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ReplicationGroupDriver { aws: aws.clone() })
}

struct ReplicationGroupDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ReplicationGroupDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .elasticache(&call.place)
            .await
            .create_replication_group()
            .set_replication_group_id(properties.text("ReplicationGroupId")?)
            .set_replication_group_description(properties.text("ReplicationGroupDescription")?)
            .set_global_replication_group_id(properties.text("GlobalReplicationGroupId")?)
            .set_primary_cluster_id(properties.text("PrimaryClusterId")?)
            .set_automatic_failover_enabled(properties.flag("AutomaticFailoverEnabled")?)
            .set_multi_az_enabled(properties.flag("MultiAZEnabled")?)
            .set_num_cache_clusters(properties.whole("NumCacheClusters")?)
            .set_preferred_cache_cluster_azs(properties.texts("PreferredCacheClusterAZs")?)
            .set_num_node_groups(properties.whole("NumNodeGroups")?)
            .set_replicas_per_node_group(properties.whole("ReplicasPerNodeGroup")?)
            .set_node_group_configuration(node_groups(&properties)?)
            .set_cache_node_type(properties.text("CacheNodeType")?)
            .set_engine(properties.text("Engine")?)
            .set_engine_version(properties.text("EngineVersion")?)
            .set_cache_parameter_group_name(properties.text("CacheParameterGroupName")?)
            .set_cache_subnet_group_name(properties.text("CacheSubnetGroupName")?)
            .set_cache_security_group_names(properties.texts("CacheSecurityGroupNames")?)
            .set_security_group_ids(properties.texts("SecurityGroupIds")?)
            .set_snapshot_arns(properties.texts("SnapshotArns")?)
            .set_snapshot_name(properties.text("SnapshotName")?)
            .set_preferred_maintenance_window(properties.text("PreferredMaintenanceWindow")?)
            .set_port(properties.whole("Port")?)
            .set_notification_topic_arn(properties.text("NotificationTopicArn")?)
            .set_auto_minor_version_upgrade(properties.flag("AutoMinorVersionUpgrade")?)
            .set_snapshot_retention_limit(properties.whole("SnapshotRetentionLimit")?)
            .set_snapshot_window(properties.text("SnapshotWindow")?)
            .set_auth_token(properties.text("AuthToken")?)
            .set_transit_encryption_enabled(properties.flag("TransitEncryptionEnabled")?)
            .set_transit_encryption_mode(properties.text("TransitEncryptionMode")?)
            .set_at_rest_encryption_enabled(properties.flag("AtRestEncryptionEnabled")?)
            .set_kms_key_id(properties.text("KmsKeyId")?)
            .set_user_group_ids(properties.texts("UserGroupIds")?)
            .set_log_delivery_configurations(log_delivery::requests(&properties)?)
            .set_data_tiering_enabled(properties.flag("DataTieringEnabled")?)
            .set_network_type(properties.text("NetworkType")?)
            .set_ip_discovery(properties.text("IpDiscovery")?)
            .set_cluster_mode(properties.text("ClusterMode")?)
            .set_durability(properties.text("Durability")?)
            .set_tags(Some(tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticache:CreateReplicationGroup", FAULTS)?;
        let group = answered(answer.replication_group, "elasticache:CreateReplicationGroup")?;
        Ok(pending(&made(TYPE, observed(&group)), "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.elasticache(&call.place).await, Some(&so_far.id.0)).await?;
        let Some(group) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        let status = group.status().unwrap_or(AVAILABLE);
        if has_failed(status) || is_going(status) {
            return Err(failed("elasticache:CreateReplicationGroup", None, Some(status), so_far));
        }
        let nodes = group.node_groups().iter().filter_map(NodeGroup::status);
        let unready = [status].into_iter().chain(nodes).find(|status| *status != AVAILABLE);
        let changing = group.pending_modified_values().and_then(changing);
        let word = unready.or(changing);
        Ok(word.map_or_else(|| visible(TYPE, so_far, Some(observed(group))), |word| pending(so_far, word)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, sole(ids)).await?;
        found.retain(|group| ids.iter().any(|id| group.replication_group_id() == Some(&id.0)));
        found.retain(|group| stands(group.status()));
        Ok(in_order(TYPE, ids, each(found.iter().map(|group| document(&elasticache, group))).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let live = describe(&elasticache, Some(changed.id())).await?.into_iter().next();
        let Some(live) = live else {
            return Err(Fault::new(FaultKind::NotFound, "elasticache:DescribeReplicationGroups", "the group is gone"));
        };
        retag(&elasticache, live.arn(), &changed).await?;
        replication_group_change::carry_out(&elasticache, &changed, &live).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let found = describe(&elasticache, Some(&id.0)).await?;
        let live = found.first();
        if !live.and_then(ReplicationGroup::status).is_some_and(is_going) {
            if let Some(global) = live.and_then(followed) {
                leave(&elasticache, global, &id.0, &call.place).await?;
            }
            let request = elasticache.delete_replication_group().replication_group_id(&id.0);
            let request = request.set_final_snapshot_identifier(removal.final_snapshot.clone());
            let deleted = request.send().await.or_fault("elasticache:DeleteReplicationGroup", FAULTS);
            if deleted.is_err() {
                return gone(deleted);
            }
        }
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("ReplicationGroupId") else { return Ok(Vec::new()) };
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, Some(name)).await?;
        found.retain(|group| !group.status().is_some_and(is_going));
        let ours = each(found.iter().map(|group| is_ours(&elasticache, group.arn(), call))).await?;
        let ours = found.iter().zip(ours).filter_map(|(group, is_ours)| is_ours.then_some(group));
        Ok(identities(TYPE, ours.map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ReplicationGroupDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elasticache = self.aws.elasticache(place).await;
        let mut found = describe(&elasticache, None).await?;
        found.retain(|group| stands(group.status()));
        each(found.iter().map(|group| document(&elasticache, group))).await
    }
}

/// The group of this name, or all.
async fn describe(elasticache: &Client, name: Option<&str>) -> Result<Vec<ReplicationGroup>> {
    let request = elasticache.describe_replication_groups().set_replication_group_id(name.map(str::to_owned));
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticache:DescribeReplicationGroups", FAULTS))
}

fn node_groups(want: &Wanted<'_>) -> Result<Option<Vec<NodeGroupConfiguration>>> {
    let groups = want.items("NodeGroupConfiguration")?.into_iter().map(|group| {
        let builder = NodeGroupConfiguration::builder()
            .set_node_group_id(group.text("NodeGroupId")?)
            .set_slots(group.text("Slots")?)
            .set_replica_count(group.whole("ReplicaCount")?)
            .set_primary_availability_zone(group.text("PrimaryAvailabilityZone")?)
            .set_replica_availability_zones(group.texts("ReplicaAvailabilityZones")?);
        Ok(builder.build())
    });
    let groups = groups.collect::<Result<Vec<_>>>()?;
    Ok(if groups.is_empty() { None } else { Some(groups) })
}

/// What is announced and will be carried out although the status does not show it yet.
fn changing(pending: &ReplicationGroupPendingModifiedValues) -> Option<&'static str> {
    let announced = [
        (pending.automatic_failover_status().is_some(), "failover is changing"),
        (pending.resharding().is_some(), "resharding"),
        (pending.auth_token_status().is_some(), "the token is changing"),
        (pending.user_groups().is_some(), "user groups are changing"),
        (!pending.log_delivery_configurations().is_empty(), "log delivery is changing"),
        (pending.transit_encryption_enabled().is_some(), "encryption in transit is changing"),
        (pending.transit_encryption_mode().is_some(), "encryption in transit is changing"),
        (pending.cluster_mode().is_some(), "the cluster mode is changing"),
    ];
    announced.into_iter().find(|(is_announced, _)| *is_announced).map(|(_, word)| word)
}

/// The global group that this one follows. Such a follower cannot be deleted; a leader goes with its global group.
fn followed(group: &ReplicationGroup) -> Option<&str> {
    let info = group.global_replication_group_info()?;
    let is_follower = info.global_replication_group_member_role() == Some("SECONDARY");
    info.global_replication_group_id().filter(|_| is_follower)
}

async fn leave(elasticache: &Client, global: &str, group: &str, place: &Place) -> Result<()> {
    let request = elasticache
        .disassociate_global_replication_group()
        .global_replication_group_id(global)
        .replication_group_id(group)
        .replication_group_region(&place.region);
    request.send().await.or_fault("elasticache:DisassociateGlobalReplicationGroup", FAULTS)?;
    Ok(())
}

async fn document(elasticache: &Client, group: &ReplicationGroup) -> Result<Doc> {
    let tags = tags_at(elasticache, group.arn()).await?;
    Ok(observed(group).with_list("Tags", tags_of(&tags)).into())
}

fn observed(group: &ReplicationGroup) -> Observed {
    let is_on = |status: &AutomaticFailoverStatus| {
        matches!(status, AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
    };
    let global = group.global_replication_group_info().and_then(|info| info.global_replication_group_id());
    let document = Observed::new()
        .with("ReplicationGroupId", group.replication_group_id())
        .with("ReplicationGroupDescription", group.description())
        .with("AtRestEncryptionEnabled", group.at_rest_encryption_enabled())
        .with("AutoMinorVersionUpgrade", group.auto_minor_version_upgrade())
        .with("AutomaticFailoverEnabled", group.automatic_failover().map(is_on))
        .with("CacheNodeType", group.cache_node_type())
        .with("ClusterMode", group.cluster_mode().map(|mode| mode.as_str()))
        .with("DataTieringEnabled", group.data_tiering().map(|status| *status == DataTieringStatus::Enabled))
        .with("Durability", group.durability().map(|durability| durability.as_str()))
        .with("EffectiveDurability", group.effective_durability().map(|durability| durability.as_str()))
        .with("Engine", group.engine())
        .with("GlobalReplicationGroupId", global)
        .with("IpDiscovery", group.ip_discovery().map(|discovery| discovery.as_str()))
        .with("KmsKeyId", group.kms_key_id())
        .with_list("LogDeliveryConfigurations", log_delivery::observed(group.log_delivery_configurations()))
        .with("MultiAZEnabled", group.multi_az().map(|status| *status == MultiAzStatus::Enabled))
        .with("NetworkType", group.network_type().map(|network| network.as_str()))
        .with("SnapshotRetentionLimit", group.snapshot_retention_limit())
        .with("SnapshotWindow", group.snapshot_window())
        .with("SnapshottingClusterId", group.snapshotting_cluster_id())
        .with("TransitEncryptionEnabled", group.transit_encryption_enabled())
        .with("TransitEncryptionMode", group.transit_encryption_mode().map(|mode| mode.as_str()))
        .with_list("UserGroupIds", group.user_group_ids().iter().map(String::as_str));
    with_nodes(document, group)
}

/// How many nodes there are, and where they answer.
fn with_nodes(document: Observed, group: &ReplicationGroup) -> Observed {
    let shards = group.node_groups();
    let shard = shards.first();
    let is_cluster = group.cluster_enabled().unwrap_or(shards.len() > 1);
    let members: usize = shards.iter().map(|shard| shard.node_group_members().len()).sum();
    let members = if members == 0 { group.member_clusters().len() } else { members };
    let replicas = shard.map(|shard| shard.node_group_members().len().saturating_sub(1));
    let primary = shard.and_then(NodeGroup::primary_endpoint);
    let reading = |shard: &NodeGroup| observed_readers(shard.node_group_members());
    document
        .with("NumCacheClusters", Some(members).filter(|count| *count > 0))
        .with("NumNodeGroups", Some(shards.len()).filter(|count| *count > 0))
        .with("ReplicasPerNodeGroup", replicas)
        .with("Port", group.configuration_endpoint().or(primary).and_then(Endpoint::port))
        .with("ConfigurationEndPoint", group.configuration_endpoint().map(observed_endpoint))
        .with("PrimaryEndPoint", primary.filter(|_| !is_cluster).map(observed_endpoint))
        .with(
            "ReaderEndPoint",
            shard.filter(|_| !is_cluster).and_then(NodeGroup::reader_endpoint).map(observed_endpoint),
        )
        .with("ReadEndPoint", shard.filter(|_| !is_cluster).map(reading))
}

/// Each node by itself. CloudFormation writes the lists as text too: `[a, b]`.
fn observed_readers(members: &[NodeGroupMember]) -> Observed {
    let endpoints = || members.iter().filter_map(NodeGroupMember::read_endpoint);
    let addresses: Vec<&str> = endpoints().filter_map(Endpoint::address).collect();
    let ports: Vec<String> = endpoints().filter_map(Endpoint::port).map(|port| port.to_string()).collect();
    Observed::new()
        .with("Addresses", Some(format!("[{}]", addresses.join(", "))))
        .with("Ports", Some(format!("[{}]", ports.join(", "))))
        .with_list("AddressesList", addresses)
        .with_list("PortsList", ports)
}

const FAULTS: Codes = CODES;
