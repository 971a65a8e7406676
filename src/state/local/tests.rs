//! Tests of states in files: on the real file system, and on one that forgets what was not synced.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, sync::Mutex};

use futures::future::join_all;

use super::*;
use crate::{
    base::Address,
    state::{
        model::{EntryKind, Outcome},
        story::{create_intended, planned, started},
    },
};

fn key() -> StateKey {
    StateKey::new("shop", "test").unwrap()
}

fn holder() -> Holder {
    Holder::new("ann", "desk", "provision apply")
}

fn ended() -> EntryKind {
    EntryKind::RunEnded { outcome: Outcome::Done }
}

fn create(number: usize) -> EntryKind {
    create_intended(Address::root(format!("vpc_{number}")).generation(1), planned(0))
}

fn not_done(number: usize) -> EntryKind {
    EntryKind::NotDone { object: Address::root(format!("vpc_{number}")).generation(1) }
}

/// A folder, a store in it, and one run with an entry or two that has ended.
async fn used() -> (tempfile::TempDir, LocalStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().join("state"));
    run(&store, [started(), create(1), not_done(1), ended()]).await.unwrap().release().await.unwrap();
    (folder, store)
}

async fn run(store: &LocalStore, kinds: impl IntoIterator<Item = EntryKind>) -> Result<Lease, StoreError> {
    let lease = store.acquire(&key(), &holder()).await?;
    for kind in kinds {
        lease.append(kind).await?;
    }
    Ok(lease)
}

fn damage(error: StoreError) -> (String, String) {
    match error {
        StoreError::Damaged { what, help } => (what, help),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_state_is_there_again_after_release_and_after_a_crash() {
    let (_folder, store) = used().await;
    let before = store.read(&key()).await.unwrap().unwrap();
    assert_eq!((before.serial, store.previous(&key()).await.unwrap().unwrap().serial), (4, 0));
    let crashed = run(&store, [started(), create(2)]).await.unwrap();
    let live = crashed.with_state(Clone::clone);
    assert_eq!(store.read(&key()).await.unwrap().unwrap(), live, "what is durable can be read without the lock");
    drop(crashed);
    let lease = run(&store, []).await.unwrap();
    assert_eq!(lease.with_state(Clone::clone), live);
    assert_eq!(lease.before(), before);
    assert_eq!(store.list().await.unwrap(), [key()]);
}

#[tokio::test]
async fn nothing_is_written_before_the_first_entry() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path());
    assert_eq!(store.read(&key()).await.unwrap(), None);
    run(&store, []).await.unwrap().release().await.unwrap();
    assert_eq!(store.list().await.unwrap(), []);
    assert_eq!(store.read(&key()).await.unwrap(), None);
}

#[tokio::test]
async fn a_state_has_one_holder_who_is_named_to_everybody_else() {
    let (_folder, store) = used().await;
    let lease = run(&store, []).await.unwrap();
    let refusal = run(&store, []).await.map(|_| ()).unwrap_err().to_string();
    let expected =
        format!("the state is locked by ann on desk (`provision apply`, process {}) since 20", std::process::id());
    assert!(refusal.starts_with(&expected), "{refusal}");
    assert!(matches!(store.unlock(&key()).await, Err(StoreError::Locked { .. })), "the holder is alive");
    drop(lease);
    assert_eq!(store.unlock(&key()).await.unwrap(), None, "who lets go leaves no note");
    run(&store, []).await.unwrap();
}

#[tokio::test]
async fn the_note_of_a_dead_holder_is_shown_and_holds_nobody_up() {
    let (folder, store) = used().await;
    fs::write(folder.path().join("state/shop/test.lock"), serde_json::to_vec(&holder()).unwrap()).unwrap();
    assert_eq!(store.unlock(&key()).await.unwrap().unwrap().user, "ann");
    assert_eq!(store.unlock(&key()).await.unwrap(), None);
    run(&store, []).await.unwrap();
}

