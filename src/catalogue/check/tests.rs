//! Exact messages for the mistakes people make.

use serde_json::{Value as Json, json};

use crate::{
    base::{Address, Path, Value},
    catalogue::Catalogue,
};

fn problems(type_name: &str, properties: &Value) -> Vec<String> {
    let found = Catalogue::embedded().get(type_name).unwrap().check(properties);
    let line = |problem: &super::Problem| {
        let help = problem.help.iter().map(|help| format!(" | {help}")).collect::<String>();
        format!("{} at `{}`: {}{help}", problem.rule, problem.path, problem.message)
    };
    found.iter().map(line).collect()
}

fn of_json(type_name: &str, properties: Json) -> Vec<String> {
    problems(type_name, &properties.into())
}

fn unknown() -> Value {
    Value::attribute(Address::root("other"), Path::key("Id"))
}

fn with(properties: Json, key: &str, value: Value) -> Value {
    let Value::Map(mut map) = Value::from(properties) else { panic!("not a map") };
    map.insert(key.to_owned(), value);
    Value::Map(map)
}

const NONE: [&str; 0] = [];

#[test]
fn what_is_unknown_is_taken_for_right() {
    let subnet = json!({"CidrBlock": "10.0.1.0/24", "Tags": [{"Key": "a", "Value": "b"}]});
    assert_eq!(problems("AWS::EC2::Subnet", &with(subnet.clone(), "VpcId", unknown())), NONE);
    assert_eq!(problems("AWS::EC2::Subnet", &with(subnet, "VpcId", Value::List(vec![unknown()]))).len(), 1);
}

#[test]
fn every_mistake_is_reported_in_one_go() {
    let found = of_json(
        "AWS::EC2::VPC",
        json!({"CidrBlok": "10.0.0.0/16", "EnableDnsSupport": [true], "InstanceTenancy": "dedicatd", "VpcId": "vpc-1", "Tags": [{"Key": "a"}]}),
    );
    let expected = [
        "unknown-property at `CidrBlok`: `AWS::EC2::VPC` has no property `CidrBlok` | did you mean `CidrBlock`?",
        "wrong-type at `EnableDnsSupport`: `EnableDnsSupport` must be true or false, not a list | leave the brackets or the dash away",
        "bad-enum at `InstanceTenancy`: `InstanceTenancy` cannot be `dedicatd` | allowed are `dedicated`, `default` and `host`",
        "missing-required at `Tags[0]`: `Tags[0]` needs `Value`",
        "read-only at `VpcId`: `VpcId` is an attribute of `AWS::EC2::VPC`: AWS sets it, a stack cannot | remove it; other resources may refer to it as `${name.VpcId}`",
        "missing-required at ``: `AWS::EC2::VPC` needs `CidrBlock` or `Ipv4IpamPoolId`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_missing_property_is_reported_at_the_map_it_is_missing_from() {
    assert_eq!(
        of_json("AWS::EC2::Subnet", json!({"CidrBlock": "10.0.0.0/24", "VpcId": null})),
        ["missing-required at ``: `AWS::EC2::Subnet` needs `VpcId`"]
    );
}

#[test]
fn aws_reads_numbers_and_truth_values_as_text_and_back() {
    let group = json!({"Port": "80", "HealthCheckEnabled": "true", "Name": 5, "Protocol": "HTTP"});
    assert_eq!(of_json("AWS::ElasticLoadBalancingV2::TargetGroup", group), NONE);
    assert_eq!(
        of_json("AWS::ElasticLoadBalancingV2::TargetGroup", json!({"Port": "eighty"})),
        ["wrong-type at `Port`: `Port` must be a whole number, not `eighty`"]
    );
}

#[test]
fn a_single_value_is_no_list() {
    assert_eq!(
        of_json("AWS::RDS::DBSubnetGroup", json!({"DBSubnetGroupDescription": "d", "SubnetIds": "subnet-1"})),
        [
            "wrong-type at `SubnetIds`: `SubnetIds` must be a list, not `subnet-1` | a list of one is written `SubnetIds: […]`"
        ]
    );
}

#[test]
fn networks_and_ids_have_their_form() {
    assert_eq!(
        of_json("AWS::EC2::Subnet", json!({"CidrBlock": "10.0.0.0", "VpcId": "main"})),
        [
            "invalid-value at `CidrBlock`: `CidrBlock` must be an IPv4 network such as `10.0.0.0/16`, not `10.0.0.0`",
            "invalid-value at `VpcId`: `VpcId` must be the id of a VPC (`vpc-…`), not `main` | another resource of this stack is referred to as `${name.Attribute}`",
        ]
    );
}

#[test]
fn numbers_and_lengths_have_limits() {
    assert_eq!(
        of_json("AWS::KMS::Key", json!({"PendingWindowInDays": 3})),
        ["out-of-range at `PendingWindowInDays`: `PendingWindowInDays` must be 7 to 30, not `3`"]
    );
    assert_eq!(
        of_json("AWS::KMS::Alias", json!({"AliasName": "mine", "TargetKeyId": "k"})),
        ["bad-pattern at `AliasName`: `AliasName` cannot be `mine` | it must match `^(alias/)[a-zA-Z0-9:/_-]+$`"]
    );
}

#[test]
fn properties_that_exclude_each_other_are_reported_once() {
    let subnet = json!({"VpcId": "vpc-12345678", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "a", "AvailabilityZoneId": "b"});
    assert_eq!(
        of_json("AWS::EC2::Subnet", subnet),
        ["invalid-value at ``: `AWS::EC2::Subnet` takes `AvailabilityZone` or `AvailabilityZoneId`, not both"]
    );
}

#[test]
fn a_condition_on_something_unknown_is_not_judged() {
    let cluster = json!({"MasterUsername": "admin", "MasterUserPassword": "long enough"});
    assert_eq!(problems("AWS::RDS::DBCluster", &with(cluster.clone(), "Engine", unknown())), NONE);
    let known = problems("AWS::RDS::DBCluster", &with(cluster, "Engine", Value::text("aurora-postgresql")));
    assert_eq!(known, ["invalid-value at `MasterUsername`: `MasterUsername` cannot be `admin`"]);
}

#[test]
fn no_message_shows_a_sensitive_value() {
    let secret = |text: &str| Value::text(text).sensitive();
    let found = [
        problems("AWS::EC2::VPC", &with(json!({"CidrBlock": "10.0.0.0/16"}), "InstanceTenancy", secret("hunter2"))),
        problems("AWS::EC2::VPC", &with(json!({}), "CidrBlock", secret("hunter2"))),
        problems("AWS::KMS::Key", &with(json!({}), "PendingWindowInDays", secret("hunter2"))),
        problems("AWS::KMS::Alias", &with(json!({"TargetKeyId": "k"}), "AliasName", secret("hunter2"))),
        problems("AWS::KMS::Key", &with(json!({}), "EnableKeyRotation", secret("hunter2"))),
    ]
    .concat();
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|line| !line.contains("hunter2") && line.contains("this sensitive value")), "{found:#?}");
}

