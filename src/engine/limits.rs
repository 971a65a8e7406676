//! How many calls a service gets at once. AWS limits requests per account, service and region, and says so only by
//! refusing: so every limit is found by trying, one more for each round that went well, half as many after a refusal.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls in flight to one service and region before anything is known about its limits.
const FIRST: u32 = 16;

/// The limits of all services and regions.
#[derive(Debug)]
pub(super) struct Limits {
    most: u32,
    gates: Mutex<BTreeMap<(String, String), Arc<Gate>>>,
}

#[derive(Debug)]
struct Gate {
    permits: Arc<Semaphore>,
    level: Mutex<Level>,
}

/// Permission for one call.
#[derive(Debug)]
pub(super) struct Permit {
    permit: OwnedSemaphorePermit,
    gate: Arc<Gate>,
    round: u64,
}

impl Limits {
    /// No service ever gets more than `most` at once.
    pub(super) fn new(most: usize) -> Self {
        Limits { most: u32::try_from(most).unwrap_or(u32::MAX).max(1), gates: Mutex::default() }
    }

    /// Waits until the service takes one more call.
    pub(super) async fn enter(&self, service: &str, region: &str) -> Option<Permit> {
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            let gate = gates.entry((service.to_owned(), region.to_owned())).or_insert_with(|| {
                let level = Level::new(self.most);
                Arc::new(Gate { permits: Arc::new(Semaphore::new(level.granted as usize)), level: level.into() })
            });
            Arc::clone(gate)
        };
        let permit = Arc::clone(&gate.permits).acquire_owned().await.ok()?;
        let round = gate.level.lock().unwrap_or_else(PoisonError::into_inner).round;
        Some(Permit { permit, gate, round })
    }
}

impl Permit {
    /// The call is over; `throttled` if the service refused it for being one too many.
    pub(super) fn leave(self, throttled: bool) {
        let mut level = self.gate.level.lock().unwrap_or_else(PoisonError::into_inner);
        if throttled {
            level.throttled(self.round);
        } else {
            level.went_well();
        }
        let wanted = level.wanted();
        if wanted > level.granted {
            self.gate.permits.add_permits((wanted - level.granted) as usize);
            level.granted = wanted;
        } else if wanted < level.granted {
            self.permit.forget();
            let rest = (level.granted - wanted - 1) as usize;
            let forgotten = u32::try_from(self.gate.permits.forget_permits(rest)).unwrap_or(0);
            level.granted -= 1 + forgotten;
        }
    }
}

/// Additive increase, multiplicative decrease.
#[derive(Debug)]
struct Level {
    limit: f64,
    most: u32,
    /// Permits that exist; follows `limit` as calls come back.
    granted: u32,
    /// Grows with each decrease: calls sent before it say nothing about the limit after it.
    round: u64,
}

impl Level {
    fn new(most: u32) -> Self {
        let granted = FIRST.min(most);
        Level { limit: granted.into(), most, granted, round: 0 }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and `most`")]
    fn wanted(&self) -> u32 {
        self.limit as u32
    }

    fn went_well(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most.into());
    }

    fn throttled(&mut self, round: u64) {
        if round == self.round {
            self.round += 1;
            self.limit = (self.limit / 2.0).max(1.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn free(limits: &Limits) -> Vec<Permit> {
        std::iter::from_fn(|| limits.enter("ec2", "r").now_or_never().flatten()).collect()
    }

    #[test]
    fn a_refusal_halves_the_limit_once_however_many_calls_it_hits() {
        let limits = Limits::new(64);
        let permits = free(&limits);
        assert_eq!(permits.len(), 16);
        permits.into_iter().for_each(|permit| permit.leave(true));
        assert_eq!(free(&limits).len(), 8);
        assert!(limits.enter("rds", "r").now_or_never().is_some(), "another service has its own limit");
    }

    #[test]
    fn the_limit_grows_by_about_one_per_round_and_never_beyond_the_most() {
        let limits = Limits::new(20);
        free(&limits).into_iter().for_each(|permit| permit.leave(false));
        let after_one_round = free(&limits);
        assert!((16..=17).contains(&after_one_round.len()), "{}", after_one_round.len());
        after_one_round.into_iter().for_each(|permit| permit.leave(false));
        for _ in 0..20 {
            free(&limits).into_iter().for_each(|permit| permit.leave(false));
        }
        assert_eq!(free(&limits).len(), 20);
    }

    #[test]
    fn the_limit_never_falls_below_one() {
        let limits = Limits::new(64);
        for _ in 0..10 {
            free(&limits).into_iter().for_each(|permit| permit.leave(true));
        }
        let last = free(&limits);
        assert_eq!(last.len(), 1);
        drop(last);
        assert_eq!(free(&limits).len(), 1, "a call that was given up gives its permit back");
    }
}
