//! `format` and `formatlist`: verbs, flags, widths and precisions as Go's `fmt` knows them, as far as Terraform documents them.

use super::{
    arguments::{Arguments, Outcome, Problem},
    convert::{self, Amount, kind},
};
use crate::base::Value;

/// The widest that a text is made.
const MOST: usize = 1000;

pub(super) fn format(call: &Arguments) -> Outcome {
    filled(&call.text(0)?, &call.0[1..]).map(Value::String)
}

pub(super) fn format_list(call: &Arguments) -> Outcome {
    let (pattern, given) = (call.text(0)?, &call.0[1..]);
    let mut length = None;
    for (position, value) in given.iter().enumerate() {
        if let Value::List(items) = value {
            let expected = *length.get_or_insert(items.len());
            if expected != items.len() {
                let message =
                    format!("every list must be as long as the first, {expected}, and this one has {}", items.len());
                return Err(Problem::at(position + 1, message));
            }
        }
    }
    let rows = (0..length.unwrap_or(1)).map(|row| {
        let pick = |value: &Value| match value {
            Value::List(items) => items.get(row).cloned().unwrap_or(Value::Null),
            other => other.clone(),
        };
        filled(&pattern, &given.iter().map(pick).collect::<Vec<_>>()).map(Value::String)
    });
    rows.collect::<Result<_, _>>().map(Value::List)
}

/// A verb with what stands between it and its `%`.
#[derive(Default)]
struct Verb {
    plus: bool,
    minus: bool,
    space: bool,
    zero: bool,
    sharp: bool,
    width: Option<usize>,
    precision: Option<usize>,
    letter: char,
}

fn filled(pattern: &str, values: &[Value]) -> Result<String, Problem> {
    let (mut result, mut rest) = (String::new(), pattern);
    let (mut next, mut used) = (0, 0);
    while let Some(at) = rest.find('%') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            result.push('%');
            rest = after;
            continue;
        }
        let (verb, explicit, after) = verb(rest)?;
        let position = explicit.unwrap_or(next);
        next = position + 1;
        used = used.max(next);
        let value = values.get(position).ok_or_else(|| {
            Problem::at(0, format!("the pattern asks for {} values, and there are {}", position + 1, values.len()))
        })?;
        result.push_str(&verb.write(value, position + 1)?);
        rest = after;
    }
    if used < values.len() {
        let message = format!("the pattern uses {used} values, and there are {}", values.len());
        return Err(Problem::at(used + 1, message));
    }
    result.push_str(rest);
    Ok(result)
}

/// Reads flags, width, precision, `[index]` and the letter.
fn verb(text: &str) -> Result<(Verb, Option<usize>, &str), Problem> {
    let mut verb = Verb::default();
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|flag| "+- 0#".contains(*flag)) {
        match flag {
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            ' ' => verb.space = true,
            '0' => verb.zero = true,
            _ => verb.sharp = true,
        }
        rest = &rest[1..];
    }
    (verb.width, rest) = digits(rest)?;
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, after) = digits(after)?;
        (verb.precision, rest) = (Some(precision.unwrap_or(0)), after);
    }
    let mut explicit = None;
    if let Some(after) = rest.strip_prefix('[') {
        let (number, after) = digits(after)?;
        let broken = || Problem::at(0, "between [ and ] stands the number of a value, from 1");
        explicit = Some(number.and_then(|number| number.checked_sub(1)).ok_or_else(broken)?);
        rest = after.strip_prefix(']').ok_or_else(broken)?;
    }
    let letter = rest.chars().next().ok_or_else(|| Problem::at(0, "the pattern ends in the middle of a verb"))?;
    verb.letter = letter;
    Ok((verb, explicit, &rest[letter.len_utf8()..]))
}

fn digits(text: &str) -> Result<(Option<usize>, &str), Problem> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 {
        return Ok((None, text));
    }
    let number = text[..end].parse().ok().filter(|number| *number <= MOST);
    let number = number.ok_or_else(|| Problem::at(0, format!("a width or number of the pattern is at most {MOST}")))?;
    Ok((Some(number), &text[end..]))
}

