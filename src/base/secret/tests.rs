//! Tests of sealing.

use proptest::prelude::*;

use super::*;

const SALT: &str = "00112233445566778899aabbccddeeff";

fn cheap() -> Seal {
    Seal::with_cost(SALT, Cost::CHEAP)
}

fn secret(text: &str) -> Value {
    Value::text(text).sensitive()
}

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

/// The expected digests are another implementation's (pyca/cryptography 48): Argon2id over the canonical JSON, the salt
/// being the SHA-256 of the salt's text.
#[test]
fn digests_are_argon2id_of_the_canonical_value() {
    for (cost, digest) in [
        (Cost::NORMAL, "argon2id$m=19456,t=2,p=1$2287cd53b5c5e7b50d2428cd55ad4bf4457a4ae21ce965650f507f7f3eebaf52"),
        (Cost::CHEAP, "argon2id$m=8,t=1,p=1$c095137c43406c6d383675232d33010c4fdf2c801f477cfc4d3d4f8a9f0f46b4"),
    ] {
        assert_eq!(Seal::with_cost(SALT, cost).seal(&secret("hunter2"), &[]), json!({ "$sealed": digest }));
    }
}

#[test]
fn a_digest_shows_a_change_and_nothing_else() {
    let stored = cheap().seal(&secret("hunter2"), &[]);
    assert!(!stored.to_string().contains("hunter2"));
    assert!(cheap().matches(&stored, &secret("hunter2")));
    assert!(!cheap().matches(&stored, &secret("hunter3")));
    assert!(Seal::new(SALT).matches(&stored, &secret("hunter2")), "digests of another cost are recognised");
    assert!(
        !Seal::with_cost("other", Cost::CHEAP).matches(&stored, &secret("hunter2")),
        "another state, another digest"
    );
}

#[test]
fn what_is_not_known_is_marked_and_equals_nothing() {
    let waiting = Value::attribute(super::super::Address::root("db"), path("Endpoint"));
    let stored = cheap().seal(&Value::List(vec![waiting.clone(), waiting.clone().sensitive()]), &[]);
    assert_eq!(stored, json!([{"$unknown": true}, {"$unknown": true}]));
    assert!(!cheap().matches(&stored[0], &waiting));
    assert!(!cheap().matches(&stored[0], &Value::from(json!({"$unknown": true}))));
}

#[test]
fn write_only_properties_are_sealed_whole() {
    let value = Value::from(json!({"Name": "db", "Users": [{"Name": "a", "Password": {"Plain": "hunter2"}}]}));
    let stored = cheap().seal(&value, &[path("Users[*].Password")]);
    assert!(is_sealed(&stored["Users"][0]["Password"]));
    assert_eq!(stored["Users"][0]["Name"], "a");
    assert!(cheap().matches(&stored, &value));
    assert_eq!(without_sealed(&stored), json!({"Name": "db", "Users": [{"Name": "a"}]}));
}

#[test]
fn a_digest_is_filled_in_where_the_live_object_has_its_value_and_left_out_elsewhere() {
    let item = |name: &str, word: &str| {
        Value::Map([("Name".to_owned(), Value::text(name)), ("Word".to_owned(), secret(word))].into())
    };
    let items = Value::List(vec![item("a", "one"), item("b", "two")]);
    let value = Value::Map([("Items".to_owned(), items), ("Price".to_owned(), Value::from(json!(1)))].into());
    let stored = cheap().seal(&value, &[]);
    let live = |items: [(&str, &str); 2]| json!({"Items": items.map(|(name, word)| json!({"Name": name, "Word": word, "More": 1})), "Price": 2});
    assert_eq!(cheap().open(&stored, &live([("a", "one"), ("b", "two")])), value, "and is sensitive");
    assert_eq!(cheap().open(&stored, &live([("b", "two"), ("a", "one")])), value, "in whatever order");
    let changed = cheap().open(&stored, &live([("b", "three"), ("a", "one")]));
    assert_eq!(changed.reveal().unwrap()["Items"][1], json!({"Name": "b", "Word": "three"}), "beside the same name");
    let other = cheap().open(&stored, &live([("c", "three"), ("a", "one")]));
    assert_eq!(other.reveal().unwrap()["Items"][1], json!({"Name": "b"}), "and never of something else");
    assert_eq!(cheap().open(&stored, &Json::Null).reveal().unwrap(), without_sealed(&stored));
}