#[tokio::test]
async fn damage_is_refused_and_the_previous_generation_named() {
    let (folder, store) = used().await;
    let file = folder.path().join("state/shop/test.json");
    let whole = fs::read(&file).unwrap();
    for (bytes, words) in
        [(&b""[..], "is empty (0 bytes)"), (&whole[..whole.len() / 2], "is cut off: its end is missing")]
    {
        fs::write(&file, bytes).unwrap();
        let (what, help) = damage(store.read(&key()).await.unwrap_err());
        assert_eq!(what, format!("`{}` {words}", file.display()));
        assert!(
            help.contains("test.previous.json` is whole and holds the state before the last run (serial 0)"),
            "{help}"
        );
        assert!(run(&store, []).await.is_err(), "nor can it be changed");
    }
    fs::remove_file(&file).unwrap();
    let (what, _) = damage(store.read(&key()).await.unwrap_err());
    assert!(what.ends_with("is missing, but its journal is there"), "{what}");
    fs::write(&file, String::from_utf8(whole).unwrap().replace("\"version\":2", "\"version\":3")).unwrap();
    let (what, help) = damage(store.read(&key()).await.unwrap_err());
    assert!(
        what.contains("written by a newer provision (format version 3") && help.contains("install a newer version")
    );
}

#[tokio::test]
async fn an_older_program_refuses_a_journal_once_something_new_may_be_in_it() {
    let (folder, store) = used().await;
    let journal = folder.path().join("state/shop/test.journal");
    let older = fs::read_to_string(&journal).unwrap().replace("\"version\":2", "\"version\":1");
    fs::write(&journal, older).unwrap();
    // Dropped like a process that is killed: the journal is not folded into the checkpoint.
    drop(run(&store, [started()]).await.unwrap());
    let stored = format::read_journal(&fs::read(&journal).unwrap()).unwrap();
    assert_eq!((stored.version, stored.entries.len()), (format::VERSION, 1));
    assert!(store.read(&key()).await.unwrap().unwrap().run.is_some());
}

#[tokio::test]
async fn the_journal_of_another_state_is_refused() {
    let ((folder, store), (other, _)) = (used().await, used().await);
    let journal = |folder: &tempfile::TempDir| folder.path().join("state/shop/test.journal");
    fs::copy(journal(&other), journal(&folder)).unwrap();
    let (what, _) = damage(store.read(&key()).await.unwrap_err());
    assert!(what.contains("test.journal` belongs to another state (lineage `"), "{what}");
    let elsewhere = folder.path().join("state/shop/prod.json");
    fs::copy(folder.path().join("state/shop/test.json"), elsewhere).unwrap();
    let (what, _) = damage(store.read(&StateKey::new("shop", "prod").unwrap()).await.unwrap_err());
    assert!(what.ends_with("prod.json` is the state of `shop/test`, not of `shop/prod`"), "{what}");
}

#[tokio::test]
async fn a_torn_last_line_is_dropped_and_the_journal_goes_on() {
    let (folder, store) = used().await;
    drop(run(&store, [started()]).await.unwrap());
    let journal = folder.path().join("state/shop/test.journal");
    let torn = [fs::read(&journal).unwrap(), b"{\"checksum\":\"12".to_vec()].concat();
    fs::write(&journal, torn).unwrap();
    drop(run(&store, [create(1)]).await.unwrap());
    assert_eq!(store.read(&key()).await.unwrap().unwrap().serial, 6);
}

#[tokio::test]
async fn files_are_for_their_owner_only() {
    let (folder, _store) = used().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let stack = folder.path().join("state/shop");
    assert_eq!((mode(&folder.path().join("state")), mode(&stack)), (0o700, 0o700));
    let mut names: Vec<_> = fs::read_dir(&stack).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(names.iter().all(|path| mode(path) == 0o600));
    let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["test.journal", "test.json", "test.lock", "test.previous.json"]);
}

/// The umask belongs to the process, so a process of its own runs the test above.
#[test]
fn files_are_for_their_owner_only_whatever_the_umask() {
    let script = "umask 000 && exec \"$0\" --exact state::local::tests::files_are_for_their_owner_only";
    let output = std::process::Command::new("sh").arg("-c").arg(script).arg(std::env::current_exe().unwrap()).output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(output.contains("1 passed"), "{output}");
}

#[tokio::test]
async fn links_are_not_followed() {
    let (folder, store) = used().await;
    let stack = folder.path().join("state/shop");
    for name in ["test.json", "test.journal", "test.lock"] {
        let (path, elsewhere) = (stack.join(name), folder.path().join(name));
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        let refusal = run(&store, []).await.map(|_| ()).unwrap_err();
        assert!(matches!(&refusal, StoreError::Io { source, .. } if source.to_string().contains("link")), "{refusal}");
        fs::rename(&elsewhere, &path).unwrap();
    }
    fs::rename(&stack, folder.path().join("shop")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("shop"), &stack).unwrap();
    assert!(store.read(&key()).await.is_err());
    assert!(run(&store, []).await.is_err());
}

