//! `resources:` and `data:` entries.

use std::{str::FromStr, time::Duration};

use super::fields::{self, Fields};
use crate::{
    base::{AddressError, Diagnostic, Diagnostics, Path, Span},
    stack::{
        declaration::{
            DataDeclaration, DependsOn, DependsOnTarget, LifecycleDeclaration, Name, Repeat, ResourceDeclaration,
        },
        model::{ReplaceOrder, Timeouts},
        words::shown,
        written::{Field, Key},
        yaml::{Entry, Node},
    },
};

const KEYS: &[&str] =
    &["type", "properties", "for_each", "count", "when", "depends_on", "lifecycle", "timeouts", "region"];

/// One resource; `None` if not even its type is there.
pub fn resource(entry: &Entry, problems: &mut Diagnostics) -> Option<ResourceDeclaration> {
    let name = fields::name(entry, "resource", problems);
    let resource = Fields::read(&entry.value, format!("resource `{}`", shown(&name.text)), KEYS, problems)?;
    let type_name = type_name(&resource, entry.key_span, problems);
    let properties = properties(&resource, "properties", problems);
    let depends_on = resource.items("depends_on", problems);
    let depends_on = depends_on.iter().filter_map(|node| target(node, problems)).collect();
    Some(ResourceDeclaration {
        name,
        repeat: repeat(&resource, problems),
        when: resource.written("when", problems),
        region: resource.written("region", problems),
        properties,
        depends_on,
        lifecycle: resource.get("lifecycle").map(|entry| lifecycle(&entry.value, problems)).unwrap_or_default(),
        timeouts: resource.get("timeouts").map(|entry| timeouts(&entry.value, problems)).unwrap_or_default(),
        type_name: type_name?,
    })
}

/// One look-up.
pub fn data(entry: &Entry, problems: &mut Diagnostics) -> Option<DataDeclaration> {
    let name = fields::name(entry, "data block", problems);
    let known = &["type", "where", "when", "region"];
    let data = Fields::read(&entry.value, format!("data `{}`", shown(&name.text)), known, problems)?;
    let filter = properties(&data, "where", problems);
    Some(DataDeclaration {
        name,
        filter,
        when: data.written("when", problems),
        region: data.written("region", problems),
        type_name: type_name(&data, entry.key_span, problems)?,
    })
}

fn type_name(fields: &Fields<'_>, at: Span, problems: &mut Diagnostics) -> Option<Name> {
    fields.require("type", at, problems)?;
    fields.text("type", problems)
}

/// Properties under AWS's names; the names themselves cannot be computed.
fn properties(fields: &Fields<'_>, key: &str, problems: &mut Diagnostics) -> Vec<Field> {
    let parsed: Vec<Field> = fields.entries(key, problems).iter().map(|entry| Field::parse(entry, problems)).collect();
    for field in parsed.iter().filter(|field| matches!(field.key, Key::Expression(_))) {
        let problem = Diagnostic::error("not-constant", "the name of a property cannot be an expression");
        problems.push(problem.at(field.key_span, ""));
    }
    parsed
}

/// `for_each` or `count`.
pub fn repeat(fields: &Fields<'_>, problems: &mut Diagnostics) -> Repeat {
    if let (Some(each), Some(count)) = (fields.get("for_each"), fields.get("count")) {
        problems.push(
            Diagnostic::error("conflicting-keys", "`for_each` and `count` exclude each other")
                .at(count.key_span, "")
                .at(each.key_span, ""),
        );
    }
    match (fields.written("for_each", problems), fields.written("count", problems)) {
        (Some(each), _) => Repeat::ForEach(each),
        (None, Some(count)) => Repeat::Count(count),
        (None, None) => Repeat::Once,
    }
}

