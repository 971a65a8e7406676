//! The parameters of a parameter group, which are the same for groups of clusters and of instances.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{ApplyMethod, Parameter};
use serde_json::{Map, Value as Json};

use crate::{
    aws::convert::{Changed, Observed, Wanted},
    base::{Path, Segment},
    driver::Result,
};

/// RDS takes at most so many parameters in one request.
const AT_ONCE: usize = 20;

/// What a change does to the parameters of a group: names with their new values, and names that return to the default.
pub struct ParameterChange {
    pub put: BTreeMap<String, String>,
    pub reset: Vec<String>,
}

/// What a change at `paths` does to `Parameters`. What somebody else has set besides stays.
pub fn parameter_change(changed: &Changed<'_>, paths: &[Path]) -> Result<ParameterChange> {
    if !changed.touches("Parameters") {
        return Ok(ParameterChange { put: BTreeMap::new(), reset: Vec::new() });
    }
    let is_meant = |name: &str| {
        let place = Path::key("Parameters").join(Segment::Key(name.to_owned()));
        paths.iter().any(|path| path.overlaps(&place))
    };
    let (mut put, before) = (parameters(&changed.want)?, parameters(&changed.before)?);
    let reset = before.keys().filter(|name| !put.contains_key(*name) && is_meant(name)).cloned().collect();
    put.retain(|name, value| before.get(name) != Some(value));
    Ok(ParameterChange { put, reset })
}

/// In portions that RDS takes.
pub fn portions<T>(items: impl IntoIterator<Item = T>) -> Vec<Vec<T>> {
    let mut portions: Vec<Vec<T>> = Vec::new();
    for item in items {
        match portions.last_mut().filter(|portion| portion.len() < AT_ONCE) {
            Some(portion) => portion.push(item),
            None => portions.push(vec![item]),
        }
    }
    portions
}

/// Parameters as a Modify or Reset request takes them. What can change on a running database does so at once; the rest,
/// and what `known` says nothing about, waits for the next reboot.
pub fn request(known: &[Parameter], parameters: Vec<(String, Option<String>)>) -> Vec<Parameter> {
    let is_dynamic = |name: &str| {
        let known = known.iter().find(|parameter| parameter.parameter_name() == Some(name));
        known.and_then(Parameter::apply_type) == Some("dynamic")
    };
    let parameter = |(name, value): (String, Option<String>)| {
        let method = if is_dynamic(&name) { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot };
        Parameter::builder().parameter_name(name).set_parameter_value(value).apply_method(method).build()
    };
    parameters.into_iter().map(parameter).collect()
}

/// The parameters that somebody has set, as `Parameters` shows them.
pub fn observed_parameters(parameters: &[Parameter]) -> Observed {
    // RDS is asked for these only, and an emulator may not know the question.
    let is_set = |parameter: &&Parameter| parameter.source().is_none_or(|source| source == "user");
    parameters.iter().filter(is_set).fold(Observed::new(), |observed, parameter| {
        observed.with(parameter.parameter_name().unwrap_or_default(), parameter.parameter_value())
    })
}

/// `Parameters`, which is a structure or its JSON, with every value as text.
fn parameters(document: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let Some(text) = document.document("Parameters")? else { return Ok(BTreeMap::new()) };
    let map: Map<String, Json> = serde_json::from_str(&text)
        .map_err(|error| document.invalid(format!("`Parameters` must be a map of names and values: {error}")))?;
    let value = |(name, value): (String, Json)| match value {
        Json::Null => None,
        Json::String(text) => Some(Ok((name, text))),
        Json::Number(_) | Json::Bool(_) => Some(Ok((name, value.to_string()))),
        _ => Some(Err(document.invalid(format!("parameter `{name}` must be a text, a number, true or false")))),
    };
    map.into_iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{base::PhysicalId, driver::Change};

    #[test]
    fn parameters_that_differ_are_put_and_those_that_are_left_out_are_reset() {
        let change = Change {
            id: PhysicalId("main".into()),
            before: json!({"Parameters": {"a": "1", "b": "2", "c": "3"}}).into(),
            want: json!({"Parameters": "{\"a\": 1, \"b\": true, \"d\": null}"}).into(),
            paths: vec![Path::key("Parameters")],
        };
        let ParameterChange { put, reset } = parameter_change(&Changed::new("T", &change), &change.paths).unwrap();
        assert_eq!(put, BTreeMap::from([("b".to_owned(), "true".to_owned())]));
        assert_eq!(reset, ["c"]);
    }

    #[test]
    fn no_request_has_more_than_twenty() {
        let sizes = |count: usize| portions(0..count).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(0), Vec::<usize>::new());
        assert_eq!(sizes(20), [20]);
        assert_eq!(sizes(41), [20, 20, 1]);
    }

    #[test]
    fn only_what_is_known_to_be_dynamic_is_applied_at_once() {
        let known = [Parameter::builder().parameter_name("a").apply_type("dynamic").build()];
        let sent = request(&known, vec![("a".into(), Some("1".into())), ("b".into(), None)]);
        let methods: Vec<_> = sent.iter().filter_map(Parameter::apply_method).collect();
        assert_eq!(methods, [&ApplyMethod::Immediate, &ApplyMethod::PendingReboot]);
    }
}
