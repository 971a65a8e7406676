//! L2: the contract between the engine and a cloud.
//!
//! A [`Driver`] knows one resource type: which API calls create, read, change and delete it, and how an object is found
//! again after its answer was lost. A [`Provider`] is a cloud: it hands out drivers and answers what the engine asks
//! about the account. The simulated cloud ([`sim`]) and AWS (`crate::aws`) are both providers, and one [`conformance`]
//! suite runs over both.
//!
//! Drivers never retry, sleep, keep state, print, or log documents: the engine waits, retries and remembers, once for
//! all of them.

pub mod clock;
pub mod conformance;
pub mod fault;
pub mod sim;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use clock::Clock;
pub use fault::{Executed, Fault, FaultKind};

use crate::base::{Doc, Identity, Lookup, ObjectId, Path, PhysicalId, Place, Token};

/// The tags that say whose an object is. They go into the create call itself, so that no object is ever anonymous.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `<stack>/<env>`; tag `provision:stack`.
    pub stack: String,
    /// Tag `provision:address`.
    pub address: String,
    /// Tag `provision:token`.
    pub token: Token,
}

impl Owner {
    /// The three tags. Values are kept to the characters that every service's tags accept (letters, digits, space and
    /// `_ . : / = + - @`), so `a["b"]` is written `a=b`.
    pub fn tags(&self) -> [(&'static str, String); 3] {
        let allowed = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
        let address = self.address.replace('[', "=").chars().filter(|c| allowed(*c)).collect();
        [(TAG_STACK, self.stack.clone()), (TAG_ADDRESS, address), (TAG_TOKEN, self.token.0.clone())]
    }
}

/// Tag with the stack and environment that own an object.
pub const TAG_STACK: &str = "provision:stack";
/// Tag with the address of an object.
pub const TAG_ADDRESS: &str = "provision:address";
/// Tag with the token of the intent that made an object.
pub const TAG_TOKEN: &str = "provision:token";
/// All owner tags start with this; they are never part of a document.
pub const TAG_PREFIX: &str = "provision:";

/// The circumstances of a call: on whose behalf, where, under which token.
#[derive(Debug, Clone)]
pub struct Call {
    pub object: ObjectId,
    pub owner: Owner,
    pub place: Place,
}

impl Call {
    /// The token of the intent this call carries out.
    pub fn token(&self) -> &Token {
        &self.owner.token
    }
}

/// An object that exists, ready or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    pub id: PhysicalId,
    /// The attributes that are known so far, under the schema's read-only property names.
    pub attributes: Doc,
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress<T> {
    Done(T),
    /// It exists or is under way, but is not ready; `note` is the service's own word for where it is (`creating`).
    Pending {
        so_far: T,
        note: String,
    },
}

impl<T> Progress<T> {
    /// The object, ready or not.
    pub fn into_inner(self) -> T {
        match self {
            Progress::Done(value) | Progress::Pending { so_far: value, .. } => value,
        }
    }
}

/// A change to an existing object.
#[derive(Debug, Clone)]
pub struct Change {
    pub id: PhysicalId,
    /// What the object's properties are now, as far as known (live where read, else as applied).
    pub before: Doc,
    /// All properties as they should be.
    pub want: Doc,
    /// The paths at which `want` differs from `before`; a path present in `before` only is to be taken away.
    pub paths: Vec<Path>,
}

impl Change {
    /// Whether anything at or below `property` changes.
    pub fn touches(&self, property: &str) -> bool {
        self.paths.iter().any(|path| path.property() == Some(property))
    }
}

/// The outcome of a call.
pub type Result<T> = std::result::Result<T, Fault>;

/// One resource type of one cloud. See DESIGN section 6.
#[async_trait]
pub trait Driver: Send + Sync {
    /// Makes the object and returns as soon as its id is known.
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>>;

    /// How an object that was not ready comes along, after create or update. The engine does the waiting.
    async fn poll(&self, call: &Call, made: &Made) -> Result<Progress<Made>>;

    /// The live properties and attributes of many objects, in the order of `ids`; `None` for what does not exist.
    /// One API call for up to [`Driver::batch`] ids where the API can. `call.object` is any one of them.
    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>>;

    /// Changes the object; a property that the API cannot change never gets here (the planner replaces instead).
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>>;

    /// Removes the object. One that is gone already is a success. `Pending` while it is going: the engine calls again.
    async fn delete(&self, call: &Call, id: &PhysicalId, want: &Removal) -> Result<Progress<()>>;

    /// The objects that the intent of `call` has made: by client token, by name (verified by the owner tags), or by
    /// owner tags. Several only if the API made several.
    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>>;

    /// What the create of `want` would take over without a word, because the API creates or returns by name (a topic, a
    /// cluster, an alarm). `None` where the API itself refuses a name that is taken, which is the rule. Asked before the
    /// first attempt of a create: whatever is there then belongs to somebody else.
    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let _ = (call, want);
        Ok(None)
    }

    /// How many ids one call to [`Driver::read`] may carry.
    fn batch(&self) -> usize {
        100
    }

    /// Whether a create that is sent twice with the same token makes one object (the API has a client token or creates
    /// by unique name and says "already exists"). If not, the engine looks up before any retry that might repeat.
    fn is_create_idempotent(&self) -> bool {
        false
    }
}

/// How an object is to be removed, and what is known of it.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// The name of a final snapshot to take first, for types that can.
    pub final_snapshot: Option<String>,
    /// The properties as applied, for deletes that need more than the id (a KMS key's `PendingWindowInDays`).
    pub inputs: Doc,
}

/// A cloud.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The driver of a type; `None` if this cloud has none.
    fn driver(&self, type_name: &str) -> Option<Arc<dyn Driver>>;

    /// Whether the type's driver is one that serves any type (AWS Cloud Control), and not one made for it.
    fn is_generic(&self, type_name: &str) -> bool {
        let _ = type_name;
        false
    }

    /// Whose account it is, as seen from `place`.
    async fn identity(&self, place: &Place) -> Result<Identity>;

    /// The availability zones of a region, in order.
    async fn zones(&self, place: &Place) -> Result<Vec<String>>;

    /// The objects of a type that a `data` block means: those whose properties equal all of `filter`.
    async fn lookup(&self, place: &Place, type_name: &str, filter: &Doc) -> Result<Vec<Doc>>;

    /// Reads a secret. The result is never stored.
    async fn secret(&self, place: &Place, lookup: &Lookup) -> Result<String>;

    /// The clock that this cloud lives by.
    fn clock(&self) -> Clock {
        Clock::real()
    }

    /// The service whose request limit a type counts against: `ec2` for `AWS::EC2::VPC`.
    fn service(&self, type_name: &str) -> String {
        type_name.split("::").nth(1).unwrap_or(type_name).to_ascii_lowercase()
    }
}

/// The longest that one request may take before its answer counts as lost.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// How long AWS's reads may lag behind its writes: only after the request deadline plus this may an object that is not
/// found be taken for absent.
pub const CONSISTENCY_WINDOW: Duration = Duration::from_secs(15);