#[test]
fn a_policy_may_be_text_or_structure() {
    let policy = |document: Json| of_json("AWS::S3::BucketPolicy", json!({"Bucket": "b", "PolicyDocument": document}));
    assert_eq!(policy(json!({"Statement": []})), NONE);
    assert_eq!(policy(json!("{\"Statement\": []}")), NONE);
    assert_eq!(
        policy(json!("{Statement}")),
        [
            "invalid-value at `PolicyDocument`: `PolicyDocument` must be a map or a JSON document as text, not `{Statement}`"
        ]
    );
}

#[test]
fn a_type_that_contains_itself_is_checked_at_any_depth() {
    let statement = json!({"NotStatement": {"Statement": {"AndStatement": {"Statements": [{"GeoMatchStatement": {"CountryCode": ["DE"]}}]}}}});
    let visibility = json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "m"});
    let rule = json!({"Name": "r", "Priority": 1, "Statement": statement, "VisibilityConfig": visibility});
    let acl =
        json!({"DefaultAction": {"Allow": {}}, "Scope": "REGIONAL", "VisibilityConfig": visibility, "Rules": [rule]});
    let found = of_json("AWS::WAFv2::WebACL", acl);
    let place = "Rules[0].Statement.NotStatement.Statement.AndStatement.Statements[0].GeoMatchStatement";
    assert_eq!(
        found,
        [format!(
            "unknown-property at `{place}.CountryCode`: `{place}` has no property `CountryCode` | did you mean `CountryCodes`?"
        )]
    );
}

#[test]
fn a_long_list_of_allowed_values_starts_with_the_nearest() {
    let function = json!({"Role": "arn:aws:iam::123456789012:role/r", "Code": {"ZipFile": "x"}, "Handler": "h", "Runtime": "python3.113"});
    let found = of_json("AWS::Lambda::Function", function);
    assert!(
        found[0].starts_with(
            "bad-enum at `Runtime`: `Runtime` cannot be `python3.113` | allowed are `python3.11`, `python3.13`,"
        ),
        "{found:?}"
    );
    assert!(found[0].ends_with(" more"), "{found:?}");
}
