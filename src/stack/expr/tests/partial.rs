//! What is not known yet, and how it becomes known.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Made, World, known};
use crate::{
    base::{Address, Lookup, Unknown, Value},
    stack::expr::resolve,
};

#[test]
fn a_reference_to_what_is_not_made_is_an_attribute() {
    let value = World::new().evaluate("${vpc.Tags[0].Value}").unwrap();
    assert_eq!(value, Value::attribute(Address::root("vpc"), "Tags[0].Value".parse().unwrap()));
    assert_eq!(known("cidrsubnet(vpc.CidrBlock, 8, 10)"), json!("10.0.10.0/24"));
}

#[test]
fn what_depends_on_an_unknown_says_what_it_waits_for() {
    let value = World::new().evaluate("x-${db.Endpoint}").unwrap();
    let Value::Unknown(Unknown::Expression { source, captures }) = value else { panic!("{value:?}") };
    assert_eq!(source, "\"${_0}${_1}\"");
    assert_eq!(captures["_0"], Value::text("x-"));
}
fn made() -> Made {
    let rows = [
        ("vpc VpcId", json!("vpc-1")),
        ("db Endpoint", json!("db.example")),
        ("db Ports", json!([1, 2])),
        ("db Port", json!(5432)),
        ("db Tags", json!({"a": "x"})),
        ("private[\"a\"] SubnetId", json!("subnet-a")),
        ("private[\"b\"] SubnetId", json!("subnet-b")),
    ];
    Made(rows.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

fn partly(text: &str) -> Value {
    World::new().evaluate(&format!("${{{text}}}")).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn resolved(text: &str) -> serde_json::Value {
    let value = resolve(&partly(text), &made()).unwrap_or_else(|error| panic!("{text}: {error}"));
    value.reveal().unwrap_or_else(|| panic!("{text} is not known: {value:?}"))
}

#[test]
fn everything_resolves_to_what_it_would_have_been() {
    for (text, expected) in [
        ("db.Endpoint", json!("db.example")),
        ("\"${db.Endpoint}:${db.Port}\"", json!("db.example:5432")),
        ("\"${upper(\"${db.Endpoint}-x\")}/${db.Port + 1}\"", json!("DB.EXAMPLE-X/5433")),
        ("db.Port + 1 > 2 * 3 && !false", json!(true)),
        ("-db.Port", json!(-5432)),
        ("db.Port == 5432 ? vpc.VpcId : tonumber(\"x\")", json!("vpc-1")),
        ("db.Port == 0 || db.Port == 5432", json!(true)),
        ("db.Port == 0 && tonumber(\"x\") > 1", json!(false)),
        ("[for p in db.Ports : p + var.n if p > 1]", json!([5])),
        (
            "{for p in db.Ports : \"p${p}\" => {(vpc.VpcId) = p, fixed = var.environment}}",
            json!({"p1": {"vpc-1": 1, "fixed": "dev"}, "p2": {"vpc-1": 2, "fixed": "dev"}}),
        ),
        ("[for z in var.azs : z if db.Port > 1]", json!(["a", "b", "c"])),
        ("[for p in db.Ports : [for q in db.Ports : p * q + var.n]]", json!([[4, 5], [5, 7]])),
        ("[for p in db.Ports : var.azs[p]]", json!(["b", "c"])),
        ("[for _0 in db.Ports : _0 + length(vpc.VpcId)]", json!([6, 7])),
        ("{ (db.Endpoint) = 1, x = \"_0 ${vpc.VpcId}\" }", json!({"db.example": 1, "x": "_0 vpc-1"})),
        ("values(private)[*].SubnetId", json!(["subnet-a", "subnet-b"])),
        ("{for k, s in private : k => s.SubnetId}", json!({"a": "subnet-a", "b": "subnet-b"})),
        ("join(\",\", values(private)[*].SubnetId)", json!("subnet-a,subnet-b")),
        ("db.Ports[*]", json!([1, 2])),
        ("[for p in db.Ports : {v = p}][*].v", json!([1, 2])),
        ("[for p in db.Ports : {v = p}].*.v[1]", json!(2)),
        ("var.azs[db.Ports[0]]", json!("b")),
        ("jsonencode({a = db.Port, b = [vpc.VpcId]})", json!("{\"a\":5432,\"b\":[\"vpc-1\"]}")),
        ("(db.Port > 1 ? db : vpc).Endpoint", json!("db.example")),
        ("merge(db.Tags, {b = \"y\"})", json!({"a": "x", "b": "y"})),
        ("flatten([db.Ports, [3]])", json!([1, 2, 3])),
        ("max(db.Ports...)", json!(2)),
        ("coalesce(null, \"\", db.Endpoint, \"z\")", json!("db.example")),
        ("try(jsondecode(db.Endpoint), \"not json\")", json!("not json")),
        ("can(jsondecode(db.Endpoint))", json!(false)),
        ("can(db.Port + 1)", json!(true)),
        ("\"%{ for p in db.Ports ~} p\\\"${p} %{ endfor }\"", json!("p\"1 p\"2 ")),
        ("\"%{ if db.Port > 1 }yes%{ else }no%{ endif }!\"", json!("yes!")),
        ("lookup({a = db.Port}, \"a\", 0)", json!(5432)),
        ("length([db.Port, db.Port])", json!(2)),
        ("\"${db.Port}${\"\"}\"", json!("5432")),
    ] {
        assert!(!partly(text).is_known() || text.starts_with("length"), "{text} is known");
        assert_eq!(resolved(text), expected, "{text}: {:?}", partly(text));
    }
}

#[test]
fn a_structure_keeps_its_shape_around_what_is_not_known() {
    let value =
        partly("{ list = [vpc.VpcId, 1], tags = merge({Name = db.Endpoint}, {n = var.n}), pick = true ? db.Port : 0 }");
    let attribute = |name: &str, path: &str| Value::attribute(Address::root(name), path.parse().unwrap());
    let Value::Map(map) = value else { panic!("{value:?}") };
    assert_eq!(map["list"], Value::List(vec![attribute("vpc", "VpcId"), Value::Number(1.into())]));
    assert_eq!(map["pick"], attribute("db", "Port"));
    let Value::Map(tags) = &map["tags"] else { panic!("{map:?}") };
    assert_eq!(tags["Name"], attribute("db", "Endpoint"));
    assert_eq!(partly("element([vpc.VpcId, 1], 0)"), attribute("vpc", "VpcId"));
    assert_eq!(partly("try(vpc.VpcId, 1)"), attribute("vpc", "VpcId"));
    assert_eq!(partly("vpc[*].VpcId"), Value::List(vec![attribute("vpc", "VpcId")]));
}

#[test]
fn what_waits_says_so_in_readable_source() {
    let source = |text: &str| match partly(text) {
        Value::Unknown(Unknown::Expression { source, .. }) => source,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(source("join(\",\", [db.Endpoint])"), "join(_0, _1)");
    assert_eq!(source("db.Port + db.Port * 2"), "_0 + (_1 * _2)");
    assert_eq!(source("[for p in db.Ports : p + var.n]"), "[for p in _0 : p + _1]");
    assert_eq!(source("jsondecode(db.Endpoint).host[0]"), "((jsondecode(_0)).host)[0]");
}

#[test]
fn an_error_shows_once_the_values_are_known() {
    let error = resolve(&partly("tonumber(db.Endpoint)"), &made()).unwrap_err();
    assert_eq!(error, "`tonumber`: a text cannot become a number; `tonumber(value)`: a number");
    let error = resolve(&partly("db.Port > 1 ? tonumber(\"x\") : 1"), &made()).unwrap_err();
    assert!(error.starts_with("`tonumber`"), "{error}");
}

#[test]
fn what_is_still_unknown_stays_so() {
    let nothing = Made(BTreeMap::new());
    for text in ["db.Port + 1", "[for p in db.Ports : p]", "(db.Port > 1 ? db : vpc).Endpoint", "\"${vpc}\""] {
        let value = partly(text);
        assert_eq!(resolve(&value, &nothing).unwrap(), value, "{text}");
    }
    let half = Made([("db Port".to_owned(), Value::Number(1.into()))].into_iter().collect());
    let value = resolve(&partly("\"${db.Port}/${vpc.VpcId}\""), &half).unwrap();
    assert!(!value.is_known());
    assert_eq!(resolve(&value, &made()).unwrap(), Value::text("1/vpc-1"));
}

#[test]
fn a_whole_resource_becomes_whatever_its_owner_says() {
    let mut world = made();
    world.0.insert("vpc ".to_owned(), Value::text("vpc-1"));
    for (text, expected) in [("vpc", json!("vpc-1")), ("\"id ${vpc}\"", json!("id vpc-1")), ("[vpc]", json!(["vpc-1"]))]
    {
        assert_eq!(resolve(&partly(text), &world).unwrap().reveal().unwrap(), expected, "{text}");
    }
}

#[test]
fn a_secret_is_sensitive_wherever_it_goes() {
    let lookup = |text: &str| match partly(text) {
        Value::Unknown(Unknown::Lookup(lookup)) => lookup,
        other => panic!("{text}: {other:?}"),
    };
    let secret = |name: &str, key: Option<&str>| Lookup::Secret { name: name.to_owned(), key: key.map(str::to_owned) };
    assert_eq!(lookup("secret(\"db:password\")"), secret("db", Some("password")));
    assert_eq!(lookup("secret(\"db\").password"), secret("db", Some("password")));
    assert_eq!(lookup("secret(\"db\")"), secret("db", None));
    let arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbC";
    assert_eq!(lookup(&format!("secret(\"{arn}:password\")")), secret(arn, Some("password")));
    assert_eq!(lookup("ssm(\"/db/name\")"), Lookup::Parameter { name: "/db/name".to_owned() });

    let mut world = made();
    world.0.insert(format!("{:?}", secret("db", None)), Value::text("{\"p\": \"hunter2\"}"));
    for text in [
        "secret(\"db\")",
        "jsondecode(secret(\"db\")).p",
        "\"x ${secret(\"db\")}\"",
        "[for p in db.Ports : \"${p}${secret(\"db\")}\"]",
        "{a = secret(\"db\")}",
    ] {
        let before = partly(text);
        assert!(before.has_sensitive(), "{text}");
        let after = resolve(&before, &world).unwrap();
        assert!(after.is_known() && after.has_sensitive(), "{text}: {after:?}");
        assert!(!format!("{after:?}").contains("hunter2"), "{text}: {after:?}");
    }
    assert!(partly("ssm(\"x\")").has_sensitive());
    let error = World::new().evaluate("${nonsensitive(secret(\"db\"))}").unwrap_err();
    assert!(error.message.contains("never shown or stored"), "{error:?}");
}

#[test]
fn what_is_made_from_a_sensitive_value_is_sensitive() {
    for text in [
        "local.password",
        "\"x${local.password}\"",
        "upper(local.password)",
        "local.password == \"a\"",
        "local.password == \"a\" ? 1 : 2",
        "[for c in split(\"\", local.password) : c]",
        "[for z in var.azs : z if z != local.password]",
        "{(local.password) = 1}",
        "{a = local.password}",
        "sensitive(var.azs)[0]",
        "sensitive({a = 1}).a",
        "sensitive([{a = 1}])[*].a",
        "length(sensitive([1]))",
        "jsonencode({a = [local.password]})",
        "merge({a = local.password}, {})",
        "max(sensitive([1, 2])...)",
        "\"%{ if local.password == \"a\" }1%{ endif }\"",
        "-sensitive(1)",
        "!sensitive(true) || false",
        "flatten([sensitive([1])])",
        "zipmap([local.password], [1])",
        "[for p in db.Ports : sensitive(p)]",
        "sensitive(db.Port) + 1",
        "templatefile(\"none\", {})",
    ] {
        if text.starts_with("templatefile") {
            let world = World { files: [("none".to_owned(), "${x}".to_owned())].into_iter().collect(), ..World::new() };
            assert!(world.evaluate("${templatefile(\"none\", {x = local.password})}").unwrap().has_sensitive());
            continue;
        }
        let value = partly(text);
        assert!(value.has_sensitive(), "{text}: {value:?}");
        assert!(!format!("{value:?}").contains("hunter2"), "{text}: {value:?}");
    }
    assert!(!partly("length([local.password])").has_sensitive());
    assert!(!partly("merge({a = local.password}, {b = 1}).b").has_sensitive());
    assert_eq!(partly("nonsensitive(local.password)"), Value::text("hunter2"));
    assert!(!partly("nonsensitive(sensitive(db.Port) + 1)").has_sensitive());
}

#[test]
fn no_error_tells_a_sensitive_value() {
    for text in [
        "tonumber(local.password)",
        "local.password + 1",
        "var[local.password]",
        "{hunter2 = 1}[local.password].x",
        "regex(local.password, \"x\")",
        "sensitive({hunter2 = 1}).hunter1",
        "cidrhost(local.password, 1)",
        "file(local.password)",
        "{for z in var.azs : local.password => z}",
        "jsondecode(local.password)",
        "lookup({}, local.password)",
        "format(local.password, 1)",
        "[for p in sensitive({hunter2 = 1}) : tonumber(\"x\")]",
        "templatefile(local.password, {})",
        "local.password ? 1 : 2",
    ] {
        let error = World::new().evaluate(&format!("${{{text}}}")).unwrap_err();
        assert!(!format!("{}{:?}", error.message, error.help).contains("hunter2"), "{text}: {error:?}");
    }
}

#[test]
fn a_template_file_waits_for_its_variables() {
    let text = "%{ for s in subnets ~}\nsubnet ${s} \"${vpc}\"\n%{ endfor ~}\n";
    let world = World { files: [("net.tpl".to_owned(), text.to_owned())].into_iter().collect(), ..World::new() };
    let template = "${templatefile(\"net.tpl\", {subnets = values(private)[*].SubnetId, vpc = vpc.VpcId})}";
    let value = world.evaluate(template).unwrap();
    assert!(!value.is_known());
    let expected = "subnet subnet-a \"vpc-1\"\nsubnet subnet-b \"vpc-1\"\n";
    assert_eq!(resolve(&value, &made()).unwrap(), Value::text(expected));
    let later = world.evaluate("${templatefile(\"net.tpl\", {subnets = db.Ports, vpc = 1})}").unwrap();
    assert_eq!(resolve(&later, &made()).unwrap(), Value::text("subnet 1 \"1\"\nsubnet 2 \"1\"\n"));
}

#[test]
fn a_long_chain_of_unknowns_stays_flat_and_an_endless_one_is_refused() {
    let mut value = Value::attribute(Address::root("db"), "Port".parse().unwrap());
    let mut steps = 0;
    let error = loop {
        let world = World::new().set("before", value);
        match world.evaluate("${before + 1}") {
            Ok(next) => value = next,
            Err(error) => break error,
        }
        steps += 1;
        if steps == 100 {
            assert_eq!(resolve(&value, &made()).unwrap(), Value::Number(5532.into()));
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value);
        }
    };
    assert_eq!(error.rule, "expression-too-deep");
    assert!(steps > 200, "{steps}");
}

#[test]
fn data_that_is_not_looked_up_is_stepped_into() {
    let data = Value::Unknown(Unknown::Data { name: "net".to_owned(), path: "".parse().unwrap() });
    let world = World::new().set("data", Value::Map([("net".to_owned(), data)].into_iter().collect()));
    let value = world.evaluate("${data.net.Tags[0].Value}-x").unwrap();
    let found = Made([("data.net Tags[0].Value".to_owned(), Value::text("n"))].into_iter().collect());
    assert_eq!(resolve(&value, &found).unwrap(), Value::text("n-x"));
    assert_eq!(known("1"), json!(1));
}
