//! CloudFront, as ministack plays it: it knows no continuous deployment and disables a distribution at once; there AWS's
//! answers stand in for its own.

use provision::{
    base::{Doc, Path, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags, unique,
};

const DISTRIBUTION: &str = "AWS::CloudFront::Distribution";
const CONTROL: &str = "AWS::CloudFront::OriginAccessControl";
const CACHING: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// A refusal, as CloudFront words it.
fn refused(status: u16, code: &str) -> Trouble {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>");
    Trouble::Answered(status, format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>"))
}

/// A distribution, as CloudFront describes it; `config` is what its configuration has beside the least.
fn described(status: &str, config: &str) -> String {
    format!(
        "<Distribution><Id>E1</Id><ARN>arn:aws:cloudfront::123456789012:distribution/E1</ARN><Status>{status}</Status>\
         <LastModifiedTime>2026-01-31T08:00:00Z</LastModifiedTime>\
         <InProgressInvalidationBatches>0</InProgressInvalidationBatches><DomainName>d1.cloudfront.net</DomainName>\
         <DistributionConfig><CallerReference>t</CallerReference><Comment></Comment>{config}</DistributionConfig>\
         </Distribution>"
    )
}

/// The least that a distribution needs.
fn least() -> Json {
    json!({"DistributionConfig": {
        "Enabled": true,
        "Origins": [
            {"Id": "api", "DomainName": "api.example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}},
        ],
        "DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "allow-all", "CachePolicyId": CACHING},
    }})
}

/// With all that the emulators keep.
fn rich(comment: &str) -> Json {
    let site = json!({
        "Id": "site", "DomainName": "site.s3.us-east-1.amazonaws.com", "S3OriginConfig": {}, "OriginPath": "/live",
        "OriginCustomHeaders": [{"HeaderName": "x-from", "HeaderValue": "cloudfront"}], "ConnectionAttempts": 2,
        "ConnectionTimeout": 5, "OriginShield": {"Enabled": true, "OriginShieldRegion": "us-east-1"},
    });
    let custom = json!({
        "HTTPPort": 8080, "HTTPSPort": 8443, "OriginProtocolPolicy": "match-viewer", "OriginSSLProtocols": ["TLSv1.2"],
        "OriginReadTimeout": 40, "OriginKeepaliveTimeout": 10,
    });
    let group = json!({
        "Id": "both", "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [500, 502]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "site"}, {"OriginId": "api"}]},
    });
    let cached = json!({
        "TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https", "CachePolicyId": CACHING, "Compress": true,
        "OriginRequestPolicyId": "request", "ResponseHeadersPolicyId": "response", "TrustedKeyGroups": ["keys"],
        "AllowedMethods": ["GET", "HEAD", "OPTIONS"], "CachedMethods": ["GET", "HEAD"],
        "RealtimeLogConfigArn": "arn:aws:cloudfront::123456789012:realtime-log-config/main",
    });
    let forwarded = json!({
        "QueryString": true, "QueryStringCacheKeys": ["q"], "Headers": ["Host"],
        "Cookies": {"Forward": "whitelist", "WhitelistedNames": ["session"]},
    });
    let uncached = json!({
        "PathPattern": "/api/*", "TargetOriginId": "api", "ViewerProtocolPolicy": "https-only", "MinTTL": 1,
        "DefaultTTL": 60, "MaxTTL": 600, "ForwardedValues": forwarded, "TrustedSigners": ["self"],
    });
    json!({
        "DistributionConfig": {
            "Enabled": true, "Comment": comment, "Aliases": ["www.example.com"], "DefaultRootObject": "index.html",
            "Origins": [
                site, {"Id": "api", "DomainName": "api.example.com", "CustomOriginConfig": custom},
            ],
            "OriginGroups": {"Quantity": 1, "Items": [group]}, "DefaultCacheBehavior": cached,
            "CacheBehaviors": [uncached],
            "CustomErrorResponses": [
                {"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/index.html", "ErrorCachingMinTTL": 10},
            ],
            "Logging": {"Bucket": "logs.s3.amazonaws.com", "Prefix": "site/", "IncludeCookies": true},
            "PriceClass": "PriceClass_100", "HttpVersion": "http2and3", "IPV6Enabled": true,
            "ViewerCertificate": {
                "AcmCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/c", "SslSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
            },
            "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE", "FR"]}},
            "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/main/a",
        },
        "Tags": tags(&[("Name", comment), ("Team", "x")]),
    })
}

#[tokio::test]
async fn distribution_conforms() {
    let cloud = Cloud::of("distribution_conforms");
    cloud.check(DISTRIBUTION, rich("a"), [rich("b"), least()]).await;
}

#[tokio::test]
async fn a_least_distribution_conforms() {
    let cloud = Cloud::of("a_least_distribution_conforms");
    cloud.check(DISTRIBUTION, least(), [rich("a")]).await;
}

