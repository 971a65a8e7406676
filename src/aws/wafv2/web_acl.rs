//! AWS::WAFv2::WebACL
//! API: CreateWebACL, UpdateWebACL (with the lock token of GetWebACL), TagResource, UntagResource, GetWebACL (and
//! ListTagsForResource for what it leaves out), ListWebACLs, DeleteWebACL (and ListResourcesForWebACL for what it still
//! protects).  Identity: Name, Id, Scope.  Found by: name and scope, verified by owner tags.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_wafv2::{
    Client,
    operation::get_web_acl::GetWebAclOutput,
    types::{Scope, Tag, WebAcl},
};

use super::{
    CODES,
    directory::{resources, web_acls},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{
            Changed, Observed, Wanted, all_tags, each, in_order, made, only_id, pending, tag_change, visible,
            visible_tags,
        },
        faults::{Codes, OrFault, answered, gone_unless_used, there},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Fault, FaultKind, Made, Progress, Removal, Result, TAG_TOKEN},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::WAFv2::WebACL";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(WebAclDriver { aws: aws.clone() })
}

struct WebAclDriver {
    aws: Clients,
}

/// The region in which WAF keeps the web ACLs for CloudFront:
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html>.
const GLOBAL: &str = "us-east-1";

impl WebAclDriver {
    /// The client for the web ACLs of a scope.
    async fn client(&self, place: &Place, scope: &Scope) -> Client {
        match scope {
            Scope::Cloudfront => {
                let place = Place { region: GLOBAL.to_owned(), role_arn: place.role_arn.clone() };
                self.aws.wafv2(&place).await
            }
            _ => self.aws.wafv2(place).await,
        }
    }

    async fn get(&self, place: &Place, id: &PhysicalId) -> Result<Option<GetWebAclOutput>> {
        let (name, id, scope) = parts(id)?;
        let client = self.client(place, &scope).await;
        let request = client.get_web_acl().name(name).id(id).scope(scope);
        there(request.send().await.or_fault("wafv2:GetWebACL", FAULTS))
    }

    /// The whole document: GetWebACL leaves out the tags.
    async fn document(&self, place: &Place, id: &PhysicalId) -> Result<Option<Doc>> {
        let Some(acl) = self.get(place, id).await?.and_then(|answer| answer.web_acl) else { return Ok(None) };
        let scope = parts(id)?.2;
        let tags = tags(&self.client(place, &scope).await, &acl.arn).await?;
        let shown = visible_tags(tags.iter().map(|tag| (Some(tag.key()), Some(tag.value()))));
        Ok(Some(observed(&acl, &scope).with_list("Tags", shown).into()))
    }
}

/// What create and update send alike, from the `Wanted` properties `$want`. The API knows no partial update.
macro_rules! with_settings {
    ($request:expr, $want:expr) => {
        $request
            .set_default_action($want.part("DefaultAction")?)
            .set_description($want.text("Description")?)
            .set_rules($want.part("Rules")?)
            .set_visibility_config($want.part("VisibilityConfig")?)
            .set_data_protection_config($want.part("DataProtectionConfig")?)
            .set_custom_response_bodies($want.part("CustomResponseBodies")?)
            .set_captcha_config($want.part("CaptchaConfig")?)
            .set_challenge_config($want.part("ChallengeConfig")?)
            .set_token_domains($want.texts("TokenDomains")?)
            .set_association_config($want.part("AssociationConfig")?)
            .set_on_source_d_do_s_protection_config($want.part("OnSourceDDoSProtectionConfig")?)
            .set_monetization_config($want.part("MonetizationConfig")?)
    };
}

