//! Rules of security groups, inline or of their own: CloudFormation writes one source per rule under direction-dependent
//! names, EC2 takes them grouped and reports them flat.

use aws_sdk_ec2::{
    Client,
    types::{Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroupRule, UserIdGroupPair},
};
use ipnet::IpNet;

use crate::{
    aws::{
        convert::{Observed, Wanted},
        faults::OrFault,
    },
    driver::{Result, TAG_PREFIX},
};

/// Whether traffic comes in or goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

/// Where traffic comes from or goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    Group { id: Option<String>, name: Option<String>, owner: Option<String> },
}

/// One rule with one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Lower-case name where there is one (`tcp`), else number; `-1` for all.
    pub protocol: String,
    pub from_port: Option<i32>,
    pub to_port: Option<i32>,
    pub peer: Peer,
    pub description: Option<String>,
}

impl Rule {
    /// The rule that `want` describes.
    pub fn wanted(want: &Wanted<'_>, direction: Direction) -> Result<Rule> {
        let protocol = protocol(&want.text::<String>("IpProtocol")?.unwrap_or_default());
        let has_ports = ["tcp", "udp", "icmp", "icmpv6"].contains(&protocol.as_str());
        let port = |name| Ok::<_, crate::driver::Fault>(if has_ports { want.whole(name)? } else { None });
        Ok(Rule {
            from_port: port("FromPort")?,
            to_port: port("ToPort")?,
            protocol,
            peer: peer(want, direction)?,
            description: want.text("Description")?,
        })
    }

    /// The rule as EC2 reports it.
    pub fn reported(rule: &SecurityGroupRule) -> Rule {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let group = rule.referenced_group_info();
        let peer = if let Some(block) = text(rule.cidr_ipv4()) {
            Peer::Ipv4(block)
        } else if let Some(block) = text(rule.cidr_ipv6()) {
            Peer::Ipv6(block)
        } else if let Some(list) = text(rule.prefix_list_id()) {
            Peer::PrefixList(list)
        } else {
            let id = group.and_then(|group| text(group.group_id()));
            Peer::Group { id, name: None, owner: group.and_then(|group| text(group.user_id())) }
        };
        Rule {
            protocol: protocol(rule.ip_protocol().unwrap_or_default()),
            from_port: rule.from_port(),
            to_port: rule.to_port(),
            peer,
            description: text(rule.description()).filter(|text| !text.is_empty()),
        }
    }

    /// Everything but the description: what EC2 tells rules apart by.
    pub fn is_same_as(&self, other: &Rule) -> bool {
        let port = |port: Option<i32>| port.unwrap_or(-1);
        let peers = match (&self.peer, &other.peer) {
            (Peer::Group { id: a, name: None, .. }, Peer::Group { id: b, name: None, .. }) => a == b,
            (a, b) => a == b,
        };
        peers
            && self.protocol == other.protocol
            && port(self.from_port) == port(other.from_port)
            && port(self.to_port) == port(other.to_port)
    }

    /// The rule as EC2 takes it.
    pub fn permission(&self) -> IpPermission {
        let description = self.description.clone();
        let permission =
            IpPermission::builder().ip_protocol(&self.protocol).set_from_port(self.from_port).set_to_port(self.to_port);
        let permission = match &self.peer {
            Peer::Ipv4(block) => {
                permission.ip_ranges(IpRange::builder().cidr_ip(block).set_description(description).build())
            }
            Peer::Ipv6(block) => {
                permission.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(block).set_description(description).build())
            }
            Peer::PrefixList(list) => permission
                .prefix_list_ids(PrefixListId::builder().prefix_list_id(list).set_description(description).build()),
            Peer::Group { id, name, owner } => permission.user_id_group_pairs(
                UserIdGroupPair::builder()
                    .set_group_id(id.clone())
                    .set_group_name(name.clone())
                    .set_user_id(owner.clone())
                    .set_description(description)
                    .build(),
            ),
        };
        permission.build()
    }

    /// The rule under CloudFormation's names.
    pub fn observed(&self, direction: Direction) -> Observed {
        let (list, group) = peer_names(direction);
        let rule = Observed::new()
            .with("IpProtocol", Some(self.protocol.as_str()))
            .with("FromPort", self.from_port)
            .with("ToPort", self.to_port)
            .with("Description", self.description.as_deref());
        match &self.peer {
            Peer::Ipv4(block) => rule.with("CidrIp", Some(block.as_str())),
            Peer::Ipv6(block) => rule.with("CidrIpv6", Some(block.as_str())),
            Peer::PrefixList(id) => rule.with(list, Some(id.as_str())),
            Peer::Group { id, owner, .. } => {
                let rule = rule.with(group, id.as_deref());
                match direction {
                    Direction::Ingress => rule.with("SourceSecurityGroupOwnerId", owner.as_deref()),
                    Direction::Egress => rule,
                }
            }
        }
    }
}

