//! AWS::KMS::Alias
//! API: CreateAlias, UpdateAlias, ListAliases, DeleteAlias.  Identity: AliasName.  Found by: that name, if it means the
//! wanted key.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::types::AliasListEntry;

use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, FaultKind, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::KMS::Alias";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AliasDriver { aws: aws.clone() })
}

struct AliasDriver {
    aws: Clients,
}

impl AliasDriver {
    /// All aliases of the place: the API finds none by name.
    async fn describe(&self, place: &Place) -> Result<Vec<AliasListEntry>> {
        let request = self.aws.kms(place).await.list_aliases();
        request.into_paginator().items().send().try_collect().await.or_fault("kms:ListAliases", FAULTS)
    }
}

#[async_trait]
impl Driver for AliasDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let name = properties.text::<String>("AliasName")?;
        let request = self.aws.kms(&call.place).await.create_alias();
        let request = request.set_alias_name(name.clone()).set_target_key_id(properties.text("TargetKeyId")?);
        request.send().await.or_fault("kms:CreateAlias", FAULTS)?;
        Ok(Progress::Done(made(TYPE, Observed::new().with("AliasName", name))))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.describe(&call.place).await?;
        let ours = found.iter().find(|alias| alias.alias_name() == Some(&so_far.id.0));
        Ok(visible(TYPE, so_far, ours.map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        Ok(in_order(TYPE, ids, self.describe(&call.place).await?.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let request = self.aws.kms(&call.place).await.update_alias().alias_name(&change.id.0);
        let request = request.set_target_key_id(Wanted::new(TYPE, &change.want).text("TargetKeyId")?);
        request.send().await.or_fault("kms:UpdateAlias", FAULTS)?;
        Ok(Progress::Done(only_id(&change.id)))
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.kms(&call.place).await.delete_alias().alias_name(&id.0);
        gone(request.send().await.or_fault("kms:DeleteAlias", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let key = want.text("TargetKeyId").map(key_id);
        let found = self.describe(&call.place).await?;
        let is_ours = |alias: &&AliasListEntry| {
            alias.alias_name() == want.text("AliasName") && alias.target_key_id().map(key_id) == key
        };
        Ok(identities(TYPE, found.iter().filter(is_ours).map(observed)))
    }

    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AliasDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place).await?.iter().map(|alias| observed(alias).into()).collect())
    }
}

/// A key may be named by its ARN or by its id, which the ARN ends with.
fn key_id(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

fn observed(alias: &AliasListEntry) -> Observed {
    Observed::new().with("AliasName", alias.alias_name()).with("TargetKeyId", alias.target_key_id())
}

/// A key that is pending deletion takes no names, and neither does one that is being made.
const FAULTS: Codes = &[("KMSInvalidStateException", FaultKind::NotReady)];
