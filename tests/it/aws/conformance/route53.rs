//! Route 53. moto takes one caller reference twice, knows no accelerated recovery, and forgets routing by network and by
//! nearness; there AWS's answers stand in for its own.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const ZONE: &str = "AWS::Route53::HostedZone";
const RECORD: &str = "AWS::Route53::RecordSet";

/// A refusal, as Route 53 words it.
fn refused(status: u16, code: &str, message: &str) -> Trouble {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    Trouble::Answered(status, format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"))
}

/// What a second create with the same caller reference is answered.
fn exists(cloud: &Cloud) {
    let trouble = refused(409, "HostedZoneAlreadyExists", "it exists");
    cloud.wire.trouble("POST /2013-04-01/hostedzone", 1, trouble);
}

async fn zone(cloud: &Cloud) -> String {
    cloud.make_id(ZONE, "zone", json!({"Name": "example.com"}), "Id").await
}

#[tokio::test]
async fn hosted_zone_conforms() {
    let cloud = Cloud::of("hosted_zone_conforms");
    let group = json!({"LogGroupName": "/aws/route53/example.com"});
    let group = cloud.make_id("AWS::Logs::LogGroup", "group", group, "Arn").await;
    let want = json!({
        "Name": "example.com", "HostedZoneConfig": {"Comment": "a"},
        "HostedZoneTags": tags(&[("Name", "a"), ("Team", "x")]), "QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": group},
    });
    let other = json!({
        "Name": "example.com", "HostedZoneConfig": {"Comment": "b"}, "HostedZoneTags": tags(&[("Name", "b")]),
    });
    exists(&cloud);
    cloud.check(ZONE, want, [other, json!({"Name": "example.com"})]).await;
}

#[tokio::test]
async fn private_hosted_zone_conforms() {
    let cloud = Cloud::of("private_hosted_zone_conforms");
    let networks =
        |ids: &[&str]| -> Json { ids.iter().map(|id| json!({"VPCId": id, "VPCRegion": "us-east-1"})).collect() };
    let want = json!({"Name": "internal.", "VPCs": networks(&["vpc-a", "vpc-b"])});
    let others = [networks(&["vpc-c"]), networks(&["vpc-c", "vpc-d"])];
    exists(&cloud);
    cloud.check(ZONE, want, others.map(|vpcs| json!({"Name": "internal.", "VPCs": vpcs}))).await;
}

#[tokio::test]
async fn a_public_zone_does_not_become_private() {
    let cloud = Cloud::of("a_public_zone_does_not_become_private");
    let change = Change {
        id: PhysicalId(zone(&cloud).await),
        before: json!({"Name": "example.com"}).into(),
        want: json!({"Name": "example.com", "VPCs": [{"VPCId": "vpc-a", "VPCRegion": "us-east-1"}]}).into(),
        paths: vec![Path::key("VPCs")],
    };
    let driver = cloud.provider.driver(ZONE).unwrap();
    let fault = driver.update(&cloud.call("main"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`VPCs` cannot be changed"), "{fault}");
}

#[tokio::test]
async fn a_zone_with_records_says_which() {
    let cloud = Cloud::of("a_zone_with_records_says_which");
    let zone = zone(&cloud).await;
    let want = json!({
        "HostedZoneId": zone, "Name": "www.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"],
    });
    cloud.make(RECORD, "www", want).await;
    let driver = cloud.provider.driver(ZONE).unwrap();
    let outcome = driver.delete(&cloud.call("main"), &PhysicalId(zone), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["A record www.example.com".to_owned()]));
}

