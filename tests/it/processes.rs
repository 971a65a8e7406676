//! The built program as one process among others: killed at any moment, again and again, cancelled as pipelines cancel, and
//! stopped while others want its state. On the sandbox, whose file remembers every call as a cloud would.
//!
//! A process is killed after so many lines of events, not after a time: which line is decided by the seed, what else is under
//! way at that moment by chance.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "what goes wrong around a test is a failed test")]

use std::{collections::BTreeMap, fs};

use serde_json::Value as Json;

use crate::session::{Folder, Running, told};

const FAST: &str = "--yes --json --sandbox --sandbox-speed 1000";
const REAL_TIME: &str = "--yes --json --sandbox --sandbox-speed 1";

const STACK: &str = r#"stack: net
region: eu-central-1
variables:
  retention: {type: number, default: 30}
  subnets: {type: number, default: 6}
  logs: {type: number, default: 8}
resources:
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16}
  subnets:
    type: AWS::EC2::Subnet
    count: ${var.subnets}
    properties: {VpcId: "${vpc.VpcId}", CidrBlock: "${cidrsubnet(vpc.CidrBlock, 8, each.index)}"}
  address:
    type: AWS::EC2::EIP
    properties: {Domain: vpc}
  internet:
    type: AWS::EC2::InternetGateway
  attached:
    type: AWS::EC2::VPCGatewayAttachment
    properties: {VpcId: "${vpc.VpcId}", InternetGatewayId: "${internet.InternetGatewayId}"}
  nat:
    type: AWS::EC2::NatGateway
    depends_on: [attached]
    properties: {SubnetId: "${subnets[0].SubnetId}", AllocationId: "${address.AllocationId}"}
  key:
    type: AWS::KMS::Key
    properties: {Description: kept}
  logs:
    type: AWS::Logs::LogGroup
    count: ${var.logs}
    properties: {LogGroupName: "/app/${each.index}", RetentionInDays: "${var.retention}"}
"#;

/// Runs a command and kills it after it has said so many lines. `false` if it came to its end before.
fn is_killed(folder: &Folder, line: &str, lines: usize) -> bool {
    let mut running = Running::start(folder.command(line));
    let was_running = running.lines.by_ref().take(lines).count() == lines;
    running.signal("-KILL");
    running.end();
    was_running
}

