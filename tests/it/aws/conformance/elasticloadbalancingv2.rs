//! Elastic Load Balancing, version 2.

use provision::{
    base::{Doc, PhysicalId},
    driver::{Change, FaultKind, Made, Progress, Provider, Removal},
};
use serde_json::{Value as Json, json};

use super::{
    super::{cloud::Cloud, wire::Trouble},
    group, tags, vpc,
};

const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";

/// Two subnets in two zones.
async fn subnets(cloud: &Cloud, vpc: &str) -> [String; 2] {
    let subnet = async |number: u8, zone: &str| {
        let want = json!({
            "VpcId": vpc, "CidrBlock": format!("10.0.{number}.0/24"), "AvailabilityZone": format!("us-east-1{zone}"),
        });
        cloud.make_id("AWS::EC2::Subnet", &format!("subnet_{zone}"), want, "SubnetId").await
    };
    [subnet(11, "a").await, subnet(12, "b").await]
}

async fn load_balancer(cloud: &Cloud, vpc: &str) -> String {
    let want = json!({"Name": "main", "Type": "application", "Subnets": subnets(cloud, vpc).await});
    cloud.make_id(LOAD_BALANCER, "load_balancer", want, "LoadBalancerArn").await
}

async fn target_group(cloud: &Cloud, vpc: &str, name: &str) -> String {
    let want = json!({"Name": name, "Port": 80, "Protocol": "HTTP", "TargetType": "ip", "VpcId": vpc});
    cloud.make_id(TARGET_GROUP, name, want, "TargetGroupArn").await
}

