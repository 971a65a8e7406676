//! Sealing: what is sensitive leaves memory only as a digest that shows a change and nothing else.
//!
//! A sealed leaf is the JSON object `{"$sealed": "argon2id$m=…,t=…,p=…$<hex>"}`. The digest is memory-hard (Argon2id) over
//! the state's salt and the value's canonical JSON, so that it cannot be guessed from the state alone. One digest per value
//! and process: results are remembered, in memory, by a hash that is keyed with the salt.
//!
//! Only this module writes `$sealed` and `$unknown`. A property of the user's that is called so gets one more `$` in front
//! when it is sealed and loses it again in [`without_sealed`], so that nobody's data can pass for a mark.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

use argon2::{Algorithm, Argon2, Params, Version};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::{Path, Value, archive, path::Segment, value::Unknown};

const SEALED: &str = "$sealed";
const UNKNOWN: &str = "$unknown";

/// How hard a digest is to compute. It is written into every digest, so that a state stays readable when it is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// In KiB.
    memory: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// OWASP's recommendation for Argon2id: 19 MiB, two passes, some 20 milliseconds per distinct value.
    pub const NORMAL: Cost = Cost { memory: 19 * 1024, passes: 2, lanes: 1 };
    /// For tests that seal thousands of values.
    pub const CHEAP: Cost = Cost { memory: 8, passes: 1, lanes: 1 };

    /// A cost read from a state file, which is untrusted: nothing that would stall the program.
    fn is_bearable(self) -> bool {
        self.memory <= 256 * 1024 && self.passes <= 16 && self.lanes <= 4
    }
}

/// Seals values under the salt of one state.
pub struct Seal {
    salt: [u8; 32],
    cost: Cost,
}

impl Seal {
    /// `salt` in hex, as kept in the state.
    pub fn new(salt: &str) -> Self {
        Seal::with_cost(salt, Cost::NORMAL)
    }

    /// With digests of another cost; those of any cost are still recognised.
    pub fn with_cost(salt: &str, cost: Cost) -> Self {
        Seal { salt: Sha256::digest(salt.as_bytes()).into(), cost }
    }

    /// The value with every sensitive leaf, every large archive, and everything at one of the `write_only` patterns, replaced
    /// by its digest. What is still unknown becomes `{"$unknown": true}`, which equals nothing; but what is only looked up at apply counts as what
    /// it refers to, so that a plan sees no change while the reference stays the same.
    pub fn seal(&self, value: &Value, write_only: &[Path]) -> Json {
        self.seal_at(value, write_only, &mut Path::default())
    }

