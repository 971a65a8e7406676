//! What a step changes of a resource, property by property.

use super::{
    changed, drift,
    plan_changes::Context,
    values::{self, Shown},
};
use crate::{
    base::Path,
    engine::plan::{Action, Plan, Reason, Step},
};

/// A property before and after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    pub path: Path,
    /// `None`: there was nothing, or it is not known.
    pub before: Option<String>,
    /// `None`: it is taken away.
    pub after: Option<String>,
    /// Because of this property the object is replaced.
    pub replaces: bool,
}

/// Everything that a step changes.
pub(super) fn differences(plan: &Plan, step: &Step, context: &Context) -> Vec<Difference> {
    match &step.action {
        Action::Accept { accepted, .. } => drift::differences(&step.why, accepted),
        Action::Update { want, before, paths, .. } => {
            // Of what AWS never reports, there is what was kept of it.
            let former = context.former.get(&step.object);
            let is_drift =
                |path: &Path| step.why.iter().any(|why| matches!(why, Reason::Drifted { path: at } if at == path));
            let kept = |path: &Path| former.filter(|_| !is_drift(path)).and_then(|former| path.get(former));
            let difference = |path: &Path| {
                let before = path.get(before).or_else(|| kept(path)).map(Shown::from);
                differing(path, before.as_ref(), values::at(want, path).map(Shown::from).as_ref(), false)
            };
            paths.iter().flat_map(difference).collect()
        }
        Action::Create { want, replaces: Some(old), .. } => {
            let former = context.former.get(old);
            let drifted = plan.drifted.get(old).map(Vec::as_slice).unwrap_or_default();
            let causes = step.why.iter().filter_map(|why| match why {
                Reason::Immutable { path } | Reason::Follows { path, .. } => Some((path, true)),
                Reason::Changed { path } => Some((path, false)),
                _ => None,
            });
            let before = |path: &Path| match drifted.iter().find(|deviation| deviation.path == *path) {
                Some(deviation) => drift::side(&deviation.live),
                None => former.and_then(|former| path.get(former)).map(Shown::from),
            };
            let difference = |(path, replaces): (&Path, bool)| {
                differing(path, before(path).as_ref(), values::at(want, path).map(Shown::from).as_ref(), replaces)
            };
            causes.flat_map(difference).collect()
        }
        _ => Vec::new(),
    }
}

/// What differs at a property.
pub(super) fn differing(path: &Path, before: Option<&Shown>, after: Option<&Shown>, replaces: bool) -> Vec<Difference> {
    let places = changed::places(path, before, after);
    places.into_iter().map(|(path, before, after)| Difference { path, before, after, replaces }).collect()
}
