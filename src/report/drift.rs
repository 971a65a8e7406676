//! What was changed or deleted outside of provision, who wins, and what of it was accepted.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::{
    changed::{self, Place},
    differences::{Difference, differing},
    plan_changes::replaces,
    text::{self, Look, Tone},
    values::Shown,
};
use crate::{
    base::Address,
    engine::plan::{Plan, Reason},
    state::model::Deviation,
};

/// The longest that a value is shown.
const LONGEST: usize = 48;

/// An object that is not as it was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    pub address: Address,
    pub type_name: String,
    /// It does not exist any more.
    pub missing: Option<Missing>,
    /// What is, and what should be.
    pub properties: Vec<Deviation>,
}

/// What becomes of an object that does not exist any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The stack declares it: the next apply makes it again.
    Declared,
    /// The next apply forgets it.
    Undeclared,
}

/// Everything that somebody else has changed, as a plan found it; in the order of addresses.
pub fn find(plan: &Plan) -> Vec<Drift> {
    let changed = plan.drifted.iter().map(|(object, properties)| {
        let step = plan.steps.iter().find(|step| step.object.address == object.address);
        let type_name = step.map(|step| step.type_name.clone()).unwrap_or_default();
        Drift { address: object.address.clone(), type_name, missing: None, properties: properties.clone() }
    });
    let missing = plan.missing().map(|(step, is_declared)| Drift {
        address: step.object.address.clone(),
        type_name: step.type_name.clone(),
        missing: Some(if is_declared { Missing::Declared } else { Missing::Undeclared }),
        properties: Vec::new(),
    });
    let mut found = changed.chain(missing).collect::<Vec<_>>();
    found.sort_by(|a, b| a.address.cmp(&b.address));
    found
}

/// For people; `accepted` is what [`accepted`] says. Ends with a line break.
pub fn render(found: &[Drift], accepted: Option<&str>, look: Look) -> String {
    let mut lines = Vec::new();
    if found.is_empty() {
        let or_else = if accepted.is_some() { ", or was accepted" } else { "" };
        lines.push(format!("No drift: everything is as it was applied{or_else}."));
    } else {
        let number = found.len() as u64;
        let verb = if number == 1 { "was" } else { "were" };
        lines.push(format!("{} {verb} changed outside of provision:", text::count(number, "resource")));
        lines.push(String::new());
    }
    for Drift { address, type_name, missing, properties } in found {
        let (sign, tone, fate) = match missing {
            None => ("~", Tone::Change, ""),
            Some(Missing::Declared) => ("-", Tone::Danger, "  does not exist any more; the next apply makes it again"),
            Some(Missing::Undeclared) => ("-", Tone::Danger, "  does not exist any more; the next apply forgets it"),
        };
        let resource = text::line(&format!("{address}  {type_name}")).into_owned();
        lines.push(format!("  {} {resource}{fate}", look.paint(tone, sign)));
        let places = properties.iter().flat_map(|property| sentences(property, "should be"));
        lines.extend(places.map(|place| format!("      {place} (the file wins)")));
    }
    if found.iter().any(|drift| drift.missing.is_none()) {
        let hint = "The next apply puts back what the file says; `provision drift --accept` keeps what was changed.";
        lines.extend([String::new(), hint.to_owned()]);
    }
    lines.extend(accepted.iter().flat_map(|accepted| [String::new(), (*accepted).to_owned()]));
    lines.join("\n") + "\n"
}

/// Why `--accept` has nothing to do. Ends with a line break.
pub fn nothing_to_accept(plan: &Plan, look: Look) -> String {
    let warning = look.paint(Tone::Change, "warning:");
    let warnings = plan.warnings.iter().map(|text| format!("{warning} {}\n", text::line(text))).collect::<String>();
    format!("Nothing to accept: everything that exists is as it was applied, or was accepted.\n{warnings}")
}

/// For programs.
pub fn json(found: &[Drift]) -> Json {
    let property = |deviation: &Deviation| {
        let [is, should_be] =
            [&deviation.live, &deviation.wanted].map(|value| side(value).map(|side| side.to_string()));
        json!({"path": deviation.path, "is": is, "should_be": should_be, "wins": "file"})
    };
    let object = |drift: &Drift| {
        json!({
            "address": drift.address,
            "type": drift.type_name,
            "missing": drift.missing.is_some(),
            "properties": drift.properties.iter().map(property).collect::<Vec<_>>(),
        })
    };
    Json::Array(found.iter().map(object).collect())
}

