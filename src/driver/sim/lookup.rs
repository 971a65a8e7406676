//! What a stack asks of things it does not own: `data` blocks, secrets and parameters. Every region has a default VPC with
//! three subnets, made when somebody first looks; secrets that nobody made here have a value that is always the same.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::{
    names::uuid,
    object::{Location, Object, Phase, mark, merge, scramble},
    world::World,
};
use crate::{
    base::{Doc, Lookup, Path, Place},
    catalogue::ResourceType,
    driver::{Fault, FaultKind, Result},
};

/// The availability zones of a region.
pub fn zones(region: &str) -> Vec<String> {
    ["a", "b", "c"].iter().map(|zone| format!("{region}{zone}")).collect()
}

impl World {
    /// The objects whose properties equal all of a filter.
    ///
    /// # Errors
    /// The type is unknown.
    pub fn look_up(
        &mut self,
        place: &Place,
        type_name: &str,
        (filter, operation, now): (&Doc, &str, Duration),
    ) -> Result<Vec<Doc>> {
        let unknown = || Fault::new(FaultKind::Invalid, operation, format!("`{type_name}` is no resource type"));
        let resource = self.catalogue.get(type_name).ok_or_else(unknown)?;
        let location = Location::of(place, type_name);
        if ["AWS::EC2::VPC", "AWS::EC2::Subnet"].contains(&type_name) {
            self.furnish(place)?;
        }
        if type_name == "AWS::SSM::Parameter"
            && let Some(name) = filter.text("Name").filter(|name| name.starts_with("/aws/service/"))
        {
            return Ok(vec![Doc::from(json!({"Name": name, "Type": "String", "Value": public_parameter(name)}))]);
        }
        let numbers = self.by_type.get(type_name).into_iter().flatten();
        let objects = numbers.filter_map(|number| self.live(*number)).filter(|object| object.location == location);
        let seen = objects.filter_map(|object| self.seen(&resource, object, now));
        Ok(seen.filter(|doc| is_meant(&resource, doc, filter)).collect())
    }

    /// Reads a secret or parameter.
    ///
    /// # Errors
    /// The secret is made here and has no such key.
    pub fn secret(&self, place: &Place, lookup: &Lookup, operation: &str) -> Result<String> {
        match lookup {
            Lookup::Parameter { name } => {
                let found = self.named("AWS::SSM::Parameter", place, name);
                let value = found.and_then(|object| object.properties.get("Value")).and_then(Json::as_str);
                Ok(value.map_or_else(|| public_parameter(name), str::to_owned))
            }
            Lookup::Secret { name, key } => {
                let found = self.named("AWS::SecretsManager::Secret", place, name);
                let text = found.map_or_else(|| made_up(name), content);
                let Some(key) = key else { return Ok(text) };
                let value = serde_json::from_str::<Json>(&text).ok().and_then(|json| json.get(key).cloned());
                match value {
                    Some(Json::String(value)) => Ok(value),
                    Some(other) => Ok(other.to_string()),
                    None if found.is_none() => Ok(made_up(&format!("{name}:{key}"))),
                    None => {
                        let message = format!("the secret `{name}` has no key `{key}`");
                        Err(Fault::new(FaultKind::NotFound, operation, message))
                    }
                }
            }
        }
    }

    fn named(&self, type_name: &str, place: &Place, name: &str) -> Option<&Object> {
        let location = Location::of(place, type_name);
        let numbers = self.by_type.get(type_name)?.iter();
        let mut objects = numbers.filter_map(|number| self.live(*number)).filter(|object| object.location == location);
        objects.find(|object| object.id == name || object.properties.get("Name").and_then(Json::as_str) == Some(name))
    }

    /// The default VPC of a region and its subnets, once.
    fn furnish(&mut self, place: &Place) -> Result<()> {
        let location = Location::of(place, "AWS::EC2::VPC");
        let natives = self.by_type.get("AWS::EC2::VPC").into_iter().flatten().filter_map(|number| self.live(*number));
        if natives.filter(|object| object.is_native).any(|object| object.location == location) {
            return Ok(());
        }
        let vpc = self.native("AWS::EC2::VPC", &location, "vpc-0");
        let vpc = Object {
            properties: object(
                json!({"CidrBlock": "172.31.0.0/16", "EnableDnsHostnames": true, "EnableDnsSupport": true}),
            ),
            attributes: object(json!({
                "VpcId": vpc.id, "IsDefault": true, "DefaultSecurityGroup": format!("sg-0{}", vpc.mark()),
            })),
            ..vpc
        };
        let vpc_id = vpc.id.clone();
        self.keep(vpc)?;
        for (index, zone) in zones(&place.region).into_iter().enumerate() {
            let subnet = self.native("AWS::EC2::Subnet", &location, "subnet-0");
            let properties = json!({
                "VpcId": vpc_id, "AvailabilityZone": zone, "CidrBlock": format!("172.31.{}.0/20", index * 16),
                "MapPublicIpOnLaunch": true,
            });
            let attributes = object(json!({"SubnetId": subnet.id, "DefaultForAz": true}));
            self.keep(Object { properties: object(properties), attributes, ..subnet })?;
        }
        Ok(())
    }

    fn native(&mut self, type_name: &str, location: &Location, prefix: &str) -> Object {
        let number = self.next_number();
        Object {
            number,
            type_name: type_name.to_owned(),
            location: location.clone(),
            id: format!("{prefix}{}", mark(number)),
            properties: Map::new(),
            defaults: Map::new(),
            attributes: Map::new(),
            owner: None,
            phase: Phase::Ready,
            is_native: true,
            previous: None,
        }
    }

    fn keep(&mut self, object: Object) -> Result<()> {
        let Some(resource) = self.catalogue.get(&object.type_name) else { return Ok(()) };
        self.put(&resource, object, Duration::ZERO)
    }
}

fn is_meant(resource: &ResourceType, doc: &Doc, filter: &Doc) -> bool {
    filter.0.iter().all(|(key, wanted)| doc.get(key).is_some_and(|value| resource.same(&Path::key(key), value, wanted)))
}

/// What a secret holds: what was given, or what was to be generated.
fn content(secret: &Object) -> String {
    if let Some(text) = secret.properties.get("SecretString").and_then(Json::as_str) {
        return text.to_owned();
    }
    let Some(rule) = secret.properties.get("GenerateSecretString") else { return made_up(&secret.id) };
    let generated = made_up(&secret.id);
    let template = rule.get("SecretStringTemplate").and_then(Json::as_str);
    let template = template.and_then(|template| serde_json::from_str::<Json>(template).ok());
    match (template, rule.get("GenerateStringKey").and_then(Json::as_str)) {
        (Some(mut document), Some(key)) => {
            merge(&mut document, &json!({ key: generated }));
            document.to_string()
        }
        _ => generated,
    }
}

/// A secret value that follows from its name.
fn made_up(name: &str) -> String {
    let mixed = name.bytes().fold(0, |mixed, byte| scramble(mixed ^ u64::from(byte)));
    uuid(&mark(mixed))
}

/// The value of a parameter that AWS publishes.
fn public_parameter(name: &str) -> String {
    let mixed = name.bytes().fold(0, |mixed, byte| scramble(mixed ^ u64::from(byte)));
    if name.contains("ami") { format!("ami-0{}", mark(mixed)) } else { made_up(name) }
}

fn object(value: Json) -> Map<String, Json> {
    Doc::from(value).0
}