async fn listener(cloud: &Cloud, load_balancer: &str, actions: Json) -> String {
    let want = json!({"LoadBalancerArn": load_balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": actions});
    cloud.make_id(LISTENER, "listener", want, "ListenerArn").await
}

fn attributes(list: &[(&str, &str)]) -> Json {
    tags(list)
}

fn forward(target_group: &str) -> Json {
    json!([{"Type": "forward", "TargetGroupArn": target_group}])
}

#[tokio::test]
async fn application_load_balancer_conforms() {
    let cloud = Cloud::of("application_load_balancer_conforms");
    let vpc = vpc(&cloud).await;
    let ([a, b], group) = (subnets(&cloud, &vpc).await, group(&cloud, &vpc).await);
    let third = json!({"VpcId": vpc, "CidrBlock": "10.0.13.0/24", "AvailabilityZone": "us-east-1c"});
    let c = cloud.make_id("AWS::EC2::Subnet", "subnet_c", third, "SubnetId").await;
    let document = |subnets: [&str; 2], groups: Json, kind: &str, seconds: &str, name: &str| {
        let logging = ("access_logs.s3.bucket", "logs");
        json!({
            "Name": "main", "Type": "application", "Scheme": "internal", "IpAddressType": kind, "Subnets": subnets,
            "SecurityGroups": groups, "Tags": tags(&[("Name", name)]),
            "LoadBalancerAttributes": attributes(&[("idle_timeout.timeout_seconds", seconds), logging]),
        })
    };
    // moto leaves the address type alone where SetSubnets carries it, so the two change one after the other.
    let updates = [
        document([&a, &c], json!([group]), "ipv4", "60", "a"),
        document([&a, &c], json!([]), "dualstack", "90", "b"),
        document([&a, &c], json!([group]), "ipv4", "60", "a"),
    ];
    cloud.check(LOAD_BALANCER, document([&a, &b], json!([group]), "ipv4", "60", "a"), updates).await;
}

// moto keeps of a mapping only the subnet, and neither capacity nor address pools.
#[tokio::test]
async fn network_load_balancer_conforms() {
    let cloud = Cloud::of("network_load_balancer_conforms");
    let [a, b] = subnets(&cloud, &vpc(&cloud).await).await;
    let want = json!({
        "Name": "net", "Type": "network", "Scheme": "internet-facing",
        "SubnetMappings": [{"SubnetId": a}, {"SubnetId": b}],
        "LoadBalancerAttributes": attributes(&[("load_balancing.cross_zone.enabled", "true")]),
    });
    cloud.check(LOAD_BALANCER, want, []).await;
}

/// What DescribeLoadBalancers says of a load balancer in a state.
fn described(state: &str, reason: &str) -> Trouble {
    Trouble::Answered(
        200,
        format!(
            "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers><member>\
             <LoadBalancerArn>{ARN}</LoadBalancerArn><LoadBalancerName>main</LoadBalancerName>\
             <State><Code>{state}</Code><Reason>{reason}</Reason></State>\
             </member></LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"
        ),
    )
}

const ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/main/50dc6c495c0c9188";

#[tokio::test]
async fn a_load_balancer_is_waited_for_and_its_failure_has_a_reason() {
    let cloud = Cloud::of("a_load_balancer_is_waited_for_and_its_failure_has_a_reason");
    let driver = cloud.provider.driver(LOAD_BALANCER).unwrap();
    let made = Made { id: PhysicalId(ARN.to_owned()), attributes: Doc::default() };
    cloud.wire.trouble("DescribeLoadBalancers", 0, described("provisioning", ""));
    let progress = driver.poll(&cloud.call("main"), &made).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "provisioning"), "{progress:?}");
    cloud.wire.trouble("DescribeLoadBalancers", 0, described("failed", "no free addresses in the subnet"));
    let fault = driver.poll(&cloud.call("main"), &made).await.unwrap_err();
    assert_eq!((fault.message.as_str(), fault.made), ("no free addresses in the subnet", Some(Box::new(made.clone()))));
    cloud.wire.trouble("DescribeLoadBalancers", 0, described("active_impaired", "few addresses"));
    let reserved = "<DescribeCapacityReservationResponse><DescribeCapacityReservationResult>\
         <MinimumLoadBalancerCapacity><CapacityUnits>100</CapacityUnits></MinimumLoadBalancerCapacity>\
         <CapacityReservationState><member><State><Code>pending</Code></State></member></CapacityReservationState>\
         </DescribeCapacityReservationResult></DescribeCapacityReservationResponse>";
    cloud.wire.trouble("DescribeCapacityReservation", 0, Trouble::Answered(200, reserved.to_owned()));
    let progress = driver.poll(&cloud.call("main"), &made).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "reserving capacity"), "{progress:?}");
    cloud.wire.trouble("DescribeLoadBalancers", 0, described("active", ""));
    let progress = driver.poll(&cloud.call("main"), &made).await;
    let Ok(Progress::Done(made)) = progress else { panic!("{progress:?}") };
    assert_eq!(made.attributes.text("LoadBalancerFullName"), Some("app/main/50dc6c495c0c9188"));
}

