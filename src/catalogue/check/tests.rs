//! Exact messages for the mistakes people make.

use serde_json::{Value as Json, json};

use crate::{
    base::{Address, Path, Value},
    catalogue::Catalogue,
};

fn problems(type_name: &str, properties: Value) -> Vec<String> {
    let found = Catalogue::embedded().get(type_name).unwrap().check(&properties);
    let line = |problem: &super::Problem| {
        let help = problem.help.iter().map(|help| format!(" | {help}")).collect::<String>();
        format!("{} {}: {}{help}", problem.rule, problem.path, problem.message)
    };
    found.iter().map(line).collect()
}

fn of_json(type_name: &str, properties: Json) -> Vec<String> {
    problems(type_name, properties.into())
}

#[test]
fn a_correct_subnet_has_no_problem() {
    let unknown = Value::attribute(Address::root("vpc"), Path::key("VpcId"));
    let Value::Map(mut subnet) = Value::from(json!({"CidrBlock": "10.0.1.0/24", "Tags": [{"Key": "a", "Value": "b"}]}))
    else {
        panic!()
    };
    subnet.insert("VpcId".to_owned(), unknown);
    assert_eq!(problems("AWS::EC2::Subnet", Value::Map(subnet)), Vec::<String>::new());
}

#[test]
fn every_mistake_is_reported_in_one_go() {
    let found = of_json(
        "AWS::EC2::VPC",
        json!({"CidrBlok": "10.0.0.0/16", "EnableDnsSupport": [true], "InstanceTenancy": "dedicatd", "VpcId": "vpc-1", "Tags": [{"Key": "a"}]}),
    );
    assert_eq!(found, Vec::<String>::new());
}
