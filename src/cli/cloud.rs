//! The cloud that a command works on, simulated or real, with everything needed to follow what happens there.

use std::{sync::Arc, time::Duration};

use super::{
    error::{CommandError, Kind},
    interrupt::Interrupt,
    options::CloudOptions,
    output::Output,
    sandbox_fail,
    session::state_place,
};
use crate::{
    catalogue::Catalogue,
    driver::{
        Clock, Provider,
        sim::{FaultPlan, Sim, StoreError},
    },
    engine::run::{Engine, OnFailure, Options, Stop},
    report::stream::{Audience, Stream},
};

/// Ids in the sandbox follow from this and the order of calls, so that a session can be repeated.
const SANDBOX_SEED: u64 = 1;

/// An engine, and those who follow it.
pub struct Cloud {
    pub engine: Engine,
    pub stream: Arc<Stream>,
    pub interrupt: Interrupt,
    ticker: tokio::task::JoinHandle<()>,
}

impl Cloud {
    /// The cloud that the options mean.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn open(options: &CloudOptions, run: Options, output: &Output, as_json: bool) -> Result<Self, CommandError> {
        let catalogue = Catalogue::embedded();
        let provider = provider(options, catalogue)?;
        let clock = provider.clock();
        let stream = Arc::new(Stream::new(move || clock.now(), output.audience(as_json)));
        let stop = Stop::default();
        let teller = Arc::clone(&stream);
        let after = if run.on_failure == OnFailure::Rollback { "then rolling back" } else { "keeping what is done" };
        let told = format!("Stopping: finishing what is in flight, {after}. Press Ctrl-C again to stop at once.");
        let interrupt = Interrupt::listen(stop.clone(), Arc::new(move || teller.say_during_run(&told)))?;
        let ticking = Arc::clone(&stream);
        let ticker = tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_millis(100));
            loop {
                pace.tick().await;
                ticking.tick();
            }
        });
        let sink = Arc::clone(&stream);
        Ok(Cloud { engine: Engine { provider, catalogue, sink, options: run, stop }, stream, interrupt, ticker })
    }

    /// For commands that only look: nobody follows them.
    ///
    /// # Errors
    /// The cloud cannot be used.
    pub fn to_look_at(options: &CloudOptions, output: &Output, as_json: bool) -> Result<Self, CommandError> {
        let run = Options { parallel: 64, on_failure: OnFailure::Rollback };
        let mut cloud = Cloud::open(options, run, output, as_json)?;
        if as_json {
            // The result is one JSON document; events would not fit into it.
            let clock = cloud.engine.provider.clock();
            cloud.stream = Arc::new(Stream::new(move || clock.now(), Audience::Nobody));
            let sink = Arc::clone(&cloud.stream);
            cloud.engine.sink = sink;
        }
        Ok(cloud)
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.ticker.abort();
        self.stream.finish();
    }
}

fn provider(options: &CloudOptions, catalogue: &'static Catalogue) -> Result<Arc<dyn Provider>, CommandError> {
    if !options.sandbox {
        return aws();
    }
    let path = state_place(options).join("cloud.jsonl");
    let sim = Sim::open(&path, catalogue, Clock::running(options.sandbox_speed), SANDBOX_SEED).map_err(|error| {
        let kind = if matches!(error, StoreError::Busy { .. }) { Kind::Locked } else { Kind::Refused };
        CommandError::new(kind, error.to_string())
    })?;
    let rules =
        options.sandbox_fail.iter().map(|text| sandbox_fail::rule(text, catalogue)).collect::<Result<_, _>>()?;
    sim.set_faults(FaultPlan { rules, ..FaultPlan::default() });
    Ok(Arc::new(sim))
}

#[cfg(feature = "aws")]
fn aws() -> Result<Arc<dyn Provider>, CommandError> {
    use crate::aws::{AwsProvider, Clients, Settings};
    Ok(Arc::new(AwsProvider::new(Clients::new(Settings::default()))))
}

#[cfg(not(feature = "aws"))]
fn aws() -> Result<Arc<dyn Provider>, CommandError> {
    Err(CommandError::input("this provision was built without AWS (`--no-default-features`)")
        .hint("add `--sandbox` to use the simulated cloud, or build with the default features"))
}
