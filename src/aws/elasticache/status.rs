//! Where a cache stands, by the service's own words.

/// The word for a cache that works and takes changes.
pub const AVAILABLE: &str = "available";

/// It will never work.
pub fn has_failed(status: &str) -> bool {
    matches!(status, "create-failed" | "restore-failed" | "incompatible-network" | "incompatible-parameters")
}

/// It is on its way out.
pub fn is_going(status: &str) -> bool {
    matches!(status, "deleting" | "deleted")
}

/// It is there to stay.
pub fn stands(status: Option<&str>) -> bool {
    !status.is_some_and(|status| is_going(status) || has_failed(status))
}
