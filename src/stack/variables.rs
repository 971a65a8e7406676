//! Values of variables: where they come from, and whether they are what the variable takes. The value of a sensitive
//! variable stands in no message, nor does any line of a file of values: it may hold one.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{
    declaration::{Declarations, Variable, VariableType},
    evaluate::poison,
    files,
    parse::fields,
    program::Inputs,
    words::{listed, shown, suggestion},
    yaml::{self, Content, Node},
};
use crate::base::{Diagnostic, Diagnostics, Sources, Value};

/// The type of a value.
pub fn type_of(value: &Json) -> VariableType {
    match value {
        Json::Null => VariableType::Any,
        Json::Bool(_) => VariableType::Bool,
        Json::Number(_) => VariableType::Number,
        Json::String(_) => VariableType::String,
        Json::Array(_) => VariableType::List,
        Json::Object(_) => VariableType::Map,
    }
}

fn noun(kind: VariableType) -> &'static str {
    match kind {
        VariableType::Any => "anything",
        VariableType::String => "a text",
        VariableType::Number => "a number",
        VariableType::Bool => "`true` or `false`",
        VariableType::List => "a list",
        VariableType::Map => "a map",
    }
}

/// The value as the variable takes it.
///
/// # Errors
/// Why it does not, as a phrase to follow the name.
pub fn check(variable: &Variable, value: &Json) -> Result<Json, String> {
    checked(variable, value, variable.sensitive)
}

/// The same for a value that may be unknown in part: what is unknown is taken for right.
///
/// # Errors
/// Why it does not, as a phrase to follow the name.
pub fn check_value(variable: &Variable, value: Value) -> Result<Value, String> {
    let hidden = variable.sensitive || value.has_sensitive();
    let fits = |wanted| variable.kind == VariableType::Any || variable.kind == wanted;
    let taken = match (value.reveal(), &value) {
        (Some(json), _) => {
            let taken = checked(variable, &json, hidden)?;
            if taken == json {
                value
            } else if hidden {
                Value::from(taken).sensitive()
            } else {
                Value::from(taken)
            }
        }
        (None, Value::List(_)) if !fits(VariableType::List) => {
            return Err(format!("has to be {}", noun(variable.kind)));
        }
        (None, Value::Map(_)) if !fits(VariableType::Map) => return Err(format!("has to be {}", noun(variable.kind))),
        (None, _) => value,
    };
    Ok(if variable.sensitive { taken.sensitive() } else { taken })
}

