//! Parts of a stack, as people name them: `--target module.network`, `moved: [{from: module.network, to: module.vpc}]`. Apart
//! from addresses because a part is a pattern: it means whatever lies in it, and a module is no resource.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    AddressSegment,
    address::{Address, AddressError, path},
};

/// A module with all that is in it, a resource with all its instances, or one instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// The modules around it, outermost first.
    modules: Vec<AddressSegment>,
    /// The resource; or the module itself, if `is_module`.
    last: AddressSegment,
    is_module: bool,
}

impl Part {
    /// The same part of what `modules` hold.
    #[must_use]
    pub fn within(mut self, modules: &[AddressSegment]) -> Self {
        self.modules.splice(0..0, modules.iter().cloned());
        self
    }

    /// The modules around it, outermost first.
    pub fn modules(&self) -> &[AddressSegment] {
        &self.modules
    }

    /// The name of the module or resource itself.
    pub fn name(&self) -> &str {
        &self.last.name
    }

    /// Whether it is a module.
    pub fn is_module(&self) -> bool {
        self.is_module
    }

    /// Where in an ordered map what lies in it begins.
    pub fn first(&self) -> Address {
        let Part { mut modules, last, is_module } = self.clone();
        if !is_module {
            return Address { modules, resource: last };
        }
        modules.push(last);
        Address { modules, resource: AddressSegment { name: String::new(), key: None } }
    }

    /// Whether a resource lies in it.
    pub fn contains(&self, address: &Address) -> bool {
        self.segment_of(address).is_some()
    }

    /// Where a resource is after this part has become `to`; `None` if it does not move with it. What gets a key by that was
    /// not repeated before, so of `web` to `web["a"]` only `web` itself moves.
    pub fn moved(&self, to: &Part, address: &Address) -> Option<Address> {
        let found = self.segment_of(address)?;
        let gets_key = self.last.key.is_none() && to.last.key.is_some();
        if self.is_module != to.is_module || (gets_key && found.key.is_some()) {
            return None;
        }
        let key = if self.last.key.is_none() && !gets_key { found.key.clone() } else { to.last.key.clone() };
        let last = AddressSegment { name: to.last.name.clone(), key };
        let mut modules = to.modules.clone();
        if self.is_module {
            modules.push(last);
            modules.extend_from_slice(&address.modules[self.modules.len() + 1..]);
            return Some(Address { modules, resource: address.resource.clone() });
        }
        Some(Address { modules, resource: last })
    }

    /// Of a resource that lies in it, what corresponds to its last segment.
    fn segment_of<'a>(&self, address: &'a Address) -> Option<&'a AddressSegment> {
        let inside = address.modules.strip_prefix(self.modules.as_slice())?;
        let found = match (self.is_module, inside) {
            (true, [module, ..]) => module,
            (false, []) => &address.resource,
            _ => return None,
        };
        let is_meant = found.name == self.last.name && (self.last.key.is_none() || self.last.key == found.key);
        is_meant.then_some(found)
    }
}

impl From<Address> for Part {
    fn from(address: Address) -> Self {
        Part { modules: address.modules, last: address.resource, is_module: false }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.modules.iter().try_for_each(|module| write!(f, "module.{module}."))?;
        let prefix = if self.is_module { "module." } else { "" };
        write!(f, "{prefix}{}", self.last)
    }
}

impl FromStr for Part {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (modules, last, is_module) = path(text)?;
        Ok(Part { modules, last, is_module })
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Part {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str) -> Part {
        let part = text.parse::<Part>().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(part.to_string(), text);
        part
    }

    fn address(text: &str) -> Address {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_part_contains_what_lies_in_it() {
        for (text, inside, outside) in [
            ("web", vec!["web", "web[0]", r#"web["a"]"#], vec!["webs", "module.web.web", "module.a.web"]),
            ("web[1]", vec!["web[1]"], vec!["web", "web[10]", r#"web["1"]"#]),
            ("module.a", vec!["module.a.web", "module.a.module.b.web[0]", r#"module.a["x"].web"#], vec!["a", "web"]),
            (r#"module.a["x"]"#, vec![r#"module.a["x"].web"#], vec!["module.a.web", r#"module.a["y"].web"#]),
            ("module.a.module.b", vec!["module.a.module.b.web"], vec!["module.a.web", "module.b.web"]),
        ] {
            inside.iter().for_each(|found| assert!(part(text).contains(&address(found)), "{text} {found}"));
            outside.iter().for_each(|found| assert!(!part(text).contains(&address(found)), "{text} {found}"));
        }
    }

    #[test]
    fn what_lies_in_a_part_moves_with_it() {
        for (from, to, before, after) in [
            ("a", "b", "a", Some("b")),
            ("a", "b", "a[0]", Some("b[0]")),
            ("a", "a[0]", "a", Some("a[0]")),
            ("a", "a[0]", "a[0]", None),
            ("a[0]", "a", "a[0]", Some("a")),
            ("a[0]", r#"b["x"]"#, "a[0]", Some(r#"b["x"]"#)),
            ("a", "module.m.a", "a[1]", Some("module.m.a[1]")),
            ("module.m", "module.n", "module.m.a", Some("module.n.a")),
            ("module.m", "module.n", r#"module.m["x"].module.o.a[1]"#, Some(r#"module.n["x"].module.o.a[1]"#)),
            ("module.m", r#"module.m["x"]"#, "module.m.a", Some(r#"module.m["x"].a"#)),
            ("module.m", r#"module.m["x"]"#, r#"module.m["x"].a"#, None),
            ("module.m", "module.n.module.m", "module.m.a", Some("module.n.module.m.a")),
            ("module.m", "module.n", "module.o.a", None),
            ("module.m", "n", "module.m.a", None),
        ] {
            let moved = part(from).moved(&part(to), &address(before));
            assert_eq!(moved, after.map(address), "{from} to {to}: {before}");
        }
    }

    #[test]
    fn what_names_no_part_is_refused() {
        for text in ["", "module.", "module.a.", "module.a.b.c", "a.b", "module.a[", "a[x]"] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}
