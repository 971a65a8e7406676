//! The request that launches an instance.

use aws_sdk_ec2::{
    Client,
    operation::run_instances::builders::RunInstancesFluentBuilder,
    types::{CreditSpecificationRequest, ResourceType, RunInstancesMonitoringEnabled, Tag, TagSpecification},
};

use super::{
    instance_device::{credits, devices, placement, profile},
    instance_memory,
    tags::tag_specification,
};
use crate::{
    aws::convert::Wanted,
    driver::{Call, Result},
};

/// RunInstances as a document says, with the client token of `call`.
pub fn request(ec2: &Client, call: &Call, want: &Wanted<'_>) -> Result<RunInstancesFluentBuilder> {
    refuse(want)?;
    let monitoring = want.flag("Monitoring")?;
    let credits = credits(want)?.map(|credits| CreditSpecificationRequest::builder().cpu_credits(credits).build());
    let request = ec2
        .run_instances()
        .client_token(&call.token().0)
        .min_count(1)
        .max_count(1)
        .set_additional_info(want.text("AdditionalInfo")?)
        .set_block_device_mappings(devices(want)?)
        .set_cpu_options(want.part("CpuOptions")?)
        .set_credit_specification(credits)
        .set_disable_api_termination(want.flag("DisableApiTermination")?)
        .set_ebs_optimized(want.flag("EbsOptimized")?)
        .set_enclave_options(want.part("EnclaveOptions")?)
        .set_hibernation_options(want.part("HibernationOptions")?)
        .set_iam_instance_profile(profile(want)?)
        .set_image_id(want.text("ImageId")?)
        .set_instance_initiated_shutdown_behavior(want.text("InstanceInitiatedShutdownBehavior")?)
        .set_instance_type(want.text("InstanceType")?)
        .set_ipv6_address_count(want.whole("Ipv6AddressCount")?)
        .set_ipv6_addresses(want.part("Ipv6Addresses")?)
        .set_kernel_id(want.text("KernelId")?)
        .set_key_name(want.text("KeyName")?)
        .set_launch_template(want.part("LaunchTemplate")?)
        .set_license_specifications(want.part("LicenseSpecifications")?)
        .set_metadata_options(want.part("MetadataOptions")?)
        .set_monitoring(monitoring.map(|enabled| RunInstancesMonitoringEnabled::builder().enabled(enabled).build()))
        .set_network_interfaces(want.part("NetworkInterfaces")?)
        .set_placement(placement(want)?)
        .set_private_dns_name_options(want.part("PrivateDnsNameOptions")?)
        .set_private_ip_address(want.text("PrivateIpAddress")?)
        .set_ramdisk_id(want.text("RamdiskId")?)
        .set_security_group_ids(want.texts("SecurityGroupIds")?)
        .set_security_groups(want.texts("SecurityGroups")?)
        .set_subnet_id(want.text("SubnetId")?)
        .set_tag_specifications(Some(tags(call, want)?))
        .set_user_data(want.text("UserData")?);
    Ok(request)
}

/// Refuses what EC2 does not offer any more, and what another type is there for.
fn refuse(want: &Wanted<'_>) -> Result<()> {
    for name in ["ElasticGpuSpecifications", "ElasticInferenceAccelerators"] {
        if want.raw(name).is_some() {
            return Err(want.invalid(format!("AWS has ended the service behind `{name}`; take it out")));
        }
    }
    match want.raw("SsmAssociations") {
        None => Ok(()),
        Some(_) => Err(want.invalid(
            "`SsmAssociations` are objects of Systems Manager; declare each as an `AWS::SSM::Association` with \
             `Targets: [{Key: InstanceIds, Values: ['${…}']}]` instead",
        )),
    }
}

/// The tags of the instance, and if wanted those of the user on its volumes too.
fn tags(call: &Call, want: &Wanted<'_>) -> Result<Vec<TagSpecification>> {
    let mut instance = tag_specification(ResourceType::Instance, call, want)?;
    instance.tags.get_or_insert_default().extend(instance_memory::tags(want)?);
    let mut all = vec![instance];
    let users = want.part::<Vec<Tag>>("Tags")?.filter(|tags| !tags.is_empty());
    if let Some(users) = users.filter(|_| want.raw("PropagateTagsToVolumeOnCreation").is_some())
        && want.flag("PropagateTagsToVolumeOnCreation")? == Some(true)
    {
        all.push(TagSpecification::builder().resource_type(ResourceType::Volume).set_tags(Some(users)).build());
    }
    Ok(all)
}