#[test]
fn a_reported_document_hides_the_secret_wherever_it_turns_up() {
    let value = Value::Map([("Tags".to_owned(), Value::List(vec![Value::text("a"), secret("hunter2")]))].into());
    let sensitive = sensitive_paths(&value);
    assert_eq!(sensitive, [path("Tags[1]")]);
    for reported in [json!({"Tags": ["hunter2", "a"]}), json!({"Tags": "a,hunter2"}), json!("hunter2")] {
        let stored = cheap().seal_document(&reported, &sensitive);
        assert!(!stored.to_string().contains("hunter2"), "{stored}");
        assert!(cheap().matches(&stored, &reported.into()));
    }
    let untouched = json!({"Other": [1, {"Tags": "x"}], "Tags": null});
    assert_eq!(cheap().seal_document(&untouched, &sensitive), untouched);
}

#[test]
fn look_ups_and_expressions_over_secrets_are_sensitive_before_they_are_known() {
    let lookup = Unknown::Lookup(super::super::Lookup::Parameter { name: "p".to_owned() });
    let captures = [("p".to_owned(), Value::Unknown(lookup.clone()))].into();
    let expression = Unknown::Expression { source: "upper(p)".to_owned(), captures };
    let harmless = Unknown::Expression { source: "1".to_owned(), captures: BTreeMap::new() };
    let value = Value::List(vec![Value::Unknown(lookup), Value::Unknown(expression), Value::Unknown(harmless)]);
    assert_eq!(sensitive_paths(&value), [path("[0]"), path("[1]")]);
}

#[test]
fn a_look_up_is_remembered_by_what_it_refers_to() {
    let look_up =
        |name: &str| Value::Unknown(Unknown::Lookup(super::super::Lookup::Parameter { name: name.to_owned() }));
    let stored = cheap().seal(&look_up("a"), &[]);
    assert!(is_sealed(&stored));
    assert!(cheap().matches(&stored, &look_up("a")) && !cheap().matches(&stored, &look_up("b")));
}

#[test]
fn a_forged_digest_neither_matches_nor_stalls() {
    for digest in ["", "argon2id$", "argon2id$m=4294967295,t=4294967295,p=1$00", "argon2id$m=0,t=0,p=0$", "md5$x"] {
        assert!(!cheap().matches(&json!({ "$sealed": digest }), &secret("hunter2")), "{digest}");
    }
}

#[test]
fn canonical_text_depends_on_the_value_only() {
    let a: Json = serde_json::from_str(r#"{"b":[1.0,-0.0,1e3],"a":"ü\n"}"#).unwrap();
    assert_eq!(canonical(&a), r#"{"a":"ü\n","b":[1,0,1000]}"#);
    assert_eq!(canonical(&json!(18_446_744_073_709_551_615_u64)), "18446744073709551615");
}

/// Documents full of names that look like marks.
fn confusing() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Json::from),
        any::<i32>().prop_map(Json::from),
        "[a$]{0,3}".prop_map(Json::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof!["\\$?\\$?\\$?(sealed|unknown)", "[a$]{0,3}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_document_of_the_users_passes_for_a_mark(document in confusing()) {
        let value = Value::from(document.clone());
        let stored = cheap().seal(&value, &[]);
        prop_assert!(!is_sealed(&stored) && !is_unknown(&stored));
        prop_assert_eq!(&stored, &cheap().seal_document(&document, &[]));
        prop_assert!(cheap().matches(&stored, &value));
        let opened = without_sealed(&stored);
        prop_assert_eq!(opened, document);
    }

    #[test]
    fn a_sealed_value_matches_itself_and_nothing_else(a in confusing(), b in confusing()) {
        let stored = cheap().seal(&Value::from(a.clone()).sensitive(), &[]);
        prop_assert!(cheap().matches(&stored, &a.clone().into()));
        prop_assert_eq!(cheap().matches(&stored, &b.clone().into()), canonical(&a) == canonical(&b));
    }
}
