//! The language, with everything known.

use serde_json::json;

use super::{World, known, parse};
use crate::base::Value;

#[test]
fn text_outside_of_expressions_stays_byte_for_byte() {
    for text in ["plain", "a\nb\\n\"c\"", "%{http_code}", "$", "$$", "{}", "a $ {b}", "", "#!/bin/sh\n"] {
        assert_eq!(World::new().evaluate(text).unwrap(), Value::text(text));
    }
    let script = "curl -w '%{http_code}' \"\\n\" ${var.environment} $${HOME} $$";
    let expected = "curl -w '%{http_code}' \"\\n\" dev ${HOME} $$";
    assert_eq!(World::new().evaluate(script).unwrap(), Value::text(expected));
}

#[test]
fn a_lone_expression_keeps_its_type() {
    assert_eq!(known("var.azs"), json!(["a", "b", "c"]));
    assert_eq!(known("1 + 2"), json!(3));
    assert_eq!(World::new().evaluate("n=${var.n}").unwrap(), Value::text("n=3"));
}

fn table(rows: &[(&str, serde_json::Value)]) {
    for (expression, expected) in rows {
        assert_eq!(known(expression), *expected, "{expression}");
    }
}

#[test]
fn arithmetic_is_exact_for_whole_numbers() {
    table(&[
        ("1 + 2 * 3", json!(7)),
        ("(1 + 2) * 3", json!(9)),
        ("9223372036854775807 - 1", json!(9_223_372_036_854_775_806_i64)),
        ("10 / 4", json!(2.5)),
        ("10 / 5", json!(2)),
        ("-7 % 3", json!(-1)),
        ("7.5 % 2", json!(1.5)),
        ("0.1 + 0.2", json!(0.30000000000000004)),
        ("1.5 * 2", json!(3)),
        ("-var.n", json!(-3)),
        ("\"5\" + 1", json!(6)),
        ("18446744073709551615 - 1", json!(18_446_744_073_709_551_614_u64)),
    ]);
}

#[test]
fn comparison_and_logic_follow_hcl() {
    table(&[
        ("1 == 1.0", json!(true)),
        ("\"1\" == 1", json!(false)),
        ("[1, {a = 2}] == [1, {a = 2}]", json!(true)),
        ("null == null", json!(true)),
        ("1 != 2 && !false", json!(true)),
        ("2 >= 2 && 1 < 1.5", json!(true)),
        ("false && tonumber(\"x\")", json!(false)),
        ("true || tonumber(\"x\")", json!(true)),
        ("\"true\" ? 1 : 2", json!(1)),
        ("false ? tonumber(\"x\") : 2", json!(2)),
    ]);
}

#[test]
fn lists_and_maps_are_stepped_into() {
    table(&[
        ("var.azs[1]", json!("b")),
        ("var.azs.1", json!("b")),
        ("var.azs[\"1\"]", json!("b")),
        ("var[\"n\"]", json!(3)),
        ("{ a = 1, \"b\" : 2, (var.environment) = 3 }", json!({"a": 1, "b": 2, "dev": 3})),
        ("{ a = { b = [1, 2] } }.a.b[1]", json!(2)),
        ("[{a = 1}, {a = 2}][*].a", json!([1, 2])),
        ("[{a = 1}, {a = 2}].*.a", json!([1, 2])),
        ("[{a = [1]}, {a = [2]}][*].a[0]", json!([1, 2])),
        ("[{a = [1]}, {a = [2]}].*.a[0]", json!([1])),
        ("[{a = [{b = 1}]}][*].a[*].b", json!([[1]])),
        ("null[*]", json!([])),
        ("5[*]", json!([5])),
    ]);
}

