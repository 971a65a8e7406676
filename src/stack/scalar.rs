//! What a plain YAML scalar means: the core schema of YAML 1.2, and two refusals where it would silently change what was
//! written.

use serde_json::Number;

use super::{shown, yaml::Scalar};
use crate::base::{Diagnostic, Value};

/// The value of a scalar without expressions.
///
/// # Errors
/// A number that would lose digits.
pub fn constant(scalar: &Scalar) -> Result<Value, Box<Diagnostic>> {
    let text = scalar.text.as_str();
    if !scalar.plain {
        return Ok(Value::text(text));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return Ok(Value::text(text));
    }
    number(text)
        .map_or_else(|why| Err(Box::new(quote_it(scalar, why))), |found| Ok(found.unwrap_or_else(|| Value::text(text))))
}

fn quote_it(scalar: &Scalar, why: &str) -> Diagnostic {
    Diagnostic::error("ambiguous-number", format!("`{}` {why}", shown(&scalar.text)))
        .at(scalar.inside, "")
        .help(format!("put it in quotes to keep it as it is: '{}'", shown(&scalar.text)))
}

/// A number of the core schema; `None` if it is none.
fn number(text: &str) -> Result<Option<Value>, &'static str> {
    const TOO_LONG: &str = "is too long for a number";
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_digit(radix))
        {
            return u64::from_str_radix(digits, radix).map(|n| Some(Value::Number(n.into()))).map_err(|_| TOO_LONG);
        }
    }
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Err("is a number to YAML that AWS does not know");
    }
    if !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit()) {
        if unsigned.len() > 1 && unsigned.starts_with('0') {
            return Err("would lose its leading zero as a number");
        }
        let parsed = if negative {
            text.parse::<i64>().map(Number::from).map_err(|_| TOO_LONG)
        } else {
            unsigned.parse::<u64>().map(Number::from).map_err(|_| TOO_LONG)
        };
        return parsed.map(|n| Some(Value::Number(n)));
    }
    Ok(is_float(unsigned).then(|| text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)).flatten())
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_right = exponent.is_none_or(|part| {
        let part = part.strip_prefix(['+', '-']).unwrap_or(part);
        !part.is_empty() && digits(part)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_is_right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{FileId, Span};

    fn read(text: &str) -> String {
        let inside = Span { file: FileId(0), start: 0, end: 0 };
        match constant(&Scalar { text: text.into(), plain: true, inside, raw: None }) {
            Ok(value) => format!("{value:?}"),
            Err(problem) => problem.message,
        }
    }

    #[test]
    fn plain_scalars_follow_the_core_schema_of_yaml_1_2() {
        let shown: Vec<String> = [
            "",
            "~",
            "null",
            "true",
            "FALSE",
            "yes",
            "on",
            "12",
            "-3",
            "+4",
            "0x1F",
            "0o17",
            "1.5",
            "1e3",
            ".5",
            "5.",
            "1.2.3",
            "2012-10-17",
            "10.0.0.0/16",
            "1_000",
            "-",
            ".",
            "12:30",
            "0",
        ]
        .iter()
        .map(|text| format!("{text} → {}", read(text)))
        .collect();
        insta::assert_snapshot!(shown.join("\n"));
    }

    #[test]
    fn numbers_that_would_change_are_refused() {
        assert_eq!(read("012345678901"), "`012345678901` would lose its leading zero as a number");
        assert_eq!(read("123456789012345678901234567890"), "`123456789012345678901234567890` is too long for a number");
        assert_eq!(read(".nan"), "`.nan` is a number to YAML that AWS does not know");
    }
}
