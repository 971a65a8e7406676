//! What RDS does over time and on request, which no emulator does: waiting, half-made objects, global clusters, final
//! snapshots. Where moto has no answer, the wire gives one in RDS's words.

use std::sync::Arc;

use provision::{
    base::{Address, Doc, Path, PhysicalId, Token},
    driver::{Call, Change, Driver, FaultKind, Made, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    cloud::Cloud,
    conformance::rds::{refuses, small_cluster, small_instance},
    wire::Trouble,
};

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

fn driver(cloud: &Cloud, name: &str) -> Arc<dyn Driver> {
    cloud.provider.driver(&format!("AWS::RDS::{name}")).expect("a driver")
}

fn made(id: &str) -> Made {
    Made { id: PhysicalId(id.to_owned()), attributes: Doc::default() }
}

fn change(id: &str, before: Json, want: Json, paths: &[&str]) -> Change {
    let paths = paths.iter().map(|path| path.parse::<Path>().expect("a path")).collect();
    Change { id: PhysicalId(id.to_owned()), before: before.into(), want: want.into(), paths }
}

/// An answer of RDS.
fn says(operation: &str, inside: &str) -> Trouble {
    Trouble::Answered(
        200,
        format!("<{operation}Response><{operation}Result>{inside}</{operation}Result></{operation}Response>"),
    )
}

fn clusters(inside: &str) -> Trouble {
    let id = "<DBClusterIdentifier>main</DBClusterIdentifier>";
    says("DescribeDBClusters", &format!("<DBClusters><DBCluster>{id}{inside}</DBCluster></DBClusters>"))
}

fn instances(inside: &str) -> Trouble {
    let id = "<DBInstanceIdentifier>main</DBInstanceIdentifier>";
    says("DescribeDBInstances", &format!("<DBInstances><DBInstance>{id}{inside}</DBInstance></DBInstances>"))
}

/// Deletes and says what it waited for.
async fn delete(cloud: &Cloud, driver: &dyn Driver, id: &str, removal: &Removal) -> Vec<String> {
    let mut notes = Vec::new();
    loop {
        match driver.delete(&call(cloud), &PhysicalId(id.to_owned()), removal).await.expect("a delete") {
            Progress::Done(()) => return notes,
            Progress::Pending { note, .. } => notes.push(note),
        }
        assert!(notes.len() < 9, "{notes:?}");
    }
}

#[tokio::test]
async fn a_cluster_is_ready_when_nothing_is_pending_any_more() {
    let cloud = Cloud::of("a_cluster_is_ready_when_nothing_is_pending_any_more");
    let driver = driver(&cloud, "DBCluster");
    let answers = [
        ("<Status>modifying</Status>", Some("modifying")),
        (
            "<Status>available</Status><PendingModifiedValues><EngineVersion>16.6</EngineVersion></PendingModifiedValues>",
            Some("applying changes"),
        ),
        (
            "<Status>available</Status><PendingModifiedValues/><MasterUserSecret><SecretStatus>creating</SecretStatus>\
             </MasterUserSecret>",
            Some("creating its secret"),
        ),
        ("<Status>available</Status><PendingModifiedValues/>", None),
    ];
    for (answer, note) in answers {
        cloud.wire.trouble("DescribeDBClusters", 0, clusters(answer));
        match (driver.poll(&call(&cloud), &made("main")).await.unwrap(), note) {
            (Progress::Pending { note, .. }, Some(expected)) => assert_eq!(note, expected),
            (Progress::Done(_), None) => {}
            (progress, _) => panic!("{answer}: {progress:?}"),
        }
    }
    cloud.wire.trouble("DescribeDBClusters", 0, clusters("<Status>inaccessible-encryption-credentials</Status>"));
    let fault = driver.poll(&call(&cloud), &made("main")).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.map(|made| made.id.0)), (FaultKind::Other, Some("main".to_owned())));
}

#[tokio::test]
async fn an_instance_is_ready_when_nothing_is_pending_any_more() {
    let cloud = Cloud::of("an_instance_is_ready_when_nothing_is_pending_any_more");
    let driver = driver(&cloud, "DBInstance");
    let pending = "<PendingModifiedValues><DBInstanceClass>db.r6g.large</DBInstanceClass></PendingModifiedValues>";
    let answers = [
        ("<DBInstanceStatus>configuring-log-exports</DBInstanceStatus>".to_owned(), Some("configuring-log-exports")),
        (format!("<DBInstanceStatus>available</DBInstanceStatus>{pending}"), Some("applying changes")),
        ("<DBInstanceStatus>storage-optimization</DBInstanceStatus>".to_owned(), None),
    ];
    for (answer, note) in answers {
        cloud.wire.trouble("DescribeDBInstances", 0, instances(&answer));
        match (driver.poll(&call(&cloud), &made("main")).await.unwrap(), note) {
            (Progress::Pending { note, .. }, Some(expected)) => assert_eq!(note, expected),
            (Progress::Done(_), None) => {}
            (progress, _) => panic!("{answer}: {progress:?}"),
        }
    }
    cloud.wire.trouble("DescribeDBInstances", 0, instances("<DBInstanceStatus>failed</DBInstanceStatus>"));
    assert!(driver.poll(&call(&cloud), &made("main")).await.unwrap_err().made.is_some());
}

