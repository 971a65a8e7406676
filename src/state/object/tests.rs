//! Tests of states in a bucket: several processes, under the tests' clock.

mod bucket;
mod damage;
mod takeover;

use std::time::Duration;

use futures::{future::join_all, poll};
use tokio::time::{advance, sleep};

use super::*;
use crate::{
    base::{Address, ObjectId, PhysicalId},
    state::{
        Object,
        model::{EntryKind, Outcome},
        story::{create_intended, planned, started},
    },
};
use bucket::{Bucket, Fault, Line};

fn key() -> StateKey {
    StateKey::new("shop", "test").unwrap()
}

fn holder(user: &str) -> Holder {
    Holder { since: "2026-01-01T00:00:00Z".to_owned(), pid: 7, ..Holder::new(user, "desk", "provision apply") }
}

fn ended() -> EntryKind {
    EntryKind::RunEnded { outcome: Outcome::Done }
}

fn object(number: usize) -> ObjectId {
    Address::root(format!("vpc_{number}")).generation(1)
}

fn create(number: usize) -> EntryKind {
    create_intended(object(number), planned(0))
}

fn not_done(number: usize) -> EntryKind {
    EntryKind::NotDone { object: object(number) }
}

fn adopted(number: usize) -> EntryKind {
    let id = Some(PhysicalId(number.to_string()));
    EntryKind::Adopted { object: object(number), new: Box::new(Object { id, intent: None, ..planned(0) }) }
}

async fn hold(states: &ObjectStates, user: &str) -> Result<Lease, StoreError> {
    states.acquire(&key(), &holder(user)).await
}

async fn run(states: &ObjectStates, kinds: impl IntoIterator<Item = EntryKind>) -> Result<Lease, StoreError> {
    let lease = hold(states, "ann").await?;
    for kind in kinds {
        lease.append(kind).await?;
    }
    Ok(lease)
}

/// A bucket with a state in it, of which one run has ended.
async fn used() -> Bucket {
    let bucket = Bucket::new();
    let lease = run(&bucket.states(), [started(), create(1), not_done(1), ended()]).await.unwrap();
    lease.release().await.unwrap();
    bucket
}

async fn state(bucket: &Bucket) -> State {
    bucket.states().read(&key()).await.unwrap().unwrap()
}

fn refusal<T>(result: Result<T, StoreError>) -> String {
    result.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test(start_paused = true)]
