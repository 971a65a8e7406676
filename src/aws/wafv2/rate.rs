//! Statements that count requests, and by what they are told apart: what CloudFormation and WAF call the parts of them.

use aws_sdk_wafv2::types::{
    RateBasedStatement, RateBasedStatementAggregateKeyType, RateBasedStatementCustomKey, RateLimitAsn, RateLimitCookie,
    RateLimitForwardedIp, RateLimitHeader, RateLimitHttpMethod, RateLimitIp, RateLimitJa3Fingerprint,
    RateLimitJa4Fingerprint, RateLimitLabelNamespace, RateLimitQueryArgument, RateLimitQueryString, RateLimitUriPath,
};

use crate::aws::convert::{structures, words};

words! { RateBasedStatementAggregateKeyType }

structures! {
    RateBasedStatement {
        "Limit": limit set_limit, "EvaluationWindowSec": evaluation_window_sec set_evaluation_window_sec,
        "AggregateKeyType": aggregate_key_type set_aggregate_key_type,
        "ScopeDownStatement": scope_down_statement set_scope_down_statement,
        "ForwardedIPConfig": forwarded_ip_config set_forwarded_ip_config, "CustomKeys": custom_keys set_custom_keys,
    }
    RateBasedStatementCustomKey {
        "Header": header set_header, "Cookie": cookie set_cookie, "QueryArgument": query_argument set_query_argument,
        "QueryString": query_string set_query_string, "HTTPMethod": http_method set_http_method,
        "ForwardedIP": forwarded_ip set_forwarded_ip, "IP": ip set_ip,
        "LabelNamespace": label_namespace set_label_namespace, "UriPath": uri_path set_uri_path,
        "JA3Fingerprint": ja3_fingerprint set_ja3_fingerprint, "JA4Fingerprint": ja4_fingerprint set_ja4_fingerprint,
        "ASN": asn set_asn,
    }
    RateLimitAsn {}
    RateLimitCookie { "Name": name set_name, "TextTransformations": text_transformations set_text_transformations }
    RateLimitForwardedIp {}
    RateLimitHeader { "Name": name set_name, "TextTransformations": text_transformations set_text_transformations }
    RateLimitHttpMethod {}
    RateLimitIp {}
    RateLimitJa3Fingerprint { "FallbackBehavior": fallback_behavior set_fallback_behavior }
    RateLimitJa4Fingerprint { "FallbackBehavior": fallback_behavior set_fallback_behavior }
    RateLimitLabelNamespace { "Namespace": namespace set_namespace }
    RateLimitQueryArgument {
        "Name": name set_name, "TextTransformations": text_transformations set_text_transformations,
    }
    RateLimitQueryString { "TextTransformations": text_transformations set_text_transformations }
    RateLimitUriPath { "TextTransformations": text_transformations set_text_transformations }
}
