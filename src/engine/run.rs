//! The engine as commands use it: what to ask the cloud, what to plan, what to do.

use std::{collections::BTreeMap, sync::Arc};

use super::{calls::Calls, event::Sink, execute, plan::Plan, recover, refresh, session::Session};
use crate::{
    base::{Doc, ObjectId},
    catalogue::Catalogue,
    driver::{Fault, Provider},
    stack::{Facts, Needs, Stack},
    state::{Lease, Outcome, State, StoreError},
};

/// What the state's objects look like now; `None` for what does not exist any more. Objects that were not read are absent.
pub type Live = BTreeMap<ObjectId, Option<Doc>>;

/// What to do when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    #[default]
    Rollback,
    Keep,
}

/// How a run is to be done.
#[derive(Debug, Clone)]
pub struct Options {
    /// Steps in flight at once; from 1.
    pub parallel: usize,
    pub on_failure: OnFailure,
}

/// Asked between steps: should the run come to an end?
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<std::sync::atomic::AtomicBool>);

impl Stop {
    /// Finish what is in flight, begin nothing else.
    pub fn request(&self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// Why a run could not go on, apart from a failed step.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A call failed that no step made (identity, zones, look-ups, refresh).
    #[error(transparent)]
    Cloud(#[from] Fault),
    /// The plan was made from something else: what moved.
    #[error("the plan does not apply any more: {0}")]
    Moved(String),
    /// Anything that is wrong with the request, and what to do.
    #[error("{message}")]
    Refused { message: String, help: String },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub outcome: Outcome,
    /// The failure that came first, if any.
    pub cause: Option<super::event::Failure>,
    /// Failures that followed, those of a rollback included.
    pub others: Vec<super::event::Failure>,
    /// Objects that are not as they should be.
    pub left: Vec<ObjectId>,
    /// The run was stopped by a person.
    pub stopped: bool,
}

/// The engine: a cloud, a catalogue, somewhere to tell what happens.
pub struct Engine {
    pub provider: Arc<dyn Provider>,
    pub catalogue: &'static Catalogue,
    pub sink: Arc<dyn Sink>,
    pub options: Options,
    pub stop: Stop,
}

impl Engine {
    /// Asks the cloud what an evaluation needs to know.
    ///
    /// # Errors
    /// The call that failed, or the look-up that means nothing or several things.
    pub async fn facts(&self, needs: &Needs) -> Result<Facts, RunError> {
        refresh::facts(self, needs).await
    }

    /// Reads every object of the state, and those that the stack imports: one call per page of each type and place.
    ///
    /// # Errors
    /// The call that failed.
    pub async fn live(&self, state: &State, stack: Option<&Stack>) -> Result<Live, RunError> {
        refresh::live(self, state, stack).await
    }

    /// Closes every call that a former run left open, and ends that run.
    ///
    /// # Errors
    /// The first call that could not be closed: until it is, nothing else may be done.
    pub async fn recover(&self, lease: &Lease) -> Result<(), RunError> {
        let unclosed = recover::recover(&Session::new(self, lease)).await?;
        match unclosed.into_iter().next() {
            None => Ok(()),
            Some(failure) => Err(RunError::Refused {
                message: format!(
                    "a former run was cut off, and what became of `{}` could not be found out: {}{}{}",
                    failure.address,
                    failure.operation,
                    if failure.operation.is_empty() { "" } else { ": " },
                    failure.message
                ),
                help: "nothing was changed; put the cause right and run the command again".to_owned(),
            }),
        }
    }

    /// Carries out a plan; on failure undoes it (or keeps what is there).
    ///
    /// # Errors
    /// Why the run could not begin, or could not be recorded. A step that fails is no error but part of [`Ended`].
    pub async fn execute(&self, lease: &Lease, plan: &Plan) -> Result<Ended, RunError> {
        execute::execute(self, lease, plan).await
    }

    pub(super) fn calls(&self) -> Calls {
        Calls::new(Arc::clone(&self.provider), Arc::clone(&self.sink), self.options.parallel)
    }
}
