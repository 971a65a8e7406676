//! AWS::ECS::Service
//! API: CreateService, UpdateService, TagResource, UntagResource, DescribeServices, ListServices, ListClusters,
//! DeleteService.  Identity: ServiceArn and Cluster.  Found by: name in its cluster, verified by the owner tags; the create
//! call carries a client token.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, Deployment, PropagateTags, SchedulingStrategy, Service, ServiceConnectConfiguration,
    ServiceField,
};

use super::{
    cluster::all_clusters,
    deployment::changed_configuration,
    refusals::told,
    rollout::{begun, settled},
    tags::{is_ours, owned_tags, retag, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, each, identities, made, only_id, pending},
        faults::{Codes, OrFault, answered, gone, there},
    },
    base::{Doc, Path, PhysicalId, Place},
    driver::{
        Call, Change, Driver,
        FaultKind::{self, Invalid, NotReady},
        Made, Progress, Removal, Result,
    },
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ECS::Service";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ServiceDriver { aws: aws.clone() })
}

/// How many services one describe may name.
const MOST: usize = 10;

/// The cluster that the API means where none is named.
const DEFAULT_CLUSTER: &str = "default";

struct ServiceDriver {
    aws: Clients,
}

impl ServiceDriver {
    /// The services of these names or ARNs in a cluster. A deleted one stays in sight as inactive, and is not there.
    async fn describe(&self, place: &Place, cluster: &str, names: &[&str]) -> Result<Vec<Service>> {
        let ecs = self.aws.ecs(place).await;
        let batches = names.chunks(MOST).map(|names| {
            let request = ecs
                .describe_services()
                .cluster(cluster)
                .set_services(Some(names.iter().map(|name| (*name).to_owned()).collect()))
                .include(ServiceField::Tags);
            async move {
                let answer = there(told(request.send().await.or_fault("ecs:DescribeServices", FAULTS)))?;
                Ok(answer.and_then(|answer| answer.services).unwrap_or_default())
            }
        });
        let found = each(batches).await?.into_iter().flatten();
        Ok(found.filter(|service| service.status() != Some("INACTIVE")).collect())
    }

    async fn by_id(&self, place: &Place, id: &PhysicalId) -> Result<Option<Service>> {
        let (arn, cluster) = parts(id);
        Ok(self.describe(place, cluster, &[arn]).await?.pop())
    }

    /// Every service of a cluster; none if there is no such cluster.
    async fn all(&self, place: &Place, cluster: &str) -> Result<Vec<Service>> {
        let request = self.aws.ecs(place).await.list_services().cluster(cluster);
        let arns = request.into_paginator().items().send().try_collect().await;
        let arns: Vec<String> = match arns.or_fault("ecs:ListServices", FAULTS) {
            Err(fault) if fault.kind == FaultKind::NotFound => return Ok(Vec::new()),
            arns => arns?,
        };
        self.describe(place, cluster, &arns.iter().map(String::as_str).collect::<Vec<_>>()).await
    }
}

