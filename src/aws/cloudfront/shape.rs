//! Where CloudFormation cuts the configuration of a distribution otherwise than CloudFront, and what CloudFront wants said
//! that CloudFormation lets one leave out.
//!
//! UpdateDistribution takes the whole configuration, and most of what a create may leave out must be in it:
//! <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html>. So both send the same: what is
//! not wanted is sent as CloudFront has it without being asked.

use serde_json::{Map, Value as Json, json};

/// What CloudFormation has kept from before 2012; each says the same as a newer property.
const LEGACY: &[(&str, &str)] = &[("CNAMEs", "Aliases"), ("CustomOrigin", "Origins"), ("S3Origin", "Origins")];

/// A property that is no longer CloudFront's, and the one to use instead.
pub fn outdated(config: &Json) -> Option<(&'static str, &'static str)> {
    LEGACY.iter().find(|(name, _)| config.get(name).is_some_and(|value| !value.is_null())).copied()
}

/// A wanted configuration as CloudFront cuts it, under the `reference` of its creation.
pub fn complete(config: &Json, reference: &str) -> Json {
    let mut config = config.clone();
    let Json::Object(map) = &mut config else { return config };
    let is_shared = map.get("ConnectionMode").and_then(Json::as_str) == Some("tenant-only");
    map.insert("CallerReference".to_owned(), Json::from(reference));
    fill(
        map,
        json!({
            "CacheBehaviors": [], "Comment": "", "CustomErrorResponses": [], "DefaultRootObject": "",
            "HttpVersion": "http2", "Logging": {}, "OriginGroups": {"Quantity": 0},
            "Restrictions": {"GeoRestriction": {"RestrictionType": "none"}},
            "ViewerCertificate": {"CloudFrontDefaultCertificate": true}, "WebACLId": "",
        }),
    );
    // Distributions for many tenants must not have these:
    // <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-config-options.html#unsupported-saas>.
    if !is_shared {
        let standard = json!({
            "Aliases": [], "ContinuousDeploymentPolicyId": "", "IPV6Enabled": false, "PriceClass": "PriceClass_All",
        });
        fill(map, standard);
    }
    for (name, part) in map {
        match name.as_str() {
            "DefaultCacheBehavior" | "CacheBehaviors" => {
                objects(part).for_each(|behaviour| complete_behaviour(behaviour, is_shared));
            }
            "Origins" => objects(part).for_each(complete_origin),
            "Logging" => objects(part).for_each(complete_logging),
            "Restrictions" => part.get_mut("GeoRestriction").into_iter().flat_map(objects).for_each(count_locations),
            _ => {}
        }
    }
    config
}

/// A configuration that CloudFront has reported, as CloudFormation cuts it.
pub fn plain(mut config: Json) -> Json {
    let Json::Object(map) = &mut config else { return config };
    map.remove("CallerReference");
    for (name, part) in map {
        match name.as_str() {
            "DefaultCacheBehavior" | "CacheBehaviors" => objects(part).for_each(plain_methods),
            "CustomErrorResponses" => objects(part).for_each(plain_code),
            "Logging" => objects(part).for_each(|logging| drop(logging.remove("Enabled"))),
            "Restrictions" => {
                let restriction = part.get_mut("GeoRestriction").into_iter().flat_map(objects);
                restriction.for_each(|restriction| drop(restriction.remove("Quantity")));
            }
            _ => {}
        }
    }
    config
}

/// The objects in a list, or the one that a value is.
fn objects(value: &mut Json) -> impl Iterator<Item = &mut Map<String, Json>> {
    let items = match value {
        Json::Array(items) => items.as_mut_slice(),
        single => std::slice::from_mut(single),
    };
    items.iter_mut().filter_map(Json::as_object_mut)
}

/// Adds what is not there.
fn fill(map: &mut Map<String, Json>, defaults: Json) {
    let Json::Object(defaults) = defaults else { return };
    for (name, value) in defaults {
        if map.get(&name).is_none_or(Json::is_null) {
            map.insert(name, value);
        }
    }
}

fn length(list: &Json) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn complete_behaviour(behaviour: &mut Map<String, Json>, is_shared: bool) {
    fill(
        behaviour,
        json!({
            "AllowedMethods": ["GET", "HEAD"], "CachedMethods": ["GET", "HEAD"], "Compress": false,
            "FieldLevelEncryptionId": "", "FunctionAssociations": [], "LambdaFunctionAssociations": [],
            "TrustedKeyGroups": [],
        }),
    );
    if !is_shared {
        fill(behaviour, json!({"SmoothStreaming": false, "TrustedSigners": []}));
    }
    // Beside a cache policy, these are refused.
    if behaviour.get("ForwardedValues").is_some_and(|values| !values.is_null()) {
        fill(behaviour, json!({"MinTTL": 0, "DefaultTTL": 86400, "MaxTTL": 31_536_000}));
    }
    let cached = behaviour.remove("CachedMethods");
    if let Some(methods) = behaviour.remove("AllowedMethods") {
        let methods = json!({"Quantity": length(&methods), "Items": methods, "CachedMethods": cached});
        behaviour.insert("AllowedMethods".to_owned(), methods);
    }
}

