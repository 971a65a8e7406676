//! Files made to hurt: each is refused, soon and in little memory.

use std::fmt::Write;

use proptest::prelude::*;

use super::{bare, stack};
use crate::{
    base::{Diagnostics, FileId, Sources},
    stack::yaml,
};

/// The rule by which a text is refused.
fn refusal(text: &str) -> String {
    let mut problems = Diagnostics::default();
    let node = yaml::read(text, FileId(0), &mut problems);
    assert!(node.is_none(), "the text was taken");
    problems.0.last().unwrap().rule.to_owned()
}

fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("a: {}{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in
        [("[", "]"), ("{a: ", "}"), ("[{a: ", "}]"), ("? ", ""), ("- ", ""), ("!a [", "]"), ("&a [", "]")]
    {
        for levels in [101, 250, 300, 10_000] {
            let rule = refusal(&nested(open, close, levels));
            assert!(
                ["too-deep", "yaml-syntax", "bad-key", "unquoted-expression"].contains(&rule.as_str()),
                "{open} {levels}: {rule}"
            );
        }
    }
    let mut block = String::new();
    for level in 0..10_000 {
        writeln!(block, "{:level$}a:", "").unwrap();
    }
    assert_eq!(refusal(&block[..block.len().min(yaml::MAX_BYTES)]), "too-deep");
}

#[test]
fn alias_bombs_are_refused() {
    let lol = |width: usize, levels: usize, open: &str, close: &str| {
        let mut text = format!("a0: &a0 {open}x{close}\n");
        for level in 1..levels {
            let before = level - 1;
            let aliases = vec![format!("*a{before}"); width].join(", ");
            writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        text
    };
    assert_eq!(refusal(&lol(10, 20, "[", "]")), "too-large");
    assert_eq!(refusal(&lol(2, 64, "[", "]")), "too-large");
    assert_eq!(refusal(&lol(1000, 5, "", "")), "too-large");
    assert_eq!(refusal(&lol(1, 200, "[", "]")), "too-deep", "depth adds up through aliases");
    let flat = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(1000), "*a, ".repeat(1000));
    assert_eq!(refusal(&flat), "too-large");
    let anchors: String = format!("{}x{}", "&a [".repeat(90), "]".repeat(90));
    let wide = format!("a: {anchors}\nb: [{}]", "&b [c, c, c, c, c, c, c, c, c], ".repeat(30_000));
    assert_eq!(refusal(&wide), "too-large");
}

#[test]
fn cycles_of_anchors_are_refused() {
    for text in ["a: &a [*a]", "a: &a {b: *a}", "&a [x, [*a]]", "&a {k: &b [*a, *b]}", "a: &a\n  b: &b\n    c: *a\n"] {
        assert_eq!(refusal(text), "cyclic-alias", "{text}");
    }
    for text in ["a: *a", "a: &a *a", "[*x]", "*a"] {
        assert!(["yaml-syntax", "cyclic-alias"].contains(&refusal(text).as_str()), "{text}");
    }
    assert_eq!(refusal("a: &a x\n*a : y\nb: {*a : 1}"), "bad-key");
}

#[test]
fn large_texts_are_refused() {
    assert_eq!(refusal(&"x".repeat(100_000_000)), "too-large");
    let mut keys = String::new();
    for key in 0..1_000_000 {
        writeln!(keys, "k{key}: 1").unwrap();
    }
    assert_eq!(refusal(&keys), "too-large");
    let case = bare();
    let file = std::fs::File::create(&case.inputs.path).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(case.outcome().contains("is larger than 16 MiB"), "a terabyte is refused without being read");
}

#[test]
fn long_scalars_below_the_limit_are_read() {
    for text in
        ["x".repeat(2 << 20), format!("\"{}\"", "é".repeat(1 << 20)), format!("|\n{}", " line\n".repeat(1 << 17))]
    {
        let mut problems = Diagnostics::default();
        assert!(yaml::read(&text, FileId(0), &mut problems).is_some());
    }
}

const BROKEN: &[&str] = &[
    "a: b: c",
    "a:\n\t- x",
    "[",
    "{",
    "]",
    "}",
    "\"",
    "'",
    "\"\\x",
    "\"\\u12\"",
    "%YAML 9.9\n---\na",
    "%TAG ! x\n---\n!a b",
    "---\n---",
    "a: |9\n x",
    "a: >\n\tx",
    "@a",
    "`a",
    "a: %x",
    "- a\nb: c",
    "a\nb: c",
    "? [a\n: b",
    "a: 'b\nc",
    "!!",
    "!<",
    "&",
    "*",
    "a: &",
    "a: *",
    "{a: b",
    "[a, b",
    "{a, b: [}",
    "\u{0}",
    "a: \u{1}",
    "\u{feff}a: \u{feff}b",
    "a: \"\u{7}",
    "<<: *x",
    "? ",
    ": ",
    "- - - :",
    "a: [b: c: d]",
    "\r\r\r:\r",
    "a: b\n  c: d\n e: f",
    "--- a\n... b",
];

#[test]
fn broken_texts_are_refused() {
    for &text in BROKEN {
        let mut problems = Diagnostics::default();
        let node = yaml::read(text, FileId(0), &mut problems);
        assert!(
            node.is_some() || text.trim_matches(['\u{feff}', '-', '\n']).is_empty() || problems.has_errors(),
            "{text:?}"
        );
        for problem in &problems.0 {
            assert!(
                problem
                    .labels
                    .iter()
                    .all(|label| label.span.end as usize <= text.len() && label.span.start <= label.span.end),
                "{text:?}"
            );
        }
    }
}

#[test]
fn a_million_copies_are_refused() {
    let gateway = "type: AWS::EC2::InternetGateway";
    let outcome =
        stack(&format!("resources:\n  a: {{{gateway}, count: 100000}}\n  b: {{{gateway}, count: 1}}\n")).outcome();
    assert!(
        outcome.contains("too-large the stack has more than 100000 resources"),
        "{}",
        &outcome[..outcome.len().min(300)]
    );
}

proptest! {
    #[test]
    fn no_text_panics_and_every_place_lies_in_the_text(text in any::<String>()) {
        let mut problems = Diagnostics::default();
        let _ = yaml::read(&text, FileId(0), &mut problems);
        let mut sources = Sources::default();
        sources.add("a", text.as_str());
        for label in problems.0.iter().flat_map(|problem| &problem.labels) {
            prop_assert!(label.span.end as usize <= text.len());
            sources.position(label.span);
        }
    }

    #[test]
    fn no_yaml_like_text_panics(text in "([a-c$\\{\\}\\[\\]:,\"'#&*!|>?%@ \n\té-]|\\$\\{|: |\n  ){0,60}") {
        let mut problems = Diagnostics::default();
        let _ = yaml::read(&text, FileId(0), &mut problems);
        for label in problems.0.iter().flat_map(|problem| &problem.labels) {
            prop_assert!(text.get(label.span.range()).is_some());
        }
    }

    #[test]
    fn no_stack_like_text_panics(
        lines in prop::collection::vec(
            "( {0,6})(stack|region|resources|variables|locals|modules|data|type|a|properties|for_each|when|inputs|source)(: )(a|x.yaml|\\$\\{(local.a|a.b|var.a|each.key)\\}|\\[a\\]|\\{a: 1\\}|AWS::EC2::VPC|)",
            0..20,
        )
    ) {
        let text = format!("stack: a\nregion: eu-central-1\n{}\n", lines.join("\n"));
        let _ = stack(&text).outcome();
    }
}
