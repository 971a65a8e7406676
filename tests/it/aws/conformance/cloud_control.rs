//! Types without a driver of their own, through Cloud Control as ministack plays it: it works requests through at once, and
//! knows neither client tokens nor the types. How AWS takes its time is told in answers as its documentation shows them.

use provision::{
    base::PhysicalId,
    driver::{FaultKind, Made, Progress, Provider, Removal},
    state::Outcome,
};
use serde_json::{Value as Json, json};

use super::{
    super::{
        cloud::Cloud,
        lab::Lab,
        wire::{Moment, Trouble},
    },
    tags, unique,
};

const BUS: &str = "AWS::Events::EventBus";
const REQUEST: &str = "8d1bcc52-0d5a-4b24-8fbd-2b4a0e7ed4a2";

#[expect(clippy::unwrap_used, reason = "test support; clippy knows only test functions")]
fn event(operation: &str, status: &str, more: &Json) -> Trouble {
    let mut event =
        json!({"TypeName": BUS, "RequestToken": REQUEST, "Operation": operation, "OperationStatus": status});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Trouble::Answered(200, json!({"ProgressEvent": event}).to_string())
}

#[tokio::test]
async fn a_type_without_a_driver_of_its_own_conforms() {
    let cloud = Cloud::of("a_type_without_a_driver_of_its_own_conforms");
    let name = unique("conforms");
    let want = json!({"Name": name, "Description": "a", "Tags": tags(&[("Name", "a"), ("Team", "b")])});
    let other =
        json!({"Name": name, "LogConfig": {"Level": "INFO", "IncludeDetail": "FULL"}, "Tags": tags(&[("Name", "b")])});
    cloud.check(BUS, want, [other, json!({"Name": name})]).await;
}

#[tokio::test]
async fn what_a_request_makes_is_known_by_its_token_until_the_id_is() {
    let cloud = Cloud::of("what_a_request_makes_is_known_by_its_token_until_the_id_is");
    let (driver, call) = (cloud.provider.driver(BUS).unwrap(), cloud.call("bus"));
    cloud.wire.trouble("CreateResource", 0, event("CREATE", "IN_PROGRESS", &json!({})));
    let Progress::Pending { so_far, note } = driver.create(&call, &json!({"Name": "b"}).into()).await.unwrap() else {
        panic!("it is not there yet")
    };
    assert_eq!((so_far.id.request(), note.as_str()), (Some(REQUEST), "in progress"));
    let sent: Json = serde_json::from_str(&cloud.wire.requests("CreateResource")[0]).unwrap();
    assert_eq!(sent["ClientToken"], "k".repeat(32));
    assert!(sent["DesiredState"].as_str().unwrap().contains("provision:token"), "{sent}");

    for status in ["IN_PROGRESS", "SUCCESS"] {
        let more = if status == "SUCCESS" { json!({"Identifier": "b"}) } else { json!({}) };
        cloud.wire.trouble("GetResourceRequestStatus", 0, event("CREATE", status, &more));
    }
    assert!(matches!(driver.poll(&call, &so_far).await.unwrap(), Progress::Pending { .. }));
    let properties = json!({"Name": "b", "Arn": "arn:aws:events:eu-central-1:1:event-bus/b"}).to_string();
    let live = json!({"TypeName": BUS, "ResourceDescription": {"Identifier": "b", "Properties": properties}});
    cloud.wire.trouble("GetResource", 0, Trouble::Answered(200, live.to_string()));
    let Progress::Done(made) = driver.poll(&call, &so_far).await.unwrap() else { panic!("it is there") };
    let attributes = json!({"Arn": "arn:aws:events:eu-central-1:1:event-bus/b"});
    assert_eq!(made, Made { id: PhysicalId("b".to_owned()), attributes: attributes.into() });
}

#[tokio::test]
async fn a_request_that_fails_says_why_and_what_is_left_of_it() {
    let cloud = Cloud::of("a_request_that_fails_says_why_and_what_is_left_of_it");
    let (driver, call) = (cloud.provider.driver(BUS).unwrap(), cloud.call("bus"));
    let failed = json!({"ErrorCode": "AlreadyExists", "StatusMessage": "there is one"});
    cloud.wire.trouble("CreateResource", 0, event("CREATE", "FAILED", &failed));
    let fault = driver.create(&call, &json!({"Name": "b"}).into()).await.unwrap_err();
    assert_eq!((fault.kind, fault.message.as_str(), fault.made), (FaultKind::AlreadyExists, "there is one", None));

    let half = json!({"ErrorCode": "NotStabilized", "StatusMessage": "it hangs", "Identifier": "b"});
    cloud.wire.trouble("GetResourceRequestStatus", 0, event("CREATE", "FAILED", &half));
    let so_far = Made { id: PhysicalId::of_request(REQUEST), attributes: json!({}).into() };
    let fault = driver.poll(&call, &so_far).await.unwrap_err();
    assert_eq!((fault.message.as_str(), fault.made.unwrap().id.0.as_str()), ("it hangs", "b"));

    cloud.wire.trouble("UpdateResource", 0, event("UPDATE", "FAILED", &json!({"ErrorCode": "InvalidRequest"})));
    let change = provision::driver::Change {
        id: PhysicalId("b".to_owned()),
        before: json!({"Name": "b"}).into(),
        want: json!({"Name": "b", "Description": "new"}).into(),
        paths: vec![provision::base::Path::key("Description")],
    };
    assert_eq!(driver.update(&call, &change).await.unwrap_err().kind, FaultKind::Invalid);
}

