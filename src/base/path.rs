//! Where a value stands inside a resource: `Tags[0].Value`. The same type, with [`Segment::Each`], is a pattern.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value as Json;

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    Key(String),
    Index(usize),
    /// Any key or index; only in patterns. Written `*`.
    Each,
}

/// A place in a document, or a pattern for places.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Segment>);

impl Path {
    /// The path of a top-level property.
    pub fn key(name: impl Into<String>) -> Self {
        Path(vec![Segment::Key(name.into())])
    }

    /// From a JSON pointer as AWS's schemas write them: `/properties/Tags/*/Key` is `Tags[*].Key`.
    pub fn from_pointer(pointer: &str) -> Self {
        let pointer = pointer.strip_prefix("/properties").unwrap_or(pointer);
        let segment = |part: &str| match part {
            "*" => Segment::Each,
            _ => Segment::Key(part.replace("~1", "/").replace("~0", "~")),
        };
        Path(pointer.split('/').filter(|part| !part.is_empty()).map(segment).collect())
    }

    /// This path, one step further.
    #[must_use]
    pub fn join(&self, segment: Segment) -> Self {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    /// The top-level property that this path lies in; `None` for the empty path.
    pub fn property(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Key(key)) => Some(key),
            _ => None,
        }
    }

    /// Whether this pattern means `other`, or something that `other` lies in: `Tags` covers `Tags[0].Value`.
    pub fn covers(&self, other: &Path) -> bool {
        self.0.len() <= other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| segments_match(a, b))
    }

    /// Whether one of the two covers the other.
    pub fn overlaps(&self, other: &Path) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| segments_match(a, b))
    }

    /// The value at this path (which holds no [`Segment::Each`]).
    pub fn get<'a>(&self, root: &'a Json) -> Option<&'a Json> {
        self.0.iter().try_fold(root, |value, segment| match segment {
            Segment::Key(key) => value.get(key),
            Segment::Index(index) => value.get(index),
            Segment::Each => None,
        })
    }
}

fn segments_match(a: &Segment, b: &Segment) -> bool {
    a == b || *a == Segment::Each || *b == Segment::Each
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Each => f.write_str("[*]")?,
                Segment::Key(key) if is_plain(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    f.write_str(key)?;
                }
                Segment::Key(key) => write!(f, "[{}]", Json::from(key.as_str()))?,
            }
        }
        Ok(())
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a property path; paths look like `Tags`, `Rules[0].Port` or `Policy[\"aws:arn\"]`")]
pub struct PathError(String);

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        parse(text).map(Path).ok_or_else(|| PathError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Vec<Segment>> {
    let (mut rest, mut path) = (text, Vec::new());
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("[*]") {
            path.push(Segment::Each);
            rest = inner;
        } else if let Some(inner) = rest.strip_prefix('[') {
            let mut keys = serde_json::Deserializer::from_str(inner).into_iter::<Json>();
            path.push(match keys.next()?.ok()? {
                Json::String(key) => Segment::Key(key),
                Json::Number(index) => Segment::Index(usize::try_from(index.as_u64()?).ok()?),
                _ => return None,
            });
            rest = inner[keys.byte_offset()..].strip_prefix(']')?;
        } else {
            let name = if path.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if !is_plain(&name[..end]) {
                return None;
            }
            path.push(Segment::Key(name[..end].to_owned()));
            rest = &name[end..];
        }
    }
    Some(path)
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_path_reads_back_from_its_text(path in prop::collection::vec(
            prop_oneof![any::<String>().prop_map(Segment::Key), any::<u16>().prop_map(|i| Segment::Index(i.into())), Just(Segment::Each)],
            0..6,
        )) {
            let path = Path(path);
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }

    #[test]
    fn a_pattern_covers_what_lies_below_it() {
        let covers = |a: &str, b: &str| a.parse::<Path>().unwrap().covers(&b.parse().unwrap());
        assert!(covers("Tags", "Tags[0].Value"));
        assert!(covers("Tags[*].Value", "Tags[3].Value"));
        assert!(!covers("Tags[0].Value", "Tags"));
        assert_eq!(Path::from_pointer("/properties/Rules/*/Port").to_string(), "Rules[*].Port");
    }
}
