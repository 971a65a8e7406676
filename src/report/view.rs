//! What is known about a run from its events so far. A reducer: everything on the screen is a function of a [`View`], so a
//! new number on the screen is a new fold in here and never a new event.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    base::ObjectId,
    engine::event::{Command, Event, Failure, Found, Outcome, Planned, Stamped},
};

/// A run, as far as its events have told.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    /// When the last event happened; moved on by [`View::tick`] between events.
    pub now: Duration,
    /// Objects read, of how many.
    pub reading: Option<(usize, usize)>,
    /// Open calls of a former run that are being looked up.
    pub recovering: usize,
    pub recovered: Vec<(ObjectId, Found)>,
    pub run: Option<String>,
    pub command: Option<Command>,
    /// The steps of the run and, if it failed, those that take it back.
    pub rounds: Vec<Round>,
    pub failures: Vec<(ObjectId, Failure)>,
    /// The step because of which the run is taken back.
    pub cause: Option<ObjectId>,
    pub stopping: bool,
    pub committed: bool,
    pub outcome: Option<Outcome>,
    pub left: Vec<ObjectId>,
}

/// Steps that are taken in one direction: forward, or back.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    pub undoing: bool,
    pub began: Duration,
    pub steps: BTreeMap<ObjectId, StepView>,
    /// Steps under way, so that drawing does not have to look at all of them.
    pub running: BTreeSet<ObjectId>,
    /// Steps that are done or failed.
    pub finished: usize,
    /// Steps to come by how long they and what waits for them take, longest last.
    waiting: BTreeSet<(Duration, ObjectId)>,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    pub planned: Planned,
    pub status: Status,
    pub began: Option<Duration>,
    pub ended: Option<Duration>,
    /// The service's word for where it is, or why a call is repeated.
    pub note: Option<String>,
    pub retries: u32,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Running,
    /// It exists, but is not ready.
    Made,
    Done,
    Failed,
}

impl View {
    /// Takes the next event into account.
    pub fn apply(&mut self, stamped: &Stamped) {
        self.now = self.now.max(stamped.at);
        match &stamped.event {
            Event::Reading { done, total } => self.reading = (done < total).then_some((*done, *total)),
            Event::Recovering { open } => self.recovering = *open,
            Event::Recovered { object, found } => {
                self.recovering = self.recovering.saturating_sub(1);
                self.recovered.push((object.clone(), *found));
            }
            Event::Started { run, command, steps } => {
                (self.run, self.command) = (Some(run.clone()), Some(*command));
                self.begin_round(false, steps);
            }
            Event::Undoing { cause, steps } => {
                self.cause.clone_from(cause);
                self.begin_round(true, steps);
            }
            Event::StepStarted { object } => self.move_step(object, Status::Running),
            Event::StepWaiting { object, note } => self.note(object, note.clone(), 0),
            Event::StepRetried { object, message, .. } => {
                self.note(object, format!("repeated: {message}"), 1);
            }
            Event::StepMade { object } => self.move_step(object, Status::Made),
            Event::StepDone { object } => self.move_step(object, Status::Done),
            Event::StepFailed { object, failure } => {
                self.failures.push((object.clone(), failure.clone()));
                self.move_step(object, Status::Failed);
            }
            Event::Stopping => self.stopping = true,
            Event::Committed => self.committed = true,
            Event::Ended { outcome, left } => {
                self.outcome = Some(*outcome);
                self.left.clone_from(left);
            }
        }
    }

    /// Time goes by without an event.
    pub fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    /// The steps that are being taken now: those of the last round.
    pub fn round(&self) -> Option<&Round> {
        self.rounds.last()
    }

    /// A step of any round, the latest first.
    pub fn step(&self, object: &ObjectId) -> Option<&StepView> {
        self.rounds.iter().rev().find_map(|round| round.steps.get(object))
    }

    /// The step that a failure was told about: forward before back, because the way back often has a step for the same
    /// object.
    pub fn step_of_failure(&self, object: &ObjectId) -> Option<&StepView> {
        let steps = || self.rounds.iter().filter_map(|round| round.steps.get(object));
        steps().find(|step| step.status == Status::Failed).or_else(|| steps().next())
    }

    fn begin_round(&mut self, undoing: bool, steps: &[Planned]) {
        let waiting = steps.iter().map(|step| (step.remaining, step.object.clone())).collect();
        let view = |planned: &Planned| StepView {
            planned: planned.clone(),
            status: Status::Waiting,
            began: None,
            ended: None,
            note: None,
            retries: 0,
        };
        let steps = steps.iter().map(|planned| (planned.object.clone(), view(planned))).collect();
        self.rounds.push(Round { undoing, began: self.now, steps, running: BTreeSet::new(), finished: 0, waiting });
    }

    /// The last round that has a step for the object.
    fn round_of(&mut self, object: &ObjectId) -> Option<&mut Round> {
        self.rounds.iter_mut().rev().find(|round| round.steps.contains_key(object))
    }

    fn note(&mut self, object: &ObjectId, note: String, retries: u32) {
        if let Some(step) = self.round_of(object).and_then(|round| round.steps.get_mut(object)) {
            step.note = Some(note);
            step.retries += retries;
        }
    }

    fn move_step(&mut self, object: &ObjectId, status: Status) {
        let now = self.now;
        let Some(round) = self.round_of(object) else { return };
        let Some(step) = round.steps.get_mut(object) else { return };
        let was_over = step.status.is_over();
        (step.status, step.began) = (status, step.began.or(Some(now)));
        round.waiting.remove(&(step.planned.remaining, object.clone()));
        if status.is_over() {
            step.ended = Some(now);
            round.running.remove(object);
            round.finished += usize::from(!was_over);
        } else {
            round.running.insert(object.clone());
        }
    }
}

