//! What a repository has beside itself, by calls of its own: its policies and its tags.

use aws_sdk_ecr::{
    Client,
    types::{Repository, Tag},
};

use crate::{
    aws::{
        convert::{Changed, Observed, Wanted, all_tags, tag_change, visible_tags},
        faults::{Codes, OrFault, found, there},
    },
    driver::{Call, FaultKind, Result, TAG_TOKEN},
};

/// The codes of the whole service that its endings and the common table do not tell.
pub const CODES: Codes = &[
    ("KmsException", FaultKind::Invalid),
    ("RepositoryNotEmptyException", FaultKind::Invalid),
    ("TooManyTagsException", FaultKind::Invalid),
];

// Where a repository keeps its policies.
const LIFECYCLE: &str = "LifecyclePolicy";
const ACCESS: &str = "RepositoryPolicyText";

/// Every tag of a create call.
pub fn owned_tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<Tag>> {
    Ok(all_tags(call, want)?.into_iter().filter_map(tag).collect())
}

/// Whether the intent of `call` has made the repository.
pub async fn is_ours(ecr: &Client, call: &Call, repository: &Repository) -> Result<bool> {
    let tags = tags(ecr, repository).await?;
    Ok(tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0))
}

/// Puts and takes the tags as `change` says.
pub async fn retag(ecr: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = ecr.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("ecr:UntagResource", CODES)?;
    }
    if !tags.put.is_empty() {
        let put = tags.put.into_iter().filter_map(tag).collect();
        let request = ecr.tag_resource().resource_arn(arn).set_tags(Some(put));
        request.send().await.or_fault("ecr:TagResource", CODES)?;
    }
    Ok(())
}

/// Puts and takes the policies as `change` says.
pub async fn set_policies(ecr: &Client, change: &Changed<'_>) -> Result<()> {
    let name = change.id();
    if change.touches(LIFECYCLE) {
        let policy = change.want.inner(LIFECYCLE)?;
        let registry = policy.map(|policy| policy.text::<String>("RegistryId")).transpose()?.flatten();
        match policy.map(|policy| policy.document("LifecyclePolicyText")).transpose()?.flatten() {
            Some(text) => {
                let request = ecr.put_lifecycle_policy().repository_name(name).set_registry_id(registry);
                let request = request.lifecycle_policy_text(text);
                request.send().await.or_fault("ecr:PutLifecyclePolicy", CODES)?;
            }
            None => {
                let request = ecr.delete_lifecycle_policy().repository_name(name).set_registry_id(registry);
                found(request.send().await.or_fault("ecr:DeleteLifecyclePolicy", CODES).map(drop))?;
            }
        }
    }
    if change.touches(ACCESS) {
        match change.want.document(ACCESS)? {
            Some(text) => {
                let request = ecr.set_repository_policy().repository_name(name).policy_text(text);
                request.send().await.or_fault("ecr:SetRepositoryPolicy", CODES)?;
            }
            None => {
                let request = ecr.delete_repository_policy().repository_name(name);
                found(request.send().await.or_fault("ecr:DeleteRepositoryPolicy", CODES).map(drop))?;
            }
        }
    }
    Ok(())
}

/// What DescribeRepositories leaves out, laid over what it said.
pub async fn with_settings(ecr: &Client, repository: &Repository, document: Observed) -> Result<Observed> {
    let name = repository.repository_name().unwrap_or_default();
    let lifecycle = async {
        let answer = ecr.get_lifecycle_policy().repository_name(name).send().await;
        there(answer.or_fault("ecr:GetLifecyclePolicy", CODES))
    };
    let access = async {
        let answer = ecr.get_repository_policy().repository_name(name).send().await;
        there(answer.or_fault("ecr:GetRepositoryPolicy", CODES))
    };
    let (lifecycle, access, tags) = tokio::try_join!(lifecycle, access, tags(ecr, repository))?;
    let lifecycle = lifecycle.map(|policy| {
        Observed::new()
            .with("LifecyclePolicyText", policy.lifecycle_policy_text())
            .with("RegistryId", policy.registry_id())
    });
    Ok(document
        .with(LIFECYCLE, lifecycle)
        .with_document(ACCESS, access.as_ref().and_then(|policy| policy.policy_text()))
        .with_list("Tags", visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))))))
}

async fn tags(ecr: &Client, repository: &Repository) -> Result<Vec<Tag>> {
    let answer = ecr.list_tags_for_resource().set_resource_arn(repository.repository_arn.clone()).send().await;
    Ok(found(answer.or_fault("ecr:ListTagsForResource", CODES).map(|answer| answer.tags))?.unwrap_or_default())
}

fn tag((key, value): (String, String)) -> Option<Tag> {
    Tag::builder().key(key).value(value).build().ok()
}