    fn seal_at(&self, value: &Value, write_only: &[Path], path: &mut Path) -> Json {
        let is_hidden = match value {
            Value::Sensitive(_) | Value::Unknown(_) => true,
            // Not secret, but too much for a state; a digest tells whether it has changed.
            Value::String(text) => archive::is_large(text),
            _ => false,
        };
        if is_hidden || write_only.iter().any(|pattern| pattern.covers(path)) {
            return content(value).map_or_else(unknown, |clear| self.sealed(&clear));
        }
        let mut below = |segment, value: &Value| {
            path.0.push(segment);
            let sealed = self.seal_at(value, write_only, path);
            path.0.pop();
            sealed
        };
        match value {
            Value::Unknown(_) => unknown(),
            Value::List(items) => {
                items.iter().enumerate().map(|(index, item)| below(Segment::Index(index), item)).collect()
            }
            Value::Map(map) => {
                let entry = |(key, value): (&String, &Value)| (escaped(key), below(Segment::Key(key.clone()), value));
                Json::Object(map.iter().map(entry).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sensitive(_) => {
                value.reveal().unwrap_or_default()
            }
        }
    }

    /// A document that AWS reported, with everything at one of the `sensitive` paths replaced by its digest.
    ///
    /// It hides rather too much: AWS orders lists as it likes, so an index stands for every element; and where a text
    /// was found though a sensitive path leads further down, the whole text is sealed.
    pub fn seal_document(&self, document: &Json, sensitive: &[Path]) -> Json {
        let anywhere = |segment: &Segment| match segment {
            Segment::Index(_) => Segment::Each,
            other => other.clone(),
        };
        let patterns: Vec<Path> = sensitive.iter().map(|path| Path(path.0.iter().map(anywhere).collect())).collect();
        self.seal_json(document, &patterns, &mut Path::default())
    }

    fn seal_json(&self, node: &Json, patterns: &[Path], path: &mut Path) -> Json {
        let is_container = node.is_object() || node.is_array();
        let hides = |pattern: &Path| pattern.covers(path) || (!is_container && pattern.overlaps(path));
        if !node.is_null() && patterns.iter().any(hides) {
            return self.sealed(node);
        }
        let mut below = |segment, node: &Json| {
            path.0.push(segment);
            let sealed = self.seal_json(node, patterns, path);
            path.0.pop();
            sealed
        };
        match node {
            Json::Array(items) => {
                items.iter().enumerate().map(|(index, item)| below(Segment::Index(index), item)).collect()
            }
            Json::Object(map) => {
                let entry = |(key, node): (&String, &Json)| (escaped(key), below(Segment::Key(key.clone()), node));
                Json::Object(map.iter().map(entry).collect())
            }
            scalar => scalar.clone(),
        }
    }

    /// A sealed document, with what `live` has in the place of each digest, as sensitive; where lists are in another order,
    /// what has the digest, or stands beside the same things. What `live` has not is left out.
    pub fn open(&self, document: &Json, live: &Json) -> Value {
        let is_same = |sealed: &Json, live: &Json| self.matches(sealed, &live.clone().into());
        opened(document, &[live], &is_same).unwrap_or(Value::Null)
    }

    /// Whether `stored` (a sealed leaf or plain JSON) was made from a value with the content of `value`. Whether either is
    /// marked as sensitive makes no difference; what is unknown matches nothing.
    pub fn matches(&self, stored: &Json, value: &Value) -> bool {
        if let Some(digest) = digest_of(stored) {
            return content(value).is_some_and(|clear| self.verifies(digest, &clear));
        }
        match (stored, value.revealed()) {
            (_, Value::Unknown(_)) => false,
            (Json::Array(stored), Value::List(items)) => {
                stored.len() == items.len() && stored.iter().zip(items).all(|(stored, item)| self.matches(stored, item))
            }
            (Json::Object(stored), Value::Map(map)) => {
                let same = |(key, value): (&String, &Value)| {
                    stored.get(&escaped(key)).is_some_and(|stored| self.matches(stored, value))
                };
                stored.len() == map.len() && map.iter().all(same)
            }
            (Json::Array(_) | Json::Object(_), _) | (_, Value::List(_) | Value::Map(_)) => false,
            (stored, scalar) => scalar.reveal().is_some_and(|clear| canonical(stored) == canonical(&clear)),
        }
    }

    fn sealed(&self, clear: &Json) -> Json {
        json!({ SEALED: self.digest(clear, self.cost).unwrap_or_default() })
    }

    fn verifies(&self, digest: &str, clear: &Json) -> bool {
        let cost = cost_of(digest).filter(|cost| cost.is_bearable());
        cost.and_then(|cost| self.digest(clear, cost)).is_some_and(|computed| computed == digest)
    }

    /// `None` only if Argon2 refuses the cost.
    fn digest(&self, clear: &Json, cost: Cost) -> Option<String> {
        static REMEMBERED: Mutex<BTreeMap<[u8; 32], String>> = Mutex::new(BTreeMap::new());
        let Cost { memory, passes, lanes } = cost;
        let clear = canonical(clear);
        let head = format!("argon2id$m={memory},t={passes},p={lanes}$");
        let key = Sha256::new().chain_update(self.salt).chain_update(&head).chain_update(&clear).finalize().into();
        if let Some(known) = REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(known.clone());
        }
        let parameters = Params::new(memory, passes, lanes, Some(32)).ok()?;
        let mut hash = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(clear.as_bytes(), &self.salt, &mut hash)
            .ok()?;
        let digest = head + &hex(&hash);
        REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner).insert(key, digest.clone());
        Some(digest)
    }
}

/// What a digest is made from: the value in clear or, for what is looked up at apply, the reference to it.
fn content(value: &Value) -> Option<Json> {
    let reference = || value.is_looked_up().then(|| serde_json::to_value(value.revealed()).ok())?;
    value.reveal().or_else(reference)
}

fn digest_of(stored: &Json) -> Option<&str> {
    let map = stored.as_object().filter(|map| map.len() == 1)?;
    map.get(SEALED)?.as_str()
}

fn cost_of(digest: &str) -> Option<Cost> {
    let (cost, _) = digest.strip_prefix("argon2id$")?.rsplit_once('$')?;
    let mut parts = cost.splitn(3, ',');
    let mut next = |name| parts.next()?.strip_prefix(name)?.parse().ok();
    Some(Cost { memory: next("m=")?, passes: next("t=")?, lanes: next("p=")? })
}

/// A property name as it stands in a sealed document.
pub fn escaped(key: &str) -> String {
    if is_mark_like(key) { format!("${key}") } else { key.to_owned() }
}

fn unescaped(key: &str) -> &str {
    key.strip_prefix('$').filter(|inner| is_mark_like(inner)).unwrap_or(key)
}

/// `$sealed`, `$unknown`, and what escaping makes of them.
fn is_mark_like(key: &str) -> bool {
    key.starts_with('$') && matches!(key.trim_start_matches('$'), "sealed" | "unknown")
}

/// What stands in a sealed document for a value that is not known.
pub fn unknown() -> Json {
    json!({ UNKNOWN: true })
}

/// Whether this is the mark of a value that is not known.
pub fn is_unknown(value: &Json) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1 && map.contains_key(UNKNOWN))
}

