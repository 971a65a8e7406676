//! AWS::ElastiCache::CacheCluster
//! API: CreateCacheCluster, ModifyCacheCluster, AddTagsToResource, RemoveTagsFromResource, DescribeCacheClusters,
//! ListTagsForResource, DeleteCacheCluster.  Identity: ClusterName.  Found by: that name, with the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticache::{
    Client,
    types::{CacheCluster, CacheNode, Endpoint, NotificationConfiguration, PendingModifiedValues},
};

use super::{
    codes::CODES,
    log_delivery,
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
pub const TYPE: &str = "AWS::ElastiCache::CacheCluster";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(CacheClusterDriver { aws: aws.clone() })
}

struct CacheClusterDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for CacheClusterDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .elasticache(&call.place)
            .await
            .create_cache_cluster()
            .set_cache_cluster_id(properties.text("ClusterName")?)
            .set_az_mode(properties.text("AZMode")?)
            .set_preferred_availability_zone(properties.text("PreferredAvailabilityZone")?)
            .set_preferred_availability_zones(properties.texts("PreferredAvailabilityZones")?)
            .set_num_cache_nodes(properties.whole("NumCacheNodes")?)
            .set_cache_node_type(properties.text("CacheNodeType")?)
            .set_engine(properties.text("Engine")?)
            .set_engine_version(properties.text("EngineVersion")?)
            .set_cache_parameter_group_name(properties.text("CacheParameterGroupName")?)
            .set_cache_subnet_group_name(properties.text("CacheSubnetGroupName")?)
            .set_cache_security_group_names(properties.texts("CacheSecurityGroupNames")?)
            .set_security_group_ids(properties.texts("VpcSecurityGroupIds")?)
            .set_snapshot_arns(properties.texts("SnapshotArns")?)
            .set_snapshot_name(properties.text("SnapshotName")?)
            .set_preferred_maintenance_window(properties.text("PreferredMaintenanceWindow")?)
            .set_port(properties.whole("Port")?)
            .set_notification_topic_arn(properties.text("NotificationTopicArn")?)
            .set_auto_minor_version_upgrade(properties.flag("AutoMinorVersionUpgrade")?)
            .set_snapshot_retention_limit(properties.whole("SnapshotRetentionLimit")?)
            .set_snapshot_window(properties.text("SnapshotWindow")?)
            .set_log_delivery_configurations(log_delivery::requests(&properties)?)
            .set_transit_encryption_enabled(properties.flag("TransitEncryptionEnabled")?)
            .set_network_type(properties.text("NetworkType")?)
            .set_ip_discovery(properties.text("IpDiscovery")?)
            .set_tags(Some(tags(call, &properties)?));
        let answer = request.send().await.or_fault("elasticache:CreateCacheCluster", FAULTS)?;
        let cluster = answered(answer.cache_cluster, "elasticache:CreateCacheCluster")?;
        Ok(pending(&made(TYPE, observed(&cluster)), "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = describe(&self.aws.elasticache(&call.place).await, Some(&so_far.id.0)).await?;
        let Some(cluster) = found.first() else { return Ok(pending(so_far, "not visible yet")) };
        let status = cluster.cache_cluster_status().unwrap_or(AVAILABLE);
        if has_failed(status) || is_going(status) {
            return Err(failed("elasticache:CreateCacheCluster", None, Some(status), so_far));
        }
        if status == AVAILABLE && cluster.pending_modified_values().is_some_and(is_changing) {
            return Ok(pending(so_far, "changes are pending"));
        }
        Ok(if status == AVAILABLE { visible(TYPE, so_far, Some(observed(cluster))) } else { pending(so_far, status) })
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, sole(ids)).await?;
        found.retain(|cluster| ids.iter().any(|id| cluster.cache_cluster_id() == Some(&id.0)));
        found.retain(|cluster| stands(cluster.cache_cluster_status()));
        Ok(in_order(TYPE, ids, each(found.iter().map(|cluster| document(&elasticache, cluster))).await?))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["PreferredAvailabilityZone", "TransitEncryptionEnabled"])?;
        let live = describe(&elasticache, Some(changed.id())).await?.into_iter().next();
        let Some(live) = live else {
            return Err(Fault::new(FaultKind::NotFound, "elasticache:DescribeCacheClusters", "the cluster is gone"));
        };
        retag(&elasticache, live.arn(), &changed).await?;
        modify(&elasticache, &changed, &live).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let elasticache = self.aws.elasticache(&call.place).await;
        let found = describe(&elasticache, Some(&id.0)).await?;
        if !found.first().and_then(CacheCluster::cache_cluster_status).is_some_and(is_going) {
            let request = elasticache.delete_cache_cluster().cache_cluster_id(&id.0);
            let request = request.set_final_snapshot_identifier(removal.final_snapshot.clone());
            let deleted = request.send().await.or_fault("elasticache:DeleteCacheCluster", FAULTS);
            if deleted.is_err() {
                return gone(deleted);
            }
        }
        Ok(Progress::Pending { so_far: (), note: "deleting".to_owned() })
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("ClusterName") else { return Ok(Vec::new()) };
        let elasticache = self.aws.elasticache(&call.place).await;
        let mut found = describe(&elasticache, Some(name)).await?;
        found.retain(|cluster| !cluster.cache_cluster_status().is_some_and(is_going));
        let ours = each(found.iter().map(|cluster| is_ours(&elasticache, cluster.arn(), call))).await?;
        let ours = found.iter().zip(ours).filter_map(|(cluster, is_ours)| is_ours.then_some(cluster));
        Ok(identities(TYPE, ours.map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for CacheClusterDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let elasticache = self.aws.elasticache(place).await;
        let mut found = describe(&elasticache, None).await?;
        found.retain(|cluster| stands(cluster.cache_cluster_status()));
        each(found.iter().map(|cluster| document(&elasticache, cluster))).await
    }
}

