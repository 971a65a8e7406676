//! Which step is next: from a plan to a queue of steps that may be taken now. Pure, so that its order can be tested on
//! random graphs without a cloud.
//!
//! A step is *open* until it is ready. The need `Created` ends when the step has made its object, the need `Ready` when
//! the step is done. Steps after the plan's commit have one need more, which only [`Schedule::commit`] ends. Of all steps
//! that may be taken, the one with the longest way still behind it goes first.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::Duration,
};

use super::plan::{Needs, Plan};
use crate::base::ObjectId;

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Waiting,
    Taken,
    Made,
    Ready,
}

#[derive(Debug)]
struct Node {
    progress: Progress,
    /// Needs that have not ended yet.
    needs: usize,
    dependents: Vec<(usize, Needs)>,
    remaining: Duration,
}

/// Why a plan cannot be carried out: it has been damaged, since no planner writes such a plan.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step} waits for {object}, which does not come before it")]
pub(super) struct Unordered {
    step: usize,
    object: ObjectId,
}

/// The queue. Steps are named by their index in the plan.
#[derive(Debug)]
pub(super) struct Schedule {
    nodes: Vec<Node>,
    /// The last step of each object.
    steps: BTreeMap<ObjectId, usize>,
    queue: BinaryHeap<(Duration, Reverse<usize>)>,
    commit: usize,
    committed: bool,
    /// Steps before the commit that are not ready.
    open: usize,
}

