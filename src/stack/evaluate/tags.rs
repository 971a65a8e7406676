//! The stack's `tags`, and how they get into resources.

use std::collections::BTreeMap;

use super::{Evaluation, Standpoint, waits_for_facts_only};
use crate::{
    base::{Diagnostic, Path, Segment, Value},
    catalogue::{ResourceType, TagShape, Tagging},
    stack::written::Written,
};

impl Evaluation<'_> {
    /// Evaluates `tags` of a file; a module's own win over those of its caller.
    pub(super) fn tags(&mut self, instance: usize) {
        if let Some((parent, _)) = &self.instances[instance].caller {
            self.instances[instance].tags = self.instances[*parent].tags.clone();
        }
        let Some(written) = &self.file(instance).tags else { return };
        let here = self.standpoint(instance);
        let tags = self.own_tags(&here, written);
        self.instances[instance].tags.extend(tags);
    }

    fn own_tags(&self, here: &Standpoint, written: &Written) -> BTreeMap<String, Value> {
        let value = self.value(here, written);
        let Value::Map(map) = value else {
            if !matches!(value, Value::Null) && (value.is_known() || !waits_for_facts_only(&value)) {
                let problem = Diagnostic::error("wrong-form", "`tags` has to be a map").at(written.span, "");
                self.problem(problem.help("write `tags: {Name: value}`"));
            }
            return BTreeMap::new();
        };
        let mut tags = BTreeMap::new();
        for (key, value) in map {
            let value = match value {
                Value::Null => continue,
                Value::Number(number) => Value::text(number.to_string()),
                Value::Bool(flag) => Value::text(flag.to_string()),
                Value::List(_) | Value::Map(_) => {
                    let place = written.locate(&[Segment::Key(key.clone())], false);
                    self.problem(Diagnostic::error("wrong-form", "the value of a tag has to be a text").at(place, ""));
                    continue;
                }
                other => other,
            };
            tags.insert(key, value);
        }
        tags
    }
}

/// The properties with the stack's tags added; the resource's own win. Own tags that are not known yet stay alone.
pub fn merge(
    properties: &mut BTreeMap<String, Value>,
    tags: &BTreeMap<String, Value>,
    kind: &ResourceType,
    tagging: &Tagging,
) {
    if tags.is_empty() {
        return;
    }
    let property = &tagging.property;
    match (tagging.shape, properties.get_mut(property)) {
        (TagShape::Map, Some(Value::Map(own))) => {
            for (key, value) in tags {
                own.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
        (TagShape::List, Some(Value::List(own))) => {
            let taken: Vec<Value> = own.iter().filter_map(key_of).cloned().collect();
            let missing = tags.iter().filter(|(key, _)| !taken.contains(&Value::text(key.as_str())));
            own.extend(missing.map(|(key, value)| listed(key, value, kind, property)));
        }
        (_, Some(_)) => {}
        (TagShape::Map, None) => {
            properties.insert(property.clone(), Value::Map(tags.clone()));
        }
        (TagShape::List, None) => {
            let list = tags.iter().map(|(key, value)| listed(key, value, kind, property)).collect();
            properties.insert(property.clone(), Value::List(list));
        }
    }
}

fn key_of(tag: &Value) -> Option<&Value> {
    match tag {
        Value::Map(map) => map.get("Key"),
        _ => None,
    }
}

fn listed(key: &str, value: &Value, kind: &ResourceType, property: &str) -> Value {
    const PROPAGATE: &str = "PropagateAtLaunch";
    let mut tag = BTreeMap::from([("Key".to_owned(), Value::text(key)), ("Value".to_owned(), value.clone())]);
    let propagate = Path::key(property).join(Segment::Index(0)).join(Segment::Key(PROPAGATE.to_owned()));
    if kind.field(&propagate).is_some() {
        tag.insert(PROPAGATE.to_owned(), Value::Bool(true));
    }
    Value::Map(tag)
}
