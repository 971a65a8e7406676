//! AWS::Config::ConformancePack
//! API: PutConformancePack, TagResource, UntagResource, DescribeConformancePackStatus, DescribeConformancePacks (and
//! ListTagsForResource, which it leaves out), DeleteConformancePack.  Identity: ConformancePackName.
//! Found by: that name, verified by the owner tags; a put takes a pack of the same name over.
//!
//! The template is only sent: Config reports none of its three forms as it was given.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_config::{
    Client,
    types::{
        ConformancePackDetail, ConformancePackInputParameter, ConformancePackState, ConformancePackStatusDetail, Tag,
        TemplateSsmDocumentDetails,
    },
};

use super::{
    codes::CODES,
    tags::{are_ours, retag, tags, tags_of, visible as visible_tags},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, identities, in_order, made, only_id, pending, sole, structures,
        },
        faults::{Codes, OrFault, answered, failed, found, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Config::ConformancePack";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(PackDriver { aws: aws.clone() })
}

struct PackDriver {
    aws: Clients,
}

impl PackDriver {
    /// The pack that has the wanted name, and whether the intent of `call` has made it.
    async fn named(&self, call: &Call, want: &Doc) -> Result<Option<(ConformancePackDetail, bool)>> {
        let Some(name) = want.text(NAME) else { return Ok(None) };
        let config = self.aws.config(&call.place).await;
        let Some(pack) = packs(&config, Some(name)).await?.pop() else { return Ok(None) };
        let tags = tags_of(&config, Some(pack.conformance_pack_arn())).await?;
        Ok(Some((pack, are_ours(&tags, call))))
    }
}