#[test]
fn loops_follow_hcl() {
    table(&[
        ("[for z in var.azs : upper(z)]", json!(["A", "B", "C"])),
        ("[for i, z in var.azs : \"${i}${z}\" if z != \"b\"]", json!(["0a", "2c"])),
        ("[for k, v in {x = 1, y = 2} : \"${k}${v}\"]", json!(["x1", "y2"])),
        ("{for z in var.azs : z => length(z)}", json!({"a": 1, "b": 1, "c": 1})),
        ("{for s in [\"aa\", \"ab\", \"b\"] : substr(s, 0, 1) => s...}", json!({"a": ["aa", "ab"], "b": ["b"]})),
        ("[for x in [1, 2] : [for y in [10, 20] : x * y]]", json!([[10, 20], [20, 40]])),
        ("[for vpc in [1] : vpc]", json!([1])),
    ]);
}

#[test]
fn texts_are_templates_inside_of_expressions() {
    table(&[
        (r#""a-${var.n}-b""#, json!("a-3-b")),
        (r#""${var.azs}""#, json!(["a", "b", "c"])),
        (r#""\"\t\u00e9 $${x}""#, json!("\"\té ${x}")),
        (r#""%{ if var.n > 2 }big%{ else }small%{ endif }""#, json!("big")),
        (r#""%{ for i, z in var.azs }${i}${z}\n%{ endfor }""#, json!("0a\n1b\n2c\n")),
        (r#""a ${~ 1 ~} b""#, json!("a1b")),
        (r#""x %{~ if false ~} y %{~ endif ~} z""#, json!("xz")),
        ("<<EOT\nhello ${var.n}\n  there\nEOT\n", json!("hello 3\n  there\n")),
        ("<<-EOT\n    a\n      b }\n    EOT\n", json!("a\n  b }\n")),
        (r#"join("}", ["{", "\"}"]) /* } */ "#, json!("{}\"}")),
    ]);
}

#[test]
fn strip_markers_take_white_space_from_the_scalar() {
    assert_eq!(World::new().evaluate("a \n ${~ var.n ~} \n b").unwrap(), Value::text("a3b"));
}

#[test]
fn an_expression_may_be_as_deep_as_the_parser_allows_and_no_deeper() {
    let nested = |depth: usize| format!("${{{}1{}}}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(World::new().evaluate(&nested(60)).unwrap(), Value::Number(1.into()));
    let error = World::new().evaluate(&nested(10_000)).unwrap_err();
    assert!(error.message.contains("nested"), "{error:?}");
    let chain = format!("${{{}}}", vec!["1"; 120].join(" + "));
    assert_eq!(World::new().evaluate(&chain).unwrap(), Value::Number(120.into()));
    let mixed = format!("${{{}}}", (0..30).fold("1".to_owned(), |inner, _| format!("[for x in [1] : {inner} + x][0]")));
    assert_eq!(World::new().evaluate(&mixed).unwrap(), Value::Number(31.into()));
}

type Wrap = fn(String) -> String;

#[test]
fn the_deepest_expressions_fit_on_the_stack_of_a_thread() {
    let operators = |inner: &str| format!("(1 + 1 + {inner} + 1)");
    let shapes: [(&str, Wrap); 6] = [
        ("text", |inner| format!("\"a${{{inner}}}\"")),
        ("directive", |inner| format!("\"%{{ for x in [1] }}%{{ if true }}${{{inner}}}%{{ endif }}%{{ endfor }}\"")),
        ("call", |inner| format!("try(tonumber(\"x\"), {inner})")),
        ("conditional", |inner| format!("true ? {inner} : 0")),
        ("loop", |inner| format!("{{for k, v in {{a = 1}} : k => {inner} if v == 1}}")),
        ("index", |inner| format!("var.azs[length({inner}) - length({inner})]")),
    ];
    for (name, wrap) in shapes {
        let depth = if name == "index" { 6 } else { 60 };
        for names in ["1", "db.Port"] {
            let nested = |levels: usize| (0..levels).fold(operators(names), |inner, _| wrap(inner));
            let deepest = (1..=depth).rev().find_map(|levels| parse(&format!("${{{}}}", nested(levels))).ok());
            let deepest = deepest.expect(name);
            deepest.references();
            let _ = deepest.evaluate(&World::new());
        }
    }
}