/// The rules that EC2 gives every new group: everything may go out.
pub fn defaults(direction: Direction) -> Vec<Rule> {
    let everywhere = |peer| Rule { protocol: "-1".to_owned(), from_port: None, to_port: None, peer, description: None };
    match direction {
        Direction::Ingress => Vec::new(),
        Direction::Egress => {
            vec![everywhere(Peer::Ipv4("0.0.0.0/0".to_owned())), everywhere(Peer::Ipv6("::/0".to_owned()))]
        }
    }
}

/// Rules as EC2 has them.
pub async fn describe(ec2: &Client, filters: Vec<Filter>) -> Result<Vec<SecurityGroupRule>> {
    let request = ec2.describe_security_group_rules().set_filters(Some(filters));
    request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeSecurityGroupRules", &[])
}

/// Whether the rule is a resource of its own, rather than a part of its group: only those carry owner tags.
pub fn is_separate(rule: &SecurityGroupRule) -> bool {
    rule.tags().iter().any(|tag| tag.key().is_some_and(|key| key.starts_with(TAG_PREFIX)))
}

/// Whether the rule is of this direction.
pub fn is_of(rule: &SecurityGroupRule, direction: Direction) -> bool {
    rule.is_egress() == Some(direction == Direction::Egress)
}

/// A block of addresses as AWS writes it: without host bits, IPv6 in its short form.
pub fn canonical(block: &str) -> String {
    block.parse::<IpNet>().map_or_else(|_| block.to_owned(), |net| net.trunc().to_string())
}

fn peer_names(direction: Direction) -> (&'static str, &'static str) {
    match direction {
        Direction::Ingress => ("SourcePrefixListId", "SourceSecurityGroupId"),
        Direction::Egress => ("DestinationPrefixListId", "DestinationSecurityGroupId"),
    }
}

fn peer(want: &Wanted<'_>, direction: Direction) -> Result<Peer> {
    let (list, group) = peer_names(direction);
    if let Some(block) = want.text::<String>("CidrIp")? {
        return Ok(Peer::Ipv4(canonical(&block)));
    }
    if let Some(block) = want.text::<String>("CidrIpv6")? {
        return Ok(Peer::Ipv6(canonical(&block)));
    }
    if let Some(list) = want.text(list)? {
        return Ok(Peer::PrefixList(list));
    }
    let (id, name) = (want.text(group)?, want.text("SourceSecurityGroupName")?);
    if id.is_none() && name.is_none() {
        return Err(want.invalid(format!("a rule needs one of `CidrIp`, `CidrIpv6`, `{list}` and `{group}`")));
    }
    Ok(Peer::Group { id, name, owner: want.text("SourceSecurityGroupOwnerId")? })
}

fn protocol(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::base::Doc;

    fn rule(document: Json) -> Rule {
        Rule::wanted(&Wanted::new("T", &Doc::from(document)), Direction::Ingress).unwrap()
    }

    #[test]
    fn a_rule_survives_the_way_to_ec2_and_back() {
        let want =
            json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "CidrIp": "10.0.0.0/16", "Description": "web"});
        let rule = rule(want.clone());
        let permission = rule.permission();
        assert_eq!(permission.ip_ranges()[0].cidr_ip(), Some("10.0.0.0/16"));
        let reported = SecurityGroupRule::builder()
            .ip_protocol("tcp")
            .from_port(80)
            .to_port(81)
            .cidr_ipv4("10.0.0.0/16")
            .description("web")
            .build();
        assert_eq!(Json::from(Rule::reported(&reported).observed(Direction::Ingress)), want);
    }

    #[test]
    fn what_aws_rewrites_is_the_same_rule() {
        let all = rule(json!({"IpProtocol": -1, "FromPort": 0, "ToPort": 0, "CidrIp": "10.0.0.7/8"}));
        assert!(all.is_same_as(&rule(json!({"IpProtocol": "all", "CidrIp": "10.0.0.0/8"}))));
        let tcp = rule(json!({"IpProtocol": "6", "FromPort": 1, "ToPort": 2, "CidrIpv6": "2001:DB8:0::/32"}));
        assert!(tcp.is_same_as(&rule(
            json!({"IpProtocol": "TCP", "FromPort": "1", "ToPort": 2, "CidrIpv6": "2001:db8::/32"})
        )));
        assert!(!tcp.is_same_as(&all));
    }

    #[test]
    fn a_rule_without_a_peer_is_refused_with_the_names_to_choose_from() {
        let document = Doc::from(json!({"IpProtocol": "tcp"}));
        let fault = Rule::wanted(&Wanted::new("T", &document), Direction::Egress).unwrap_err();
        assert!(fault.message.contains("`DestinationSecurityGroupId`"), "{fault}");
    }
}
