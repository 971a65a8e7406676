//! AWS Backup. The emulator has one account for all tests, so names are made of the test's.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use provision::{
    base::{Address, Path, PhysicalId, Token},
    driver::{Call, Change, FaultKind, Owner, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::super::{cloud::Cloud, wire::Trouble};

const VAULT: &str = "AWS::Backup::BackupVault";
const PLAN: &str = "AWS::Backup::BackupPlan";
const SELECTION: &str = "AWS::Backup::BackupSelection";

fn call(cloud: &Cloud) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: "main".to_owned(), token: Token("k".repeat(32)) };
    Call { object: Address::root("main").generation(1), owner, place: cloud.place.clone() }
}

/// Removes from the shared account what a test has made for itself.
async fn remove(cloud: &Cloud, type_name: &str, id: &str) {
    let driver = cloud.provider.driver(type_name).unwrap();
    driver.delete(&call(cloud), &PhysicalId(id.to_owned()), &Removal::default()).await.unwrap();
}

/// The emulator has no policies, notifications and locks of vaults.
#[tokio::test]
async fn backup_vault_conforms() {
    let cloud = Cloud::of("backup_vault_conforms");
    let document = |tags: Json| {
        json!({
            "BackupVaultName": "backup_vault_conforms",
            "EncryptionKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k", "BackupVaultTags": tags,
        })
    };
    let want = document(json!({"Name": "a", "Team": "b"}));
    cloud.check(VAULT, want, [document(json!({"Name": "b"})), document(json!({}))]).await;
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn the_settings_of_a_vault_are_made_and_read() {
    let cloud = Cloud::of("the_settings_of_a_vault_are_made_and_read");
    let name = "the_settings_of_a_vault_are_made_and_read";
    let want = json!({
        "BackupVaultName": name, "AccessPolicy": {"Version": "2012-10-17"},
        "Notifications": {"SNSTopicArn": "arn:topic", "BackupVaultEvents": ["BACKUP_JOB_FAILED"]},
        "LockConfiguration": {"MinRetentionDays": 7, "MaxRetentionDays": 35, "ChangeableForDays": 3},
    });
    let settings = ["AccessPolicy", "Notifications", "LockConfiguration"];
    for setting in settings {
        cloud.wire.trouble(&format!("PutBackupVault{setting}"), 0, Trouble::Answered(200, String::new()));
    }
    let driver = cloud.provider.driver(VAULT).unwrap();
    let made = driver.create(&call(&cloud), &want.clone().into()).await.unwrap().into_inner();
    let sent = |setting: &str| -> Json {
        serde_json::from_str(cloud.wire.requests(&format!("PutBackupVault{setting}")).last().unwrap()).unwrap()
    };
    assert_eq!(sent("AccessPolicy"), json!({"Policy": r#"{"Version":"2012-10-17"}"#}));
    assert_eq!(sent("Notifications"), want["Notifications"]);
    assert_eq!(sent("LockConfiguration"), want["LockConfiguration"]);

    let arn = made.attributes.text("BackupVaultArn").unwrap();
    let vault = json!({
        "BackupVaultName": name, "BackupVaultArn": arn, "Locked": true, "MinRetentionDays": 7, "MaxRetentionDays": 35,
    });
    for (operation, answer) in [
        ("ListBackupVaults", json!({"BackupVaultList": [vault]})),
        ("GetBackupVaultAccessPolicy", json!({"Policy": r#"{"Version":"2012-10-17"}"#})),
        ("GetBackupVaultNotifications", want["Notifications"].clone()),
    ] {
        cloud.wire.trouble(operation, 0, Trouble::Answered(200, answer.to_string()));
    }
    let found = driver.read(&call(&cloud), std::slice::from_ref(&made.id)).await.unwrap();
    let found = found[0].clone().unwrap().into_json();
    assert_eq!(found["AccessPolicy"], want["AccessPolicy"]);
    assert_eq!(found["Notifications"], want["Notifications"]);
    assert_eq!(found["LockConfiguration"], json!({"MinRetentionDays": 7, "MaxRetentionDays": 35}));

    for setting in settings {
        cloud.wire.trouble(&format!("DeleteBackupVault{setting}"), 0, Trouble::Answered(200, String::new()));
    }
    let paths = settings.iter().map(|name| Path::key(*name)).collect();
    let bare = json!({"BackupVaultName": name});
    driver.update(&call(&cloud), &Change { id: made.id, before: want.into(), want: bare.into(), paths }).await.unwrap();
    for setting in settings {
        assert_eq!(cloud.wire.requests(&format!("DeleteBackupVault{setting}")).len(), 1, "{setting}");
    }
    remove(&cloud, VAULT, name).await;
}

#[tokio::test]
async fn a_vault_that_holds_recovery_points_says_so() {
    let cloud = Cloud::of("a_vault_that_holds_recovery_points_says_so");
    let vault = json!({"BackupVaultName": "full", "BackupVaultArn": "arn:vault", "NumberOfRecoveryPoints": 3});
    cloud.wire.trouble("ListBackupVaults", 0, Trouble::Answered(200, json!({"BackupVaultList": [vault]}).to_string()));
    let refusal = json!({"__type": "InvalidRequestException", "Message": "Backup vault cannot be deleted"});
    cloud.wire.trouble("DeleteBackupVault", 0, Trouble::Answered(400, refusal.to_string()));
    let driver = cloud.provider.driver(VAULT).unwrap();
    let outcome = driver.delete(&call(&cloud), &PhysicalId("full".to_owned()), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("3 recovery points"), "{fault}");
}

#[tokio::test]
async fn backup_plan_conforms() {
    let cloud = Cloud::of("backup_plan_conforms");
    let want = json!({
        "BackupPlan": {
            "BackupPlanName": "backup_plan_conforms",
            "BackupPlanRule": [
                {
                    "RuleName": "daily", "TargetBackupVault": "main", "ScheduleExpression": "cron(0 17 * * ? *)",
                    "ScheduleExpressionTimezone": "Etc/UTC", "StartWindowMinutes": 60, "CompletionWindowMinutes": 180,
                    "Lifecycle": {
                        "DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30,
                        "OptInToArchiveForSupportedResources": true,
                    },
                    "CopyActions": [{
                        "DestinationBackupVaultArn": "arn:aws:backup:us-west-2:123456789012:backup-vault:dr",
                        "Lifecycle": {"DeleteAfterDays": 14},
                    }],
                    "RecoveryPointTags": {"Kind": "daily"}, "EnableContinuousBackup": false,
                    "IndexActions": [{"ResourceTypes": ["S3"]}],
                    "ScanActions": [{"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN"}],
                },
                {"RuleName": "monthly", "TargetBackupVault": "main"},
            ],
            "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}],
            "ScanSettings": [{
                "MalwareScanner": "GUARDDUTY", "ResourceTypes": ["EBS"],
                "ScannerRoleArn": "arn:aws:iam::123456789012:role/scanner",
            }],
        },
        "BackupPlanTags": {"Name": "a", "Team": "b"},
    });
    let other = json!({
        "BackupPlan": {
            "BackupPlanName": "backup_plan_conforms",
            "BackupPlanRule": [{"RuleName": "daily", "TargetBackupVault": "other", "Lifecycle": {"DeleteAfterDays": 35}}],
        },
        "BackupPlanTags": {"Name": "b"},
    });
    cloud.check(PLAN, want, [other]).await;
}

async fn plan(cloud: &Cloud, name: &str) -> String {
    let rule = json!({"RuleName": "daily", "TargetBackupVault": "main"});
    let want = json!({"BackupPlan": {"BackupPlanName": name, "BackupPlanRule": [rule]}});
    cloud.make_id(PLAN, name, want, "BackupPlanId").await
}

#[tokio::test]
async fn backup_selection_conforms() {
    let cloud = Cloud::of("backup_selection_conforms");
    let plan = plan(&cloud, "backup_selection_conforms_plan").await;
    let parameter = |key: &str| json!([{"ConditionKey": format!("aws:ResourceTag/{key}"), "ConditionValue": "yes"}]);
    let want = json!({
        "BackupPlanId": plan,
        "BackupSelection": {
            "SelectionName": "files", "IamRoleArn": "arn:aws:iam::123456789012:role/backup",
            "Resources": ["arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"],
            "NotResources": ["arn:aws:ec2:*:*:volume/*"],
            "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "yes"}],
            "Conditions": {
                "StringEquals": parameter("a"), "StringNotEquals": parameter("b"), "StringLike": parameter("c"),
                "StringNotLike": parameter("d"),
            },
        },
    });
    cloud.check(SELECTION, want, []).await;
    remove(&cloud, PLAN, &plan).await;
}

#[tokio::test]
async fn what_keeps_a_plan_is_named() {
    let cloud = Cloud::of("what_keeps_a_plan_is_named");
    let plan = plan(&cloud, "what_keeps_a_plan_is_named_plan").await;
    let body = json!({"SelectionName": "files", "IamRoleArn": "arn:aws:iam::123456789012:role/backup"});
    let want = json!({"BackupPlanId": plan, "BackupSelection": body});
    let selection = cloud.make_id(SELECTION, "selection", want.clone(), "Id").await;
    let driver = cloud.provider.driver(PLAN).unwrap();
    let refusal =
        json!({"__type": "InvalidRequestException", "Message": "Related backup plan selections must be deleted"});
    cloud.wire.trouble("DeleteBackupPlan", 0, Trouble::Answered(400, refusal.to_string()));
    let fault = driver.delete(&call(&cloud), &PhysicalId(plan.clone()), &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["the selection `files`".to_owned()]));

    let refusal = json!({
        "__type": "InvalidParameterValueException",
        "Message": "IAM Role arn:aws:iam::123456789012:role/backup cannot be assumed by AWS Backup",
    });
    cloud.wire.trouble("CreateBackupSelection", 0, Trouble::Answered(400, refusal.to_string()));
    let driver = cloud.provider.driver(SELECTION).unwrap();
    let fault = driver.create(&call(&cloud), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "a new role is not known everywhere yet");
    remove(&cloud, SELECTION, &selection).await;
    remove(&cloud, PLAN, &plan).await;
}
