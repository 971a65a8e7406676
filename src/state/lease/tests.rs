//! Tests of holding a state, on the store in memory.

use futures::future::join_all;

use super::*;
use crate::base::{Address, ObjectId, PhysicalId};
use crate::state::{
    memory::{MemoryStore, WriteFault},
    model::Outcome,
    store::{Holder, StateKey, Store},
    story::{create_intended, planned, started},
};

fn key() -> StateKey {
    StateKey::new("shop", "test").unwrap()
}

async fn held(store: &MemoryStore) -> Result<Lease, StoreError> {
    store.acquire(&key(), &Holder::new("ann", "desk", "provision apply")).await
}

fn object(number: usize) -> ObjectId {
    Address::root(format!("vpc_{number}")).generation(1)
}

fn create(number: usize) -> EntryKind {
    create_intended(object(number), planned(0))
}

fn made(number: usize) -> EntryKind {
    EntryKind::Made { object: object(number), id: PhysicalId(number.to_string()), observed: serde_json::Value::Null }
}

fn ended() -> EntryKind {
    EntryKind::RunEnded { outcome: Outcome::Done }
}

#[tokio::test(start_paused = true)]
async fn entries_that_wait_are_written_together() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    lease.append(started()).await.unwrap();
    let results = join_all((0..1000).map(|number| lease.append(create(number)))).await;
    assert!(results.iter().all(Result::is_ok));
    assert!(store.writes() <= 4, "{} writes for 1,001 entries", store.writes());
    let found: Vec<u64> = store.journal(&key()).iter().map(|entry| entry.serial).collect();
    assert_eq!(found, (1..=1001).collect::<Vec<u64>>());
    assert_eq!(lease.with_state(|state| state.objects.len()), 1000);
}

#[tokio::test(start_paused = true)]
async fn entries_about_one_object_keep_their_order() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    let results = tokio::join!(
        lease.append(started()),
        lease.append(create(1)),
        lease.append(create(2)),
        lease.append(made(1)),
        lease.append(made(2)),
        lease.append(EntryKind::Committed),
        lease.append(EntryKind::Undoing),
    );
    assert!(matches!(results, (Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Ok(()), Err(StoreError::Illegal(_)))));
    assert_eq!(store.writes(), 4, "start; two creates; two answers; commit");
}

#[tokio::test(start_paused = true)]
async fn an_illegal_entry_is_refused_before_it_is_written() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    assert!(matches!(lease.append(create(1)).await, Err(StoreError::Illegal(_))));
    assert_eq!(store.writes(), 0);
    lease.append(started()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_loses_the_lease_and_the_next_holder_reads_what_is_there() {
    for (fault, kept) in [(WriteFault::FailBefore, 1), (WriteFault::FailAfter, 2)] {
        let store = MemoryStore::new();
        store.inject(2, fault);
        let lease = held(&store).await.unwrap();
        lease.append(started()).await.unwrap();
        let (first, second) = tokio::join!(lease.append(create(1)), lease.append(create(2)));
        assert!(matches!((first, second), (Err(StoreError::Io { .. }), Err(StoreError::Lost(_)))));
        assert!(matches!(lease.append(create(3)).await, Err(StoreError::Lost(_))));
        assert_eq!(lease.with_state(|state| state.serial), 1, "nothing counts before it is durable");
        assert!(lease.release().await.is_ok(), "an open run is left as it is");
        let next = held(&store).await.unwrap();
        assert_eq!(next.with_state(|state| state.serial), kept);
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_at_any_write_leaves_the_entries_before_it() {
    for (fault, extra) in [(WriteFault::KillBefore, 0), (WriteFault::KillAfter, 1)] {
        for nth in 1..=4 {
            let store = MemoryStore::new();
            store.inject(nth, fault);
            let run = async {
                let lease = held(&store).await.unwrap();
                for kind in [started(), EntryKind::Committed, ended()] {
                    lease.append(kind).await.unwrap();
                }
                lease.release().await.unwrap();
            };
            tokio::select! {
                () = run => panic!("write {nth} was to be killed"),
                () = store.killed() => {}
            }
            let found = store.survivor().read(&key()).await.unwrap().map_or(0, |state| state.serial);
            assert_eq!(found, (nth - 1 + extra).min(3));
            assert!(held(&store.survivor()).await.is_ok(), "a dead holder holds nothing");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_leases_never_coexist_and_a_lost_one_cannot_write() {
    let store = MemoryStore::new();
    let first = held(&store).await.unwrap();
    let refusal = held(&store).await.map(|_| ()).unwrap_err().to_string();
    assert!(refusal.starts_with("the state is locked by ann on desk (`provision apply`, process "), "{refusal}");
    assert_eq!(store.unlock(&key()).await.unwrap().unwrap().user, "ann");
    let second = held(&store).await.unwrap();
    assert!(matches!(first.append(started()).await, Err(StoreError::Lost(_))));
    drop(first);
    assert!(held(&store).await.is_err(), "the end of a lost lease frees nobody else's lock");
    second.append(started()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_cut_off_can_still_be_taken_back() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    for kind in [
        started(),
        create(1),
        made(1),
        EntryKind::Broken { object: object(1), why: "why".to_owned(), failed: false },
        ended(),
    ] {
        lease.append(kind).await.unwrap();
    }
    lease.release().await.unwrap();
    let lease = held(&store).await.unwrap();
    let base = lease.with_state(Clone::clone);
    for kind in [started(), create(2), EntryKind::Gone { object: object(1) }] {
        lease.append(kind).await.unwrap();
    }
    assert_eq!(lease.before(), base);
    lease.release().await.unwrap();
    let lease = held(&store).await.unwrap();
    assert_eq!(lease.before(), base, "releasing an open run does not fold its journal");
    for kind in [EntryKind::NotDone { object: object(2) }, EntryKind::Undoing, ended()] {
        lease.append(kind).await.unwrap();
    }
    assert_eq!(lease.before(), lease.with_state(Clone::clone), "no run is open");
    lease.release().await.unwrap();
    assert!(store.journal(&key()).is_empty());
    assert_eq!(store.previous(&key()).await.unwrap(), Some(base));
}

#[tokio::test(start_paused = true)]
async fn an_append_that_is_dropped_while_it_waits_is_not_written() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    lease.append(started()).await.unwrap();
    let mut waiting = Box::pin(lease.append(create(2)));
    let first = async {
        let mut first = Box::pin(lease.append(create(1)));
        // The first has the journal; the second only joins the queue, and goes away.
        assert!(futures::poll!(&mut first).is_pending());
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(waiting);
        first.await
    };
    first.await.unwrap();
    lease.append(create(3)).await.unwrap();
    assert!(
        lease.with_state(|state| !state.objects.contains_key(&object(2)) && state.objects.contains_key(&object(3)))
    );
}

#[tokio::test(start_paused = true)]
async fn an_append_that_is_dropped_while_it_is_written_loses_the_lease() {
    let store = MemoryStore::new();
    let lease = held(&store).await.unwrap();
    {
        let mut writing = Box::pin(lease.append(started()));
        assert!(futures::poll!(&mut writing).is_pending());
    }
    assert!(matches!(lease.append(started()).await, Err(StoreError::Lost(_))));
}
