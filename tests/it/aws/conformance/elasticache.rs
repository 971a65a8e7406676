//! ElastiCache, on ministack. It keeps no log delivery, notification, network type and durability, makes everything ready
//! at once, and knows neither shard changes nor the steps of encryption in transit; those are asked of scripted answers.

use std::sync::Arc;

use provision::{
    base::{Address, Doc, Path, PhysicalId, Token},
    driver::{Call, Change, Driver, FaultKind, Made, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    other_network, tags, unique,
};

const GROUP: &str = "AWS::ElastiCache::ReplicationGroup";

#[tokio::test]
async fn cache_subnet_group_conforms() {
    let cloud = Cloud::of("cache_subnet_group_conforms");
    let network = other_network("cache-subnet-group").await;
    let name = unique("cache-subnet-group");
    let want = json!({
        "CacheSubnetGroupName": name, "Description": "one", "SubnetIds": network.subnets[..2],
        "Tags": tags(&[("Name", "a"), ("Team", "x")]),
    });
    let other = json!({
        "CacheSubnetGroupName": name, "Description": "two", "SubnetIds": network.subnets[2..],
        "Tags": tags(&[("Name", "b")]),
    });
    let bare = json!({"CacheSubnetGroupName": name, "Description": "two", "SubnetIds": network.subnets});
    cloud.check("AWS::ElastiCache::SubnetGroup", want, [other, bare]).await;
}

#[tokio::test]
async fn cache_parameter_group_conforms() {
    let cloud = Cloud::of("cache_parameter_group_conforms");
    let document = |properties: Json, name: &str| {
        json!({
            "CacheParameterGroupFamily": "redis7", "Description": "one", "Properties": properties,
            "Tags": tags(&[("Name", name)]),
        })
    };
    let want = document(json!({"maxmemory-policy": "allkeys-lru", "timeout": "60"}), "a");
    let other = document(json!({"maxmemory-policy": "noeviction", "maxmemory-samples": 7}), "b");
    let bare = json!({"CacheParameterGroupFamily": "redis7", "Description": "one"});
    cloud.check("AWS::ElastiCache::ParameterGroup", want, [other, bare]).await;
}

#[tokio::test]
async fn more_cache_parameters_than_one_request_takes_are_set_in_several() {
    let cloud = Cloud::of("more_cache_parameters_than_one_request_takes_are_set_in_several");
    let properties: serde_json::Map<_, _> =
        (0..45).map(|n| (format!("parameter-{n:02}"), n.to_string().into())).collect();
    let want = json!({"CacheParameterGroupFamily": "redis7", "Description": "many", "Properties": properties});
    cloud.check("AWS::ElastiCache::ParameterGroup", want, []).await;
    let sent = cloud.wire.requests("ModifyCacheParameterGroup");
    let sent: Vec<usize> = sent.iter().map(|body| body.matches(".ParameterValue=").count()).collect();
    assert_eq!(sent, [20, 20, 5]);
}

#[tokio::test]
async fn memcached_cluster_conforms() {
    let cloud = Cloud::of("memcached_cluster_conforms");
    let want = json!({"CacheParameterGroupFamily": "memcached1.6", "Description": "parameters"});
    let parameters = "AWS::ElastiCache::ParameterGroup";
    let group = cloud.make_id(parameters, &unique("parameters"), want, "CacheParameterGroupName").await;
    let name = unique("memcached");
    let document = |nodes: u32, kind: &str, window: &str, tag: &str| {
        json!({
            "ClusterName": name, "Engine": "memcached", "EngineVersion": "1.6.22", "CacheNodeType": kind,
            "NumCacheNodes": nodes, "AZMode": "single-az", "CacheParameterGroupName": group, "Port": 11211,
            "PreferredMaintenanceWindow": window, "Tags": tags(&[("Name", tag)]),
        })
    };
    let want = document(2, "cache.t4g.micro", "sun:05:00-sun:06:00", "a");
    let other = document(4, "cache.t4g.small", "mon:05:00-mon:06:00", "b");
    cloud.check("AWS::ElastiCache::CacheCluster", want, [other]).await;
    let sent = cloud.wire.requests("ModifyCacheCluster");
    assert!(
        sent[1].contains("CacheNodeIdsToRemove.CacheNodeId.1=0004&CacheNodeIdsToRemove.CacheNodeId.2=0003"),
        "{}",
        sent[1]
    );
    let driver = cloud.provider.driver(parameters).unwrap();
    removed(&*driver, &call(&cloud), &group).await;
}

#[tokio::test]
async fn redis_cluster_conforms() {
    let cloud = Cloud::of("redis_cluster_conforms");
    let network = other_network("redis-cluster").await;
    let subnets = unique("redis-cluster");
    let want = json!({"CacheSubnetGroupName": subnets, "Description": "subnets", "SubnetIds": network.subnets});
    cloud.make("AWS::ElastiCache::SubnetGroup", "subnets", want).await;
    let name = unique("redis");
    let document = |more: Json| {
        let mut document = json!({
            "ClusterName": name, "Engine": "redis", "CacheNodeType": "cache.t4g.micro", "NumCacheNodes": 1,
            "CacheSubnetGroupName": subnets, "TransitEncryptionEnabled": true,
        });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let want = document(json!({"EngineVersion": "7.0", "SnapshotRetentionLimit": 3, "SnapshotWindow": "03:00-04:00"}));
    let other = document(json!({"EngineVersion": "7.1", "SnapshotWindow": "04:00-05:00"}));
    cloud.check("AWS::ElastiCache::CacheCluster", want, [other]).await;
    let call = call(&cloud);
    let driver = cloud.provider.driver("AWS::ElastiCache::SubnetGroup").unwrap();
    removed(&*driver, &call, &subnets).await;
}

#[tokio::test]
async fn replication_group_conforms() {
    let cloud = Cloud::of("replication_group_conforms");
    let name = unique("replicated");
    let document = |nodes: u32, description: &str, more: Json| {
        let mut document = json!({
            "ReplicationGroupId": name, "ReplicationGroupDescription": description, "Engine": "redis",
            "EngineVersion": "7.1", "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": nodes,
            "AutomaticFailoverEnabled": nodes > 1, "MultiAZEnabled": nodes > 1, "AtRestEncryptionEnabled": true,
            "TransitEncryptionEnabled": true, "TransitEncryptionMode": "required", "AutoMinorVersionUpgrade": false,
            "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1", "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
            "LogDeliveryConfigurations": [{
                "LogType": "slow-log", "LogFormat": "json", "DestinationType": "cloudwatch-logs",
                "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
            }],
        });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let want = document(
        2,
        "one",
        json!({"SnapshotRetentionLimit": 7, "SnapshotWindow": "03:00-04:00", "Tags": tags(&[("Name", "a")])}),
    );
    let more = document(3, "two", json!({"SnapshotWindow": "04:00-05:00", "Tags": tags(&[("Name", "b")])}));
    let alone = document(1, "two", json!({"SnapshotWindow": "04:00-05:00"}));
    cloud.check(GROUP, want, [more, alone]).await;
    let sent = cloud.wire.requests("ModifyReplicationGroup");
    let first_off = sent.iter().position(|body| body.contains("AutomaticFailoverEnabled=false")).unwrap();
    assert!(!sent[first_off].contains("ReplicationGroupDescription"), "failover goes off before the last replica goes");
}

#[tokio::test]
async fn sharded_replication_group_conforms() {
    let cloud = Cloud::of("sharded_replication_group_conforms");
    let elasticache = cloud.clients.elasticache(&cloud.place).await;
    let (users, name) = (unique("users"), unique("sharded"));
    let made = elasticache.create_user_group().user_group_id(&users).engine("redis").send().await;
    made.unwrap();
    let document = |replicas: u32, users: Json| {
        json!({
            "ReplicationGroupId": name, "ReplicationGroupDescription": "shards", "Engine": "valkey",
            "CacheNodeType": "cache.r7g.large", "NumNodeGroups": 3, "ReplicasPerNodeGroup": replicas,
            "AutomaticFailoverEnabled": true, "ClusterMode": "enabled", "UserGroupIds": users,
        })
    };
    cloud.check(GROUP, document(1, json!([users])), [document(2, json!([]))]).await;
    elasticache.delete_user_group().user_group_id(&users).send().await.unwrap();
}

#[tokio::test]
async fn endpoints_tokens_and_users_of_a_replication_group() {
    let cloud = Cloud::of("endpoints_tokens_and_users_of_a_replication_group");
    let network = other_network("endpoints").await;
    let (subnets, name) = (unique("endpoints"), unique("endpoints"));
    let want = json!({"CacheSubnetGroupName": subnets, "Description": "subnets", "SubnetIds": network.subnets});
    cloud.make("AWS::ElastiCache::SubnetGroup", "subnets", want).await;
    let want = |token: &str| {
        json!({
            "ReplicationGroupId": name, "ReplicationGroupDescription": "d", "Engine": "redis", "NumCacheClusters": 2,
            "CacheNodeType": "cache.t4g.micro", "TransitEncryptionEnabled": true, "AuthToken": token,
            "CacheSubnetGroupName": subnets, "SecurityGroupIds": network.groups,
        })
    };
    let made = cloud.make(GROUP, "group", want("first-token-of-16+")).await;
    assert!(!made.0.contains_key("AuthToken"));
    let readers = &made.0["ReadEndPoint"];
    let (address, port) = (&made.0["PrimaryEndPoint"]["Address"], &made.0["PrimaryEndPoint"]["Port"]);
    let (address, port) = (address.as_str().unwrap(), port.as_str().unwrap());
    assert_eq!(readers["AddressesList"], json!([address, address]));
    assert_eq!(readers["Addresses"], json!(format!("[{address}, {address}]")));
    assert_eq!(readers["Ports"], json!(format!("[{port}, {port}]")));

    let (driver, call) = (cloud.provider.driver(GROUP).unwrap(), call(&cloud));
    let change = changed(&name, want("second-token-of-16+"), &["AuthToken"]);
    driver.update(&call, &change).await.unwrap();
    let sent = cloud.wire.requests("ModifyReplicationGroup").pop().unwrap();
    assert!(sent.contains("AuthToken=second-token-of-16%2B&AuthTokenUpdateStrategy=ROTATE"), "{sent}");

    let group = cloud.provider.driver("AWS::ElastiCache::SubnetGroup").unwrap();
    let fault = group.delete(&call, &PhysicalId(subnets.clone()), &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec![name.clone()]));

    let removal = Removal { final_snapshot: Some("last".to_owned()), inputs: Doc::default() };
    driver.delete(&call, &PhysicalId(name), &removal).await.unwrap();
    let sent = cloud.wire.requests("DeleteReplicationGroup").pop().unwrap();
    assert!(sent.contains("FinalSnapshotIdentifier=last"), "{sent}");
    removed(&*group, &call, &subnets).await;
}

#[tokio::test]
async fn a_replication_group_is_waited_for_and_one_that_failed_is_said_so() {
    let cloud = Cloud::of("a_replication_group_is_waited_for_and_one_that_failed_is_said_so");
    let (driver, call) = scripted(&cloud);
    let so_far = Made { id: PhysicalId("g".to_owned()), attributes: Doc::default() };
    for (answer, note) in [
        (group("creating", "", ""), "creating"),
        (group("available", shards(&["modifying"]), ""), "modifying"),
        (
            group("available", shards(&["available"]), "<AuthTokenStatus>ROTATING</AuthTokenStatus>"),
            "the token is changing",
        ),
    ] {
        cloud.wire.trouble("DescribeReplicationGroups", 0, Trouble::Answered(200, answer));
        let progress = driver.poll(&call, &so_far).await.unwrap();
        assert!(matches!(&progress, Progress::Pending { note: word, .. } if word == note), "{note}: {progress:?}");
    }
    cloud.wire.trouble(
        "DescribeReplicationGroups",
        0,
        Trouble::Answered(200, group("available", shards(&["available"]), "")),
    );
    assert!(matches!(driver.poll(&call, &so_far).await.unwrap(), Progress::Done(_)));
    cloud.wire.trouble("DescribeReplicationGroups", 0, Trouble::Answered(200, group("create-failed", "", "")));
    let fault = driver.poll(&call, &so_far).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.map(|made| made.id)), (FaultKind::Other, Some(so_far.id.clone())));
    cloud.wire.trouble("DescribeReplicationGroups", 0, Trouble::Answered(200, group("deleting", "", "")));
    let progress = driver.delete(&call, &so_far.id, &Removal::default()).await.unwrap();
    assert!(matches!(progress, Progress::Pending { .. }));
    assert!(cloud.wire.requests("DeleteReplicationGroup").is_empty(), "it is deleted once");
}

