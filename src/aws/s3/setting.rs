//! A setting of a bucket: something that S3 sets, reads and takes away by calls of its own.

use async_trait::async_trait;
use aws_sdk_s3::Client;
use serde_json::Value as Json;

use crate::{aws::convert::Changed, driver::Result};

/// One setting.
#[async_trait]
pub trait Setting: Sync {
    /// The properties that it is made of; the first is the one that is read.
    fn properties(&self) -> &'static [&'static str];

    /// What the bucket has of it.
    async fn read(&self, s3: &Client, bucket: &str) -> Result<Option<Json>>;

    /// Makes it what is wanted; only called if it changes.
    async fn put(&self, s3: &Client, change: &Changed<'_>) -> Result<()>;
}

/// Declares a setting of the usual kind: its property and what the SDK calls it, the call that reads it and what of the
/// answer it is, the call that sets it, and either the call that takes it away or what then is to be set instead.
macro_rules! setting {
    ($(#[$doc:meta])* $setting:ident: $property:literal as $part:ty {
        $get:ident $get_name:literal $show:expr,
        $put:ident $put_name:literal $setter:ident,
        $delete:ident $delete_name:literal $(,)?
    }) => {
        setting!(@ $(#[$doc])* $setting $property $get $get_name $show, |s3, change| {
            let Some(part) = change.want.part::<$part>($property)? else {
                let request = s3.$delete().bucket(change.id());
                let deleted = $crate::aws::faults::OrFault::or_fault(
                    request.send().await, $delete_name, $crate::aws::s3::codes::CODES,
                );
                return $crate::aws::faults::gone(deleted).map(|_| ());
            };
            let request = s3.$put().bucket(change.id()).$setter(part);
            $crate::aws::faults::OrFault::or_fault(request.send().await, $put_name, $crate::aws::s3::codes::CODES)?;
            Ok(())
        });
    };
    ($(#[$doc:meta])* $setting:ident: $property:literal as $part:ty {
        $get:ident $get_name:literal $show:expr,
        $put:ident $put_name:literal $setter:ident,
        else $default:tt $(,)?
    }) => {
        setting!(@ $(#[$doc])* $setting $property $get $get_name $show, |s3, change| {
            let part = match change.want.part::<$part>($property)? {
                Some(part) => part,
                None => <$part as $crate::aws::convert::Part>::taken(
                    &serde_json::json!($default), &change.want, $property,
                )?,
            };
            let request = s3.$put().bucket(change.id()).$setter(part);
            $crate::aws::faults::OrFault::or_fault(request.send().await, $put_name, $crate::aws::s3::codes::CODES)?;
            Ok(())
        });
    };
    (@ $(#[$doc:meta])* $setting:ident $property:literal $get:ident $get_name:literal $show:expr,
        |$s3:ident, $change:ident| $body:block
    ) => {
        $(#[$doc])*
        pub struct $setting;

        #[async_trait::async_trait]
        impl $crate::aws::s3::setting::Setting for $setting {
            fn properties(&self) -> &'static [&'static str] {
                &[$property]
            }

            async fn read(
                &self,
                s3: &aws_sdk_s3::Client,
                bucket: &str,
            ) -> $crate::driver::Result<Option<serde_json::Value>> {
                let answer = s3.$get().bucket(bucket).send().await;
                Ok($crate::aws::s3::codes::reported(answer, $get_name)?.and_then($show))
            }

            async fn put(
                &self,
                $s3: &aws_sdk_s3::Client,
                $change: &$crate::aws::convert::Changed<'_>,
            ) -> $crate::driver::Result<()> {
                $body
            }
        }
    };
}
pub(super) use setting;

/// Declares a setting that is a list of parts, each set and taken away by its `Id`: its property and what the SDK calls a
/// part, the call that lists them and where in the answer they are, the calls that set one and take one away.
macro_rules! listed {
    ($(#[$doc:meta])* $setting:ident: $property:literal as $part:ty {
        $list:ident $list_name:literal $field:ident,
        $put:ident $put_name:literal $setter:ident,
        $delete:ident $delete_name:literal $(,)?
    }) => {
        $(#[$doc])*
        pub struct $setting;

        #[async_trait::async_trait]
        impl $crate::aws::s3::setting::Setting for $setting {
            fn properties(&self) -> &'static [&'static str] {
                &[$property]
            }

            async fn read(
                &self,
                s3: &aws_sdk_s3::Client,
                bucket: &str,
            ) -> $crate::driver::Result<Option<serde_json::Value>> {
                let (mut found, mut next) = (Vec::<$part>::new(), None);
                loop {
                    let answer = s3.$list().bucket(bucket).set_continuation_token(next).send().await;
                    let answer = $crate::aws::s3::codes::reported_if_known(answer, $list_name)?;
                    let Some(answer) = answer else { break };
                    found.extend(answer.$field.unwrap_or_default());
                    next = answer.next_continuation_token;
                    if next.is_none() {
                        break;
                    }
                }
                Ok((!found.is_empty()).then(|| $crate::aws::convert::Part::shown(&found)))
            }

            async fn put(
                &self,
                s3: &aws_sdk_s3::Client,
                change: &$crate::aws::convert::Changed<'_>,
            ) -> $crate::driver::Result<()> {
                let items = $crate::aws::s3::setting::Items::of(change, $property)?;
                for id in items.leaving {
                    let request = s3.$delete().bucket(change.id()).id(id);
                    let deleted = $crate::aws::faults::OrFault::or_fault(
                        request.send().await, $delete_name, $crate::aws::s3::codes::CODES,
                    );
                    $crate::aws::faults::gone(deleted)?;
                }
                for (id, value) in items.coming {
                    let part = <$part as $crate::aws::convert::Part>::taken(value, &change.want, $property)?;
                    let request = s3.$put().bucket(change.id()).id(id).$setter(part);
                    $crate::aws::faults::OrFault::or_fault(
                        request.send().await, $put_name, $crate::aws::s3::codes::CODES,
                    )?;
                }
                Ok(())
            }
        }
    };
}
pub(super) use listed;

/// What a change does to a list whose items have an `Id`.
pub struct Items<'a> {
    /// The ids of those that are taken out.
    pub leaving: Vec<String>,
    /// Those that are new or other than before, by their ids.
    pub coming: Vec<(String, &'a Json)>,
}

impl<'a> Items<'a> {
    /// What `change` does to the list at `property`.
    pub fn of(change: &Changed<'a>, property: &str) -> Result<Self> {
        let values = |value: Option<&'a Json>| value.and_then(Json::as_array).into_iter().flatten();
        let (want, before) = (change.want.raw(property), change.before.raw(property));
        let mut coming = Vec::new();
        let mut staying = Vec::new();
        // A list of another form is refused here, before anything is taken out of the one there is.
        for (item, value) in change.want.items(property)?.iter().zip(values(want)) {
            let id: String =
                item.text("Id")?.ok_or_else(|| item.invalid(format!("give each of `{property}` an `Id`")))?;
            if !values(before).any(|before| before == value) {
                coming.push((id.clone(), value));
            }
            staying.push(id);
        }
        let leaving = change.before.items(property)?.into_iter().map(|item| item.text::<String>("Id"));
        let leaving = leaving.collect::<Result<Vec<_>>>()?.into_iter().flatten();
        Ok(Items { leaving: leaving.filter(|id| !staying.contains(id)).collect(), coming })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        base::{Path, PhysicalId},
        driver::Change,
    };

    #[test]
    fn only_items_that_differ_come_and_go() {
        let change = Change {
            id: PhysicalId("main".into()),
            before: json!({"List": [{"Id": "a"}, {"Id": "b", "Prefix": "x"}, {"Id": "c"}]}).into(),
            want: json!({"List": [{"Id": "c"}, {"Id": "b", "Prefix": "y"}, {"Id": "d"}]}).into(),
            paths: vec![Path::key("List")],
        };
        let items = Items::of(&Changed::new("T", &change), "List").unwrap();
        assert_eq!(items.leaving, ["a"]);
        assert_eq!(items.coming.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["b", "d"]);
    }
}
