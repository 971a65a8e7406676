//! WAF.

use provision::{
    base::{Doc, PhysicalId},
    driver::{Change, FaultKind, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    tags,
};

const WEB_ACL: &str = "AWS::WAFv2::WebACL";
const ASSOCIATION: &str = "AWS::WAFv2::WebACLAssociation";
const BALANCER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/main/50dc6c495c0c9188";

fn metric(name: &str) -> Json {
    json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name})
}

fn rule(priority: u8, action: &Json, statement: &Json) -> Json {
    let name = format!("rule-{priority}");
    json!({
        "Name": name, "Priority": priority, "Action": action, "Statement": statement, "VisibilityConfig": metric(&name),
    })
}

fn least(name: &str) -> Json {
    json!({
        "Name": name, "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": metric(name),
    })
}

/// Statements of every kind.
fn statements() -> Vec<Json> {
    let plain = json!([{"Priority": 0, "Type": "NONE"}]);
    let decoded = json!([{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "LOWERCASE"}]);
    let forwarded = json!({"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"});
    let first = json!({"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH", "Position": "FIRST"});
    let arn = |kind: &str| format!("arn:aws:wafv2:us-east-1:123456789012:regional/{kind}/main/0123");
    let path = json!({"ByteMatchStatement": {
        "SearchString": "/admin", "FieldToMatch": {"UriPath": {}}, "TextTransformations": decoded,
        "PositionalConstraint": "STARTS_WITH",
    }});
    let bytes = json!({"ByteMatchStatement": {
        "SearchStringBase64": "/9j/", "FieldToMatch": {"Body": {"OversizeHandling": "CONTINUE"}},
        "TextTransformations": plain, "PositionalConstraint": "CONTAINS",
        "PreParseTextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}],
    }});
    let country = json!({"GeoMatchStatement": {"CountryCodes": ["DE", "FR"], "ForwardedIPConfig": forwarded}});
    let cookies = json!({"Cookies": {
        "MatchPattern": {"IncludedCookies": ["session"]}, "MatchScope": "VALUE", "OversizeHandling": "MATCH",
    }});
    let headers =
        json!({"Headers": {"MatchPattern": {"All": {}}, "MatchScope": "ALL", "OversizeHandling": "NO_MATCH"}});
    let body = json!({"JsonBody": {
        "MatchPattern": {"IncludedPaths": ["/user"]}, "MatchScope": "ALL", "InvalidFallbackBehavior": "MATCH",
        "OversizeHandling": "CONTINUE",
    }});
    let fingerprint = json!({"JA3Fingerprint": {"FallbackBehavior": "MATCH"}});
    let keys = json!([
        {"Header": {"Name": "x-tenant", "TextTransformations": plain}}, {"IP": {}}, {"HTTPMethod": {}}, {"ASN": {}},
        {"LabelNamespace": {"Namespace": "awswaf:managed:"}},
    ]);
    let rate = json!({"RateBasedStatement": {
        "Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": keys,
        "ScopeDownStatement": {"NotStatement": {"Statement": country}},
    }});
    vec![
        json!({"AndStatement": {"Statements": [path, {"NotStatement": {"Statement": country}}]}}),
        json!({"OrStatement": {"Statements": [bytes, {"LabelMatchStatement": {"Scope": "LABEL", "Key": "a:b"}}]}}),
        json!({"SqliMatchStatement": {
            "FieldToMatch": cookies, "TextTransformations": plain, "SensitivityLevel": "HIGH",
        }}),
        json!({"XssMatchStatement": {"FieldToMatch": headers, "TextTransformations": plain}}),
        json!({"SizeConstraintStatement": {
            "FieldToMatch": body, "ComparisonOperator": "GT", "Size": 8192, "TextTransformations": plain,
        }}),
        json!({"RegexMatchStatement": {
            "RegexString": "^/v[0-9]+/", "FieldToMatch": fingerprint, "TextTransformations": plain,
        }}),
        json!({"RegexPatternSetReferenceStatement": {
            "Arn": arn("regexpatternset"), "FieldToMatch": {"SingleHeader": {"Name": "host"}},
            "TextTransformations": plain,
        }}),
        json!({"IPSetReferenceStatement": {"Arn": arn("ipset"), "IPSetForwardedIPConfig": first}}),
        json!({"AsnMatchStatement": {"AsnList": [64496, 4_200_000_000_i64]}}),
        rate,
    ]
}

