//! Random legal entries, for the tests of everything that writes, reads or applies them. Any bytes make a story: each
//! proposes an entry, and those that the state allows are told.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::model::{
    Command, Deviation, Entry, EntryKind, Intent, IntentAction, Kept, Object, Outcome, State, StoredOutput,
};
use crate::base::{Address, Identity, Key, ObjectId, PhysicalId, Place, Token};

/// What the proposals are made of.
pub fn proposals() -> impl Strategy<Value = Vec<(u8, u8)>> {
    prop::collection::vec(any::<(u8, u8)>(), 0..100)
}

/// An empty state.
pub fn empty() -> State {
    State::new("shop", "test", "0123456789abcdef", "00ff")
}

/// The legal among the proposals, and the state that they lead to.
pub fn told(proposals: &[(u8, u8)]) -> (Vec<Entry>, State) {
    let (mut entries, mut state) = (Vec::new(), empty());
    for proposal in proposals {
        let kind = proposed(*proposal);
        // Without this, most stories would end before anything has happened.
        let kind = if state.run.is_none() { started() } else { kind };
        if state.check(&kind).is_ok() {
            let entry = entry(state.serial + 1, kind);
            state.apply(&entry).expect("what is checked can be applied");
            entries.push(entry);
        }
    }
    (entries, state)
}

/// The entry with this number.
pub fn entry(serial: u64, kind: EntryKind) -> Entry {
    Entry { serial, at: "2026-01-01T00:00:00Z".to_owned(), kind }
}

/// A run begins.
pub fn started() -> EntryKind {
    let identity = Identity { account_id: "111122223333".to_owned(), partition: "aws".to_owned() };
    EntryKind::RunStarted { id: "run-1".to_owned(), command: Command::Apply, identity }
}

/// One of six objects: two addresses in three generations.
pub fn object(number: u8) -> ObjectId {
    let address = Address::root("vpc");
    let address = if number.is_multiple_of(2) { address } else { address.instance(Key::Name("a \"b\"".to_owned())) };
    address.generation(u32::from(number / 2 % 3) + 1)
}

/// A create of `new` is about to be sent.
pub fn create_intended(object: ObjectId, new: Object) -> EntryKind {
    EntryKind::CreateIntended { object, new: Box::new(new) }
}

/// An object as its create intent makes it.
pub fn planned(number: u8) -> Object {
    Object {
        type_name: "AWS::EC2::VPC".to_owned(),
        place: Place { region: "eu-central-1".to_owned(), role_arn: None },
        id: None,
        inputs: document(number),
        observed: Json::Null,
        accepted: Vec::new(),
        needs: BTreeSet::from([object(number.wrapping_add(1))]),
        kept: Kept { protect: number.is_multiple_of(2), ..Kept::default() },
        token: token(number),
        broken: None,
        intent: Some(intent(IntentAction::Create, number)),
    }
}

/// A call that is about to be made.
pub fn intent(action: IntentAction, number: u8) -> Intent {
    let paths = vec!["CidrBlock".parse().unwrap(), "Tags[1].Value".parse().unwrap(), "No.Such".parse().unwrap()];
    Intent { action, token: token(number), want: document(number), paths, before: document(number.wrapping_add(1)) }
}

/// What was accepted of an object; of every third nothing.
pub fn accepted(number: u8) -> Vec<Deviation> {
    let path = "Tags[0].Value".parse().unwrap();
    let deviation = Deviation { path, wanted: number.into(), live: Json::from(vec![number]) };
    if number.is_multiple_of(3) { Vec::new() } else { vec![deviation] }
}

fn token(number: u8) -> Token {
    Token(format!("{number:032}"))
}

fn document(number: u8) -> Json {
    json!({
        "CidrBlock": format!("10.{number}.0.0/16"),
        "Ratio": f64::from(number) / 7.0,
        "Tags": [{"Key": "a\u{2028}\n", "Value": number}, {"Key": "secret", "Value": {"$sealed": "argon2id$x"}}],
    })
}

/// Any entry, legal or not.
pub fn proposed((what, which): (u8, u8)) -> EntryKind {
    let object = object(which % 6);
    let other = self::object(which / 6);
    let number = which / 6;
    let (inputs, observed) = (document(number), document(number.wrapping_add(9)));
    let (needs, kept, accepted) = (BTreeSet::from([other.clone()]), Kept::default(), accepted(which));
    let id = PhysicalId(format!("vpc-{}", object.generation));
    let change = |action| EntryKind::ChangeIntended { object: object.clone(), intent: intent(action, number) };
    match what % 24 {
        0 => started(),
        1 | 2 => create_intended(object, planned(number)),
        3 | 4 => change(IntentAction::Update),
        5 => change(IntentAction::Delete),
        6..=8 => EntryKind::Made { object, id, observed },
        9..=12 => EntryKind::Ready { object, inputs, observed, needs, kept, accepted },
        13 => EntryKind::NotDone { object },
        14 => EntryKind::Broken { object, why: "it ended `failed`".to_owned(), failed: true },
        15 => EntryKind::Gone { object },
        16 => {
            let new = Box::new(Object { id: Some(id), intent: None, ..planned(number) });
            EntryKind::Adopted { object, new }
        }
        17 => EntryKind::Forgotten { object },
        18 => EntryKind::Moved { from: object, to: other },
        19 => EntryKind::Observed { object, observed },
        20 => EntryKind::Accepted { object, inputs, needs, kept, accepted },
        21 => {
            let output = StoredOutput { value: inputs, description: None, sensitive: false };
            EntryKind::Outputs { outputs: BTreeMap::from([("vpc".to_owned(), output)]) }
        }
        22 if number.is_multiple_of(3) => EntryKind::Committed,
        22 if number % 3 == 1 => EntryKind::Undoing,
        _ => EntryKind::RunEnded { outcome: Outcome::Partial },
    }
}