/// A zone whose tags could not be put is not lost.
#[tokio::test]
async fn a_zone_without_its_tags_is_half_made() {
    let cloud = Cloud::of("a_zone_without_its_tags_is_half_made");
    let throttled = refused(400, "Throttling", "slow down");
    let driver = cloud.provider.driver(ZONE).unwrap();
    let call = cloud.call("main");
    // The path has the id, which nobody knows before.
    cloud.wire.strike(1, throttled);
    let fault = driver.create(&call, &json!({"Name": "example.com"}).into()).await.unwrap_err();
    let made = fault.made.expect("a zone");
    assert_eq!(fault.kind, FaultKind::Throttled);
    assert_eq!(driver.find(&call, &Doc::default()).await.unwrap(), [made.id]);
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn accelerated_recovery_is_waited_for_and_ends_before_the_zone() {
    let cloud = Cloud::of("accelerated_recovery_is_waited_for_and_ends_before_the_zone");
    let zone = zone(&cloud).await;
    let described = |status: &str| {
        let features = format!(
            "<Features><AcceleratedRecoveryStatus>{status}</AcceleratedRecoveryStatus><FailureReasons>\
             <AcceleratedRecovery>too many</AcceleratedRecovery></FailureReasons></Features>"
        );
        let zone = format!(
            "<HostedZone><Id>/hostedzone/{zone}</Id><Name>example.com.</Name><CallerReference>t</CallerReference>\
             {features}</HostedZone>"
        );
        Trouble::Answered(200, format!("<GetHostedZoneResponse>{zone}</GetHostedZoneResponse>"))
    };
    let (get, features) =
        (format!("GET /2013-04-01/hostedzone/{zone}"), format!("POST /2013-04-01/hostedzone/{zone}/features"));
    let (driver, call, id) = (cloud.provider.driver(ZONE).unwrap(), cloud.call("main"), PhysicalId(zone.clone()));
    let want = json!({"Name": "example.com", "HostedZoneFeatures": {"EnableAcceleratedRecovery": true}});
    let answer = "<UpdateHostedZoneFeaturesResponse></UpdateHostedZoneFeaturesResponse>";
    for _ in 0..2 {
        cloud.wire.trouble(&features, 0, Trouble::Answered(200, answer.to_owned()));
    }
    let change = Change {
        id: id.clone(),
        before: json!({"Name": "example.com"}).into(),
        want: want.clone().into(),
        paths: vec![Path::key("HostedZoneFeatures")],
    };
    let made = driver.update(&call, &change).await.unwrap().into_inner();
    let sent = |cloud: &Cloud| cloud.wire.requests(&features).last().cloned().unwrap_or_default();
    assert!(sent(&cloud).contains("<EnableAcceleratedRecovery>true<"), "{}", sent(&cloud));
    for status in ["ENABLING", "ENABLED", "ENABLE_FAILED"] {
        cloud.wire.trouble(&get, 0, described(status));
    }
    let Progress::Pending { note, .. } = driver.poll(&call, &made).await.unwrap() else { panic!("it is enabling") };
    assert_eq!(note, "enabling");
    assert!(matches!(driver.poll(&call, &made).await.unwrap(), Progress::Done(_)));
    let fault = driver.poll(&call, &made).await.unwrap_err();
    assert!(fault.made.is_some() && fault.message.contains("too many"), "{fault}");
    let removal = Removal { final_snapshot: None, inputs: want.into() };
    for status in ["ENABLED", "DISABLING", "DISABLED"] {
        cloud.wire.trouble(&get, 0, described(status));
    }
    for _ in 0..2 {
        assert!(matches!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Pending { .. }));
    }
    assert!(sent(&cloud).contains("<EnableAcceleratedRecovery>false<"), "{}", sent(&cloud));
    assert_eq!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Done(()));
}

/// Checks a record set of a zone of its own: first as `first` says, then as `second` does.
async fn check(test: &'static str, first: Json, second: Json) {
    let cloud = Cloud::of(test);
    let zone = zone(&cloud).await;
    let in_zone = |mut record: Json| {
        record["HostedZoneId"] = json!(zone);
        record
    };
    cloud.check(RECORD, in_zone(first), [in_zone(second)]).await;
}

#[tokio::test]
async fn record_set_conforms() {
    let record = |ttl: &str, addresses: &[&str]| {
        json!({
            "Name": "www.example.com", "Type": "A", "TTL": ttl, "ResourceRecords": addresses, "Comment": "of the site",
        })
    };
    check("record_set_conforms", record("60", &["10.0.0.1"]), record("300", &["10.0.0.2", "10.0.0.3"])).await;
}

/// However a name is written, it is reported as the user wrote it.
#[tokio::test]
async fn record_set_for_all_names_conforms() {
    let record =
        |target: &str| json!({"Name": "*.example.com.", "Type": "CNAME", "TTL": "60", "ResourceRecords": [target]});
    check("record_set_for_all_names_conforms", record("a.example.org"), record("b.example.org")).await;
}

#[tokio::test]
async fn alias_record_set_conforms() {
    let record = |name: &str| {
        let target = json!({"DNSName": name, "HostedZoneId": "Z2FDTNDATAQYW2", "EvaluateTargetHealth": false});
        json!({"Name": "example.com", "Type": "A", "AliasTarget": target})
    };
    check("alias_record_set_conforms", record("d1.cloudfront.net"), record("d2.cloudfront.net")).await;
}

#[tokio::test]
async fn weighted_record_set_conforms() {
    let record = |weight: u8, health: Option<&str>| {
        json!({
            "Name": "www.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"], "SetIdentifier": "one",
            "Weight": weight, "HealthCheckId": health,
        })
    };
    check("weighted_record_set_conforms", record(10, Some("h-1")), record(0, None)).await;
}

