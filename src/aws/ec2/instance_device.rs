//! The devices and options of an instance: what CloudFormation and EC2 call the parts of them.

use aws_sdk_ec2::types::{
    BlockDeviceMapping, CpuOptions, CpuOptionsRequest, EbsBlockDevice, EnclaveOptions, EnclaveOptionsRequest,
    HibernationOptions, HibernationOptionsRequest, HttpTokensState, IamInstanceProfileSpecification,
    InstanceIpv6Address, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest,
    InstanceMetadataOptionsResponse, InstanceMetadataProtocolState, InstanceMetadataTagsState,
    InstanceNetworkInterfaceSpecification, LaunchTemplateSpecification, LicenseConfigurationRequest, Placement,
    PrivateDnsNameOptionsRequest, PrivateDnsNameOptionsResponse,
};

use crate::{
    aws::convert::{Wanted, structures, words},
    driver::Result,
};

words! {
    HttpTokensState, InstanceMetadataEndpointState, InstanceMetadataProtocolState, InstanceMetadataTagsState
}

structures! {
    EbsBlockDevice {
        "DeleteOnTermination": delete_on_termination set_delete_on_termination, "Encrypted": encrypted set_encrypted,
        "Iops": iops set_iops, "KmsKeyId": kms_key_id set_kms_key_id, "SnapshotId": snapshot_id set_snapshot_id,
        "VolumeSize": volume_size set_volume_size, "VolumeType": volume_type set_volume_type,
    }
    CpuOptionsRequest {
        "CoreCount": core_count set_core_count, "ThreadsPerCore": threads_per_core set_threads_per_core,
    }
    CpuOptions { "CoreCount": core_count set_core_count, "ThreadsPerCore": threads_per_core set_threads_per_core }
    EnclaveOptionsRequest { "Enabled": enabled set_enabled }
    EnclaveOptions { "Enabled": enabled set_enabled }
    HibernationOptionsRequest { "Configured": configured set_configured }
    HibernationOptions { "Configured": configured set_configured }
    InstanceMetadataOptionsRequest {
        "HttpEndpoint": http_endpoint set_http_endpoint, "HttpProtocolIpv6": http_protocol_ipv6 set_http_protocol_ipv6,
        "HttpPutResponseHopLimit": http_put_response_hop_limit set_http_put_response_hop_limit,
        "HttpTokens": http_tokens set_http_tokens,
        "InstanceMetadataTags": instance_metadata_tags set_instance_metadata_tags,
    }
    InstanceMetadataOptionsResponse {
        "HttpEndpoint": http_endpoint set_http_endpoint, "HttpProtocolIpv6": http_protocol_ipv6 set_http_protocol_ipv6,
        "HttpPutResponseHopLimit": http_put_response_hop_limit set_http_put_response_hop_limit,
        "HttpTokens": http_tokens set_http_tokens,
        "InstanceMetadataTags": instance_metadata_tags set_instance_metadata_tags,
    }
    PrivateDnsNameOptionsRequest {
        "EnableResourceNameDnsAAAARecord":
            enable_resource_name_dns_aaaa_record set_enable_resource_name_dns_aaaa_record,
        "EnableResourceNameDnsARecord": enable_resource_name_dns_a_record set_enable_resource_name_dns_a_record,
        "HostnameType": hostname_type set_hostname_type,
    }
    PrivateDnsNameOptionsResponse {
        "EnableResourceNameDnsAAAARecord":
            enable_resource_name_dns_aaaa_record set_enable_resource_name_dns_aaaa_record,
        "EnableResourceNameDnsARecord": enable_resource_name_dns_a_record set_enable_resource_name_dns_a_record,
        "HostnameType": hostname_type set_hostname_type,
    }
    InstanceNetworkInterfaceSpecification {
        "AssociateCarrierIpAddress": associate_carrier_ip_address set_associate_carrier_ip_address,
        "AssociatePublicIpAddress": associate_public_ip_address set_associate_public_ip_address,
        "DeleteOnTermination": delete_on_termination set_delete_on_termination,
        "Description": description set_description, "DeviceIndex": device_index set_device_index,
        "EnaSrdSpecification": ena_srd_specification set_ena_srd_specification, "GroupSet": groups set_groups,
        "Ipv6AddressCount": ipv6_address_count set_ipv6_address_count,
        "Ipv6Addresses": ipv6_addresses set_ipv6_addresses,
        "NetworkInterfaceId": network_interface_id set_network_interface_id,
        "PrivateIpAddress": private_ip_address set_private_ip_address,
        "PrivateIpAddresses": private_ip_addresses set_private_ip_addresses,
        "SecondaryPrivateIpAddressCount": secondary_private_ip_address_count set_secondary_private_ip_address_count,
        "SubnetId": subnet_id set_subnet_id,
    }
    InstanceIpv6Address { "Ipv6Address": ipv6_address set_ipv6_address }
    LaunchTemplateSpecification {
        "LaunchTemplateId": launch_template_id set_launch_template_id,
        "LaunchTemplateName": launch_template_name set_launch_template_name, "Version": version set_version,
    }
    LicenseConfigurationRequest { "LicenseConfigurationArn": license_configuration_arn set_license_configuration_arn }
}

/// The devices at launch. A device that the image has and the instance shall not is named with an empty `NoDevice`.
pub fn devices(want: &Wanted<'_>) -> Result<Option<Vec<BlockDeviceMapping>>> {
    want.structures("BlockDeviceMappings", |device| {
        let builder = BlockDeviceMapping::builder()
            .set_device_name(device.text("DeviceName")?)
            .set_ebs(device.part("Ebs")?)
            .set_no_device(device.raw("NoDevice").map(|_| String::new()))
            .set_virtual_name(device.text("VirtualName")?);
        Ok(builder.build())
    })
}

/// Where the instance is to stand, if that is said.
pub fn placement(want: &Wanted<'_>) -> Result<Option<Placement>> {
    let placement = Placement::builder()
        .set_affinity(want.text("Affinity")?)
        .set_availability_zone(want.text("AvailabilityZone")?)
        .set_group_name(want.text("PlacementGroupName")?)
        .set_host_id(want.text("HostId")?)
        .set_host_resource_group_arn(want.text("HostResourceGroupArn")?)
        .set_tenancy(want.text("Tenancy")?)
        .build();
    Ok(Some(placement).filter(|placement| *placement != Placement::builder().build()))
}

/// The profile, given by its name or its ARN.
pub fn profile(want: &Wanted<'_>) -> Result<Option<IamInstanceProfileSpecification>> {
    let Some(name) = want.text::<String>("IamInstanceProfile")? else { return Ok(None) };
    let builder = IamInstanceProfileSpecification::builder();
    Ok(Some(if name.starts_with("arn:") { builder.arn(name) } else { builder.name(name) }.build()))
}

/// The credits of a burstable type.
pub fn credits(want: &Wanted<'_>) -> Result<Option<String>> {
    match want.inner("CreditSpecification")? {
        Some(specification) => specification.text("CPUCredits"),
        None => Ok(None),
    }
}
