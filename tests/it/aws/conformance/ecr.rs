//! ECR.

use provision::{
    base::PhysicalId,
    driver::{FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const REPOSITORY: &str = "AWS::ECR::Repository";

fn expiring(days: u32) -> Json {
    let rules = json!([{
        "rulePriority": 1, "action": {"type": "expire"},
        "selection": {
            "tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days,
        },
    }]);
    json!({"LifecyclePolicyText": json!({"rules": rules}).to_string()})
}

/// moto takes a false that is left out, as the SDK does, for no change of the scanning.
#[tokio::test]
async fn ecr_repository_conforms() {
    let cloud = Cloud::of("ecr_repository_conforms");
    let policy = |action: &str| {
        let statement = json!({
            "Sid": "pull", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": action,
        });
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    let encryption = json!({"EncryptionType": "KMS", "KmsKey": "arn:aws:kms:us-east-1:123456789012:key/k"});
    let exclusion = json!({
        "ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "dev-*",
    });
    let want = json!({
        "RepositoryName": "main/app", "ImageScanningConfiguration": {"ScanOnPush": true}, "EmptyOnDelete": true,
        "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "ImageTagMutabilityExclusionFilters": [exclusion],
        "EncryptionConfiguration": encryption, "LifecyclePolicy": expiring(14),
        "RepositoryPolicyText": policy("ecr:BatchGetImage"), "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other = json!({
        "RepositoryName": "main/app", "ImageScanningConfiguration": {"ScanOnPush": true},
        "ImageTagMutability": "IMMUTABLE", "EncryptionConfiguration": encryption, "LifecyclePolicy": expiring(7),
        "RepositoryPolicyText": policy("ecr:GetDownloadUrlForLayer"), "Tags": tags(&[("Name", "b")]),
    });
    let least = json!({
        "RepositoryName": "main/app", "ImageScanningConfiguration": {"ScanOnPush": true},
        "EncryptionConfiguration": encryption,
    });
    cloud.check(REPOSITORY, want, [other, least]).await;
}

#[tokio::test]
async fn a_repository_that_does_not_exist_hides_no_other() {
    let cloud = Cloud::of("a_repository_that_does_not_exist_hides_no_other");
    cloud.make(REPOSITORY, "main", json!({"RepositoryName": "main"})).await;
    let ids = ["none", "main"].map(|name| PhysicalId(name.to_owned()));
    let found = cloud.provider.driver(REPOSITORY).unwrap().read(&cloud.call("main"), &ids).await.unwrap();
    assert!(found[0].is_none());
    assert_eq!(found[1].as_ref().unwrap().text("RepositoryName"), Some("main"));
}

#[tokio::test]
async fn a_repository_with_images_is_only_deleted_if_the_stack_says_so() {
    let cloud = Cloud::of("a_repository_with_images_is_only_deleted_if_the_stack_says_so");
    cloud.make(REPOSITORY, "main", json!({"RepositoryName": "main"})).await;
    let (driver, call, id) =
        (cloud.provider.driver(REPOSITORY).unwrap(), cloud.call("main"), PhysicalId("main".to_owned()));
    cloud.wire.trouble("DeleteRepository", 0, Trouble::Refused(400, "RepositoryNotEmptyException"));
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`EmptyOnDelete: true`"), "{fault}");
    let removal = Removal { final_snapshot: None, inputs: json!({"EmptyOnDelete": true}).into() };
    assert_eq!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Done(()));
    let sent: Json = serde_json::from_str(cloud.wire.requests("DeleteRepository").last().unwrap()).unwrap();
    assert_eq!(sent["force"], json!(true));
}
