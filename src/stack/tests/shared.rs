//! Modules.

use super::{Case, stack};

const NETWORK: &str = "
variables:
  cidr: {type: string}
  name: {type: string, default: net}
tags: {Module: \"${var.name}\"}
resources:
  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: \"${var.cidr}\", Tags: [{Key: Region, Value: \"${aws.region}\"}]}}
outputs:
  vpc_id: {value: \"${vpc.VpcId}\"}
  cidr: {value: \"${vpc.CidrBlock}\"}
";

fn with_network(text: &str) -> Case {
    stack(text).file("modules/network.yaml", NETWORK)
}

#[test]
fn modules_take_inputs_and_give_outputs() {
    let outcome = with_network(
        "tags: {Owner: me}\nregions: {dr: {region: eu-west-1}}\nmodules:\n  one: {source: ./modules/network.yaml, inputs: {cidr: 10.0.0.0/16}}\n  many:\n    source: modules/network.yaml\n    for_each: {a: 10.1.0.0/16, b: 10.2.0.0/16}\n    region: dr\n    inputs: {cidr: \"${each.value}\", name: \"${each.key}\"}\n  off: {source: modules/network.yaml, when: false, inputs: {cidr: x}}\noutputs:\n  a: {value: \"${module.one.vpc_id}\"}\n  b: {value: '${module.many[\"b\"].cidr}'}\n  c: {value: \"${values(module.many)[*].vpc_id}\"}\n  d: {value: '${try(module.off.vpc_id, \"none\")}'}\n",
    )
    .outcome();
    insta::assert_snapshot!(outcome);
}

#[test]
fn modules_may_use_each_other_in_both_directions() {
    let echo = "variables: {a: {default: x}, b: {default: x}}\noutputs:\n  a: {value: \"${var.a}1\"}\n  b: {value: \"${var.b}2\"}\n";
    let case = stack("modules:\n  x: {source: echo.yaml, inputs: {a: start, b: \"${module.y.a}\"}}\n  y: {source: echo.yaml, inputs: {a: \"${module.x.a}\"}}\noutputs:\n  o: {value: \"${module.x.b}\"}\n")
        .file("echo.yaml", echo);
    insta::assert_snapshot!(case.outcome(), @"output o = \"start112\"");
}

#[test]
fn mistakes_around_modules_are_told() {
    let outcome = with_network(
        "modules:\n  a: {source: ./modules/network.yaml, inputs: {cdir: 1}}\n  b: {source: ./modules/netwrok.yaml}\n  c: {source: ./modules/network.yaml, inputs: {cidr: [1]}}\n  d: {source: \"https://example.com/x.yaml\"}\n  e: {source: ./modules/network.yaml, for_each: [x], inputs: {cidr: 10.0.0.0/16}}\noutputs:\n  x: {value: \"${module.c.vcp_id}\"}\n  y: {value: \"${module.b.anything}\"}\n  z: {value: \"${module.e.vpc_id}\"}\n",
    )
    .outcome();
    insta::assert_snapshot!(outcome);
}

#[test]
fn a_module_that_contains_itself_is_told_with_its_path() {
    let case = stack("modules: {a: {source: a.yaml}}\n")
        .file("a.yaml", "modules: {b: {source: sub/b.yaml}}\n")
        .file("sub/b.yaml", "modules: {a: {source: ../a.yaml}}\n");
    insta::assert_snapshot!(case.outcome());
}

#[test]
fn a_module_says_nothing_of_where_it_goes() {
    let case = stack("modules: {a: {source: a.yaml}}\n").file("a.yaml", "stack: x\nregion: eu-west-1\nimports: []\n");
    insta::assert_snapshot!(case.outcome());
}

#[test]
fn a_cycle_through_modules_is_told_with_its_path() {
    let case = stack("modules:\n  x: {source: echo.yaml, inputs: {a: \"${module.y.a}\"}}\n  y: {source: echo.yaml, inputs: {a: \"${module.x.a}\"}}\n")
        .file("echo.yaml", "variables: {a: {default: x}}\noutputs:\n  a: {value: \"${var.a}\"}\n");
    insta::assert_snapshot!(case.outcome());
}

#[test]
fn mistakes_in_the_history_of_modules_are_told() {
    let case = stack("moved: [{from: module.net, to: module.old}, {from: module.old, to: vpc}, {from: module.old, to: module.nte}, {from: module.old, to: module.net}]\nremoved: [{from: module.net}, {from: module.older}]\nmodules: {net: {source: net.yaml}}\nresources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}\n")
        .file("net.yaml", "resources:\n  gateway: {type: AWS::EC2::InternetGateway}\n");
    insta::assert_snapshot!(case.outcome());
}

#[test]
fn a_module_that_calls_itself_twice_over_is_bounded() {
    let mut case = stack("modules: {a: {source: m0.yaml}, b: {source: m0.yaml}}\n");
    for i in 0..30 {
        let next = i + 1;
        case = case.file(
            &format!("m{i}.yaml"),
            &format!("modules: {{a: {{source: m{next}.yaml}}, b: {{source: m{next}.yaml}}}}\n"),
        );
    }
    let outcome = case.file("m30.yaml", "locals: {}\n").outcome();
    assert!(outcome.contains("too-large the stack calls modules more than 10000 times"), "{outcome}");
}
