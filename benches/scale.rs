//! Figures, printed and never asserted: a machine that is busy is no defect of the program.
//!
//! `cargo bench --no-default-features` prints how long validating the healthcare stack takes as a process, and how loading
//! and planning grow with the number of resources.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "it measures the world's time")]

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command as Process, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use provision::{
    base::Sources,
    catalogue::Catalogue,
    driver::{Clock, sim::Sim},
    engine::{
        Event, Sink,
        planner::{self, Request},
        run::{Engine, Live, OnFailure, Options, Stop},
    },
    stack::{Facts, Inputs, Program, Stack},
    state::{Command, Holder, MemoryStore, State, StateKey, Store},
};

struct Silent;

impl Sink for Silent {
    fn send(&self, _: Event) {}
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder for stacks");
    validate();
    for count in [1_000, 2_000, 5_000, 10_000] {
        scale(folder.path(), count);
    }
}

/// The whole command, as a person waits for it.
fn validate() {
    let stack = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/healthcare.yaml");
    let run = || {
        let start = Instant::now();
        let status =
            Process::new(env!("CARGO_BIN_EXE_provision")).arg("validate").arg(&stack).stdout(Stdio::null()).status();
        assert!(status.expect("the program runs").success(), "the healthcare stack is valid");
        start.elapsed()
    };
    let fastest = (0..20).map(|_| run()).min().unwrap_or_default();
    println!("validate stacks/healthcare.yaml: {}", milliseconds(fastest));
}

/// A stack of `count` resources: a VPC, and subnets, groups and rules that refer to it and to each other.
fn stack_of(count: usize) -> String {
    let mut yaml = "stack: scale\nregion: eu-central-1\nresources:\n  vpc:\n    type: AWS::EC2::VPC\n    properties: {CidrBlock: 10.0.0.0/8}\n".to_owned();
    for number in 0..count / 2 {
        let _ = write!(
            yaml,
            "  group_{number}:\n    type: AWS::EC2::SecurityGroup\n    properties: {{GroupDescription: group {number}, VpcId: \"${{vpc.VpcId}}\"}}\n  \
             rule_{number}:\n    type: AWS::EC2::SecurityGroupIngress\n    properties: {{GroupId: \"${{group_{number}.GroupId}}\", IpProtocol: tcp, \
             FromPort: 443, ToPort: 443, SourceSecurityGroupId: \"${{group_{}.GroupId}}\"}}\n",
            number / 2
        );
    }
    yaml
}

fn load(path: PathBuf, catalogue: &Catalogue) -> Stack {
    let inputs = Inputs { path, environment: "bench".to_owned(), ..Inputs::default() };
    let program = Program::open(&inputs, catalogue, &mut Sources::default()).expect("the stack can be read");
    program.evaluate(&Facts::default(), catalogue).expect("the stack can be evaluated").0
}

fn plan(stack: &Stack, state: &State, live: &Live, catalogue: &Catalogue) -> provision::engine::Plan {
    let request = Request {
        stack: Some(stack),
        state,
        live,
        catalogue,
        command: Command::Apply,
        identity: None,
        options: &planner::Options::default(),
    };
    planner::plan(&request).expect("the stack can be planned")
}

fn scale(folder: &Path, count: usize) {
    let catalogue = Catalogue::embedded();
    let path = folder.join(format!("{count}.yaml"));
    std::fs::write(&path, stack_of(count)).expect("the stack can be written");
    let start = Instant::now();
    let stack = load(path, catalogue);
    let loaded = start.elapsed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let (first, applied, second) = runtime.block_on(async {
        let store = MemoryStore::new();
        let key = StateKey::new("scale", "bench").expect("a key");
        let lease = store.acquire(&key, &Holder::new("bench", "here", "apply")).await.expect("the state is free");
        let engine = Engine {
            provider: Arc::new(Sim::new(catalogue, Clock::real(), 1)),
            catalogue,
            sink: Arc::new(Silent),
            options: Options { parallel: 64, on_failure: OnFailure::Rollback },
            stop: Stop::default(),
        };
        let start = Instant::now();
        let made = plan(&stack, &lease.with_state(State::clone), &Live::new(), catalogue);
        let first = start.elapsed();
        let start = Instant::now();
        let ended = engine.execute(&lease, &made).await.expect("the plan can be carried out");
        assert!(ended.cause.is_none(), "{:?}", ended.cause);
        let applied = start.elapsed();
        let start = Instant::now();
        let state = lease.with_state(State::clone);
        let live = engine.live(&state, None).await.expect("the objects can be read");
        assert!(plan(&stack, &state, &live, catalogue).is_empty(), "the second plan is empty");
        (first, applied, start.elapsed())
    });
    println!(
        "{count:>6} resources: load {}, plan {}, apply {} (simulated cloud), read and plan again {}, peak memory {} MB",
        milliseconds(loaded),
        milliseconds(first),
        milliseconds(applied),
        milliseconds(second),
        peak_memory()
    );
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}

/// Of this process so far, in megabytes; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}
