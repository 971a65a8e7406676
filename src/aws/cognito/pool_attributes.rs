//! The attributes that the users of a pool have. AddCustomAttributes adds some; nothing changes or removes one.

use aws_sdk_cognitoidentityprovider::types::SchemaAttributeType;
use serde_json::Value as Json;

use crate::{
    aws::convert::{Part, Wanted},
    driver::Result,
};

/// Where a pool keeps them.
pub const PROPERTY: &str = "Schema";

/// The attributes of a pool as a user writes them: without what Cognito puts before the names of those that are not its own.
pub fn observed(attributes: &[SchemaAttributeType]) -> Vec<Json> {
    attributes.iter().map(|attribute| plain(attribute).shown()).collect()
}

/// The wanted attributes that a pool does not have yet. One that it has, but otherwise, cannot become as wanted.
pub fn additions(live: &[SchemaAttributeType], want: &Wanted<'_>) -> Result<Vec<SchemaAttributeType>> {
    let live: Vec<SchemaAttributeType> = live.iter().map(plain).collect();
    let mut additions = Vec::new();
    for wanted in want.part::<Vec<SchemaAttributeType>>(PROPERTY)?.unwrap_or_default() {
        match live.iter().find(|attribute| attribute.name == wanted.name) {
            None => additions.push(wanted),
            Some(attribute) if says(&attribute.shown(), &wanted.shown()) => {}
            Some(attribute) => {
                return Err(want.invalid(format!(
                    "Cognito cannot change an attribute of a user pool: `{}` is {} and stays so; write it that way, or \
                     add an attribute with another name",
                    wanted.name.as_deref().unwrap_or_default(),
                    attribute.shown()
                )));
            }
        }
    }
    Ok(additions)
}

fn plain(attribute: &SchemaAttributeType) -> SchemaAttributeType {
    let mut attribute = attribute.clone();
    attribute.name = attribute.name.map(|name| {
        let name = name.strip_prefix("dev:").unwrap_or(&name);
        name.strip_prefix("custom:").unwrap_or(name).to_owned()
    });
    attribute
}

/// Whether everything wanted is so; what else there is are Cognito's defaults.
fn says(live: &Json, want: &Json) -> bool {
    match (live, want) {
        (Json::Object(live), Json::Object(want)) => {
            want.iter().all(|(key, want)| live.get(key).is_some_and(|live| says(live, want)))
        }
        _ => live == want,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::Doc;

    fn added(wanted: &Json) -> Result<Vec<Option<String>>> {
        let live = json!({"Schema": [
            {"Name": "email", "AttributeDataType": "String", "Mutable": true, "Required": true,
             "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}},
            {"Name": "custom:tenant", "AttributeDataType": "String", "Mutable": false},
            {"Name": "dev:custom:level", "AttributeDataType": "Number", "DeveloperOnlyAttribute": true},
        ]});
        let (live, wanted): (Doc, Doc) = (live.into(), json!({"Schema": wanted}).into());
        let live = Wanted::new("T", &live).part::<Vec<SchemaAttributeType>>(PROPERTY)?.unwrap_or_default();
        let additions = additions(&live, &Wanted::new("T", &wanted))?;
        Ok(additions.into_iter().map(|attribute| attribute.name).collect())
    }

    #[test]
    fn only_what_is_new_is_added() {
        let wanted = json!([
            {"Name": "email", "Required": "true", "StringAttributeConstraints": {"MinLength": 0}}, {"Name": "tenant"},
            {"Name": "level", "DeveloperOnlyAttribute": true}, {"Name": "plan", "AttributeDataType": "String"},
        ]);
        assert_eq!(added(&wanted).unwrap(), [Some("plan".to_owned())]);
    }

    #[test]
    fn what_is_there_cannot_become_another() {
        let fault = added(&json!([{"Name": "tenant", "Mutable": true}])).unwrap_err();
        assert!(fault.message.contains("`tenant` is {"), "{fault}");
    }
}
