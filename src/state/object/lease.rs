//! The lease of a state in a bucket: one object that says who holds it, put again every few seconds for as long as that is
//! so. When a holder counts as gone, and why it can do no harm then, stands in `object.rs`.

use std::{
    sync::{Arc, Mutex as Lock, OnceLock, PoisonError},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use object_store::UpdateVersion;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::Mutex,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use super::layout::{Found, Objects, Put, TRIES};
use crate::state::store::{Hold, Holder, StoreError, failed, random};

/// How often a holder says that it is there.
pub const HEARTBEAT: Duration = Duration::from_secs(15);

/// The silence after which a holder counts as gone. A minute less the time of a heartbeat, so that a minute after its death
/// the state is free, whatever the store's clock rounds.
pub const EXPIRY: Duration = Duration::from_secs(45);

/// How long a holder may go by its last heartbeat: two may come late.
pub const FRESH: Duration = Duration::from_secs(30);

/// The longest that a heartbeat is waited for: there have to be two before the lease expires.
const PATIENCE: Duration = Duration::from_secs(10);

const FORMAT: &str = "provision-lease";
const VERSION: u32 = 1;

/// What the object says.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    format: String,
    version: u32,
    /// Random; tells apart whatever is written under one lease from what is written under others.
    id: String,
    /// Counts, because some stores give the same bytes the same version.
    beat: u64,
    /// `None` if nobody holds it.
    holder: Option<Holder>,
    /// Whether it was let go of with nothing under way.
    #[serde(default)]
    clean: bool,
}

impl Note {
    async fn read(objects: &Objects, found: &Found) -> Result<Note, StoreError> {
        let lease = objects.shown(&objects.lease());
        let head = serde_json::from_slice::<serde_json::Value>(&found.bytes).unwrap_or_default();
        if head["format"] == FORMAT && head["version"].as_u64().is_some_and(|version| version > VERSION.into()) {
            return Err(StoreError::Damaged {
                what: format!("{lease} was written by a newer provision"),
                help: "install a newer version of provision; nothing was changed".to_owned(),
            });
        }
        let note = serde_json::from_value::<Note>(head).ok().filter(|note| note.format == FORMAT);
        note.ok_or_else(|| StoreError::Damaged {
            what: format!("{lease} is not a lease of provision"),
            help: "nothing was changed; if no run is under way, delete it: the next run makes a new one".to_owned(),
        })
    }

    fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(|error| failed("cannot write down the lease", error.into()))
    }
}

/// How the lease was before it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Former {
    /// There was none.
    Absent,
    /// Its holder had ended in order: nothing of it can still be on its way.
    LetGo,
    /// Its holder went silent, was unlocked, or did not know what became of its last write.
    Left,
}

/// The lease, while we hold it.
pub struct Held {
    objects: Objects,
    /// Of this lease, in all that is written under it.
    pub id: String,
    last: Mutex<(Note, UpdateVersion)>,
    /// When the last put that came through was begun.
    heard: Lock<Moment>,
    /// Who took it from us.
    lost: OnceLock<String>,
}

/// A moment by both clocks of this machine: one stands still while the machine sleeps, the other can be put back.
#[derive(Clone, Copy)]
pub struct Moment(Instant, SystemTime);

impl Moment {
    #[expect(clippy::disallowed_methods, reason = "the other clock does not see that the machine has slept")]
    pub fn now() -> Self {
        Moment(Instant::now(), SystemTime::now())
    }

    pub fn is_older_than(self, age: Duration) -> bool {
        let Moment(instant, time) = Moment::now();
        instant.duration_since(self.0) >= age || time.duration_since(self.1).is_ok_and(|passed| passed >= age)
    }
}

/// Puts the lease again and again until it is dropped.
pub struct Heartbeat(JoinHandle<()>);

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Takes the lease, if it is free.
pub async fn take(objects: &Objects, holder: &Holder) -> Result<(Arc<Held>, Former), StoreError> {
    for _ in 0..TRIES {
        let heard = Lock::new(Moment::now());
        let (found, former) = match free(objects).await? {
            None => (None, Former::Absent),
            Some((found, Note { holder: None, clean: true, .. })) => (Some(found), Former::LetGo),
            Some((found, _)) => (Some(found), Former::Left),
        };
        let (format, id) = (FORMAT.to_owned(), random::<16>()?);
        let note =
            Note { format, version: VERSION, id: id.clone(), beat: 1, holder: Some(holder.clone()), clean: false };
        let over = found.as_ref().map(Found::version);
        match objects.put(&objects.lease(), &note.text()?, over.as_ref()).await? {
            Put::Done(version) | Put::Seen(version) => {
                let (objects, last) = (objects.clone(), Mutex::new((note, version)));
                return Ok((Arc::new(Held { objects, id, last, heard, lost: OnceLock::new() }), former));
            }
            // Somebody was faster, and is named in the next round.
            Put::Other(_) => {}
        }
    }
    Err(busy(objects))
}

