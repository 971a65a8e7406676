//! Tags as IAM takes them.

use aws_sdk_iam::types::Tag;

use crate::{
    aws::convert::{Wanted, all_tags},
    driver::{Call, Result, TAG_TOKEN},
};

/// The user's tags and the owner's, for a create call.
pub fn for_create(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags(call, want)?.into_iter().filter_map(|(key, value)| tag(key, value)).collect())
}

/// One tag.
pub fn tag(key: String, value: String) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}

/// Whether the intent of `call` has put these tags on.
pub fn are_ours(tags: &[Tag], call: &Call) -> bool {
    tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0)
}
