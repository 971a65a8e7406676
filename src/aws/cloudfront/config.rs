//! The configuration of a distribution: what CloudFormation and CloudFront call its parts, in the form that `shape` gives
//! it.

#![expect(deprecated, reason = "what a behaviour without a cache policy caches by is deprecated, and still in use")]

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CacheTagConfig, CachedMethods,
    ConnectionFunctionAssociation, ConnectionMode, CookieNames, CookiePreference, CustomErrorResponse,
    CustomErrorResponses, CustomHeaders, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, EventType,
    ForwardedValues, FunctionAssociation, FunctionAssociations, GeoRestriction, GeoRestrictionType, GrpcConfig,
    Headers, HttpVersion, IpAddressType, ItemSelection, LambdaFunctionAssociation, LambdaFunctionAssociations,
    LoggingConfig, Method, MinimumProtocolVersion, Origin, OriginCustomHeader, OriginGroup,
    OriginGroupFailoverCriteria, OriginGroupMember, OriginGroupMembers, OriginGroupSelectionCriteria, OriginGroups,
    OriginMtlsConfig, OriginProtocolPolicy, OriginShield, OriginSslProtocols, Origins, ParameterDefinition,
    ParameterDefinitionSchema, PriceClass, QueryStringCacheKeys, Restrictions, S3OriginConfig, SslProtocol,
    SslSupportMethod, StatusCodes, StringSchemaConfig, TenantConfig, TrustStoreConfig, TrustedKeyGroups,
    TrustedSigners, ViewerCertificate, ViewerMtlsConfig, ViewerMtlsMode, ViewerProtocolPolicy, VpcOriginConfig,
};
use serde_json::Value as Json;

use crate::{
    aws::convert::{Finished, Part, Reported, Wanted, structures, words},
    driver::Result,
};

words! {
    ConnectionMode, EventType, GeoRestrictionType, HttpVersion, IpAddressType, ItemSelection, Method,
    MinimumProtocolVersion, OriginGroupSelectionCriteria, OriginProtocolPolicy, PriceClass, SslProtocol,
    SslSupportMethod, ViewerMtlsMode, ViewerProtocolPolicy
}

/// Declares CloudFront's lists that carry their own length, and some a flag that says whether there is anything in them.
/// In documents they are plain lists.
macro_rules! counted {
    ($($list:ident: $item:ty $(, $flag:ident)?;)*) => {$(
        impl Part for $list {
            fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
                let items = Vec::<$item>::taken(value, around, name)?;
                let quantity = i32::try_from(items.len()).unwrap_or(i32::MAX);
                let builder = $list::builder().quantity(quantity)$(.$flag(quantity > 0))?;
                builder.set_items(Some(items).filter(|items| !items.is_empty())).build().finished(around)
            }

            fn shown(&self) -> Json {
                self.items.reported().unwrap_or_else(|| Json::Array(Vec::new()))
            }
        }
    )*};
}

counted! {
    Aliases: String;
    CacheBehaviors: CacheBehavior;
    CachedMethods: Method;
    CookieNames: String;
    CustomErrorResponses: CustomErrorResponse;
    CustomHeaders: OriginCustomHeader;
    FunctionAssociations: FunctionAssociation;
    Headers: String;
    LambdaFunctionAssociations: LambdaFunctionAssociation;
    OriginSslProtocols: SslProtocol;
    Origins: Origin;
    QueryStringCacheKeys: String;
    TrustedKeyGroups: String, enabled;
    TrustedSigners: String, enabled;
}

/// Declares the two kinds of cache behaviours, which have all of this in common.
macro_rules! behaviours {
    ($($behaviour:ident { $($own:tt)* })*) => {
        structures! {$(
            $behaviour {
                $($own)*
                "TargetOriginId": target_origin_id set_target_origin_id,
                "ViewerProtocolPolicy": viewer_protocol_policy set_viewer_protocol_policy,
                "AllowedMethods": allowed_methods set_allowed_methods,
                "CachePolicyId": cache_policy_id set_cache_policy_id,
                "Compress": compress set_compress,
                "DefaultTTL": default_ttl set_default_ttl,
                "FieldLevelEncryptionId": field_level_encryption_id set_field_level_encryption_id,
                "ForwardedValues": forwarded_values set_forwarded_values,
                "FunctionAssociations": function_associations set_function_associations,
                "GrpcConfig": grpc_config set_grpc_config,
                "LambdaFunctionAssociations": lambda_function_associations set_lambda_function_associations,
                "MaxTTL": max_ttl set_max_ttl,
                "MinTTL": min_ttl set_min_ttl,
                "OriginRequestPolicyId": origin_request_policy_id set_origin_request_policy_id,
                "RealtimeLogConfigArn": realtime_log_config_arn set_realtime_log_config_arn,
                "ResponseHeadersPolicyId": response_headers_policy_id set_response_headers_policy_id,
                "SmoothStreaming": smooth_streaming set_smooth_streaming,
                "TrustedKeyGroups": trusted_key_groups set_trusted_key_groups,
                "TrustedSigners": trusted_signers set_trusted_signers,
            }
        )*}
    };
}

