//! The plan that takes a run back: a pure function of the state before and the state now.

use super::plan::Plan;
use crate::{catalogue::Catalogue, state::State};

/// What has to be done so that the world is again as `before` says: what was made since is deleted, what was changed is
/// changed back, in the reverse order. What cannot be undone is named in `warnings`.
pub fn undo(before: &State, now: &State, catalogue: &Catalogue) -> Plan {
    let _ = (before, now, catalogue);
    unimplemented!()
}
