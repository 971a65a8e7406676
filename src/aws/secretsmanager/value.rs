//! What a secret holds. It goes from the stack, or from the generator, into the request and nowhere else: no fault, log or
//! document of ours ever has it.

use aws_sdk_secretsmanager::Client;
use serde_json::{Map, Value as Json};

use super::described::CODES;
use crate::{
    aws::{
        convert::Wanted,
        faults::{OrFault, answered},
    },
    driver::{Fault, Result},
};

/// The value to store: the given one, or a new one as `GenerateSecretString` says; `None` if there is neither.
pub async fn wanted(client: &Client, want: &Wanted<'_>) -> Result<Option<String>> {
    match (want.text::<String>("SecretString")?, want.inner("GenerateSecretString")?) {
        (Some(_), Some(_)) => {
            Err(want.invalid("`SecretString` and `GenerateSecretString` exclude each other; keep one"))
        }
        (Some(given), None) => Ok(Some(given)),
        (None, Some(rule)) => generated(client, &rule).await.map(Some),
        (None, None) => Ok(None),
    }
}

/// A random password, alone or in its place in the template.
async fn generated(client: &Client, rule: &Wanted<'_>) -> Result<String> {
    let template = rule.text::<String>("SecretStringTemplate")?;
    let template = match (template, rule.text::<String>("GenerateStringKey")?) {
        (None, None) => None,
        (Some(template), Some(key)) => Some((object(&template).ok_or_else(|| not_an_object(rule))?, key)),
        _ => {
            let message = "`SecretStringTemplate` and `GenerateStringKey` belong together: the password becomes the value \
                           of that key in the template";
            return Err(rule.invalid(message));
        }
    };
    let operation = "secretsmanager:GetRandomPassword";
    let request = client
        .get_random_password()
        .set_password_length(rule.long("PasswordLength")?)
        .set_exclude_characters(rule.text("ExcludeCharacters")?)
        .set_exclude_lowercase(rule.flag("ExcludeLowercase")?)
        .set_exclude_numbers(rule.flag("ExcludeNumbers")?)
        .set_exclude_punctuation(rule.flag("ExcludePunctuation")?)
        .set_exclude_uppercase(rule.flag("ExcludeUppercase")?)
        .set_include_space(rule.flag("IncludeSpace")?)
        .set_require_each_included_type(rule.flag("RequireEachIncludedType")?);
    let answer = request.send().await.or_fault(operation, CODES)?;
    let password = answered(answer.random_password, operation)?;
    Ok(match template {
        None => password,
        Some((mut document, key)) => {
            document.insert(key, password.into());
            Json::Object(document).to_string()
        }
    })
}

fn not_an_object(rule: &Wanted<'_>) -> Fault {
    rule.invalid("`SecretStringTemplate` must be a JSON object, such as `{\"username\": \"app\"}`")
}

/// The value of a secret as a JSON object, if it is one.
pub fn object(value: &str) -> Option<Map<String, Json>> {
    serde_json::from_str(value).ok()
}
