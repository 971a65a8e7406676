//! Typed access to what a user wants. Lenient where AWS is lenient (`"5"` for 5, `"true"` for true) and strict
//! otherwise: a value of the wrong type, known only at apply, must not vanish from the request.

use std::{collections::BTreeMap, fmt::Display};

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
        self.convert(name, "a text", |value| as_text(value).map(|text| T::from(&text)))
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        self.convert(name, "true or false", as_flag)
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Result<Option<i32>> {
        self.convert(name, "a whole number", as_whole)
    }

    /// A whole number that may be larger than [`Wanted::whole`] can hold.
    pub fn long(&self, name: &str) -> Result<Option<i64>> {
        self.convert(name, "a whole number", |value| match value {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// A number, with or without a fraction.
    pub fn decimal(&self, name: &str) -> Result<Option<f64>> {
        self.convert(name, "a number", |value| match value {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        })
    }

    /// Texts by name; numbers and flags may stand for texts.
    pub fn map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>> {
        let text = |value: &Json| match value {
            Json::String(text) => Some(text.clone()),
            Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        self.convert(name, "a map of texts", |value| {
            value.as_object()?.iter().map(|(key, value)| Some((key.clone(), text(value)?))).collect()
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
        self.raw(name).map(|value| self.within(value, name)).transpose()
    }

    /// The object that is the value of property `name`, or of an item of it.
    pub fn within<'b>(&self, value: &'b Json, name: &str) -> Result<Wanted<'b>> {
        let properties = value.as_object().ok_or_else(|| self.wrong(name, "an object"))?;
        Ok(Wanted { type_name: self.type_name, properties })
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

    /// An object inside, as the SDK's structure.
    pub fn structure<T>(&self, name: &str, build: impl Fn(&Wanted<'a>) -> Result<T>) -> Result<Option<T>> {
        self.inner(name)?.as_ref().map(build).transpose()
    }

    /// A list of objects, as the SDK's structures; `None` if absent.
    pub fn structures<T>(&self, name: &str, build: impl Fn(&Wanted<'a>) -> Result<T>) -> Result<Option<Vec<T>>> {
        match self.raw(name) {
            None => Ok(None),
            Some(_) => self.items(name)?.iter().map(build).collect::<Result<_>>().map(Some),
        }
    }

    /// The fault for a request that this API cannot carry out.
    pub fn invalid(&self, message: impl Display) -> Fault {
        Fault::new(FaultKind::Invalid, self.type_name, message.to_string())
    }

    fn convert<T>(&self, name: &str, expected: &str, convert: impl Fn(&Json) -> Option<T>) -> Result<Option<T>> {
        let convert = |value: &Json| convert(value).ok_or_else(|| self.wrong(name, expected));
        self.raw(name).map(convert).transpose()
    }

    /// The fault for a property that has a value of another form than `expected`.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> Fault {
        self.invalid(format!("property `{name}` must be {expected}"))
    }
}

/// A text; a number and a flag may stand for one.
pub(super) fn as_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// True or false, as such or as text.
pub(super) fn as_flag(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A whole number, as such or as text.
pub(super) fn as_whole(value: &Json) -> Option<i32> {
    match value {
        Json::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
        Json::String(text) => text.parse().ok(),
        _ => None,
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
        json!({
            "Port": "80", "Count": 3, "Share": "0.5", "On": "true", "Names": ["a", "b"], "Bad": {"x": 1}, "Gone": null,
        })
        .into()
    }

    #[test]
    fn numbers_and_flags_may_be_written_as_text() {
        let document = document();
        let want = Wanted::new("T", &document);
        assert_eq!(want.whole("Port").unwrap(), Some(80));
        assert_eq!(want.long("Port").unwrap(), Some(80));
        assert_eq!(want.decimal("Share").unwrap(), Some(0.5));
        assert_eq!(want.decimal("Count").unwrap(), Some(3.0));
        assert_eq!(want.text::<String>("Count").unwrap().as_deref(), Some("3"));
        assert_eq!(want.flag("On").unwrap(), Some(true));
        assert_eq!(want.flag("Gone").unwrap(), None);
    }

    #[test]
    fn maps_are_of_texts() {
        let document = Doc::from(json!({"Options": {"WindowsVSS": "enabled", "Count": 1}, "Days": 9_000_000_000_i64}));
        let want = Wanted::new("T", &document);
        let options = [("Count", "1"), ("WindowsVSS", "enabled")].map(|(key, text)| (key.to_owned(), text.to_owned()));
        assert_eq!(want.map("Options").unwrap(), Some(options.into()));
        assert_eq!(want.long("Days").unwrap(), Some(9_000_000_000));
        assert!(want.map("Days").is_err());
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
