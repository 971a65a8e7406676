//! How a service's deployment comes along, and why it failed.
//!
//! Where the circuit breaker takes a deployment back, the service looks healthy again in the end, with the tasks of
//! before. Therefore the deployment that a call has begun is remembered among what is known of the service, and its own
//! outcome counts, not that of whichever deployment is the newest.

use aws_sdk_ecs::types::{Deployment, DeploymentControllerType, DeploymentRolloutState, Service};

use crate::{
    aws::{convert::pending, faults::failed},
    driver::{Made, Progress, Result},
};

/// Where the id of the deployment is remembered.
const DEPLOYMENT: &str = "Deployment";

/// How many of the service's newest events explain a failure.
const EVENTS: usize = 3;

/// `made`, with the deployment that the call with this answer has begun.
pub fn begun(mut made: Made, service: &Service) -> Made {
    if let Some(id) = primary(service).and_then(Deployment::id) {
        made.attributes.0.insert(DEPLOYMENT.to_owned(), id.into());
    }
    made
}

/// Whether the service runs as it was told to.
pub fn settled(service: &Service, so_far: &Made) -> Result<Progress<Made>> {
    let fail = |why: &str| Err(failed("ecs:DescribeServices", None, Some(&explained(service, why)), so_far));
    if let Some(status @ ("DRAINING" | "INACTIVE")) = service.status() {
        return fail(&format!("the service is {}", status.to_lowercase()));
    }
    if let Some(why) = so_far.attributes.text(DEPLOYMENT).and_then(|id| failure(service, id)) {
        return fail(&why);
    }
    let controller = service.deployment_controller().map(|controller| controller.r#type());
    let is_ours_to_watch = controller.is_none_or(|controller| *controller == DeploymentControllerType::Ecs);
    let Some(current) = primary(service).filter(|_| is_ours_to_watch) else {
        return Ok(Progress::Done(so_far.clone()));
    };
    let has_its_tasks = service.running_count >= service.desired_count;
    match current.rollout_state() {
        Some(DeploymentRolloutState::Failed) => fail(reason(current)),
        Some(DeploymentRolloutState::Completed) if has_its_tasks => Ok(Progress::Done(so_far.clone())),
        // ECS names no state for services behind a Classic Load Balancer.
        None if has_its_tasks && service.deployments().len() == 1 => Ok(Progress::Done(so_far.clone())),
        _ => Ok(pending(so_far, &note(service, current))),
    }
}

fn primary(service: &Service) -> Option<&Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

/// Why the deployment `id` failed, if it did. One that was taken back is soon known from the events only.
fn failure(service: &Service, id: &str) -> Option<String> {
    let ours = service.deployments().iter().find(|deployment| deployment.id() == Some(id));
    if let Some(ours) = ours {
        return (ours.rollout_state() == Some(&DeploymentRolloutState::Failed)).then(|| reason(ours).to_owned());
    }
    let about_ours = format!("(deployment {id}) deployment failed");
    let event = service.events().iter().filter_map(|event| event.message()).find(|text| text.contains(&about_ours));
    event.map(str::to_owned)
}

fn reason(deployment: &Deployment) -> &str {
    deployment.rollout_state_reason().unwrap_or("the deployment failed")
}

/// A failure and what happened last, newest first.
fn explained(service: &Service, why: &str) -> String {
    let events = service.events().iter().filter_map(|event| event.message()).filter(|message| *message != why);
    let events: Vec<&str> = events.take(EVENTS).collect();
    if events.is_empty() {
        return why.to_owned();
    }
    format!("{}; newest events: {}", why.trim_end_matches('.'), events.join(" "))
}

fn note(service: &Service, deployment: &Deployment) -> String {
    let (running, desired) = (deployment.running_count, service.desired_count);
    let tasks = format!("{running} of {desired} tasks running");
    if deployment.failed_tasks == 0 {
        return tasks;
    }
    let newest = service.events().first().and_then(|event| event.message()).unwrap_or("no event says why");
    format!("{tasks}, {} failed: {newest}", deployment.failed_tasks)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::ServiceEvent;

    use super::*;
    use crate::base::{Doc, PhysicalId};

    fn deployment(id: &str, status: &str, state: &str) -> Deployment {
        let builder = Deployment::builder().id(id).status(status).rollout_state(state.into());
        builder.rollout_state_reason("ECS deployment circuit breaker: tasks failed to start.").build()
    }

    fn service(deployments: Vec<Deployment>, events: &[&str]) -> Service {
        let events = events.iter().map(|message| ServiceEvent::builder().message(*message).build());
        Service::builder()
            .status("ACTIVE")
            .desired_count(2)
            .running_count(2)
            .set_deployments(Some(deployments))
            .set_events(Some(events.collect()))
            .build()
    }

    fn known(service: &Service) -> Made {
        begun(Made { id: PhysicalId("id".into()), attributes: Doc::default() }, service)
    }

    #[test]
    fn a_completed_deployment_is_settled_once_its_tasks_run() {
        let mut done = service(vec![deployment("new", "PRIMARY", "COMPLETED")], &[]);
        assert!(matches!(settled(&done, &known(&done)), Ok(Progress::Done(_))));
        done.desired_count = 3;
        let Ok(Progress::Pending { note, .. }) = settled(&done, &known(&done)) else { panic!("it is not settled") };
        assert_eq!(note, "0 of 3 tasks running");
    }

    #[test]
    fn a_deployment_that_fails_says_why_and_what_happened_last() {
        let events = ["(service web) is unhealthy.", "(service web) has started 2 tasks.", "third", "fourth"];
        let broken = service(vec![deployment("new", "PRIMARY", "FAILED")], &events);
        let fault = settled(&broken, &known(&broken)).unwrap_err();
        let expected = "ECS deployment circuit breaker: tasks failed to start; newest events: (service web) is unhealthy. \
                        (service web) has started 2 tasks. third";
        assert_eq!(fault.message, expected);
        assert!(fault.made.is_some());
    }

    #[test]
    fn a_deployment_that_was_taken_back_has_failed_although_the_service_is_healthy() {
        let begun = known(&service(vec![deployment("new", "PRIMARY", "IN_PROGRESS")], &[]));
        let old = || deployment("old", "PRIMARY", "COMPLETED");
        let going_back = service(vec![old(), deployment("new", "ACTIVE", "FAILED")], &[]);
        assert!(settled(&going_back, &begun).is_err());
        let event = "(service web) (deployment new) deployment failed: tasks failed to start.";
        let fault = settled(&service(vec![old()], &["steady", event]), &begun).unwrap_err();
        assert_eq!(fault.message, format!("{}; newest events: steady", event.trim_end_matches('.')));
    }

    #[test]
    fn a_deployment_that_another_one_has_replaced_leaves_the_word_to_that() {
        let begun = known(&service(vec![deployment("new", "PRIMARY", "IN_PROGRESS")], &[]));
        let newer = service(vec![deployment("newer", "PRIMARY", "COMPLETED")], &[]);
        assert!(matches!(settled(&newer, &begun), Ok(Progress::Done(_))));
    }
}
