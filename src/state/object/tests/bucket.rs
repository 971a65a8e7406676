//! A bucket in memory whose clock is the tests' clock, and the lines to it: each process has one of its own, which can be
//! stopped, and on which any write can go wrong.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, memory::InMemory, path::Path,
};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::state::object::ObjectStates;

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not done, and fails.
    FailBefore,
    /// It is done, and fails all the same.
    FailAfter,
    /// It is not done, and the process dies.
    KillBefore,
    /// It is done, and the process dies.
    KillAfter,
    /// It is done, and done again by whoever carries it, because the first answer is lost.
    Repeat,
    /// It is refused because it met another one, and nothing is changed.
    Conflict,
}

/// A bucket.
#[derive(Debug, Clone)]
pub struct Bucket(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    objects: InMemory,
    start: Instant,
    /// When each object was put, since the start.
    put: Mutex<BTreeMap<Path, Instant>>,
}

/// A process's line to a bucket.
#[derive(Debug, Clone)]
pub struct Line {
    bucket: Bucket,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    is_open: watch::Sender<bool>,
    faults: Mutex<BTreeMap<u64, Fault>>,
    writes: Mutex<u64>,
    killed: Notify,
}

impl Bucket {
    /// An empty bucket.
    pub fn new() -> Self {
        let (objects, start) = (InMemory::new(), Instant::now());
        Bucket(Arc::new(Shared { objects, start, put: Mutex::default() }))
    }

    /// A new process.
    pub fn line(&self) -> Line {
        let is_open = watch::Sender::new(true);
        let (faults, writes, killed) = (Mutex::default(), Mutex::default(), Notify::new());
        Line { bucket: self.clone(), state: Arc::new(State { is_open, faults, writes, killed }) }
    }

    /// States over a new line.
    pub fn states(&self) -> ObjectStates {
        self.line().states()
    }

    /// The names of all objects but that of the clock.
    pub async fn names(&self) -> Vec<String> {
        let found = self.0.objects.list(None).try_collect::<Vec<_>>().await.unwrap();
        let mut names = found.iter().map(|object| object.location.to_string()).collect::<Vec<_>>();
        names.retain(|name| !name.ends_with(".clock"));
        names.sort();
        names
    }

    pub async fn text(&self, name: &str) -> String {
        let bytes = self.0.objects.get(&name.into()).await.unwrap().bytes().await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    pub async fn write(&self, name: &str, text: impl Into<String>) {
        self.0.objects.put(&name.into(), text.into().into()).await.unwrap();
    }

    pub async fn delete(&self, name: &str) {
        self.0.objects.delete(&name.into()).await.unwrap();
    }

    fn touched(&self, path: &Path) {
        self.0.put.lock().unwrap().insert(path.clone(), Instant::now());
    }

    fn dated(&self, mut meta: ObjectMeta) -> ObjectMeta {
        let put = self.0.put.lock().unwrap().get(&meta.location).copied();
        // Stores tell it to the second.
        let age = put.unwrap_or(self.0.start).duration_since(self.0.start).as_secs();
        meta.last_modified = Default::default();
        meta.last_modified += std::time::Duration::from_secs(age);
        meta
    }
}

impl Line {
    pub fn states(&self) -> ObjectStates {
        let line: Arc<dyn ObjectStore> = Arc::new(self.clone());
        let connect = Box::new(move || futures::future::ready(Ok(Arc::clone(&line))).boxed());
        ObjectStates::new("s3://bucket", "team", connect).unwrap()
    }

    /// Lets the `nth` write from now (counted from 1) go wrong.
    pub fn inject(&self, nth: u64, fault: Fault) {
        let nth = *self.state.writes.lock().unwrap() + nth;
        self.state.faults.lock().unwrap().insert(nth, fault);
    }

    /// How many writes there were.
    pub fn writes(&self) -> u64 {
        *self.state.writes.lock().unwrap()
    }

