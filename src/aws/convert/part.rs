//! Parts of a document that have a type of their own in the SDK. What CloudFormation calls a part and what the SDK calls
//! it is written down once, by `structures`, `unions` and `words`, and goes both ways: from what a user wants into
//! requests, and from answers into what is observed.

#![expect(clippy::disallowed_types, reason = "the SDK's own maps are of this type; here they are only passed through")]

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
};

use aws_smithy_types::{DateTime, Document, Number, date_time::Format, error::operation::BuildError};
use serde_json::{Map, Value as Json};

use super::{
    Changed, Observed, Wanted,
    wanted::{as_flag, as_text, as_whole},
};
use crate::driver::Result;

/// A value that has one form in documents and one in the SDK.
pub trait Part: Sized {
    /// From a document; `around` and `name` say in which property it stands.
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self>;

    /// Into a document.
    fn shown(&self) -> Json;
}

/// A field of an answer, which the SDK may call optional or not.
pub trait Reported {
    /// Its form in a document, if the API said anything.
    fn reported(&self) -> Option<Json>;
}

impl<T: Part> Reported for T {
    fn reported(&self) -> Option<Json> {
        Some(self.shown())
    }
}

impl<T: Part> Reported for Option<T> {
    fn reported(&self) -> Option<Json> {
        self.as_ref().map(Part::shown)
    }
}

/// What the SDK's builders end in: some can fail, because a field must be given.
pub trait Finished<T> {
    /// The built structure, or that a property is missing.
    fn finished(self, around: &Wanted<'_>) -> Result<T>;
}

impl<T> Finished<T> for T {
    fn finished(self, _: &Wanted<'_>) -> Result<T> {
        Ok(self)
    }
}

impl<T> Finished<T> for std::result::Result<T, BuildError> {
    fn finished(self, around: &Wanted<'_>) -> Result<T> {
        self.map_err(|error| around.invalid(error))
    }
}

impl Wanted<'_> {
    /// A part with a type of its own in the SDK.
    pub fn part<T: Part>(&self, name: &str) -> Result<Option<T>> {
        self.raw(name).map(|value| T::taken(value, self, name)).transpose()
    }
}

impl Changed<'_> {
    /// What a part is to become; `None` if it stays, or is taken away and the API cannot take it away.
    pub fn part<T: Part>(&self, name: &str) -> Result<Option<T>> {
        if self.touches(name) { self.want.part(name) } else { Ok(None) }
    }

    /// What a part is to become; `None` if it stays. Taken out of the document, it becomes `default`.
    pub fn part_or<T: Part>(&self, name: &str, default: T) -> Result<Option<T>> {
        Ok(if self.touches(name) { Some(self.want.part(name)?.unwrap_or(default)) } else { None })
    }
}

impl Observed {
    /// With a part that the SDK has a type for, if the API reported it.
    #[must_use]
    pub fn with_part(self, name: &str, value: &impl Reported) -> Self {
        self.with(name, value.reported())
    }
}

impl Part for String {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        as_text(value).ok_or_else(|| around.wrong(name, "a text"))
    }

    fn shown(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl Part for bool {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        as_flag(value).ok_or_else(|| around.wrong(name, "true or false"))
    }

    fn shown(&self) -> Json {
        Json::from(*self)
    }
}

impl Part for i32 {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        as_whole(value).ok_or_else(|| around.wrong(name, "a whole number"))
    }

    fn shown(&self) -> Json {
        Json::from(*self)
    }
}

impl Part for i64 {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let number = match value {
            Json::Number(number) => number.as_i64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| around.wrong(name, "a whole number"))
    }

    fn shown(&self) -> Json {
        Json::from(*self)
    }
}

impl Part for f64 {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let number = match value {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| number.is_finite()).ok_or_else(|| around.wrong(name, "a number"))
    }

    fn shown(&self) -> Json {
        Json::from(*self)
    }
}

impl Part for DateTime {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let time = value.as_str().and_then(|text| DateTime::from_str(text, Format::DateTimeWithOffset).ok());
        time.ok_or_else(|| around.wrong(name, "a time such as `2030-01-31T08:00:00Z`"))
    }

    fn shown(&self) -> Json {
        self.fmt(Format::DateTime).map_or(Json::Null, Json::from)
    }
}

impl<T: Part> Part for Vec<T> {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let items = value.as_array().ok_or_else(|| around.wrong(name, "a list"))?;
        items.iter().map(|item| T::taken(item, around, name)).collect()
    }

    fn shown(&self) -> Json {
        self.iter().map(Part::shown).collect()
    }
}

impl<T: Part> Part for Box<T> {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        T::taken(value, around, name).map(Box::new)
    }

    fn shown(&self) -> Json {
        T::shown(self)
    }
}

/// A map by texts or by words of the SDK.
impl<K, T> Part for HashMap<K, T>
where
    K: Eq + Hash + for<'k> From<&'k str> + AsRef<str>,
    T: Part,
{
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        let entries = value.as_object().ok_or_else(|| around.wrong(name, "a map"))?;
        entries.iter().map(|(key, value)| Ok((K::from(key.as_str()), T::taken(value, around, name)?))).collect()
    }

    fn shown(&self) -> Json {
        let sorted: BTreeMap<&str, Json> = self.iter().map(|(key, value)| (key.as_ref(), value.shown())).collect();
        sorted.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>().into()
    }
}

/// A JSON document, given as structure or as text.
impl Part for Document {
    fn taken(value: &Json, _: &Wanted<'_>, _: &str) -> Result<Self> {
        let parsed = value.as_str().and_then(|text| serde_json::from_str::<Json>(text).ok());
        Ok(to_document(parsed.as_ref().unwrap_or(value)))
    }

