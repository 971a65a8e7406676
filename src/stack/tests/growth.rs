//! Large stacks. How long they take is measured by the benchmarks; here it matters that they are taken at all, by ways that
//! would not end if anything grew with the square of their size.

use std::fmt::Write;

use super::stack;

#[test]
fn ten_thousand_resources_are_loaded() {
    let mut text = String::from(
        "tags: {Owner: me}\nlocals: {name: x}\nresources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/8}}\n",
    );
    for i in 0..5_000 {
        let (high, low) = (i / 200, i % 200);
        write!(
            text,
            "  subnet_{i}:\n    type: AWS::EC2::Subnet\n    properties:\n      VpcId: ${{vpc.VpcId}}\n      CidrBlock: ${{cidrsubnet(vpc.CidrBlock, 16, {high} * 200 + {low})}}\n      Tags: [{{Key: Name, Value: \"${{local.name}}-{i}\"}}]\n  routes_{i}:\n    type: AWS::EC2::SubnetRouteTableAssociation\n    properties: {{SubnetId: \"${{subnet_{i}.SubnetId}}\", RouteTableId: rtb-1}}\n"
        )
        .unwrap();
    }
    assert_eq!(stack(&text).stack().resources.len(), 10_001);
}

#[test]
fn ten_thousand_copies_that_refer_to_each_other_one_by_one_are_loaded() {
    let text = "
locals: {numbers: \"${range(5000)}\"}
resources:
  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/8}}
  subnet:
    type: AWS::EC2::Subnet
    for_each: ${local.numbers}
    properties: {VpcId: \"${vpc.VpcId}\", CidrBlock: \"${cidrsubnet(vpc.CidrBlock, 16, each.index)}\"}
  routes:
    type: AWS::EC2::SubnetRouteTableAssociation
    for_each: ${local.numbers}
    properties: {SubnetId: \"${subnet[each.key].SubnetId}\", RouteTableId: rtb-1}
";
    let stack = stack(text).stack();
    assert_eq!(stack.resources.len(), 10_001);
    let routes = &stack.resources[&"routes[\"4711\"]".parse().unwrap()];
    let waits: Vec<String> = routes.properties.waits_for().iter().map(|(address, _)| address.to_string()).collect();
    assert_eq!(waits, ["subnet[\"4711\"]"]);
}
