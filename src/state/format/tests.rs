//! Tests of reading what was written, and what was not.

use proptest::prelude::*;

use super::*;
use crate::state::story::{empty, entry, proposals, started, told};

/// A checkpoint in the middle of a story, the journal of the rest of it, and the states after each line.
fn stored(proposals: &[(u8, u8)]) -> (String, String, Vec<State>) {
    let (entries, _) = told(proposals);
    let (first, rest) = entries.split_at(entries.len() / 3);
    let mut state = empty();
    first.iter().for_each(|entry| state.apply(entry).unwrap());
    let checkpoint = write_checkpoint(&state).unwrap();
    let mut journal = write_journal_head(&state).unwrap();
    let mut states = vec![state.clone()];
    for group in rest.chunks(3) {
        journal += &write_entries(group).unwrap();
        group.iter().for_each(|entry| state.apply(entry).unwrap());
        states.push(state.clone());
    }
    (checkpoint, journal, states)
}

/// A story that leaves a dozen entries.
fn short_story() -> Vec<(u8, u8)> {
    (0..40_u8).map(|a| (a.wrapping_mul(7), a.wrapping_mul(31))).collect()
}

fn read(checkpoint: &[u8], journal: &[u8]) -> Result<State, FormatError> {
    Ok(replay(read_checkpoint(checkpoint)?, &read_journal(journal)?)?.into_state())
}

proptest! {
    #[test]
    fn what_was_written_reads_back(proposals in proposals()) {
        let (checkpoint, journal, states) = stored(&proposals);
        let found = read(checkpoint.as_bytes(), journal.as_bytes());
        prop_assert_eq!(found.as_ref(), Ok(states.last().unwrap()));
    }

    #[test]
    fn no_bytes_panic(bytes in any::<Vec<u8>>(), text in "[{}\\[\\]\":,a-z0-9\n]{0,200}") {
        for bytes in [&bytes[..], text.as_bytes()] {
            prop_assert!(read_checkpoint(bytes).is_err());
            let _ = read_journal(bytes);
            let _ = read_journal(&[write_journal_head(&empty()).unwrap().as_bytes(), bytes, b"\n{}\n"].concat());
        }
    }
}

#[test]
fn a_checkpoint_that_is_cut_anywhere_is_refused() {
    let (checkpoint, ..) = stored(&short_story());
    for length in 0..checkpoint.len() {
        let error = read_checkpoint(&checkpoint.as_bytes()[..length]).expect_err("a part is not the whole");
        let expected = if length == 0 { FormatError::Empty } else { FormatError::Cut };
        assert_eq!(error, expected, "cut after {length} bytes");
    }
}

#[test]
fn a_journal_that_is_cut_anywhere_loses_only_the_write_that_was_cut() {
    let (checkpoint, journal, states) = stored(&short_story());
    let checkpoint = read_checkpoint(checkpoint.as_bytes()).unwrap();
    let head = journal.find('\n').unwrap() + 1;
    assert!(read_journal(&journal.as_bytes()[..head - 1]).is_err(), "the head is written whole or not at all");
    for length in head..=journal.len() {
        let cut = &journal.as_bytes()[..length];
        let found = read_journal(cut).unwrap();
        let lines = cut.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(found.is_torn, !cut.ends_with(b"\n"));
        assert_eq!(replay(checkpoint.clone(), &found).unwrap().state(), &states[lines - 1]);
    }
}

#[test]
fn no_damage_makes_another_state() {
    let (checkpoint, journal, states) = stored(&short_story());
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut damage = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=next(3) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] ^= 1 << next(8),
                1 => drop(bytes.drain(at..(at + next(40)).min(bytes.len()))),
                2 => bytes.insert(at, b"\n{}\"0\0"[next(6)]),
                _ => bytes.extend_from_within(at..(at + 200).min(text.len().min(bytes.len())).max(at)),
            }
        }
        bytes
    };
    let mut refused = 0;
    for _ in 0..10_000 {
        let (damaged, torn) = (damage(&checkpoint), damage(&journal));
        if let Ok(state) = read_checkpoint(&damaged) {
            assert_eq!(state, states[0], "the checksum covers everything but the head");
        }
        match read(checkpoint.as_bytes(), &torn) {
            Ok(state) => assert!(states.contains(&state), "only the end of a journal may be lost"),
            Err(_) => refused += 1,
        }
    }
    println!("10,000 damaged checkpoints and journals: {refused} journals refused, the others cut at a write");
}

