//! Holders that are stopped while others take over, and go on afterwards.

use super::*;

/// A holder is stopped for two minutes before its entry reaches the bucket, while somebody else takes over and goes on.
/// Whatever it was told is kept, and it is told nothing more.
#[tokio::test(start_paused = true)]
async fn a_holder_that_was_stopped_collides_and_nothing_of_its_entries_counts() {
    for with_others_release in [false, true] {
        let bucket = used().await;
        let line = bucket.line();
        let ann = run(&line.states(), [started(), create(1)]).await.unwrap();
        line.stop();
        let mut late = Box::pin(ann.append(create(2)));
        assert!(poll!(&mut late).is_pending());
        sleep(Duration::from_secs(120)).await;

        let bob = hold(&bucket.states(), "bob").await.unwrap();
        assert_eq!(bob.with_state(|state| state.serial), 6, "what ann was told is there");
        for kind in [not_done(1), create(3), not_done(3), ended(), started(), create(4)] {
            bob.append(kind).await.unwrap();
        }
        if with_others_release {
            for kind in [not_done(4), ended()] {
                bob.append(kind).await.unwrap();
            }
        }
        let known = bob.with_state(Clone::clone);
        if with_others_release {
            bob.release().await.unwrap();
        }
        line.go_on();
        let lost = refusal(late.await);
        assert!(lost.starts_with("the lease on the state was lost: "), "{lost}");
        assert!(matches!(ann.append(create(5)).await, Err(StoreError::Lost(_))));
        // Its run is open, so there is nothing to fold; and the lease is not its own to let go of.
        ann.release().await.unwrap();
        assert_eq!(state(&bucket).await, known);
    }
}

/// The same when it is stopped between the store's word that the entry is there and hearing of it.
#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_a_take_over_counts_for_nothing() {
    let bucket = used().await;
    let line = bucket.line();
    let ann = run(&line.states(), [started()]).await.unwrap();
    let before = line.writes();
    let mut late = Box::pin(ann.append(create(1)));
    while line.writes() == before {
        assert!(poll!(&mut late).is_pending());
        tokio::task::yield_now().await;
    }
    line.stop();
    sleep(Duration::from_secs(60)).await;
    let bob = hold(&bucket.states(), "bob").await.unwrap();
    assert_eq!(bob.with_state(|state| state.serial), 6, "bob knows of the call that ann was about to make");
    line.go_on();
    assert!(matches!(late.await, Err(StoreError::Lost(_))));
}

