//! RDS.
//!
//! moto's databases are available at once and keep their port, its global clusters keep no tags and cannot be changed, it resets no parameters
//! and takes no roles away, and what a cluster exports and who may log in stays as it was created. Those properties are
//! left out of what changes, or answered for in `rds_troubles`.

use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    group, subnet, tags, vpc,
};

/// A refusal of RDS.
pub fn refuses(code: &str, message: &str) -> Trouble {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    Trouble::Answered(400, format!("<ErrorResponse>{error}</ErrorResponse>"))
}

/// A create that is sent twice is refused; moto would make the cluster anew.
fn refuse_a_second(cloud: &Cloud, operation: &str) {
    cloud.wire.trouble(operation, 1, refuses("DBClusterAlreadyExistsFault", "it exists"));
}

/// Two subnets of two zones.
async fn subnets(cloud: &Cloud) -> (String, [String; 2]) {
    let vpc = vpc(cloud).await;
    let want = json!({"VpcId": vpc, "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "us-east-1b"});
    let other = cloud.make_id("AWS::EC2::Subnet", "other_subnet", want, "SubnetId").await;
    let one = subnet(cloud, &vpc).await;
    (vpc, [one, other])
}

/// A subnet group and a security group of its network.
async fn network(cloud: &Cloud) -> (String, String) {
    let (vpc, subnets) = subnets(cloud).await;
    let want = json!({"DBSubnetGroupName": "main", "DBSubnetGroupDescription": "main", "SubnetIds": subnets});
    let name = cloud.make_id("AWS::RDS::DBSubnetGroup", "subnets", want, "DBSubnetGroupName").await;
    (name, group(cloud, &vpc).await)
}

async fn cluster_parameters(cloud: &Cloud, name: &str) -> String {
    let want = json!({
        "DBClusterParameterGroupName": name, "Description": "main", "Family": "aurora-postgresql16",
        "Parameters": {"rds.force_ssl": "1"},
    });
    cloud.make_id("AWS::RDS::DBClusterParameterGroup", name, want, "DBClusterParameterGroupName").await
}

async fn key(cloud: &Cloud) -> String {
    cloud.make_id("AWS::KMS::Key", "key", json!({}), "Arn").await
}

/// A cluster with as little as it takes.
pub fn small_cluster(name: &str) -> Json {
    json!({
        "DBClusterIdentifier": name, "Engine": "aurora-postgresql", "MasterUsername": "app",
        "MasterUserPassword": "not-a-secret",
    })
}

/// An instance with as little as it takes.
pub fn small_instance(name: &str) -> Json {
    json!({
        "DBInstanceIdentifier": name, "Engine": "postgres", "EngineVersion": "15.4", "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": "20", "MasterUsername": "app", "MasterUserPassword": "not-a-secret",
    })
}

#[tokio::test]
async fn db_subnet_group_conforms() {
    let cloud = Cloud::of("db_subnet_group_conforms");
    let (_, [one, two]) = subnets(&cloud).await;
    let document = |subnets: &[&String], text: &str| {
        json!({
            "DBSubnetGroupName": "main", "DBSubnetGroupDescription": text, "SubnetIds": subnets,
            "Tags": tags(&[("Name", text)]),
        })
    };
    // moto forgets a group once it is changed, so nothing but its tags are.
    let mut other = document(&[&one, &two], "a");
    other["Tags"] = tags(&[("Name", "b"), ("Team", "c")]);
    cloud.check("AWS::RDS::DBSubnetGroup", document(&[&one, &two], "a"), [other]).await;
}

#[tokio::test]
async fn db_cluster_parameter_group_conforms() {
    let cloud = Cloud::of("db_cluster_parameter_group_conforms");
    let document = |parameters: Json, tag: &str| {
        json!({
            "DBClusterParameterGroupName": "Main", "Description": "main", "Family": "aurora-postgresql16",
            "Parameters": parameters, "Tags": tags(&[("Name", tag)]),
        })
    };
    let many: Json = (0..45).map(|index| (format!("p{index}"), json!("1"))).collect::<serde_json::Map<_, _>>().into();
    let mut other = many.clone();
    other["p7"] = json!("2");
    cloud.check("AWS::RDS::DBClusterParameterGroup", document(many, "a"), [document(other, "b")]).await;
    let sizes = cloud.wire.requests("ModifyDBClusterParameterGroup");
    let sizes: Vec<usize> = sizes.iter().map(|body| body.matches("ParameterName=").count()).collect();
    assert_eq!(sizes, [20, 20, 5, 1, 1]);
}

#[tokio::test]
async fn db_parameter_group_conforms() {
    let cloud = Cloud::of("db_parameter_group_conforms");
    let document = |connections: Json, tag: &str| {
        json!({
            "DBParameterGroupName": "main", "Description": "main", "Family": "postgres16",
            "Parameters": {"max_connections": connections, "rds.force_ssl": "1"}, "Tags": tags(&[("Name", tag)]),
        })
    };
    cloud.check("AWS::RDS::DBParameterGroup", document(json!("100"), "a"), [document(json!("200"), "b")]).await;
}

#[tokio::test]
async fn db_cluster_conforms() {
    let cloud = Cloud::of("db_cluster_conforms");
    refuse_a_second(&cloud, "CreateDBCluster");
    let (subnets, group) = network(&cloud).await;
    let key = key(&cloud).await;
    let parameters = [cluster_parameters(&cloud, "one").await, cluster_parameters(&cloud, "two").await];
    let document = |days: u8, capacity: f64, parameters: &str, name: &str| {
        json!({
            "DBClusterIdentifier": "main", "Engine": "aurora-postgresql", "EngineVersion": "16.6", "DatabaseName": "app",
            "MasterUsername": "app", "MasterUserPassword": "not-a-secret", "DBSubnetGroupName": subnets,
            "DBClusterParameterGroupName": parameters, "VpcSecurityGroupIds": [group], "StorageEncrypted": true,
            "KmsKeyId": key, "BackupRetentionPeriod": days, "CopyTagsToSnapshot": days > 7, "Port": 5430 + i32::from(days),
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": capacity},
            "EnableCloudwatchLogsExports": ["postgresql"], "DeletionProtection": false, "NetworkType": "IPV4",
            "PreferredBackupWindow": format!("0{}:00-0{}:30", days % 7, days % 7), "EngineMode": "provisioned",
            "PreferredMaintenanceWindow": "sun:08:00-sun:08:30", "EnableIAMDatabaseAuthentication": true,
            "AvailabilityZones": ["us-east-1a", "us-east-1b", "us-east-1c"], "Tags": tags(&[("Name", name)]),
        })
    };
    let other = document(8, 4.0, &parameters[1], "b");
    let mut managed = document(7, 2.0, &parameters[0], "a");
    let map = managed.as_object_mut().unwrap();
    map.remove("MasterUserPassword");
    map.insert("ManageMasterUserPassword".to_owned(), json!(true));
    map.insert("MasterUserSecret".to_owned(), json!({"KmsKeyId": key}));
    cloud.check("AWS::RDS::DBCluster", document(7, 2.0, &parameters[0], "a"), [other, managed]).await;
}

#[tokio::test]
async fn db_cluster_with_managed_password_conforms() {
    let cloud = Cloud::of("db_cluster_with_managed_password_conforms");
    refuse_a_second(&cloud, "CreateDBCluster");
    let want = json!({
        "DBClusterIdentifier": "Main", "Engine": "aurora-mysql", "MasterUsername": "app",
        "ManageMasterUserPassword": true, "MasterUserSecret": {"KmsKeyId": key(&cloud).await}, "BacktrackWindow": 3600,
    });
    cloud.check("AWS::RDS::DBCluster", want, []).await;
}

#[tokio::test]
async fn db_cluster_from_a_snapshot_conforms() {
    let cloud = Cloud::of("db_cluster_from_a_snapshot_conforms");
    refuse_a_second(&cloud, "RestoreDBClusterFromSnapshot");
    cloud.make("AWS::RDS::DBCluster", "source", small_cluster("source")).await;
    let rds = cloud.clients.rds(&cloud.place).await;
    let request = rds.create_db_cluster_snapshot().db_cluster_identifier("source");
    request.db_cluster_snapshot_identifier("before").send().await.unwrap();
    let want = json!({
        "DBClusterIdentifier": "restored", "Engine": "aurora-postgresql", "SnapshotIdentifier": "before",
        "BackupRetentionPeriod": 3, "PreferredMaintenanceWindow": "mon:08:00-mon:08:30",
    });
    cloud.check("AWS::RDS::DBCluster", want, []).await;
    assert!(cloud.wire.requests("ModifyDBCluster")[0].contains("PreferredMaintenanceWindow=mon"));
}

#[tokio::test]
async fn db_instance_of_a_cluster_conforms() {
    let cloud = Cloud::of("db_instance_of_a_cluster_conforms");
    cloud.make("AWS::RDS::DBCluster", "cluster", small_cluster("main")).await;
    let document = |class: &str, tier: u8, name: &str| {
        json!({
            "DBInstanceIdentifier": "main-1", "DBClusterIdentifier": "main", "Engine": "aurora-postgresql",
            "DBInstanceClass": class, "PromotionTier": tier, "PubliclyAccessible": false,
            "AutoMinorVersionUpgrade": tier == 1, "Tags": tags(&[("Name", name)]),
        })
    };
    let other = document("db.r6g.large", 2, "b");
    cloud.check("AWS::RDS::DBInstance", document("db.serverless", 1, "a"), [other]).await;
    assert!(cloud.wire.requests("ModifyDBInstance")[0].contains("ApplyImmediately=true"));
}

#[tokio::test]
async fn db_instance_conforms() {
    let cloud = Cloud::of("db_instance_conforms");
    let (subnets, group) = network(&cloud).await;
    let key = key(&cloud).await;
    let parameters = json!({"DBParameterGroupName": "main", "Description": "main", "Family": "postgres15"});
    cloud.make("AWS::RDS::DBParameterGroup", "parameters", parameters).await;
    let document = |class: &str, size: u16, name: &str| {
        let mut document = small_instance("main");
        let more = json!({
            "DBInstanceClass": class, "AllocatedStorage": size.to_string(), "MaxAllocatedStorage": size * 2,
            "StorageType": "gp3", "DBName": "app", "DBSubnetGroupName": subnets, "VPCSecurityGroups": [group],
            "DBParameterGroupName": "main", "StorageEncrypted": true, "KmsKeyId": key, "BackupRetentionPeriod": size / 10,
            "MultiAZ": size > 20, "Port": "5433", "CopyTagsToSnapshot": size > 20,
            "PreferredBackupWindow": "02:00-02:30", "PreferredMaintenanceWindow": "sun:08:00-sun:08:30",
            "DeletionProtection": false, "PubliclyAccessible": false, "EnableIAMDatabaseAuthentication": size > 20,
            "AutoMinorVersionUpgrade": size > 20, "AvailabilityZone": "us-east-1a", "Tags": tags(&[("Name", name)]),
            "EnableCloudwatchLogsExports": if size > 20 { json!(["postgresql", "upgrade"]) } else { json!(["postgresql"]) },
        });
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let managed = |mut document: Json| {
        let map = document.as_object_mut().unwrap();
        map.remove("MasterUserPassword");
        map.insert("ManageMasterUserPassword".to_owned(), json!(true));
        map.insert("MasterUserSecret".to_owned(), json!({"KmsKeyId": key}));
        document
    };
    let others = [document("db.t3.small", 30, "b"), managed(document("db.t3.micro", 20, "a"))];
    cloud.check("AWS::RDS::DBInstance", document("db.t3.micro", 20, "a"), others).await;
}

#[tokio::test]
async fn db_instances_made_from_others_conform() {
    let cloud = Cloud::of("db_instances_made_from_others_conform");
    cloud.make("AWS::RDS::DBInstance", "source", small_instance("source")).await;
    let rds = cloud.clients.rds(&cloud.place).await;
    let request = rds.create_db_snapshot().db_instance_identifier("source").db_snapshot_identifier("before");
    request.send().await.unwrap();
    let document = |name: &str, more: Json| {
        let mut document = json!({"DBInstanceIdentifier": name, "DBInstanceClass": "db.t3.small"});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let snapshot = document("restored", json!({"DBSnapshotIdentifier": "before", "BackupRetentionPeriod": 3}));
    cloud.check("AWS::RDS::DBInstance", snapshot, []).await;
    let past = json!({"SourceDBInstanceIdentifier": "source", "RestoreTime": "2026-01-31T08:30:00Z", "MultiAZ": true});
    cloud.check("AWS::RDS::DBInstance", document("rewound", past), []).await;
    let replica = document("replica", json!({"SourceDBInstanceIdentifier": "source", "PromotionTier": 3}));
    cloud.check("AWS::RDS::DBInstance", replica, []).await;
    assert_eq!(cloud.wire.requests("CreateDBInstanceReadReplica").len(), 2, "one, and one repeated");
}
