//! AWS::ApplicationAutoScaling::ScalingPolicy
//! API: PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy.  Identity: Arn and ScalableDimension.
//! Found by: name and what it scales. The API has no tags for policies, and its put changes a policy that is there already.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::{
    operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder,
    types::{ScalingPolicy, ServiceNamespace},
};

use super::{refusals::told, scaled::Scaled};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(ScalingPolicyDriver { aws: aws.clone() })
}

/// How many policies one describe may name.
const MOST: usize = 50;

struct ScalingPolicyDriver {
    aws: Clients,
}

impl ScalingPolicyDriver {
    /// The policies of a service that have one of these names, or all of them.
    async fn describe(
        &self,
        place: &Place,
        namespace: &ServiceNamespace,
        names: Option<Vec<String>>,
    ) -> Result<Vec<ScalingPolicy>> {
        let request = self.aws.application_autoscaling(place).await.describe_scaling_policies();
        let request = request.service_namespace(namespace.clone()).set_policy_names(names);
        let found = request.into_paginator().items().send().try_collect().await;
        found.or_fault("application-autoscaling:DescribeScalingPolicies", FAULTS)
    }

    /// The policy that has the wanted name and scales what is wanted, if there is one.
    async fn named(&self, place: &Place, want: &Doc) -> Result<Vec<ScalingPolicy>> {
        let properties = Wanted::new(TYPE, want);
        let (scaled, name) = (Scaled::wanted(&properties)?, name(&properties)?);
        let mut found = self.describe(place, &scaled.namespace, Some(vec![name.clone()])).await?;
        found.retain(|policy| {
            let its = (&policy.policy_name, &policy.resource_id, &policy.scalable_dimension);
            its == (&name, &scaled.resource, &scaled.dimension)
        });
        Ok(found)
    }

    async fn put(&self, place: &Place, want: &Doc) -> Result<PutScalingPolicyFluentBuilder> {
        let properties = Wanted::new(TYPE, want);
        let scaled = Scaled::wanted(&properties)?;
        let request = self
            .aws
            .application_autoscaling(place)
            .await
            .put_scaling_policy()
            .policy_name(name(&properties)?)
            .service_namespace(scaled.namespace)
            .resource_id(scaled.resource)
            .scalable_dimension(scaled.dimension)
            .set_policy_type(properties.text("PolicyType")?)
            .set_step_scaling_policy_configuration(properties.part("StepScalingPolicyConfiguration")?)
            .set_target_tracking_scaling_policy_configuration(
                properties.part("TargetTrackingScalingPolicyConfiguration")?,
            )
            .set_predictive_scaling_policy_configuration(properties.part("PredictiveScalingPolicyConfiguration")?);
        Ok(request)
    }
}

#[async_trait]
impl Driver for ScalingPolicyDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let request = self.put(&call.place, want).await?;
        let dimension = request.get_scalable_dimension().clone();
        let answer = told(request.send().await.or_fault("application-autoscaling:PutScalingPolicy", FAULTS))?;
        let document = Observed::new()
            .with("Arn", Some(answer.policy_arn))
            .with("ScalableDimension", dimension.as_ref().map(|dimension| dimension.as_str()));
        Ok(Progress::Done(made(TYPE, document)))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.read(call, std::slice::from_ref(&so_far.id)).await?.pop().flatten();
        Ok(visible(TYPE, so_far, found))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let mut by_service: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (scaled, name) in ids.iter().filter_map(parts) {
            by_service.entry(scaled.namespace.as_str().to_owned()).or_default().push(name);
        }
        let batches = by_service.iter().flat_map(|(namespace, names)| {
            names.chunks(MOST).map(move |names| (ServiceNamespace::from(namespace.as_str()), names.to_vec()))
        });
        let found =
            batches.map(|(namespace, names)| async move { self.describe(&call.place, &namespace, Some(names)).await });
        Ok(in_order(TYPE, ids, each(found).await?.iter().flatten().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let request = self.put(&call.place, &change.want).await?;
        told(request.send().await.or_fault("application-autoscaling:PutScalingPolicy", FAULTS))?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let Some((scaled, name)) = parts(id) else { return Ok(Progress::Done(())) };
        let request = self
            .aws
            .application_autoscaling(&call.place)
            .await
            .delete_scaling_policy()
            .policy_name(name)
            .service_namespace(scaled.namespace)
            .resource_id(scaled.resource)
            .scalable_dimension(scaled.dimension);
        gone(request.send().await.or_fault("application-autoscaling:DeleteScalingPolicy", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        Ok(identities(TYPE, self.named(&call.place, want).await?.iter().map(observed)))
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(self.find(call, want).await?.pop())
    }
}

#[async_trait]
impl AwsDriver for ScalingPolicyDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let services = ServiceNamespace::values().iter().map(|name| ServiceNamespace::from(*name));
        let found = services.map(|namespace| async move { self.describe(place, &namespace, None).await });
        Ok(each(found).await?.iter().flatten().map(|policy| observed(policy).into()).collect())
    }
}

fn name(properties: &Wanted<'_>) -> Result<String> {
    let missing = || properties.invalid("`PolicyName` is missing; give the policy a name");
    properties.text("PolicyName")?.ok_or_else(missing)
}

/// What a policy scales and its name; its ARN tells both:
/// `…:scalingPolicy:<uuid>:resource/ecs/service/main/web:policyName/cpu`.
fn parts(id: &PhysicalId) -> Option<(Scaled, String)> {
    let (arn, dimension) = id.0.rsplit_once('|')?;
    let (head, name) = arn.rsplit_once(":policyName/")?;
    let (namespace, resource) = head.split_once(":resource/")?.1.split_once('/')?;
    let scaled = Scaled { namespace: namespace.into(), resource: resource.to_owned(), dimension: dimension.into() };
    Some((scaled, name.to_owned()))
}

fn observed(policy: &ScalingPolicy) -> Observed {
    Observed::new()
        .with("Arn", Some(policy.policy_arn()))
        .with("PolicyName", Some(policy.policy_name()))
        .with("PolicyType", Some(policy.policy_type().as_str()))
        .with("ServiceNamespace", Some(policy.service_namespace().as_str()))
        .with("ResourceId", Some(policy.resource_id()))
        .with("ScalableDimension", Some(policy.scalable_dimension().as_str()))
        .with_part("StepScalingPolicyConfiguration", &policy.step_scaling_policy_configuration)
        .with_part("TargetTrackingScalingPolicyConfiguration", &policy.target_tracking_scaling_policy_configuration)
        .with_part("PredictiveScalingPolicyConfiguration", &policy.predictive_scaling_policy_configuration)
}

/// Alarms that the service cannot read now, it soon can; two changes at once get in each other's way.
const FAULTS: Codes =
    &[("ConcurrentUpdateException", FaultKind::NotReady), ("FailedResourceAccessException", FaultKind::NotReady)];
