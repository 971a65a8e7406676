//! The policy of an API as AWS reports it, and as people write it.

use serde_json::Value as Json;

/// The policy of the API `api`: AWS reports it as text within text, with `execute-api:/*` made into a whole ARN, which nobody
/// can write because the API's id is not known before
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>).
pub fn readable(policy: &str, api: &str) -> Json {
    let parsed = |text: &str| serde_json::from_str::<Json>(text).ok().filter(Json::is_object);
    let unquoted = || serde_json::from_str::<String>(&format!("\"{policy}\"")).ok();
    match parsed(policy).or_else(|| parsed(&unquoted()?)) {
        Some(policy) => shortened(policy, &format!(":{api}/")),
        None => Json::from(policy),
    }
}

fn shortened(value: Json, api: &str) -> Json {
    match value {
        Json::String(text) => {
            let is_arn = text.starts_with("arn:") && text.contains(":execute-api:");
            let path = text.split_once(api).filter(|_| is_arn).map(|(_, path)| format!("execute-api:/{path}"));
            Json::from(path.unwrap_or(text))
        }
        Json::Array(items) => items.into_iter().map(|item| shortened(item, api)).collect(),
        Json::Object(entries) => {
            Json::Object(entries.into_iter().map(|(key, value)| (key, shortened(value, api))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_shown_as_it_was_written() {
        let reported = r#"{\"Statement\":[{\"Resource\":\"arn:aws:execute-api:us-east-1:123456789012:abc/*\"}]}"#;
        let written = json!({"Statement": [{"Resource": "execute-api:/*"}]});
        assert_eq!(readable(reported, "abc"), written);
        assert_eq!(readable(&written.to_string(), "abc"), written);
        let other = json!({"Statement": [{"Resource": ["arn:aws:execute-api:us-east-1:123456789012:xyz/*"]}]});
        assert_eq!(readable(&other.to_string(), "abc"), other);
        assert_eq!(readable("nonsense", "abc"), json!("nonsense"));
    }
}