/// The cluster of this name, or all that belong to no replication group.
async fn describe(elasticache: &Client, name: Option<&str>) -> Result<Vec<CacheCluster>> {
    let request = elasticache.describe_cache_clusters().set_cache_cluster_id(name.map(str::to_owned));
    let request = request
        .show_cache_node_info(true)
        .set_show_cache_clusters_not_in_replication_groups(if name.is_none() { Some(true) } else { None });
    let answer = request.into_paginator().items().send().try_collect().await;
    found(answer.or_fault("elasticache:DescribeCacheClusters", FAULTS))
}

/// What can be changed on an existing cluster.
const MODIFIABLE: &[&str] = &[
    "AZMode",
    "AutoMinorVersionUpgrade",
    "CacheNodeType",
    "CacheParameterGroupName",
    "CacheSecurityGroupNames",
    "EngineVersion",
    "IpDiscovery",
    "LogDeliveryConfigurations",
    "NotificationTopicArn",
    "NumCacheNodes",
    "PreferredAvailabilityZones",
    "PreferredMaintenanceWindow",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "VpcSecurityGroupIds",
];

/// Changes everything in one request, at once.
async fn modify(elasticache: &Client, change: &Changed<'_>, live: &CacheCluster) -> Result<()> {
    if !MODIFIABLE.iter().any(|name| change.touches(name)) {
        return Ok(());
    }
    let text = |name: &str| if change.touches(name) { change.want.text::<String>(name) } else { Ok(None) };
    let texts = |name: &str| if change.touches(name) { change.want.texts(name) } else { Ok(None) };
    let retention = change.touches("SnapshotRetentionLimit");
    let retention = if retention { Some(change.want.whole("SnapshotRetentionLimit")?.unwrap_or(0)) } else { None };
    let topic = text("NotificationTopicArn")?;
    let topic_status =
        change.touches("NotificationTopicArn").then_some(if topic.is_some() { "active" } else { "inactive" });
    let nodes = nodes(change, live)?;
    let request = elasticache
        .modify_cache_cluster()
        .cache_cluster_id(change.id())
        .apply_immediately(true)
        .set_num_cache_nodes(nodes.count)
        .set_cache_node_ids_to_remove(Some(nodes.remove).filter(|ids| !ids.is_empty()))
        .set_new_availability_zones(Some(nodes.add).filter(|zones| !zones.is_empty()))
        .set_az_mode(text("AZMode")?.as_deref().map(Into::into))
        .set_cache_security_group_names(texts("CacheSecurityGroupNames")?)
        .set_security_group_ids(texts("VpcSecurityGroupIds")?)
        .set_preferred_maintenance_window(text("PreferredMaintenanceWindow")?)
        .set_notification_topic_arn(topic)
        .set_notification_topic_status(topic_status.map(str::to_owned))
        .set_cache_parameter_group_name(text("CacheParameterGroupName")?)
        .set_engine_version(text("EngineVersion")?)
        .set_auto_minor_version_upgrade(change.flag("AutoMinorVersionUpgrade", true)?)
        .set_snapshot_retention_limit(retention)
        .set_snapshot_window(text("SnapshotWindow")?)
        .set_cache_node_type(text("CacheNodeType")?)
        .set_log_delivery_configurations(log_delivery::changes(change)?)
        .set_ip_discovery(text("IpDiscovery")?.as_deref().map(Into::into));
    request.send().await.or_fault("elasticache:ModifyCacheCluster", FAULTS)?;
    Ok(())
}

