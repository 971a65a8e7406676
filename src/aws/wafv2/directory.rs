//! Which web ACLs there are, and what they stand in front of. None of these lists has a paginator in the SDK.

use aws_sdk_wafv2::{
    Client,
    types::{ResourceType, Scope, WebAclSummary},
};

use super::CODES;
use crate::{
    aws::{convert::each, faults::OrFault},
    driver::{FaultKind, Result},
};

/// All web ACLs of a scope.
pub async fn web_acls(client: &Client, scope: &Scope) -> Result<Vec<WebAclSummary>> {
    let (mut found, mut marker) = (Vec::new(), None);
    loop {
        let request = client.list_web_acls().scope(scope.clone()).set_next_marker(marker);
        let answer = request.send().await.or_fault("wafv2:ListWebACLs", CODES)?;
        let page = answer.web_acls.unwrap_or_default();
        // There may be a marker behind the last page, too.
        let is_last = page.is_empty();
        found.extend(page);
        marker = answer.next_marker;
        if is_last || marker.is_none() {
            return Ok(found);
        }
    }
}

/// The ARNs of everything in its region that a web ACL stands in front of.
pub async fn resources(client: &Client, web_acl: &str) -> Result<Vec<String>> {
    let kinds = ResourceType::values().iter().map(|kind| {
        let request = client.list_resources_for_web_acl().web_acl_arn(web_acl).resource_type(ResourceType::from(*kind));
        async move {
            match request.send().await.or_fault("wafv2:ListResourcesForWebACL", CODES) {
                // Not every region has every kind of resource.
                Err(fault) if fault.kind == FaultKind::Invalid => Ok(Vec::new()),
                answer => Ok(answer?.resource_arns.unwrap_or_default()),
            }
        }
    });
    Ok(each(kinds).await?.concat())
}
