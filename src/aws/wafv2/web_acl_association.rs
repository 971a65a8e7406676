//! AWS::WAFv2::WebACLAssociation
//! API: AssociateWebACL, GetWebACLForResource, DisassociateWebACL.  Identity: ResourceArn, WebACLArn.  Found by: the
//! resource, which has one web ACL; there is nothing to put tags on. The call replaces the web ACL that a resource has.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_wafv2::{Client, types::Scope};

use super::{
    CODES,
    directory::{resources, web_acls},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, each, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, gone, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::WAFv2::WebACLAssociation";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AssociationDriver { aws: aws.clone() })
}

struct AssociationDriver {
    aws: Clients,
}

#[async_trait]
impl Driver for AssociationDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self
            .aws
            .wafv2(&call.place)
            .await
            .associate_web_acl()
            .set_resource_arn(properties.text("ResourceArn")?)
            .set_web_acl_arn(properties.text("WebACLArn")?);
        request.send().await.or_fault("wafv2:AssociateWebACL", FAULTS)?;
        let text = |name| want.text(name).unwrap_or_default();
        Ok(pending(&made(TYPE, observed(text("ResourceArn"), text("WebACLArn"))), "spreading"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        Ok(visible(TYPE, so_far, read_one(&self.aws.wafv2(&call.place).await, &so_far.id).await?))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let client = self.aws.wafv2(&call.place).await;
        let found = each(ids.iter().map(|id| read_one(&client, id))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.poll(call, &only_id(&change.id)).await
    }

    /// A resource that somebody has put behind another web ACL meanwhile stays behind that.
    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let client = self.aws.wafv2(&call.place).await;
        let (resource, web_acl) = parts(id)?;
        if current(&client, resource).await?.is_some_and(|current| current != web_acl) {
            return Ok(Progress::Done(()));
        }
        // One that does not show may only be too new to be seen, so the request is sent all the same.
        let request = client.disassociate_web_acl().resource_arn(resource);
        gone(request.send().await.or_fault("wafv2:DisassociateWebACL", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.of_resource(call, want).await?;
        Ok(found.filter(|(_, web_acl)| want.text("WebACLArn") == Some(web_acl)).map(identity).into_iter().collect())
    }

    async fn taken(&self, call: &Call, want: &Doc) -> Result<Option<PhysicalId>> {
        Ok(self.of_resource(call, want).await?.map(identity))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

impl AssociationDriver {
    /// The wanted resource and the web ACL that it has.
    async fn of_resource(&self, call: &Call, want: &Doc) -> Result<Option<(String, String)>> {
        let Some(resource) = want.text("ResourceArn") else { return Ok(None) };
        let web_acl = current(&self.aws.wafv2(&call.place).await, resource).await?;
        Ok(web_acl.map(|web_acl| (resource.to_owned(), web_acl)))
    }
}

#[async_trait]
impl AwsDriver for AssociationDriver {
    /// Those of CloudFront's distributions are properties of the distributions.
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let client = self.aws.wafv2(place).await;
        let mut found = Vec::new();
        for web_acl in web_acls(&client, &Scope::Regional).await?.into_iter().filter_map(|acl| acl.arn) {
            let resources = there(resources(&client, &web_acl).await)?.unwrap_or_default();
            found.extend(resources.iter().map(|resource| observed(resource, &web_acl).into()));
        }
        Ok(found)
    }
}

/// The ARN of the web ACL that a resource has.
async fn current(client: &Client, resource: &str) -> Result<Option<String>> {
    let answer = client.get_web_acl_for_resource().resource_arn(resource).send().await;
    let answer = there(answer.or_fault("wafv2:GetWebACLForResource", FAULTS))?;
    Ok(answer.and_then(|answer| answer.web_acl).map(|acl| acl.arn))
}

async fn read_one(client: &Client, id: &PhysicalId) -> Result<Option<Observed>> {
    let (resource, web_acl) = parts(id)?;
    let is_there = current(client, resource).await?.is_some_and(|current| current == web_acl);
    Ok(is_there.then(|| observed(resource, web_acl)))
}

fn identity((resource, web_acl): (String, String)) -> PhysicalId {
    PhysicalId(format!("{resource}|{web_acl}"))
}

/// The resource and its web ACL.
fn parts(id: &PhysicalId) -> Result<(&str, &str)> {
    id.0.split_once('|')
        .ok_or_else(|| Fault::new(FaultKind::Invalid, TYPE, format!("`{id}` is not `ResourceArn|WebACLArn`")))
}

fn observed(resource: &str, web_acl: &str) -> Observed {
    Observed::new().with("ResourceArn", Some(resource)).with("WebACLArn", Some(web_acl))
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