#[tokio::test]
async fn a_busy_replication_group_is_not_asked_for_more() {
    let cloud = Cloud::of("a_busy_replication_group_is_not_asked_for_more");
    let (driver, call) = scripted(&cloud);
    cloud.wire.trouble("DescribeReplicationGroups", 0, Trouble::Answered(200, group("modifying", "", "")));
    let change = changed("g", json!({"ReplicationGroupDescription": "d"}), &["ReplicationGroupDescription"]);
    let fault = driver.update(&call, &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
    let refused = "<ErrorResponse><Error><Code>InvalidReplicationGroupState</Code><Message>busy</Message></Error></ErrorResponse>";
    cloud.wire.trouble("DescribeReplicationGroups", 0, Trouble::Answered(200, group("available", "", "")));
    cloud.wire.trouble("ModifyReplicationGroup", 0, Trouble::Answered(400, refused.to_owned()));
    let fault = driver.update(&call, &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
    assert_eq!(cloud.wire.requests("ModifyReplicationGroup").len(), 1);
}

#[tokio::test]
async fn shards_come_and_go() {
    let cloud = Cloud::of("shards_come_and_go");
    let (driver, call) = scripted(&cloud);
    let three = || Trouble::Answered(200, group("available", shards(&["available"; 3]), ""));
    let done = "<ModifyReplicationGroupShardConfigurationResponse><ModifyReplicationGroupShardConfigurationResult/>\
                </ModifyReplicationGroupShardConfigurationResponse>";
    for (count, part) in [(4, "NodeGroupCount=4"), (2, "NodeGroupsToRetain.NodeGroupToRetain.2=0002")] {
        cloud.wire.trouble("DescribeReplicationGroups", 0, three());
        cloud.wire.trouble("DescribeReplicationGroups", 0, three());
        cloud.wire.trouble("ModifyReplicationGroupShardConfiguration", 0, Trouble::Answered(200, done.to_owned()));
        let change = changed("g", json!({"NumNodeGroups": count}), &["NumNodeGroups"]);
        driver.update(&call, &change).await.unwrap();
        let sent = cloud.wire.requests("ModifyReplicationGroupShardConfiguration").pop().unwrap();
        assert!(sent.contains(part) && sent.contains("ApplyImmediately=true"), "{sent}");
    }
}

/// The answer to DescribeReplicationGroups.
fn group(status: &str, shards: impl AsRef<str>, pending: &str) -> String {
    format!(
        "<DescribeReplicationGroupsResponse><DescribeReplicationGroupsResult><ReplicationGroups><ReplicationGroup>\
         <ReplicationGroupId>g</ReplicationGroupId><Status>{status}</Status><NodeGroups>{}</NodeGroups>\
         <PendingModifiedValues>{pending}</PendingModifiedValues></ReplicationGroup></ReplicationGroups>\
         </DescribeReplicationGroupsResult></DescribeReplicationGroupsResponse>",
        shards.as_ref()
    )
}

fn shards(statuses: &[&str]) -> String {
    let shard = |(index, status): (usize, &&str)| {
        format!("<NodeGroup><NodeGroupId>{:04}</NodeGroupId><Status>{status}</Status></NodeGroup>", index + 1)
    };
    statuses.iter().enumerate().map(shard).collect()
}

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

fn scripted(cloud: &Cloud) -> (Arc<dyn Driver>, Call) {
    (cloud.provider.driver(GROUP).unwrap(), call(cloud))
}

fn changed(id: &str, want: Json, names: &[&str]) -> Change {
    let paths = names.iter().map(|name| Path::key(*name)).collect();
    Change { id: PhysicalId(id.to_owned()), before: Doc::default(), want: want.into(), paths }
}

async fn removed(driver: &dyn Driver, call: &Call, id: &str) {
    driver.delete(call, &PhysicalId(id.to_owned()), &Removal::default()).await.unwrap();
}
