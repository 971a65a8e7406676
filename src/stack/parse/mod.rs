//! Tree → declarations: the keys of a stack file get their meaning. Nothing is evaluated here, and nothing but this one
//! file is looked at; whatever is wrong is reported and passed over.

pub mod fields;
mod history;
mod resource;
mod variable;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use fields::Fields;

use super::{
    declaration::{Call, Declarations, Input, Local, Name, Names, OutputDeclaration, RegionAlias},
    words::shown,
    written::Written,
    yaml::{Entry, Node},
};
use crate::base::{Diagnostic, Diagnostics, Span};

const KEYS: &[&str] = &[
    "stack",
    "description",
    "region",
    "regions",
    "variables",
    "locals",
    "tags",
    "resources",
    "data",
    "modules",
    "outputs",
    "moved",
    "removed",
    "imports",
];

/// Which file this is, and what it is read for.
pub struct Source {
    /// The folder it stands in, canonical.
    pub folder: PathBuf,
    pub is_module: bool,
}

/// Reads what a file declares; `None` if it is no map at all.
pub fn declarations(node: &Node, source: Source, problems: &mut Diagnostics) -> Option<Declarations> {
    let what = if source.is_module { "a module" } else { "a stack" };
    let top = Fields::read(node, what.to_owned(), KEYS, problems)?;
    let start = Span { end: node.span.start, ..node.span };
    let name = stack_name(&top, source.is_module, start, problems);
    if source.is_module {
        refuse_in_module(&top, problems);
    } else {
        top.require("region", start, problems);
    }
    let _ = top.text("description", problems);
    let mut found = Declarations {
        folder: source.folder,
        name,
        region: if source.is_module { None } else { top.written("region", problems) },
        regions: regions(&top, problems),
        variables: top
            .entries("variables", problems)
            .iter()
            .filter_map(|entry| variable::variable(entry, problems))
            .collect(),
        locals: each(&top, "locals", problems, local),
        tags: top.written("tags", problems),
        resources: Vec::new(),
        data: Vec::new(),
        calls: Vec::new(),
        outputs: Vec::new(),
        moved: history::moved(&top, problems),
        removed: history::removed(&top, problems),
        imports: if source.is_module { Vec::new() } else { history::imports(&top, problems) },
        names: Names::default(),
    };
    found.resources =
        top.entries("resources", problems).iter().filter_map(|entry| resource::resource(entry, problems)).collect();
    found.data = top.entries("data", problems).iter().filter_map(|entry| resource::data(entry, problems)).collect();
    found.calls = top.entries("modules", problems).iter().filter_map(|entry| call(entry, problems)).collect();
    found.outputs = top.entries("outputs", problems).iter().filter_map(|entry| output(entry, problems)).collect();
    let declared = ["variables", "resources", "data", "modules", "outputs"].into_iter();
    let declared: BTreeSet<String> =
        declared.filter_map(|key| top.get(key)).flat_map(|entry| keys(&entry.value)).map(str::to_owned).collect();
    found.names = Names {
        variables: index(found.variables.iter().map(|item| &item.name)),
        locals: index(found.locals.iter().map(|item| &item.name)),
        resources: index(found.resources.iter().map(|item| &item.name)),
        data: index(found.data.iter().map(|item| &item.name)),
        calls: index(found.calls.iter().map(|item| &item.name)),
        outputs: index(found.outputs.iter().map(|item| &item.name)),
        broken: BTreeSet::new(),
    };
    found.names.broken = broken(declared, &found.names);
    Some(found)
}

fn index<'a>(names: impl Iterator<Item = &'a Name>) -> BTreeMap<String, usize> {
    names.enumerate().map(|(position, name)| (name.text.clone(), position)).collect()
}

