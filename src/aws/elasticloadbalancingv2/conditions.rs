//! What a request must be like for a rule to apply, and what the rule rewrites in it.

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, HostHeaderRewriteConfig, HttpHeaderConditionConfig, HttpRequestMethodConditionConfig,
    PathPatternConditionConfig, QueryStringConditionConfig, QueryStringKeyValuePair, RewriteConfig, RuleCondition,
    RuleTransform, SourceIpConditionConfig, TransformTypeEnum, UrlRewriteConfig,
};

use crate::{
    aws::convert::{Observed, Wanted},
    driver::Result,
};

/// One condition, as the API takes it.
pub fn condition(want: &Wanted<'_>) -> Result<RuleCondition> {
    Ok(RuleCondition::builder()
        .set_field(want.text("Field")?)
        .set_values(want.texts("Values")?)
        .set_regex_values(want.texts("RegexValues")?)
        .set_host_header_config(want.structure("HostHeaderConfig", host)?)
        .set_path_pattern_config(want.structure("PathPatternConfig", path)?)
        .set_http_header_config(want.structure("HttpHeaderConfig", header)?)
        .set_query_string_config(want.structure("QueryStringConfig", query)?)
        .set_http_request_method_config(want.structure("HttpRequestMethodConfig", method)?)
        .set_source_ip_config(want.structure("SourceIpConfig", source)?)
        .build())
}

fn host(want: &Wanted<'_>) -> Result<HostHeaderConditionConfig> {
    let builder = HostHeaderConditionConfig::builder().set_values(want.texts("Values")?);
    Ok(builder.set_regex_values(want.texts("RegexValues")?).build())
}

fn path(want: &Wanted<'_>) -> Result<PathPatternConditionConfig> {
    let builder = PathPatternConditionConfig::builder().set_values(want.texts("Values")?);
    Ok(builder.set_regex_values(want.texts("RegexValues")?).build())
}

fn header(want: &Wanted<'_>) -> Result<HttpHeaderConditionConfig> {
    let builder = HttpHeaderConditionConfig::builder().set_http_header_name(want.text("HttpHeaderName")?);
    Ok(builder.set_values(want.texts("Values")?).set_regex_values(want.texts("RegexValues")?).build())
}

fn query(want: &Wanted<'_>) -> Result<QueryStringConditionConfig> {
    let pair = |want: &Wanted<'_>| {
        let builder = QueryStringKeyValuePair::builder().set_key(want.text("Key")?);
        Ok(builder.set_value(want.text("Value")?).build())
    };
    Ok(QueryStringConditionConfig::builder().set_values(want.structures("Values", pair)?).build())
}

fn method(want: &Wanted<'_>) -> Result<HttpRequestMethodConditionConfig> {
    Ok(HttpRequestMethodConditionConfig::builder().set_values(want.texts("Values")?).build())
}

fn source(want: &Wanted<'_>) -> Result<SourceIpConditionConfig> {
    let builder = SourceIpConditionConfig::builder().set_ip_address_type(want.text("IpAddressType")?);
    Ok(builder.set_values(want.texts("Values")?).build())
}

/// One transform, as the API takes it.
pub fn transform(want: &Wanted<'_>) -> Result<RuleTransform> {
    let host = |want: &Wanted<'_>| {
        Ok(HostHeaderRewriteConfig::builder().set_rewrites(want.structures("Rewrites", rewrite)?).build())
    };
    let url =
        |want: &Wanted<'_>| Ok(UrlRewriteConfig::builder().set_rewrites(want.structures("Rewrites", rewrite)?).build());
    Ok(RuleTransform::builder()
        .set_type(want.text("Type")?)
        .set_host_header_rewrite_config(want.structure("HostHeaderRewriteConfig", host)?)
        .set_url_rewrite_config(want.structure("UrlRewriteConfig", url)?)
        .build())
}

fn rewrite(want: &Wanted<'_>) -> Result<RewriteConfig> {
    Ok(RewriteConfig::builder().set_regex(want.text("Regex")?).set_replace(want.text("Replace")?).build())
}

/// One condition, as the API reports it: the values of a host or path stand in it twice, as they may be written.
pub fn observed(condition: &RuleCondition) -> Observed {
    let query = condition.query_string_config().map(|config| {
        let pair = |pair: &QueryStringKeyValuePair| Observed::new().with("Key", pair.key()).with("Value", pair.value());
        Observed::new().with_list("Values", config.values().iter().map(pair))
    });
    let header = condition
        .http_header_config()
        .map(|config| values(config.values(), config.regex_values()).with("HttpHeaderName", config.http_header_name()));
    let source = condition.source_ip_config().map(|config| {
        values(config.values(), &[]).with("IpAddressType", config.ip_address_type().map(|kind| kind.as_str()))
    });
    let host = condition.host_header_config().map(|config| values(config.values(), config.regex_values()));
    let path = condition.path_pattern_config().map(|config| values(config.values(), config.regex_values()));
    let method = condition.http_request_method_config().map(|config| values(config.values(), &[]));
    values(condition.values(), condition.regex_values())
        .with("Field", condition.field())
        .with("HostHeaderConfig", host)
        .with("PathPatternConfig", path)
        .with("HttpHeaderConfig", header)
        .with("QueryStringConfig", query)
        .with("HttpRequestMethodConfig", method)
        .with("SourceIpConfig", source)
}

fn values(values: &[String], regex: &[String]) -> Observed {
    let regex = regex.iter().map(String::as_str);
    Observed::new().with_list("Values", values.iter().map(String::as_str)).with_list("RegexValues", regex)
}

/// One transform, as the API reports it.
pub fn observed_transform(transform: &RuleTransform) -> Observed {
    let rewrites = |rewrites: &[RewriteConfig]| {
        let rewrite =
            |rewrite: &RewriteConfig| Observed::new().with("Regex", rewrite.regex()).with("Replace", rewrite.replace());
        Observed::new().with_list("Rewrites", rewrites.iter().map(rewrite))
    };
    let host = transform.host_header_rewrite_config().map(|config| rewrites(config.rewrites()));
    Observed::new()
        .with("Type", transform.r#type().map(TransformTypeEnum::as_str))
        .with("HostHeaderRewriteConfig", host)
        .with("UrlRewriteConfig", transform.url_rewrite_config().map(|config| rewrites(config.rewrites())))
}