#[tokio::test]
async fn capacity_is_reserved_once_the_load_balancer_is_active() {
    let cloud = Cloud::of("capacity_is_reserved_once_the_load_balancer_is_active");
    let driver = cloud.provider.driver(LOAD_BALANCER).unwrap();
    let subnets = subnets(&cloud, &vpc(&cloud).await).await;
    let capacity = json!({"CapacityUnits": 100});
    let want = json!({"Name": "main", "Subnets": subnets, "MinimumLoadBalancerCapacity": capacity});
    let fault = driver.create(&cloud.call("main"), &want.clone().into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
    let made = fault.made.expect("the load balancer exists");
    let want = json!({
        "Name": "main", "Subnets": subnets, "MinimumLoadBalancerCapacity": capacity,
        "EnableCapacityReservationProvisionStabilize": true,
    });
    let paths = vec!["MinimumLoadBalancerCapacity".parse().unwrap()];
    let change = Change { id: made.id, before: json!({}).into(), want: want.into(), paths };
    let reserved = "<ModifyCapacityReservationResponse><ModifyCapacityReservationResult>\
         </ModifyCapacityReservationResult></ModifyCapacityReservationResponse>";
    cloud.wire.trouble("ModifyCapacityReservation", 0, Trouble::Answered(200, reserved.to_owned()));
    let progress = driver.update(&cloud.call("main"), &change).await.unwrap();
    assert!(matches!(&progress, Progress::Pending { note, .. } if note == "reserving capacity"), "{progress:?}");
    let sent = cloud.wire.requests("ModifyCapacityReservation").concat();
    assert!(sent.contains("MinimumLoadBalancerCapacity.CapacityUnits=100"), "{sent}");
}

#[tokio::test]
async fn what_has_the_name_already_is_somebody_elses() {
    let cloud = Cloud::of("what_has_the_name_already_is_somebody_elses");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let group = target_group(&cloud, &vpc, "main").await;
    let actions = forward(&group);
    let listener = listener(&cloud, &load_balancer, actions).await;
    for (type_name, want, id) in [
        (LOAD_BALANCER, json!({"Name": "main"}), &load_balancer),
        (TARGET_GROUP, json!({"Name": "main"}), &group),
        (LISTENER, json!({"LoadBalancerArn": load_balancer, "Port": 80}), &listener),
    ] {
        let driver = cloud.provider.driver(type_name).unwrap();
        let (call, want) = (cloud.call("main"), want.into());
        assert_eq!(driver.taken(&call, &want).await.unwrap(), Some(PhysicalId(id.clone())), "{type_name}");
        assert_eq!(driver.find(&call, &want).await.unwrap(), [], "{type_name}");
    }
}

#[tokio::test]
async fn target_group_conforms() {
    let cloud = Cloud::of("target_group_conforms");
    let vpc = vpc(&cloud).await;
    let want = json!({
        "Name": "main", "TargetType": "ip", "Protocol": "HTTP", "ProtocolVersion": "HTTP2", "Port": 8080, "VpcId": vpc,
        "IpAddressType": "ipv4", "HealthCheckEnabled": true, "HealthCheckProtocol": "HTTP", "HealthCheckPort": "8081",
        "HealthCheckPath": "/up", "HealthCheckIntervalSeconds": 15, "HealthCheckTimeoutSeconds": 4,
        "HealthyThresholdCount": 3, "UnhealthyThresholdCount": 4, "Matcher": {"HttpCode": "200-299"},
        "TargetGroupAttributes": attributes(&[("deregistration_delay.timeout_seconds", "30")]),
        "Targets": [{"Id": "10.0.1.7", "Port": 8080}], "Tags": tags(&[("Name", "a")]),
    });
    let other = json!({
        "Name": "main", "TargetType": "ip", "Protocol": "HTTP", "ProtocolVersion": "HTTP2", "Port": 8080, "VpcId": vpc,
        "IpAddressType": "ipv4", "HealthCheckEnabled": true, "HealthCheckProtocol": "HTTP", "HealthCheckPath": "/down",
        "TargetGroupAttributes": attributes(&[
            ("deregistration_delay.timeout_seconds", "60"), ("stickiness.enabled", "true"),
        ]),
        "Targets": [{"Id": "10.0.1.8"}, {"Id": "10.0.1.9", "Port": 9090}], "Tags": tags(&[("Team", "b")]),
    });
    let bare = json!({
        "Name": "main", "TargetType": "ip", "Protocol": "HTTP", "ProtocolVersion": "HTTP2", "Port": 8080, "VpcId": vpc,
        "IpAddressType": "ipv4", "HealthCheckEnabled": true, "HealthCheckProtocol": "HTTP",
    });
    cloud.check(TARGET_GROUP, want, [other, bare]).await;
}

#[tokio::test]
async fn target_group_of_a_function_conforms() {
    let cloud = Cloud::of("target_group_of_a_function_conforms");
    let want = json!({"Name": "function", "TargetType": "lambda", "HealthCheckIntervalSeconds": 40});
    let other = json!({"Name": "function", "TargetType": "lambda", "HealthCheckPath": "/up"});
    cloud.check(TARGET_GROUP, want, [other]).await;
}

#[tokio::test]
async fn a_target_group_in_use_names_its_users() {
    let cloud = Cloud::of("a_target_group_in_use_names_its_users");
    let vpc = vpc(&cloud).await;
    let group = target_group(&cloud, &vpc, "main").await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let listener = listener(&cloud, &load_balancer, forward(&group)).await;
    let driver = cloud.provider.driver(TARGET_GROUP).unwrap();
    let id = PhysicalId(group.clone());
    let fault = driver.delete(&cloud.call("main"), &id, &Removal::default()).await.unwrap_err();
    assert_eq!((fault.kind, fault.blockers), (FaultKind::InUse, vec![listener.clone()]));
    let condition = json!([{"Field": "path-pattern", "Values": ["/api"]}]);
    let actions = json!([{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group}]}}]);
    let want = json!({"ListenerArn": listener, "Priority": 1, "Conditions": condition, "Actions": actions});
    let rule = cloud.make_id(RULE, "rule", want, "RuleArn").await;
    let fault = driver.delete(&cloud.call("main"), &id, &Removal::default()).await.unwrap_err();
    let named = |arn| fault.blockers.contains(arn);
    assert!(named(&rule) && named(&listener), "{:?}", fault.blockers);
}

