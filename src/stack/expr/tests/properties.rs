//! Properties over random expressions.

use std::{cell::Cell, collections::BTreeMap};

use proptest::prelude::*;

use super::{Made, World, parse};
use crate::{
    base::{Address, Path, Unknown, Value},
    stack::expr::{Form, Scope, resolve},
};

/// What the resource `r` will have; the same values are known as `k`.
fn facts() -> BTreeMap<String, Value> {
    let facts = serde_json::json!({
        "N": 3, "Z": 0, "T": "text", "E": "", "F": true, "L": [1, 2, 3], "W": ["a", "b"], "M": {"a": "x", "b": "y"},
    });
    match Value::from(facts) {
        Value::Map(map) => map,
        _ => BTreeMap::new(),
    }
}

/// The resource `r` before it is made. A step that leads nowhere fails at once if the value is known, and never if it is not;
/// such cases say nothing.
struct Later {
    world: World,
    astray: Cell<bool>,
}

impl Scope for Later {
    fn root(&self, name: &str) -> Option<Value> {
        let whole = || Value::attribute(Address::root("r"), Path::default());
        self.world.root(name).or_else(|| (name == "r").then(whole))
    }

    fn names(&self) -> Vec<String> {
        self.world.names()
    }

    fn attribute(&self, address: &Address, path: &Path) -> Value {
        let facts = Value::Map(facts()).reveal().unwrap_or_default();
        self.astray.set(self.astray.get() || path.get(&facts).is_none());
        Value::attribute(address.clone(), path.clone())
    }

    fn file(&self, path: &str, form: Form) -> Result<String, String> {
        self.world.file(path, form)
    }
}

fn leaves() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["N", "Z", "T", "E", "F", "L", "W", "M", "W[0]", "L[*]", "M.a", "M[\"c\"]", "L[9]"])
            .prop_map(|path| format!("@.{path}")),
        prop::sample::select(vec!["1", "0", "\"b\"", "true", "null", "[1, 2]", "{a = 1}", "secret", "x"])
            .prop_map(str::to_owned),
    ]
}

fn expressions() -> impl Strategy<Value = String> {
    leaves().prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let functions = vec![
            "length",
            "upper",
            "keys",
            "values",
            "tostring",
            "jsonencode",
            "distinct",
            "reverse",
            "flatten",
            "can",
            "sort",
            "sum",
            "one",
            "sensitive",
            "alltrue",
            "toset",
        ];
        let two =
            vec!["try", "coalesce", "concat", "merge", "join", "contains", "element", "lookup", "max", "setunion"];
        prop_oneof![
            (prop::sample::select(vec!["+", "-", "*", "/", "==", "!=", "<", "&&", "||"]), pair.clone())
                .prop_map(|(operator, (a, b))| format!("({a} {operator} {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, a, b)| format!("({c} ? {a} : {b})")),
            (prop::sample::select(functions), inner.clone()).prop_map(|(name, a)| format!("{name}({a})")),
            (prop::sample::select(two), pair.clone()).prop_map(|(name, (a, b))| format!("{name}({a}, {b})")),
            pair.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            pair.clone().prop_map(|(a, b)| format!("{{ a = {a}, b = {b} }}")),
            pair.clone().prop_map(|(a, b)| format!("{{ ({a}) = {b} }}")),
            pair.clone().prop_map(|(a, b)| format!("\"<${{{a}}}|${{{b}}}>\"")),
            pair.clone()
                .prop_map(|(a, b)| format!("\"%{{ if {a} }}y %{{~ endif }}%{{ for i in {b} }}${{i}},%{{ endfor }}\"")),
            pair.clone().prop_map(|(a, b)| format!("[for i, x in {a} : [i, x, {b}] if x != {b}]")),
            pair.clone().prop_map(|(a, b)| format!("[for x in {a} : x == {b}]")),
            pair.clone().prop_map(|(a, b)| format!("{{for i, x in {a} : i => [x, {b}]...}}")),
            (inner.clone(), prop::sample::select(vec!["[0]", ".a", "[*]", "[*].a", ".*.a"]))
                .prop_map(|(a, s)| format!("{a}{s}")),
            pair.prop_map(|(a, b)| format!("{a}[{b}]")),
            inner.prop_map(|a| format!("!{a}")),
        ]
    })
}

proptest! {
    #[test]
    fn knowing_later_gives_what_knowing_at_once_would_have(expression in expressions()) {
        let secret = Value::text("s3cret").sensitive();
        let world = World::default().set("secret", secret).set("x", Value::text("x"));
        let at_once = World { roots: world.roots.clone(), ..World::default() }
            .set("k", Value::Map(facts()))
            .evaluate(&format!("${{{}}}", expression.replace('@', "k")));
        let later = Later { world, astray: Cell::new(false) };
        let template = parse(&format!("${{{}}}", expression.replace('@', "r"))).unwrap();
        let value = template.evaluate(&later);
        let made = facts().into_iter().map(|(name, value)| (format!("r {name}"), value)).collect();
        let resolved = value.map_err(|error| error.message).and_then(|value| resolve(&value, &Made(made)));
        match (at_once, resolved) {
            _ if later.astray.get() => {}
            (Ok(now), Ok(later)) => {
                prop_assert!(later.is_known(), "{} is still {:?}", expression, later);
                prop_assert_eq!(now.reveal(), later.reveal(), "{}", expression);
                prop_assert!(!now.has_sensitive() || later.has_sensitive(), "{}", expression);
            }
            (Ok(now), Err(error)) => {
                prop_assert!(false, "{expression} is {now:?} at once, and later fails: {error}");
            }
            (Err(_), _) => {}
        }
    }

    #[test]
    fn no_text_panics(text in "(\\$\\{|\\}|\"|\\$|%\\{|[a-z0-9 .,:=?!<>()\\[\\]{}#/*~\\\\\n-]|\\PC){0,40}") {
        if let Ok(template) = parse(&text) {
            template.references();
            let _ = template.evaluate(&World::new());
        }
    }

    #[test]
    fn no_source_in_a_plan_panics(source in "\\PC{0,30}") {
        let value = Value::Unknown(Unknown::Expression { source, captures: BTreeMap::new() });
        let _ = resolve(&value, &Made(BTreeMap::new()));
    }
}
