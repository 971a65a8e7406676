//! What the cloud adds to an object: a value for every read-only property of its schema, a name where none was given, the
//! schema's defaults, and the physical id that all this makes up.

use serde_json::{Map, Value as Json, json};

use super::{
    names::{Who, kebab},
    object::{Location, mark, merge},
};
use crate::{
    base::{Path, Segment},
    catalogue::ResourceType,
};

/// An object that is about to exist.
pub struct Birth<'a> {
    pub resource: &'a ResourceType,
    pub properties: &'a Map<String, Json>,
    pub location: &'a Location,
    /// The region of the call.
    pub region: &'a str,
    pub number: u64,
}

/// How deep attributes are made up; schemas may contain themselves.
const DEPTH: usize = 4;

impl Birth<'_> {
    /// Everything that the user did not give.
    pub fn attributes(&self) -> Map<String, Json> {
        let (name, mark) = (self.name(), mark(self.number));
        let who = self.who(&name, &mark);
        let mut found = Json::Object(Map::new());
        for path in self.resource.primary_identifier.iter().filter(|path| !self.resource.read_only.contains(path)) {
            if self.given(path).is_none() {
                merge(&mut found, &nested(path, self.omitted(path, &name)));
            }
        }
        if let Some(rule) = &self.resource.overlay.name
            && !self.properties.contains_key(&rule.property)
        {
            merge(&mut found, &nested(&Path::key(&rule.property), json!(name)));
        }
        for path in self.resource.read_only.iter().filter(|path| self.is_reported(path)) {
            merge(&mut found, &nested(path, self.value(&who, path, DEPTH)));
        }
        match found {
            Json::Object(map) => map,
            _ => Map::new(),
        }
    }

    /// The primary identifier, its parts joined by `|`.
    pub fn id(&self, attributes: &Map<String, Json>) -> String {
        let attributes = Json::Object(attributes.clone());
        let part = |path: &Path| text(self.given(path).or_else(|| path.get(&attributes))?);
        let parts: Vec<String> = self.resource.primary_identifier.iter().filter_map(part).collect();
        if parts.is_empty() { mark(self.number) } else { parts.join("|") }
    }

    /// What AWS fills in at the top level where nothing was given.
    pub fn defaults(&self) -> Map<String, Json> {
        let mut found = Map::new();
        for property in self.resource.property_names() {
            let path = Path::key(property);
            let is_hidden = |list: &[Path]| list.iter().any(|other| other.property() == Some(property));
            if self.properties.contains_key(property)
                || is_hidden(&self.resource.read_only)
                || self.resource.is_write_only(&path)
            {
                continue;
            }
            if let Some(default) = self.resource.field(&path).and_then(|field| field.default) {
                found.insert(property.to_owned(), default);
            }
        }
        found
    }

    fn who<'a>(&'a self, name: &'a str, mark: &'a str) -> Who<'a> {
        let parent = ["LoadBalancerArn", "ListenerArn", "TopicArn"];
        Who {
            type_name: &self.resource.name,
            location: self.location,
            region: self.region,
            name,
            mark,
            parent_arn: parent.iter().find_map(|key| self.properties.get(*key)).and_then(Json::as_str),
        }
    }

    /// The user's name for it, or one that AWS would make up.
    fn name(&self) -> String {
        let kind = self.resource.name.rsplit("::").next().unwrap_or_default();
        let ruled = self.resource.overlay.name.as_ref().map(|rule| rule.property.clone());
        let identity = self.resource.primary_identifier.iter().filter_map(|path| path.property().map(str::to_owned));
        let usual = ["Name".to_owned(), format!("{kind}Name"), "Family".to_owned()];
        let mut candidates = ruled.into_iter().chain(identity).chain(usual);
        let given = candidates.find_map(|key| self.properties.get(&key).and_then(Json::as_str));
        given.map_or_else(|| format!("{}-{}", kebab(kind), &mark(self.number)[..8]), str::to_owned)
    }

    fn given(&self, path: &Path) -> Option<&Json> {
        let (first, rest) = path.0.split_first()?;
        let Segment::Key(key) = first else { return None };
        Path(rest.to_vec()).get(self.properties.get(key)?)
    }

    /// A part of the identity that the user may give and did not.
    fn omitted(&self, path: &Path, name: &str) -> Json {
        match (self.resource.name.as_str(), path.property().unwrap_or_default()) {
            ("AWS::ECS::Service", "Cluster") => json!("default"),
            ("AWS::ApplicationAutoScaling::ScalingPolicy", "ScalableDimension") => {
                let target = self.properties.get("ScalingTargetId").and_then(Json::as_str);
                json!(target.and_then(|target| target.split('|').nth(1)).unwrap_or("ecs:service:DesiredCount"))
            }
            _ => json!(name),
        }
    }

    /// Attributes inside a property that the user leaves out are left out too.
    fn is_reported(&self, path: &Path) -> bool {
        let is_plain = !path.0.contains(&Segment::Each);
        let Some(property) = path.property().filter(|_| is_plain) else { return false };
        let is_own = path.0.len() == 1
            || self.resource.read_only.contains(&Path::key(property))
            || self.settable(property).is_empty();
        match property {
            "MasterUserSecret" => self.properties.get("ManageMasterUserPassword") == Some(&Json::Bool(true)),
            _ if self.resource.primary_identifier.contains(path) => true,
            _ => is_own || self.given(&Path(path.0[..path.0.len() - 1].to_vec())).is_some(),
        }
    }

    /// What the user may set below a property.
    fn settable(&self, property: &str) -> Vec<String> {
        let path = Path::key(property);
        let below = self.resource.field(&path).map(|field| field.properties).unwrap_or_default();
        let is_settable = |key: &String| !self.resource.read_only.contains(&path.join(Segment::Key(key.clone())));
        below.into_iter().filter(is_settable).collect()
    }

    fn value(&self, who: &Who<'_>, path: &Path, depth: usize) -> Json {
        let field = self.resource.field(path).unwrap_or_default();
        let is = |kind: &str| field.kinds.iter().any(|other| other == kind);
        if let Some(copied) = self.copied(path) {
            return copied;
        }
        if is("object") && !is("string") {
            let below = |key: &String| {
                let path = path.join(Segment::Key(key.clone()));
                (key.clone(), self.value(who, &path, depth - 1))
            };
            return if depth == 0 { json!({}) } else { Json::Object(field.properties.iter().map(below).collect()) };
        }
        if is("array") {
            let item = path.join(Segment::Index(0));
            let kinds = self.resource.field(&item).unwrap_or_default().kinds;
            return if kinds.iter().any(|kind| kind == "string") { json!([self.text(who, &item)]) } else { json!([]) };
        }
        if is("boolean") {
            return json!(false);
        }
        if is("integer") || is("number") {
            return self.number(path);
        }
        let settled = ["ACTIVE", "Active", "AVAILABLE", "available", "ENABLED"];
        let usual = settled.iter().find_map(|word| field.enumeration.iter().find(|value| value.as_str() == Some(word)));
        usual.or(field.enumeration.first()).cloned().unwrap_or_else(|| json!(self.text(who, path)))
    }

    /// Attributes that repeat what was given.
    fn copied(&self, path: &Path) -> Option<Json> {
        let first = |keys: &[&str]| keys.iter().find_map(|key| self.properties.get(*key)).cloned();
        match (self.resource.name.as_str(), path.property()?) {
            ("AWS::EC2::Route", "CidrBlock") => {
                first(&["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"])
            }
            ("AWS::EC2::VPCGatewayAttachment", "AttachmentType") => {
                Some(json!(if self.properties.contains_key("InternetGatewayId") { "IGW" } else { "VGW" }))
            }
            ("AWS::SecretsManager::RotationSchedule" | "AWS::SecretsManager::ResourcePolicy", "Id")
            | ("AWS::SecretsManager::SecretTargetAttachment", "Id") => first(&["SecretId"]),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "LoadBalancerArns") => Some(json!([])),
            ("AWS::ECS::Service", "Name") => first(&["ServiceName"]),
            ("AWS::Config::ConfigurationRecorder" | "AWS::Config::DeliveryChannel", "Id") => first(&["Name"]),
            ("AWS::CloudTrail::Trail", "SnsTopicArn") => Some(json!("")),
            _ => None,
        }
    }

    fn number(&self, path: &Path) -> Json {
        let engine = self.properties.get("Engine").and_then(Json::as_str).unwrap_or_default();
        let usual = match engine {
            engine if engine.contains("postgres") => 5432,
            engine if engine.contains("mysql") || engine.contains("maria") => 3306,
            _ => 6379,
        };
        let is_port = last_key(path).ends_with("Port");
        if is_port { self.properties.get("Port").cloned().unwrap_or(json!(usual)) } else { json!(1) }
    }

    fn text(&self, who: &Who<'_>, path: &Path) -> String {
        let (key, top) = (last_key(path), path.property().unwrap_or_default());
        let single = key.strip_suffix('s').unwrap_or(key);
        match key {
            "LoadBalancerFullName" => who.full_name("app/"),
            "TargetGroupFullName" => who.full_name("targetgroup/"),
            "PublicIp" => public_ip(self.number),
            "PrivateIp" => "10.0.0.1".to_owned(),
            "RepositoryUri" => format!("{}.dkr.ecr.{}.amazonaws.com/{}", self.location.account, self.region, who.name),
            "NameServers" => format!("ns-{}.awsdns-00.com", self.number % 2048),
            "CanonicalHostedZoneID" => "Z35SXDOTRQ7X7K".to_owned(),
            "ProviderName" => format!("cognito-idp.{}.amazonaws.com/{}", self.region, who.id("UserPoolId")),
            "WebsiteURL" => format!("http://{}.s3-website.{}.amazonaws.com", who.name, self.region),
            "Port" | "Ports" => text(&self.number(&Path::key("Port"))).unwrap_or_default(),
            _ if single.to_lowercase().ends_with("arn") && path.0.len() == 1 => who.arn(),
            _ if single.to_lowercase().ends_with("arn") => format!("{}-{}", who.arn(), key.to_lowercase()),
            _ if key.ends_with("Time") || key.ends_with("Date") || key.contains("Timestamp") => {
                "2026-01-01T00:00:00Z".to_owned()
            }
            _ if ["Address", "Addresses", "DNSName", "DomainName", "DualStackDomainName", "RegionalDomainName"]
                .contains(&key)
                || key.contains("Endpoint")
                || key.contains("DnsName") =>
            {
                who.host(top)
            }
            _ if single.ends_with("Id") || single.starts_with("Default") || key == "CidrBlockAssociations" => {
                who.id(single)
            }
            _ if key.ends_with("Name") => who.name.to_owned(),
            _ if key.ends_with("URL") || key.ends_with("Url") || key.ends_with("Uri") => {
                format!("https://{}", who.host(top))
            }
            _ if key.contains("Version") => "1".to_owned(),
            _ if key.contains("Status") || key.contains("State") => "available".to_owned(),
            _ => format!("{}-{}", kebab(key), who.mark),
        }
    }
}

/// A text or number, as a part of an id.
pub fn text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn last_key(path: &Path) -> &str {
    let key = |segment: &'_ Segment| matches!(segment, Segment::Key(_));
    match path.0.iter().rfind(|segment| key(segment)) {
        Some(Segment::Key(key)) => key,
        _ => "",
    }
}

/// From the block that the Internet reserves for tests (198.18.0.0/15).
fn public_ip(number: u64) -> String {
    format!("198.{}.{}.{}", 18 + (number >> 16) % 2, (number >> 8) % 256, number % 256)
}

/// `value` as a document in which it stands at `path`.
fn nested(path: &Path, value: Json) -> Json {
    path.0.iter().rev().fold(value, |below, segment| match segment {
        Segment::Key(key) => json!({ key: below }),
        _ => below,
    })
}
