//! Whether two values mean the same to AWS, which rewrites much of what it is given.
//!
//! Right in doubt is "different": a difference that is none costs an update without effect, a difference that is
//! overlooked leaves the cloud other than the stack says.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::{
    field::is_document,
    format::TransformKind,
    node::{Kind, Node},
    resource_type::ResourceType,
    scalar,
};
use crate::base::{Path, Segment};

impl ResourceType {
    /// Whether two values at a place mean the same to AWS: order where it says nothing, JSON documents as text or
    /// structure, `5` and `"5"`, `true` and `"true"`, an ARN and the id at its end where the field's references allow.
    pub fn same(&self, path: &Path, a: &Json, b: &Json) -> bool {
        a == b || self.same_at(&self.nodes.at(path), path, a, b)
    }

    fn same_at(&self, nodes: &[&Node], path: &Path, a: &Json, b: &Json) -> bool {
        if a == b {
            return true;
        }
        if is_document(nodes)
            && let (Some(a), Some(b)) = (document(a), document(b))
        {
            return same_documents(&a, &b);
        }
        match (a, b) {
            (Json::Object(a), Json::Object(b)) => self.same_maps(nodes, path, a, b),
            (Json::Array(a), Json::Array(b)) => self.same_lists(nodes, path, a, b),
            (Json::Null, other) | (other, Json::Null) => is_nothing(other),
            _ => match (scalar::text(a), scalar::text(b)) {
                (Some(text_a), Some(text_b)) => {
                    text_a == text_b || same_scalars(nodes, a, b) || self.same_texts(nodes, path, &text_a, &text_b)
                }
                _ => false,
            },
        }
    }

    fn same_maps(&self, nodes: &[&Node], path: &Path, a: &Map<String, Json>, b: &Map<String, Json>) -> bool {
        let in_both = a.iter().all(|(key, left)| {
            let segment = Segment::Key(key.clone());
            let below = self.nodes.below(nodes, &segment);
            match b.get(key) {
                Some(right) => self.same_at(&below, &path.join(segment), left, right),
                None => is_left_out(&below, left),
            }
        });
        in_both
            && b.iter()
                .filter(|(key, _)| !a.contains_key(*key))
                .all(|(key, right)| is_left_out(&self.nodes.below(nodes, &Segment::Key(key.clone())), right))
    }

    fn same_lists(&self, nodes: &[&Node], path: &Path, a: &[Json], b: &[Json]) -> bool {
        if a.len() != b.len() {
            return false;
        }
        let items = self.nodes.below(nodes, &Segment::Index(0));
        if !self.is_unordered(path, nodes) {
            let mut pairs = a.iter().zip(b).enumerate();
            return pairs
                .all(|(index, (left, right))| self.same_at(&items, &path.join(Segment::Index(index)), left, right));
        }
        // What is equal letter by letter pairs off first, so that long lists stay cheap.
        let mut rest: BTreeMap<String, Vec<&Json>> = BTreeMap::new();
        for right in b {
            rest.entry(right.to_string()).or_default().push(right);
        }
        let unpaired: Vec<&Json> =
            a.iter().filter(|left| rest.get_mut(&left.to_string()).is_none_or(|equal| equal.pop().is_none())).collect();
        let mut others: Vec<&Json> = rest.into_values().flatten().collect();
        let below = path.join(Segment::Index(0));
        unpaired.into_iter().all(|left| {
            let found = others.iter().position(|right| self.same_at(&items, &below, left, right));
            found.map(|position| others.swap_remove(position)).is_some()
        })
    }

    /// Two different texts that AWS takes for one: case, transforms, networks, references.
    fn same_texts(&self, nodes: &[&Node], path: &Path, a: &str, b: &str) -> bool {
        let pattern = Self::pattern_of(path);
        let mut transforms = self.transforms.iter().filter(|(place, ..)| *place == pattern);
        transforms.any(|(_, kind, with)| transformed(*kind, with, a, b))
            || self.is_caseless(path, nodes) && a.eq_ignore_ascii_case(b)
            || nodes.iter().any(|node| node.format.iter().any(|format| same_network(format, a, b)))
            || !self.references_at(path, nodes).is_empty() && (is_tail_of_arn(a, b) || is_tail_of_arn(b, a))
            || is_log_group(a) && is_log_group(b) && a.trim_end_matches(":*") == b.trim_end_matches(":*")
    }