/// A measurement, not an assertion: how long a large state takes.
#[tokio::test]
async fn five_thousand_objects_open_and_append() {
    let (_folder, store) = used().await;
    let lease = run(&store, [started()]).await.unwrap();
    let clock = tokio::time::Instant::now();
    join_all((0..5000).map(|number| lease.append(create(number)))).await.into_iter().for_each(Result::unwrap);
    println!("5,000 creates from as many tasks: {:?}", clock.elapsed());
    join_all((0..5000).map(|number| lease.append(not_done(number)))).await.into_iter().for_each(Result::unwrap);
    join_all((0..5000).map(|number| lease.append(adopted(number)))).await.into_iter().for_each(Result::unwrap);
    lease.append(ended()).await.unwrap();
    let clock = tokio::time::Instant::now();
    lease.release().await.unwrap();
    println!("checkpoint: {:?}", clock.elapsed());
    let clock = tokio::time::Instant::now();
    let lease = run(&store, [started()]).await.unwrap();
    println!("open and first entry: {:?}", clock.elapsed());
    let clock = tokio::time::Instant::now();
    for number in 5000..5100 {
        lease.append(create(number)).await.unwrap();
    }
    println!("100 entries one after another: {:?}", clock.elapsed());
}

fn adopted(number: usize) -> EntryKind {
    let id = Some(crate::base::PhysicalId(number.to_string()));
    let new = Box::new(crate::state::Object { id, intent: None, ..planned(0) });
    EntryKind::Adopted { object: Address::root(format!("vpc_{number}")).generation(1), new }
}

/// A file system whose power fails at a given operation, and which then has lost whatever it was free to lose.
#[derive(Default)]
struct FailingDisk(Mutex<Inner>);

#[derive(Default, Clone)]
struct Inner {
    files: Vec<Contents>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    operations: usize,
    syncs: usize,
    fails_at: Option<usize>,
}

#[derive(Default, Clone)]
struct Contents {
    bytes: Vec<u8>,
    durable: Vec<u8>,
}

/// What a power cut leaves of what was not synced.
#[derive(Debug, Clone, Copy)]
enum Unsynced {
    Lost,
    Half,
    Zeros,
    Kept,
}

impl FailingDisk {
    fn failing_at(operation: usize) -> Self {
        FailingDisk(Mutex::new(Inner { fails_at: Some(operation), ..Inner::default() }))
    }

    /// The operation in which the power fails is done half: its effect is there, unsynced, and nobody is told.
    fn step<T>(&self, step: impl FnOnce(&mut Inner) -> T) -> io::Result<T> {
        let inner = &mut *self.0.lock().unwrap();
        inner.operations += 1;
        let fails = inner.fails_at.map(|at| inner.operations.cmp(&at));
        match fails {
            Some(std::cmp::Ordering::Greater) => Err(io::Error::other("no power")),
            Some(std::cmp::Ordering::Equal) => {
                step(inner);
                Err(io::Error::other("the power fails"))
            }
            _ => Ok(step(inner)),
        }
    }

    /// The disk as the next boot finds it.
    fn rebooted(&self, names: Unsynced, contents: Unsynced) -> Self {
        let Inner { mut files, names: new, durable_names, .. } = self.0.lock().unwrap().clone();
        let names = if matches!(names, Unsynced::Lost) { durable_names } else { new };
        for Contents { bytes, durable } in &mut files {
            let kept = durable.len().min(bytes.len());
            match contents {
                Unsynced::Lost => bytes.clone_from(durable),
                Unsynced::Half => bytes.truncate(kept + (bytes.len() - kept) / 2),
                Unsynced::Zeros => bytes[kept..].fill(0),
                Unsynced::Kept => {}
            }
            durable.clone_from(bytes);
        }
        FailingDisk(Mutex::new(Inner { files, durable_names: names.clone(), names, ..Inner::default() }))
    }
}

