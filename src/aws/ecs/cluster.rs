//! AWS::ECS::Cluster
//! API: CreateCluster, UpdateCluster, PutClusterCapacityProviders, TagResource, UntagResource, DescribeClusters,
//! ListClusters, DeleteCluster (and ListServices, ListTasks for what still runs there).  Identity: ClusterName.
//! Found by: that name, verified by the owner tags. The create call returns a cluster that has the name already.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecs::{
    Client,
    types::{
        Cluster, ClusterConfiguration, ClusterField, ClusterServiceConnectDefaultsRequest, ClusterSetting,
        ClusterSettingName, ExecuteCommandConfiguration, ExecuteCommandLogConfiguration, ExecuteCommandLogging,
        ManagedStorageConfiguration,
    },
};

use super::{
    refusals::told,
    tags::{is_ours, owned_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, each, identities, in_order, made, only_id, pending, structures, visible, words,
        },
        faults::{Codes, OrFault, answered, failed, gone_unless_used},
    },
    base::{Doc, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{InUse, NotReady},
        Made, Progress, Removal, Result,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ECS::Cluster";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ClusterDriver { aws: aws.clone() })
}

/// How many clusters one describe may name.
const MOST: usize = 100;

struct ClusterDriver {
    aws: Clients,
}

impl ClusterDriver {
    /// The clusters of these names or ARNs. A deleted one stays in sight as inactive for a while, and is not there.
    async fn describe(&self, place: &Place, names: &[&str]) -> Result<Vec<Cluster>> {
        use ClusterField::{Attachments, Configurations, Settings, Tags};
        let ecs = self.aws.ecs(place).await;
        let batches = names.chunks(MOST).map(|names| {
            let request = ecs
                .describe_clusters()
                .set_clusters(Some(names.iter().map(|name| (*name).to_owned()).collect()))
                .set_include(Some(vec![Attachments, Configurations, Settings, Tags]));
            async move { request.send().await.or_fault("ecs:DescribeClusters", FAULTS) }
        });
        let answers = each(batches).await?;
        let found = answers.into_iter().flat_map(|answer| answer.clusters.unwrap_or_default());
        Ok(found.filter(|cluster| cluster.status() != Some("INACTIVE")).collect())
    }

    async fn named(&self, place: &Place, want: &Doc) -> Result<Vec<Cluster>> {
        match want.text("ClusterName") {
            Some(name) => self.describe(place, &[name]).await,
            None => Ok(Vec::new()),
        }
    }
}

