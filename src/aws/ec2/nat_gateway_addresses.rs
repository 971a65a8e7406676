//! The addresses of a NAT gateway after its creation: four calls, of which the kind of gateway decides which one adds or
//! takes an address.

use std::collections::BTreeMap;

use aws_sdk_ec2::{
    Client,
    types::{NatGatewayAddress, NatGatewayAddressStatus},
};

use crate::{
    aws::{
        convert::{Changed, Observed, Wanted},
        faults::OrFault,
    },
    driver::Result,
};

/// Whether the gateway got this address at its creation, for good.
pub fn is_primary(address: &NatGatewayAddress) -> bool {
    address.is_primary() == Some(true)
}

/// The word for an address that is coming or going.
pub fn transition(address: &NatGatewayAddress) -> Option<&str> {
    use NatGatewayAddressStatus::{Assigning, Associating, Disassociating, Unassigning};
    let status = address.status().filter(|s| matches!(s, Assigning | Associating | Disassociating | Unassigning))?;
    Some(status.as_str())
}

/// The allocations of a regional gateway, zone by zone.
pub fn by_zone(addresses: &[NatGatewayAddress]) -> Vec<Observed> {
    let mut zones: BTreeMap<(Option<&str>, Option<&str>), Vec<&str>> = BTreeMap::new();
    for address in addresses {
        let zone = (address.availability_zone(), address.availability_zone_id());
        zones.entry(zone).or_default().extend(address.allocation_id());
    }
    let zone = |((name, id), allocations): ((Option<&str>, Option<&str>), Vec<&str>)| {
        Observed::new()
            .with("AvailabilityZone", name.map(str::to_owned))
            .with("AvailabilityZoneId", id.map(str::to_owned))
            .with_list("AllocationIds", allocations)
    };
    zones.into_iter().map(zone).collect()
}

/// Gives the gateway the secondary addresses that the change says.
pub async fn change(ec2: &Client, change: &Changed<'_>, live: &[NatGatewayAddress]) -> Result<()> {
    if change.want.text::<String>("ConnectivityType")?.as_deref() == Some("private") {
        return change_private(ec2, change, live).await;
    }
    let (added, taken) = change.texts("SecondaryAllocationIds")?;
    if !added.is_empty() {
        let addresses = change.texts("SecondaryPrivateIpAddresses")?.0;
        let request = ec2.associate_nat_gateway_address().nat_gateway_id(change.id());
        let addresses = if addresses.len() == added.len() { Some(addresses) } else { None };
        let request = request.set_allocation_ids(Some(added)).set_private_ip_addresses(addresses);
        request.send().await.or_fault("ec2:AssociateNatGatewayAddress", &[])?;
    }
    disassociate(ec2, change, live, &taken).await?;
    if change.touches("AvailabilityZoneAddresses") {
        change_zones(ec2, change, live).await?;
    }
    Ok(())
}

/// A private gateway has addresses of its subnet: named ones, or as many as are asked for.
async fn change_private(ec2: &Client, change: &Changed<'_>, live: &[NatGatewayAddress]) -> Result<()> {
    let (added, mut taken) = change.texts("SecondaryPrivateIpAddresses")?;
    let mut count = None;
    if change.touches("SecondaryPrivateIpAddressCount") {
        let wanted = change.want.whole("SecondaryPrivateIpAddressCount")?.unwrap_or_default();
        let wanted = usize::try_from(wanted).unwrap_or_default();
        let secondary: Vec<&str> =
            live.iter().filter(|address| !is_primary(address)).filter_map(NatGatewayAddress::private_ip).collect();
        count = i32::try_from(wanted.saturating_sub(secondary.len())).ok().filter(|count| *count > 0);
        taken.extend(secondary.into_iter().skip(wanted).map(str::to_owned));
    }
    if count.is_some() || !added.is_empty() {
        let request = ec2.assign_private_nat_gateway_address().nat_gateway_id(change.id());
        let addresses = if added.is_empty() { None } else { Some(added) };
        let request = request.set_private_ip_addresses(addresses).set_private_ip_address_count(count);
        request.send().await.or_fault("ec2:AssignPrivateNatGatewayAddress", &[])?;
    }
    if !taken.is_empty() {
        let request = ec2.unassign_private_nat_gateway_address().nat_gateway_id(change.id());
        let request = request
            .set_private_ip_addresses(Some(taken))
            .set_max_drain_duration_seconds(change.want.whole("MaxDrainDurationSeconds")?);
        request.send().await.or_fault("ec2:UnassignPrivateNatGatewayAddress", &[])?;
    }
    Ok(())
}

/// A regional gateway has addresses zone by zone.
async fn change_zones(ec2: &Client, change: &Changed<'_>, live: &[NatGatewayAddress]) -> Result<()> {
    let name = "AvailabilityZoneAddresses";
    let (wanted, before) = (change.want.items(name)?, change.before.items(name)?);
    let allocations = |zones: &[Wanted<'_>]| -> Result<Vec<String>> {
        let lists = zones.iter().map(|zone| Ok(zone.texts("AllocationIds")?.unwrap_or_default()));
        Ok(lists.collect::<Result<Vec<_>>>()?.concat())
    };
    let (all_wanted, all_before) = (allocations(&wanted)?, allocations(&before)?);
    for zone in wanted {
        let mut added = zone.texts("AllocationIds")?.unwrap_or_default();
        added.retain(|id| !all_before.contains(id));
        if !added.is_empty() {
            let request = ec2
                .associate_nat_gateway_address()
                .nat_gateway_id(change.id())
                .set_availability_zone(zone.text("AvailabilityZone")?)
                .set_availability_zone_id(zone.text("AvailabilityZoneId")?)
                .set_allocation_ids(Some(added));
            request.send().await.or_fault("ec2:AssociateNatGatewayAddress", &[])?;
        }
    }
    let taken: Vec<String> = all_before.into_iter().filter(|id| !all_wanted.contains(id)).collect();
    disassociate(ec2, change, live, &taken).await
}

/// Takes addresses away by their allocations, which the API knows by their associations.
async fn disassociate(ec2: &Client, change: &Changed<'_>, live: &[NatGatewayAddress], taken: &[String]) -> Result<()> {
    let is_taken =
        |address: &&NatGatewayAddress| address.allocation_id().is_some_and(|id| taken.iter().any(|t| t == id));
    let associations: Vec<String> =
        live.iter().filter(is_taken).filter_map(|address| address.association_id.clone()).collect();
    if associations.is_empty() {
        return Ok(());
    }
    let request = ec2
        .disassociate_nat_gateway_address()
        .nat_gateway_id(change.id())
        .set_association_ids(Some(associations))
        .set_max_drain_duration_seconds(change.want.whole("MaxDrainDurationSeconds")?);
    request.send().await.or_fault("ec2:DisassociateNatGatewayAddress", &[]).map(drop)
}
