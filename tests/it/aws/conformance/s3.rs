//! S3. The names of buckets are shared by all accounts, in moto too, so every run has its own.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags, unique,
};

const BUCKET: &str = "AWS::S3::Bucket";
const POLICY: &str = "AWS::S3::BucketPolicy";

#[expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]
async fn bucket(cloud: &Cloud, name: &str, rest: Json) -> String {
    let name = unique(name);
    let mut want = json!({"BucketName": name});
    let Json::Object(rest) = rest else { panic!("properties are a map: {rest}") };
    want.as_object_mut().unwrap().extend(rest);
    cloud.make(BUCKET, &name.replace('-', "_"), want).await;
    name
}

/// Makes trouble at a request about a bucket; the path may end in a slash.
#[expect(clippy::too_many_arguments, reason = "each is another part of a request or its answer")]
fn trouble(cloud: &Cloud, method: &str, bucket: &str, passed: usize, status: u16, answer: &str) {
    for end in ["", "/"] {
        let trouble = Trouble::Answered(status, answer.to_owned());
        cloud.wire.trouble(&format!("{method} /{bucket}{end}"), passed, trouble);
    }
}

/// The bodies of the requests about a bucket.
fn sent(cloud: &Cloud, method: &str, bucket: &str) -> Vec<String> {
    ["", "/"].iter().flat_map(|end| cloud.wire.requests(&format!("{method} /{bucket}{end}"))).collect()
}

fn error(code: &str, message: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r</RequestId></Error>")
}

fn change(bucket: &str, before: Json, want: Json) -> Change {
    let (before, want) = (Doc::from(before), Doc::from(want));
    let names = before.0.keys().chain(want.0.keys().filter(|name| !before.0.contains_key(*name)));
    let paths = names.filter(|name| before.get(name) != want.get(name)).map(Path::key).collect();
    Change { id: PhysicalId(bucket.to_owned()), before, want, paths }
}

// moto ignores the tags in the create call, which is why they are put once more.
#[tokio::test]
async fn bucket_conforms() {
    let cloud = Cloud::of("bucket_conforms");
    let name = unique("bucket-conforms");
    let want = json!({
        "BucketName": name,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/main"},
            "BucketKeyEnabled": true,
        }]},
        "VersioningConfiguration": {"Status": "Enabled"},
        "AccelerateConfiguration": {"AccelerationStatus": "Enabled"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": false, "BlockPublicPolicy": true, "IgnorePublicAcls": false, "RestrictPublicBuckets": true,
        },
        "AccessControl": "LogDeliveryWrite",
        "Tags": tags(&[("Name", "a"), ("Team", "b")]),
    });
    let other = json!({
        "BucketName": name,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [{
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false,
        }]},
        "VersioningConfiguration": {"Status": "Suspended"},
        "AccelerateConfiguration": {"AccelerationStatus": "Suspended"},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": false,
        },
        "Tags": tags(&[("Name", "b")]),
    });
    let least = json!({
        "BucketName": name, "VersioningConfiguration": {"Status": "Suspended"},
        "AccelerateConfiguration": {"AccelerationStatus": "Suspended"},
    });
    cloud.check(BUCKET, want, [other, least]).await;
}

// moto keeps neither the sizes in rules nor how many versions stay.
#[tokio::test]
async fn the_lifecycle_of_a_bucket_conforms() {
    let cloud = Cloud::of("the_lifecycle_of_a_bucket_conforms");
    let name = unique("bucket-lifecycle");
    let want = json!({
        "BucketName": name,
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": [
            {
                "Id": "logs", "Status": "Enabled", "Prefix": "logs/", "ExpirationInDays": 365,
                "Transitions": [
                    {"StorageClass": "STANDARD_IA", "TransitionInDays": 30},
                    {"StorageClass": "GLACIER", "TransitionInDays": 90},
                ],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 7}],
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3},
            },
            {
                "Id": "tagged", "Status": "Disabled", "Prefix": "x", "ExpirationDate": "2030-01-01T00:00:00Z",
                "TagFilters": tags(&[("a", "1"), ("b", "2")]),
            },
        ]},
    });
    let other = json!({
        "BucketName": name,
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": [
            {"Id": "all", "Status": "Enabled", "ExpirationInDays": 30},
            {"Id": "one", "Status": "Enabled", "TagFilters": tags(&[("a", "1")]), "ExpirationInDays": 7},
        ]},
    });
    let least = json!({"BucketName": name, "VersioningConfiguration": {"Status": "Enabled"}});
    cloud.check(BUCKET, want, [other, least]).await;
}

