//! `examples/network.yaml` on moto: the whole engine through the real SDK, broken at every kind of call; and the program
//! itself, as somebody types it.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{collections::BTreeMap, path::Path, process::Command as Process, sync::Arc};

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};
use provision::{
    base::{Place, Sources},
    catalogue::Catalogue,
    driver::Provider,
    engine::{
        Event, Sink,
        planner::{self, Request},
        run::{Ended, Engine, OnFailure, Options, Stop},
    },
    stack::{Facts, Inputs, Program, Stack},
    state::{Command, Holder, MemoryStore, Outcome, State, StateKey, Store},
};

use super::{
    cloud::{Cloud, endpoint},
    wire::Trouble,
};

struct Silent;

impl Sink for Silent {
    fn send(&self, _: Event) {}
}

/// The network, an account for it, and what is remembered.
struct Lab {
    cloud: Cloud,
    place: Place,
    store: MemoryStore,
    key: StateKey,
}

impl Lab {
    fn of(test: &'static str) -> Lab {
        let cloud = Cloud::of(test);
        let place = Place { region: "eu-central-1".to_owned(), ..cloud.place.clone() };
        let key = StateKey::new("network", "test").unwrap();
        Lab { cloud, place, store: MemoryStore::new(), key }
    }

    fn engine(&self) -> Engine {
        Engine {
            provider: Arc::new(self.cloud.provider.clone()) as Arc<dyn Provider>,
            catalogue: Catalogue::embedded(),
            sink: Arc::new(Silent),
            options: Options { parallel: 8, on_failure: OnFailure::Rollback },
            stop: Stop::default(),
        }
    }

    /// The example, moved into the account of this test.
    async fn stack(&self, variables: &[(&str, &str)]) -> Stack {
        let inputs = Inputs {
            path: Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/network.yaml"),
            environment: "test".to_owned(),
            variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Inputs::default()
        };
        let catalogue = Catalogue::embedded();
        let program = Program::open(&inputs, catalogue, &mut Sources::default()).unwrap();
        let facts = self.engine().facts(&program.needs(&Facts::default()).unwrap()).await.unwrap();
        let (mut stack, _) = program.evaluate(&facts, catalogue).unwrap();
        stack.place = self.place.clone();
        stack.resources.values_mut().for_each(|resource| resource.place = self.place.clone());
        stack
    }

    async fn plan(&self, stack: Option<&Stack>, state: &State) -> provision::engine::Plan {
        let live = self.engine().live(state, stack).await.unwrap();
        let options = planner::Options::default();
        let command = if stack.is_some() { Command::Apply } else { Command::Destroy };
        let request = Request {
            stack,
            state,
            live: &live,
            catalogue: Catalogue::embedded(),
            command,
            identity: state.identity.clone(),
            options: &options,
        };
        planner::plan(&request).unwrap()
    }

    async fn run(&self, stack: Option<&Stack>) -> Ended {
        let (engine, holder) = (self.engine(), Holder::new("test", "here", "apply"));
        let lease = self.store.acquire(&self.key, &holder).await.unwrap();
        engine.recover(&lease).await.unwrap();
        let plan = self.plan(stack, &lease.with_state(State::clone)).await;
        let ended = engine.execute(&lease, &plan).await.unwrap();
        lease.release().await.unwrap();
        ended
    }

    async fn state(&self) -> State {
        self.store.read(&self.key).await.unwrap().unwrap()
    }

