//! Where values of variables come from, and what is refused.

use super::{Case, stack};

const VARIABLES: &str = "variables:\n  name: {type: string, default: none, pattern: '^[a-z]+$'}\n  size: {type: number, default: 1, min: 1, max: 9}\n  zones: {type: list, default: [], max: 2}\n  flags: {type: map, default: {}}\n  on: {type: bool, default: false}\n  secret: {type: string, default: unset, sensitive: true, min: 3}\n  free: {type: any, default: null}\noutputs:\n  all: {value: [\"${var.name}\", \"${var.size}\", \"${var.zones}\", \"${var.flags}\", \"${var.on}\", \"${var.free}\"]}\n  secret: {value: \"x${var.secret}\"}\n";

fn all(case: &Case) -> String {
    case.outcome()
}

#[test]
fn values_come_from_four_places_the_strongest_wins() {
    let case = stack(VARIABLES).exported("name", "exported").exported("other", "is not ours").exported("size", "2");
    insta::assert_snapshot!(all(&case), @r#"
    output all = ["exported", 2, [], {}, false, null]
    output secret = (sensitive)
    "#);
    let case = case.file("v.yaml", "name: fromfile\nzones: [a, b]\n").var_file("v.yaml");
    insta::assert_snapshot!(all(&case), @r#"
    output all = ["fromfile", 2, ["a", "b"], {}, false, null]
    output secret = (sensitive)
    "#);
    let case = case.var("name", "typed").var("flags", "{a: [1]}").var("on", "true").var("free", "[x, 1]");
    insta::assert_snapshot!(all(&case), @r#"
    output all = ["typed", 2, ["a", "b"], {a: [1]}, true, ["x", 1]]
    output secret = (sensitive)
    "#);
}

#[test]
fn wrong_values_are_told_with_where_they_come_from() {
    let case = stack(VARIABLES)
        .var("name", "UPPER")
        .var("size", "99")
        .var("zones", "[a, b, c]")
        .var("flags", "[")
        .var("on", "perhaps")
        .var("nmae", "x")
        .file("v.yaml", "sise: 3\n")
        .var_file("v.yaml")
        .var_file("missing.yaml");
    insta::assert_snapshot!(all(&case));
}

#[test]
fn all_missing_variables_are_told_at_once() {
    let case =
        stack("variables:\n  a: {type: string, description: the first}\n  b: {type: number}\n  c: {default: 1}\n");
    insta::assert_snapshot!(case.outcome());
}

#[test]
fn what_is_allowed_of_a_list_is_allowed_of_each_of_its_items() {
    let services = "variables: {services: {type: list, default: [], allowed: [api, web]}}\noutputs: {n: {value: \"${length(var.services)}\"}}\n";
    assert_eq!(
        stack(services).var("services", "[web, api]").outcome(),
        stack(services).var("services", "[api, web]").outcome()
    );
    let outcome = stack(services).var("services", "[web, db]").outcome();
    assert!(outcome.contains("has to be one of"), "{outcome}");
}

#[test]
fn the_value_of_a_sensitive_variable_stands_in_no_message() {
    const CANARY: &str = "canary-7f3a";
    let strict = "variables: {secret: {type: string, sensitive: true, pattern: '^$', allowed: [x]}}\n";
    let number = "variables: {secret: {type: number, sensitive: true}}\n";
    let used = "variables: {secret: {type: string, sensitive: true}}\nresources:\n  vpc: {type: AWS::EC2::VPC, properties: {CidrBlock: \"${var.secret}\", InstanceTenancy: \"${var.secret}\"}}\n";
    let keyed = "variables: {secret: {type: string, sensitive: true}}\nresources:\n  g: {type: AWS::EC2::InternetGateway, for_each: \"${[var.secret]}\"}\nlocals: {a: \"${regex(var.secret, 1, 2)}\", b: \"${{}[var.secret]}\", c: '${file(var.secret)}'}\n";
    let cases = [
        stack(strict).var("secret", CANARY),
        stack(number).var("secret", CANARY),
        stack(used).var("secret", CANARY),
        stack(keyed).var("secret", CANARY),
        stack(number).file("v.yaml", &format!("secret: {CANARY}\n")).var_file("v.yaml"),
        stack(number).file("v.yaml", &format!("secret: ${{a: {CANARY}}}\n")).var_file("v.yaml"),
        stack(number).file("v.yaml", &format!("secret: {CANARY}: {CANARY}\n")).var_file("v.yaml"),
        stack(number).file("v.yaml", &format!("secret: 1\nsecret: {CANARY}\n")).var_file("v.yaml"),
        stack(number).file("v.yaml", &format!("secret: \"${{{CANARY}}}\"\n")).var_file("v.yaml"),
    ];
    for (position, case) in cases.iter().enumerate() {
        let outcome = case.outcome();
        assert!(!outcome.contains(CANARY), "{position}: {outcome}");
        assert!(!outcome.starts_with("output"), "{position}: {outcome}");
    }
}

#[test]
fn an_environment_has_a_name_that_can_be_part_of_a_path() {
    for name in ["../x", "a/b", "A", "", " ", "-x"] {
        let outcome = stack("locals: {}\n").env(name).outcome();
        assert_eq!(outcome.contains("bad-name"), !name.is_empty(), "{name}: {outcome}");
    }
}
