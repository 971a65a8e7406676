//! `variables:` entries.

use serde_json::Value as Json;

use super::fields::{self, Fields};
use crate::{
    base::{Diagnostic, Diagnostics, Value},
    stack::{
        declaration::{Name, Variable, VariableType},
        variables,
        words::{nearest, shown},
        yaml::Entry,
    },
};

const KEYS: &[&str] = &["type", "default", "pattern", "allowed", "min", "max", "description", "sensitive", "nullable"];

/// One variable. What is wrong with its checks is reported, and the check left out.
pub fn variable(entry: &Entry, problems: &mut Diagnostics) -> Option<Variable> {
    let name = fields::name(entry, "variable", problems);
    let fields = Fields::read(&entry.value, format!("variable `{}`", shown(&name.text)), KEYS, problems)?;
    let default = fields.get("default");
    let value = default.and_then(|entry| fields::constant(&entry.value, problems)).and_then(|value| value.reveal());
    let kind = match fields.text("type", problems) {
        Some(kind) => variable_type(&kind, problems),
        None if fields.get("type").is_some() => VariableType::Any,
        None => value.as_ref().map_or(VariableType::String, variables::type_of),
    };
    let sensitive = fields.flag("sensitive", problems);
    let nullable = fields.flag("nullable", problems) || value == Some(Json::Null);
    let pattern = fields.text("pattern", problems).and_then(|text| pattern(&text, kind, problems));
    let allowed = fields.items("allowed", problems);
    let allowed = allowed.iter().filter_map(|item| fields::constant(item, problems)?.reveal()).collect();
    let mut bound = |key| fields.get(key).and_then(|entry| number(entry, problems));
    let (min, max) = (bound("min"), bound("max"));
    let description = fields.text("description", problems).map(|text| text.text);
    let mut found =
        Variable { name, kind, default: None, pattern, allowed, min, max, description, sensitive, nullable };
    if let (Some(entry), Some(value)) = (default, value) {
        match variables::check(&found, &value) {
            Ok(value) => found.default = Some(value),
            Err(why) => problems.push(
                Diagnostic::error("bad-default", format!("the default of `{}` {why}", shown(&found.name.text)))
                    .at(if sensitive { entry.key_span } else { entry.value.span }, ""),
            ),
        }
    }
    Some(found)
}

fn variable_type(name: &Name, problems: &mut Diagnostics) -> VariableType {
    const TYPES: &[(&str, VariableType)] = &[
        ("string", VariableType::String),
        ("number", VariableType::Number),
        ("bool", VariableType::Bool),
        ("list", VariableType::List),
        ("map", VariableType::Map),
        ("any", VariableType::Any),
    ];
    if let Some((_, kind)) = TYPES.iter().find(|(text, _)| *text == name.text) {
        return *kind;
    }
    let problem =
        Diagnostic::error("unknown-variable-type", format!("`{}` is no type of a variable", shown(&name.text)));
    let outer = name.text.split('(').next().unwrap_or("");
    let meant = match outer {
        "set" | "tuple" | "array" => Some("list"),
        "object" => Some("map"),
        "boolean" => Some("bool"),
        "int" | "integer" | "float" => Some("number"),
        "text" | "str" => Some("string"),
        other => nearest(other, TYPES.iter().map(|(text, _)| *text)),
    };
    problems.push(problem.at(name.span, "").help(match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "it is `string`, `number`, `bool`, `list`, `map` or `any`".to_owned(),
    }));
    VariableType::Any
}

fn pattern(text: &Name, kind: VariableType, problems: &mut Diagnostics) -> Option<(regex::Regex, String)> {
    if !matches!(kind, VariableType::String | VariableType::Any) {
        let problem = Diagnostic::error("unusable-pattern", "only a variable of type `string` can have a `pattern`");
        problems.push(problem.at(text.span, ""));
        return None;
    }
    match regex::RegexBuilder::new(&text.text).size_limit(1 << 20).build() {
        Ok(regex) => Some((regex, text.text.clone())),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or("").trim().trim_start_matches("error: ").to_owned();
            problems.push(
                Diagnostic::error("unusable-pattern", format!("the pattern cannot be used: {why}")).at(text.span, ""),
            );
            None
        }
    }
}

fn number(entry: &Entry, problems: &mut Diagnostics) -> Option<f64> {
    match fields::constant(&entry.value, problems)? {
        Value::Number(number) => number.as_f64(),
        _ => {
            problems.push(fields::wrong_form(&format!("`{}`", entry.key), "a number", &entry.value));
            None
        }
    }
}