#[tokio::test]
async fn changes_that_wait_for_the_maintenance_window_are_not_waited_for() {
    let cloud = Cloud::of("changes_that_wait_for_the_maintenance_window_are_not_waited_for");
    cloud.make("AWS::RDS::DBInstance", "main", small_instance("main")).await;
    let mut want = small_instance("main");
    want["DBInstanceClass"] = json!("db.t3.large");
    want["ApplyImmediately"] = json!(false);
    let change = change("main", small_instance("main"), want, &["DBInstanceClass", "ApplyImmediately"]);
    let progress = driver(&cloud, "DBInstance").update(&call(&cloud), &change).await.unwrap();
    assert!(matches!(progress, Progress::Done(_)), "{progress:?}");
    assert!(cloud.wire.requests("ModifyDBInstance")[0].contains("ApplyImmediately=false"));
}

#[tokio::test]
async fn what_a_restore_does_not_take_is_left_for_when_the_database_is_available() {
    let cloud = Cloud::of("what_a_restore_does_not_take_is_left_for_when_the_database_is_available");
    cloud.make("AWS::RDS::DBCluster", "source", small_cluster("source")).await;
    let want: Doc = json!({
        "DBClusterIdentifier": "copy", "SourceDBClusterIdentifier": "source", "UseLatestRestorableTime": true,
        "PreferredMaintenanceWindow": "mon:08:00-mon:08:30",
    })
    .into();
    let state = "Cluster copy is not in available state";
    cloud.wire.trouble("ModifyDBCluster", 0, refuses("InvalidDBClusterStateFault", state));
    let fault = driver(&cloud, "DBCluster").create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.made.map(|made| made.id.0)),
        (FaultKind::NotReady, Some("copy".to_owned())),
        "{state}"
    );
}

#[tokio::test]
async fn roles_of_an_instance_are_given_once_it_is_available() {
    let cloud = Cloud::of("roles_of_an_instance_are_given_once_it_is_available");
    let mut want = small_instance("main");
    want["AssociatedRoles"] = json!([{"FeatureName": "s3Import", "RoleArn": "arn:aws:iam::123456789012:role/import"}]);
    let not_yet = refuses("InvalidDBInstanceState", "not available");
    cloud.wire.trouble("AddRoleToDBInstance", 0, not_yet);
    let driver = driver(&cloud, "DBInstance");
    let fault = driver.create(&call(&cloud), &want.clone().into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.is_some()), (FaultKind::NotReady, true), "{fault}");
    let rest = change("main", small_instance("main"), want.clone(), &["AssociatedRoles"]);
    driver.update(&call(&cloud), &rest).await.unwrap();
    let live = driver.read(&call(&cloud), &[PhysicalId("main".to_owned())]).await.unwrap();
    assert_eq!(live[0].as_ref().unwrap().get("AssociatedRoles"), want.get("AssociatedRoles"));
}

