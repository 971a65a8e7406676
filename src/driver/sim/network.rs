//! What AWS knows about a network beyond who refers to whom: public traffic needs an attached internet gateway. Apart from
//! the general rules, because it is the one place where types are named.

use serde_json::{Map, Value as Json};

use super::{object::Object, world::World};

const ATTACHMENT: &str = "AWS::EC2::VPCGatewayAttachment";
const NAT: &str = "AWS::EC2::NatGateway";

impl World {
    /// Why a network would not work like this; code and message.
    pub fn network_problem(&self, type_name: &str, properties: &Map<String, Json>) -> Option<(&'static str, String)> {
        let text = |name: &str| properties.get(name).and_then(Json::as_str);
        match type_name {
            "AWS::EC2::Route" => {
                let gateway = text("GatewayId").filter(|gateway| gateway.starts_with("igw-"))?;
                let table = text("RouteTableId")?;
                let vpc = self.property("AWS::EC2::RouteTable", table, "VpcId")?;
                let is_apart = !self.attachments(&vpc).any(|attachment| is(attachment, "InternetGatewayId", gateway));
                let message = format!("route table {table} and network gateway {gateway} belong to different networks");
                is_apart.then_some(("InvalidParameterValue", message))
            }
            NAT if text("ConnectivityType") != Some("private") => {
                let vpc = self.property("AWS::EC2::Subnet", text("SubnetId")?, "VpcId")?;
                let is_closed = self.attachments(&vpc).next().is_none();
                is_closed.then(|| ("Gateway.NotAttached", format!("network {vpc} has no internet gateway attached")))
            }
            _ => None,
        }
    }

    /// What keeps an internet gateway from being detached: whatever has a public address in the network.
    pub fn public_users(&self, object: &Object) -> Vec<u64> {
        let vpc = object.properties.get("VpcId").and_then(Json::as_str);
        let Some(vpc) =
            vpc.filter(|_| object.type_name == ATTACHMENT && object.properties.contains_key("InternetGatewayId"))
        else {
            return Vec::new();
        };
        let gateways = self.by_type.get(NAT).into_iter().flatten().filter_map(|number| self.live(*number));
        let in_network = gateways.filter(|gateway| {
            let subnet = gateway.properties.get("SubnetId").and_then(Json::as_str);
            !is(gateway, "ConnectivityType", "private")
                && subnet.and_then(|subnet| self.property("AWS::EC2::Subnet", subnet, "VpcId")).as_deref() == Some(vpc)
        });
        in_network.map(|gateway| gateway.number).collect()
    }

    fn attachments<'a>(&'a self, vpc: &'a str) -> impl Iterator<Item = &'a Object> {
        let attachments = self.by_type.get(ATTACHMENT).into_iter().flatten().filter_map(|number| self.live(*number));
        attachments.filter(move |attachment| {
            self.is_live(attachment)
                && is(attachment, "VpcId", vpc)
                && attachment.properties.contains_key("InternetGatewayId")
        })
    }

    fn property(&self, type_name: &str, id: &str, property: &str) -> Option<String> {
        let numbers = self.ids.get(&(type_name.to_owned(), id.to_owned()))?;
        let object = numbers.iter().rev().find_map(|number| self.live(*number))?;
        // The default VPC of a region is open to the internet from the start.
        let is_ours = !object.is_native;
        object.properties.get(property).filter(|_| is_ours).and_then(Json::as_str).map(str::to_owned)
    }
}

fn is(object: &Object, property: &str, value: &str) -> bool {
    object.properties.get(property).and_then(Json::as_str) == Some(value)
}