fn target(node: &Node, problems: &mut Diagnostics) -> Option<DependsOn> {
    let before = problems.0.len();
    let Some(name) = fields::text(node, "an entry of `depends_on`", problems) else {
        if let Some(problem) = problems.0.get_mut(before) {
            problem.help = vec!["write the name alone, without `${…}`: `depends_on: [vpc]`".to_owned()];
        }
        return None;
    };
    let module = name.text.strip_prefix("module.").filter(|rest| !rest.contains(['.', '[']));
    let target = match module {
        Some(module) => DependsOnTarget::Module(module.to_owned()),
        None => DependsOnTarget::Resource(address(&name, problems)?),
    };
    Some(DependsOn { span: name.span, target })
}

/// The address, or the part of a stack, that a text is.
pub fn address<T: FromStr<Err = AddressError>>(name: &Name, problems: &mut Diagnostics) -> Option<T> {
    match name.text.parse() {
        Ok(address) => Some(address),
        Err(error) => {
            problems.push(Diagnostic::error("bad-address", shown_error(&error.to_string())).at(name.span, ""));
            None
        }
    }
}

fn shown_error(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).take(300).collect()
}

fn lifecycle(node: &Node, problems: &mut Diagnostics) -> LifecycleDeclaration {
    const KEYS: &[&str] =
        &["protect", "retain", "snapshot_on_delete", "ignore_changes", "ignore_drift", "replace_when", "replace"];
    let Some(fields) = Fields::read(node, "`lifecycle`".to_owned(), KEYS, problems) else {
        return LifecycleDeclaration::default();
    };
    let mut paths = |key: &str| {
        let what = format!("an entry of `{key}`");
        fields.items(key, problems).iter().filter_map(|item| path(item, &what, problems)).collect()
    };
    let (ignore_changes, ignore_drift) = (paths("ignore_changes"), paths("ignore_drift"));
    let replace_when = fields.items("replace_when", problems);
    let replace_when = replace_when.iter().map(|item| crate::stack::written::Written::parse(item, problems)).collect();
    LifecycleDeclaration {
        protect: fields.written("protect", problems),
        retain: fields.written("retain", problems),
        snapshot_on_delete: fields.written("snapshot_on_delete", problems),
        ignore_changes,
        ignore_drift,
        replace_when,
        replace: fields.text("replace", problems).and_then(|name| replace_order(&name, problems)),
    }
}

fn path(node: &Node, what: &str, problems: &mut Diagnostics) -> Option<(Path, Span)> {
    let name = fields::text(node, what, problems)?;
    match name.text.parse::<Path>() {
        Ok(path) => Some((path, name.span)),
        Err(error) => {
            problems.push(Diagnostic::error("bad-path", shown_error(&error.to_string())).at(name.span, ""));
            None
        }
    }
}

fn replace_order(name: &Name, problems: &mut Diagnostics) -> Option<ReplaceOrder> {
    match name.text.as_str() {
        "create_first" => Some(ReplaceOrder::CreateFirst),
        "delete_first" => Some(ReplaceOrder::DeleteFirst),
        other => {
            let problem = Diagnostic::error("bad-value", format!("`{}` is no order of replacement", shown(other)));
            problems.push(problem.at(name.span, "").help("it is `create_first` or `delete_first`"));
            None
        }
    }
}

fn timeouts(node: &Node, problems: &mut Diagnostics) -> Timeouts {
    let Some(fields) = Fields::read(node, "`timeouts`".to_owned(), &["create", "update", "delete"], problems) else {
        return Timeouts::default();
    };
    let mut read = |key| fields.text(key, problems).and_then(|name| duration(&name, problems));
    Timeouts { create: read("create"), update: read("update"), delete: read("delete") }
}

fn duration(name: &Name, problems: &mut Diagnostics) -> Option<Duration> {
    /// Longer waits are a mistake: the longest that AWS documents is a day.
    const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
    let found = humantime::parse_duration(&name.text).ok().filter(|time| !time.is_zero() && *time <= LONGEST);
    if found.is_none() {
        let problem = Diagnostic::error("bad-duration", format!("`{}` is not a length of time", shown(&name.text)));
        problems
            .push(problem.at(name.span, "").help("write a number with a unit, up to 7 days: `90s`, `40m`, `1h 30m`"));
    }
    found
}