impl Verb {
    fn write(&self, value: &Value, position: usize) -> Result<String, Problem> {
        let wrong =
            |needed: &str| Problem::at(position, format!("`%{}` needs {needed}, not {}", self.letter, kind(value)));
        let number = || convert::to_number(value).as_ref().and_then(Amount::of).ok_or_else(|| wrong("a number"));
        let whole = || convert::to_whole(value).ok_or_else(|| wrong("a whole number"));
        match self.letter {
            'v' if self.sharp => Ok(self.padded(&json(value))),
            'v' => Ok(match value {
                Value::Number(_) => self.numeric(&convert::to_text(value).unwrap_or_default()),
                _ => self.padded(&convert::to_text(value).unwrap_or_else(|| json(value))),
            }),
            's' => Ok(self.padded(&self.cut(convert::to_text(value).ok_or_else(|| wrong("a text"))?))),
            'q' => {
                let text = convert::to_text(value).ok_or_else(|| wrong("a text"))?;
                Ok(self.padded(&json(&Value::String(self.cut(text)))))
            }
            't' => Ok(self.padded(&convert::to_bool(value).ok_or_else(|| wrong("true or false"))?.to_string())),
            'd' => Ok(self.numeric(&self.rounded(number()?).to_string())),
            'b' => whole().map(|whole| self.numeric(&radix(whole, |n| format!("{n:b}")))),
            'o' => whole().map(|whole| self.numeric(&radix(whole, |n| format!("{n:o}")))),
            'x' => self.hexadecimal(value, false).ok_or_else(|| wrong("a whole number or a text")),
            'X' => self.hexadecimal(value, true).ok_or_else(|| wrong("a whole number or a text")),
            'f' => number().map(|amount| self.numeric(&format!("{:.*}", self.precision.unwrap_or(6), amount.real()))),
            'e' => number().map(|amount| self.numeric(&scientific(amount.real(), self.precision.unwrap_or(6)))),
            'E' => number()
                .map(|amount| self.numeric(&scientific(amount.real(), self.precision.unwrap_or(6)).to_uppercase())),
            'g' | 'G' => number().map(|amount| self.numeric(&general(amount.real()))),
            other => Err(Problem::at(0, format!("there is no verb `%{other}`"))),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "floats beyond the range saturate, which is as good as any number"
    )]
    fn rounded(&self, amount: Amount) -> i128 {
        match amount {
            Amount::Whole(whole) => whole,
            Amount::Real(real) => real.trunc() as i128,
        }
    }

    fn cut(&self, text: String) -> String {
        match self.precision {
            Some(most) => text.chars().take(most).collect(),
            None => text,
        }
    }

    fn hexadecimal(&self, value: &Value, upper: bool) -> Option<String> {
        let case = |text: String| if upper { text.to_uppercase() } else { text };
        match value {
            Value::String(text) if convert::to_whole(value).is_none() => {
                Some(self.padded(&case(text.bytes().map(|byte| format!("{byte:02x}")).collect())))
            }
            _ => convert::to_whole(value).map(|whole| self.numeric(&case(radix(whole, |n| format!("{n:x}"))))),
        }
    }

    /// A number with its sign and its padding; zeros go between the two.
    fn numeric(&self, digits: &str) -> String {
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(digits) => ("-", digits),
            None if self.plus => ("+", digits),
            None if self.space => (" ", digits),
            None => ("", digits),
        };
        let length = sign.len() + digits.chars().count();
        let zeros = if self.zero && !self.minus { self.width.unwrap_or(0).saturating_sub(length) } else { 0 };
        self.padded(&format!("{sign}{}{digits}", "0".repeat(zeros)))
    }

    fn padded(&self, text: &str) -> String {
        let width = self.width.unwrap_or(0);
        if self.minus { format!("{text:<width$}") } else { format!("{text:>width$}") }
    }
}

fn radix(whole: i128, digits: impl Fn(u128) -> String) -> String {
    let sign = if whole < 0 { "-" } else { "" };
    format!("{sign}{}", digits(whole.unsigned_abs()))
}

/// With an exponent of at least two digits.
fn scientific(real: f64, precision: usize) -> String {
    let text = format!("{real:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// The shortest that reads back, with an exponent if it is very large or very small.
fn general(real: f64) -> String {
    let size = real.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        let text = format!("{real:e}");
        let Some((mantissa, exponent)) = text.split_once('e') else { return text };
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    real.to_string()
}

fn json(value: &Value) -> String {
    value.reveal().map(|json| json.to_string()).unwrap_or_default()
}