    /// How many things of each kind the account has, asked of EC2 itself.
    async fn census(&self) -> BTreeMap<&'static str, usize> {
        let ec2 = self.cloud.clients.ec2(&self.place).await;
        // Both stay listed as `deleted` for a while.
        let there = |name: &str| Filter::builder().name(name).values("available").values("pending").build();
        BTreeMap::from([
            ("VPCs", ec2.describe_vpcs().send().await.unwrap().vpcs().len()),
            ("subnets", ec2.describe_subnets().send().await.unwrap().subnets().len()),
            ("groups", ec2.describe_security_groups().send().await.unwrap().security_groups().len()),
            ("tables", ec2.describe_route_tables().send().await.unwrap().route_tables().len()),
            ("gateways", ec2.describe_internet_gateways().send().await.unwrap().internet_gateways().len()),
            ("addresses", ec2.describe_addresses().send().await.unwrap().addresses().len()),
            (
                "NAT gateways",
                ec2.describe_nat_gateways().filter(there("state")).send().await.unwrap().nat_gateways().len(),
            ),
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
    let lab = Lab::of("whichever_call_fails_everything_made_is_gone_again");
    let (stack, before) = (lab.stack(&[]).await, lab.census().await);
    for operation in CREATES {
        // The last of its kind would be best; the second shows as well that the first one is taken back.
        lab.cloud.wire.trouble(operation, 0, Trouble::Refused(400, "InvalidParameterValue"));
        let ended = lab.run(Some(&stack)).await;
        assert_eq!(ended.outcome, Outcome::RolledBack, "{operation}: {ended:?}");
        let cause = ended.cause.unwrap();
        assert!(cause.operation.ends_with(operation), "{operation}: {cause:?}");
        assert_eq!(lab.census().await, before, "{operation}");
        assert!(lab.state().await.objects.is_empty(), "{operation}");
    }
}

#[tokio::test]
async fn whichever_answer_is_lost_nothing_is_made_twice_and_the_second_plan_is_empty() {
    let lab = Lab::of("whichever_answer_is_lost_nothing_is_made_twice_and_the_second_plan_is_empty");
    let (stack, before) = (lab.stack(&[]).await, lab.census().await);
    CREATES.iter().for_each(|operation| lab.cloud.wire.trouble(operation, 0, Trouble::LostAnswer));
    let ended = lab.run(Some(&stack)).await;
    assert_eq!(ended.outcome, Outcome::Done, "{ended:?}");
    let after = lab.census().await;
    let grown = |kind: &str| after[kind] - before[kind];
    assert_eq!((grown("VPCs"), grown("subnets"), grown("gateways"), grown("endpoints")), (1, 6, 1, 1));
    let (addresses, gateways) = (grown("addresses"), grown("NAT gateways"));
    assert_eq!(addresses, gateways, "one address for each NAT gateway");
    assert!(lab.plan(Some(&stack), &lab.state().await).await.is_empty());
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
    assert_eq!(lab.census().await, before);
}

#[tokio::test]
async fn an_unchanged_stack_costs_one_read_for_each_type() {
    let lab = Lab::of("an_unchanged_stack_costs_one_read_for_each_type");
    let stack = lab.stack(&[]).await;
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    let count = |operation: &str| lab.cloud.wire.requests(operation).len();
    let operations =
        ["DescribeSubnets", "DescribeInternetGateways", "DescribeAddresses", "DescribeNatGateways", "DescribeVpcs"];
    let before = operations.map(count);
    assert!(lab.plan(Some(&stack), &lab.state().await).await.is_empty());
    let after = operations.map(count);
    let calls: Vec<usize> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    // The attachment is read through its gateway: one call more for that type.
    assert_eq!(calls, [1, 2, 1, 1, 1], "{operations:?}");
}

/// The program with moto behind it, in a folder of its own.
struct Terminal(tempfile::TempDir);

impl Terminal {
    /// Types a command; the exit code and everything that is printed.
    fn run(&self, line: &str) -> (Option<i32>, String) {
        let output = Process::new(env!("CARGO_BIN_EXE_provision"))
            .args(line.split('~'))
            .current_dir(self.0.path())
            .env("AWS_ENDPOINT_URL", endpoint())
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code(), text.into_owned())
    }

    fn must(&self, line: &str, code: i32) -> String {
        let (found, text) = self.run(line);
        assert_eq!(found, Some(code), "{line}\n{text}");
        text
    }
}

#[tokio::test]
async fn the_program_applies_changes_finds_drift_and_destroys() {
    let terminal = Terminal(tempfile::tempdir().unwrap());
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/network.yaml");
    std::fs::copy(example, terminal.0.path().join("network.yaml")).unwrap();
    terminal.must("apply~network.yaml~--yes", 0);
    terminal.must("plan~network.yaml~--detailed-exitcode", 0);
    let changed = terminal.must("plan~network.yaml~--detailed-exitcode~--var~name=shop", 2);
    assert!(changed.contains("\"alias/example-default\" → \"alias/shop-default\""), "{changed}");
    terminal.must("apply~network.yaml~--yes~--var~name=shop", 0);
    terminal.must("plan~network.yaml~--detailed-exitcode~--var~name=shop", 0);

    // Somebody changes something by hand.
    let settings = provision::aws::Settings {
        endpoint_url: Some(endpoint()),
        credentials: Some(("testing".to_owned(), "testing".to_owned())),
        http: None,
    };
    let place = Place { region: "eu-central-1".to_owned(), role_arn: None };
    let ec2 = provision::aws::Clients::new(settings).ec2(&place).await;
    let shown = terminal.must("output~network.yaml~--json", 0);
    let vpc = shown.split('"').find(|word| word.starts_with("vpc-")).expect("an output with the VPC").to_owned();
    let off = AttributeBooleanValue::builder().value(false).build();
    ec2.modify_vpc_attribute().vpc_id(&vpc).enable_dns_hostnames(off).send().await.unwrap();
    let drift = terminal.run("drift~network.yaml~--var~name=shop").1;
    assert!(drift.contains("EnableDnsHostnames") && drift.contains("vpc"), "{drift}");
    terminal.must("apply~network.yaml~--yes~--var~name=shop", 0);
    terminal.must("plan~network.yaml~--detailed-exitcode~--var~name=shop", 0);

    terminal.must("destroy~network.yaml~--yes~--var~name=shop", 0);
    let owned = Filter::builder().name("tag-key").values("provision:stack").build();
    let left = ec2.describe_vpcs().filters(owned).send().await.unwrap();
    assert!(left.vpcs().is_empty(), "{left:?}");
}