#[async_trait]
impl Driver for ServiceDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .ecs(&call.place)
            .await
            .create_service()
            .client_token(&call.token().0)
            .set_cluster(properties.text("Cluster")?)
            .set_service_name(properties.text("ServiceName")?)
            .set_task_definition(properties.text("TaskDefinition")?)
            .set_desired_count(desired_count(&properties)?)
            .set_scheduling_strategy(properties.part("SchedulingStrategy")?)
            .set_launch_type(properties.part("LaunchType")?)
            .set_platform_version(properties.text("PlatformVersion")?)
            .set_capacity_provider_strategy(properties.part("CapacityProviderStrategy")?)
            .set_placement_constraints(properties.part("PlacementConstraints")?)
            .set_placement_strategy(properties.part("PlacementStrategies")?)
            .set_availability_zone_rebalancing(properties.part("AvailabilityZoneRebalancing")?)
            .set_network_configuration(properties.part("NetworkConfiguration")?)
            .set_load_balancers(properties.part("LoadBalancers")?)
            .set_health_check_grace_period_seconds(properties.whole("HealthCheckGracePeriodSeconds")?)
            .set_role(properties.text("Role")?)
            .set_service_registries(properties.part("ServiceRegistries")?)
            .set_service_connect_configuration(properties.part("ServiceConnectConfiguration")?)
            .set_vpc_lattice_configurations(properties.part("VpcLatticeConfigurations")?)
            .set_gateway_connectors(properties.part("GatewayConnectors")?)
            .set_volume_configurations(properties.part("VolumeConfigurations")?)
            .set_monitoring(properties.part("Monitoring")?)
            .set_deployment_controller(properties.part("DeploymentController")?)
            .set_deployment_configuration(properties.part("DeploymentConfiguration")?)
            .set_enable_execute_command(properties.flag("EnableExecuteCommand")?)
            .set_enable_ecs_managed_tags(properties.flag("EnableECSManagedTags")?)
            .set_propagate_tags(properties.part("PropagateTags")?)
            .set_tags(owned_tags(call, &properties)?);
        let answer = told(request.send().await.or_fault("ecs:CreateService", FAULTS))?;
        let service = answer.service.filter(|service| service.service_arn.is_some());
        let service = answered(service, "ecs:CreateService")?;
        settled(&service, &begun(made(TYPE, observed(&service)), &service))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        match self.by_id(&call.place, &so_far.id).await? {
            Some(service) => {
                let mut known = so_far.clone();
                known.attributes.0.extend(made(TYPE, observed(&service)).attributes.0);
                settled(&service, &known)
            }
            None => Ok(pending(so_far, "not visible yet")),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let mut by_cluster: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (arn, cluster) in ids.iter().map(parts) {
            by_cluster.entry(cluster).or_default().push(arn);
        }
        let found = each(by_cluster.into_iter().map(|(cluster, arns)| async move {
            let found = self.describe(&call.place, cluster, &arns).await?;
            Ok(found.into_iter().filter(stands).map(|service| (cluster, service)).collect::<Vec<_>>())
        }));
        let found = found.await?.concat();
        let document = |id: &PhysicalId| {
            let (arn, cluster) = parts(id);
            let is_meant = |found: &&(&str, Service)| found.0 == cluster && found.1.service_arn() == Some(arn);
            // The cluster is part of the identity, in the form in which the identity has it: a name or an ARN.
            let (_, service) = found.iter().find(is_meant)?;
            Some(observed(service).with("Cluster", Some(cluster)).into())
        };
        Ok(ids.iter().map(document).collect())
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ecs = self.aws.ecs(&call.place).await;
        let changed = Changed::new(TYPE, change);
        let (arn, _) = parts(&change.id);
        let mut known = only_id(&change.id);
        if change.paths.iter().filter_map(Path::property).any(|name| name != "Tags") {
            known = self.change(call, &changed, known).await?;
        }
        retag(&ecs, arn, &changed).await?;
        self.poll(call, &known).await
    }

    /// Without waiting for the service to be scaled down first: ECS drains its tasks all the same.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let (arn, cluster) = parts(id);
        let found = self.by_id(&call.place, id).await?;
        if found.as_ref().is_none_or(stands) {
            // One that does not show may only be too new to be seen, so the delete is sent all the same.
            let request = self.aws.ecs(&call.place).await.delete_service().cluster(cluster).service(arn).force(true);
            let deleted = told(request.send().await.or_fault("ecs:DeleteService", FAULTS));
            let left = deleted.as_ref().ok().and_then(|answer| answer.service()).and_then(Service::status);
            if deleted.is_err() || left == Some("INACTIVE") {
                return gone(deleted);
            }
        }
        Ok(Progress::Pending { so_far: (), note: "draining".to_owned() })
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let cluster = want.text("Cluster").unwrap_or(DEFAULT_CLUSTER);
        let found = match want.text("ServiceName") {
            Some(name) => self.describe(&call.place, cluster, &[name]).await?,
            None => self.all(&call.place, cluster).await?,
        };
        Ok(identities(TYPE, found.iter().filter(|service| is_ours(service.tags(), call)).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

impl ServiceDriver {
    /// Sends what changed, and remembers the deployment that this begins.
    async fn change(&self, call: &Call, changed: &Changed<'_>, known: Made) -> Result<Made> {
        let has_strategy = changed.want.raw("CapacityProviderStrategy").is_some();
        if changed.want.raw("LaunchType").is_some() || !has_strategy {
            changed.refuse(&["LaunchType"])?;
        }
        let (arn, cluster) = parts(&known.id);
        let no_connect = ServiceConnectConfiguration::builder().enabled(false).build();
        let request = self
            .aws
            .ecs(&call.place)
            .await
            .update_service()
            .cluster(cluster)
            .service(arn)
            .set_task_definition(changed.part("TaskDefinition")?)
            .set_desired_count(changed.part("DesiredCount")?)
            .set_platform_version(changed.part_or("PlatformVersion", "LATEST".to_owned())?)
            .set_capacity_provider_strategy(changed.part_or("CapacityProviderStrategy", Vec::new())?)
            .set_placement_constraints(changed.part_or("PlacementConstraints", Vec::new())?)
            .set_placement_strategy(changed.part_or("PlacementStrategies", Vec::new())?)
            .set_availability_zone_rebalancing(
                changed.part_or("AvailabilityZoneRebalancing", AvailabilityZoneRebalancing::Enabled)?,
            )
            .set_network_configuration(changed.part("NetworkConfiguration")?)
            .set_load_balancers(changed.part_or("LoadBalancers", Vec::new())?)
            .set_health_check_grace_period_seconds(changed.part_or("HealthCheckGracePeriodSeconds", 0)?)
            .set_service_registries(changed.part_or("ServiceRegistries", Vec::new())?)
            .set_service_connect_configuration(changed.part_or("ServiceConnectConfiguration", no_connect)?)
            .set_vpc_lattice_configurations(changed.part_or("VpcLatticeConfigurations", Vec::new())?)
            .set_gateway_connectors(changed.part_or("GatewayConnectors", Vec::new())?)
            .set_volume_configurations(changed.part_or("VolumeConfigurations", Vec::new())?)
            .set_monitoring(changed.part("Monitoring")?)
            .set_deployment_controller(changed.part("DeploymentController")?)
            .set_deployment_configuration(changed_configuration(changed)?)
            .set_enable_execute_command(changed.part_or("EnableExecuteCommand", false)?)
            .set_enable_ecs_managed_tags(changed.part_or("EnableECSManagedTags", false)?)
            .set_propagate_tags(changed.part_or("PropagateTags", PropagateTags::None)?)
            .set_force_new_deployment(is_forced(changed)?.then_some(true));
        let answer = told(request.send().await.or_fault("ecs:UpdateService", FAULTS))?;
        Ok(begun(known, &answered(answer.service, "ecs:UpdateService")?))
    }
}

#[async_trait]
impl AwsDriver for ServiceDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let clusters = all_clusters(&self.aws.ecs(place).await).await?;
        let found = each(clusters.iter().map(|cluster| self.all(place, cluster))).await?;
        Ok(found.iter().flatten().filter(|service| stands(service)).map(|service| observed(service).into()).collect())
    }
}

