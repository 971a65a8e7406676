//! States in a bucket: `<prefix>/<stack>/<environment>.json` and, beside it, `.previous.json`, `.lease`, `.clock` and
//! `.journal/<number>`, one object for each group of entries. Nothing is asked of the store but that a put is whole or not
//! there at all, that whoever reads or lists sees what has been put before, and that a put can depend on what is there
//! (`If-None-Match`, `If-Match`).
//!
//! ```text
//! acquire       lease ◄ ours, if it is free, or its holder was not heard of for 45 s       heartbeat: lease ◄, every 15 s
//! take-over     journal/43 ◄ fence, if 43 is not there; else read again, and fence after it
//! first entry   json ◄ new state, if there is none
//! every write   journal/44 ◄ entries, if 44 is not there                     else the lease is lost
//! release       lease ◄ still ours     previous.json ◄ json     json ◄ new checkpoint, if json is what we know
//!               journal/1 … 43 deleted, fences and the last one apart     lease ◄ free
//! ```
//!
//! **One holder.** The lease only says who should be the holder; a process that was stopped for an hour believes it is one
//! still. What it cannot do is write: the number of its next entries was taken by the fence of whoever took over, before
//! that one read the last of the journal. So its next [`append`](super::store::Journal::append) fails, and as no call leaves
//! before its intent is kept, nothing is called. The number is the fencing token. Hence two rules of tidying up: fences stay
//! for ever (a few bytes for each take-over), and so does the highest number, so that none is ever given out twice. What was
//! let go of in order needs no fence: its holder has ended.
//!
//! That does not hold back a call whose intent is in the journal already: one that waits for its turn, or is tried again.
//! So every single attempt is preceded by [`confirm`](super::store::Hold::confirm): a look at this machine's own clocks, and
//! a put of the lease if the last one is 30 s old. What remains is a stop between that look and the last byte of a request;
//! its intent is known to whoever takes over, who looks for what it made.
//!
//! An answer to a put can be lost. Then what is there tells: every object carries the random id of its lease, so that bytes
//! which are there and equal are ours. If that took long, or the answer was lost, the lease is put again before the entries
//! count: the holder may have been stopped meanwhile.
//!
//! **Who is gone.** No two machines' clocks are compared. The age of a lease is the difference of two times that the store
//! itself gave: that of the last heartbeat, and that of an object put for this purpose (`.clock`). To watch the lease for
//! 45 s instead would need no second object, but would let everybody wait who only wants to know that the state is locked.
//!
//! **Kills.** Between any two puts everything that was acknowledged is there: entries that the checkpoint holds already are
//! passed over, and what was to be deleted and was not is deleted by the next release.

mod journal;
mod layout;
mod lease;

use std::{fmt::Display, sync::Arc};

use async_trait::async_trait;
use futures::future::BoxFuture;
use object_store::{ObjectStore, path::Path};
use tokio::sync::OnceCell;

use super::{
    lease::Lease,
    ledger::Ledger,
    model::State,
    store::{Holder, StateKey, Store, StoreError},
};
use layout::{Objects, failed};

/// Makes the connection to a bucket, when it is needed first.
pub type Connect = Box<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn ObjectStore>, StoreError>> + Send + Sync>;

/// States in a bucket.
pub struct ObjectStates {
    /// `s3://bucket`, for people.
    bucket: String,
    prefix: Path,
    connect: Connect,
    store: OnceCell<Arc<dyn ObjectStore>>,
}

impl ObjectStates {
    /// The states under `prefix`, a path without `/` at its ends, in the bucket that people know as `bucket`.
    ///
    /// # Errors
    /// What is wrong with the prefix.
    pub fn new(bucket: impl Into<String>, prefix: &str, connect: Connect) -> Result<Self, String> {
        let prefix = Path::parse(prefix).map_err(|error| error.to_string())?;
        Ok(ObjectStates { bucket: bucket.into(), prefix, connect, store: OnceCell::new() })
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>, StoreError> {
        self.store.get_or_try_init(|| (self.connect)()).await
    }

    async fn objects(&self, key: &StateKey) -> Result<Objects, StoreError> {
        Ok(Objects::new(Arc::clone(self.store().await?), &self.bucket, &self.prefix, key))
    }

    /// What lies directly in a folder: folders, and names of objects.
    async fn names(&self, folder: &Path) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let name = |path: &Path| path.filename().map(str::to_owned);
        let found = self.store().await?.list_with_delimiter(Some(folder)).await;
        let found = found.map_err(|error| failed(&format!("cannot list {}", self.shown(folder)), &error))?;
        let folders = found.common_prefixes.iter().filter_map(name).collect();
        Ok((folders, found.objects.iter().filter_map(|object| name(&object.location)).collect()))
    }

    fn shown(&self, path: impl Display) -> String {
        format!("`{}/{path}`", self.bucket)
    }
}

#[async_trait]
impl Store for ObjectStates {
    async fn acquire(&self, key: &StateKey, holder: &Holder) -> Result<Lease, StoreError> {
        let objects = self.objects(key).await?;
        let (held, former) = lease::take(&objects, holder).await?;
        let opened = journal::open(objects, held.clone(), former).await;
        if opened.is_err() {
            // Nothing was written. What the holder before has left undone is left to the next one.
            held.end(former == lease::Former::LetGo).await;
        }
        opened
    }

    async fn read(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        let loaded = journal::load(&self.objects(key).await?).await?;
        Ok(loaded.map(|loaded| Ledger::into_state(loaded.ledger)))
    }

    async fn previous(&self, key: &StateKey) -> Result<Option<State>, StoreError> {
        journal::previous(&self.objects(key).await?).await
    }

    async fn list(&self) -> Result<Vec<StateKey>, StoreError> {
        let mut keys = Vec::new();
        for stack in self.names(&self.prefix).await?.0 {
            let (_, names) = self.names(&self.prefix.clone().join(stack.as_str())).await?;
            // What has another name, previous generations among them, is not a state.
            let environments = names.iter().filter_map(|name| name.strip_suffix(layout::CHECKPOINT));
            keys.extend(environments.filter_map(|environment| StateKey::new(&stack, environment).ok()));
        }
        keys.sort();
        Ok(keys)
    }

    async fn unlock(&self, key: &StateKey) -> Result<Option<Holder>, StoreError> {
        lease::unlock(&self.objects(key).await?).await
    }
}

#[cfg(test)]
mod tests;
