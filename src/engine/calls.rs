//! Calls to the cloud: within the service's limit, within a deadline, repeated where that proves or does no harm. The one
//! place that retries, for all drivers and everybody who calls them.

use std::{future::Future, sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::future::{Either, select};

use super::{
    event::{Event, Failure, Sink},
    limits::Limits,
};
use crate::{
    base::{Address, ObjectId, Place},
    driver::{Clock, Executed, Fault, FaultKind, Provider, REQUEST_DEADLINE},
    state::Hold,
};

/// A driver's call may consist of several requests; when it takes longer than this, no answer will come.
const CALL_DEADLINE: Duration = REQUEST_DEADLINE.saturating_mul(4);

/// What is to be done about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The service is busy; nothing was executed.
    Busy,
    /// The object, or one it needs, is not ready for the call.
    Early,
    /// Something else still uses the object.
    InUse,
    /// It may or may not have been executed.
    Lost,
    /// Asking again will not help.
    Final,
}

/// Decides by kind and never by text.
pub(super) fn judge(fault: &Fault) -> Verdict {
    match (fault.kind, fault.executed) {
        (FaultKind::Throttled, _) | (FaultKind::Transient, Executed::No) => Verdict::Busy,
        (FaultKind::NotReady, _) => Verdict::Early,
        (FaultKind::InUse, _) => Verdict::InUse,
        (FaultKind::Transient, Executed::Unknown) => Verdict::Lost,
        _ => Verdict::Final,
    }
}

/// How long something is tried again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// With a service that is busy or does not answer.
    pub(super) service: Duration,
    /// With an object that is not ready for the call.
    pub(super) object: Duration,
    /// With whatever still uses the object; zero where waiting would not help.
    pub(super) users: Duration,
}

impl Patience {
    /// What everything gets at least: services recover within minutes.
    pub(super) const USUAL: Patience =
        Patience { service: Duration::from_secs(300), object: Duration::from_secs(600), users: Duration::ZERO };

    /// For undoing: giving up leaves something behind.
    #[must_use]
    pub(super) fn tripled(self) -> Self {
        Patience { service: self.service * 3, object: self.object * 3, users: self.users * 3 }
    }

    fn with(&self, verdict: Verdict) -> Duration {
        match verdict {
            Verdict::Busy | Verdict::Lost => self.service,
            Verdict::Early => self.object,
            Verdict::InUse => self.users,
            Verdict::Final => Duration::ZERO,
        }
    }
}

/// A call that failed for good.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) fault: Fault,
    /// One of the attempts may have been executed.
    pub(super) uncertain: bool,
}

/// What a call is about: whose limit it counts against, and who waits for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) place: &'a Place,
    pub(super) type_name: &'a str,
    /// `None` for what no step asks for.
    pub(super) object: Option<&'a ObjectId>,
}

/// Attempts at one thing: when to try again, and when to give up.
pub(super) struct Attempts {
    pauses: ExponentialBackoff,
    since: Option<Duration>,
}

/// Everything that is asked of the cloud goes through here.
pub(super) struct Calls {
    provider: Arc<dyn Provider>,
    pub(super) clock: Clock,
    sink: Arc<dyn Sink>,
    limits: Limits,
    hold: Option<Arc<dyn Hold>>,
}

impl Calls {
    pub(super) fn new(provider: Arc<dyn Provider>, sink: Arc<dyn Sink>, most: usize) -> Self {
        let clock = provider.clock();
        Calls { provider, clock, sink, limits: Limits::new(most), hold: None }
    }

    /// The same, for whoever may lose the right to call.
    #[must_use]
    pub(super) fn held_by(mut self, hold: Option<Arc<dyn Hold>>) -> Self {
        self.hold = hold;
        self
    }

    /// Tells what happens.
    pub(super) fn tell(&self, event: Event) {
        self.sink.send(event);
    }

