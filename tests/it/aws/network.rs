//! `examples/network.yaml` on moto: the whole engine through the real SDK, broken at every kind of call; and the program
//! itself, as somebody types it.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};
use provision::{base::Place, state::Outcome};

use super::{lab::Lab, terminal::Terminal, wire::Trouble};

fn network(test: &'static str) -> Lab {
    Lab::of(test, "examples/network.yaml", "eu-central-1")
}

/// How many things of each kind the account has, asked of EC2 itself.
async fn census(lab: &Lab) -> BTreeMap<&'static str, usize> {
    let ec2 = lab.cloud.clients.ec2(&lab.place).await;
    // Both stay listed as `deleted` for a while.
    let there = |name: &str| Filter::builder().name(name).values("available").values("pending").build();
    BTreeMap::from([
        ("VPCs", ec2.describe_vpcs().send().await.unwrap().vpcs().len()),
        ("subnets", ec2.describe_subnets().send().await.unwrap().subnets().len()),
        ("groups", ec2.describe_security_groups().send().await.unwrap().security_groups().len()),
        ("tables", ec2.describe_route_tables().send().await.unwrap().route_tables().len()),
        ("gateways", ec2.describe_internet_gateways().send().await.unwrap().internet_gateways().len()),
        ("addresses", ec2.describe_addresses().send().await.unwrap().addresses().len()),
        ("NAT gateways", ec2.describe_nat_gateways().filter(there("state")).send().await.unwrap().nat_gateways().len()),
        (
            "endpoints",
            ec2.describe_vpc_endpoints()
                .filters(there("vpc-endpoint-state"))
                .send()
                .await
                .unwrap()
                .vpc_endpoints()
                .len(),
        ),
    ])
}

/// The calls that make something.
const CREATES: [&str; 12] = [
    "AllocateAddress",
    "AssociateRouteTable",
    "AttachInternetGateway",
    "AuthorizeSecurityGroupIngress",
    "CreateAlias",
    "CreateInternetGateway",
    "CreateKey",
    "CreateNatGateway",
    "CreateRouteTable",
    "CreateSecurityGroup",
    "CreateSubnet",
    "CreateVpcEndpoint",
];

#[tokio::test]
async fn whichever_call_fails_everything_made_is_gone_again() {
    let lab = network("whichever_call_fails_everything_made_is_gone_again");
    let (stack, before) = (lab.stack(&[]).await, census(&lab).await);
    for operation in CREATES {
        // The last of its kind would be best; the second shows as well that the first one is taken back.
        lab.cloud.wire.trouble(operation, 0, Trouble::Refused(400, "InvalidParameterValue"));
        let ended = lab.run(Some(&stack)).await;
        assert_eq!(ended.outcome, Outcome::RolledBack, "{operation}: {ended:?}");
        let cause = ended.cause.unwrap();
        assert!(cause.operation.ends_with(operation), "{operation}: {cause:?}");
        assert_eq!(census(&lab).await, before, "{operation}");
        assert!(lab.state().await.objects.is_empty(), "{operation}");
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_nothing_is_made_twice_and_the_second_plan_is_empty() {
    let lab = network("whichever_answer_is_lost_nothing_is_made_twice_and_the_second_plan_is_empty");
    let (stack, before) = (lab.stack(&[]).await, census(&lab).await);
    CREATES.iter().for_each(|operation| lab.cloud.wire.trouble(operation, 0, Trouble::LostAnswer));
    let ended = lab.run(Some(&stack)).await;
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    let after = census(&lab).await;
    let grown = |kind: &str| after[kind] - before[kind];
    assert_eq!((grown("VPCs"), grown("subnets"), grown("gateways"), grown("endpoints")), (1, 6, 1, 1));
    let (addresses, gateways) = (grown("addresses"), grown("NAT gateways"));
    assert_eq!(addresses, gateways, "one address for each NAT gateway");
    assert!(lab.plan(Some(&stack)).await.is_empty());
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    assert_eq!(census(&lab).await, before);
}

#[tokio::test]
async fn a_key_waits_for_its_deletion_as_long_as_the_stack_says() {
    let lab = network("a_key_waits_for_its_deletion_as_long_as_the_stack_says");
    let stack = lab.stack(&[]).await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    let sent = lab.cloud.wire.requests("ScheduleKeyDeletion");
    assert!(sent[0].contains("\"PendingWindowInDays\":7"), "{sent:?}");
}

#[tokio::test]
async fn an_unchanged_stack_costs_one_read_for_each_type() {
    let lab = network("an_unchanged_stack_costs_one_read_for_each_type");
    let stack = lab.stack(&[]).await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    let count = |operation: &str| lab.cloud.wire.requests(operation).len();
    let operations =
        ["DescribeSubnets", "DescribeInternetGateways", "DescribeAddresses", "DescribeNatGateways", "DescribeVpcs"];
    let before = operations.map(count);
    assert!(lab.plan(Some(&stack)).await.is_empty());
    let after = operations.map(count);
    let calls: Vec<usize> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    // The attachment is read through its gateway: one call more for that type.
    assert_eq!(calls, [1, 2, 1, 1, 1], "{operations:?}");
}

#[tokio::test]
async fn the_program_applies_changes_finds_drift_and_destroys() {
    let terminal = Terminal::new("examples/network.yaml");
    terminal.must("apply examples/network.yaml --yes", 0);
    terminal.must("plan examples/network.yaml --detailed-exitcode", 0);
    let changed = terminal.must("plan examples/network.yaml --detailed-exitcode --var name=shop", 2);
    assert!(changed.contains("\"alias/example-default\" → \"alias/shop-default\""), "{changed}");
    terminal.must("apply examples/network.yaml --yes --var name=shop", 0);
    terminal.must("plan examples/network.yaml --detailed-exitcode --var name=shop", 0);

    // Somebody changes something by hand.
    let settings = provision::aws::Settings {
        credentials: Some(("testing".to_owned(), "testing".to_owned())),
        ..provision::aws::Settings::default()
    };
    let place = Place { region: "eu-central-1".to_owned(), role_arn: None };
    let ec2 = provision::aws::Clients::new(settings).ec2(&place).await;
    let shown = terminal.must("output examples/network.yaml --json", 0);
    let vpc = shown.split('"').find(|word| word.starts_with("vpc-")).expect("an output with the VPC").to_owned();
    let off = AttributeBooleanValue::builder().value(false).build();
    ec2.modify_vpc_attribute().vpc_id(&vpc).enable_dns_hostnames(off).send().await.unwrap();
    let drift = terminal.run("drift examples/network.yaml --var name=shop").1;
    assert!(drift.contains("EnableDnsHostnames") && drift.contains("vpc"), "{drift}");
    terminal.must("apply examples/network.yaml --yes --var name=shop", 0);
    terminal.must("plan examples/network.yaml --detailed-exitcode --var name=shop", 0);

    terminal.must("destroy examples/network.yaml --yes --var name=shop", 0);
    let owned = Filter::builder().name("tag-key").values("provision:stack").build();
    let left = ec2.describe_vpcs().filters(owned).send().await.unwrap();
    assert!(left.vpcs().is_empty(), "{left:?}");
}