/// Which nodes come and go.
#[derive(Default)]
struct Nodes {
    count: Option<i32>,
    /// The zones of new nodes, if they are chosen.
    add: Vec<String>,
    /// The ids of nodes that go: those in zones that are no longer wanted, then the youngest.
    remove: Vec<String>,
}

fn nodes(change: &Changed<'_>, live: &CacheCluster) -> Result<Nodes> {
    let count = change.want.whole("NumCacheNodes")?.and_then(|count| usize::try_from(count).ok());
    let zones = change.want.texts("PreferredAvailabilityZones")?.unwrap_or_default();
    let nodes = live.cache_nodes();
    let Some(count) = count.filter(|count| *count != nodes.len()) else {
        // A node cannot move.
        change.refuse(&["PreferredAvailabilityZones"])?;
        return Ok(Nodes::default());
    };
    let mut free = zones;
    let mut surplus: Vec<&CacheNode> = Vec::new();
    let mut kept: Vec<&CacheNode> = Vec::new();
    for node in nodes {
        let zone = free.iter().position(|zone| node.customer_availability_zone() == Some(zone));
        match zone {
            Some(position) => {
                free.swap_remove(position);
                kept.push(node);
            }
            None => surplus.push(node),
        }
    }
    let candidates = surplus.into_iter().rev().chain(kept.into_iter().rev()).filter_map(CacheNode::cache_node_id);
    let remove = candidates.take(nodes.len().saturating_sub(count)).map(str::to_owned).collect();
    let add = if free.len() + nodes.len() == count { free } else { Vec::new() };
    Ok(Nodes { count: change.want.whole("NumCacheNodes")?, add, remove })
}

/// A change is announced before the status shows it.
fn is_changing(pending: &PendingModifiedValues) -> bool {
    pending.num_cache_nodes().is_some() || pending.engine_version().is_some() || pending.cache_node_type().is_some()
}

async fn document(elasticache: &Client, cluster: &CacheCluster) -> Result<Doc> {
    let tags = tags_at(elasticache, cluster.arn()).await?;
    Ok(observed(cluster).with_list("Tags", tags_of(&tags)).into())
}