impl Schedule {
    /// The queue of a plan's steps.
    pub(super) fn new(plan: &Plan) -> Result<Schedule, Unordered> {
        let commit = plan.commit.min(plan.steps.len());
        let mut nodes: Vec<Node> = Vec::with_capacity(plan.steps.len());
        let mut steps: BTreeMap<ObjectId, usize> = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            let mut needs = usize::from(index >= commit);
            for after in &step.after {
                let unordered = || Unordered { step: index, object: after.object.clone() };
                let before = *steps.get(&after.object).ok_or_else(unordered)?;
                nodes[before].dependents.push((index, after.needs));
                needs += 1;
            }
            // Two steps on one object never overlap, whether the plan says so or not.
            if let Some(before) = steps.insert(step.object.clone(), index) {
                nodes[before].dependents.push((index, Needs::Ready));
                needs += 1;
            }
            nodes.push(Node { progress: Progress::Waiting, needs, dependents: Vec::new(), remaining: step.usual });
        }
        let mut schedule = Schedule { nodes, steps, queue: BinaryHeap::new(), commit, committed: false, open: commit };
        schedule.measure();
        (0..schedule.nodes.len()).filter(|index| schedule.nodes[*index].needs == 0).for_each(|index| {
            schedule.queue.push((schedule.nodes[index].remaining, Reverse(index)));
        });
        Ok(schedule)
    }

    /// Longest remaining paths, from the end: every edge leads to a later step.
    fn measure(&mut self) {
        let mut after_commit = Duration::ZERO;
        for index in (0..self.nodes.len()).rev() {
            let usual = self.nodes[index].remaining;
            let behind = self.nodes[index].dependents.iter().map(|(dependent, needs)| match needs {
                // The dependent runs beside the rest of this step.
                Needs::Created => self.nodes[*dependent].remaining.saturating_sub(usual),
                Needs::Ready => self.nodes[*dependent].remaining,
            });
            let behind = behind.max().unwrap_or_default();
            let remaining = usual + if index < self.commit { behind.max(after_commit) } else { behind };
            self.nodes[index].remaining = remaining;
            if index >= self.commit {
                after_commit = after_commit.max(remaining);
            }
        }
    }

    /// How long this step and everything that waits for it usually take.
    pub(super) fn remaining(&self, step: usize) -> Duration {
        self.nodes.get(step).map_or(Duration::ZERO, |node| node.remaining)
    }

    /// Takes the next step off the queue.
    pub(super) fn next(&mut self) -> Option<usize> {
        let (_, Reverse(step)) = self.queue.pop()?;
        self.nodes[step].progress = Progress::Taken;
        Some(step)
    }

    /// The step has made its object.
    pub(super) fn made(&mut self, step: usize) {
        self.advance(step, Progress::Made);
    }

    /// The step is done.
    pub(super) fn ready(&mut self, step: usize) {
        self.advance(step, Progress::Ready);
    }

    /// Whether all steps before the commit are ready and those after it still wait for it.
    pub(super) fn is_at_commit(&self) -> bool {
        !self.committed && self.open == 0
    }

    /// Lets the steps after the commit begin.
    pub(super) fn commit(&mut self) {
        if !self.committed {
            self.committed = true;
            (self.commit..self.nodes.len()).for_each(|step| self.release(step));
        }
    }

    /// Puts a taken step back until the step of `object` is ready. False if no step of the plan will make it so.
    pub(super) fn defer(&mut self, step: usize, object: &ObjectId) -> bool {
        let Some(awaited) = self.steps.get(object).copied().filter(|awaited| *awaited != step) else { return false };
        self.nodes[step].progress = Progress::Waiting;
        self.nodes[step].needs += 1;
        if self.nodes[awaited].progress == Progress::Ready {
            self.release(step);
        } else {
            self.nodes[awaited].dependents.push((step, Needs::Ready));
        }
        true
    }

    /// The steps that are not ready.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.nodes.len()).filter(|step| self.nodes[*step].progress != Progress::Ready)
    }

    fn advance(&mut self, step: usize, to: Progress) {
        let from = self.nodes[step].progress;
        if from >= to {
            return;
        }
        self.nodes[step].progress = to;
        if to == Progress::Ready && step < self.commit {
            self.open -= 1;
        }
        let dependents = std::mem::take(&mut self.nodes[step].dependents);
        for (dependent, needs) in &dependents {
            let reached = match needs {
                Needs::Created => from < Progress::Made,
                Needs::Ready => to == Progress::Ready,
            };
            if reached {
                self.release(*dependent);
            }
        }
        self.nodes[step].dependents = dependents;
    }

    fn release(&mut self, step: usize) {
        let node = &mut self.nodes[step];
        node.needs -= 1;
        if node.needs == 0 && node.progress == Progress::Waiting {
            self.queue.push((node.remaining, Reverse(step)));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        base::{Address, Place},
        engine::plan::{Action, After, Reason, Step, Undo, VERSION},
        stack::Timeouts,
        state::{Command, StateMark},
    };

    /// A plan of deletes; `edges[i]` holds, for step `i`, earlier steps and how far they must have come.
    fn plan(edges: &[Vec<(usize, bool)>], usual: &[u8], commit: usize) -> Plan {
        let object = |index: usize| Address::root(format!("r{index}")).generation(1);
        let step = |(index, needs): (usize, &Vec<(usize, bool)>)| Step {
            object: object(index),
            type_name: "T".into(),
            place: Place { region: "r".into(), role_arn: None },
            action: Action::Delete,
            why: vec![Reason::Destroyed],
            after: needs
                .iter()
                .map(|(on, ready)| After {
                    object: object(*on),
                    needs: if *ready { Needs::Ready } else { Needs::Created },
                })
                .collect(),
            undo: Undo::Never { why: String::new() },
            usual: Duration::from_secs(usual[index].into()),
            timeouts: Timeouts::default(),
        };
        Plan {
            version: VERSION,
            command: Command::Apply,
            stack: "s".into(),
            environment: "e".into(),
            stack_digest: String::new(),
            base: StateMark { lineage: String::new(), serial: 0, identity: None },
            steps: edges.iter().enumerate().map(step).collect(),
            commit,
            outputs: Vec::new(),
            warnings: Vec::new(),
            drifted: BTreeMap::new(),
            accepted: BTreeMap::new(),
        }
    }

    /// Random graphs of up to 30 steps, with random durations and a random commit.
    fn plans() -> impl Strategy<Value = Plan> {
        (1usize..30)
            .prop_flat_map(|count| {
                let edges = (0..count).map(|step| {
                    let on = prop::collection::btree_map(0..step.max(1), any::<bool>(), 0..=step.min(4));
                    on.prop_map(move |on| on.into_iter().filter(|(on, _)| *on < step).collect::<Vec<_>>())
                });
                (edges.collect::<Vec<_>>(), prop::collection::vec(any::<u8>(), count), 0..=count)
            })
            .prop_map(|(edges, usual, commit)| plan(&edges, &usual, commit))
    }

    /// Walks the plan with `pick` deciding which of the steps in flight comes one phase further; the order of starts.
    fn walk(plan: &Plan, picks: &[u8]) -> Vec<usize> {
        let mut schedule = Schedule::new(plan).unwrap();
        let (mut phase, mut in_flight, mut order) = (vec![0; plan.steps.len()], Vec::new(), Vec::new());
        let index_of = |object: &ObjectId| plan.steps.iter().position(|step| step.object == *object).unwrap();
        for turn in 0.. {
            while let Some(step) = schedule.next() {
                for after in &plan.steps[step].after {
                    let least = if after.needs == Needs::Ready { 2 } else { 1 };
                    assert!(phase[index_of(&after.object)] >= least, "step {step} began too early");
                }
                assert!(
                    step < plan.commit || phase[..plan.commit].iter().all(|phase| *phase == 2),
                    "before the commit"
                );
                in_flight.push(step);
                order.push(step);
            }
            if in_flight.is_empty() {
                if !schedule.is_at_commit() {
                    break;
                }
                schedule.commit();
                continue;
            }
            let chosen = usize::from(picks[turn % picks.len()]) % in_flight.len();
            let step = in_flight[chosen];
            phase[step] += 1;
            if phase[step] == 1 {
                schedule.made(step);
            } else {
                schedule.ready(step);
                in_flight.swap_remove(chosen);
            }
        }
        assert_eq!(schedule.unfinished().count(), 0);
        order
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn no_step_starts_before_its_needs_all_run_and_the_order_is_always_the_same(
            plan in plans(), picks in prop::collection::vec(any::<u8>(), 1..40)
        ) {
            let order = walk(&plan, &picks);
            prop_assert_eq!(order.len(), plan.steps.len());
            prop_assert_eq!(&order, &walk(&plan, &picks));
        }
    }

    #[test]
    fn the_longest_way_goes_first() {
        // 0 is quick itself, but 2 waits for it.
        let plan = plan(&[vec![], vec![], vec![(0, true)]], &[1, 50, 200], 3);
        let mut schedule = Schedule::new(&plan).unwrap();
        assert_eq!(schedule.remaining(0), Duration::from_secs(201));
        assert_eq!((schedule.next(), schedule.next(), schedule.next()), (Some(0), Some(1), None));
    }

    #[test]
    fn a_plan_whose_steps_wait_for_later_ones_is_refused() {
        let mut plan = plan(&[vec![], vec![]], &[1, 1], 2);
        let object = plan.steps[1].object.clone();
        plan.steps[0].after.push(After { object, needs: Needs::Ready });
        assert_eq!(
            Schedule::new(&plan).unwrap_err().to_string(),
            "step 0 waits for r1#1, which does not come before it"
        );
    }

    #[test]
    fn a_deferred_step_comes_back_once_what_it_waits_for_is_ready() {
        let plan = plan(&[vec![], vec![(0, false)]], &[1, 1], 2);
        let mut schedule = Schedule::new(&plan).unwrap();
        assert_eq!(schedule.next(), Some(0));
        schedule.made(0);
        assert_eq!(schedule.next(), Some(1));
        assert!(schedule.defer(1, &plan.steps[0].object));
        assert_eq!(schedule.next(), None);
        schedule.ready(0);
        assert_eq!(schedule.next(), Some(1));
    }
}