#[test]
fn each_kind_of_damage_has_its_own_words() {
    let (checkpoint, journal, _) = stored(&short_story());
    let state = read_checkpoint(checkpoint.as_bytes()).unwrap();
    let words = |bytes: &str| read_checkpoint(bytes.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        words(&checkpoint.replace("\"version\":2", "\"version\":7").replace("\"lineage\"", "\"new\"")),
        "was written by a newer provision (format version 7; this program reads up to 2)"
    );
    assert!(words(&checkpoint.replace("test", "prod")).starts_with("does not match its checksum"));
    assert_eq!(words("resource \"aws_vpc\" {}\n"), "is not a state of provision");
    let words = |bytes: &str| read(checkpoint.as_bytes(), bytes.as_bytes()).unwrap_err().to_string();
    let torn = journal.replacen("\"serial\"", "\"cereal\"", 1);
    assert_eq!(words(&torn), "is damaged in line 2: it does not match its checksum");
    let without_line_3: Vec<&str> =
        journal.lines().enumerate().filter(|(at, _)| *at != 2).map(|(_, line)| line).collect();
    assert!(words(&(without_line_3.join("\n") + "\n")).starts_with("has a gap: entry "));
    assert!(words(&journal.replacen(&state.lineage, "another", 1)).starts_with("belongs to another state"));
    let illegal = write_journal_head(&state).unwrap() + &write_entries(&[entry(state.serial + 1, ghost())]).unwrap();
    assert!(words(&illegal).contains("there is no such object"), "{}", words(&illegal));
}

fn ghost() -> super::super::EntryKind {
    super::super::EntryKind::Forgotten { object: crate::base::Address::root("ghost").generation(1) }
}

#[test]
fn a_deep_document_with_a_right_checksum_is_refused_without_a_crash() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let body = write_checkpoint(&empty())
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .replace("\"outputs\":{}", &format!("\"outputs\":{deep}"));
    let head = format!(
        "{{\"format\":\"{STATE_FORMAT}\",\"version\":2,\"checksum\":\"{}\",\"state\":",
        sha256(body.as_bytes())
    );
    let error = read_checkpoint(format!("{head}\n{body}\n}}\n").as_bytes()).unwrap_err();
    assert!(matches!(error, FormatError::Content(_)), "{error}");
}

#[test]
fn a_journal_whose_entries_are_in_the_checkpoint_already_adds_nothing() {
    let (mut state, begun) = (empty(), empty());
    let first = entry(1, started());
    state.apply(&first).unwrap();
    let journal = write_journal_head(&begun).unwrap() + &write_entries(&[first]).unwrap();
    let journal = read_journal(journal.as_bytes()).unwrap();
    assert_eq!(replay(state.clone(), &journal).unwrap().state(), &state);
    let lost = State { serial: 7, ..empty() };
    let later = read_journal(write_journal_head(&lost).unwrap().as_bytes()).unwrap();
    assert_eq!(replay(state, &later).unwrap_err(), FormatError::Gap { expected: 2, found: 8 });
}

/// A state as it was written before anything could be accepted.
const VERSION_1: &str = r#"{"lineage":"0123456789abcdef","serial":3,"stack":"shop","environment":"test","identity":{"account_id":"111122223333","partition":"aws"},"salt":"00ff","objects":{"vpc#1":{"type_name":"AWS::EC2::VPC","place":{"region":"eu-central-1","role_arn":null},"id":"vpc-1","inputs":{"CidrBlock":"10.0.0.0/16"},"observed":{"VpcId":"vpc-1"},"needs":[],"kept":{"protect":false,"retain":false,"snapshot_on_delete":false},"token":"t"}},"outputs":{},"run":{"id":"run-1","command":"apply","base":0,"committed":false,"undoing":false}}"#;
/// The entries after it.
const VERSION_1_ENTRIES: &str = r#"[{"serial":4,"at":"2026-01-01T00:00:00Z","kind":{"event":"accepted","object":"vpc#1","inputs":{"CidrBlock":"10.1.0.0/16"},"needs":[],"kept":{"protect":true,"retain":false,"snapshot_on_delete":false}}}]"#;

#[test]
fn a_state_of_the_first_version_is_read_and_its_journal_gets_a_new_head() {
    let sum = |text: &str| sha256(text.as_bytes());
    let checkpoint = format!(
        "{{\"format\":\"{STATE_FORMAT}\",\"version\":1,\"checksum\":\"{}\",\"state\":\n{VERSION_1}\n}}\n",
        sum(VERSION_1)
    );
    let journal = format!(
        "{{\"format\":\"{JOURNAL_FORMAT}\",\"version\":1,\"lineage\":\"0123456789abcdef\",\"base\":3}}\n\
         {{\"checksum\":\"{}\",\"entries\":{VERSION_1_ENTRIES}}}\n",
        sum(VERSION_1_ENTRIES)
    );
    let state = read(checkpoint.as_bytes(), journal.as_bytes()).unwrap();
    let vpc = state.objects.values().next().unwrap();
    assert_eq!((vpc.inputs["CidrBlock"].as_str(), vpc.kept.protect), (Some("10.1.0.0/16"), true));
    assert!(vpc.accepted.is_empty());
    let torn = journal + "{\"checksum\":";
    let renewed = renew_journal(torn.as_bytes(), &read_journal(torn.as_bytes()).unwrap()).unwrap();
    let newer = read_journal(&renewed).unwrap();
    assert_eq!((newer.version, newer.is_torn), (VERSION, false));
    assert_eq!(replay(read_checkpoint(checkpoint.as_bytes()).unwrap(), &newer).unwrap().state(), &state);
}