    /// AWS keeps some names in lower case only.
    fn is_caseless(&self, path: &Path, nodes: &[&Node]) -> bool {
        let lowered = self.overlay.name.as_ref().filter(|rule| rule.lowercase);
        nodes.iter().any(|node| node.any_case) || lowered.is_some_and(|rule| *path == Path::key(&rule.property))
    }
}

/// Whether a text is the ARN of a log group. CloudWatch Logs says `:*` at its end, and other services leave it out.
/// (<https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html>)
fn is_log_group(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').nth(2) == Some("logs") && text.split(':').nth(5) == Some("log-group")
}

/// Nothing, as AWS reports it: a list or map without content is the same as none.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A key that only one side has makes no difference if it says nothing, or what holds anyway.
fn is_left_out(nodes: &[&Node], value: &Json) -> bool {
    let text = scalar::text(value);
    is_nothing(value)
        || nodes.iter().any(|node| {
            node.default
                .as_ref()
                .is_some_and(|default| default == value || text.is_some() && scalar::text(default) == text)
        })
}

fn same_scalars(nodes: &[&Node], a: &Json, b: &Json) -> bool {
    let takes = |kinds: &[Kind]| nodes.iter().any(|node| node.kinds.iter().any(|kind| kinds.contains(kind)));
    let one_is = |test: fn(&Json) -> bool| test(a) || test(b);
    let numbers = takes(&[Kind::Number, Kind::Integer]) || one_is(Json::is_number);
    let booleans = takes(&[Kind::Boolean]) || one_is(Json::is_boolean);
    let same_number = || scalar::number(a).zip(scalar::number(b)).is_some_and(|(a, b)| a == b);
    let same_boolean = || scalar::boolean(a).zip(scalar::boolean(b)).is_some_and(|(a, b)| a == b);
    numbers && same_number() || booleans && same_boolean()
}

fn transformed(kind: TransformKind, with: &str, a: &str, b: &str) -> bool {
    let either = |test: &dyn Fn(&str, &str) -> bool| test(a, b) || test(b, a);
    match kind {
        TransformKind::Caseless => a.eq_ignore_ascii_case(b),
        TransformKind::Domain => a.trim_end_matches('.').eq_ignore_ascii_case(b.trim_end_matches('.')),
        TransformKind::Protocol => protocol(a) == protocol(b),
        TransformKind::Prefix => either(&|long, short| long.strip_prefix(with) == Some(short)),
        TransformKind::Suffix => either(&|long, short| long.strip_suffix(with) == Some(short)),
        TransformKind::Tail => {
            either(&|long, short| long.rsplit(with).next().is_some_and(|tail| tail.eq_ignore_ascii_case(short)))
        }
        TransformKind::Trim => a.trim_end() == b.trim_end(),
    }
}

fn protocol(text: &str) -> String {
    match text {
        "1" => "icmp".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_lowercase(),
    }
}

/// `10.0.0.1/16` is `10.0.0.0/16` to AWS, and an IPv6 network may be written in many ways.
fn same_network(format: &str, a: &str, b: &str) -> bool {
    let network = |text: &str| text.parse::<ipnet::IpNet>().ok().map(|network| network.trunc());
    matches!(format, "ipv4-network" | "ipv6-network") && network(a).is_some() && network(a) == network(b)
}

/// Whether `long` is an ARN that ends with the id, name or path `short`.
fn is_tail_of_arn(long: &str, short: &str) -> bool {
    let is_arn = |text: &str| text.starts_with("arn:");
    let tail = long.strip_suffix(short).filter(|head| is_arn(head) && head.ends_with([':', '/']));
    // The sixth part on names the object; what stands before it is account and region.
    !short.is_empty() && !is_arn(short) && tail.is_some_and(|head| head.matches(':').count() >= 5)
}

/// A JSON document as AWS understands it; `None` if it is none.
fn document(value: &Json) -> Option<Json> {
    let parsed = match value {
        Json::String(text) => {
            serde_json::from_str(text).ok().filter(|inner: &Json| inner.is_object() || inner.is_array())?
        }
        Json::Object(_) | Json::Array(_) => value.clone(),
        _ => return None,
    };
    Some(if parsed.get("Statement").is_some() { policy(parsed) } else { parsed })
}

