//! What a detector watches: what CloudFormation and GuardDuty call it. GuardDuty takes switches and reports states.

use aws_sdk_guardduty::types::{
    DataSourceConfigurations, DataSourceConfigurationsResult, DataSourceStatus, DetectorAdditionalConfiguration,
    DetectorAdditionalConfigurationResult, DetectorFeature, DetectorFeatureConfiguration,
    DetectorFeatureConfigurationResult, DetectorFeatureResult, FeatureAdditionalConfiguration, FeatureStatus,
    FindingPublishingFrequency, KubernetesAuditLogsConfiguration, KubernetesConfiguration,
    MalwareProtectionConfiguration, S3LogsConfiguration, ScanEc2InstanceWithFindings,
};

use crate::aws::convert::{structures, words};

words! {
    DetectorFeature, DetectorFeatureResult, FeatureAdditionalConfiguration, FeatureStatus, FindingPublishingFrequency
}

structures! {
    DetectorFeatureConfiguration {
        "Name": name set_name, "Status": status set_status,
        "AdditionalConfiguration": additional_configuration set_additional_configuration,
    }
    DetectorFeatureConfigurationResult {
        "Name": name set_name, "Status": status set_status,
        "AdditionalConfiguration": additional_configuration set_additional_configuration,
    }
    DetectorAdditionalConfiguration { "Name": name set_name, "Status": status set_status }
    DetectorAdditionalConfigurationResult { "Name": name set_name, "Status": status set_status }
    DataSourceConfigurations {
        "S3Logs": s3_logs set_s3_logs, "Kubernetes": kubernetes set_kubernetes,
        "MalwareProtection": malware_protection set_malware_protection,
    }
    S3LogsConfiguration { "Enable": enable set_enable }
    KubernetesConfiguration { "AuditLogs": audit_logs set_audit_logs }
    KubernetesAuditLogsConfiguration { "Enable": enable set_enable }
    MalwareProtectionConfiguration {
        "ScanEc2InstanceWithFindings": scan_ec2_instance_with_findings set_scan_ec2_instance_with_findings,
    }
    ScanEc2InstanceWithFindings { "EbsVolumes": ebs_volumes set_ebs_volumes }
}

/// The features that can be switched; a detector also reports those that are always on.
pub fn switchable(features: &[DetectorFeatureConfigurationResult]) -> Vec<DetectorFeatureConfigurationResult> {
    let is_switchable = |feature: &&DetectorFeatureConfigurationResult| {
        feature.name().is_some_and(|name| DetectorFeature::values().contains(&name.as_str()))
    };
    features.iter().filter(is_switchable).cloned().collect()
}

/// The switches that lead to the states of the data sources.
pub fn switches(sources: &DataSourceConfigurationsResult) -> DataSourceConfigurations {
    let logs = sources.s3_logs().and_then(|logs| logs.status());
    let audit = sources.kubernetes().and_then(|kubernetes| kubernetes.audit_logs()).and_then(|logs| logs.status());
    let scan = sources.malware_protection().and_then(|malware| malware.scan_ec2_instance_with_findings());
    let volumes = scan.and_then(|scan| scan.ebs_volumes()).and_then(|volumes| volumes.status());
    let is_on = |status: &DataSourceStatus| *status == DataSourceStatus::Enabled;
    let audit = audit.map(|status| KubernetesAuditLogsConfiguration::builder().enable(is_on(status)).build());
    let scan = volumes.map(|status| ScanEc2InstanceWithFindings::builder().ebs_volumes(is_on(status)).build());
    DataSourceConfigurations::builder()
        .set_s3_logs(logs.map(|status| S3LogsConfiguration::builder().enable(is_on(status)).build()))
        .set_kubernetes(audit.map(|logs| KubernetesConfiguration::builder().audit_logs(logs).build()))
        .set_malware_protection(
            scan.map(|scan| MalwareProtectionConfiguration::builder().scan_ec2_instance_with_findings(scan).build()),
        )
        .build()
}
