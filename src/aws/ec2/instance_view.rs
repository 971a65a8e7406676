//! What EC2 says of an instance, which takes several calls: DescribeInstances leaves out the volumes' settings, the credits
//! and some attributes.

use aws_sdk_ec2::{
    Client,
    types::{
        EbsBlockDevice, Instance, InstanceAttributeName, InstanceNetworkInterface, InstancePrivateIpAddress,
        InstanceStateName, MonitoringState, Tenancy, Volume,
    },
};

use super::{filters::filter, instance_memory as memory, tags::tags_of};
use crate::{
    aws::{
        convert::{Observed, Part, each},
        faults::{OrFault, there},
    },
    driver::Result,
};

/// What DescribeInstances leaves out of an instance.
#[derive(Default)]
pub struct Rest {
    volumes: Vec<Volume>,
    credits: Option<String>,
    is_protected: Option<bool>,
    on_shutdown: Option<String>,
    user_data: Option<String>,
}

/// What DescribeInstances leaves out of `instances`, in their order.
pub async fn rest(ec2: &Client, instances: &[Instance]) -> Result<Vec<Rest>> {
    if instances.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&str> = instances.iter().filter_map(Instance::instance_id).collect();
    let volumes = ec2.describe_volumes().set_filters(Some(filter("attachment.instance-id", ids)));
    let volumes =
        async { volumes.into_paginator().items().send().try_collect().await.or_fault("ec2:DescribeVolumes", &[]) };
    let attributes = each(instances.iter().map(|instance| attributes(ec2, instance.instance_id().unwrap_or_default())));
    let (volumes, credits, attributes) = tokio::try_join!(volumes, credits(ec2, instances), attributes)?;
    let volumes: Vec<Volume> = volumes;
    let complete = |(instance, mut rest): (&Instance, Rest)| {
        let id = instance.instance_id();
        let is_here = |volume: &&Volume| volume.attachments().iter().any(|place| place.instance_id() == id);
        rest.volumes = volumes.iter().filter(is_here).cloned().collect();
        rest.credits = credits.iter().find(|(other, _)| Some(other.as_str()) == id).map(|(_, word)| word.clone());
        rest
    };
    Ok(instances.iter().zip(attributes).map(complete).collect())
}

