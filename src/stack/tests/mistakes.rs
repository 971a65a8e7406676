//! What people get wrong, and what they are told.

use super::{outcomes, stack};

#[test]
fn mistakes_in_yaml_are_told_with_their_place() {
    let outcome = outcomes(&[
        ("an unquoted for expression", "locals:\n  a: ${[for z in var.azs : z]}\n"),
        ("an unquoted condition in a list", "locals:\n  a:\n    - ${var.x ? \"a\" : \"b\"}\n"),
        ("an unquoted condition, unquoted words", "locals:\n  a:\n    - ${var.x ? y : z}\n"),
        ("an unquoted expression in a flow map", "locals: {a: ${var.x}, b: 2}\n"),
        ("an unquoted expression in a flow list", "locals:\n  a: [x, ${var.x}]\n"),
        ("an unquoted text with an expression in a flow map", "locals: {a: x-${var.x}-y}\n"),
        ("an object in an unquoted expression", "locals:\n  a: ${merge({a: 1}, {b: 2})} # two\n"),
        ("a quote to be doubled", "locals:\n  a: ${true ? 'x' : 'y'}\n"),
        ("a tab", "locals:\n\ta: 1\n"),
        ("a duplicate key", "locals:\n  a: 1\n  b: 2\n  a: 3\n"),
        ("two documents", "locals: {}\n---\nlocals: {}\n"),
        ("tags", "locals:\n  a: !Ref vpc\n  b: !!str 5\n  c: !Sub x\n"),
        ("a merge key", "locals:\n  a: &a {x: 1}\n  b: {<<: *a, y: 2}\n"),
        ("an unknown anchor", "locals:\n  a: *b\n"),
        ("a list as a key", "locals:\n  [a, b]: 1\n"),
        ("a leading zero", "locals: {account: 012345678901}\n"),
        ("an unclosed bracket", "locals: {a: [1, 2}\n"),
        ("no closing brace", "locals:\n  a: ${var.x\n"),
        ("a stack that is a list", "- stack: x\n"),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn mistakes_in_keys_are_told_with_what_was_meant() {
    let outcome = outcomes(&[
        ("unknown keys", "resource: {}\nstack: test\nregion: eu-central-1\nResources: {}\n"),
        ("no name, no region", "locals: {stack: {}}\n"),
        ("a bad name", "stack: My Stack\nregion: eu-central-1\n"),
        (
            "keys of a resource",
            "resources:\n  vpc:\n    type: AWS::EC2::VPC\n    dependsOn: [a]\n    CidrBlock: 10.0.0.0/16\n    foreach: 1\n",
        ),
        (
            "a resource without a type",
            "resources:\n  vpc: {properties: {}}\n  a: {type: AWS::EC2::Subnet, properties: {VpcId: \"${vpc.VpcId}\", CidrBlock: 10.0.0.0/24}}\n",
        ),
        ("names of resources", "resources:\n  MyVpc: {type: AWS::EC2::VPC}\n  var: {type: AWS::EC2::VPC}\n"),
        ("for_each and count", "resources:\n  a: {type: AWS::EC2::InternetGateway, for_each: [a], count: 2}\n"),
        (
            "timeouts",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, timeouts: {create: 40, update: 3 parsecs, destroy: 1m}}\n",
        ),
        (
            "lifecycle",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, lifecycle: {prevent_destroy: true, replace: never, ignore_changes: [Tag], ignore_drift: [Tags, Name], snapshot_on_delete: true, protect: 3}}\n",
        ),
        (
            "depends_on",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, depends_on: [\"${b}\", bb, module.x, module.x.y]}\n  b: {type: AWS::EC2::InternetGateway}\n",
        ),
        ("a short output", "outputs:\n  a: 1\n"),
        (
            "variables",
            "variables:\n  a: {type: list(string), default: []}\n  b: {type: string, pattern: '[', default: x}\n  c: {type: number, default: five}\n  d: {default: 1, max: 0}\n  e: {type: string, default: 1.10}\n  f: {type: string, default: z, allowed: [x, y]}\n  g: {default: \"${var.a}\"}\n",
        ),
        (
            "history",
            "moved: [{from: a, to: b}, {from: \"a[\", to: c}, {from: x}, {from: y, to: module.y}, {from: a, to: 'a[0]'}]\nremoved: [{from: module.gone}]\nimports: [{to: z, id: i-1}]\nresources:\n  a: {type: AWS::EC2::InternetGateway}\n",
        ),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn mistakes_in_references_are_told_with_what_was_meant() {
    let outcome = outcomes(&[
        (
            "unknown names",
            "variables: {name: {default: x}}\nlocals:\n  a: ${var.nam}\n  b: ${local.c}\n  c: ${name}\n  d: ${vcp.VpcId}\n  e: ${data.x.Y}\n  f: ${module.net.id}\n  g: ${count.index}\n  h: ${each.key}\n  i: ${aws.regoin}\nresources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n",
        ),
        (
            "unknown attributes",
            "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n  sub: {type: AWS::EC2::Subnet, for_each: [a], properties: {VpcId: \"${vpc.Vpcid}\", CidrBlock: 10.0.0.0/24}}\noutputs:\n  a: {value: \"${values(sub)[*].SubnetIdd}\"}\n  b: {value: \"${sub.SubnetId}\"}\n  c: {value: \"${vpc[0].VpcId}\"}\n",
        ),
        (
            "a reference of the wrong type",
            "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n  a: {type: AWS::EC2::Subnet, properties: {VpcId: \"${vpc.VpcId}\", CidrBlock: 10.0.0.0/24}}\n  b: {type: AWS::EC2::Subnet, properties: {VpcId: \"${a.SubnetId}\", CidrBlock: 10.0.1.0/24}}\n  c: {type: AWS::EC2::Subnet, properties: {VpcId: \"${a}\", CidrBlock: 10.0.1.0/24}}\n  d: {type: AWS::EC2::Subnet, properties: {VpcId: \"${a.VpcId}\", CidrBlock: 10.0.1.0/24}}\n",
        ),
        (
            "a whole resource as a text",
            "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n  a: {type: AWS::SSM::Parameter, properties: {Type: String, Value: \"${vpc}\"}}\n",
        ),
        ("a cycle of locals", "locals:\n  a: ${local.b}\n  b: x${local.c}\n  c: ${local.a}\n  d: ${local.a}\n"),
        ("a local of itself", "locals:\n  a: ${local.a}\n"),
        (
            "a cycle of resources",
            "resources:\n  a: {type: AWS::EC2::SecurityGroup, properties: {GroupDescription: \"${b.GroupId}\"}}\n  b: {type: AWS::EC2::SecurityGroup, properties: {GroupDescription: \"${a.GroupId}\"}}\n",
        ),
        (
            "a cycle by depends_on",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, depends_on: [b]}\n  b: {type: AWS::EC2::InternetGateway, depends_on: [a]}\n",
        ),
        ("a region that depends on itself", "stack: test\nregion: ${aws.region}\n"),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn what_the_catalogue_knows_is_told_at_the_line() {
    let outcome = outcomes(&[
        ("an unknown type", "resources:\n  vpc: {type: AWS::EC2::Vcp}\ndata:\n  x: {type: AWS::EC2::VPCs}\n"),
        (
            "properties",
            "resources:\n  vpc:\n    type: AWS::EC2::VPC\n    properties:\n      CidrBlok: 10.0.0.0/16\n      EnableDnsSupport: maybe\n      InstanceTenancy: cheap\n      Tags:\n        - {Key: a, Valeu: b}\n      VpcId: vpc-1\n",
        ),
        ("a missing property", "resources:\n  a: {type: AWS::EC2::Subnet}\n"),
        (
            "a type that the region lacks",
            "stack: test\nregion: ap-southeast-6\nresources:\n  a: {type: AWS::AppRunner::Service}\n",
        ),
        (
            "an unknown region",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, region: dr}\nregions: {ddr: {region: Frankfurt}, dx: {region: eu-west-1}}\n",
        ),
        ("an unknown property of a look-up", "data:\n  a: {type: AWS::EC2::VPC, where: {Default: true}}\n"),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn mistakes_in_repetition_are_told() {
    let outcome = outcomes(&[
        (
            "keys that are known too late",
            "resources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n  a: {type: AWS::EC2::InternetGateway, for_each: \"${[vpc.VpcId]}\"}\n  b: {type: AWS::EC2::InternetGateway, count: \"${length(vpc.CidrBlockAssociations)}\"}\n  c: {type: AWS::EC2::InternetGateway, when: '${vpc.VpcId == \"x\"}'}\n",
        ),
        (
            "wrong forms",
            "resources:\n  a: {type: AWS::EC2::InternetGateway, for_each: x}\n  b: {type: AWS::EC2::InternetGateway, count: -1}\n  c: {type: AWS::EC2::InternetGateway, when: 1}\n  d: {type: AWS::EC2::InternetGateway, for_each: [{a: 1}]}\n  e: {type: AWS::EC2::InternetGateway, for_each: [a, a]}\n  f: {type: AWS::EC2::InternetGateway, count: 1000000000}\n",
        ),
        (
            "what is switched off",
            "resources:\n  vpc: {type: AWS::EC2::VPC, when: false, properties: {CidrBlock: 10.0.0.0/16}}\noutputs:\n  a: {value: \"${vpc.VpcId}\"}\n",
        ),
        (
            "secret keys",
            "variables: {x: {type: list, default: [a], sensitive: true}}\nresources:\n  a: {type: AWS::EC2::InternetGateway, for_each: \"${var.x}\"}\n",
        ),
    ]);
    insta::assert_snapshot!(outcome);
}

#[test]
fn everything_that_is_wrong_is_told_in_one_run() {
    let outcome = stack(
        "variables: {must: {type: string}}\nlocals: {a: \"${local.b}\"}\nresources:\n  vpc: {type: AWS::EC2::VPC, proprties: {}}\n  a: {type: AWS::EC2::Subnet, properties: {VpcIdd: 1}}\n  b: {type: AWS::EC2::Subnett}\n",
    )
    .var("mustt", "1")
    .outcome();
    insta::assert_snapshot!(outcome);
}
