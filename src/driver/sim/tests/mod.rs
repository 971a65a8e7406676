//! Tests of the simulated cloud, and what they share: a region, a stack, a way to make things in one line.

mod every_type;
mod file;
mod life;
mod misbehaviour;
mod outside;
mod strictness;

use serde_json::{Value as Json, json};

use super::Sim;
use crate::{
    base::{Address, Doc, Path, PhysicalId, Place, Token},
    catalogue::Catalogue,
    driver::{Call, Change, Clock, Fault, Made, Owner, Progress, Provider, Removal, Result},
};

const VPC: &str = "AWS::EC2::VPC";
const SUBNET: &str = "AWS::EC2::Subnet";
const NAT: &str = "AWS::EC2::NatGateway";
const EIP: &str = "AWS::EC2::EIP";

fn sim() -> Sim {
    Sim::new(Catalogue::embedded(), Clock::real(), 1)
}

fn place() -> Place {
    Place { region: "eu-central-1".to_owned(), role_arn: None }
}

/// A call on behalf of a resource; its token follows from its name.
fn call(name: &str) -> Call {
    let owner = Owner { stack: "shop/dev".to_owned(), address: name.to_owned(), token: Token(format!("{name:0<32}")) };
    Call { object: Address::root(name).generation(1), owner, place: place() }
}

async fn create(sim: &Sim, type_name: &str, name: &str, want: Json) -> Result<Progress<Made>> {
    sim.driver(type_name).unwrap().create(&call(name), &Doc::from(want)).await
}

/// Creates something and waits until it is ready.
async fn make(sim: &Sim, type_name: &str, name: &str, want: Json) -> Made {
    let mut progress = create(sim, type_name, name, want).await.unwrap();
    loop {
        match progress {
            Progress::Done(made) => return made,
            Progress::Pending { so_far, .. } => {
                sim.clock().sleep(std::time::Duration::from_secs(5)).await;
                progress = sim.driver(type_name).unwrap().poll(&call(name), &so_far).await.unwrap();
            }
        }
    }
}

async fn delete(sim: &Sim, type_name: &str, id: &PhysicalId) -> Result<Progress<()>> {
    sim.driver(type_name).unwrap().delete(&call("any"), id, &Removal::default()).await
}

async fn read(sim: &Sim, type_name: &str, id: &PhysicalId) -> Option<Doc> {
    sim.driver(type_name).unwrap().read(&call("any"), std::slice::from_ref(id)).await.unwrap().remove(0)
}

async fn find(sim: &Sim, type_name: &str, name: &str, want: Json) -> Vec<PhysicalId> {
    sim.driver(type_name).unwrap().find(&call(name), &Doc::from(want)).await.unwrap()
}

/// Changes the given top-level properties.
async fn update(sim: &Sim, type_name: &str, id: &PhysicalId, before: Json, want: Json) -> Result<Progress<Made>> {
    let (before, want) = (Doc::from(before), Doc::from(want));
    let names = before.0.keys().chain(want.0.keys()).filter(|name| before.get(name) != want.get(name));
    let paths = names.map(Path::key).collect();
    let change = Change { id: id.clone(), before, want, paths };
    sim.driver(type_name).unwrap().update(&call("any"), &change).await
}

async fn vpc(sim: &Sim) -> Made {
    make(sim, VPC, "vpc", json!({"CidrBlock": "10.0.0.0/16"})).await
}

async fn subnet(sim: &Sim, vpc: &Made) -> Made {
    make(sim, SUBNET, "subnet", json!({"VpcId": vpc.id, "CidrBlock": "10.0.1.0/24"})).await
}

/// Opens a network to the internet.
async fn attach(sim: &Sim, vpc: &Made) -> Made {
    let gateway = make(sim, "AWS::EC2::InternetGateway", "igw", json!({})).await;
    let want = json!({"VpcId": vpc.id, "InternetGatewayId": gateway.id});
    make(sim, "AWS::EC2::VPCGatewayAttachment", "attachment", want).await
}

fn fault<T: std::fmt::Debug>(result: Result<T>) -> Fault {
    result.expect_err("the cloud should have refused this")
}
