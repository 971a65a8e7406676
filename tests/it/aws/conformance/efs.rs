//! EFS, on ministack. It makes everything ready at once, forgets the client tokens of access points, and keeps a
//! provisioned throughput for ever.

use provision::{
    base::{Address, Doc, Path, PhysicalId, Token},
    driver::{Call, Change, FaultKind, Owner, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    other_network, tags,
};

const FILES: &str = "AWS::EFS::FileSystem";

#[tokio::test]
async fn file_system_conforms() {
    let cloud = Cloud::of("file_system_conforms");
    let policy = |action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": [action]});
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let fixed = json!({
        "Encrypted": true, "KmsKeyId": "arn:aws:kms:us-east-1:123456789012:key/1", "PerformanceMode": "generalPurpose",
        "AvailabilityZoneName": "us-east-1a",
    });
    let with = |more: Json| {
        let mut document = fixed.clone();
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let want = with(json!({
        "ThroughputMode": "bursting", "BackupPolicy": {"Status": "ENABLED"},
        "LifecyclePolicies": [{"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"}],
        "FileSystemPolicy": policy("elasticfilesystem:ClientMount"),
        "FileSystemProtection": {"ReplicationOverwriteProtection": "DISABLED"},
        "FileSystemTags": tags(&[("Name", "a"), ("Team", "x")]),
    }));
    let other = with(json!({
        "ThroughputMode": "elastic",
        "LifecyclePolicies": [{"TransitionToArchive": "AFTER_90_DAYS"}],
        "FileSystemPolicy": policy("elasticfilesystem:ClientWrite"), "BypassPolicyLockoutSafetyCheck": true,
        "FileSystemTags": tags(&[("Name", "b")]),
    }));
    let off = with(json!({
        "BackupPolicy": {"Status": "DISABLED"}, "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
    }));
    cloud.check(FILES, want, [other, off]).await;
}

#[tokio::test]
async fn provisioned_file_system_conforms() {
    let cloud = Cloud::of("provisioned_file_system_conforms");
    let document =
        |throughput: f64| json!({"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": throughput});
    cloud.check(FILES, document(10.5), [document(20.0)]).await;
}

#[tokio::test]
async fn replicated_file_system_conforms() {
    let cloud = Cloud::of("replicated_file_system_conforms");
    let document =
        |region: &str| json!({"Encrypted": true, "ReplicationConfiguration": {"Destinations": [{"Region": region}]}});
    let updates = [document("eu-west-1"), json!({"Encrypted": true})];
    cloud.check(FILES, document("us-west-2"), updates).await;
}

#[tokio::test]
async fn mount_target_conforms() {
    let cloud = Cloud::of("mount_target_conforms");
    let network = other_network("mount-target").await;
    let files = cloud.make_id(FILES, "files", json!({}), "FileSystemId").await;
    let document =
        |groups: Json| json!({"FileSystemId": files, "SubnetId": network.subnets[0], "SecurityGroups": groups});
    let updates = [document(json!(network.groups))];
    cloud.check("AWS::EFS::MountTarget", document(json!([network.groups[0]])), updates).await;
    removed(&cloud, &files).await;
}

#[tokio::test]
async fn mount_target_at_an_address_conforms() {
    let cloud = Cloud::of("mount_target_at_an_address_conforms");
    let network = other_network("mount-address").await;
    let files = cloud.make_id(FILES, "files", json!({}), "FileSystemId").await;
    let want = json!({
        "FileSystemId": files, "SubnetId": network.subnets[1], "SecurityGroups": network.groups,
        "IpAddress": "172.31.16.77", "IpAddressType": "IPV4_ONLY",
    });
    cloud.check("AWS::EFS::MountTarget", want, []).await;
    removed(&cloud, &files).await;
}

#[tokio::test]
async fn access_point_conforms() {
    let cloud = Cloud::of("access_point_conforms");
    let files = cloud.make_id(FILES, "files", json!({}), "FileSystemId").await;
    let document = |name: &str| {
        json!({
            "FileSystemId": files, "PosixUser": {"Uid": "1000", "Gid": "1001", "SecondaryGids": ["1002", "1003"]},
            "RootDirectory": {"Path": "/data", "CreationInfo": {"OwnerUid": "1000", "OwnerGid": "1001", "Permissions": "750"}},
            "AccessPointTags": tags(&[("Name", name)]), "ClientToken": "chosen",
        })
    };
    cloud.check("AWS::EFS::AccessPoint", document("a"), [document("b")]).await;
    cloud.check("AWS::EFS::AccessPoint", json!({"FileSystemId": files}), []).await;
    removed(&cloud, &files).await;
}

#[tokio::test]
async fn a_file_system_that_is_mounted_is_not_deleted_and_says_where() {
    let cloud = Cloud::of("a_file_system_that_is_mounted_is_not_deleted_and_says_where");
    let network = other_network("mounted").await;
    let files = cloud.make_id(FILES, "files", json!({}), "FileSystemId").await;
    let want = json!({"FileSystemId": files, "SubnetId": network.subnets[2], "SecurityGroups": network.groups});
    let target = cloud.make_id("AWS::EFS::MountTarget", "target", want.clone(), "Id").await;
    let driver = cloud.provider.driver(FILES).unwrap();
    let id = PhysicalId(files.clone());
    let fault = driver.delete(&call(&cloud), &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse);
    assert_eq!(fault.blockers, [format!("{target} (in {})", network.subnets[2])]);
    let targets = cloud.provider.driver("AWS::EFS::MountTarget").unwrap();
    let fault = targets.create(&call(&cloud), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AlreadyExists, "one subnet, one mount target");
    targets.delete(&call(&cloud), &PhysicalId(target), &Removal::default()).await.unwrap();
    removed(&cloud, &files).await;
}

#[tokio::test]
async fn a_new_file_system_is_finished_when_it_is_available() {
    let cloud = Cloud::of("a_new_file_system_is_finished_when_it_is_available");
    let driver = cloud.provider.driver(FILES).unwrap();
    let refused =
        |code: &str| Trouble::Answered(409, json!({"__type": code, "message": "as the test asks"}).to_string());
    cloud.wire.trouble("PutLifecycleConfiguration", 0, refused("IncorrectFileSystemLifeCycleState"));
    let want: Doc = json!({"LifecyclePolicies": [{"TransitionToIA": "AFTER_7_DAYS"}]}).into();
    let fault = driver.create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    let made = fault.made.expect("it exists");
    assert!(made.attributes.text("Arn").is_some_and(|arn| arn.ends_with(&made.id.0)));

    for state in ["creating", "updating"] {
        cloud.wire.trouble("DescribeFileSystems", 0, Trouble::Answered(200, file_system(&made.id, state)));
        let progress = driver.poll(&call(&cloud), &made).await.unwrap();
        assert!(matches!(&progress, Progress::Pending { note, .. } if note == state), "{progress:?}");
    }
    cloud.wire.trouble("DescribeFileSystems", 0, Trouble::Answered(200, file_system(&made.id, "error")));
    let failed = driver.poll(&call(&cloud), &made).await.unwrap_err();
    assert_eq!((failed.kind, failed.made.is_some()), (FaultKind::Other, true));

    // The service refuses a token it has seen; ministack answers with what that token made.
    cloud.wire.trouble("CreateFileSystem", 0, refused("FileSystemAlreadyExists"));
    let fault = driver.create(&call(&cloud), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AlreadyExists);
    assert_eq!(driver.find(&call(&cloud), &want).await.unwrap(), std::slice::from_ref(&made.id));
    removed(&cloud, &made.id.0).await;
}

#[tokio::test]
async fn throughput_may_be_changed_once_a_day_and_a_new_role_needs_a_moment() {
    let cloud = Cloud::of("throughput_may_be_changed_once_a_day_and_a_new_role_needs_a_moment");
    let driver = cloud.provider.driver(FILES).unwrap();
    let files = cloud.make_id(FILES, "files", json!({}), "FileSystemId").await;
    let change = |want: Json| {
        let want: Doc = want.into();
        let paths = want.0.keys().map(Path::key).collect();
        Change { id: PhysicalId(files.clone()), before: Doc::default(), want, paths }
    };
    let refused = |code: &str, message: &str| json!({"__type": code, "message": message}).to_string();
    cloud.wire.trouble("UpdateFileSystem", 0, Trouble::Answered(429, refused("TooManyRequests", "wait a day")));
    let fault = driver.update(&call(&cloud), &change(json!({"ThroughputMode": "elastic"}))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Quota, "nobody waits a day");

    let policy = json!({"FileSystemPolicy": {"Version": "2012-10-17", "Statement": []}});
    for (message, kind) in [("Invalid Principal block", FaultKind::NotReady), ("Bad action", FaultKind::Invalid)] {
        cloud.wire.trouble(
            "PutFileSystemPolicy",
            0,
            Trouble::Answered(400, refused("InvalidPolicyException", message)),
        );
        assert_eq!(driver.update(&call(&cloud), &change(policy.clone())).await.unwrap_err().kind, kind);
    }
    removed(&cloud, &files).await;
}

/// The answer to DescribeFileSystems.
fn file_system(id: &PhysicalId, state: &str) -> String {
    let described = json!({
        "OwnerId": "1", "CreationToken": "t", "FileSystemId": id.0, "CreationTime": 0, "LifeCycleState": state,
        "NumberOfMountTargets": 0, "SizeInBytes": {"Value": 0}, "PerformanceMode": "generalPurpose", "Tags": [],
    });
    json!({"FileSystems": [described]}).to_string()
}

fn call(cloud: &Cloud) -> Call {
    let owner = Owner {
        stack: "shop/dev".to_owned(),
        address: "main".to_owned(),
        token: Token(format!("{:032}", std::process::id())),
    };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

async fn removed(cloud: &Cloud, id: &str) {
    let driver = cloud.provider.driver(FILES).expect("a driver");
    driver.delete(&call(cloud), &PhysicalId(id.to_owned()), &Removal::default()).await.expect("a deletion");
}