async fn a_state_is_there_again_after_release_and_after_a_crash() {
    let bucket = used().await;
    let states = bucket.states();
    let before = state(&bucket).await;
    assert_eq!((before.serial, states.previous(&key()).await.unwrap().unwrap().serial), (4, 0));
    let crashed = run(&states, [started(), create(2)]).await.unwrap();
    let live = crashed.with_state(Clone::clone);
    assert_eq!(state(&bucket).await, live, "what is kept can be read by everybody");
    drop(crashed);
    advance(lease::EXPIRY).await;
    let lease = hold(&states, "bob").await.unwrap();
    assert_eq!((lease.with_state(Clone::clone), lease.before()), (live, before));
    assert_eq!(states.list().await.unwrap(), [key()]);
    let other = StateKey::new("shop", "other").unwrap();
    assert_eq!(states.read(&other).await.unwrap(), None);
    assert_eq!(states.previous(&other).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn nothing_but_the_lease_is_written_before_the_first_entry() {
    let bucket = Bucket::new();
    let lease = hold(&bucket.states(), "ann").await.unwrap();
    assert_eq!(bucket.names().await, ["team/shop/test.lease"]);
    lease.release().await.unwrap();
    assert_eq!(bucket.names().await, ["team/shop/test.lease"]);
    assert_eq!(bucket.states().list().await.unwrap(), []);
    assert_eq!(bucket.states().read(&key()).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_release_leaves_two_generations_and_the_last_number() {
    let bucket = used().await;
    let names = ["test.journal/00000000000000000004", "test.json", "test.lease", "test.previous.json"];
    let names = names.map(|name| format!("team/shop/{name}"));
    assert_eq!(bucket.names().await, names);
    // Not even that is there for nothing to be written.
    hold(&bucket.states(), "bob").await.unwrap().release().await.unwrap();
    assert_eq!(bucket.names().await, names);
    run(&bucket.states(), [started(), ended()]).await.unwrap().release().await.unwrap();
    assert_eq!(
        bucket.names().await[0],
        "team/shop/test.journal/00000000000000000006",
        "numbers are never given out twice"
    );
}

#[tokio::test(start_paused = true)]
async fn entries_that_wait_share_one_object() {
    let bucket = Bucket::new();
    let lease = run(&bucket.states(), [started()]).await.unwrap();
    join_all((0..100).map(|number| lease.append(create(number)))).await.into_iter().for_each(Result::unwrap);
    let parts = bucket.names().await.iter().filter(|name| name.contains("journal")).count();
    assert!(parts <= 3, "{parts} objects for 101 entries");
    assert_eq!(state(&bucket).await, lease.with_state(Clone::clone));
}

#[tokio::test(start_paused = true)]
async fn a_state_has_one_holder_who_is_named_to_everybody_else() {
    let bucket = used().await;
    let (ann, bob) = (bucket.states(), bucket.states());
    let lease = hold(&ann, "ann").await.unwrap();
    advance(Duration::from_secs(9)).await;
    let expected = "the state is locked by ann on desk (`provision apply`, process 7) since 2026-01-01T00:00:00Z, last heard \
                    of 9 s ago";
    assert_eq!(refusal(hold(&bob, "bob").await), expected);
    assert_eq!(refusal(bob.unlock(&key()).await), expected, "the holder is alive");
    lease.release().await.unwrap();
    assert_eq!(bob.unlock(&key()).await.unwrap(), None, "who lets go is not named any more");
    hold(&bob, "bob").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_keeps_the_lease_for_as_long_as_it_takes() {
    let bucket = used().await;
    let lease = hold(&bucket.states(), "ann").await.unwrap();
    for _ in 0..20 {
        sleep(Duration::from_secs(29)).await;
        assert!(matches!(hold(&bucket.states(), "bob").await, Err(StoreError::Locked { .. })));
    }
    lease.append(started()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_dead_holders_lease_ends_by_itself_within_a_minute() {
    for heard in [0, 7, 14, 15, 16, 29, 44, 100] {
        let bucket = used().await;
        let lease = hold(&bucket.states(), "ann").await.unwrap();
        sleep(Duration::from_secs(heard)).await;
        drop(lease);
        assert!(matches!(hold(&bucket.states(), "bob").await, Err(StoreError::Locked { .. })), "{heard}");
        sleep(Duration::from_secs(60)).await;
        hold(&bucket.states(), "bob").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn unlock_shows_who_is_gone_and_ends_the_lease() {
    let bucket = used().await;
    let line = bucket.line();
    let gone = run(&line.states(), [started()]).await.unwrap();
    line.stop();
    sleep(Duration::from_secs(50)).await;
    assert_eq!(bucket.states().unlock(&key()).await.unwrap(), Some(holder("ann")));
    assert_eq!(bucket.states().unlock(&key()).await.unwrap(), None);
    let next = hold(&bucket.states(), "bob").await.unwrap();
    assert_eq!(next.with_state(|state| state.serial), 5);
    line.go_on();
    let lost = refusal(gone.append(create(1)).await);
    assert_eq!(lost, "the lease on the state was lost: bob on desk (`provision apply`, process 7) took it over");
    next.append(create(2)).await.unwrap();
}

/// Two runs, the first of which is released. Counts the entries that were acknowledged.
async fn two_runs(line: &Line, acknowledged: &mut u64) -> Result<(), StoreError> {
    let states = line.states();
    for kinds in [vec![started(), create(1), not_done(1), ended()], vec![started(), create(2)]] {
        let lease = hold(&states, "ann").await?;
        for kind in kinds {
            if let Err(error) = lease.append(kind).await {
                drop(lease.release().await);
                return Err(error);
            }
            *acknowledged += 1;
        }
        lease.release().await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn whatever_write_fails_or_kills_every_acknowledged_entry_is_there() {
    let whole = Bucket::new().line();
    two_runs(&whole, &mut 0).await.unwrap();
    let writes = whole.writes();
    let faults =
        [Fault::FailBefore, Fault::FailAfter, Fault::KillBefore, Fault::KillAfter, Fault::Repeat, Fault::Conflict];
    for fault in faults {
        for nth in 1..=writes {
            let (bucket, mut acknowledged) = (Bucket::new(), 0);
            let line = bucket.line();
            line.inject(nth, fault);
            let result = tokio::select! {
                result = two_runs(&line, &mut acknowledged) => Some(result),
                () = line.killed() => None,
            };
            if matches!(fault, Fault::Repeat | Fault::Conflict | Fault::FailAfter) {
                // A conflict of the unconditional put of the previous generation does not occur.
                let is_fine = matches!(result, Some(Ok(()))) || acknowledged >= 4;
                assert!(is_fine, "{fault:?} at {nth}: {result:?}");
            }
            let serial = bucket.states().read(&key()).await.unwrap().map_or(0, |state| state.serial);
            assert!(
                (acknowledged..=acknowledged + 1).contains(&serial),
                "{fault:?} at {nth}: {serial} of {acknowledged}"
            );
            // And it goes on from there, within a minute.
            sleep(Duration::from_secs(60)).await;
            let next = hold(&bucket.states(), "bob").await.unwrap();
            let found = next.with_state(|state| state.serial);
            assert!((serial..=acknowledged + 1).contains(&found), "{fault:?} at {nth}: {found} of {acknowledged}");
            let is_open = next.with_state(|state| state.run.is_some());
            next.append(if is_open { EntryKind::Outputs { outputs: Default::default() } } else { started() })
                .await
                .unwrap();
            assert_eq!(state(&bucket).await, next.with_state(Clone::clone));
        }
    }
    println!("{writes} writes, each broken in {} ways: every acknowledged entry is there", faults.len());
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_frees_the_state_at_once_and_the_next_holder_puts_a_fence() {
    let bucket = used().await;
    let line = bucket.line();
    let lease = run(&line.states(), [started()]).await.unwrap();
    line.inject(1, Fault::FailBefore);
    let failed = refusal(lease.append(create(1)).await);
    assert!(
        failed.contains("cannot write `s3://bucket/team/shop/test.journal/00000000000000000006`: injected"),
        "{failed}"
    );
    lease.release().await.unwrap();
    let next = hold(&bucket.states(), "bob").await.unwrap();
    assert!(bucket.names().await.contains(&"team/shop/test.journal/00000000000000000006".to_owned()));
    next.append(create(1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_reads_while_others_write_sees_a_state_that_was() {
    let bucket = used().await;
    let writer = async {
        for _ in 0..30 {
            run(&bucket.states(), [started(), create(1), not_done(1), ended()]).await.unwrap().release().await.unwrap();
        }
    };
    let reader = async {
        let mut last = 0;
        for _ in 0..300 {
            let serial = bucket.states().read(&key()).await.unwrap().unwrap().serial;
            assert!(serial >= last, "{serial} after {last}");
            last = serial;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(writer, reader);
}
