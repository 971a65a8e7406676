//! A statement of a function's policy, as AddPermission makes it from its parameters.

use serde_json::Value as Json;

use crate::aws::convert::Observed;

/// What the ids end with of statements whose principal was given as the ARN of an account's root: Lambda reports a bare
/// account number in the same way, and the document must come back as it was written.
pub const BY_ROOT: &str = "-root";

/// Whether a principal is the ARN of an account's root.
pub fn is_root(principal: &str) -> bool {
    principal.starts_with("arn:") && principal.ends_with(":root")
}

/// The statements of a policy, by their ids.
pub fn of_policy(policy: &str) -> Vec<(String, Json)> {
    let policy: Json = serde_json::from_str(policy).unwrap_or_default();
    let statements = policy.get("Statement").and_then(Json::as_array).cloned().unwrap_or_default();
    let with_id = |statement: Json| Some((statement.get("Sid")?.as_str()?.to_owned(), statement));
    statements.into_iter().filter_map(with_id).collect()
}

/// The properties that a statement was made from; the function's name is the caller's to add.
pub fn observed(id: &str, statement: &Json) -> Observed {
    let principal = principal(statement.get("Principal")).map(|principal| match account(principal) {
        Some(number) if !id.ends_with(BY_ROOT) => number,
        _ => principal,
    });
    let condition = |key: &str| condition(statement, key);
    let via_url = condition("lambda:InvokedViaFunctionUrl").and_then(|flag| flag.parse::<bool>().ok());
    Observed::new()
        .with("Id", Some(id))
        .with("Action", statement.get("Action").and_then(Json::as_str))
        .with("Principal", principal)
        .with("SourceArn", condition("aws:SourceArn"))
        .with("SourceAccount", condition("aws:SourceAccount"))
        .with("PrincipalOrgID", condition("aws:PrincipalOrgID"))
        .with("EventSourceToken", condition("lambda:EventSourceToken"))
        .with("FunctionUrlAuthType", condition("lambda:FunctionUrlAuthType"))
        .with("InvokedViaFunctionUrl", via_url)
}

/// `*`, a service, an account or a user, whichever kind it is listed under.
fn principal(principal: Option<&Json>) -> Option<&str> {
    match principal? {
        Json::String(text) => Some(text),
        Json::Object(kinds) => kinds.values().next().and_then(Json::as_str),
        _ => None,
    }
}

/// The number in the ARN of an account's root.
fn account(principal: &str) -> Option<&str> {
    if is_root(principal) { principal.split(':').nth(4) } else { None }
}

/// The value that a statement demands of a key, by whichever operator. Case makes no difference in keys.
fn condition<'a>(statement: &'a Json, key: &str) -> Option<&'a str> {
    let operators = statement.get("Condition")?.as_object()?;
    let mut demands = operators.values().filter_map(Json::as_object).flatten();
    demands.find(|(name, _)| name.eq_ignore_ascii_case(key)).and_then(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    fn document(id: &str, statement: &Json) -> Json {
        Doc::from(observed(id, statement)).into_json()
    }

    #[test]
    fn a_statement_is_read_back_as_its_parameters() {
        let statement = json!({
            "Sid": "a", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:eu-central-1:123456789012:function:f",
            "Condition": {
                "StringEquals": {"AWS:SourceAccount": "123456789012", "lambda:EventSourceToken": "t"},
                "ArnLike": {"AWS:SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/r"},
                "Bool": {"lambda:InvokedViaFunctionUrl": "true"},
            },
        });
        let expected = json!({
            "Id": "a", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
            "SourceAccount": "123456789012", "EventSourceToken": "t", "InvokedViaFunctionUrl": true,
            "SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/r",
        });
        assert_eq!(document("a", &statement), expected);
    }

    #[test]
    fn an_account_comes_back_as_it_was_written() {
        let statement = json!({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}});
        assert_eq!(document("a", &statement)["Principal"], "123456789012");
        assert_eq!(document("a-root", &statement)["Principal"], "arn:aws:iam::123456789012:root");
        assert_eq!(document("a", &json!({"Principal": "*"}))["Principal"], "*");
    }
}
