//! Tests of what may follow upon what.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    base::{Address, Identity, PhysicalId},
    state::{
        ledger::Ledger,
        model::{Command, Outcome},
        story::{accepted, create_intended, empty, entry, intent, object, planned, proposals, proposed, started, told},
    },
};

proptest! {
    #[test]
    fn a_replay_of_the_stored_entries_ends_where_the_live_run_did(proposals in proposals()) {
        let (entries, live) = told(&proposals);
        let mut replayed = empty();
        for entry in &entries {
            let stored = serde_json::to_string(entry).unwrap();
            replayed.apply(&serde_json::from_str(&stored).unwrap()).unwrap();
        }
        prop_assert_eq!(replayed, live);
    }

    #[test]
    fn a_refused_entry_changes_nothing(proposals in proposals(), next in any::<(u8, u8)>()) {
        let (_, state) = told(&proposals);
        let kind = proposed(next);
        let (mut after, check) = (state.clone(), state.check(&kind));
        let applied = after.apply(&entry(state.serial + 1, kind.clone()));
        prop_assert_eq!(&applied, &check);
        if applied.is_err() {
            prop_assert_eq!(&after, &state);
        }
        prop_assert!(after.clone().apply(&entry(after.serial, kind)).is_err(), "a number is never used twice");
    }

    #[test]
    fn an_object_has_no_id_exactly_while_its_create_may_be_lost(proposals in proposals()) {
        let (_, state) = told(&proposals);
        for (id, object) in &state.objects {
            let creating = object.intent.as_ref().is_some_and(|intent| intent.action == IntentAction::Create);
            prop_assert!(object.id.is_some() || creating, "{}", id);
        }
        prop_assert!(state.run.is_some() || state.open_intents().next().is_none());
    }

    #[test]
    fn before_is_the_state_at_the_beginning_of_the_run(proposals in proposals()) {
        let (entries, live) = told(&proposals);
        let mut ledger = Ledger::new(empty());
        entries.iter().for_each(|entry| ledger.apply(entry).unwrap());
        let base = live.run.as_ref().map_or(live.serial, |run| run.base);
        let mut expected = empty();
        entries.iter().take_while(|entry| entry.serial <= base).for_each(|entry| expected.apply(entry).unwrap());
        prop_assert_eq!(ledger.before(), expected);
        prop_assert_eq!(ledger.state(), &live);
    }
}

/// The state after these entries.
fn after(kinds: impl IntoIterator<Item = EntryKind>) -> State {
    let mut state = empty();
    kinds.into_iter().for_each(|kind| state.apply(&entry(state.serial + 1, kind)).unwrap());
    state
}

fn made(number: u8) -> EntryKind {
    EntryKind::Made { object: object(number), id: PhysicalId("vpc-1".to_owned()), observed: json!({}) }
}

fn broken(number: u8) -> EntryKind {
    EntryKind::Broken { object: object(number), why: "why".to_owned(), failed: false }
}

fn change(number: u8, action: IntentAction) -> EntryKind {
    EntryKind::ChangeIntended { object: object(number), intent: intent(action, number) }
}

#[test]
fn each_rule_says_which_entry_and_why() {
    let create = || create_intended(object(0), planned(0));
    let ended = || EntryKind::RunEnded { outcome: Outcome::Done };
    let not_done = || EntryKind::NotDone { object: object(0) };
    let cases = [
        (vec![], create(), "`create_intended` of `vpc#1` is not allowed: no run has been started"),
        (vec![started(), create()], create(), "there is such an object already"),
        (vec![started(), create()], change(0, IntentAction::Update), "another call is still open"),
        (vec![started()], made(0), "`made` of `vpc#1` is not allowed: there is no such object"),
        (vec![started(), create()], broken(0), "its id is not recorded"),
        (vec![started(), create(), made(0)], not_done(), "it has been made"),
        (vec![started(), create(), made(0), broken(0)], not_done(), "no call has been announced"),
        (vec![started(), create(), made(0), broken(0)], made(0), "no create has been announced"),
        (vec![started(), create()], ended(), "`run_ended` is not allowed: calls are still open"),
        (vec![started(), create()], started(), "calls of the run before are still open"),
        (vec![started(), EntryKind::Committed], EntryKind::Undoing, "only goes forward"),
        (vec![started(), EntryKind::Undoing], EntryKind::Committed, "is being undone"),
        (vec![started(), ended()], EntryKind::Committed, "no run has been started"),
    ];
    for (before, next, message) in cases {
        let refusal = after(before).check(&next).expect_err(message).to_string();
        assert!(refusal.contains(message), "{refusal}");
    }
}

