//! AWS::EC2::EIP
//! API: AllocateAddress, AcceptAddressTransfer, AssociateAddress, DisassociateAddress, DescribeAddresses, ReleaseAddress.
//! Identity: PublicIp|AllocationId.  Found by: owner tags.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ec2::{
    Client,
    types::{Address, Filter, ResourceType},
};

use super::{
    blockers,
    filters::{filter, owned},
    tags::{retag, tag_specification, tags_of},
};
use crate::{
    aws::{
        AwsDriver, Clients,
        convert::{Changed, Observed, Wanted, identities, in_order, made, only_id, visible},
        faults::{Codes, OrFault, answered, gone_unless_used, half_made},
    },
    base::{Doc, PhysicalId, Place},
    driver::{Call, Change, Driver, Made, Progress, Removal, Result},
};

/// The type that this file drives.
pub const TYPE: &str = "AWS::EC2::EIP";

/// Its driver.
pub fn driver(aws: &Clients) -> Arc<dyn AwsDriver> {
    Arc::new(EipDriver { aws: aws.clone() })
}

struct EipDriver {
    aws: Clients,
}

impl EipDriver {
    async fn describe(&self, place: &Place, filters: Vec<Filter>) -> Result<Vec<Address>> {
        let request = self.aws.ec2(place).await.describe_addresses().set_filters(Some(filters));
        let answer = request.send().await.or_fault("ec2:DescribeAddresses", FAULTS)?;
        Ok(answer.addresses.unwrap_or_default())
    }

    /// The address of an id, if it is there.
    async fn address(&self, place: &Place, id: &PhysicalId) -> Result<Option<Address>> {
        Ok(self.describe(place, filter("allocation-id", [allocation(id)])).await?.into_iter().next())
    }

    /// What the address is still associated with.
    async fn user(&self, place: &Place, id: &PhysicalId) -> Vec<String> {
        let Ok(Some(address)) = self.address(place, id).await else { return Vec::new() };
        match address.network_interface_id() {
            Some(interface) => {
                blockers::interfaces(&self.aws.ec2(place).await, "network-interface-id", interface).await
            }
            None => address.instance_id().map(str::to_owned).into_iter().collect(),
        }
    }
}

#[async_trait]
impl Driver for EipDriver {
    async fn create(&self, call: &Call, want: &Doc) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let properties = Wanted::new(TYPE, want);
        let address = match properties.text::<String>("TransferAddress")? {
            Some(address) => accept(&ec2, call, &properties, address).await?,
            None => allocate(&ec2, call, &properties).await?,
        };
        let made = made(TYPE, observed(&address));
        if let Some(instance) = properties.text::<String>("InstanceId")? {
            associate(&ec2, allocation(&made.id), instance).await.map_err(half_made(&made))?;
        }
        Ok(Progress::Done(made))
    }

    async fn poll(&self, call: &Call, so_far: &Made) -> Result<Progress<Made>> {
        let found = self.address(&call.place, &so_far.id).await?;
        Ok(visible(TYPE, so_far, found.as_ref().map(observed)))
    }

    async fn read(&self, call: &Call, ids: &[PhysicalId]) -> Result<Vec<Option<Doc>>> {
        let found = self.describe(&call.place, filter("allocation-id", ids.iter().map(allocation))).await?;
        Ok(in_order(TYPE, ids, found.iter().map(observed)))
    }

    async fn update(&self, call: &Call, change: &Change) -> Result<Progress<Made>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let changed = Changed::new(TYPE, change);
        changed.refuse(&["Domain", "PublicIpv4Pool"])?;
        if changed.touches("InstanceId") {
            match changed.want.text::<String>("InstanceId")? {
                Some(instance) => associate(&ec2, allocation(&change.id), instance).await?,
                None => disassociate(&ec2, self.address(&call.place, &change.id).await?).await?,
            }
        }
        retag(&ec2, allocation(&change.id), &changed).await?;
        self.poll(call, &only_id(&change.id)).await
    }

    async fn delete(&self, call: &Call, id: &PhysicalId, removal: &Removal) -> Result<Progress<()>> {
        let ec2 = self.aws.ec2(&call.place).await;
        let inputs = Wanted::new(TYPE, &removal.inputs);
        if let Some(instance) = inputs.text::<String>("InstanceId")? {
            let address = self.address(&call.place, id).await?;
            disassociate(&ec2, address.filter(|address| address.instance_id == Some(instance))).await?;
        }
        let request = ec2.release_address().allocation_id(allocation(id));
        let request = request.set_network_border_group(inputs.text("NetworkBorderGroup")?);
        let released = request.send().await.or_fault("ec2:ReleaseAddress", FAULTS);
        gone_unless_used(released, self.user(&call.place, id)).await
    }

    async fn find(&self, call: &Call, _: &Doc) -> Result<Vec<PhysicalId>> {
        let found = self.describe(&call.place, owned(call)).await?;
        Ok(identities(TYPE, found.iter().map(observed)))
    }
}

