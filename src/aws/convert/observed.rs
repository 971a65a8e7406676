//! Builds the document that a driver hands back from what the API said.

use serde_json::{Map, Value as Json};

use crate::base::Doc;

/// A document or a part of one, under CloudFormation's names. What the API left out is left out here.
#[derive(Default)]
pub struct Observed(Map<String, Json>);

impl Observed {
    /// Without any property yet.
    pub fn new() -> Self {
        Observed::default()
    }

    /// With a property, if the API reported it.
    #[must_use]
    pub fn with<T: Into<Json>>(mut self, name: &str, value: Option<T>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// With a list, which may be empty.
    #[must_use]
    pub fn with_list<T: Into<Json>>(self, name: &str, items: impl IntoIterator<Item = T>) -> Self {
        self.with(name, Some(items.into_iter().map(T::into).collect::<Vec<Json>>()))
    }

    /// With a JSON document that the API reports as text.
    #[must_use]
    pub fn with_document(self, name: &str, text: Option<&str>) -> Self {
        self.with(name, text.map(|text| serde_json::from_str(text).unwrap_or_else(|_| Json::from(text))))
    }
}

impl From<Observed> for Doc {
    fn from(observed: Observed) -> Self {
        Doc(observed.0)
    }
}

impl From<Observed> for Json {
    fn from(observed: Observed) -> Self {
        Json::Object(observed.0)
    }
}

/// Whether two JSON documents are the same, each as text or as structure.
pub fn same_document(a: &Json, b: &Json) -> bool {
    fn parsed(value: &Json) -> Option<Json> {
        serde_json::from_str(value.as_str()?).ok()
    }
    parsed(a).as_ref().unwrap_or(a) == parsed(b).as_ref().unwrap_or(b)
}
