//! Every type that has no driver of its own: AWS Cloud Control does for it what CloudFormation would do.
//! API: CreateResource, UpdateResource, DeleteResource, GetResource, ListResources, GetResourceRequestStatus.
//! Identity: the type's primary identifier.  Found by: the client token of the create call, which is sent again; without
//! an answer by the owner tags, or by the identifier where the document gives it.
//!
//! All changes are requests that Cloud Control works through by itself. Until a create has told the object's identifier,
//! the object is known by the token of its request ([`PhysicalId::of_request`]), which is recorded like any id, so that a
//! later run can ask what became of it. Requests are remembered for seven days.
//! (<https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-manage-requests.html>)

mod document;
mod tags;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudcontrol::{
    Client,
    types::{OperationStatus, ProgressEvent},
};
use serde_json::Value as Json;

use super::{
    AwsDriver, Clients,
    convert::{each, only_id, pending},
    faults::{Codes, OrFault, answered, failed, gone, half_made, refused, there},
};
use crate::{
    base::{Doc, PhysicalId, Place},
    catalogue::{Handler, ResourceType},
    driver::{
        Call, Change, Driver,
        FaultKind::{AlreadyExists, Denied, InUse, Invalid, NotFound, NotReady, Other, Transient},
        Made, Progress, Removal, Result,
    },
};

/// The driver of a type; `None` if Cloud Control cannot create, read and delete it.
pub fn driver(aws: &Clients, kind: Arc<ResourceType>) -> Option<Arc<dyn AwsDriver>> {
    let can = [Handler::Create, Handler::Read, Handler::Delete].into_iter().all(|handler| kind.has_handler(handler));
    can.then(|| Arc::new(CloudControlDriver { aws: aws.clone(), kind }) as Arc<dyn AwsDriver>)
}

struct CloudControlDriver {
    aws: Clients,
    kind: Arc<ResourceType>,
}

/// What is known of an object.
enum Standing {
    /// Cloud Control calls it this.
    Known(String),
    /// Its request has not told yet.
    UnderWay,
    /// Its request came to nothing.
    Nothing,
}

#[async_trait]
impl Driver for CloudControlDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        let desired = Json::Object(tags::with_owner(&self.kind, call, want).0);
        let request = client
            .create_resource()
            .type_name(&self.kind.name)
            .client_token(&call.token().0)
            .desired_state(desired.to_string());
        let answer = request.send().await.or_fault(CREATE, FAULTS)?;
        let event = answered(answer.progress_event, CREATE)?;
        if came_to_nothing(&event) && event.identifier.is_none() {
            return Err(refusal(&event, CREATE));
        }
        self.progress(&client, &event, CREATE).await
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        let Some(request) = so_far.id.request() else {
            let live = self.get(&client, &so_far.id.0).await?;
            return Ok(match live {
                Some(live) => Progress::Done(self.made(so_far.id.clone(), &live)),
                None => pending(so_far, "not visible yet"),
            });
        };
        let event = status(&client, request).await?;
        self.progress(&client, &event, STATUS).await
    }

    /// A get for each: the list shows no more than identifiers of many types.
    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        each(ids.iter().map(|id| async {
            match standing(&client, id).await? {
                Standing::Known(identifier) => self.get(&client, &identifier).await,
                Standing::UnderWay => Ok(Some(Doc::default())),
                Standing::Nothing => Ok(None),
            }
        }))
        .await
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        let Standing::Known(identifier) = standing(&client, &change.id).await? else {
            return Err(refused(UPDATE, None, Some("its creation has not come to an end"), &[]));
        };
        let touched = tags::property(&self.kind).filter(|property| change.touches(property));
        let owner = match touched {
            Some(_) => self.properties(&client, &identifier).await?.map(|live| tags::owners(&self.kind, &live)),
            None => None,
        };
        let patch = document::patch(&self.kind, change, owner.as_ref());
        if patch.is_empty() {
            return Ok(Progress::Done(only_id(&change.id)));
        }
        let request = client
            .update_resource()
            .type_name(&self.kind.name)
            .identifier(identifier)
            .client_token(&call.token().0)
            .patch_document(Json::from(patch).to_string());
        let answer = request.send().await.or_fault(UPDATE, FAULTS)?;
        let event = answered(answer.progress_event, UPDATE)?;
        if came_to_nothing(&event) {
            return Err(refusal(&event, UPDATE));
        }
        self.progress(&client, &event, UPDATE).await
    }

    /// The token makes the repeated call ask about the first one.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        let going = |note: &str| Ok(Progress::Pending { so_far: (), note: note.to_owned() });
        let identifier = match standing(&client, id).await? {
            Standing::Known(identifier) => identifier,
            Standing::UnderWay => return going("its creation comes to an end first"),
            Standing::Nothing => return Ok(Progress::Done(())),
        };
        let request = client.delete_resource().type_name(&self.kind.name).identifier(identifier);
        let answer = match request.client_token(&call.token().0).send().await.or_fault(DELETE, FAULTS) {
            Ok(answer) => answer,
            Err(fault) => return gone::<()>(Err(fault)),
        };
        let event = answered(answer.progress_event, DELETE)?;
        match event.operation_status() {
            Some(OperationStatus::Success) => Ok(Progress::Done(())),
            _ if came_to_nothing(&event) => gone::<()>(Err(refusal(&event, DELETE))),
            _ => going("deleting"),
        }
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let client = self.aws.cloudcontrol(&call.place).await;
        let is_ours = |live: &Doc| tags::are_ours(&self.kind, call, live);
        if let Some(id) = self.kind.identity(want) {
            let live = self.properties(&client, &id.0).await?;
            return Ok(live.filter(is_ours).map(|_| id).into_iter().collect());
        }
        if tags::property(&self.kind).is_none() {
            return Ok(Vec::new());
        }
        let mut found = self.everything(&client).await?;
        found.retain(|(_, live)| is_ours(live));
        Ok(found.into_iter().map(|(identifier, _)| PhysicalId(identifier)).collect())
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for CloudControlDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.cloudcontrol(place).await;
        let found = self.everything(&client).await?;
        Ok(found.into_iter().map(|(_, live)| tags::without_owner(&self.kind, live)).collect())
    }
}