// moto does not keep in which form logs are named, nor that the event bridge is on.
#[tokio::test]
async fn what_a_bucket_serves_and_tells_conforms() {
    let cloud = Cloud::of("what_a_bucket_serves_and_tells_conforms");
    let name = unique("bucket-serves");
    let logs = bucket(&cloud, "bucket-serves-logs", json!({"AccessControl": "LogDeliveryWrite"})).await;
    let topic = "arn:aws:sns:us-east-1:123456789012:alarms";
    let filter = json!({"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}});
    let want = json!({
        "BucketName": name,
        "CorsConfiguration": {"CorsRules": [{
            "Id": "site", "AllowedMethods": ["GET", "HEAD"], "AllowedOrigins": ["https://example.com"],
            "AllowedHeaders": ["*"], "ExposedHeaders": ["ETag"], "MaxAge": 300,
        }]},
        "WebsiteConfiguration": {
            "IndexDocument": "index.html", "ErrorDocument": "error.html",
            "RoutingRules": [{
                "RedirectRule": {"HostName": "example.com", "Protocol": "https", "ReplaceKeyPrefixWith": "new/"},
                "RoutingRuleCondition": {"KeyPrefixEquals": "old/"},
            }],
        },
        "LoggingConfiguration": {"DestinationBucketName": logs, "LogFilePrefix": "main/"},
        "NotificationConfiguration": {
            "TopicConfigurations": [{"Event": "s3:ObjectCreated:*", "Filter": filter, "Topic": topic}],
        },
    });
    let other = json!({
        "BucketName": name,
        "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        "WebsiteConfiguration": {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}},
        "LoggingConfiguration": {"DestinationBucketName": logs, "LogFilePrefix": "other/"},
        "NotificationConfiguration": {
            "TopicConfigurations": [{"Event": "s3:ObjectRemoved:*", "Topic": topic}],
        },
    });
    cloud.check(BUCKET, want, [other, json!({"BucketName": name})]).await;
}

// moto keeps neither filters nor criteria of a replication, and takes the whole bucket away where an inventory is deleted.
#[tokio::test]
async fn what_a_bucket_copies_and_lists_conforms() {
    let cloud = Cloud::of("what_a_bucket_copies_and_lists_conforms");
    let name = unique("bucket-copies");
    let copy = bucket(&cloud, "bucket-copies-to", json!({"VersioningConfiguration": {"Status": "Enabled"}})).await;
    let arn = format!("arn:aws:s3:::{copy}");
    let inventory = |frequency: &str| {
        json!([{
            "Id": "all", "Enabled": true, "IncludedObjectVersions": "All", "ScheduleFrequency": frequency,
            "Prefix": "in/", "Destination": {"BucketArn": arn, "Format": "CSV", "Prefix": "lists"},
        }])
    };
    let rule = |id: &str, priority: i32| {
        json!({
            "Id": id, "Priority": priority, "Status": "Enabled", "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {
                "Bucket": arn, "StorageClass": "STANDARD_IA",
                "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": 15}},
            },
        })
    };
    let document = |rules: Json, frequency: &str| {
        json!({
            "BucketName": name, "VersioningConfiguration": {"Status": "Enabled"},
            "InventoryConfigurations": inventory(frequency),
            "ReplicationConfiguration": {"Role": "arn:aws:iam::123456789012:role/copy", "Rules": rules},
        })
    };
    let other = document(json!([rule("a", 1), rule("b", 2)]), "Weekly");
    let least = json!({
        "BucketName": name, "VersioningConfiguration": {"Status": "Suspended"},
        "InventoryConfigurations": inventory("Weekly"),
    });
    cloud.check(BUCKET, document(json!([rule("a", 1)]), "Daily"), [other, least]).await;
}

