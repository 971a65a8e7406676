//! Names of resources: where a resource stands in its stack, and which generation of it is meant.
//!
//! An address is what people type and read (`module.network.private["a"]`). It is not an identity: a replacement has
//! the same address as what it replaces, so everything that is stored is keyed by [`ObjectId`], address and generation.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Which instance of a `for_each` or `count` is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// The position given by `count`, from 0.
    Index(usize),
    /// The key given by `for_each`.
    Name(String),
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) => write!(f, "[{}]", serde_json::Value::from(name.as_str())),
        }
    }
}

/// One step on the way to a resource: a name and, if it is repeated, which instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// lower_snake_case, as in the stack file.
    pub name: String,
    /// `None` if the module or resource is not repeated.
    pub key: Option<Key>,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.key.iter().try_for_each(|key| write!(f, "{key}"))
    }
}

/// The place of a resource in a stack: `module.network.private["a"]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The modules around it, outermost first.
    pub modules: Vec<Segment>,
    /// The resource itself.
    pub resource: Segment,
}

impl Address {
    /// The address of a resource of the root stack that is not repeated.
    pub fn root(name: impl Into<String>) -> Self {
        Address { modules: Vec::new(), resource: Segment { name: name.into(), key: None } }
    }

    /// The same resource, as the instance `key` of a `for_each` or `count`.
    #[must_use]
    pub fn instance(mut self, key: Key) -> Self {
        self.resource.key = Some(key);
        self
    }

    /// The same resource inside `modules`.
    #[must_use]
    pub fn within(mut self, modules: &[Segment]) -> Self {
        self.modules.splice(0..0, modules.iter().cloned());
        self
    }

    /// The address without the instance key: what the stack file declares.
    #[must_use]
    pub fn declaration(&self) -> Self {
        let mut declared = self.clone();
        declared.resource.key = None;
        declared
    }

    /// The object of this address in `generation`.
    pub fn generation(&self, generation: u32) -> ObjectId {
        ObjectId { address: self.clone(), generation }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.modules.iter().try_for_each(|module| write!(f, "module.{module}."))?;
        write!(f, "{}", self.resource)
    }
}

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a resource address: {problem}; addresses look like `vpc`, `private[\"a\"]` or `module.network.vpc`"
)]
pub struct AddressError {
    text: String,
    problem: &'static str,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        match path(text)? {
            (modules, resource, false) => Ok(Address { modules, resource }),
            (_, _, true) => Err(AddressError { text: text.to_owned(), problem: "a module is not a resource" }),
        }
    }
}

/// What a text names, the modules around it first, and whether it is a module itself: `module.a.b` or `module.a`.
pub(super) fn path(text: &str) -> Result<(Vec<Segment>, Segment, bool), AddressError> {
    let fail = |problem| AddressError { text: text.to_owned(), problem };
    let (mut rest, mut modules) = (text, Vec::new());
    loop {
        let inside = rest.strip_prefix("module.");
        let (segment, after) = segment(inside.unwrap_or(rest)).map_err(fail)?;
        match (inside, after) {
            (None, "") => return Ok((modules, segment, false)),
            (Some(_), "") => return Ok((modules, segment, true)),
            (None, _) => return Err(fail("something follows the resource name")),
            (Some(_), _) => modules.push(segment),
        }
        rest = after.strip_prefix('.').ok_or_else(|| fail("something follows the module's name"))?;
    }
}

/// Takes `name`, `name[0]` or `name["key"]` off the front of `text`.
fn segment(text: &str) -> Result<(Segment, &str), &'static str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("a name starts with a letter");
    }
    let name = name.to_owned();
    let Some(inner) = rest.strip_prefix('[') else { return Ok((Segment { name, key: None }, rest)) };
    let mut keys = serde_json::Deserializer::from_str(inner).into_iter::<serde_json::Value>();
    let key = match keys.next() {
        Some(Ok(serde_json::Value::String(key))) => Key::Name(key),
        Some(Ok(serde_json::Value::Number(index))) => {
            let index = index.as_u64().and_then(|i| usize::try_from(i).ok());
            Key::Index(index.ok_or("an index is a whole number from 0")?)
        }
        _ => return Err("between [ and ] stands a number or a quoted key"),
    };
    let rest = inner[keys.byte_offset()..].strip_prefix(']').ok_or("the ] is missing")?;
    Ok((Segment { name, key: Some(key) }, rest))
}

/// One real thing in AWS, past or present: an address and its generation. A replacement is the next generation, so the
/// old object and the new one can exist side by side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    pub address: Address,
    /// From 1; grows by one with every replacement.
    pub generation: u32,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.address, self.generation)
    }
}

impl FromStr for ObjectId {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let fail = || AddressError { text: text.to_owned(), problem: "an object is an address, # and a generation" };
        let (address, generation) = text.rsplit_once('#').ok_or_else(fail)?;
        Ok(ObjectId { address: address.parse()?, generation: generation.parse().map_err(|_| fail())? })
    }
}

/// Stored as their text: they are keys of JSON objects.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
serde_as_text!(Address);
serde_as_text!(ObjectId);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segments() -> impl Strategy<Value = Segment> {
        let key = prop_oneof![
            Just(None),
            any::<u16>().prop_map(|i| Some(Key::Index(i.into()))),
            any::<String>().prop_map(|name| Some(Key::Name(name))),
        ];
        ("[a-z][a-z0-9_]{0,8}", key)
            .prop_filter("a resource may not be called module", |(name, _)| name != "module")
            .prop_map(|(name, key)| Segment { name, key })
    }

    proptest! {
        #[test]
        fn every_object_reads_back_from_its_text(
            modules in prop::collection::vec(segments(), 0..3), resource in segments(), generation in any::<u32>()
        ) {
            let object = Address { modules, resource }.generation(generation);
            prop_assert_eq!(object.to_string().parse::<ObjectId>(), Ok(object));
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = text.parse::<ObjectId>();
            let _ = text.parse::<Address>();
        }
    }

    #[test]
    fn a_broken_address_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "starts with a letter"),
            ("module.network", "a module is not a resource"),
            ("a[1", "] is missing"),
            ("a[-1]", "whole number"),
            ("a b", "something follows"),
        ] {
            let message = text.parse::<Address>().map_err(|e| e.to_string()).expect_err(text);
            assert!(message.contains(reason), "{text}: {message}");
        }
    }
}