/// Ends the lease of a holder that is gone, and says who it was.
pub async fn unlock(objects: &Objects) -> Result<Option<Holder>, StoreError> {
    for _ in 0..TRIES {
        let Some((found, note)) = free(objects).await? else { return Ok(None) };
        let Some(holder) = note.holder.clone() else { return Ok(None) };
        let ended = Note { beat: note.beat.saturating_add(1), holder: None, clean: false, ..note };
        match objects.put(&objects.lease(), &ended.text()?, Some(&found.version())).await? {
            Put::Done(_) | Put::Seen(_) => return Ok(Some(holder)),
            Put::Other(_) => {}
        }
    }
    Err(busy(objects))
}

/// The lease as it is, unless somebody holds it who is not known to be gone.
async fn free(objects: &Objects) -> Result<Option<(Found, Note)>, StoreError> {
    let Some(found) = objects.get(&objects.lease()).await? else { return Ok(None) };
    let note = Note::read(objects, &found).await?;
    if let Some(holder) = &note.holder {
        let silence = objects.age(&found).await?;
        if silence < EXPIRY {
            let since = format!("{}, last heard of {} s ago", holder.since, silence.as_secs());
            return Err(StoreError::Locked { holder: holder.to_string(), since });
        }
    }
    Ok(Some((found, note)))
}

fn busy(objects: &Objects) -> StoreError {
    let since = "a moment ago".to_owned();
    StoreError::Locked { holder: format!("others who all want {} at once", objects.key), since }
}

impl Held {
    /// Says from now on, every few seconds, that we are there.
    pub fn heartbeat(self: &Arc<Self>) -> Heartbeat {
        let held = Arc::clone(self);
        Heartbeat(tokio::spawn(async move {
            let mut ticks = interval(HEARTBEAT);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            while held.check().is_ok() {
                ticks.tick().await;
                match timeout(PATIENCE, held.renew()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => tracing::warn!(state = %held.objects.key, "heartbeat: {error}"),
                    Err(_) => tracing::warn!(state = %held.objects.key, "heartbeat: no answer within {PATIENCE:?}"),
                }
            }
        }))
    }

    /// Whether nobody is known to have taken it from us.
    pub fn check(&self) -> Result<(), StoreError> {
        self.lost.get().map_or(Ok(()), |by| Err(StoreError::Lost(by.clone())))
    }

    /// Makes sure that it is ours, and that it stays so for a while.
    pub async fn renew(&self) -> Result<(), StoreError> {
        self.write(|_| {}).await
    }

    /// Lets go of it. If that fails, it ends as that of a dead holder.
    pub async fn end(&self, clean: bool) {
        let ended = self.write(|note| (note.holder, note.clean) = (None, clean)).await;
        if let Err(error) = ended {
            tracing::warn!(state = %self.objects.key, "the lease was not let go of: {error}");
        }
    }

    async fn write(&self, change: impl Fn(&mut Note)) -> Result<(), StoreError> {
        let (note, version) = &mut *self.last.lock().await;
        for _ in 0..TRIES {
            self.check()?;
            let begun = Moment::now();
            let mut next = Note { beat: note.beat.saturating_add(1), ..note.clone() };
            change(&mut next);
            match self.objects.put(&self.objects.lease(), &next.text()?, Some(version)).await? {
                Put::Done(new) | Put::Seen(new) => {
                    (*note, *version) = (next, new);
                    *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = begun;
                    return Ok(());
                }
                Put::Other(found) => {
                    let other = Note::read(&self.objects, &found).await?;
                    if other.id == note.id && other.holder.is_some() {
                        // A heartbeat that was no longer waited for has come through after all.
                        (*note, *version) = (other, found.version());
                    } else {
                        self.lose(&other);
                    }
                }
            }
        }
        self.check()?;
        Err(busy(&self.objects))
    }

    fn lose(&self, other: &Note) {
        let by = match &other.holder {
            Some(holder) => format!("{holder} took it over"),
            None if other.id == self.id => "somebody ended it with `provision unlock`".to_owned(),
            None => "somebody else has held the state meanwhile".to_owned(),
        };
        // Whoever was first to see it has said it.
        let _ = self.lost.set(by);
    }
}

#[async_trait]
impl Hold for Held {
    async fn confirm(&self) -> Result<(), StoreError> {
        self.check()?;
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if !heard.is_older_than(FRESH) {
            return Ok(());
        }
        let late = |_| Err(StoreError::Lost("the bucket does not answer".to_owned()));
        timeout(PATIENCE, self.renew()).await.unwrap_or_else(late)
    }
}