/// A policy with all that IAM writes in several ways written in one.
fn policy(mut document: Json) -> Json {
    if let Some(statements) = document.get_mut("Statement") {
        let list = match statements.take() {
            Json::Array(list) => list,
            single => vec![single],
        };
        *statements = list.into_iter().map(statement).collect();
    }
    document
}

/// Whether two documents say the same. What AWS fills into a policy may stand on one side only: its id, the ids of its
/// statements, and as their resource the one that the policy is put on.
fn same_documents(a: &Json, b: &Json) -> bool {
    let (Some(Json::Array(left)), Some(Json::Array(right))) = (a.get("Statement"), b.get("Statement")) else {
        return a == b;
    };
    left.len() == right.len()
        && left.iter().zip(right).all(|(a, b)| same_but(a, b, &["Resource", "Sid"]))
        && same_but(&without(a, "Statement"), &without(b, "Statement"), &["Id"])
}

/// Whether two maps agree, where each of `filled` may be missing in one of them.
fn same_but(a: &Json, b: &Json, filled: &[&str]) -> bool {
    let (Json::Object(left), Json::Object(right)) = (a, b) else { return a == b };
    left.keys().chain(right.keys()).all(|key| match (left.get(key), right.get(key)) {
        (Some(a), Some(b)) => a == b,
        _ => filled.contains(&key.as_str()),
    })
}

fn without(document: &Json, key: &str) -> Json {
    let mut document = document.clone();
    if let Json::Object(map) = &mut document {
        map.remove(key);
    }
    document
}

fn statement(statement: Json) -> Json {
    let Json::Object(map) = statement else { return statement };
    let entries = map.into_iter().map(|(key, value)| {
        let value = match key.as_str() {
            "Action" | "NotAction" => set(value, &|text| text.to_lowercase()),
            "Resource" | "NotResource" => set(value, &str::to_owned),
            "Principal" | "NotPrincipal" => principal(value),
            "Condition" => each(value, &|operator| each(operator, &|values| set(values, &str::to_owned))),
            _ => value,
        };
        (key, value)
    });
    Json::Object(entries.collect())
}

fn principal(value: Json) -> Json {
    match value {
        Json::String(text) if text == "*" => serde_json::json!({"AWS": ["*"]}),
        other => each(other, &|names| set(names, &account)),
    }
}

/// An account may be named by its number or by the ARN of its root.
fn account(text: &str) -> String {
    let root = text.strip_suffix(":root").and_then(|head| head.rsplit_once("::"));
    match root {
        Some((head, number)) if head.starts_with("arn:") => number.to_owned(),
        _ => text.to_owned(),
    }
}

fn each(value: Json, change: &dyn Fn(Json) -> Json) -> Json {
    match value {
        Json::Object(map) => Json::Object(map.into_iter().map(|(key, value)| (key, change(value))).collect()),
        other => other,
    }
}

