//! AWS::Lambda::Function
//! API: CreateFunction, UpdateFunctionCode, UpdateFunctionConfiguration, Put- and Delete… of the settings that have calls
//! of their own, TagResource, UntagResource, GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction.
//! Identity: FunctionName.  Found by: that name, if the function has the owner tags.
//!
//! Lambda takes one change at a time and refuses the next until the first is through. The engine then repeats the whole
//! update, so every step can be sent twice, and code that Lambda already has is not sent again.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_lambda::{
    Client,
    operation::get_function::GetFunctionOutput,
    types::{FunctionConfiguration, LastUpdateStatus, PackageType, State},
};

use super::{
    code, configuration,
    settings::{self, BUSY, Kind},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, fresh, identities, in_order, made, only_id, pending, tag_change,
            visible, visible_tags,
        },
        faults::{Codes, OrFault, answered, early, failed, gone, half_made, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::Lambda::Function";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(FunctionDriver { aws: aws.clone() })
}

struct FunctionDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for FunctionDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let lambda = self.aws.lambda(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let published = code::published_to(&properties)?;
        let architectures = properties.texts("Architectures")?;
        let architectures = architectures.map(|names| names.iter().map(|name| (&**name).into()).collect());
        let request = lambda
            .create_function()
            .set_function_name(properties.text("FunctionName")?)
            .set_package_type(package_type(&properties)?)
            .set_code(Some(code::wanted(&properties)?))
            .set_publish(published.as_ref().map(|_| true))
            .set_publish_to(published)
            .set_role(properties.text("Role")?)
            .set_handler(properties.text("Handler")?)
            .set_runtime(properties.text("Runtime")?)
            .set_architectures(architectures)
            .set_description(properties.text("Description")?)
            .set_timeout(properties.whole("Timeout")?)
            .set_memory_size(properties.whole("MemorySize")?)
            .set_vpc_config(configuration::vpc(&properties)?)
            .set_dead_letter_config(configuration::dead_letter(&properties)?)
            .set_environment(configuration::environment(&properties)?)
            .set_kms_key_arn(properties.text("KmsKeyArn")?)
            .set_tracing_config(configuration::tracing(&properties)?)
            .set_layers(properties.texts("Layers")?)
            .set_file_system_configs(Some(configuration::file_systems(&properties)?).filter(|list| !list.is_empty()))
            .set_image_config(configuration::image(&properties)?)
            .set_ephemeral_storage(configuration::storage(&properties)?)
            .set_snap_start(configuration::snap_start(&properties)?)
            .set_logging_config(configuration::logging(&properties)?)
            .set_tenancy_config(configuration::tenancy(&properties)?)
            .set_durable_config(configuration::durable(&properties)?)
            .set_capacity_provider_config(configuration::capacity_provider(&properties)?)
            .set_code_signing_config_arn(properties.text("CodeSigningConfigArn")?)
            .set_tags(Some(all_tags(call, &properties)?.into_iter().collect()));
        let answer = early(request.send().await.or_fault("lambda:CreateFunction", FAULTS), TOO_EARLY)?;
        let name = answered(answer.function_name, "lambda:CreateFunction")?;
        let made = made(TYPE, Observed::new().with("FunctionName", Some(name)).with("Arn", answer.function_arn));
        let with_create = Observed::new().with("CodeSigningConfigArn", properties.raw("CodeSigningConfigArn").cloned());
        let rest = fresh(&made.id, with_create, want);
        settings::put(&lambda, &Changed::new(TYPE, &rest)).await.map_err(half_made(&made))?;
        Ok(if answer.state == Some(State::Pending) { pending(&made, "Pending") } else { Progress::Done(made) })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let answer = describe(&self.aws.lambda(&call.place).await, &so_far.id.0).await?;
        let Some(function) = answer.and_then(|answer| answer.configuration) else {
            return Ok(pending(so_far, "not visible yet"));
        };
        match function.state() {
            Some(State::Failed) => {
                let code = function.state_reason_code().map(|code| code.as_str());
                return Err(failed("lambda:CreateFunction", code, function.state_reason(), so_far));
            }
            Some(state @ (State::Pending | State::Deleting)) => return Ok(pending(so_far, state.as_str())),
            _ => {}
        }
        match function.last_update_status() {
            Some(LastUpdateStatus::Failed) => {
                let code = function.last_update_status_reason_code().map(|code| code.as_str());
                let reason = function.last_update_status_reason();
                Err(failed("lambda:UpdateFunctionConfiguration", code, reason, so_far))
            }
            Some(LastUpdateStatus::InProgress) => Ok(pending(so_far, "update in progress")),
            _ => Ok(visible(TYPE, so_far, Some(observed(&function)))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let lambda = self.aws.lambda(&call.place).await;
        let documents = each(ids.iter().map(|id| document(&lambda, &id.0))).await?;
        Ok(in_order(TYPE, ids, documents.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let lambda = self.aws.lambda(&call.place).await;
        let changed = Changed::new(TYPE, change);
        settings::put(&lambda, &changed).await?;
        retag(&lambda, &changed).await?;
        let is_reconfigured = configuration::is_touched(&changed);
        if code::is_touched(&changed)? && !(is_reconfigured && has_code(&lambda, &changed).await?) {
            let request = code::update(lambda.update_function_code(), &changed)?;
            request.send().await.or_fault("lambda:UpdateFunctionCode", BUSY)?;
        }
        if is_reconfigured {
            let request = configuration::update(lambda.update_function_configuration(), &changed)?;
            let outcome = request.send().await.or_fault("lambda:UpdateFunctionConfiguration", BUSY);
            early(outcome, TOO_EARLY)?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    /// A function that runs on instances takes its time.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.lambda(&call.place).await.delete_function().function_name(&id.0);
        match request.send().await.or_fault("lambda:DeleteFunction", BUSY) {
            Ok(answer) if answer.status_code == 202 => {
                Ok(Progress::Pending { so_far: (), note: "Deleting".to_owned() })
            }
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let Some(name) = want.text("FunctionName") else { return Ok(Vec::new()) };
        let answer = describe(&self.aws.lambda(&call.place).await, name).await?;
        let is_ours = |answer: &GetFunctionOutput| {
            answer.tags().and_then(|tags| tags.get(TAG_TOKEN)).is_some_and(|token| *token == call.token().0)
        };
        let ours = answer.filter(is_ours).and_then(|answer| answer.configuration);
        Ok(identities(TYPE, ours.iter().map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for FunctionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let lambda = self.aws.lambda(place).await;
        let functions: std::result::Result<Vec<FunctionConfiguration>, _> =
            lambda.list_functions().into_paginator().items().send().try_collect().await;
        let functions = functions.or_fault("lambda:ListFunctions", FAULTS)?;
        let names = functions.iter().filter_map(FunctionConfiguration::function_name);
        let documents = each(names.map(|name| document(&lambda, name))).await?;
        Ok(documents.into_iter().flatten().collect())
    }
}

async fn describe(lambda: &Client, name: &str) -> Result<Option<GetFunctionOutput>> {
    there(lambda.get_function().function_name(name).send().await.or_fault("lambda:GetFunction", FAULTS))
}

/// The whole document.
async fn document(lambda: &Client, name: &str) -> Result<Option<Doc>> {
    let Some(answer) = describe(lambda, name).await? else { return Ok(None) };
    let Some(function) = answer.configuration() else { return Ok(None) };
    let tags = answer.tags().into_iter().flatten();
    let tags = visible_tags(tags.map(|(key, value)| (Some(key.as_str()), Some(value.as_str()))));
    let concurrency = answer.concurrency().and_then(|concurrency| concurrency.reserved_concurrent_executions());
    let document = observed(function).with("ReservedConcurrentExecutions", concurrency).with_list("Tags", tags);
    let kind = Kind {
        is_archive: function.package_type() != Some(&PackageType::Image),
        is_on_instances: function.capacity_provider_config().is_some(),
    };
    Ok(Some(settings::read(lambda, name, document, kind).await?.into()))
}

/// A function whose code is an image is made as one, also where the stack leaves that to Lambda.
fn package_type(function: &Wanted<'_>) -> Result<Option<PackageType>> {
    let is_image = function.inner("Code")?.is_some_and(|code| code.raw("ImageUri").is_some());
    Ok(function.text("PackageType")?.or(is_image.then_some(PackageType::Image)))
}

/// Whether Lambda has the wanted code already: it tells the digest of what it is shown.
async fn has_code(lambda: &Client, change: &Changed<'_>) -> Result<bool> {
    let live = describe(lambda, change.id()).await?.and_then(|answer| answer.configuration);
    let request = code::update(lambda.update_function_code(), change)?.set_publish(None).set_publish_to(None);
    let shown = request.dry_run(true).send().await.or_fault("lambda:UpdateFunctionCode", BUSY)?;
    let is_same = |live: &FunctionConfiguration| {
        live.code_sha256.is_some()
            && live.code_sha256 == shown.code_sha256
            && (!change.touches("Architectures") || live.architectures == shown.architectures)
    };
    Ok(live.as_ref().is_some_and(is_same))
}

async fn retag(lambda: &Client, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if tags.put.is_empty() && tags.take.is_empty() {
        return Ok(());
    }
    let arn = describe(lambda, change.id()).await?.and_then(|answer| answer.configuration?.function_arn);
    if !tags.take.is_empty() {
        let request = lambda.untag_resource().set_resource(arn.clone()).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("lambda:UntagResource", BUSY)?;
    }
    if !tags.put.is_empty() {
        let request = lambda.tag_resource().set_resource(arn).set_tags(Some(tags.put.into_iter().collect()));
        request.send().await.or_fault("lambda:TagResource", BUSY)?;
    }
    Ok(())
}

fn observed(function: &FunctionConfiguration) -> Observed {
    configuration::observed(function)
}

/// How Lambda refuses what others have only just made: a role, what it may do, a key that the role may use, an access
/// point's mount targets.
const TOO_EARLY: &[&str] = &[
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "KMS key is invalid for CreateGrant",
    "not all are in the available life cycle state",
];

/// In a create, a conflict is a name that is taken.
const FAULTS: Codes =
    &[("CodeStorageExceededException", FaultKind::Quota), ("ResourceConflictException", FaultKind::AlreadyExists)];