#[tokio::test]
async fn many_are_read_at_once_although_some_do_not_exist() {
    let cloud = Cloud::of("many_are_read_at_once_although_some_do_not_exist");
    let vpc = vpc(&cloud).await;
    let (one, two) = (target_group(&cloud, &vpc, "one").await, target_group(&cloud, &vpc, "two").await);
    let none = one.replace("/one/", "/none/");
    let ids = [&two, &none, &one].map(|arn| PhysicalId(arn.clone()));
    let driver = cloud.provider.driver(TARGET_GROUP).unwrap();
    let found = driver.read(&cloud.call("main"), &ids).await.unwrap();
    let names = found.iter().map(|doc| doc.as_ref().and_then(|doc| doc.text("Name")));
    assert_eq!(names.collect::<Vec<_>>(), [Some("two"), None, Some("one")]);
}

// moto keeps no mutual authentication.
#[tokio::test]
async fn listener_conforms() {
    let cloud = Cloud::of("listener_conforms");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let (one, two) = (target_group(&cloud, &vpc, "one").await, target_group(&cloud, &vpc, "two").await);
    let document = |port: u16, actions: Json, name: &str| {
        json!({
            "LoadBalancerArn": load_balancer, "Port": port, "Protocol": "HTTP", "DefaultActions": actions,
            "ListenerAttributes": attributes(&[("routing.http.response.server.enabled", name)]),
            "Tags": tags(&[("Name", name)]),
        })
    };
    let redirect = json!([{
        "Type": "redirect", "RedirectConfig": {
            "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
            "StatusCode": "HTTP_301",
        },
    }]);
    let fixed = json!([{
        "Type": "fixed-response", "FixedResponseConfig": {
            "StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed",
        },
    }]);
    let weighted = json!([{
        "Type": "forward", "ForwardConfig": {
            "TargetGroups": [{"TargetGroupArn": one, "Weight": 3}, {"TargetGroupArn": two, "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": true, "DurationSeconds": 60},
        },
    }]);
    let updates =
        [document(8080, fixed, "false"), document(8080, weighted, "false"), document(80, forward(&one), "true")];
    cloud.check(LISTENER, document(80, redirect, "true"), updates).await;
}

#[tokio::test]
async fn tls_listener_conforms() {
    let cloud = Cloud::of("tls_listener_conforms");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let group = target_group(&cloud, &vpc, "one").await;
    let document = |policy: &str| {
        json!({
            "LoadBalancerArn": load_balancer, "Port": 443, "Protocol": "HTTPS", "DefaultActions": forward(&group),
            "SslPolicy": policy,
            "Certificates": [{"CertificateArn": "arn:aws:iam::123456789012:server-certificate/main"}],
        })
    };
    let (one, other) = ("ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08");
    cloud.check(LISTENER, document(one), [document(other)]).await;
}

#[tokio::test]
async fn who_signs_in_is_checked_and_the_secret_is_never_reported() {
    let cloud = Cloud::of("who_signs_in_is_checked_and_the_secret_is_never_reported");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let group = target_group(&cloud, &vpc, "one").await;
    let oidc = json!({
        "Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
            "Issuer": "https://id.example.com", "AuthorizationEndpoint": "https://id.example.com/authorize",
            "TokenEndpoint": "https://id.example.com/token", "UserInfoEndpoint": "https://id.example.com/userinfo",
            "ClientId": "web", "ClientSecret": "s3cret-s3cret", "SessionTimeout": "3600", "Scope": "openid",
            "SessionCookieName": "session", "OnUnauthenticatedRequest": "authenticate",
        },
    });
    let actions = json!([oidc, {"Type": "forward", "Order": 2, "TargetGroupArn": group}]);
    let want = json!({
        "LoadBalancerArn": load_balancer, "Port": 443, "Protocol": "HTTPS", "DefaultActions": actions,
        "Certificates": [{"CertificateArn": "arn:aws:iam::123456789012:server-certificate/main"}],
    });
    let made = cloud.make(LISTENER, "listener", want).await;
    assert!(!made.into_json().to_string().contains("s3cret"));
    let sent = cloud.wire.requests("CreateListener").concat();
    assert!(sent.contains("AuthenticateOidcConfig.ClientSecret=s3cret-s3cret"), "{sent}");
    assert!(sent.contains("AuthenticateOidcConfig.SessionTimeout=3600"), "{sent}");
}