/// An intent may have been written long before its call leaves.
#[tokio::test(start_paused = true)]
async fn before_every_call_the_lease_is_confirmed() {
    let bucket = used().await;
    let line = bucket.line();
    let lease = run(&line.states(), [started()]).await.unwrap();
    let hold = lease.hold().unwrap();
    sleep(Duration::from_secs(200)).await;
    let writes = line.writes();
    hold.confirm().await.unwrap();
    assert_eq!(line.writes(), writes, "the heartbeat has seen to it");

    // Stopped, but nobody came.
    line.stop();
    advance(Duration::from_secs(300)).await;
    line.go_on();
    hold.confirm().await.unwrap();
    assert!(line.writes() > writes);

    line.stop();
    sleep(Duration::from_secs(60)).await;
    assert!(matches!(hold.confirm().await, Err(StoreError::Lost(_))), "nobody knows");
    let other = self::hold(&bucket.states(), "bob").await.unwrap();
    line.go_on();
    let lost = refusal(hold.confirm().await);
    assert_eq!(lost, "the lease on the state was lost: bob on desk (`provision apply`, process 7) took it over");
    other.append(create(1)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_fence_stands_for_ever_and_numbers_only_grow() {
    let bucket = used().await;
    let mut stopped = Vec::new();
    for number in 0..5 {
        let line = bucket.line();
        let states = line.states();
        let lease = hold(&states, "ann").await.unwrap();
        if lease.with_state(|state| state.run.is_none()) {
            lease.append(started()).await.unwrap();
        }
        lease.append(adopted(number)).await.unwrap();
        line.stop();
        stopped.push((line, lease));
        sleep(Duration::from_secs(60)).await;
        let other = hold(&bucket.states(), "bob").await.unwrap();
        other.append(ended()).await.unwrap();
        other.release().await.unwrap();
    }
    let known = state(&bucket).await;
    assert_eq!(known.objects.len(), 5);
    for (line, lease) in stopped {
        line.go_on();
        assert!(matches!(lease.append(adopted(9)).await, Err(StoreError::Lost(_))));
        lease.release().await.unwrap();
    }
    assert_eq!(state(&bucket).await, known);
}

#[tokio::test(start_paused = true)]
async fn of_two_first_holders_one_begins_the_state() {
    let bucket = Bucket::new();
    let line = bucket.line();
    let ann = hold(&line.states(), "ann").await.unwrap();
    line.stop();
    sleep(Duration::from_secs(60)).await;
    let bob = hold(&bucket.states(), "bob").await.unwrap();
    line.go_on();
    assert!(matches!(ann.append(started()).await, Err(StoreError::Lost(_))));
    bob.append(started()).await.unwrap();
    assert_eq!(state(&bucket).await, bob.with_state(Clone::clone));
}

#[tokio::test(start_paused = true)]
async fn a_release_that_was_stopped_half_way_spoils_nothing() {
    // The writes of a release: lease, previous, checkpoint, the journal's numbers, lease.
    for at in 1..=6 {
        let bucket = Bucket::new();
        let line = bucket.line();
        let ann = run(&line.states(), [started(), adopted(1), ended()]).await.unwrap();
        let before = line.writes();
        let mut release = Box::pin(ann.release());
        while line.writes() < before + at {
            assert!(poll!(&mut release).is_pending());
            tokio::task::yield_now().await;
        }
        line.stop();
        sleep(Duration::from_secs(60)).await;
        let bob = run(&bucket.states(), [started(), adopted(2), ended()]).await.unwrap();
        line.go_on();
        drop(release.await);
        bob.append(started()).await.unwrap();
        bob.append(ended()).await.unwrap();
        let known = bob.with_state(Clone::clone);
        bob.release().await.unwrap();
        assert_eq!(state(&bucket).await, known, "stopped after write {at}");
        assert_eq!(known.objects.len(), 2);
    }
}

/// Several processes at once, each of which takes the state, adds to it, lets go of it, dies or is stopped for minutes, at
/// random. Whatever anybody was told is in the state at the end, and no number was given out twice.
#[tokio::test(start_paused = true)]
async fn whoever_is_stopped_when_what_was_acknowledged_is_there_once() {
    let (mut told_in_all, mut lost_in_all) = (0, 0);
    for seed in 1..=60u64 {
        let bucket = Bucket::new();
        let workers = (0..4).map(|worker| {
            let bucket = bucket.clone();
            async move { work(&bucket, worker, seed * 1000 + worker as u64).await }
        });
        let results = join_all(workers).await;
        let (mut told, mut lost) = (Vec::new(), 0);
        for (numbers, losses) in results {
            told.extend(numbers);
            lost += losses;
        }
        sleep(Duration::from_secs(60)).await;
        let end = hold(&bucket.states(), "end").await.unwrap().with_state(Clone::clone);
        for number in &told {
            assert!(end.objects.contains_key(&object(*number)), "seed {seed}: {number} was acknowledged and is gone");
        }
        (told_in_all, lost_in_all) = (told_in_all + told.len(), lost_in_all + lost);
    }
    println!("60 seeds, 4 processes: {told_in_all} entries acknowledged and there, {lost_in_all} leases lost");
    assert!(told_in_all > 500 && lost_in_all > 20, "{told_in_all} {lost_in_all}");
}

async fn work(bucket: &Bucket, worker: usize, seed: u64) -> (Vec<usize>, usize) {
    let (mut random, mut told, mut lost) = (seed, Vec::new(), 0);
    let mut dice = move |sides: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % sides
    };
    for round in 0..12 {
        sleep(Duration::from_millis(dice(40_000))).await;
        let line = bucket.line();
        let stops = tokio::spawn({
            let (line, after, pause) = (line.clone(), dice(3_000), dice(4) * 40);
            async move {
                sleep(Duration::from_millis(after)).await;
                line.stop();
                sleep(Duration::from_secs(pause)).await;
                line.go_on();
            }
        });
        let Ok(lease) = hold(&line.states(), "ann").await else { continue };
        for step in 0..dice(6) as usize {
            sleep(Duration::from_millis(dice(1_000))).await;
            if lease.with_state(|state| state.run.is_none()) && lease.append(started()).await.is_err() {
                lost += 1;
                break;
            }
            let number = worker * 10_000 + round * 100 + step;
            match lease.append(adopted(number)).await {
                Ok(()) => told.push(number),
                Err(_) => {
                    lost += 1;
                    break;
                }
            }
        }
        match dice(3) {
            0 => drop(lease),
            1 => drop(lease.release().await),
            _ => {
                drop(lease.append(ended()).await);
                drop(lease.release().await);
            }
        }
        stops.await.unwrap();
    }
    (told, lost)
}