#[tokio::test]
async fn bucket_with_a_lock_conforms() {
    let cloud = Cloud::of("bucket_with_a_lock_conforms");
    let name = unique("bucket-locked");
    let document = |days: i32| {
        let rule = json!({"DefaultRetention": {"Mode": "GOVERNANCE", "Days": days}});
        json!({
            "BucketName": name, "ObjectLockEnabled": true,
            "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": rule},
        })
    };
    let least = json!({"BucketName": name, "ObjectLockEnabled": true});
    cloud.check(BUCKET, document(3), [document(5), least]).await;
}

#[tokio::test]
async fn bucket_in_another_region_conforms() {
    let mut cloud = Cloud::of("bucket_in_another_region_conforms");
    cloud.place.region = "eu-west-1".to_owned();
    let name = unique("bucket-elsewhere");
    let want = json!({"BucketName": name, "Tags": tags(&[("Name", "a")])});
    cloud.check(BUCKET, want, [json!({"BucketName": name, "Tags": tags(&[("Name", "b")])})]).await;
    let made = bucket(&cloud, "bucket-elsewhere-too", json!({})).await;
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let found = driver.read(&cloud.call("main"), &[PhysicalId(made.clone())]).await.unwrap();
    let found = found[0].clone().unwrap();
    let expected = [
        ("Arn", format!("arn:aws:s3:::{made}")),
        ("DomainName", format!("{made}.s3.amazonaws.com")),
        ("RegionalDomainName", format!("{made}.s3.eu-west-1.amazonaws.com")),
        ("DualStackDomainName", format!("{made}.s3.dualstack.eu-west-1.amazonaws.com")),
        ("WebsiteURL", format!("http://{made}.s3-website-eu-west-1.amazonaws.com")),
    ];
    for (name, value) in expected {
        assert_eq!(found.text(name), Some(value.as_str()), "{name}");
    }
}

#[tokio::test]
async fn a_bucket_of_that_name_is_somebody_elses() {
    let cloud = Cloud::of("a_bucket_of_that_name_is_somebody_elses");
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let name = unique("bucket-taken");
    let (call, want) = (cloud.call("main"), json!({"BucketName": name}).into());
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    bucket(&cloud, "bucket-taken", json!({})).await;
    assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(PhysicalId(name.clone())));
    assert_eq!(driver.find(&call, &want).await.unwrap(), []);
    trouble(&cloud, "GET", &name, 0, 403, &error("AccessDenied", "Access Denied"));
    let fault = driver.taken(&call, &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Denied, "{fault}");
    assert!(fault.message.contains("choose another name"), "{fault}");
}

#[tokio::test]
async fn the_owner_tags_are_in_the_create_call() {
    let cloud = Cloud::of("the_owner_tags_are_in_the_create_call");
    let name = bucket(&cloud, "bucket-tagged", json!({"Tags": tags(&[("Name", "a")])})).await;
    let created = sent(&cloud, "PUT", &name)[0].clone();
    assert!(created.contains("<CreateBucketConfiguration"), "{created}");
    assert!(created.contains("<Key>provision:token</Key>") && created.contains("<Key>Name</Key>"), "{created}");
    assert!(!created.contains("LocationConstraint"), "{created}");
}

