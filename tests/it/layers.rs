//! The shape of the source tree: who may use whom, how long a file may be, that every file says what it is for.

#![expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// What each layer may use beside itself (DESIGN section 4).
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("catalogue", &["base"]),
    ("stack", &["base", "catalogue"]),
    ("driver", &["base", "catalogue"]),
    ("state", &["base"]),
    ("engine", &["base", "catalogue", "stack", "driver", "state"]),
    ("aws", &["base", "catalogue", "driver"]),
    ("report", &["base", "catalogue", "engine::event", "engine::plan", "state::model"]),
    ("cli", &["base", "catalogue", "stack", "driver", "state", "engine", "aws", "report"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => found.extend(sources(&entry)),
            false if entry.extension().is_some_and(|extension| extension == "rs") => found.push(entry),
            false => {}
        }
    }
    found.sort();
    found
}

/// The same without the files that hold only tests.
fn production(folder: &Path) -> Vec<PathBuf> {
    let is_test = |file: &PathBuf| file.iter().any(|part| part == "tests" || part == "tests.rs");
    sources(folder).into_iter().filter(|file| !is_test(file)).collect()
}

/// Every path below `crate::` that a file names, whether in `use` (grouped or not) or in full; tests are left out, they
/// may look anywhere.
fn uses(text: &str) -> Vec<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or(text);
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let text = text.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(members(group)),
            None => found.push(path(rest)),
        }
    }
    found
}

fn path(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect()
}

/// The paths that begin at the top level of a `{…}` group.
fn members(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut found) = (0usize, 0, Vec::new());
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.push(group[start..index].trim().to_owned());
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(group[start..index].trim().to_owned());
                start = index + 1;
            }
            _ => {}
        }
    }
    found.iter().filter(|member| !member.is_empty()).map(|member| path(member)).collect()
}

#[test]
fn each_layer_uses_only_what_lies_below_it() {
    let may_use: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (layer, allowed) in &may_use {
        for file in production(&root().join("src").join(layer)) {
            for used in uses(&fs::read_to_string(&file).unwrap()) {
                let is = |prefix: &str| used == prefix || used.starts_with(&format!("{prefix}::"));
                let names_layer = may_use.keys().any(|layer| is(layer));
                if names_layer && !is(layer) && !allowed.iter().any(|allowed| is(allowed)) {
                    wrong.push(format!("{} uses crate::{used}", file.strip_prefix(root()).unwrap().display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for_and_keeps_to_500_lines() {
    let mut wrong = Vec::new();
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        if !text.starts_with("//!") {
            wrong.push(format!("{name} does not open with `//!`"));
        }
        if text.lines().count() > 500 {
            wrong.push(format!("{name} has {} lines", text.lines().count()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_report_and_cli_print() {
    for layer in ["base", "catalogue", "stack", "driver", "state", "engine", "aws"] {
        for file in production(&root().join("src").join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            for print in ["println!", "eprintln!", "print!(", "stdout()", "stderr()"] {
                assert!(!text.contains(print), "{} prints: {print}", file.display());
            }
        }
    }
}