/// Whether this is a sealed leaf.
pub fn is_sealed(value: &Json) -> bool {
    digest_of(value).is_some()
}

/// A path as far as it can be followed in a sealed document: what lies inside a digest cannot be told from the rest of it.
pub fn visible(document: &Json, path: &Path) -> Path {
    let part = |end: usize| Path(path.0[..end].to_vec());
    let is_hidden = |end: &usize| part(*end).get(document).is_some_and(is_sealed);
    part((0..path.0.len()).find(is_hidden).unwrap_or(path.0.len()))
}

/// The document without its sealed and unknown leaves, for drivers that must do with what is left. Elements of a list
/// that are sealed are left out of it.
pub fn without_sealed(document: &Json) -> Json {
    let open = opened(document, &[], &|_, _| false);
    open.and_then(|open| open.reveal()).unwrap_or_else(|| Json::Object(Map::new()))
}

/// What is left of a sealed document when each digest becomes the one of `known` that `is_same`, else the first of them; it is
/// left out if there is none. `known` is what may stand in its place: lists may be in another order there.
fn opened(node: &Json, known: &[&Json], is_same: &dyn Fn(&Json, &Json) -> bool) -> Option<Value> {
    Some(match node {
        _ if is_unknown(node) => return None,
        _ if is_sealed(node) => {
            let same = known.iter().find(|known| is_same(node, known));
            Value::from((*same.or(known.first())?).clone()).sensitive()
        }
        Json::Array(items) => {
            let lists = known.iter().filter_map(|known| known.as_array()).collect::<Vec<_>>();
            let open = |(index, item): (usize, &Json)| {
                let here = lists.iter().filter_map(|list| list.get(index));
                let mut known = here.chain(lists.iter().flat_map(|list| list.iter())).collect::<Vec<_>>();
                // What stands beside the secrets tells the items apart.
                if let Some(most) = known.iter().map(|known| alike(item, known)).max().flatten() {
                    known.retain(|known| most > 0 && alike(item, known) == Some(most));
                }
                opened(item, &known, is_same)
            };
            Value::List(items.iter().enumerate().filter_map(open).collect())
        }
        Json::Object(map) => {
            let entry = |(key, node): (&String, &Json)| {
                let key = unescaped(key);
                let known = known.iter().filter_map(|known| known.get(key)).collect::<Vec<_>>();
                Some((key.to_owned(), opened(node, &known, is_same)?))
            };
            Value::Map(map.iter().filter_map(entry).collect())
        }
        scalar => Value::from(scalar.clone()),
    })
}

/// How many of the scalars of a sealed item another one has too; `None` if it has none to be told apart by.
fn alike(item: &Json, known: &Json) -> Option<usize> {
    let scalars = item.as_object()?.iter().filter(|(_, node)| !node.is_object() && !node.is_array());
    let same = scalars.map(|(key, node)| known.get(unescaped(key)) == Some(node)).collect::<Vec<_>>();
    (!same.is_empty()).then(|| same.iter().filter(|is_same| **is_same).count())
}

/// The places of everything sensitive in a value, also of what will be sensitive once it is known.
pub fn sensitive_paths(value: &Value) -> Vec<Path> {
    fn collect(value: &Value, path: &mut Path, found: &mut Vec<Path>) {
        let mut below = |segment, value| {
            path.0.push(segment);
            collect(value, path, found);
            path.0.pop();
        };
        match value {
            Value::Sensitive(_) | Value::Unknown(Unknown::Lookup(_) | Unknown::Expression { .. })
                if value.has_sensitive() =>
            {
                found.push(path.clone());
            }
            Value::List(items) => {
                items.iter().enumerate().for_each(|(index, item)| below(Segment::Index(index), item));
            }
            Value::Map(map) => map.iter().for_each(|(key, value)| below(Segment::Key(key.clone()), value)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(value, &mut Path::default(), &mut found);
    found
}

/// JSON text that is the same for equal documents: keys in order, no white space, whole numbers without a fraction.
pub fn canonical(document: &Json) -> String {
    let mut text = String::new();
    write_canonical(document, &mut text);
    text
}

fn write_canonical(node: &Json, text: &mut String) {
    // Up to here every whole number is exact in a double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match node {
        Json::Object(map) => {
            let ordered: BTreeMap<&String, &Json> = map.iter().collect();
            text.push('{');
            for (position, (key, value)) in ordered.into_iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_canonical(&Json::from(key.as_str()), text);
                text.push(':');
                write_canonical(value, text);
            }
            text.push('}');
        }
        Json::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write_canonical(item, text);
            }
            text.push(']');
        }
        Json::Number(number) => {
            let whole = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT);
            // Adding zero makes -0 into 0. Writing to a string cannot fail.
            let _ = match whole {
                Some(float) => write!(text, "{:.0}", float + 0.0),
                None => write!(text, "{number}"),
            };
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
