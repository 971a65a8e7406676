//! Typed access to what a user wants. Lenient where AWS is lenient (`"5"` for 5, `"true"` for true) and strict
//! otherwise: a value of the wrong type, known only at apply, must not vanish from the request.

use std::fmt::Display;

use serde_json::{Map, Value as Json};

use crate::{
    base::{Doc, Path, PhysicalId, Segment},
    driver::{Change, Fault, FaultKind, Result},
};

/// The properties of a document, or of an object inside one.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    type_name: &'static str,
    properties: &'a Map<String, Json>,
}

impl<'a> Wanted<'a> {
    /// The properties of a whole document of `type_name`.
    pub fn new(type_name: &'static str, document: &'a Doc) -> Self {
        Wanted { type_name, properties: &document.0 }
    }

    /// The value of a property as it is; `None` if absent or null.
    pub fn raw(&self, name: &str) -> Option<&'a Json> {
        self.properties.get(name).filter(|value| !value.is_null())
    }

    /// A text, or one of the SDK's enumerations.
    pub fn text<T: for<'t> From<&'t str>>(&self, name: &str) -> Result<Option<T>> {
        self.convert(name, "a text", |value| match value {
            Json::String(text) => Some(T::from(text)),
            Json::Number(number) => Some(T::from(&number.to_string())),
            Json::Bool(flag) => Some(T::from(&flag.to_string())),
            _ => None,
        })
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.convert(name, "true or false", |value| match value {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Result<Option<i32>> {
        self.convert(name, "a whole number", |value| match value {
            Json::Number(number) => number.as_i64().and_then(|n| i32::try_from(n).ok()),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A whole number that may need more than 32 bits.
    pub fn long(&self, name: &str) -> Result<Option<i64>> {
        self.convert(name, "a whole number", |value| match value {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A number, whole or not.
    pub fn decimal(&self, name: &str) -> Result<Option<f64>> {
        self.convert(name, "a number", |value| match value {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        self.convert(name, "a list of texts", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    /// A JSON document, given as structure or as text, as the text that the API takes.
    pub fn document(&self, name: &str) -> Result<Option<String>> {
        self.convert(name, "a JSON document", |value| match value {
            Json::String(text) => Some(text.clone()),
            Json::Object(_) => Some(value.to_string()),
            _ => None,
        })
    }

    /// An object inside.
    pub fn inner(&self, name: &str) -> Result<Option<Wanted<'a>>> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let properties = value.as_object().ok_or_else(|| self.wrong(name, "an object"))?;
        Ok(Some(Wanted { type_name: self.type_name, properties }))
    }

    /// A list of objects; empty if absent.
    pub fn items(&self, name: &str) -> Result<Vec<Wanted<'a>>> {
        let Some(value) = self.raw(name) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| self.wrong(name, "a list"))?;
        let item = |value: &'a Json| {
            let properties = value.as_object().ok_or_else(|| self.wrong(name, "a list of objects"))?;
            Ok(Wanted { type_name: self.type_name, properties })
        };
        items.iter().map(item).collect()
    }

    /// The fault for a request that this API cannot carry out.
    pub fn invalid(&self, message: impl Display) -> Fault {
        Fault::new(FaultKind::Invalid, self.type_name, message.to_string())
    }

    fn convert<T>(&self, name: &str, expected: &str, convert: impl Fn(&Json) -> Option<T>) -> Result<Option<T>> {
        let convert = |value: &Json| convert(value).ok_or_else(|| self.wrong(name, expected));
        self.raw(name).map(convert).transpose()
    }

    fn wrong(&self, name: &str, expected: &str) -> Fault {
        self.invalid(format!("property `{name}` must be {expected}"))
    }
}

/// A change, and typed access to what it changes.
#[derive(Clone, Copy)]
pub struct Changed<'a> {
    change: &'a Change,
    /// The properties as they should be.
    pub want: Wanted<'a>,
    /// The properties as they are.
    pub before: Wanted<'a>,
}

impl<'a> Changed<'a> {
    /// A change to an object of `type_name`.
    pub fn new(type_name: &'static str, change: &'a Change) -> Self {
        let want = Wanted::new(type_name, &change.want);
        Changed { change, want, before: Wanted::new(type_name, &change.before) }
    }

    /// The physical id of the changed object.
    pub fn id(&self) -> &'a str {
        &self.change.id.0
    }

    /// Whether anything at or below `property` changes.
    pub fn touches(&self, property: &str) -> bool {
        self.change.touches(property)
    }

    /// What a flag is to become; `None` if it stays. Taken out of the document, it becomes `default`.
    pub fn flag(&self, name: &str, default: bool) -> Result<Option<bool>> {
        Ok(if self.touches(name) { Some(self.want.flag(name)?.unwrap_or(default)) } else { None })
    }

    /// The items that a list of texts gains and loses, without regard to order.
    pub fn texts(&self, name: &str) -> Result<(Vec<String>, Vec<String>)> {
        if !self.touches(name) {
            return Ok((Vec::new(), Vec::new()));
        }
        let want = self.want.texts(name)?.unwrap_or_default();
        let before = self.before.texts(name)?.unwrap_or_default();
        let without =
            |list: &[String], other: &[String]| list.iter().filter(|item| !other.contains(item)).cloned().collect();
        Ok((without(&want, &before), without(&before, &want)))
    }

    /// Refuses a change of properties that the API fixes at creation although the schema does not say so.
    pub fn refuse(&self, fixed: &[&str]) -> Result<()> {
        match fixed.iter().find(|name| self.touches(name)) {
            None => Ok(()),
            Some(name) => Err(self.want.invalid(format!(
                "`{name}` cannot be changed on an existing object; to have another one made, give the resource a new \
                 name in the stack, or `lifecycle.replace_when`"
            ))),
        }
    }
}

/// What is left to do after the create call: the change from what it made to what is wanted. Lets a create finish its
/// object with the same code that an update uses.
pub fn fresh(id: &PhysicalId, observed: impl Into<Doc>, want: &Doc) -> Change {
    let observed: Doc = observed.into();
    let differs = |name: &&String| want.get(name).is_some() && want.get(name) != observed.get(name);
    let paths = want.0.keys().filter(differs).map(|name| Path(vec![Segment::Key(name.clone())])).collect();
    Change { id: id.clone(), before: observed, want: want.clone(), paths }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Doc {
        json!({"Port": "80", "Count": 3, "On": "true", "Names": ["a", "b"], "Bad": {"x": 1}, "Gone": null}).into()
    }

    #[test]
    fn numbers_and_flags_may_be_written_as_text() {
        let document = document();
        let want = Wanted::new("T", &document);
        assert_eq!(want.whole("Port").unwrap(), Some(80));
        assert_eq!(want.long("Port").unwrap(), Some(80));
        assert_eq!(want.decimal("Count").unwrap(), Some(3.0));
        assert_eq!(want.text::<String>("Count").unwrap().as_deref(), Some("3"));
        assert_eq!(want.flag("On").unwrap(), Some(true));
        assert_eq!(want.flag("Gone").unwrap(), None);
    }

    #[test]
    fn a_value_of_the_wrong_type_is_a_fault_and_never_left_out() {
        let document = document();
        let fault = Wanted::new("AWS::EC2::VPC", &document).whole("Bad").unwrap_err();
        assert_eq!(fault.to_string(), "AWS::EC2::VPC: property `Bad` must be a whole number");
    }

    #[test]
    fn only_what_changed_is_touched_and_what_was_taken_out_returns_to_the_default() {
        let change = Change {
            id: PhysicalId("id".into()),
            before: json!({"On": true, "Same": true, "Names": ["b", "c"]}).into(),
            want: document(),
            paths: vec![Path::key("On"), Path::key("Names"), Path::key("Removed")],
        };
        let change = Changed::new("T", &change);
        assert_eq!(change.flag("Same", false).unwrap(), None);
        assert_eq!(change.flag("Removed", false).unwrap(), Some(false));
        assert_eq!(change.texts("Names").unwrap(), (vec!["a".to_owned()], vec!["c".to_owned()]));
    }
}
