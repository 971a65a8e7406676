//! The part of a request that a statement looks at: what CloudFormation and WAF call it.

use aws_sdk_wafv2::types::{
    All, AllQueryArguments, Body, BodyParsingFallbackBehavior, CookieMatchPattern, Cookies, FieldToMatch,
    HeaderMatchPattern, HeaderOrder, Headers, Ja3Fingerprint, Ja4Fingerprint, JsonBody, JsonMatchPattern,
    JsonMatchScope, MapMatchScope, Method, OversizeHandling, QueryString, SingleHeader, SingleQueryArgument,
    UriFragment, UriPath,
};

use crate::aws::convert::{structures, words};

words! { BodyParsingFallbackBehavior, JsonMatchScope, MapMatchScope, OversizeHandling }

structures! {
    FieldToMatch {
        "SingleHeader": single_header set_single_header,
        "SingleQueryArgument": single_query_argument set_single_query_argument,
        "AllQueryArguments": all_query_arguments set_all_query_arguments, "UriPath": uri_path set_uri_path,
        "QueryString": query_string set_query_string, "Body": body set_body, "Method": method set_method,
        "JsonBody": json_body set_json_body, "Headers": headers set_headers, "Cookies": cookies set_cookies,
        "HeaderOrder": header_order set_header_order, "JA3Fingerprint": ja3_fingerprint set_ja3_fingerprint,
        "JA4Fingerprint": ja4_fingerprint set_ja4_fingerprint, "UriFragment": uri_fragment set_uri_fragment,
    }
    AllQueryArguments {}
    Body { "OversizeHandling": oversize_handling set_oversize_handling }
    Cookies {
        "MatchPattern": match_pattern set_match_pattern, "MatchScope": match_scope set_match_scope,
        "OversizeHandling": oversize_handling set_oversize_handling,
    }
    CookieMatchPattern {
        "All": all set_all, "IncludedCookies": included_cookies set_included_cookies,
        "ExcludedCookies": excluded_cookies set_excluded_cookies,
    }
    HeaderOrder { "OversizeHandling": oversize_handling set_oversize_handling }
    Headers {
        "MatchPattern": match_pattern set_match_pattern, "MatchScope": match_scope set_match_scope,
        "OversizeHandling": oversize_handling set_oversize_handling,
    }
    HeaderMatchPattern {
        "All": all set_all, "IncludedHeaders": included_headers set_included_headers,
        "ExcludedHeaders": excluded_headers set_excluded_headers,
    }
    All {}
    Ja3Fingerprint { "FallbackBehavior": fallback_behavior set_fallback_behavior }
    Ja4Fingerprint { "FallbackBehavior": fallback_behavior set_fallback_behavior }
    JsonBody {
        "MatchPattern": match_pattern set_match_pattern, "MatchScope": match_scope set_match_scope,
        "InvalidFallbackBehavior": invalid_fallback_behavior set_invalid_fallback_behavior,
        "OversizeHandling": oversize_handling set_oversize_handling,
    }
    JsonMatchPattern { "All": all set_all, "IncludedPaths": included_paths set_included_paths }
    Method {}
    QueryString {}
    SingleHeader { "Name": name set_name }
    SingleQueryArgument { "Name": name set_name }
    UriFragment { "FallbackBehavior": fallback_behavior set_fallback_behavior }
    UriPath {}
}
