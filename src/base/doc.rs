//! A fully known document: what a driver is handed and what it hands back. Its own type because it may hold secrets in
//! clear, so it must not be printable by accident.

use std::fmt;

use serde_json::{Map, Value as Json};

/// The properties of one resource, under AWS's names, without anything unknown. `Debug` shows the names only.
#[derive(Clone, Default, PartialEq)]
pub struct Doc(pub Map<String, Json>);

impl Doc {
    /// The value of a top-level property; `None` if absent or null.
    pub fn get(&self, property: &str) -> Option<&Json> {
        self.0.get(property).filter(|value| !value.is_null())
    }

    /// A text property.
    pub fn text(&self, property: &str) -> Option<&str> {
        self.get(property).and_then(Json::as_str)
    }

    /// The document as a JSON object.
    pub fn into_json(self) -> Json {
        Json::Object(self.0)
    }
}

impl From<Json> for Doc {
    /// Anything but an object is an empty document.
    fn from(value: Json) -> Self {
        match value {
            Json::Object(map) => Doc(map),
            _ => Doc::default(),
        }
    }
}

impl fmt::Debug for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Doc")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}
