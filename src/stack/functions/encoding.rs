//! From values to texts in some format and back, and digests.

use std::fmt::Write as _;

use ::base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole("base64decode", (1, Some(1)), "`base64decode(text)`: the text that this encodes", base64_decode),
    whole("base64encode", (1, Some(1)), "`base64encode(text)`: in Base64", |call| Ok(base64(&call.text(0)?))),
    whole("jsondecode", (1, Some(1)), "`jsondecode(text)`: the value that this JSON writes", |call| {
        let json: Result<Json, _> = serde_json::from_str(&call.text(0)?);
        json.map(Value::from).map_err(|error| Problem::at(0, format!("this is not JSON: {error}")))
    }),
    whole("jsonencode", (1, Some(1)), "`jsonencode(value)`: as JSON, with the keys in order", |call| {
        Ok(Value::String(json(call)?.to_string()))
    }),
    whole("sha256", (1, Some(1)), "`sha256(text)`: the digest, in hexadecimal", |call| {
        let digest = Sha256::digest(call.text(0)?.as_bytes());
        Ok(Value::String(digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })))
    }),
    whole("urlencode", (1, Some(1)), "`urlencode(text)`: as a part of a URL's query", url_encode),
    whole("yamldecode", (1, Some(1)), "`yamldecode(text)`: the value that this YAML writes", |call| {
        let json: Result<Json, _> = serde_yaml::from_str(&call.text(0)?);
        json.map(Value::from).map_err(|error| Problem::at(0, format!("this is not YAML: {error}")))
    }),
    whole("yamlencode", (1, Some(1)), "`yamlencode(value)`: as YAML, with the keys in order", |call| {
        let yaml = serde_yaml::to_string(&json(call)?);
        yaml.map(Value::String).map_err(|error| Problem::at(0, format!("this cannot be YAML: {error}")))
    }),
];

fn json(call: &Arguments) -> Result<Json, Problem> {
    call.get(0).reveal().ok_or(Problem::NotKnown)
}

/// A text in Base64.
pub(in crate::stack) fn base64(text: &str) -> Value {
    Value::String(STANDARD.encode(text))
}

fn base64_decode(call: &Arguments) -> Outcome {
    let bytes = STANDARD.decode(call.text(0)?).map_err(|_| Problem::at(0, "this is not Base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| Problem::at(0, "what this encodes is not text"))?;
    Ok(Value::String(text))
}

fn url_encode(call: &Arguments) -> Outcome {
    let mut encoded = String::new();
    for byte in call.text(0)?.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    Ok(Value::String(encoded))
}
