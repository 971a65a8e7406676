//! Changes to a replication group, which takes one at a time: while it carries one out, it refuses all others.
//!
//! So a change that needs several requests is carried out in several attempts, and every attempt begins by looking at what
//! is there: shards and replicas first, then everything else in one request. A refusal because the group is busy is
//! `NotReady`, and brings the engine back here.
//!
//! A token takes effect beside the former one (`ROTATE`), which stays valid until the next change, so that no client is
//! locked out; the first token of a group is required at once (`SET`).

use aws_sdk_elasticache::{
    Client,
    types::{
        AuthTokenUpdateStrategyType, AutomaticFailoverStatus, ConfigureShard, MultiAzStatus, NodeGroup,
        ReplicationGroup, ReshardingConfiguration, TransitEncryptionMode,
    },
};

use super::{codes::CODES, log_delivery, status::AVAILABLE};
use crate::{
    aws::{
        convert::{Changed, Wanted},
        faults::OrFault,
    },
    driver::{Executed, Fault, FaultKind, Result},
};

/// What one ModifyReplicationGroup can change.
const MODIFIABLE: &[&str] = &[
    "AuthToken",
    "AutoMinorVersionUpgrade",
    "AutomaticFailoverEnabled",
    "CacheNodeType",
    "CacheParameterGroupName",
    "CacheSecurityGroupNames",
    "ClusterMode",
    "Durability",
    "Engine",
    "EngineVersion",
    "IpDiscovery",
    "LogDeliveryConfigurations",
    "MultiAZEnabled",
    "NotificationTopicArn",
    "PreferredMaintenanceWindow",
    "PrimaryClusterId",
    "ReplicationGroupDescription",
    "SecurityGroupIds",
    "SnapshotRetentionLimit",
    "SnapshotWindow",
    "SnapshottingClusterId",
    "TransitEncryptionEnabled",
    "TransitEncryptionMode",
    "UserGroupIds",
];

/// Asks for everything that `change` says and `live` does not show yet.
pub async fn carry_out(elasticache: &Client, change: &Changed<'_>, live: &ReplicationGroup) -> Result<()> {
    let status = live.status().unwrap_or(AVAILABLE);
    if status != AVAILABLE {
        return Err(not_yet(format!("the group is `{status}` and takes no changes")));
    }
    reshard(elasticache, change, live).await?;
    let replicas = Replicas::wanted(change, live)?;
    replicas.grow(elasticache, change.id()).await?;
    if replicas.last_goes() {
        // Failover needs a replica to go to.
        switch_failover_off(elasticache, change, live).await?;
    }
    replicas.shrink(elasticache, change.id()).await?;
    modify(elasticache, change, live).await
}

fn not_yet(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::NotReady, "elasticache:ModifyReplicationGroup", message)
}

async fn reshard(elasticache: &Client, change: &Changed<'_>, live: &ReplicationGroup) -> Result<()> {
    if !change.touches("NumNodeGroups") && !change.touches("NodeGroupConfiguration") {
        return Ok(());
    }
    let shards = change.want.items("NodeGroupConfiguration")?;
    let by_list = i32::try_from(shards.len()).ok().filter(|count| *count > 0);
    let there: Vec<&str> = live.node_groups().iter().filter_map(NodeGroup::node_group_id).collect();
    let Some(count) = change.want.whole("NumNodeGroups")?.or(by_list) else { return Ok(()) };
    let Some(number) = usize::try_from(count).ok().filter(|number| *number != there.len()) else { return Ok(()) };
    let request = elasticache
        .modify_replication_group_shard_configuration()
        .replication_group_id(change.id())
        .node_group_count(count)
        .apply_immediately(true);
    let request = if number < there.len() {
        let named = shards.iter().map(|shard| shard.text("NodeGroupId")).collect::<Result<Option<Vec<String>>>>()?;
        let first = || there.iter().take(number).map(|id| (*id).to_owned()).collect();
        request.set_node_groups_to_retain(Some(named.filter(|ids| ids.len() == number).unwrap_or_else(first)))
    } else {
        request.set_resharding_configuration(resharding(&shards)?)
    };
    request.send().await.or_fault("elasticache:ModifyReplicationGroupShardConfiguration", CODES)?;
    Ok(())
}

