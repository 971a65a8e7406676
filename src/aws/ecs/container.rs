//! The containers of a task definition: what CloudFormation and ECS call their parts.

use aws_sdk_ecs::types::{
    ApplicationProtocol, ContainerCondition, ContainerDefinition, ContainerDependency, ContainerRestartPolicy, Device,
    DeviceCgroupPermission, EnvironmentFile, EnvironmentFileType, FirelensConfiguration, FirelensConfigurationType,
    HealthCheck, HostEntry, KernelCapabilities, KeyValuePair, LinuxParameters, LogConfiguration, LogDriver, MountPoint,
    NvidiaMpsAllocation, PortMapping, RepositoryCredentials, ResourceRequirement, ResourceType, Secret,
    SharingStrategy, SystemControl, Tmpfs, TransportProtocol, Ulimit, UlimitName, VersionConsistency, VolumeFrom,
};

use crate::aws::convert::{structures, unions, words};

words! {
    ApplicationProtocol, ContainerCondition, DeviceCgroupPermission, EnvironmentFileType, FirelensConfigurationType,
    LogDriver, ResourceType, TransportProtocol, UlimitName, VersionConsistency
}

structures! {
    ContainerDefinition {
        "Name": name set_name, "Image": image set_image, "Essential": essential set_essential,
        "RepositoryCredentials": repository_credentials set_repository_credentials,
        "VersionConsistency": version_consistency set_version_consistency,
        "Cpu": cpu set_cpu, "Memory": memory set_memory, "MemoryReservation": memory_reservation set_memory_reservation,
        "ResourceRequirements": resource_requirements set_resource_requirements,
        "EntryPoint": entry_point set_entry_point, "Command": command set_command,
        "WorkingDirectory": working_directory set_working_directory, "User": user set_user,
        "Environment": environment set_environment, "EnvironmentFiles": environment_files set_environment_files,
        "Secrets": secrets set_secrets, "CredentialSpecs": credential_specs set_credential_specs,
        "MountPoints": mount_points set_mount_points, "VolumesFrom": volumes_from set_volumes_from,
        "PortMappings": port_mappings set_port_mappings, "Links": links set_links, "Hostname": hostname set_hostname,
        "ExtraHosts": extra_hosts set_extra_hosts, "DnsServers": dns_servers set_dns_servers,
        "DnsSearchDomains": dns_search_domains set_dns_search_domains,
        "DisableNetworking": disable_networking set_disable_networking,
        "DependsOn": depends_on set_depends_on, "StartTimeout": start_timeout set_start_timeout,
        "StopTimeout": stop_timeout set_stop_timeout, "RestartPolicy": restart_policy set_restart_policy,
        "HealthCheck": health_check set_health_check,
        "LogConfiguration": log_configuration set_log_configuration,
        "FirelensConfiguration": firelens_configuration set_firelens_configuration,
        "LinuxParameters": linux_parameters set_linux_parameters, "Ulimits": ulimits set_ulimits,
        "SystemControls": system_controls set_system_controls, "Privileged": privileged set_privileged,
        "ReadonlyRootFilesystem": readonly_root_filesystem set_readonly_root_filesystem,
        "DockerLabels": docker_labels set_docker_labels,
        "DockerSecurityOptions": docker_security_options set_docker_security_options,
        "Interactive": interactive set_interactive, "PseudoTerminal": pseudo_terminal set_pseudo_terminal,
    }
    RepositoryCredentials { "CredentialsParameter": credentials_parameter set_credentials_parameter }
    ResourceRequirement {
        "Type": r#type set_type, "Value": value set_value, "SharingStrategy": sharing_strategy set_sharing_strategy,
    }
    NvidiaMpsAllocation { "Memory": memory set_memory, "MaxComputePercent": max_compute_percent set_max_compute_percent }
    KeyValuePair { "Name": name set_name, "Value": value set_value }
    EnvironmentFile { "Type": r#type set_type, "Value": value set_value }
    Secret { "Name": name set_name, "ValueFrom": value_from set_value_from }
    MountPoint {
        "SourceVolume": source_volume set_source_volume, "ContainerPath": container_path set_container_path,
        "ReadOnly": read_only set_read_only,
    }
    VolumeFrom { "SourceContainer": source_container set_source_container, "ReadOnly": read_only set_read_only }
    PortMapping {
        "ContainerPort": container_port set_container_port, "HostPort": host_port set_host_port,
        "ContainerPortRange": container_port_range set_container_port_range, "Protocol": protocol set_protocol,
        "AppProtocol": app_protocol set_app_protocol, "Name": name set_name,
    }
    HostEntry { "Hostname": hostname set_hostname, "IpAddress": ip_address set_ip_address }
    ContainerDependency { "ContainerName": container_name set_container_name, "Condition": condition set_condition }
    ContainerRestartPolicy {
        "Enabled": enabled set_enabled, "IgnoredExitCodes": ignored_exit_codes set_ignored_exit_codes,
        "RestartAttemptPeriod": restart_attempt_period set_restart_attempt_period,
    }
    HealthCheck {
        "Command": command set_command, "Interval": interval set_interval, "Timeout": timeout set_timeout,
        "Retries": retries set_retries, "StartPeriod": start_period set_start_period,
    }
    LogConfiguration {
        "LogDriver": log_driver set_log_driver, "Options": options set_options,
        "SecretOptions": secret_options set_secret_options,
    }
    FirelensConfiguration { "Type": r#type set_type, "Options": options set_options }
    LinuxParameters {
        "Capabilities": capabilities set_capabilities, "Devices": devices set_devices, "Tmpfs": tmpfs set_tmpfs,
        "InitProcessEnabled": init_process_enabled set_init_process_enabled,
        "SharedMemorySize": shared_memory_size set_shared_memory_size, "MaxSwap": max_swap set_max_swap,
        "Swappiness": swappiness set_swappiness,
    }
    KernelCapabilities { "Add": add set_add, "Drop": drop set_drop }
    Device {
        "HostPath": host_path set_host_path, "ContainerPath": container_path set_container_path,
        "Permissions": permissions set_permissions,
    }
    Tmpfs {
        "ContainerPath": container_path set_container_path, "Size": size set_size,
        "MountOptions": mount_options set_mount_options,
    }
    Ulimit { "Name": name set_name, "SoftLimit": soft_limit set_soft_limit, "HardLimit": hard_limit set_hard_limit }
    SystemControl { "Namespace": namespace set_namespace, "Value": value set_value }
}

unions! { SharingStrategy { "NvidiaMps": NvidiaMps as_nvidia_mps } }
