//! AWS::ECS::TaskDefinition
//! API: RegisterTaskDefinition, TagResource, UntagResource, DescribeTaskDefinition, ListTaskDefinitions,
//! DeregisterTaskDefinition.  Identity: TaskDefinitionArn.  Found by: family and owner tags, revision by revision.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecs::{
    Client,
    operation::describe_task_definition::DescribeTaskDefinitionOutput,
    types::{
        Compatibility, CpuArchitecture, EphemeralStorage, IpcMode, NetworkMode, OsFamily, PidMode, ProxyConfiguration,
        ProxyConfigurationType, RuntimePlatform, SortOrder, Tag, TaskDefinition, TaskDefinitionField,
        TaskDefinitionPlacementConstraint, TaskDefinitionPlacementConstraintType, TaskDefinitionStatus,
    },
};

use super::{
    refusals::told,
    tags::{is_ours, owned_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, in_order, made, only_id, structures, visible, words},
        faults::{Codes, OrFault, answered, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ECS::TaskDefinition";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(TaskDefinitionDriver { aws: aws.clone() })
}

struct TaskDefinitionDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for TaskDefinitionDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .ecs(&call.place)
            .await
            .register_task_definition()
            .family(family(call, want))
            .set_cpu(properties.text("Cpu")?)
            .set_memory(properties.text("Memory")?)
            .set_ephemeral_storage(properties.part("EphemeralStorage")?)
            .set_network_mode(properties.part("NetworkMode")?)
            .set_pid_mode(properties.part("PidMode")?)
            .set_ipc_mode(properties.part("IpcMode")?)
            .set_task_role_arn(properties.text("TaskRoleArn")?)
            .set_execution_role_arn(properties.text("ExecutionRoleArn")?)
            .set_requires_compatibilities(properties.part("RequiresCompatibilities")?)
            .set_runtime_platform(properties.part("RuntimePlatform")?)
            .set_placement_constraints(properties.part("PlacementConstraints")?)
            .set_proxy_configuration(properties.part("ProxyConfiguration")?)
            .set_enable_fault_injection(properties.flag("EnableFaultInjection")?)
            .set_container_definitions(Some(properties.part("ContainerDefinitions")?.unwrap_or_default()))
            .set_volumes(properties.part("Volumes")?)
            .set_tags(owned_tags(call, &properties)?);
        #[expect(deprecated, reason = "see `accelerator`")]
        let request = request.set_inference_accelerators(properties.part("InferenceAccelerators")?);
        let answer = told(request.send().await.or_fault("ecs:RegisterTaskDefinition", FAULTS))?;
        let definition = answer.task_definition.filter(|definition| definition.task_definition_arn.is_some());
        Ok(Progress::Done(made(TYPE, observed(&answered(definition, "ecs:RegisterTaskDefinition")?, &[]))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = document(&self.aws.ecs(&call.place).await, &so_far.id.0).await?;
        Ok(visible(TYPE, so_far, found))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let ecs = self.aws.ecs(&call.place).await;
        let found = each(ids.iter().map(|id| document(&ecs, &id.0))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    /// A revision never changes; only its tags do.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        retag(&self.aws.ecs(&call.place).await, changed.id(), &changed).await?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    /// A revision stays listed as inactive; that counts as gone.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ecs = self.aws.ecs(&call.place).await;
        let request = ecs.deregister_task_definition().task_definition(&id.0);
        match told(request.send().await.or_fault("ecs:DeregisterTaskDefinition", FAULTS)) {
            Err(fault) if fault.kind == FaultKind::Invalid => match describe(&ecs, &id.0).await? {
                None => Ok(Progress::Done(())),
                Some(_) => Err(fault),
            },
            outcome => gone(outcome),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let ecs = self.aws.ecs(&call.place).await;
        let arns = revisions(&ecs, Some(family(call, want))).await?;
        let found = each(arns.iter().map(|arn| describe(&ecs, arn))).await?;
        let ours = found.into_iter().flatten().filter(|(_, tags)| is_ours(tags, call));
        Ok(identities(TYPE, ours.map(|(definition, tags)| observed(&definition, &tags))))
    }
}

#[async_trait]
impl AwsDriver for TaskDefinitionDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let ecs = self.aws.ecs(place).await;
        let arns = revisions(&ecs, None).await?;
        let found = each(arns.iter().map(|arn| document(&ecs, arn))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The wanted family; else one made of whose definition it is, as the API must be given one.
fn family(call: &Call, want: &Doc) -> String {
    let made_up = || {
        let of = format!("{}-{}", call.owner.stack, call.owner.address);
        let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '-' };
        of.chars().take(255).map(allowed).collect()
    };
    want.text("Family").map_or_else(made_up, str::to_owned)
}

/// The ARNs of the active revisions, newest first.
async fn revisions(ecs: &Client, family: Option<String>) -> Result<Vec<String>> {
    let request = ecs.list_task_definitions().set_family_prefix(family).sort(SortOrder::Desc);
    let found = request.into_paginator().items().send().try_collect().await;
    found.or_fault("ecs:ListTaskDefinitions", FAULTS)
}

/// The revision and its tags, unless it is deregistered.
async fn describe(ecs: &Client, arn: &str) -> Result<Option<(TaskDefinition, Vec<Tag>)>> {
    let request = ecs.describe_task_definition().task_definition(arn).include(TaskDefinitionField::Tags);
    match told(request.send().await.or_fault("ecs:DescribeTaskDefinition", FAULTS)) {
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
        Ok(DescribeTaskDefinitionOutput { task_definition, tags, .. }) => {
            let active = task_definition
                .filter(|definition| definition.status.as_ref().is_none_or(|s| *s == TaskDefinitionStatus::Active));
            Ok(active.map(|definition| (definition, tags.unwrap_or_default())))
        }
    }
}

async fn document(ecs: &Client, arn: &str) -> Result<Option<Doc>> {
    Ok(describe(ecs, arn).await?.map(|(definition, tags)| observed(&definition, &tags).into()))
}

words! {
    Compatibility, CpuArchitecture, IpcMode, NetworkMode, OsFamily, PidMode, ProxyConfigurationType,
    TaskDefinitionPlacementConstraintType
}

structures! {
    EphemeralStorage { "SizeInGiB": size_in_gib set_size_in_gib }
    RuntimePlatform {
        "CpuArchitecture": cpu_architecture set_cpu_architecture,
        "OperatingSystemFamily": operating_system_family set_operating_system_family,
    }
    TaskDefinitionPlacementConstraint { "Type": r#type set_type, "Expression": expression set_expression }
    ProxyConfiguration {
        "Type": r#type set_type, "ContainerName": container_name set_container_name,
        "ProxyConfigurationProperties": properties set_properties,
    }
}

fn observed(definition: &TaskDefinition, tags: &[Tag]) -> Observed {
    Observed::new()
        .with("TaskDefinitionArn", definition.task_definition_arn())
        .with("Family", definition.family())
        .with("Cpu", definition.cpu())
        .with("Memory", definition.memory())
        .with_part("EphemeralStorage", &definition.ephemeral_storage)
        .with_part("NetworkMode", &definition.network_mode)
        .with_part("PidMode", &definition.pid_mode)
        .with_part("IpcMode", &definition.ipc_mode)
        .with("TaskRoleArn", definition.task_role_arn())
        .with("ExecutionRoleArn", definition.execution_role_arn())
        .with_part("RequiresCompatibilities", &definition.requires_compatibilities)
        .with_part("RuntimePlatform", &definition.runtime_platform)
        .with_part("PlacementConstraints", &definition.placement_constraints)
        .with_part("ProxyConfiguration", &definition.proxy_configuration)
        .with_part("InferenceAccelerators", &definition.inference_accelerators)
        .with("EnableFaultInjection", definition.enable_fault_injection)
        .with_part("ContainerDefinitions", &definition.container_definitions)
        .with_part("Volumes", &definition.volumes)
        .with_list("Tags", tags_of(tags))
}

/// No code means anything special to this API; its refusals are told apart by their words.
const FAULTS: Codes = &[];