fn checked(variable: &Variable, value: &Json, hidden: bool) -> Result<Json, String> {
    if value.is_null() {
        return if variable.nullable { Ok(Json::Null) } else { Err("may not be null".to_owned()) };
    }
    let value = typed(variable.kind, value)?;
    let is = if hidden { "has a value".to_owned() } else { format!("is {},", shown(&value.to_string())) };
    if let (Some((regex, pattern)), Some(text)) = (&variable.pattern, value.as_str())
        && !regex.is_match(text)
    {
        return Err(
            format!("{is} which does not match the pattern `{}`", shown(pattern)).replace("value which", "value that")
        );
    }
    let is_allowed = |value: &Json| match value {
        Json::Array(items) => items.iter().all(|item| variable.allowed.contains(item)),
        value => variable.allowed.contains(value),
    };
    if !variable.allowed.is_empty() && !is_allowed(&value) {
        let allowed: Vec<String> = variable.allowed.iter().map(plain).collect();
        return Err(format!("{is} and has to be one of {}", listed(&allowed)).replace(", and", " and"));
    }
    let (size, unit) = match &value {
        Json::Number(number) => (number.as_f64(), ""),
        Json::String(text) => (Some(f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX))), " characters"),
        Json::Array(items) => (Some(f64::from(u32::try_from(items.len()).unwrap_or(u32::MAX))), " items"),
        Json::Object(map) => (Some(f64::from(u32::try_from(map.len()).unwrap_or(u32::MAX))), " entries"),
        Json::Null | Json::Bool(_) => (None, ""),
    };
    let Some(size) = size else { return Ok(value) };
    match (variable.min, variable.max) {
        (Some(min), _) if size < min => Err(format!("has to be at least {min}{unit}")),
        (_, Some(max)) if size > max => Err(format!("has to be at most {max}{unit}")),
        _ => Ok(value),
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A whole number or a flag may stand where a text belongs; a fraction may not: `1.10` has become 1.1 by then.
fn typed(kind: VariableType, value: &Json) -> Result<Json, String> {
    let given = type_of(value);
    if kind == VariableType::Any || kind == given {
        return Ok(value.clone());
    }
    match (kind, value) {
        (VariableType::String, Json::Number(number)) if !number.is_f64() => Ok(Json::String(number.to_string())),
        (VariableType::String, Json::Bool(flag)) => Ok(Json::String(flag.to_string())),
        (VariableType::String, Json::Number(_)) => Err("has to be a text: put the number in quotes".to_owned()),
        _ => Err(format!("has to be {}, not {}", noun(kind), noun(given))),
    }
}

/// A value that was given from outside.
enum Given {
    Text(String),
    Node(Node),
}

/// The values of the stack's variables, in their order.
pub fn values(stack: &Declarations, inputs: &Inputs, sources: &mut Sources, problems: &mut Diagnostics) -> Vec<Value> {
    let given = given(stack, inputs, sources, problems);
    let mut missing = Vec::new();
    let mut values = Vec::new();
    for variable in &stack.variables {
        let value = match given.get(&variable.name.text) {
            Some((given, origin)) => match json(variable, given).and_then(|json| check(variable, &json)) {
                Ok(json) => Some(json),
                Err(why) => {
                    let message = format!("the variable `{}` {why}", variable.name.text);
                    problems.push(
                        Diagnostic::error("bad-variable", message)
                            .at(variable.name.span, "declared here")
                            .help(format!("its value comes from {origin}")),
                    );
                    None
                }
            },
            None if variable.default.is_some() => variable.default.clone(),
            None => {
                missing.push(variable);
                None
            }
        };
        let value = value.map_or_else(poison, Value::from);
        values.push(if variable.sensitive { value.sensitive() } else { value });
    }
    if let Some(first) = missing.first() {
        let names: Vec<&str> = missing.iter().map(|variable| variable.name.text.as_str()).collect();
        let mut problem = Diagnostic::error("missing-variable", format!("no value is given for {}", listed(&names)));
        for variable in &missing {
            problem = problem.at(variable.name.span, variable.description.clone().unwrap_or_default());
        }
        let name = &first.name.text;
        problems.push(problem.help(format!(
            "give it by `--var {name}=…`, `--var-file` or `PROVISION_VAR_{name}`, or give it a `default`"
        )));
    }
    values
}

type AllGiven = BTreeMap<String, (Given, String)>;

/// Weakest first, so that the stronger ones replace them.
fn given(stack: &Declarations, inputs: &Inputs, sources: &mut Sources, problems: &mut Diagnostics) -> AllGiven {
    let mut found = BTreeMap::new();
    for (name, text) in &inputs.environment_variables {
        // Other stacks run in the same shell: what this one does not know is not meant for it.
        if stack.names.variables.contains_key(name) {
            found.insert(name.clone(), (Given::Text(text.clone()), format!("`PROVISION_VAR_{name}`")));
        }
    }
    for path in &inputs.variable_files {
        from_file(stack, path, sources, problems, &mut found);
    }
    for (name, text) in &inputs.variables {
        if stack.names.variables.contains_key(name) {
            found.insert(name.clone(), (Given::Text(text.clone()), format!("`--var {name}=…`")));
        } else {
            problems.push(unknown(stack, name, "`--var`"));
        }
    }
    found
}

fn unknown(stack: &Declarations, name: &str, origin: &str) -> Diagnostic {
    let message = format!("{origin} gives a value for `{}`, which is no variable of this stack", shown(name));
    let problem = Diagnostic::error("unknown-variable", message);
    match suggestion(name, stack.names.variables.keys().map(String::as_str)) {
        Some(text) => problem.help(text),
        None => problem,
    }
}

fn from_file(
    stack: &Declarations,
    path: &std::path::Path,
    sources: &mut Sources,
    problems: &mut Diagnostics,
    found: &mut AllGiven,
) {
    let name = path.display().to_string();
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(why) => {
            problems.push(Diagnostic::error("unreadable-file", format!("the file of values `{}` {why}", shown(&name))));
            return;
        }
    };
    let file = sources.add(name.clone(), text.as_str());
    let mut own = Diagnostics::default();
    if let Some(node) = yaml::read(&text, file, &mut own)
        && let Some(entries) = fields::map(&node, "a file of values", &mut own)
    {
        for entry in entries {
            if stack.names.variables.contains_key(&entry.key) {
                let origin = format!("`{}`", sources.position(entry.key_span));
                found.insert(entry.key.clone(), (Given::Node(entry.value.clone()), origin));
            } else {
                own.push(unknown(stack, &entry.key, &format!("`{}`", sources.position(entry.key_span))));
            }
        }
    }
    problems.0.extend(own.0.into_iter().map(|problem| without_lines(problem, sources)));
}

/// The finding with its place as text, so that the line itself is not shown. What quotes the line goes too.
fn without_lines(mut problem: Diagnostic, sources: &Sources) -> Diagnostic {
    if let Some(label) = problem.labels.first() {
        problem.message = format!("{}: {}", sources.position(label.span), problem.message);
        problem.labels.clear();
    }
    if problem.rule == "unquoted-expression" {
        problem.help = vec!["put the value in quotes".to_owned()];
    }
    problem
}

/// A text stays a text if that is what the variable takes; everything else is YAML.
fn json(variable: &Variable, given: &Given) -> Result<Json, String> {
    let node = match given {
        Given::Text(text) if variable.kind == VariableType::String => return Ok(Json::String(text.clone())),
        Given::Text(text) => {
            let mut ignored = Diagnostics::default();
            let node = yaml::read(text, crate::base::FileId(u32::MAX), &mut ignored);
            match node {
                Some(node) if !ignored.has_errors() => node,
                None if text.trim().is_empty() => return Ok(Json::Null),
                _ if variable.kind == VariableType::Any => return Ok(Json::String(text.clone())),
                _ => return Err(format!("has to be {}, written as YAML", noun(variable.kind))),
            }
        }
        Given::Node(node) => node.clone(),
    };
    if let (VariableType::String | VariableType::Any, Content::Scalar(scalar)) = (variable.kind, &node.content)
        && !scalar.plain
    {
        return Ok(Json::String(scalar.text.clone()));
    }
    let mut why = Diagnostics::default();
    match fields::constant(&node, &mut why).and_then(|value| value.reveal()) {
        Some(json) if !why.has_errors() => Ok(json),
        _ if variable.sensitive => Err("has a value that cannot be read; put it in quotes".to_owned()),
        _ => Err(why
            .0
            .first()
            .map_or_else(|| "cannot be read".to_owned(), |problem| format!("cannot be read: {}", problem.message))),
    }
}