#[test]
fn the_token_of_a_request_gives_way_to_the_id_and_the_id_to_nothing() {
    let provisional = EntryKind::Made { object: object(0), id: PhysicalId::of_request("r"), observed: json!({}) };
    let create = || create_intended(object(0), planned(0));
    let state = after([started(), create(), provisional.clone(), made(0)]);
    assert_eq!(state.objects[&object(0)].id, Some(PhysicalId("vpc-1".to_owned())));
    let other = EntryKind::Made { object: object(0), id: PhysicalId("vpc-2".to_owned()), observed: json!({}) };
    let refusal = state.check(&other).unwrap_err().to_string();
    assert!(refusal.contains("it is known under another id"), "{refusal}");
    // Also after the run that has sent the request was cut off.
    assert_eq!(after([started(), create(), provisional, broken(0)]).check(&made(0)), Ok(()));
}

#[test]
fn the_account_cannot_change_while_there_are_objects() {
    let elsewhere = Identity { account_id: "999900001111".to_owned(), partition: "aws".to_owned() };
    let start = EntryKind::RunStarted { id: "2".to_owned(), command: Command::Apply, identity: elsewhere };
    let mut state = after([started(), create_intended(object(0), planned(0)), made(0), broken(0)]);
    assert!(state.check(&start).unwrap_err().to_string().contains("another account"));
    state.apply(&entry(state.serial + 1, EntryKind::Gone { object: object(0) })).unwrap();
    assert_eq!(state.check(&start), Ok(()));
}

#[test]
fn a_broken_update_leaves_the_changed_paths_unknown() {
    let update = change(0, IntentAction::Update);
    let state = after([started(), create_intended(object(0), planned(0)), made(0), broken(0), update, broken(0)]);
    let inputs = &state.objects[&object(0)].inputs;
    let unknown = json!({"$unknown": true});
    assert_eq!(inputs["CidrBlock"], unknown);
    assert_eq!(inputs["Tags"][1]["Value"], unknown);
    assert_eq!(inputs["No"], unknown, "a path that was not there before");
    assert_eq!(inputs["Ratio"], json!(0.0), "what the update left alone is still known");
}

#[test]
fn a_move_takes_along_what_others_need() {
    let needing = Object { needs: [object(0)].into(), ..planned(1) };
    let needed = Object { needs: [].into(), ..planned(0) };
    let state = after([
        started(),
        create_intended(object(0), needed),
        made(0),
        broken(0),
        create_intended(object(1), needing),
        EntryKind::Moved { from: object(0), to: object(2) },
    ]);
    assert_eq!(state.dependents(), [(&object(2), [&object(1)].into())].into());
    assert_eq!(state.newest(&Address::root("vpc")).unwrap().0, &object(2));
    assert_eq!(state.next_generation(&Address::root("vpc")), object(4));
}

#[test]
fn a_document_that_could_not_be_read_back_is_refused() {
    let mut deep = json!(1);
    (0..DEEPEST + 1).for_each(|_| deep = json!([deep]));
    let observed = |observed| EntryKind::Observed { object: object(0), observed };
    let state = after([started(), create_intended(object(0), planned(0)), made(0)]);
    assert!(state.check(&observed(deep.clone())).unwrap_err().to_string().contains("too deeply"));
    let deepest = observed(deep[0].take());
    assert_eq!(state.check(&deepest), Ok(()));
    let stored = serde_json::to_string(&[entry(4, deepest)]).unwrap();
    assert!(serde_json::from_str::<Vec<Entry>>(&stored).is_ok());
}

#[test]
fn what_was_accepted_stays_until_an_outcome_says_otherwise_and_goes_with_the_object() {
    let accepting = |accepted| EntryKind::Accepted {
        object: object(0),
        inputs: json!({}),
        needs: [].into(),
        kept: Default::default(),
        accepted,
    };
    let ready = |accepted| EntryKind::Ready {
        object: object(0),
        inputs: json!({}),
        observed: json!({}),
        needs: [].into(),
        kept: Default::default(),
        accepted,
    };
    let begun = || vec![started(), create_intended(object(0), planned(0)), made(0), ready(vec![])];
    let told = |more: Vec<EntryKind>| {
        let accepting = std::iter::once(accepting(accepted(1)));
        after(begun().into_iter().chain(accepting).chain(more))
    };
    let update = || change(0, IntentAction::Update);
    assert_eq!(told(vec![update(), broken(0)]).objects[&object(0)].accepted, accepted(1));
    assert_eq!(told(vec![update(), ready(accepted(2))]).objects[&object(0)].accepted, accepted(2));
    assert_eq!(told(vec![update(), ready(vec![])]).objects[&object(0)].accepted, []);
    let moved = EntryKind::Moved { from: object(0), to: object(2) };
    assert_eq!(told(vec![moved]).objects[&object(2)].accepted, accepted(1));
    let gone = EntryKind::Gone { object: object(0) };
    let again = [gone, create_intended(object(0), planned(0))];
    assert_eq!(told(again.into()).objects[&object(0)].accepted, []);
    let deep = (0..DEEPEST + 1).fold(json!(1), |deep, _| json!([deep]));
    let accepted = vec![Deviation { path: "A".parse().unwrap(), wanted: json!(1), live: deep }];
    assert!(after(begun()).check(&accepting(accepted)).unwrap_err().to_string().contains("too deeply"));
}