#[tokio::test]
async fn record_sets_by_place_and_by_health_conform() {
    let record = |set: &str, rest: Json| {
        let mut record = json!({
            "Name": "www.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"], "SetIdentifier": set,
        });
        record.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        record
    };
    let cloud = Cloud::of("record_sets_by_place_and_by_health_conform");
    let zone = zone(&cloud).await;
    for (set, rest) in [
        ("place", json!({"GeoLocation": {"CountryCode": "US", "SubdivisionCode": "CA"}})),
        ("health", json!({"Failover": "PRIMARY"})),
        ("many", json!({"MultiValueAnswer": true})),
        ("region", json!({"Region": "eu-west-1"})),
    ] {
        let mut want = record(set, rest);
        want["HostedZoneId"] = json!(zone);
        let case = cloud.case(RECORD, set, want, []);
        let report = provision::driver::conformance::check(&cloud.provider, &case).await;
        report.unwrap_or_else(|problem| panic!("{problem}"));
    }
}

#[tokio::test]
async fn a_zone_may_be_named() {
    let cloud = Cloud::of("a_zone_may_be_named");
    let zone = zone(&cloud).await;
    let want = json!({
        "HostedZoneName": "example.com.", "Name": "www.example.com", "Type": "TXT", "TTL": "60",
        "ResourceRecords": ["\"hello\""],
    });
    let made = cloud.make(RECORD, "www", want.clone()).await;
    assert_eq!(made.text("HostedZoneId"), Some(zone.as_str()));
    let driver = cloud.provider.driver(RECORD).unwrap();
    let ids = driver.find(&cloud.call("main"), &want.into()).await.unwrap();
    assert_eq!(ids, [PhysicalId(format!("www.example.com|{zone}|TXT|"))]);
    let want = json!({"HostedZoneName": "example.org.", "Name": "www.example.org", "Type": "TXT"});
    assert_eq!(driver.find(&cloud.call("main"), &want.into()).await.unwrap(), []);
}

/// What moto forgets.
#[tokio::test]
async fn routing_by_network_and_by_nearness_is_sent() {
    let cloud = Cloud::of("routing_by_network_and_by_nearness_is_sent");
    let zone = zone(&cloud).await;
    let want = json!({
        "HostedZoneId": zone, "Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": ["10.0.0.1"],
        "SetIdentifier": "near", "CidrRoutingConfig": {"CollectionId": "c-1", "LocationName": "office"},
        "GeoProximityLocation": {"AWSRegion": "eu-west-1", "Bias": 5},
    });
    let driver = cloud.provider.driver(RECORD).unwrap();
    driver.create(&cloud.call("main"), &want.into()).await.unwrap();
    let sent = &cloud.wire.requests(&format!("POST /2013-04-01/hostedzone/{zone}/rrset"))[0];
    for part in [
        "<Action>CREATE</Action>",
        "<CollectionId>c-1</CollectionId><LocationName>office</LocationName>",
        "<AWSRegion>eu-west-1</AWSRegion>",
        "<Bias>5</Bias>",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
}

#[tokio::test]
async fn a_change_of_records_is_refused_in_words() {
    let cloud = Cloud::of("a_change_of_records_is_refused_in_words");
    let zone = zone(&cloud).await;
    let want = json!({
        "HostedZoneId": zone, "Name": "www.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"],
    });
    let driver = cloud.provider.driver(RECORD).unwrap();
    for (words, kind) in [
        ("[Tried to create resource record set [name='w', type='A'] but it already exists]", FaultKind::AlreadyExists),
        ("[Tried to delete it, but the values provided do not match the current values]", FaultKind::NotReady),
        ("[RRSet with DNS name w is not permitted in zone example.com.]", FaultKind::Invalid),
    ] {
        let trouble = refused(400, "InvalidChangeBatch", words);
        cloud.wire.trouble(&format!("POST /2013-04-01/hostedzone/{zone}/rrset"), 0, trouble);
        let fault = driver.create(&cloud.call("main"), &want.clone().into()).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{fault}");
    }
}

#[tokio::test]
async fn a_record_set_deleted_meanwhile_is_gone() {
    let cloud = Cloud::of("a_record_set_deleted_meanwhile_is_gone");
    let zone = zone(&cloud).await;
    let want = json!({
        "HostedZoneId": zone, "Name": "www.example.com", "Type": "A", "TTL": "60", "ResourceRecords": ["10.0.0.1"],
    });
    cloud.make(RECORD, "www", want).await;
    let words = "[Tried to delete resource record set [name='w', type='A'] but it was not found]";
    let rrset = format!("POST /2013-04-01/hostedzone/{zone}/rrset");
    cloud.wire.trouble(&rrset, 0, refused(400, "InvalidChangeBatch", words));
    let driver = cloud.provider.driver(RECORD).unwrap();
    let id = PhysicalId(format!("www.example.com|{zone}|A|"));
    assert_eq!(driver.delete(&cloud.call("main"), &id, &Removal::default()).await.unwrap(), Progress::Done(()));
}