#[async_trait]
impl Driver for WebAclDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let operation = "wafv2:CreateWebACL";
        let properties = Wanted::new(TYPE, want);
        let scope = scope_of(want);
        let client = self.client(&call.place, &scope).await;
        let request = client
            .create_web_acl()
            .set_name(properties.text("Name")?)
            .scope(scope.clone())
            .set_application_config(properties.part("ApplicationConfig")?)
            .set_tags(Some(list(all_tags(call, &properties)?)));
        let answer = with_settings!(request, properties).send().await.or_fault(operation, FAULTS)?;
        let summary = answered(answer.summary.filter(|summary| summary.id.is_some()), operation)?;
        let document = Observed::new()
            .with("Name", summary.name())
            .with("Id", summary.id())
            .with("Scope", Some(scope.as_str()))
            .with("Arn", summary.arn());
        Ok(pending(&made(TYPE, document), "spreading"))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let scope = parts(&so_far.id)?.2;
        let found = self.get(&call.place, &so_far.id).await?.and_then(|answer| answer.web_acl);
        Ok(visible(TYPE, so_far, found.map(|acl| observed(&acl, &scope))))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = each(ids.iter().map(|id| self.document(&call.place, id))).await?;
        Ok(in_order(TYPE, ids, found.into_iter().flatten()))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["ApplicationConfig"])?;
        let (name, id, scope) = parts(&change.id)?;
        let client = self.client(&call.place, &scope).await;
        let answer = self.get(&call.place, &change.id).await?;
        let (acl, lock) = answer.map_or((None, None), |answer| (answer.web_acl, answer.lock_token));
        let acl = answered(acl, "wafv2:GetWebACL")?;
        if change.paths.iter().any(|path| path.property() != Some("Tags")) {
            let request = client.update_web_acl().name(name).id(id).scope(scope).set_lock_token(lock);
            let request = with_settings!(request, changed.want);
            request.send().await.or_fault("wafv2:UpdateWebACL", FAULTS)?;
        }
        retag(&client, &acl.arn, &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let Some(answer) = self.get(&call.place, id).await? else { return Ok(Progress::Done(())) };
        let (name, id, scope) = parts(id)?;
        let client = self.client(&call.place, &scope).await;
        let request = client.delete_web_acl().name(name).id(id).scope(scope).set_lock_token(answer.lock_token);
        let deleted = request.send().await.or_fault("wafv2:DeleteWebACL", FAULTS);
        let arn = answer.web_acl.map(|acl| acl.arn).unwrap_or_default();
        gone_unless_used(deleted, async { resources(&client, &arn).await.unwrap_or_default() }).await
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let scope = scope_of(want);
        let client = self.client(&call.place, &scope).await;
        let named = web_acls(&client, &scope).await?.into_iter().filter(|acl| acl.name() == want.text("Name"));
        let mut found = Vec::new();
        for (name, id, arn) in named.filter_map(|acl| Some((acl.name?, acl.id?, acl.arn?))) {
            let tags = there(tags(&client, &arn).await)?.unwrap_or_default();
            if tags.iter().any(|tag| tag.key() == TAG_TOKEN && tag.value() == call.token().0) {
                found.push(joined(&name, &id, &scope));
            }
        }
        Ok(found)
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for WebAclDriver {
    /// Those for CloudFront are listed in the region that has them.
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        let scopes = [Some(Scope::Regional), (place.region == GLOBAL).then_some(Scope::Cloudfront)];
        let mut ids = Vec::new();
        for scope in scopes.into_iter().flatten() {
            let found = web_acls(&self.client(place, &scope).await, &scope).await?;
            let found = found.into_iter().filter_map(|acl| Some(joined(&acl.name?, &acl.id?, &scope)));
            ids.extend(found);
        }
        let found = each(ids.iter().map(|id| self.document(place, id))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn scope_of(want: &Doc) -> Scope {
    want.text("Scope").map_or(Scope::Regional, Scope::from)
}

fn joined(name: &str, id: &str, scope: &Scope) -> PhysicalId {
    PhysicalId(format!("{name}|{id}|{}", scope.as_str()))
}

/// Name, id and scope.
fn parts(id: &PhysicalId) -> Result<(&str, &str, Scope)> {
    let mut parts = id.0.split('|');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(id), Some(scope)) => Ok((name, id, Scope::from(scope))),
        _ => Err(Fault::new(FaultKind::Invalid, TYPE, format!("`{id}` is not `Name|Id|Scope`"))),
    }
}

/// All tags of a web ACL.
async fn tags(client: &Client, arn: &str) -> Result<Vec<Tag>> {
    let (mut tags, mut marker) = (Vec::new(), None);
    loop {
        let request = client.list_tags_for_resource().resource_arn(arn).set_next_marker(marker);
        let answer = request.send().await.or_fault("wafv2:ListTagsForResource", FAULTS)?;
        let page = answer.tag_info_for_resource.and_then(|info| info.tag_list).unwrap_or_default();
        let is_last = page.is_empty();
        tags.extend(page);
        marker = answer.next_marker;
        if is_last || marker.is_none() {
            return Ok(tags);
        }
    }
}

/// Puts on and takes off what a change says.
async fn retag(client: &Client, arn: &str, change: &Changed<'_>) -> Result<()> {
    let tags = tag_change(change)?;
    if !tags.take.is_empty() {
        let request = client.untag_resource().resource_arn(arn).set_tag_keys(Some(tags.take));
        request.send().await.or_fault("wafv2:UntagResource", FAULTS)?;
    }
    if !tags.put.is_empty() {
        let request = client.tag_resource().resource_arn(arn).set_tags(Some(list(tags.put)));
        request.send().await.or_fault("wafv2:TagResource", FAULTS)?;
    }
    Ok(())
}

fn list(tags: BTreeMap<String, String>) -> Vec<Tag> {
    tags.into_iter().filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect()
}

fn observed(acl: &WebAcl, scope: &Scope) -> Observed {
    Observed::new()
        .with("Name", Some(acl.name()))
        .with("Id", Some(acl.id()))
        .with("Scope", Some(scope.as_str()))
        .with("Arn", Some(acl.arn()))
        .with("Capacity", Some(acl.capacity()))
        .with("LabelNamespace", acl.label_namespace())
        .with_part("DefaultAction", &acl.default_action)
        .with("Description", acl.description().filter(|text| !text.is_empty()))
        .with_part("Rules", &acl.rules)
        .with_part("VisibilityConfig", &acl.visibility_config)
        .with_part("DataProtectionConfig", &acl.data_protection_config)
        .with_part("CustomResponseBodies", &acl.custom_response_bodies)
        .with_part("CaptchaConfig", &acl.captcha_config)
        .with_part("ChallengeConfig", &acl.challenge_config)
        .with_part("TokenDomains", &acl.token_domains)
        .with_part("AssociationConfig", &acl.association_config)
        .with_part("OnSourceDDoSProtectionConfig", &acl.on_source_d_do_s_protection_config)
        .with_part("ApplicationConfig", &acl.application_config)
        .with_part("MonetizationConfig", &acl.monetization_config)
}

/// The codes of the whole service.
const FAULTS: Codes = CODES;
