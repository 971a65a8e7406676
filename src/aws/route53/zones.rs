//! Hosted zones of the account, and the record sets in one.

use aws_sdk_route53::{
    Client,
    types::{HostedZone, ResourceRecordSet},
};

use super::codes::CODES;
use crate::{aws::faults::OrFault, driver::Result};

/// All hosted zones of the account.
pub async fn all(client: &Client) -> Result<Vec<HostedZone>> {
    let found = client.list_hosted_zones().into_paginator().items().send().try_collect().await;
    found.or_fault("route53:ListHostedZones", CODES)
}

/// All record sets of a hosted zone.
pub async fn records(client: &Client, zone: &str) -> Result<Vec<ResourceRecordSet>> {
    let mut records = Vec::new();
    let mut request = client.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let answer = request.send().await.or_fault("route53:ListResourceRecordSets", CODES)?;
        records.extend(answer.resource_record_sets);
        if !answer.is_truncated {
            return Ok(records);
        }
        request = client
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .set_start_record_name(answer.next_record_name)
            .set_start_record_type(answer.next_record_type)
            .set_start_record_identifier(answer.next_record_identifier);
    }
}

/// The id of a zone as CloudFormation has it: the API writes `/hostedzone/Z1`.
pub fn bare_id(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// A domain name as people write it: the API ends it with a dot and writes `*` as `\052`
/// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html>).
pub fn bare_name(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*")
}

/// Whether two domain names are one.
pub fn is_same_name(a: &str, b: &str) -> bool {
    bare_name(a).eq_ignore_ascii_case(&bare_name(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        assert!(is_same_name("\\052.example.com.", "*.Example.com"));
        assert!(!is_same_name("a.example.com", "example.com"));
        assert_eq!((bare_name("example.com."), bare_id("/hostedzone/Z1")), ("example.com".to_owned(), "Z1"));
        assert_eq!(bare_id("Z1"), "Z1");
    }
}