#[tokio::test]
async fn a_bucket_that_is_not_empty_is_never_emptied() {
    let cloud = Cloud::of("a_bucket_that_is_not_empty_is_never_emptied");
    let name = bucket(&cloud, "bucket-filled", json!({})).await;
    let s3 = cloud.clients.s3(&cloud.place).await;
    s3.put_object().bucket(&name).key("report").send().await.unwrap();
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let (call, id) = (cloud.call("main"), PhysicalId(name.clone()));
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse, "{fault}");
    assert_eq!(fault.blockers, ["1 object versions and 0 delete markers"]);
    assert!(fault.message.contains("lifecycle: {retain: true}"), "{fault}");
    s3.head_object().bucket(&name).key("report").send().await.unwrap();

    let version = "<Version><Key>a</Key></Version>";
    let page = format!(
        "<ListVersionsResult><IsTruncated>true</IsTruncated>{version}{version}<DeleteMarker><Key>a</Key></DeleteMarker>\
         </ListVersionsResult>"
    );
    trouble(&cloud, "GET", &name, 0, 200, &page);
    let fault = driver.delete(&call, &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.blockers, ["at least 2 object versions and 1 delete markers"]);
}

#[tokio::test]
async fn a_bucket_that_is_made_in_part_is_not_lost() {
    let cloud = Cloud::of("a_bucket_that_is_made_in_part_is_not_lost");
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let name = unique("bucket-half");
    let want = json!({"BucketName": name, "VersioningConfiguration": {"Status": "Enabled"}}).into();
    let call = cloud.call("main");
    // First the bucket, then the tags, then the versions: that comes too early.
    trouble(&cloud, "PUT", &name, 2, 409, &error("OperationAborted", "A conflicting operation is in progress"));
    let fault = driver.create(&call, &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    assert_eq!(fault.made.unwrap().id, PhysicalId(name.clone()));
    assert_eq!(driver.find(&call, &want).await.unwrap(), [PhysicalId(name)]);
}

/// What moto lacks, asked for in AWS's words.
#[tokio::test]
async fn settings_of_a_bucket_are_sent_as_they_change() {
    let cloud = Cloud::of("settings_of_a_bucket_are_sent_as_they_change");
    let name = bucket(&cloud, "bucket-settings", json!({})).await;
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let key = json!({"SseAlgorithm": "aws:kms", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/k"});
    let want = json!({
        "BucketName": name,
        "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": true}},
        "AnalyticsConfigurations": [{"Id": "a", "Prefix": "x", "StorageClassAnalysis": {}}],
        "IntelligentTieringConfigurations": [
            {"Id": "t", "Status": "Enabled", "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]},
        ],
        "MetricsConfigurations": [{"Id": "m"}],
        "MetadataConfiguration": {
            "JournalTableConfiguration": {
                "RecordExpiration": {"Expiration": "ENABLED", "Days": 30}, "EncryptionConfiguration": key,
            },
            "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"},
        },
        "AbacStatus": "Enabled",
    });
    let least = json!({"BucketName": name});
    let made = sent(&cloud, "PUT", &name).len();
    for (method, requests) in [("PUT", 5), ("POST", 1)] {
        (0..requests).for_each(|_| trouble(&cloud, method, &name, 0, 200, ""));
    }
    driver.update(&cloud.call("main"), &change(&name, least.clone(), want.clone())).await.unwrap();
    let sent_now = sent(&cloud, "PUT", &name).split_off(made);
    let expected = [
        "<EventBridgeConfiguration",
        "<AnalyticsConfiguration",
        "<IntelligentTieringConfiguration",
        "<MetricsConfiguration",
        "<AbacStatus",
    ];
    assert_eq!(sent_now.len(), expected.len(), "{sent_now:?}");
    for (sent, expected) in sent_now.iter().zip(expected) {
        assert!(sent.contains(expected), "{expected}: {sent}");
    }
    assert!(sent(&cloud, "POST", &name)[0].contains("<Expiration>ENABLED</Expiration>"));

    // The event bridge and access by tags are set to off, the other four are deleted.
    (0..2).for_each(|_| trouble(&cloud, "PUT", &name, 0, 200, ""));
    (0..4).for_each(|_| trouble(&cloud, "DELETE", &name, 0, 204, ""));
    driver.update(&cloud.call("main"), &change(&name, want, least)).await.unwrap();
    let sent_now = sent(&cloud, "PUT", &name).split_off(made + expected.len());
    assert!(sent_now.last().unwrap().contains("<Status>Disabled</Status>"), "{sent_now:?}");
    assert_eq!((sent_now.len(), sent(&cloud, "DELETE", &name).len()), (2, 4));
}

#[tokio::test]
async fn what_a_bucket_cannot_become_is_refused() {
    let cloud = Cloud::of("what_a_bucket_cannot_become_is_refused");
    let driver = cloud.provider.driver(BUCKET).unwrap();
    let call = cloud.call("main");
    let tables = |algorithm: &str| {
        let journal = json!({
            "RecordExpiration": {"Expiration": "DISABLED"}, "EncryptionConfiguration": {"SseAlgorithm": algorithm},
        });
        json!({"MetadataConfiguration": {"JournalTableConfiguration": journal}})
    };
    let tagged = |name: &str| json!({"AbacStatus": "Enabled", "Tags": tags(&[("Name", name)])});
    for (before, want, words) in [
        (json!({"ObjectLockEnabled": true}), json!({}), "cannot be switched off"),
        (tables("AES256"), tables("aws:kms"), "the encryption of a journal table"),
        (tagged("a"), tagged("b"), "`AbacStatus: Enabled`"),
    ] {
        let fault = driver.update(&call, &change("main", before, want)).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
        assert!(fault.message.contains(words), "{fault}");
    }
    let want = json!({"BucketNamePrefix": "main", "BucketNamespace": "account-regional"}).into();
    let fault = driver.create(&call, &want).await.unwrap_err();
    assert!(fault.message.contains("give the whole `BucketName`"), "{fault}");
}

fn policy(bucket: &str, action: &str) -> Json {
    let statement = json!({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action,
        "Resource": format!("arn:aws:s3:::{bucket}"),
    });
    json!({"Bucket": bucket, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
}

#[tokio::test]
async fn bucket_policy_conforms() {
    let cloud = Cloud::of("bucket_policy_conforms");
    let name = bucket(&cloud, "bucket-policy", json!({})).await;
    cloud.check(POLICY, policy(&name, "s3:GetBucketAcl"), [policy(&name, "s3:GetBucketLocation")]).await;
}

#[tokio::test]
async fn a_policy_that_a_bucket_has_already_is_somebody_elses() {
    let cloud = Cloud::of("a_policy_that_a_bucket_has_already_is_somebody_elses");
    let name = bucket(&cloud, "bucket-policy-taken", json!({})).await;
    let driver = cloud.provider.driver(POLICY).unwrap();
    let (call, ours) = (cloud.call("policy"), policy(&name, "s3:GetBucketAcl").into());
    assert_eq!(driver.taken(&call, &ours).await.unwrap(), None);
    cloud.make(POLICY, "theirs", policy(&name, "s3:GetBucketLocation")).await;
    assert_eq!(driver.taken(&call, &ours).await.unwrap(), Some(PhysicalId(name)));
    assert_eq!(driver.find(&call, &ours).await.unwrap(), []);
}

#[tokio::test]
async fn a_policy_for_somebody_new_may_come_too_early() {
    let cloud = Cloud::of("a_policy_for_somebody_new_may_come_too_early");
    let name = bucket(&cloud, "bucket-policy-early", json!({})).await;
    let driver = cloud.provider.driver(POLICY).unwrap();
    let call = cloud.call("policy");
    trouble(&cloud, "PUT", &name, 0, 400, &error("MalformedPolicy", "Invalid principal in policy"));
    let want = policy(&name, "s3:GetBucketAcl").into();
    let fault = driver.create(&call, &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    trouble(&cloud, "PUT", &name, 0, 400, &error("MalformedPolicy", "Action does not apply to any resource"));
    let fault = driver.create(&call, &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
}
