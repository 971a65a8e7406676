//! Where things are: references and errors, in the text they are written in.

use super::{World, parse};
use crate::base::{FileId, Span};
use crate::stack::expr::Template;

/// The stretch of `text` that an error points at, its rule, and its message with the first help.
fn error(text: &str) -> (String, &'static str, String) {
    let error = World::new().evaluate(text).expect_err(text);
    let place = text[error.labels[0].span.range()].to_owned();
    let help = error.help.join("; ");
    (place, error.rule, format!("{} / {help}", error.message))
}

#[test]
fn every_error_points_at_its_cause_and_says_what_was_meant() {
    for (text, place, rule, message) in [
        ("${vcp.VpcId}", "vcp", "unknown-name", "there is no `vcp` here / did you mean `vpc`?"),
        ("a ${lowr(\"x\")}", "lowr", "unknown-function", "there is no function `lowr` / did you mean `lower`?"),
        ("${timestamp()}", "timestamp", "unknown-function", "its value differs in every run"),
        ("x ${var.environmnt}", ".environmnt", "unknown-attribute", "did you mean `environment`?"),
        ("${var.azs.name}", ".name", "unknown-attribute", "`[*].name` takes it from every element"),
        ("${private[*].SubnetId}", ".SubnetId", "unknown-attribute", "`values(…)[*]` is"),
        ("${var.azs[7]}", "[7]", "invalid-index", "this list has 3 elements"),
        ("${1 + upper(\"x\")}", "upper(\"x\")", "type-mismatch", "`+` needs a number, not a text"),
        ("${1 / 0}", "1 / 0", "division-by-zero", "divided by zero"),
        (
            "${9223372036854775807 * 9223372036854775807}",
            "9223372036854775807 * 9223372036854775807",
            "number-overflow",
            "too large",
        ),
        ("${cidrsubnet(\"10.0.0.0/16\", 20, 1)}", "20", "invalid-argument", "at most 16 more bits"),
        ("${lower()}", "lower", "wrong-arguments", "`lower` takes 1 argument, not 0"),
        ("x ${var.azs} y", "var.azs", "type-mismatch", "a list cannot stand in a text / `jsonencode(…)`"),
        ("${[for z in var.n : z]}", "var.n", "type-mismatch", "`for` runs over a list or a map, not over a number"),
        ("${{for z in var.azs : \"k\" => z}}", "\"k\"", "duplicate-key", "`...` after the value"),
        ("${var.n ? 1 : 2}", "var.n", "type-mismatch", "a condition is true or false, not a number"),
        ("a ${1 + } b", "}", "expression-syntax", "this expression cannot be read"),
        ("a ${var.n b", "${", "expression-syntax", "never closed"),
        ("${ }", "${ }", "expression-syntax", "no expression"),
        ("${file(\"none\")}", "\"none\"", "invalid-argument", "there is no file `none`"),
        ("é ${vcp}", "vcp", "unknown-name", "vcp"),
    ] {
        let (found, broken, said) = error(text);
        assert_eq!((found.as_str(), broken), (place, rule), "{text}: {said}");
        assert!(said.contains(message), "{text}: {said}");
    }
}

#[test]
fn an_error_in_a_template_file_names_its_line() {
    let files = [("a.tpl".to_owned(), "one\ntwo ${nam}\n".to_owned())].into_iter().collect();
    let world = World { files, ..World::new() };
    let error = world.evaluate("${templatefile(\"a.tpl\", {name = 1})}").unwrap_err();
    assert_eq!(error.message, "in `a.tpl`, line 2: there is no `nam` here");
    assert_eq!(error.help, ["did you mean `name`?"]);
}

#[test]
fn references_are_what_no_loop_binds() {
    let text = "${vpc.Tags[0].Value} ${[for s in values(private)[*].SubnetId : join(s, [var.a[s].b, each.value])]} \
                ${db[\"x\"].y[*].z} \"%{ for v in w }${v.q}%{ endfor }\" ${{ key = local.k, (aws.region) = 1 }}";
    let text = text.replace("\"%{ for v in w }${v.q}%{ endfor }\"", "${\"%{ for v in w }${v.q}%{ endfor }\"}");
    let found: Vec<String> = parse(&text)
        .unwrap()
        .references()
        .into_iter()
        .map(|reference| format!("{} {} {}", reference.root, reference.path, &text[reference.span.range()]))
        .collect();
    assert_eq!(
        found,
        [
            "vpc Tags[0].Value vpc.Tags[0].Value",
            "private  private",
            "var a var.a",
            "each value each.value",
            "db x.y db[\"x\"].y",
            "w  w",
            "local k local.k",
            "aws region aws.region",
        ]
    );
}

#[test]
fn a_quoted_scalar_without_escapes_is_placed_exactly() {
    let source = "key: \"${vcp}\"";
    let span = Span { file: FileId(0), start: 5, end: 13 };
    let error = Template::parse("${vcp}", span).unwrap().evaluate(&World::new()).unwrap_err();
    assert_eq!(&source[error.labels[0].span.range()], "vcp");
}

#[test]
fn a_scalar_with_escapes_or_indentation_is_looked_up_in_its_source() {
    let block = "|\n    line ${var.n}\n    other ${vcp}\n";
    let wrong = |source: &str, value: &str| {
        let span = Span { file: FileId(0), start: 0, end: u32::try_from(source.len()).unwrap() };
        let error = Template::parse_with(value, span, source).unwrap().evaluate(&World::new()).unwrap_err();
        source[error.labels[0].span.range()].to_owned()
    };
    assert_eq!(wrong(block, "line ${var.n}\nother ${vcp}\n"), "vcp");
    assert_eq!(wrong("\"a\\t${vcp}\"", "a\t${vcp}"), "vcp");
    assert_eq!(wrong("|\n  ${[\n    vcp]}\n", "${[\n  vcp]}\n"), "${[");
    assert_eq!(wrong("\"${vcp[\\\"a\\\"]}\"", "${vcp[\"a\"]}"), "\"${vcp[\\\"a\\\"]}\"");
}