    /// Returns when a write has been killed.
    pub async fn killed(&self) {
        self.state.killed.notified().await;
    }

    /// Stops the process: what it asks from now on arrives when it goes on.
    pub fn stop(&self) {
        self.state.is_open.send_replace(false);
    }

    pub fn go_on(&self) {
        self.state.is_open.send_replace(true);
    }

    async fn passed(&self) {
        self.state.is_open.subscribe().wait_for(|is_open| *is_open).await.unwrap();
        // What a network takes: long enough for others to come in between.
        tokio::task::yield_now().await;
    }

    async fn write<T>(&self, path: &Path, work: Work<T>) -> Result<T> {
        self.passed().await;
        let fault = {
            let mut writes = self.state.writes.lock().unwrap();
            *writes += 1;
            self.state.faults.lock().unwrap().remove(&writes)
        };
        let failed = || Error::Generic { store: "test", source: "injected failure".into() };
        let mut result = match fault {
            Some(Fault::FailBefore) => return Err(failed()),
            Some(Fault::Conflict) => {
                return Err(Error::AlreadyExists { path: path.to_string(), source: "409 Conflict".into() });
            }
            Some(Fault::KillBefore) => return self.die().await,
            _ => work().await,
        };
        if result.is_ok() {
            self.bucket.touched(path);
        }
        if fault == Some(Fault::Repeat) {
            result = work().await;
        }
        match fault {
            Some(Fault::FailAfter) => Err(failed()),
            Some(Fault::KillAfter) => self.die().await,
            _ => {
                // The answer takes its time as well.
                self.passed().await;
                result
            }
        }
    }

    async fn die<T>(&self) -> T {
        self.state.killed.notify_one();
        std::future::pending().await
    }
}

/// A write, as often as it is done.
type Work<T> = Box<dyn Fn() -> BoxFuture<'static, Result<T>> + Send + Sync>;

fn work<T, F: Future<Output = Result<T>> + Send + 'static>(work: impl Fn() -> F + Send + Sync + 'static) -> Work<T> {
    Box::new(move || work().boxed())
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("test")
    }
}

#[async_trait]
impl ObjectStore for Line {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        // What is put over something without looking is only ever the clock.
        assert!(options.mode != PutMode::Overwrite || path.as_ref().ends_with(".clock"), "{path}");
        let (objects, to) = (self.bucket.0.objects.clone(), path.clone());
        let put = work(move || {
            let (objects, to, payload, options) = (objects.clone(), to.clone(), payload.clone(), options.clone());
            async move { objects.put_opts(&to, payload, options).await }
        });
        self.write(path, put).await
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        unimplemented!()
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        self.passed().await;
        let mut found = self.bucket.0.objects.get_opts(path, options).await?;
        found.meta = self.bucket.dated(found.meta);
        Ok(found)
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let line = self.clone();
        let delete = move |path: Result<Path>| {
            let line = line.clone();
            async move {
                let path = path?;
                let (objects, gone) = (line.bucket.0.objects.clone(), path.clone());
                let delete = work(move || {
                    let (objects, gone) = (objects.clone(), gone.clone());
                    async move { objects.delete(&gone).await }
                });
                line.write(&path, delete).await?;
                Ok(path)
            }
        };
        paths.then(delete).boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (line, prefix) = (self.clone(), prefix.cloned());
        let listed = async move {
            line.passed().await;
            line.bucket.0.objects.list(prefix.as_ref())
        };
        listed.flatten_stream().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.passed().await;
        self.bucket.0.objects.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let (objects, from, target) = (self.bucket.0.objects.clone(), from.clone(), to.clone());
        let copy = work(move || {
            let (objects, from, to, options) = (objects.clone(), from.clone(), target.clone(), options.clone());
            async move { objects.copy_opts(&from, &to, options).await }
        });
        self.write(to, copy).await
    }
}
