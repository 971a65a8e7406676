//! The structures that clusters and instances have in common, in both directions.

use aws_sdk_rds::{
    primitives::{DateTime, DateTimeFormat},
    types::{
        CertificateDetails, CloudwatchLogsExportConfiguration, DomainMembership, MasterUserSecret,
        VpcSecurityGroupMembership,
    },
};

use crate::{
    aws::convert::{Changed, Observed, Wanted},
    driver::Result,
};

/// A moment, as RFC 3339 writes it.
pub fn time(want: &Wanted<'_>, property: &str) -> Result<Option<DateTime>> {
    let Some(text) = want.text::<String>(property)? else { return Ok(None) };
    let time = DateTime::from_str(&text, DateTimeFormat::DateTimeWithOffset);
    let message = |_| want.invalid(format!("`{property}` must be a time like 2026-01-31T08:30:00Z"));
    time.map(Some).map_err(message)
}

/// A moment in RFC 3339's words.
pub fn written(time: Option<&DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(DateTimeFormat::DateTime).ok())
}

/// The key of the secret that RDS keeps the password in.
pub fn secret_key(want: &Wanted<'_>) -> Result<Option<String>> {
    match want.inner("MasterUserSecret")? {
        Some(secret) => secret.text("KmsKeyId"),
        None => Ok(None),
    }
}

/// Which logs are to be exported from now on, and which no longer.
pub fn logs(changed: &Changed<'_>) -> Result<Option<CloudwatchLogsExportConfiguration>> {
    let (enable, disable) = changed.texts("EnableCloudwatchLogsExports")?;
    let some = |list: Vec<String>| if list.is_empty() { None } else { Some(list) };
    if enable.is_empty() && disable.is_empty() {
        return Ok(None);
    }
    let builder = CloudwatchLogsExportConfiguration::builder().set_enable_log_types(some(enable));
    Ok(Some(builder.set_disable_log_types(some(disable)).build()))
}

/// The secret as CloudFormation shows it.
pub fn observed_secret(secret: &MasterUserSecret) -> Observed {
    Observed::new().with("SecretArn", secret.secret_arn()).with("KmsKeyId", secret.kms_key_id())
}

/// The certificate as CloudFormation shows it.
pub fn observed_certificate(details: &CertificateDetails) -> Observed {
    Observed::new().with("CAIdentifier", details.ca_identifier()).with("ValidTill", written(details.valid_till()))
}

/// The ids of the security groups that an object has or is getting.
pub fn security_groups(groups: &[VpcSecurityGroupMembership]) -> Vec<&str> {
    let stays = groups.iter().filter(|group| group.status() != Some("removing"));
    stays.filter_map(VpcSecurityGroupMembership::vpc_security_group_id).collect()
}

/// The directory that an object is in or joins.
pub fn domain(memberships: &[DomainMembership]) -> Option<&DomainMembership> {
    let is_left = |status: Option<&str>| matches!(status, Some("removed" | "removing" | "pending-removal"));
    memberships.iter().find(|membership| !is_left(membership.status()))
}

/// What is still on its way, although the object itself is available.
pub fn under_way(secret: Option<&MasterUserSecret>, groups: &[VpcSecurityGroupMembership]) -> Option<String> {
    let moving = |status: &&str| matches!(*status, "adding" | "removing");
    let secret = secret.and_then(MasterUserSecret::secret_status).filter(|status| *status == "creating");
    let group = groups.iter().filter_map(VpcSecurityGroupMembership::status).find(moving);
    let said = |what: &str, status: &str| format!("{status} its {what}");
    secret.map(|status| said("secret", status)).or(group.map(|status| said("security groups", status)))
}
