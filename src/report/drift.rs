//! What was changed or deleted outside of provision: the part of a plan that is there for no other reason.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    plan_changes::{Context, Difference, differences},
    text::{self, Look, Tone},
};
use crate::{
    base::Address,
    engine::plan::{Plan, Reason, Step},
};

/// An object that is not as it was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    pub address: Address,
    pub type_name: String,
    /// It does not exist any more.
    pub is_missing: bool,
    /// What is, and what should be.
    pub properties: Vec<Difference>,
}

/// Everything in a plan that somebody else has caused. What is missing is forgotten in one step and made again in another,
/// and was lost once.
pub fn find(plan: &Plan, context: &Context) -> Vec<Drift> {
    let mut missing = BTreeSet::new();
    let found = plan.steps.iter().filter_map(|step| drift(step, context));
    found.filter(|drift| !drift.is_missing || missing.insert(drift.address.clone())).collect()
}

fn drift(step: &Step, context: &Context) -> Option<Drift> {
    let is_missing = step.why.contains(&Reason::Missing);
    let paths = step.why.iter().filter_map(|why| match why {
        Reason::Drifted { path } => Some(path),
        _ => None,
    });
    let paths = paths.collect::<BTreeSet<_>>();
    if !is_missing && paths.is_empty() {
        return None;
    }
    let mut properties = differences(step, context);
    properties.retain(|difference| paths.iter().any(|path| path.overlaps(&difference.path)));
    Some(Drift { address: step.object.address.clone(), type_name: step.type_name.clone(), is_missing, properties })
}

/// For people. Ends with a line break.
pub fn render(found: &[Drift], look: Look) -> String {
    if found.is_empty() {
        return "No drift: everything is as it was applied.\n".to_owned();
    }
    let number = found.len() as u64;
    let verb = if number == 1 { "was" } else { "were" };
    let mut lines =
        vec![format!("{} {verb} changed outside of provision:", text::count(number, "resource")), String::new()];
    for Drift { address, type_name, is_missing, properties } in found {
        let (sign, tone) = if *is_missing { ("-", Tone::Danger) } else { ("~", Tone::Change) };
        let gone = if *is_missing { "  does not exist any more" } else { "" };
        lines.push(format!("  {} {}  {type_name}{gone}", look.paint(tone, sign), text::line(&address.to_string())));
        for Difference { path, before, after, .. } in properties {
            let side = |value: &Option<String>| text::cut(value.as_deref().unwrap_or("(none)"), 48).into_owned();
            lines.push(format!(
                "      {}: is {}, should be {}",
                text::line(&path.to_string()),
                side(before),
                side(after)
            ));
        }
    }
    lines.join("\n") + "\n"
}

/// For programs.
pub fn json(found: &[Drift]) -> Json {
    let property = |difference: &Difference| json!({"path": difference.path, "is": difference.before, "should_be": difference.after});
    let object = |drift: &Drift| {
        json!({
            "address": drift.address,
            "type": drift.type_name,
            "missing": drift.is_missing,
            "properties": drift.properties.iter().map(property).collect::<Vec<_>>(),
        })
    };
    Json::Array(found.iter().map(object).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan_changes::tests::everything;

    #[test]
    fn only_what_somebody_else_did_is_drift() {
        let (mut plan, context) = everything();
        plan.steps[1].why = vec![Reason::Missing];
        insta::assert_snapshot!(render(&find(&plan, &context), Look::plain()));
        assert_eq!(json(&find(&plan, &context))[0]["properties"][0]["path"], "Tags[0].Value");
        assert_eq!(render(&[], Look::plain()), "No drift: everything is as it was applied.\n");
    }
}