/// The credits of those instances that have any; a request that names another is refused.
async fn credits(ec2: &Client, instances: &[Instance]) -> Result<Vec<(String, String)>> {
    let is_burstable = |instance: &&Instance| {
        let word = instance.instance_type().map(|kind| kind.as_str()).unwrap_or_default();
        word.strip_prefix('t').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let ids: Vec<String> = instances.iter().filter(is_burstable).filter_map(|i| i.instance_id.clone()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let request = ec2.describe_instance_credit_specifications().set_instance_ids(Some(ids));
    let answer = request.send().await.or_fault("ec2:DescribeInstanceCreditSpecifications", &[]);
    let found = there(answer)?.and_then(|answer| answer.instance_credit_specifications).unwrap_or_default();
    Ok(found.into_iter().filter_map(|one| Some((one.instance_id?, one.cpu_credits?))).collect())
}

/// The attributes that have to be asked for one by one.
async fn attributes(ec2: &Client, id: &str) -> Result<Rest> {
    use InstanceAttributeName::{DisableApiTermination, InstanceInitiatedShutdownBehavior, UserData};
    let ask = |name: InstanceAttributeName| async move {
        let request = ec2.describe_instance_attribute().instance_id(id).attribute(name);
        there(request.send().await.or_fault("ec2:DescribeInstanceAttribute", &[]))
    };
    let (protection, shutdown, data) =
        tokio::try_join!(ask(DisableApiTermination), ask(InstanceInitiatedShutdownBehavior), ask(UserData))?;
    Ok(Rest {
        is_protected: protection.and_then(|answer| answer.disable_api_termination?.value),
        on_shutdown: shutdown.and_then(|answer| answer.instance_initiated_shutdown_behavior?.value),
        user_data: data.and_then(|answer| answer.user_data?.value),
        ..Rest::default()
    })
}

/// The state's word; an instance that EC2 says nothing of is on its way.
pub fn state(instance: &Instance) -> InstanceStateName {
    let state = instance.state().and_then(|state| state.name());
    state.cloned().unwrap_or(InstanceStateName::Pending)
}

/// A document of what DescribeInstances says, and of the rest.
pub fn document(instance: &Instance, rest: &Rest) -> Observed {
    let groups = || instance.security_groups().iter();
    let volumes = instance.block_device_mappings().iter().map(|device| {
        let id = device.ebs().and_then(|ebs| ebs.volume_id());
        Observed::new().with("Device", device.device_name()).with("VolumeId", id)
    });
    let profile = instance.iam_instance_profile().and_then(|profile| profile.arn());
    let credits = rest.credits.as_deref().map(|word| Observed::new().with("CPUCredits", Some(word)));
    placed(attributes_of(instance), instance)
        .with_list("BlockDeviceMappings", devices(instance, &rest.volumes))
        .with_part("CpuOptions", &instance.cpu_options)
        .with("CreditSpecification", credits)
        .with("DisableApiTermination", rest.is_protected)
        .with("EbsOptimized", instance.ebs_optimized())
        .with_part("EnclaveOptions", &instance.enclave_options)
        .with_part("HibernationOptions", &instance.hibernation_options)
        .with("IamInstanceProfile", profile.and_then(|arn| arn.rsplit('/').next()))
        .with("ImageId", memory::image(instance))
        .with("InstanceInitiatedShutdownBehavior", rest.on_shutdown.as_deref())
        .with("InstanceType", instance.instance_type().map(|kind| kind.as_str()))
        .with("KernelId", instance.kernel_id())
        .with("KeyName", instance.key_name())
        .with("LaunchTemplate", memory::template(instance))
        .with_part("MetadataOptions", &instance.metadata_options)
        .with("Monitoring", instance.monitoring().and_then(|monitoring| monitoring.state()).map(is_on))
        .with_list("NetworkInterfaces", instance.network_interfaces().iter().map(|one| interface(instance, one)))
        .with_part("PrivateDnsNameOptions", &instance.private_dns_name_options)
        .with("PrivateIpAddress", instance.private_ip_address())
        .with("RamdiskId", instance.ramdisk_id())
        .with_list("SecurityGroupIds", groups().filter_map(|group| group.group_id()))
        .with_list("SecurityGroups", groups().filter_map(|group| group.group_name()))
        .with("SourceDestCheck", instance.source_dest_check())
        .with("SubnetId", instance.subnet_id())
        .with_list("Tags", tags_of(instance.tags()))
        .with("UserData", rest.user_data.as_deref().filter(|data| !data.is_empty()))
        .with_list("Volumes", volumes)
}

/// What nobody can set.
pub fn attributes_of(instance: &Instance) -> Observed {
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let state = instance.state().map(|state| {
        let code = state.code().map(|code| code.to_string());
        Observed::new().with("Code", code).with("Name", state.name().map(InstanceStateName::as_str))
    });
    Observed::new()
        .with("InstanceId", instance.instance_id())
        .with("PrivateIp", some(instance.private_ip_address()))
        .with("PrivateDnsName", some(instance.private_dns_name()))
        .with("PublicIp", some(instance.public_ip_address()))
        .with("PublicDnsName", some(instance.public_dns_name()))
        .with("VpcId", instance.vpc_id())
        .with("State", state)
}

fn placed(document: Observed, instance: &Instance) -> Observed {
    let Some(placement) = instance.placement() else { return document };
    let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    document
        .with("Affinity", some(placement.affinity()))
        .with("AvailabilityZone", some(placement.availability_zone()))
        .with("HostId", some(placement.host_id()))
        .with("HostResourceGroupArn", some(placement.host_resource_group_arn()))
        .with("PlacementGroupName", some(placement.group_name()))
        .with("Tenancy", placement.tenancy().map(Tenancy::as_str))
}

fn is_on(state: &MonitoringState) -> bool {
    matches!(state, MonitoringState::Enabled | MonitoringState::Pending)
}

/// The devices with the settings of their volumes.
fn devices(instance: &Instance, volumes: &[Volume]) -> Vec<Observed> {
    let device = |device: &aws_sdk_ec2::types::InstanceBlockDeviceMapping| {
        let attached = device.ebs();
        let id = attached.and_then(|ebs| ebs.volume_id());
        let volume = volumes.iter().find(|volume| volume.volume_id() == id);
        let ebs = EbsBlockDevice::builder()
            .set_delete_on_termination(attached.and_then(|ebs| ebs.delete_on_termination()))
            .set_encrypted(volume.and_then(Volume::encrypted))
            .set_iops(volume.and_then(Volume::iops))
            .set_kms_key_id(volume.and_then(|volume| volume.kms_key_id.clone()))
            .set_snapshot_id(volume.and_then(|volume| volume.snapshot_id.clone()).filter(|id| !id.is_empty()))
            .set_volume_size(volume.and_then(Volume::size))
            .set_volume_type(volume.and_then(|volume| volume.volume_type.clone()))
            .build();
        Observed::new().with("DeviceName", device.device_name()).with("Ebs", attached.map(|_| ebs.shown()))
    };
    instance.block_device_mappings().iter().map(device).collect()
}

fn interface(instance: &Instance, interface: &InstanceNetworkInterface) -> Observed {
    let attachment = interface.attachment();
    let index = attachment.and_then(|attachment| attachment.device_index());
    let association = interface.association();
    let has = |address: Option<&str>| address.is_some_and(|address| !address.is_empty());
    let is_public = association.is_some_and(|association| has(association.public_ip()));
    let written = if index == Some(0) { memory::public_address(instance) } else { None };
    let srd = attachment.and_then(|attachment| attachment.ena_srd_specification()).map(|srd| {
        let udp = srd.ena_srd_udp_specification().and_then(|udp| udp.ena_srd_udp_enabled());
        let udp = udp.map(|is_on| Observed::new().with("EnaSrdUdpEnabled", Some(is_on)));
        Observed::new().with("EnaSrdEnabled", srd.ena_srd_enabled()).with("EnaSrdUdpSpecification", udp)
    });
    let addresses = interface.private_ip_addresses();
    let others = addresses.iter().filter(|address| address.primary() != Some(true)).count();
    let ipv6 = interface.ipv6_addresses();
    Observed::new()
        .with("AssociateCarrierIpAddress", Some(association.is_some_and(|one| has(one.carrier_ip()))))
        .with("AssociatePublicIpAddress", Some(written.unwrap_or(is_public)))
        .with("DeleteOnTermination", attachment.and_then(|attachment| attachment.delete_on_termination()))
        .with("Description", interface.description())
        .with("DeviceIndex", index.map(|index| index.to_string()))
        .with("EnaSrdSpecification", srd)
        .with_list("GroupSet", interface.groups().iter().filter_map(|group| group.group_id()))
        .with("Ipv6AddressCount", Some(ipv6.len()))
        .with_list("Ipv6Addresses", ipv6.iter().map(Part::shown))
        .with("NetworkInterfaceId", interface.network_interface_id())
        .with("PrivateIpAddress", interface.private_ip_address())
        .with_list("PrivateIpAddresses", addresses.iter().map(address))
        .with("SecondaryPrivateIpAddressCount", Some(others))
        .with("SubnetId", interface.subnet_id())
}

fn address(address: &InstancePrivateIpAddress) -> Observed {
    Observed::new().with("Primary", address.primary()).with("PrivateIpAddress", address.private_ip_address())
}