#[tokio::test]
async fn a_distribution_is_disabled_and_deployed_before_it_is_deleted() {
    let cloud = Cloud::of("a_distribution_is_disabled_and_deployed_before_it_is_deleted");
    let id = PhysicalId(cloud.make_id(DISTRIBUTION, "main", least(), "Id").await);
    let (driver, call) = (cloud.provider.driver(DISTRIBUTION).unwrap(), cloud.call("main"));
    let pending = |note: &str| Progress::Pending { so_far: (), note: note.to_owned() };
    assert_eq!(driver.delete(&call, &id, &Removal::default()).await.unwrap(), pending("disabling"));
    let sent = cloud.wire.requests(&format!("PUT /2020-05-31/distribution/{id}/config"));
    assert!(sent.last().unwrap().contains("</PriceClass><Enabled>false</Enabled>"), "{sent:?}");
    let going = described("InProgress", "<Enabled>false</Enabled>");
    cloud.wire.trouble(&format!("GET /2020-05-31/distribution/{id}"), 0, Trouble::Answered(200, going));
    let progress = driver.delete(&call, &id, &Removal::default()).await.unwrap();
    assert_eq!(progress, pending("disabled, deploying that"));
    assert_eq!(cloud.wire.requests(&format!("DELETE /2020-05-31/distribution/{id}")).len(), 0);
    assert_eq!(driver.delete(&call, &id, &Removal::default()).await.unwrap(), Progress::Done(()));
}