/// How much was accepted of what others have changed and stays as it is; `None` if nothing was.
pub fn accepted(plan: &Plan) -> Option<String> {
    const MOST: usize = 4;
    let replaced = plan.steps.iter().filter_map(replaces).collect::<BTreeSet<_>>();
    let staying = plan.accepted.iter().filter(|(object, _)| !replaced.contains(object)).collect::<Vec<_>>();
    let number = staying.iter().map(|(_, deviations)| deviations.len()).sum::<usize>();
    let names = staying.iter().take(MOST).map(|(object, _)| format!("`{}`", object.address)).collect::<Vec<_>>();
    let more = staying.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (properties, stay) = if number == 1 { ("property", "stays") } else { ("properties", "stay") };
    let note = format!(
        "accepted: {number} {properties} of {}{more} {stay} as changed outside of provision (`plan --why ADDRESS`)",
        names.join(", ")
    );
    (number > 0).then(|| text::line(&note).into_owned())
}

/// What a step accepts that was not accepted before: from what the file says to what AWS reports.
pub(super) fn differences(why: &[Reason], accepted: &[Deviation]) -> Vec<Difference> {
    let is_new = |deviation: &&Deviation| {
        why.iter().any(|why| matches!(why, Reason::Accepted { path } if *path == deviation.path))
    };
    let difference = |deviation: &Deviation| {
        differing(&deviation.path, side(&deviation.wanted).as_ref(), side(&deviation.live).as_ref(), false)
    };
    accepted.iter().filter(is_new).flat_map(difference).collect()
}

/// What was accepted, in words.
pub(super) fn accepted_places(deviations: &[Deviation]) -> impl Iterator<Item = String> {
    deviations.iter().flat_map(|deviation| sentences(deviation, "the file says"))
}

/// What is, and what the file `says` instead, place by place, each value cut to what fits.
fn sentences(deviation: &Deviation, says: &str) -> Vec<String> {
    let (live, wanted) = (side(&deviation.live), side(&deviation.wanted));
    let sentence = |(path, is, should_be): &Place| {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".to_owned());
        let (is, should_be) = text::cut_both(&side(is), &side(should_be), 2 * LONGEST);
        format!("{path}: is {is}, {says} {should_be}")
    };
    let places = changed::places(&deviation.path, live.as_ref(), wanted.as_ref());
    places.iter().map(|place| text::line(&sentence(place)).into_owned()).collect()
}

/// One of the two values of a deviation; `None` if there is nothing.
pub(super) fn side(value: &Json) -> Option<Shown> {
    (!value.is_null()).then(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::plan::Action,
        report::plan_changes::tests::{create, everything, plan, step},
    };

    #[test]
    fn only_what_somebody_else_did_is_drift() {
        let (mut plan, _) = everything();
        let (gone, again) = ("AWS::KMS::Key", create(serde_json::json!({})));
        plan.steps.push(step("key", gone, Action::Forget, Reason::Missing, &[]));
        plan.steps.push(step("key", gone, again, Reason::Missing, &[]));
        plan.steps.push(step("old_key", gone, Action::Forget, Reason::Missing, &[]));
        let found = find(&plan);
        insta::assert_snapshot!(render(&found, accepted(&plan).as_deref(), Look::plain()));
        let json = json(&found);
        assert_eq!(json.as_array().map(Vec::len), Some(3), "what is made again is missing once");
        assert_eq!(json[2]["properties"][0]["path"], "Tags[0].Value");
        assert_eq!(render(&[], None, Look::plain()), "No drift: everything is as it was applied.\n");
    }

    #[test]
    fn what_a_replacement_loses_does_not_stay() {
        let (mut all, _) = everything();
        let web = "web".parse::<Address>().unwrap().generation(1);
        let lost = all.accepted.values().next().cloned().unwrap();
        all.accepted = [(web, lost)].into();
        assert_eq!(accepted(&all), None);
        assert_eq!(accepted(&plan(Vec::new(), 0)), None);
    }
}