fn managed(version: &str) -> Json {
    let inspection = json!({
        "PayloadType": "JSON", "UsernameField": {"Identifier": "/user"}, "PasswordField": {"Identifier": "/password"},
    });
    let logins = json!({"AWSManagedRulesATPRuleSet": {
        "LoginPath": "/login", "EnableRegexInPath": false, "RequestInspection": inspection,
        "ResponseInspection": {"StatusCode": {"SuccessCodes": [200], "FailureCodes": [401, 403]}},
    }});
    json!({
        "Name": "managed", "Priority": 100, "OverrideAction": {"None": {}}, "VisibilityConfig": metric("managed"),
        "Statement": {"ManagedRuleGroupStatement": {
            "VendorName": "AWS", "Name": "AWSManagedRulesATPRuleSet", "Version": version,
            "ManagedRuleGroupConfigs": [logins],
            "RuleActionOverrides": [{"Name": "SignalCredential", "ActionToUse": {"Count": {}}}],
        }},
    })
}

fn group() -> Json {
    json!({
        "Name": "group", "Priority": 101, "OverrideAction": {"Count": {}}, "VisibilityConfig": metric("group"),
        "Statement": {"RuleGroupReferenceStatement": {
            "Arn": "arn:aws:wafv2:us-east-1:123456789012:regional/rulegroup/main/0123",
            "ExcludedRules": [{"Name": "noisy"}],
        }},
    })
}

/// moto refuses a name that is taken with a code of its own, takes nothing away at an update, and does not know
/// `DataProtectionConfig`, `OnSourceDDoSProtectionConfig`, `ApplicationConfig` and `MonetizationConfig`.
#[tokio::test]
async fn web_acl_conforms() {
    let cloud = Cloud::of("web_acl_conforms");
    cloud.wire.trouble("CreateWebACL", 1, Trouble::Refused(400, "WAFDuplicateItemException"));
    let headers = json!([{"Name": "x-waf", "Value": "seen"}]);
    let response = json!({"ResponseCode": 403, "CustomResponseBodyKey": "sorry", "ResponseHeaders": headers});
    let block = json!({"Block": {"CustomResponse": response}});
    let actions = [
        block,
        json!({"Allow": {"CustomRequestHandling": {"InsertHeaders": headers}}}),
        json!({"Count": {}}),
        json!({"Captcha": {}}),
        json!({"Challenge": {}}),
    ];
    let rules = statements();
    let rules = rules.iter().zip(actions.iter().cycle()).zip(1..);
    let mut rules: Vec<Json> = rules.map(|((statement, action), at)| rule(at, action, statement)).collect();
    rules[0]["RuleLabels"] = json!([{"Name": "admin"}]);
    rules[3]["CaptchaConfig"] = json!({"ImmunityTimeProperty": {"ImmunityTime": 60}});
    rules[4]["ChallengeConfig"] = json!({"ImmunityTimeProperty": {"ImmunityTime": 300}});
    rules.extend([managed("Version_1.0"), group()]);
    let document = |rules: &[Json], time: u16, default: Json, tag: &str| {
        let body = json!({"ContentType": "TEXT_PLAIN", "Content": format!("no, {tag}")});
        let limit = json!({"DefaultSizeInspectionLimit": if time > 100 { "KB_32" } else { "KB_16" }});
        json!({
            "Name": "main", "Scope": "REGIONAL", "Description": format!("in front of {tag}"), "DefaultAction": default,
            "Rules": rules, "VisibilityConfig": metric(tag), "CustomResponseBodies": {"sorry": body},
            "CaptchaConfig": {"ImmunityTimeProperty": {"ImmunityTime": time}},
            "ChallengeConfig": {"ImmunityTimeProperty": {"ImmunityTime": time + 300}},
            "TokenDomains": [format!("{tag}.example.com")],
            "AssociationConfig": {"RequestBody": {"API_GATEWAY": limit}}, "Tags": tags(&[("Name", tag), (tag, "x")]),
        })
    };
    let want = document(&rules, 60, json!({"Allow": {}}), "a");
    let other = document(&[managed("Version_2.0")], 120, json!({"Block": {}}), "b");
    cloud.check(WEB_ACL, want, [other]).await;
}

#[tokio::test]
async fn web_acl_for_cloudfront_conforms_from_another_region() {
    let mut cloud = Cloud::of("web_acl_for_cloudfront_conforms_from_another_region");
    "eu-west-1".clone_into(&mut cloud.place.region);
    cloud.wire.trouble("CreateWebACL", 1, Trouble::Refused(400, "WAFDuplicateItemException"));
    let document = |metric_name: &str| {
        json!({
            "Name": "main", "Scope": "CLOUDFRONT", "DefaultAction": {"Allow": {}},
            "VisibilityConfig": metric(metric_name),
        })
    };
    cloud.check(WEB_ACL, document("a"), [document("b")]).await;
}

