//! Where the tasks of a service run and how they are reached: what CloudFormation and ECS call the parts of it.

use aws_sdk_ecs::types::{
    AdvancedConfiguration, AssignPublicIp, AvailabilityZoneRebalancing, AwsVpcConfiguration,
    CapacityProviderStrategyItem, EbsResourceType, EbsTagSpecification, LaunchType, LoadBalancer, NetworkConfiguration,
    PlacementConstraint, PlacementConstraintType, PlacementStrategy, PlacementStrategyType, PropagateTags,
    SchedulingStrategy, ServiceManagedEbsVolumeConfiguration, ServiceRegistry, ServiceVolumeConfiguration,
    TaskFilesystemType,
};

use crate::aws::convert::{structures, words};

words! {
    AssignPublicIp, AvailabilityZoneRebalancing, EbsResourceType, LaunchType, PlacementConstraintType,
    PlacementStrategyType, PropagateTags, SchedulingStrategy, TaskFilesystemType
}

structures! {
    CapacityProviderStrategyItem {
        "CapacityProvider": capacity_provider set_capacity_provider, "Weight": weight set_weight, "Base": base set_base,
    }
    PlacementConstraint { "Type": r#type set_type, "Expression": expression set_expression }
    PlacementStrategy { "Type": r#type set_type, "Field": field set_field }
    NetworkConfiguration { "AwsvpcConfiguration": awsvpc_configuration set_awsvpc_configuration }
    AwsVpcConfiguration {
        "Subnets": subnets set_subnets, "SecurityGroups": security_groups set_security_groups,
        "AssignPublicIp": assign_public_ip set_assign_public_ip,
    }
    LoadBalancer {
        "TargetGroupArn": target_group_arn set_target_group_arn,
        "LoadBalancerName": load_balancer_name set_load_balancer_name,
        "ContainerName": container_name set_container_name, "ContainerPort": container_port set_container_port,
        "AdvancedConfiguration": advanced_configuration set_advanced_configuration,
    }
    AdvancedConfiguration {
        "AlternateTargetGroupArn": alternate_target_group_arn set_alternate_target_group_arn,
        "ProductionListenerRule": production_listener_rule set_production_listener_rule,
        "TestListenerRule": test_listener_rule set_test_listener_rule, "RoleArn": role_arn set_role_arn,
    }
    ServiceRegistry {
        "RegistryArn": registry_arn set_registry_arn, "Port": port set_port,
        "ContainerName": container_name set_container_name, "ContainerPort": container_port set_container_port,
    }
    ServiceVolumeConfiguration {
        "Name": name set_name, "ManagedEBSVolume": managed_ebs_volume set_managed_ebs_volume,
    }
    ServiceManagedEbsVolumeConfiguration {
        "Encrypted": encrypted set_encrypted, "KmsKeyId": kms_key_id set_kms_key_id,
        "VolumeType": volume_type set_volume_type, "SizeInGiB": size_in_gib set_size_in_gib,
        "SnapshotId": snapshot_id set_snapshot_id, "Iops": iops set_iops, "Throughput": throughput set_throughput,
        "VolumeInitializationRate": volume_initialization_rate set_volume_initialization_rate,
        "FilesystemType": filesystem_type set_filesystem_type, "RoleArn": role_arn set_role_arn,
        "TagSpecifications": tag_specifications set_tag_specifications,
    }
    EbsTagSpecification {
        "ResourceType": resource_type set_resource_type, "PropagateTags": propagate_tags set_propagate_tags,
        "Tags": tags set_tags,
    }
}
