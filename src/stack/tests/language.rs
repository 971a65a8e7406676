//! The language where everything is right.

use serde_json::json;

use super::{outcomes, stack};
use crate::{
    base::{Path, Value},
    stack::Stack,
};

const VPC: &str = "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n";

#[test]
fn stacks_become_resources() {
    let outcome = outcomes(&[
        (
            "scalars",
            "outputs:\n  a: {value: 10.50}\n  b: {value: 2012-10-17}\n  c: {value: yes}\n  d: {value: '5'}\n  e: {value: null}\n  f: {value: '$${x}'}\n  g:\n    value: |\n      two\n      ${env}\n",
        ),
        ("anchors", "locals:\n  a: &a {x: 1}\n  b: *a\noutputs:\n  o: {value: \"${local.b.x}\"}\n"),
        (
            "locals in any order",
            "locals:\n  a: ${local.b}-a\n  b: ${local.c}-b\n  c: ${env}-${aws.region}\noutputs:\n  o: {value: \"${local.a}\"}\n",
        ),
        (
            "for_each over a list",
            &format!(
                "{VPC}  sub:\n    type: AWS::EC2::Subnet\n    for_each: [b, a]\n    properties:\n      VpcId: ${{vpc.VpcId}}\n      AvailabilityZone: ${{aws.region}}${{each.value}}\n      CidrBlock: ${{cidrsubnet(vpc.CidrBlock, 8, 10 + each.index)}}\noutputs:\n  ids: {{value: \"${{values(sub)[*].SubnetId}}\"}}\n  one: {{value: '${{sub[\"a\"].SubnetId}}'}}\n  known: {{value: '${{sub[\"a\"].CidrBlock}}'}}\n"
            ),
        ),
        (
            "for_each over a map",
            "resources:\n  gw:\n    type: AWS::EC2::InternetGateway\n    for_each: {x: 1, y: 2}\n    when: '${each.value > 1}'\n    properties: {Tags: [{Key: \"${each.key}\", Value: \"${each.index}\"}]}\n",
        ),
        (
            "count",
            "resources:\n  gw: {type: AWS::EC2::InternetGateway, count: 2}\noutputs:\n  a: {value: \"${gw[1].InternetGatewayId}\"}\n  b: {value: \"${length(gw)}\"}\n",
        ),
        (
            "when",
            "resources:\n  gw: {type: AWS::EC2::InternetGateway, when: false}\noutputs:\n  a: {value: '${try(gw.InternetGatewayId, \"none\")}'}\n  b: {value: '${gw == null ? \"off\" : \"on\"}'}\n",
        ),
        (
            "nulls are left out",
            "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16, InstanceTenancy: null, EnableDnsSupport: '${false ? true : null}'}}\n",
        ),
        (
            "a resource alone",
            &format!(
                "{VPC}  sub: {{type: AWS::EC2::Subnet, properties: {{VpcId: \"${{vpc}}\", CidrBlock: 10.0.0.0/24}}}}\n"
            ),
        ),
        (
            "resources that read each other's properties",
            "resources:\n  a: {type: AWS::SSM::Parameter, properties: {Type: String, Value: \"${b.Description}\", Description: x}}\n  b: {type: AWS::SSM::Parameter, properties: {Type: String, Value: \"${a.Description}\", Description: y}}\n",
        ),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn resources_say_where_when_and_how_they_live() {
    let outcome = outcomes(&[
        (
            "depends_on",
            &format!(
                "{VPC}  gw: {{type: AWS::EC2::InternetGateway, count: 2}}\n  x: {{type: AWS::EC2::InternetGateway, depends_on: [vpc, gw]}}\n  y: {{type: AWS::EC2::InternetGateway, depends_on: ['gw[1]']}}\n"
            ),
        ),
        (
            "lifecycle",
            "resources:\n  db:\n    type: AWS::RDS::DBCluster\n    properties: {Engine: aurora-postgresql}\n    lifecycle: {protect: '${env == \"default\"}', snapshot_on_delete: true, ignore_changes: [MasterUserPassword], ignore_drift: [ServerlessV2ScalingConfiguration.MaxCapacity], replace_when: [\"${env}\"], replace: delete_first}\n",
        ),
        (
            "regions",
            "regions: {dr: {region: eu-west-1, role_arn: 'arn:aws:iam::111122223333:role/x'}}\nresources:\n  a: {type: AWS::EC2::VPC, region: dr, properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: r, Value: \"${aws.region}\"}]}}\n  b: {type: AWS::EC2::VPC, region: us-east-1, properties: {CidrBlock: 10.0.0.0/16}}\n",
        ),
        (
            "tags",
            "tags: {Owner: me, Cost: 5, None: null}\nresources:\n  a: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16, Tags: [{Key: Owner, Value: you}]}}\n  b: {type: AWS::SSM::Parameter, properties: {Type: String, Value: x}}\n  c: {type: AWS::EC2::Route, properties: {RouteTableId: rtb-1}}\n",
        ),
        (
            "expressions in keys",
            "resources:\n  role:\n    type: AWS::IAM::Role\n    properties:\n      AssumeRolePolicyDocument: {Statement: [{Condition: {StringEquals: {\"${env}:aud\": x}}}]}\n",
        ),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn a_variable_of_the_environment_is_the_root_env() {
    let case = stack("outputs:\n  a: {value: \"${env}\"}\n").env("pr-12");
    assert_eq!(case.stack().outputs["a"].value, Value::text("pr-12"));
    assert_eq!(case.open().unwrap().identity(), ("test", "pr-12"));
}

#[test]
fn what_the_cloud_must_tell_is_asked_once_and_only_if_used() {
    let nothing = stack("outputs:\n  a: {value: \"${aws.region}\"}\n");
    assert!(nothing.needs().identity.is_none() && nothing.needs().zones.is_empty());

    let case = stack(
        "regions: {dr: {region: eu-west-1}}\ndata:\n  net: {type: AWS::EC2::VPC, where: {IsDefault: true}}\n  sub: {type: AWS::EC2::Subnet, region: dr, where: {VpcId: \"${data.net.VpcId}\"}}\nresources:\n  a: {type: AWS::EC2::Subnet, for_each: \"${aws.azs}\", properties: {VpcId: \"${data.net.VpcId}\", CidrBlock: \"10.0.${each.index}.0/24\"}}\noutputs:\n  account: {value: \"${aws.account_id}\"}\n",
    );
    let needs = case.needs();
    assert_eq!(needs.identity.unwrap().region, "eu-central-1", "China has accounts of its own, so the region matters");
    assert_eq!(needs.zones.iter().map(|place| place.region.as_str()).collect::<Vec<_>>(), ["eu-central-1"]);
    assert_eq!(needs.data.iter().map(|data| data.name.as_str()).collect::<Vec<_>>(), ["net"]);
    assert_eq!(case.stack().resources.len(), 0, "without the zones nobody knows how many subnets there are");

    let case = case.told().found("net", json!({"VpcId": "vpc-7"}));
    let needs = case.needs();
    assert!(needs.identity.is_none() && needs.zones.is_empty());
    assert_eq!(needs.data.len(), 1);
    assert_eq!(needs.data[0].filter.text("VpcId"), Some("vpc-7"));
    assert_eq!(needs.data[0].place.region, "eu-west-1");

    let case = case.found("sub", json!({"SubnetId": "subnet-7"}));
    assert!(case.needs().data.is_empty());
    let stack = case.stack();
    assert_eq!(stack.resources.len(), 3);
    assert_eq!(stack.outputs["account"].value, Value::text("111122223333"));
}

#[test]
fn a_look_up_that_waits_for_a_resource_is_refused() {
    let outcome =
        stack(&format!("{VPC}data:\n  a: {{type: AWS::EC2::Subnet, where: {{VpcId: \"${{vpc.VpcId}}\"}}}}\n"))
            .outcome();
    insta::assert_snapshot!(outcome);
}

#[test]
fn history_is_given_with_addresses_inside_modules() {
    let case = stack("modules: {net: {source: net.yaml}}\nremoved: [{from: old, retain: true}]\nimports: [{to: module.net.new, id: \"igw-${env}\"}]\n")
        .file("net.yaml", "moved: [{from: older, to: new}]\nresources:\n  new: {type: AWS::EC2::InternetGateway}\n");
    let Stack { moved, removed, imports, .. } = case.stack();
    assert_eq!(moved[0].from.to_string(), "module.net.older");
    assert_eq!(moved[0].to.to_string(), "module.net.new");
    assert!(removed[0].retain);
    assert_eq!((imports[0].to.to_string().as_str(), imports[0].id.as_str()), ("module.net.new", "igw-default"));
}

#[test]
fn what_failed_to_be_known_waits_for_attributes() {
    let stack = stack(&format!("{VPC}outputs:\n  a: {{value: \"${{vpc.VpcId}}\"}}\n")).stack();
    let waits: Vec<String> =
        stack.outputs["a"].value.waits_for().iter().map(|(address, path)| format!("{address}.{path}")).collect();
    assert_eq!(waits, ["vpc.VpcId"]);
    assert_eq!(stack.resources.values().next().unwrap().properties.waits_for().len(), 0);
    assert_eq!(Path::key("VpcId").to_string(), "VpcId");
}

#[test]
fn the_digest_changes_with_everything_that_the_stack_is_made_from() {
    let text = "variables: {x: {default: a}, s: {type: string, sensitive: true, default: p}}\noutputs:\n  a: {value: '${file(\"note.txt\")}'}\n";
    let digest = |case: &super::Case| case.stack().digest;
    let case = stack(text).file("note.txt", "one");
    let first = digest(&case);
    assert_eq!(first, digest(&case));
    assert_eq!(first.len(), 64);
    let others = [
        digest(&stack(text).file("note.txt", "two")),
        digest(&stack(text).file("note.txt", "one").var("x", "b")),
        digest(&stack(text).file("note.txt", "one").var("s", "q")),
        digest(&stack(text).file("note.txt", "one").env("prod")),
        digest(&stack(&format!("{text}# note\n")).file("note.txt", "one")),
    ];
    for (position, other) in others.iter().enumerate() {
        assert_ne!(&first, other, "{position}");
    }
}

#[test]
fn a_chain_of_ten_thousand_locals_is_evaluated() {
    let mut text = String::from("locals:\n  l0: 1\n");
    for i in 1..10_000 {
        text += &format!("  l{i}: ${{local.l{}}}\n", i - 1);
    }
    let stack = stack(&format!("{text}outputs:\n  a: {{value: \"${{local.l9999}}\"}}\n")).stack();
    assert_eq!(stack.outputs["a"].value.reveal(), Some(json!(1)));
}

#[test]
fn the_example_of_the_design_loads() {
    let text = r#"
stack: healthcare
region: ap-southeast-1
variables:
  environment: {type: string, default: dev, pattern: '^[a-z0-9-]{1,20}$'}
  azs:         {type: list, default: [a, b, c]}
locals:
  name: healthcare-${var.environment}
tags: {Environment: "${var.environment}", ManagedBy: provision}
resources:
  key:
    type: AWS::KMS::Key
    properties: {Description: "${local.name}", EnableKeyRotation: true, PendingWindowInDays: 7}
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  private:
    type: AWS::EC2::Subnet
    for_each: ${var.azs}
    properties:
      VpcId: ${vpc.VpcId}
      AvailabilityZone: ${aws.region}${each.value}
      CidrBlock: ${cidrsubnet(vpc.CidrBlock, 8, 10 + each.index)}
  db:
    type: AWS::RDS::DBCluster
    properties: {Engine: aurora-postgresql, KmsKeyId: "${key.Arn}"}
    lifecycle: {protect: true, snapshot_on_delete: true}
    timeouts: {create: 40m}
  alb:
    type: AWS::ElasticLoadBalancingV2::LoadBalancer
    properties: {Subnets: "${values(private)[*].SubnetId}"}
outputs:
  alb: {value: "${alb.DNSName}", description: public entry}
"#;
    insta::assert_snapshot!(stack(text).outcome());
}