/// The ARN and the cluster of an identity; ARNs of today name the cluster, too.
fn parts(id: &PhysicalId) -> (&str, &str) {
    let in_arn = || match id.0.rsplit(':').next().map(|tail| tail.split('/').collect::<Vec<_>>()).as_deref() {
        Some([_, cluster, _]) => (id.0.as_str(), *cluster),
        _ => (id.0.as_str(), DEFAULT_CLUSTER),
    };
    id.0.split_once('|').unwrap_or_else(in_arn)
}

/// One that is being drained for its deletion is on its way out.
fn stands(service: &Service) -> bool {
    service.status() != Some("DRAINING")
}

/// How many tasks a new service runs: one, if nothing is said, as in CloudFormation; a daemon is told by its instances.
fn desired_count(want: &Wanted<'_>) -> Result<Option<i32>> {
    let is_daemon = want.part("SchedulingStrategy")? == Some(SchedulingStrategy::Daemon);
    Ok(want.whole("DesiredCount")?.or((!is_daemon).then_some(1)))
}

/// Whether tasks are to be replaced although their definition stays: asked for, or needed for another strategy.
fn is_forced(change: &Changed<'_>) -> Result<bool> {
    let wish = if change.touches("ForceNewDeployment") { change.want.inner("ForceNewDeployment")? } else { None };
    let wish = wish.map(|wish| wish.flag("EnableForceNewDeployment")).transpose()?.flatten();
    Ok(wish.unwrap_or_default() || change.touches("CapacityProviderStrategy"))
}

fn observed(service: &Service) -> Observed {
    let current = service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"));
    let lattice = current.map(Deployment::vpc_lattice_configurations).unwrap_or_default().to_vec();
    let propagated = service.propagate_tags.clone().filter(|source| *source != PropagateTags::None);
    Observed::new()
        .with("ServiceArn", service.service_arn())
        .with("Name", service.service_name())
        .with("ServiceName", service.service_name())
        .with("Cluster", service.cluster_arn())
        .with("TaskDefinition", service.task_definition())
        .with("DesiredCount", Some(service.desired_count))
        .with_part("SchedulingStrategy", &service.scheduling_strategy)
        .with_part("LaunchType", &service.launch_type)
        .with("PlatformVersion", service.platform_version())
        .with_part("CapacityProviderStrategy", &service.capacity_provider_strategy)
        .with_part("PlacementConstraints", &service.placement_constraints)
        .with_part("PlacementStrategies", &service.placement_strategy)
        .with_part("AvailabilityZoneRebalancing", &service.availability_zone_rebalancing)
        .with_part("NetworkConfiguration", &service.network_configuration)
        .with_part("LoadBalancers", &service.load_balancers)
        .with("HealthCheckGracePeriodSeconds", service.health_check_grace_period_seconds)
        .with("Role", service.role_arn())
        .with_part("ServiceRegistries", &service.service_registries)
        .with_part("VpcLatticeConfigurations", &lattice)
        .with_part("DeploymentController", &service.deployment_controller)
        .with_part("DeploymentConfiguration", &service.deployment_configuration)
        .with("EnableExecuteCommand", Some(service.enable_execute_command))
        .with("EnableECSManagedTags", Some(service.enable_ecs_managed_tags))
        .with_part("PropagateTags", &propagated)
        .with_list("Tags", tags_of(service.tags()))
}

/// A service that is no longer active counts as gone; what a platform cannot do stays wrong.
const FAULTS: Codes = &[
    ("ConflictException", NotReady),
    ("PlatformTaskDefinitionIncompatibilityException", Invalid),
    ("PlatformUnknownException", Invalid),
    ("ServiceNotActiveException", FaultKind::NotFound),
    ("UnsupportedFeatureException", Invalid),
];