/// What moto lacks, sent and read in AWS's words.
#[tokio::test]
async fn the_settings_of_a_web_acl_are_sent_and_read() {
    let cloud = Cloud::of("the_settings_of_a_web_acl_are_sent_and_read");
    let protection = json!({
        "Field": {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization"]}, "Action": "HASH",
        "ExcludeRuleMatchDetails": true, "ExcludeRateBasedDetails": true,
    });
    let network = json!({"Chain": "BASE", "WalletAddress": "0x1", "Prices": [{"Amount": "0.01", "Currency": "USDC"}]});
    let settings = json!({
        "DataProtectionConfig": {"DataProtections": [protection]},
        "OnSourceDDoSProtectionConfig": {"ALBLowReputationMode": "ALWAYS_ON"},
        "ApplicationConfig": {"Attributes": [{"Name": "type", "Values": ["api"]}]},
        "MonetizationConfig": {"CryptoConfig": {"PaymentNetworks": [network]}, "CurrencyMode": "TEST"},
    });
    let mut want = least("main");
    want.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let summary = json!({"Summary": {"Name": "main", "Id": "1", "ARN": "arn:1", "LockToken": "lock"}});
    cloud.wire.trouble("CreateWebACL", 0, Trouble::Answered(200, summary.to_string()));
    let (driver, call) = (cloud.provider.driver(WEB_ACL).unwrap(), cloud.call("main"));
    let made = driver.create(&call, &want.clone().into()).await.unwrap().into_inner();
    assert_eq!(made.id.0, "main|1|REGIONAL");
    let sent: Json = serde_json::from_str(&cloud.wire.requests("CreateWebACL")[0]).unwrap();
    let mut acl = sent.clone();
    acl.as_object_mut().unwrap().extend([
        ("Id".to_owned(), json!("1")),
        ("ARN".to_owned(), json!("arn:1")),
        ("Capacity".to_owned(), json!(700)),
        ("LabelNamespace".to_owned(), json!("awswaf:1:webacl:main:")),
    ]);
    let answer = json!({"WebACL": acl, "LockToken": "lock"}).to_string();
    cloud.wire.trouble("GetWebACL", 0, Trouble::Answered(200, answer.clone()));
    let listed = json!({"TagInfoForResource": {"ResourceARN": "arn:1", "TagList": tags(&[("Name", "a")])}});
    cloud.wire.trouble("ListTagsForResource", 0, Trouble::Answered(200, listed.to_string()));
    let live = driver.read(&call, std::slice::from_ref(&made.id)).await.unwrap().remove(0).unwrap().into_json();
    for (name, value) in settings.as_object().unwrap() {
        assert_eq!(sent[name], *value, "sent");
        assert_eq!(live[name], *value, "read");
    }
    assert_eq!(live["Capacity"], json!(700));
    assert_eq!(live["LabelNamespace"], json!("awswaf:1:webacl:main:"));
    assert_eq!(live["Tags"], tags(&[("Name", "a")]));
    // Only what may be changed of them is sent again, with the lock.
    let mut other = want.clone();
    other["Description"] = json!("other");
    let change =
        Change { id: made.id, before: want.into(), want: other.into(), paths: vec!["Description".parse().unwrap()] };
    cloud.wire.trouble("GetWebACL", 0, Trouble::Answered(200, answer.clone()));
    cloud.wire.trouble("GetWebACL", 0, Trouble::Answered(200, answer));
    cloud.wire.trouble("UpdateWebACL", 0, Trouble::Answered(200, "{}".to_owned()));
    driver.update(&call, &change).await.unwrap();
    let sent: Json = serde_json::from_str(&cloud.wire.requests("UpdateWebACL")[0]).unwrap();
    assert_eq!(sent["LockToken"], json!("lock"));
    assert_eq!(sent["MonetizationConfig"], settings["MonetizationConfig"]);
    assert_eq!(sent.get("ApplicationConfig"), None);
}

#[tokio::test]
async fn a_web_acl_that_somebody_else_changes_is_tried_again_and_its_application_stays() {
    let cloud = Cloud::of("a_web_acl_that_somebody_else_changes_is_tried_again_and_its_application_stays");
    let made = cloud.make(WEB_ACL, "main", least("main")).await;
    let id = PhysicalId(format!("main|{}|REGIONAL", made.text("Id").unwrap()));
    let driver = cloud.provider.driver(WEB_ACL).unwrap();
    let change = |name: &str, value: Json| {
        let mut want = least("main");
        want[name] = value;
        let paths = vec![name.parse().unwrap()];
        Change { id: id.clone(), before: least("main").into(), want: want.into(), paths }
    };
    cloud.wire.trouble("UpdateWebACL", 0, Trouble::Refused(400, "WAFOptimisticLockException"));
    let fault = driver.update(&cloud.call("main"), &change("Description", json!("other"))).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
    let attributes = json!({"Attributes": [{"Name": "type", "Values": ["api"]}]});
    let fault = driver.update(&cloud.call("main"), &change("ApplicationConfig", attributes)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Invalid);
    assert!(fault.message.contains("`ApplicationConfig`"), "{fault}");
}

#[tokio::test]
async fn bytes_that_are_no_base_64_are_refused() {
    let cloud = Cloud::of("bytes_that_are_no_base_64_are_refused");
    let driver = cloud.provider.driver(WEB_ACL).unwrap();
    for (bytes, words) in
        [(json!({"SearchStringBase64": "?"}), "base 64"), (json!({}), "`SearchString` or `SearchStringBase64`")]
    {
        let mut want = least("main");
        want["Rules"] = json!([rule(1, &json!({"Count": {}}), &json!({"ByteMatchStatement": bytes}))]);
        let fault = driver.create(&cloud.call("main"), &want.into()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert!(fault.message.contains(words), "{fault}");
    }
}

/// moto deletes a web ACL that is in use, and cannot say what uses it.
#[tokio::test]
async fn a_web_acl_in_use_says_what_is_behind_it() {
    let cloud = Cloud::of("a_web_acl_in_use_says_what_is_behind_it");
    let made = cloud.make(WEB_ACL, "main", least("main")).await;
    let id = PhysicalId(format!("main|{}|REGIONAL", made.text("Id").unwrap()));
    cloud.wire.trouble("DeleteWebACL", 0, Trouble::Refused(400, "WAFAssociatedItemException"));
    cloud.wire.script("ListResourcesForWebACL", behind);
    let driver = cloud.provider.driver(WEB_ACL).unwrap();
    let fault = driver.delete(&cloud.call("main"), &id, &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec![BALANCER.to_owned()]));
    let listed = cloud.provider.lookup(&cloud.place, ASSOCIATION, &Doc::default()).await.unwrap();
    let expected = Doc::from(json!({"ResourceArn": BALANCER, "WebACLArn": made.text("Arn").unwrap()}));
    assert_eq!(listed, [expected]);
}

/// One load balancer.
fn behind(requests: &[(String, String)]) -> String {
    let is_asked_for = requests.last().is_some_and(|(_, body)| body.contains("APPLICATION_LOAD_BALANCER"));
    json!({"ResourceArns": if is_asked_for { vec![BALANCER] } else { Vec::new() }}).to_string()
}

/// moto takes the ARN of any load balancer, and puts it behind a web ACL as often as it is asked to.
#[tokio::test]
async fn web_acl_association_conforms() {
    let cloud = Cloud::of("web_acl_association_conforms");
    let acl = cloud.make_id(WEB_ACL, "acl", least("main"), "Arn").await;
    cloud.wire.trouble("AssociateWebACL", 1, Trouble::Answered(200, "{}".to_owned()));
    cloud.check(ASSOCIATION, json!({"ResourceArn": BALANCER, "WebACLArn": acl}), []).await;
}

#[tokio::test]
async fn a_resource_behind_the_web_acl_of_somebody_else_stays_there() {
    let cloud = Cloud::of("a_resource_behind_the_web_acl_of_somebody_else_stays_there");
    let theirs = cloud.make_id(WEB_ACL, "theirs", least("theirs"), "Arn").await;
    let ours = cloud.make_id(WEB_ACL, "ours", least("ours"), "Arn").await;
    let (driver, call) = (cloud.provider.driver(ASSOCIATION).unwrap(), cloud.call("main"));
    let want = Doc::from(json!({"ResourceArn": BALANCER, "WebACLArn": ours}));
    assert_eq!(driver.taken(&call, &want).await.unwrap(), None);
    let client = cloud.clients.wafv2(&cloud.place).await;
    client.associate_web_acl().resource_arn(BALANCER).web_acl_arn(&theirs).send().await.unwrap();
    let id = |acl: &str| PhysicalId(format!("{BALANCER}|{acl}"));
    assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(id(&theirs)));
    assert_eq!(driver.find(&call, &want).await.unwrap(), []);
    let deleted = driver.delete(&call, &id(&ours), &Removal::default()).await.unwrap();
    assert_eq!(deleted, Progress::Done(()));
    let found = driver.read(&call, &[id(&theirs), id(&ours)]).await.unwrap();
    assert!(found[0].is_some() && found[1].is_none(), "{found:?}");
}

#[tokio::test]
async fn a_load_balancer_that_waf_does_not_know_yet_is_tried_again() {
    let cloud = Cloud::of("a_load_balancer_that_waf_does_not_know_yet_is_tried_again");
    cloud.wire.trouble("AssociateWebACL", 0, Trouble::Refused(400, "WAFUnavailableEntityException"));
    let driver = cloud.provider.driver(ASSOCIATION).unwrap();
    let want = Doc::from(json!({"ResourceArn": BALANCER, "WebACLArn": "arn:acl"}));
    let fault = driver.create(&cloud.call("main"), &want).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady);
}
