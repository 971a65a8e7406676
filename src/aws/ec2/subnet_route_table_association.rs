//! AWS::EC2::SubnetRouteTableAssociation
//! API: AssociateRouteTable, DescribeRouteTables, DisassociateRouteTable.  Identity: Id.  Found by: the subnet and the
//! table, which have one association.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, RouteTableAssociation, RouteTableAssociationStateCode};

use super::filters::{by_ids, filter};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Observed, Wanted, identities, in_order, made, only_id, pending, visible},
        faults::{Codes, OrFault, answered, failed, gone},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::SubnetRouteTableAssociation";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(AssociationDriver { aws: aws.clone() })
}

struct AssociationDriver {
    aws: Clients,
}

impl AssociationDriver {
    /// The associations with subnets of the tables that the filter finds; a filter by association finds the whole table.
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<RouteTableAssociation>> {
        let request = self.aws.ec2(place).await.describe_route_tables().set_filters(Some(filters));
        let tables = request.into_paginator().items().send().try_collect().await;
        let tables = tables.or_fault("ec2:DescribeRouteTables", FAULTS)?;
        let links = tables.into_iter().flat_map(|table| table.associations.unwrap_or_default());
        Ok(links.filter(|link| link.subnet_id.is_some() && !is_going(link)).collect())
    }
}

#[async_trait]
impl Driver for AssociationDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let properties = Wanted::new(TYPE, want);
        let request = self.aws.ec2(&call.place).await.associate_route_table();
        let request =
            request.set_route_table_id(properties.text("RouteTableId")?).set_subnet_id(properties.text("SubnetId")?);
        let answer = request.send().await.or_fault("ec2:AssociateRouteTable", FAULTS)?;
        let id = answered(answer.association_id, "ec2:AssociateRouteTable")?;
        let made = made(TYPE, Observed::new().with("Id", Some(id)));
        let state = answer.association_state.and_then(|state| state.state);
        Ok(match state {
            Some(RouteTableAssociationStateCode::Associating) => pending(&made, "associating"),
            _ => Progress::Done(made),
        })
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let mut found =
            self.describe(&call.place, filter("association.route-table-association-id", [&so_far.id.0])).await?;
        found.retain(|link| link.route_table_association_id() == Some(&so_far.id.0));
        let state = found.first().and_then(|link| link.association_state());
        match state.and_then(|state| state.state()) {
            Some(RouteTableAssociationStateCode::Associating) => Ok(pending(so_far, "associating")),
            Some(RouteTableAssociationStateCode::Failed) => {
                let message = state.and_then(|state| state.status_message());
                Err(failed("ec2:AssociateRouteTable", None, message, so_far))
            }
            _ => Ok(visible(TYPE, so_far, found.first().map(observed))),
        }
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, by_ids("association.route-table-association-id", ids)).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    /// Every property is fixed at creation.
    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, _: &Removal) -> Result<Progress<()>> {
        let request = self.aws.ec2(&call.place).await.disassociate_route_table().association_id(&id.0);
        gone(request.send().await.or_fault("ec2:DisassociateRouteTable", FAULTS))
    }

    async fn find(&self, call: &Call, want: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, filter("association.subnet-id", want.text("SubnetId"))).await?;
        let is_ours = |link: &&RouteTableAssociation| {
            link.subnet_id() == want.text("SubnetId") && link.route_table_id() == want.text("RouteTableId")
        };
        Ok(identities(TYPE, found.iter().filter(is_ours).map(observed)))
    }

    /// A subnet has one association: a second call is told so, or gets the first one's id.
    fn is_create_idempotent(&self) -> bool {
        true
    }
}

#[async_trait]
impl AwsDriver for AssociationDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|link| observed(link).into()).collect())
    }
}

fn is_going(link: &RouteTableAssociation) -> bool {
    use RouteTableAssociationStateCode::{Disassociated, Disassociating};
    let state = link.association_state().and_then(|state| state.state());
    matches!(state, Some(Disassociated | Disassociating))
}

fn observed(link: &RouteTableAssociation) -> Observed {
    Observed::new()
        .with("Id", link.route_table_association_id())
        .with("RouteTableId", link.route_table_id())
        .with("SubnetId", link.subnet_id())
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