#[async_trait]
impl Driver for PackDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let arn = put(&config, &properties, Some(tags(all_tags(call, &properties)?))).await?;
        let document = Observed::new().with(NAME, properties.text::<String>(NAME)?).with(ARN, Some(arn));
        Ok(pending(&made(TYPE, document), "creating"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        match statuses(&config, Some(&so_far.id.0)).await?.first() {
            Some(status) => settled(status, so_far),
            None => Ok(pending(so_far, "not visible yet")),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let config = self.aws.config(&call.place).await;
        let found = packs(&config, sole(ids)).await?;
        let wanted = found.iter().filter(|pack| ids.iter().any(|id| id.0 == pack.conformance_pack_name()));
        let documents = each(wanted.map(|pack| document(&config, pack))).await?;
        Ok(in_order(TYPE, ids, documents))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let config = self.aws.config(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let is_put = change.paths.iter().any(|path| path.property() != Some("Tags"));
        if is_put {
            put(&config, &changed.want, None).await?;
        }
        let now = only_id(&change.id);
        if changed.touches("Tags") {
            let found = packs(&config, Some(changed.id())).await?;
            let arn = found.first().map(ConformancePackDetail::conformance_pack_arn);
            let arn = answered(arn, "config:DescribeConformancePacks")?;
            retag(&config, arn, &changed).await?;
        }
        if is_put { self.poll(call, &now).await } else { Ok(Progress::Done(now)) }
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let config = self.aws.config(&call.place).await;
        let status = statuses(&config, Some(&id.0)).await?.pop();
        let going = |note: String| Ok(Progress::Pending { so_far: (), note });
        let mut note = "deleting".to_owned();
        match status.as_ref().map(ConformancePackStatusDetail::conformance_pack_state) {
            Some(ConformancePackState::DeleteInProgress) => return going(note),
            Some(ConformancePackState::DeleteFailed) => {
                let reason = status.as_ref().and_then(|status| status.conformance_pack_status_reason());
                note = format!("deleting once more, for it has failed: {}", reason.unwrap_or("no reason given"));
            }
            _ => {}
        }
        let deleted = config.delete_conformance_pack().conformance_pack_name(&id.0).send().await;
        match there(deleted.or_fault("config:DeleteConformancePack", FAULTS))? {
            Some(_) => going(note),
            None => Ok(Progress::Done(())),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let named = self.named(call, want).await?;
        Ok(identities(TYPE, named.iter().filter(|(_, is_ours)| *is_ours).map(|(pack, _)| observed(pack))))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let named = self.named(call, want).await?;
        let theirs = named.iter().filter(|(_, is_ours)| !is_ours).map(|(pack, _)| observed(pack));
        Ok(identities(TYPE, theirs).pop())
    }
}

#[async_trait]
impl AwsDriver for PackDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let config = self.aws.config(place).await;
        let found = packs(&config, None).await?;
        each(found.iter().map(|pack| document(&config, pack))).await
    }
}

const NAME: &str = "ConformancePackName";
const ARN: &str = "ConformancePackArn";

/// Makes a pack or changes it, always as a whole, and says its ARN; tags count only when it is made.
async fn put(config: &Client, want: &Wanted<'_>, tags: Option<Vec<Tag>>) -> Result<String> {
    let request = config
        .put_conformance_pack()
        .set_conformance_pack_name(want.text(NAME)?)
        .set_template_s3_uri(want.text("TemplateS3Uri")?)
        .set_template_body(want.document("TemplateBody")?)
        .set_template_ssm_document_details(want.part("TemplateSSMDocumentDetails")?)
        .set_delivery_s3_bucket(want.text("DeliveryS3Bucket")?)
        .set_delivery_s3_key_prefix(want.text("DeliveryS3KeyPrefix")?)
        .set_conformance_pack_input_parameters(want.part("ConformancePackInputParameters")?)
        .set_tags(tags);
    let answer = request.send().await.or_fault("config:PutConformancePack", FAULTS)?;
    answered(answer.conformance_pack_arn, "config:PutConformancePack")
}

/// The pack of this name, or all; those that are being deleted are left out, though Config still shows them. Config
/// refuses a list of names if one of them is missing, so several are picked out of all.
async fn packs(config: &Client, name: Option<&str>) -> Result<Vec<ConformancePackDetail>> {
    let pages = config.describe_conformance_packs().set_conformance_pack_names(names(name)).into_paginator().items();
    let described = async {
        let packs: std::result::Result<Vec<_>, _> = pages.send().try_collect().await;
        found(packs.or_fault("config:DescribeConformancePacks", FAULTS))
    };
    let (mut packs, statuses) = tokio::try_join!(described, statuses(config, name))?;
    let is_leaving = |pack: &ConformancePackDetail| {
        let status = statuses.iter().find(|status| status.conformance_pack_name == pack.conformance_pack_name);
        status.is_some_and(|status| status.conformance_pack_state == ConformancePackState::DeleteInProgress)
    };
    packs.retain(|pack| !is_leaving(pack));
    Ok(packs)
}

/// How far the pack of this name has come, or all.
async fn statuses(config: &Client, name: Option<&str>) -> Result<Vec<ConformancePackStatusDetail>> {
    let request = config.describe_conformance_pack_status().set_conformance_pack_names(names(name));
    let statuses: std::result::Result<Vec<_>, _> = request.into_paginator().items().send().try_collect().await;
    found(statuses.or_fault("config:DescribeConformancePackStatus", FAULTS))
}

fn names(name: Option<&str>) -> Option<Vec<String>> {
    name.map(|name| vec![name.to_owned()])
}

/// Where a pack stands. "Complete" may still be said of what was there before an update; the times tell.
fn settled(status: &ConformancePackStatusDetail, so_far: &Made) -> Result<Progress<Made>> {
    use ConformancePackState::{CreateComplete, CreateFailed, DeleteFailed, DeleteInProgress};
    let requested = status.last_update_requested_time();
    let is_current = status.last_update_completed_time().is_none_or(|completed| completed >= requested);
    match status.conformance_pack_state() {
        CreateComplete if is_current => {
            let document = Observed::new()
                .with(NAME, Some(status.conformance_pack_name()))
                .with(ARN, Some(status.conformance_pack_arn()));
            Ok(Progress::Done(made(TYPE, document)))
        }
        CreateComplete => Ok(pending(so_far, "updating")),
        CreateFailed | DeleteFailed | DeleteInProgress => {
            let state = status.conformance_pack_state().as_str();
            let reason = status.conformance_pack_status_reason().unwrap_or("no reason given");
            Err(failed("config:PutConformancePack", None, Some(&format!("{state}: {reason}")), so_far))
        }
        _ => Ok(pending(so_far, "deploying its rules")),
    }
}

async fn document(config: &Client, pack: &ConformancePackDetail) -> Result<Doc> {
    let tags = tags_of(config, Some(pack.conformance_pack_arn())).await?;
    Ok(observed(pack).with_list("Tags", visible_tags(&tags)).into())
}

structures! {
    ConformancePackInputParameter {
        "ParameterName": parameter_name set_parameter_name,
        "ParameterValue": parameter_value set_parameter_value,
    }
    TemplateSsmDocumentDetails {
        "DocumentName": document_name set_document_name,
        "DocumentVersion": document_version set_document_version,
    }
}

/// Config reports an empty bucket, prefix or list where there is none.
fn observed(pack: &ConformancePackDetail) -> Observed {
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let parameters = pack.conformance_pack_input_parameters.clone().filter(|parameters| !parameters.is_empty());
    Observed::new()
        .with(NAME, Some(pack.conformance_pack_name()))
        .with(ARN, Some(pack.conformance_pack_arn()))
        .with("DeliveryS3Bucket", some(pack.delivery_s3_bucket()))
        .with("DeliveryS3KeyPrefix", some(pack.delivery_s3_key_prefix()))
        .with_part("ConformancePackInputParameters", &parameters)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