behaviours! {
    DefaultCacheBehavior {}
    CacheBehavior { "PathPattern": path_pattern set_path_pattern, }
}

structures! {
    DistributionConfig {
        "CallerReference": caller_reference set_caller_reference, "Aliases": aliases set_aliases,
        "AnycastIpListId": anycast_ip_list_id set_anycast_ip_list_id,
        "CacheBehaviors": cache_behaviors set_cache_behaviors, "CacheTagConfig": cache_tag_config set_cache_tag_config,
        "Comment": comment set_comment,
        "ConnectionFunctionAssociation": connection_function_association set_connection_function_association,
        "ConnectionMode": connection_mode set_connection_mode,
        "ContinuousDeploymentPolicyId": continuous_deployment_policy_id set_continuous_deployment_policy_id,
        "CustomErrorResponses": custom_error_responses set_custom_error_responses,
        "DefaultCacheBehavior": default_cache_behavior set_default_cache_behavior,
        "DefaultRootObject": default_root_object set_default_root_object, "Enabled": enabled set_enabled,
        "HttpVersion": http_version set_http_version, "IPV6Enabled": is_ipv6_enabled set_is_ipv6_enabled,
        "Logging": logging set_logging, "OriginGroups": origin_groups set_origin_groups, "Origins": origins set_origins,
        "PriceClass": price_class set_price_class, "Restrictions": restrictions set_restrictions,
        "Staging": staging set_staging, "TenantConfig": tenant_config set_tenant_config,
        "ViewerCertificate": viewer_certificate set_viewer_certificate,
        "ViewerMtlsConfig": viewer_mtls_config set_viewer_mtls_config, "WebACLId": web_acl_id set_web_acl_id,
    }
    AllowedMethods {
        "Quantity": quantity set_quantity, "Items": items set_items, "CachedMethods": cached_methods set_cached_methods,
    }
    ForwardedValues {
        "QueryString": query_string set_query_string, "Cookies": cookies set_cookies, "Headers": headers set_headers,
        "QueryStringCacheKeys": query_string_cache_keys set_query_string_cache_keys,
    }
    CookiePreference {
        "Forward": forward set_forward, "WhitelistedNames": whitelisted_names set_whitelisted_names,
    }
    FunctionAssociation { "EventType": event_type set_event_type, "FunctionARN": function_arn set_function_arn }
    LambdaFunctionAssociation {
        "EventType": event_type set_event_type, "IncludeBody": include_body set_include_body,
        "LambdaFunctionARN": lambda_function_arn set_lambda_function_arn,
    }
    GrpcConfig { "Enabled": enabled set_enabled }
    CacheTagConfig { "HeaderName": header_name set_header_name }
    ConnectionFunctionAssociation { "Id": id set_id }
    CustomErrorResponse {
        "ErrorCode": error_code set_error_code, "ResponseCode": response_code set_response_code,
        "ResponsePagePath": response_page_path set_response_page_path,
        "ErrorCachingMinTTL": error_caching_min_ttl set_error_caching_min_ttl,
    }
    LoggingConfig {
        "Enabled": enabled set_enabled, "Bucket": bucket set_bucket, "Prefix": prefix set_prefix,
        "IncludeCookies": include_cookies set_include_cookies,
    }
    Restrictions { "GeoRestriction": geo_restriction set_geo_restriction }
    GeoRestriction {
        "RestrictionType": restriction_type set_restriction_type, "Quantity": quantity set_quantity,
        "Locations": items set_items,
    }
    ViewerCertificate {
        "AcmCertificateArn": acm_certificate_arn set_acm_certificate_arn,
        "CloudFrontDefaultCertificate": cloud_front_default_certificate set_cloud_front_default_certificate,
        "IamCertificateId": iam_certificate_id set_iam_certificate_id,
        "MinimumProtocolVersion": minimum_protocol_version set_minimum_protocol_version,
        "SslSupportMethod": ssl_support_method set_ssl_support_method,
    }
    ViewerMtlsConfig { "Mode": mode set_mode, "TrustStoreConfig": trust_store_config set_trust_store_config }
    TrustStoreConfig {
        "TrustStoreId": trust_store_id set_trust_store_id,
        "AdvertiseTrustStoreCaNames": advertise_trust_store_ca_names set_advertise_trust_store_ca_names,
        "IgnoreCertificateExpiry": ignore_certificate_expiry set_ignore_certificate_expiry,
    }
    TenantConfig { "ParameterDefinitions": parameter_definitions set_parameter_definitions }
    ParameterDefinition { "Name": name set_name, "Definition": definition set_definition }
    ParameterDefinitionSchema { "StringSchema": string_schema set_string_schema }
    StringSchemaConfig {
        "Comment": comment set_comment, "DefaultValue": default_value set_default_value,
        "Required": required set_required,
    }
}

