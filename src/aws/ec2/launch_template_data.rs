//! What a launch template says of an instance: what CloudFormation and EC2 call the parts of it. Its network interfaces and
//! what it requires of an instance type have files of their own.

use aws_sdk_ec2::types::{
    AmdSevSnpSpecification, CapacityReservationPreference, CapacityReservationTarget, CreditSpecificationRequest,
    HostnameType, InstanceBandwidthWeighting, InstanceInterruptionBehavior, InstanceType,
    LaunchTemplateAutoRecoveryState, LaunchTemplateBlockDeviceMappingRequest,
    LaunchTemplateCapacityReservationSpecificationRequest, LaunchTemplateCpuOptionsRequest,
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateEnclaveOptionsRequest, LaunchTemplateHibernationOptionsRequest,
    LaunchTemplateHttpTokensState, LaunchTemplateIamInstanceProfileSpecificationRequest,
    LaunchTemplateInstanceMaintenanceOptionsRequest, LaunchTemplateInstanceMarketOptionsRequest,
    LaunchTemplateInstanceMetadataEndpointState, LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateInstanceMetadataProtocolIpv6, LaunchTemplateInstanceMetadataTagsState,
    LaunchTemplateLicenseConfigurationRequest, LaunchTemplateNetworkPerformanceOptionsRequest,
    LaunchTemplatePlacementRequest, LaunchTemplatePrivateDnsNameOptionsRequest, LaunchTemplateSpotMarketOptionsRequest,
    LaunchTemplateTagSpecificationRequest, LaunchTemplatesMonitoringRequest, MarketType,
    NestedVirtualizationSpecification, RequestLaunchTemplateData, ResourceType, ShutdownBehavior, SpotInstanceType,
    Tag, Tenancy, VolumeType,
};

use crate::aws::convert::{structures, words};

words! {
    AmdSevSnpSpecification, CapacityReservationPreference, HostnameType, InstanceBandwidthWeighting,
    InstanceInterruptionBehavior, InstanceType, LaunchTemplateAutoRecoveryState, LaunchTemplateHttpTokensState,
    LaunchTemplateInstanceMetadataEndpointState, LaunchTemplateInstanceMetadataProtocolIpv6,
    LaunchTemplateInstanceMetadataTagsState, MarketType, NestedVirtualizationSpecification, ResourceType,
    ShutdownBehavior, SpotInstanceType, Tenancy, VolumeType
}

