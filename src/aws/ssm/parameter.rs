//! AWS::SSM::Parameter
//! API: PutParameter (creates without, changes with `Overwrite`), AddTagsToResource, RemoveTagsFromResource,
//! GetParameters (and ListTagsForResource for what it leaves out; DescribeParameters for a list of all),
//! DeleteParameter.  Identity: Name.  Found by: that name, verified by owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ssm::{
    Client,
    types::{Parameter, ParameterType},
};

use super::tags::{CODES, owned_tags, retag, tags};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, visible, visible_tag_map,
        },
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::SSM::Parameter";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ParameterDriver { aws: aws.clone() })
}

/// How many parameters one request may name.
const MOST: usize = 10;

struct ParameterDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for ParameterDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("Name")?;
        let kind = properties.text::<String>("DataType")?.unwrap_or_else(|| TEXT.to_owned());
        let request = self
            .aws
            .ssm(&call.place)
            .await
            .put_parameter()
            .overwrite(false)
            .set_name(name.clone())
            .set_type(properties.text("Type")?)
            .set_value(properties.text("Value")?)
            .set_description(properties.text("Description")?)
            .set_allowed_pattern(properties.text("AllowedPattern")?)
            .set_policies(properties.text("Policies")?)
            .set_tier(properties.text("Tier")?)
            .data_type(&kind)
            .set_tags(Some(owned_tags(call, &properties)?));
        request.send().await.or_fault("ssm:PutParameter", FAULTS)?;
        let made = made(TYPE, Observed::new().with("Name", name));
        // The id of an image is checked first, and only then does the parameter exist.
        Ok(if kind == TEXT { Progress::Done(made) } else { pending(&made, "its value is being checked") })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = named(&self.aws.ssm(&call.place).await, &[&so_far.id.0]).await?;
        Ok(visible(TYPE, so_far, found.first().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let found = documents(&self.aws.ssm(&call.place).await, &names).await?;
        Ok(in_order(TYPE, ids, found))
    }

    /// What a new version of a parameter leaves out stays as it was, so what is taken away is said to be empty.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ssm = self.aws.ssm(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let text = |name: &str, nothing: &str| -> Result<Option<String>> {
            let wanted = || Ok(changed.want.text(name)?.or_else(|| Some(nothing.to_owned())));
            if changed.touches(name) { wanted() } else { Ok(None) }
        };
        let settings = ["AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value"];
        if settings.iter().any(|name| changed.touches(name)) {
            let request = ssm
                .put_parameter()
                .overwrite(true)
                .name(changed.id())
                .set_type(changed.want.text("Type")?)
                .set_value(changed.want.text("Value")?)
                .set_description(text("Description", "")?)
                .set_allowed_pattern(text("AllowedPattern", "")?)
                .set_policies(text("Policies", "[{}]")?)
                .set_tier(changed.want.text("Tier")?)
                .data_type(changed.want.text::<String>("DataType")?.unwrap_or_else(|| TEXT.to_owned()));
            request.send().await.or_fault("ssm:PutParameter", FAULTS)?;
        }
        retag(&ssm, &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ssm(&call.place).await.delete_parameter().name(&id.0);
        gone(request.send().await.or_fault("ssm:DeleteParameter", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("Name") else { return Ok(Vec::new()) };
        let tags = tags(&self.aws.ssm(&call.place).await, name).await?;
        let is_ours = tags.get(TAG_TOKEN) == Some(&call.token().0);
        Ok(identities(TYPE, is_ours.then(|| Observed::new().with("Name", Some(name)))))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for ParameterDriver {
    /// Secrets among them are left out: they are not of this type.
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let ssm = self.aws.ssm(place).await;
        let mut pages = ssm.describe_parameters().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let found = page.or_fault("ssm:DescribeParameters", FAULTS)?.parameters.unwrap_or_default();
            let plain = found.into_iter().filter(|found| found.r#type() != Some(&ParameterType::SecureString));
            names.extend(plain.filter_map(|found| found.name));
        }
        documents(&ssm, &names.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

/// What a parameter holds if nothing else is said.
const TEXT: &str = "text";

/// The parameters of these names that exist.
async fn named(ssm: &Client, names: &[&str]) -> Result<Vec<Parameter>> {
    let batches = names.chunks(MOST).map(|names| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let request = ssm.get_parameters().set_names(Some(names));
        async move { request.send().await.or_fault("ssm:GetParameters", FAULTS) }
    });
    let answers = each(batches).await?;
    Ok(answers.into_iter().flat_map(|answer| answer.parameters.unwrap_or_default()).collect())
}

/// The whole documents: GetParameters leaves out the tags.
async fn documents(ssm: &Client, names: &[&str]) -> Result<Vec<Doc>> {
    let found = named(ssm, names).await?;
    let document = |parameter: &Parameter| {
        let (document, name) = (observed(parameter), parameter.name.clone().unwrap_or_default());
        async move { Ok(document.with("Tags", Some(visible_tag_map(tags(ssm, &name).await?))).into()) }
    };
    each(found.iter().map(document)).await
}

/// `AllowedPattern`, `Description`, `Policies` and `Tier` are never read, as in CloudFormation.
fn observed(parameter: &Parameter) -> Observed {
    Observed::new()
        .with("Name", parameter.name())
        .with("Arn", parameter.arn())
        .with("Type", parameter.r#type().map(ParameterType::as_str))
        .with("Value", parameter.value())
        .with("DataType", parameter.data_type())
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
