//! Texts that must have a certain form: networks, JSON documents, and ids or ARNs of other objects.

use super::{Place, Problem, message};
use crate::catalogue::{field::is_document, node::Node};

/// The problem with a text, if none of the node's formats can be it.
pub(super) fn check(node: &Node, text: &str, place: &Place) -> Option<Problem> {
    if node.format.is_empty() && text.trim_start().starts_with('{') && is_document(&[node]) {
        return wanted("json", text).map(|words| message::invalid(place, text, words, None));
    }
    let wanted: Vec<&str> = node.format.iter().map(|format| wanted(format, text)).collect::<Option<_>>()?;
    let first = wanted.first()?;
    let reference = node.format.iter().any(|format| format.contains("::"));
    let help = reference.then(|| "another resource of this stack is referred to as `${name.Attribute}`".to_owned());
    Some(message::invalid(place, text, first, help))
}

/// What the format wants, in words; `None` if the text may be it, or nothing is known about the format.
fn wanted(format: &str, text: &str) -> Option<&'static str> {
    let (fine, words) = match format {
        "ipv4-network" => (text.parse::<ipnet::Ipv4Net>().is_ok(), "an IPv4 network such as `10.0.0.0/16`"),
        "ipv6-network" => (text.parse::<ipnet::Ipv6Net>().is_ok(), "an IPv6 network such as `2001:db8::/56`"),
        "json" => (serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "a map or a JSON document as text"),
        "AWS::EC2::VPC.Id" => (text.starts_with("vpc-"), "the id of a VPC (`vpc-…`)"),
        "AWS::EC2::Subnet.Id" => (text.starts_with("subnet-"), "the id of a subnet (`subnet-…`)"),
        "AWS::EC2::SecurityGroup.Id" => (text.starts_with("sg-"), "the id of a security group (`sg-…`)"),
        _ if format.contains("::") && format.ends_with("Arn") => (text.starts_with("arn:"), "an ARN (`arn:aws:…`)"),
        _ => (true, ""),
    };
    (!fine).then_some(words)
}
