//! Objects that were damaged, mixed up, or taken away.

use super::*;

fn damage(error: StoreError) -> (String, String) {
    match error {
        StoreError::Damaged { what, help } => (what, help),
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn damage_is_refused_and_the_previous_generation_named() {
    let file = "team/shop/test.json";
    let bucket = used().await;
    let whole = bucket.text(file).await;
    for (text, words) in [("", "is empty (0 bytes)"), (&whole[..whole.len() / 2], "is cut off: its end is missing")] {
        bucket.write(file, text).await;
        let (what, help) = damage(bucket.states().read(&key()).await.unwrap_err());
        assert_eq!(what, format!("`s3://bucket/{file}` {words}"));
        assert!(
            help.contains("test.previous.json` is whole and holds the state before the last run (serial 0)"),
            "{help}"
        );
        assert!(help.contains("move what is in `s3://bucket/team/shop/test.journal` aside"), "{help}");
        assert!(hold(&bucket.states(), "ann").await.is_err(), "nor can it be changed");
        assert!(hold(&bucket.states(), "ann").await.is_err(), "and nobody holds it for that");
    }
    bucket.delete(file).await;
    let (what, _) = damage(bucket.states().read(&key()).await.unwrap_err());
    assert!(what.ends_with("is missing, but its journal is there"), "{what}");
    bucket.write(file, whole.replace("\"version\":2", "\"version\":3")).await;
    let (what, help) = damage(bucket.states().read(&key()).await.unwrap_err());
    assert!(what.contains("written by a newer provision (format version 3"), "{what}");
    assert!(help.contains("install a newer version"), "{help}");
    bucket.write("team/shop/prod.json", whole.clone()).await;
    let (what, _) = damage(bucket.states().read(&StateKey::new("shop", "prod").unwrap()).await.unwrap_err());
    assert!(what.ends_with("prod.json` is the state of `shop/test`, not of `shop/prod`"), "{what}");
    bucket.write(file, whole).await;
    hold(&bucket.states(), "ann").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_journal_with_a_gap_a_cut_or_another_states_entries_is_refused() {
    let part = |number: u64| format!("team/shop/test.journal/{number:020}");
    let crashed = async || {
        let bucket = used().await;
        drop(run(&bucket.states(), [started(), create(1), not_done(1)]).await.unwrap());
        bucket
    };
    let bucket = crashed().await;
    bucket.delete(&part(6)).await;
    let (what, _) = damage(bucket.states().read(&key()).await.unwrap_err());
    assert!(what.ends_with("has a gap: entry 6 is missing, the next one is 7"), "{what}");

    let bucket = crashed().await;
    let text = bucket.text(&part(6)).await;
    bucket.write(&part(6), &text[..text.len() - 9]).await;
    let (what, _) = damage(bucket.states().read(&key()).await.unwrap_err());
    assert!(what.starts_with(&format!("`s3://bucket/{}` does not match its checksum", part(6))), "{what}");

    let bucket = crashed().await;
    bucket.write(&part(7), used().await.text(&part(4)).await).await;
    let (what, _) = damage(bucket.states().read(&key()).await.unwrap_err());
    assert!(what.contains("belongs to another state (lineage `"), "{what}");

    // What has no number is nobody's.
    let bucket = crashed().await;
    bucket.write("team/shop/test.journal/notes.txt", "call ann").await;
    assert_eq!(state(&bucket).await.serial, 7);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_read_is_refused_and_a_missing_one_is_fenced() {
    let bucket = used().await;
    for (text, words) in [
        ("{", "is not a lease of provision"),
        ("{\"format\":\"provision-lease\",\"version\":2}", "was written by a newer provision"),
    ] {
        bucket.write("team/shop/test.lease", text).await;
        let (what, _) = damage(hold(&bucket.states(), "ann").await.map(|_| ()).unwrap_err());
        assert_eq!(what, format!("`s3://bucket/team/shop/test.lease` {words}"));
    }
    bucket.delete("team/shop/test.lease").await;
    let lease = hold(&bucket.states(), "ann").await.unwrap();
    assert!(bucket.names().await.contains(&"team/shop/test.journal/00000000000000000005".to_owned()));
    lease.append(started()).await.unwrap();
}