/// One value or a list of them, as a sorted list of texts.
fn set(value: Json, write: &dyn Fn(&str) -> String) -> Json {
    let items = match value {
        Json::Array(items) => items,
        single => vec![single],
    };
    let mut texts: Vec<String> =
        items.iter().map(|item| scalar::text(item).map_or_else(|| item.to_string(), |text| write(&text))).collect();
    texts.sort_unstable();
    texts.dedup();
    Json::from(texts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::Catalogue;

    fn same(type_name: &str, path: &str, a: &Json, b: &Json) -> bool {
        let resource = Catalogue::embedded().get(type_name).unwrap();
        let path: Path = path.parse().unwrap();
        let (there, back) = (resource.same(&path, a, b), resource.same(&path, b, a));
        assert_eq!(there, back, "{type_name} {path}: {a} and {b} depend on their order");
        there
    }

    #[test]
    fn what_aws_rewrites_is_the_same() {
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        let table = [
            ("AWS::EC2::VPC", "EnableDnsSupport", json!(true), json!("true")),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", json!(80), json!("80")),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPort", json!("80"), json!(80)),
            (
                "AWS::RDS::DBCluster",
                "ServerlessV2ScalingConfiguration",
                json!({"MinCapacity": 1}),
                json!({"MinCapacity": 1.0}),
            ),
            (
                "AWS::EC2::VPC",
                "Tags",
                json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]),
                json!([{"Value": "2", "Key": "b"}, {"Value": "1", "Key": "a"}]),
            ),
            (
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Subnets",
                json!(["subnet-1", "subnet-2"]),
                json!(["subnet-2", "subnet-1"]),
            ),
            (
                "AWS::ECS::Service",
                "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups",
                json!(["sg-1", "sg-2"]),
                json!(["sg-2", "sg-1"]),
            ),
            ("AWS::RDS::DBCluster", "DBClusterIdentifier", json!("Main-DB"), json!("main-db")),
            ("AWS::EC2::Subnet", "CidrBlock", json!("10.0.1.7/24"), json!("10.0.1.0/24")),
            ("AWS::RDS::DBCluster", "KmsKeyId", json!(arn), json!("1234abcd")),
            ("AWS::EC2::SecurityGroupIngress", "IpProtocol", json!("6"), json!("TCP")),
            ("AWS::Route53::HostedZone", "Name", json!("Example.com"), json!("example.com.")),
            ("AWS::EC2::VPC", "Tags", json!([]), Json::Null),
            ("AWS::Cognito::UserPool", "Schema[0].Name", json!("tenant"), json!("custom:tenant")),
        ];
        for (name, path, a, b) in table {
            assert!(same(name, path, &a, &b), "{name} {path}: {a} and {b}");
        }
    }

    #[test]
    fn what_is_different_stays_different() {
        let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd";
        let table = [
            ("AWS::EC2::VPC", "EnableDnsSupport", json!(true), json!(false)),
            ("AWS::EC2::VPC", "CidrBlock", json!("10.0.0.0/16"), json!("10.1.0.0/16")),
            ("AWS::EC2::VPC", "Tags", json!([{"Key": "a", "Value": "1"}]), json!([{"Key": "a", "Value": "2"}])),
            ("AWS::EC2::VPC", "Tags", json!([{"Key": "a", "Value": "A"}]), json!([{"Key": "a", "Value": "a"}])),
            ("AWS::Lambda::Function", "Layers", json!(["a", "b"]), json!(["b", "a"])),
            ("AWS::RDS::DBCluster", "KmsKeyId", json!(arn), json!("abcd")),
            ("AWS::RDS::DBCluster", "KmsKeyId", json!(arn), json!("123456789012:key/1234abcd")),
            ("AWS::RDS::DBCluster", "KmsKeyId", json!(arn), json!("arn:aws:kms:eu-west-1:210987654321:key/1234abcd")),
            ("AWS::IAM::Role", "RoleName", json!("Main"), json!("main")),
            (
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Subnets",
                json!(["subnet-1", "subnet-1"]),
                json!(["subnet-1", "subnet-2"]),
            ),
        ];
        for (name, path, a, b) in table {
            assert!(!same(name, path, &a, &b), "{name} {path}: {a} and {b}");
        }
    }

    #[test]
    fn a_policy_is_the_same_however_it_is_written() {
        let structure = json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "*",
                "Condition": {"Bool": {"aws:SecureTransport": true}},
            },
        });
        let text = r#"{"Statement": [{"Action": ["s3:putobject", "s3:GetObject"], "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
            "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Resource": ["*"]}], "Version": "2012-10-17"}"#;
        assert!(same("AWS::S3::BucketPolicy", "PolicyDocument", &structure, &json!(text)));
        assert!(same("AWS::KMS::Key", "KeyPolicy", &structure, &json!(text)));
        let bare =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]});
        let mut filled = bare.clone();
        filled["Id"] = json!("1");
        filled["Statement"][0]["Sid"] = json!("efs-statement-1");
        filled["Statement"][0]["Resource"] = json!("arn:aws:elasticfilesystem:eu-west-1:123456789012:file-system/fs-1");
        assert!(same("AWS::EFS::FileSystem", "FileSystemPolicy", &bare, &filled));
        filled["Statement"][0]["Condition"] = json!({"Bool": {"aws:SecureTransport": "true"}});
        assert!(!same("AWS::EFS::FileSystem", "FileSystemPolicy", &bare, &filled));
        let mut other = structure.clone();
        other["Statement"]["Effect"] = json!("Deny");
        assert!(!same("AWS::S3::BucketPolicy", "PolicyDocument", &structure, &other));
    }
}