impl Disk for FailingDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let inner = self.0.lock().unwrap();
        Ok(inner.names.get(path).map(|file| inner.files[*file].bytes.clone()))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(|inner| {
            inner.files.push(Contents { bytes: bytes.to_vec(), durable: Vec::new() });
            inner.names.insert(path.to_owned(), inner.files.len() - 1);
        })
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.step(|inner| inner.files[inner.names[path]].bytes.extend_from_slice(bytes))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.step(|inner| {
            // The one that the power fails in has not happened.
            if inner.fails_at != Some(inner.operations) {
                let file = &mut inner.files[inner.names[path]];
                file.durable.clone_from(&file.bytes);
                inner.syncs += 1;
            }
        })
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        self.step(|inner| {
            if inner.fails_at != Some(inner.operations) {
                inner.durable_names.clone_from(&inner.names);
            }
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|inner| {
            let file = inner.names.remove(from).unwrap();
            inner.names.insert(to.to_owned(), file);
        })
    }

    fn make_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn names(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn try_lock(&self, _: &Path, _: &[u8]) -> io::Result<Attempt> {
        Ok(Attempt { lock: Some(Arc::new(())), note: Vec::new() })
    }
}

/// Two runs, the first of which is released. Returns the serial of the last entry that was acknowledged.
async fn two_runs(disk: Arc<FailingDisk>) -> u64 {
    let store = LocalStore::on("/state", disk);
    let mut acknowledged = 0;
    let result: Result<(), StoreError> = async {
        for kinds in [vec![started(), create(1), not_done(1), ended()], vec![started(), create(2)]] {
            let lease = store.acquire(&key(), &holder()).await?;
            for kind in kinds {
                lease.append(kind).await?;
                acknowledged += 1;
            }
            lease.release().await?;
        }
        Ok(())
    }
    .await;
    drop(result);
    acknowledged
}

#[tokio::test]
async fn no_power_cut_loses_an_acknowledged_entry_or_leaves_an_unreadable_state() {
    let whole = Arc::new(FailingDisk::default());
    two_runs(Arc::clone(&whole)).await;
    let operations = whole.0.lock().unwrap().operations;
    for at in 1..=operations {
        let disk = Arc::new(FailingDisk::failing_at(at));
        let acknowledged = two_runs(Arc::clone(&disk)).await;
        for names in [Unsynced::Lost, Unsynced::Kept] {
            for contents in [Unsynced::Lost, Unsynced::Half, Unsynced::Zeros, Unsynced::Kept] {
                let next = LocalStore::on("/state", Arc::new(disk.rebooted(names, contents)));
                let found = next.read(&key()).await;
                let found = found.unwrap_or_else(|error| panic!("power cut {at}, {names:?}, {contents:?}: {error}"));
                let serial = found.map_or(0, |state| state.serial);
                assert!(
                    (acknowledged..=acknowledged + 1).contains(&serial),
                    "power cut {at}: {serial} of {acknowledged}"
                );
                // And it goes on from there.
                let lease = next.acquire(&key(), &holder()).await.unwrap();
                let is_open = lease.with_state(|state| state.run.is_some());
                lease
                    .append(if is_open { EntryKind::Outputs { outputs: BTreeMap::new() } } else { started() })
                    .await
                    .unwrap();
                drop(lease);
                assert_eq!(next.read(&key()).await.unwrap().unwrap().serial, serial + 1);
            }
        }
    }
    println!("{operations} power cuts, each with 8 outcomes: every acknowledged entry is there");
}

#[tokio::test]
#[expect(clippy::await_holding_lock, reason = "the disk is kept busy while the entries gather")]
async fn entries_that_wait_share_one_sync() {
    let disk = Arc::new(FailingDisk::default());
    let lease = run(&LocalStore::on("/state", Arc::clone(&disk) as Arc<dyn Disk>), [started()]).await.unwrap();
    let before = disk.0.lock().unwrap().syncs;
    let mut all = Box::pin(join_all((0..100).map(|number| lease.append(create(number)))));
    let busy = disk.0.lock().unwrap();
    assert!(futures::poll!(&mut all).is_pending());
    drop(busy);
    all.await.into_iter().for_each(Result::unwrap);
    assert_eq!(disk.0.lock().unwrap().syncs - before, 2, "the first alone, the other 99 together");
}

#[test]
fn names_that_are_not_safe_in_paths_are_refused() {
    for name in ["", ".", "..", "a/b", "a.previous", "-x", "ä", "a\0", &"x".repeat(65)] {
        assert!(StateKey::new("shop", name).is_err() && StateKey::new(name, "test").is_err(), "{name}");
    }
}