// moto keeps no transforms and no regular expressions.
#[tokio::test]
async fn listener_rule_conforms() {
    let cloud = Cloud::of("listener_rule_conforms");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let (one, two) = (target_group(&cloud, &vpc, "one").await, target_group(&cloud, &vpc, "two").await);
    let listener = listener(&cloud, &load_balancer, forward(&one)).await;
    let document = |priority: u16, conditions: Json, actions: Json, name: &str| {
        json!({
            "ListenerArn": listener, "Priority": priority, "Conditions": conditions, "Actions": actions,
            "Tags": tags(&[("Name", name)]),
        })
    };
    let places = json!([
        {"Field": "host-header", "HostHeaderConfig": {"Values": ["api.example.com"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/v1/*", "/v2/*"]}},
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET", "HEAD"]}},
    ]);
    let clients = json!([
        {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Beta", "Values": ["yes"]}},
        {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "beta", "Value": "1"}]}},
        {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}},
        {"Field": "path-pattern", "Values": ["/beta"]},
    ]);
    let fixed = json!([{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]);
    let updates = [document(20, clients, forward(&two), "b"), document(20, places.clone(), fixed, "b")];
    cloud.check(RULE, document(10, places, forward(&one), "a"), updates).await;
}

#[tokio::test]
async fn a_priority_that_is_taken_is_waited_for_by_a_change_only() {
    let cloud = Cloud::of("a_priority_that_is_taken_is_waited_for_by_a_change_only");
    let vpc = vpc(&cloud).await;
    let load_balancer = load_balancer(&cloud, &vpc).await;
    let group = target_group(&cloud, &vpc, "one").await;
    let listener = listener(&cloud, &load_balancer, forward(&group)).await;
    let document = |priority: u16| {
        let conditions = json!([{"Field": "path-pattern", "Values": ["/a"]}]);
        json!({"ListenerArn": listener, "Priority": priority, "Conditions": conditions, "Actions": forward(&group)})
    };
    cloud.make(RULE, "one", document(1)).await;
    let two = cloud.make_id(RULE, "two", document(2), "RuleArn").await;
    let driver = cloud.provider.driver(RULE).unwrap();
    let fault = driver.create(&cloud.call("three"), &document(1).into()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AlreadyExists, "{fault}");
    let paths = vec!["Priority".parse().unwrap()];
    let change = Change { id: PhysicalId(two), before: document(2).into(), want: document(1).into(), paths };
    let fault = driver.update(&cloud.call("two"), &change).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotReady, "{fault}");
}
