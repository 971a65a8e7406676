//! The five systems on the emulators, as their operators have them in hand: applied, changed again and again, broken in the
//! middle, meddled with, destroyed. What happens to each is told by `tests/systems/<name>.yaml`.

mod system;

use system::live;

#[test]
fn healthcare_is_applied_changed_and_destroyed() {
    live("healthcare");
}

#[test]
fn edu_analytics_is_applied_changed_and_destroyed() {
    live("edu-analytics");
}

#[test]
fn omnirapeutic_is_applied_changed_and_destroyed() {
    live("omnirapeutic");
}

#[test]
fn learntrac_is_applied_changed_and_destroyed() {
    live("learntrac");
}

#[test]
fn webapp_is_applied_changed_and_destroyed_in_production() {
    live("webapp");
}

#[test]
fn webapp_is_applied_changed_and_destroyed_in_staging() {
    live("webapp-staging");
}
