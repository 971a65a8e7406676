//! A bucket as a website, and which other websites may ask it.

use aws_sdk_s3::types::{
    Condition, CorsConfiguration, CorsRule, ErrorDocument, IndexDocument, Protocol, Redirect, RedirectAllRequestsTo,
    RoutingRule, WebsiteConfiguration,
};
use serde_json::Value as Json;

use super::setting::setting;
use crate::{
    aws::convert::{Finished, Observed, Part, Wanted, structures, words},
    driver::Result,
};

setting! {
    /// A bucket as a website.
    Website: "WebsiteConfiguration" as WebsiteConfiguration {
        get_bucket_website "s3:GetBucketWebsite" |answer| {
            let website = WebsiteConfiguration::builder()
                .set_error_document(answer.error_document)
                .set_index_document(answer.index_document)
                .set_redirect_all_requests_to(answer.redirect_all_requests_to)
                .set_routing_rules(answer.routing_rules.filter(|rules| !rules.is_empty()));
            Some(website.build().shown())
        },
        put_bucket_website "s3:PutBucketWebsite" website_configuration,
        delete_bucket_website "s3:DeleteBucketWebsite",
    }
}

setting! {
    /// Which other websites may ask a bucket.
    Cors: "CorsConfiguration" as CorsConfiguration {
        get_bucket_cors "s3:GetBucketCors" |answer| {
            Some(Observed::new().with_part("CorsRules", &answer.cors_rules).into())
        },
        put_bucket_cors "s3:PutBucketCors" cors_configuration,
        delete_bucket_cors "s3:DeleteBucketCors",
    }
}

words! { Protocol }

structures! {
    WebsiteConfiguration {
        "ErrorDocument": error_document set_error_document,
        "IndexDocument": index_document set_index_document,
        "RedirectAllRequestsTo": redirect_all_requests_to set_redirect_all_requests_to,
        "RoutingRules": routing_rules set_routing_rules,
    }
    RedirectAllRequestsTo { "HostName": host_name set_host_name, "Protocol": protocol set_protocol }
    RoutingRule { "RedirectRule": redirect set_redirect, "RoutingRuleCondition": condition set_condition }
    Redirect {
        "HostName": host_name set_host_name,
        "HttpRedirectCode": http_redirect_code set_http_redirect_code,
        "Protocol": protocol set_protocol,
        "ReplaceKeyPrefixWith": replace_key_prefix_with set_replace_key_prefix_with,
        "ReplaceKeyWith": replace_key_with set_replace_key_with,
    }
    Condition {
        "HttpErrorCodeReturnedEquals": http_error_code_returned_equals set_http_error_code_returned_equals,
        "KeyPrefixEquals": key_prefix_equals set_key_prefix_equals,
    }
    CorsConfiguration { "CorsRules": cors_rules set_cors_rules }
    CorsRule {
        "AllowedHeaders": allowed_headers set_allowed_headers,
        "AllowedMethods": allowed_methods set_allowed_methods,
        "AllowedOrigins": allowed_origins set_allowed_origins,
        "ExposedHeaders": expose_headers set_expose_headers,
        "Id": id set_id,
        "MaxAge": max_age_seconds set_max_age_seconds,
    }
}

/// CloudFormation has only the text of these two.
impl Part for ErrorDocument {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        ErrorDocument::builder().key(String::taken(value, around, name)?).build().finished(around)
    }

    fn shown(&self) -> Json {
        Json::from(self.key())
    }
}

impl Part for IndexDocument {
    fn taken(value: &Json, around: &Wanted<'_>, name: &str) -> Result<Self> {
        IndexDocument::builder().suffix(String::taken(value, around, name)?).build().finished(around)
    }

    fn shown(&self) -> Json {
        Json::from(self.suffix())
    }
}