#[tokio::test]
async fn a_role_that_rds_does_not_know_yet_is_worth_another_try() {
    let cloud = Cloud::of("a_role_that_rds_does_not_know_yet_is_worth_another_try");
    let message = "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
    cloud.wire.trouble("CreateDBInstance", 0, refuses("InvalidParameterValue", message));
    let fault = driver(&cloud, "DBInstance").create(&call(&cloud), &small_instance("main").into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
}

#[tokio::test]
async fn parameters_that_are_taken_out_are_reset() {
    let cloud = Cloud::of("parameters_that_are_taken_out_are_reset");
    let document = |parameters: Json| json!({"DBParameterGroupName": "main", "Description": "main", "Family": "postgres16", "Parameters": parameters});
    let before = document(json!({"max_connections": "100", "work_mem": "64", "set_by_hand": "1"}));
    cloud.make("AWS::RDS::DBParameterGroup", "main", before.clone()).await;
    cloud.wire.trouble("ResetDBParameterGroup", 0, says("ResetDBParameterGroup", ""));
    let change = change("main", before, document(json!({"work_mem": "64"})), &["Parameters.max_connections"]);
    driver(&cloud, "DBParameterGroup").update(&call(&cloud), &change).await.unwrap();
    let sent = cloud.wire.requests("ResetDBParameterGroup");
    assert!(
        sent[0].contains("ParameterName=max_connections") && sent[0].contains("ResetAllParameters=false"),
        "{sent:?}"
    );
    assert!(!sent[0].contains("set_by_hand"), "what somebody else has set stays: {sent:?}");
}

#[tokio::test]
async fn a_parameter_group_in_use_is_in_use() {
    let cloud = Cloud::of("a_parameter_group_in_use_is_in_use");
    let refusal = || refuses("InvalidDBParameterGroupState", "One or more database instances are still members");
    cloud.wire.trouble("DeleteDBParameterGroup", 0, refusal());
    let (driver, id) = (driver(&cloud, "DBParameterGroup"), PhysicalId("main".to_owned()));
    let fault = driver.delete(&call(&cloud), &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse);
}

#[tokio::test]
async fn final_snapshots_are_taken_of_what_has_data_of_its_own() {
    let cloud = Cloud::of("final_snapshots_are_taken_of_what_has_data_of_its_own");
    cloud.make("AWS::RDS::DBCluster", "main", small_cluster("main")).await;
    let member = json!({
        "DBInstanceIdentifier": "main-1", "DBClusterIdentifier": "main", "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.serverless",
    });
    cloud.make("AWS::RDS::DBInstance", "member", member).await;
    cloud.make("AWS::RDS::DBInstance", "alone", small_instance("alone")).await;
    let (cluster, instance) = (driver(&cloud, "DBCluster"), driver(&cloud, "DBInstance"));
    let last = |name: &str| Removal { final_snapshot: Some(name.to_owned()), inputs: Doc::default() };

    let fault = cluster.delete(&call(&cloud), &PhysicalId("main".to_owned()), &last("a")).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["DB instance main-1".to_owned()]));
    delete(&cloud, &*instance, "main-1", &last("b")).await;
    delete(&cloud, &*instance, "alone", &last("c")).await;
    assert_eq!(delete(&cloud, &*cluster, "main", &last("d")).await, ["deleting"]);

    let rds = cloud.clients.rds(&cloud.place).await;
    let taken = rds.describe_db_cluster_snapshots().snapshot_type("manual").send().await.unwrap();
    let taken: Vec<_> =
        taken.db_cluster_snapshots().iter().filter_map(|s| s.db_cluster_snapshot_identifier()).collect();
    assert_eq!(taken, ["d"]);
    let taken = rds.describe_db_snapshots().snapshot_type("manual").send().await.unwrap();
    assert_eq!(taken.db_snapshots().iter().filter_map(|s| s.db_snapshot_identifier()).collect::<Vec<_>>(), ["c"]);
}

#[tokio::test]
async fn a_global_cluster_is_made_around_a_cluster_and_lets_go_of_it() {
    let cloud = Cloud::of("a_global_cluster_is_made_around_a_cluster_and_lets_go_of_it");
    let arn = cloud.make_id("AWS::RDS::DBCluster", "main", small_cluster("main"), "DBClusterArn").await;
    let global = driver(&cloud, "GlobalCluster");
    let want: Doc = json!({"GlobalClusterIdentifier": "World", "SourceDBClusterIdentifier": "main"}).into();
    let id = global.create(&call(&cloud), &want).await.unwrap().into_inner().id;
    assert_eq!(id.0, "world");
    let sent = &cloud.wire.requests("CreateGlobalCluster")[0];
    assert!(sent.contains("provision%3Asource"), "{sent}");
    let Progress::Done(ready) = global.poll(&call(&cloud), &made("world")).await.unwrap() else { panic!("not ready") };
    assert!(ready.attributes.get("GlobalEndpoint").is_some_and(|endpoint| endpoint["Address"].is_string()));
    let live = global.read(&call(&cloud), std::slice::from_ref(&id)).await.unwrap().remove(0).unwrap();
    assert_eq!(live.text("SourceDBClusterIdentifier"), Some(arn.as_str()));

    let gone = refuses("GlobalClusterNotFoundFault", "moto fails instead");
    cloud.wire.trouble("DeleteGlobalCluster", 1, gone);
    // moto knows global clusters in one region only, so a second member is only said to be there.
    let member = |arn: &str| format!("<GlobalClusterMember><DBClusterArn>{arn}</DBClusterArn></GlobalClusterMember>");
    let members = format!("{}{}", member(&arn), member("arn:aws:rds:eu-west-1:1:cluster:second"));
    let inside = format!(
        "<GlobalClusters><GlobalClusterMember><GlobalClusterIdentifier>world</GlobalClusterIdentifier>\
         <GlobalClusterMembers>{members}</GlobalClusterMembers></GlobalClusterMember></GlobalClusters>"
    );
    cloud.wire.trouble("DescribeGlobalClusters", 0, says("DescribeGlobalClusters", &inside));
    let removal = Removal { final_snapshot: None, inputs: want };
    let fault = global.delete(&call(&cloud), &id, &removal).await.unwrap_err();
    let second = "DB cluster arn:aws:rds:eu-west-1:1:cluster:second".to_owned();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec![second]));

    let notes = delete(&cloud, &*global, "world", &removal).await;
    assert_eq!(notes, ["letting go of its first cluster", "deleting"]);
    assert_eq!(global.read(&call(&cloud), &[id]).await.unwrap(), [None]);
    let cluster = driver(&cloud, "DBCluster").read(&call(&cloud), &[PhysicalId("main".to_owned())]).await.unwrap();
    assert!(cluster[0].is_some(), "the cluster was there before, and stays");
}