fn observed(cluster: &CacheCluster) -> Observed {
    let is_memcached = cluster.engine() == Some("memcached");
    let nodes = cluster.cache_nodes();
    let node = nodes.first().and_then(CacheNode::endpoint);
    let endpoint = cluster.configuration_endpoint().or(node);
    let groups = cluster.security_groups().iter().filter_map(|group| group.security_group_id());
    let zones = nodes.iter().filter_map(CacheNode::customer_availability_zone);
    let is_spread = cluster.preferred_availability_zone() == Some("Multiple");
    let version = cluster.engine_version().map(|version| if is_memcached { version } else { as_written(version) });
    let parameters = cluster.cache_parameter_group().and_then(|group| group.cache_parameter_group_name());
    Observed::new()
        .with("ClusterName", cluster.cache_cluster_id())
        .with("AZMode", Some(if is_spread { "cross-az" } else { "single-az" }))
        .with("AutoMinorVersionUpgrade", cluster.auto_minor_version_upgrade())
        .with("CacheNodeType", cluster.cache_node_type())
        .with("CacheParameterGroupName", parameters)
        .with("CacheSubnetGroupName", cluster.cache_subnet_group_name())
        .with("Engine", cluster.engine())
        .with("EngineVersion", version)
        .with("IpDiscovery", cluster.ip_discovery().map(|discovery| discovery.as_str()))
        .with("NetworkType", cluster.network_type().map(|network| network.as_str()))
        .with("NotificationTopicArn", cluster.notification_configuration().and_then(topic))
        .with("NumCacheNodes", cluster.num_cache_nodes())
        .with("Port", endpoint.and_then(Endpoint::port))
        .with_list("PreferredAvailabilityZones", zones)
        .with("PreferredMaintenanceWindow", cluster.preferred_maintenance_window())
        .with("SnapshotRetentionLimit", cluster.snapshot_retention_limit())
        .with("SnapshotWindow", cluster.snapshot_window())
        .with("TransitEncryptionEnabled", cluster.transit_encryption_enabled())
        .with_list("VpcSecurityGroupIds", groups)
        .with_list("LogDeliveryConfigurations", log_delivery::observed(cluster.log_delivery_configurations()))
        .with("ConfigurationEndpoint", cluster.configuration_endpoint().map(observed_endpoint))
        .with("RedisEndpoint", node.filter(|_| !is_memcached).map(observed_endpoint))
}

/// From Redis 6 on the service chooses the third part of a version itself, and refuses to be told one.
fn as_written(version: &str) -> &str {
    let major: Option<u32> = version.split('.').next().and_then(|major| major.parse().ok());
    let third = version.match_indices('.').nth(1).map(|(position, _)| position);
    match (major, third) {
        (Some(6..), Some(third)) => &version[..third],
        _ => version,
    }
}

fn topic(configuration: &NotificationConfiguration) -> Option<&str> {
    configuration.topic_arn().filter(|_| configuration.topic_status() != Some("inactive"))
}

/// An endpoint, its port as text as in the catalogue.
pub(super) fn observed_endpoint(endpoint: &Endpoint) -> Observed {
    Observed::new().with("Address", endpoint.address()).with("Port", endpoint.port().map(|port| port.to_string()))
}

const FAULTS: Codes = CODES;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn live(zones: &[&str]) -> CacheCluster {
        let node = |(index, zone): (usize, &&str)| {
            CacheNode::builder().cache_node_id(format!("{index:04}")).customer_availability_zone(*zone).build()
        };
        CacheCluster::builder().set_cache_nodes(Some(zones.iter().enumerate().map(node).collect())).build()
    }

    fn change(count: u32, zones: &[&str]) -> Change {
        let paths = ["NumCacheNodes", "PreferredAvailabilityZones"].map(crate::base::Path::key).to_vec();
        let want = json!({"NumCacheNodes": count, "PreferredAvailabilityZones": zones}).into();
        Change { id: PhysicalId("c".to_owned()), before: Doc::default(), want, paths }
    }

    #[test]
    fn new_nodes_come_into_the_zones_that_have_none_yet() {
        let change = change(3, &["a", "b", "a"]);
        let nodes = nodes(&Changed::new(TYPE, &change), &live(&["a"])).unwrap();
        assert_eq!((nodes.count, nodes.remove), (Some(3), Vec::new()));
        assert_eq!(nodes.add.len(), 2);
        assert!(nodes.add.contains(&"a".to_owned()) && nodes.add.contains(&"b".to_owned()));
    }

    #[test]
    fn the_nodes_in_zones_that_are_not_wanted_go_first_then_the_youngest() {
        let change = change(1, &["b"]);
        let nodes = nodes(&Changed::new(TYPE, &change), &live(&["a", "b", "b"])).unwrap();
        assert_eq!(nodes.remove, ["0002", "0000"]);
    }

    #[test]
    fn a_node_cannot_move() {
        let change = change(1, &["b"]);
        assert!(nodes(&Changed::new(TYPE, &change), &live(&["a"])).is_err());
    }

    #[test]
    fn versions_are_shown_as_they_are_written() {
        assert_eq!([as_written("7.1.0"), as_written("5.0.6"), as_written("6.2")], ["7.1", "5.0.6", "6.2"]);
    }
}
