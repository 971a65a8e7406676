//! The only place that reads the environment. (`PROVISION_STATE` and `PROVISION_ENV` are read by the argument parser, the
//! AWS variables by the SDK and, for the bucket of states, by `remote_state`.)

use std::{env, ffi::OsString, io};

use tracing_subscriber::{
    filter::{FilterExt, LevelFilter, Targets},
    layer::{Layer, SubscriberExt},
    util::SubscriberInitExt,
};

/// Prefix of environment variables that give variables of the stack.
const VARIABLE_PREFIX: &str = "PROVISION_VAR_";

/// Whether the person wants no colours anywhere: <https://no-color.org>.
pub fn refuses_colour() -> bool {
    env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// `PROVISION_VAR_name=value` as `(name, value)`, sorted. Windows shells cannot write lower case, so names are compared by
/// the stack as they are.
pub fn variables() -> Vec<(String, String)> {
    let text = |(name, value): (OsString, OsString)| {
        let name = name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_owned();
        Some((name, value.to_str()?.to_owned()))
    };
    let mut variables = env::vars_os().filter_map(text).collect::<Vec<_>>();
    variables.sort();
    variables
}

/// Who runs this, for others who find the state locked.
pub fn user_and_host() -> (String, String) {
    let first = |names: &[&str]| names.iter().find_map(env::var_os).and_then(|value| value.into_string().ok());
    let user = first(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "somebody".to_owned());
    let host = first(&["HOSTNAME", "COMPUTERNAME"]).or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    (user, host.map_or_else(|| "this host".to_owned(), |host| host.trim().to_owned()))
}

/// Writes a log to standard error if `PROVISION_LOG` asks for it: `debug`, `provision=trace,aws_config=debug`.
///
/// Of what is not ours no more than `debug`, whatever is asked for: at `trace` the SDK writes whole answers, with whatever
/// secrets AWS reports, and what it signs.
///
/// # Errors
/// Why the setting cannot be understood.
pub fn start_log() -> Result<(), String> {
    let Some(filter) = env::var_os("PROVISION_LOG") else { return Ok(()) };
    let filter = filter.to_string_lossy();
    let filter: Targets = filter.parse().map_err(|error| {
        format!("`PROVISION_LOG={filter}` is not a log filter ({error}); write it like `debug` or `provision=debug`")
    })?;
    let most =
        Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::TRACE).with_default(LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false).with_filter(filter.and(most));
    // It can only fail if there is a log already.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}
