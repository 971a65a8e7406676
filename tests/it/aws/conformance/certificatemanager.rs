//! Certificate Manager. moto issues a certificate for the public after a minute only, so the case that runs through the
//! whole suite is a private one. It mixes up the alternative names, cannot change options, and knows validation by DNS only.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Made, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const CERTIFICATE: &str = "AWS::CertificateManager::Certificate";
const ARN: &str = "arn:aws:acm:us-east-1:123456789012:certificate/c-1";

fn answered(body: &Json) -> Trouble {
    Trouble::Answered(200, body.to_string())
}

fn made() -> Made {
    Made { id: PhysicalId(ARN.to_owned()), attributes: Doc::default() }
}

#[tokio::test]
async fn certificate_conforms() {
    let cloud = Cloud::of("certificate_conforms");
    let want = |list: &[(&str, &str)]| {
        json!({
            "DomainName": "example.com", "SubjectAlternativeNames": ["www.example.com"],
            "CertificateAuthorityArn": "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/a",
            "CertificateExport": "ENABLED", "KeyAlgorithm": "RSA_2048",
            "CertificateTransparencyLoggingPreference": "DISABLED", "Tags": tags(list),
        })
    };
    let mut least = want(&[]);
    least.as_object_mut().unwrap().remove("Tags");
    cloud.check(CERTIFICATE, want(&[("Name", "a"), ("Team", "x")]), [want(&[("Name", "b")]), least]).await;
}

/// What somebody has to do stands in the note; records in zones that are named are made.
#[tokio::test]
async fn a_certificate_waits_for_its_records_and_makes_those_it_can() {
    let cloud = Cloud::of("a_certificate_waits_for_its_records_and_makes_those_it_can");
    let zone = cloud.make_id("AWS::Route53::HostedZone", "zone", json!({"Name": "example.com"}), "Id").await;
    let want = json!({
        "DomainName": "example.com", "ValidationMethod": "DNS",
        "DomainValidationOptions": [{"DomainName": "example.com", "HostedZoneId": zone}],
    });
    let (driver, call) = (cloud.provider.driver(CERTIFICATE).unwrap(), cloud.call("main"));
    let Progress::Pending { so_far, note } = driver.create(&call, &want.into()).await.unwrap() else {
        panic!("nobody has validated it yet");
    };
    assert_eq!(note, "requested");
    let sent: Json = serde_json::from_str(&cloud.wire.requests("RequestCertificate")[0]).unwrap();
    assert_eq!((&sent["ValidationMethod"], &sent["IdempotencyToken"]), (&json!("DNS"), &json!("k".repeat(32))));
    assert_eq!(sent.get("DomainValidationOptions"), None);
    // AWS knows the records only after a moment.
    let unknown = json!({"Certificate": {
        "CertificateArn": so_far.id.0, "DomainName": "example.com", "Status": "PENDING_VALIDATION",
        "DomainValidationOptions": [{"DomainName": "example.com", "ValidationStatus": "PENDING_VALIDATION"}],
    }});
    cloud.wire.trouble("DescribeCertificate", 0, answered(&unknown));
    let rrset = format!("POST /2013-04-01/hostedzone/{zone}/rrset");
    let Progress::Pending { so_far, note } = driver.poll(&call, &so_far).await.unwrap() else { panic!("it waits") };
    assert_eq!((note.as_str(), cloud.wire.requests(&rrset).len()), ("waiting for validation", 0));
    let mut so_far = so_far;
    for _ in 0..2 {
        let Progress::Pending { so_far: now, note } = driver.poll(&call, &so_far).await.unwrap() else {
            panic!("it waits");
        };
        assert!(note.contains("there must be a CNAME record `_") && note.contains(".example.com.`"), "{note}");
        so_far = now;
    }
    let sent = cloud.wire.requests(&rrset);
    assert_eq!(sent.len(), 1, "once is enough");
    assert!(sent[0].contains("<Action>UPSERT</Action>") && sent[0].contains("<Type>CNAME</Type>"), "{sent:?}");
    let issued = json!({"Certificate": {
        "CertificateArn": so_far.id.0, "DomainName": "example.com", "Status": "ISSUED",
        "DomainValidationOptions": [{"DomainName": "example.com", "ValidationDomain": "example.com"}],
    }});
    cloud.wire.trouble("DescribeCertificate", 0, answered(&issued));
    let Progress::Done(made) = driver.poll(&call, &so_far).await.unwrap() else { panic!("it is issued") };
    assert_eq!(made.attributes.text("CertificateArn"), Some(made.id.0.as_str()));
}

