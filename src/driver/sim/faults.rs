//! What goes wrong, and when: the plan by which the simulated cloud misbehaves. Pure: the same plan, seed and calls give
//! the same faults.

use std::time::Duration;

use super::object::scramble;
use crate::{
    base::ObjectId,
    driver::{Fault, FaultKind},
};

/// What was asked of the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    Create,
    Poll,
    Read,
    Update,
    Delete,
    Find,
    Identity,
    Zones,
    Lookup,
    Secret,
}

impl Operation {
    /// Whether it changes something in the cloud.
    pub fn is_changing(self) -> bool {
        matches!(self, Operation::Create | Operation::Update | Operation::Delete)
    }

    /// The API's verb.
    pub fn verb(self) -> &'static str {
        match self {
            Operation::Create => "Create",
            Operation::Update => "Modify",
            Operation::Delete => "Delete",
            Operation::Poll | Operation::Read | Operation::Find | Operation::Lookup => "Describe",
            Operation::Identity | Operation::Secret => "Get",
            Operation::Zones => "DescribeAvailabilityZones",
        }
    }
}

/// A call that reached the cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// From 1, over all calls.
    pub number: u64,
    pub operation: Operation,
    /// Empty for calls about the account.
    pub type_name: String,
    /// On whose behalf; `None` for calls about the account.
    pub object: Option<ObjectId>,
    /// By the cloud's clock.
    pub at: Duration,
}

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misbehaviour {
    /// Answered with a fault of this kind; not executed. [`FaultKind::Transient`] is a 503, of which the caller cannot know
    /// that.
    Refuse(FaultKind),
    /// Executed, and the answer is lost.
    LoseAnswer,
    /// Executed, but the object never becomes ready (or never goes), until [`super::Sim::heal`].
    NeverReady,
    /// Executed, but it ends failed: the object exists and is broken; a change is applied and reported as failed; a deleted
    /// object stays.
    EndsFailed,
    /// The call never returns and is not executed: the process is dead, as it were.
    HangBefore,
    /// Executed, and the call never returns.
    HangAfter,
}

/// Which calls a rule means. The default means every call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    pub operation: Option<Operation>,
    pub type_name: Option<String>,
    /// As text: `private["a"]`.
    pub address: Option<String>,
    /// Only calls that change something.
    pub changing: bool,
}

impl When {
    fn matches(&self, record: &Record) -> bool {
        let address =
            |wanted: &String| record.object.as_ref().is_some_and(|object| object.address.to_string() == *wanted);
        self.operation.is_none_or(|operation| operation == record.operation)
            && self.type_name.as_ref().is_none_or(|name| *name == record.type_name)
            && self.address.as_ref().is_none_or(address)
            && (!self.changing || record.operation.is_changing())
    }
}

/// One way to misbehave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub when: When,
    /// The first of the matching calls that is met, from 1.
    pub nth: u64,
    /// How many in a row are met.
    pub times: u64,
    pub misbehaviour: Misbehaviour,
}

impl Rule {
    /// Misbehaves once, at the `nth` of the calls that `when` means.
    pub fn once(when: When, nth: u64, misbehaviour: Misbehaviour) -> Self {
        Rule { when, nth, times: 1, misbehaviour }
    }

    /// Misbehaves at every call that `when` means.
    pub fn always(when: When, misbehaviour: Misbehaviour) -> Self {
        Rule { when, nth: 1, times: u64::MAX, misbehaviour }
    }
}

/// Everything that is to go wrong. The first rule that means a call decides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaultPlan {
    pub rules: Vec<Rule>,
    /// Share of calls that are throttled, from 0 to 1.
    pub throttled: f64,
    /// Share of calls that are answered with 503 and not executed.
    pub unavailable: f64,
    /// Share of calls whose connection is reset: half of them before execution, half after.
    pub reset: f64,
    /// The draw for the three shares.
    pub seed: u64,
}

impl FaultPlan {
    /// A plan of a single rule.
    pub fn of(rule: Rule) -> Self {
        FaultPlan { rules: vec![rule], ..FaultPlan::default() }
    }
}

/// A plan that is being carried out.
#[derive(Debug, Default)]
pub struct Faults {
    plan: FaultPlan,
    /// Per rule: how many calls it has meant so far.
    seen: Vec<u64>,
}

impl Faults {
    pub fn new(plan: FaultPlan) -> Self {
        Faults { seen: vec![0; plan.rules.len()], plan }
    }

    /// What goes wrong in this call.
    pub fn decide(&mut self, record: &Record) -> Option<Misbehaviour> {
        let mut decided = None;
        for (rule, seen) in self.plan.rules.iter().zip(&mut self.seen) {
            if rule.when.matches(record) {
                *seen += 1;
                let is_met = *seen >= rule.nth && *seen - rule.nth < rule.times;
                decided = decided.or(is_met.then_some(rule.misbehaviour));
            }
        }
        decided.or_else(|| self.draw(record.number))
    }

    fn draw(&self, number: u64) -> Option<Misbehaviour> {
        let FaultPlan { throttled, unavailable, reset, seed, .. } = self.plan;
        let draw = scramble(seed ^ scramble(number));
        #[expect(clippy::cast_precision_loss, reason = "a share of calls, not a count")]
        let share = (draw >> 11) as f64 / (1u64 << 53) as f64;
        match share {
            share if share < throttled => Some(Misbehaviour::Refuse(FaultKind::Throttled)),
            share if share < throttled + unavailable => Some(Misbehaviour::Refuse(FaultKind::Transient)),
            share if share < throttled + unavailable + reset => {
                let is_before = draw & 1 == 0;
                Some(if is_before { Misbehaviour::Refuse(FaultKind::Transient) } else { Misbehaviour::LoseAnswer })
            }
            _ => None,
        }
    }
}

/// The fault of a kind that was injected, as AWS would word it.
pub fn injected(kind: FaultKind, operation: &str) -> Fault {
    let (code, message) = match kind {
        FaultKind::NotFound => ("ResourceNotFoundException", "the resource does not exist"),
        FaultKind::AlreadyExists => ("ResourceAlreadyExistsException", "the name is taken"),
        FaultKind::InUse => ("DependencyViolation", "the resource has a dependent object"),
        FaultKind::NotReady => ("IncorrectState", "the resource is not ready for this"),
        FaultKind::Throttled => ("RequestLimitExceeded", "request limit exceeded"),
        FaultKind::Denied => ("AccessDenied", "you are not authorised to perform this operation"),
        FaultKind::Invalid => ("ValidationError", "the request is not valid"),
        FaultKind::Quota => ("LimitExceeded", "the limit of the account is reached"),
        FaultKind::Transient => ("ServiceUnavailable", "service unavailable"),
        FaultKind::Other => ("InternalError", "an internal error has occurred"),
    };
    Fault { code: Some(code.to_owned()), ..Fault::new(kind, operation, message) }
}
