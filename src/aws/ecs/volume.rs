//! The volumes of a task definition: what CloudFormation and ECS call their parts.

use aws_sdk_ecs::types::{
    DockerVolumeConfiguration, EfsAuthorizationConfig, EfsAuthorizationConfigIam, EfsTransitEncryption,
    EfsVolumeConfiguration, FSxWindowsFileServerAuthorizationConfig, FSxWindowsFileServerVolumeConfiguration,
    HostVolumeProperties, S3FilesVolumeConfiguration, Scope, Volume,
};

use crate::aws::convert::{structures, words};

words! { EfsAuthorizationConfigIam, EfsTransitEncryption, Scope }

structures! {
    Volume {
        "Name": name set_name, "Host": host set_host,
        "ConfiguredAtLaunch": configured_at_launch set_configured_at_launch,
        "DockerVolumeConfiguration": docker_volume_configuration set_docker_volume_configuration,
        "EFSVolumeConfiguration": efs_volume_configuration set_efs_volume_configuration,
        "FSxWindowsFileServerVolumeConfiguration":
            fsx_windows_file_server_volume_configuration set_fsx_windows_file_server_volume_configuration,
        "S3FilesVolumeConfiguration": s3files_volume_configuration set_s3files_volume_configuration,
    }
    HostVolumeProperties { "SourcePath": source_path set_source_path }
    DockerVolumeConfiguration {
        "Scope": scope set_scope, "Autoprovision": autoprovision set_autoprovision, "Driver": driver set_driver,
        "DriverOpts": driver_opts set_driver_opts, "Labels": labels set_labels,
    }
    EfsVolumeConfiguration {
        "FilesystemId": file_system_id set_file_system_id, "RootDirectory": root_directory set_root_directory,
        "TransitEncryption": transit_encryption set_transit_encryption,
        "TransitEncryptionPort": transit_encryption_port set_transit_encryption_port,
        "AuthorizationConfig": authorization_config set_authorization_config,
    }
    EfsAuthorizationConfig { "AccessPointId": access_point_id set_access_point_id, "IAM": iam set_iam }
    FSxWindowsFileServerVolumeConfiguration {
        "FileSystemId": file_system_id set_file_system_id, "RootDirectory": root_directory set_root_directory,
        "AuthorizationConfig": authorization_config set_authorization_config,
    }
    FSxWindowsFileServerAuthorizationConfig {
        "CredentialsParameter": credentials_parameter set_credentials_parameter, "Domain": domain set_domain,
    }
    S3FilesVolumeConfiguration {
        "FileSystemArn": file_system_arn set_file_system_arn, "RootDirectory": root_directory set_root_directory,
        "AccessPointArn": access_point_arn set_access_point_arn,
        "TransitEncryptionPort": transit_encryption_port set_transit_encryption_port,
    }
}