impl CloudControlDriver {
    /// Where the object of a request stands.
    async fn progress(&self, client: &Client, event: &ProgressEvent, operation: &str) -> Result<Progress<Made>> {
        let token = answered(event.request_token(), operation)?;
        let identifier = event.identifier().map(|identifier| PhysicalId(identifier.to_owned()));
        let so_far = only_id(&PhysicalId::of_request(token));
        match (event.operation_status(), identifier) {
            (Some(OperationStatus::Success), Some(id)) => {
                let live = self.get(client, &id.0).await.map_err(half_made(&only_id(&id)))?;
                Ok(live
                    .map_or_else(|| pending(&so_far, "not visible yet"), |live| Progress::Done(self.made(id, &live))))
            }
            (_, id) if came_to_nothing(event) => {
                let left = id.map_or(so_far, |id| only_id(&id));
                let code = event.error_code().map(|code| code.as_str());
                Err(failed(operation, code, event.status_message(), &left))
            }
            _ => Ok(pending(&so_far, "in progress")),
        }
    }

    fn made(&self, id: PhysicalId, live: &Doc) -> Made {
        Made { id, attributes: self.kind.attributes_of(live) }
    }

    /// What a user would have written, and the attributes; `None` if there is no such object.
    async fn get(&self, client: &Client, identifier: &str) -> Result<Option<Doc>> {
        let live = self.properties(client, identifier).await?;
        Ok(live.map(|live| tags::without_owner(&self.kind, live)))
    }

    /// Everything that Cloud Control shows, with the owner tags.
    async fn properties(&self, client: &Client, identifier: &str) -> Result<Option<Doc>> {
        let request = client.get_resource().type_name(&self.kind.name).identifier(identifier);
        let answer = there(request.send().await.or_fault(GET, FAULTS))?;
        let found = answer.and_then(|answer| answer.resource_description);
        Ok(found.and_then(|found| document::parsed(found.properties())))
    }

    async fn everything(&self, client: &Client) -> Result<Vec<(String, Doc)>> {
        let pages = client.list_resources().type_name(&self.kind.name).into_paginator().items().send();
        let found: Vec<_> = pages.try_collect().await.or_fault("cloudcontrol:ListResources", FAULTS)?;
        let identifiers: Vec<String> = found.into_iter().filter_map(|found| found.identifier).collect();
        let live = each(identifiers.iter().map(|identifier| self.properties(client, identifier))).await?;
        Ok(identifiers.into_iter().zip(live).filter_map(|(identifier, live)| Some((identifier, live?))).collect())
    }
}

