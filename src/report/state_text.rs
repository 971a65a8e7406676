//! What is remembered, as people read it. Everything in a state is sealed already, so nothing secret can be shown.

use serde_json::{Map, Value as Json, json};

use super::{
    drift,
    text::{self, Look, Tone},
    values,
};
use crate::{
    base::ObjectId,
    state::model::{Object, State},
};

/// Everything, one line per object. Ends with a line break.
pub fn overview(state: &State, look: Look) -> String {
    let account =
        state.identity.iter().map(|identity| format!(" in account {}", identity.account_id)).collect::<String>();
    let number = text::count(state.objects.len() as u64, "resource");
    let title = format!("{} ({}): {number}{account}", state.stack, state.environment);
    let mut lines = vec![look.paint(Tone::Strong, &text::line(&title))];
    if state.run.is_some() {
        lines.push(look.paint(Tone::Danger, "a run is under way or was cut off; `provision apply` finishes it"));
    }
    let rows = state.objects.iter().map(|(object, stored)| row(object, stored)).collect::<Vec<_>>();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(48);
    let (addresses, types) = (width(0), width(1));
    if !rows.is_empty() {
        lines.push(String::new());
    }
    for [address, type_name, id, note] in &rows {
        let note = if note.is_empty() { String::new() } else { format!("  {}", look.paint(Tone::Danger, note)) };
        lines.push(format!("  {address:addresses$}  {type_name:types$}  {id}{note}"));
    }
    if !state.outputs.is_empty() {
        lines.extend([String::new(), look.paint(Tone::Strong, "Outputs")]);
        let shown = |(name, stored): (&String, &crate::state::model::StoredOutput)| {
            format!("  {} = {}", text::line(name), values::show_json(&stored.value))
        };
        lines.extend(state.outputs.iter().map(shown));
    }
    lines.join("\n") + "\n"
}

fn row(object: &ObjectId, stored: &Object) -> [String; 4] {
    let line = |text: &str| text::line(text).into_owned();
    let generation = if object.generation == 1 { String::new() } else { format!(" #{}", object.generation) };
    [
        line(&format!("{}{generation}", object.address)),
        line(&stored.type_name),
        line(stored.id.as_ref().map_or("(no id yet)", |id| id.0.as_str())),
        line(&trouble(stored)),
    ]
}

/// Why an object must not be taken for healthy.
fn trouble(stored: &Object) -> String {
    match (&stored.broken, &stored.intent) {
        (Some(broken), _) => format!("half-made: {}", broken.why),
        (None, Some(_)) => "a call is open".to_owned(),
        (None, None) => String::new(),
    }
}

/// These objects with everything that is known of them. Ends with a line break.
pub fn objects(state: &State, which: &[ObjectId], look: Look) -> String {
    let mut lines = Vec::new();
    for (object, stored) in which.iter().filter_map(|object| state.objects.get_key_value(object)) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let [address, type_name, id, note] = row(object, stored);
        lines.push(look.paint(Tone::Strong, &format!("{address} ({type_name})")));
        let needs = stored.needs.iter().map(|need| need.address.to_string()).collect::<Vec<_>>().join(", ");
        let facts = [("id", id), ("region", stored.place.region.clone()), ("needs", needs), ("trouble", note)];
        let facts = facts.iter().filter(|(_, fact)| !fact.is_empty());
        lines.extend(facts.map(|(name, fact)| format!("  {name}: {}", text::line(fact))));
        if !stored.accepted.is_empty() {
            lines.push("  accepted".to_owned());
            lines.extend(drift::accepted_places(&stored.accepted).map(|place| format!("    {place}")));
        }
        for (title, document) in [("as applied", &stored.inputs), ("as AWS reports it", &stored.observed)] {
            lines.push(format!("  {title}"));
            let entries = document.as_object().into_iter().flatten();
            lines.extend(entries.map(|(key, value)| format!("    {}: {}", text::line(key), values::show_json(value))));
        }
    }
    lines.join("\n") + "\n"
}

/// These objects, and what is known of the state as a whole, for programs.
pub fn json(state: &State, which: &[ObjectId]) -> Json {
    let object = |object: &ObjectId| Some((object.to_string(), json!(state.objects.get(object)?)));
    json!({
        "v": 1,
        "stack": state.stack,
        "environment": state.environment,
        "lineage": state.lineage,
        "serial": state.serial,
        "account_id": state.identity.as_ref().map(|identity| &identity.account_id),
        "objects": which.iter().filter_map(object).collect::<Map<_, _>>(),
        "outputs": state.outputs,
        "run": state.run,
    })
}