#[async_trait]
impl Driver for ClusterDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("ClusterName")?;
        let name = name
            .ok_or_else(|| properties.invalid("give it a `ClusterName`; without one, AWS would call it `default`"))?;
        let request = self
            .aws
            .ecs(&call.place)
            .await
            .create_cluster()
            .cluster_name(name)
            .set_settings(properties.part("ClusterSettings")?)
            .set_configuration(properties.part("Configuration")?)
            .set_capacity_providers(properties.texts("CapacityProviders")?)
            .set_default_capacity_provider_strategy(properties.part("DefaultCapacityProviderStrategy")?)
            .set_service_connect_defaults(properties.part("ServiceConnectDefaults")?)
            .set_tags(owned_tags(call, &properties)?);
        let answer = told(request.send().await.or_fault("ecs:CreateCluster", FAULTS))?;
        let cluster = answered(answer.cluster.filter(|cluster| cluster.cluster_name.is_some()), "ecs:CreateCluster")?;
        settled(&cluster, &made(TYPE, observed(&cluster)))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        match self.describe(&call.place, &[&so_far.id.0]).await?.first() {
            Some(cluster) => settled(cluster, so_far),
            None => Ok(pending(so_far, "not visible yet")),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let names: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
        let found = self.describe(&call.place, &names).await?;
        Ok(in_order(TYPE, ids, found.iter().filter(|cluster| !is_leaving(cluster)).map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ecs = self.aws.ecs(&call.place).await;
        let changed = Changed::new(TYPE, change);
        if ["ClusterSettings", "Configuration", "ServiceConnectDefaults"].iter().any(|name| changed.touches(name)) {
            let request = ecs
                .update_cluster()
                .cluster(changed.id())
                .set_settings(settings(&changed)?)
                .set_configuration(configuration(&changed)?)
                .set_service_connect_defaults(connect_defaults(&changed)?);
            told(request.send().await.or_fault("ecs:UpdateCluster", FAULTS))?;
        }
        if changed.touches("CapacityProviders") || changed.touches("DefaultCapacityProviderStrategy") {
            let strategy = changed.want.part("DefaultCapacityProviderStrategy")?;
            let request = ecs
                .put_cluster_capacity_providers()
                .cluster(changed.id())
                .set_capacity_providers(Some(changed.want.texts("CapacityProviders")?.unwrap_or_default()))
                .set_default_capacity_provider_strategy(Some(strategy.unwrap_or_default()));
            told(request.send().await.or_fault("ecs:PutClusterCapacityProviders", FAULTS))?;
        }
        if changed.touches("Tags") {
            let found = self.describe(&call.place, &[changed.id()]).await?;
            let arn = found.first().and_then(Cluster::cluster_arn).unwrap_or(changed.id());
            retag(&ecs, arn, &changed).await?;
        }
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let ecs = self.aws.ecs(&call.place).await;
        let going = || Ok(Progress::Pending { so_far: (), note: "deprovisioning".to_owned() });
        if self.describe(&call.place, &[&id.0]).await?.first().is_some_and(is_leaving) {
            return going();
        }
        // One that does not show may only be too new to be seen, so the delete is sent all the same.
        let deleted = told(ecs.delete_cluster().cluster(&id.0).send().await.or_fault("ecs:DeleteCluster", FAULTS));
        let left = deleted.as_ref().ok().and_then(|answer| answer.cluster());
        if left.is_some_and(is_leaving) {
            return going();
        }
        gone_unless_used(deleted, contents(&ecs, &id.0)).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.named(&call.place, want).await?;
        Ok(identities(TYPE, found.iter().filter(|cluster| is_ours(cluster.tags(), call)).map(observed)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        let found = self.named(&call.place, want).await?;
        let theirs = found.iter().filter(|cluster| !is_leaving(cluster) && !is_ours(cluster.tags(), call));
        Ok(identities(TYPE, theirs.map(observed)).pop())
    }
}

#[async_trait]
impl AwsDriver for ClusterDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let arns = all_clusters(&self.aws.ecs(place).await).await?;
        let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
        let found = self.describe(place, &arns).await?;
        Ok(found.iter().filter(|cluster| !is_leaving(cluster)).map(|cluster| observed(cluster).into()).collect())
    }
}

/// The ARNs of all clusters of a place.
pub async fn all_clusters(ecs: &Client) -> Result<Vec<String>> {
    let found = ecs.list_clusters().into_paginator().items().send().try_collect().await;
    found.or_fault("ecs:ListClusters", FAULTS)
}

fn is_leaving(cluster: &Cluster) -> bool {
    cluster.status() == Some("DEPROVISIONING")
}

/// Where a cluster stands: its capacity providers are attached after it exists.
fn settled(cluster: &Cluster, so_far: &Made) -> Result<Progress<Made>> {
    let attaching = cluster.attachments_status();
    match (cluster.status(), attaching) {
        (Some(status @ ("FAILED" | "DEPROVISIONING")), _) => {
            let message = format!("the cluster is {}", status.to_lowercase());
            Err(failed("ecs:CreateCluster", None, Some(&message), so_far))
        }
        (_, Some("UPDATE_FAILED")) => {
            let message = "its capacity providers could not be attached; see the cluster's attachments";
            Err(failed("ecs:PutClusterCapacityProviders", None, Some(message), so_far))
        }
        (Some("PROVISIONING"), _) => Ok(pending(so_far, "provisioning")),
        (_, Some("UPDATE_IN_PROGRESS")) => Ok(pending(so_far, "attaching capacity providers")),
        _ => Ok(visible(TYPE, so_far, Some(observed(cluster)))),
    }
}

/// What still runs in a cluster.
async fn contents(ecs: &Client, name: &str) -> Vec<String> {
    let services = ecs.list_services().cluster(name).into_paginator().items().send().try_collect();
    let tasks = ecs.list_tasks().cluster(name).into_paginator().items().send().try_collect();
    let (services, tasks) = tokio::join!(services, tasks);
    let services = services.unwrap_or_default().into_iter().map(|arn| format!("service {}", last(&arn)));
    services.chain(tasks.unwrap_or_default().into_iter().map(|arn| format!("task {}", last(&arn)))).collect()
}

fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The settings; one that is taken away is switched off, for the API only ever sets.
fn settings(change: &Changed<'_>) -> Result<Option<Vec<ClusterSetting>>> {
    let Some(mut settings) = change.part_or::<Vec<ClusterSetting>>("ClusterSettings", Vec::new())? else {
        return Ok(None);
    };
    for before in change.before.part::<Vec<ClusterSetting>>("ClusterSettings")?.unwrap_or_default() {
        if !settings.iter().any(|setting| setting.name == before.name) {
            settings.push(ClusterSetting::builder().set_name(before.name).value("disabled").build());
        }
    }
    Ok(Some(settings))
}

/// The configuration; a part that is taken away goes back to what AWS has without it.
fn configuration(change: &Changed<'_>) -> Result<Option<ClusterConfiguration>> {
    let nothing = ClusterConfiguration::builder().build();
    let Some(mut wanted) = change.part_or("Configuration", nothing)? else { return Ok(None) };
    let before = change.before.part::<ClusterConfiguration>("Configuration")?;
    if before.as_ref().is_some_and(|before| before.execute_command_configuration.is_some()) {
        let default = || ExecuteCommandConfiguration::builder().logging(ExecuteCommandLogging::Default).build();
        wanted.execute_command_configuration.get_or_insert_with(default);
    }
    if before.is_some_and(|before| before.managed_storage_configuration.is_some()) {
        wanted.managed_storage_configuration.get_or_insert_with(|| ManagedStorageConfiguration::builder().build());
    }
    Ok(Some(wanted))
}

/// The namespace for Service Connect; an empty one takes it away.
fn connect_defaults(change: &Changed<'_>) -> Result<Option<ClusterServiceConnectDefaultsRequest>> {
    if !change.touches("ServiceConnectDefaults") {
        return Ok(None);
    }
    let none = || ClusterServiceConnectDefaultsRequest::builder().namespace("").build().ok();
    Ok(change.want.part("ServiceConnectDefaults")?.or_else(none))
}

words! { ClusterSettingName, ExecuteCommandLogging }

structures! {
    ClusterSetting { "Name": name set_name, "Value": value set_value }
    ClusterConfiguration {
        "ExecuteCommandConfiguration": execute_command_configuration set_execute_command_configuration,
        "ManagedStorageConfiguration": managed_storage_configuration set_managed_storage_configuration,
    }
    ExecuteCommandConfiguration {
        "KmsKeyId": kms_key_id set_kms_key_id,
        "Logging": logging set_logging,
        "LogConfiguration": log_configuration set_log_configuration,
    }
    ExecuteCommandLogConfiguration {
        "CloudWatchLogGroupName": cloud_watch_log_group_name set_cloud_watch_log_group_name,
        "CloudWatchEncryptionEnabled": cloud_watch_encryption_enabled set_cloud_watch_encryption_enabled,
        "S3BucketName": s3_bucket_name set_s3_bucket_name,
        "S3EncryptionEnabled": s3_encryption_enabled set_s3_encryption_enabled,
        "S3KeyPrefix": s3_key_prefix set_s3_key_prefix,
    }
    ManagedStorageConfiguration {
        "KmsKeyId": kms_key_id set_kms_key_id,
        "FargateEphemeralStorageKmsKeyId":
            fargate_ephemeral_storage_kms_key_id set_fargate_ephemeral_storage_kms_key_id,
    }
    ClusterServiceConnectDefaultsRequest { "Namespace": namespace set_namespace }
}

fn observed(cluster: &Cluster) -> Observed {
    Observed::new()
        .with("ClusterName", cluster.cluster_name())
        .with("Arn", cluster.cluster_arn())
        .with_part("ClusterSettings", &cluster.settings)
        .with_part("Configuration", &cluster.configuration)
        .with_part("CapacityProviders", &cluster.capacity_providers)
        .with_part("DefaultCapacityProviderStrategy", &cluster.default_capacity_provider_strategy)
        .with_list("Tags", tags_of(cluster.tags()))
}

/// A cluster is only deleted empty, and changed by one call at a time.
const FAULTS: Codes = &[
    ("ClusterContainsCapacityProviderException", InUse),
    ("ClusterContainsContainerInstancesException", InUse),
    ("ClusterContainsServicesException", InUse),
    ("ClusterContainsTasksException", InUse),
    ("UpdateInProgressException", NotReady),
];
