//! Sessions at the command line, on the sandbox: arguments in; standard output, standard error, exit code and files out.
//! Times and ids are redacted, and lines of steps that run side by side are sorted.

#![expect(clippy::unwrap_used, reason = "what goes wrong around a test is a failed test")]

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::Value as Json;

use crate::session::{Folder, told};

const NETWORK: &str = r#"stack: net
region: eu-central-1
variables:
  hostnames: {type: bool, default: true}
  zones: {type: list, default: [a, b]}
resources:
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: "${var.hostnames}"}
  private:
    type: AWS::EC2::Subnet
    for_each: ${var.zones}
    properties:
      VpcId: ${vpc.VpcId}
      AvailabilityZone: ${aws.region}${each.value}
      CidrBlock: ${cidrsubnet(vpc.CidrBlock, 8, each.index)}
outputs:
  vpc: {value: "${vpc.VpcId}", description: the network}
"#;

macro_rules! golden {
    ($session:expr) => {
        let mut settings = insta::Settings::clone_current();
        settings.add_filter(r"net\.yaml:(\d+):(\d+)", "net.yaml, line $1, column $2");
        settings.add_filter(r"\b\d+:\d\d(:\d\d)?\b", "[time]");
        settings.add_filter(r"\b(vpc|subnet)-[0-9a-f]{17}\b", "$1-[id]");
        settings.set_prepend_module_to_snapshot(false);
        settings.bind(|| insta::assert_snapshot!($session));
    };
}

const SANDBOX: &str = "--sandbox --sandbox-speed 100";

#[test]
fn apply_then_an_empty_plan_then_a_change_then_destroy() {
    let folder = Folder::new(NETWORK);
    golden!(folder.session(&[
        "validate net.yaml",
        &format!("apply net.yaml --yes {SANDBOX}"),
        "plan net.yaml --sandbox --detailed-exitcode",
        "show net --sandbox",
        "state list net.yaml --sandbox",
        "output net.yaml --sandbox",
        "plan net.yaml --sandbox --detailed-exitcode --var hostnames=false",
        &format!("apply net.yaml --yes {SANDBOX} --var hostnames=false"),
        &format!("destroy net --yes {SANDBOX}"),
        "state list net --sandbox",
    ]));
}

