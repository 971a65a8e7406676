//! AWS::IAM::RolePolicy
//! API: PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy.  Identity: PolicyName and RoleName.  Found by:
//! those names, if the policy says what is wanted; it takes no tags, and a put over somebody else's is refused before.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::types::Role;

use super::{
    CODES,
    policies::{self, Inline},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, same_document, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::IAM::RolePolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RolePolicyDriver { aws: aws.clone() })
}

struct RolePolicyDriver {
    aws: Clients,
}

impl RolePolicyDriver {
    async fn describe(&self, place: &Place, role: &str, name: &str) -> Result<Option<Observed>> {
        let policy = policies::read_inline(&self.aws.iam(place).await, role, name).await?;
        Ok(policy.map(|policy| observed(role, &policy)))
    }

    async fn put(&self, place: &Place, role: &str, name: &str, want: &Wanted<'_>) -> Result<()> {
        let document = want.document("PolicyDocument")?;
        let request = self.aws.iam(place).await.put_role_policy().role_name(role).policy_name(name);
        request.set_policy_document(document).send().await.or_fault("iam:PutRolePolicy", FAULTS).map(drop)
    }

    /// The policy that stands where the wanted one is to be.
    async fn at(&self, place: &Place, want: &Doc) -> Result<Option<Doc>> {
        let (Some(role), Some(name)) = (want.text("RoleName"), want.text("PolicyName")) else { return Ok(None) };
        Ok(self.describe(place, role, name).await?.map(Doc::from))
    }
}

#[async_trait]
impl Driver for RolePolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let role = properties.text::<String>("RoleName")?.unwrap_or_default();
        let name = properties.text::<String>("PolicyName")?.unwrap_or_default();
        self.put(&call.place, &role, &name, &properties).await?;
        Ok(Progress::Done(made(TYPE, names(&role, &name))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let (name, role) = parts(&so_far.id);
        Ok(visible(TYPE, so_far, self.describe(&call.place, role, name).await?))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let parts = ids.iter().map(parts);
        let documents = each(parts.map(|(name, role)| self.describe(&call.place, role, name))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        let (name, role) = parts(&change.id);
        if changed.touches("PolicyDocument") {
            self.put(&call.place, role, name, &changed.want).await?;
        }
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (name, role) = parts(id);
        gone(policies::delete_inline(&self.aws.iam(&call.place).await, role, name).await)
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let there = self.at(&call.place, want).await?;
        let is_wanted = |there: &Doc| match (there.get("PolicyDocument"), want.get("PolicyDocument")) {
            (Some(there), Some(want)) => same_document(there, want),
            _ => false,
        };
        Ok(identities(TYPE, there.into_iter().filter(is_wanted)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(identities(TYPE, self.at(&call.place, want).await?).pop())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RolePolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let iam = &self.aws.iam(place).await;
        let roles: std::result::Result<Vec<Role>, _> =
            iam.list_roles().into_paginator().items().send().try_collect().await;
        let roles = roles.or_fault("iam:ListRoles", FAULTS)?;
        let of_role = |role: Role| async move {
            let policies = policies::inline(iam, role.role_name()).await?;
            Ok(policies.iter().map(|policy| observed(role.role_name(), policy).into()).collect::<Vec<Doc>>())
        };
        Ok(each(roles.into_iter().map(of_role)).await?.into_iter().flatten().collect())
    }
}

/// The names of the policy and of the role.
fn parts(id: &PhysicalId) -> (&str, &str) {
    id.0.split_once('|').unwrap_or((&id.0, ""))
}

fn names(role: &str, name: &str) -> Observed {
    Observed::new().with("PolicyName", Some(name)).with("RoleName", Some(role))
}

fn observed(role: &str, policy: &Inline) -> Observed {
    names(role, &policy.name).with_document("PolicyDocument", Some(&policy.document))
}

/// The codes of IAM.
const FAULTS: Codes = CODES;
