//! The other four systems on the emulators, as an operator types it: applied whole, nothing left to do, changed, destroyed,
//! and nothing left in the state.

use super::terminal::Terminal;

/// A stack, what is always typed with it, each change, and what its destruction needs.
fn cycle(stack: &str, always: &str, changes: &[&str], to_destroy: &str) {
    let terminal = Terminal::new("stacks/healthcare.yaml");
    let always = format!("stacks/{stack}.yaml{always}");
    terminal.must(&format!("apply {always} --yes"), 0);
    terminal.must(&format!("plan {always} --detailed-exitcode"), 0);
    for change in changes {
        terminal.must(&format!("plan {always} --detailed-exitcode {change}"), 2);
        terminal.must(&format!("apply {always} --yes {change}"), 0);
        terminal.must(&format!("plan {always} --detailed-exitcode {change}"), 0);
    }
    terminal.must(&format!("destroy {always} --yes{to_destroy}"), 0);
    let left = terminal.must(&format!("state list {always}"), 0);
    assert_eq!(left.lines().filter(|line| line.contains("AWS::")).count(), 0, "{left}");
}

#[test]
fn edu_analytics_is_applied_changed_and_destroyed() {
    cycle("edu-analytics", "", &["--var desired_count=3", "--var desired_count=3 --var log_retention_days=14"], "");
}

/// Nobody but AWS has conformance packs.
#[test]
fn omnirapeutic_is_applied_changed_and_destroyed() {
    let changes =
        ["--var log_retention_days=14", "--var monthly_budget_usd=2000", "--var bastion=false --allow-delete bastion"];
    let protected = " --allow-delete module.database.cluster";
    cycle("omnirapeutic", " --var conformance_pack=false", &changes, protected);
}

#[test]
fn learntrac_is_applied_changed_and_destroyed() {
    let changes = ["--var log_retention_days=14", "--var alarm_email=team@example.com"];
    cycle("learntrac", "", &changes, "");
}

#[test]
fn webapp_is_applied_changed_and_destroyed_in_two_environments() {
    cycle("webapp", " --env staging", &["--var alarm_email=team@example.com"], "");
    cycle(
        "webapp",
        " --env production",
        &["--var alarm_email=team@example.com"],
        " --allow-delete module.database.instance",
    );
}
