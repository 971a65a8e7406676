//! `docs/errors.md` lists every rule.

use std::{collections::BTreeSet, fs, path::Path};

fn sources(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_rule_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documented = fs::read_to_string(root.join("docs/errors.md")).unwrap();
    let mut text = String::new();
    sources(&root.join("src/stack"), &mut text);
    let rule = regex::Regex::new(r#"(?:Diagnostic::error|Diagnostic::warning|Fault::new)\(\s*"([a-z-]+)""#).unwrap();
    let rules: BTreeSet<&str> =
        rule.captures_iter(&text).filter_map(|found| found.get(1)).map(|name| name.as_str()).collect();
    assert!(rules.len() > 40, "{rules:?}");
    let missing: Vec<&&str> = rules.iter().filter(|rule| !documented.contains(&format!("`{rule}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