#[tokio::test]
async fn a_change_that_somebody_else_has_overtaken_is_tried_again() {
    let cloud = Cloud::of("a_change_that_somebody_else_has_overtaken_is_tried_again");
    let id = cloud.make_id(DISTRIBUTION, "main", least(), "Id").await;
    cloud.wire.trouble(&format!("PUT /2020-05-31/distribution/{id}/config"), 0, refused(412, "PreconditionFailed"));
    let change = Change {
        id: PhysicalId(id),
        before: least().into(),
        want: rich("a").into(),
        paths: vec![Path::key("DistributionConfig")],
    };
    let driver = cloud.provider.driver(DISTRIBUTION).unwrap();
    let fault = driver.update(&cloud.call("main"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
}

/// What the emulators forget.
#[tokio::test]
async fn functions_and_access_controls_are_sent() {
    let cloud = Cloud::of("functions_and_access_controls_are_sent");
    let mut want = least();
    let config = &mut want["DistributionConfig"];
    config["Origins"] = json!([{
        "Id": "api", "DomainName": "site.s3.us-east-1.amazonaws.com", "OriginAccessControlId": "O1",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }]);
    config["DefaultCacheBehavior"]["FunctionAssociations"] =
        json!([{"EventType": "viewer-request", "FunctionARN": "arn:function"}]);
    config["DefaultCacheBehavior"]["GrpcConfig"] = json!({"Enabled": true});
    let answer = described("InProgress", "<Enabled>true</Enabled>");
    cloud.wire.trouble("POST /2020-05-31/distribution", 0, Trouble::Answered(201, answer));
    let driver = cloud.provider.driver(DISTRIBUTION).unwrap();
    let progress = driver.create(&cloud.call("main"), &want.into()).await.unwrap();
    let Progress::Pending { so_far, note } = progress else { panic!("it is not deployed yet") };
    assert_eq!((so_far.id.0.as_str(), note.as_str()), ("E1", "deploying"));
    assert_eq!(so_far.attributes.text("DomainName"), Some("d1.cloudfront.net"));
    let sent = &cloud.wire.requests("POST /2020-05-31/distribution")[0];
    for part in [
        "<OriginAccessControlId>O1</OriginAccessControlId>",
        "<FunctionAssociations><Quantity>1</Quantity>",
        "<FunctionARN>arn:function</FunctionARN>",
        "<GrpcConfig><Enabled>true</Enabled></GrpcConfig>",
        "<LambdaFunctionAssociations><Quantity>0</Quantity>",
        "provision:token",
    ] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    assert!(sent.contains(&format!("<CallerReference>{}</CallerReference>", "k".repeat(32))), "{sent}");
}

/// The answers are AWS's, as its documentation shows them.
#[tokio::test]
async fn functions_and_access_controls_are_read() {
    let cloud = Cloud::of("functions_and_access_controls_are_read");
    let config = "<Enabled>true</Enabled><Origins><Quantity>1</Quantity><Items><Origin><Id>site</Id>\
        <DomainName>site.s3.us-east-1.amazonaws.com</DomainName><OriginAccessControlId>O1</OriginAccessControlId>\
        <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins>\
        <DefaultCacheBehavior><TargetOriginId>site</TargetOriginId>\
        <ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy><AllowedMethods><Quantity>2</Quantity>\
        <Items><Method>HEAD</Method><Method>GET</Method></Items></AllowedMethods>\
        <FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation>\
        <FunctionARN>arn:function</FunctionARN><EventType>viewer-request</EventType></FunctionAssociation></Items>\
        </FunctionAssociations></DefaultCacheBehavior>";
    let answer = Trouble::Answered(200, described("Deployed", config));
    cloud.wire.trouble("GET /2020-05-31/distribution/E1", 0, answer);
    let tags = "<Tags><Items><Tag><Key>Name</Key><Value>a</Value></Tag><Tag><Key>provision:token</Key><Value>t</Value>\
        </Tag></Items></Tags>";
    cloud.wire.trouble("GET /2020-05-31/tagging", 0, Trouble::Answered(200, tags.to_owned()));
    let driver = cloud.provider.driver(DISTRIBUTION).unwrap();
    let found = driver.read(&cloud.call("main"), &[PhysicalId("E1".to_owned())]).await.unwrap();
    let found = found[0].clone().unwrap().into_json();
    let origin = json!({
        "Id": "site", "DomainName": "site.s3.us-east-1.amazonaws.com", "OriginAccessControlId": "O1",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    });
    let behaviour = json!({
        "TargetOriginId": "site", "ViewerProtocolPolicy": "allow-all", "AllowedMethods": ["GET", "HEAD"],
        "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": "arn:function"}],
    });
    let expected = json!({
        "Id": "E1", "DomainName": "d1.cloudfront.net", "Tags": [{"Key": "Name", "Value": "a"}],
        "DistributionConfig": {
            "Enabled": true, "Comment": "", "Origins": [origin], "DefaultCacheBehavior": behaviour,
        },
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_cloudfront_no_longer_has_is_refused_with_what_to_use_instead() {
    let cloud = Cloud::of("what_cloudfront_no_longer_has_is_refused_with_what_to_use_instead");
    let mut want = least();
    want["DistributionConfig"]["CNAMEs"] = json!(["www.example.com"]);
    let driver = cloud.provider.driver(DISTRIBUTION).unwrap();
    let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`CNAMEs`") && fault.message.contains("`Aliases`"), "{fault}");
}

/// A host name that another distribution has is no sign that this one exists.
#[tokio::test]
async fn a_host_name_that_is_taken_is_no_distribution_that_exists() {
    let cloud = Cloud::of("a_host_name_that_is_taken_is_no_distribution_that_exists");
    cloud.wire.trouble("POST /2020-05-31/distribution", 0, refused(409, "CNAMEAlreadyExists"));
    let driver = cloud.provider.driver(DISTRIBUTION).unwrap();
    let fault = driver.create(&cloud.call("main"), &least().into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid, "{fault}");
}

fn control(name: &str, behaviour: &str) -> Json {
    json!({"OriginAccessControlConfig": {
        "Name": name, "Description": "of the site", "OriginAccessControlOriginType": "s3", "SigningBehavior": behaviour,
        "SigningProtocol": "sigv4",
    }})
}

#[tokio::test]
async fn origin_access_control_conforms() {
    let cloud = Cloud::of("origin_access_control_conforms");
    let (name, other) = (unique("main"), unique("other"));
    cloud.make(CONTROL, "other", control(&other, "never")).await;
    cloud.check(CONTROL, control(&name, "always"), [control(&name, "no-override")]).await;
}

#[tokio::test]
async fn an_access_control_in_use_says_what_uses_it() {
    let cloud = Cloud::of("an_access_control_in_use_says_what_uses_it");
    let id = cloud.make_id(CONTROL, "main", control(&unique("in-use"), "always"), "Id").await;
    let in_use = refused(409, "OriginAccessControlInUse");
    cloud.wire.trouble(&format!("DELETE /2020-05-31/origin-access-control/{id}"), 0, in_use);
    let summary = |name: &str, control: &str| {
        format!(
            "<DistributionSummary><Id>{name}</Id><Origins><Quantity>1</Quantity><Items><Origin><Id>site</Id>\
             <DomainName>site.s3.us-east-1.amazonaws.com</DomainName><OriginAccessControlId>{control}\
             </OriginAccessControlId></Origin></Items></Origins></DistributionSummary>"
        )
    };
    let list = format!(
        "<DistributionList><Marker></Marker><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated>\
         <Quantity>2</Quantity><Items>{}{}</Items></DistributionList>",
        summary("E1", &id),
        summary("E2", "other")
    );
    cloud.wire.trouble("GET /2020-05-31/distribution", 0, Trouble::Answered(200, list));
    let driver = cloud.provider.driver(CONTROL).unwrap();
    let outcome = driver.delete(&cloud.call("main"), &PhysicalId(id), &Removal::default()).await;
    let fault = outcome.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec!["distribution E1".to_owned()]));
}

#[tokio::test]
async fn an_access_control_without_a_name_is_nobodys() {
    let cloud = Cloud::of("an_access_control_without_a_name_is_nobodys");
    let driver = cloud.provider.driver(CONTROL).unwrap();
    assert_eq!(driver.find(&cloud.call("main"), &Doc::default()).await.unwrap(), []);
}
