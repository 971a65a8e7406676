//! From one type to another, as HCL does it without being asked: numbers and flags become texts where a text is needed, and
//! texts that read as numbers or flags become these.

use std::cmp::Ordering;

use serde_json::Number;

use crate::base::Value;

/// What a value is, with its article, for messages.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
        Value::Unknown(_) => "a value that is not known yet",
        Value::Sensitive(_) => "a sensitive value",
    }
}

/// A primitive value as text.
pub fn to_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number_text(number)),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// A number, or a text that reads as one.
pub fn to_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let amount = || text.parse().map(Amount::Whole).or_else(|_| text.parse().map(Amount::Real));
            if plain { amount().ok().and_then(Amount::number) } else { None }
        }
        _ => None,
    }
}

/// A flag, or a text that reads as one.
pub fn to_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A whole number from 0.
pub fn to_index(value: &Value) -> Option<usize> {
    to_whole(value).and_then(|whole| usize::try_from(whole).ok())
}

/// A whole number.
pub fn to_whole(value: &Value) -> Option<i128> {
    match to_number(value).as_ref().and_then(Amount::of)? {
        Amount::Whole(whole) => Some(whole),
        Amount::Real(_) => None,
    }
}

/// A number without exponent, as Terraform writes it.
fn number_text(number: &Number) -> String {
    match Amount::of(number) {
        Some(Amount::Real(real)) => real.to_string(),
        Some(Amount::Whole(whole)) => whole.to_string(),
        None => number.to_string(),
    }
}

/// Whether two known values without marks are the same. Values of different types never are.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (Amount::of(a), Amount::of(b)) {
            (Some(a), Some(b)) => a.order(b).is_eq(),
            _ => a == b,
        },
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((name, a), (other, b))| name == other && equal(a, b))
        }
        _ => a == b,
    }
}

/// The order of the elements of a set: texts by their bytes, numbers by their size, anything else by type first.
pub fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (Amount::of(a), Amount::of(b)) {
            (Some(a), Some(b)) => a.order(b),
            _ => Ordering::Equal,
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => {
            let differing = a.iter().zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne());
            differing.unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        (Value::Map(a), Value::Map(b)) => {
            let both = a.iter().zip(b);
            let differing = both.map(|((name, a), (other, b))| name.cmp(other).then_with(|| order(a, b)));
            differing.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
        }
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::List(_) => 4,
        Value::Map(_) => 5,
        Value::Unknown(_) => 6,
        Value::Sensitive(_) => 7,
    }
}

/// A number to calculate with: exact as long as it is whole.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    Whole(i128),
    Real(f64),
}

#[expect(clippy::cast_precision_loss, reason = "a float is as exact as floats are")]
impl Amount {
    pub fn of(number: &Number) -> Option<Amount> {
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        whole.map(Amount::Whole).or_else(|| number.as_f64().map(|real| Amount::Real(real).settled()))
    }

    /// As a number of JSON; `None` if it is too large for one.
    pub fn number(self) -> Option<Number> {
        match self.settled() {
            Amount::Whole(whole) => {
                let number = i64::try_from(whole).map(Number::from).or_else(|_| u64::try_from(whole).map(Number::from));
                number.ok()
            }
            Amount::Real(real) => Number::from_f64(real),
        }
    }

    pub fn real(self) -> f64 {
        match self {
            Amount::Whole(whole) => whole as f64,
            Amount::Real(real) => real,
        }
    }

    /// A float without a fraction is a whole number.
    #[expect(clippy::cast_possible_truncation, reason = "guarded by the range in which floats are exact")]
    fn settled(self) -> Amount {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        match self {
            Amount::Real(real) if real.fract() == 0.0 && real.abs() <= EXACT => Amount::Whole(real as i128),
            other => other,
        }
    }

    pub fn is_zero(self) -> bool {
        matches!(self.settled(), Amount::Whole(0))
    }

    pub fn order(self, other: Amount) -> Ordering {
        match (self, other) {
            (Amount::Whole(a), Amount::Whole(b)) => a.cmp(&b),
            (a, b) => a.real().partial_cmp(&b.real()).unwrap_or(Ordering::Equal),
        }
    }

    pub fn plus(self, other: Amount) -> Option<Amount> {
        self.combine(other, i128::checked_add, |a, b| a + b)
    }

    pub fn minus(self, other: Amount) -> Option<Amount> {
        self.combine(other, i128::checked_sub, |a, b| a - b)
    }

    pub fn times(self, other: Amount) -> Option<Amount> {
        self.combine(other, i128::checked_mul, |a, b| a * b)
    }

    pub fn divided(self, other: Amount) -> Option<Amount> {
        match (self, other) {
            (Amount::Whole(a), Amount::Whole(b)) if a.checked_rem(b) == Some(0) => a.checked_div(b).map(Amount::Whole),
            (a, b) => finite(a.real() / b.real()),
        }
    }

    pub fn remainder(self, other: Amount) -> Option<Amount> {
        self.combine(other, i128::checked_rem, |a, b| a % b)
    }

    fn combine(
        self,
        other: Amount,
        whole: impl Fn(i128, i128) -> Option<i128>,
        real: impl Fn(f64, f64) -> f64,
    ) -> Option<Amount> {
        match (self, other) {
            (Amount::Whole(a), Amount::Whole(b)) => whole(a, b).map(Amount::Whole),
            (a, b) => finite(real(a.real(), b.real())),
        }
    }
}

fn finite(real: f64) -> Option<Amount> {
    real.is_finite().then_some(Amount::Real(real))
}
