//! AWS::IAM::Role
//! API: CreateRole, UpdateRole, UpdateAssumeRolePolicy, Put- and DeleteRolePermissionsBoundary, Put- and DeleteRolePolicy,
//! Attach- and DetachRolePolicy, TagRole, UntagRole, GetRole, ListRoles (and ListRolePolicies, GetRolePolicy,
//! ListAttachedRolePolicies for what they leave out), DeleteRole.  Identity: RoleName.  Found by: that name, if the role
//! has the owner tags.
//!
//! A stack that gives a role `Policies` or `ManagedPolicyArns` gives all that it has: what others put in or attach beside
//! them is drift.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::{
    Client,
    types::{InstanceProfile, Role, Tag},
};
use serde_json::Value as Json;

use super::{
    CODES,
    policies::{self, Inline, decoded},
    tags::{are_ours, for_create, tag},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, identities, in_order, made, only_id, tag_change, visible, visible_tags,
        },
        faults::{Codes, OrFault, answered, early, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::IAM::Role";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(RoleDriver { aws: aws.clone() })
}

struct RoleDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for RoleDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let inline = Inline::wanted(&properties)?;
        let managed = properties.texts("ManagedPolicyArns")?.unwrap_or_default();
        let request = iam
            .create_role()
            .set_role_name(properties.text("RoleName")?)
            .set_path(properties.text("Path")?)
            .set_assume_role_policy_document(properties.document("AssumeRolePolicyDocument")?)
            .set_description(properties.text("Description")?)
            .set_max_session_duration(properties.whole("MaxSessionDuration")?)
            .set_permissions_boundary(properties.text("PermissionsBoundary")?)
            .set_tags(Some(for_create(call, &properties)?));
        let answer = early(request.send().await.or_fault("iam:CreateRole", FAULTS), NEW_PRINCIPALS)?;
        let role = answered(answer.role, "iam:CreateRole")?;
        let made = made(TYPE, observed(&role));
        policies::set_inline(&iam, role.role_name(), &[], &inline).await.map_err(half_made(&made))?;
        for arn in managed {
            policies::attach(&iam, role.role_name(), &arn).await.map_err(half_made(&made))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let role = describe(&self.aws.iam(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, role.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let iam = self.aws.iam(&call.place).await;
        let documents = each(ids.iter().map(|id| document(&iam, &id.0))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("AssumeRolePolicyDocument") {
            let document = changed.want.document("AssumeRolePolicyDocument")?;
            let request = iam.update_assume_role_policy().role_name(changed.id()).set_policy_document(document);
            early(request.send().await.or_fault("iam:UpdateAssumeRolePolicy", FAULTS), NEW_PRINCIPALS)?;
        }
        if changed.touches("Description") || changed.touches("MaxSessionDuration") {
            // What is left out returns to its default, so both are always sent.
            let request = iam
                .update_role()
                .role_name(changed.id())
                .description(changed.want.text::<String>("Description")?.unwrap_or_default())
                .max_session_duration(changed.want.whole("MaxSessionDuration")?.unwrap_or(3600));
            request.send().await.or_fault("iam:UpdateRole", FAULTS)?;
        }
        set_boundary(&iam, &changed).await?;
        if changed.touches("Policies") {
            let (before, want) = (Inline::wanted(&changed.before)?, Inline::wanted(&changed.want)?);
            policies::set_inline(&iam, changed.id(), &before, &want).await?;
        }
        let (attach, detach) = changed.texts("ManagedPolicyArns")?;
        for arn in attach {
            policies::attach(&iam, changed.id(), &arn).await?;
        }
        for arn in detach {
            policies::detach(&iam, changed.id(), &arn).await?;
        }
        retag(&iam, &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    /// A role goes with the policies inside it and with what the stack has attached. What others have attached, and
    /// instance profiles that it is in, show that somebody counts on it; then nothing is touched.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let iam = self.aws.iam(&call.place).await;
        let ours = Wanted::new(TYPE, &removal.inputs).texts("ManagedPolicyArns").ok().flatten().unwrap_or_default();
        let blockers = users(&iam, &id.0, &ours).await?;
        if !blockers.is_empty() {
            let mut fault = Fault::new(FaultKind::InUse, "iam:DeleteRole", "others still use the role");
            fault.blockers = blockers;
            return Err(fault);
        }
        for name in policies::inline_names(&iam, &id.0).await? {
            policies::delete_inline(&iam, &id.0, &name).await?;
        }
        for arn in ours {
            policies::detach(&iam, &id.0, &arn).await?;
        }
        gone(iam.delete_role().role_name(&id.0).send().await.or_fault("iam:DeleteRole", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("RoleName") else { return Ok(Vec::new()) };
        let role = describe(&self.aws.iam(&call.place).await, name).await?;
        Ok(identities(TYPE, role.iter().filter(|role| are_ours(role.tags(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for RoleDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let iam = self.aws.iam(place).await;
        let roles: std::result::Result<Vec<Role>, _> =
            iam.list_roles().into_paginator().items().send().try_collect().await;
        let roles = roles.or_fault("iam:ListRoles", FAULTS)?;
        let documents = each(roles.iter().map(|role| document(&iam, role.role_name()))).await?;
        Ok(documents.into_iter().flatten().collect())
    }
}

async fn describe(iam: &Client, name: &str) -> Result<Option<Role>> {
    let answer = there(iam.get_role().role_name(name).send().await.or_fault("iam:GetRole", FAULTS))?;
    Ok(answer.and_then(|answer| answer.role))
}

/// The whole document: GetRole leaves out the policies.
async fn document(iam: &Client, name: &str) -> Result<Option<Doc>> {
    let Some(role) = describe(iam, name).await? else { return Ok(None) };
    let (inline, attached) = tokio::join!(policies::inline(iam, name), policies::attached(iam, name));
    let inline = inline?.into_iter().map(|policy| {
        let observed = Observed::new().with("PolicyName", Some(policy.name));
        Json::from(observed.with_document("PolicyDocument", Some(&policy.document)))
    });
    Ok(Some(observed(&role).with_list("Policies", inline).with_list("ManagedPolicyArns", attached?).into()))
}

/// Who counts on a role, in words.
async fn users(iam: &Client, name: &str, ours: &[String]) -> Result<Vec<String>> {
    let request = iam.list_instance_profiles_for_role().role_name(name).into_paginator().items().send();
    let profiles: std::result::Result<Vec<InstanceProfile>, _> = request.try_collect().await;
    let profiles = there(profiles.or_fault("iam:ListInstanceProfilesForRole", FAULTS))?.unwrap_or_default();
    let profiles = profiles.iter().map(|profile| format!("instance profile {}", profile.instance_profile_name()));
    let attached = policies::attached(iam, name).await?;
    let foreign = attached.iter().filter(|arn| !ours.contains(arn));
    Ok(profiles.chain(foreign.map(|arn| format!("{arn} (attached, and not by this role)"))).collect())
}

async fn set_boundary(iam: &Client, change: &Changed<'_>) -> Result<()> {
    if !change.touches("PermissionsBoundary") {
        return Ok(());
    }
    match change.want.text::<String>("PermissionsBoundary")? {
        Some(arn) => {
            let request = iam.put_role_permissions_boundary().role_name(change.id()).permissions_boundary(arn);
            request.send().await.or_fault("iam:PutRolePermissionsBoundary", FAULTS).map(drop)
        }
        None => {
            let request = iam.delete_role_permissions_boundary().role_name(change.id());
            there(request.send().await.or_fault("iam:DeleteRolePermissionsBoundary", FAULTS)).map(drop)
        }
    }
}

async fn retag(iam: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = iam.untag_role().role_name(change.id()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("iam:UntagRole", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().filter_map(|(key, value)| tag(key, value)).collect();
        let request = iam.tag_role().role_name(change.id()).set_tags(Some(put));
        request.send().await.or_fault("iam:TagRole", FAULTS)?;
    }
    Ok(())
}

fn observed(role: &Role) -> Observed {
    let tags = role.tags().iter().map(|tag: &Tag| (Some(tag.key()), Some(tag.value())));
    let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
    Observed::new()
        .with("RoleName", Some(role.role_name()))
        .with("RoleId", Some(role.role_id()))
        .with("Arn", Some(role.arn()))
        .with("Path", Some(role.path()))
        .with("Description", role.description())
        .with("MaxSessionDuration", role.max_session_duration())
        .with("PermissionsBoundary", boundary)
        .with_document("AssumeRolePolicyDocument", role.assume_role_policy_document().map(decoded).as_deref())
        .with_list("Tags", visible_tags(tags))
}

/// How IAM refuses a principal that was only just made.
const NEW_PRINCIPALS: &[&str] = &["Invalid principal"];

/// The codes of IAM.
const FAULTS: Codes = CODES;
