//! AWS::IAM::ManagedPolicy
//! API: CreatePolicy, Create-, Delete- and ListPolicyVersion(s), Attach- and Detach(Group|Role|User)Policy, GetPolicy,
//! GetPolicyVersion, ListEntitiesForPolicy, ListPolicies, DeletePolicy.  Identity: PolicyArn.  Found by: name and path, if
//! the policy has the owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::{
    Client,
    primitives::{DateTime, DateTimeFormat},
    types::{Policy, PolicyScopeType, PolicyVersion},
};

use super::{
    CODES,
    managed_policy_bearers::{Bearers, KINDS, attach, detach},
    policies::decoded,
    tags::{are_ours, for_create},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::IAM::ManagedPolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ManagedPolicyDriver { aws: aws.clone() })
}

/// How many versions of a policy IAM keeps.
const MOST_VERSIONS: usize = 5;

struct ManagedPolicyDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ManagedPolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let mut bearers = Vec::new();
        for (property, kind) in KINDS {
            bearers.extend(properties.texts(property)?.unwrap_or_default().into_iter().map(|name| (kind, name)));
        }
        let request = iam
            .create_policy()
            .set_policy_name(properties.text("ManagedPolicyName")?)
            .set_path(properties.text("Path")?)
            .set_policy_document(properties.document("PolicyDocument")?)
            .set_description(properties.text("Description")?)
            .set_tags(Some(for_create(call, &properties)?));
        let answer = request.send().await.or_fault("iam:CreatePolicy", FAULTS)?;
        let policy = answered(answer.policy.filter(|policy| policy.arn.is_some()), "iam:CreatePolicy")?;
        let made = made(TYPE, observed(&policy));
        for (kind, name) in bearers {
            attach(&iam, &made.id.0, kind, &name).await.map_err(half_made(&made))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let policy = describe(&self.aws.iam(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, policy.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let iam = self.aws.iam(&call.place).await;
        let documents = each(ids.iter().map(|id| document(&iam, &id.0))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let iam = self.aws.iam(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("PolicyDocument") {
            make_room(&iam, changed.id()).await?;
            let request = iam.create_policy_version().policy_arn(changed.id()).set_as_default(true);
            let request = request.set_policy_document(changed.want.document("PolicyDocument")?);
            request.send().await.or_fault("iam:CreatePolicyVersion", FAULTS)?;
        }
        for (property, kind) in KINDS {
            let (more, less) = changed.texts(property)?;
            for name in more {
                attach(&iam, changed.id(), kind, &name).await?;
            }
            for name in less {
                detach(&iam, changed.id(), kind, &name).await?;
            }
        }
        self.poll(call, &only_id(&change.id)).await
    }

    /// A policy goes with its versions and is detached from those whom the stack has attached it to. Whoever else bears
    /// it keeps it; then nothing is touched.
    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let iam = self.aws.iam(&call.place).await;
        let (inputs, bearers) = (Wanted::new(TYPE, &removal.inputs), Bearers::of(&iam, &id.0, true).await?);
        let (mut ours, mut blockers) = (Vec::new(), Vec::new());
        for (property, kind) in KINDS {
            let attached = inputs.texts(property).ok().flatten().unwrap_or_default();
            let others = bearers.names(kind).iter().filter(|name| !attached.contains(name));
            blockers.extend(others.map(|name| format!("{} {name}", kind.word())));
            ours.extend(attached.into_iter().map(|name| (kind, name)));
        }
        if !blockers.is_empty() {
            let mut fault = Fault::new(FaultKind::InUse, "iam:DeletePolicy", "others still bear the policy");
            fault.blockers = blockers;
            return Err(fault);
        }
        for (kind, name) in ours {
            detach(&iam, &id.0, kind, &name).await?;
        }
        for version in former_versions(&iam, &id.0).await? {
            delete_version(&iam, &id.0, &version).await?;
        }
        gone(iam.delete_policy().policy_arn(&id.0).send().await.or_fault("iam:DeletePolicy", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let iam = self.aws.iam(&call.place).await;
        let mut named = own(&iam, want.text("Path")).await?;
        named.retain(|policy| policy.policy_name() == want.text("ManagedPolicyName"));
        // The list leaves out the tags.
        let named = each(named.iter().filter_map(Policy::arn).map(|arn| describe(&iam, arn))).await?;
        let ours = named.iter().flatten().filter(|policy| are_ours(policy.tags(), call));
        Ok(identities(TYPE, ours.map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ManagedPolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let iam = self.aws.iam(place).await;
        let policies = own(&iam, None).await?;
        let documents = each(policies.iter().filter_map(Policy::arn).map(|arn| document(&iam, arn))).await?;
        Ok(documents.into_iter().flatten().collect())
    }
}

/// The account's own policies below a path, as the list shows them.
async fn own(iam: &Client, path: Option<&str>) -> Result<Vec<Policy>> {
    let request = iam.list_policies().scope(PolicyScopeType::Local).set_path_prefix(path.map(str::to_owned));
    request.into_paginator().items().send().try_collect().await.or_fault("iam:ListPolicies", FAULTS)
}

async fn describe(iam: &Client, arn: &str) -> Result<Option<Policy>> {
    let answer = there(iam.get_policy().policy_arn(arn).send().await.or_fault("iam:GetPolicy", FAULTS))?;
    Ok(answer.and_then(|answer| answer.policy))
}

/// The whole document: GetPolicy leaves out what the policy says and who bears it.
async fn document(iam: &Client, arn: &str) -> Result<Option<Doc>> {
    let Some(policy) = describe(iam, arn).await? else { return Ok(None) };
    let version = policy.default_version_id().unwrap_or_default();
    let version = iam.get_policy_version().policy_arn(arn).version_id(version).send();
    let (version, bearers) = tokio::join!(version, Bearers::of(iam, arn, false));
    let version = there(version.or_fault("iam:GetPolicyVersion", FAULTS))?.and_then(|answer| answer.policy_version);
    let text = version.as_ref().and_then(PolicyVersion::document).map(decoded);
    let (document, bearers) = (observed(&policy).with_document("PolicyDocument", text.as_deref()), bearers?);
    let with = |document: Observed, (property, kind)| document.with_list(property, bearers.names(kind).to_vec());
    Ok(Some(KINDS.into_iter().fold(document, with).into()))
}

/// The versions that are not in force, oldest first: they are numbered `v1`, `v2` and so on.
async fn former_versions(iam: &Client, arn: &str) -> Result<Vec<String>> {
    let versions: std::result::Result<Vec<PolicyVersion>, _> =
        iam.list_policy_versions().policy_arn(arn).into_paginator().items().send().try_collect().await;
    let mut versions = there(versions.or_fault("iam:ListPolicyVersions", FAULTS))?.unwrap_or_default();
    versions.retain(|version| !version.is_default_version());
    let mut versions: Vec<String> = versions.into_iter().filter_map(|version| version.version_id).collect();
    versions.sort_by_key(|id| id.trim_start_matches('v').parse::<u64>().unwrap_or_default());
    Ok(versions)
}

/// Makes room for one more version.
async fn make_room(iam: &Client, arn: &str) -> Result<()> {
    let former = former_versions(iam, arn).await?;
    match former.first() {
        Some(oldest) if former.len() + 1 >= MOST_VERSIONS => delete_version(iam, arn, oldest).await,
        _ => Ok(()),
    }
}

async fn delete_version(iam: &Client, arn: &str, version: &str) -> Result<()> {
    let request = iam.delete_policy_version().policy_arn(arn).version_id(version);
    there(request.send().await.or_fault("iam:DeletePolicyVersion", FAULTS)).map(drop)
}

fn observed(policy: &Policy) -> Observed {
    let time = |time: &DateTime| time.fmt(DateTimeFormat::DateTime).ok();
    Observed::new()
        .with("PolicyArn", policy.arn())
        .with("PolicyId", policy.policy_id())
        .with("ManagedPolicyName", policy.policy_name())
        .with("Path", policy.path())
        .with("Description", policy.description())
        .with("DefaultVersionId", policy.default_version_id())
        .with("AttachmentCount", policy.attachment_count())
        .with("PermissionsBoundaryUsageCount", policy.permissions_boundary_usage_count())
        .with("IsAttachable", Some(policy.is_attachable()))
        .with("CreateDate", policy.create_date().and_then(time))
        .with("UpdateDate", policy.update_date().and_then(time))
}

/// The codes of IAM.
const FAULTS: Codes = CODES;