#[async_trait]
impl AwsDriver for EipDriver {
    async fn list(&self, place: &Place) -> Result<Vec<Doc>> {
        Ok(self.describe(place, Vec::new()).await?.iter().map(|address| observed(address).into()).collect())
    }
}

/// The allocation id, by which the API knows an address.
fn allocation(id: &PhysicalId) -> &str {
    id.0.split_once('|').map_or(&id.0, |(_, allocation)| allocation)
}

async fn allocate(ec2: &Client, call: &Call, want: &Wanted<'_>) -> Result<Address> {
    let request = ec2
        .allocate_address()
        .set_domain(want.text("Domain")?)
        .set_address(want.text("Address")?)
        .set_ipam_pool_id(want.text("IpamPoolId")?)
        .set_network_border_group(want.text("NetworkBorderGroup")?)
        .set_public_ipv4_pool(want.text("PublicIpv4Pool")?)
        .tag_specifications(tag_specification(ResourceType::ElasticIp, call, want)?);
    let answer = request.send().await.or_fault("ec2:AllocateAddress", FAULTS)?;
    let allocation = answered(answer.allocation_id, "ec2:AllocateAddress")?;
    let public = answered(answer.public_ip, "ec2:AllocateAddress")?;
    Ok(Address::builder().allocation_id(allocation).public_ip(public).build())
}

/// Takes over an address that another account offers.
async fn accept(ec2: &Client, call: &Call, want: &Wanted<'_>, address: String) -> Result<Address> {
    let tags = tag_specification(ResourceType::ElasticIp, call, want)?;
    let answer = ec2.accept_address_transfer().address(address).tag_specifications(tags).send().await;
    let answer = answer.or_fault("ec2:AcceptAddressTransfer", FAULTS)?.address_transfer;
    let transfer = answered(answer, "ec2:AcceptAddressTransfer")?;
    let allocation = answered(transfer.allocation_id, "ec2:AcceptAddressTransfer")?;
    Ok(Address::builder().allocation_id(allocation).set_public_ip(transfer.public_ip).build())
}

async fn associate(ec2: &Client, allocation: &str, instance: String) -> Result<()> {
    let request = ec2.associate_address().allocation_id(allocation).instance_id(instance).allow_reassociation(true);
    request.send().await.or_fault("ec2:AssociateAddress", FAULTS).map(drop)
}

async fn disassociate(ec2: &Client, address: Option<Address>) -> Result<()> {
    let Some(association) = address.and_then(|address| address.association_id) else { return Ok(()) };
    let request = ec2.disassociate_address().association_id(association);
    request.send().await.or_fault("ec2:DisassociateAddress", FAULTS).map(drop)
}

fn observed(address: &Address) -> Observed {
    Observed::new()
        .with("PublicIp", address.public_ip())
        .with("AllocationId", address.allocation_id())
        .with("Domain", address.domain().map(|domain| domain.as_str()))
        .with("InstanceId", address.instance_id().filter(|id| !id.is_empty()))
        .with("NetworkBorderGroup", address.network_border_group())
        .with("PublicIpv4Pool", address.public_ipv4_pool())
        .with_list("Tags", tags_of(address.tags()))
}

/// No code means anything special to this API.
const FAULTS: Codes = &[];
