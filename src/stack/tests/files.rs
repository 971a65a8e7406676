//! Nothing outside the folder of the stack is read.

use std::{fs, os::unix::fs::symlink};

use super::{Case, bare};

/// A stack in a folder inside another one, with things to be stolen around it.
fn fortress() -> Case {
    let mut case = bare();
    let root = case.folder.path().to_owned();
    fs::create_dir_all(root.join("inside/sub")).unwrap();
    fs::create_dir_all(root.join("inside-too")).unwrap();
    fs::write(root.join("stolen.yaml"), "outputs: {stolen: {value: stolen-text}}\n").unwrap();
    fs::write(root.join("inside-too/stolen.yaml"), "outputs: {stolen: {value: stolen-text}}\n").unwrap();
    fs::write(root.join("inside/own.yaml"), "outputs: {own: {value: 1}}\n").unwrap();
    symlink(root.join("stolen.yaml"), root.join("inside/link.yaml")).unwrap();
    symlink(&root, root.join("inside/up")).unwrap();
    symlink(root.join("inside/own.yaml"), root.join("inside/good.yaml")).unwrap();
    symlink("/dev/zero", root.join("inside/zero.yaml")).unwrap();
    symlink("loop.yaml", root.join("inside/loop.yaml")).unwrap();
    case.inputs.path = root.join("inside/stack.yaml");
    case
}

const OUTSIDE: &[&str] = &[
    "../stolen.yaml",
    "sub/../../stolen.yaml",
    "../inside/../stolen.yaml",
    "../inside/own.yaml",
    "../inside-too/stolen.yaml",
    "./../stolen.yaml",
    "link.yaml",
    "up/stolen.yaml",
    "zero.yaml",
    "loop.yaml",
    "sub",
    ".",
    "",
    "/etc/passwd",
    "/dev/stdin",
    "//etc/passwd",
    "file:///etc/passwd",
    "git::https://example.com/x",
    "~/stolen.yaml",
    "nothing.yaml",
    "own.yaml/",
    "..\\stolen.yaml",
    "a\0b",
];

#[test]
fn modules_come_from_the_folder_of_the_stack_only() {
    for path in OUTSIDE {
        let source = serde_json::Value::from(*path);
        let case = fortress();
        let text = format!(
            "stack: a\nregion: eu-central-1\nmodules: {{m: {{source: {source}}}}}\noutputs: {{o: {{value: \"${{module.m.stolen}}\"}}}}\n"
        );
        fs::write(&case.inputs.path, text).unwrap();
        let outcome = case.outcome();
        assert!(!outcome.contains("stolen-text") && !outcome.starts_with("output"), "{path}: {outcome}");
        assert!(outcome.contains("bad-source") || outcome.contains("wrong-form"), "{path}: {outcome}");
    }
}

#[test]
fn files_come_from_the_folder_of_the_stack_only() {
    for path in OUTSIDE {
        let quoted = serde_json::Value::from(*path).to_string().replace('\'', "''");
        let case = fortress();
        let text = format!("stack: a\nregion: eu-central-1\noutputs: {{o: {{value: '${{file({quoted})}}'}}}}\n");
        fs::write(&case.inputs.path, text).unwrap();
        let outcome = case.outcome();
        assert!(!outcome.contains("stolen-text") && !outcome.starts_with("output"), "{path}: {outcome}");
    }
}

#[test]
fn what_is_inside_is_read_by_links_and_detours_too() {
    for path in ["own.yaml", "./own.yaml", "sub/../own.yaml", "good.yaml"] {
        let case = fortress();
        let text = format!(
            "stack: a\nregion: eu-central-1\nmodules: {{m: {{source: {path}}}}}\noutputs: {{o: {{value: \"${{module.m.own}}\"}}}}\n"
        );
        fs::write(&case.inputs.path, text).unwrap();
        assert_eq!(case.outcome(), "output o = 1\n", "{path}");
    }
}

#[test]
fn files_are_named_from_the_folder_of_the_module_that_names_them() {
    let case = bare()
        .file("stack.yaml", "stack: a\nregion: eu-central-1\nmodules: {m: {source: sub/m.yaml}}\noutputs: {o: {value: \"${module.m.o}\"}}\n")
        .file("sub/m.yaml", "outputs: {o: {value: '${file(\"note\")}${file(\"../note\")}'}}\n")
        .file("sub/note", "inner")
        .file("note", "outer");
    assert_eq!(case.outcome(), "output o = \"innerouter\"\n");
}

#[test]
fn a_stack_that_cannot_be_read_is_told() {
    let missing = bare().outcome();
    assert!(missing.contains("unreadable-file the stack file `stack.yaml` does not exist"), "{missing}");
    let case = bare();
    fs::write(&case.inputs.path, [0xff, 0xfe, 0x00]).unwrap();
    assert!(case.outcome().contains("is not text in UTF-8"));
    let folder = bare();
    fs::create_dir(&folder.inputs.path).unwrap();
    assert!(folder.outcome().contains("is not a file"));
    for empty in ["", "# nothing\n", "---\n"] {
        let outcome = bare().file("stack.yaml", empty).outcome();
        assert!(outcome.contains("empty-file") || outcome.contains("wrong-form"), "{empty:?}: {outcome}");
    }
}
