//! Which buckets there are, and under which names each is reached.

use aws_sdk_s3::{Client, types::BucketLocationConstraint};

use super::codes::CODES;
use crate::{
    aws::{convert::Observed, faults::OrFault},
    base::{Identity, Place},
    driver::Result,
};

/// The region whose buckets are made without saying where.
const FIRST: &str = "us-east-1";

/// The regions that write the address of a website with a dash.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints>.
const DASHED: &[&str] = &[
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The names of all buckets of a place.
pub async fn all(s3: &Client, place: &Place) -> Result<Vec<String>> {
    let pages = s3.list_buckets().bucket_region(&place.region).into_paginator().items().send();
    let found: Vec<_> = pages.try_collect().await.or_fault("s3:ListBuckets", CODES)?;
    Ok(found.into_iter().filter_map(|bucket| bucket.name).collect())
}

/// Where a bucket is to be made, as the create call wants it.
pub fn constraint(place: &Place) -> Option<BucketLocationConstraint> {
    (place.region != FIRST).then(|| BucketLocationConstraint::from(place.region.as_str()))
}

/// What follows from a bucket's name and place.
pub fn addresses(name: &str, place: &Place, account: &Identity) -> Observed {
    let (region, partition) = (&place.region, &account.partition);
    let suffix = match partition.as_str() {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    let separator = if DASHED.contains(&region.as_str()) { '-' } else { '.' };
    Observed::new()
        .with("BucketName", Some(name))
        .with("Arn", Some(format!("arn:{partition}:s3:::{name}")))
        .with("DomainName", Some(format!("{name}.s3.{suffix}")))
        .with("DualStackDomainName", Some(format!("{name}.s3.dualstack.{region}.{suffix}")))
        .with("RegionalDomainName", Some(format!("{name}.s3.{region}.{suffix}")))
        .with("WebsiteURL", Some(format!("http://{name}.s3-website{separator}{region}.{suffix}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Doc;

    #[test]
    fn each_partition_and_region_has_its_own_names() {
        let names = |region: &str, partition: &str| {
            let place = Place { region: region.to_owned(), role_arn: None };
            let account = Identity { account_id: "123456789012".to_owned(), partition: partition.to_owned() };
            let names = Doc::from(addresses("main", &place, &account));
            ["Arn", "WebsiteURL", "RegionalDomainName"].map(|name| names.text(name).unwrap_or_default().to_owned())
        };
        assert_eq!(
            names("us-east-1", "aws"),
            ["arn:aws:s3:::main", "http://main.s3-website-us-east-1.amazonaws.com", "main.s3.us-east-1.amazonaws.com"]
        );
        assert_eq!(
            names("cn-north-1", "aws-cn"),
            [
                "arn:aws-cn:s3:::main",
                "http://main.s3-website.cn-north-1.amazonaws.com.cn",
                "main.s3.cn-north-1.amazonaws.com.cn"
            ]
        );
    }
}
