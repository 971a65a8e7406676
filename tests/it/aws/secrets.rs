//! No secret is told: of the whole systems, on success and on failure, with everything logged that can be. The canaries are
//! what was given as a variable, and what AWS has made up by itself, which an independent witness asks for.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::terminal::Terminal;

/// Goes through the life of a stack; nothing that is printed or written has a canary in it, in whatever encoding.
fn nothing_is_told(stack: &str, region: &str, typed: &str, given: &[(&str, &str)], at_least: usize) {
    let mut terminal = Terminal::new("stacks/healthcare.yaml");
    given.iter().for_each(|(name, value)| terminal.set(&format!("PROVISION_VAR_{name}"), value));
    terminal.set("PROVISION_LOG", "trace");
    let line = |verb: &str| format!("{verb} stacks/{stack}.yaml --env canary{typed}");
    let mut said = vec![
        terminal.must(&line("plan -o plan.json"), 0),
        terminal.must(&line("plan --json"), 0),
        terminal.must(&line("plan --format markdown"), 0),
        terminal.must(&format!("apply plan.json --yes{typed}"), 0),
    ];
    let canaries = terminal.witness(&format!("secrets.py {stack}/canary {region}"));
    let canaries: Vec<&str> = given.iter().map(|(_, value)| *value).chain(canaries.lines()).collect();
    assert!(canaries.len() >= at_least, "{canaries:?}");

    let refused = " --var log_retention_days=1234567";
    said.extend([
        terminal.must(&format!("{}{refused}", line("apply --yes")), 1),
        terminal.must(&line("plan"), 0),
        terminal.must(&line("drift --json"), 0),
        terminal.must(&line("show --json"), 0),
        terminal.must(&line("output --json"), 0),
    ]);
    let files = terminal.files("state");
    said.push(terminal.must(&line("destroy --yes"), 0));
    let files = files.into_iter().chain(terminal.files("state")).chain(terminal.files("plan.json"));
    let told: Vec<(String, String)> =
        said.into_iter().map(|text| ("what is printed".to_owned(), text)).chain(files).collect();
    for canary in canaries {
        for form in forms(canary) {
            for (place, text) in &told {
                let at = text.find(&form);
                assert!(at.is_none(), "{place} tells `{form}`: {}", around(text, at.unwrap_or_default()));
            }
        }
    }
}

/// A secret as it may be spelt: as it is, in JSON, in hexadecimal, in a URL, and in base64 at any offset.
fn forms(secret: &str) -> Vec<String> {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let escape = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    let url = secret.bytes().map(escape).collect();
    let json = serde_json::to_string(secret).map(|text| text.trim_matches('"').to_owned()).unwrap_or_default();
    // The first and the last characters depend on what stands around it.
    let base64 = (0..3).map(|offset| {
        let text = STANDARD.encode([&vec![0; offset], secret.as_bytes()].concat());
        text.trim_end_matches('=').get(4..text.trim_end_matches('=').len() - 4).unwrap_or(&text).to_owned()
    });
    [secret.to_owned(), json, hex, url].into_iter().chain(base64).collect()
}

fn around(text: &str, at: usize) -> String {
    text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(260).collect()
}

#[test]
fn secrets_given_as_variables_are_told_nowhere() {
    let given = [("neo4j_password", "canary!of the&graph"), ("openai_api_key", "sk-canary-0123456789")];
    nothing_is_told(
        "learntrac",
        "us-east-2",
        " --var environment=canary --var api_account=false --var config=false",
        &given,
        4,
    );
}

#[test]
fn secrets_that_aws_makes_up_and_reports_are_told_nowhere() {
    nothing_is_told("webapp", "eu-central-1", "", &[], 4);
}

#[test]
fn secrets_that_are_rotated_are_told_nowhere() {
    nothing_is_told("edu-analytics", "ap-northeast-1", " --var environment=canary", &[], 4);
}
