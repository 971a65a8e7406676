//! The stacks that people copy from are right.

use std::{fs, path::Path};

use serde_json::json;

use super::{Case, bare};
use crate::base::Place;

fn example(folder: &str, name: &str) -> Case {
    let mut case = bare().told();
    case.inputs.path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(name);
    for region in ["ap-southeast-1", "ap-southeast-2"] {
        let zones = ["a", "b", "c"].map(|zone| format!("{region}{zone}")).to_vec();
        case.facts.zones.insert(Place { region: region.to_owned(), role_arn: None }, zones);
    }
    case
}

fn names(folder: &str) -> Vec<String> {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    names
}

#[test]
fn every_example_and_stack_loads_with_and_without_a_cloud() {
    let all = ["examples", "stacks"].map(|folder| names(folder).into_iter().map(move |name| (folder, name)));
    for (folder, name) in all.into_iter().flatten() {
        let mut case = example(folder, &name);
        case.outcome_must_be_right(&name);
        case.facts = super::Facts::default();
        case.outcome_must_be_right(&name);
    }
}

#[test]
fn every_example_says_what_it_shows_and_how_it_is_run() {
    for name in names("examples") {
        let text = fs::read_to_string(example("examples", &name).inputs.path).unwrap();
        assert!(text.starts_with("# "), "{name} has no header");
        assert!(text.contains(&format!("examples/{name}")), "{name} does not say how it is run");
    }
}

#[test]
fn the_network_has_what_a_network_needs() {
    let stack = example("examples", "network.yaml").stack();
    let mut types: Vec<String> = stack.resources.values().map(|resource| resource.type_name.clone()).collect();
    types.sort();
    let total = types.len();
    types.dedup();
    insta::assert_snapshot!(format!("{total} resources\n{}", types.join("\n")));
}

#[test]
fn a_look_up_feeds_the_next() {
    let case = example("examples", "lookups.yaml");
    assert_eq!(case.needs().data.len(), 1);
    let case = case.found("network", json!({"VpcId": "vpc-1", "CidrBlock": "172.31.0.0/16"}));
    assert_eq!(case.needs().data[0].filter.text("AvailabilityZone"), Some("eu-central-1a"));
    let case = case.found("subnet", json!({"SubnetId": "subnet-1"}));
    assert!(case.needs().data.is_empty());
    assert_eq!(case.stack().resources.len(), 2);
}