structures! {
    Origin {
        "Id": id set_id, "DomainName": domain_name set_domain_name, "OriginPath": origin_path set_origin_path,
        "ConnectionAttempts": connection_attempts set_connection_attempts,
        "ConnectionTimeout": connection_timeout set_connection_timeout,
        "ResponseCompletionTimeout": response_completion_timeout set_response_completion_timeout,
        "OriginAccessControlId": origin_access_control_id set_origin_access_control_id,
        "OriginCustomHeaders": custom_headers set_custom_headers, "OriginShield": origin_shield set_origin_shield,
        "S3OriginConfig": s3_origin_config set_s3_origin_config,
        "CustomOriginConfig": custom_origin_config set_custom_origin_config,
        "VpcOriginConfig": vpc_origin_config set_vpc_origin_config,
    }
    OriginCustomHeader { "HeaderName": header_name set_header_name, "HeaderValue": header_value set_header_value }
    OriginShield {
        "Enabled": enabled set_enabled, "OriginShieldRegion": origin_shield_region set_origin_shield_region,
    }
    S3OriginConfig {
        "OriginAccessIdentity": origin_access_identity set_origin_access_identity,
        "OriginReadTimeout": origin_read_timeout set_origin_read_timeout,
    }
    CustomOriginConfig {
        "HTTPPort": http_port set_http_port, "HTTPSPort": https_port set_https_port,
        "IpAddressType": ip_address_type set_ip_address_type,
        "OriginKeepaliveTimeout": origin_keepalive_timeout set_origin_keepalive_timeout,
        "OriginMtlsConfig": origin_mtls_config set_origin_mtls_config,
        "OriginProtocolPolicy": origin_protocol_policy set_origin_protocol_policy,
        "OriginReadTimeout": origin_read_timeout set_origin_read_timeout,
        "OriginSSLProtocols": origin_ssl_protocols set_origin_ssl_protocols,
    }
    OriginMtlsConfig { "ClientCertificateArn": client_certificate_arn set_client_certificate_arn }
    VpcOriginConfig {
        "VpcOriginId": vpc_origin_id set_vpc_origin_id, "OwnerAccountId": owner_account_id set_owner_account_id,
        "OriginKeepaliveTimeout": origin_keepalive_timeout set_origin_keepalive_timeout,
        "OriginReadTimeout": origin_read_timeout set_origin_read_timeout,
    }
    OriginGroups { "Quantity": quantity set_quantity, "Items": items set_items }
    OriginGroup {
        "Id": id set_id, "FailoverCriteria": failover_criteria set_failover_criteria, "Members": members set_members,
        "SelectionCriteria": selection_criteria set_selection_criteria,
    }
    OriginGroupFailoverCriteria { "StatusCodes": status_codes set_status_codes }
    StatusCodes { "Quantity": quantity set_quantity, "Items": items set_items }
    OriginGroupMembers { "Quantity": quantity set_quantity, "Items": items set_items }
    OriginGroupMember { "OriginId": origin_id set_origin_id }
}