fn keys(node: &Node) -> impl Iterator<Item = &str> {
    let entries = match &node.content {
        super::yaml::Content::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    entries.iter().map(|entry| entry.key.as_str())
}

/// What is declared, and in none of the lists.
fn broken(declared: BTreeSet<String>, names: &Names) -> BTreeSet<String> {
    let lists = [&names.variables, &names.resources, &names.data, &names.calls, &names.outputs];
    declared.into_iter().filter(|name| !lists.iter().any(|list| list.contains_key(name))).collect()
}

fn each<T>(top: &Fields<'_>, key: &str, problems: &mut Diagnostics, read: fn(&Entry, &mut Diagnostics) -> T) -> Vec<T> {
    top.entries(key, problems).iter().map(|entry| read(entry, problems)).collect()
}

fn stack_name(top: &Fields<'_>, is_module: bool, start: Span, problems: &mut Diagnostics) -> Option<Name> {
    if is_module && top.get("stack").is_none() {
        return None;
    }
    top.require("stack", start, problems)?;
    let name = top.text("stack", problems)?;
    let is_right = name.text.starts_with(|c: char| c.is_ascii_lowercase())
        && name.text.len() <= 40
        && name.text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if !is_right {
        problems.push(
            Diagnostic::error("bad-name", format!("`{}` cannot be the name of a stack", shown(&name.text)))
                .at(name.span, "")
                .help("stack names are lower-case letters, digits, `-` and `_`, up to 40, a letter first"),
        );
    }
    Some(name)
}

/// Where a module goes is said by who calls it.
fn refuse_in_module(top: &Fields<'_>, problems: &mut Diagnostics) {
    for (key, help) in [
        ("region", "a module goes where its caller says: give `region` in the caller's `modules` entry"),
        ("imports", "import in the stack file, by the full address: `module.network.vpc`"),
    ] {
        if let Some(entry) = top.get(key) {
            let problem = Diagnostic::error("not-in-module", format!("a module cannot have `{key}`"));
            problems.push(problem.at(entry.key_span, "").help(help));
        }
    }
}

fn regions(top: &Fields<'_>, problems: &mut Diagnostics) -> BTreeMap<String, RegionAlias> {
    let mut found = BTreeMap::new();
    for entry in top.entries("regions", problems) {
        let name = fields::name(entry, "region", problems);
        let what = format!("region `{}`", shown(&name.text));
        let Some(alias) = Fields::read(&entry.value, what, &["region", "role_arn"], problems) else { continue };
        alias.require("region", entry.key_span, problems);
        if let Some(region) = alias.written("region", problems) {
            let role_arn = alias.written("role_arn", problems);
            found.insert(name.text, RegionAlias { region, role_arn });
        }
    }
    found
}

fn local(entry: &Entry, problems: &mut Diagnostics) -> Local {
    Local { name: fields::name(entry, "local", problems), value: Written::parse(&entry.value, problems) }
}

fn call(entry: &Entry, problems: &mut Diagnostics) -> Option<Call> {
    const KEYS: &[&str] = &["source", "inputs", "for_each", "count", "when", "region"];
    let name = fields::name(entry, "module", problems);
    let module = Fields::read(&entry.value, format!("module `{}`", shown(&name.text)), KEYS, problems)?;
    module.require("source", entry.key_span, problems)?;
    let source = module.text("source", problems)?;
    let inputs = module.entries("inputs", problems).iter().map(|input| {
        (input.key.clone(), Input { span: input.key_span, value: Written::parse(&input.value, problems) })
    });
    let inputs = inputs.collect();
    Some(Call {
        name,
        source,
        file: None,
        inputs,
        repeat: resource::repeat(&module, problems),
        when: module.written("when", problems),
        region: module.written("region", problems),
    })
}

fn output(entry: &Entry, problems: &mut Diagnostics) -> Option<OutputDeclaration> {
    let name = fields::name(entry, "output", problems);
    let what = format!("output `{}`", shown(&name.text));
    if !matches!(entry.value.content, super::yaml::Content::Map(_)) {
        let problem = fields::wrong_form(&what, "a map", &entry.value);
        problems.push(problem.help(format!("write `{}: {{value: …}}`", shown(&name.text))));
        return None;
    }
    let output = Fields::read(&entry.value, what, &["value", "description", "sensitive"], problems)?;
    output.require("value", entry.key_span, problems)?;
    Some(OutputDeclaration {
        name,
        value: output.written("value", problems)?,
        description: output.text("description", problems).map(|text| text.text),
        sensitive: output.flag("sensitive", problems),
    })
}