    fn shown(&self) -> Json {
        match self {
            Document::Object(entries) => {
                let sorted: BTreeMap<&String, &Document> = entries.iter().collect();
                sorted.into_iter().map(|(key, value)| (key.clone(), value.shown())).collect::<Map<_, _>>().into()
            }
            Document::Array(items) => items.iter().map(Part::shown).collect(),
            Document::Number(Number::PosInt(number)) => Json::from(*number),
            Document::Number(Number::NegInt(number)) => Json::from(*number),
            Document::Number(Number::Float(number)) => Json::from(*number),
            Document::String(text) => Json::from(text.as_str()),
            Document::Bool(flag) => Json::from(*flag),
            Document::Null => Json::Null,
        }
    }
}

fn to_document(value: &Json) -> Document {
    match value {
        Json::Object(entries) => {
            Document::Object(entries.iter().map(|(key, value)| (key.clone(), to_document(value))).collect())
        }
        Json::Array(items) => Document::Array(items.iter().map(to_document).collect()),
        Json::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Number::PosInt(number),
            (_, Some(number)) => Number::NegInt(number),
            _ => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Json::String(text) => Document::String(text.clone()),
        Json::Bool(flag) => Document::Bool(*flag),
        Json::Null => Document::Null,
    }
}

/// Declares structures of the SDK, property by property: what CloudFormation calls it, the SDK's field, and its setter.
macro_rules! structures {
    ($($structure:ident { $($name:literal: $field:ident $setter:ident),* $(,)? })*) => {$(
        impl $crate::aws::convert::Part for $structure {
            fn taken(
                value: &serde_json::Value,
                around: &$crate::aws::convert::Wanted<'_>,
                name: &str,
            ) -> $crate::driver::Result<Self> {
                let inner = around.within(value, name)?;
                let builder = $structure::builder()$(.$setter(inner.part($name)?))*;
                $crate::aws::convert::Finished::finished(builder.build(), &inner)
            }

            fn shown(&self) -> serde_json::Value {
                $crate::aws::convert::Observed::new()$(.with_part($name, &self.$field))*.into()
            }
        }
    )*};
}
pub(crate) use structures;

/// Declares structures of which exactly one property may be given: what CloudFormation calls it, the SDK's variant, and its
/// getter.
macro_rules! unions {
    ($($union:ident { $($name:literal: $variant:ident $getter:ident),* $(,)? })*) => {$(
        impl $crate::aws::convert::Part for $union {
            fn taken(
                value: &serde_json::Value,
                around: &$crate::aws::convert::Wanted<'_>,
                name: &str,
            ) -> $crate::driver::Result<Self> {
                let inner = around.within(value, name)?;
                $(if let Some(part) = inner.part($name)? {
                    return Ok($union::$variant(part));
                })*
                Err(inner.invalid(format!("property `{name}` must have one of {:?}", [$($name),*])))
            }

            fn shown(&self) -> serde_json::Value {
                $crate::aws::convert::Observed::new()$(.with_part($name, &self.$getter().ok().cloned()))*.into()
            }
        }
    )*};
}
pub(crate) use unions;

/// Declares enumerations of the SDK, which are texts in documents.
macro_rules! words {
    ($($word:ident),* $(,)?) => {$(
        impl $crate::aws::convert::Part for $word {
            fn taken(
                value: &serde_json::Value,
                around: &$crate::aws::convert::Wanted<'_>,
                name: &str,
            ) -> $crate::driver::Result<Self> {
                let text = <String as $crate::aws::convert::Part>::taken(value, around, name)?;
                Ok($word::from(text.as_str()))
            }

            fn shown(&self) -> serde_json::Value {
                serde_json::Value::from(self.as_str())
            }
        }
    )*};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    fn both_ways<T: Part>(value: &Json) -> Result<Json> {
        let document: Doc = json!({"It": value}).into();
        Ok(Wanted::new("T", &document).part::<T>("It")?.map_or(Json::Null, |part| part.shown()))
    }

    #[test]
    fn what_is_taken_is_shown_as_it_was() {
        let document = json!({"list": [1, -2, 1.5, "text", true, null]});
        assert_eq!(both_ways::<Document>(&document).unwrap(), document);
        assert_eq!(both_ways::<Document>(&json!(document.to_string())).unwrap(), document);
        let time = json!("2030-01-31T08:00:00Z");
        assert_eq!(both_ways::<DateTime>(&time).unwrap(), time);
        assert_eq!(both_ways::<DateTime>(&json!("2030-01-31T09:00:00+01:00")).unwrap(), time);
        assert_eq!(
            both_ways::<HashMap<String, String>>(&json!({"b": 1, "a": "x"})).unwrap(),
            json!({"a": "x", "b": "1"})
        );
        assert_eq!(both_ways::<Vec<i32>>(&json!(["1", 2])).unwrap(), json!([1, 2]));
        assert_eq!(both_ways::<f64>(&json!("0.5")).unwrap(), json!(0.5));
    }

    #[test]
    fn a_part_of_the_wrong_form_is_a_fault_that_names_its_property() {
        let message = |outcome: Result<Json>| outcome.unwrap_err().message;
        assert_eq!(message(both_ways::<Vec<i32>>(&json!([{}]))), "property `It` must be a whole number");
        assert_eq!(message(both_ways::<f64>(&json!("much"))), "property `It` must be a number");
        assert!(message(both_ways::<DateTime>(&json!("soon"))).starts_with("property `It` must be a time"));
    }
}
