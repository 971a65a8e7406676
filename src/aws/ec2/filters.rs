//! Filters of the Describe calls. Objects are asked for by filter and not by id, because EC2 refuses a whole request for
//! one id that does not exist, and leaves out what a filter does not find.

use aws_sdk_ec2::types::Filter;

use crate::{
    base::PhysicalId,
    driver::{Call, TAG_TOKEN},
};

/// Objects whose `name` is one of `values`.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Vec<Filter> {
    let values = values.into_iter().map(Into::into).collect();
    vec![Filter::builder().name(name).set_values(Some(values)).build()]
}

/// Objects with one of these ids under `name`.
pub fn by_ids(name: &str, ids: &[PhysicalId]) -> Vec<Filter> {
    filter(name, ids.iter().map(|id| &id.0))
}

/// Objects that the intent of `call` has made.
pub fn owned(call: &Call) -> Vec<Filter> {
    filter(&format!("tag:{TAG_TOKEN}"), [&call.token().0])
}