structures! {
    RequestLaunchTemplateData {
        "BlockDeviceMappings": block_device_mappings set_block_device_mappings,
        "CapacityReservationSpecification": capacity_reservation_specification set_capacity_reservation_specification,
        "CpuOptions": cpu_options set_cpu_options,
        "CreditSpecification": credit_specification set_credit_specification,
        "DisableApiStop": disable_api_stop set_disable_api_stop,
        "DisableApiTermination": disable_api_termination set_disable_api_termination,
        "EbsOptimized": ebs_optimized set_ebs_optimized, "EnclaveOptions": enclave_options set_enclave_options,
        "HibernationOptions": hibernation_options set_hibernation_options,
        "IamInstanceProfile": iam_instance_profile set_iam_instance_profile, "ImageId": image_id set_image_id,
        "InstanceInitiatedShutdownBehavior":
            instance_initiated_shutdown_behavior set_instance_initiated_shutdown_behavior,
        "InstanceMarketOptions": instance_market_options set_instance_market_options,
        "InstanceRequirements": instance_requirements set_instance_requirements,
        "InstanceType": instance_type set_instance_type, "KernelId": kernel_id set_kernel_id,
        "KeyName": key_name set_key_name, "LicenseSpecifications": license_specifications set_license_specifications,
        "MaintenanceOptions": maintenance_options set_maintenance_options,
        "MetadataOptions": metadata_options set_metadata_options, "Monitoring": monitoring set_monitoring,
        "NetworkInterfaces": network_interfaces set_network_interfaces,
        "NetworkPerformanceOptions": network_performance_options set_network_performance_options,
        "Placement": placement set_placement,
        "PrivateDnsNameOptions": private_dns_name_options set_private_dns_name_options,
        "RamDiskId": ram_disk_id set_ram_disk_id, "SecurityGroupIds": security_group_ids set_security_group_ids,
        "SecurityGroups": security_groups set_security_groups,
        "TagSpecifications": tag_specifications set_tag_specifications, "UserData": user_data set_user_data,
    }
    LaunchTemplateBlockDeviceMappingRequest {
        "DeviceName": device_name set_device_name, "Ebs": ebs set_ebs, "NoDevice": no_device set_no_device,
        "VirtualName": virtual_name set_virtual_name,
    }
    LaunchTemplateEbsBlockDeviceRequest {
        "DeleteOnTermination": delete_on_termination set_delete_on_termination,
        "EbsCardIndex": ebs_card_index set_ebs_card_index, "Encrypted": encrypted set_encrypted, "Iops": iops set_iops,
        "KmsKeyId": kms_key_id set_kms_key_id, "SnapshotId": snapshot_id set_snapshot_id,
        "Throughput": throughput set_throughput,
        "VolumeInitializationRate": volume_initialization_rate set_volume_initialization_rate,
        "VolumeSize": volume_size set_volume_size, "VolumeType": volume_type set_volume_type,
    }
    LaunchTemplateCapacityReservationSpecificationRequest {
        "CapacityReservationPreference": capacity_reservation_preference set_capacity_reservation_preference,
        "CapacityReservationTarget": capacity_reservation_target set_capacity_reservation_target,
    }
    CapacityReservationTarget {
        "CapacityReservationId": capacity_reservation_id set_capacity_reservation_id,
        "CapacityReservationResourceGroupArn":
            capacity_reservation_resource_group_arn set_capacity_reservation_resource_group_arn,
    }
    LaunchTemplateCpuOptionsRequest {
        "AmdSevSnp": amd_sev_snp set_amd_sev_snp, "CoreCount": core_count set_core_count,
        "NestedVirtualization": nested_virtualization set_nested_virtualization,
        "ThreadsPerCore": threads_per_core set_threads_per_core,
    }
    CreditSpecificationRequest { "CpuCredits": cpu_credits set_cpu_credits }
    LaunchTemplateEnclaveOptionsRequest { "Enabled": enabled set_enabled }
    LaunchTemplateHibernationOptionsRequest { "Configured": configured set_configured }
    LaunchTemplateIamInstanceProfileSpecificationRequest { "Arn": arn set_arn, "Name": name set_name }
    LaunchTemplateInstanceMarketOptionsRequest {
        "MarketType": market_type set_market_type, "SpotOptions": spot_options set_spot_options,
    }
    LaunchTemplateSpotMarketOptionsRequest {
        "BlockDurationMinutes": block_duration_minutes set_block_duration_minutes,
        "InstanceInterruptionBehavior": instance_interruption_behavior set_instance_interruption_behavior,
        "MaxPrice": max_price set_max_price, "SpotInstanceType": spot_instance_type set_spot_instance_type,
        "ValidUntil": valid_until set_valid_until,
    }
    LaunchTemplateLicenseConfigurationRequest {
        "LicenseConfigurationArn": license_configuration_arn set_license_configuration_arn,
    }
    LaunchTemplateInstanceMaintenanceOptionsRequest { "AutoRecovery": auto_recovery set_auto_recovery }
    LaunchTemplateInstanceMetadataOptionsRequest {
        "HttpEndpoint": http_endpoint set_http_endpoint, "HttpProtocolIpv6": http_protocol_ipv6 set_http_protocol_ipv6,
        "HttpPutResponseHopLimit": http_put_response_hop_limit set_http_put_response_hop_limit,
        "HttpTokens": http_tokens set_http_tokens,
        "InstanceMetadataTags": instance_metadata_tags set_instance_metadata_tags,
    }
    LaunchTemplatesMonitoringRequest { "Enabled": enabled set_enabled }
    LaunchTemplateNetworkPerformanceOptionsRequest { "BandwidthWeighting": bandwidth_weighting set_bandwidth_weighting }
    LaunchTemplatePlacementRequest {
        "Affinity": affinity set_affinity, "AvailabilityZone": availability_zone set_availability_zone,
        "GroupId": group_id set_group_id, "GroupName": group_name set_group_name, "HostId": host_id set_host_id,
        "HostResourceGroupArn": host_resource_group_arn set_host_resource_group_arn,
        "PartitionNumber": partition_number set_partition_number, "SpreadDomain": spread_domain set_spread_domain,
        "Tenancy": tenancy set_tenancy,
    }
    LaunchTemplatePrivateDnsNameOptionsRequest {
        "EnableResourceNameDnsAAAARecord":
            enable_resource_name_dns_aaaa_record set_enable_resource_name_dns_aaaa_record,
        "EnableResourceNameDnsARecord": enable_resource_name_dns_a_record set_enable_resource_name_dns_a_record,
        "HostnameType": hostname_type set_hostname_type,
    }
    LaunchTemplateTagSpecificationRequest { "ResourceType": resource_type set_resource_type, "Tags": tags set_tags }
    Tag { "Key": key set_key, "Value": value set_value }
}