impl Status {
    /// Nothing more will happen to the step.
    pub fn is_over(self) -> bool {
        matches!(self, Status::Done | Status::Failed)
    }
}

impl StepView {
    /// How long it has been under way, or took.
    pub fn elapsed(&self, now: Duration) -> Duration {
        self.began.map_or(Duration::ZERO, |began| self.ended.unwrap_or(now).saturating_sub(began))
    }
}

impl Round {
    /// How long what is left usually takes: the longest path through the steps that are not over.
    pub fn remaining(&self, now: Duration) -> Duration {
        let running = self.running.iter().filter_map(|object| self.steps.get(object)).map(|step| {
            // A step that takes longer than usual delays nothing that could be known of.
            step.planned.remaining.saturating_sub(step.elapsed(now).min(step.planned.usual))
        });
        let waiting = self.waiting.last().map(|(remaining, _)| *remaining);
        running.chain(waiting).max().unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        base::Address,
        engine::{
            event::{FaultKind, Verb},
            plan::Undo,
        },
    };

    /// An object of the first generation.
    pub fn object(address: &str) -> ObjectId {
        address.parse::<Address>().unwrap().generation(1)
    }

    /// A step that usually takes `usual` seconds and is followed by `after` seconds of others.
    pub fn planned(address: &str, type_name: &str, usual: u64, after: u64) -> Planned {
        Planned {
            object: object(address),
            type_name: type_name.to_owned(),
            verb: Verb::Create,
            usual: Duration::from_secs(usual),
            remaining: Duration::from_secs(usual + after),
            undo: Undo::Delete { residue: None },
        }
    }

    /// A refused call.
    pub fn failure(address: &str) -> Failure {
        Failure {
            kind: FaultKind::Quota,
            operation: "ec2:CreateNatGateway".to_owned(),
            code: Some("NatGatewayLimitExceeded".to_owned()),
            message: "the limit of NAT gateways is reached".to_owned(),
            request_id: Some("req-1".to_owned()),
            blockers: Vec::new(),
            address: address.parse().unwrap(),
        }
    }

    /// A view after events that happened at these seconds.
    pub fn view(events: impl IntoIterator<Item = (u64, Event)>) -> View {
        let mut view = View::default();
        for (sequence, (at, event)) in (1..).zip(events) {
            view.apply(&Stamped { sequence, at: Duration::from_secs(at), event });
        }
        view
    }

    /// The network's first three steps, in the middle of the second.
    pub fn half_way() -> Vec<(u64, Event)> {
        let steps = vec![
            planned("vpc", "AWS::EC2::VPC", 5, 120),
            planned("nat", "AWS::EC2::NatGateway", 120, 0),
            planned(r#"private["a"]"#, "AWS::EC2::Subnet", 3, 0),
        ];
        vec![
            (0, Event::Started { run: "r1".to_owned(), command: Command::Apply, steps }),
            (0, Event::StepStarted { object: object("vpc") }),
            (4, Event::StepMade { object: object("vpc") }),
            (6, Event::StepDone { object: object("vpc") }),
            (6, Event::StepStarted { object: object("nat") }),
            (8, Event::StepWaiting { object: object("nat"), note: "pending".to_owned() }),
        ]
    }

    /// The same, until the second step fails and the first is taken back.
    pub fn rolled_back() -> Vec<(u64, Event)> {
        let steps = vec![Planned { verb: Verb::Delete, ..planned("vpc", "AWS::EC2::VPC", 2, 0) }];
        let mut events = half_way();
        events.extend([
            (9, Event::StepFailed { object: object("nat"), failure: failure("nat") }),
            (9, Event::Undoing { cause: Some(object("nat")), steps }),
            (9, Event::StepStarted { object: object("vpc") }),
            (11, Event::StepDone { object: object("vpc") }),
            (11, Event::Ended { outcome: Outcome::RolledBack, left: Vec::new() }),
        ]);
        events
    }

    #[test]
    fn what_remains_is_the_longest_path_less_what_has_passed() {
        let mut view = view(half_way());
        view.tick(Duration::from_secs(36));
        let round = view.round().unwrap();
        assert_eq!((round.finished, round.running.len()), (1, 1));
        assert_eq!(round.remaining(view.now), Duration::from_secs(90));
        view.tick(Duration::from_secs(1000));
        assert_eq!(view.round().unwrap().remaining(view.now), Duration::from_secs(3), "only the subnet is to come");
    }

    #[test]
    fn a_rollback_is_a_round_of_its_own_and_the_failure_is_kept() {
        let view = view(rolled_back());
        assert_eq!(view.rounds.len(), 2);
        assert_eq!(view.cause, Some(object("nat")));
        assert_eq!(view.failures.len(), 1);
        assert_eq!(view.rounds[0].steps[&object("vpc")].elapsed(view.now), Duration::from_secs(6));
        assert_eq!(view.rounds[1].steps[&object("vpc")].elapsed(view.now), Duration::from_secs(2));
        assert_eq!(view.outcome, Some(Outcome::RolledBack));
    }

    #[test]
    fn an_event_about_an_unknown_object_changes_nothing() {
        let before = view(half_way());
        let mut after = before.clone();
        after.apply(&Stamped { sequence: 9, at: before.now, event: Event::StepDone { object: object("nobody") } });
        assert_eq!(before, after);
    }
}