#[tokio::test]
async fn a_global_cluster_is_found_by_its_tags_and_changed() {
    let cloud = Cloud::of("a_global_cluster_is_found_by_its_tags_and_changed");
    let global = driver(&cloud, "GlobalCluster");
    let want: Doc = json!({"GlobalClusterIdentifier": "world", "Engine": "aurora-postgresql"}).into();
    let progress = global.create(&call(&cloud), &want).await.unwrap();
    assert!(matches!(progress, Progress::Pending { .. }));
    let found = |token: &str| {
        let tag = format!("<Tag><Key>provision:token</Key><Value>{token}</Value></Tag>");
        let inside = format!("<GlobalClusterIdentifier>world</GlobalClusterIdentifier><TagList>{tag}</TagList>");
        let inside = format!("<GlobalClusters><GlobalClusterMember>{inside}</GlobalClusterMember></GlobalClusters>");
        says("DescribeGlobalClusters", &inside)
    };
    for (token, ids) in [("k".repeat(32), vec![PhysicalId("world".to_owned())]), ("x".repeat(32), Vec::new())] {
        cloud.wire.trouble("DescribeGlobalClusters", 0, found(&token));
        assert_eq!(global.find(&call(&cloud), &want).await.unwrap(), ids);
    }
    cloud.wire.trouble("DeleteGlobalCluster", 1, refuses("GlobalClusterNotFoundFault", "moto fails instead"));
    cloud.wire.trouble("ModifyGlobalCluster", 0, says("ModifyGlobalCluster", ""));
    let after = json!({"GlobalClusterIdentifier": "world", "Engine": "aurora-postgresql", "DeletionProtection": true});
    let change = change("world", want.into_json(), after, &["DeletionProtection"]);
    global.update(&call(&cloud), &change).await.unwrap();
    assert!(cloud.wire.requests("ModifyGlobalCluster")[0].contains("DeletionProtection=true"));
    assert_eq!(delete(&cloud, &*global, "world", &Removal::default()).await, ["deleting"]);
}

#[tokio::test]
async fn a_member_leaves_its_global_cluster_before_it_is_deleted() {
    let cloud = Cloud::of("a_member_leaves_its_global_cluster_before_it_is_deleted");
    let global = driver(&cloud, "GlobalCluster");
    let want: Doc = json!({"GlobalClusterIdentifier": "world", "Engine": "aurora-postgresql"}).into();
    global.create(&call(&cloud), &want).await.unwrap();
    cloud.wire.trouble("DeleteGlobalCluster", 1, refuses("GlobalClusterNotFoundFault", "moto fails instead"));
    let mut member = small_cluster("main");
    member["GlobalClusterIdentifier"] = json!("world");
    cloud.make("AWS::RDS::DBCluster", "main", member).await;
    let notes = delete(&cloud, &*driver(&cloud, "DBCluster"), "main", &Removal::default()).await;
    assert_eq!(notes, ["leaving its global cluster", "deleting"]);
    assert_eq!(delete(&cloud, &*global, "world", &Removal::default()).await, ["deleting"]);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_before_anything_is_sent() {
    let cloud = Cloud::of("what_cannot_be_done_is_refused_before_anything_is_sent");
    let cluster = driver(&cloud, "DBCluster");
    let mut restored = small_cluster("main");
    restored["SnapshotIdentifier"] = json!("before");
    let fault = cluster.create(&call(&cloud), &restored.into()).await.unwrap_err();
    assert!(fault.to_string().contains("keeps the password of its source"), "{fault}");
    let after = json!({"Engine": "aurora-mysql"});
    let change = change("main", json!({"Engine": "aurora-postgresql"}), after, &["Engine"]);
    assert_eq!(cluster.update(&call(&cloud), &change).await.unwrap_err().kind, FaultKind::Invalid);
    assert_eq!(cloud.wire.requests("RestoreDBClusterFromSnapshot"), Vec::<String>::new());
}