    /// One attempt.
    pub(super) async fn once<T>(
        &self,
        about: About<'_>,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let service = self.provider.service(about.type_name);
        let permit = self.limits.enter(&service, &about.place.region).await;
        // However long it is since the intent was written, or since the last attempt.
        if let Some(hold) = &self.hold {
            hold.confirm().await.map_err(|error| Fault::new(FaultKind::Denied, &service, error.to_string()))?;
        }
        let deadline = std::pin::pin!(self.clock.answer_within(CALL_DEADLINE));
        let answer = match select(std::pin::pin!(call), deadline).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(Fault::new(FaultKind::Transient, service, "no answer came in time")),
        };
        let throttled = matches!(&answer, Err(fault) if fault.kind == FaultKind::Throttled);
        if let Some(permit) = permit {
            permit.leave(throttled);
        }
        answer
    }

    /// A call that does no harm if it is executed twice, repeated for as long as `patience` lasts.
    pub(super) async fn repeat<T, F: Future<Output = Result<T, Fault>>>(
        &self,
        about: About<'_>,
        patience: Patience,
        mut call: impl FnMut() -> F,
    ) -> Result<T, Failed> {
        let (mut attempts, mut uncertain) = (Attempts::of(about), false);
        loop {
            let fault = match self.once(about, call()).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            uncertain |= fault.executed == Executed::Unknown || fault.made.is_some();
            if !self.pause(&mut attempts, about, patience, &fault).await {
                return Err(Failed { fault, uncertain });
            }
        }
    }

    /// Waits before the next attempt; false if there is to be none.
    pub(super) async fn pause(
        &self,
        attempts: &mut Attempts,
        about: About<'_>,
        patience: Patience,
        fault: &Fault,
    ) -> bool {
        let verdict = judge(fault);
        let now = self.clock.now();
        let waited = now.saturating_sub(*attempts.since.get_or_insert(now));
        let Some(pause) = attempts.pauses.next().filter(|pause| waited + *pause <= patience.with(verdict)) else {
            return false;
        };
        if let Some(object) = about.object.cloned() {
            self.tell(match verdict {
                Verdict::InUse => Event::StepWaiting { object, note: in_use(fault) },
                _ => Event::StepRetried { object, kind: fault.kind, message: fault.to_string(), pause },
            });
        }
        self.clock.sleep(pause).await;
        true
    }
}

impl Attempts {
    /// Pauses are spread, so that those who were refused together do not come back together; by the object's name, so that
    /// a run can be repeated exactly.
    pub(super) fn of(about: About<'_>) -> Self {
        let name = about.object.map_or_else(|| about.type_name.to_owned(), ObjectId::to_string);
        let seed = name.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(400))
            .with_max_delay(Duration::from_secs(15))
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(seed);
        Attempts { pauses: pauses.build(), since: None }
    }
}

impl Attempts {
    /// Does not count time in which something else was waited for.
    pub(super) fn excuse(&mut self, spent: Duration) {
        self.since = self.since.map(|since| since + spent);
    }
}

/// How often to ask whether something is ready: often at first, every few seconds later.
pub(super) fn polls() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_secs(1))
        .with_factor(1.5)
        .with_max_delay(Duration::from_secs(10))
        .without_max_times()
        .build()
}

fn in_use(fault: &Fault) -> String {
    if fault.blockers.is_empty() { fault.message.clone() } else { format!("used by {}", fault.blockers.join(", ")) }
}

/// A fault as the failure of a step.
pub(super) fn failure(fault: Fault, address: &Address) -> Failure {
    Failure {
        kind: fault.kind,
        operation: fault.operation,
        code: fault.code,
        message: fault.message,
        request_id: fault.request_id,
        blockers: fault.blockers,
        address: address.clone(),
    }
}

/// A failure without any call.
pub(super) fn refusal(message: impl Into<String>, address: &Address) -> Failure {
    failure(Fault::new(FaultKind::Invalid, "", message), address)
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{catalogue::Catalogue, driver::sim::Sim, state::StoreError};

    struct Taken;

    #[async_trait]
    impl Hold for Taken {
        async fn confirm(&self) -> Result<(), StoreError> {
            Err(StoreError::Lost("bob took it over".to_owned()))
        }
    }

    struct Nobody;

    impl Sink for Nobody {
        fn send(&self, _: Event) {}
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempt_leaves_once_the_lease_is_lost() {
        let sim = Sim::new(Catalogue::embedded(), Clock::running(1.0), 1);
        let calls = Calls::new(Arc::new(sim), Arc::new(Nobody), 4).held_by(Some(Arc::new(Taken)));
        let place = Place { region: "eu-central-1".to_owned(), role_arn: None };
        let about = About { place: &place, type_name: "AWS::EC2::VPC", object: None };
        let call = || async { panic!("it has left") };
        let failed = calls.repeat::<(), _>(about, Patience::USUAL, call).await.unwrap_err();
        assert!(!failed.uncertain && judge(&failed.fault) == Verdict::Final, "{failed:?}");
        assert!(failed.fault.message.ends_with("bob took it over"), "{failed:?}");
    }
}
