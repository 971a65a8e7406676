//! The words for things in a cloud that state, stack and drivers share: where, whose, which, and on behalf of what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What AWS calls an object by: the type's primary identifier. Several parts are joined by `|`, as CloudFormation does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhysicalId(pub String);

/// How the id of an object begins that is only known by the request that makes it. No id of AWS begins like this.
const REQUEST: &str = "request:";

impl PhysicalId {
    /// What an object is known by until the request that makes it has told its id: the token of that request.
    pub fn of_request(token: &str) -> Self {
        PhysicalId(format!("{REQUEST}{token}"))
    }

    /// The token of the request that makes the object, if nothing else is known of it yet.
    pub fn request(&self) -> Option<&str> {
        self.0.strip_prefix(REQUEST)
    }
}

impl fmt::Display for PhysicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Exactly 32 letters and digits, made once per intent and the same for every retry of it (ACM takes at most 32
/// characters, Secrets Manager at least 32).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub String);

/// Whose account this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Twelve digits.
    pub account_id: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
}

/// A place to work in: a region, and the role to work there as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// `eu-central-1`.
    pub region: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
}
