//! One thing in the simulated cloud: what was asked for, what the cloud added, where it stands in its life. Apart from the
//! rules about it, because it is also the record that the sandbox file keeps.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{
    base::{Doc, Path, PhysicalId, Place, Segment},
    catalogue::ResourceType,
    driver::{Made, Owner},
};

/// The account in which a sandbox lives, unless the place's role names another.
pub const ACCOUNT: &str = "123456789012";

/// The region of what has none.
pub const GLOBAL: &str = "global";

/// Account and region; global services have the region [`GLOBAL`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Location {
    pub account: String,
    pub region: String,
}

impl Location {
    /// Where an object of a type lives when it is made from `place`.
    pub fn of(place: &Place, type_name: &str) -> Self {
        let global = ["AWS::IAM::", "AWS::CloudFront::", "AWS::Route53::", "AWS::Budgets::", "AWS::Organizations::"];
        let is_global =
            global.iter().any(|service| type_name.starts_with(service)) || type_name == "AWS::RDS::GlobalCluster";
        let region = if is_global { GLOBAL } else { place.region.as_str() };
        Location { account: account(place), region: region.to_owned() }
    }

    /// Whether an id found there means something here.
    pub fn sees(&self, other: &Location) -> bool {
        self.account == other.account && (self.region == other.region || self.is_global() || other.is_global())
    }

    /// Whether it is no region.
    pub fn is_global(&self) -> bool {
        self.region == GLOBAL
    }
}

/// The account of a place: the one its role belongs to.
pub fn account(place: &Place) -> String {
    let from_role =
        place.role_arn.as_deref().and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
    from_role.unwrap_or(ACCOUNT).to_owned()
}

/// The partition that a region belongs to.
pub fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// Where an object stands in its life. `until: None` never ends by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On its way to ready, or to failed if `fails`.
    Creating {
        until: Option<Duration>,
        fails: bool,
    },
    Ready,
    Modifying {
        until: Option<Duration>,
        fails: bool,
    },
    Failed,
    Deleting {
        until: Option<Duration>,
    },
    /// Remembered only because its ids and its token must never be taken again.
    Gone,
}

impl Phase {
    /// When it ends by itself.
    pub fn until(&self) -> Option<Duration> {
        match self {
            Phase::Creating { until, .. } | Phase::Modifying { until, .. } | Phase::Deleting { until } => *until,
            Phase::Ready | Phase::Failed | Phase::Gone => None,
        }
    }
}

/// What reads still show of the time before the last change.
#[derive(Debug, Clone)]
pub struct Previous {
    /// `None`: it did not exist.
    pub doc: Option<Doc>,
    pub until: Duration,
}

/// An object of the simulated cloud.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// In the order of creation, from 1.
    pub number: u64,
    pub type_name: String,
    pub location: Location,
    pub id: String,
    /// As given, owner tags excluded.
    pub properties: Map<String, Json>,
    /// What the cloud filled in where nothing was given.
    pub defaults: Map<String, Json>,
    /// What the cloud made up: the schema's read-only properties and names that were left out.
    pub attributes: Map<String, Json>,
    pub owner: Option<Owner>,
    pub phase: Phase,
    /// Part of every account (the default VPC), not of what somebody built.
    pub is_native: bool,
    #[serde(skip)]
    pub previous: Option<Previous>,
}

impl Object {
    /// Where it stands at `now`.
    pub fn phase(&self, now: Duration) -> Phase {
        match self.phase {
            Phase::Creating { until: Some(until), fails } if until <= now => {
                if fails {
                    Phase::Failed
                } else {
                    Phase::Ready
                }
            }
            Phase::Modifying { until: Some(until), .. } if until <= now => Phase::Ready,
            Phase::Deleting { until: Some(until) } if until <= now => Phase::Gone,
            ref other => other.clone(),
        }
    }

    /// The service's own word for where it stands.
    pub fn status(&self, now: Duration) -> &'static str {
        match self.phase(now) {
            Phase::Creating { .. } => match self.type_name.as_str() {
                "AWS::EC2::NatGateway" | "AWS::EC2::VPCEndpoint" | "AWS::EC2::Instance" => "pending",
                "AWS::ElasticLoadBalancingV2::LoadBalancer" => "provisioning",
                _ => "creating",
            },
            Phase::Ready => "available",
            Phase::Modifying { .. } => "modifying",
            Phase::Failed => "failed",
            Phase::Deleting { .. } => "deleting",
            Phase::Gone => "deleted",
        }
    }

    /// What a driver says of it. What is nested (endpoints) is known only when the object is ready.
    pub fn made(&self, now: Duration) -> Made {
        let mut attributes = self.attributes.clone();
        if matches!(self.phase(now), Phase::Creating { .. } | Phase::Failed) {
            attributes.retain(|_, value| !value.is_object());
        }
        Made { id: PhysicalId(self.id.clone()), attributes: Doc(attributes) }
    }

    /// What a read reports: everything but what is write-only.
    pub fn reported(&self, resource: &ResourceType, now: Duration) -> Doc {
        let mut document = Json::Object(self.made(now).attributes.0);
        merge(&mut document, &Json::Object(self.defaults.clone()));
        let mut given = Json::Object(self.properties.clone());
        for path in &resource.write_only {
            remove(&mut given, &path.0);
        }
        merge(&mut document, &given);
        Doc::from(document)
    }

    /// Text that occurs in everything the cloud made up for this object and nowhere else.
    pub fn mark(&self) -> String {
        mark(self.number)
    }
}

/// Sixteen hex digits that belong to the object of this number alone (the first eight do already).
pub fn mark(number: u64) -> String {
    // Multiplication by an odd number and a shifted xor can both be turned back: no two numbers give the same.
    let mut first = u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default().wrapping_mul(0x9e37_79b1);
    first ^= first >> 15;
    first = first.wrapping_mul(0x85eb_ca6b);
    format!("{first:08x}{:08x}", scramble(number) & u64::from(u32::MAX))
}

/// A number that looks random and is always the same for the same input.
pub fn scramble(input: u64) -> u64 {
    let mut mixed = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Lays `over` over `base`: maps are united, everything else is replaced.
pub fn merge(base: &mut Json, over: &Json) {
    match (base, over) {
        (Json::Object(base), Json::Object(over)) => {
            for (key, value) in over {
                match base.get_mut(key) {
                    Some(below) => merge(below, value),
                    None => {
                        base.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (base, over) => *base = over.clone(),
    }
}

/// Takes away whatever a pattern means.
pub fn remove(value: &mut Json, pattern: &[Segment]) {
    match (value, pattern) {
        (Json::Object(map), [Segment::Key(key)]) => {
            map.remove(key);
        }
        (Json::Object(map), [Segment::Key(key), rest @ ..]) => {
            if let Some(below) = map.get_mut(key) {
                remove(below, rest);
            }
        }
        (Json::Object(map), [Segment::Each, rest @ ..]) if !rest.is_empty() => {
            map.values_mut().for_each(|below| remove(below, rest));
        }
        (Json::Array(items), [Segment::Each, rest @ ..]) if !rest.is_empty() => {
            items.iter_mut().for_each(|below| remove(below, rest));
        }
        _ => {}
    }
}

/// Calls `visit` for every text in a document, with its place.
pub fn visit_texts(path: &Path, value: &Json, visit: &mut dyn FnMut(&Path, &str)) {
    match value {
        Json::String(text) => visit(path, text),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit_texts(&path.join(Segment::Index(index)), item, visit);
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                visit_texts(&path.join(Segment::Key(key.clone())), item, visit);
            }
        }
        _ => {}
    }
}
