//! Whom a managed policy is attached to: groups, roles and users, each with calls of their own.

use aws_sdk_iam::{Client, operation::list_entities_for_policy::ListEntitiesForPolicyOutput, types::PolicyUsageType};

use super::{CODES, policies};
use crate::{
    aws::faults::{OrFault, there},
    driver::Result,
};

/// A kind of bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Group,
    Role,
    User,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Group => "group",
            Kind::Role => "role",
            Kind::User => "user",
        }
    }
}

/// Every kind, with the property that lists them.
pub const KINDS: [(&str, Kind); 3] = [("Groups", Kind::Group), ("Roles", Kind::Role), ("Users", Kind::User)];

/// Who bears a policy.
#[derive(Debug, Default)]
pub struct Bearers {
    groups: Vec<String>,
    roles: Vec<String>,
    users: Vec<String>,
}

impl Bearers {
    /// Those that have the policy attached; with `boundary`, those too whose permissions boundary it is.
    pub async fn of(iam: &Client, arn: &str, boundary: bool) -> Result<Bearers> {
        let usage = if boundary { None } else { Some(PolicyUsageType::PermissionsPolicy) };
        let request = iam.list_entities_for_policy().policy_arn(arn).set_policy_usage_filter(usage);
        let pages: std::result::Result<Vec<ListEntitiesForPolicyOutput>, _> =
            request.into_paginator().send().try_collect().await;
        let mut bearers = Bearers::default();
        for page in there(pages.or_fault("iam:ListEntitiesForPolicy", CODES))?.unwrap_or_default() {
            let groups = page.policy_groups.unwrap_or_default();
            bearers.groups.extend(groups.into_iter().filter_map(|group| group.group_name));
            let roles = page.policy_roles.unwrap_or_default();
            bearers.roles.extend(roles.into_iter().filter_map(|role| role.role_name));
            let users = page.policy_users.unwrap_or_default();
            bearers.users.extend(users.into_iter().filter_map(|user| user.user_name));
        }
        Ok(bearers)
    }

    /// The names of one kind.
    pub fn names(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::Group => &self.groups,
            Kind::Role => &self.roles,
            Kind::User => &self.users,
        }
    }
}

/// Attaches the policy to a bearer.
pub async fn attach(iam: &Client, arn: &str, kind: Kind, name: &str) -> Result<()> {
    match kind {
        Kind::Role => policies::attach(iam, name, arn).await,
        Kind::Group => {
            let request = iam.attach_group_policy().group_name(name).policy_arn(arn);
            request.send().await.or_fault("iam:AttachGroupPolicy", CODES).map(drop)
        }
        Kind::User => {
            let request = iam.attach_user_policy().user_name(name).policy_arn(arn);
            request.send().await.or_fault("iam:AttachUserPolicy", CODES).map(drop)
        }
    }
}

/// Detaches the policy from a bearer; where it is not attached, or nobody is there any more, it is detached.
pub async fn detach(iam: &Client, arn: &str, kind: Kind, name: &str) -> Result<()> {
    match kind {
        Kind::Role => policies::detach(iam, name, arn).await,
        Kind::Group => {
            let request = iam.detach_group_policy().group_name(name).policy_arn(arn);
            there(request.send().await.or_fault("iam:DetachGroupPolicy", CODES)).map(drop)
        }
        Kind::User => {
            let request = iam.detach_user_policy().user_name(name).policy_arn(arn);
            there(request.send().await.or_fault("iam:DetachUserPolicy", CODES)).map(drop)
        }
    }
}