async fn status(client: &Client, request: &str) -> Result<ProgressEvent> {
    let answer = client.get_resource_request_status().request_token(request).send().await.or_fault(STATUS, FAULTS)?;
    answered(answer.progress_event, STATUS)
}

/// What an id stands for. A request that Cloud Control has forgotten left nothing that could still be found by it.
async fn standing(client: &Client, id: &PhysicalId) -> Result<Standing> {
    let Some(request) = id.request() else { return Ok(Standing::Known(id.0.clone())) };
    let Some(event) = there(status(client, request).await)? else { return Ok(Standing::Nothing) };
    Ok(match event.identifier() {
        Some(identifier) => Standing::Known(identifier.to_owned()),
        None if came_to_nothing(&event) => Standing::Nothing,
        None => Standing::UnderWay,
    })
}

/// Whether a request has ended without success.
fn came_to_nothing(event: &ProgressEvent) -> bool {
    matches!(event.operation_status(), Some(OperationStatus::Failed | OperationStatus::CancelComplete))
}

/// What a request that ended without success says.
fn refusal(event: &ProgressEvent, operation: &str) -> crate::driver::Fault {
    refused(operation, event.error_code().map(|code| code.as_str()), event.status_message(), HANDLER)
}

const CREATE: &str = "cloudcontrol:CreateResource";
const UPDATE: &str = "cloudcontrol:UpdateResource";
const DELETE: &str = "cloudcontrol:DeleteResource";
const GET: &str = "cloudcontrol:GetResource";
const STATUS: &str = "cloudcontrol:GetResourceRequestStatus";

/// Refusals of the calls. A token that was used before was used by this intent: what it made can be found.
/// <https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html>
const FAULTS: Codes = &[
    ("ClientTokenConflictException", AlreadyExists),
    ("ConcurrentOperationException", NotReady),
    ("GeneralServiceException", Other),
    ("HandlerFailureException", Other),
    ("HandlerInternalFailureException", Transient),
    ("InvalidCredentialsException", Denied),
    ("InvalidRequestException", Invalid),
    ("NetworkFailureException", Transient),
    ("NotStabilizedException", Other),
    ("NotUpdatableException", Invalid),
    ("PrivateTypeException", Invalid),
    ("ResourceConflictException", NotReady),
    ("ServiceInternalErrorException", Transient),
    ("TypeNotFoundException", Invalid),
    ("UnsupportedActionException", Invalid),
];

/// What the type's handler said, inside a progress event.
/// <https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html>
const HANDLER: Codes = &[
    ("GeneralServiceException", Other),
    ("InvalidCredentials", Denied),
    ("InvalidRequest", Invalid),
    ("NetworkFailure", Transient),
    ("NotFound", NotFound),
    ("NotStabilized", Other),
    ("NotUpdatable", Invalid),
    ("ResourceConflict", InUse),
    ("ServiceInternalError", Transient),
    ("ServiceTimeout", Transient),
    ("UnauthorizedTaggingOperation", Denied),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn what_cloud_control_cannot_make_has_no_driver() {
        let aws = Clients::new(super::super::Settings::default());
        let has_driver = |name: &str| driver(&aws, Catalogue::embedded().get(name).unwrap()).is_some();
        assert!(has_driver("AWS::SSO::PermissionSet"));
        assert!(!has_driver("AWS::CloudFormation::CustomResource"));
    }

    #[test]
    fn what_the_handler_said_decides_about_the_fault() {
        let event = |code: &str| {
            let builder = ProgressEvent::builder().error_code(code.into()).status_message("because");
            refusal(&builder.operation_status(OperationStatus::Failed).build(), CREATE)
        };
        assert_eq!(event("NotFound").kind, NotFound);
        assert_eq!(event("AlreadyExists").kind, AlreadyExists);
        assert_eq!(event("ServiceLimitExceeded").kind, crate::driver::FaultKind::Quota);
        assert_eq!(event("Throttling").kind, crate::driver::FaultKind::Throttled);
        assert_eq!(event("InvalidRequest").to_string(), "cloudcontrol:CreateResource: because (InvalidRequest)");
    }
}
