//! What connects a service with others (Service Connect, VPC Lattice, gateways) and what is measured of it: what
//! CloudFormation and ECS call the parts of it.

use aws_sdk_ecs::types::{
    AccessType, GatewayConnector, GatewayConnectorFilters, GatewayConnectorHealthCheck,
    GatewayConnectorHealthCheckMatcher, GatewayConnectorHealthCheckProtocol, MetricConfiguration,
    MonitoringConfiguration, ServiceConnectAccessLogConfiguration, ServiceConnectAccessLoggingFormat,
    ServiceConnectClientAlias, ServiceConnectConfiguration, ServiceConnectContainerConfiguration,
    ServiceConnectContainerLogLevel, ServiceConnectIncludeQueryParameters, ServiceConnectService,
    ServiceConnectTestTrafficHeaderMatchRules, ServiceConnectTestTrafficHeaderRules, ServiceConnectTestTrafficRules,
    ServiceConnectTlsCertificateAuthority, ServiceConnectTlsConfiguration, TimeoutConfiguration,
    VpcLatticeAdvancedConfiguration, VpcLatticeConfiguration,
};

use crate::aws::convert::{structures, unions, words};

words! {
    AccessType, GatewayConnectorHealthCheckProtocol, ServiceConnectAccessLoggingFormat, ServiceConnectContainerLogLevel,
    ServiceConnectIncludeQueryParameters
}

structures! {
    ServiceConnectConfiguration {
        "Enabled": enabled set_enabled, "Namespace": namespace set_namespace, "Services": services set_services,
        "LogConfiguration": log_configuration set_log_configuration,
        "AccessLogConfiguration": access_log_configuration set_access_log_configuration,
        "ContainerConfigurations": container_configurations set_container_configurations,
    }
    ServiceConnectAccessLogConfiguration {
        "Format": format set_format, "IncludeQueryParameters": include_query_parameters set_include_query_parameters,
    }
    ServiceConnectService {
        "PortName": port_name set_port_name, "DiscoveryName": discovery_name set_discovery_name,
        "ClientAliases": client_aliases set_client_aliases,
        "IngressPortOverride": ingress_port_override set_ingress_port_override, "Timeout": timeout set_timeout,
        "Tls": tls set_tls,
    }
    TimeoutConfiguration {
        "IdleTimeoutSeconds": idle_timeout_seconds set_idle_timeout_seconds,
        "PerRequestTimeoutSeconds": per_request_timeout_seconds set_per_request_timeout_seconds,
    }
    ServiceConnectTlsConfiguration {
        "IssuerCertificateAuthority": issuer_certificate_authority set_issuer_certificate_authority,
        "KmsKey": kms_key set_kms_key, "RoleArn": role_arn set_role_arn,
    }
    ServiceConnectTlsCertificateAuthority { "AwsPcaAuthorityArn": aws_pca_authority_arn set_aws_pca_authority_arn }
    ServiceConnectClientAlias {
        "Port": port set_port, "DnsName": dns_name set_dns_name,
        "TestTrafficRules": test_traffic_rules set_test_traffic_rules,
    }
    ServiceConnectTestTrafficRules { "Header": header set_header }
    ServiceConnectTestTrafficHeaderRules { "Name": name set_name, "Value": value set_value }
    ServiceConnectTestTrafficHeaderMatchRules { "Exact": exact set_exact }
    VpcLatticeConfiguration {
        "PortName": port_name set_port_name, "RoleArn": role_arn set_role_arn,
        "TargetGroupArn": target_group_arn set_target_group_arn,
        "AdvancedConfiguration": advanced_configuration set_advanced_configuration,
    }
    VpcLatticeAdvancedConfiguration {
        "AlternateTargetGroupArn": alternate_target_group_arn set_alternate_target_group_arn,
        "ProductionListenerRule": production_listener_rule set_production_listener_rule,
        "TestListenerRule": test_listener_rule set_test_listener_rule,
    }
    GatewayConnector {
        "PortName": port_name set_port_name, "Filters": filters set_filters, "HealthCheck": health_check set_health_check,
    }
    GatewayConnectorFilters { "AccessTypes": access_types set_access_types }
    GatewayConnectorHealthCheck {
        "HealthCheckProtocol": health_check_protocol set_health_check_protocol,
        "HealthCheckPort": health_check_port set_health_check_port,
        "HealthCheckPath": health_check_path set_health_check_path,
        "HealthCheckIntervalSeconds": health_check_interval_seconds set_health_check_interval_seconds,
        "HealthCheckTimeoutSeconds": health_check_timeout_seconds set_health_check_timeout_seconds,
        "HealthyThresholdCount": healthy_threshold_count set_healthy_threshold_count,
        "UnhealthyThresholdCount": unhealthy_threshold_count set_unhealthy_threshold_count,
        "Matcher": matcher set_matcher,
    }
    GatewayConnectorHealthCheckMatcher { "HttpCode": http_code set_http_code, "GrpcCode": grpc_code set_grpc_code }
    MonitoringConfiguration { "MetricConfigurations": metric_configurations set_metric_configurations }
    MetricConfiguration {
        "MetricNames": metric_names set_metric_names, "ResolutionSeconds": resolution_seconds set_resolution_seconds,
    }
}

unions! { ServiceConnectContainerConfiguration { "LogLevel": LogLevel as_log_level } }