#[tokio::test]
async fn a_certificate_waits_for_mail_to_be_answered() {
    let cloud = Cloud::of("a_certificate_waits_for_mail_to_be_answered");
    let waiting = json!({"Certificate": {
        "CertificateArn": ARN, "DomainName": "example.com", "Status": "PENDING_VALIDATION",
        "DomainValidationOptions": [
            {"DomainName": "example.com", "ValidationStatus": "PENDING_VALIDATION", "ValidationEmails": ["admin@example.com"]},
            {"DomainName": "example.org", "ValidationStatus": "SUCCESS", "ValidationEmails": ["admin@example.org"]},
        ],
    }});
    cloud.wire.trouble("DescribeCertificate", 0, answered(&waiting));
    let driver = cloud.provider.driver(CERTIFICATE).unwrap();
    let Progress::Pending { note, .. } = driver.poll(&cloud.call("main"), &made()).await.unwrap() else {
        panic!("it waits");
    };
    assert!(note.contains("admin@example.com") && !note.contains("admin@example.org"), "{note}");
}

#[tokio::test]
async fn a_certificate_that_failed_is_a_fault_with_its_reason() {
    let cloud = Cloud::of("a_certificate_that_failed_is_a_fault_with_its_reason");
    let driver = cloud.provider.driver(CERTIFICATE).unwrap();
    for (status, reason, words) in
        [("FAILED", Some("CAA_ERROR"), "CAA_ERROR"), ("VALIDATION_TIMED_OUT", None, "validation timed out")]
    {
        let answer = json!({"Certificate": {"CertificateArn": ARN, "Status": status, "FailureReason": reason}});
        cloud.wire.trouble("DescribeCertificate", 0, answered(&answer));
        let fault = driver.poll(&cloud.call("main"), &made()).await.unwrap_err();
        assert!(fault.made.is_some() && fault.message.contains(words), "{fault}");
    }
}

#[tokio::test]
async fn a_certificate_in_use_says_what_uses_it() {
    let cloud = Cloud::of("a_certificate_in_use_says_what_uses_it");
    cloud.wire.trouble("DeleteCertificate", 0, Trouble::Refused(400, "ResourceInUseException"));
    let answer = json!({"Certificate": {"CertificateArn": ARN, "Status": "ISSUED", "InUseBy": ["arn:balancer"]}});
    cloud.wire.trouble("DescribeCertificate", 0, answered(&answer));
    let driver = cloud.provider.driver(CERTIFICATE).unwrap();
    let outcome = driver.delete(&cloud.call("main"), &PhysicalId(ARN.to_owned()), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["arn:balancer".to_owned()]));
}

/// What moto lacks, asked for in AWS's words.
#[tokio::test]
async fn the_preference_about_logs_is_changed_and_goes_back_to_what_aws_has() {
    let cloud = Cloud::of("the_preference_about_logs_is_changed_and_goes_back_to_what_aws_has");
    let driver = cloud.provider.driver(CERTIFICATE).unwrap();
    let name = "CertificateTransparencyLoggingPreference";
    for (want, expected) in [(json!({name: "DISABLED"}), "DISABLED"), (json!({}), "ENABLED")] {
        cloud.wire.trouble("UpdateCertificateOptions", 0, answered(&json!({})));
        let change = Change {
            id: PhysicalId(ARN.to_owned()),
            before: Doc::default(),
            want: want.into(),
            paths: vec![Path::key(name)],
        };
        driver.update(&cloud.call("main"), &change).await.unwrap();
        let sent: Json = serde_json::from_str(cloud.wire.requests("UpdateCertificateOptions").last().unwrap()).unwrap();
        assert_eq!(sent["Options"][name], expected);
    }
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn everything_about_a_certificate_is_read() {
    let cloud = Cloud::of("everything_about_a_certificate_is_read");
    let options = json!([
        {"DomainName": "example.com", "ValidationDomain": "example.com", "ValidationMethod": "DNS", "ValidationStatus": "SUCCESS"},
    ]);
    let answer = json!({"Certificate": {
        "CertificateArn": ARN, "DomainName": "example.com", "SubjectAlternativeNames": ["example.com", "*.example.com"],
        "Status": "ISSUED", "KeyAlgorithm": "EC_prime256v1", "DomainValidationOptions": options,
        "Options": {"CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED"},
    }});
    cloud.wire.trouble("DescribeCertificate", 0, answered(&answer));
    let answer = json!({"Tags": [{"Key": "Name", "Value": "a"}, {"Key": "provision:token", "Value": "t"}]});
    cloud.wire.trouble("ListTagsForCertificate", 0, answered(&answer));
    let driver = cloud.provider.driver(CERTIFICATE).unwrap();
    let found = driver.read(&cloud.call("main"), &[PhysicalId(ARN.to_owned())]).await.unwrap();
    let expected = json!({
        "CertificateArn": ARN, "Id": ARN, "DomainName": "example.com",
        "SubjectAlternativeNames": ["example.com", "*.example.com"],
        "KeyAlgorithm": "EC_prime256v1", "CertificateTransparencyLoggingPreference": "ENABLED",
        "CertificateExport": "DISABLED", "ValidationMethod": "DNS",
        "DomainValidationOptions": [{"DomainName": "example.com", "ValidationDomain": "example.com"}],
        "Tags": tags(&[("Name", "a")]),
    });
    assert_eq!(found[0].clone().unwrap().into_json(), expected);
}
