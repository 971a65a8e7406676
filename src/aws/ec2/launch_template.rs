//! AWS::EC2::LaunchTemplate
//! API: CreateLaunchTemplate, CreateLaunchTemplateVersion, ModifyLaunchTemplate, CreateTags, DeleteTags,
//! DescribeLaunchTemplates, DeleteLaunchTemplate.  Identity: LaunchTemplateId.
//! Found by: owner tags; the create call carries a client token.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{
        Filter, LaunchTemplate, LaunchTemplateTagSpecificationRequest, RequestLaunchTemplateData, ResourceType, Tag,
        TagSpecification,
    },
};

use super::{filters::owned, tags::put_and_take};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, TagChange, Wanted, identities, in_order, is_users, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::LaunchTemplate";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(LaunchTemplateDriver { aws: aws.clone() })
}

struct LaunchTemplateDriver {
    aws: Clients,
}

impl LaunchTemplateDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<LaunchTemplate>> {
        let request = self.aws.ec2(place).await.describe_launch_templates().set_filters(Some(filters));
        request.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeLaunchTemplates", FAULTS)
    }

    /// Those of the templates that exist. There is no filter for ids; only if one is missing, which refuses the whole
    /// request, are all templates asked for.
    async fn describe_some(&self, place: &Place, ids: &[PhysicalId]) -> Result<Vec<LaunchTemplate>> {
        let names = ids.iter().map(|id| id.0.clone()).collect();
        let request = self.aws.ec2(place).await.describe_launch_templates().set_launch_template_ids(Some(names));
        let found = request.into_paginator().items().send().try_collect().await;
        match found.or_fault("ec2:DescribeLaunchTemplates", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotFound && ids.len() == 1 => Ok(Vec::new()),
            Err(fault) if fault.kind == FaultKind::NotFound => self.describe(place, Vec::new()).await,
            found => found,
        }
    }
}

#[async_trait]
impl Driver for LaunchTemplateDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let owner = call.owner.tags().map(|(key, value)| (key.to_owned(), value));
        let tags = user_tags(&properties)?.into_iter().chain(owner);
        let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let tags = TagSpecification::builder().resource_type(ResourceType::LaunchTemplate).set_tags(Some(tags));
        let request = ec2
            .create_launch_template()
            .client_token(&call.token().0)
            .set_launch_template_name(properties.text("LaunchTemplateName")?)
            .set_version_description(properties.text("VersionDescription")?)
            .set_launch_template_data(properties.part("LaunchTemplateData")?)
            .tag_specifications(tags.build());
        let answer = request.send().await.or_fault("ec2:CreateLaunchTemplate", FAULTS)?;
        let template = answer.launch_template.filter(|template| template.launch_template_id.is_some());
        let template = answered(template, "ec2:CreateLaunchTemplate")?;
        Ok(Progress::Done(made(TYPE, observed(&template))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe_some(&call.place, std::slice::from_ref(&so_far.id)).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        Ok(in_order(TYPE, ids, self.describe_some(&call.place, ids).await?.iter().map(observed)))
    }

    /// Versions never change: another one is made, and becomes the default.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if changed.touches("TagSpecifications") {
            let found = self.describe_some(&call.place, std::slice::from_ref(&change.id)).await?;
            retag(&ec2, &changed, found.first().map(LaunchTemplate::tags).unwrap_or_default()).await?;
        }
        if !changed.touches("LaunchTemplateData") && !changed.touches("VersionDescription") {
            return Ok(Progress::Done(only_id(&change.id)));
        }
        let data = changed.want.part::<RequestLaunchTemplateData>("LaunchTemplateData")?;
        let request = ec2
            .create_launch_template_version()
            .client_token(&call.token().0)
            .launch_template_id(changed.id())
            .set_version_description(changed.want.text("VersionDescription")?)
            .launch_template_data(data.unwrap_or_else(|| RequestLaunchTemplateData::builder().build()));
        let answer = request.send().await.or_fault("ec2:CreateLaunchTemplateVersion", FAULTS)?;
        let version = answer.launch_template_version.and_then(|version| version.version_number);
        let version = answered(version, "ec2:CreateLaunchTemplateVersion")?.to_string();
        let request = ec2.modify_launch_template().launch_template_id(changed.id()).default_version(version);
        let answer = request.send().await.or_fault("ec2:ModifyLaunchTemplate", FAULTS)?;
        Ok(visible(TYPE, &only_id(&change.id), answer.launch_template.as_ref().map(observed)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ec2(&call.place).await.delete_launch_template().launch_template_id(&id.0);
        gone(request.send().await.or_fault("ec2:DeleteLaunchTemplate", FAULTS))
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        Ok(identities(TYPE, self.describe(&call.place, owned(call)).await?.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for LaunchTemplateDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let found = self.describe(place, Vec::new()).await?;
        Ok(found.iter().map(|template| observed(template).into()).collect())
    }
}

/// The user's tags of the template itself, which `TagSpecifications` may spread over several lists.
fn user_tags(want: &Wanted<'_>) -> Result<BTreeMap<String, String>> {
    let lists = want.part::<Vec<LaunchTemplateTagSpecificationRequest>>("TagSpecifications")?.unwrap_or_default();
    let is_other = |list: &&LaunchTemplateTagSpecificationRequest| {
        list.resource_type().is_some_and(|kind| *kind != ResourceType::LaunchTemplate)
    };
    if let Some(kind) = lists.iter().find(is_other).and_then(|list| list.resource_type()) {
        let message = "tags of the template itself are those of `ResourceType: launch-template`; what it launches is \
                       tagged by the `TagSpecifications` in `LaunchTemplateData`, also";
        return Err(want.invalid(format!("{message} `{}`", kind.as_str())));
    }
    let tags = lists.into_iter().flat_map(|list| list.tags.unwrap_or_default());
    Ok(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
}

/// Tags the template as wanted. What it was tagged with is asked of AWS, because the state does not know.
async fn retag(ec2: &Client, change: &Changed<'_>, live: &[Tag]) -> Result<()> {
    let mut put = user_tags(&change.want)?;
    let live: BTreeMap<&str, &str> = live.iter().filter_map(|tag| Some((tag.key()?, tag.value()?))).collect();
    let left = |key: &&&str| is_users(key) && !put.contains_key(**key);
    let take = live.keys().filter(left).map(|key| (*key).to_owned()).collect();
    put.retain(|key, value| live.get(key.as_str()) != Some(&value.as_str()));
    put_and_take(ec2, change.id(), TagChange { put, take }).await
}

/// The versions' contents are left out, as AWS's schema says.
fn observed(template: &LaunchTemplate) -> Observed {
    Observed::new()
        .with("LaunchTemplateId", template.launch_template_id())
        .with("LaunchTemplateName", template.launch_template_name())
        .with("DefaultVersionNumber", template.default_version_number().map(|number| number.to_string()))
        .with("LatestVersionNumber", template.latest_version_number().map(|number| number.to_string()))
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
