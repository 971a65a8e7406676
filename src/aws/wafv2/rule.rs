//! The rules of a web ACL and what they do with a request: what CloudFormation and WAF call the parts of them.

use aws_sdk_wafv2::types::{
    AllowAction, BlockAction, CaptchaAction, CaptchaConfig, ChallengeAction, ChallengeConfig, CountAction,
    CustomHttpHeader, CustomRequestHandling, CustomResponse, ImmunityTimeProperty, Label, MonetizeAction, NoneAction,
    OverrideAction, Rule, RuleAction, VisibilityConfig,
};

use crate::aws::convert::structures;

structures! {
    Rule {
        "Name": name set_name, "Priority": priority set_priority, "Statement": statement set_statement,
        "Action": action set_action, "OverrideAction": override_action set_override_action,
        "RuleLabels": rule_labels set_rule_labels, "VisibilityConfig": visibility_config set_visibility_config,
        "CaptchaConfig": captcha_config set_captcha_config, "ChallengeConfig": challenge_config set_challenge_config,
    }
    RuleAction {
        "Block": block set_block, "Allow": allow set_allow, "Count": count set_count, "Captcha": captcha set_captcha,
        "Challenge": challenge set_challenge, "Monetize": monetize set_monetize,
    }
    OverrideAction { "Count": count set_count, "None": none set_none }
    NoneAction {}
    AllowAction { "CustomRequestHandling": custom_request_handling set_custom_request_handling }
    BlockAction { "CustomResponse": custom_response set_custom_response }
    CaptchaAction { "CustomRequestHandling": custom_request_handling set_custom_request_handling }
    ChallengeAction { "CustomRequestHandling": custom_request_handling set_custom_request_handling }
    CountAction { "CustomRequestHandling": custom_request_handling set_custom_request_handling }
    MonetizeAction { "PriceMultiplier": price_multiplier set_price_multiplier }
    CustomRequestHandling { "InsertHeaders": insert_headers set_insert_headers }
    CustomResponse {
        "ResponseCode": response_code set_response_code,
        "CustomResponseBodyKey": custom_response_body_key set_custom_response_body_key,
        "ResponseHeaders": response_headers set_response_headers,
    }
    CustomHttpHeader { "Name": name set_name, "Value": value set_value }
    Label { "Name": name set_name }
    VisibilityConfig {
        "SampledRequestsEnabled": sampled_requests_enabled set_sampled_requests_enabled,
        "CloudWatchMetricsEnabled": cloud_watch_metrics_enabled set_cloud_watch_metrics_enabled,
        "MetricName": metric_name set_metric_name,
    }
    CaptchaConfig { "ImmunityTimeProperty": immunity_time_property set_immunity_time_property }
    ChallengeConfig { "ImmunityTimeProperty": immunity_time_property set_immunity_time_property }
    ImmunityTimeProperty { "ImmunityTime": immunity_time set_immunity_time }
}