/// The zones of all shards; the service wants all of them or none.
fn resharding(shards: &[Wanted<'_>]) -> Result<Option<Vec<ReshardingConfiguration>>> {
    let mut configurations = Vec::new();
    for shard in shards {
        let zones = zones(shard)?;
        let id = shard.text("NodeGroupId")?;
        configurations.extend(zones.map(|zones| {
            ReshardingConfiguration::builder()
                .set_node_group_id(id)
                .set_preferred_availability_zones(Some(zones))
                .build()
        }));
    }
    Ok(Some(configurations).filter(|all| !all.is_empty() && all.len() == shards.len()))
}

/// The zones of a shard's nodes, the primary's first, if they are chosen.
fn zones(shard: &Wanted<'_>) -> Result<Option<Vec<String>>> {
    let (primary, replicas) = (shard.text("PrimaryAvailabilityZone")?, shard.texts("ReplicaAvailabilityZones")?);
    Ok(primary.map(|primary| [vec![primary], replicas.unwrap_or_default()].concat()))
}

/// How many replicas each shard is to have.
#[derive(Debug, Default)]
struct Replicas {
    /// For shards that have fewer, and for those that have more.
    more: Vec<ConfigureShard>,
    fewer: Vec<ConfigureShard>,
    shards: usize,
    /// Shards can be told apart.
    is_cluster: bool,
}

impl Replicas {
    fn wanted(change: &Changed<'_>, live: &ReplicationGroup) -> Result<Replicas> {
        let says = ["NumCacheClusters", "ReplicasPerNodeGroup", "NodeGroupConfiguration"];
        if !says.iter().any(|name| change.touches(name)) {
            return Ok(Replicas::default());
        }
        let shards = live.node_groups();
        let listed = change.want.items("NodeGroupConfiguration")?;
        let nodes = change.want.whole("NumCacheClusters")?.filter(|_| shards.len() == 1).map(|nodes| nodes - 1);
        let each = change.want.whole("ReplicasPerNodeGroup")?.or(nodes);
        let is_cluster = live.cluster_enabled().unwrap_or(shards.len() > 1);
        let mut replicas = Replicas { shards: shards.len(), is_cluster, ..Replicas::default() };
        for (position, shard) in shards.iter().enumerate() {
            let named =
                |listed: &&Wanted<'_>| listed.raw("NodeGroupId").is_some_and(|id| id.as_str() == shard.node_group_id());
            let at_place = || listed.get(position).filter(|listed| listed.raw("NodeGroupId").is_none());
            let own = listed.iter().find(named).or_else(at_place);
            let count = own.map(|own| own.whole("ReplicaCount")).transpose()?.flatten();
            let Some(target) = count.or(each) else { continue };
            let there = i32::try_from(shard.node_group_members().len().saturating_sub(1)).unwrap_or(i32::MAX);
            let zones = own.map(zones).transpose()?.flatten();
            let zones = zones.filter(|zones| i32::try_from(zones.len()).ok() == target.checked_add(1));
            if target == there {
                stay(change, shard, zones)?;
                continue;
            }
            let shard = ConfigureShard::builder()
                .set_node_group_id(shard.node_group_id().map(str::to_owned))
                .new_replica_count(target)
                .set_preferred_availability_zones(zones)
                .build();
            if target > there { replicas.more.push(shard) } else { replicas.fewer.push(shard) }
        }
        Ok(replicas)
    }

    async fn grow(&self, elasticache: &Client, id: &str) -> Result<()> {
        if self.more.is_empty() {
            return Ok(());
        }
        let (count, shards) = self.told(&self.more);
        let request = elasticache.increase_replica_count().replication_group_id(id).apply_immediately(true);
        let request = request.set_new_replica_count(count).set_replica_configuration(shards);
        request.send().await.or_fault("elasticache:IncreaseReplicaCount", CODES)?;
        Ok(())
    }

    async fn shrink(&self, elasticache: &Client, id: &str) -> Result<()> {
        if self.fewer.is_empty() {
            return Ok(());
        }
        let (count, shards) = self.told(&self.fewer);
        let request = elasticache.decrease_replica_count().replication_group_id(id).apply_immediately(true);
        let request = request.set_new_replica_count(count).set_replica_configuration(shards);
        request.send().await.or_fault("elasticache:DecreaseReplicaCount", CODES)?;
        Ok(())
    }

    /// One number if it is all that there is to say, else each shard's.
    fn told(&self, changes: &[ConfigureShard]) -> (Option<i32>, Option<Vec<ConfigureShard>>) {
        let count = changes.first().and_then(ConfigureShard::new_replica_count);
        let is_alike = |change: &ConfigureShard| {
            change.new_replica_count() == count && change.preferred_availability_zones().is_empty()
        };
        let is_one_number = changes.len() == self.shards && changes.iter().all(is_alike);
        if is_one_number || !self.is_cluster { (count, None) } else { (None, Some(changes.to_vec())) }
    }

    fn last_goes(&self) -> bool {
        self.fewer.iter().any(|shard| shard.new_replica_count() == Some(0))
    }
}

/// A node cannot move to another zone.
fn stay(change: &Changed<'_>, shard: &NodeGroup, zones: Option<Vec<String>>) -> Result<()> {
    let members = shard.node_group_members();
    let mut live: Vec<&str> = members.iter().filter_map(NodeGroupMember::preferred_availability_zone).collect();
    let Some(mut zones) = zones.filter(|_| live.len() == members.len()) else { return Ok(()) };
    live.sort_unstable();
    zones.sort_unstable();
    if live == zones { Ok(()) } else { change.refuse(&["NodeGroupConfiguration"]) }
}

async fn switch_failover_off(elasticache: &Client, change: &Changed<'_>, live: &ReplicationGroup) -> Result<()> {
    let is_on = live.automatic_failover().is_some_and(|status| *status != AutomaticFailoverStatus::Disabled);
    let is_spread = live.multi_az() == Some(&MultiAzStatus::Enabled);
    if change.want.flag("AutomaticFailoverEnabled")?.unwrap_or_default() || !(is_on || is_spread) {
        return Ok(());
    }
    let request = elasticache
        .modify_replication_group()
        .replication_group_id(change.id())
        .automatic_failover_enabled(false)
        .multi_az_enabled(false)
        .apply_immediately(true);
    request.send().await.or_fault("elasticache:ModifyReplicationGroup", CODES)?;
    Ok(())
}

async fn modify(elasticache: &Client, change: &Changed<'_>, live: &ReplicationGroup) -> Result<()> {
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
    let (join, leave) = change.texts("UserGroupIds")?;
    let transit = Transit::next(change, live)?;
    let auth = if transit.is_last && change.touches("AuthToken") { Some(strategy(change, live)) } else { None };
    let request = elasticache
        .modify_replication_group()
        .replication_group_id(change.id())
        .apply_immediately(true)
        .set_replication_group_description(text("ReplicationGroupDescription")?)
        .set_primary_cluster_id(text("PrimaryClusterId")?)
        .set_snapshotting_cluster_id(text("SnapshottingClusterId")?)
        .set_automatic_failover_enabled(change.flag("AutomaticFailoverEnabled", false)?)
        .set_multi_az_enabled(change.flag("MultiAZEnabled", false)?)
        .set_cache_security_group_names(texts("CacheSecurityGroupNames")?)
        .set_security_group_ids(texts("SecurityGroupIds")?)
        .set_preferred_maintenance_window(text("PreferredMaintenanceWindow")?)
        .set_notification_topic_arn(topic)
        .set_notification_topic_status(topic_status.map(str::to_owned))
        .set_cache_parameter_group_name(text("CacheParameterGroupName")?)
        .set_engine(text("Engine")?)
        .set_engine_version(text("EngineVersion")?)
        .set_auto_minor_version_upgrade(change.flag("AutoMinorVersionUpgrade", true)?)
        .set_snapshot_retention_limit(retention)
        .set_snapshot_window(text("SnapshotWindow")?)
        .set_cache_node_type(text("CacheNodeType")?)
        .set_auth_token(if auth.is_some() { text("AuthToken")? } else { None })
        .set_auth_token_update_strategy(auth)
        .set_user_group_ids_to_add(Some(join).filter(|ids| !ids.is_empty()))
        .set_user_group_ids_to_remove(Some(leave).filter(|ids| !ids.is_empty()))
        .set_log_delivery_configurations(log_delivery::changes(change)?)
        .set_ip_discovery(text("IpDiscovery")?.as_deref().map(Into::into))
        .set_transit_encryption_enabled(transit.enabled)
        .set_transit_encryption_mode(transit.mode)
        .set_cluster_mode(text("ClusterMode")?.as_deref().map(Into::into))
        .set_durability(text("Durability")?.as_deref().map(Into::into));
    request.send().await.or_fault("elasticache:ModifyReplicationGroup", CODES)?;
    match transit.is_last {
        true => Ok(()),
        false => {
            let mut fault = not_yet("encryption in transit changes in two steps, and the first has begun");
            fault.executed = Executed::Unknown;
            Err(fault)
        }
    }
}

/// How the token is to change. To do without one is allowed only when user groups take over.
fn strategy(change: &Changed<'_>, live: &ReplicationGroup) -> AuthTokenUpdateStrategyType {
    match (change.want.raw("AuthToken"), live.auth_token_enabled()) {
        (None, _) => AuthTokenUpdateStrategyType::Delete,
        (Some(_), Some(true)) => AuthTokenUpdateStrategyType::Rotate,
        (Some(_), _) => AuthTokenUpdateStrategyType::Set,
    }
}

/// The next step of a change of encryption in transit: between none and required stands preferred.
#[derive(Debug, PartialEq)]
struct Transit {
    enabled: Option<bool>,
    mode: Option<TransitEncryptionMode>,
    is_last: bool,
}

impl Transit {
    fn next(change: &Changed<'_>, live: &ReplicationGroup) -> Result<Transit> {
        let nothing = Transit { enabled: None, mode: None, is_last: true };
        if !change.touches("TransitEncryptionEnabled") && !change.touches("TransitEncryptionMode") {
            return Ok(nothing);
        }
        let is_wanted = change.want.flag("TransitEncryptionEnabled")?.unwrap_or_default();
        let mode = change.want.text("TransitEncryptionMode")?.unwrap_or(TransitEncryptionMode::Required);
        let preferred = Some(TransitEncryptionMode::Preferred);
        let current = live.transit_encryption_mode();
        Ok(match (live.transit_encryption_enabled().unwrap_or_default(), is_wanted) {
            (false, false) => nothing,
            (false, true) => {
                Transit { enabled: Some(true), is_last: mode == TransitEncryptionMode::Preferred, mode: preferred }
            }
            (true, true) => Transit { mode: Some(mode).filter(|mode| Some(mode) != current), ..nothing },
            (true, false) if current == preferred.as_ref() => Transit { enabled: Some(false), ..nothing },
            (true, false) => Transit { enabled: None, mode: preferred, is_last: false },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{
        base::{Doc, Path, PhysicalId},
        driver::Change,
    };

    fn change(want: Json) -> Change {
        let want: Doc = want.into();
        let paths = want.0.keys().map(Path::key).collect();
        Change { id: PhysicalId("g".to_owned()), before: Doc::default(), want, paths }
    }

    fn live(members: &[usize]) -> ReplicationGroup {
        let shard = |(index, members): (usize, &usize)| {
            let members = vec![NodeGroupMember::builder().build(); *members];
            NodeGroup::builder()
                .node_group_id(format!("{:04}", index + 1))
                .set_node_group_members(Some(members))
                .build()
        };
        ReplicationGroup::builder().set_node_groups(Some(members.iter().enumerate().map(shard).collect())).build()
    }

    /// What shards with so many members are told: to have more and to have fewer replicas, as `shard=count` or one count.
    fn replicas(want: Json, members: &[usize]) -> [String; 2] {
        let change = change(want);
        let replicas = Replicas::wanted(&Changed::new("T", &change), &live(members)).unwrap();
        [&replicas.more, &replicas.fewer].map(|changes| match replicas.told(changes) {
            (Some(count), _) => count.to_string(),
            (None, shards) => {
                let told = shards.into_iter().flatten();
                let told = told.map(|s| format!("{}={}", s.node_group_id.unwrap(), s.new_replica_count.unwrap()));
                told.collect::<Vec<_>>().join(" ")
            }
        })
    }

    #[test]
    fn only_shards_that_have_not_as_many_replicas_as_wanted_are_changed() {
        assert_eq!(replicas(json!({"NumCacheClusters": 3}), &[2]), ["2", ""]);
        assert_eq!(replicas(json!({"NumCacheClusters": 1}), &[2]), ["", "0"]);
        assert_eq!(replicas(json!({"NumCacheClusters": 2}), &[2]), ["", ""]);
        assert_eq!(replicas(json!({"ReplicasPerNodeGroup": 1}), &[1, 1]), ["1", ""]);
        assert_eq!(replicas(json!({"ReplicasPerNodeGroup": 1}), &[1, 2]), ["0001=1", ""]);
        let listed =
            json!({"NodeGroupConfiguration": [{"ReplicaCount": 0}, {"NodeGroupId": "0002", "ReplicaCount": 3}]});
        assert_eq!(replicas(listed, &[2, 2]), ["0002=3", "0001=0"]);
    }

    #[test]
    fn a_node_cannot_move_to_another_zone() {
        let in_zone = |zone: &str| NodeGroupMember::builder().preferred_availability_zone(zone).build();
        let shard = NodeGroup::builder().node_group_members(in_zone("a")).node_group_members(in_zone("b")).build();
        let live = ReplicationGroup::builder().node_groups(shard).build();
        let is_refused = |replica: &str| {
            let shard =
                json!({"PrimaryAvailabilityZone": "b", "ReplicaAvailabilityZones": [replica], "ReplicaCount": 1});
            let change = change(json!({"NodeGroupConfiguration": [shard]}));
            Replicas::wanted(&Changed::new("T", &change), &live).is_err()
        };
        assert_eq!([is_refused("a"), is_refused("c")], [false, true]);
    }

    #[test]
    fn encryption_in_transit_is_required_only_after_it_was_preferred() {
        let next = |want: Json, live: ReplicationGroup| {
            let change = change(want);
            let step = Transit::next(&Changed::new("T", &change), &live).unwrap();
            (step.enabled, step.mode.map(|mode| mode.as_str().to_owned()), step.is_last)
        };
        let with = |mode: &str| {
            ReplicationGroup::builder().transit_encryption_enabled(true).transit_encryption_mode(mode.into()).build()
        };
        let (on, off) = (json!({"TransitEncryptionEnabled": true}), json!({"TransitEncryptionEnabled": false}));
        let none = ReplicationGroup::builder().build();
        assert_eq!(next(on.clone(), none), (Some(true), Some("preferred".to_owned()), false));
        assert_eq!(next(on.clone(), with("preferred")), (None, Some("required".to_owned()), true));
        assert_eq!(next(on, with("required")), (None, None, true));
        assert_eq!(next(off.clone(), with("required")), (None, Some("preferred".to_owned()), false));
        assert_eq!(next(off, with("preferred")), (Some(false), None, true));
    }
}