fn complete_origin(origin: &mut Map<String, Json>) {
    let defaults =
        json!({"OriginPath": "", "OriginCustomHeaders": [], "ConnectionAttempts": 3, "ConnectionTimeout": 10});
    fill(origin, defaults);
    for custom in origin.get_mut("CustomOriginConfig").into_iter().flat_map(objects) {
        let defaults = json!({
            "HTTPPort": 80, "HTTPSPort": 443, "OriginKeepaliveTimeout": 5, "OriginReadTimeout": 30,
            "OriginSSLProtocols": ["TLSv1.2"],
        });
        fill(custom, defaults);
    }
}

/// Logs are written where there is a bucket for them.
fn complete_logging(logging: &mut Map<String, Json>) {
    fill(logging, json!({"Bucket": "", "Prefix": "", "IncludeCookies": false}));
    let has_bucket = logging.get("Bucket") != Some(&Json::from(""));
    logging.insert("Enabled".to_owned(), Json::from(has_bucket));
}

fn count_locations(restriction: &mut Map<String, Json>) {
    let quantity = restriction.get("Locations").map_or(0, length);
    restriction.insert("Quantity".to_owned(), Json::from(quantity));
}

/// CloudFront reports methods in an order of its own, so they are put in that of the alphabet.
fn plain_methods(behaviour: &mut Map<String, Json>) {
    let Some(Json::Object(mut methods)) = behaviour.remove("AllowedMethods") else { return };
    for (from, to) in [("Items", "AllowedMethods"), ("CachedMethods", "CachedMethods")] {
        if let Some(Json::Array(mut list)) = methods.remove(from) {
            list.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            behaviour.insert(to.to_owned(), Json::Array(list));
        }
    }
}

/// CloudFront's text is a number to CloudFormation, and an empty one is none.
fn plain_code(response: &mut Map<String, Json>) {
    let code = response.remove("ResponseCode");
    if let Some(number) = code.as_ref().and_then(Json::as_str).and_then(|code| code.parse::<u16>().ok()) {
        response.insert("ResponseCode".to_owned(), Json::from(number));
    }
    if response.get("ResponsePagePath") == Some(&Json::from("")) {
        response.remove("ResponsePagePath");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_out_comes_back_as_it_was_with_what_cloudfront_fills_in() {
        let wanted = json!({
            "Enabled": true, "Logging": {"Bucket": "logs.s3.amazonaws.com"},
            "DefaultCacheBehavior": {
                "TargetOriginId": "site", "ViewerProtocolPolicy": "https-only", "AllowedMethods": ["OPTIONS", "HEAD", "GET"],
            },
            "Origins": [{"Id": "site", "DomainName": "example.com", "CustomOriginConfig": {"HTTPPort": 8080}}],
            "Restrictions": {"GeoRestriction": {"RestrictionType": "whitelist", "Locations": ["DE", "FR"]}},
        });
        let sent = complete(&wanted, "token");
        assert_eq!(sent["CallerReference"], "token");
        assert_eq!(sent["Logging"]["Enabled"], true);
        assert_eq!(sent["Restrictions"]["GeoRestriction"]["Quantity"], 2);
        assert_eq!(sent["DefaultCacheBehavior"]["AllowedMethods"]["Quantity"], 3);
        assert_eq!(sent["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"], json!(["GET", "HEAD"]));
        assert_eq!(sent["Origins"][0]["CustomOriginConfig"]["HTTPSPort"], 443);
        let shown = plain(sent);
        assert_eq!(shown.get("CallerReference"), None);
        assert_eq!(shown["DefaultCacheBehavior"]["AllowedMethods"], json!(["GET", "HEAD", "OPTIONS"]));
        assert_eq!(shown["Logging"], json!({"Bucket": "logs.s3.amazonaws.com", "Prefix": "", "IncludeCookies": false}));
        assert_eq!(shown["Restrictions"], wanted["Restrictions"]);
    }

    #[test]
    fn a_distribution_for_many_tenants_is_sent_nothing_that_it_must_not_have() {
        let sent = complete(&json!({"ConnectionMode": "tenant-only", "DefaultCacheBehavior": {}}), "token");
        for name in ["Aliases", "ContinuousDeploymentPolicyId", "IPV6Enabled", "PriceClass"] {
            assert_eq!(sent.get(name), None, "{name}");
        }
        assert_eq!(sent["DefaultCacheBehavior"].get("TrustedSigners"), None);
    }

    #[test]
    fn a_response_code_is_a_number_and_what_says_nothing_is_left_out() {
        let responses = json!([
            {"ErrorCode": 404, "ResponseCode": "200", "ResponsePagePath": "/"},
            {"ErrorCode": 500, "ResponseCode": "", "ResponsePagePath": ""},
        ]);
        let shown = plain(json!({"CustomErrorResponses": responses}));
        let expected = json!([{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/"}, {"ErrorCode": 500}]);
        assert_eq!(shown["CustomErrorResponses"], expected);
    }

    #[test]
    fn what_is_outdated_names_what_to_use_instead() {
        assert_eq!(outdated(&json!({"CNAMEs": ["a"]})), Some(("CNAMEs", "Aliases")));
        assert_eq!(outdated(&json!({"Aliases": ["a"]})), None);
    }
}