/// How many live objects of each type the simulated cloud has.
fn census(folder: &Folder) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(folder.path().join("state/sandbox/cloud.jsonl")).unwrap();
    let mut latest = BTreeMap::new();
    for line in text.lines() {
        let line = serde_json::from_str::<Json>(line).unwrap();
        let object = &line["entry"]["object"];
        if object["is_native"] == false {
            latest.insert(object["number"].as_u64(), object.clone());
        }
    }
    let mut counts = BTreeMap::new();
    for object in latest.values().filter(|object| !["gone", "deleting"].contains(&phase(object))) {
        *counts.entry(object["type_name"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

fn phase(object: &Json) -> &str {
    let phase = &object["phase"];
    phase.as_str().or_else(|| phase.as_object()?.keys().next().map(String::as_str)).unwrap_or_default()
}

fn must(folder: &Folder, line: &str, code: i32, seed: usize) {
    let output = folder.run(line);
    assert_eq!(output.status.code(), Some(code), "seed {seed}: {}", told(line, &output));
}

/// Kills each command of a stack's life up to five times in a row; then it is run to its end.
fn survives_kills(seeds: std::ops::Range<usize>) {
    let wanted = {
        let folder = Folder::new(STACK);
        must(&folder, &format!("apply net.yaml {FAST}"), 0, 0);
        census(&folder)
    };
    assert_eq!(wanted.values().sum::<usize>(), 20, "{wanted:?}");
    let mut kills = 0;
    for seed in seeds {
        let folder = Folder::new(STACK);
        let lives = [
            (format!("apply net.yaml {FAST}"), wanted.clone()),
            (format!("apply net.yaml {FAST} --var retention=7"), wanted.clone()),
            (format!("destroy net.yaml {FAST}"), BTreeMap::new()),
        ];
        for (round, (line, wanted)) in lives.into_iter().enumerate() {
            for again in 0..=seed % 5 {
                kills += usize::from(is_killed(&folder, &line, 1 + (seed * 31 + round * 13 + again * 17) % 50));
            }
            must(&folder, &line, 0, seed);
            assert_eq!(census(&folder), wanted, "seed {seed}: {line}");
            if round < 2 {
                let same = if round == 0 { "" } else { " --var retention=7" };
                must(&folder, &format!("plan net.yaml --sandbox --detailed-exitcode{same}"), 0, seed);
            }
        }
        must(&folder, &format!("destroy net.yaml {FAST}"), 0, seed);
    }
    println!("{kills} kills");
    assert!(kills > 0, "everything was over before it was killed");
}

#[test]
fn killed_up_to_five_times_in_a_row_the_next_command_converges() {
    survives_kills(0..4);
}

/// Eight processes want to apply the same stack at once, each with a value of its own.
fn one_at_a_time(rounds: usize) {
    let folder = Folder::new(STACK);
    for round in 0..rounds {
        let line = |value: usize| format!("apply net.yaml {FAST} --var subnets={value}");
        let started: Vec<_> = (1..=8).map(|value| (value, Running::start(folder.command(&line(value))))).collect();
        let ended: Vec<_> = started.into_iter().map(|(value, running)| (value, running.end().0)).collect();
        let winners: Vec<_> = ended.iter().filter(|(_, code)| *code == Some(0)).map(|(value, _)| *value).collect();
        assert!(!winners.is_empty(), "round {round}: {ended:?}");
        assert!(ended.iter().all(|(_, code)| [Some(0), Some(5)].contains(code)), "round {round}: {ended:?}");
        let is_now = |value: &usize| {
            folder.run(&format!("plan net.yaml --sandbox --detailed-exitcode --var subnets={value}")).status.code()
                == Some(0)
        };
        let now: Vec<usize> = (1..=8).filter(is_now).collect();
        assert!(now.len() == 1 && winners.contains(&now[0]), "round {round}: {ended:?}, now {now:?}");
        assert_eq!(census(&folder)["AWS::EC2::Subnet"], now[0], "round {round}");
    }
}

#[test]
fn of_eight_processes_each_waits_its_turn_or_is_told_who_is_at_work() {
    one_at_a_time(2);
}

#[test]
fn a_process_that_is_paused_keeps_what_it_holds_and_finishes_it_later() {
    let folder = Folder::new(STACK);
    let line = "apply net.yaml --yes --json --sandbox --sandbox-speed 60";
    let mut running = Running::start(folder.command(line));
    assert!(running.has_said("step_done"));
    running.signal("-STOP");
    for line in ["destroy net.yaml --yes --sandbox", line] {
        must(&folder, line, 5, 0);
    }
    running.signal("-CONT");
    assert_eq!(running.end().0, Some(0));
    must(&folder, "plan net.yaml --sandbox --detailed-exitcode", 0, 0);
}

/// What a pipeline does to a job that is cancelled: it asks twice, then it kills.
#[test]
fn a_pipeline_that_is_cancelled_loses_nothing_and_lets_go_of_the_state() {
    for (first, second, code) in [("-INT", "-TERM", Some(130)), ("-TERM", "-KILL", None)] {
        let folder = Folder::new(STACK);
        let mut running = Running::start(folder.command(&format!("apply net.yaml {REAL_TIME}")));
        // What takes minutes is under way.
        assert!(running.has_said(r#""step_started","object":"nat#1""#));
        running.signal(first);
        assert!(running.has_said(r#""event":"stopping""#));
        running.signal(second);
        assert_eq!(running.end().0, code, "{second}");

        must(&folder, &format!("apply net.yaml {FAST}"), 0, 0);
        must(&folder, "plan net.yaml --sandbox --detailed-exitcode", 0, 0);
        assert_eq!(census(&folder).values().sum::<usize>(), 20);
        must(&folder, &format!("destroy net.yaml {FAST}"), 0, 0);
        assert_eq!(census(&folder), BTreeMap::new());
    }
}

/// The figures of RELIABILITY in full: `cargo nextest run --run-ignored only figures`.
mod figures {
    use super::*;

    #[test]
    #[ignore = "minutes"]
    fn more_than_a_hundred_kills_converge() {
        survives_kills(0..20);
    }

    #[test]
    #[ignore = "minutes"]
    fn fifty_rounds_of_eight_processes_take_turns() {
        one_at_a_time(50);
    }

    #[test]
    #[ignore = "minutes"]
    fn two_hundred_kills_leave_a_state_of_five_thousand_resources_readable() {
        let folder = Folder::new(STACK);
        must(&folder, &format!("apply net.yaml {FAST} --var logs=5000"), 0, 0);
        let whole = census(&folder);
        for kill in 0..200 {
            let line = format!("apply net.yaml {FAST} --var logs=5000 --var retention={}", [7, 14][kill % 2]);
            is_killed(&folder, &line, 1 + kill * 67 % 10_000);
            let listed = folder.run("state list net.yaml --sandbox");
            let lines = String::from_utf8_lossy(&listed.stdout).lines().count();
            assert!(listed.status.success() && lines >= 5012, "kill {kill}: {}", told("state list", &listed));
        }
        must(&folder, &format!("apply net.yaml {FAST} --var logs=5000"), 0, 0);
        assert_eq!(census(&folder), whole);
    }
}