#[test]
fn a_failed_step_rolls_back_and_names_its_cause() {
    let folder = Folder::new(NETWORK);
    golden!(folder.session(&[
        &format!(r#"apply net.yaml --yes {SANDBOX} --sandbox-fail private["b"]:quota --parallel 1"#),
        "state list net --sandbox",
    ]));
}

#[test]
fn with_keep_what_is_done_stays_and_the_next_apply_finishes_it() {
    let folder = Folder::new(NETWORK);
    let failing = format!("apply net.yaml --yes {SANDBOX} --on-failure keep --sandbox-fail private[\"b\"]:quota");
    assert_eq!(folder.run(&failing).status.code(), Some(4));
    let finished = folder.run(&format!("apply net.yaml --yes {SANDBOX}"));
    assert_eq!(finished.status.code(), Some(0), "{}", told("", &finished));
    assert!(String::from_utf8_lossy(&finished.stdout).contains("1 to create"));
}

#[test]
fn everything_wrong_with_a_stack_is_said_at_once() {
    let wrong = NETWORK.replace("CidrBlock: 10", "CidrBlok: 10").replace("${vpc.VpcId}\n", "${vcp.VpcId}\n");
    let folder = Folder::new(&wrong);
    golden!(folder.session(&["validate net.yaml", "apply net.yaml --sandbox --yes"]));
    let json = folder.run("validate net.yaml --json");
    let json = serde_json::from_slice::<Json>(&json.stdout).unwrap();
    assert_eq!((&json["event"], &json["exit_code"]), (&"error".into(), &1.into()));
    assert!(json["diagnostics"].as_array().unwrap().len() >= 2);
}

#[test]
fn wrong_input_is_refused_with_what_to_do() {
    let folder = Folder::new(NETWORK);
    folder.write("broken.json", "{}");
    golden!(folder.session(&[
        "apply net.yaml --sandbox",
        "apply net.yaml --sandbox --json",
        "apply broken.json --sandbox",
        "apply missing.yaml --sandbox --yes",
        "plan nobody --sandbox",
        "show net.yaml --sandbox",
        "plan net.yaml --sandbox --env ../../etc",
        "plan net.yaml --sandbox --state s3://bucket/team",
        "plan net.yaml --state gs://bucket",
        "apply net.yaml --sandbox --yes --sandbox-fail ec2:Explode",
        "output net.yaml --sandbox nothing",
    ]));
    assert!(!folder.path().join("state/sandbox/net/default.json").exists(), "no state has come to be");
}

#[test]
fn a_saved_plan_does_what_it_says_or_says_what_moved() {
    let folder = Folder::new(NETWORK);
    golden!(folder.session(&[
        "plan net.yaml --sandbox -o plan.json",
        &format!("apply plan.json {SANDBOX}"),
        &format!("apply plan.json {SANDBOX}"),
    ]));
}

#[test]
fn what_somebody_else_changed_is_drift() {
    let folder = Folder::new(NETWORK);
    assert!(folder.run(&format!("apply net.yaml --yes {SANDBOX}")).status.success());
    let cloud = folder.path().join("state/sandbox/cloud.jsonl");
    let text = fs::read_to_string(&cloud).unwrap();
    fs::write(&cloud, text.replace(r#""EnableDnsHostnames":true"#, r#""EnableDnsHostnames":false"#)).unwrap();
    golden!(folder.session(&["drift net.yaml --sandbox --detailed-exitcode", "plan net.yaml --sandbox"]));
}

const SHOP: &str = r#"stack: net
region: eu-central-1
variables:
  retention: {type: number, default: 30}
  policy: {type: bool, default: true}
  title: {type: string, default: canary-7, sensitive: true}
resources:
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}
  app:
    type: AWS::Logs::LogGroup
    properties: {LogGroupName: /app, RetentionInDays: "${var.retention}"}
  audit:
    type: AWS::Logs::LogGroup
    properties: {LogGroupName: /audit}
  files:
    type: AWS::S3::Bucket
    properties:
      BucketName: shop-files
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: "${var.policy}"}
  topic:
    type: AWS::SNS::Topic
    properties: {TopicName: shop, DisplayName: "${var.title}"}
outputs:
  vpc: {value: "${vpc.VpcId}"}
"#;

/// Somebody changes four things by hand and deletes a fifth.
fn meddle(folder: &Folder) {
    let cloud = folder.path().join("state/sandbox/cloud.jsonl");
    let changes = [
        (r#""EnableDnsHostnames":true"#, r#""EnableDnsHostnames":false"#),
        (r#""RetentionInDays":30"#, r#""RetentionInDays":1"#),
        (r#""BlockPublicAcls":true"#, r#""BlockPublicAcls":false"#),
        ("canary-7", "canary-8"),
    ];
    let text = fs::read_to_string(&cloud).unwrap();
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let gone = |line: &str| match line.contains(r#""id":"/audit""#) {
        true => line.replace(r#""phase":"ready""#, r#""phase":"gone""#),
        false => line.to_owned(),
    };
    fs::write(&cloud, text.lines().map(|line| gone(line) + "\n").collect::<String>()).unwrap();
}

#[test]
fn what_was_accepted_stays_until_the_file_says_something_else() {
    let folder = Folder::new(SHOP);
    assert!(folder.run(&format!("apply net.yaml --yes {SANDBOX}")).status.success());
    meddle(&folder);
    golden!(folder.session(&[
        "drift net.yaml --sandbox --detailed-exitcode",
        "plan net.yaml --sandbox",
        "drift net.yaml --sandbox --accept",
        "drift net.yaml --sandbox --yes",
        "drift net.yaml --sandbox --accept --yes --target ap",
        &format!("drift net.yaml {SANDBOX} --accept --yes --target vpc"),
        &format!("drift net.yaml {SANDBOX} --accept --yes"),
        "drift net.yaml --sandbox --detailed-exitcode",
        &format!("drift net.yaml {SANDBOX} --accept --yes"),
        "plan net.yaml --sandbox",
        "plan net.yaml --sandbox --why vpc",
        &format!("apply net.yaml --yes {SANDBOX} --var policy=false"),
        "plan net.yaml --sandbox --var policy=false --detailed-exitcode",
        "state show net.yaml files --sandbox",
        "plan net.yaml --sandbox --var policy=false --var retention=14",
        "plan net.yaml --sandbox --var policy=false --var retention=14 --format markdown",
        "plan net.yaml --sandbox --no-refresh --var policy=true",
    ]));
    let cloud = fs::read_to_string(folder.path().join("state/sandbox/cloud.jsonl")).unwrap();
    let files = cloud.lines().rfind(|line| line.contains(r#""id":"shop-files""#)).unwrap();
    assert!(files.contains(r#"{"BlockPublicAcls":false,"BlockPublicPolicy":false}"#), "{files}");
    for (name, bytes) in folder.files().into_iter().filter(|(name, _)| !name.ends_with("net.yaml")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("canary"), "{name}");
    }
}

#[test]
fn state_commands_change_the_record_only() {
    let folder = Folder::new(NETWORK);
    assert!(folder.run(&format!("apply net.yaml --yes {SANDBOX}")).status.success());
    golden!(folder.session(&[
        "state mv net.yaml vpc network --yes --sandbox",
        "state rm net.yaml private --yes --sandbox",
        "state rm net.yaml privat --yes --sandbox",
        "state list net.yaml --sandbox",
        "output net.yaml --sandbox",
    ]));
}

#[test]
fn events_are_lines_of_json_with_a_version() {
    let folder = Folder::new(NETWORK);
    let output = folder.run(&format!("apply net.yaml --yes --json {SANDBOX}"));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()).collect::<Vec<_>>();
    assert!(lines.iter().all(|line| line["v"] == 1), "{text}");
    let events = lines.iter().filter_map(|line| line["event"].as_str()).collect::<Vec<_>>();
    assert!(events.contains(&"planned") && events.contains(&"step_done"), "{events:?}");
    assert_eq!(events.last(), Some(&"ended"));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

const FUNCTION: &str = r#"stack: hello
region: eu-central-1
variables:
  queues: {type: number, default: 0}
resources:
  role:
    type: AWS::IAM::Role
    properties:
      RoleName: hello
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
  function:
    type: AWS::Lambda::Function
    properties:
      FunctionName: hello
      Runtime: python3.13
      Handler: main.handler
      Role: ${role.Arn}
      Code: {ZipFile: '${zip("code")}'}
  queue:
    type: AWS::SQS::Queue
    count: ${var.queues}
    depends_on: [function]
    properties: {QueueName: "queue-${each.index}"}
outputs:
  code: {value: '${zip("code")}'}
"#;

/// A stack with a function whose code is the folder `code`.
fn function() -> Folder {
    let folder = Folder::new(FUNCTION);
    fs::create_dir(folder.path().join("code")).unwrap();
    folder.write("code/main.py", "def handler(event, context):\n    return 1\n");
    folder.write("code/words.py", "HELLO = 'hello'\n");
    folder
}

#[test]
fn code_is_sent_again_when_a_file_has_changed_and_only_then() {
    let folder = function();
    let mut said = folder.session(&[&format!("apply net.yaml --yes {SANDBOX}")]);
    // Written again, without a change.
    folder.write("code/words.py", "HELLO = 'hello'\n");
    said += &folder.session(&["plan net.yaml --sandbox --detailed-exitcode"]);
    folder.write("code/words.py", "HELLO = 'good morning'\n");
    said += &folder.session(&[
        "plan net.yaml --sandbox -o plan.json",
        &format!("apply plan.json {SANDBOX}"),
        "plan net.yaml --sandbox --detailed-exitcode",
        "show net.yaml --sandbox function",
        "output net.yaml --sandbox",
        "plan net.yaml --sandbox -o plan.json",
    ]);
    folder.write("code/words.py", "HELLO = 'good evening'\n");
    said += &folder.session(&[&format!("apply plan.json {SANDBOX}")]);
    // Something fails after the code was sent: it is put back.
    let failing = "--var queues=1 --sandbox-fail queue[0]:quota";
    said += &folder.session(&[&format!("apply net.yaml --yes {SANDBOX} {failing}")]);
    folder.write("code/words.py", "HELLO = 'good morning'\n");
    said += &folder.session(&["plan net.yaml --sandbox --detailed-exitcode"]);
    golden!(said);
}

/// Text that packs badly, other text for every seed.
fn noise(mut seed: u64) -> String {
    let next = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{:08x}", seed >> 32)
    };
    (0..20_000).map(next).collect()
}

#[test]
fn code_that_is_too_large_to_be_kept_is_said_to_be_left_and_sent_with_the_next_apply() {
    let folder = function();
    folder.write("code/data.txt", &noise(1));
    assert!(folder.run(&format!("apply net.yaml --yes {SANDBOX}")).status.success());
    folder.write("code/data.txt", &noise(2));
    let mut said =
        folder.session(&[&format!("apply net.yaml --yes {SANDBOX} --var queues=1 --sandbox-fail queue[0]:quota")]);
    folder.write("code/data.txt", &noise(1));
    said += &folder.session(&[
        "plan net.yaml --sandbox -o plan.json",
        &format!("apply net.yaml --yes {SANDBOX}"),
        "plan net.yaml --sandbox --detailed-exitcode",
    ]);
    golden!(said);
    for (name, content) in folder.files() {
        assert!(!content.windows(5).any(|part| part == b"UEsDB"), "{name} holds the archive");
    }
}

#[test]
fn a_module_is_meant_as_a_whole() {
    let stack = r#"stack: net
region: eu-central-1
modules:
  logs: {source: ./logs.yaml, for_each: [a, b], inputs: {name: "${each.key}"}}
resources:
  vpc:
    type: AWS::EC2::VPC
    properties: {CidrBlock: 10.0.0.0/16}
"#;
    let folder = Folder::new(stack);
    let logs = r#"variables: {name: {type: string}}
resources:
  app:
    type: AWS::Logs::LogGroup
    properties: {LogGroupName: "/app/${var.name}"}
"#;
    folder.write("logs.yaml", logs);
    let mut said = folder.session(&[
        &format!("apply net.yaml --yes {SANDBOX} --target module.logs"),
        "plan net.yaml --sandbox --exclude module.logs",
        "plan net.yaml --sandbox --target module.log",
        "state mv net.yaml module.logs module.texts --yes --sandbox",
        "state list net.yaml --sandbox",
        "state mv net.yaml module.texts texts --yes --sandbox",
    ]);
    let moved = stack.replace("  logs:", "  journals:") + "moved: [{from: module.texts, to: module.journals}]\n";
    folder.write("net.yaml", &moved);
    said += &folder.session(&[
        "plan net.yaml --sandbox --target module.journals",
        &format!("apply net.yaml --yes {SANDBOX}"),
        "plan net.yaml --sandbox --detailed-exitcode",
        r#"show net.yaml --sandbox module.journals["a"]"#,
        "state rm net.yaml module.journals --yes --sandbox",
        "state list net.yaml --sandbox",
    ]);
    golden!(said);
}

#[test]
fn a_secret_appears_nowhere() {
    let stack = r#"stack: vault
region: eu-central-1
variables:
  password: {type: string, sensitive: true}
resources:
  secret:
    type: AWS::SecretsManager::Secret
    properties: {Name: vault, SecretString: "${var.password}"}
outputs:
  echo: {value: "${var.password}"}
"#;
    let folder = Folder::new(stack);
    let mut said = Vec::new();
    for line in [
        "plan net.yaml --sandbox -o plan.json",
        "plan net.yaml --sandbox --json",
        "plan net.yaml --sandbox --why secret",
        &format!("apply net.yaml --yes {SANDBOX} --sandbox-fail secret:invalid"),
        &format!("apply net.yaml --yes {SANDBOX}"),
        "show net.yaml --sandbox secret",
        "show net.yaml --sandbox --json",
        "output net.yaml --sandbox",
        &format!("destroy net.yaml --yes {SANDBOX}"),
    ] {
        let mut command = folder.command(line);
        let output = command.env("PROVISION_VAR_password", "canary-7").env("PROVISION_LOG", "trace").output().unwrap();
        said.push((line.to_owned(), [output.stdout, output.stderr].concat()));
    }
    for (name, bytes) in said.into_iter().chain(folder.files()) {
        assert!(!String::from_utf8_lossy(&bytes).contains("canary-7"), "{name}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = Folder::new(NETWORK);
    let is_coloured = |line: &str| folder.run(line).stdout.contains(&0x1b);
    assert!(!is_coloured("plan net.yaml --sandbox"));
    assert!(is_coloured("plan net.yaml --sandbox --color always"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new(NETWORK);
    let mut child =
        folder.command("plan net.yaml --sandbox").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_is_rolled_back() {
    let folder = Folder::new(NETWORK);
    let mut child = folder.command("apply net.yaml --yes --json --sandbox --sandbox-speed 1");
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.by_ref().any(|line| line.unwrap().contains("step_started")));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    let rest = lines.map(|line| line.unwrap()).collect::<Vec<_>>();
    assert!(rest.iter().any(|line| line.contains(r#""event":"stopping""#)), "{rest:#?}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(folder.run("state list net --sandbox").stdout, b"");
}

#[test]
fn graphs_schemas_and_completions_are_written() {
    let folder = Folder::new(NETWORK);
    golden!(folder.session(&["graph net.yaml", "graph net.yaml --plan --sandbox --format dot", "schema dbcluster"]));
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.run(&format!("completions {shell}")).stdout.len() > 1000);
    }
}
