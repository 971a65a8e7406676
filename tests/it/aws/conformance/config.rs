//! AWS Config.

use provision::{
    base::{Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const RECORDER: &str = "AWS::Config::ConfigurationRecorder";
const CHANNEL: &str = "AWS::Config::DeliveryChannel";
const PACK: &str = "AWS::Config::ConformancePack";
const RECORDER_ARN: &str = "arn:aws:config:us-east-1:123456789012:configuration-recorder/main/abcdefgh";
const PACK_ARN: &str = "arn:aws:config:us-east-1:123456789012:conformance-pack/main/conformance-pack-abcdefgh";

fn parsed(body: &str) -> Json {
    serde_json::from_str(body).expect("a request in JSON")
}

/// What was last put; nothing once it is deleted.
fn last_put(requests: &[(String, String)], what: &str) -> Option<Json> {
    let (put, delete) = (format!("Put{what}"), format!("Delete{what}"));
    let last = requests.iter().rev().find(|(operation, _)| *operation == put || *operation == delete)?;
    (last.0 == put).then(|| parsed(&last.1))
}

/// The tags as they were put on by the create call, and changed since.
fn tagged(requests: &[(String, String)]) -> String {
    let mut tags: Vec<Json> = Vec::new();
    for (operation, body) in requests {
        // Other services' requests are not in JSON.
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        let sent = body["Tags"].as_array().cloned().unwrap_or_default();
        match operation.as_str() {
            "PutConfigurationRecorder" | "PutConformancePack" if tags.is_empty() => tags = sent,
            "DeleteConfigurationRecorder" | "DeleteConformancePack" => tags.clear(),
            "TagResource" => {
                tags.retain(|tag| sent.iter().all(|new| new["Key"] != tag["Key"]));
                tags.extend(sent);
            }
            "UntagResource" => {
                let taken = body["TagKeys"].as_array().cloned().unwrap_or_default();
                tags.retain(|tag| !taken.contains(&tag["Key"]));
            }
            _ => {}
        }
    }
    json!({"Tags": tags}).to_string()
}

/// moto gives recorders no ARNs and no tags, and forgets how often they record; it still checks what it is sent.
fn with_tagged_recorders(cloud: &Cloud) {
    cloud.wire.script("DescribeConfigurationRecorders", |requests| {
        let recorder = last_put(requests, "ConfigurationRecorder").map(|put| {
            let mut recorder = put["ConfigurationRecorder"].clone();
            recorder["arn"] = json!(RECORDER_ARN);
            recorder
        });
        json!({"ConfigurationRecorders": Vec::from_iter(recorder)}).to_string()
    });
    cloud.wire.script("ListTagsForResource", tagged);
}

fn recorder() -> Json {
    json!({"Name": "main", "RoleARN": "arn:aws:iam::123456789012:role/config"})
}

fn change(before: Json, want: Json, properties: &[&str]) -> Change {
    Change {
        id: PhysicalId("main".to_owned()),
        before: before.into(),
        want: want.into(),
        paths: properties.iter().map(|name| Path::key(*name)).collect(),
    }
}

#[tokio::test]
async fn configuration_recorder_conforms() {
    let cloud = Cloud::of("configuration_recorder_conforms");
    with_tagged_recorders(&cloud);
    let want = json!({
        "Name": "main", "RoleARN": "arn:aws:iam::123456789012:role/config", "StartedOnCreate": true,
        "RecordingGroup": {"AllSupported": true, "IncludeGlobalResourceTypes": true},
        "RecordingMode": {
            "RecordingFrequency": "DAILY",
            "RecordingModeOverrides": [{
                "Description": "instances at once", "RecordingFrequency": "CONTINUOUS",
                "ResourceTypes": ["AWS::EC2::Instance", "AWS::EC2::Volume"],
            }],
        },
    });
    let included = json!({
        "Name": "main", "RoleARN": "arn:aws:iam::123456789012:role/other", "StartedOnCreate": true,
        "RecordingGroup": {
            "AllSupported": false, "ResourceTypes": ["AWS::EC2::Instance", "AWS::S3::Bucket"],
            "RecordingStrategy": {"UseOnly": "INCLUSION_BY_RESOURCE_TYPES"},
        },
        "RecordingMode": {"RecordingFrequency": "DAILY"},
    });
    let excluded = json!({
        "Name": "main", "RoleARN": "arn:aws:iam::123456789012:role/other", "StartedOnCreate": true,
        "RecordingGroup": {
            "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::EC2::NetworkInterface"]},
            "RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
    });
    cloud.check(RECORDER, want, [included, excluded]).await;
    assert!(!cloud.wire.requests("StartConfigurationRecorder").is_empty());
    assert!(!cloud.wire.requests("StopConfigurationRecorder").is_empty());
}

/// What AWS fills in and nobody wrote is left out; the recorders of AWS's services are nobody's.
#[tokio::test]
async fn everything_about_a_recorder_is_read() {
    let cloud = Cloud::of("everything_about_a_recorder_is_read");
    let answer = json!({"ConfigurationRecorders": [
        {
            "arn": RECORDER_ARN, "name": "main", "roleARN": "arn:aws:iam::123456789012:role/config",
            "recordingGroup": {
                "allSupported": true, "includeGlobalResourceTypes": true, "resourceTypes": [],
                "exclusionByResourceTypes": {"resourceTypes": []},
                "recordingStrategy": {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
            },
            "recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []},
            "recordingScope": "PAID",
        },
        {"name": "AWSConfigurationRecorderForOther", "servicePrincipal": "other.amazonaws.com"},
    ]});
    cloud.wire.trouble("DescribeConfigurationRecorders", 0, Trouble::Answered(200, answer.to_string()));
    let driver = cloud.provider.driver(RECORDER).unwrap();
    let ids = ["main", "AWSConfigurationRecorderForOther"].map(|name| PhysicalId(name.to_owned()));
    let found = driver.read(&cloud.call("main"), &ids).await.unwrap();
    let expected = json!({
        "Name": "main", "ResourceARN": RECORDER_ARN, "RoleARN": "arn:aws:iam::123456789012:role/config",
        "RecordingGroup": {
            "AllSupported": true, "IncludeGlobalResourceTypes": true,
            "RecordingStrategy": {"UseOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
        },
        "RecordingMode": {"RecordingFrequency": "CONTINUOUS"},
    });
    assert_eq!(found[0].clone().unwrap().into_json(), expected);
    assert!(found[1].is_none());
}

/// The channel starts the recorder when it comes, and stops it before it goes.
#[tokio::test]
async fn delivery_channel_conforms() {
    let cloud = Cloud::of("delivery_channel_conforms");
    with_tagged_recorders(&cloud);
    cloud.make(RECORDER, "recorder", recorder()).await;
    assert_eq!(cloud.wire.requests("StartConfigurationRecorder").len(), 1);
    let want = json!({
        "Name": "main", "S3BucketName": "one", "S3KeyPrefix": "audit",
        "S3KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0123",
        "SnsTopicARN": "arn:aws:sns:us-east-1:123456789012:changes",
        "ConfigSnapshotDeliveryProperties": {"DeliveryFrequency": "TwentyFour_Hours"},
    });
    let other = json!({
        "Name": "main", "S3BucketName": "two", "S3KeyPrefix": "other",
        "ConfigSnapshotDeliveryProperties": {"DeliveryFrequency": "One_Hour"},
    });
    let least = json!({"Name": "main", "S3BucketName": "two"});
    cloud.check(CHANNEL, want, [other, least]).await;
    assert_eq!(cloud.wire.requests("StartConfigurationRecorder").len(), 2);
    assert_eq!(cloud.wire.requests("StopConfigurationRecorder").len(), 1);
}

/// Only a tag can tell the channel, for Config does not keep `StartedOnCreate`.
#[tokio::test]
async fn a_recorder_that_is_not_to_be_started_is_not_started_by_its_channel_either() {
    let cloud = Cloud::of("a_recorder_that_is_not_to_be_started_is_not_started_by_its_channel_either");
    with_tagged_recorders(&cloud);
    let mut want = recorder();
    want["StartedOnCreate"] = json!(false);
    cloud.make(RECORDER, "recorder", want).await;
    cloud.make(CHANNEL, "channel", json!({"Name": "main", "S3BucketName": "one"})).await;
    assert!(cloud.wire.requests("StartConfigurationRecorder").is_empty());
}

#[tokio::test]
async fn a_recorder_that_could_not_be_started_is_half_made() {
    let cloud = Cloud::of("a_recorder_that_could_not_be_started_is_half_made");
    cloud.wire.trouble("StartConfigurationRecorder", 0, Trouble::Refused(400, "AccessDeniedException"));
    let driver = cloud.provider.driver(RECORDER).unwrap();
    let fault = driver.create(&cloud.call("main"), &recorder().into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.unwrap().id.0.as_str()), (FaultKind::Denied, "main"));
}

/// A channel is only deleted once the recorder stands still, and another stack's is not stopped for that.
#[tokio::test]
async fn the_recorder_of_another_stack_keeps_the_channel() {
    let cloud = Cloud::of("the_recorder_of_another_stack_keeps_the_channel");
    let recorders = json!({"ConfigurationRecorders": [{"arn": RECORDER_ARN, "name": "main"}]});
    let owner = json!({"Tags": tags(&[("provision:stack", "audit/prod")])});
    cloud.wire.trouble("DeleteDeliveryChannel", 0, Trouble::Refused(400, "LastDeliveryChannelDeleteFailedException"));
    cloud.wire.trouble("DescribeConfigurationRecorders", 0, Trouble::Answered(200, recorders.to_string()));
    cloud.wire.trouble("ListTagsForResource", 0, Trouble::Answered(200, owner.to_string()));
    let driver = cloud.provider.driver(CHANNEL).unwrap();
    let id = PhysicalId("main".to_owned());
    let fault = driver.delete(&cloud.call("main"), &id, &Removal::default()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InUse);
    assert_eq!(fault.blockers, ["configuration recorder main of audit/prod"]);
    assert!(cloud.wire.requests("StopConfigurationRecorder").is_empty());
}

/// A put would take over what is there under the same name.
#[tokio::test]
async fn what_somebody_else_has_made_is_seen_before_it_is_taken_over() {
    let cloud = Cloud::of("what_somebody_else_has_made_is_seen_before_it_is_taken_over");
    let call = cloud.call("main");
    cloud.wire.script("DescribeConfigurationRecorders", |_| {
        json!({"ConfigurationRecorders": [{"arn": RECORDER_ARN, "name": "main"}]}).to_string()
    });
    cloud.wire.script("DescribeDeliveryChannels", |_| {
        json!({"DeliveryChannels": [{"name": "main", "s3BucketName": "one"}]}).to_string()
    });
    cloud.wire.script("DescribeConformancePacks", |_| {
        let pack = json!({
            "ConformancePackName": "main", "ConformancePackArn": PACK_ARN, "ConformancePackId": "abcdefgh",
        });
        json!({"ConformancePackDetails": [pack]}).to_string()
    });
    cloud.wire.script("DescribeConformancePackStatus", |_| json!({"ConformancePackStatusDetails": []}).to_string());
    cloud.wire.script("ListTagsForResource", |_| {
        json!({"Tags": [{"Key": "provision:token", "Value": "another"}]}).to_string()
    });
    for (kind, want) in [
        (RECORDER, recorder()),
        (CHANNEL, json!({"Name": "main", "S3BucketName": "two"})),
        (PACK, json!({"ConformancePackName": "main"})),
    ] {
        let driver = cloud.provider.driver(kind).unwrap();
        let want = want.into();
        assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(PhysicalId("main".to_owned())), "{kind}");
        assert!(driver.find(&call, &want).await.unwrap().is_empty(), "{kind}");
    }
    let recorders = cloud.provider.driver(RECORDER).unwrap();
    let other = json!({"Name": "other", "RoleARN": "arn:aws:iam::123456789012:role/config"}).into();
    assert_eq!(recorders.taken(&call, &other).await.unwrap(), None);
}

#[tokio::test]
async fn what_has_not_arrived_yet_is_worth_another_try() {
    let cloud = Cloud::of("what_has_not_arrived_yet_is_worth_another_try");
    let driver = cloud.provider.driver(CHANNEL).unwrap();
    let want = json!({"Name": "main", "S3BucketName": "one"}).into();
    for code in ["InsufficientDeliveryPolicyException", "NoAvailableConfigurationRecorderException"] {
        cloud.wire.trouble("PutDeliveryChannel", 0, Trouble::Refused(400, code));
        let fault = driver.create(&cloud.call("main"), &want).await.unwrap_err();
        assert_eq!((fault.kind, fault.made), (FaultKind::NotReady, None), "{code}");
    }
}

/// The status of a pack in AWS's words. It was asked for at 2000, and was ready before or after that.
fn status(state: &str, completed: u16, reason: Option<&str>) -> Json {
    json!({"ConformancePackStatusDetails": [{
        "ConformancePackName": "main", "ConformancePackArn": PACK_ARN, "ConformancePackId": "conformance-pack-abcdefgh",
        "ConformancePackState": state, "StackArn": "arn:aws:cloudformation:us-east-1:123456789012:stack/awsconfig",
        "LastUpdateRequestedTime": 2000, "LastUpdateCompletedTime": completed, "ConformancePackStatusReason": reason,
    }]})
}

/// Every change is under way at the first look after it, and done at the next.
fn statuses(requests: &[(String, String)]) -> String {
    let is_change = |(operation, _): &(String, String)| {
        ["PutConformancePack", "DeleteConformancePack"].contains(&operation.as_str())
    };
    let Some(change) = requests.iter().rposition(is_change) else { return "{}".to_owned() };
    let looks = requests[change..].iter().filter(|(operation, _)| operation == "DescribeConformancePackStatus").count();
    let is_deleted = requests[change].0 == "DeleteConformancePack";
    match (is_deleted, looks) {
        (false, 1) => status("CREATE_IN_PROGRESS", 1000, None).to_string(),
        (false, _) => status("CREATE_COMPLETE", 3000, None).to_string(),
        (true, 1) => status("DELETE_IN_PROGRESS", 1000, None).to_string(),
        (true, _) => "{}".to_owned(),
    }
}

/// moto has no conformance packs.
fn with_packs(cloud: &Cloud) {
    cloud.wire.script("PutConformancePack", |_| json!({"ConformancePackArn": PACK_ARN}).to_string());
    cloud.wire.script("DescribeConformancePacks", |requests| {
        let pack = last_put(requests, "ConformancePack").map(|put| {
            json!({
                "ConformancePackName": "main", "ConformancePackArn": PACK_ARN,
                "ConformancePackId": "conformance-pack-abcdefgh", "DeliveryS3Bucket": put["DeliveryS3Bucket"],
                "DeliveryS3KeyPrefix": put["DeliveryS3KeyPrefix"],
                "ConformancePackInputParameters": put["ConformancePackInputParameters"],
            })
        });
        json!({"ConformancePackDetails": Vec::from_iter(pack)}).to_string()
    });
    cloud.wire.script("DescribeConformancePackStatus", statuses);
    cloud.wire.script("ListTagsForResource", tagged);
    for operation in ["TagResource", "UntagResource", "DeleteConformancePack"] {
        cloud.wire.script(operation, |_| "{}".to_owned());
    }
}

#[tokio::test]
async fn conformance_pack_conforms() {
    let cloud = Cloud::of("conformance_pack_conforms");
    with_packs(&cloud);
    // The first delete is carried out; the later ones find nothing to delete.
    let gone = || Trouble::Refused(400, "NoSuchConformancePackException");
    cloud.wire.trouble("DeleteConformancePack", 1, gone());
    cloud.wire.trouble("DeleteConformancePack", 0, gone());
    let parameter = |name: &str, value: &str| json!({"ParameterName": name, "ParameterValue": value});
    let want = json!({
        "ConformancePackName": "main", "TemplateBody": "Resources: {}", "DeliveryS3Bucket": "awsconfigconforms-one",
        "DeliveryS3KeyPrefix": "packs", "Tags": tags(&[("Name", "a"), ("Team", "b")]),
        "ConformancePackInputParameters": [parameter("MaxAge", "90"), parameter("Port", "22")],
    });
    let other = json!({
        "ConformancePackName": "main", "DeliveryS3Bucket": "awsconfigconforms-two", "Tags": tags(&[("Name", "b")]),
        "TemplateSSMDocumentDetails": {"DocumentName": "AWSConformancePacks-HIPAA", "DocumentVersion": "1"},
        "ConformancePackInputParameters": [parameter("MaxAge", "60")],
    });
    let least = json!({"ConformancePackName": "main", "TemplateS3Uri": "s3://packs/hipaa.yaml"});
    cloud.check(PACK, want, [other, least]).await;
    let sent: Vec<Json> = cloud.wire.requests("PutConformancePack").iter().map(|body| parsed(body)).collect();
    assert_eq!(sent[0]["TemplateBody"], json!("Resources: {}"));
    let details = json!({"DocumentName": "AWSConformancePacks-HIPAA", "DocumentVersion": "1"});
    assert_eq!((&sent[1]["TemplateSSMDocumentDetails"], &sent[1]["Tags"]), (&details, &Json::Null));
    assert_eq!(sent[2]["TemplateS3Uri"], json!("s3://packs/hipaa.yaml"));
}

/// Tags alone do not deploy the rules again.
#[tokio::test]
async fn a_change_of_tags_leaves_the_pack_as_it_is() {
    let cloud = Cloud::of("a_change_of_tags_leaves_the_pack_as_it_is");
    with_packs(&cloud);
    let before = json!({"ConformancePackName": "main", "TemplateBody": "Resources: {}"});
    cloud.make(PACK, "pack", before.clone()).await;
    let mut want = before.clone();
    want["Tags"] = tags(&[("Name", "a")]);
    let driver = cloud.provider.driver(PACK).unwrap();
    let updated = driver.update(&cloud.call("main"), &change(before, want, &["Tags"])).await.unwrap();
    assert!(matches!(updated, Progress::Done(_)), "{updated:?}");
    assert_eq!(cloud.wire.requests("PutConformancePack").len(), 1);
    let sent = parsed(&cloud.wire.requests("TagResource")[0]);
    assert_eq!((&sent["ResourceArn"], &sent["Tags"]), (&json!(PACK_ARN), &tags(&[("Name", "a")])));
}

/// "Complete" may still be said of what was there before an update; a failure is told with AWS's reason.
#[tokio::test]
async fn a_pack_is_ready_when_its_last_change_is() {
    let cloud = Cloud::of("a_pack_is_ready_when_its_last_change_is");
    let answers = [
        json!({"ConformancePackStatusDetails": []}),
        status("CREATE_COMPLETE", 1000, None),
        status("CREATE_COMPLETE", 3000, None),
        status("CREATE_FAILED", 3000, Some("the rule `x` is not known")),
    ];
    for answer in answers {
        cloud.wire.trouble("DescribeConformancePackStatus", 0, Trouble::Answered(200, answer.to_string()));
    }
    let put = json!({"ConformancePackArn": PACK_ARN});
    cloud.wire.trouble("PutConformancePack", 0, Trouble::Answered(200, put.to_string()));
    let driver = cloud.provider.driver(PACK).unwrap();
    let call = cloud.call("main");
    let want = json!({"ConformancePackName": "main", "TemplateBody": "Resources: {}"}).into();
    let made = driver.create(&call, &want).await.unwrap().into_inner();
    assert_eq!((made.id.0.as_str(), made.attributes.text("ConformancePackArn")), ("main", Some(PACK_ARN)));
    for note in ["not visible yet", "updating"] {
        let progress = driver.poll(&call, &made).await.unwrap();
        assert!(matches!(&progress, Progress::Pending { note: said, .. } if said == note), "{progress:?}");
    }
    assert_eq!(driver.poll(&call, &made).await.unwrap(), Progress::Done(made.clone()));
    let fault = driver.poll(&call, &made).await.unwrap_err();
    assert_eq!((fault.kind, fault.made.as_deref()), (FaultKind::Other, Some(&made)));
    assert!(fault.message.contains("CREATE_FAILED: the rule `x` is not known"), "{fault}");
}

/// While a pack is on its way nothing else can be done to it, and one that could not be deleted is tried again.
#[tokio::test]
async fn a_pack_is_deleted_until_it_is_gone() {
    let cloud = Cloud::of("a_pack_is_deleted_until_it_is_gone");
    let driver = cloud.provider.driver(PACK).unwrap();
    let (call, id) = (cloud.call("main"), PhysicalId("main".to_owned()));
    let answered = |answer: Json| Trouble::Answered(200, answer.to_string());
    let removal = Removal::default();

    cloud.wire.trouble("DescribeConformancePackStatus", 0, answered(status("CREATE_IN_PROGRESS", 1000, None)));
    cloud.wire.trouble("DeleteConformancePack", 0, Trouble::Refused(400, "ResourceInUseException"));
    let fault = driver.delete(&call, &id, &removal).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);

    let failed = status("DELETE_FAILED", 3000, Some("a remediation runs"));
    cloud.wire.trouble("DescribeConformancePackStatus", 0, answered(failed));
    cloud.wire.trouble("DeleteConformancePack", 0, answered(json!({})));
    let progress = driver.delete(&call, &id, &removal).await.unwrap();
    let says = |note: &str| note.contains("a remediation runs");
    assert!(matches!(&progress, Progress::Pending { note, .. } if says(note)), "{progress:?}");

    cloud.wire.trouble("DescribeConformancePackStatus", 0, answered(status("DELETE_IN_PROGRESS", 1000, None)));
    let progress = driver.delete(&call, &id, &removal).await.unwrap();
    assert!(matches!(progress, Progress::Pending { .. }), "{progress:?}");
    assert_eq!(cloud.wire.requests("DeleteConformancePack").len(), 2);
}