#[tokio::test]
async fn a_delete_waits_for_the_request_and_takes_gone_for_done() {
    let cloud = Cloud::of("a_delete_waits_for_the_request_and_takes_gone_for_done");
    let (driver, call) = (cloud.provider.driver(BUS).unwrap(), cloud.call("bus"));
    let (id, removal) = (PhysicalId("b".to_owned()), Removal::default());
    cloud.wire.trouble("DeleteResource", 0, event("DELETE", "IN_PROGRESS", &json!({})));
    cloud.wire.trouble("DeleteResource", 0, event("DELETE", "FAILED", &json!({"ErrorCode": "NotFound"})));
    assert!(matches!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Pending { .. }));
    assert_eq!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Done(()));
    let sent = cloud.wire.requests("DeleteResource");
    assert_eq!(sent[0], sent[1], "the same token asks about the same request");

    // A create that came to nothing has left nothing to delete.
    cloud.wire.trouble(
        "GetResourceRequestStatus",
        0,
        event("CREATE", "FAILED", &json!({"ErrorCode": "InvalidRequest"})),
    );
    let id = PhysicalId::of_request(REQUEST);
    assert_eq!(driver.delete(&call, &id, &removal).await.unwrap(), Progress::Done(()));
    assert_eq!(cloud.wire.requests("DeleteResource").len(), 2);
}

/// The kill comes when the request is under way and the id unknown: the next run asks what became of the request.
#[tokio::test]
async fn after_a_kill_the_request_is_asked_what_became_of_it() {
    let mut lab =
        Lab::of("after_a_kill_the_request_is_asked_what_became_of_it", "examples/cloud_control.yaml", "eu-central-1");
    let name = unique("killed");
    let stack = lab.stack(&[("name", &name)]).await;
    let wire = lab.cloud.wire.clone();
    wire.trouble("CreateResource", 0, event("CREATE", "IN_PROGRESS", &json!({})));
    wire.trouble("GetResourceRequestStatus", 0, Trouble::Killed(Moment::Before));
    assert!(lab.run_until_killed(Some(&stack)).await.is_none());
    let state = lab.state().await;
    let ids: Vec<_> = state.objects.values().filter_map(|object| object.id.as_ref()?.request()).collect();
    assert_eq!(ids, [REQUEST]);

    // Meanwhile the request has come to its end.
    let sent: Json = serde_json::from_str(&wire.requests("CreateResource")[0]).unwrap();
    let client = lab.cloud.clients.cloudcontrol(&lab.place).await;
    let desired = sent["DesiredState"].as_str().unwrap();
    client.create_resource().type_name(BUS).desired_state(desired).send().await.unwrap();
    wire.script("GetResourceRequestStatus", |requests| {
        let created = requests.iter().find(|(operation, _)| operation == "CreateResource").map(|(_, body)| body);
        let created: Json = serde_json::from_str(created.unwrap()).unwrap();
        let desired: Json = serde_json::from_str(created["DesiredState"].as_str().unwrap()).unwrap();
        let event = json!({
            "TypeName": BUS, "RequestToken": REQUEST, "Operation": "CREATE", "OperationStatus": "SUCCESS",
            "Identifier": desired["Name"],
        });
        json!({"ProgressEvent": event}).to_string()
    });
    assert_eq!(lab.run(Some(&stack)).await.outcome, Outcome::Done);
    assert_eq!(wire.requests("CreateResource").iter().filter(|sent| sent.contains("EventBus")).count(), 2);
    let ids: Vec<_> = lab.state().await.objects.values().filter_map(|object| object.id.clone()).collect();
    assert_eq!(ids, [PhysicalId(name.clone()), PhysicalId(format!("{name}-schedules"))]);
    let plan = lab.plan(Some(&stack)).await;
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(lab.run(None).await.outcome, Outcome::Done);
}
